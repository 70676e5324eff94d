"""What is installed where: by each `make` target, on Binder, in the dev container, on Colab."""

import ast
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BINDER = ROOT / ".binder"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
# Where the modules of our own lie that are not installed.
FOLDERS = [ROOT, *(ROOT / p for p in ("book", "book/_ext", "tests/site", "tests/classroom"))]
# What each target runs.
PROGRAMS = {
    "book": ["book/build.py", "book/builder/run_notebook.py", "book/_ext/*.py"],
    "pdf": ["book/pdf.py"],
    "assignments": ["classroom/assign.py", "classroom/verify.py"],
    "grade": ["classroom/*.py"],
    "test": ["tests/**/*.py"],
    "site-test": ["tests/site/*.py"],
    "cohort-test": ["tests/classroom/*.py"],
    "bench": ["benchmarks/*.py"],
}
# What the package uses where it is: on Colab, and where assignments are solved.
WHERE_IT_IS = {"google", "otter"}


def targets() -> set[str]:
    """Names of the Makefile's targets."""
    return set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def extras_of(target: str) -> set[str]:
    """Extras that are installed when a target runs: the book's, and those of its own part."""
    part = re.search(rf"^{target}: \$\(READY\)(?:-(\w+))?(?: |$)", MAKEFILE, re.MULTILINE)[1]
    listed = re.search(rf"^WITH_{part} := (.+)$", MAKEFILE, re.MULTILINE)
    own = listed[1].split() if listed else [part] if part else []
    return {"book", *own}


@cache
def brought_by(name: str, extras: frozenset[str]) -> frozenset[str]:
    """Names of all distributions that installing one of them brings, itself included."""
    found = {name}
    for line in requires(name) or []:
        wanted = Requirement(line)
        if wanted.marker and not any(
            wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            continue
        found |= brought_by(canonicalize_name(wanted.name), frozenset(wanted.extras))
    return frozenset(found)


def installed_with(extras: Iterable[str]) -> set[str]:
    """Names of all distributions that the package with these extras brings."""
    lists = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in lists[extra])]
    wanted = [Requirement(line) for line in lines]
    brought = (brought_by(canonicalize_name(one.name), frozenset(one.extras)) for one in wanted)
    return set().union(*brought)


def imports_in(source: str) -> Iterator[tuple[str, ...]]:
    """Yield the parts of each imported module's name, those in functions included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((*node.module.split("."), alias.name) for alias in node.names)


def third_party(sources: list[str]) -> set[str]:
    """Top-level names of other people's modules that sources import, or our modules for them."""
    found, read = set(), set()
    while sources:
        for parts in imports_in(sources.pop()):
            places = [Path(folder, *parts[:n]) for folder in FOLDERS for n in (1, 2, 3)]
            files = {place.with_suffix(".py") for place in places}
            own = {file for file in files | {p / "__init__.py" for p in places} if file.is_file()}
            sources += [file.read_text("utf-8") for file in own - read]
            read |= own
            if not own and parts[0] not in sys.stdlib_module_names:
                found.add(parts[0])
    return found


def missing(sources: list[str], extras: Iterable[str]) -> set[str]:
    """Imports that an environment with these extras does not serve."""
    have, known = installed_with(extras), packages_distributions()
    return {
        name
        for name in third_party(sources)
        if not have & {canonicalize_name(one) for one in known.get(name, [])}
    }


@pytest.mark.parametrize("target", PROGRAMS)
def test_target_installs_what_it_imports(target: str):
    paths = [path for pattern in PROGRAMS[target] for path in ROOT.glob(pattern)]
    assert paths
    sources = [path.read_text("utf-8") for path in paths]
    lacking = missing(sources, extras_of(target))
    assert lacking <= WHERE_IT_IS
    assert "otter" not in lacking or target in ("book", "pdf")


def test_package_and_notebooks_need_no_extra():
    cells = [
        "".join(cell["source"])
        for path in NOTEBOOKS
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    package = [path.read_text("utf-8") for path in (ROOT / "brainlike").rglob("*.py")]
    assert missing(cells + package, []) <= WHERE_IT_IS


def test_programs_of_the_environment_are_installed_where_they_are_called():
    called = re.findall(r"^([a-z-]+):.*\n(?:\t.*\n)*?\t@?\$\(BIN\)/(\w+) ", MAKEFILE, re.MULTILINE)
    programs = {(target, program) for target, program in called if program != "python"}
    assert programs == {("test", "ruff"), ("lab", "jupyter")}
    assert "ruff" in installed_with(extras_of("test"))
    assert {"jupyterlab", "ipykernel"} <= installed_with(extras_of("lab"))
    assert {"pytest-xdist", "pytest"} <= installed_with(extras_of("site-test"))


def test_workflows_and_proof_call_targets_that_the_makefile_has():
    scripts = [ROOT / ".ci" / "run", *(ROOT / ".github" / "workflows").glob("*.yml")]
    called = {
        name
        for script in scripts
        for line in script.read_text("utf-8").splitlines()
        if not line.lstrip().startswith("#")
        for name in re.findall(r"\bmake ([a-z-]+)(?=[\s\"&|]|$)(?!,)", line)
    }
    assert called >= {"book", "test", "networks"}
    assert called <= targets()


def dev_container() -> dict:
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8")
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


def minor_version(text: str) -> tuple[int, int]:
    found = re.search(r"(\d+)\.(\d+)", text)
    return int(found[1]), int(found[2])


def test_binder_installs_the_pinned_versions_of_extras_that_exist():
    script = (BINDER / "postBuild").read_text("utf-8")
    assert os.access(BINDER / "postBuild", os.X_OK), "repo2docker runs only what is executable"
    assert "constraints.txt" in script and '-c "$pins"' in script
    extras = re.search(r"\.\[([\w,]+)\]", script)[1].split(",")
    assert set(extras) <= set(PROJECT["optional-dependencies"])
    assert "lab" in extras


def test_binder_and_container_have_a_python_that_the_package_takes():
    least = minor_version(PROJECT["requires-python"])
    binder = yaml.safe_load((BINDER / "environment.yml").read_text("utf-8"))["dependencies"]
    python = next(one for one in binder if isinstance(one, str) and one.startswith("python="))
    assert minor_version(python) >= least
    assert minor_version(dev_container()["image"].rpartition(":")[2]) >= least


def test_container_uses_targets_that_the_makefile_has():
    container = dev_container()
    commands = " && ".join(v for k, v in container.items() if k.endswith("Command"))
    called = re.findall(r"\bmake ([\w./-]+)", commands)
    assert called, "the container sets nothing up"
    assert set(called) <= targets()
    python = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python.endswith("/.venv/bin/python")
    assert any(
        mount.count("target=${containerWorkspaceFolder}/.venv,") for mount in container["mounts"]
    ), "the host's .venv must not be seen in the container"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_first_cell_installs_from_the_public_address_only_when_missing(path: Path, monkeypatch):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    first = "".join(next(c for c in cells if c["cell_type"] == "code")["source"])
    ran: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: ran.append(command))
    exec(compile(first, path.name, "exec"), {})
    assert ran == [], "the package is here, nothing has to be installed"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    exec(compile(first, path.name, "exec"), {})
    assert len(ran) == 1 and f"git+{PROJECT['urls']['Homepage']}" in ran[0]


def test_readme_launches_a_notebook_that_exists():
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.findall(r"(?:blob/main|lab/tree)/(notebooks/[\w.]+\.ipynb)", text)
    assert len(named) == 2
    assert all((ROOT / name).is_file() for name in named)
