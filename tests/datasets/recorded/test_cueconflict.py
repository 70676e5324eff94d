"""Shape bias against counts known by construction, and against the published values."""

import numpy as np
import pytest

from brainlike.datasets.recorded.cueconflict import (
    CATEGORIES,
    NETWORKS,
    SUBJECTS,
    CueConflict,
    load_cueconflict,
    shape_bias,
    shape_bias_of,
    simulate_cueconflict,
)
from brainlike.datasets.recorded.cueconflict_examples import (
    load_cueconflict_examples,
    simulate_cueconflict_examples,
)

PUBLISHED = {  # percent, Geirhos et al. 2019
    "humans": 95.9,
    "AlexNet": 42.9,
    "GoogLeNet": 31.2,
    "ResNet-50": 22.1,
    "VGG-16": 17.2,
}


@pytest.fixture(scope="module")
def simulated():
    return simulate_cueconflict()


def observer_with(n_shape, n_texture, n_neither, n_congruent=3):
    """Return trials of one observer whose decisions are known by construction."""
    n = n_shape + n_texture + n_neither + n_congruent
    texture = np.array(["car"] * (n - n_congruent) + ["cat"] * n_congruent)
    response = ["cat"] * n_shape + ["car"] * n_texture + ["na"] * n_neither + ["cat"] * n_congruent
    return CueConflict(
        observer=np.full(n, "VGG-16"),
        kind=np.full(n, "network"),
        shape=np.full(n, "cat"),
        texture=texture,
        response=np.array(response),
        imagename=np.array([f"cat1-{one}1.png" for one in texture]),
    )


def test_counts_only_decisions_for_a_cue_in_conflict_trials():
    bias = shape_bias(observer_with(n_shape=3, n_texture=1, n_neither=6))["VGG-16"]
    assert bias == (75.0, 3, 1)


def test_recovers_the_bias_of_each_simulated_observer(simulated):
    for observer, bias in shape_bias(simulated, by="observer").items():
        invented = {
            **dict.fromkeys(SUBJECTS, 80),
            **dict(zip(NETWORKS, (70, 60, 50, 40, 60), strict=True)),
        }[observer]
        n = bias.n_shape + bias.n_texture
        # 4 standard errors of a binomial share: 1 observer in 15,800 falls outside by chance
        assert abs(bias.percent - invented) < 400 * np.sqrt(0.25 / n)


def test_pools_decisions_within_a_group(simulated):
    people = simulated.select(simulated.kind == "human")
    each = shape_bias(people, by="observer").values()
    n_shape, n_texture = sum(b.n_shape for b in each), sum(b.n_texture for b in each)
    assert shape_bias(people)["humans"] == (
        100 * n_shape / (n_shape + n_texture),
        n_shape,
        n_texture,
    )


def test_by_category_has_every_category(simulated):
    assert set(shape_bias(simulated, by="shape")) == set(CATEGORIES)


def test_undefined_bias_is_an_error_that_names_the_group():
    with pytest.raises(ValueError, match="VGG-16: no decision for shape or texture in 6 conflict"):
        shape_bias(observer_with(n_shape=0, n_texture=0, n_neither=6))


def test_unknown_grouping_lists_the_valid_ones(simulated):
    with pytest.raises(ValueError, match="group, observer, kind, shape, texture; got 'colour'"):
        shape_bias(simulated, by="colour")


def test_labels_may_be_numbers_but_must_match_in_length():
    assert shape_bias_of([0, 1], [1, 0], [0, 0]).percent == 50
    with pytest.raises(ValueError, match="n_trials"):
        shape_bias_of([0, 1], [1, 0], [0])


def assert_has_the_design(trials):
    """Check counts against those that the paper states: 1,200 conflict trials an observer."""
    assert len(trials) == 15 * 1280
    assert list(dict.fromkeys(trials.observer)) == [*SUBJECTS, *NETWORKS]
    for observer in (*SUBJECTS, *NETWORKS):
        mine = trials.select(trials.observer == observer)
        assert len(mine) == 1280
        assert len(mine.conflict()) == 1200
    assert set(trials.shape) == set(trials.texture) == set(CATEGORIES)
    assert set(trials.response) <= {*CATEGORIES, "na"}
    assert set(trials.observer[trials.kind == "human"]) == set(SUBJECTS)


def test_stand_in_has_the_design(simulated):
    assert_has_the_design(simulated)


def test_stand_in_cannot_be_mistaken_for_the_published_values(simulated):
    for name, bias in shape_bias(simulated).items():
        if name in PUBLISHED:
            assert abs(bias.percent - PUBLISHED[name]) > 10


def test_drawn_examples():
    examples = simulate_cueconflict_examples()
    assert examples.images.shape == (4, 3, 224, 224)
    assert examples.images.dtype == np.float32
    assert 0 <= examples.images.min() < 0.1 < 0.9 < examples.images.max() <= 1
    assert len(examples.shape) == len(examples.texture) == 4


@pytest.mark.real_data
def test_real_trials_reproduce_the_published_values():
    trials = load_cueconflict(strict=True)
    assert trials.source == "real"
    assert_has_the_design(trials)
    assert len(set(trials.imagename)) == 1280
    bias = shape_bias(trials)
    for name, published in PUBLISHED.items():
        assert bias[name].percent == pytest.approx(published, abs=0.05)
    assert bias["ResNet-50 (Stylized-ImageNet)"].percent == pytest.approx(80.6, abs=0.05)


@pytest.mark.real_data
def test_real_examples():
    examples = load_cueconflict_examples(strict=True)
    assert examples.source == "real"
    assert examples.images.shape == (4, 3, 224, 224)
    assert examples.images.dtype == np.float32
    assert examples.images.min() >= 0 and 0.5 < examples.images.max() <= 1
    assert examples.shape == ("elephant", "bird", "clock", "truck")
    assert examples.texture == ("bicycle", "airplane", "chair", "airplane")
