"""cvPCA against the published algorithm and known exponents; what two subjects share."""

import numpy as np
import pytest

from brainlike.datasets.recorded.cowley_v4 import load_cowley_v4
from brainlike.datasets.simulated.populations import simulate_power_law_population
from brainlike.probes.crossvalidated_spectra import cross_decomposition, cvpca, project_out_noise
from brainlike.probes.power_laws import fit_power_law
from brainlike.probes.spectra import coarse_grain, eigenspectrum, participation_ratio


def two_repeats(n_stimuli, n_units, seed=0, **settings):
    population = simulate_power_law_population(n_stimuli, n_units, seed=seed, **settings)
    return population.repeats[0].astype(np.float64)


def published_cvpca(repeat1, repeat2):
    """Return cvPCA as Stringer et al. describe it: full SVD of repeat 1, both projected."""
    first, second = repeat1 - repeat1.mean(axis=0), repeat2 - repeat2.mean(axis=0)
    _, _, axes = np.linalg.svd(first, full_matrices=False)
    return np.mean((first @ axes.T) * (second @ axes.T), axis=0)


@pytest.mark.parametrize(("n_stimuli", "n_units"), [(120, 300), (300, 120), (90, 90)])
def test_cvpca_is_the_published_algorithm(n_stimuli, n_units):
    repeat1, repeat2 = two_repeats(n_stimuli, n_units)
    expected = published_cvpca(repeat1, repeat2) * n_stimuli / (n_stimuli - 1)
    found = cvpca(repeat1, repeat2)
    assert np.allclose(found, expected[: len(found)], atol=1e-9 * expected.max())
    assert np.allclose(cvpca(repeat1, repeat2, 15), found[:15])


def test_single_precision_stays_single_and_agrees():
    repeat1, repeat2 = two_repeats(200, 500)
    found = cvpca(repeat1.astype(np.float32), repeat2.astype(np.float32), 100)
    assert np.allclose(found, cvpca(repeat1, repeat2, 100), atol=1e-4 * found.max())
    cleaned = project_out_noise(repeat1.astype(np.float32), repeat2.astype(np.float32))
    assert {one.dtype for one in cleaned} == {np.dtype(np.float32)}


def test_cvpca_of_almost_noiseless_repeats_is_the_spectrum():
    repeat1, repeat2 = two_repeats(100, 60, snr=1e8, layout="coarse-first")
    assert np.allclose(cvpca(repeat1, repeat2), eigenspectrum(repeat1), rtol=1e-2)


def test_cvpca_of_noise_is_zero_on_average():
    """Ordinary eigenvalues of pure noise are all positive; these are as often negative."""
    rng = np.random.default_rng(0)
    repeat1, repeat2 = rng.standard_normal((2, 300, 200))
    eigenvalues = cvpca(repeat1, repeat2)
    assert abs(eigenvalues.mean()) < 4 / np.sqrt(
        300 * 200
    )  # s.e. of the mean of 200, sd 1 / 300^.5
    assert 0.35 < (eigenvalues < 0).mean() < 0.65
    assert eigenspectrum(repeat1).min() > 0


@pytest.mark.parametrize(
    ("exponent", "naive", "crossvalidated", "projected"),
    [(0.5, 0.44, 0.33, 0.43), (1.0, 0.53, 0.87, 1.04), (1.5, 0.56, 1.21, 1.58)],
)
def test_known_exponents(exponent, naive, crossvalidated, projected):
    """The numbers of an independent prototype, whose simulation draws other random numbers.

    Tolerances are four standard deviations over its seeds.
    """
    repeat1, repeat2 = two_repeats(2800, 1000, exponent=exponent)
    repeat1, repeat2 = repeat1.astype(np.float32), repeat2.astype(np.float32)
    found = fit_power_law(eigenspectrum(repeat1, 500))
    assert found.exponent == pytest.approx(naive, abs=0.02)
    found = fit_power_law(cvpca(repeat1, repeat2, 500))
    assert found.exponent == pytest.approx(crossvalidated, abs=0.28 if exponent > 1 else 0.08)
    found = fit_power_law(cvpca(*project_out_noise(repeat1, repeat2), 100), (1, 100))
    assert found.exponent == pytest.approx(projected, abs=0.08)


@pytest.mark.parametrize(("n_stimuli", "n_units"), [(150, 260), (260, 150)])
def test_noise_directions_are_found_and_removed(n_stimuli, n_units):
    """Both repeats share strong noise along three known axes; afterwards they hold none of it."""
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.standard_normal((n_units, 3)))[0].T
    signal = rng.standard_normal((n_stimuli, n_units))
    repeats = [signal + 100 * rng.standard_normal((n_stimuli, 3)) @ axes for _ in range(2)]
    cleaned = project_out_noise(*repeats, 3)
    for one in cleaned:
        assert np.abs(one @ axes.T).max() < 0.1 * np.abs(signal @ axes.T).max()
        assert np.linalg.matrix_rank(one) == min(n_stimuli - 1, n_units - 3)
        centred = signal - signal.mean(axis=0)
        assert np.allclose(one, centred - centred @ axes.T @ axes, atol=0.1)


def test_subjects_share_the_known_part_and_only_that():
    """Common exponent 1, own exponent 0.3 or 2: only the spectrum across subjects finds the 1."""
    for own_exponent, within in ((0.3, 0.8), (2.0, 1.5)):
        population = simulate_power_law_population(
            2000, 300, snr=1.0, n_subjects=2, common=0.5, own_exponent=own_exponent
        )
        first, second = population.repeats.mean(axis=1)
        shared = cross_decomposition(first, second)
        assert fit_power_law(shared, (1, 100)).exponent == pytest.approx(1, abs=0.25)
        assert np.allclose(shared[:10] / population.common_eigenvalues[:10], 1, atol=0.25)
        own = fit_power_law(cross_decomposition(*population.repeats[0]), (1, 100))
        assert own.exponent == pytest.approx(within, abs=0.15)


def test_nothing_shared_is_nothing_found():
    population = simulate_power_law_population(600, 150, snr=1.0, n_subjects=2, common=0.0)
    shared = cross_decomposition(*population.repeats[:, 0])
    assert abs(shared.sum()) < 0.03 * population.eigenvalues.sum()


@pytest.mark.parametrize(("n_units", "n_others"), [(40, 40), (1000, 70), (70, 1000)])
def test_a_rotated_copy_shares_its_spectrum(n_units, n_others):
    """Without noise the covariance over all stimuli is recovered, whatever the units."""
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((1200, 12)) * np.arange(1, 13) ** -1.0
    bases = [np.linalg.qr(rng.standard_normal((n, 12)))[0].T for n in (n_units, n_others)]
    shared = cross_decomposition(*(latents @ basis for basis in bases), 12)
    assert np.allclose(shared[:6], eigenspectrum(latents)[:6], rtol=0.1)
    assert shared.sum() == pytest.approx(eigenspectrum(latents).sum(), rel=0.01)
    assert np.array_equal(shared, cross_decomposition(*(latents @ basis for basis in bases), 12))


def test_coarse_graining_keeps_a_scattered_code_and_breaks_a_fine_one():
    """Pooling by two: random tuning and a coarse map keep the exponent, a fine map loses it."""
    change = {}
    for layout in ("scattered", "coarse-first", "fine-first"):
        repeats = two_repeats(1500, 600, snr=0.6, layout=layout)
        fits = [
            fit_power_law(cvpca(*project_out_noise(*pooled), 60), (1, 60)).exponent
            for pooled in (repeats, [coarse_grain(one, 2) for one in repeats])
        ]
        change[layout] = fits[1] - fits[0]
    assert abs(change["scattered"]) < 0.15 and abs(change["coarse-first"]) < 0.15
    assert change["fine-first"] < -0.7


@pytest.mark.real_data
def test_v4_has_the_measured_spectrum():
    """50 neurons, 640 images: exponent .88 and 16 dimensions, whatever the halves of the trials."""
    session = load_cowley_v4("210325", strict=True)
    rng = np.random.default_rng(0)
    found = []
    for _ in range(10):
        halves = np.empty((2, *session.responses.shape))
        for image, n_trials in enumerate(session.trials_per_image):
            trials = session.repeats[rng.permutation(n_trials), image]
            halves[:, image] = trials[: n_trials // 2].mean(0), trials[n_trials // 2 :].mean(0)
        halves = (halves - halves.mean(axis=1, keepdims=True)) / halves.std(axis=1, keepdims=True)
        spectrum, naive = cvpca(*halves), eigenspectrum(halves[0])
        fits = [fit_power_law(naive, (1, 50)), fit_power_law(spectrum, (1, 30))]
        ratios = [participation_ratio(spectrum), participation_ratio(naive)]
        found.append([*(fit.exponent for fit in fits), *ratios])
    assert np.allclose(
        np.mean(found, axis=0), [0.67, 0.88, 16.0, 26.3], atol=[0.02, 0.02, 0.5, 0.5]
    )


FIRST, SECOND = np.random.default_rng(1).random((2, 30, 12))
CONSTANT = FIRST.copy()
CONSTANT[:, 4] = 0


@pytest.mark.parametrize("function", [cvpca, project_out_noise])
@pytest.mark.parametrize(
    ("repeat1", "repeat2", "complaint"),
    [
        (FIRST, FIRST, "one repeat where two are needed"),
        (FIRST, SECOND[:-1], r"same stimuli and the same units; got \(30, 12\) and \(29, 12\)"),
        (FIRST, SECOND[:, 1:], r"got \(30, 12\) and \(30, 11\)"),
        (FIRST, CONSTANT, "repeat2 has 1 of 12 units that are constant.*unit 4"),
        (CONSTANT, SECOND, "repeat1 has 1 of 12 units that are constant"),
        (np.stack([FIRST, SECOND]), SECOND, r"repeat1 must be \(n_stimuli, n_units\)"),
        (FIRST, np.where(SECOND > 0.99, np.inf, SECOND), "repeat2 has .* NaN or infinite"),
    ],
)
def test_repeats_that_are_none_are_refused(function, repeat1, repeat2, complaint):
    with pytest.raises(ValueError, match=complaint):
        function(repeat1, repeat2)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: cvpca(FIRST, SECOND, 13), "n_components must be 1 to 12"),
        (lambda: project_out_noise(FIRST, SECOND, 13), "n_directions must be 1 to 11"),
        (lambda: project_out_noise(FIRST, SECOND, 12), "n_directions must be 1 to 11"),
        (lambda: cross_decomposition(FIRST, SECOND[1:]), "same stimuli; got 30 and 29"),
        (lambda: cross_decomposition(FIRST, CONSTANT), "second has 1 of 12 units that are const"),
        (lambda: cross_decomposition(FIRST, SECOND, n_folds=16), "n_folds must be 2 to 15"),
        (lambda: cross_decomposition(FIRST, SECOND, n_folds=1), "n_folds must be 2 to 15"),
        (lambda: cross_decomposition(FIRST, SECOND, 13), "n_components must be 1 to 12"),
    ],
)
def test_bad_settings_are_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
