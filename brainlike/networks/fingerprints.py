"""Fingerprints of code: has what decides a network's weights changed since they were trained?

A fingerprint is taken of what the code *does*: comments, docstrings, imports, annotations and the
module a function lies in do not count, nor does the version of Python that reads it.
"""

import ast
import hashlib
import inspect
import textwrap
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any

_SILENT = {"annotation", "returns", "type_comment", "type_params", "kind", "ctx", "type_ignores"}


@lru_cache(maxsize=256)
def fingerprint(*parts: ModuleType | FunctionType | type) -> str:
    """Return a short hash of the code of modules, functions and classes together.

    Parameters
    ----------
    *parts : module, function or class

    Returns
    -------
    str
        Twelve hexadecimal digits.

    Raises
    ------
    OSError
        If the source of a part is not there to be read.
    """
    texts = [_text(ast.parse(textwrap.dedent(inspect.getsource(part)))) for part in parts]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]


def _text(node: Any) -> str:
    """Write a syntax tree in a form of our own: `ast.dump` differs between versions of Python."""
    if isinstance(node, list):
        return "[" + ",".join(text for part in node if (text := _text(part))) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(node):
        return ""
    if isinstance(node, ast.AnnAssign):
        if node.value is None:
            return ""
        node = ast.Assign(targets=[node.target], value=node.value)
    fields = [
        f"{name}={_text(value)}"
        for name, value in ast.iter_fields(node)
        if name not in _SILENT and value is not None and value != []
    ]
    return f"{type(node).__name__}({','.join(fields)})"


def _is_docstring(node: ast.AST) -> bool:
    """Whether a statement is a text that nobody uses."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
