"""Open otter for an assignment's notebook, and say which file it reads and packs."""

import ast
import json
import time
from collections.abc import Iterator
from pathlib import Path

OTTER = "otter-grader==7.0.0"  # what `make assignments` derives with, and a student needs

_WRITTEN = "_Type your answer here"  # otter's text in the cell of a written answer


class _NoNotebook:
    """Stands in for otter where the notebook's file is not found: each check says why."""

    def __init__(self, reason: str):
        self.reason = reason
        print(reason)

    def check(self, *args, **kwargs) -> None:
        print(self.reason)

    check_all = export = check


def open_grader(name: str):
    """Return otter's notebook object for the assignment `name`, or say what is missing.

    The public tests lie in the notebook's own metadata, so otter must find the notebook file. A
    renamed copy is found if it is the only one in its folder. Colab keeps the notebook out of
    the file system: there its tests are first written to a folder that otter reads.

    Raises
    ------
    ModuleNotFoundError
        If otter is not installed; the message names the command that installs it.
    """
    try:
        import otter
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"this notebook checks your answers with otter. Install it with: pip install {OTTER}, "
            "then restart the kernel"
        ) from None
    # otter's own autograder brings its tests; on Colab they come from the open notebook
    if getattr(otter.Notebook, "_grading_mode", False) or _write_colab_tests():
        return otter.Notebook()
    path, others = _find_notebook(name)
    if path is None:
        which = f"there are {', '.join(others)}; " if others else ""
        return _NoNotebook(
            f"Cannot find this notebook: {name}.ipynb is not in the working folder, so your "
            f"answers cannot be checked or packed ({which}rename the file you work in to "
            f"{name}.ipynb, close it, open it again and run it from the top)."
        )
    _warn_of_copies(path, others)
    grader = otter.Notebook(path.name)
    export = grader.export

    def export_and_say(*args, **kwargs):
        _warn_of_copies(*_find_notebook(name))
        _describe_file(path)
        return export(*args, **kwargs)

    # set on the object: code that asks for its type, such as the grader's, finds otter's own
    grader.export = export_and_say
    return grader


def _find_notebook(name: str) -> tuple[Path | None, list[str]]:
    """Return the notebook of an assignment in this folder, and the names of other copies of it."""
    own = Path(f"{name}.ipynb")
    copies = [path for path in sorted(Path().glob("*.ipynb")) if _assignment_of(path) == name]
    if own.is_file() and not copies:  # without our metadata, a master for example
        return own, []
    if own not in copies and len(copies) != 1:
        return None, [path.name for path in copies]
    path = own if own in copies else copies[0]
    return path, [copy.name for copy in copies if copy != path]


def _assignment_of(path: Path) -> str | None:
    """Return what a notebook's metadata say that it is."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return notebook["metadata"]["brainlike"]["assignment"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _warn_of_copies(path: Path | None, others: list[str]) -> None:
    if path is not None and others:
        print(
            f"Copies of this assignment lie beside {path}: {', '.join(others)}. The zip file is "
            f"made from {path}, whichever you work in: work there, and move the copies elsewhere."
        )


def _describe_file(path: Path) -> None:
    """Print which file is packed, when it was saved, and which of its answers are open."""
    try:
        saved = path.stat().st_mtime
        still_open = list(_open_answers(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError):
        return  # otter says what is wrong with the file
    clock = time.strftime("%H:%M:%S", time.localtime(saved))
    print(f"Packing {path} as it was saved {_ago(time.time() - saved)} (at {clock}).")
    if still_open:
        print(
            f"In that file these answers are still open: {', '.join(still_open)}. If you have "
            "answered them, save this notebook and run this cell again."
        )


def _ago(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{max(0, int(seconds))} seconds ago"


def _open_answers(notebook: dict) -> Iterator[str]:
    """Name the functions and variables of a notebook that still hold ``...``."""
    for cell in notebook.get("cells", []):
        source = "".join(cell.get("source", ""))
        if cell.get("cell_type") == "markdown" and _WRITTEN in source:
            yield "the written answer"
        if cell.get("cell_type") != "code":
            continue
        try:
            statements = ast.parse(source).body
        except (SyntaxError, ValueError):
            continue
        for statement in statements:
            if isinstance(statement, ast.FunctionDef):
                if any(_holds_dots(node) for node in ast.walk(statement)):
                    yield f"{statement.name}()"
            elif isinstance(statement, ast.Assign) and _holds_dots(statement):
                yield ast.unparse(statement.targets[0])


def _holds_dots(node: ast.AST) -> bool:
    """Say whether a statement is ``...``, or sets or returns it, alone or in a list."""
    if not isinstance(node, ast.Expr | ast.Assign | ast.Return):
        return False
    value = node.value
    parts = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    return any(isinstance(part, ast.Constant) and part.value is ... for part in parts)


def _write_colab_tests(folder: str = "tests") -> bool:
    """On Colab, write the public tests of the open notebook to `folder`; say whether it did."""
    try:
        from google.colab import _message
    except ImportError:
        return False
    notebook = _message.blocking_request("get_ipynb", timeout_sec=20)["ipynb"]
    Path(folder).mkdir(exist_ok=True)
    for question, source in notebook["metadata"]["otter"]["tests"].items():
        Path(folder, f"{question}.py").write_text(source, encoding="utf-8")
    return True
