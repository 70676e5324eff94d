"""Derive what students, instructors and graders get from the master notebooks.

``python -m classroom.assign [NN_topic ...] --term TERM`` writes, for each master in
``notebooks/assignments``, into ``_build/assignments/TERM/NN_topic``::

    student/NN_topic.ipynb            without solutions and hidden tests
    solution/NN_topic.ipynb           with everything
    autograder/NN_topic-autograder.zip  for Gradescope or `otter grade`
    grading/questions.json, tests/    for `make grade`

and checks it (`classroom.verify`) before it takes the place of an older one.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

import yaml

from classroom.master import Master, MasterError, read_master

ROOT = Path(__file__).resolve().parents[1]
MASTERS = ROOT / "notebooks/assignments"
OUTPUT = ROOT / "_build/assignments"
POINTS = "<!-- points -->"  # where the title cell wants its table, and then:
YOUR_FILE = (
    "**Your file.** It is called `{name}.ipynb`, and must keep that name: the last cell packs the "
    "file of this name, as you last saved it. Keep no copies of it in the same folder, and do not "
    "work in one."
)
_LIMIT = 300  # seconds that the check of one assignment may take
_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def masters(names: list[str] | None = None, folder: Path = MASTERS) -> list[Path]:
    """Return the master notebooks, all or those named.

    Raises
    ------
    MasterError
        If a name has no master, or the folder holds none.
    """
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if not found:
        raise MasterError(f"no master notebook in {folder}")
    unknown = [name for name in names or [] if name not in found]
    if unknown:
        raise MasterError(f"no assignment {', '.join(unknown)}; there are {', '.join(found)}")
    return [found[name] for name in names] if names else list(found.values())


def check_term(term: str) -> None:
    """Refuse a term that cannot name a folder."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", term):
        raise MasterError(f"{term!r} cannot name a term: use letters, digits, '.', '-' and '_'")


def derive(path: Path, term: str, folder: Path) -> Master:
    """Run otter assign on one master and collect its four products in `folder`.

    Parameters
    ----------
    path : Path
        The master notebook.
    term : str
        Letters, digits, dots, hyphens, underscores; it seeds the data and names a folder.
    folder : Path
        An empty folder.

    Returns
    -------
    Master
        The master as read, with the term in place.
    """
    check_term(term)
    master = read_master(path, term)
    with tempfile.TemporaryDirectory() as work:
        copy = Path(work, path.name)
        copy.write_text(_prepare(path, term, master), encoding="utf-8")
        made = Path(work, "made")
        _run_otter(copy, made)
        for source, target in (("student", "student"), ("autograder", "solution")):
            (folder / target).mkdir(parents=True)
            text = _with_stable_ids((made / source / path.name).read_text(encoding="utf-8"))
            (folder / target / path.name).write_text(text, encoding="utf-8")
        (folder / "autograder").mkdir()
        (archive,) = (made / "autograder").glob("*-autograder_*.zip")
        shutil.copyfile(archive, folder / "autograder" / f"{master.name}-autograder.zip")
        tests = folder / "grading/tests"
        tests.mkdir(parents=True)
        with zipfile.ZipFile(archive) as contents:
            for member in contents.namelist():
                if re.fullmatch(r"tests/\w+\.py", member):
                    (tests / Path(member).name).write_bytes(contents.read(member))
    record = {
        "assignment": master.name,
        "term": term,
        "title": master.title,
        "questions": [question.record() for question in master.questions.values()],
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (folder / "grading/questions.json").write_text(text, encoding="utf-8")
    return master


def _prepare(path: Path, term: str, master: Master) -> str:
    """Return the master's JSON with term, points table, file's name and requirements put in."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    configured = False
    for cell in notebook["cells"]:
        source = "".join(cell["source"]).replace('"TERM"', json.dumps(term))
        about = f"{master.points_table()}\n\n{YOUR_FILE.format(name=master.name)}"
        source = source.replace(POINTS, about)
        if cell["cell_type"] == "raw" and source.startswith("# ASSIGNMENT CONFIG"):
            config = {**(yaml.safe_load(source) or {}), **_settings(master.name)}
            source = "# ASSIGNMENT CONFIG\n" + yaml.safe_dump(config, sort_keys=False)
            configured = True
        cell["source"] = source
    if not configured:
        raise MasterError(f"{master.name}: no raw cell with # ASSIGNMENT CONFIG")
    notebook["metadata"]["brainlike"] = {"assignment": master.name, "term": term}
    return json.dumps(notebook, ensure_ascii=False)


def _with_stable_ids(text: str) -> str:
    """Number the cells: otter gives those that it adds random ids."""
    notebook = json.loads(text)
    for index, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell-{index:03d}"
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _settings(name: str) -> dict:
    """Return what all assignments have in common, as otter's configuration."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        address = tomllib.load(stream)["project"]["urls"]["Homepage"]
    submit = (
        "The cell says which file it packed, when that was saved, and what is still open in it. "
        "Hand in the zip file, or this notebook itself: your instructor says which. On Colab, "
        "choose File > Download > Download .ipynb instead of running the last cell."
    )
    return {
        "name": name,
        "requirements": [f"brainlike @ git+{address}"],
        "python_version": "3.12",
        "init_cell": False,
        "check_all_cell": True,
        "export_cell": {"pdf": False, "run_tests": False, "instructions": submit},
        "tests": {"files": False, "ok_format": False},
    }


def _run_otter(master: Path, result: Path) -> None:
    """Run otter assign without PDFs and without its own run of the tests (`verify` does that)."""
    from classroom.otter_quiet import otter_assign

    otter_assign(str(master), str(result), no_pdfs=True, no_run_tests=True)


def _check(folder: Path, path: Path, term: str) -> list[str]:
    """Run `classroom.verify` in a process of its own; return what it found."""
    command = [sys.executable, "-m", "classroom.verify", str(folder), str(path), "--term", term]
    env = {**os.environ, **_ONE_THREAD, "MPLBACKEND": "Agg"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=_LIMIT
        )
    except subprocess.TimeoutExpired:
        return [f"{path.stem}: its cells run longer than {_LIMIT} s"]
    problems = done.stdout.splitlines()
    if done.returncode and not problems:
        problems = [f"{path.stem}: the check itself failed:\n{done.stderr}"]
    return problems


def make(path: Path, term: str, output: Path = OUTPUT) -> list[str]:
    """Derive and check one assignment; put it in its place if nothing is wrong.

    Returns
    -------
    list of str
        What is wrong. If anything is, an older version stays as it was.
    """
    check_term(term)
    parent = output / term
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".part-") as part:
        new, old = Path(part, path.stem), Path(part, "old")
        try:
            derive(path, term, new)
        except Exception as error:
            return [f"{path.stem}: {type(error).__name__}: {error}"]
        problems = _check(new, path, term)
        if not problems:
            target = parent / path.stem
            if target.exists():
                target.rename(old)
            new.rename(target)
        return problems


def main(arguments: list[str] | None = None) -> int:
    """Make the assignments that the command line names; return 1 if one is not in order."""
    parser = argparse.ArgumentParser(prog="classroom.assign", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NN_topic", help="default: all")
    parser.add_argument("--term", default="practice", help="seeds the data (default: practice)")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    try:
        check_term(options.term)
        paths = masters(options.names)
    except MasterError as error:
        print(error, file=sys.stderr)
        return 1
    failed = False
    for path in paths:
        start = time.perf_counter()
        problems = make(path, options.term, options.output.resolve())
        seconds = time.perf_counter() - start
        print(f"{path.stem}: {'NOT made' if problems else 'made and checked'} in {seconds:.0f} s")
        for problem in problems:
            print(f"  {problem}", file=sys.stderr)
        failed = failed or bool(problems)
    if not failed:
        print(f"{len(paths)} assignments for the term {options.term!r} are in {options.output}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
