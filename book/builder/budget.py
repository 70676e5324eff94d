"""A chapter's budget: it aims at 75 seconds of an idle core and may not take more than 90.

What counts are the CPU seconds of the notebook's kernel and of the processes that the kernel
started. A notebook runs in one thread, so on an idle core they are the seconds that pass, and time
in which other programs have the core does not count. They still depend on the machine, and grow
somewhat when another core of the same chip is busy. So nothing fails unless the build is asked to
judge (``--budget``, as ``.ci/run`` does), and what is above the limit then runs once more, alone.
"""

from builder.execute import BuildFailed, Chapter

AIMED_AT, LIMIT = 75, 90
N_CELLS = 5


def above(chapters: list[Chapter], seconds: float) -> list[Chapter]:
    """List the chapters whose last run took more CPU seconds than this."""
    return [chapter for chapter in chapters if chapter.record.get("cpu_seconds", 0) > seconds]


def judge(chapters: list[Chapter], *, strict: bool) -> None:
    """Remark on chapters above the aim; if asked to be strict, refuse those above the limit.

    Raises
    ------
    BuildFailed
        With the costliest cells of each chapter above the limit.
    """
    refused = above(chapters, LIMIT) if strict else []
    slow = [chapter for chapter in above(chapters, AIMED_AT) if chapter not in refused]
    if slow:
        taken = ", ".join(f"{c.name} ({c.record['cpu_seconds']:.0f})" for c in slow)
        print(f"remark: a chapter aims at {AIMED_AT} CPU seconds; these took more: {taken}")
    if refused:
        tables = "\n".join(map(costliest, refused))
        raise BuildFailed(f"a chapter may take {LIMIT} CPU seconds; these took more:\n{tables}")


def costliest(chapter: Chapter) -> str:
    """Write a table of the cells on which a chapter spent most."""
    cells = [cell for cell in chapter.notebook["cells"] if cell["cell_type"] == "code"]
    rows = sorted(enumerate(chapter.record["cells"], start=1), key=lambda row: -row[1])
    lines = [f"  {chapter.name}: {chapter.record['cpu_seconds']:.0f} s, of which"]
    for number, seconds in rows[:N_CELLS]:
        first = next(iter("".join(cells[number - 1]["source"]).splitlines()), "")
        lines.append(f"    code cell {number:>2} {seconds:7.1f} s   {first}")
    return "\n".join(lines)
