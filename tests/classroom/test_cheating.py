"""Hostile and odd submissions: none gains a point, reads a test, harms another, or passes unseen.

All are graded in one run together with honest ones, as a cohort would be. Each test then looks at
one of them.
"""

import csv
import json
import os
import pickle
import re
import shutil
import socket
import threading

import filelock
import psutil
import pytest
from submissions import ANSWERS, FULL, HOSTILE, MARKER, ODD_NAMES, notebook, write_assignment

from classroom.grade import grade
from classroom.marking import load_assignment
from classroom.report import write_csv, write_html
from classroom.sandbox import Limits
from classroom.submission import find_submissions

pytestmark = [
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap"),
    pytest.mark.filterwarnings("ignore:unclosed"),
]
HONEST = ("honest_first", "zz_honest_last")
SHORT = Limits(
    cell_seconds=4, call_seconds=2, total_seconds=40, grace_seconds=1, memory_mb=400, disk_mb=32,
    processes=16,
)  # fmt: skip
CANARY = "canary-in-the-environment"


class Listener:
    """A service on this machine's loopback; it knows whether anyone connected."""

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.reached = self.server.getsockname()[1], 0
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self):
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            self.reached += 1
            line.close()

    def __exit__(self, *_):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()


def grade_all(folder):
    """Grade everything; return the marks and what was seen from outside."""
    handed_in = folder / "submissions"
    handed_in.mkdir(parents=True)
    with Listener() as listener, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_LOOPBACK_PORT", str(listener.port))
        patch.setenv("TEST_CANARY", CANARY)
        patch.setenv("TEST_ESCAPE", str(folder / "escaped.txt"))
        for submission in HOSTILE:
            submission.write(handed_in)
        for name in (*HONEST, *ODD_NAMES):
            text = json.dumps(notebook(answers=ANSWERS))
            (handed_in / f"{name}.ipynb").write_text(text, encoding="utf-8")
        before = sorted(folder.rglob("*"))
        assignment = load_assignment(write_assignment(folder / "grading"))
        marks = grade(find_submissions(handed_in), assignment, limits=SHORT, processes=3)
        after = [path for path in folder.rglob("*") if "grading" not in path.parts]
    write_csv(folder / "grades.csv", marks, assignment)
    write_html(folder / "report.html", marks, assignment)
    return {
        "folder": folder,
        "marks": {mark.name: mark for mark in marks},
        "reached": listener.reached,
        "changed": sorted(set(before) ^ set(after)),
        "running": [p.pid for p in psutil.process_iter() if _is_worker(p)],
    }


def _is_worker(process):
    try:
        return "TEST" not in process.name() and "classroom.worker" in process.cmdline()
    except psutil.Error:
        return False


@pytest.fixture(scope="session")
def graded(tmp_path_factory):
    """Grade once, whichever of several pytest processes comes first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = shared / "cheating.pickle"
    with filelock.FileLock(shared / "cheating.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(grade_all(shared / "cheating")))
        return pickle.loads(kept.read_bytes())


def test_there_are_at_least_forty():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("submission", HOSTILE, ids=lambda h: h.name)
def test_hostile(graded, submission):
    mark = graded["marks"][submission.entry]
    said = " | ".join([mark.status, *mark.remarks])
    assert mark.total == submission.earns, (said, mark.findings)
    assert not mark.our_fault, said
    if submission.noticed:
        assert re.search(submission.noticed, said), said


@pytest.mark.parametrize("submission", HOSTILE, ids=lambda h: h.name)
def test_hostile_learns_nothing(graded, submission):
    """Neither a hidden test, nor the grader's environment, nor its paths reach a submission."""
    mark = graded["marks"][submission.entry]
    seen = "\n".join([mark.printed, *mark.errors, *mark.remarks, *mark.written.values()])
    for secret in (MARKER, CANARY, "FOUND", "CONNECTED", "WROTE", "ALLOWED", str(graded["folder"])):
        assert secret not in seen


@pytest.mark.parametrize("name", [*HONEST, *ODD_NAMES])
def test_honest_ones_are_not_harmed(graded, name):
    mark = graded["marks"][name]
    assert (mark.status, mark.total, mark.remarks) == ("ok", FULL, [])


def test_nothing_is_left_behind(graded):
    assert graded["reached"] == 0, "a submission reached a service of this machine"
    assert graded["changed"] == []
    assert graded["running"] == []


def test_table_is_complete_and_harmless(graded):
    """Names cannot leave their row, nor make a spreadsheet compute."""
    with (graded["folder"] / "grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(graded["marks"])
    for row in rows:
        assert None not in row and None not in row.values()
        assert not [v for v in row.values() if v.startswith(("=", "+", "-", "@", "\t", "\n"))]
    names = {row["name"] for row in rows}
    assert {"'=cmd('calc')!A0", "'-rf", "two\\nlines", 'comma, and "quotes"'} <= names


def test_report_holds_no_live_code(graded):
    text = (graded["folder"] / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "://" not in re.sub(r"<pre>.*?</pre>|<li>.*?</li>|<td>.*?</td>", "", text, flags=re.S)
