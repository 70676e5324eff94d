"""Simulated brains: the noise ceiling and the layers that they promise are those they have."""

import numpy as np
import pytest

from brainlike.datasets.simulated.brains import simulate_brains

REGIONS = {"V1": "conv1", "IT": "conv5"}


def layers(n_stimuli=400, seed=0):
    """Two layers of a toy network, one a nonlinear function of the other; one unit is dead."""
    rng = np.random.default_rng(seed)
    early = np.maximum(rng.standard_normal((n_stimuli, 40)), 0).reshape(n_stimuli, 10, 2, 2)
    late = np.maximum(early.reshape(n_stimuli, -1) @ rng.standard_normal((40, 30)), 0)
    early[:, 3, 1, 0] = 0
    return {"conv1": early, "conv5": late}


def correlate(values, others):
    """Correlate two arrays over the stimuli, the last axis but one."""
    values = values - values.mean(axis=-2, keepdims=True)
    others = others - others.mean(axis=-2, keepdims=True)
    norms = np.sqrt((values**2).sum(axis=-2) * (others**2).sum(axis=-2))
    return (values * others).sum(axis=-2) / norms


@pytest.fixture(scope="module")
def brains():
    return simulate_brains(layers(), REGIONS)


def test_shapes_and_names(brains):
    assert brains.source == "simulated"
    assert brains.regions == ("V1", "IT")
    assert brains.layer_of == REGIONS
    for region in REGIONS:
        assert brains.repeats[region].shape == (4, 8, 400, 60)
        assert brains.signal[region].shape == (4, 400, 60)
        assert brains.ceiling[region].shape == (4, 60)
    mean = brains.repeats["V1"][2].mean(axis=0)
    assert np.array_equal(brains.responses("V1", 2), mean)


def test_signal_is_standardized(brains):
    assert np.allclose(brains.signal["V1"].mean(axis=1), 0, atol=1e-12)
    assert np.allclose(brains.signal["V1"].var(axis=1), 1)


def test_ceiling_is_the_correlation_of_the_mean_response_with_the_signal():
    brains = simulate_brains(layers(20_000), REGIONS, n_subjects=2, n_units=20, n_repeats=3)
    for region in REGIONS:
        measured = correlate(brains.repeats[region].mean(axis=1), brains.signal[region])
        assert np.allclose(measured, brains.ceiling[region], atol=0.02)
        assert np.ptp(brains.ceiling[region]) > 0.1


def test_two_trials_correlate_at_the_reliability():
    brains = simulate_brains(
        layers(20_000), {"V1": "conv1"}, reliability=0.4, spread=0, n_repeats=2
    )
    one, other = brains.repeats["V1"].transpose(1, 0, 2, 3)
    assert np.allclose(correlate(one, other), 0.4, atol=0.04)
    assert np.allclose(brains.ceiling["V1"], np.sqrt(1 / (1 + 1.5 / 2)))


def test_neurons_differ_in_noise_around_the_reliability():
    brains = simulate_brains(layers(10), {"V1": "conv1"}, n_units=2000, n_repeats=1, spread=0.8)
    variance = 1 / brains.ceiling["V1"] ** 2 - 1
    assert np.median(variance) == pytest.approx(0.7 / 0.3, rel=0.05)
    assert np.log(variance).std() == pytest.approx(0.8, rel=0.05)


def test_a_linear_read_out_of_the_right_layer_reaches_the_ceiling_and_others_do_not():
    hidden = layers(4000)
    brains = simulate_brains(hidden, REGIONS, n_subjects=2, n_units=20)
    for region, layer in REGIONS.items():
        reached = {}
        for name, units in hidden.items():
            features = np.column_stack([units.reshape(4000, -1), np.ones(4000)])
            for subject in range(2):
                responses = brains.responses(region, subject)
                weights = np.linalg.lstsq(features[:3000], responses[:3000])[0]
                predicted = correlate(features[3000:] @ weights, responses[3000:])
                of_ceiling = predicted / brains.ceiling[region][subject]
                reached.setdefault(name, []).append(np.median(of_ceiling))
        assert np.allclose(reached.pop(layer), 1, atol=0.02)
        assert np.max(list(reached.values())) < 0.95


def test_without_noise_a_neuron_is_a_rotated_sample_of_the_layer():
    """The neurons span no more than the units they read, and equal none of them."""
    hidden = layers()
    brains = simulate_brains(hidden, {"IT": "conv5"}, n_sampled=10, reliability=1)
    assert np.allclose(brains.ceiling["IT"], 1)
    for subject in range(4):
        responses = brains.responses("IT", subject)
        assert np.allclose(responses, brains.signal["IT"][subject])
        assert np.linalg.matrix_rank(responses) == 10
        both = np.corrcoef(responses.T, hidden["conv5"].T)[:60, 60:]
        assert np.abs(both).max() < 0.999
    assert not np.allclose(brains.responses("IT", 0), brains.responses("IT", 1))


def test_the_same_seed_gives_the_same_brains(brains):
    again = simulate_brains(layers(), REGIONS, seed=0)
    other = simulate_brains(layers(), REGIONS, seed=1)
    generator = simulate_brains(layers(), REGIONS, seed=np.random.default_rng(0))
    assert np.array_equal(brains.repeats["IT"], again.repeats["IT"])
    assert np.array_equal(brains.repeats["IT"], generator.repeats["IT"])
    assert not np.allclose(brains.signal["IT"], other.signal["IT"])


def test_settings_change_only_what_they_name(brains):
    fewer = simulate_brains(layers(), REGIONS, n_repeats=2, n_subjects=1, reliability=0.5)
    for region in REGIONS:
        assert np.array_equal(fewer.signal[region][0], brains.signal[region][0])
        assert (fewer.ceiling[region][0].argsort() == brains.ceiling[region][0].argsort()).all()


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (
            lambda: simulate_brains(layers(), {"V1": "conv7"}),
            "unknown layer 'conv7'; there are: conv1, conv5",
        ),
        (lambda: simulate_brains(layers(), {}), "regions is empty"),
        (
            lambda: simulate_brains(
                {"conv1": layers()["conv1"], "conv5": layers(30)["conv5"]}, REGIONS
            ),
            "'conv1' has 400 and 'conv5' has 30",
        ),
        (lambda: simulate_brains(layers(2), REGIONS), "at least 3 stimuli; got 2"),
        (
            lambda: simulate_brains({"conv1": np.ones((9, 4))}, {"V1": "conv1"}),
            "'conv1' has no unit that varies",
        ),
        (
            lambda: simulate_brains({"conv1": np.full((9, 4), np.nan)}, {"V1": "conv1"}),
            "'conv1' has 36 of 36 values that are NaN",
        ),
        (lambda: simulate_brains({"conv1": np.ones(9)}, {"V1": "conv1"}), r"must be \(n_stimuli"),
        (lambda: simulate_brains(layers(), REGIONS, n_repeats=0), "n_repeats must be at least 1"),
        (lambda: simulate_brains(layers(), REGIONS, n_sampled=0), "n_sampled must be at least 1"),
        (lambda: simulate_brains(layers(), REGIONS, reliability=0), "reliability must be above 0"),
        (lambda: simulate_brains(layers(), REGIONS, reliability=2), "at most 1; got 2"),
        (lambda: simulate_brains(layers(), REGIONS, spread=-1), "spread must not be negative"),
    ],
)
def test_bad_input_is_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


def test_unknown_regions_and_subjects_are_refused(brains):
    with pytest.raises(ValueError, match="unknown region 'V4'; there are: V1, IT"):
        brains.responses("V4", 0)
    with pytest.raises(ValueError, match="subject must be 0 to 3; got 4"):
        brains.responses("V1", 4)
