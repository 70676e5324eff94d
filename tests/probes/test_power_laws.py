"""Power-law fits: exact laws, the published fit on real spectra, ranks that cannot be fitted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlike.datasets.recorded.stringer import load_stringer
from brainlike.probes.power_laws import fit_power_law, log_bins

RANKS = np.arange(1, 601)


@given(st.floats(0, 3), st.floats(1e-6, 1e6), st.integers(1, 300), st.integers(20, 300))
@settings(deadline=None)
def test_an_exact_law_is_found_in_any_range(exponent, scale, first, width):
    fit = fit_power_law(scale * RANKS**-exponent, (first, first + width))
    assert fit.exponent == pytest.approx(exponent, abs=1e-8)
    assert fit.intercept == pytest.approx(np.log(scale), abs=1e-6)
    assert fit.ranks == (first, first + width)
    assert (fit.n_ranks, fit.n_left_out) == (width + 1, 0)
    assert np.allclose(fit.at(RANKS), scale * RANKS**-exponent)


def test_fit_is_weighted_least_squares():
    """Against numpy's polynomial fit with weights 1 / rank, on a law with scatter."""
    eigenvalues = np.random.default_rng(0).lognormal(-np.log(RANKS), 0.5)
    fit = fit_power_law(eigenvalues, (11, 500))
    used = RANKS[10:500]
    slope, intercept = np.polyfit(np.log(used), np.log(eigenvalues[10:500]), 1, w=np.sqrt(1 / used))
    assert fit.exponent == pytest.approx(-slope)
    assert fit.intercept == pytest.approx(intercept)
    residual = np.log(eigenvalues[10:500]) - intercept - slope * np.log(used)
    about_mean = np.log(eigenvalues[10:500]) - np.average(
        np.log(eigenvalues[10:500]), weights=1 / used
    )
    r2 = 1 - np.average(residual**2, weights=1 / used) / np.average(about_mean**2, weights=1 / used)
    assert fit.r2 == pytest.approx(r2) and 0 < r2 < 1


def test_negative_eigenvalues_are_left_out_counted_and_said():
    eigenvalues = RANKS**-1.0
    eigenvalues[[5, 49, 99, 400]] = [-1, -0.1, 0, -1e-3]  # the first is outside the range
    fit = fit_power_law(eigenvalues, (11, 500))
    assert fit.exponent == pytest.approx(1)
    assert (fit.n_ranks, fit.n_left_out) == (487, 3)
    assert "ranks 11 to 500, 3 zero or negative left out" in str(fit)


def test_rounding_behind_the_rank_of_the_data_is_not_fitted():
    eigenvalues = RANKS**-1.0
    eigenvalues[100:] = 1e-17 * np.random.default_rng(0).random(500)
    fit = fit_power_law(eigenvalues, (11, 500))
    assert fit.exponent == pytest.approx(1)
    assert fit.ranks == (11, 100) and fit.n_left_out == 400


def test_last_rank_beyond_the_spectrum_means_its_end():
    fit = fit_power_law(RANKS[:100] ** -1.0, (11, 500))
    assert fit.ranks == (11, 100) and fit.n_left_out == 0


@pytest.mark.parametrize(
    ("eigenvalues", "ranks", "complaint"),
    [
        (RANKS[:19] ** -1.0, (11, 500), "at least 10 positive.*ranks 11 to 19 hold 9 and 0 that"),
        (
            np.r_[RANKS[:15] ** -1.0, -np.ones(85)],
            (11, 500),
            "11 to 100 hold 5 and 85 that are neg",
        ),
        (RANKS**-1.0, (1, 9), "ranks 1 to 9 hold 9"),
        (RANKS[:5] ** -1.0, (11, 500), "hold 0 and 0.*5 eigenvalues in all"),
        (RANKS**-1.0, (0, 50), r"1 <= first < last; got \(0, 50\)"),
        (RANKS**-1.0, (50, 50), "1 <= first < last"),
        (np.r_[1.0, np.nan, RANKS], (1, 50), "NaN"),
        (np.ones((20, 20)), (1, 20), r"eigenvalues must be \(n_components,\); got \(20, 20\)"),
    ],
)
def test_what_cannot_be_fitted_is_refused(eigenvalues, ranks, complaint):
    with pytest.raises(ValueError, match=complaint):
        fit_power_law(eigenvalues, ranks)


def test_bins_average_before_the_logarithm():
    eigenvalues = np.r_[8.0, 4.0, 2.0, np.tile([3.0, -1.0], 300)]
    ranks, means = log_bins(eigenvalues, 5)
    assert np.allclose(means[:3], [8, 4, 2]) and np.allclose(ranks[:3], [1, 2, 3])
    assert np.allclose(means[ranks > 50], 1, atol=0.1)
    assert (np.diff(ranks) > 0).all() and ranks[-1] < 603


def test_bins_of_a_power_law_follow_it():
    ranks, means = log_bins(RANKS**-1.0, 10)
    assert np.allclose(means * ranks, 1, atol=0.01)


def test_bins_need_a_width():
    with pytest.raises(ValueError, match="per_decade must be at least 1; got 0"):
        log_bins([1.0, 2.0], 0)


@pytest.mark.real_data
def test_published_exponents_are_those_of_the_published_spectra():
    """With magnitudes, as Stringer et al. fit, all six; else those with nothing to leave out."""
    mice = load_stringer(strict=True)
    for size, window in np.ndindex(3, 2):
        spectrum, ranks = mice.spectra[size, window], mice.fitted_ranks(size)
        stored = mice.exponents[size, window]
        assert fit_power_law(np.abs(spectrum), ranks).exponent == pytest.approx(stored, abs=1e-9)
        fit = fit_power_law(spectrum, ranks)
        assert fit.exponent == pytest.approx(stored, abs=1e-9 if not fit.n_left_out else 0.07)
    assert fit.n_left_out == 0
    assert fit_power_law(mice.spectra[1, 0], (10, 500)).n_left_out == 23
