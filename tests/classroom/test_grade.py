"""Grading a folder: known truth, exit status, and whose fault is whose."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest
from submissions import ANSWERS, MARKER, STUBS, notebook, write_assignment

import classroom.grade
from classroom.grade import grade, keep_earlier, main, most_named
from classroom.marking import BrokenAssignment, Mark, load_assignment
from classroom.report import write_feedback
from classroom.sandbox import Limits
from classroom.submission import BadSubmission, Submission, find_submissions, read_notebook

ROOT = Path(classroom.grade.__file__).parents[1]
needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The toy assignment where `make assignments` would put it."""
    monkeypatch.setattr(classroom.grade, "ASSIGNMENTS", tmp_path / "assignments")
    return write_assignment(tmp_path / "assignments/spring/toy/grading")


def hand_in(folder, **notebooks):
    """Write notebooks into a folder of submissions and return it."""
    folder.mkdir(exist_ok=True)
    for name, content in notebooks.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(content))
    return folder


def rows_of(output):
    with (output / "grades.csv").open(newline="", encoding="utf-8") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


@needs_bubblewrap
def test_known_grades(toy, tmp_path, capsys):
    partial = {**ANSWERS, "q2": "def normalize(x):\n    return x - 2", "q3": "n_parameters = 41"}
    folder = hand_in(
        tmp_path / "in",
        perfect=notebook(answers=ANSWERS),
        partial=notebook(answers=partial),
        stubs=notebook(answers=STUBS),
        raises=notebook("1 / 0", answers=ANSWERS),
    )
    (folder / "in_a_folder").mkdir()
    (folder / "in_a_folder/anything.ipynb").write_text(json.dumps(notebook(answers=ANSWERS)))
    (folder / "zipped_in_a_folder").mkdir()
    for name in ("zipped.zip", "zipped_in_a_folder/toy_2027.zip"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("toy.ipynb", json.dumps(notebook(answers=ANSWERS)))
            archive.writestr("__zip_filename__", "zipped.zip")
    output = tmp_path / "out"
    assert main([str(folder), "--term", "spring", "--output", str(output)]) == 0
    rows = rows_of(output)
    totals = {name: float(row["total"]) for name, row in rows.items()}
    assert totals == {
        "perfect": 8, "partial": 3, "stubs": 0, "raises": 8, "in_a_folder": 8, "zipped": 8,
        "zipped_in_a_folder": 8,
    }  # fmt: skip
    assert [rows["partial"][q] for q in ("q1", "q2", "q3")] == ["2", "1", "0"]
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert {(row["out of"], row["written pending"]) for row in rows.values()} == {("8", "5")}
    assert rows["raises"]["remarks"] == "errors in code cells 3 (ZeroDivisionError)"
    assert float(rows["perfect"]["seconds"]) > 0 and float(rows["perfect"]["peak MB"]) > 10
    report = (output / "report.html").read_text(encoding="utf-8")
    assert "squares is not answered yet" in report
    assert "n_parameters is not right yet: you have 41" in report
    assert "Says &lt;why&gt; it is so." in report and "Points: ______ of 5" in report
    assert "assignment toy, term spring, as most submissions say" in capsys.readouterr().out
    assert {path.name for path in output.iterdir()} == {"grades.csv", "report.html", "feedback"}
    pages = {path.stem: path.read_text("utf-8") for path in (output / "feedback").iterdir()}
    assert pages.keys() == rows.keys()
    assert not any(MARKER in page or "test_value" in page for page in pages.values())
    assert "3 of 8 points" in pages["partial"] and "ZeroDivisionError" in pages["raises"]
    assert "squares is not answered yet" in pages["stubs"]  # a public test says that
    assert "n_parameters is not right yet" not in pages["partial"]  # and a hidden one this
    assert "Hidden tests that failed: 1." in pages["partial"]
    assert "failed" not in pages["perfect"] and "Waits for its reader." in pages["perfect"]


def test_pages_of_students_stay_in_their_folder(toy, tmp_path):
    names = ("../up", "a/b", "a:b", ".hidden", "<script>", "\u5b57" * 90, "two\nlines", "-rf")
    marks = [Mark(name, status=f"error: {name}") for name in names]
    write_feedback(tmp_path / "out", marks, load_assignment(toy))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assignments", "out"]
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()}
    assert len(pages) == len(names) and {"a_b.html", "a_b-2.html", "_hidden.html"} <= pages.keys()
    assert not any("<script" in page or page.startswith(("-", ".")) for page in pages.values())


def test_an_earlier_run_is_kept(tmp_path):
    for content in ("first", "second"):
        keep_earlier(tmp_path)
        (tmp_path / "feedback").mkdir()
        (tmp_path / "feedback/ada.html").write_text(content)
        (tmp_path / "grades.csv").write_text(content)
        (tmp_path / "report.html").write_text(content)
    keep_earlier(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["earlier"]
    runs = sorted((tmp_path / "earlier").iterdir())
    for run, content in zip(runs, ("first", "second"), strict=True):
        for name in ("feedback/ada.html", "grades.csv", "report.html"):
            assert (run / name).read_text() == content


def test_no_isolation_warns_and_grades(toy, tmp_path, capsys):
    folder = hand_in(tmp_path / "in", perfect=notebook(answers=ANSWERS))
    arguments = [str(folder), "--term", "spring", "--output", str(tmp_path / "out")]
    assert main([*arguments, "--isolation", "none"]) == 0
    assert "WARNING: no isolation" in capsys.readouterr().err
    assert rows_of(tmp_path / "out")["perfect"]["total"] == "8"


def test_without_bubblewrap_nothing_runs(toy, tmp_path, monkeypatch, capsys):
    folder = hand_in(tmp_path / "in", perfect=notebook(answers=ANSWERS))
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = [str(folder), "--assignment", "toy", "--term", "spring"]
    assert main([*arguments, "--output", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    for words in ("bwrap was not found", "apt-get install bubblewrap", "otter grade", "none"):
        assert words in said
    assert not (tmp_path / "out/grades.csv").exists()


def test_bubblewrap_that_is_not_allowed_is_explained(tmp_path, monkeypatch):
    """As where the system forbids namespaces: bwrap is there, says why, and fails."""
    fake = tmp_path / "bin/bwrap"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    problem = classroom.grade.probe("bubblewrap", Limits())
    assert "No permissions to create new namespace" in problem
    assert "apparmor" in problem and "otter grade" in problem


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "questions.json").unlink(), "is not there: run make assignments"),
        (lambda f: (f / "questions.json").write_text("{"), "cannot be read"),
        (lambda f: (f / "tests/q2.py").unlink(), "cannot be read"),
        (lambda f: (f / "tests/q2.py").write_text("def broken("), "cannot be read"),
        (
            lambda f: (f / "tests/q2.py").write_text(
                (f / "tests/q2.py").read_text().replace("points=3", "points=2")
                .replace("points = 4", "points = 3")
            ),
            "q2 is worth 4 points, its tests 3",
        ),
    ],
    ids=["none", "not json", "no test", "syntax", "points"],
)  # fmt: skip
def test_broken_assignment_is_our_fault(toy, tmp_path, capsys, spoil, message):
    folder = hand_in(tmp_path / "in", perfect=notebook(answers=ANSWERS))
    spoil(toy)
    arguments = [str(folder), "--assignment", "toy", "--term", "spring"]
    assert main([*arguments, "--output", str(tmp_path / "out")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out/grades.csv").exists()


@needs_bubblewrap
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("while True: pass", "error: the tests took longer than"),
        ("__import__('os')._exit(3)", "not graded: its grading process ended (exit status 3)"),
    ],
)
def test_a_test_that_goes_wrong_costs_one_submission(toy, monkeypatch, line, status):
    """A hidden test that a strange answer sends astray ends alone, the next is graded."""
    monkeypatch.setattr(classroom.grade, "_MARGIN", -70)
    path = toy / "tests/q3.py"
    path.write_text(path.read_text() + f"    if n_parameters == 13:\n        {line}\n")
    path.write_text(path.read_text().replace('    expect_close(n_parameters, 42, "n_', "    #"))
    folder = hand_in(
        toy / "in",
        bad=notebook(answers={**ANSWERS, "q3": "n_parameters = 13"}),
        good=notebook(answers=ANSWERS),
    )
    limits = Limits(start_seconds=60, total_seconds=20)  # less 70: 10 s
    marks = grade(find_submissions(folder), load_assignment(toy), limits=limits, processes=2)
    assert marks[0].status.startswith(status) and marks[0].total == 0
    assert marks[0].our_fault == status.startswith("not graded")
    assert (marks[1].status, marks[1].total) == ("ok", 8)


@needs_bubblewrap
def test_interrupt_leaves_no_process(toy, tmp_path):
    hanging = notebook("open('here', 'w')\nimport time\ntime.sleep(100)")
    folder = hand_in(tmp_path / "in", one=hanging, two=hanging)
    code = (
        "import sys, signal, pathlib, classroom.grade as g\n"
        # whoever runs the tests in the background may have made all below ignore it
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"g.ASSIGNMENTS = pathlib.Path({str(tmp_path / 'assignments')!r})\n"
        f"sys.exit(g.main([{str(folder)!r}, '--assignment', 'toy', '--term', 'spring',"
        f" '--output', {str(tmp_path / 'out')!r}, '--processes', '2']))"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        below = []
        deadline = time.monotonic() + 90
        while sum("classroom.worker" in " ".join(_command(p)) for p in below) < 6:
            assert time.monotonic() < deadline and run.poll() is None
            time.sleep(0.2)
            below = psutil.Process(run.pid).children(recursive=True)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        _, said = run.communicate(timeout=60)
    finally:
        if run.poll() is None:
            run.kill()
            run.communicate()
    assert run.returncode == 130 and b"interrupted: nothing was written" in said
    assert b"Traceback" not in said
    gone, alive = psutil.wait_procs(below, timeout=20)
    assert alive == []
    assert list((tmp_path / "out").iterdir()) == []


def _command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def named(assignment, term):
    made = notebook()
    made["metadata"]["otter"]["assignment_name"] = assignment
    made["metadata"]["brainlike"] = {"assignment": assignment, "term": term}
    return made


def test_which_assignment_and_term(tmp_path, toy, capsys):
    toys = {"a": named("toy", "spring"), "b": named("toy", "fall")}
    folder = hand_in(tmp_path / "in", **toys, c=named("other", "fall"), d=notebook())
    assert most_named(find_submissions(folder)) == ("toy", "fall")
    (folder / "b.ipynb").unlink()
    (folder / "d.ipynb").unlink()
    assert most_named(find_submissions(folder)) == (None, None)
    assert main([str(folder)]) == 1
    assert "do not say which assignment they are: --assignment" in capsys.readouterr().err
    (folder / "c.ipynb").unlink()
    (folder / "e.ipynb").write_text(json.dumps(named("toy", "summer")))
    (folder / "f.ipynb").write_text(json.dumps(named("toy", "summer")))
    assert main([str(folder)]) == 1
    assert "assignment toy of term summer is not there" in capsys.readouterr().err


@needs_bubblewrap
def test_another_term_is_noticed(tmp_path, toy):
    folder = hand_in(tmp_path / "in", late=named("toy", "fall"), right=named("toy", "spring"))
    marks = grade(find_submissions(folder), load_assignment(toy))
    assert [one.remarks for one in marks] == [["its metadata name another term, fall"], []]


def test_no_submissions(tmp_path, capsys):
    assert main([str(tmp_path / "missing")]) == 1
    assert main([str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "is not a folder" in said and "holds no submission" in said


def test_names_stay_distinct(tmp_path):
    for name in ("ada.ipynb", "ada.zip", "bob.ipynb", ".DS_Store", "._bob.ipynb"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "cem").mkdir()
    names = [submission.name for submission in find_submissions(tmp_path)]
    assert names == ["ada.ipynb", "ada.zip", "bob", "cem"]


def test_written_answers_are_found_by_tag_or_place(tmp_path):
    content = notebook()
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(content))
    submission = Submission("a", path)
    assert read_notebook(submission).written == ["Because <script>alert(1)</script> of this."]
    for cell in content["cells"]:
        cell.pop("metadata")
    path.write_text(json.dumps(content))
    assert read_notebook(submission).written == ["Because <script>alert(1)</script> of this."]
    content["cells"][-2]["source"] = "_Type your answer here, replacing this text._"
    path.write_text(json.dumps(content))
    assert read_notebook(submission).written == [""]


def test_folder_with_two_notebooks(tmp_path):
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / name).write_text(json.dumps(notebook()))
    with pytest.raises(BadSubmission, match="2 notebooks instead of one"):
        read_notebook(Submission("x", tmp_path))


def test_broken_zip_members(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("toy.ipynb", json.dumps(notebook()) * 10)
    content = bytearray(stream.getvalue())
    content[60:120] = bytes(60)
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(BadSubmission, match="zip file"):
        read_notebook(Submission("a", path))


def test_load_assignment_says_where(tmp_path):
    with pytest.raises(BrokenAssignment, match=str(tmp_path)):
        load_assignment(tmp_path)
