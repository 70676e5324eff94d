"""Imports in the package run downward, and no wing of the data sets knows another."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "brainlike"

# What each part may import of ours, besides itself and helpers such as brainlike._validate.
BELOW = {
    "claims": set(),
    "plots": set(),
    "datasets": set(),
    "networks": {"datasets"},
    "compare": set(),
    "probes": set(),
}
WINGS = {"rendered", "recorded", "simulated"}


def name_of(path, package=PACKAGE):
    """Return a module's dotted name: brainlike.datasets for brainlike/datasets/__init__.py."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path, package=PACKAGE):
    """Return the modules of the package that a module imports anywhere, functions included."""
    known = {name_of(other, package) for other in package.rglob("*.py")}
    here = name_of(path, package).split(".")
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            up = node.level - (path.name == "__init__.py")  # dots count from the package
            base = here[: len(here) - up] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            names = {f"{source}.{alias.name}" for alias in node.names}
            # Of `from brainlike.networks import zoo, train` one is a module, the other is not.
            found |= {name if name in known else source for name in names}
    return {name for name in found if name.split(".")[0] == package.name}


def offences(package=PACKAGE):
    """Return which module imports which other though it may not, as pairs of names."""
    return {
        (name_of(path, package), imported)
        for path in package.rglob("*.py")
        for imported in imports_of(path, package)
        if not may_import(name_of(path, package), imported)
    }


def may_import(module, imported):
    """Tell whether a module may import another, both given by their dotted names."""
    _, part, wing, *_ = *module.split("."), "", ""
    _, other, other_wing, *_ = *imported.split("."), "", ""
    if other.startswith("_"):  # a helper, which lies below everything
        return True
    if part.startswith("_") and part != "__main__":
        return False
    if part not in BELOW:  # the command line and the like lie above everything
        return True
    if part == other == "datasets" and wing in WINGS:
        return other_wing == wing
    return part == other or other in BELOW[part]


@pytest.mark.parametrize(
    ("module", "imported", "allowed"),
    [
        ("brainlike.datasets.rendered.sets", "brainlike.datasets.rendered.shapes.cars", True),
        ("brainlike.datasets.rendered.sets", "brainlike._cache", True),
        ("brainlike.datasets.rendered.sets", "brainlike.datasets.recorded.registry", False),
        ("brainlike.datasets.simulated.fmri", "brainlike.datasets", False),
        ("brainlike.datasets.simulated.fmri", "brainlike.compare.rdm", False),
        ("brainlike.datasets", "brainlike.datasets.recorded.registry", True),
        ("brainlike.networks.nose.zoo", "brainlike.datasets.simulated.odours", True),
        ("brainlike.networks.zoo", "brainlike.compare.ridge", False),
        ("brainlike.compare.rdm", "brainlike.datasets", False),
        ("brainlike.probes.lesions", "brainlike.networks.activations", False),
        ("brainlike.plots", "brainlike.claims", False),
        ("brainlike.claims", "brainlike", False),
        ("brainlike._cache", "brainlike._files", True),
        ("brainlike._cache", "brainlike.datasets", False),
        ("brainlike.__main__", "brainlike.networks.zoo", True),
    ],
)
def test_the_rule(module, imported, allowed):
    assert may_import(module, imported) is allowed


def test_every_way_to_import_is_seen(tmp_path):
    package = tmp_path / "brainlike"
    files = {
        "__init__": "",
        "plots": "",
        "networks/__init__": "",
        "networks/zoo": "",
        "datasets/__init__": "",
        "datasets/recorded/__init__": "from . import registry\nfrom .. import rendered",
        "datasets/recorded/registry": (
            "import os\nimport brainlike.plots as plots\n"
            "from ..rendered.sets import load\n"
            "from brainlike.networks import zoo, train\n"
            "def late():\n    from brainlike.datasets import rendered\n"
        ),
        "datasets/rendered/__init__": "",
        "datasets/rendered/sets": "import brainlikeness\nfrom ._hidden import x",
    }
    for name, text in files.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    registry = "brainlike.datasets.recorded.registry"
    assert offences(package) == {
        ("brainlike.datasets.recorded", "brainlike.datasets.rendered"),
        (registry, "brainlike.plots"),
        (registry, "brainlike.datasets.rendered.sets"),
        (registry, "brainlike.datasets.rendered"),
        (registry, "brainlike.networks.zoo"),
        (registry, "brainlike.networks"),
    }


def test_the_package_keeps_the_rule():
    assert offences() == set()


def test_the_wings_are_all_there_and_only_the_door_gathers_them():
    folders = {path.parent.name for path in PACKAGE.glob("datasets/*/__init__.py")}
    assert folders == WINGS
    assert [path.name for path in PACKAGE.glob("datasets/*.py")] == ["__init__.py"]
    imported = imports_of(PACKAGE / "datasets/__init__.py")
    assert {name.split(".")[2] for name in imported} == WINGS
