"""Ridge with a penalty per unit against scikit-learn, brute force, and a known truth."""

import warnings

import numpy as np
import pytest
from himalaya.ridge import RidgeCV as HimalayaRidgeCV
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge, RidgeCV

from brainlike.compare.ridge import PenaltyAtEdge, RidgeEncoder

PENALTIES = np.logspace(-1, 4, 8)

edges_are_no_matter = pytest.mark.filterwarnings("ignore::brainlike.compare.ridge.PenaltyAtEdge")


def problem(n_stimuli, n_features, n_units, seed=0, dtype=float):
    """Linear responses with noise: some units mostly signal, some mostly noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_stimuli, n_features)) + rng.normal(size=n_features)
    weights = rng.normal(size=(n_features, n_units)) / np.sqrt(n_features)
    noise = rng.normal(size=(n_stimuli, n_units)) * np.geomspace(0.3, 3, n_units)
    return features.astype(dtype), (features @ weights + noise + 5).astype(dtype)


# fewer features than stimuli, as many, more; the last also by the half-sized quadratic form
SHAPES = [(60, 10, 7), (60, 59, 7), (60, 60, 7), (40, 90, 7), (40, 90, 100)]


@edges_are_no_matter
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_scikit_learns_leave_one_out(shape):
    features, responses = problem(*shape)
    ours = RidgeEncoder(PENALTIES).fit(features, responses)
    theirs = RidgeCV(PENALTIES, alpha_per_target=True).fit(features, responses)
    np.testing.assert_allclose(ours.penalty_, theirs.alpha_, rtol=1e-12)
    np.testing.assert_allclose(ours.coef_.T, theirs.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.intercept_, responses.mean(axis=0))
    np.testing.assert_allclose(ours.leave_one_out_error_, -theirs.best_score_, rtol=1e-6)
    np.testing.assert_allclose(ours.predict(features), theirs.predict(features), rtol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_error_is_that_of_leaving_out_each_stimulus(shape):
    features, responses = problem(*shape)
    model = RidgeEncoder([3.0]).fit(features, responses)
    left_out = np.empty_like(responses)
    for i in range(len(features)):
        others = np.arange(len(features)) != i
        left_out[i] = Ridge(3.0).fit(features[others], responses[others]).predict(features[[i]])
    error = ((left_out - responses) ** 2).mean(axis=0)
    np.testing.assert_allclose(model.leave_one_out_error_, error, rtol=1e-9)


def test_equals_himalaya_where_both_define_the_same():
    """himalaya picks the penalty by k folds; with the penalty fixed, the weights agree."""
    features, responses = problem(60, 10, 5)
    centred = features - features.mean(axis=0), responses - responses.mean(axis=0)
    ours = RidgeEncoder([10.0]).fit(*centred)
    theirs = HimalayaRidgeCV(alphas=[10.0]).fit(*centred)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6)


@edges_are_no_matter
def test_the_smallest_penalty_does_not_win_by_the_intercept():
    """With centred features of full rank, a forgotten 1/n drives the error to zero with the
    penalty. Responses of pure noise must get a large one."""
    rng = np.random.default_rng(0)
    features, noise = rng.normal(size=(50, 200)), rng.normal(size=(50, 20))
    model = RidgeEncoder().fit(features, noise)
    assert np.median(model.penalty_) > 100
    assert (model.leave_one_out_error_ > 0.8 * noise.var(axis=0)).all()


@edges_are_no_matter
def test_blocks_and_torch_change_nothing():
    features, responses = problem(50, 80, 23)
    whole = RidgeEncoder(PENALTIES).fit(features, responses)
    for other in (
        RidgeEncoder(PENALTIES, block_size=5).fit(features, responses),
        RidgeEncoder(PENALTIES, device="cpu").fit(features, responses),
    ):
        np.testing.assert_allclose(other.coef_, whole.coef_, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(other.leave_one_out_error_, whole.leave_one_out_error_)


@edges_are_no_matter
def test_single_precision_stays_single_and_close(tmp_path):
    features, responses = problem(50, 80, 23, dtype=np.float32)
    np.save(tmp_path / "responses.npy", responses)
    mapped = np.load(tmp_path / "responses.npy", mmap_mode="r")
    single = RidgeEncoder(PENALTIES, block_size=10).fit(features, mapped)
    double = RidgeEncoder(PENALTIES).fit(features.astype(float), responses)
    assert single.coef_.dtype == np.float32
    same = single.penalty_ == double.penalty_
    assert same.mean() > 0.9
    np.testing.assert_allclose(single.coef_[:, same], double.coef_[:, same], atol=1e-4)


def test_recovers_weights_it_should():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(3000, 4))
    weights = np.array([[1.0], [0.0], [-2.0], [0.5]])
    model = RidgeEncoder().fit(features, features @ weights + rng.normal(size=(3000, 1)))
    np.testing.assert_allclose(model.coef_, weights, atol=5 / np.sqrt(3000))


@pytest.mark.parametrize(("grid", "word"), [([1e-4, 1e-3], "largest"), ([1e4, 1e5], "smallest")])
def test_warns_when_the_best_penalty_lies_at_an_edge(grid, word):
    features, responses = problem(60, 40, 5)
    with pytest.warns(PenaltyAtEdge, match=rf"\d of 5 units is the {word} on offer"):
        RidgeEncoder(grid).fit(features, responses)


def test_does_not_warn_about_units_that_the_features_cannot_predict():
    """Alternating responses are best predicted by nothing; no grid could be wide enough."""
    features = np.repeat(np.random.default_rng(0).normal(size=(25, 3)), 2, axis=0)
    responses = np.tile([1.0, -1.0], 25)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = RidgeEncoder().fit(features, responses)
    assert np.abs(model.predict(features)).max() < 1e-3


def test_bad_input_is_named():
    features, responses = problem(20, 5, 3)
    constant = features.copy()
    constant[:, [1, 4]] = 2
    with pytest.raises(ValueError, match=r"2 of 5 features that are constant.*feature 1, 4"):
        RidgeEncoder().fit(constant, responses)
    silent = responses.copy()
    silent[:, 2] = 0
    with pytest.raises(ValueError, match=r"1 of 1 units that are constant.*unit 2\)"):
        RidgeEncoder(block_size=1).fit(features, silent)
    with pytest.raises(ValueError, match="got 20 and 19"):
        RidgeEncoder().fit(features, responses[:-1])
    with pytest.raises(ValueError, match="at least 3 stimuli; got 2"):
        RidgeEncoder().fit(features[:2], responses[:2])
    missing = responses.copy()
    missing[3, 1] = np.nan
    with pytest.raises(ValueError, match="responses has 1 of 60 values that are NaN"):
        RidgeEncoder().fit(features, missing)
    with pytest.raises(ValueError, match=r"\(n_stimuli, n_units\); got \(20,\)"):
        RidgeEncoder().fit(features, responses[:, 0])
    with pytest.raises(ValueError, match="penalties must be positive; got 0"):
        RidgeEncoder([0, 1.0]).fit(features, responses)
    with pytest.raises(ValueError, match=r"features must be \(n_stimuli, 5\)"):
        RidgeEncoder().fit(features, responses).predict(features[:, :4])


@settings(max_examples=150, deadline=None)
@given(
    n_stimuli=st.integers(4, 25),
    n_features=st.integers(1, 30),
    scale=st.sampled_from([1e-6, 1.0, 1e6]),
    seed=st.integers(0, 2**32 - 1),
)
@edges_are_no_matter
def test_predictions_are_finite_and_do_not_depend_on_shifts_of_features(
    n_stimuli, n_features, scale, seed
):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_stimuli, n_features)) * scale
    responses = rng.normal(size=(n_stimuli, 4))
    model = RidgeEncoder().fit(features, responses)
    predicted = model.predict(features)
    assert np.isfinite(predicted).all() and np.isfinite(model.leave_one_out_error_).all()
    shifted = RidgeEncoder(model.penalty_[:1]).fit(features + scale, responses)
    fixed = RidgeEncoder(model.penalty_[:1]).fit(features, responses)
    np.testing.assert_allclose(
        shifted.predict(features + scale), fixed.predict(features), atol=1e-5
    )
