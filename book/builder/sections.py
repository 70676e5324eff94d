"""What a section of a chapter takes: seconds when it ran, and the sections that must run before."""

import ast
from collections.abc import Iterator
from datetime import datetime

from builder.figures import headings

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def sections_of(notebook: dict) -> list[tuple[str, list[dict]]]:
    """List the headings of the second level, each with the code cells under it, in order.

    What comes before the first heading is called ``"Set-up"``.
    """
    sections: list[tuple[str, list[dict]]] = [("Set-up", [])]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            titles = [words for level, words in headings("".join(cell["source"])) if level == 2]
            sections += [(title, []) for title in titles]
        elif cell["cell_type"] == "code":
            sections[-1][1].append(cell)
    return sections


def section_facts(executed: dict) -> list[dict]:
    """Say how long each section ran, and which ones make what it uses.

    Parameters
    ----------
    executed : dict
        A notebook whose code cells carry ``metadata.execution``, as nbclient records it.

    Returns
    -------
    list of dict
        ``title``, ``seconds`` and ``needs`` of each section that took any time, in order.
        ``needs`` names earlier sections that define or change a variable that the section uses,
        directly or through others; the set-up, which everything needs, is left out.
    """
    sections = sections_of(executed)
    needs = _needs(sections)
    facts = []
    for index, (title, cells) in enumerate(sections):
        seconds = sum(map(_seconds, cells))
        if seconds > 0:
            wanted = [sections[one][0] for one in sorted(needs[index]) if one > 0]
            facts.append({"title": title, "seconds": round(seconds, 1), "needs": wanted})
    return facts


def _seconds(cell: dict) -> float:
    times = cell["metadata"].get("execution", {})
    try:
        begin, end = (times[key] for key in ("iopub.execute_input", "shell.execute_reply"))
    except KeyError:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


def _needs(sections: list[tuple[str, list[dict]]]) -> list[set[int]]:
    """Return for each section the earlier ones that it needs, found by the names in the code."""
    makers: dict[str, set[int]] = {}  # sections that bound a name last, or changed it since
    needs: list[set[int]] = []
    for index, (_, cells) in enumerate(sections):
        direct: set[int] = set()
        for cell in cells:
            for name, how in _names(ast.parse("".join(cell["source"]))):
                if how == "read":
                    direct |= makers.get(name, set())
                elif how == "change":
                    makers.setdefault(name, set()).add(index)
                else:
                    makers[name] = {index}
        direct.discard(index)
        needs.append(direct.union(*(needs[one] for one in direct)))
    return needs


def _names(node: ast.AST, local: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield the notebook's names in the order of execution, as ``(name, how)``.

    ``how`` is "read", "bind", or "change" for what is written into (``x[0] = 1``). `local` are
    the names that belong to the function or comprehension around the node.
    """
    if isinstance(node, ast.Name):
        if node.id not in local:
            yield node.id, "read" if isinstance(node.ctx, ast.Load) else "bind"
    elif isinstance(node, SCOPES):
        inner = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
        body = node.body if isinstance(node.body, list) else [node.body]
        inner |= {name for one in body for name, how in _names(one) if how == "bind"}
        for part in ast.iter_child_nodes(node):
            yield from _names(part, local | inner if part in body else local)
        if not isinstance(node, ast.Lambda) and node.name not in local:
            yield node.name, "bind"
    elif isinstance(node, COMPREHENSIONS):
        targets = [name for one in node.generators for name, _ in _names(one.target)]
        for part in ast.iter_child_nodes(node):
            yield from _names(part, local.union(targets))
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((one.asname or one.name.partition(".")[0], "bind") for one in node.names)
    elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
        parts = [name for part in ast.iter_child_nodes(node) for name in _names(part, local)]
        yield from parts
        yield from ((name, "change") for name, how in parts[:1] if how == "read")
    else:
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield from _names(ast.Name(node.target.id, ast.Load()), local)
        first = getattr(node, "iter" if isinstance(node, ast.For) else "value", None)
        for part in sorted(ast.iter_child_nodes(node), key=lambda one: one is not first):
            yield from _names(part, local)
