"""Permutation tests and the two-factor bootstrap against simulations and rsatoolbox."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from brainlike.compare.ceilings import subject_noise_ceiling
from brainlike.compare.inference import (
    _two_factor_variance,
    permutation_test,
    permute_stimuli,
    rdm_permutation_test,
    two_factor_bootstrap,
)
from brainlike.compare.rdm import square_form
from brainlike.compare.rdm_comparison import compare_rdms

METHODS = ["pearson", "spearman", "tau-a", "cosine"]


def euclidean(points):
    return ((points[:, None] - points[None]) ** 2).sum(axis=-1)


def gaussian(rng, *shape):
    return rng.standard_normal(shape)


def correlation(x, y):
    return np.corrcoef(x, y)[0, 1]


def assert_uniform(p_values):
    """The share of p ≤ level is the level, for each of three, within 4 standard errors."""
    for level in (0.05, 0.2, 0.5):
        error = np.sqrt(level * (1 - level) / len(p_values))
        assert np.mean(np.array(p_values) <= level) == pytest.approx(level, abs=4 * error)


def test_p_values_of_independent_data_are_uniform():
    rng = np.random.default_rng(0)
    pairs = [(gaussian(rng, 15), gaussian(rng, 15)) for _ in range(400)]
    assert_uniform([permutation_test(correlation, x, y, 99, i).p_value
                    for i, (x, y) in enumerate(pairs)])  # fmt: skip


@pytest.mark.parametrize("method", ["spearman", "whitened-cosine"])
def test_p_values_of_independent_rdms_are_uniform(method):
    """A test that takes the dissimilarities for independent rejects 12 % here at the 5 % level."""
    rng = np.random.default_rng(1)
    pairs = [(euclidean(gaussian(rng, 12, 2)), euclidean(gaussian(rng, 12, 2)))
             for _ in range(300)]  # fmt: skip
    assert_uniform([rdm_permutation_test(a, b, method, 99, i).p_value
                    for i, (a, b) in enumerate(pairs)])  # fmt: skip


def test_a_true_relation_is_found():
    rng = np.random.default_rng(0)
    points = gaussian(rng, 20, 4)
    rdm, other = euclidean(points), euclidean(points + 0.3 * gaussian(rng, 20, 4))
    found = rdm_permutation_test(rdm, other, n_permutations=199)
    assert found.p_value == 1 / 200
    assert found.observed == compare_rdms(rdm, other)
    assert found.null.shape == (199,) and found.null.max() < found.observed


def test_p_value_counts_the_observed_order():
    assert permutation_test(lambda x, y: 3.0, range(5), range(5), 49).p_value == 1
    ordered = np.arange(30.0)
    assert permutation_test(correlation, ordered, ordered, 49).p_value == 1 / 50
    assert permutation_test(correlation, ordered, -ordered, 49).p_value == 1


@pytest.mark.parametrize("method", [*METHODS, "whitened-cosine"])
def test_the_null_is_that_of_all_orders(method):
    """Ranks are taken once and moved about; enumeration ranks each order anew."""
    rng = np.random.default_rng(0)
    rdm, other = (square_form(rng.permutation(10) // 2 + 1.0) for _ in range(2))
    orders = [np.ix_(order, order) for order in permutations(range(5))]
    exact = [compare_rdms(rdm, other[order], method) for order in orders]
    null = rdm_permutation_test(rdm, other, method, 2000).null
    assert np.array_equal(np.unique(null.round(9)), np.unique(np.round(exact, 9)))
    assert null.mean() == pytest.approx(np.mean(exact), abs=4 * np.std(exact) / np.sqrt(2000))


def test_permute_stimuli_moves_rows_of_responses_and_both_axes_of_rdms():
    order = np.array([2, 0, 1])
    responses = np.arange(9.0).reshape(3, 3)
    assert np.array_equal(permute_stimuli(responses, order), responses[order])
    rdm = square_form(np.array([1.0, 2.0, 3.0]))
    assert np.array_equal(permute_stimuli(rdm, order), rdm[order][:, order])


def test_same_seed_same_result():
    rng = np.random.default_rng(0)
    rdm, other = euclidean(gaussian(rng, 9, 2)), euclidean(gaussian(rng, 9, 2))
    first, second, third = (rdm_permutation_test(rdm, other, seed=s).null for s in (3, 3, 4))
    assert np.array_equal(first, second) and not np.array_equal(first, third)


def test_bad_input_to_permutation_tests_is_refused():
    rdm = square_form(np.arange(1.0, 7.0))
    with pytest.raises(ValueError, match="same stimuli; got 5 and 4"):
        permutation_test(correlation, range(5), range(4))
    with pytest.raises(ValueError, match="NaN or infinite"):
        permutation_test(lambda x, y: np.nan, range(5), range(5))
    with pytest.raises(ValueError, match="at least 3 stimuli are needed; got 2"):
        permutation_test(correlation, range(2), range(2))
    with pytest.raises(ValueError, match="at least 1 permutations"):
        rdm_permutation_test(rdm, rdm, n_permutations=0)
    with pytest.raises(ValueError, match="one RDM each"):
        rdm_permutation_test(rdm, np.array([rdm, rdm]))


def experiment(rng, n_stimuli=15, n_subjects=5, n_models=3):
    """Return models and subjects that share structure to different degrees."""
    truth = gaussian(rng, n_stimuli, 6)
    models = [euclidean(truth + k * gaussian(rng, n_stimuli, 6)) for k in range(n_models)]
    noise = rng.uniform(0.2, 2.5, n_subjects)
    own = [truth + size * gaussian(rng, n_stimuli, 6) for size in noise]
    return np.array(models), np.array([euclidean(points) for points in own])


@pytest.mark.parametrize("method", METHODS)
def test_scores_and_ceiling_are_those_of_the_data(method):
    models, subjects = experiment(np.random.default_rng(0))
    result = two_factor_bootstrap(models, subjects, method, 50)
    assert result.scores == pytest.approx(compare_rdms(models, subjects, method).mean(axis=1))
    assert result.noise_ceiling == subject_noise_ceiling(subjects, method)
    assert result.samples.shape == (50, 3)
    assert (result.standard_errors > 0).all()
    centre = result.confidence_intervals.mean(axis=1)
    assert centre == pytest.approx(result.scores)


def test_standard_errors_equal_rsatoolbox(capfd):
    from rsatoolbox.inference import eval_dual_bootstrap
    from rsatoolbox.model import ModelFixed
    from rsatoolbox.rdm import RDMs

    models, subjects = experiment(np.random.default_rng(3))
    np.random.seed(0)  # noqa: NPY002, rsatoolbox draws from the global generator
    theirs = eval_dual_bootstrap(
        [ModelFixed(str(k), RDMs(model[None])) for k, model in enumerate(models)],
        RDMs(subjects),
        "corr",
        N=300,
    )
    ours = two_factor_bootstrap(models, subjects, "pearson", 3000)
    # a standard error from 300 samples is itself uncertain by 4 %, its three parts by more
    assert ours.standard_errors == pytest.approx(theirs.get_sem(), rel=0.2)
    assert ours.samples.mean(axis=0) == pytest.approx(theirs.get_means(), abs=0.02)
    assert ours.samples.std(axis=0) == pytest.approx(
        theirs.evaluations[..., 0].squeeze().std(axis=0), rel=0.2
    )
    difference = ours.scores[0] - ours.scores[1]
    their_t = difference / np.sqrt(theirs.diff_var[0])
    our_p = ours.difference_p_values[0, 1]
    assert student.isf(our_p / 2, 4) == pytest.approx(their_t, rel=0.2)


def test_combined_variance_equals_rsatoolbox():
    from rsatoolbox.util.inference_util import _dual_bootstrap

    both, *single = np.random.default_rng(0).uniform(0.5, 2, (3, 4, 50))
    variance = _two_factor_variance(both, *single, 5, 12)
    expected = [
        _dual_bootstrap(np.stack(parts), 5, 12) for parts in zip(both, *single, strict=True)
    ]
    assert variance == pytest.approx(np.array(expected), rel=1e-12)
    # the sample holds all three cases: at its lower bound, between, at its upper bound
    least = np.maximum(5 / 4 * single[0], 12 / 11 * single[1])
    between = (variance > least) & (variance < both)
    assert between.any() and (variance == both).any() and (variance == least).any()


def test_standard_errors_foretell_the_spread_over_new_stimuli_and_subjects():
    rng = np.random.default_rng(0)
    experiments = [experiment(rng, n_models=2) for _ in range(200)]
    scores = [compare_rdms(m, s, "pearson").mean(axis=1) for m, s in experiments]
    spread = np.std(scores, axis=0)[1]
    foretold = [two_factor_bootstrap(m, s, "pearson", 200, i).standard_errors[1]
                for i, (m, s) in enumerate(experiments[:40])]  # fmt: skip
    assert np.sqrt(np.mean(np.square(foretold))) == pytest.approx(spread, rel=0.25)


def test_differences():
    models, subjects = experiment(np.random.default_rng(0), n_stimuli=40)
    models = np.concatenate([models, models[:1]])
    p_values = two_factor_bootstrap(models, subjects, "spearman", 300).difference_p_values
    assert np.array_equal(p_values, p_values.T)
    assert (p_values.diagonal() == 1).all()
    assert p_values[0, 3] == 1  # the same model twice
    assert p_values[0, 2] < 0.05  # no noise against twice the subjects'


def test_samples_in_which_a_model_is_constant_are_drawn_anew():
    rng = np.random.default_rng(0)
    category = np.array([0, 0, 0, 0, 0, 1])
    models = np.array([category[:, None] != category, *experiment(rng, 6)[0]], dtype=float)
    result = two_factor_bootstrap(models, experiment(rng, 6)[1], "spearman", 300)
    assert result.samples.shape == (300, 4)
    assert np.isfinite(result.samples).all()
    pairs = 1 - np.eye(15)
    lonely = np.array([square_form(one) for one in pairs[[0, 2, 9, 14]]])
    with pytest.raises(ValueError, match="in most bootstrap samples of the 6 stimuli"):
        two_factor_bootstrap(lonely, lonely[:2], "spearman", 300)


def test_bad_input_to_the_bootstrap_is_refused():
    models, subjects = experiment(np.random.default_rng(0))
    for arguments, complaint in (
        ((models[0], subjects), r"must be stacks .*got \(15, 15\) and \(5, 15, 15\)"),
        ((models, subjects[:1]), "at least 2 subjects"),
        ((models, subjects, "whitened-cosine"), "bootstrap under cosine"),
        ((models[:, :3, :3], subjects[:, :3, :3]), "at least 4 stimuli are needed; got 3"),
        ((models, subjects, "pearson", 1), "at least 2 bootstraps"),
        ((models[:, :9, :9], subjects), "9"),
    ):
        with pytest.raises(ValueError, match=complaint):
            two_factor_bootstrap(*arguments)


@settings(max_examples=100, deadline=None)
@given(st.integers(4, 9), st.integers(0, 2**32 - 1), st.sampled_from(METHODS))
def test_no_result_is_nan(n_stimuli, seed, method):
    rng = np.random.default_rng(seed)
    n_pairs = n_stimuli * (n_stimuli - 1) // 2
    vectors = rng.integers(1, 5, (5, n_pairs)).astype(float)
    vectors[:, 0] = 0  # none is constant
    rdms = np.array([square_form(vector) for vector in vectors])
    test = rdm_permutation_test(rdms[0], rdms[1], method, 9, seed)
    assert 0 < test.p_value <= 1 and (np.abs(test.null) <= 1 + 1e-12).all()
    result = two_factor_bootstrap(rdms[:2], rdms[2:], method, 10, seed)
    assert (np.abs(result.samples) <= 1 + 1e-12).all()
    assert (result.standard_errors >= 0).all()
    assert ((result.difference_p_values >= 0) & (result.difference_p_values <= 1)).all()
