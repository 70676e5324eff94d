"""The book's own directives: boxes and tables made from what the build measured.

The build leaves its facts in ``book/_generated`` of the staged sources: one JSON file a chapter
and ``chapters.json`` with their order. Nothing that these directives show is typed by hand.
"""

import html
import json
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

LEVELS = {1: "introductory", 2: "intermediate", 3: "advanced"}


class Facts:
    """What directives and roles share: reading what the build left, links to claims."""

    env: BuildEnvironment

    def facts(self, name: str) -> dict | None:
        """Read the facts of one chapter, or None if the build made none."""
        return self.read(f"{name}.json")

    def all_facts(self) -> list[dict]:
        """Read the facts of all chapters, in the reader's order."""
        names = self.read("chapters.json") or []
        return [facts for facts in map(self.facts, names) if facts]

    def claim_address(self, chapter: str, claim: dict) -> str:
        """Return the address of a claim on its chapter's page, for an attribute of HTML."""
        up = "../" * self.env.docname.count("/")
        anchor = html.escape(claim["id"].replace("/", "-"), quote=True)
        return f"{up}notebooks/{chapter}.html#claim-{anchor}"

    def read(self, file: str) -> Any:
        """Read one file of facts, or None if the build did not make it."""
        path = Path(self.env.srcdir) / "book" / "_generated" / file
        self.env.note_dependency(str(path))
        return json.loads(path.read_text("utf-8")) if path.exists() else None


class BookDirective(Facts, SphinxDirective):
    """What the directives share: facts, links between pages, small nodes."""

    def to_page(self, docname: str, text: str) -> nodes.Node:
        """Link to another page of the book, by the text given."""
        link = addnodes.pending_xref(
            "",
            nodes.inline("", text),
            refdomain="std",
            reftype="doc",
            reftarget=f"/{docname}",
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        return link

    def inline(self, markdown: str) -> list[nodes.Node]:
        """Parse a line of Markdown; roles such as ``{cite}`` work."""
        parsed, _ = self.state.inline_text(markdown, self.lineno)
        return parsed


def paragraph(*content: nodes.Node | str, classes: tuple[str, ...] = ()) -> nodes.paragraph:
    """Make a paragraph of nodes and plain strings."""
    made = nodes.paragraph(classes=list(classes))
    made += [nodes.Text(part) if isinstance(part, str) else part for part in content]
    return made


def table_of(
    heads: tuple[str, ...], widths: tuple[int, ...], rows: list[list], name: str
) -> nodes.table:
    """Build a table whose first column heads its rows.

    A cell is a node, a string, a list of these (one paragraph), or a list of paragraphs.
    """
    table = nodes.table(classes=[name])
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=width) for width in widths]
    group[0]["stub"] = 1
    head, body = nodes.thead(), nodes.tbody()
    head += _row(heads)
    body += [_row(row) for row in rows]
    group += [head, body]
    table += group
    return table


def _row(cells: Iterable) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        parts = cell if isinstance(cell, list) else [cell]
        whole = all(isinstance(part, nodes.paragraph) for part in parts)
        row += nodes.entry("", *(parts if whole else [paragraph(*parts)]))
    return row


def spoken_time(seconds: float) -> str:
    """Write seconds as a person would: ``"1 min 42 s"``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def number_text(value: float) -> str:
    """Write a claim's value briefly, without losing a count's digits."""
    return f"{value:g}" if value == int(value) and abs(value) < 1e6 else f"{value:.4g}"


def value_text(claim: dict) -> str:
    """Write a claim's value with its interval and the unit of replication."""
    text = number_text(claim["value"])
    if claim["interval"] is not None:
        text += " [{:.3g}, {:.3g}]".format(*claim["interval"])
    return text if claim["n"] is None else f"{text}, {claim['n']} {claim['unit']}"


class ChapterInfo(BookDirective):
    """The box at the head of a chapter: what you need, how long it runs, which data it saw."""

    def run(self) -> list[nodes.Node]:
        facts = self.facts(Path(self.env.docname).name)
        if facts is None:
            return [paragraph("Run time and memory are measured when the book is built.")]
        rows = nodes.definition_list(classes=["chapter-info"])
        prerequisites = facts["prerequisites"]
        if prerequisites:
            content: list[nodes.Node] = []
            for index, text in enumerate(prerequisites):
                content += [nodes.Text(", ")] if index else []
                content += self.inline(text)
            rows += self._row("Prerequisites", *content)
        if facts["difficulty"] in LEVELS:
            level = facts["difficulty"]
            dots = f'<span class="dots" aria-hidden="true">{"●" * level}{"○" * (3 - level)}</span> '
            text = f"{LEVELS[level]} ({level} of 3)"
            rows += self._row("Difficulty", nodes.raw("", dots, format="html"), nodes.Text(text))
        core = facts["core"]
        reading = f"core path about {core['minutes']} minutes, {core['words']:,} words"
        rows += self._row("Reading", nodes.Text(reading))
        time = f"{spoken_time(facts['seconds'])} on one core"
        memory = f"{facts['peak_memory_mb'] / 1024:.1f} GB at most"
        rows += self._row("Run time", nodes.Text(time))
        rows += self._row("Memory", nodes.Text(memory))
        rows += self._row("Data", nodes.Text(data_seen(facts["claims"])))
        if facts["networks"]:
            rows += self._row("Networks", nodes.Text(networks_seen(facts["networks"])))
        note = "Time and memory were measured when this page was built."
        return [nodes.container("", rows, paragraph(note), classes=["chapter-info-box"])]

    @staticmethod
    def _row(term: str, *content: nodes.Node) -> nodes.definition_list_item:
        definition = nodes.definition("", nodes.paragraph("", "", *content))
        return nodes.definition_list_item("", nodes.term("", term), definition)


def networks_seen(networks: dict[str, str]) -> str:
    """Say where the trained networks of a chapter came from on this build."""
    counts = Counter(networks.values())
    return ", ".join(f"{count} {origin}" for origin, count in sorted(counts.items()))


def data_seen(claims: list[dict]) -> str:
    """Say which kind of data a chapter's numbers come from on this build."""
    if any(claim["passed"] is None for claim in claims):
        return "simulated stand-ins: the real data could not be had when this page was built"
    if any(claim["data"] == "real" for claim in claims):
        return "real data, and embedded sets with a known truth"
    return "embedded sets with a known truth; no outside data needed"


class ClaimsTable(BookDirective):
    """Every claim of the executed notebooks: how many of each kind, then a section a chapter."""

    HEADS = ("Claim", "Value", "Bound", "Published", "Control", "Data, outcome")
    WIDTHS = (28, 11, 12, 16, 18, 15)
    KINDS = {"finding": "Findings", "reading": "Readings", "check": "Checks"}

    def run(self) -> list[nodes.Node]:
        chapters = [facts for facts in self.all_facts() if facts["claims"]]
        if not chapters:
            return [paragraph("No claim has been recorded yet.")]
        return [self._counts(chapters), *map(self._chapter, chapters)]

    def _counts(self, chapters: list[dict]) -> nodes.table:
        rows, sums = [], dict.fromkeys(self.KINDS, 0)
        for facts in chapters:
            count = {kind: len(self._of_kind(facts, kind)) for kind in self.KINDS}
            sums = {kind: sums[kind] + count[kind] for kind in sums}
            page = self.to_page(f"notebooks/{facts['name']}", facts["title"])
            rows.append([page, *map(str, count.values())])
        rows.append(["all chapters", *map(str, sums.values())])
        heads = ("Chapter", *self.KINDS.values())
        return table_of(heads, (55, 15, 15, 15), rows, "claims-counts")

    def _chapter(self, facts: dict) -> nodes.section:
        name = f"claims-{facts['name'].replace('_', '-')}"
        section = nodes.section(ids=[name], names=[name])
        section += nodes.title("", facts["title"])
        for kind, heading in self.KINDS.items():
            claims = self._of_kind(facts, kind)
            if claims:
                section += nodes.rubric("", f"{heading}: {len(claims)}")
                rows = [self._claim(claim, facts["name"]) for claim in claims]
                section += table_of(self.HEADS, self.WIDTHS, rows, "claims-table")
        return section

    @staticmethod
    def _of_kind(facts: dict, kind: str) -> list[dict]:
        return [claim for claim in facts["claims"] if claim["kind"] == kind]

    def _claim(self, claim: dict, chapter: str) -> list:
        link = f'<a href="{self.claim_address(chapter, claim)}">'
        title = nodes.raw("", f"{link}{html.escape(claim['title'])}</a>", format="html")
        published: list[nodes.Node] = [nodes.Text(claim["published"] or "–")]
        if claim["citation"]:
            published += [nodes.Text(" "), *self.inline(f"{{cite:p}}`{claim['citation']}`")]
        passed = claim["passed"]
        outcome = {True: "✓ passed", False: "✗ failed", None: "– not tested"}[passed]
        state = {True: "passed", False: "failed", None: "untested"}[passed]
        return [
            [
                paragraph(title, classes=("claim-what",)),
                paragraph(nodes.literal("", claim["id"]), classes=("claim-id",)),
            ],
            value_text(claim),
            claim["bound"],
            published,
            claim["control"] or "–",
            [
                paragraph(claim["data"]),
                paragraph(outcome, classes=(f"outcome-{state}",)),
            ],
        ]


class ChapterMap(BookDirective):
    """One card a chapter: its summary picture, its number and title, its question."""

    def run(self) -> list[nodes.Node]:
        grid = nodes.container(classes=["chapter-map"])
        for facts in self.all_facts():
            card = nodes.container(classes=["chapter-card"])
            if facts["picture"]:
                uri = f"/book/_generated/{facts['picture']}"
                card += nodes.image(uri=uri, alt=facts["picture_alt"] or facts["title"])
            text = nodes.container(classes=["chapter-card-text"])
            if facts["number"] is not None:
                text += paragraph(f"Chapter {facts['number']}", classes=("chapter-card-number",))
            page = self.to_page(f"notebooks/{facts['name']}", facts["title"])
            text += paragraph(page, classes=("chapter-card-title",))
            if facts["question"]:
                text += nodes.paragraph("", "", *self.inline(facts["question"]))
            level = LEVELS.get(facts["difficulty"], "")
            small = f"{level} · runs in {spoken_time(facts['seconds'])}".lstrip(" ·")
            text += paragraph(small, classes=("chapter-card-small",))
            card += text
            grid += card
        return [grid]


class DataCardTable(BookDirective):
    """The real data sets of the registry: size, licence, and whether pictures may be shown."""

    HEADS = ("Set", "Files", "Size", "Licence", "Thumbnails shown")

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "datasets" / "registry.toml"
        self.env.note_dependency(str(path))
        rows = []
        for name, entry in tomllib.loads(path.read_text("utf-8")).items():
            files = entry["files"]
            size = sum(file["bytes"] for file in files) / 1e6
            row = [
                self.to_page(f"datasets/{name}", entry["title"]),
                str(len(files)),
                f"{size:.1f} MB" if size >= 0.1 else f"{size * 1000:.0f} kB",
                str(entry.get("licence", "–")),
                "yes" if entry.get("thumbnails") else "no",
            ]
            rows.append(row)
        return [table_of(self.HEADS, (36, 8, 12, 28, 16), rows, "data-card-table")]


def number_within_chapters(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Number exercises and captioned figures within each chapter: "Exercise 2.3".

    The chapters' numbers are part of their file names, not of Sphinx's numbering, which would
    count on through the book. Returns the documents to write anew, as Sphinx asks of a listener.
    """
    changed = []
    for docname, kinds in env.toc_fignumbers.items():
        number = docname.removeprefix("notebooks/").partition("_")[0]
        if docname.startswith("notebooks/") and number.isdigit():
            for figures in kinds.values():
                for count, name in enumerate(figures, start=1):
                    figures[name] = (int(number), count)
            changed.append(docname)
    return changed


def setup(app: Sphinx) -> dict[str, object]:
    """Register the directives."""
    app.add_directive("chapter-info", ChapterInfo)
    app.add_directive("claims-table", ClaimsTable)
    app.add_directive("chapter-map", ChapterMap)
    app.add_directive("data-card-table", DataCardTable)
    app.connect("env-get-updated", number_within_chapters, priority=600)  # after Sphinx's own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
