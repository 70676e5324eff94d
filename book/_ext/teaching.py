"""Directives of the pages for teachers: assignments, figures to download, minutes in class.

Like those of ``brainlike_book`` they show what the build has read or measured. Where it made
nothing they say so with a warning, and warnings fail the build.
"""

import html

from brainlike_book import LEVELS, BookDirective, Facts, paragraph, spoken_time, table_of
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

logger = logging.getLogger(__name__)


class FromFacts(BookDirective):
    """A directive that shows one of the build's files of facts."""

    def missing(self, what: str) -> list[nodes.Node]:
        """Warn, and say on the page that there is nothing."""
        logger.warning("the build left no facts about %s", what, location=self.get_location())
        return [paragraph(f"Nothing is known about {what}.")]


class AssignmentTable(FromFacts):
    """One row an assignment, read from the masters in ``notebooks/assignments``."""

    HEADS = ("Assignment", "What it asks", "Minutes", "Difficulty", "Points")

    def run(self) -> list[nodes.Node]:
        masters = self.read("assignments.json")
        if not masters:
            return self.missing("assignments")
        rows = []
        for one in masters:
            chapter = self.facts(one["name"])
            if chapter is None:
                return self.missing(f"the chapter of assignment {one['name']}")
            asks = nodes.inline("", "", *self.inline(one["summary"]))
            name = [
                self.to_page(f"notebooks/{one['name']}", chapter["title"]),
                " ",
                nodes.literal("", one["name"]),
            ]
            level = f"{LEVELS[one['difficulty']]} ({one['difficulty']} of 3)"
            rows.append([name, asks, one["minutes"], level, f"{one['points']} + {one['written']}"])
        return [table_of(self.HEADS, (30, 34, 10, 15, 11), rows, "assignment-table")]


class FigureArchive(FromFacts):
    """A link to the archive of all figures, with what is in it."""

    def run(self) -> list[nodes.Node]:
        facts = self.read("figures.json")
        if not facts or not facts["figures"]:
            return self.missing("the archive of figures")
        target = f"/book/_generated/{facts['file']}"
        link = addnodes.download_reference(
            "",
            "",
            nodes.literal("", facts["file"], classes=["xref", "download"]),
            reftarget=target,
            refdoc=self.env.docname,
        )
        what = (
            f" ({facts['bytes'] / 1e6:.1f} MB): {facts['figures']} figures of "
            f"{facts['chapters']} chapters."
        )
        return [paragraph(link, what, classes=("figure-archive",))]


class ClassTimes(FromFacts):
    """How long each section of a chapter ran when the book was built, and what it builds on."""

    HEADS = ("Section", "Runs in", "Run before it")

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        facts = self.facts(self.arguments[0])
        if facts is None or not facts.get("sections"):
            return self.missing(f"the sections of {self.arguments[0]}")
        rows, before = [], 0
        for one in facts["sections"]:
            needs = "all of the above" if len(one["needs"]) == before > 1 else None
            needs = needs or "; ".join(one["needs"]) or "–"
            rows.append([one["title"], spoken_time(max(one["seconds"], 1)), needs])
            before += one["title"] != "Set-up"
        whole = ["All of it, start of the kernel included", spoken_time(facts["seconds"]), "–"]
        return [table_of(self.HEADS, (44, 16, 40), [*rows, whole], "class-times")]


class ChapterTime(Facts, SphinxRole):
    """``{chapter-time}`01_perceptrons` ``: the seconds that its notebook took."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        facts = self.facts(self.text)
        if facts is None:
            logger.warning("no chapter %r has been run", self.text, location=self.get_location())
            return [nodes.Text("unknown")], []
        return [nodes.Text(spoken_time(facts["seconds"]))], []


class ClaimLink(Facts, SphinxRole):
    """``{claim}`comparing/naive-cka-bias` ``: a link to a claim, with its value in this build."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        for facts in self.all_facts():
            for claim in facts["claims"]:
                if claim["id"] == self.text:
                    return [self._link(facts["name"], claim)], []
        logger.warning("no chapter claims %r", self.text, location=self.get_location())
        return [nodes.literal("", self.text)], []

    def _link(self, chapter: str, claim: dict) -> nodes.Node:
        title = html.escape(claim["title"], quote=True)
        text = f"{html.escape(claim['id'])}: {claim['value']:.3g}"
        target = self.claim_address(chapter, claim)
        link = f'<a class="claim-link" href="{target}" title="{title}">{text}</a>'
        return nodes.raw("", link, format="html")


def setup(app: Sphinx) -> dict[str, object]:
    """Register directives and roles."""
    app.add_directive("assignment-table", AssignmentTable)
    app.add_directive("figure-archive", FigureArchive)
    app.add_directive("class-times", ClassTimes)
    app.add_role("chapter-time", ChapterTime())
    app.add_role("claim", ClaimLink())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
