"""Fingerprints follow what code does, and nothing else."""

import importlib.util
import sys

import pytest

from brainlike.networks.fingerprints import fingerprint

PLAIN = """
import math
N = 3
def area(radius):
    return math.pi * radius**2
class Circle:
    unit = "cm"
    def size(self, scale=1.0):
        return scale * N
"""
DRESSED = '''
"""A module that has moved."""
from math import pi, tau  # other imports
import math

N: int = 3  # annotated


def area(radius: float) -> float:
    """Return the area."""
    return math.pi * radius**2  # the usual formula


class Circle:
    """A circle."""

    name: str
    unit = "cm"

    def size(self, scale: float = 1.0) -> float:
        """Return the size."""
        return (scale * N)
'''
CHANGES = [
    ("radius**2", "radius**3"),
    ("N = 3", "N = 4"),
    ("scale=1.0", "scale=1.5"),
    ("return scale * N", "return N * scale"),
    ('"cm"', '"mm"'),
    ("    return math.pi * radius**2", "    if radius:\n        return math.pi * radius**2"),
]


@pytest.fixture
def load(tmp_path):
    """Import a text as a module of its own."""
    loaded = []

    def load(text):
        path = tmp_path / f"module_{len(loaded)}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        loaded.append(path.stem)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module

    yield load
    for name in loaded:
        del sys.modules[name]


def test_comments_docstrings_imports_and_annotations_do_not_count(load):
    assert fingerprint(load(PLAIN)) == fingerprint(load(DRESSED))


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_whatever_changes_the_result_counts(load, old, new):
    changed = PLAIN.replace(old, new)
    assert changed != PLAIN
    assert fingerprint(load(changed)) != fingerprint(load(PLAIN))


def test_functions_and_classes_have_their_own(load):
    module, other = load(PLAIN), load(PLAIN.replace("scale * N", "scale + N"))
    assert fingerprint(module.area) == fingerprint(other.area)
    assert fingerprint(module.Circle) != fingerprint(other.Circle)
    assert fingerprint(module.area, module.Circle) != fingerprint(module.area)


def test_it_is_the_same_in_every_version_of_python(load):
    # What Python 3.11, 3.12 and 3.13 gave when this was written.
    assert fingerprint(load(PLAIN)) == "568b84b09c86"
