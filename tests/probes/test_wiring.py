import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brainlike.probes.wiring import (
    effective_inputs,
    glo_scores,
    inputs_above,
    type_weights,
    weight_modes,
)


def test_glo_score_of_known_matrices():
    rng = np.random.default_rng(0)
    types = np.arange(50)
    permutation = np.eye(50)[rng.permutation(50)]
    assert np.array_equal(glo_scores(permutation, types), np.ones(50))
    assert np.array_equal(glo_scores(-3 * permutation, types), np.ones(50))
    assert np.array_equal(glo_scores(np.full((7, 50), 0.3), types), np.zeros(7))
    # a second type at a third of the first: (1 - 1/3) / (1 + 1/3) = 1/2
    assert glo_scores(np.eye(50) + np.roll(np.eye(50), 1, axis=1) / 3, types) == pytest.approx(0.5)
    assert np.array_equal(glo_scores(np.zeros((2, 50)), types), np.zeros(2))


def test_copies_of_a_type_are_averaged_before_they_are_scored():
    types = np.array([0, 0, 0, 1])
    weights = [[0.0, 0.0, 3.0, 1.0], [6.0, 0.0, 0.0, 1.0]]
    assert np.allclose(type_weights(weights, types), [[1, 1], [2, 1]])
    assert np.allclose(glo_scores(weights, types), [0, 1 / 3])


def test_effective_inputs_of_equal_weights_is_their_number():
    weights = np.zeros((20, 10))
    for cell in range(20):
        weights[cell, : cell % 11] = 0.1 + cell
    assert np.allclose(effective_inputs(weights), np.arange(20) % 11)
    # exponential weights: E[w]^2 n^2 / (n E[w^2]) = n / 2
    exponential = np.random.default_rng(0).exponential(size=(500, 400))
    assert effective_inputs(exponential).mean() == pytest.approx(200, rel=0.02)


def test_inputs_above_counts_only_cells_that_have_some():
    weights = np.zeros((6, 3))
    weights[0] = [0.1, 0.2, 0.3]
    weights[1] = [0.0, 0.0, 0.25]
    assert np.allclose(inputs_above(weights, np.array([0.0, 0.15, 0.26])), [2, 1.5, 1])
    assert inputs_above(weights, 0.15) == pytest.approx(1.5)
    assert np.isnan(inputs_above(weights, 0.5))
    with pytest.raises(ValueError, match="negative"):
        inputs_above(weights, -0.1)


def test_the_mixture_finds_planted_modes_and_their_count():
    rng = np.random.default_rng(1)
    strong = np.zeros((2000, 50), dtype=bool)
    for row in strong:
        row[rng.permutation(50)[: rng.integers(4, 11)]] = True
    logs = np.where(
        strong,
        rng.normal(np.log(0.3), 0.35, strong.shape),
        rng.normal(np.log(0.005), 0.9, strong.shape),
    )
    modes = weight_modes(np.exp(logs))
    assert modes.two_modes
    assert modes.weak == pytest.approx(0.005, rel=0.05)
    assert modes.strong == pytest.approx(0.3, rel=0.05)
    assert modes.separation == pytest.approx(np.log(60) / np.sqrt((0.35**2 + 0.9**2) / 2), rel=0.05)
    counted = inputs_above(np.exp(logs), modes.threshold)
    assert counted == pytest.approx(strong.sum(axis=1).mean(), rel=0.03)


def test_one_mode_is_told_from_two():
    logs = np.random.default_rng(2).normal(-3, 1.5, (2000, 50))
    assert not weight_modes(np.exp(logs), contrast=1).two_modes
    with pytest.raises(ValueError, match="not separated"):
        weight_modes(np.random.default_rng(0).uniform(0.5, 1, (100, 50)))


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 10_000))
def test_scores_do_not_care_for_scale_or_order(n_pns, n_types, seed):
    rng = np.random.default_rng(seed)
    weights = rng.exponential(size=(n_pns, n_types))
    scores = glo_scores(weights, np.arange(n_types))
    scaled = weights * rng.uniform(0.1, 10, (n_pns, 1))
    assert np.allclose(glo_scores(scaled[:, ::-1], np.arange(n_types)), scores)
    assert (scores >= 0).all() and (scores <= 1).all()


def test_matrices_of_the_wrong_orientation_are_refused():
    types = np.repeat(np.arange(5), 10)
    with pytest.raises(ValueError, match=r"transposed: pass weights\.T"):
        glo_scores(np.ones((50, 8)), types)
    with pytest.raises(ValueError, match="one for each"):
        glo_scores(np.ones((8, 49)), types)
    with pytest.raises(ValueError, match=r"pass weights\.T"):
        effective_inputs(np.ones((50, 2500)))
    with pytest.raises(ValueError, match="without a gap"):
        glo_scores(np.ones((3, 2)), [0, 2])
    with pytest.raises(ValueError, match="at least 2"):
        glo_scores(np.ones((3, 2)), [0, 0])
    with pytest.raises(ValueError, match="NaN"):
        effective_inputs(np.full((5, 2), np.nan))
