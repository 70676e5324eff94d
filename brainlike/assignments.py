"""What a student notebook and its tests share: data drawn for a term, and checks that explain.

Each check raises `AssertionError` with a sentence that helps the student. ``...`` and ``None``
mean "not answered yet"; NaN, a wrong shape or a wrong type never pass, so nothing passes by
broadcasting.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._grader import OTTER, open_grader
from ._validate import listed

__all__ = [
    "OTTER",
    "expect_answered",
    "expect_array",
    "expect_choice",
    "expect_close",
    "expect_function",
    "expect_number",
    "expect_pair",
    "open_grader",
    "shown",
    "term_generator",
]

_KINDS = {"real": "biuf", "integer": "biuf", "boolean": "b"}


def term_generator(term: str, assignment: str) -> np.random.Generator:
    """Return the random generator of one assignment in one term.

    The same two names give the same numbers on every machine; another term, or another
    assignment, gives unrelated ones. Hidden tests draw their own data under a longer name, such
    as ``"01_perceptrons/hidden/q2"``.

    Parameters
    ----------
    term, assignment : str
        For example ``"2027-spring"`` and ``"01_perceptrons"``.

    Examples
    --------
    >>> rng = term_generator("2027-spring", "01_perceptrons")
    >>> rng.normal(size=3).shape
    (3,)
    """
    digest = hashlib.sha256(f"{term}\n{assignment}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def shown(answer: Callable[[], Any], form: str = ".3g") -> str:
    """Return what `answer()` gives as text, or "?" while something that it needs is open or wrong.

    For a notebook's own cells, which must run while only some answers exist; the check that
    follows says what is missing.

    Examples
    --------
    >>> shown(lambda: 2 / 3)
    '0.667'
    >>> shown(lambda: ... + 1)
    '?'
    """
    try:
        value = answer()
        return "?" if value is None or value is Ellipsis else format(value, form)
    except Exception:
        return "?"


def expect_answered(value: Any, name: str) -> Any:
    """Refuse ``...`` and ``None``, the marks of an open question; return anything else.

    An open variable is ``...``; a function that returns nothing gives None.
    """
    assert value is not Ellipsis, f"{name} is not answered yet: replace the ..."
    assert value is not None, (
        f"{name} is not answered yet: replace the ... (a function must return its result)"
    )
    return value


def expect_array(
    value: Any,
    name: str,
    shape: Sequence[int | str] | None = None,
    *,
    kind: str = "real",
    infinite: bool = False,
) -> np.ndarray:
    """Return `value` as a finite array of the wanted shape, or say what is wrong with it.

    Parameters
    ----------
    value : array_like or torch.Tensor
    name : str
        What the student calls it; it opens the message.
    shape : sequence of (int or str), optional
        An integer must match exactly, a string names a free axis: ``("n_items", 3)``.
    kind : {"real", "integer", "boolean"}
        ``"integer"`` takes whole numbers of any type and returns int64. ``"boolean"`` takes only
        True and False.
    infinite : bool
        Let real numbers be infinite; NaN is refused all the same.

    Raises
    ------
    AssertionError
        If it is not answered, not an array of such numbers, not finite, or of another shape.
    """
    expect_answered(value, name)
    array = _as_array(value, name)
    assert array.dtype.kind in _KINDS[kind], (
        f"{name} must hold {'True and False' if kind == 'boolean' else f'{kind} numbers'}; "
        f"yours holds {array.dtype.name}"
    )
    if shape is not None:
        wanted = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
        exchanged = ": transpose it" if _fits(array.shape[::-1], shape) else ""
        assert _fits(array.shape, shape), (
            f"{name} must have the shape {wanted}; yours has {array.shape}{exchanged}"
        )
    if kind == "boolean":
        return array
    infinite = infinite and kind == "real"
    bad = np.count_nonzero(np.isnan(array) if infinite else ~np.isfinite(array))
    what = "NaN" if infinite else "NaN or infinite"
    assert bad == 0, f"{name} has {bad} of {array.size} values that are {what}"
    if kind == "integer":
        assert np.array_equal(array, np.round(array)), f"{name} must hold whole numbers"
        return array.astype(np.int64)
    return array.astype(np.float64)


def expect_number(
    value: Any, name: str, *, at_least: float = -np.inf, at_most: float = np.inf
) -> float:
    """Return `value` as a float if it is one finite real number within the bounds.

    A zero-dimensional array counts as a number, an array with one element does not.
    """
    expect_answered(value, name)
    assert not isinstance(value, (bool, np.bool_)), f"{name} must be a number, not {value}"
    array = _as_array(value, name)
    assert array.ndim == 0, f"{name} must be a single number; yours has the shape {array.shape}"
    number = float(expect_array(array, name))
    assert number >= at_least, f"{name} is {number:.6g}, which is too small: at least {at_least:g}"
    assert number <= at_most, f"{name} is {number:.6g}, which is too large: at most {at_most:g}"
    return number


def expect_choice(value: Any, name: str, choices: Sequence[str]) -> str:
    """Return `value` if it is one of the strings that the question offers."""
    expect_answered(value, name)
    offered = ", ".join(repr(choice) for choice in choices)
    # otter cuts a quotation mark off the end of a message
    assert isinstance(value, str) and value in choices, f"{name} must be one of {offered} (a text)"
    return str(value)


def expect_function(value: Any, name: str) -> Callable:
    """Return `value` if it can be called."""
    expect_answered(value, name)
    assert callable(value), f"{name} must be a function; yours is of type {type(value).__name__}"
    return value


def expect_pair(value: Any, name: str, n: int = 2) -> tuple:
    """Return `value` as a tuple if it has `n` parts, each of them answered.

    For functions that return several things. An array with `n` rows counts, a set or text does not.
    """
    expect_answered(value, name)
    several = isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim)
    assert several, (
        f"{name} must be {n} values, as in: return first, second; yours is of type "
        f"{type(value).__name__}"
    )
    assert len(value) == n, f"{name} must be {n} values; yours has {len(value)}"
    for position, part in enumerate(value):
        expect_answered(part, f"value {position + 1} of {n} in {name}")
    return tuple(value)


def expect_close(
    value: Any,
    expected: Any,
    name: str,
    tolerance: float = 1e-6,
    *,
    hints: Sequence[tuple[Any, str]] = (),
) -> None:
    """Compare a number or array with what it must be, and name a mistake that is recognised.

    Parameters
    ----------
    value : the student's
    expected : float or ndarray
        The right answer; its shape is the shape that `value` must have.
    name : str
    tolerance : float
        Largest absolute difference for ``|expected| <= 1``, relative to the largest expected value
        above that.
    hints : sequence of (wrong, message), optional
        What typical mistakes lead to. The first that `value` matches (and that differs from
        `expected`) adds its message.

    Raises
    ------
    AssertionError
    """
    expected = np.asarray(expected, dtype=np.float64)
    if expected.ndim == 0:
        found = np.float64(expect_number(value, name))
    else:
        found = expect_array(value, name, expected.shape)
    if _agree(found, expected, tolerance):
        return
    for wrong, message in hints:
        wrong = np.asarray(wrong, dtype=np.float64)
        told_apart = wrong.shape != expected.shape or not _agree(wrong, expected, tolerance)
        if told_apart and wrong.shape == found.shape and _agree(found, wrong, tolerance):
            raise AssertionError(f"{name} is not right yet: {message}")
    if found.ndim == 0:
        raise AssertionError(f"{name} is not right yet: you have {float(found):.6g}")
    off = np.abs(found - expected) > tolerance * max(1.0, np.abs(expected).max())
    where = listed(np.flatnonzero(off)) if off.ndim == 1 else f"first at {np.argwhere(off)[0]}"
    raise AssertionError(
        f"{name} is not right yet: {np.count_nonzero(off)} of {off.size} values differ ({where})"
    )


def _fits(shape: tuple[int, ...], wanted: Sequence[int | str]) -> bool:
    return len(shape) == len(wanted) and all(
        isinstance(want, str) or want == have for want, have in zip(wanted, shape, strict=True)
    )


def _agree(found: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    """Say whether all values agree; NaN never does."""
    if found.size == 0:
        return True
    scale = max(1.0, float(np.abs(expected).max()))
    return bool(np.abs(found - expected).max() <= tolerance * scale)


def _as_array(value: Any, name: str) -> np.ndarray:
    """Convert numbers, lists, arrays and torch tensors; refuse everything else by its type."""
    if hasattr(value, "detach") and hasattr(value, "numpy"):
        value = value.detach().cpu().numpy()
    known = (bool, int, float, complex, np.generic, np.ndarray, list, tuple)
    assert isinstance(value, known), (
        f"{name} must be made of numbers; yours is of type {type(value).__name__}"
    )
    try:
        return np.array(value, subok=False)
    except (TypeError, ValueError, OverflowError):
        raise AssertionError(f"{name} cannot be read as an array: are its rows equal?") from None
