"""The build's own logic, on a tiny book: what runs again, what fails, what is left behind."""

import json
import os
import re
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
from brainlike.networks import shipped
from builder import budget, execute, keys, pace, reading, run_notebook
from builder.keys import data_key, modules_used, notebook_key, package_files
from builder.stage import with_outputs

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


def test_the_record_has_the_networks_and_the_claims_of_tables(tiny: Path):
    networks = tiny / "brainlike" / "networks"
    networks.mkdir()
    (networks / "__init__.py").write_text("")
    (networks / "keeping.py").write_text("def used():\n    return {'toy-0': 'shipped'}\n")
    pair = [RECORD | {"id": "tiny/one"}, RECORD | {"id": "tiny/two"}]
    shown = CLAIM.replace(repr(RECORD), repr(pair))
    second = tiny / "notebooks" / "02_second.ipynb"
    write_notebook(second, "# Second", f"import brainlike.networks.keeping\n{shown}")
    result = build(tiny, "--only-notebooks")
    assert result.returncode == 0, result.stdout + result.stderr
    folder = tiny / "_build" / "executed"
    first, second = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("01_first", "02_second")
    )
    assert first["networks"] == {} and second["networks"] == {"toy-0": "shipped"}
    assert [record["id"] for record in second["claims"]] == ["tiny/one", "tiny/two"]
    assert [record["id"] for record in first["claims"]] == ["tiny/answer"]


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
    assert len(timing["CPU seconds of code cells"]["01_first"]) == 2

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


def test_alt_texts_are_filled_in_after_their_cell_and_folded_code_says_what_it_is(tiny: Path):
    first = tiny / "notebooks" / "01_first.ipynb"
    notebook = nbformat.read(first, as_version=4)
    figure = nbformat.v4.new_code_cell("VALUE = 7", id="figure")
    figure.metadata["mystnb"] = {"image": {"alt": "It ends at {eval}`VALUE`."}}
    figure.metadata["brainlike"] = {"role": "figure"}
    notebook.cells.append(figure)
    nbformat.write(notebook, first)
    assert build(tiny, "--only-notebooks").returncode == 0
    (chapter, _) = execute.find_chapters(tiny, tiny / "_build", ["01_first", "02_second"])
    merged = with_outputs(chapter.notebook, json.loads(chapter.executed.read_text("utf-8")))
    shown = merged["cells"][-1]["metadata"]
    assert shown["mystnb"]["image"]["alt"] == "It ends at 7."
    assert shown["tags"] == ["hide-input"]
    assert shown["mystnb"]["code_prompt_show"] == "Code of this figure"
    key = chapter.key
    figure.metadata["mystnb"]["image"]["alt"] = "It ends at {eval}`VALUE + 1`."
    nbformat.write(notebook, first)
    assert notebook_key(json.loads(first.read_text("utf-8")), tiny) != key


def test_the_core_path_leaves_out_what_is_deeper_folded_or_an_exercise():
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# One two\n\nThree {eval}`four`."},
        {"cell_type": "code", "metadata": {"brainlike": {"role": "science"}}, "source": "a\n\nb"},
        {
            "cell_type": "code",
            "metadata": {"brainlike": {"role": "figure"}, "mystnb": {"image": {"alt": "A"}}},
            "source": "c",
        },
        {"cell_type": "markdown", "metadata": {}, "source": "Five.\n\n## To go deeper: x\n\nSix."},
        {"cell_type": "code", "metadata": {}, "source": "d"},
        {"cell_type": "markdown", "metadata": {}, "source": "## Seven\n\n$e = f$ {cite}`g2001`"},
        {"cell_type": "markdown", "metadata": {}, "source": "## Exercises\n\nEight nine."},
    ]
    path = reading.core_path({"cells": cells})
    assert path["words"] == 7 and path["lines"] == 2 and path["figures"] == 1


def test_warning_in_a_cell_and_failing_value_in_prose_are_failures(tiny: Path):
    warn = "import warnings\n\nwarnings.warn('beware', stacklevel=1)"
    write_notebook(tiny / "notebooks" / "01_first.ipynb", "# First", warn)
    write_notebook(tiny / "notebooks" / "02_second.ipynb", "# Second, {eval}`missing + 1`")
    result = build(tiny, "--only-notebooks")
    assert result.returncode == 1
    assert "UserWarning: beware" in result.stdout
    assert "missing + 1" in result.stdout and "NameError" in result.stdout


BROKEN = {
    "its control, no training 0.85, must miss the bound": "claim('a/b', 0.9, title='A', "
    "at_least=0.8, control=Control('no training', 0.85))",
    "0.7 is not at least 0.8": "claim('a/b', 0.7, title='A', at_least=0.8, "
    "control=Control('no training', 0.5))",
    "this run does not bear out: learning helps": "holds(0.5 > 0.6, 'learning helps')",
}


@pytest.mark.parametrize("message", BROKEN)
def test_what_a_run_does_not_bear_out_stops_the_build(tiny: Path, message: str):
    for name in ("claims.py", "_validate.py"):
        shutil.copy2(ROOT / "brainlike" / name, tiny / "brainlike")
    broken = f"from brainlike.claims import Control, claim, holds\n\n{BROKEN[message]}"
    write_notebook(tiny / "notebooks" / "01_first.ipynb", "# First", broken)
    result = build(tiny, "--only-notebooks")
    assert result.returncode == 1
    assert message in result.stdout and "ClaimFailed" in result.stdout
    assert not (tiny / "_build" / "executed" / "01_first.ipynb").exists()


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
    deadline = time.monotonic() + 600
    while not (tiny / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2, "expected a runner and its kernel"
    process.send_signal(signal.SIGINT)
    assert process.wait(300) == 130
    _, alive = psutil.wait_procs(family, timeout=100)
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
    readers = tiny / "brainlike" / "datasets" / "recorded"
    readers.mkdir(parents=True)
    for folder in (readers.parent, readers):
        (folder / "__init__.py").write_text("")
    (readers / "registry.py").write_text("")
    (tiny / "datasets" / "registry.toml").write_text("")
    assert notebook_key(notebook, tiny) == pinned, "it reads no real data"
    (tiny / "brainlike" / "two.py").write_text("import brainlike.datasets.recorded.registry\n")
    reading = notebook_key(notebook, tiny)
    (tiny / "datasets" / "registry.toml").write_text("[faces]\n")
    assert notebook_key(notebook, tiny) != reading


def test_key_changes_with_the_networks_that_travel_with_the_book(tiny: Path, monkeypatch):
    notebook = json.loads((tiny / "notebooks" / "02_second.ipynb").read_text("utf-8"))
    monkeypatch.delenv("BRAINLIKE_NETWORKS", raising=False)
    networks = tiny / "brainlike" / "networks"
    (networks / "weights").mkdir(parents=True)
    for name in ("__init__.py", "shipped.py"):
        (networks / name).write_text("")
    index = networks / "weights" / "weights.toml"

    def made_with(weights: str | None, choice: str) -> str:
        index.unlink(missing_ok=True)
        if weights is not None:
            index.write_text(weights)
        monkeypatch.setenv("BRAINLIKE_NETWORKS", choice)
        return notebook_key(notebook, tiny)

    ways = [(weights, choice) for weights in (None, "", "[dual-0]") for choice in ("", "fresh")]
    assert len({made_with(*way) for way in ways}) == 1, "it uses no network"
    (tiny / "brainlike" / "two.py").write_text("from brainlike.networks import shipped\n")
    assert len({made_with(*way) for way in ways}) == len(ways)


def test_only_notebooks_that_read_real_data_run_again_when_these_come_or_go():
    notebook = {"cells": [], "metadata": {}}
    record = {"key": "k", "data_key": "none"}
    here = Path(__file__)  # any file that exists
    for reads_data in (True, False):
        chapter = execute.Chapter(here, here, notebook, "k", reads_data, record)
        assert chapter.fresh("none")
        assert chapter.fresh("some") is not reads_data


def test_keys_know_where_the_package_reads_real_data_and_networks():
    files = package_files(ROOT)
    reading = [name for name in files if name.startswith("brainlike.datasets.recorded.")]
    loaders = [name for name in reading if re.search(r"^def load_", files[name].read_text(), re.M)]
    assert len(loaders) > 5
    for name in loaders:
        assert keys.REAL_DATA in modules_used(f"import {name}", files)
    for name in ("load_network", "load_nose"):
        assert keys.NETWORKS in modules_used(f"from brainlike.networks import {name}", files)
    used = modules_used("from brainlike.networks import Perceptron", files)
    assert keys.NETWORKS not in used and keys.REAL_DATA not in used


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


def chapter(name: str, cells: list[float], **record: float) -> execute.Chapter:
    """A chapter that was run; each of its code cells took so many CPU seconds."""
    sources = [{"cell_type": "code", "source": f"step_{i + 1}()"} for i in range(len(cells))]
    notebook = {"cells": sources, "metadata": {}}
    record = {"cpu_seconds": sum(cells), "cells": cells} | record
    return execute.Chapter(Path(name), Path(name), notebook, "key", False, record)


def test_budget_is_a_remark_unless_asked_to_be_strict(capsys):
    quick, slow = chapter("01_quick", [74.0]), chapter("02_slow", [40.0, 36.0])
    slower = chapter("03_slower", [5.0, 60.5, 1.0, 0.5, 20.0, 3.0, 2.0])
    waited = chapter("04_waited", [10.0], seconds=300.0)  # others had the core
    every = [quick, slow, slower, waited]
    budget.judge(every, strict=False)
    assert "02_slow (76), 03_slower (92)" in capsys.readouterr().out
    with pytest.raises(execute.BuildFailed) as refused:
        budget.judge(every, strict=True)
    told = capsys.readouterr().out + str(refused.value)
    assert "02_slow (76)" in told and "01_quick" not in told and "04_waited" not in told
    listed = [line.split() for line in told.splitlines() if "code cell" in line]
    assert [(line[2], line[-1]) for line in listed] == [
        (number, f"step_{number}()") for number in ("2", "5", "1", "6", "7")
    ]
    budget.judge(every, strict=True, slowness=1.1)
    assert "aims at 82 CPU seconds; these took more: 03_slower (92)" in capsys.readouterr().out


def test_a_machine_is_slower_than_the_reference_or_counts_as_like_it(monkeypatch):
    monkeypatch.setattr(pace, "REFERENCE_SECONDS", 0.01)
    assert budget.slowness(ROOT) > 20
    monkeypatch.setattr(pace, "REFERENCE_SECONDS", 1000)
    assert budget.slowness(ROOT) == 1


JUDGE = """
import sys

from builder import budget

budget.LIMIT = 3
budget.slowness = lambda root: 1.0
import build

sys.exit(build.main())
"""


def test_build_measures_the_kernel_and_judges_when_asked(tiny: Path):
    busy = "import time\n\nwhile time.process_time() < 2.5:\n    pass"
    child = "import subprocess, sys\n\nbusy = 'import time\\nwhile time.process_time() < 1: pass'\n"
    child += "subprocess.run([sys.executable, '-c', busy], check=True)"
    write_notebook(tiny / "notebooks" / "01_first.ipynb", "# First", busy, child)
    write_notebook(
        tiny / "notebooks" / "02_second.ipynb", "# Second", "import time\n\ntime.sleep(3)"
    )
    made = build(tiny, "--only-notebooks", "--write-seconds")
    assert made.returncode == 0, made.stdout + made.stderr
    records = {
        name: json.loads((tiny / "_build" / "executed" / f"{name}.json").read_text())
        for name in ("01_first", "02_second")
    }
    first, second = records.values()
    assert first["cpu_seconds"] > 3.4 and 0.9 < first["cells"][1] < first["cpu_seconds"] - 2.4
    assert second["seconds"] >= 3 and second["cells"][0] < 1.5, "sleeping takes no CPU seconds"
    kept = json.loads((tiny / "book" / "seconds.json").read_text())
    assert kept == {name: round(record["cpu_seconds"]) for name, record in records.items()}

    options = ["--root", str(tiny), "--only-notebooks", "--fresh", "--budget", "--workers", "2"]
    judged = subprocess.run(
        [sys.executable, "-c", JUDGE, *options],
        env=os.environ | {"PYTHONPATH": str(ROOT / "book")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 1
    assert judged.stdout.count("  01_first: ") == 2, "above the limit, so once more, alone"
    assert "01_first" in judged.stderr and "code cell  1" in judged.stderr
    timing = json.loads((tiny / "_build" / "timing.json").read_text())
    assert timing["CPU seconds of code cells"]["01_first"][0] > 0.5


def test_longest_start_first_also_without_records(tmp_path: Path):
    (tmp_path / "book").mkdir()
    table = {"01": 50, "02": 80, "03": 20}
    (tmp_path / "book" / "seconds.json").write_text(json.dumps(table))
    fresh = [execute.Chapter(Path(n), Path(n), {}, "", False, {}) for n in ("01", "02", "03", "04")]
    names = [one.name for one in execute.longest_first(tmp_path, fresh)]
    assert names == ["04", "02", "01", "03"], "what nobody has run may be long"
    fresh[2].record["cpu_seconds"] = 60
    names = [one.name for one in execute.longest_first(tmp_path, fresh)]
    assert names == ["04", "02", "03", "01"], "what was measured here counts more"


def test_only_networks_that_do_not_travel_with_the_book_are_trained(monkeypatch):
    monkeypatch.setattr(
        "brainlike.networks.shipped.is_shipped", lambda name, seed: (name, seed) == ("dual", 2)
    )
    monkeypatch.delenv("BRAINLIKE_NETWORKS", raising=False)
    named = ["dual:2", "dual", "dual:20", "nose:2"]
    assert execute.not_shipped(named) == named[1:]
    monkeypatch.setenv("BRAINLIKE_NETWORKS", "fresh")
    assert execute.not_shipped(named) == named
    monkeypatch.delenv("BRAINLIKE_NETWORKS")

    def damaged(name: str, seed: int) -> bool:
        raise shipped.WeightsDamaged("weights.toml cannot be read")

    monkeypatch.setattr("brainlike.networks.shipped.is_shipped", damaged)
    with pytest.raises(execute.BuildFailed, match=r"weights.toml cannot be read"):
        execute.not_shipped(named)


KERNEL = """
import os
import sys

if not os.path.exists({mark!r}):
    open({mark!r}, "w").close()
    sys.exit("not the first time")
os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", *sys.argv[1:]])
"""


def test_kernel_that_does_not_start_is_started_once_more(tmp_path: Path, monkeypatch):
    folder = tmp_path / "jupyter" / "kernels" / "shy"
    folder.mkdir(parents=True)
    (tmp_path / "start.py").write_text(KERNEL.format(mark=str(tmp_path / "mark")))
    command = [sys.executable, str(tmp_path / "start.py"), "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "shy", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    source = tmp_path / "notebook.ipynb"
    write_notebook(source, "print(6 * 7)")
    source.write_text(source.read_text().replace('"name": "python3"', '"name": "shy"'))
    done = run_notebook.execute(source)
    assert done.cells[0].outputs[0].text == "42\n"
    (tmp_path / "start.py").write_text("raise SystemExit(1)")
    with pytest.raises(run_notebook.NotebookFailed, match="could not be started, twice"):
        run_notebook.execute(source)


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
