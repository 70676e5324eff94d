"""Simulated fMRI: blood answers late, overlapping trials are told apart, noise has its price."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from nilearn.glm.first_level import make_first_level_design_matrix
from scipy.stats import gamma

from brainlike.datasets.simulated.fmri import _design, estimate_betas, simulate_fmri

QUIET = {"noise": 0, "drift": 0}
NEURONS = np.random.default_rng(0).standard_normal((40, 30))


def correlate(values, others):
    return np.array(
        [np.corrcoef(one, other)[0, 1] for one, other in zip(values.T, others.T, strict=True)]
    )


def test_shapes_and_order():
    fmri = simulate_fmri(NEURONS, n_voxels=7, n_repeats=2, stimuli_per_run=15)
    assert fmri.source == "simulated"
    assert fmri.bold.shape[0] == len(fmri.onsets) == len(fmri.stimuli) == 6
    assert fmri.bold.shape[2] == 7 and fmri.signal.shape == (40, 7)
    for repeat in range(2):
        shown = np.concatenate(fmri.stimuli[3 * repeat : 3 * repeat + 3])
        assert sorted(shown) == list(range(40))
    for onsets, stimuli in zip(fmri.onsets, fmri.stimuli, strict=True):
        assert len(onsets) == len(stimuli) <= 15
        assert np.diff(onsets).min() >= 5 - 1e-9 and np.diff(onsets).max() <= 7 + 1e-9
        assert onsets[-1] + 20 <= 2 * len(fmri.bold[0])
    assert estimate_betas(fmri).shape == (2, 40, 7)


def test_blood_answers_as_glover_described():
    """A short stimulus alone: a difference of two gamma densities, with its peak after 5 s."""
    fmri = simulate_fmri(
        NEURONS[:3], n_repeats=1, interval=60, duration=0.1, t_r=0.1, n_voxels=2, **QUIET
    )
    first = round(fmri.onsets[0][0] / 0.1)
    response = fmri.bold[0, first : first + 300, 0]
    seconds = 0.1 * np.arange(300) - 0.05  # since the middle of the stimulus
    shape = gamma.pdf(seconds, 6 / 0.9, scale=0.9) - 0.48 * gamma.pdf(seconds, 12 / 0.9, scale=0.9)
    assert 0.1 * np.argmax(response) == pytest.approx(5, abs=0.5)
    assert np.corrcoef(response, shape)[0, 1] > 0.999
    true = fmri.signal[fmri.stimuli[0][0], 0]
    assert response.sum() == pytest.approx(true, rel=0.02)  # a stimulus of one volume


def test_the_design_is_nilearns():
    onsets = np.array([10.0, 14.3, 20.1])
    names = ["first", "second", "third"]
    events = pd.DataFrame({"onset": onsets, "duration": 2.0, "trial_type": names})
    peer = make_first_level_design_matrix(
        2.0 * np.arange(60), events, high_pass=0.01, oversampling=40
    )
    ours = _design(60, onsets, duration=2.0, t_r=2.0)
    np.testing.assert_allclose(ours, peer.to_numpy(), atol=0.02 * peer["first"].max())


@pytest.mark.parametrize("t_r", [1.0, 1.3, 2.0])
def test_without_noise_betas_are_the_true_responses(t_r):
    fmri = simulate_fmri(NEURONS, t_r=t_r, **QUIET)
    betas = estimate_betas(fmri)
    for repeat in betas:
        assert correlate(repeat, fmri.signal).min() > 0.998
    assert np.polyfit(fmri.signal.ravel(), betas.mean(axis=0).ravel(), 1)[0] == pytest.approx(
        1, abs=0.02
    )


def test_slow_drift_is_modeled():
    betas = estimate_betas(fmri := simulate_fmri(NEURONS, noise=0, drift=0.5))
    assert correlate(betas.mean(axis=0), fmri.signal).min() > 0.99


def test_noise_costs_what_least_squares_theory_says():
    """White noise of variance 1 leaves each beta the variance on the diagonal of (X'X)^-1."""
    neurons = np.random.default_rng(0).standard_normal((40, 60))
    white = {"n_voxels": 2000, "n_repeats": 1, "autocorrelation": 0, "drift": 0}
    fmri = simulate_fmri(neurons, **white)
    errors = estimate_betas(fmri)[0] - fmri.signal
    quiet = simulate_fmri(neurons, noise=0, **white).bold[0]
    regressors = np.linalg.lstsq(fmri.signal.T, quiet.T)[0].T  # what each stimulus adds, in time
    n_volumes = len(regressors)
    slow = np.arange(int(2 * n_volumes * fmri.t_r * 0.01) + 1)  # half cycles, to 0.01 Hz
    cosines = np.cos(np.pi * slow * (np.arange(n_volumes)[:, None] + 0.5) / n_volumes)
    design = np.column_stack([regressors, cosines])
    expected = np.diag(np.linalg.inv(design.T @ design))[:40]
    assert np.allclose(errors.var(axis=1), expected, rtol=0.2)


def test_recovery_falls_with_noise_and_rises_with_repeats():
    def recovery(**settings):
        fmri = simulate_fmri(NEURONS, **settings)
        return np.median(correlate(estimate_betas(fmri).mean(axis=0), fmri.signal))

    default = recovery()
    assert recovery(noise=2) < default - 0.1
    assert recovery(n_repeats=9) > default + 0.1
    assert recovery(interval=9) > default


def test_voxels_are_local_non_negative_averages():
    wide = simulate_fmri(NEURONS, width=10, n_repeats=1).signal
    z = (NEURONS - NEURONS.mean(axis=0)) / NEURONS.std(axis=0)
    assert correlate(wide, np.repeat(z.mean(axis=1)[:, None], 100, axis=1)).min() > 0.99
    narrow = simulate_fmri(NEURONS, width=1e-3, n_repeats=1).signal
    assert np.corrcoef(narrow.T, z.T)[:100, 100:].max(axis=1).min() > 0.9
    default = simulate_fmri(NEURONS, n_repeats=1).signal
    weights = np.linalg.lstsq(z, default - default.mean(axis=0))[0]
    assert weights.min() > -1e-9
    assert np.allclose(default.mean(axis=0), 2) and np.allclose(default.std(axis=0), 1)


def test_noise_has_its_variance_and_autocorrelation():
    blank = {"n_repeats": 1, "n_voxels": 400, "drift": 0}
    noise = simulate_fmri(NEURONS, noise=0.7, autocorrelation=0.6, **blank).bold
    noise -= simulate_fmri(NEURONS, noise=0, **blank).bold
    assert noise[0].std() == pytest.approx(0.7, rel=0.03)
    assert noise[0, 0].std() == pytest.approx(0.7, rel=0.1)
    lagged = np.mean(noise[0, 1:] * noise[0, :-1]) / noise[0].var()
    assert lagged == pytest.approx(0.6, abs=0.03)


def test_the_same_seed_gives_the_same_scans():
    first, again, other = (simulate_fmri(NEURONS, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.bold, again.bold)
    assert not np.array_equal(first.stimuli[0], other.stimuli[0])


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: simulate_fmri(NEURONS[:2]), "at least 3 stimuli; got 2"),
        (lambda: simulate_fmri(NEURONS[0]), r"neurons must be \(n_stimuli, n_units\)"),
        (lambda: simulate_fmri(NEURONS * np.nan), "values that are NaN"),
        (
            lambda: simulate_fmri(np.column_stack([NEURONS, np.ones(40)])),
            "1 of 31 units that are constant.*unit 30",
        ),
        (lambda: simulate_fmri(NEURONS, n_voxels=0), "n_voxels must be at least 1"),
        (lambda: simulate_fmri(NEURONS, t_r=0), "t_r must be above 0"),
        (lambda: simulate_fmri(NEURONS, noise=-1), "noise and drift must not be negative"),
        (lambda: simulate_fmri(NEURONS, autocorrelation=1), r"must lie in \[0, 1\)"),
        (
            lambda: estimate_betas(simulate_fmri(NEURONS, interval=1.5, t_r=3.0)),
            "a run has .* volumes for .* regressors; lengthen the interval",
        ),
        (
            lambda: estimate_betas(
                replace(simulate_fmri(NEURONS, n_repeats=1), stimuli=(np.zeros(40, dtype=int),))
            ),
            "equally often; got 0 to 40",
        ),
    ],
)
def test_bad_input_is_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
