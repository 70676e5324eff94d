"""Time and memory of ours and of peers: same process, same data, one thread, taking turns."""

import gc
import itertools
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Program:
    """One way to do a task.

    Attributes
    ----------
    name : str
    run : callable
        Does the task; this is what is timed.
    numbers : callable or None
        Turns the result into an array that can be compared between programs; not timed. None
        where a peer defines something else, which the file then explains.
    rounds : int
        How often it is timed; 0 where it is so slow that the first run must do.
    parts : int
        How many equal parts a run does, such as models; time is given for one.
    """

    name: str
    run: Callable[[], Any]
    numbers: Callable[[Any], Any] | None = staticmethod(lambda result: result)
    rounds: int = 5
    parts: int = 1


@dataclass(frozen=True)
class Row:
    """What one program needed for one task.

    Attributes
    ----------
    task, program : str
    seconds : float
        Median over the rounds, for one part.
    rounds : int
    megabytes : float
        Peak of what the whole run allocated, results included, inputs not.
    times_ours : float
        `seconds` over ours: above 1 the program is slower than ours.
    difference : float
        Largest absolute difference between its numbers and ours; NaN if they are not compared.
    """

    task: str
    program: str
    seconds: float
    rounds: int
    megabytes: float
    times_ours: float
    difference: float


def time_each(programs: list[Program]) -> list[float]:
    """Return the median seconds of a part of each program.

    In every round each program runs once, so that a change in the machine's speed meets all of
    them.
    """
    seconds = [[] for _ in programs]
    for turn in range(max(program.rounds for program in programs)):
        for program, times in zip(programs, seconds, strict=True):
            if turn < program.rounds:
                gc.collect()
                start = time.perf_counter()
                program.run()
                times.append((time.perf_counter() - start) / program.parts)
    return [statistics.median(times) if times else float("nan") for times in seconds]


def peak_memory(run: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result of `run` and the most megabytes that it held at once, result included.

    Counted by tracemalloc, which sees all arrays of numpy and all objects of Python, but not the
    work space of compiled code: a few megabytes for a matrix product, as much as its result for
    an argsort, up to some copies of the matrix for a decomposition.
    """
    gc.collect()
    tracemalloc.start()
    try:
        result = run()
        return result, tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def measure(task: str, programs: list[Program], *, tolerance: float = 1e-6) -> list[Row]:
    """Compare the numbers, the memory and the time of programs; the first is ours.

    A first run of each gives its numbers and memory, and loads what it loads. It is not timed,
    unless `rounds` is 0: then it is all there is.

    Parameters
    ----------
    task : str
    programs : list of Program
    tolerance : float
        Largest absolute difference that numbers may have from ours.

    Raises
    ------
    AssertionError
        If a program's numbers differ by more.
    """
    first_seconds, megabytes, differences = [], [], []
    expected = None
    for program in programs:
        start = time.perf_counter()
        result, peak = peak_memory(program.run)
        first_seconds.append((time.perf_counter() - start) / program.parts)
        megabytes.append(peak)
        if program.numbers is None:
            differences.append(float("nan"))
        else:
            numbers = np.asarray(program.numbers(result))
            expected = numbers if expected is None else expected
            differences.append(float(np.abs(numbers - expected).max()))
            assert differences[-1] <= tolerance, f"{task}: {program.name}: {differences[-1]}"
            del numbers
        del result
    seconds = [
        timed if program.rounds else first
        for program, timed, first in zip(programs, time_each(programs), first_seconds, strict=True)
    ]
    return [
        Row(
            task=task,
            program=program.name,
            seconds=seconds[i],
            rounds=program.rounds,
            megabytes=megabytes[i],
            times_ours=seconds[i] / seconds[0],
            difference=differences[i],
        )
        for i, program in enumerate(programs)
    ]


def print_table(rows: list[Row]) -> None:
    """Print one line a program, the tasks one after the other."""
    print(f"{'':45}{'median':>12} {'rounds':>6} {'x ours':>7} {'peak MB':>8} {'max diff':>9}")
    for task, group in itertools.groupby(rows, key=lambda row: row.task):
        print(task)
        for row in group:
            print(
                f"  {row.program:43}{1e3 * row.seconds:9.2f} ms {row.rounds:6} "
                f"{row.times_ours:7.2f} {row.megabytes:8.1f} {row.difference:9.1e}"
            )
