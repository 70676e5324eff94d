"""The build's own logic, on a tiny book: what runs again, what fails, what is left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat.v4
import psutil
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "book"))

from brainlike._files import write_whole
from builder.keys import data_key, modules_used, notebook_key, package_files

ROOT = Path(__file__).resolve().parents[1]
CONFIG = """
title: Tiny
only_build_toc_files: true
execute: {execute_notebooks: "off"}
"""
TOC = """
format: jb-book
root: book/welcome
chapters:
  - file: notebooks/01_first
  - file: notebooks/02_second
"""
RECORD = {
    "id": "tiny/answer",
    "title": "The answer",
    "value": 42.0,
    "bound": "42 ± 0",
    "published": None,
    "citation": None,
    "control": "another question: 7",
    "data": "simulated",
    "passed": True,
}
CLAIM = f"""
from IPython.display import display

bundle = {{"text/plain": "claim", "application/vnd.brainlike.claim+json": {RECORD!r}}}
display(bundle, raw=True)
"""


def write_notebook(path: Path, *cells: str) -> None:
    """Write a notebook; a cell that starts with '#' and a space is prose."""
    made = [
        nbformat.v4.new_markdown_cell(text, id=f"cell-{i}")
        if text.startswith("# ")
        else nbformat.v4.new_code_cell(text, id=f"cell-{i}")
        for i, text in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
    path.write_text(nbformat.writes(book), "utf-8")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A book of two chapters; the first uses brainlike.one, the second brainlike.two."""
    for folder in ("book", "notebooks", "brainlike", "datasets"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "constraints.txt").write_text("")
    (tmp_path / "book" / "welcome.md").write_text("# Welcome\n\nHello.\n")
    (tmp_path / "brainlike" / "__init__.py").write_text("")
    shutil.copy2(ROOT / "brainlike" / "_files.py", tmp_path / "brainlike")  # the builder's, too
    (tmp_path / "brainlike" / "one.py").write_text("from brainlike.shared import VALUE\n")
    (tmp_path / "brainlike" / "shared.py").write_text("VALUE = 41\n")
    (tmp_path / "brainlike" / "two.py").write_text("VALUE = 2\n")
    write_notebook(
        tmp_path / "notebooks" / "01_first.ipynb",
        "# First\n\nProse.",
        "from brainlike.one import VALUE\n\nVALUE += 1",
        "# The value is {eval}`VALUE`, and half of it {eval}`f'{VALUE / 2:.1f}'`.",
        CLAIM,
    )
    write_notebook(
        tmp_path / "notebooks" / "02_second.ipynb",
        "# Second",
        "from brainlike import two\n\nprint(two.VALUE)",
    )
    return tmp_path


def command(root: Path, *options: str) -> list[str]:
    return [sys.executable, str(ROOT / "book" / "build.py"), "--root", str(root), *options]


def build(root: Path, *options: str, **variables: str) -> subprocess.CompletedProcess:
    env = {k: v for k, v in os.environ.items() if k not in ("BRAINLIKE_DATA", "BRAINLIKE_OFFLINE")}
    return subprocess.run(
        command(root, *options),
        cwd=root,
        env=env | {"BRAINLIKE_CACHE": str(root / "cache")} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def executed(result: subprocess.CompletedProcess) -> set[str]:
    """Names of the notebooks that this run executed, from the lines that it prints."""
    lines = [
        line for line in result.stdout.splitlines() if line.startswith("  0") and " GB" in line
    ]
    return {line.split(":")[0].strip() for line in lines}


def test_only_what_a_change_touches_runs_again(tiny: Path):
    first = build(tiny, "--only-notebooks")
    assert first.returncode == 0, first.stdout + first.stderr
    assert executed(first) == {"01_first", "02_second"}

    (tiny / "book" / "welcome.md").write_text("# Welcome\n\nEdited.\n")
    notebook = tiny / "notebooks" / "01_first.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("Prose.", "Other prose."), "utf-8")
    assert executed(build(tiny, "--only-notebooks")) == set()

    (tiny / "brainlike" / "shared.py").write_text("VALUE = 410\n")
    assert executed(build(tiny, "--only-notebooks")) == {"01_first"}

    notebook.write_text(notebook.read_text("utf-8").replace("VALUE / 2", "VALUE / 4"), "utf-8")
    assert executed(build(tiny, "--only-notebooks")) == {"01_first"}


def test_site_shows_values_and_collects_claims_and_is_strict_every_time(tiny: Path):
    result = build(tiny)
    assert result.returncode == 0, result.stdout + result.stderr
    html = tiny / "_build" / "html"
    page = (html / "notebooks" / "01_first.html").read_text("utf-8")
    assert "The value is 42, and half of it 21.0." in page
    assert json.loads((html / "claims.json").read_text()) == [{"chapter": "01_first", **RECORD}]
    timing = json.loads((tiny / "_build" / "timing.json").read_text())
    assert timing["01_first"] > 0 and timing["site"] > 0

    assert "already current" in build(tiny).stdout

    good = (html / "book" / "welcome.html").read_bytes()
    (tiny / "book" / "welcome.md").write_text("# Welcome\n\n[nowhere](missing.md)\n")
    for _ in range(2):  # a warm build must not pass over the warning
        result = build(tiny)
        assert result.returncode == 1
        assert "missing.md" in result.stderr
    assert (html / "book" / "welcome.html").read_bytes() == good, "the old site must stay whole"


def test_failing_notebook_stops_the_build_and_the_others_still_run(tiny: Path):
    assert build(tiny, "--only-notebooks").returncode == 0
    write_notebook(tiny / "notebooks" / "01_first.ipynb", "# First", "x = 0", "1 / x  # oops")
    (tiny / "brainlike" / "two.py").write_text("VALUE = 3\n")
    result = build(tiny)
    assert result.returncode == 1
    for expected in ("01_first: FAILED", "code cell 2", "1 / x  # oops", "ZeroDivisionError"):
        assert expected in result.stdout
    assert "01_first" in result.stderr
    assert executed(result) == {"02_second"}
    assert not (tiny / "_build" / "executed" / "01_first.ipynb").exists()
    assert not (tiny / "_build" / "html").exists()


def test_warning_in_a_cell_and_failing_value_in_prose_are_failures(tiny: Path):
    warn = "import warnings\n\nwarnings.warn('beware', stacklevel=1)"
    write_notebook(tiny / "notebooks" / "01_first.ipynb", "# First", warn)
    write_notebook(tiny / "notebooks" / "02_second.ipynb", "# Second, {eval}`missing + 1`")
    result = build(tiny, "--only-notebooks")
    assert result.returncode == 1
    assert "UserWarning: beware" in result.stdout
    assert "missing + 1" in result.stdout and "NameError" in result.stdout


def test_data_folder_may_be_relative_and_must_exist(tiny: Path):
    (tiny / "own").mkdir()
    look = "import os\n\nassert os.path.isdir(os.environ['BRAINLIKE_DATA'])"
    write_notebook(tiny / "notebooks" / "01_first.ipynb", "# First", look)
    assert build(tiny, "--only-notebooks", BRAINLIKE_DATA="own").returncode == 0
    result = build(tiny, "--only-notebooks", BRAINLIKE_DATA="mistyped")
    assert result.returncode == 1
    assert "mistyped, which is not a folder" in result.stderr


def test_interrupt_leaves_no_process_and_nothing_half_made(tiny: Path):
    write_notebook(
        tiny / "notebooks" / "01_first.ipynb",
        "from pathlib import Path\n\nPath('../started').touch()",
        "import time\n\ntime.sleep(60)",
    )
    process = subprocess.Popen(
        command(tiny, "--only-notebooks"),
        stdout=subprocess.DEVNULL,
        # a shell's background jobs ignore Ctrl-C, and would pass that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while not (tiny / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2, "expected a runner and its kernel"
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    made = {path.stem for path in (tiny / "_build" / "executed").glob("*")}
    assert made <= {"02_second"}  # this one may have been finished by then


def test_chapter_depends_only_on_the_modules_it_reaches(tmp_path: Path):
    package = tmp_path / "brainlike"
    (package / "sub").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "alone.py").write_text("")
    (package / "sub" / "__init__.py").write_text(
        "from brainlike.sub.left import f\nfrom .right import g\n\nOWN = 1\n"
    )
    (package / "sub" / "left.py").write_text("def f():\n    from .. import alone\n")
    (package / "sub" / "right.py").write_text("def g(): ...\n")
    files = package_files(tmp_path)

    def reached(source: str) -> set[str]:
        return modules_used(source, files) - {"brainlike"}

    assert reached("from brainlike.sub import f") == {"brainlike.sub.left", "brainlike.alone"}
    assert reached("from brainlike.sub import g") == {"brainlike.sub.right"}
    assert reached("import brainlike.alone as a") == {"brainlike.alone"}
    assert reached("from brainlike import alone") == {"brainlike.alone"}
    everything = {f"brainlike.{name}" for name in ("sub", "sub.left", "sub.right", "alone")}
    assert reached("from brainlike.sub import OWN") == everything
    assert reached("from brainlike import sub") == everything
    assert reached("from brainlike.sub import *") == everything
    assert reached("import numpy") == set()


def test_key_changes_with_versions_and_registry_but_not_with_prose(tiny: Path):
    path = tiny / "notebooks" / "02_second.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    before = notebook_key(notebook, tiny)
    notebook["cells"][0]["source"] = "# Another title"
    assert notebook_key(notebook, tiny) == before
    (tiny / "constraints.txt").write_text("numpy==2.4.6\n")
    pinned = notebook_key(notebook, tiny)
    assert pinned != before
    (tiny / "datasets" / "registry.toml").write_text("")
    assert notebook_key(notebook, tiny) != pinned


def test_data_key_follows_the_real_files_that_are_there(tiny: Path, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tiny / "cache"))
    monkeypatch.delenv("BRAINLIKE_DATA", raising=False)
    registry = '[faces]\ntitle = "Faces"\n[[faces.files]]\npath = "a/b.npy"\nbytes = 3\n'
    (tiny / "datasets" / "registry.toml").write_text(registry)
    none = data_key(tiny)
    own = tiny / "own" / "faces" / "a"
    own.mkdir(parents=True)
    (own / "b.npy").write_bytes(b"abc")
    assert data_key(tiny) == none
    monkeypatch.setenv("BRAINLIKE_DATA", str(tiny / "own"))
    assert data_key(tiny) != none
    (own / "unrelated.npy").write_bytes(b"abc")
    with_data = data_key(tiny)
    monkeypatch.delenv("BRAINLIKE_DATA")
    downloaded = tiny / "cache" / "real" / "faces" / "a"
    downloaded.mkdir(parents=True)
    (downloaded / "b.npy").write_bytes(b"abc")
    assert data_key(tiny) == with_data


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch):
    target = tmp_path / "file.json"
    write_whole(target, "old")

    def broken(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_whole(target, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]
    assert target.read_text() == "old"
