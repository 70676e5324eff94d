"""Grades as a table, a page for the instructor, and a page for each student.

The pages need no other file and no other host.
"""

import csv
import html
import io
import re
import statistics
from pathlib import Path

from brainlike._files import write_whole
from classroom.marking import Assignment, Mark, Question

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --bad: #a01515; --box: #8881; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff9d9d; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--box); padding: .5rem; }
.wide { overflow-x: auto; } .bad { color: var(--bad); font-weight: 600; }
.beside { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
section { border-top: 2px solid var(--line); margin-top: 2rem; }
"""


def clean(text: str) -> str:
    """Return text without what could garble a terminal, a table or a page; one can see it was."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def cell(value) -> str:
    """Return the text of one field of the table.

    A spreadsheet takes a field that begins with ``=``, ``+``, ``-`` or ``@`` for a formula: such
    text gets an apostrophe in front. Line breaks become visible.
    """
    if isinstance(value, int | float):
        return f"{value:.6g}"
    text = clean(value.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t"))
    return f"'{text}" if text.lstrip(" '\"").startswith(("=", "+", "-", "@")) else text


def pending(mark: Mark, assignment: Assignment) -> float:
    """Return the points of answered written questions, which wait for a reader."""
    return sum(q.points for q in assignment.questions if q.manual and mark.written.get(q.name))


def write_csv(path: Path, marks: list[Mark], assignment: Assignment) -> None:
    """Write one row a submission."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    graded = [question.name for question in assignment.questions if not question.manual]
    head = ["name", "status", *graded, "total", "out of", "written pending", "seconds", "peak MB"]
    writer.writerow([*head, "remarks"])
    for mark in marks:
        points = [mark.points.get(name, 0.0) for name in graded]
        numbers = [*points, mark.total, assignment.out_of, pending(mark, assignment)]
        numbers += [round(mark.seconds, 1), round(mark.peak_mb)]
        row = [mark.name, mark.status, *numbers, "; ".join(mark.remarks)]
        writer.writerow([cell(value) for value in row])
    write_whole(path, stream.getvalue())


def _text(text: str) -> str:
    return html.escape(clean(str(text)))


def _summary(marks: list[Mark], assignment: Assignment) -> str:
    totals = [mark.total for mark in marks if mark.status == "ok"]
    rows = []
    for question in assignment.questions:
        if not question.manual and totals:
            points = [mark.points[question.name] for mark in marks if mark.status == "ok"]
            full = sum(abs(p - question.points) < 1e-9 for p in points)
            rows.append(
                f"<tr><td>{_text(question.name)}</td><td>{_text(question.title)}</td>"
                f"<td class=number>{statistics.fmean(points):.2f}</td>"
                f"<td class=number>{question.points:g}</td><td class=number>{full}</td></tr>"
            )
    mean = f", mean {statistics.fmean(totals):.2f} of {assignment.out_of:g}" if totals else ""
    return (
        f"<p>{len(marks)} submissions, {len(totals)} ran to the end{mean}.</p>"
        "<div class=wide><table><caption>Questions, over submissions that ran to the end</caption>"
        "<tr><th>Question</th><th>Title</th><th class=number>Mean</th><th class=number>Of</th>"
        f"<th class=number>Full marks</th></tr>{''.join(rows)}</table></div>"
    )


def _table(marks: list[Mark], assignment: Assignment) -> str:
    graded = [question.name for question in assignment.questions if not question.manual]
    head = "".join(f"<th class=number>{_text(name)}</th>" for name in graded)
    rows = []
    for number, mark in enumerate(marks):
        bad = "" if mark.status == "ok" else " class=bad"
        points = "".join(f"<td class=number>{mark.points.get(q, 0):g}</td>" for q in graded)
        rows.append(
            f'<tr><td><a href="#s{number}">{_text(mark.name)}</a></td>'
            f"<td{bad}>{_text(mark.status)}</td>{points}<td class=number>{mark.total:g}</td>"
            f"<td class=number>{pending(mark, assignment):g}</td>"
            f"<td>{_text('; '.join(mark.remarks))}</td></tr>"
        )
    return (
        "<div class=wide><table><caption>Submissions</caption><tr><th>Name</th><th>Status</th>"
        f"{head}<th class=number>Total</th><th class=number>Written, pending</th>"
        f"<th>Remarks</th></tr>{''.join(rows)}</table></div>"
    )


def _details(number: int, mark: Mark, assignment: Assignment) -> str:
    """Return all that is known about one submission, for the instructor."""
    parts = [
        f'<section id="s{number}"><h2>{_text(mark.name)}</h2>',
        f"<p>{_text(mark.status)}. {mark.total:g} of {assignment.out_of:g} points; "
        f"{mark.seconds:.1f} s, {mark.peak_mb:.0f} MB.</p>",
    ]
    if mark.remarks:
        parts.append("<ul>" + "".join(f"<li>{_text(r)}</li>" for r in mark.remarks) + "</ul>")
    for question in assignment.questions if mark.ran else ():
        if question.manual:
            answer = mark.written.get(question.name, "")
            parts.append(
                f"<h3>{_title(question)}</h3>"
                f"<p>Points: ______ of {question.points:g}</p><div class=beside><div>"
                f"<h4>Answer</h4><pre>{_text(answer) or '(none)'}</pre></div><div><h4>Rubric</h4>"
                f"<pre>{_text(question.rubric or '')}</pre></div></div>"
            )
            continue
        parts.append(_heading(mark, question, 3))
        for finding in mark.findings:
            if finding.question == question.name:
                kind = "hidden test" if finding.hidden else "public test"
                parts.append(
                    f"<p><span class=bad>failed</span>, {kind} {_text(finding.case)}</p>"
                    f"<pre>{_text(finding.message)}</pre>"
                )
    parts.append(_errors(mark))
    if mark.printed.strip():
        parts.append(
            "<details><summary>What it printed (the beginning)</summary>"
            f"<pre>{_text(mark.printed[:10_000])}</pre></details>"
        )
    return "".join(parts) + "</section>"


def _title(question: Question) -> str:
    return f"{_text(question.name)}: {_text(question.title)}"


def _heading(mark: Mark, question: Question, level: int) -> str:
    points = mark.points.get(question.name, 0)
    return f"<h{level}>{_title(question)}, {points:g} of {question.points:g}</h{level}>"


def _errors(mark: Mark) -> str:
    if not mark.errors:
        return ""
    shown = _text("\n".join(mark.errors[:10]))
    summary = f"Errors in {len(mark.errors)} cells"
    return f"<details><summary>{summary}</summary><pre>{shown}</pre></details>"


def _page(title: str, heading: str, body: str) -> str:
    """Return a page whose policy forbids scripts, and any request besides."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{_text(heading)}</h1>{body}</main></body></html>\n"
    )


def _feedback(mark: Mark, assignment: Assignment) -> str:
    """Return what a student may see of a mark: nothing of hidden tests but how many failed."""
    status = "" if mark.status == "ok" else f"<p class=bad>{_text(mark.status)}</p>"
    parts = [f"<p>{mark.total:g} of {assignment.out_of:g} points by the tests.</p>{status}"]
    for question in assignment.questions:
        if question.manual:
            what = "Waits for its reader." if mark.written.get(question.name) else "Not answered."
            heading = f"{_title(question)}, {question.points:g} points"
            parts.append(f"<h2>{heading}</h2><p>{what}</p>")
            continue
        parts.append(_heading(mark, question, 2))
        failed = [finding for finding in mark.findings if finding.question == question.name]
        parts += [f"<pre>{_text(one.message)}</pre>" for one in failed if not one.hidden]
        hidden = sum(finding.hidden for finding in failed)
        if hidden:
            parts.append(
                f"<p>Hidden tests that failed: {hidden}. They ask the same of other data, or look "
                "at the answer more closely.</p>"
            )
    return "".join([*parts, _errors(mark)])


def write_feedback(folder: Path, marks: list[Mark], assignment: Assignment) -> None:
    """Write one page for each student, to hand back: points, and messages of the public tests.

    A page is called as its submission, with ``_`` for what file names had better not hold.
    """
    used: set[str] = set()
    for number, mark in enumerate(marks):
        name = re.sub(r"[^\w.@ -]|^[.-]", "_", mark.name)[:60]
        if name in used:
            name += f"-{number}"
        used.add(name)
        body = f"<p>{_text(mark.name)}, {_text(assignment.term)}</p>{_feedback(mark, assignment)}"
        page = _page(f"Feedback: {mark.name}", assignment.title, body)
        write_whole(folder / f"{name}.html", page)


def write_html(path: Path, marks: list[Mark], assignment: Assignment) -> None:
    """Write the report for the instructor. Everything that a student wrote is escaped."""
    title = f"{assignment.name}, {assignment.term}"
    details = "".join(_details(n, mark, assignment) for n, mark in enumerate(marks))
    body = (
        f"<p>{_text(title)}. For the instructor: it quotes hidden tests, so do not hand it out as "
        f"it is.</p>{_summary(marks, assignment)}{_table(marks, assignment)}{details}"
    )
    write_whole(path, _page(f"Grades: {title}", assignment.title, body))
