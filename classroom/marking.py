"""Mark one submission: run it in a sandbox, run the tests here on copies of what it left."""

import json
import resource
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom.otter_quiet import ExceptionTestFile, TestCaseResult
from classroom.remote import Session, WorkerGone
from classroom.sandbox import NO_BUBBLEWRAP, Limits, Sandbox, SandboxUnavailable
from classroom.submission import BadSubmission, Notebook, Submission, read_notebook

_TRUSTED_MEMORY = 6 * 2**30  # a test must not take the machine's memory for a giant answer
_MESSAGE = 1000  # characters of a failing test's message that are kept
_PRINTED = 20_000  # characters of a submission's output that the report may show


class BrokenAssignment(ValueError):
    """A grading folder that cannot be used; the text says why."""


@dataclass(frozen=True)
class Question:
    """One question: points, and the sources of its test files or its rubric."""

    name: str
    title: str
    points: float
    manual: bool
    tests: tuple[str, ...]
    rubric: str | None


@dataclass(frozen=True)
class Assignment:
    """What is graded."""

    name: str
    term: str
    title: str
    questions: tuple[Question, ...]

    @property
    def out_of(self) -> float:
        """Points that the tests can give."""
        return sum(question.points for question in self.questions if not question.manual)


@dataclass(frozen=True)
class Finding:
    """One failed test case."""

    question: str
    case: str
    hidden: bool
    message: str


@dataclass
class Mark:
    """The result of one submission. `status` is "ok", "error: ..." or "not graded: ..."."""

    name: str
    status: str = "ok"
    points: dict[str, float] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    printed: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    remarks: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        return sum(self.points.values())

    @property
    def ran(self) -> bool:
        """Whether there was a notebook to run."""
        return bool(self.status == "ok" or self.written or self.findings)

    @property
    def our_fault(self) -> bool:
        """Whether the submission could not be graded although it may be in order."""
        return self.status.startswith("not graded")


def load_assignment(folder: Path) -> Assignment:
    """Read ``questions.json`` and the test files of a grading folder.

    Raises
    ------
    BrokenAssignment
        If a file is missing or damaged, or the tests' points are not the question's.
    """
    try:
        record = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
        questions = []
        for entry in record["questions"]:
            manual = bool(entry["manual"])
            names = [] if manual else entry["tests"]
            tests = tuple((folder / "tests" / name).read_text(encoding="utf-8") for name in names)
            possible = sum(ExceptionTestFile.from_string(source).possible for source in tests)
            if not manual and abs(possible - entry["points"]) > 1e-9:
                raise BrokenAssignment(
                    f"{entry['name']} is worth {entry['points']:g} points, its tests {possible:g}"
                )
            title, rubric = entry.get("title") or entry["name"], entry.get("rubric")
            question = Question(entry["name"], title, entry["points"], manual, tests, rubric)
            questions.append(question)
        return Assignment(record["assignment"], record["term"], record["title"], tuple(questions))
    except BrokenAssignment as error:
        raise BrokenAssignment(f"the assignment in {folder} is broken: {error}") from None
    except Exception as error:  # whatever a damaged test file raises when it is loaded
        what = f"{type(error).__name__}: {error}"
        raise BrokenAssignment(
            f"the assignment in {folder} cannot be read ({what}). Make it anew: make assignments"
        ) from None


def mark(submission: Submission, assignment: Assignment, isolation: str, limits: Limits) -> Mark:
    """Grade one submission.

    Returns
    -------
    Mark
        Always; what went wrong is in its status and remarks.
    """
    start = time.monotonic()
    result = Mark(submission.name)
    result.points = {q.name: 0.0 for q in assignment.questions if not q.manual}
    try:
        notebook = read_notebook(submission)
        result.remarks += notebook.remarks
        if notebook.assignment not in (None, assignment.name):
            result.remarks.append(f"its metadata name another assignment, {notebook.assignment}")
        if notebook.term not in (None, assignment.term):
            result.remarks.append(f"its metadata name another term, {notebook.term}")
        _collect_written(result, notebook, assignment)
        with Sandbox(isolation, limits) as sandbox:
            session = Session(sandbox)
            try:
                _start(session, assignment)
                _run_cells(result, session, notebook)
                _run_tests(result, session, assignment)
                session.finish()
            except WorkerGone as gone:
                result.status = f"error: {gone}"
            _look_back(result, session, limits)
    except BadSubmission as error:
        result.status = f"error: {error}"
    except MemoryError:
        result.status = "error: it is too large to be read"
    except SandboxUnavailable as error:
        result.status = f"not graded: {error}"
    result.seconds = time.monotonic() - start
    return result


def _start(session: Session, assignment: Assignment) -> None:
    try:
        session.start(f"{assignment.name}.ipynb")
    except WorkerGone as gone:  # no cell has run yet: this is not the student's doing
        raise SandboxUnavailable(str(gone)) from None


def _collect_written(result: Mark, notebook: Notebook, assignment: Assignment) -> None:
    """Match the written answers to the written questions by their order."""
    manual = [question.name for question in assignment.questions if question.manual]
    result.written = dict.fromkeys(manual, "")
    if len(notebook.written) != len(manual):
        result.remarks.append(
            f"{len(notebook.written)} written answers found, {len(manual)} expected"
        )
    result.written.update(zip(manual, notebook.written, strict=False))


def _run_cells(result: Mark, session: Session, notebook: Notebook) -> None:
    failed, cut = [], 0
    for number, source in enumerate(notebook.code, start=1):
        if not source.strip():
            continue
        try:
            cell = session.run_cell(source)
        except WorkerGone as gone:
            raise WorkerGone(f"in code cell {number}, {gone}; its answers are lost") from None
        if len(result.printed) < _PRINTED:
            result.printed += cell.output
        cut += max(cell.printed - session.limits.output_bytes, 0)
        if cell.failure is None:
            continue
        if cell.failure.timed_out:
            limit = session.limits.cell_seconds
            result.remarks.append(f"code cell {number} was interrupted after {limit:g} s")
        failed.append(f"{number} ({cell.failure.kind})")
        where = f"code cell {number}: {cell.failure.kind}: {cell.failure.text}"
        result.errors.append(f"{where}\n{cell.failure.lines}")
    if failed:
        more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
        result.remarks.append(f"errors in code cells {', '.join(failed[:5])}{more}")
    if cut:
        result.remarks.append(f"printed {cut / 1e6:.1f} MB that were dropped")


class _Environment(Mapping):
    """The notebook's variables as otter's tests want them: fetched when a test asks."""

    def __init__(self, session: Session):
        self._session = session

    def get(self, name: str, default: Any = None) -> Any:
        return self._session.get(name, default)

    def __getitem__(self, name: str) -> Any:
        missing = object()
        value = self._session.get(name, missing)
        if value is missing:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        missing = object()
        return isinstance(name, str) and self._session.get(name, missing) is not missing

    def __iter__(self):
        raise TypeError("tests name the variables they need")

    def __len__(self) -> int:
        raise TypeError("tests name the variables they need")


def _run_tests(result: Mark, session: Session, assignment: Assignment) -> None:
    environment = _Environment(session)
    term = session.get("term")
    if isinstance(term, str) and term != assignment.term:
        result.remarks.append(f"its term is {term!r}, graded for {assignment.term!r}")
    gone = None
    for question in assignment.questions:
        for source in question.tests:
            tests = ExceptionTestFile.from_string(source)
            for case in tests.test_cases:
                error = _failure(case, environment)
                tests.test_case_results.append(TestCaseResult(case, error, error is None))
                if error is not None:
                    finding = Finding(question.name, case.name, case.hidden, error)
                    result.findings.append(finding)
                if session.gone is not None and gone is None:
                    gone = f"in the tests of {question.name}, {session.gone}"
            result.points[question.name] += tests.score
    if gone is not None:
        raise WorkerGone(f"{gone}; later answers are lost")


def _failure(case, environment: Mapping) -> str | None:
    """Run one test case; return the message if it fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.body.call_func(environment)
    except AssertionError as error:
        return str(error)[:_MESSAGE] or "the test failed"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:_MESSAGE]
    return None


def _look_back(result: Mark, session: Session, limits: Limits) -> None:
    """Add what the sandbox and the worker saw."""
    sandbox = session.sandbox
    result.remarks += [f"noted inside: {note[:200]}" for note in session.notes]
    result.peak_mb = sandbox.peak_mb
    if sandbox.ended_because is None and sandbox.left_running():
        result.remarks.append("left processes running, which were ended")
    if session.printed > 100 * limits.output_bytes:
        result.remarks.append(f"printed {session.printed / 1e6:,.0f} MB in all")


def limit_trusted_process() -> None:
    """Give the process that runs the tests a limit of memory, so that a test fails instead."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_TRUSTED_MEMORY, hard))


def probe(isolation: str, limits: Limits) -> str | None:
    """Start a sandbox and end it; return what is wrong if it does not work."""
    try:
        with Sandbox(isolation, limits) as sandbox:
            Session(sandbox).start("probe.ipynb")
    except SandboxUnavailable as error:
        return str(error)
    except WorkerGone as gone:
        return NO_BUBBLEWRAP.format(reason=gone) if isolation == "bubblewrap" else str(gone)
    return None
