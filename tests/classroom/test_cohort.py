"""A whole cohort in one run: sixty submissions, and each grade must be the known one.

Takes minutes, so it has a marker of its own. With an assignment in ``_build/assignments/practice``
it grades that, else the toy.
"""

import json
import os
import shutil
import threading
import time
from pathlib import Path

import psutil
import pytest
from submissions import ANSWERS, STUBS, code_cell, notebook, write_assignment

import classroom.grade
from classroom.grade import grade
from classroom.marking import load_assignment
from classroom.report import write_csv, write_html
from classroom.sandbox import Limits, _resident
from classroom.submission import find_submissions

pytestmark = [
    pytest.mark.cohort,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap"),
]
N_SUBMISSIONS = 60
_MADE = Path(classroom.grade.ASSIGNMENTS, "practice")
# what precedes or follows the solution or the stubs, and whether the solution still counts
HOSTILE = {
    "prints": ("for _ in range(100): print('x' * 10_000_000)", "", True),
    "loops": ("while True: pass", "", True),
    "forks": ("import os\nos.fork()", "", True),
    "daemon": ("!sleep 1000 &", "", True),
    "hoards": ("import numpy\nhog = numpy.ones(10**11)", "", True),
    "deletes": ("!rm -rf ~/* /tmp/* /opt/* 2>/dev/null; true", "", True),
    "exits": ("raise SystemExit", "", True),
    "vanishes": ("", "import os\nos._exit(0)", False),
    "forgets": ("", "%reset -f", False),
    "closes": ("import os\nos.closerange(0, 100)", "", False),
    "bombs": ("import os\nwhile True: os.fork()", "", False),
    "patches": ("import numpy\nnumpy.allclose = numpy.isclose = lambda *a, **k: True", None, False),
    "replaces": ("class G:\n    check = print\ngrader = G()", None, False),
}


def _segments(content: dict) -> tuple[dict[str, list[dict]], list[dict]]:
    """Split a notebook after each ``grader.check``: cells by question, and the rest."""
    questions, current = {}, []
    for cell in content["cells"]:
        current.append(cell)
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and source.startswith("grader.check("):
            questions[source.split('"')[1]] = current
            current = []
    return questions, current


def _assemble(content: dict, *parts: list[dict]) -> str:
    cells = [cell for part in parts for cell in part]
    return json.dumps(
        {**content, "cells": [{k: v for k, v in c.items() if k != "id"} for c in cells]}
    )


def make_cohort(folder: Path, solution: dict, student: dict, points: dict[str, float]) -> dict:
    """Write sixty submissions; return the total that each deserves.

    Questions build on earlier ones, never on later ones: with the last k unanswered, the first
    ones keep all their points.
    """
    right, rest = _segments(solution)
    stubs, _ = _segments(student)
    assert list(right) == list(stubs) == list(points)
    full, names, truth = sum(points.values()), list(points), {}

    def write(name, total, *parts):
        (folder / f"{name}.ipynb").write_text(_assemble(solution, *parts, rest))
        truth[name] = total

    for name, (before, after, counts) in HOSTILE.items():
        answers = stubs if after is None else right
        first, *others = answers.values()
        at = 1 + next(n for n, cell in enumerate(first) if "grader = " in "".join(cell["source"]))
        first = [*first[:at], code_cell(before), *first[at:]]
        write(f"hostile-{name}", full if counts else 0, first, *others, [code_cell(after or "")])
    (folder / "hostile-link.ipynb").symlink_to("/etc/passwd")
    (folder / "hostile-text.ipynb").write_text("my answers")
    truth |= {"hostile-link": 0, "hostile-text": 0}
    for number in range(N_SUBMISSIONS - len(truth)):
        dropped = (0, 0, *range(1, len(names) + 1))[number % (len(names) + 2)]
        kept = names[: len(names) - dropped]
        answers = [right[name] if name in kept else stubs[name] for name in names]
        kind = "partial" if dropped else "perfect"
        write(f"{kind}-{number}", sum(points[name] for name in kept), *answers)
    return truth


class _Peak(threading.Thread):
    """Watch the memory of all processes below this one, pages shared by several counted once."""

    def __enter__(self):
        self.over, self.megabytes = threading.Event(), 0.0
        self.start()
        return self

    def run(self):
        while not self.over.wait(0.5):
            tree = psutil.Process().children(recursive=True)
            self.megabytes = max(self.megabytes, _resident(tree, shared_once=True) / 2**20)

    def __exit__(self, *_):
        self.over.set()
        self.join()


def test_cohort(tmp_path, capsys):
    handed_in = tmp_path / "submissions"
    handed_in.mkdir()
    made = sorted(_MADE.glob("*/grading/questions.json"))
    wanted = os.environ.get("COHORT_ASSIGNMENT", "")
    made = [path.parents[1] for path in made if wanted in path.parents[1].name]
    if made:
        folder, name = made[0] / "grading", made[0].name
        solution, student = (
            json.loads((made[0] / version / f"{name}.ipynb").read_text(encoding="utf-8"))
            for version in ("solution", "student")
        )
    else:
        folder, name = write_assignment(tmp_path / "grading"), "toy"
        solution, student = notebook(answers=ANSWERS), notebook(answers=STUBS)
    assignment = load_assignment(folder)
    points = {q.name: q.points for q in assignment.questions if not q.manual}
    truth = make_cohort(handed_in, solution, student, points)
    limits = Limits(cell_seconds=60, total_seconds=400)
    start = time.monotonic()
    with _Peak(daemon=True) as peak:
        marks = grade(find_submissions(handed_in), assignment, limits=limits, processes=2)
    seconds = time.monotonic() - start
    write_csv(tmp_path / "grades.csv", marks, assignment)
    write_html(tmp_path / "report.html", marks, assignment)
    with capsys.disabled():
        print(
            f"\n{len(marks)} submissions of {name}, two at a time: {seconds / 60:.1f} minutes, "
            f"{peak.megabytes:.0f} MB at most in all processes together, "
            f"{max(mark.peak_mb for mark in marks):.0f} MB in one sandbox"
        )
    found = {mark.name: mark.total for mark in marks}
    wrong = {
        mark.name: (mark.total, truth[mark.name], mark.status, mark.remarks, mark.findings[:3])
        for mark in marks
        if abs(mark.total - truth[mark.name]) > 1e-9
    }
    assert wrong == {} and len(found) == N_SUBMISSIONS
    hostile = [mark for mark in marks if mark.name.startswith("hostile")]
    assert [mark.name for mark in hostile if mark.status == "ok" and not mark.remarks] == []
    assert not [mark for mark in marks if mark.our_fault]
    assert not [m.name for m in marks if not m.name.startswith("hostile") and m.status != "ok"]
