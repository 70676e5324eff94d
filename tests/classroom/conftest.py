"""Derived assignments, each made once a test process."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from submissions import TERMS

from classroom.assign import MASTERS, derive


def pytest_generate_tests(metafunc):
    """Run a test that asks for `assignment` once for each master notebook."""
    if "assignment" in metafunc.fixturenames:
        names = sorted(path.stem for path in MASTERS.glob("*.ipynb"))
        metafunc.parametrize("assignment", names)


@pytest.fixture(scope="session")
def derived(tmp_path_factory):
    """Return a function: name and term to the folder and master of a derived assignment."""

    @cache
    def make(name: str, term: str = TERMS[0]):
        folder = Path(tmp_path_factory.mktemp("assignments"), name)
        master = derive(MASTERS / f"{name}.ipynb", term, folder)
        return SimpleNamespace(folder=folder, master=master)

    return make
