from dataclasses import replace

import numpy as np
import pytest
import torch

from brainlike.datasets.rendered.sets import RenderedSet
from brainlike.networks import zoo
from brainlike.networks.models import SmallCNN
from brainlike.networks.residual import SmallResNet
from brainlike.networks.training import TrainingHistory


@pytest.fixture(autouse=True)
def only_what_is_trained_here(monkeypatch):
    """Leave the networks of the package out."""
    monkeypatch.setenv("BRAINLIKE_NETWORKS", "fresh")


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


def identities(kind, n_identities=64, n_views=90):
    everything = images(n_views)
    return replace(
        everything,
        surfaces={"paint": everything.surfaces["paint"]},
        category=np.zeros(len(everything), int),
        category_names=(kind,),
        object_names=tuple(f"{kind} {i + 1}" for i in range(n_identities)),
    )


@pytest.fixture
def two_views_of_all(monkeypatch):
    """Sets of two views each, in place of the rendered ones."""
    names = (*"ab", "cars", "d", "faces", *"fgh")
    objects = replace(images(n_views=2), category_names=names, other_texture=None)

    def some(whole, views):
        return whole if views is None else whole.select(np.isin(whole.view, views))

    loaders = {
        "objects": lambda views, progress: some(objects, views),
        "textured_objects": lambda views, progress: some(objects, views),
        "faces": lambda n, views, progress: some(identities("faces", n, 2), views),
        "cars": lambda n, views, progress: some(identities("cars", n, 2), views),
    }
    for kind, load in loaders.items():
        name = f"load_{kind}" if "_" in kind else f"load_rendered_{kind}"
        monkeypatch.setattr(zoo, name, load)


@pytest.mark.parametrize("name", [n for n, r in zoo.RECIPES.items() if r.labels == "object"])
def test_a_recipe_has_as_many_classes_as_its_diet_has_objects(name, two_views_of_all):
    recipe = zoo.RECIPES[name]
    diet = zoo.training_views(zoo.load_diet(recipe.diet), recipe.n_objects)
    n_expected = {"dual": 120, "things": 56, "cars-dual": 120}.get(name, 64)
    assert len(set(diet.object)) == recipe.n_classes == n_expected
    assert len(diet) == 2 * n_expected
    assert zoo.diet_surfaces(diet, recipe.diet, seed=0) == "paint"


@pytest.mark.parametrize(("name", "kind"), [("dual", "faces"), ("cars-dual", "cars")])
def test_a_dual_diet_counts_identities_on_after_objects_of_other_kinds(
    name, kind, two_views_of_all
):
    diet = zoo.load_diet(zoo.RECIPES[name].diet)
    of_the_kind = diet.category == diet.category_names.index(kind)
    assert of_the_kind.sum() == 2 * 64
    assert diet.object[~of_the_kind].max() < 64
    assert set(diet.object[of_the_kind]) == set(range(64, 128))
    assert diet.object_names[64] == f"{kind} 1"
    assert len(diet.select(diet.view == 0).surfaces["paint"]) == 120


def test_the_things_are_the_objects_of_the_dual_diet(two_views_of_all):
    things, dual = (zoo.load_diet(zoo.RECIPES[name].diet) for name in ("things", "dual"))
    assert set(things.object) == set(dual.object[dual.object < 64])


@pytest.mark.parametrize("diet", sorted({r.diet for r in zoo.RECIPES.values()}))
def test_some_views_of_a_diet_are_the_same_images(diet, two_views_of_all):
    whole, some = zoo.load_diet(diet), zoo.load_diet(diet, views=[1])
    assert set(some.view) == {1}
    assert np.array_equal(some.object, whole.object[whole.view == 1])


def test_an_unknown_diet_is_refused():
    with pytest.raises(ValueError, match="no diet 'cheese'"):
        zoo.load_diet("cheese")


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


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("dual", "dual-0-48c372cdb596.pt"),
        ("objects", "objects-0-92438dafc0ce.pt"),
        ("categories-six", "categories-six-0-634118e5566e.pt"),
        ("diet-texture", "diet-texture-0-23b6945fe0f6.pt"),
        ("diet-shape", "diet-shape-0-012606ea5de7.pt"),
        ("faces", "faces-0-866898bf666c.pt"),
        ("cars-dual", "cars-dual-0-c5f0812d831e.pt"),
    ],
)
def test_networks_of_older_caches_are_still_found(name, kept, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    monkeypatch.setattr(zoo, "train_recipe", lambda *_, **__: TrainingHistory())
    zoo.load_network(name)
    assert [path.name for path in tmp_path.glob("zoo/*.pt")] == [kept]


def test_robust_networks_go_on_from_the_network_for_objects_of_their_seed(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    trained = []

    def fake_training(model, recipe, *, seed, progress):
        trained.append((recipe.start, recipe.epsilon, seed))
        with torch.no_grad():
            model.logits.bias.add_(1)
        return TrainingHistory()

    monkeypatch.setattr(zoo, "train_recipe", fake_training)
    robust = zoo.load_network("robust", 4).model
    control = zoo.load_network("robust-control", 4).model
    objects = zoo.load_network("objects", 4).model
    assert trained == [("", 0, 4), ("objects", 0.5, 4), ("objects", 0, 4)]
    assert torch.equal(objects.conv1.convolution.weight, robust.conv1.convolution.weight)
    for later in (robust, control):
        assert torch.equal(later.logits.bias, objects.logits.bias + 1)


def test_the_key_of_a_continued_network_holds_that_of_its_start():
    key = zoo.network_key("robust", 3)
    assert key["start"] == zoo.network_key("objects", 3)
    control = zoo.network_key("robust-control", 3)
    assert control == {name: value for name, value in key.items() if name != "epsilon"}


def test_another_architecture_is_kept_and_loaded(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    monkeypatch.setattr(zoo, "train_recipe", lambda *_, **__: TrainingHistory())
    first = zoo.load_network("objects-resnet", 2).model
    assert isinstance(first, SmallResNet) and not first.training
    assert torch.equal(first.logits.weight, SmallResNet(64, seed=2).logits.weight)


@pytest.mark.parametrize(("name", "epsilon"), [("robust", 0.5), ("robust-control", None)])
def test_only_the_robust_network_sees_changed_images(name, epsilon, monkeypatch, two_views_of_all):
    monkeypatch.setattr(zoo, "Compositor", lambda *_, **__: None)
    monkeypatch.setattr(zoo, "load_backgrounds", lambda _: None)
    monkeypatch.setattr(zoo, "train", lambda *_, perturb, **__: perturb)
    perturb = zoo.train_recipe(None, zoo.RECIPES[name], seed=0)
    if epsilon is None:
        assert perturb is None
    else:
        model = SmallCNN(64).eval()
        images = torch.full((3, 1, 64, 64), 0.5)
        change = perturb(model, images, torch.tensor([0, 1, 2])) - images
        torch.testing.assert_close(change.flatten(1).norm(dim=1), torch.full((3,), epsilon))


def test_an_unknown_network_is_an_error_that_lists_the_names():
    with pytest.raises(ValueError, match="objects, categories-six, diet-texture, diet-shape"):
        zoo.load_network("resnet")
