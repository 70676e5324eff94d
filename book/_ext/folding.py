"""Boxes of class ``dropdown`` become native ``<details>``: mouse, keyboard, no JavaScript.

The toggle buttons that Jupyter Book adds by script do not work where the title holds a link, as a
solution's does, and say nothing useful to a screen reader.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class folding_box(nodes.Element):
    """A box that is closed until the reader opens it."""


class folding_title(nodes.TextElement):
    """The line that opens and closes the box."""


class FoldDropdowns(SphinxPostTransform):
    """Replace every admonition and solution of class ``dropdown``."""

    default_priority = 900  # after sphinx-exercise has resolved the titles of solutions
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        for node in list(self.document.findall(nodes.Admonition)):
            if "dropdown" in " ".join(node.get("classes", [])).split():
                self._fold(node)

    @staticmethod
    def _fold(node: nodes.Element) -> None:
        heading = node[0] if len(node) and isinstance(node[0], nodes.title) else None
        text = heading.astext() if heading else type(node).__name__.capitalize()
        names = " ".join(node["classes"]).split()
        kept = [name for name in names if name not in ("dropdown", "admonition")]
        box = folding_box(ids=node["ids"], classes=["admonition", "folding", *kept])
        box += folding_title("", text)  # plain text: a link inside would take the click
        box += [child for child in node.children if child is not heading]
        node.replace_self(box)


def visit_box(self, node: folding_box) -> None:
    self.body.append(self.starttag(node, "details"))


def depart_box(self, node: folding_box) -> None:
    self.body.append("</details>\n")


def visit_title(self, node: folding_title) -> None:
    self.body.append(self.starttag(node, "summary", "", CLASS="admonition-title"))


def depart_title(self, node: folding_title) -> None:
    self.body.append("</summary>\n")


def setup(app: Sphinx) -> dict[str, object]:
    """Register the transform and its two nodes."""
    app.add_node(folding_box, html=(visit_box, depart_box))
    app.add_node(folding_title, html=(visit_title, depart_title))
    app.add_post_transform(FoldDropdowns)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
