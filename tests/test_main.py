import pytest

from brainlike import __main__ as command_line
from brainlike.datasets.recorded.registry import DataUnavailable, registry
from brainlike.networks import TrainingHistory
from brainlike.upkeep import Verdict, shipped_networks


def test_unknown_names_are_refused_with_the_valid_ones(capsys):
    assert command_line.main(["train", "resnet"]) == 1
    assert "diet-shape" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command_line.main(["fetch", "nothing"])
    assert "cueconflict" in capsys.readouterr().err


def test_networks_are_named_with_their_seed(monkeypatch, capsys):
    asked = []

    class Trained:
        history = TrainingHistory(seconds=61.2)

    monkeypatch.setattr(
        command_line, "load", lambda name, seed: asked.append((name, seed)) or Trained
    )
    where = {"objects-2": "trained on this machine", "diet-shape-0": "shipped with the book"}
    monkeypatch.setattr(command_line, "used", lambda: where)
    assert command_line.main(["train", "objects:2", "diet-shape"]) == 0
    assert asked == [("objects", 2), ("diet-shape", 0)]
    assert "objects:2: trained on this machine, in 61 s" in capsys.readouterr().out


@pytest.mark.parametrize(("same", "write", "status"), [(1, 0, 0), (0, 0, 1), (0, 1, 0)])
def test_retraining_fails_where_a_network_differs(monkeypatch, same, write, status):
    asked = []

    def retrain(networks, *, write, workers):
        asked.append((networks, write))
        return [Verdict("faces:0", 0.8, 0.8, 0.01, 0.9 if same else 0.5, 0.7)]

    monkeypatch.setattr(command_line, "retrain", retrain)
    assert command_line.main(["networks", "faces:0", *["--write"] * write]) == status
    assert command_line.main(["networks"]) == 1 - same
    assert asked == [(["faces:0"], bool(write)), (shipped_networks(), False)]


def test_data_that_cannot_be_had_are_one_plain_line(monkeypatch, capsys):
    def unavailable(name):
        raise DataUnavailable(name, "no route to the host")

    monkeypatch.setattr(command_line, "fetch_dataset", unavailable)
    assert command_line.main(["fetch", "92images"]) == 1
    assert "no route to the host" in capsys.readouterr().err


def test_all_real_sets_are_fetched_by_one_word(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(command_line, "fetch_dataset", lambda name: asked.append(name) or [])
    assert command_line.main(["fetch", "all"]) == 0
    assert asked == sorted(registry()) and "cowley_v4" in asked


def test_each_rendered_set_is_made_by_its_name(monkeypatch, capsys):
    class Rendered(list):
        made_in_seconds = 30.4

    for name in command_line._RENDERED:
        monkeypatch.setitem(command_line._RENDERED, name, lambda views: Rendered([0, 0]))
    assert command_line.main(["render", "objects", "textured", "faces", "cars"]) == 0
    assert "cars: 2 images, made in 30 s" in capsys.readouterr().out


def test_some_views_of_a_rendered_set_are_made(monkeypatch):
    asked = []

    class Rendered(list):
        made_in_seconds = 30.4

    for name in command_line._RENDERED:
        monkeypatch.setitem(
            command_line._RENDERED, name, lambda views: asked.append(views) or Rendered()
        )
    words = ["cars", "objects:held-out", "faces:0-12/4,5,20-22", "cars:7"]
    assert command_line.main(["render", *words]) == 0
    assert asked == [None, "held-out", [0, 4, 8, 12, 5, 20, 21, 22], [7]]


@pytest.mark.parametrize(
    "wrong", ["balls", "objects:", "objects:train", "cars:1-", "cars:1,,2", "cars:1-5/0", "cars:-1"]
)
def test_sets_and_views_that_nobody_has_are_refused_before_anything_is_made(
    wrong, monkeypatch, capsys
):
    monkeypatch.setitem(command_line._RENDERED, "objects", None)  # a call would fail
    assert command_line.main(["render", "objects", wrong]) == 1
    message = capsys.readouterr().err
    assert "objects, textured, faces, cars" in message and repr(wrong) in message
