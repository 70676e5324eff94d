"""Face cells: shapes, whole spike counts behind the rates, two populations, the stand-in."""

import numpy as np
import pytest
import scipy.io

from brainlike.datasets.recorded.changtsao import _read_rates, load_changtsao, simulate_changtsao


@pytest.fixture(scope="module")
def simulated():
    return simulate_changtsao()


def assert_is_whole(data):
    assert len(data) == 2000
    assert data.ml_mf.shape == (2000, 106) and data.am.shape == (2000, 99)
    for rates in (data.ml_mf, data.am):
        assert rates.dtype == np.float64
        assert np.isfinite(rates).all() and rates.min() == 0 and rates.max() < 200
        assert (rates.std(axis=0) > 0).all()


def assert_rates_are_counts_in_windows_of_251_ms(rates):
    """Each rate is a whole number of spikes in at most 14 windows."""
    whole = np.zeros(rates.shape, dtype=bool)
    for n in range(1, 15):
        counts = rates * 0.251 * n
        whole |= np.abs(counts - np.round(counts)) < 1e-6
    assert whole.all()


def test_stand_in_is_whole(simulated):
    assert_is_whole(simulated)


def test_stand_in_rates_are_counts_in_windows(simulated):
    assert_rates_are_counts_in_windows_of_251_ms(simulated.ml_mf)
    assert_rates_are_counts_in_windows_of_251_ms(simulated.am)


def test_stand_in_populations_see_the_same_faces(simulated):
    """One population predicts the other on faces left out; with shuffled faces it does not."""
    first, second = (one - one.mean(axis=0) for one in (simulated.ml_mf, simulated.am))

    def held_out(features):
        weights, *_ = np.linalg.lstsq(features[:1500], second[:1500])
        predicted = features[1500:] @ weights
        return np.median(
            [np.corrcoef(a, b)[0, 1] for a, b in zip(predicted.T, second[1500:].T, strict=True)]
        )

    assert held_out(first) > 0.2
    assert abs(held_out(np.roll(first, 1, axis=0))) < 0.05


@pytest.mark.parametrize(
    ("response", "complaint"),
    [
        (np.ones((2000, 3)), r"\(3, 2000\); got \(2000, 3\)"),
        (np.full((3, 2000), -1.0), "rates below zero"),
        (np.full((3, 2000), np.nan), "NaN"),
    ],
)
def test_what_are_no_rates_is_refused(response, complaint, tmp_path):
    scipy.io.savemat(tmp_path / "cells.mat", {"response": response})
    with pytest.raises(ValueError, match=complaint):
        _read_rates(tmp_path / "cells.mat", 3)


@pytest.mark.real_data
def test_real_cells_are_those_of_the_paper():
    data = load_changtsao(strict=True)
    assert data.source == "real"
    assert_is_whole(data)  # 106 + 99 = 205 cells, 2,000 faces, as published
    assert_rates_are_counts_in_windows_of_251_ms(data.ml_mf)
    assert_rates_are_counts_in_windows_of_251_ms(data.am)
    assert np.median(data.ml_mf.mean(axis=0)) == pytest.approx(6.58, abs=5e-3)
    assert np.median(data.am.mean(axis=0)) == pytest.approx(4.24, abs=5e-3)


@pytest.mark.real_data
def test_real_populations_were_shown_the_same_faces_in_the_same_order():
    """Distances between faces agree across the patches; not if the faces are shifted by one."""
    data = load_changtsao(strict=True)
    standardized = [(one - one.mean(axis=0)) / one.std(axis=0) for one in (data.ml_mf, data.am)]
    first, second = (1 - np.corrcoef(one[::4]) for one in standardized)
    upper = np.triu_indices(500, 1)

    def agreement(rdm):
        return np.corrcoef(first[upper], rdm[upper])[0, 1]

    assert agreement(second) > 0.08
    assert abs(agreement(np.roll(second, 1, axis=(0, 1)))) < 0.02
