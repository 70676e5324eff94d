"""Figures with sliders: every frame is there, in order, described, and light."""

import base64
import html
import io
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from brainlike import interactive

GREYS = np.array([[0, 50, 100], [150, 200, 250]])
TEXTS = {"alt": "A square in one of six greys.", "caption": "Move <both> sliders."}


@pytest.fixture(autouse=True)
def figures_are_closed():
    plt.switch_backend("Agg")
    yield
    left = plt.get_fignums()
    plt.close("all")
    assert not left, "frames must not stay open: a notebook would show them again"


@pytest.fixture
def shown(monkeypatch):
    """What is displayed in a notebook, as a list of MIME bundles."""
    bundles = []
    monkeypatch.setattr(interactive, "get_ipython", lambda: "a kernel")
    monkeypatch.setattr(interactive, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def square(i, j=0):
    fig = plt.figure(figsize=(1, 1))
    fig.figimage(np.full((120, 120, 3), GREYS[i, j] / 255))
    return fig


def grey_of(picture):
    return int(np.asarray(Image.open(io.BytesIO(picture)).convert("L"))[60, 60])


def data_of(block):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', block)[1])


def as_bytes(source):
    head, _, content = source.partition(",")
    assert head == "data:image/webp;base64"
    return base64.b64decode(content)


def test_two_sliders_hold_every_frame_in_the_order_that_the_script_reads(shown):
    interactive.show_frames(
        square, {"row": ("a", "b"), "column": (1, 2, 3)}, start=(1, 0),
        describe=lambda i, j: f"grey {GREYS[i, j]}", **TEXTS,
    )  # fmt: skip
    data = data_of(shown[0]["text/html"])
    assert data["values"] == [["a", "b"], ["1", "2", "3"]]
    for i in range(2):
        for j in range(3):
            index = i * 3 + j  # as the script counts
            assert grey_of(as_bytes(data["frames"][index])) == GREYS[i, j]
            assert data["texts"][index] == f"grey {GREYS[i, j]}"


def test_the_start_is_there_without_a_script(shown):
    interactive.show_frames(
        square, {"row": ("a", "b"), "column": (1, 2, 3)}, start=(1, 2),
        describe=lambda i, j: f"grey {GREYS[i, j]}", **TEXTS,
    )  # fmt: skip
    block = shown[0]["text/html"]
    assert grey_of(as_bytes(re.search(r'<img src="([^"]+)"', block)[1])) == GREYS[1, 2]
    assert ">grey 250</p>" in block
    assert re.findall(r'<input type="range" min="0" max="(\d)" step="1" value="(\d)"', block) == [
        ("1", "1"), ("2", "2"),
    ]  # fmt: skip
    assert shown[0]["text/plain"].endswith("grey 250")


def test_one_slider(shown):
    interactive.show_frames(square, {"row": "ab"}, describe=lambda i: f"row {i}", **TEXTS)
    assert data_of(shown[0]["text/html"])["texts"] == ["row 0", "row 1"]


def test_texts_cannot_break_out_of_the_page(shown):
    hostile = "</script><b>\"&'"
    interactive.show_frames(
        square, {hostile: (hostile, "b")}, describe=lambda i: hostile, alt=hostile * 2,
        caption=hostile,
    )  # fmt: skip
    block = shown[0]["text/html"]
    assert data_of(block)["texts"][0] == hostile
    assert "<b>" not in block
    assert html.escape(hostile) in block


def test_axes_stay_where_they_are_although_labels_grow(shown):
    def draw(i):
        fig, ax = plt.subplots(figsize=(3, 2), layout="constrained")
        ax.plot([0, 10 ** (6 * i)])
        boxes.append((fig, ax))
        return fig

    boxes = []
    interactive.show_frames(draw, {"size": (0, 1)}, describe=str, **TEXTS)
    (_, first), (_, second) = boxes
    assert np.allclose(first.get_position().bounds, second.get_position().bounds)


def test_outside_a_notebook_it_prints(capsys):
    interactive.show_frames(square, {"row": "ab"}, describe=lambda i: f"row {i}", **TEXTS)
    assert capsys.readouterr().out == "Move <both> sliders. row 0\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sliders": {}}, "one or two sliders"),
        ({"sliders": {"a": "ab", "b": "ab", "c": "ab"}}, "one or two sliders"),
        ({"sliders": {"a": "a"}}, "at least two values"),
        ({"start": (2,)}, "no position"),
        ({"start": (0, 0)}, "no position"),
        ({"describe": lambda i: " "}, "no text"),
        ({"alt": "short"}, "alt needs"),
        ({"caption": " "}, "caption"),
    ],
)
def test_refuses_what_readers_could_not_use(change, message):
    arguments = {"sliders": {"row": "ab"}, "describe": lambda i: f"row {i}", **TEXTS, **change}
    with pytest.raises(ValueError, match=message):
        interactive.show_frames(square, **arguments)


def test_refuses_frames_that_weigh_too_much(monkeypatch):
    monkeypatch.setattr(interactive, "MOST_BYTES", 50)
    with pytest.raises(ValueError, match="draw fewer or smaller"):
        interactive.show_frames(square, {"row": "ab"}, describe=str, **TEXTS)


def test_refuses_a_draw_that_returns_no_figure():
    with pytest.raises(TypeError, match="must return a matplotlib figure"):
        interactive.show_frames(lambda i: None, {"row": "ab"}, describe=str, **TEXTS)


def test_refuses_frames_with_different_axes():
    def draw(i):
        return plt.subplots(1, i + 1, figsize=(2, 1))[0]

    with pytest.raises(ValueError, match="axes"):
        interactive.show_frames(draw, {"row": "ab"}, describe=str, **TEXTS)
    plt.close("all")
