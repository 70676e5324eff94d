"""A chapter's budget: it aims at 75 seconds of an idle core and may not take more than 90.

What counts are the CPU seconds of the notebook's kernel and of the processes that the kernel
started. A notebook runs in one thread, so on an idle core they are the seconds that pass, and time
in which other programs have the core does not count. They still depend on the machine, and grow
somewhat when another core of the same chip is busy. So nothing fails unless the build is asked to
judge (``--budget``, as ``.ci/run`` does): then the aim and the limit grow by as much as this
machine takes longer for a fixed piece of work, and what is above the limit runs once more, alone.
"""

import os
import subprocess
import sys
from pathlib import Path

from builder import pace
from builder.execute import BuildFailed, Chapter
from builder.processes import ONE_THREAD, environment

AIMED_AT, LIMIT = 75, 90
N_CELLS = 5


def slowness(root: Path) -> float:
    """Measure how much longer this machine takes than the one the budget was set on, at least 1."""
    here = str(Path(__file__).resolve().parent.parent)
    env = environment(root, **ONE_THREAD)
    env["PYTHONPATH"] = os.pathsep.join([here, env["PYTHONPATH"]])
    command = [sys.executable, "-m", "builder.pace"]
    seconds = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    return max(1.0, float(seconds) / pace.REFERENCE_SECONDS)


def above(chapters: list[Chapter], seconds: float) -> list[Chapter]:
    """List the chapters whose last run took more CPU seconds than this."""
    return [chapter for chapter in chapters if chapter.record.get("cpu_seconds", 0) > seconds]


def judge(chapters: list[Chapter], *, strict: bool, slowness: float = 1.0) -> None:
    """Remark on chapters above the aim; if asked to be strict, refuse those above the limit.

    Both grow with `slowness`, the seconds that this machine takes for one of the reference.

    Raises
    ------
    BuildFailed
        With the costliest cells of each chapter above the limit.
    """
    aim, limit = AIMED_AT * slowness, LIMIT * slowness
    refused = above(chapters, limit) if strict else []
    slow = [chapter for chapter in above(chapters, aim) if chapter not in refused]
    if slow:
        taken = ", ".join(f"{c.name} ({c.record['cpu_seconds']:.0f})" for c in slow)
        print(f"remark: a chapter aims at {aim:.0f} CPU seconds; these took more: {taken}")
    if refused:
        tables = "\n".join(map(costliest, refused))
        raise BuildFailed(f"a chapter may take {limit:.0f} CPU seconds; these took more:\n{tables}")


def costliest(chapter: Chapter) -> str:
    """Write a table of the cells on which a chapter spent most."""
    cells = [cell for cell in chapter.notebook["cells"] if cell["cell_type"] == "code"]
    rows = sorted(enumerate(chapter.record["cells"], start=1), key=lambda row: -row[1])
    lines = [f"  {chapter.name}: {chapter.record['cpu_seconds']:.0f} s, of which"]
    for number, seconds in rows[:N_CELLS]:
        first = next(iter("".join(cells[number - 1]["source"]).splitlines()), "")
        lines.append(f"    code cell {number:>2} {seconds:7.1f} s   {first}")
    return "\n".join(lines)
