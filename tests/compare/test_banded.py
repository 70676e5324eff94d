"""Banded ridge: variances that are known by construction, and himalaya's kernels."""

import numpy as np
import pytest
from himalaya.kernel_ridge import WeightedKernelRidge
from sklearn.kernel_ridge import KernelRidge

from brainlike.compare.banded import banded_predictions, partition_variance
from brainlike.compare.encoding import (
    cross_validated_predictions,
    fold_correlations,
    split_folds,
    standardize,
)


def two_bands(n_stimuli=700, seed=0):
    """Bands A = (s, a) and B = (s, b) share s; four units follow a, b, s and noise."""
    rng = np.random.default_rng(seed)
    shared, only_a, only_b = rng.normal(size=(3, n_stimuli, 4))
    weights = np.full(4, 0.5)  # unit variance
    signal = np.stack([only_a @ weights, only_b @ weights, shared @ weights], axis=1)
    responses = signal + rng.normal(size=signal.shape)
    noise = rng.normal(size=(n_stimuli, 1))
    bands = np.hstack([shared, only_a]), np.hstack([shared, only_b])
    return *bands, np.hstack([responses, noise])


def test_recovers_a_known_partition():
    """Half of each unit's variance is signal, in one part only."""
    first, second, responses = two_bands()
    both = banded_predictions([first, second], responses).sum(axis=0)
    alone = [cross_validated_predictions(band, responses) for band in (first, second)]
    parts = partition_variance(responses, *alone, both)
    table = np.array([parts.unique_first, parts.unique_second, parts.shared])
    np.testing.assert_allclose(table[:, :3], 0.5 * np.eye(3), atol=0.08)
    np.testing.assert_allclose(table[:, 3], 0, atol=0.03)
    np.testing.assert_allclose(table.sum(axis=0), parts.both)


@pytest.mark.filterwarnings("ignore::brainlike.compare.ridge.PenaltyAtEdge")
def test_a_useful_band_is_not_drowned_by_a_large_useless_one():
    rng = np.random.default_rng(0)
    useful, useless = rng.normal(size=(300, 5)), rng.normal(size=(300, 2000))
    responses = useful @ rng.normal(size=(5, 8)) + 2 * rng.normal(size=(300, 8))
    banded = banded_predictions([useful, useless], responses).sum(axis=0)
    stacked = cross_validated_predictions(np.hstack([useful, useless]), responses)
    gain = fold_correlations(banded, responses) - fold_correlations(stacked, responses)
    assert gain.min() > 0.05


def test_contributions_add_up_to_kernel_ridge_on_the_weighted_kernels():
    first, second, responses = two_bands(60)
    contributions = banded_predictions([first, second], responses, balances=[[0.3, 0.7]])
    train, test = split_folds(60)[0]
    grams = []
    for band in (first, second):
        seen, unseen = standardize(band[train], band[test])
        scale = np.trace(seen @ seen.T) / len(train)
        grams.append((seen @ seen.T / scale, unseen @ seen.T / scale))
    kernel, kernel_test = (0.3 * a + 0.7 * b for a, b in zip(*grams, strict=True))
    mean = responses[train].mean(axis=0)
    candidates = [
        KernelRidge(alpha=penalty, kernel="precomputed").fit(kernel, responses[train] - mean)
        for penalty in np.logspace(-3, 6, 19)
    ]
    predicted = np.array([model.predict(kernel_test) + mean for model in candidates])
    distance = np.abs(predicted - contributions.sum(axis=0)[test]).max(axis=1)
    assert (distance.min(axis=0) < 1e-9).all()  # each unit equals one of the candidates


def test_equals_himalayas_weighted_kernel_ridge():
    rng = np.random.default_rng(0)
    bands = rng.normal(size=(2, 40, 6))
    responses = rng.normal(size=(40, 3)) + bands[0][:, :3]
    train, test = split_folds(40)[0]
    contributions = banded_predictions(bands, responses, balances=[[0.3, 0.7]])[:, test]
    scaled = [standardize(band[train], band[test]) for band in bands]
    grams = [(a @ a.T, b @ a.T, np.trace(a @ a.T) / len(a)) for a, b in scaled]
    mean = responses[train].mean(axis=0)
    found = np.zeros(3, bool)
    for penalty in np.logspace(-3, 6, 19):
        peer = WeightedKernelRidge(
            alpha=penalty,
            kernels="precomputed",
            deltas=np.repeat(np.log([0.3, 0.7])[:, None], 3, axis=1),
            solver_params={"max_iter": 5000, "tol": 1e-12},
        ).fit(np.array([a / s for a, _, s in grams]), responses[train] - mean)
        predicted = peer.predict(np.array([b / s for _, b, s in grams])) + mean
        found |= np.abs(predicted - contributions.sum(axis=0)).max(axis=0) < 1e-6
    assert found.all()


def test_three_bands_and_bad_input():
    rng = np.random.default_rng(0)
    bands = list(rng.normal(size=(3, 50, 4)))
    responses = sum(bands)[:, :2] + rng.normal(size=(50, 2))
    assert banded_predictions(bands, responses).shape == (3, 50, 2)
    with pytest.raises(ValueError, match="at least 2 groups"):
        banded_predictions(bands[:1], responses)
    with pytest.raises(ValueError, match=r"balances must be \(n_balances, 3\)"):
        banded_predictions(bands, responses, balances=[[0.5, 0.5]])
    with pytest.raises(ValueError, match="sum to one"):
        banded_predictions(bands, responses, balances=[[0.5, 0.5, 0.5]])
    with pytest.raises(ValueError, match=r"second must be \(50, 2\)"):
        partition_variance(responses, responses, responses[:49], responses)
    with pytest.raises(ValueError, match=r"bands\[1\] and responses .* got 49 and 50"):
        banded_predictions([bands[0], bands[1][:49]], responses)
