"""Comparison of RDMs against rsatoolbox, scipy and brute force; ranks against numpy and scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rsatoolbox.rdm import compare
from scipy.stats import kendalltau, pearsonr, rankdata, spearmanr

from brainlike.compare._ranks import (
    average_ranks,
    count_inversions,
    sort_with_order,
    tie_lengths,
)
from brainlike.compare.rdm import correlation_rdm, square_form, to_rsatoolbox, upper_triangle
from brainlike.compare.rdm_comparison import METHODS, compare_dissimilarities, compare_rdms

PEERS = {
    "pearson": "corr",
    "spearman": "spearman",
    "tau-a": "tau-a",
    "cosine": "cosine",
    "whitened-cosine": "cosine_cov",
}


def rdms(n_rdms, n_stimuli=20, seed=0, n_levels=None):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n_stimuli, 10))
    stack = [correlation_rdm(shared + rng.normal(size=shared.shape)) for _ in range(n_rdms)]
    return np.round(np.array(stack) * n_levels) if n_levels else np.array(stack)


def brute_force_tau_a(one, other):
    i, j = np.triu_indices(len(one), 1)
    return np.mean(np.sign(one[i] - one[j]) * np.sign(other[i] - other[j]))


def brute_force_inversions(ranks):
    ranks = np.asarray(ranks)
    return sum(int((ranks[i] > ranks[i + 1 :]).sum()) for i in range(len(ranks)))


# --- comparisons ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("levels", [(None, None), (3, None), (None, 3), (3, 2)])
@pytest.mark.parametrize("n_stimuli", [4, 20, 110])
def test_equals_rsatoolbox(method, levels, n_stimuli):
    models, brains = (rdms(3, n_stimuli, 0, levels[0]), rdms(2, n_stimuli, 1, levels[1]))
    peer = compare(to_rsatoolbox(models), to_rsatoolbox(brains), PEERS[method])
    np.testing.assert_allclose(compare_rdms(models, brains, method), peer, atol=1e-10)


def test_equals_scipy():
    one, other = rdms(2, 40)
    pairs, others = upper_triangle(one), upper_triangle(other)
    assert compare_rdms(one, other, "pearson") == pytest.approx(pearsonr(pairs, others)[0])
    assert compare_rdms(one, other) == pytest.approx(spearmanr(pairs, others)[0])
    assert compare_rdms(one, other, "tau-a") == pytest.approx(kendalltau(pairs, others)[0])


def test_tau_a_is_tau_b_without_its_correction_for_ties():
    animacy = square_form(upper_triangle(rdms(1, 20, n_levels=1)[0]))
    brain = rdms(1, 20, seed=1, n_levels=20)[0]
    pairs, others = upper_triangle(animacy), upper_triangle(brain)
    n_all = len(pairs) * (len(pairs) - 1) / 2

    def untied(values):
        counts = np.unique(values, return_counts=True)[1]
        return 1 - np.sum(counts * (counts - 1) / 2) / n_all

    tau_b = kendalltau(pairs, others)[0]
    expected = tau_b * np.sqrt(untied(pairs) * untied(others))
    assert compare_rdms(animacy, brain, "tau-a") == pytest.approx(expected)


@pytest.mark.parametrize("method", METHODS)
def test_with_itself_and_its_opposite(method):
    rdm = rdms(1)[0]
    opposite = (rdm.max() + 1 - rdm) * (1 - np.eye(len(rdm)))
    assert compare_rdms(rdm, rdm, method) == pytest.approx(1)
    if "cosine" not in method:
        assert compare_rdms(rdm, opposite, method) == pytest.approx(-1)


def test_whitened_cosine_is_the_similarity_of_centered_inner_products():
    patterns = np.random.default_rng(0).normal(size=(2, 15, 40))
    grams = [x @ x.T for x in patterns - patterns.mean(axis=1, keepdims=True)]
    cka = np.vdot(*grams) / np.linalg.norm(grams[0]) / np.linalg.norm(grams[1])
    lengths = [np.diag(gram) for gram in grams]
    one, other = (a[:, None] + a - 2 * gram for a, gram in zip(lengths, grams, strict=True))
    one, other = (square_form(upper_triangle(rdm)) for rdm in (one, other))
    assert compare_rdms(one, other, "whitened-cosine") == pytest.approx(cka)


@pytest.mark.parametrize("method", METHODS)
def test_shapes_of_the_answer(method):
    models, brains = rdms(5), rdms(3, seed=1)
    table = compare_rdms(models, brains, method)
    assert table.shape == (5, 3)
    np.testing.assert_allclose(compare_rdms(brains, models, method), table.T)
    np.testing.assert_allclose(compare_rdms(models, brains[1], method), table[:, 1])
    np.testing.assert_allclose(compare_rdms(models[2], brains, method), table[2])
    assert compare_rdms(models[:1], brains[:1], method).shape == (1, 1)
    one = compare_rdms(models[2], brains[1], method)
    assert isinstance(one, float) and one == pytest.approx(table[2, 1])
    pairs = compare_dissimilarities(upper_triangle(models), upper_triangle(brains), method)
    np.testing.assert_allclose(pairs, table)


@pytest.mark.parametrize("method", ["spearman", "tau-a"])
def test_many_pairs_at_once(method):
    # long enough for every level of the radix sort and of the count of inversions
    rng = np.random.default_rng(0)
    one = rng.normal(size=70_000)
    other = np.round(one + rng.normal(size=one.size), 3)
    peer = spearmanr(one, other)[0]
    if method == "tau-a":
        counts = np.unique(other, return_counts=True)[1]
        tied = np.sum(counts * (counts - 1.0)) / (one.size * (one.size - 1.0))
        peer = kendalltau(one, other)[0] * np.sqrt(1 - tied)
    assert compare_dissimilarities(one, other, method) == pytest.approx(peer, abs=1e-12)


def test_symmetric_but_for_rounding_is_symmetric():
    rdm = rdms(1)[0]
    rounded = rdm.copy()
    rounded[0, 1] *= 1 + 1e-9
    assert compare_rdms(rdm, rounded) > 0.999
    assert compare_rdms(rdm, rdm.astype(np.float32), "pearson") == pytest.approx(1)


# --- bad input ------------------------------------------------------------------------------


def spoiled(where, value):
    rdm = rdms(1)[0]
    rdm[where] = value
    return rdm


@pytest.mark.parametrize(
    "rdm, message",
    [
        (spoiled((0, 1), 7), "rdm must be symmetric"),
        (spoiled((3, 3), 1), "rdm must have a diagonal of zeros"),
        (spoiled((0, 1), np.nan), "rdm has 1 of 400 values that are NaN"),
        (1.0 - np.eye(20), r"rdm is constant \(1.0\); spearman is undefined"),
        (np.zeros((20, 19)), r"rdm must be an RDM \(n, n\) or a stack"),
        (np.zeros(190), r"rdm must be an RDM \(n, n\) or a stack"),
        (np.zeros((2, 2)), "rdm must have at least 3 stimuli; got 2"),
        (np.zeros((19, 19)), "same stimuli; got 19 and 20"),
    ],
)
def test_what_is_no_rdm(rdm, message):
    with pytest.raises(ValueError, match=message):
        compare_rdms(rdm, rdms(1)[0])


def test_the_offender_in_a_stack_is_named():
    stack = rdms(4)
    stack[2] = 0
    with pytest.raises(ValueError, match=r"other\[2\] is constant"):
        compare_rdms(stack[0], stack)
    with pytest.raises(ValueError, match=r"rdm\[2\] is zero everywhere"):
        compare_rdms(stack, stack[0], "cosine")


def test_unknown_method_and_other_numbers_of_pairs():
    with pytest.raises(ValueError, match="one of pearson, .*; got 'kendall'"):
        compare_rdms(*rdms(2), "kendall")
    with pytest.raises(ValueError, match="same pairs; got 6 and 10"):
        compare_dissimilarities(np.arange(6.0), np.arange(10.0))
    with pytest.raises(ValueError, match="3 pairs or more"):
        compare_dissimilarities(np.arange(2.0), np.arange(2.0))


# --- ranks ----------------------------------------------------------------------------------

N = 3000
SPREADS = {
    "normal": lambda rng: rng.normal(size=N),
    "ties": lambda rng: rng.integers(0, 50, N).astype(float),
    "integers": lambda rng: rng.integers(-(2**40), 2**40, N),
    "two values": lambda rng: rng.integers(0, 2, N) - 0.5,
    "constant": lambda rng: np.full(N, -3.0),
    "an outlier": lambda rng: np.append(rng.normal(size=N - 1), 1e12),
    "clumps": lambda rng: rng.integers(0, 3, N) + 1e-9 * rng.normal(size=N),
    "many magnitudes": lambda rng: np.exp(100 * rng.normal(size=N)),
    "beyond the range of floats": lambda rng: rng.choice([-1.7e308, 0.0, 1.0, 1.7e308], N),
    "subnormal": lambda rng: rng.integers(0, 100, N) * 5e-324,
    "descending": lambda rng: -np.arange(N) / 7,
    "signed zeros": lambda rng: rng.choice([0.0, -0.0, 1.0], N),
    "float32": lambda rng: rng.normal(size=N).astype(np.float32),
}


@pytest.mark.parametrize("spread", SPREADS)
def test_sorting_and_ranks_are_exact(spread):
    values = SPREADS[spread](np.random.default_rng(0))
    order, in_order = sort_with_order(values)
    np.testing.assert_array_equal(order, np.argsort(values, kind="stable"))
    np.testing.assert_array_equal(in_order, np.sort(values))
    np.testing.assert_array_equal(average_ranks(values), rankdata(values))


@pytest.mark.parametrize("n", [1, 2, 3, 64, 127, 128, 129, 256, 257, 1000, 8191, 8193, 9000])
def test_inversions_of_permutations(n):
    permutation = np.random.default_rng(n).permutation(n)
    assert count_inversions(permutation) == brute_force_inversions(permutation)
    assert count_inversions(np.arange(n)) == 0
    assert count_inversions(np.arange(n)[::-1]) == n * (n - 1) // 2


def test_inversions_of_a_long_permutation():
    # rotating n ranks by k puts k (n - k) pairs out of order; the second reverses one half
    n = 600_000
    assert count_inversions(np.roll(np.arange(n), 1234)) == 1234 * (n - 1234)
    half = np.concatenate([np.arange(n // 2)[::-1], np.arange(n // 2, n)])
    assert count_inversions(half) == (n // 2) * (n // 2 - 1) // 2


def test_runs_of_ties():
    assert tie_lengths(np.array([1, 1, 2, 3, 3, 3])).tolist() == [2, 1, 3]
    assert tie_lengths(np.array([1, 1, 2, 2]), np.array([5, 5, 5, 6])).tolist() == [2, 1, 1]
    assert tie_lengths(np.array([1, 2, 3])).tolist() == []


# --- properties -----------------------------------------------------------------------------

numbers = st.one_of(st.integers(0, 4).map(float), st.floats(-1e6, 1e6, allow_subnormal=False))


@st.composite
def two_vectors(draw):
    n = draw(st.integers(3, 40))
    return draw(arrays(float, n, elements=numbers)), draw(arrays(float, n, elements=numbers))


@settings(max_examples=500, deadline=None)
@given(two_vectors())
def test_tau_a_equals_brute_force(vectors):
    one, other = vectors
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        with pytest.raises(ValueError, match="constant"):
            compare_dissimilarities(one, other, "tau-a")
    else:
        tau_a = compare_dissimilarities(one, other, "tau-a")
        assert tau_a == pytest.approx(brute_force_tau_a(one, other), abs=1e-12)


@settings(max_examples=300, deadline=None)
@given(two_vectors())
def test_no_method_returns_a_silent_nan(vectors):
    for method in ("pearson", "spearman", "tau-a", "cosine"):
        try:
            similarity = compare_dissimilarities(*vectors, method)
        except ValueError as error:
            assert "is undefined" in str(error)
        else:
            assert -1 <= similarity <= 1


@settings(max_examples=150, deadline=None)
@given(st.integers(3, 12), st.integers(0, 2**32 - 1), st.floats(1e-6, 1e6))
def test_only_order_matters_to_ranks(n_stimuli, seed, scale):
    one, other = rdms(2, n_stimuli, seed)
    for method in METHODS:
        similarity = compare_rdms(one, other, method)
        assert -1 <= similarity <= 1
        assert compare_rdms(scale * one, other, method) == pytest.approx(similarity, abs=1e-9)
        assert compare_rdms(other, one, method) == pytest.approx(similarity, abs=1e-12)
    for method in ("spearman", "tau-a"):
        bent = compare_rdms(np.expm1(one), other, method)
        assert bent == pytest.approx(compare_rdms(one, other, method), abs=1e-12)
