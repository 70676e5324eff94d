"""Noise ceilings against simulations with a known share of signal, and against rsatoolbox."""

import os
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import zscore

from brainlike.compare.ceilings import (
    ceiling_from_averages,
    explainable_variance,
    fano_factor,
    noise_corrected_correlation,
    response_ceiling,
    spearman_brown,
    split_half_reliability,
    subject_noise_ceiling,
)
from brainlike.compare.rdm import square_form
from brainlike.datasets.recorded.images92 import load_images92

RSATOOLBOX = {
    "pearson": "corr",
    "spearman": "spearman",
    "tau-a": "tau-a",
    "cosine": "cosine",
    "whitened-cosine": "cosine_cov",
}


def simulate(n_repeats=8, n_stimuli=400, n_units=60, noise=1.0, seed=0):
    """Return signal of unit variance and repeats of it in noise of variance noise²."""
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal((n_stimuli, n_units))
    return signal, signal + noise * rng.standard_normal((n_repeats, n_stimuli, n_units))


def drop_trials(repeats, fewest, seed=0):
    """Put NaN behind a random number of each stimulus's trials, as recordings are padded."""
    rng = np.random.default_rng(seed)
    n_trials = rng.integers(fewest, len(repeats) + 1, repeats.shape[1])
    padded = repeats.copy()
    padded[np.arange(len(repeats))[:, None] >= n_trials] = np.nan
    return padded, n_trials


def assert_mean_near(values, expected):
    """Within four standard errors of the mean over units."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert values.mean() == pytest.approx(expected, abs=4 * error)


def test_spearman_brown_has_the_textbook_values():
    assert spearman_brown(0.5) == pytest.approx(2 / 3)
    assert spearman_brown(0.6, 3) == pytest.approx(1.8 / 2.2)
    assert spearman_brown(spearman_brown(0.3, 4), 1 / 4) == pytest.approx(0.3)
    assert spearman_brown([-0.5, 0, 1]) == pytest.approx([-2 / 3, 0, 1])


@pytest.mark.parametrize(("r", "factor", "complaint"), [(1.2, 2, "got 1.2"), (0.5, 0, "factor")])
def test_spearman_brown_refuses_what_is_no_correlation(r, factor, complaint):
    with pytest.raises(ValueError, match=complaint):
        spearman_brown(r, factor)


@pytest.mark.parametrize("n_repeats", [2, 5, 8])
def test_split_half_recovers_the_reliability_of_the_average(n_repeats):
    _, repeats = simulate(n_repeats, noise=2.0)
    # halves of 2 and 3 trials are a little less reliable than two of 2.5
    reliability = split_half_reliability(repeats, n_splits=20)
    expected = 1 / (1 + 4 / n_repeats)
    if n_repeats == 5:
        halves = 1 / np.sqrt((1 + 4 / 2) * (1 + 4 / 3))
        expected = 2 * halves / (1 + halves)
    assert_mean_near(reliability, expected)


def test_ceiling_is_what_the_perfect_model_reaches():
    signal, repeats = simulate(noise=2.0)
    average = repeats.mean(axis=0)
    reached = np.array([np.corrcoef(s, a)[0, 1] for s, a in zip(signal.T, average.T, strict=True)])
    assert_mean_near(response_ceiling(repeats) - reached, 0)
    assert_mean_near(noise_corrected_correlation(signal, repeats), 1)


def test_corrected_correlation_recovers_a_known_share():
    """A model whose correlation with the noiseless response is .6 scores .6 at any noise."""
    for noise in (0.5, 3.0):
        signal, repeats = simulate(noise=noise, seed=1)
        other = np.random.default_rng(2).standard_normal(signal.shape)
        assert_mean_near(noise_corrected_correlation(0.6 * signal + 0.8 * other, repeats), 0.6)


def test_missing_trials_are_handled():
    signal, repeats = simulate(noise=2.0, n_units=200)
    padded, n_trials = drop_trials(repeats, fewest=4)
    average = np.nanmean(padded, axis=0)
    reached = np.array([np.corrcoef(s, a)[0, 1] for s, a in zip(signal.T, average.T, strict=True)])
    assert (response_ceiling(padded) - reached).mean() == pytest.approx(0, abs=0.01)
    assert_mean_near(explainable_variance(padded), 1 / 5)
    # so late that no trial is lost: the same as without
    later = np.concatenate([repeats, np.full((3, *repeats.shape[1:]), np.nan)])
    assert explainable_variance(later) == pytest.approx(explainable_variance(repeats))


def test_units_may_miss_different_trials():
    _, repeats = simulate(n_units=3)
    mixed = repeats.copy()
    mixed[6:, :200, 1] = np.nan
    reliability = split_half_reliability(mixed)
    assert reliability[[0, 2]] == pytest.approx(split_half_reliability(repeats)[[0, 2]])
    assert reliability[1] == pytest.approx(split_half_reliability(repeats)[1], abs=0.03)


def test_noise_has_no_ceiling():
    repeats = np.random.default_rng(0).standard_normal((6, 300, 200))
    assert_mean_near(split_half_reliability(repeats), 0)
    assert_mean_near(explainable_variance(repeats), 0)
    ceiling = response_ceiling(repeats)
    assert 0.3 < np.mean(ceiling == 0) < 0.7
    with pytest.raises(ValueError, match=r"of 200 units have a noise ceiling of 0 \(unit \d+, "):
        noise_corrected_correlation(repeats[0], repeats)


def test_explainable_variance_equals_the_voxelwise_tutorials():
    _, repeats = simulate(noise=1.5)
    repeats += np.arange(8)[:, None, None]  # drift
    scored = zscore(repeats, axis=1)
    raw = scored.mean(axis=0).var(axis=0, ddof=1) / scored.var(axis=1, ddof=1).mean(axis=0)
    assert explainable_variance(scored, bias_correction=False) == pytest.approx(raw, abs=1e-12)
    assert explainable_variance(scored) == pytest.approx(raw - (1 - raw) / 7, abs=1e-12)
    assert (explainable_variance(repeats) < explainable_variance(scored)).all()


def test_explainable_variance_is_unbiased_only_when_corrected():
    _, repeats = simulate(n_repeats=3, noise=2.0, n_units=300)
    assert_mean_near(explainable_variance(repeats), 0.2)
    assert_mean_near(explainable_variance(repeats, bias_correction=False), 0.2 + 0.8 / 3)


def spikes(n_repeats, seed=0, n_stimuli=500, n_units=80):
    """Return Poisson counts of units tuned to the stimuli, and their rates."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(4.0, 1.0, (n_stimuli, n_units))
    return rates, rng.poisson(rates, (n_repeats, n_stimuli, n_units)).astype(float)


def test_fano_factor_of_poisson_counts_is_one():
    _, counts = spikes(6)
    assert_mean_near(fano_factor(counts), 1)
    padded, _ = drop_trials(counts, fewest=1)
    assert_mean_near(fano_factor(padded), 1)
    assert fano_factor(2 * counts) == pytest.approx(2 * fano_factor(counts))


def test_ceiling_from_averages_agrees_with_the_truth():
    rates, counts = spikes(5)
    average = counts.mean(axis=0)
    reached = np.array([np.corrcoef(r, a)[0, 1] for r, a in zip(rates.T, average.T, strict=True)])
    assert_mean_near(ceiling_from_averages(average, 5) - reached, 0)
    assert_mean_near(ceiling_from_averages(average, 5, fano_factor(counts)) - reached, 0)
    # signal variance 4 and noise variance 4 / 5 by construction
    assert ceiling_from_averages(average, 5).mean() == pytest.approx(np.sqrt(5 / 6), abs=0.005)


def test_each_average_may_have_its_own_number_of_trials():
    rates, counts = spikes(8)
    padded, n_trials = drop_trials(counts, fewest=2)
    average = np.nanmean(padded, axis=0)
    reached = np.array([np.corrcoef(r, a)[0, 1] for r, a in zip(rates.T, average.T, strict=True)])
    assert_mean_near(ceiling_from_averages(average, n_trials) - reached, 0)


def test_counts_below_their_noise_have_no_ceiling():
    counts = np.random.default_rng(0).poisson(3.0, (4, 50, 30)).mean(axis=0)
    assert (ceiling_from_averages(counts, 4, fano=2.0) == 0).all()


@pytest.mark.parametrize(
    ("function", "arguments", "complaint"),
    [
        (split_half_reliability, (np.ones((1, 5, 2)),), "at least 2 repeats; got 1"),
        (split_half_reliability, (np.ones((3, 5, 2)),), r"2 of 2 units \(unit 0, 1\) do not vary"),
        (split_half_reliability, (np.ones((3, 2, 2)),), "at least 3 stimuli"),
        (split_half_reliability, (simulate(4, 9, 2)[1], 0), "n_splits must be at least 1"),
        (explainable_variance, (np.ones((3, 5, 2)),), "do not vary"),
        (noise_corrected_correlation, (np.ones((9, 2)), simulate(4, 9, 2)[1]), "predicted has 2"),
        (
            noise_corrected_correlation,
            (simulate(4, 8, 2)[0], simulate(4, 9, 2)[1]),
            "same stimuli; got 8 and 9",
        ),
        (
            noise_corrected_correlation,
            (simulate(4, 9, 3)[0], simulate(4, 9, 2)[1]),
            "same units; got 3 and 2",
        ),
        (fano_factor, (-np.ones((3, 5, 2)),), "spike counts"),
        (fano_factor, (np.zeros((3, 5, 2)),), r"2 of 2 units \(unit 0, 1\) never fire"),
        (ceiling_from_averages, (-simulate(4, 9, 2)[0], 3), "averaged spike counts"),
        (ceiling_from_averages, (spikes(1)[1][0], 0), "n_repeats must be at least 1"),
        (ceiling_from_averages, (spikes(1)[1][0], [3, 4]), r"\(n_stimuli,\) = \(500,\); got \(2,"),
        (subject_noise_ceiling, (np.zeros((1, 4, 4)),), r"2 subjects or more; got \(1, 4, 4\)"),
    ],
)
def test_bad_input_is_refused(function, arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        function(*arguments)


def test_stimuli_with_one_trial_are_named():
    _, repeats = simulate(3, 10, 2)
    repeats[1:, 4] = np.nan
    with pytest.raises(ValueError, match="single trial of stimulus 4 for unit 0 .1 such stimuli"):
        split_half_reliability(repeats)
    repeats[0, 4] = np.nan
    with pytest.raises(ValueError, match="no trial of stimulus 4"):
        explainable_variance(repeats)
    repeats = simulate(2, 10, 1)[1]
    repeats[1] = np.nan
    with pytest.raises(ValueError, match="one trial a stimulus"):
        explainable_variance(repeats)


@pytest.mark.parametrize("method", RSATOOLBOX)
def test_subject_ceiling_equals_rsatoolbox(method):
    from rsatoolbox.inference import boot_noise_ceiling
    from rsatoolbox.rdm import RDMs

    rng = np.random.default_rng(0)
    shared = rng.gamma(2.0, 1.0, 45)
    vectors = (shared + rng.gamma(2.0, 1.0, (5, 45))) * rng.uniform(0.5, 3, (5, 1))
    rdms = np.array([square_form(vector) for vector in vectors])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Noise ceiling for tau based on averaged ranks")
        expected = boot_noise_ceiling(RDMs(vectors), RSATOOLBOX[method])
    lower, upper = subject_noise_ceiling(rdms, method)
    assert (lower, upper) == pytest.approx(expected, abs=1e-9)
    assert lower < upper


@pytest.mark.parametrize(
    ("change", "complaint"),
    [(np.nan, "NaN"), (2.0, "symmetric")],
)
def test_what_is_no_rdm_has_no_ceiling(change, complaint):
    rdms = np.array([square_form(np.arange(1.0, 7.0))] * 3)
    rdms[1, 0, 1] = change
    with pytest.raises(ValueError, match=complaint):
        subject_noise_ceiling(rdms)


def test_constant_subjects_have_no_ceiling():
    rdms = np.array([square_form(np.arange(1.0, 7.0)), 1 - np.eye(4)])
    with pytest.raises(ValueError, match="constant"):
        subject_noise_ceiling(rdms, "pearson")


def test_subject_ceiling_of_identical_subjects_is_one():
    rdm = square_form(np.random.default_rng(0).permutation(28) + 1.0)
    assert subject_noise_ceiling(np.array([rdm, rdm, rdm])) == pytest.approx((1, 1))


@pytest.mark.real_data
def test_ceilings_of_human_it():
    """Measured on these files by other code: .372 to .666 (Spearman)."""
    subjects = load_images92(strict=True).human_rdms.mean(axis=1)
    assert subject_noise_ceiling(subjects, "spearman") == pytest.approx((0.372, 0.666), abs=5e-4)
    assert subject_noise_ceiling(subjects, "tau-a") == pytest.approx((0.254, 0.477), abs=5e-4)


@pytest.mark.real_data
def test_averages_tell_nearly_the_ceiling_of_raw_trials():
    """Session 210325 of Cowley et al.; the percentiles were measured by other code."""
    path = os.path.join(os.environ["BRAINLIKE_DATA"], "cowley_v4", "responses_raw_210325.npy")
    if not os.path.exists(path):
        pytest.skip("the V4 responses are not there")
    repeats = np.load(path, allow_pickle=False).transpose(2, 1, 0)
    fano = fano_factor(repeats)
    assert np.percentile(fano, [25, 50, 75]) == pytest.approx([0.81, 0.91, 0.96], abs=0.01)
    raw = response_ceiling(repeats)
    percentiles = np.percentile(raw, [10, 25, 50, 75, 90])
    assert percentiles == pytest.approx([0.77, 0.80, 0.87, 0.91, 0.94], abs=0.007)
    n_repeats = np.count_nonzero(~np.isnan(repeats[:, :, 0]), axis=0)
    from_averages = ceiling_from_averages(np.nanmean(repeats, axis=0), n_repeats, 0.91)
    assert np.corrcoef(raw, from_averages)[0, 1] > 0.92
    assert np.median(np.abs(raw - from_averages)) < 0.015


repeats_of_any_kind = (
    st.tuples(st.integers(2, 5), st.integers(3, 8), st.integers(1, 4))
    .flatmap(
        lambda shape: arrays(
            float, shape, elements=st.one_of(st.floats(-1e300, 1e300), st.integers(0, 3).map(float))
        )
    )
    .filter(lambda a: (a.max(axis=(0, 1)) > a.min(axis=(0, 1))).all())
)


@settings(max_examples=150, deadline=None)
@given(repeats_of_any_kind, st.integers(0, 2**32 - 1))
def test_ceilings_are_never_nan_and_stay_in_range(repeats, seed):
    if len(repeats) > 2:
        repeats, _ = drop_trials(repeats, 2, seed)
    assert (np.abs(split_half_reliability(repeats, 5, seed)) <= 1).all()
    ceiling = response_ceiling(repeats, 5, seed)
    assert ((ceiling >= 0) & (ceiling <= 1)).all()
    share = explainable_variance(repeats, bias_correction=False)
    assert ((share >= -1e-9) & (share <= 1 + 1e-9)).all()
    assert (explainable_variance(repeats) <= share + 1e-9).all()


@settings(max_examples=100, deadline=None)
@given(st.floats(-1, 1), st.floats(0.1, 20))
def test_spearman_brown_is_bounded_and_can_be_undone(r, factor):
    longer = spearman_brown(r, factor)
    assert abs(longer) <= 1 + 1e-12
    assert spearman_brown(np.clip(longer, -1, 1), 1 / factor) == pytest.approx(r, abs=1e-9)
