"""Read the masters of the assignments: the book lists what there is, and nothing is typed twice."""

import re
import sys
from pathlib import Path

from builder.execute import BuildFailed

sys.path.append(str(Path(__file__).resolve().parents[2]))  # `classroom` is not installed

from classroom.master import Master, MasterError, read_master

DIFFICULTY = re.compile(r"\bdifficulty\W+([1-3]) of 3\b", re.IGNORECASE)
MINUTES = re.compile(r"\b(\d+(?: (?:to|or) \d+)?) minutes\b", re.IGNORECASE)


def read_masters(root: Path, chapters: list[str]) -> list[dict]:
    """Describe each assignment, in the order of the chapters.

    Parameters
    ----------
    root : Path
        The repository.
    chapters : list of str
        Stems of the book's notebooks.

    Returns
    -------
    list of dict
        ``name``, ``title``, ``summary`` (its questions), ``minutes``, ``difficulty``, ``points``
        (given by tests) and ``written`` (given by a person).

    Raises
    ------
    BuildFailed
        If a master breaks the rules, belongs to no chapter, or its first cell does not state
        difficulty and minutes.
    """
    found = {path.stem: path for path in (root / "notebooks" / "assignments").glob("*.ipynb")}
    strangers = sorted(set(found) - set(chapters))
    if strangers:
        raise BuildFailed(f"assignments without a chapter in _toc.yml: {', '.join(strangers)}")
    return [_describe(found[name]) for name in chapters if name in found]


def _describe(path: Path) -> dict:
    try:
        master = read_master(path)
    except (MasterError, ValueError, KeyError) as error:
        raise BuildFailed(f"notebooks/assignments/{path.name}: {error}") from None
    head = next((cell.source for cell in master.cells if cell.kind == "markdown"), "")
    difficulty, minutes = DIFFICULTY.search(head), MINUTES.search(head)
    if not (difficulty and minutes):
        raise BuildFailed(
            f"notebooks/assignments/{path.name}: its first text cell must say "
            '"difficulty 2 of 3" and "90 minutes" (or "60 to 90 minutes")'
        )
    return {
        "name": master.name,
        "title": master.title,
        "summary": " · ".join(question.title for question in master.questions.values()),
        "minutes": minutes.group(1),
        "difficulty": int(difficulty.group(1)),
        "points": _points(master, manual=False),
        "written": _points(master, manual=True),
    }


def _points(master: Master, *, manual: bool) -> float:
    total = sum(one.points for one in master.questions.values() if one.manual is manual)
    return int(total) if total == int(total) else total
