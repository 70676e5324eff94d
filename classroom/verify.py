"""Check one derived assignment: the solution earns everything, the student version nothing.

Run in a process of its own: ``python -m classroom.verify FOLDER MASTER --term TERM``. Cells are
executed in this process, without a kernel; otter's own test files judge the result.
"""

import argparse
import base64
import contextlib
import io
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from classroom import otter_stub
from classroom.master import Master, read_master, solution_lines

ROOT = Path(__file__).resolve().parents[1]
_DISTINCTIVE = 20  # shorter lines, such as "return total", stand in many places by right


@contextlib.contextmanager
def without_otter() -> Iterator[None]:
    """Put a module that checks nothing in otter's place while cells run."""
    real = sys.modules.get("otter")
    otter_stub.install()
    try:
        yield
    finally:
        del sys.modules["otter"]
        if real is not None:
            sys.modules["otter"] = real


def run_cells(sources: list[str], env: dict) -> list[tuple[int, BaseException]]:
    """Execute code cells in `env`, in an empty folder; return what escaped from which cell."""
    escaped = []
    env.setdefault("__name__", "__main__")
    quiet = contextlib.redirect_stdout(io.StringIO())
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), quiet:
        with without_otter():
            for index, source in enumerate(sources):
                try:
                    exec(compile(source, f"<cell {index + 1}>", "exec"), env)
                except BaseException as error:  # SystemExit would end a kernel as well
                    if isinstance(error, KeyboardInterrupt):
                        raise
                    escaped.append((index, error))
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    return escaped


def code_cells(path: Path) -> list[str]:
    """Return the code of a notebook, cell by cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_tests(folder: Path, question: str, env: dict):
    """Run the tests of one question, hidden ones included; return otter's result."""
    from classroom.otter_quiet import ExceptionTestFile

    result = ExceptionTestFile.from_file(str(folder / "grading/tests" / f"{question}.py"))
    result.run(env)
    return result


def check_scores(folder: Path, master: Master, version: str, env: dict) -> Iterator[str]:
    """Run one version in `env`; say so if the solution loses a point or the student gains one."""
    for index, error in run_cells(code_cells(folder / version / f"{master.name}.ipynb"), env):
        kind = type(error).__name__
        yield f"the {version} notebook raises {kind} in code cell {index + 1}: {error}"
    for question in master.questions.values():
        if question.manual:
            continue
        result = run_tests(folder, question.name, env)
        failed = " ".join(r.message for r in result.test_case_results if not r.passed)
        if version == "student" and result.score != 0:
            yield f"{question.name}: the unanswered notebook scores {result.score:g} points"
        if version == "student" and not failed:
            yield f"{question.name}: no test of the unanswered notebook fails"
        if version == "solution" and (failed or abs(result.score - question.points) > 1e-9):
            yield f"{question.name}: the solution scores {result.score:g} points: {failed}"


def _squeeze(text: str) -> str:
    """Remove what `ast.unparse` may change: white space and the kind of quotes."""
    return re.sub(r"[\s\\]+", "", text).replace("'", '"')


def _strings(value) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def everything_in(notebook: dict) -> str:
    """Return all text of a notebook: sources, outputs, metadata, decoded attachments."""
    parts = ["".join(cell["source"]) for cell in notebook["cells"]]
    parts.extend(_strings(notebook))
    for cell in notebook["cells"]:
        for coded in _strings(list(cell.get("attachments", {}).values())):
            with contextlib.suppress(ValueError):
                parts.append(base64.b64decode(coded).decode("utf-8", "ignore"))
    return "\n".join(parts)


def find_leaks(notebook: dict, master: Master) -> Iterator[str]:
    """Name every solution line, rubric line and hidden test that stands in a student notebook.

    A line counts if it has more than 20 characters, imports nothing, and the question does not
    show it anyway, in its text, in the visible part of its stub, or (for a hidden test) in a
    public test.
    """
    text = everything_in(notebook)
    squeezed = _squeeze(text)
    for question in master.questions.values():
        own = [cell for cell in master.cells if cell.question == question.name]
        secret, shown = [], []
        for cell in own:
            hidden = solution_lines(cell.source)
            if cell.block == "SOLUTION" and cell.kind == "markdown":
                secret += [("rubric", line) for line in cell.source.split("\n")]
            elif cell.block == "SOLUTION":
                secret += [("solution", line) for line in hidden]
                shown += [line for line in cell.source.split("\n") if line not in hidden]
            elif cell.block != "TESTS":
                shown += cell.source.split("\n")
        shown = {_squeeze(line) for line in shown}
        public = {_squeeze(x) for t in question.tests if not t.hidden for x in t.source.split("\n")}
        for test in question.tests:
            if test.hidden:
                if re.search(rf"\b{test.name}\b", text):
                    yield f"{question.name}: the student notebook names the hidden {test.name}"
                lines = test.source.split("\n")
                secret += [("hidden test", x) for x in lines if _squeeze(x) not in public]
        for kind, line in secret:
            bare = _squeeze(line)
            if len(line.strip()) <= _DISTINCTIVE or re.match(r"\s*(import|from) ", line):
                continue
            if bare not in shown and bare in squeezed:
                yield f"{question.name}: the student notebook holds a {kind} line: {line.strip()}"


def find_paths(folder: Path, paths: list[str]) -> Iterator[str]:
    """Name the files, archives' members included, that hold one of this machine's paths."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        contents = [(file.name, file.read_bytes())]
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                contents = [(f"{file.name}:{n}", archive.read(n)) for n in archive.namelist()]
        for name, content in contents:
            for path in paths:
                if path.encode() in content:
                    yield f"{name} holds a path of this machine: {path}"


def verify(folder: Path, master: Master) -> list[str]:
    """Return all that is wrong with one derived assignment, best an empty list."""
    student = folder / "student" / f"{master.name}.ipynb"
    notebook = json.loads(student.read_text(encoding="utf-8"))
    paths = [str(ROOT), sys.prefix, str(folder.resolve())]
    return [
        *find_leaks(notebook, master),
        *find_paths(folder, sorted(set(paths))),
        *check_scores(folder, master, "solution", {}),
        *check_scores(folder, master, "student", {}),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print what is wrong, a line each; return 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("master", type=Path)
    parser.add_argument("--term", required=True)
    options = parser.parse_args(arguments)
    master = read_master(options.master, options.term)
    problems = verify(options.folder, master)
    for problem in problems:
        print(f"{master.name}, {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
