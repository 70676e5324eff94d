import numpy as np
import pytest

from brainlike.datasets.simulated.odours import OdourTask, make_odour_task


def test_labels_are_those_of_the_nearest_prototype():
    task = make_odour_task(n_types=12, n_classes=7, n_prototypes=21, seed=3)
    odours, labels = task.sample(500, seed=0)
    distances = np.linalg.norm(odours[:, None].astype(float) - task.prototypes[None], axis=2)
    assert np.array_equal(labels, task.classes[distances.argmin(axis=1)])
    assert np.array_equal(task.label(odours), labels)


def test_prototypes_belong_to_their_own_class_and_fold_onto_all_classes():
    task = make_odour_task(n_classes=100, n_prototypes=200, seed=0)
    assert np.array_equal(task.label(task.prototypes), task.classes)
    assert task.n_classes == 100 and task.n_types == 50
    assert np.array_equal(np.bincount(task.classes), np.full(100, 2))


def test_odours_fill_the_unit_interval_and_seeds_repeat():
    task = make_odour_task(seed=1)
    odours, labels = task.sample(4000, seed=5)
    assert odours.dtype == np.float32 and odours.min() >= 0 and odours.max() <= 1
    assert odours.mean() == pytest.approx(1 / 2, abs=0.005)
    assert odours.var() == pytest.approx(1 / 12, abs=0.002)
    assert np.array_equal(odours, task.sample(4000, seed=5)[0])
    rng = np.random.default_rng(5)
    first, second = task.sample(10, rng)[0], task.sample(10, rng)[0]
    assert np.array_equal(first, odours[:10]) and not np.array_equal(first, second)
    assert not np.array_equal(task.prototypes, make_odour_task(seed=2).prototypes)


@pytest.mark.parametrize(
    ("odours", "message"),
    [
        (np.full((3, 50), -0.1), "below 0"),
        (np.full((3, 50), np.nan), "NaN"),
        (np.zeros((50, 3)), r"\(n_odours, 50\); got \(50, 3\)"),
    ],
)
def test_impossible_odours_are_refused(odours, message):
    with pytest.raises(ValueError, match=message):
        make_odour_task(seed=0).label(odours)


def test_impossible_tasks_are_refused():
    with pytest.raises(ValueError, match="prototype for each class"):
        make_odour_task(n_classes=10, n_prototypes=9, seed=0)
    with pytest.raises(ValueError, match="2 types"):
        make_odour_task(n_types=1, seed=0)
    with pytest.raises(ValueError, match="below 0"):
        OdourTask(-np.ones((2, 2)), [0, 1])
    with pytest.raises(ValueError, match="classes must be 0 or larger"):
        OdourTask(np.ones((2, 2)), [0, -1])
