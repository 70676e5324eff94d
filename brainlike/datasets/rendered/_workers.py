"""Worker processes that render one object after another.

Each worker is a fresh interpreter that runs `serve`, and talks through its standard input
and output. Unlike a process pool it never imports the caller's main script: it works from a
notebook, from standard input, and from a script without an ``if __name__ == "__main__"`` guard.
When the parent dies, the worker reads the end of its input and stops.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from typing import Any


def map_in_processes(
    function: Callable[..., Any], jobs: Sequence[tuple], n_jobs: int
) -> Iterator[tuple[int, Any]]:
    """Yield ``(position, function(*job))`` for each job, in the order in which they finish.

    Parameters
    ----------
    function : callable
        Defined at the top level of an importable module.
    jobs : sequence of tuple
        Arguments; they and the results must be picklable.
    n_jobs : int
        Number of processes, each with one thread.

    Raises
    ------
    RuntimeError
        If a worker dies. An exception in `function` is raised here as it is.
    """
    workers: list[subprocess.Popen] = []
    mine = threading.local()  # each thread feeds a process of its own

    def start():
        mine.worker = _start_worker()
        workers.append(mine.worker)

    def run(job):
        try:
            pickle.dump((function, job), mine.worker.stdin)
            mine.worker.stdin.flush()
            error, result = pickle.load(mine.worker.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            code = mine.worker.wait()
            raise RuntimeError(
                f"a worker process ended early (exit status {code}); if memory is short, "
                "use a smaller n_jobs"
            ) from None
        if error is not None:
            raise error
        return result

    threads = ThreadPoolExecutor(min(n_jobs, len(jobs)), initializer=start)
    try:
        positions = {threads.submit(run, job): i for i, job in enumerate(jobs)}
        for finished in as_completed(positions):
            yield positions[finished], finished.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.kill()
        threads.shutdown()
        for worker in workers:
            with suppress(OSError):  # a job that was on its way
                worker.stdin.close()
            worker.stdout.close()
            worker.wait()


def _start_worker() -> subprocess.Popen:
    libraries = ("OMP", "OPENBLAS", "MKL")
    one_thread = {f"{library}_NUM_THREADS": "1" for library in libraries}
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    return subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **one_thread, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C reaches the parent only, which then stops its workers
    )


def serve() -> None:
    """Answer jobs from standard input until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not spoil the answers
    while True:
        try:
            function, job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = (None, function(*job))
        except Exception as error:
            answer = (error, None)
        try:
            pickle.dump(answer, answers)
            answers.flush()
        except BrokenPipeError:
            return
