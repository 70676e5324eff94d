"""Read an assignment's master notebook: its questions, solutions, tests and rubrics.

Otter has its own reader. This one is independent of it, so that what must not reach a student is
known from the master and not from the tool that removes it.
"""

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

_BOUNDARY = re.compile(r"#\s*(BEGIN|END)\s+(QUESTION|PROMPT|SOLUTION|TESTS)\s*$", re.IGNORECASE)
_TEST_CONFIG = re.compile(r'"""\s*# BEGIN TEST CONFIG\n(.*?)\n"""\s*# END TEST CONFIG\n', re.S)


class MasterError(ValueError):
    """A master notebook that breaks the rules of `notebooks/assignments`."""


@dataclass(frozen=True)
class Cell:
    """One cell that is not a boundary: where it stands and what it holds."""

    kind: str  # "code", "markdown"
    source: str
    question: str | None = None
    block: str | None = None  # "PROMPT", "SOLUTION", "TESTS" or None


@dataclass(frozen=True)
class Test:
    """One test case of a question."""

    name: str
    points: float
    hidden: bool
    source: str


@dataclass
class Question:
    """One question: what it is worth, its tests, its solution, its rubric."""

    name: str
    manual: bool
    points: float = 0
    title: str = ""
    rubric: str | None = None
    tests: list[Test] = field(default_factory=list)

    def record(self) -> dict:
        """Return what the grader needs to know, as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "points": self.points,
            "manual": self.manual,
            "tests": [] if self.manual else [f"{self.name}.py"],
            "rubric": self.rubric,
        }


@dataclass(frozen=True)
class Master:
    """A whole assignment."""

    name: str
    title: str
    cells: list[Cell]
    questions: dict[str, Question]

    def points_table(self) -> str:
        """Return the table of questions and points that the title cell shows."""
        rows = ["| | question | points | graded |", "|---|---|---|---|"]
        for question in self.questions.values():
            how = "by your instructor" if question.manual else "automatically"
            rows.append(f"| {question.name} | {question.title} | {question.points:g} | {how} |")
        total = sum(question.points for question in self.questions.values())
        return "\n".join([*rows, f"| | | **{total:g}** | |"])


def read_master(path: Path, term: str | None = None) -> Master:
    """Read a master, with the literal ``"TERM"`` replaced if a term is given.

    Raises
    ------
    MasterError
        If blocks do not match, a question has no solution or no points, a test no explicit points,
        or two tests of a question share a name (otter would keep only the second).
    """
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    name, cells, questions = Path(path).stem, [], {}
    question, blocks = None, []
    for index, raw in enumerate(notebook["cells"]):
        source = "".join(raw["source"])
        if term is not None:
            source = source.replace('"TERM"', json.dumps(term))
        if raw["cell_type"] == "raw":
            edge = _BOUNDARY.match(source.split("\n")[0])
            if edge is None:
                continue
            which, block = (word.upper() for word in edge.groups())
            if which == "END":
                if not blocks or blocks.pop() != block:
                    raise MasterError(f"{name}, cell {index + 1}: END {block} without its BEGIN")
                continue
            if (block == "QUESTION") == bool(blocks):
                place = "inside" if blocks else "outside"
                raise MasterError(f"{name}, cell {index + 1}: BEGIN {block} {place} a question")
            blocks.append(block)
            if block == "QUESTION":
                question = _open_question(name, source)
                if question.name in questions:
                    raise MasterError(f"{name}: two questions are called {question.name}")
                questions[question.name] = question
            continue
        inside = question.name if blocks else None
        cell = Cell(raw["cell_type"], source, inside, blocks[-1] if len(blocks) > 1 else None)
        cells.append(cell)
        if cell.block == "TESTS":
            question.tests.append(_read_test(name, question.name, source))
    if blocks:
        raise MasterError(f"{name}: BEGIN {blocks[-1]} without its END")
    if not questions:
        raise MasterError(f"{name}: no question (a raw cell with # BEGIN QUESTION)")
    title = cells[0].source.split("\n")[0].lstrip("# ").strip() if cells else ""
    for question in questions.values():
        _complete(name, question, [cell for cell in cells if cell.question == question.name])
    return Master(name, title, cells, questions)


def _open_question(name: str, source: str) -> Question:
    config = yaml.safe_load(source) or {}
    if "name" not in config:
        raise MasterError(f"{name}: a question has no name")
    return Question(config["name"], bool(config.get("manual", False)), config.get("points", 0))


def _read_test(name: str, question: str, source: str) -> Test:
    match = _TEST_CONFIG.match(source)
    config = yaml.safe_load(match[1]) if match else {}
    if not isinstance(config.get("points"), int | float):
        raise MasterError(f"{name}, {question}: a test says no points (0 for a public one)")
    body = source[match.end() :]
    tree = ast.parse(body).body
    if len(tree) != 1 or not isinstance(tree[0], ast.FunctionDef):
        raise MasterError(f"{name}, {question}: a test cell is one function, nothing beside it")
    return Test(tree[0].name, config["points"], bool(config.get("hidden", False)), body)


def _complete(name: str, question: Question, cells: list[Cell]) -> None:
    """Fill in title, points and rubric from the question's own cells, and check them."""
    where = f"{name}, {question.name}"
    headings = [c.source for c in cells if c.kind == "markdown" and c.source.startswith("#")]
    if not headings:
        raise MasterError(f"{where}: begin the question with a heading")
    heading = headings[0].split("\n")[0].lstrip("# ").strip()
    question.title = re.sub(r"^(Question|Task) \d+[.:]\s*", "", heading)
    solution = [cell for cell in cells if cell.block == "SOLUTION"]
    if not solution:
        raise MasterError(f"{where}: no solution block")
    if question.manual:
        question.rubric = "\n\n".join(c.source for c in solution if c.kind == "markdown")
        if not question.rubric or not question.points > 0:
            raise MasterError(f"{where}: a written question needs points and a rubric")
        return
    names = [test.name for test in question.tests]
    if len(set(names)) < len(names):
        raise MasterError(f"{where}: two tests share a name, otter would drop one of {names}")
    if question.points:
        raise MasterError(f"{where}: give points to the tests, not to the question")
    question.points = sum(test.points for test in question.tests)
    if not question.points > 0 or all(test.hidden for test in question.tests):
        raise MasterError(f"{where}: needs a public test and tests worth points")
    for cell in solution:
        if cell.kind == "code" and not solution_lines(cell.source):
            raise MasterError(f"{where}: a solution cell marks no line with # SOLUTION")


def solution_lines(source: str) -> list[str]:
    """Return the lines of a solution cell that a student must not see."""
    lines, inside = [], False
    for line in source.split("\n"):
        if line.strip().endswith("# END SOLUTION"):
            inside = False
        elif re.match(r"\s*# BEGIN SOLUTION", line):
            inside = True
        elif inside:
            lines.append(line)
        elif re.search(r"# ?SOLUTION( NO PROMPT)?\s*$", line):
            lines.append(re.sub(r"\s*# ?SOLUTION( NO PROMPT)?\s*$", "", line))
    return lines
