from dataclasses import replace

import numpy as np
import pytest
import torch

from brainlike.networks.nose import zoo
from brainlike.probes.wiring import effective_inputs, glo_scores


@pytest.fixture
def small_recipes(tmp_path, monkeypatch):
    """An empty cache, and recipes of networks that train in a second."""
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    monkeypatch.setenv("BRAINLIKE_NETWORKS", "fresh")
    small = {
        name: replace(recipe, n_types=8, n_pns=None, n_kenyon=60, n_steps=30)
        for name, recipe in zoo.OLFACTORY_RECIPES.items()
    }
    monkeypatch.setattr(zoo, "OLFACTORY_RECIPES", small)
    return tmp_path


def test_a_nose_is_trained_once_and_loaded_ever_after(small_recipes, monkeypatch):
    first = zoo.load_nose("nose", seed=1, progress=False)
    monkeypatch.setattr(zoo, "train_olfactory", lambda *_, **__: pytest.fail("trained again"))
    again = zoo.load_nose("nose", seed=1, progress=False)
    assert np.array_equal(first.model.kenyon_weights(), again.model.kenyon_weights())
    assert np.array_equal(first.task.prototypes, again.task.prototypes)
    odours, _ = first.task.sample(20, seed=0)
    assert np.array_equal(first.model.classify(odours), again.model.classify(odours))
    assert not again.model.training
    history = again.history
    assert history.steps == [0, 30] and np.isnan(history.loss[0])
    by_type = again.model.receptor_weights().reshape(8, 10, 8).sum(axis=1)
    assert history.type_weights[-1] == pytest.approx(by_type, abs=1e-6)
    assert history.k_eff[-1] == pytest.approx(effective_inputs(again.model.kenyon_weights()).mean())


def test_another_seed_is_another_task_and_another_network(small_recipes):
    one, two = (zoo.load_nose("nose", seed=seed, progress=False) for seed in (0, 1))
    assert not np.array_equal(one.task.prototypes, two.task.prototypes)
    assert not np.array_equal(one.history.type_weights[0], two.history.type_weights[0])


def test_global_random_state_is_left_alone(small_recipes):
    state = torch.get_rng_state()
    zoo.load_nose("types-25", progress=False)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", [n for n, r in zoo.OLFACTORY_RECIPES.items() if r.glomeruli])
def test_recipes_start_from_what_their_names_say(name):
    recipe = zoo.OLFACTORY_RECIPES[name]
    model = zoo.make_nose(recipe, seed=0)
    kind, _, number = name.partition("-")
    assert np.allclose(glo_scores(model.receptor_weights(), model.types), 1)
    if kind == "types":
        assert model.n_types == int(number) and len(model.to_pn) == int(number)
    elif kind in ("start", "fixed"):
        weights = model.kenyon_weights()
        strong = (weights > 0.05 * weights.max()).sum(axis=1)
        assert (strong <= int(number)).all() and model.to_kenyon.requires_grad == (kind == "start")
        assert effective_inputs(weights).mean() < int(number) + 1e-6


def test_ten_pns_to_spare_are_sixty():
    assert zoo.make_nose(zoo.OLFACTORY_RECIPES["nose"], seed=0).to_pn.shape == (50, 500)
    assert zoo.make_nose(zoo.OLFACTORY_RECIPES["nose-60"], seed=0).to_pn.shape == (60, 500)


def test_an_unknown_nose_is_refused_with_the_list_of_names():
    with pytest.raises(ValueError, match="it has: nose, nose-60, types-25"):
        zoo.load_nose("tongue")
