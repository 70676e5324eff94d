"""When must a notebook run again? A key over everything that decides what its cells show.

The key covers the notebook's code cells, the modules of the helper package that these cells
reach (directly or through other modules) and the pinned versions; where those modules load trained
networks, the ones that travel with the book; where they read real data, the registry and which
files are there to be read. Prose is not part of it, except for the expressions whose values it
shows.
"""

import ast
import hashlib
import json
import os
import re
import tomllib
from functools import cache
from pathlib import Path

import platformdirs

PACKAGE = "brainlike"
REAL_DATA = "brainlike.datasets.recorded.registry"
NETWORKS = "brainlike.networks.shipped"
WEIGHTS = Path(PACKAGE, "networks", "weights", "weights.toml")
EXECUTION_TAGS = {"raises-exception", "skip-execution"}
EVALUATED = re.compile(r"\{eval\}`([^`]+)`")


def package_files(root: Path) -> dict[str, Path]:
    """Map the dotted name of each module of the package to its file."""
    files = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def code_of(notebook: dict) -> str:
    """Return the code cells as one Python source, without magics and shell lines."""
    lines = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for line in "".join(cell["source"]).splitlines():
                blank = line.lstrip().startswith(("%", "!"))
                lines.append(line[: len(line) - len(line.lstrip())] + "pass" if blank else line)
    return "\n".join(lines)


def prose_of(cell: dict) -> str:
    """Return what a cell says in words: the text of a Markdown cell, a figure's alt text."""
    if cell["cell_type"] == "code":
        return cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
    return "".join(cell["source"])


def evaluated_in(prose: str) -> list[str]:
    """List the expressions of which the prose shows the value: ``{eval}`expression` ``."""
    return EVALUATED.findall(prose)


def modules_used(source: str, files: dict[str, Path]) -> set[str]:
    """Find the package's modules that a source reaches, directly or through other modules.

    ``from package.sub import name`` counts only the module that defines ``name`` when the
    ``__init__`` merely passes it on, so that a chapter depends on what it uses and not on its
    neighbours.

    Parameters
    ----------
    source : str
        Python code of a notebook.
    files : dict of str to Path
        The package, as :func:`package_files` returns it.

    Returns
    -------
    set of str
        Dotted module names.

    Raises
    ------
    SyntaxError
        If the source is not valid Python.
    """
    sources = {name: path.read_text("utf-8") for name, path in files.items()}
    is_package = {name for name, path in files.items() if path.name == "__init__.py"}
    reached: set[str] = set()
    waiting = list(_imports(source, "", False))
    while waiting:
        module, name = waiting.pop()
        if module not in sources:
            continue
        if name and f"{module}.{name}" in sources:
            module, name = f"{module}.{name}", None
        if module in is_package:
            passed_on = _imports(sources[module], module, True)
            if name == "*" or name is None:
                waiting += passed_on
            else:
                origin = [(m, n) for m, n in passed_on if n == name]
                if origin and origin != [(module, name)]:
                    waiting += origin
                    continue
                waiting += passed_on
        if module not in reached:
            reached.add(module)
            waiting += _imports(sources[module], module, module in is_package)
    return reached


@cache  # each chapter asks for the same modules
def _imports(source: str, module: str, is_package: bool) -> tuple[tuple[str, str | None], ...]:
    """List (module, name) of each import of the package's own modules."""
    found: list[tuple[str, str | None]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                drop = node.level - (1 if is_package else 0)
                here = ".".join(parts[: len(parts) - drop])
                base = f"{here}.{base}" if base else here
            found += [(base, alias.name) for alias in node.names]
    return tuple((m, n) for m, n in found if m == PACKAGE or m.startswith(PACKAGE + "."))


def real_data_seen(root: Path) -> list[tuple[str, int]]:
    """List the registered real files that a loader would find now, each with its size.

    A loader looks in ``BRAINLIKE_DATA`` and then in the cache. Turning that variable on or off,
    or a download, therefore changes what the chapters show.
    """
    registry = root / "datasets" / "registry.toml"
    if not registry.exists():
        return []
    cache = os.environ.get("BRAINLIKE_CACHE") or platformdirs.user_cache_path(PACKAGE)
    folders = [Path(cache).expanduser() / "real"]
    if os.environ.get("BRAINLIKE_DATA"):
        folders.insert(0, Path(os.environ["BRAINLIKE_DATA"]).expanduser())
    seen = []
    for dataset, entry in tomllib.loads(registry.read_text("utf-8")).items():
        for file in entry.get("files", []) if isinstance(entry, dict) else []:
            name = f"{dataset}/{file['path']}"
            found = [folder / name for folder in folders if (folder / name).is_file()]
            if found:
                seen.append((name, found[0].stat().st_size))
    return sorted(seen)


def reads_real_data(notebook: dict, root: Path) -> bool:
    """Whether the notebook's code reaches the part of the package that reads real data."""
    return REAL_DATA in modules_used(code_of(notebook), package_files(root))


def notebook_key(notebook: dict, root: Path) -> str:
    """Return the hash of all that decides what the notebook's cells show, real data excepted."""
    files = package_files(root)
    modules = modules_used(code_of(notebook), files)
    parts = {
        "cells": [part for cell in notebook["cells"] for part in _what_runs(cell)],
        "kernel": notebook["metadata"].get("kernelspec", {}).get("name"),
        "modules": {name: _digest(files[name]) for name in sorted(modules)},
        "constraints": _digest(root / "constraints.txt"),
    }
    if NETWORKS in modules:
        parts["networks"] = [os.environ.get("BRAINLIKE_NETWORKS", ""), _digest(root / WEIGHTS)]
    if REAL_DATA in modules:
        offline = bool(os.environ.get("BRAINLIKE_OFFLINE"))
        parts["real data"] = [_digest(root / "datasets" / "registry.toml"), offline]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _what_runs(cell: dict) -> list:
    shown = evaluated_in(prose_of(cell))
    if cell["cell_type"] != "code":
        return shown
    tags = sorted(EXECUTION_TAGS & set(cell["metadata"].get("tags", [])))
    return [["".join(cell["source"]), tags, *shown]]


def data_key(root: Path) -> str:
    """Return the hash of which real data are there to be read."""
    return hashlib.sha256(json.dumps(real_data_seen(root)).encode()).hexdigest()


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
