"""The environments that wait behind a button: Binder, dev container, the notebooks' first cells."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BINDER = ROOT / ".binder"


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
    makefile = (ROOT / "Makefile").read_text("utf-8")
    container = dev_container()
    commands = " && ".join(v for k, v in container.items() if k.endswith("Command"))
    targets = re.findall(r"\bmake ([\w./-]+)", commands)
    assert targets, "the container sets nothing up"
    ready = re.search(r"^READY := (.+)$", makefile, re.MULTILINE)[1].replace("$(VENV)", ".venv")
    known = {ready, *re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)}
    assert set(targets) <= known
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
