"""The networks that travel with the book: found, verified, refused where they are not whole."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from brainlike import upkeep
from brainlike._cache import recipe_hash
from brainlike.networks import keeping, load_network, shipped
from brainlike.networks.nose.zoo import nose_code, nose_key
from brainlike.networks.zoo import RECIPES, network_code, network_key

RECIPE, CODE = {"layers": 3}, {"model": "abc", "training": "def"}


def a_network(value):
    """Weights and history of a network as small as can be."""
    weights = {
        "matrix": torch.full((2, 3), value) / 3,
        "vector": torch.full((3,), value) / 3,
        "batches": torch.tensor(70),
    }
    return weights, {"loss": [2.0, float("nan")], "seconds": 3.5}


def put(name, seed, value, *, recipe=RECIPE, code=CODE):
    """Write a network into the package, as `make networks WRITE=1` does."""
    content = shipped.pack(*a_network(value))
    entry = shipped.Entry(
        recipe=recipe_hash(recipe),
        code=code,
        sha256=shipped.sha256(content),
        bytes=len(content),
        torch="2.13.0",
        processor="AVX2",
        bf16=False,
        cpu_seconds=1.5,
        behaviour={"accuracy": 0.75, "accuracy_by_class": [0.5, 1.0]},
    )
    shipped.write(name, seed, content, entry)
    return entry


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An empty folder of weights, an empty cache, nothing said yet."""
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setattr(shipped, "FOLDER", folder)
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("BRAINLIKE_NETWORKS", raising=False)
    monkeypatch.setattr(keeping, "_remarked", set())
    monkeypatch.setattr(keeping, "_used", {})
    return folder


@pytest.fixture
def load(package):
    """Load the toy, and count how often it is trained."""
    trainings = []

    def load(name="toy", seed=0, recipe=RECIPE, code=CODE):
        def train():
            trainings.append(seed)
            return a_network(-1.0)

        return keeping.load_kept(name, seed, recipe, code, train, lambda weights, history: weights)

    load.trainings = trainings
    return load


def test_what_is_packed_comes_back_in_single_precision():
    weights, history = a_network(1.0)
    back = shipped.unpack(shipped.pack(weights, history))
    assert back["weights"]["matrix"].dtype == torch.float32
    assert torch.equal(back["weights"]["vector"], weights["vector"])  # vectors are kept whole
    torch.testing.assert_close(back["weights"]["matrix"], weights["matrix"], rtol=5e-4, atol=0)
    assert not torch.equal(back["weights"]["matrix"], weights["matrix"])  # matrices are not
    assert back["weights"]["batches"].dtype == torch.int64
    np.testing.assert_array_equal(back["history"]["loss"], [2.0, np.nan])
    assert back["history"]["seconds"] == 3.5


def test_the_same_network_gives_the_same_bytes():
    assert shipped.pack(*a_network(1.0)) == shipped.pack(*a_network(1.0))
    assert shipped.pack(*a_network(1.0)) != shipped.pack(*a_network(2.0))


@pytest.mark.parametrize("value", [7e4 * 3, float("nan")])
def test_numbers_that_half_precision_cannot_hold_are_refused(value):
    with pytest.raises(ValueError, match="weights/matrix"):
        shipped.pack(*a_network(value))


def test_entries_are_read_as_they_were_written(package):
    first, second = put("toy", 0, 1.0), put("toy", 12, 2.0)
    assert shipped.entries() == {"toy-0": first, "toy-12": second}
    again = put("toy", 0, 3.0)
    assert shipped.entries() == {"toy-0": again, "toy-12": second}
    assert shipped.is_shipped("toy", 12) and not shipped.is_shipped("toy", 1)
    tomllib.loads((package / "weights.toml").read_text())
    assert sorted(path.name for path in package.iterdir()) == [
        "toy-0.npz",
        "toy-12.npz",
        "weights.toml",
    ]


def test_the_package_comes_first_then_the_cache_then_training(load, monkeypatch):
    assert load()["vector"][0] == pytest.approx(-1 / 3)
    assert load()["vector"][0] == pytest.approx(-1 / 3)
    assert load.trainings == [0] and keeping.used() == {"toy-0": keeping.TRAINED}
    put("toy", 0, 1.0)
    assert load()["vector"][0] == pytest.approx(1 / 3)
    assert keeping.used() == {"toy-0": keeping.SHIPPED}
    monkeypatch.setenv("BRAINLIKE_NETWORKS", "fresh")
    assert load()["vector"][0] == pytest.approx(-1 / 3)
    assert load.trainings == [0] and keeping.used() == {"toy-0": keeping.TRAINED}
    monkeypatch.setenv("BRAINLIKE_NETWORKS", "none")
    with pytest.raises(ValueError, match="BRAINLIKE_NETWORKS may be 'fresh'"):
        load()


def damaged(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncated(path):
    path.write_bytes(path.read_bytes()[:-10])


def swapped(path):
    path.write_bytes(path.with_name("toy-1.npz").read_bytes())


@pytest.mark.parametrize("harm", [damaged, truncated, swapped, Path.unlink])
def test_a_file_that_is_not_the_listed_one_is_refused_and_named(load, package, harm):
    put("toy", 0, 1.0), put("toy", 1, 2.0)
    harm(package / "toy-0.npz")
    with pytest.raises(shipped.WeightsDamaged, match=r"toy-0\.npz.*BRAINLIKE_NETWORKS=fresh"):
        load()
    assert load(seed=1)["vector"][0] == pytest.approx(2 / 3)
    assert load.trainings == []


def test_a_list_that_cannot_be_read_is_refused_and_named(load, package):
    put("toy", 0, 1.0)
    (package / "weights.toml").write_text('["toy-0"]\nrecipe = ')
    with pytest.raises(shipped.WeightsDamaged, match=r"weights\.toml cannot be read"):
        load()


def test_a_network_of_another_recipe_is_not_used(load):
    put("toy", 0, 1.0)
    with pytest.warns(UserWarning, match="toy:0 .* another recipe; it is trained .* instead"):
        assert load(recipe={"layers": 4})["vector"][0] == pytest.approx(-1 / 3)
    load(recipe={"layers": 4})  # said once
    assert load.trainings == [0]


def test_a_network_of_older_code_is_used_with_a_remark(load):
    put("toy", 0, 1.0)
    changed = {"model": "abc", "training": "xyz", "attack": "new"}
    with pytest.warns(UserWarning, match=r"other code \(training, attack\); it is used all the"):
        assert load(code=changed)["vector"][0] == pytest.approx(1 / 3)
    load(code=changed)  # said once
    assert load.trainings == []


def test_what_other_code_left_in_the_cache_is_trained_again(load):
    load()
    load(code={"model": "abc", "training": "new"})
    assert load.trainings == [0, 0]


def test_a_cache_of_an_older_version_is_used(load, tmp_path):
    path = tmp_path / f"cache/zoo/toy-0-{recipe_hash(RECIPE)}.pt"
    path.parent.mkdir(parents=True)
    weights, history = a_network(5.0)
    torch.save({"weights": weights, "history": history}, path)  # it says nothing of its making
    assert load()["vector"][0] == pytest.approx(5 / 3)
    assert load.trainings == []


def test_whoever_is_interrupted_between_file_and_list_is_told(load, package, monkeypatch):
    entry = put("toy", 0, 1.0)
    write = shipped.write_whole

    def interrupted(path, content):
        if path.name == shipped.INDEX:
            raise KeyboardInterrupt
        write(path, content)

    monkeypatch.setattr(shipped, "write_whole", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put("toy", 0, 2.0)
    assert shipped.entries() == {"toy-0": entry}
    with pytest.raises(shipped.WeightsDamaged, match="is damaged"):
        load()


# The networks that really travel with the book.


def test_exactly_the_networks_that_chapters_share_are_shipped():
    wanted = {network.replace(":", "-") for network in upkeep.shipped_networks()}
    assert set(shipped.entries()) == wanted
    assert {path.stem for path in shipped.FOLDER.glob("*.npz")} == wanted


@pytest.mark.parametrize("network", upkeep.shipped_networks())
def test_recipe_code_and_file_fit(network):
    name, seed = upkeep.parse(network)
    zoo = (network_key, network_code(name)) if name in RECIPES else (nose_key, nose_code())
    entry = shipped.entries()[f"{name}-{seed}"]
    again = f'run `make networks NETWORKS="{network}" WRITE=1`'
    assert entry.recipe == recipe_hash(zoo[0](name, seed)), f"the recipe has changed: {again}"
    assert entry.code == zoo[1], f"code that decides its weights has changed: {again}"
    found = shipped.read(name, seed)
    assert (shipped.FOLDER / shipped.file_name(name, seed)).stat().st_size == entry.bytes
    assert all(bool(torch.isfinite(w).all()) for w in found["weights"].values())
    assert 0.02 < entry.behaviour["accuracy"] < 1 and entry.cpu_seconds > 1


def test_all_together_they_stay_below_sixty_megabytes():
    files = [*shipped.FOLDER.iterdir()]
    assert sum(path.stat().st_size for path in files) < 60e6


def test_two_processes_load_at_once_without_cache_or_home(tmp_path):
    code = "from brainlike.networks import load_network; print(load_network('dual').seed)"
    nowhere = {"HOME": "/nonexistent", "BRAINLIKE_CACHE": "/proc/none"}
    both = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            env=os.environ | nowhere,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in both] == ["0", "0"]


def test_a_shipped_network_recognises_what_it_was_trained_on(monkeypatch):
    monkeypatch.delenv("BRAINLIKE_NETWORKS", raising=False)
    trained = load_network("objects")
    assert keeping.used()["objects-0"] == keeping.SHIPPED
    assert len(trained.history.loss) == trained.recipe.epochs
    assert trained.history.loss[-1] < trained.history.loss[0] / 2
