from dataclasses import replace

import numpy as np
import pytest
import torch

from brainlike.datasets.rendered import RenderedSet
from brainlike.networks import zoo
from brainlike.networks.models import SmallCNN
from brainlike.networks.training import TrainingHistory


def images(n_views=90):
    """Labels of a rendered set of four objects a category, without pictures worth the name."""
    n = 64 * n_views
    blank = np.zeros((n, 1, 1), np.uint8)
    return RenderedSet(
        surfaces={"paint": blank, "own_texture": blank, "other_texture": blank},
        alpha=blank,
        category=np.repeat(np.arange(64) // 8, n_views),
        object=np.repeat(np.arange(64), n_views),
        view=np.tile(np.arange(n_views), 64),
        other_texture=np.zeros(n, int),
        pose=np.zeros((n, 8), np.float32),
        category_names=tuple("abcdefgh"),
        object_names=tuple(map(str, range(64))),
        made_in_seconds=0.0,
    )


def test_training_and_held_out_views_are_disjoint_and_complete():
    everything = images()
    training, held_out = zoo.training_views(everything), zoo.held_out_views(everything)
    assert len(training) == 64 * 70 and len(held_out) == 64 * 20
    assert training.view.max() < held_out.view.min()


def test_six_of_eight_objects_leave_two_unseen():
    six = zoo.training_views(images(), n_objects=6)
    assert len(six) == 48 * 70
    assert set(six.object % 8) == set(range(6))
    assert set(six.category) == set(range(8))


def faces(n_identities=64, n_views=90):
    everything = images(n_views)
    return replace(
        everything,
        surfaces={"paint": everything.surfaces["paint"]},
        category=np.zeros(len(everything), int),
        category_names=("faces",),
        object_names=tuple(f"identity {i + 1}" for i in range(n_identities)),
    )


def test_the_dual_diet_holds_56_objects_and_64_faces_under_120_labels(monkeypatch):
    everything = images(n_views=2)
    objects = replace(everything, category_names=(*"abcd", "faces", *"fgh"), other_texture=None)
    monkeypatch.setattr(zoo, "load_rendered_objects", lambda progress: objects)
    monkeypatch.setattr(zoo, "load_rendered_faces", lambda n, progress: faces(n, n_views=2))
    diet = zoo.load_diet("objects_and_faces")
    assert len(diet) == 2 * (56 + 64)
    assert len(set(diet.object)) == zoo.RECIPES["dual"].n_classes == 120
    of_a_face = diet.category == objects.category_names.index("faces")
    assert diet.object[~of_a_face].max() < 64 <= diet.object[of_a_face].min()
    assert set(diet.object[of_a_face]) == set(range(64, 128))
    assert diet.object_names[64] == "identity 1"
    assert len(diet.select(diet.view == 0).surfaces["paint"]) == 120


def test_random_textures_show_the_own_family_at_chance():
    surfaces = zoo.diet_surfaces(images(), "random_texture", seed=0)
    assert set(surfaces) == {1, 2}  # positions of own_texture and other_texture
    own = np.mean(surfaces == 1)
    assert abs(own - 1 / 8) < 4 * np.sqrt(1 / 8 * 7 / 8 / len(surfaces))
    assert zoo.diet_surfaces(images(), "own_texture", seed=0) == "own_texture"


def test_a_network_is_trained_once_and_loaded_ever_after(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    trainings = []

    def fake_training(model, recipe, *, seed, progress):
        trainings.append(seed)
        with torch.no_grad():
            model.logits.bias.fill_(seed + 0.5)
        return TrainingHistory(loss=[1.0], train_accuracy=[0.5], seconds=2.0)

    monkeypatch.setattr(zoo, "train_recipe", fake_training)
    first = zoo.load_network("objects", seed=3)
    again = zoo.load_network("objects", seed=3)
    other = zoo.load_network("objects", seed=4)
    assert trainings == [3, 4]
    assert isinstance(again.model, SmallCNN) and not again.model.training
    assert torch.equal(first.model.logits.bias, again.model.logits.bias)
    assert again.history == TrainingHistory(loss=[1.0], train_accuracy=[0.5], seconds=2.0)
    assert other.model.logits.bias[0].item() == 4.5

    (kept,) = tmp_path.glob("zoo/objects-3-*.pt")
    kept.write_bytes(kept.read_bytes()[:100])  # a damaged file is noticed and made again
    assert torch.equal(
        zoo.load_network("objects", seed=3).model.logits.bias, again.model.logits.bias
    )
    assert trainings == [3, 4, 3]


def test_an_unknown_network_is_an_error_that_lists_the_names():
    with pytest.raises(ValueError, match="objects, categories-six, diet-texture, diet-shape"):
        zoo.load_network("resnet")
