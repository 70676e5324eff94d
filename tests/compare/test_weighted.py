"""Weighted correlations against building the resampled vectors and correlating them."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlike.compare._weighted import weighted_inversions, weighted_scorer


def tau_a(x, y):
    concordance = np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y))
    return concordance.sum() / (len(x) * (len(x) - 1))


PLAIN = {
    "pearson": lambda x, y: np.corrcoef(x, y)[0, 1],
    "spearman": lambda x, y: scipy.stats.spearmanr(x, y).statistic,
    "tau-a": tau_a,
    "cosine": lambda x, y: x @ y / np.linalg.norm(x) / np.linalg.norm(y),
}


@pytest.mark.parametrize("method", PLAIN)
@settings(max_examples=50, deadline=None)
@given(
    n_values=st.sampled_from([2, 4, 1000]),
    n_pairs=st.integers(3, 40),
    seed=st.integers(0, 2**32 - 1),
)
def test_weights_act_as_copies(method, n_values, n_pairs, seed):
    rng = np.random.default_rng(seed)
    models, subjects, weights = (rng.integers(0, n_values, (k, n_pairs)) for k in (3, 2, 4))
    weights %= 4
    # in every sample each vector holds two values, so that every correlation exists
    models[:, :2], subjects[:, :2], weights[:, :2] = [0, 1], [1, 0], 1
    expected = [
        [[PLAIN[method](np.repeat(m, w), np.repeat(s, w)) for s in subjects] for m in models]
        for w in weights
    ]
    scores = weighted_scorer(models.astype(float), subjects.astype(float), method)
    assert np.allclose(scores(weights.astype(float)), expected, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 7, 16, 17])
def test_inversions_equal_brute_force(n):
    rng = np.random.default_rng(n)
    places, weights = rng.permutation(n), rng.integers(0, 4, (5, n)).astype(float)
    inverted = np.triu(np.greater.outer(places, places))
    assert np.array_equal(
        weighted_inversions(places, weights), np.einsum("si,ij,sj->s", weights, inverted, weights)
    )


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_what_is_constant_in_a_sample_is_nan_not_rounding(method):
    rng = np.random.default_rng(0)
    for _ in range(20):
        models, subjects, weights = rng.random((1, 9)), rng.random((1, 9)), rng.random((2, 9))
        models[0, :6], weights[0, 6:] = models[0, 0], 0
        scores = weighted_scorer(models, subjects, method)((9 * weights).round())
        assert np.isnan(scores[0]).all() and np.isfinite(scores[1]).all()


def test_blocks_make_no_difference(monkeypatch):
    rng = np.random.default_rng(0)
    models, subjects = rng.random((2, 30)), rng.random((3, 30))
    weights = rng.integers(0, 3, (11, 30)).astype(float)
    whole = weighted_scorer(models, subjects, "tau-a")(weights)
    monkeypatch.setattr("brainlike.compare._weighted._BLOCK", 100)
    assert np.array_equal(weighted_scorer(models, subjects, "tau-a")(weights), whole)
