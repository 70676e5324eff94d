"""Repairs to what the theme and docutils write, for readers who use a screen reader."""

import re
from collections.abc import Callable

from sphinx.application import Sphinx

ARROW = re.compile(r"(<a [^>]*>\s*(?P<page>[^<]*?)\s*</a>\s*<details[^>]*>\s*<summary)>")
EMPTY_HEADER = re.compile(r"<th\b[^>]*>\s*(<p>\s*</p>)?\s*</th>")


def repair_page(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object
) -> None:
    """Name the side bar's arrows; make references the items of their list; unname empty headers."""
    if "body" in context:
        # docutils puts biblioentries, which is not an allowed child, into its role="list"
        body = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        # the corner of a table heads nothing
        context["body"] = EMPTY_HEADER.sub("<td></td>", body)
    make: Callable[..., str] | None = context.get("generate_toctree_html")
    if make is None:
        return

    def named(*args: object, **kwargs: object) -> str:
        return ARROW.sub(r'\1 aria-label="Pages below \g<page>">', str(make(*args, **kwargs)))

    context["generate_toctree_html"] = named


def setup(app: Sphinx) -> dict[str, object]:
    """Listen after the theme has put its functions into the page's context."""
    app.connect("html-page-context", repair_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
