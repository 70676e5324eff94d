"""Run commands side by side, and leave none behind when the build is interrupted."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
}


@dataclass
class Job:
    """A command to run, and afterwards what became of it.

    Attributes
    ----------
    name : str
        What the build's messages call it.
    command : list of str
    folder : Path
        Working directory.
    returncode, seconds, output : int, float, str
        Filled in when the command has ended; `output` is stdout and stderr together.
    """

    name: str
    command: list[str]
    folder: Path
    returncode: int | None = None
    seconds: float = 0.0
    output: str = ""
    _started: float = field(default=0.0, repr=False)


def environment(root: Path, **extra: str) -> dict[str, str]:
    """Return the environment of the build's processes: this tree's package, unbuffered output."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    # a frozen interpreter flag keeps the debugger's start-up warning out of the pages
    fixed = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return {**os.environ, **fixed, **extra}


def run_side_by_side(
    jobs: list[Job], workers: int, env: dict[str, str], scratch: Path, done: Callable[[Job], None]
) -> None:
    """Run the jobs in order of the list, at most `workers` at a time; call `done` after each.

    A job that fails does not stop the others. On Ctrl-C (or any other exception) every process
    that was started is ended, with all of its children, before the exception goes on.
    """
    waiting, running = list(jobs), {}
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.pop(0)
                log = scratch / f"{job.name.replace(':', '-')}.log"
                job._started = time.monotonic()
                with log.open("wb") as stream:
                    process = subprocess.Popen(
                        job.command,
                        cwd=job.folder,
                        env=env,
                        stdin=subprocess.DEVNULL,
                        stdout=stream,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,  # Ctrl-C reaches us alone, and we end them all
                    )
                running[process] = (job, log)
            time.sleep(0.05)
            for process in [p for p in running if p.poll() is not None]:
                job, log = running.pop(process)
                job.returncode = process.returncode
                job.seconds = time.monotonic() - job._started
                job.output = log.read_text("utf-8", errors="replace")
                log.unlink()
                done(job)
    finally:
        for process in running:
            end_with_children(process)


def run_shown(
    command: list[str], folder: Path, env: dict[str, str], *, only_errors: bool = False
) -> int:
    """Run one command, its output (or only its stderr) on the terminal; return the status."""
    sys.stdout.flush()
    out = subprocess.DEVNULL if only_errors else None
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, start_new_session=True)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            end_with_children(process)


def end_with_children(process: subprocess.Popen) -> None:
    """End a process and all that it started: politely first, then for certain."""
    try:
        parent = psutil.Process(process.pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.terminate()
        except psutil.NoSuchProcess:
            pass
    _, alive = psutil.wait_procs(family, timeout=3)
    for member in alive:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            pass
    process.wait()
