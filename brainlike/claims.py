"""One record a claim: a number, its bound, and a control that must miss it.

A chapter calls `claim` wherever it asserts something. The call shows a readable line, fails the
notebook when the bound is not met *or when the control meets it*, and leaves the record in the
cell's output, from which the book's Claims page and ``claims.json`` are made. `holds` does the same
for a sentence that compares. There are three kinds of claim:

* a **finding**: its control, the best null or rival there is, misses the bound;
* a **reading** of a real file: the value equals what the file, or the paper, says;
* a **check**: a theorem, a gradient, a synthesis that converged.
"""

import html
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
from IPython import get_ipython
from IPython.display import display

MIME_TYPE = "application/vnd.brainlike.claim+json"
DATA_KINDS = ("real", "simulated")
KINDS = ("finding", "reading", "check")


@dataclass(frozen=True)
class Control:
    """What must miss a finding's bound: a null, a baseline, the other explanation.

    Attributes
    ----------
    words : str
        What it is, such as ``"an untrained network"``.
    value : float
        The number that it gives where the claim has its own.
    """

    words: str
    value: float


@dataclass(frozen=True)
class Claim:
    """A claim of a chapter, as the Claims page and ``claims.json`` carry it.

    Attributes
    ----------
    id : str
        ``"topic/what-is-measured"``, unique in the book.
    kind : {"finding", "reading", "check"}
    title : str
        What the number is, in words, with its unit.
    value : float
        The number this run measured.
    interval : (float, float) or None
        Of the value, over the units of replication.
    n : int or None
        How many units of replication there are; `unit` names them: seeds, animals, images.
    unit : str or None
    bound : str
        What `value` has to satisfy, such as ``"at least 0.9"``.
    published : str or None
        The literature's number, as one would say it.
    citation : str or None
        Key in ``book/references.bib``.
    control : str or None
        The controls in words; of a finding, with their numbers.
    control_value : float or None
        Of a finding: the number of the control that comes closest to the bound.
    data : {"real", "simulated"}
    passed : bool or None
        None if the claim is about real data and only a stand-in was there: nothing was tested.
    """

    id: str
    kind: str
    title: str
    value: float
    interval: tuple[float, float] | None
    n: int | None
    unit: str | None
    bound: str
    published: str | None
    citation: str | None
    control: str | None
    control_value: float | None
    data: str
    passed: bool | None


class ClaimFailed(AssertionError):
    """A chapter asserts something that this run does not bear out."""


_group: list[Claim] | None = None  # what `together` collects


def claim(
    id: str,
    value: float,
    *,
    title: str,
    at_least: float | None = None,
    at_most: float | None = None,
    near: tuple[float, float] | None = None,
    control: Control | Sequence[Control] | str | None = None,
    margin: float = 0.0,
    interval: tuple[float, float] | None = None,
    n: int | None = None,
    unit: str | None = None,
    published: str | float | None = None,
    citation: str | None = None,
    data: str = "simulated",
    about_real_data: bool = False,
) -> Claim:
    """Check one claim, show it, and record it; a claim that does not hold stops the notebook.

    With a `Control` it is a finding. Without one it is a reading if it is about recordings and
    has a window, `near`, around a known number; else it is a check.

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
    control : Control or sequence of Control or str, optional
        What must miss the bound. A string is shown, and tests nothing.
    margin : float
        The controls must miss the bound by more than this.
    interval : (float, float), optional
        Of the value, over the units of replication.
    n : int, optional
        Number of units of replication, named by `unit`.
    unit : str, optional
        ``"seeds"``, ``"animals"``, ``"people"``, ``"images"``.
    published : str or float, optional
        The literature's number.
    citation : str, optional
        Key in ``book/references.bib`` for `published`.
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
        If the bound is not met, or a control meets it (after the line is shown).
    ValueError
        If a number is not finite, no bound is given, or an argument is malformed.

    Examples
    --------
    >>> guess = Control("a coin", 0.5)
    >>> claim("demo/accuracy", 0.9, title="Accuracy", at_least=0.8, control=guess).kind
    Accuracy: 0.9 (bound: at least 0.8) · control: a coin 0.5 · simulated data · passed
    'finding'
    """
    controls = _controls(control)
    _check_arguments(id, value, at_least, at_most, near, interval, n, unit, data, margin)
    for one in controls:
        if not math.isfinite(one.value):
            raise ValueError(f"claim {id!r}: the control {one.words!r} is {one.value}, no number")
    low, high, bound = _window(at_least, at_most, near)
    value = float(value)
    tested = data == "real" or not about_real_data
    meets = low <= value <= high
    # how far a control lies outside; below 0 for one that meets the bound
    misses = [max(low - one.value, one.value - high) for one in controls]
    met = [one for one, miss in zip(controls, misses, strict=True) if not miss > margin]
    record = Claim(
        id=id,
        kind="finding" if controls else "reading" if about_real_data and near else "check",
        title=title,
        value=value,
        interval=None if interval is None else (float(interval[0]), float(interval[1])),
        n=None if n is None else int(n),
        unit=unit,
        bound=bound,
        published=None if published is None else str(published),
        citation=citation,
        control=control if isinstance(control, str) else _in_words(controls),
        control_value=float(controls[int(np.argmin(misses))].value) if controls else None,
        data=data,
        passed=bool(meets and not met) if tested else None,
    )
    _show(record)
    if record.passed is False:
        what = f"{value:.6g} is not {bound}"
        if meets:
            by = f" by more than {margin:g}" if margin else ""
            what = f"its control, {_in_words(met)}, must miss the bound, {bound},{by} and does not"
        raise ClaimFailed(f"claim {id!r} does not hold: {what}")
    return record


def holds(condition: bool, sentence: str) -> None:
    """Stop the notebook if a sentence of the page is not true of this run.

    Parameters
    ----------
    condition : bool
    sentence : str
        The sentence in short.

    Raises
    ------
    ClaimFailed
        If the condition is false.
    TypeError
        If it is neither true nor false, such as an array or NaN.

    Examples
    --------
    >>> holds(0.47 > 0.42, "the trained network predicts better than the untrained one")
    """
    if not isinstance(condition, bool | np.bool_):
        raise TypeError(f"holds({sentence!r}) needs True or False; got {condition!r}")
    if not condition:
        raise ClaimFailed(f"this run does not bear out: {sentence}")


@contextmanager
def together(title: str) -> Iterator[None]:
    """Show the claims made within this block as one table.

    Parameters
    ----------
    title : str
        Of the table.

    Examples
    --------
    >>> with together("Two halves"):
    ...     for part in ("first", "second"):
    ...         _ = claim(f"demo/{part}", 0.5, title=f"The {part} half", near=(0.5, 0.01))
    Two halves
    The first half: 0.5 (bound: 0.5 ± 0.01) · simulated data · passed
    The second half: 0.5 (bound: 0.5 ± 0.01) · simulated data · passed
    """
    global _group
    if _group is not None:
        raise ValueError("a table of claims cannot hold another one")
    _group = collected = []
    try:
        yield
    finally:
        _group = None
        if collected:
            text = "\n".join([title, *map(as_text, collected)])
            _display(text, as_table(title, collected), [asdict(record) for record in collected])


def _controls(control: Control | Sequence[Control] | str | None) -> tuple[Control, ...]:
    if control is None or isinstance(control, str):
        return ()
    listed = (control,) if isinstance(control, Control) else tuple(control)
    if not listed or not all(isinstance(one, Control) for one in listed):
        raise ValueError(f"control must be a Control, several, or words; got {control!r}")
    return listed


def _in_words(controls: Sequence[Control]) -> str | None:
    return "; ".join(f"{one.words} {one.value:.4g}" for one in controls) or None


def _window(at_least, at_most, near) -> tuple[float, float, str]:
    """Return the lowest and the highest value that is allowed, and the bound in words."""
    if near is not None:
        slack = 1e-9 * max(1.0, abs(near[0]))  # 95.9 - 0.1 is not 95.8 in binary
        reach = near[1] + slack
        return near[0] - reach, near[0] + reach, f"{near[0]:g} ± {near[1]:g}"
    parts = [
        f"{word} {limit:g}"
        for word, limit in (("at least", at_least), ("at most", at_most))
        if limit is not None
    ]
    low = -math.inf if at_least is None else at_least
    high = math.inf if at_most is None else at_most
    return low, high, " and ".join(parts)


def _check_arguments(id, value, at_least, at_most, near, interval, n, unit, data, margin):
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
    if interval is not None and not interval[0] <= value <= interval[1]:
        raise ValueError(f"claim {id!r}: the interval {interval} does not hold its value, {value}")
    if (n is None) != (unit is None):
        raise ValueError(f"claim {id!r}: give n and unit together, such as n=5, unit='seeds'")
    if not margin >= 0:
        raise ValueError(f"claim {id!r}: the margin must be 0 or larger; got {margin}")


def _outcome(record: Claim) -> str:
    if record.passed is None:
        return "not tested (simulated stand-in)"
    return "passed" if record.passed else "FAILED"


def value_text(record: Claim) -> str:
    """Return the value with its interval and the unit it varies over."""
    text = f"{record.value:.4g}"
    if record.interval is not None:
        text += f" [{record.interval[0]:.3g}, {record.interval[1]:.3g}]"
    return text if record.n is None else f"{text}, {record.n} {record.unit}"


def as_text(record: Claim) -> str:
    """Return the claim as one line of text."""
    parts = [f"{record.title}: {value_text(record)} (bound: {record.bound})"]
    if record.published is not None:
        parts.append(f"published: {record.published}")
    if record.control is not None:
        parts.append(f"control: {record.control}")
    parts.append(f"{record.data} data")
    parts.append(_outcome(record))
    return " · ".join(parts)


def _state(record: Claim) -> str:
    return {True: "passed", False: "failed", None: "untested"}[record.passed]


def _marked_outcome(record: Claim) -> str:
    mark = {True: "✓", False: "✗", None: "–"}[record.passed]
    return f'<span class="claim-outcome">{mark} {_outcome(record)}</span>'


def _anchor(record: Claim) -> str:
    return f'id="claim-{html.escape(record.id.replace("/", "-"))}"'


def as_html(record: Claim) -> str:
    """Return the claim as a small HTML block; the book's style sheet dresses it."""
    rows = [("bound", record.bound), ("published", record.published), ("control", record.control)]
    details = "".join(
        f"<span><b>{name}</b> {html.escape(text)}</span>" for name, text in rows if text is not None
    )
    return (
        f'<div class="claim claim-{_state(record)}" {_anchor(record)}>'
        f'<span class="claim-title">{html.escape(record.title)}</span> '
        f'<span class="claim-value">{html.escape(value_text(record))}</span>'
        f'<div class="claim-details"><span><b>{record.kind}</b></span>{details}'
        f"<span><b>data</b> {record.data}</span>{_marked_outcome(record)}</div></div>"
    )


def as_table(title: str, records: Sequence[Claim]) -> str:
    """Return several claims as one HTML table."""
    columns = {
        "claim": [record.title for record in records],
        "value": [value_text(record) for record in records],
        "bound": [record.bound for record in records],
        "published": [record.published for record in records],
        "control": [record.control for record in records],
    }
    shown = {name: texts for name, texts in columns.items() if any(texts)}
    head = "".join(f'<th scope="col">{name}</th>' for name in [*shown, "data, outcome"])
    body = ""
    for i, record in enumerate(records):
        first, *rest = (html.escape(texts[i] or "–") for texts in shown.values())
        cells = f'<th scope="row">{first}</th>' + "".join(f"<td>{text}</td>" for text in rest)
        end = f"<td>{record.data} {_marked_outcome(record)}</td>"
        body += f'<tr class="claim-{_state(record)}" {_anchor(record)}>{cells}{end}</tr>'
    return (
        f'<table class="claim claims-together"><caption>{html.escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _show(record: Claim) -> None:
    if _group is not None:
        _group.append(record)
    else:
        _display(as_text(record), as_html(record), asdict(record))


def _display(text: str, as_html: str, records: dict | list[dict]) -> None:
    if get_ipython() is None:
        print(text)
        return
    display({"text/plain": text, "text/html": as_html, MIME_TYPE: records}, raw=True)
