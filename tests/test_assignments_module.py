"""The helpers that student notebooks and their tests share: `brainlike.assignments`."""

import json
import os
import sys
import time
from importlib.metadata import version
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch

from brainlike import assignments
from brainlike.assignments import (
    expect_array,
    expect_choice,
    expect_close,
    expect_function,
    expect_number,
    expect_pair,
    open_grader,
    shown,
    term_generator,
)


def draw(term, name):
    return term_generator(term, name).normal(size=4)


def test_same_term_same_numbers_and_no_others():
    first = draw("2027-spring", "01_perceptrons")
    np.testing.assert_array_equal(first, draw("2027-spring", "01_perceptrons"))
    others = [("2027-fall", "01_perceptrons"), ("2027-spring", "02_cnn_hierarchy"),
              ("2027", "-spring01_perceptrons"), ("01_perceptrons", "2027-spring")]  # fmt: skip
    for other in others:
        assert not np.isclose(first, draw(*other)).any(), other


def test_numbers_of_a_term_never_change():
    """Handed-out notebooks must still fit next month's grading."""
    numbers = term_generator("2027-spring", "01_perceptrons").integers(0, 10**6, 3)
    assert numbers.tolist() == [33686, 786276, 883998]


@pytest.mark.parametrize("value", [..., None])
def test_open_answers_are_said_to_be_open(value):
    checks = [
        lambda: expect_array(value, "rdm", (2, 2)),
        lambda: expect_number(value, "rdm"),
        lambda: expect_choice(value, "rdm", ["a"]),
        lambda: expect_function(value, "rdm"),
        lambda: expect_pair(value, "rdm"),
        lambda: expect_close(value, 1.0, "rdm"),
        lambda: expect_close(value, np.ones(2), "rdm"),
    ]
    for check in checks:
        with pytest.raises(AssertionError, match="rdm is not answered yet"):
            check()


def test_only_a_missing_result_is_said_to_need_a_return():
    with pytest.raises(AssertionError, match=r"replace the \.\.\.$"):
        expect_number(..., "n_synapses")
    with pytest.raises(AssertionError, match="a function must return its result"):
        expect_number(None, "the result of f")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ones((3, 2)), r"must have the shape \(2, 3\); yours has \(3, 2\): transpose it"),
        (np.ones(6), r"yours has \(6,\)$"),
        ([[1, 2, 3], [4, 5, np.nan]], "1 of 6 values that are NaN or infinite"),
        ([[1, 2, 3], [4, -np.inf, np.nan]], "2 of 6"),
        ([[1, 2, 3], [4, 5]], "are its rows equal"),
        ([["1", "2", "3"]] * 2, "must hold real numbers"),
        (np.ones((2, 3)) * 1j, "must hold real numbers; yours holds complex128"),
        (np.full((2, 3), None), "must hold real numbers; yours holds object"),
        ({"a": 1}, "yours is of type dict"),
        ("abc", "yours is of type str"),
        (3.0, r"yours has \(\)"),
    ],
)
def test_wrong_arrays_are_refused_with_the_reason(value, message):
    with pytest.raises(AssertionError, match=message):
        expect_array(value, "responses", (2, 3))


def test_right_arrays_pass_whatever_holds_them():
    rows = [[1, 2, 3], [4, 5, 6]]
    for value in (rows, tuple(map(tuple, rows)), np.array(rows), np.float32(rows),
                  torch.tensor(rows, dtype=torch.float32, requires_grad=True)):  # fmt: skip
        found = expect_array(value, "responses", ("n_items", 3))
        assert found.dtype == np.float64 and found.tolist() == rows


def test_kinds_of_arrays():
    assert expect_array([1.0, -2.0], "labels", (2,), kind="integer").dtype == np.int64
    with pytest.raises(AssertionError, match="whole numbers"):
        expect_array([1.0, 0.5], "labels", (2,), kind="integer")
    with pytest.raises(AssertionError, match="True and False"):
        expect_array([1, 0], "mask", (2,), kind="boolean")
    assert expect_array([True, False], "mask", (2,), kind="boolean").dtype == bool


def test_infinite_values_pass_where_they_may():
    value = [1.0, np.inf, -np.inf]
    assert expect_array(value, "noise", (3,), infinite=True).tolist() == value
    with pytest.raises(AssertionError, match="1 of 3 values that are NaN$"):
        expect_array([np.nan, np.inf, 1.0], "noise", (3,), infinite=True)
    for kind in ("integer", "real"):
        with pytest.raises(AssertionError, match="2 of 3 values that are NaN or infinite"):
            expect_array(value, "noise", (3,), kind=kind, infinite=kind == "integer")


def test_pairs():
    first, second = expect_pair((np.ones(3), [1, 2]), "the result of f")
    assert first.shape == (3,) and second == [1, 2]
    assert expect_pair(np.arange(6).reshape(3, 2), "the result of f", 3)[2].tolist() == [4, 5]
    for value, message in [
        ((1, 2, 3), "must be 2 values; yours has 3"),
        ({1, 2}, "return first, second; yours is of type set"),
        ("ab", "yours is of type str"),
        (np.float64(3), "yours is of type float64"),
        (np.array(3.0), "yours is of type ndarray"),
        ((1, ...), "value 2 of 2 in the result of f is not answered yet"),
    ]:
        with pytest.raises(AssertionError, match=message):
            expect_pair(value, "the result of f")


def test_unfinished_answers_are_shown_as_a_question_mark():
    assert shown(lambda: 2 / 3) == "0.667" and shown(lambda: np.int64(12), "d") == "12"
    answers = [lambda: None, lambda: ..., lambda: 1 / 0, lambda: ... + 1, lambda: np.ones(2)]
    assert [shown(answer) for answer in answers] == ["?"] * 5


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "must be a number, not True"),
        (np.nan, "NaN"),
        ([3.0], "single number"),
        ("3", "type str"),
        (3j, "real numbers"),
        (-1, "too small: at least 0"),
        (11, "too large: at most 10"),
        (10**400, "real numbers"),
    ],
)
def test_wrong_numbers_are_refused_with_the_reason(value, message):
    with pytest.raises(AssertionError, match=message):
        expect_number(value, "angle", at_least=0, at_most=10)


def test_right_numbers_pass():
    for value in (3, 3.0, np.float32(3), np.array(3), torch.tensor(3.0)):
        assert expect_number(value, "angle") == 3.0


def test_choices_and_functions():
    assert expect_choice("IT", "area", ["V4", "IT"]) == "IT"
    for value in ("it", 3, ["IT"]):
        with pytest.raises(AssertionError, match="area must be one of 'V4', 'IT'") as caught:
            expect_choice(value, "area", ["V4", "IT"])
        message = str(caught.value)
        assert message.strip("'") == message, "otter would cut off the quotation mark"
    assert expect_function(len, "f") is len
    with pytest.raises(AssertionError, match="f must be a function; yours is of type int"):
        expect_function(3, "f")


def test_close_compares_with_the_scale_of_the_answer():
    expect_close(1.0 + 1e-7, 1.0, "x")
    expect_close(1e6 + 0.5, 1e6, "x")
    expect_close([0.0, 1e6], np.array([0.5, 1e6]), "x")
    for value in (1.0 + 1e-5, np.nan, -1.0):
        with pytest.raises(AssertionError):
            expect_close(value, 1.0, "x")


def test_close_never_broadcasts():
    for value in (1.0, [1.0], np.ones((3, 1)), np.ones((1, 3))):
        with pytest.raises(AssertionError, match="shape"):
            expect_close(value, np.ones(3), "x")
    with pytest.raises(AssertionError, match="single number"):
        expect_close(np.ones(3), 1.0, "x")


def test_hints_name_the_mistake_that_was_made():
    hints = [(1.0, "same as right, so no mistake"), (57.3, "in degrees"), ([1.0, 2.0], "a list")]
    with pytest.raises(AssertionError, match="angle is not right yet: in degrees"):
        expect_close(57.3, 1.0, "angle", hints=hints)
    with pytest.raises(AssertionError, match="angle is not right yet: you have 2"):
        expect_close(2.0, 1.0, "angle", hints=hints)
    expect_close(1.0, 1.0, "angle", hints=hints)
    hints = [(np.arange(6.0).reshape(3, 2), "not transposed"), (np.zeros((2, 3)), "all zero")]
    with pytest.raises(AssertionError, match="all zero"):
        expect_close(np.zeros((2, 3)), np.ones((2, 3)), "x", hints=hints)


def test_close_says_where_arrays_differ():
    with pytest.raises(AssertionError, match=r"2 of 4 values differ \(1, 3\)"):
        expect_close([1, 0, 1, 0], np.ones(4), "x")
    with pytest.raises(AssertionError, match=r"1 of 4 values differ \(first at \[1 0\]\)"):
        expect_close([[1, 1], [0, 1]], np.ones((2, 2)), "x")


class Grader:
    """Record how otter is asked."""

    def __init__(self, *paths):
        self.paths, self.exported = paths, []

    def export(self, **options):
        self.exported.append(options)


@pytest.fixture
def otter(monkeypatch, tmp_path):
    """Stand in an empty folder, with a recorder in otter's place."""
    monkeypatch.chdir(tmp_path)
    module = ModuleType("otter")
    module.Notebook = type("Notebook", (Grader,), {})
    monkeypatch.setitem(sys.modules, "otter", module)
    return module


def write(path, *cells, assignment="01_perceptrons"):
    """Write a notebook that says which assignment it is, of (kind, source) cells."""
    metadata = {"brainlike": {"assignment": assignment}} if assignment else {}
    cells = [{"cell_type": kind, "source": source} for kind, source in cells]
    path.write_text(json.dumps({"cells": cells, "metadata": metadata}), encoding="utf-8")


def test_grader_finds_the_notebook(otter, tmp_path, capsys):
    write(tmp_path / "01_perceptrons (1).ipynb")
    write(tmp_path / "02_cnn_hierarchy.ipynb", assignment="02_cnn_hierarchy")
    (tmp_path / "broken.ipynb").write_text("{")
    assert open_grader("01_perceptrons").paths == ("01_perceptrons (1).ipynb",)
    write(tmp_path / "01_perceptrons.ipynb", assignment=None)  # the chapter of the same name
    assert open_grader("01_perceptrons").paths == ("01_perceptrons (1).ipynb",)
    assert capsys.readouterr().out == ""
    write(tmp_path / "01_perceptrons.ipynb")
    grader = open_grader("01_perceptrons")
    assert grader.paths == ("01_perceptrons.ipynb",) and type(grader) is otter.Notebook
    assert "lie beside 01_perceptrons.ipynb: 01_perceptrons (1).ipynb." in capsys.readouterr().out


def test_grader_takes_a_file_that_says_nothing_by_its_name(otter, tmp_path):
    """As in the sandbox of `make grade`, where the file is empty."""
    (tmp_path / "01_perceptrons.ipynb").touch()
    grader = open_grader("01_perceptrons")
    assert grader.paths == ("01_perceptrons.ipynb",) and type(grader) is otter.Notebook


@pytest.mark.parametrize("copies", [[], ["a.ipynb", "b.ipynb"]])
def test_every_check_says_that_no_notebook_is_found(otter, tmp_path, copies, capsys):
    for name in copies:
        write(tmp_path / name)
    grader = open_grader("01_perceptrons")
    for use in (lambda: grader.check("q1"), grader.check_all, lambda: grader.export(pdf=False)):
        assert "01_perceptrons.ipynb is not in the working folder" in capsys.readouterr().out
        use()
    assert ("there are a.ipynb, b.ipynb" in capsys.readouterr().out) == bool(copies)


def test_otters_own_autograder_needs_no_file(otter, capsys):
    otter.Notebook._grading_mode = True
    assert open_grader("01_perceptrons").paths == () and capsys.readouterr().out == ""


STUBS = [
    ("code", "%matplotlib inline\nbroken = ..."),
    ("code", "def f(x):\n    'Doc.'\n    ..."),
    ("code", "def g(x):\n    return x[..., 0]\n\n\nparts = [1, ...]\na = b = ...\nc = parts[...]"),
    ("code", "if f is not ...:\n    print(f)"),
    ("markdown", "_Type your answer here, replacing this text._"),
]


def test_export_says_which_file_it_packs(otter, tmp_path, capsys):
    path = tmp_path / "01_perceptrons.ipynb"
    write(path, *STUBS)
    grader = open_grader("01_perceptrons")
    os.utime(path, (time.time() - 400,) * 2)
    grader.export(pdf=False)
    said = capsys.readouterr().out
    assert "Packing 01_perceptrons.ipynb as it was saved 6 minutes ago (at " in said
    assert "still open: f(), parts, a, the written answer. If you" in said
    assert grader.exported == [{"pdf": False}]
    write(path, ("code", "def f(x):\n    return x"), ("markdown", "My answer."))
    write(tmp_path / "mine.ipynb", *STUBS)
    grader.export(pdf=False)
    said = capsys.readouterr().out
    assert "seconds ago" in said and "still open" not in said and "beside" in said
    assert "mine.ipynb" in said
    path.unlink()
    grader.export(pdf=False)  # otter's own words
    assert len(grader.exported) == 3


def test_grader_without_otter_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "otter", None)
    with pytest.raises(ModuleNotFoundError, match="pip install otter-grader==7"):
        open_grader("01_perceptrons")


def test_grader_on_colab_writes_the_tests_of_the_open_notebook(otter, monkeypatch, tmp_path):
    notebook = {"metadata": {"otter": {"tests": {"q1": "name = 'q1'"}}}}
    message = SimpleNamespace(blocking_request=lambda *_, **__: {"ipynb": notebook})
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    colab = ModuleType("google.colab")
    colab._message = message
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    assert open_grader("01_perceptrons").paths == ()
    assert (tmp_path / "tests/q1.py").read_text() == "name = 'q1'"


def test_otter_version_is_the_one_that_the_tests_prove():
    assert f"otter-grader=={version('otter-grader')}" == assignments.OTTER
