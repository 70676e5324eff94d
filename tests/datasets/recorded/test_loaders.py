"""What all loaders of real data have in common: docstrings, stand-ins, `strict`, damaged files."""

import importlib
import inspect
import pkgutil
import re
from dataclasses import fields, is_dataclass
from functools import cache, partial
from typing import get_type_hints

import numpy as np
import pytest

from brainlike import datasets
from brainlike.datasets import recorded
from brainlike.datasets.recorded.registry import (
    ChecksumError,
    DataUnavailable,
    dataset_entry,
    registry,
)

MODULES = [
    importlib.import_module(f"{recorded.__name__}.{module.name}")
    for module in pkgutil.iter_modules(recorded.__path__)
]
LOADERS = {
    name: function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if name.startswith("load_") and function.__module__ == module.__name__
}
ENTRIES = tuple(registry().values())
SMALL = {"load_cowley_v4": ("210325",)}  # a quarter of the images of the default session
each_loader = pytest.mark.parametrize("load", LOADERS.values(), ids=LOADERS)


def small(function):
    """Return a loader, or a function that simulates, with the arguments that make it quick."""
    name = function.__name__.replace("simulate_", "load_", 1)
    return partial(function, *SMALL.get(name, ()))


def simulator_of(load):
    return getattr(inspect.getmodule(load), load.__name__.replace("load_", "simulate_", 1))


@cache
def stand_in(load):
    return small(simulator_of(load))()


def attributes_of(kind):
    """Return name and type of each attribute that a dataclass documents."""
    section = inspect.getdoc(kind).split("Attributes\n----------\n")[1]
    lines = re.findall(r"^(\w[\w, ]*) : (.*)$", section, re.MULTILINE)
    return {name: described for names, described in lines for name in names.split(", ")}


def assert_is_as_documented(data):
    """Compare each array's shape and type with the docstring of its dataclass.

    A word instead of a number, as in ``(n_stimuli, n_neurons)``, must mean the same wherever it
    stands in one docstring.
    """
    words = {}
    for name, described in attributes_of(type(data)).items():
        value = getattr(data, name)
        documented = re.search(r"\((.+)\) (\w*) ?arrays?\b", described)
        for array in value.values() if isinstance(value, dict) else [value]:
            assert isinstance(array, np.ndarray) <= bool(documented), name
            if array is None or not documented:
                continue
            dimensions, dtype = documented.groups()
            expected = [
                int(one) if one.isdigit() else one for one in re.findall(r"\w+", dimensions)
            ]
            found = array.shape
            assert len(found) == len(expected), name
            for size, one in zip(found, expected, strict=True):
                assert size == (one if isinstance(one, int) else words.setdefault(one, size)), name
            if dtype:
                plain = "str" if array.dtype.kind == "U" else array.dtype.name
                assert plain.startswith(dtype), name
        if isinstance(value, tuple) and is_dataclass(value[0]):
            for part in value:
                assert_is_as_documented(part)


def same(one, other):
    """Tell whether two values are equal in every array that they hold."""
    if is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return one == other


def test_there_are_loaders_and_the_package_offers_each():
    assert len(LOADERS) >= 12
    for name, load in LOADERS.items():
        assert name in datasets.__all__ and getattr(datasets, name) is load


@each_loader
def test_docstring_says_what_comes_back_what_strict_does_and_who_to_cite(load):
    text = inspect.getdoc(load)
    headings = re.findall(r"^(\w+)\n-+$", text, re.MULTILINE)
    order = ["Parameters", "Returns", "Raises", "References", "Examples"]
    assert headings == [heading for heading in order if heading in headings]
    _, *bodies = re.split(r"^\w+\n-+\n", text, flags=re.MULTILINE)
    sections = dict(zip(headings, bodies, strict=True))
    described = re.findall(r"^(\w+) : ", sections["Parameters"], re.MULTILINE)
    assert described == list(inspect.signature(load).parameters)
    strict = sections["Parameters"].split("strict : bool, optional\n")[1]
    for word in ("DataUnavailable", f"`{simulator_of(load).__name__}`", "ChecksumError"):
        assert word in strict
    assert sections["Returns"].strip() == get_type_hints(load)["return"].__name__
    assert re.search(r"\(\d{4}\)", sections["References"])
    assert inspect.signature(load).parameters["strict"].kind is inspect.Parameter.KEYWORD_ONLY


@each_loader
def test_every_field_is_documented_and_the_source_names_the_citation(load):
    kind = get_type_hints(load)["return"]
    attributes = attributes_of(kind)
    assert set(attributes) == {field.name for field in fields(kind)}
    assert attributes["source"] == attributes["citation"] == "str"
    assert kind.citation in {entry.citation for entry in ENTRIES}


@each_loader
def test_stand_in_has_the_shapes_that_are_documented(load):
    assert_is_as_documented(stand_in(load))


@each_loader
def test_stand_in_says_what_it_is_once_and_is_the_same_each_time(load, nothing_here, capsys):
    data = small(load)()
    assert type(data) is get_type_hints(load)["return"]
    assert data.source == "simulated"
    said = capsys.readouterr().out
    assert said.count("SIMULATED") == 1
    assert f"python -m brainlike fetch {needed_by(load)}\n" in said
    again = small(load)()
    assert capsys.readouterr().out == ""
    assert same(data, again) and same(data, stand_in(load))


@each_loader
def test_stand_in_is_seeded(load):
    simulate = simulator_of(load)
    if "seed" not in inspect.signature(simulate).parameters:
        pytest.skip("is drawn, not random")
    assert not same(stand_in(load), small(simulate)(seed=1))


def needed_by(load):
    """Return the set that a loader asks for where there is nothing."""
    with pytest.raises(DataUnavailable, match="is not available") as refused:
        small(load)(strict=True)
    return refused.value.dataset


@each_loader
def test_strict_refuses_a_stand_in_and_says_how_to_get_the_set(load, nothing_here, capsys):
    dataset = needed_by(load)
    with pytest.raises(DataUnavailable, match=f"run `python -m brainlike fetch {dataset}`"):
        small(load)(strict=True)
    assert capsys.readouterr().out == ""


@each_loader
@pytest.mark.parametrize("strict", [False, True])
def test_damaged_file_is_an_error_and_leaves_the_cache(load, strict, nothing_here, tmp_path):
    dataset = needed_by(load)
    for file in dataset_entry(dataset).files:
        path = tmp_path / "real" / dataset / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"damaged")
    with pytest.raises(ChecksumError, match="is damaged or another version") as refused:
        small(load)(strict=strict)
    kept = [
        (tmp_path / "real" / dataset / file.path).exists()
        for file in dataset_entry(dataset).files
        if file.path in str(refused.value)
    ]
    assert kept == [False]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("load_cowley_v4", "'190923'; choose one of 201025, 210225, 210325"),
        ("load_hallem", "'190923'; choose one of door, wang2021"),
    ],
)
def test_unknown_part_of_a_set_is_refused_before_anything_is_fetched(
    name, complaint, nothing_here, capsys
):
    """If it were fetched first, `strict` would raise `DataUnavailable`, which is no ValueError."""
    for strict in (True, False):
        with pytest.raises(ValueError, match=complaint):
            LOADERS[name]("190923", strict=strict)
    assert capsys.readouterr().out == ""


@pytest.mark.real_data
@each_loader
def test_real_set_has_the_shapes_that_are_documented(load, capsys):
    data = small(load)(strict=True)
    assert data.source == "real"
    assert type(data) is type(stand_in(load))
    assert_is_as_documented(data)
    assert capsys.readouterr().out == ""
