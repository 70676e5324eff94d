"""RDMs against rsatoolbox, scipy, numbers known by hand, and simulations with a known answer."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from rsatoolbox.data import Dataset
from rsatoolbox.data.noise import cov_from_residuals
from rsatoolbox.rdm import calc_rdm
from scipy.spatial.distance import pdist, squareform
from scipy.stats import special_ortho_group
from sklearn.covariance import ledoit_wolf

from brainlike.compare.rdm import (
    correlation_rdm,
    crossnobis_rdm,
    euclidean_rdm,
    mahalanobis_rdm,
    noise_covariance,
    partition_repeats,
    precision,
    square_form,
    to_rsatoolbox,
    upper_triangle,
)

N_STIMULI, N_UNITS = 12, 7


def noise(shape=(N_STIMULI, N_UNITS), seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def random_covariance(seed=0):
    mixing = noise((N_UNITS, 3 * N_UNITS), seed)
    return mixing @ mixing.T / (3 * N_UNITS)


def dataset(repeats):
    n_repeats, n_stimuli, n_units = repeats.shape
    return Dataset(
        repeats.reshape(-1, n_units),
        obs_descriptors={
            "stimulus": np.tile(np.arange(n_stimuli), n_repeats),
            "repeat": np.repeat(np.arange(n_repeats), n_stimuli),
        },
    )


# --- the same numbers as others -------------------------------------------------------------


def test_correlation_equals_rsatoolbox_and_scipy():
    responses = 3 + noise()
    rdm = upper_triangle(correlation_rdm(responses))
    peer = calc_rdm(Dataset(responses), method="correlation").get_vectors()[0]
    np.testing.assert_allclose(rdm, peer, atol=1e-12)
    np.testing.assert_allclose(rdm, pdist(responses, "correlation"), atol=1e-12)


def test_euclidean_equals_rsatoolbox_and_scipy():
    responses = 100 + noise()
    rdm = upper_triangle(euclidean_rdm(responses))
    peer = calc_rdm(Dataset(responses), method="euclidean").get_vectors()[0]
    np.testing.assert_allclose(rdm, peer, atol=1e-9)  # rsatoolbox does not centre: fewer digits
    np.testing.assert_allclose(rdm, pdist(responses, "sqeuclidean") / N_UNITS, rtol=1e-12)


def test_mahalanobis_equals_rsatoolbox_and_scipy():
    responses, covariance = noise(), random_covariance()
    rdm = upper_triangle(mahalanobis_rdm(responses, covariance))
    inverse = np.linalg.inv(covariance)
    peer = calc_rdm(Dataset(responses), method="mahalanobis", noise=inverse).get_vectors()[0]
    np.testing.assert_allclose(rdm, peer, rtol=1e-10)
    np.testing.assert_allclose(rdm, pdist(responses, "mahalanobis", VI=inverse) ** 2 / N_UNITS)


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")  # in rsatoolbox
@pytest.mark.parametrize("n_repeats", [2, 5])
@pytest.mark.parametrize("with_noise", [False, True])
def test_crossnobis_equals_rsatoolbox(n_repeats, with_noise):
    repeats = noise((n_repeats, N_STIMULI, N_UNITS))
    covariance = random_covariance() if with_noise else None
    peer = calc_rdm(
        dataset(repeats),
        method="crossnobis",
        descriptor="stimulus",
        cv_descriptor="repeat",
        noise=precision(covariance) if with_noise else None,
    )
    ours = upper_triangle(crossnobis_rdm(repeats, covariance))
    np.testing.assert_allclose(ours, peer.get_vectors()[0], atol=1e-12)


def test_crossnobis_is_the_mean_over_pairs_of_repeats():
    repeats = noise((3, 4, 2))
    differences = repeats[:, 0] - repeats[:, 2]
    between = [a @ b / 2 for a, b in permutations(differences, 2)]
    assert crossnobis_rdm(repeats)[0, 2] == pytest.approx(np.mean(between))


def test_noise_covariance_equals_rsatoolbox_and_scikit_learn():
    repeats = noise((4, N_STIMULI, N_UNITS)) @ noise((N_UNITS, N_UNITS), 1)
    residuals = (repeats - repeats.mean(axis=0)).reshape(-1, N_UNITS)
    dof = len(residuals) - N_STIMULI
    ours = noise_covariance(repeats)
    peer = cov_from_residuals(residuals, dof=dof, method="shrinkage_eye")
    np.testing.assert_allclose(ours, peer, rtol=1e-10)
    peer, _ = ledoit_wolf(residuals, assume_centered=True)
    np.testing.assert_allclose(ours, peer * len(residuals) / dof, rtol=1e-10)


# --- numbers known without another program --------------------------------------------------


def test_orthogonal_and_opposite_patterns():
    rdm = correlation_rdm([[1, -1, 0, 0], [0, 0, 1, -1], [-1, 1, 0, 0], [3, 1, 2, 2]])
    expected = [[0, 1, 2, 0], [1, 0, 1, 1], [2, 1, 0, 2], [0, 1, 2, 0]]
    np.testing.assert_allclose(rdm, expected, atol=1e-15)


def test_two_points_a_known_distance_apart():
    responses = np.zeros((3, 4))
    responses[0] = 3
    assert euclidean_rdm(responses)[0, 1] == pytest.approx(9)
    assert mahalanobis_rdm(responses, 9 * np.eye(4))[0, 1] == pytest.approx(1)
    assert crossnobis_rdm([responses, 2 * responses])[0, 1] == pytest.approx(18)


def test_far_from_zero_no_digits_are_lost():
    responses = noise()
    np.testing.assert_allclose(euclidean_rdm(responses + 1e6), euclidean_rdm(responses), rtol=1e-8)


def test_noise_covariance_recovers_what_made_the_noise():
    covariance = random_covariance()
    draws = np.random.default_rng(0).multivariate_normal(np.zeros(N_UNITS), covariance, (3, 20_000))
    repeats = 10 * noise((20_000, N_UNITS)) + draws
    np.testing.assert_allclose(noise_covariance(repeats), covariance, atol=0.02)
    repeats[2, ::2] = np.nan
    np.testing.assert_allclose(noise_covariance(repeats), covariance, atol=0.03)


def test_crossnobis_is_unbiased_where_euclidean_is_not():
    rng = np.random.default_rng(0)
    patterns = np.zeros((4, 10))
    patterns[3] = 0.5  # three that are the same and one 0.25 away
    distances = np.array(
        [
            [crossnobis_rdm(repeats), euclidean_rdm(repeats.mean(axis=0))]
            for repeats in patterns + rng.normal(size=(2000, 3, 4, 10))
        ]
    )
    mean = distances.mean(axis=0)
    error = distances.std(axis=0) / np.sqrt(len(distances))
    for (i, j), truth in {(0, 1): 0, (1, 2): 0, (0, 3): 0.25}.items():
        assert abs(mean[0, i, j] - truth) < 4 * error[0, i, j]
        assert mean[1, i, j] - truth == pytest.approx(2 / 3, abs=0.05)  # 2 variances / 3 repeats


def test_correlation_ignores_the_scale_and_level_of_each_pattern():
    responses = noise()
    changed = responses * (1 + np.arange(N_STIMULI))[:, None] + np.arange(N_STIMULI)[:, None]
    np.testing.assert_allclose(correlation_rdm(changed), correlation_rdm(responses), atol=1e-12)


def test_euclidean_ignores_rotations_and_shifts():
    responses = noise()
    turned = responses @ special_ortho_group.rvs(N_UNITS, random_state=0) + np.arange(N_UNITS)
    np.testing.assert_allclose(euclidean_rdm(turned), euclidean_rdm(responses), rtol=1e-10)


def test_mahalanobis_ignores_invertible_maps_of_units():
    responses, covariance, mixing = noise(), random_covariance(), noise((N_UNITS, N_UNITS), 2)
    mixed = mahalanobis_rdm(responses @ mixing, mixing.T @ covariance @ mixing)
    np.testing.assert_allclose(mixed, mahalanobis_rdm(responses, covariance), rtol=1e-6)


@pytest.mark.parametrize("function", [correlation_rdm, euclidean_rdm])
def test_single_precision_stays_so_and_is_accurate(function):
    responses = noise((100, 500))
    single = function(responses.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, function(responses), atol=1e-5)


# --- forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 50])
def test_upper_triangle_and_back(n):
    stack = np.array([squareform(noise(n * (n - 1) // 2, seed)) for seed in range(3)])
    pairs = upper_triangle(stack)
    np.testing.assert_array_equal(pairs, [squareform(rdm) for rdm in stack])
    np.testing.assert_array_equal(square_form(pairs), stack)
    np.testing.assert_array_equal(square_form(pairs[0]), stack[0])


def test_to_rsatoolbox():
    stack = np.array([euclidean_rdm(noise(seed=seed)) for seed in range(2)])
    handed = to_rsatoolbox(stack, names=["V4", "IT"], dissimilarity_measure="squared euclidean")
    np.testing.assert_array_equal(handed.get_matrices(), stack)
    assert handed.rdm_descriptors["name"] == ["V4", "IT"]
    assert list(handed.pattern_descriptors["index"]) == list(range(N_STIMULI))
    assert to_rsatoolbox(stack[0]).n_rdm == 1


def test_partitions_average_every_trial_once():
    trials = np.arange(5.0)[:, None, None] + np.zeros((5, 3, 2))
    trials[4, 1] = np.nan
    partitions = partition_repeats(trials, 2, seed=0)
    assert partitions.shape == (2, 3, 2)
    # three trials and two of the first stimulus, two and two of the second
    assert partitions[:, 0, 0] @ [3, 2] == pytest.approx(0 + 1 + 2 + 3 + 4)
    assert partitions[:, 1, 0] @ [2, 2] == pytest.approx(0 + 1 + 2 + 3)
    np.testing.assert_array_equal(partitions, partition_repeats(trials, 2, seed=0))


# --- bad input ------------------------------------------------------------------------------


def test_constant_patterns_are_named():
    responses = noise()
    responses[2] = 0.1
    responses[5] = np.nextafter(1e9, [2e9, 0, 0, 2e9, 0, 0, 0])  # constant but for rounding
    with pytest.raises(ValueError, match=r"2 of 12 .* constant .*stimulus 2, 5"):
        correlation_rdm(responses)


@pytest.mark.parametrize("function", [correlation_rdm, euclidean_rdm])
def test_what_overflows_is_refused(function):
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="too large to be squared"):
        function(noise() * 1e200)


@pytest.mark.parametrize(
    "responses, message",
    [
        (np.ones((2, 5)), "at least 3 stimuli; got 2"),
        (np.ones(5), r"must be \(n_stimuli, n_units\)"),
        (np.full((3, 5), np.nan), "NaN"),
    ],
)
@pytest.mark.parametrize("function", [correlation_rdm, euclidean_rdm])
def test_bad_responses(function, responses, message):
    with pytest.raises(ValueError, match=message):
        function(responses)


def test_crossnobis_wants_complete_repeats():
    repeats = noise((3, N_STIMULI, N_UNITS))
    repeats[2, 4:6] = np.nan
    with pytest.raises(ValueError, match="lacks 2 of 36 trials.*partition_repeats"):
        crossnobis_rdm(repeats)
    assert np.isfinite(crossnobis_rdm(partition_repeats(repeats, 2, seed=0))).all()


def test_partitions_need_enough_trials():
    repeats = noise((3, N_STIMULI, N_UNITS))
    repeats[1:, 4] = np.nan
    with pytest.raises(ValueError, match="stimulus 4 has 1 trials; 2 partitions"):
        partition_repeats(repeats, 2)
    with pytest.raises(ValueError, match="at least 2; got 1"):
        partition_repeats(repeats, 1)


@pytest.mark.parametrize(
    "function", [noise_covariance, lambda repeats: partition_repeats(repeats, 2)]
)
def test_trials_missing_in_part(function):
    repeats = noise((3, N_STIMULI, N_UNITS))
    repeats[1, 4, 0] = np.nan
    with pytest.raises(ValueError, match="repeat 1 of stimulus 4"):
        function(repeats)


def test_noise_that_cannot_be_estimated():
    with pytest.raises(ValueError, match="all the same"):
        noise_covariance(np.ones((2, 3, 4)) * np.arange(3)[:, None])
    repeats = noise((2, N_STIMULI, N_UNITS))
    repeats[1] = np.nan
    with pytest.raises(ValueError, match="no stimulus with 2 trials"):
        noise_covariance(repeats)


@pytest.mark.parametrize(
    "covariance, message",
    [
        (np.zeros((N_UNITS, N_UNITS)), "not positive definite; shrink"),
        (np.triu(np.ones((N_UNITS, N_UNITS))), "symmetric"),
        (np.eye(N_UNITS + 1), r"must be \(7, 7\); got \(8, 8\)"),
    ],
)
def test_bad_covariance(covariance, message):
    with pytest.raises(ValueError, match=message):
        mahalanobis_rdm(noise(), covariance)


def test_bad_forms():
    with pytest.raises(ValueError, match=r"got \(3, 4\)"):
        upper_triangle(np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"n \(n - 1\) / 2"):
        square_form(np.zeros(5))
    with pytest.raises(ValueError, match="1 for 2 RDMs"):
        to_rsatoolbox(np.zeros((2, 3, 3)), names=["one"])


# --- properties -----------------------------------------------------------------------------

shapes = array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=9)
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


def check_is_rdm(rdm):
    assert np.isfinite(rdm).all()
    np.testing.assert_array_equal(rdm, rdm.T)
    assert not np.diagonal(rdm).any()


@settings(max_examples=500, deadline=None)
@given(arrays(float, shapes, elements=numbers))
def test_any_responses_give_an_rdm(responses):
    rdm = euclidean_rdm(responses)
    check_is_rdm(rdm)
    assert (rdm >= 0).all()
    try:
        rdm = correlation_rdm(responses)
    except ValueError as error:
        assert "constant over the units" in str(error)
    else:
        check_is_rdm(rdm)
        assert (rdm >= 0).all() and (rdm <= 2).all()


@settings(max_examples=150, deadline=None)
@given(arrays(np.float32, shapes, elements=st.floats(-1000, 1000, width=32)))
def test_any_single_precision_responses_give_an_rdm(responses):
    rdm = euclidean_rdm(responses)
    check_is_rdm(rdm)
    exact = squareform(pdist(responses.astype(float), "sqeuclidean")) / responses.shape[1]
    spread = np.square(responses - responses.mean(axis=0), dtype=float).sum() + 1e-6
    np.testing.assert_allclose(rdm, exact, atol=1e-5 * spread)


@settings(max_examples=300, deadline=None)
@given(st.integers(2, 4), shapes, st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_any_repeats_give_cross_validated_distances(n_repeats, shape, seed, scale):
    repeats = scale * noise((n_repeats, *shape), seed)
    covariance = noise_covariance(repeats)
    check_is_rdm(crossnobis_rdm(repeats, covariance))
    check_is_rdm(mahalanobis_rdm(repeats.mean(axis=0), covariance))
    # averaging over all repeats adds what each repeat shares with itself: never less than zero
    assert (mahalanobis_rdm(repeats.mean(axis=0), covariance) >= 0).all()
