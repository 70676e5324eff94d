"""Held-out prediction: a known ceiling, no leak between folds, projections that keep distances."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.cross_decomposition import PLSRegression
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from brainlike.compare.encoding import (
    cross_validated_predictions,
    drop_constant,
    encoding_scores,
    fold_correlations,
    johnson_lindenstrauss_dimension,
    random_projection,
    split_folds,
    standardize,
)
from brainlike.compare.ridge import RidgeEncoder


def linear_data(n_stimuli=400, n_features=10, n_units=6, noise=1.0, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_stimuli, n_features))
    weights = rng.normal(size=(n_features, n_units))
    signal = features @ weights / np.linalg.norm(weights, axis=0)
    return features, signal + noise * rng.normal(size=signal.shape)


def test_reaches_the_ceiling_that_the_noise_sets():
    """Signal and noise of equal variance: no model can correlate better than 1 / sqrt(2)."""
    features, responses = linear_data(n_stimuli=4000)
    np.testing.assert_allclose(encoding_scores(features, responses), np.sqrt(0.5), atol=0.04)


@pytest.mark.filterwarnings("ignore::brainlike.compare.ridge.PenaltyAtEdge")
def test_noise_is_not_predicted():
    """The same stimuli in training and test would give a high score here."""
    rng = np.random.default_rng(1)
    scores = encoding_scores(rng.normal(size=(200, 500)), rng.normal(size=(200, 300)))
    assert abs(scores.mean()) < 3 / np.sqrt(200 * 300) + 0.02


def test_each_stimulus_is_predicted_by_a_model_that_never_saw_it():
    features, responses = linear_data(60, 5, 2)
    model = RidgeEncoder([10.0])
    predictions = cross_validated_predictions(features, responses, model=model, n_folds=3)
    for train, test in split_folds(60, 3):
        mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
        by_hand = Ridge(10.0).fit((features[train] - mean) / spread, responses[train])
        expected = by_hand.predict((features[test] - mean) / spread)
        np.testing.assert_allclose(predictions[test], expected, rtol=1e-9)


def test_folds_partition_the_stimuli():
    folds = split_folds(23, 5, seed=3)
    tests = np.concatenate([test for _, test in folds])
    assert sorted(tests) == list(range(23))
    assert all(set(train).isdisjoint(test) for train, test in folds)
    sizes = sorted(len(test) for _, test in folds)
    assert sizes == sorted(len(test) for _, test in KFold(5).split(np.zeros(23)))


def test_any_regression_in_scikit_learns_style_will_do():
    features, responses = linear_data(n_stimuli=2000)
    scores = encoding_scores(features, responses, model=PLSRegression(8, scale=False))
    np.testing.assert_allclose(scores, np.sqrt(0.5), atol=0.06)


def test_score_is_the_mean_of_the_correlations_within_folds():
    rng = np.random.default_rng(0)
    predictions, responses = rng.normal(size=(2, 30, 2))
    expected = [
        np.corrcoef(predictions[test, 1], responses[test, 1])[0, 1]
        for _, test in split_folds(30, 3)
    ]
    assert fold_correlations(predictions, responses, n_folds=3)[1] == pytest.approx(
        np.mean(expected)
    )


def test_a_prediction_that_does_not_vary_scores_zero():
    responses = np.random.default_rng(0).normal(size=(30, 2))
    assert (fold_correlations(np.full((30, 2), 0.1), responses) == 0).all()


def test_a_unit_that_answers_one_stimulus_is_predicted_by_its_mean():
    features, responses = linear_data(50, 5, 2)
    responses[:, 1] = np.arange(50) == 7
    predictions = cross_validated_predictions(features, responses)
    ((_, fold),) = [split for split in split_folds(50) if 7 in split[1]]
    assert (predictions[fold, 1] == 0).all()
    assert np.isfinite(encoding_scores(features, responses)).all()


def test_features_that_hardly_vary_in_training_are_left_out():
    train = np.random.default_rng(0).normal(size=(50, 3))
    train[:, 1] = 1e-9 * train[:, 0]
    seen, unseen = standardize(train, train[:5] + 1)
    assert seen.shape == (50, 2) and unseen.shape == (5, 2)
    np.testing.assert_allclose(seen.std(axis=0), 1)


def test_drop_constant():
    assert drop_constant(np.array([[1, 2, 0], [1, 3, 0], [1, 4, 0.0]])).shape == (3, 1)
    with pytest.raises(ValueError, match="none of the 2 features varies"):
        drop_constant(np.ones((4, 2)))


@pytest.mark.parametrize(("n", "distortion", "published"), [(1000, 0.1, 5920), (73000, 0.1, 9598)])
def test_johnson_lindenstrauss_dimension(n, distortion, published):
    bound = 4 * np.log(n) / (distortion**2 / 2 - distortion**3 / 3)
    assert johnson_lindenstrauss_dimension(n, distortion) == int(bound) == published


def test_projection_keeps_squared_distances_within_the_distortion():
    features = np.random.default_rng(0).normal(size=(40, 20000))
    projected = random_projection(features, distortion=0.2)
    assert projected.shape == (40, johnson_lindenstrauss_dimension(40, 0.2))
    ratio = pdist(projected, "sqeuclidean") / pdist(features, "sqeuclidean")
    assert 0.8 < ratio.min() and ratio.max() < 1.2
    narrow = random_projection(features, 10)
    assert np.ptp(pdist(narrow, "sqeuclidean") / pdist(features, "sqeuclidean")) > 0.4


def test_projection_is_repeatable_and_leaves_small_sets_alone():
    features = np.random.default_rng(0).normal(size=(10, 50))
    assert np.array_equal(random_projection(features, 5), random_projection(features, 5))
    assert not np.array_equal(
        random_projection(features, 5), random_projection(features, 5, seed=1)
    )
    assert random_projection(features) is features


def test_bad_input_is_named():
    features, responses = linear_data(20, 4, 2)
    with pytest.raises(ValueError, match="got 20 and 18"):
        encoding_scores(features, responses[:18])
    with pytest.raises(ValueError, match="got 11 folds of 20 stimuli"):
        encoding_scores(features, responses, n_folds=11)
    flat = features.copy()
    flat[:, 3] = 1
    with pytest.raises(ValueError, match="feature 3"):
        encoding_scores(flat, responses)
    with pytest.raises(ValueError, match="n_components must be at least 1"):
        random_projection(features, 0)
