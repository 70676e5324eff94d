"""What must hold in the repository as a whole: addresses, pinned versions, the data registry."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

from brainlike.datasets.recorded.registry import registry

ROOT = Path(__file__).parents[1]

# Written in parts, so that this file does not contain what it forbids.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted"),
        ("registry", "npmjs"),
        ("registry", "yarnpkg"),
        ("deb", "debian"),
        ("download", "pytorch"),
        ("conda", "anaconda"),
    )
]
# A path of one machine, not the end of a longer path or address that contains the same word.
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:" + "work/|root/|tmp/" + "bl|home/" + r"\w+/)")


@cache
def project():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return tomllib.load(stream)["project"]


def committed_files():
    """Return the files that git tracks or would track; none where git is missing."""
    if shutil.which("git") is None:
        return []
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return sorted(path for path in paths if path.is_file())


def text_of(path):
    """Return a file's text; of a binary file, none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


each_file = pytest.mark.parametrize(
    "path", committed_files(), ids=lambda path: path.relative_to(ROOT).as_posix()
)


@each_file
def test_names_no_package_registry_and_no_machine_path(path):
    text = text_of(path)
    assert not [host for host in REGISTRY_HOSTS if host in text]
    assert not MACHINE_PATHS.findall(text)


@each_file
def test_names_one_repository_address(path):
    owner, name = project()["urls"]["Homepage"].split("/")[-2:]
    text = text_of(path)
    named = re.findall(rf"(?:github\.com/|/github/|/gh/)([\w.-]+)/{name}\b", text)
    named += re.findall(rf"([\w-]+)\.github\.io/{name}\b", text)
    assert set(named) <= {owner}


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("_config.yml", r"^repository:\n(?: .*\n)*?  url: {}\s*$"),
        ("CITATION.cff", r"^repository-code: \"?{}\"?\s*$"),
        ("README.md", r"{}"),
    ],
    ids=["_config.yml", "CITATION.cff", "README.md"],
)
def test_gives_the_repository_address(name, pattern):
    address = re.escape(project()["urls"]["Homepage"])
    assert re.search(pattern.format(address), (ROOT / name).read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize(
    "path",
    [path for path in committed_files() if path.suffix == ".ipynb"],
    ids=lambda path: path.stem,
)
def test_notebooks_are_stripped(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def test_constraints_pin_exact_versions():
    pin = r"[A-Za-z0-9][\w.-]*==[\w.!]+(\s*;.*)?"
    assert not [line for line in pinned() if not re.fullmatch(pin, line)]


def test_every_dependency_is_pinned():
    extras = project()["optional-dependencies"].values()
    wanted = [*project()["dependencies"], *(one for extra in extras for one in extra)]
    names = {normalized(re.match(r"[\w.-]+", one).group()) for one in wanted}
    have = {normalized(line.split("==")[0]) for line in pinned()}
    assert not names - have, "pin these in constraints.txt"


each_dataset = pytest.mark.parametrize("dataset", registry().values(), ids=lambda one: one.name)


@each_dataset
def test_registry_entry_is_complete(dataset):
    assert dataset.title and dataset.licence and dataset.reference
    assert dataset.licence_url.startswith("https://")
    assert isinstance(dataset.thumbnails, bool)
    assert len({file.path for file in dataset.files}) == len(dataset.files) > 0
    for file in dataset.files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert re.match(r"https://[^ ]+/[0-9a-f]{40}/", file.url), "the address names a commit"
        assert file.bytes > 0
        assert not file.path.startswith("/") and ".." not in file.path.split("/")


@each_dataset
def test_registry_entry_has_citation_and_card(dataset):
    bibliography = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    assert re.search(rf"^@\w+\{{{dataset.citation},", bibliography, flags=re.MULTILINE)
    card = (ROOT / f"datasets/{dataset.name}.md").read_text(encoding="utf-8")
    assert card.startswith("# ")
    assert f"{{cite}}`{dataset.citation}`" in card


@pytest.mark.skipif(
    "BRAINLIKE_DATA" not in os.environ, reason="BRAINLIKE_DATA names no folder of real data"
)
@each_dataset
def test_registry_agrees_with_the_files(dataset):
    folder = Path(os.environ["BRAINLIKE_DATA"]) / dataset.name
    for file in dataset.files:
        content = (folder / file.path).read_bytes()
        assert len(content) == file.bytes
        assert hashlib.sha256(content).hexdigest() == file.sha256


def test_the_readme_names_chapters_and_questions_as_the_notebooks_do():
    rows = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text("utf-8"))
        title = "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")
        question = notebook["metadata"]["brainlike"]["question"]
        rows.append(f"| {int(path.stem[:2])}. {title} | {question} |")
    readme = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert [line for line in readme if re.match(r"\| \d+\. ", line)] == rows
