"""One announcement, what reading may raise, and the parameter that a docstring gains."""

import doctest
import inspect

import pytest

from brainlike.datasets.recorded import _stand_ins
from brainlike.datasets.recorded._stand_ins import (
    announce_stand_in,
    explain_strict,
    read_or_simulate,
)
from brainlike.datasets.recorded.registry import ChecksumError, DataUnavailable


@pytest.fixture
def fetched(monkeypatch):
    """Every file is there: its place is its name, behind the set's."""
    monkeypatch.setattr(
        _stand_ins, "fetch_files", lambda dataset, names: [f"{dataset}/{name}" for name in names]
    )


def never():
    raise AssertionError("there is nothing to simulate")


def raises(error):
    def read(*paths):
        raise error

    return read


def test_reads_the_files_in_the_order_of_their_names(fetched, capsys):
    read = read_or_simulate("toy", ("b", "a"), lambda *paths: paths, never, strict=False)
    assert read == ("toy/b", "toy/a")
    assert capsys.readouterr().out == ""


def test_a_set_that_is_missing_while_reading_is_simulated_too(fetched, nothing_here, capsys):
    read = raises(DataUnavailable("other", "no answer"))
    assert read_or_simulate("toy", ["a"], read, lambda: "invented", strict=False) == "invented"
    assert "python -m brainlike fetch other\n" in capsys.readouterr().out
    with pytest.raises(DataUnavailable, match="other"):
        read_or_simulate("toy", ["a"], read, never, strict=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [ChecksumError("damaged"), ValueError("odd"), OSError("full")])
def test_other_errors_are_not_hidden_behind_a_stand_in(error, fetched):
    with pytest.raises(type(error), match=str(error)):
        read_or_simulate("toy", ["a"], raises(error), never, strict=False)


def test_stand_in_is_said_once_a_set_with_the_command(nothing_here, capsys):
    for _ in range(2):
        announce_stand_in(DataUnavailable("toy", "no answer"))
    said = capsys.readouterr().out
    assert said.count("SIMULATED") == 1
    assert "(no answer)" in said and "python -m brainlike fetch toy\n" in said
    announce_stand_in(DataUnavailable("other", "no answer"))
    assert "python -m brainlike fetch other\n" in capsys.readouterr().out


def test_docstring_without_parameters_gains_them():
    @explain_strict
    def load_toy(*, strict=False):
        """Return a toy.

        Returns
        -------
        Toy

        Examples
        --------
        >>> 1 + 1
        2
        """

    before, after = inspect.getdoc(load_toy).split("Returns\n")
    assert before.startswith("Return a toy.\n\nParameters\n----------\nstrict : bool, optional\n")
    assert "see `simulate_toy`" in before and before.endswith(".\n\n")
    assert after == "-------\nToy\n\nExamples\n--------\n>>> 1 + 1\n2"
    assert len(doctest.DocTestFinder().find(load_toy, "load_toy")[0].examples) == 1


def test_docstring_with_parameters_has_strict_as_the_last():
    @explain_strict
    def load_toy(colour, *, strict=False):
        """Return a toy.

        Parameters
        ----------
        colour : str
            Of the toy.

        Returns
        -------
        Toy
        """

    text = inspect.getdoc(load_toy)
    assert text.count("Parameters\n") == 1
    assert "    Of the toy.\nstrict : bool, optional\n    Raise `DataUnavailable`" in text


def test_a_loader_without_docstring_still_loads():
    """As with ``python -OO``, which strips them."""

    @explain_strict
    def load_toy(*, strict=False):
        return "toy"

    assert load_toy() == "toy"
