"""Grade a folder of submitted notebooks into a table, a report, and a page for each student.

``python -m classroom.grade SUBMISSIONS`` runs each submission in a sandbox of its own and the
tests outside of it. The folder holds ``name.ipynb``, otter's ``name.zip``, or ``name/`` with one
of these. Exit status 0: all were graded, whatever they earned; 1: something on our side failed.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from multiprocessing.connection import wait
from pathlib import Path

from tqdm import tqdm

from classroom.marking import (
    Assignment,
    BrokenAssignment,
    Mark,
    limit_trusted_process,
    load_assignment,
    mark,
    probe,
)
from classroom.report import clean, write_csv, write_feedback, write_html
from classroom.sandbox import ISOLATIONS, Limits, SandboxUnavailable, check_hidden, check_installed
from classroom.submission import Submission, find_submissions, named_by

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENTS = ROOT / "_build/assignments"
GRADES = ROOT / "_build/grades"
_MARGIN = 60  # seconds beyond a submission's own limits that the tests may compute
_NO_ISOLATION = """\
WARNING: no isolation. Every submission runs as you: it can read and delete your files, see the
tests and the other submissions, and use the network. Grade only notebooks that you have read."""


class GradingError(ValueError):
    """A command that cannot be carried out; the text says why."""


def grade(
    submissions: list[Submission],
    assignment: Assignment,
    *,
    isolation: str = "bubblewrap",
    limits: Limits | None = None,
    processes: int | None = None,
    on_mark: Callable[[Mark], None] = lambda mark: None,
) -> list[Mark]:
    """Grade submissions, each in its own processes, several at once.

    Parameters
    ----------
    submissions : list of Submission
        As `classroom.submission.find_submissions` returns them.
    assignment : Assignment
    isolation : {"bubblewrap", "none"}
    limits : Limits, optional
    processes : int, optional
        How many at once; as many as there are processors if not given.
    on_mark : callable
        Called with each mark when it is there.

    Returns
    -------
    list of Mark
        In the order of the submissions.

    Raises
    ------
    SandboxUnavailable
        If this machine cannot isolate them; nothing has been run then.
    """
    check_installed(isolation)
    limits = limits or Limits()
    processes = processes or os.cpu_count() or 1
    jobs = [(mark, (s, assignment, isolation, limits)) for s in submissions]
    seconds = limits.start_seconds + limits.total_seconds + _MARGIN
    found: dict[int, Mark] = {}
    for number, result, problem in _run([(probe, (isolation, limits)), *jobs], processes, seconds):
        if number == 0:
            if result is not None or problem is not None:
                raise SandboxUnavailable(result or problem)
            continue
        if problem is not None:
            failed = Mark(submissions[number - 1].name, status=problem)
            failed.points = {q.name: 0.0 for q in assignment.questions if not q.manual}
            result = failed
        found[number] = result
        on_mark(result)
    return [found[number] for number in sorted(found)]


def _run(jobs: list[tuple], processes: int, seconds: float) -> Iterator[tuple]:
    """Run functions, each in a process of its own; yield (number, result, problem) as they end.

    The first job runs alone. The processes are forked from a server that has imported otter once;
    it ends with us.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["classroom.marking"])
    waiting, running = list(enumerate(jobs))[::-1], {}
    done_first = False
    try:
        while waiting or running:
            while waiting and len(running) < (processes if done_first else 1):
                number, (function, arguments) = waiting.pop()
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_work, args=(theirs, function, arguments))
                process.start()
                theirs.close()
                running[ours] = (number, process, time.monotonic() + seconds)
            ready = wait(list(running), timeout=0.5)
            for ours, (number, process, deadline) in list(running.items()):
                if ours in ready:
                    outcome = _receive(ours, process)
                elif time.monotonic() > deadline:
                    process.terminate()
                    outcome = (None, f"error: the tests took longer than {seconds:g} s on it")
                else:
                    continue
                del running[ours]
                _stop(process)
                ours.close()
                done_first = True
                yield (number, *outcome)
    finally:
        for _, process, _ in running.values():
            process.terminate()
        for ours, (_, process, _) in running.items():
            _stop(process)
            ours.close()


def _receive(connection, process) -> tuple:
    try:
        return connection.recv(), None
    except EOFError:
        process.join(5)
        return None, f"not graded: its grading process ended (exit status {process.exitcode})"


def _stop(process) -> None:
    """End a process that should have ended, politely first: it ends its sandbox then."""
    for end in (lambda: None, process.terminate, process.kill):
        end()
        process.join(5)
        if process.exitcode is not None:
            process.close()
            return


def _work(connection, function: Callable, arguments: tuple) -> None:
    """Run one job in its own process and send what it returns."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that `with` blocks are left
    try:
        limit_trusted_process()
        connection.send(function(*arguments))
    except KeyboardInterrupt:
        sys.exit(1)


def _name_all(submissions: list[Submission]) -> list[tuple[str | None, str | None]]:
    """Return what the metadata of submissions name."""
    names = []
    for submission in submissions:
        try:
            names.append(named_by(submission))
        except MemoryError:
            names.append((None, None))
    return names


def most_named(submissions: list[Submission]) -> tuple[str | None, str | None]:
    """Return the assignment and the term that most submissions name in their metadata.

    None stands for what no one names, or two name equally often.
    """
    ((_, names, _),) = _run([(_name_all, (submissions,))], 1, 300)
    most = []
    for named in zip(*(names or [(None, None)]), strict=True):
        counts = Counter(name for name in named if name).most_common(2)
        tied = len(counts) == 2 and counts[0][1] == counts[1][1]
        most.append(counts[0][0] if counts and not tied else None)
    return most[0], most[1]


def _grading_folder(name: str, term: str) -> Path:
    folder = ASSIGNMENTS / term / name / "grading"
    if not (folder / "questions.json").is_file():
        made = sorted(f"{p.parent.parent.parent.name}/{p.parent.parent.name}"
                      for p in ASSIGNMENTS.glob("*/*/grading/questions.json"))  # fmt: skip
        raise GradingError(
            f"assignment {name} of term {term} is not there: run make assignments TERM={term}. "
            f"There are: {', '.join(made) or 'none'}"
        )
    return folder


def keep_earlier(output: Path) -> None:
    """Move what an earlier run left to ``earlier/`` and the time of its end: nothing is lost."""
    table = output / "grades.csv"
    if not table.exists():
        return
    ended = datetime.fromtimestamp(table.stat().st_mtime)
    folder = output / "earlier" / f"{ended:%Y-%m-%d-%H%M%S.%f}"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("feedback", "report.html", "grades.csv"):
        if (output / name).exists():
            (output / name).rename(folder / name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m classroom.grade", description=__doc__.split("\n")[0]
    )
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="a folder")
    parser.add_argument("--assignment", metavar="NN_topic", help="default: what most name")
    parser.add_argument("--term", help="default: what most name, or practice")
    parser.add_argument("--output", type=Path, help="default: _build/grades/TERM/NN_topic")
    parser.add_argument("--processes", type=int, help="how many at once; default: all processors")
    parser.add_argument("--isolation", choices=ISOLATIONS, default="bubblewrap")
    return parser


def run(options: argparse.Namespace) -> int:
    """Carry out a parsed command; return the exit status."""
    if not options.submissions.is_dir():
        raise GradingError(f"{options.submissions} is not a folder")
    if options.isolation == "none":
        print(_NO_ISOLATION, file=sys.stderr)
    submissions = find_submissions(options.submissions)
    if not submissions:
        raise GradingError(f"{options.submissions} holds no submission")
    name, term = options.assignment, options.term
    if name is None or term is None:
        most = most_named(submissions)
        name, term = name or most[0], term or most[1] or "practice"
        if name is None:
            raise GradingError("the submissions do not say which assignment they are: --assignment")
        print(f"assignment {name}, term {term}, as most submissions say")
    folder = _grading_folder(name, term)
    output = options.output or GRADES / term / name
    output.mkdir(parents=True, exist_ok=True)
    if options.isolation != "none":
        check_hidden(folder, options.submissions, output)
    assignment = load_assignment(folder)
    start = time.monotonic()
    tqdm.monitor_interval = 0  # no thread of its own
    with tqdm(total=len(submissions), unit="submission", disable=None) as bar:
        marks = grade(
            submissions,
            assignment,
            isolation=options.isolation,
            processes=options.processes,
            on_mark=lambda _: bar.update(),
        )
    keep_earlier(output)
    write_html(output / "report.html", marks, assignment)
    write_feedback(output / "feedback", marks, assignment)
    write_csv(output / "grades.csv", marks, assignment)
    failed = [mark for mark in marks if mark.our_fault]
    ended = sum(mark.status.startswith("error") for mark in marks)
    print(
        f"{len(marks)} submissions in {time.monotonic() - start:.0f} s: {ended} ended with an "
        f"error, {len(failed)} not graded.\n{output / 'grades.csv'}\n{output / 'report.html'}\n"
        f"{output / 'feedback'}: a page for each student"
    )
    for mark_ in failed:
        print(f"{clean(mark_.name)}: {clean(mark_.status)}", file=sys.stderr)
    return 1 if failed else 0


def main(arguments: list[str] | None = None) -> int:
    """Grade what the command line names; return the exit status."""
    options = _parser().parse_args(arguments)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the processes that run tests: several at once
    try:
        return run(options)
    except (GradingError, BrokenAssignment, SandboxUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
