"""Spectra of mouse visual cortex: shapes, stored exponents, the stand-in's constant one."""

import numpy as np
import pytest
import scipy.io

from brainlike.datasets.recorded.stringer import _read_spectra, load_stringer, simulate_stringer


def assert_is_whole(data):
    assert data.spectra.shape == (3, 2, 700) and data.spectra.dtype == np.float64
    assert np.allclose(data.spectra.sum(axis=2), 1)
    assert data.exponents.shape == (3, 2)
    assert data.n_neurons.tolist() == [256, 512, 877]
    assert data.bin_seconds.tolist() == [0.05, 0.5]
    assert data.signal_variance.shape == (2, 877)
    assert -0.25 < data.signal_variance.min() and data.signal_variance.max() < 1
    for size, n_neurons in enumerate(data.n_neurons):  # nothing lies behind the last neuron
        assert np.abs(data.spectra[size, :, n_neurons:]).max(initial=0) < 1e-15


def exponent_of(data, size, window):
    """Fit as the authors do: magnitudes, each rank weighted by its inverse."""
    first, last = data.fitted_ranks(size)
    ranks = np.arange(first, last + 1)
    magnitudes = np.abs(data.spectra[size, window, first - 1 : last])
    return -np.polyfit(np.log(ranks), np.log(magnitudes), 1, w=ranks**-0.5)[0]


def test_stand_in_is_whole():
    assert_is_whole(simulate_stringer())


def test_stand_in_has_one_exponent_whatever_the_neurons():
    data = simulate_stringer()
    for size, window in np.ndindex(3, 2):
        assert exponent_of(data, size, window) == pytest.approx(1.2, abs=0.05)


def test_fitted_ranks_end_before_the_neurons_do():
    assert [simulate_stringer().fitted_ranks(size) for size in range(3)] == [
        (10, 254),
        (10, 500),
        (10, 500),
    ]


def cells(arrays):
    """Return arrays as a MATLAB cell array."""
    made = np.empty(np.shape(arrays)[:-1], dtype=object)
    for place in np.ndindex(made.shape):
        made[place] = np.asarray(arrays)[place][:, None]
    return made


def saved(path, n_neurons=(256, 512, 877), n_ranks=700):
    scipy.io.savemat(
        path,
        {
            "nneurEphys": np.array([n_neurons]),
            "specEphys": cells(np.arange(6.0 * n_ranks).reshape(3, 2, n_ranks)),
            "alphaEphys": np.arange(6.0).reshape(3, 2),
            "Vexp": cells(np.ones((2, 877))),
        },
    )
    return path


def test_file_is_read_by_population_and_window(tmp_path):
    data = _read_spectra(saved(tmp_path / "eigs.mat"))
    assert data.spectra[2, 1, 0] == 5 * 700
    assert data.exponents[2, 1] == 5


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"n_neurons": (256, 512, 900)}, r"populations of \(256, 512, 900\)"),
        ({"n_ranks": 650}, r"specEphys must be \(3, 2, 700\); got \(3, 2, 650\)"),
    ],
)
def test_what_is_another_file_is_refused(settings, complaint, tmp_path):
    with pytest.raises(ValueError, match=complaint):
        _read_spectra(saved(tmp_path / "eigs.mat", **settings))


@pytest.mark.real_data
def test_real_exponents_are_those_that_the_spectra_give():
    data = load_stringer(strict=True)
    assert data.source == "real"
    assert_is_whole(data)
    stored = [[1.60, 1.38], [1.48, 1.49], [1.27, 1.29]]
    assert np.allclose(data.exponents, stored, atol=0.005)
    for size, window in np.ndindex(3, 2):
        assert exponent_of(data, size, window) == pytest.approx(
            data.exponents[size, window], abs=1e-9
        )
    assert (np.diff(data.exponents[:, 0]) < 0).all()  # falls with more neurons at 50 ms
    assert np.allclose(data.signal_variance.mean(axis=1), [0.099, 0.154], atol=5e-4)
