"""One record a claim: a number, its bound, what was published, and the control that could fail.

A chapter calls `claim` wherever it asserts something. The call shows a readable line, fails the
notebook when the bound is not met, and leaves the record in the cell's output, from which the
book's Claims page and ``claims.json`` are made. Nothing on that page is typed by hand.
"""

import html
import math
from dataclasses import asdict, dataclass

from IPython import get_ipython
from IPython.display import display

MIME_TYPE = "application/vnd.brainlike.claim+json"
DATA_KINDS = ("real", "simulated")


@dataclass(frozen=True)
class Claim:
    """A claim of a chapter, as the Claims page and ``claims.json`` carry it.

    Attributes
    ----------
    id : str
        ``"topic/what-is-measured"``, unique in the book.
    title : str
        What the number is, in words, with its unit.
    value : float
        The number this run measured.
    bound : str
        What `value` has to satisfy, such as ``"at least 0.9"``.
    published : str or None
        The literature's number, as one would say it.
    citation : str or None
        Key in ``book/references.bib``.
    control : str or None
        The control condition and its number.
    data : {"real", "simulated"}
    passed : bool or None
        None if the claim is about real data and only a stand-in was there: nothing was tested.
    """

    id: str
    title: str
    value: float
    bound: str
    published: str | None
    citation: str | None
    control: str | None
    data: str
    passed: bool | None


class ClaimFailed(AssertionError):
    """A chapter asserts something that this run does not bear out."""


def claim(
    id: str,
    value: float,
    *,
    title: str,
    at_least: float | None = None,
    at_most: float | None = None,
    near: tuple[float, float] | None = None,
    published: str | float | None = None,
    citation: str | None = None,
    control: str | None = None,
    data: str = "simulated",
    about_real_data: bool = False,
) -> Claim:
    """Check one claim, show it, and record it; a claim that does not hold stops the notebook.

    Parameters
    ----------
    id : str
        ``"topic/what-is-measured"``.
    value : float
        The number that was measured.
    title : str
        What the number is, in words, with its unit.
    at_least, at_most : float, optional
        Inclusive bounds. Give one, both, or `near`.
    near : (float, float), optional
        Target and tolerance: ``near=(95.9, 0.1)`` asks for ``|value - 95.9| <= 0.1``.
    published : str or float, optional
        The literature's number.
    citation : str, optional
        Key in ``book/references.bib`` for `published`.
    control : str, optional
        The control condition with its number.
    data : {"real", "simulated"}
        What the value was computed from: pass the loader's ``.source``.
    about_real_data : bool
        The claim is about recordings. It is then asserted only if `data` is ``"real"``; with a
        simulated stand-in it is shown as not tested.

    Returns
    -------
    Claim

    Raises
    ------
    ClaimFailed
        If the bound is not met (after the line is shown).
    ValueError
        If the value is not finite, no bound is given, or an argument is malformed.

    Examples
    --------
    >>> claim("demo/half", 0.5, title="One half", near=(0.5, 0.01)).passed
    One half: 0.5 (bound: 0.5 ± 0.01) · simulated data · passed
    True
    """
    _check_arguments(id, value, at_least, at_most, near, data)
    value = float(value)
    if near is not None:
        at_least, at_most = near[0] - near[1], near[0] + near[1]
        slack = 1e-9 * max(1.0, abs(near[0]))  # 95.9 - 0.1 is not 95.8 in binary
        holds = at_least - slack <= value <= at_most + slack
        bound = f"{near[0]:g} ± {near[1]:g}"
    else:
        holds = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        parts = [
            f"{word} {limit:g}"
            for word, limit in (("at least", at_least), ("at most", at_most))
            if limit is not None
        ]
        bound = " and ".join(parts)
    record = Claim(
        id=id,
        title=title,
        value=value,
        bound=bound,
        published=None if published is None else str(published),
        citation=citation,
        control=control,
        data=data,
        passed=bool(holds) if (data == "real" or not about_real_data) else None,
    )
    _show(record)
    if record.passed is False:
        raise ClaimFailed(f"claim {id!r} does not hold: {value:.6g} is not {bound}")
    return record


def _check_arguments(id, value, at_least, at_most, near, data):
    topic, _, name = id.partition("/")
    if not topic or not name:
        raise ValueError(f"a claim's id must read 'topic/what-is-measured'; got {id!r}")
    if not math.isfinite(value):
        raise ValueError(f"claim {id!r}: the value must be a finite number; got {value}")
    if at_least is None and at_most is None and near is None:
        raise ValueError(f"claim {id!r} has no bound: give at_least, at_most or near")
    if near is not None and (at_least is not None or at_most is not None):
        raise ValueError(f"claim {id!r}: give either near or at_least/at_most, not both")
    if data not in DATA_KINDS:
        raise ValueError(f"claim {id!r}: data must be one of {DATA_KINDS}; got {data!r}")


def _outcome(record: Claim) -> str:
    if record.passed is None:
        return "not tested (simulated stand-in)"
    return "passed" if record.passed else "FAILED"


def as_text(record: Claim) -> str:
    """Return the claim as one line of text."""
    parts = [f"{record.title}: {record.value:.4g} (bound: {record.bound})"]
    if record.published is not None:
        parts.append(f"published: {record.published}")
    if record.control is not None:
        parts.append(f"control: {record.control}")
    parts.append(f"{record.data} data")
    parts.append(_outcome(record))
    return " · ".join(parts)


def as_html(record: Claim) -> str:
    """Return the claim as a small HTML block; the book's style sheet dresses it."""
    mark = {True: "✓", False: "✗", None: "–"}[record.passed]
    state = {True: "passed", False: "failed", None: "untested"}[record.passed]
    rows = [("bound", record.bound), ("published", record.published), ("control", record.control)]
    details = "".join(
        f"<span><b>{name}</b> {html.escape(text)}</span>" for name, text in rows if text is not None
    )
    return (
        f'<div class="claim claim-{state}" id="claim-{html.escape(record.id.replace("/", "-"))}">'
        f'<span class="claim-title">{html.escape(record.title)}</span> '
        f'<span class="claim-value">{record.value:.4g}</span>'
        f'<div class="claim-details">{details}'
        f"<span><b>data</b> {record.data}</span>"
        f'<span class="claim-outcome">{mark} {_outcome(record)}</span></div></div>'
    )


def _show(record: Claim) -> None:
    if get_ipython() is None:
        print(as_text(record))
        return
    bundle = {
        "text/plain": as_text(record),
        "text/html": as_html(record),
        MIME_TYPE: asdict(record),
    }
    display(bundle, raw=True)
