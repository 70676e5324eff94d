"""Simulated populations: the spectrum, the noise and the shared part are what they promise."""

import numpy as np
import pytest

from brainlike.datasets.simulated.populations import simulate_power_law_population


def covariance(first, second):
    return (first - first.mean(0)).T @ (second - second.mean(0)) / (len(first) - 1)


@pytest.mark.parametrize("layout", ["scattered", "coarse-first", "fine-first"])
@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
def test_signal_has_the_promised_spectrum(exponent, layout):
    population = simulate_power_law_population(
        4000, 60, exponent, snr=np.inf, layout=layout, seed=1
    )
    promised = population.eigenvalues
    assert promised.sum() == pytest.approx(60)
    assert promised[9] / promised[0] == pytest.approx(10**-exponent)
    found = np.linalg.eigvalsh(covariance(population.signal[0], population.signal[0]))[::-1]
    # Orthogonal waves keep each eigenvalue; random weights keep the total.
    assert found.sum() == pytest.approx(60, rel=0.25)
    if layout != "scattered":
        assert np.allclose(found, promised, rtol=0.15)
    assert np.array_equal(population.repeats[0, 0], population.signal[0])


def test_a_unit_has_unit_signal_and_the_asked_noise():
    population = simulate_power_law_population(1000, 400, exponent=0.5, snr=0.15)
    assert population.signal.shape == (1, 1000, 400)
    assert population.repeats.shape == (1, 2, 1000, 400)
    assert population.repeats.dtype == population.signal.dtype == np.float32
    assert population.signal.var(axis=1).mean() == pytest.approx(1, rel=0.03)
    noise = population.repeats - population.signal[:, None]
    assert noise.var(axis=2).mean() == pytest.approx(1 / 0.15, rel=0.03)


def test_noise_is_new_in_each_repeat_and_in_the_same_directions():
    """32 directions hold a fifth of the noise beyond what they hold of private noise."""
    population = simulate_power_law_population(3000, 200, snr=1.0)
    first, second = population.repeats[0] - population.signal[0]
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.01
    values, axes = np.linalg.eigh(covariance(first, first))
    private = 0.8
    assert values[-32:].sum() - 32 * private == pytest.approx(0.2 * 200, rel=0.15)
    assert np.median(values[:-32]) == pytest.approx(private, rel=0.1)
    in_second = np.einsum("ik,ij,jk->k", axes[:, -8:], covariance(second, second), axes[:, -8:])
    assert np.allclose(in_second, values[-8:], rtol=0.15)
    all_private = simulate_power_law_population(3000, 200, snr=1.0, correlated_noise=0)
    noise = all_private.repeats[0, 0] - all_private.signal[0]
    assert np.linalg.eigvalsh(covariance(noise, noise))[-1] < (1 + np.sqrt(200 / 3000)) ** 2 * 1.05


@pytest.mark.parametrize("common", [0.0, 0.4, 1.0])
def test_subjects_share_what_is_common(common):
    """The covariance between two subjects' signals has the common spectrum as singular values."""
    population = simulate_power_law_population(
        6000, 50, n_subjects=2, common=common, own_exponent=0.2, snr=np.inf, layout="coarse-first"
    )
    first, second = population.signal
    assert population.common_eigenvalues.sum() == pytest.approx(50 * common)
    assert population.eigenvalues.sum() == pytest.approx(50)
    shared = np.linalg.svd(covariance(first, second), compute_uv=False)
    # The chance covariance of 50 independent latents over 6,000 stimuli is of this order.
    chance = 2.5 * population.eigenvalues.max() * np.sqrt(50 / 6000)
    assert np.allclose(shared, population.common_eigenvalues, atol=chance, rtol=0.1)


def test_subjects_weight_common_latents_each_in_their_own_way():
    population = simulate_power_law_population(300, 40, n_subjects=2, snr=np.inf)
    first, second = population.signal
    assert abs(np.corrcoef(first[:, 0], second[:, 0])[0, 1]) < 0.9
    residual = np.linalg.lstsq(first, second)[1]  # yet one is a linear map of the other
    assert residual.sum() < 1e-6 * (second**2).sum()


def test_seed_decides_the_signal_whatever_the_noise():
    one = simulate_power_law_population(50, 30, seed=3)
    other = simulate_power_law_population(
        50, 30, seed=3, snr=2.0, n_repeats=5, correlated_noise=0.9
    )
    assert np.array_equal(one.signal, other.signal)
    assert np.array_equal(one.repeats, simulate_power_law_population(50, 30, seed=3).repeats)
    again = simulate_power_law_population(50, 30, seed=3, n_subjects=2)
    assert np.array_equal(one.signal[0], again.signal[0])
    assert not np.array_equal(one.signal, simulate_power_law_population(50, 30, seed=4).signal)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"n_stimuli": 2}, "n_stimuli must be at least 3; got 2"),
        ({"n_units": 1}, "n_units must be at least 2"),
        ({"n_repeats": 0}, "n_repeats must be at least 1"),
        ({"n_subjects": 0}, "n_subjects must be at least 1"),
        ({"snr": 0}, "snr must be positive; got 0"),
        ({"snr": np.nan}, "snr must be positive"),
        ({"common": 1.5}, "common is a share of variance, from 0 to 1; got 1.5"),
        ({"correlated_noise": -0.1}, "correlated_noise is a share"),
        ({"layout": "maps"}, "layout must be one of scattered, coarse-first, fine-first"),
    ],
)
def test_settings_out_of_range_are_refused(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        simulate_power_law_population(**{"n_stimuli": 20, "n_units": 10} | settings)
