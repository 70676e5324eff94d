"""Print the built book as one PDF through Chromium: `make pdf` writes ``_build/brainlike.pdf``.

All pages of ``_toc.yml`` are joined into one document, so that links between chapters, the outline
and the page numbers are those of one book. Hints and solutions move to an appendix, folded code to
another. The document is printed twice: only the first print knows on which pages what begins.
"""

import argparse
import html
import io
import logging
import os
import shutil
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, Route, sync_playwright
from pypdf import PdfReader, PdfWriter

from brainlike._files import write_whole
from builder.paper import APPENDICES, Document, PdfFailed, documents, join

HOST = "http://book.invalid"  # never asked: every request is answered from the built site
FLAGS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]
MATHEMATICS = 'window.MathJax = {options: {processHtmlClass: "math", ignoreHtmlClass: "document"}}'
STYLE = Path(__file__).parent / "_static" / "print.css"


def project_of(root: Path) -> dict:
    """Read what the package says about itself: name, version, authors, addresses."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


def title_page(root: Path) -> str:
    """Write the first page."""
    project = project_of(root)
    address = project["urls"]["Homepage"]
    return f"""
<section class="document title-page" style="page: front">
<img src="/_static/logo.svg" alt="">
<div class="title">Brainlike</div>
<div class="subtitle">Deep networks as models of the brain, hands-on</div>
<div class="author">{html.escape(project["authors"][0]["name"])}</div>
<div class="imprint">Version {html.escape(project["version"])}. Text and figures: CC BY 4.0. Code:
BSD-3-Clause. Other people's data and pictures keep their own licences.<br>
<a href="{address}">{address}</a></div>
</section>"""


def contents(docs: list[Document], pages: list[int] | None) -> str:
    """Write the table of contents; without page numbers in the first print."""
    rows = []
    for i, (key, title, part, depth) in enumerate(_chapters(docs)):
        if part:
            rows.append(f'<div class="part">{html.escape(part)}</div>')
        link = f'<a href="#{key}">{html.escape(title)}</a>'
        number = pages[i] if pages else 0
        rows.append(f'<div class="entry depth-{depth}">{link}<span>{number}</span></div>')
    return f"""
<section class="document contents" style="page: front">
<div class="heading">Contents</div>{"".join(rows)}
</section>"""


def _chapters(docs: list[Document]) -> list[tuple[str, str, str | None, int]]:
    chapters = [(document.key, document.title, document.part, document.depth) for document in docs]
    opening = {next(iter(APPENDICES)): "Appendices"}
    return chapters + [(key, title, opening.get(key), 0) for key, title in APPENDICES.items()]


def whole(root: Path, site: Path, docs: list[Document], body: str, pages: list[int] | None) -> str:
    """Put the joined document together: style sheets and mathematics of the site, our print.css."""
    head = BeautifulSoup((site / "book" / "welcome.html").read_text("utf-8"), "html.parser").head
    sheets = [link["href"] for link in head.find_all("link", rel="stylesheet")]
    sheets += [link["href"] for link in _mathematics_page(site).find_all("link", rel="stylesheet")]
    links = "".join(
        f'<link rel="stylesheet" href="/{sheet.removeprefix("../")}">'
        for sheet in dict.fromkeys(sheets)
    )
    running = "".join(
        f'@page {key} {{ @top-left {{ content: "{_css(title)}" }} }}\n'
        for key, title, _, _ in _chapters(docs)
    )
    return f"""<!doctype html>
<html lang="en" data-theme="light" data-mode="light">
<head><meta charset="utf-8"><title>Brainlike</title>{links}
<style>{STYLE.read_text("utf-8")}{running}</style>
<script>{MATHEMATICS}</script>
<script defer src="/_static/mathjax/tex-chtml.js"></script></head>
<body>{title_page(root)}{contents(docs, pages)}{body}</body></html>"""


def _mathematics_page(site: Path) -> Tag:
    first = sorted((site / "notebooks").glob("*.html"))[0]
    return BeautifulSoup(first.read_text("utf-8"), "html.parser").head


def _css(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def print_document(page: Page, document: str, site: Path) -> bytes:
    """Load the document with the site's files behind it; return the PDF.

    Raises
    ------
    PdfFailed
        If a file is missing or a formula cannot be set.
    """
    missing: list[str] = []

    def answer(route: Route) -> None:
        path = unquote(urlsplit(route.request.url).path)
        file = site / path.lstrip("/")
        if path == "/print.html":
            route.fulfill(body=document, content_type="text/html; charset=utf-8")
        elif route.request.url.startswith(HOST) and file.is_file():
            route.fulfill(path=file)
        else:
            missing.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.goto(f"{HOST}/print.html", wait_until="load", timeout=300_000)
    page.evaluate("MathJax.startup.promise")
    page.evaluate("document.fonts.ready")
    wrong = page.locator("mjx-merror").count()
    page.unroute("**/*")
    if missing or wrong:
        raise PdfFailed(f"{wrong} formulas cannot be set; not found: {sorted(set(missing))[:5]}")
    return page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def first_pages(printed: bytes) -> list[int]:
    """Return the page on which each entry of the outline's first level begins, from 1."""
    reader = PdfReader(io.BytesIO(printed))
    return [
        reader.get_destination_page_number(item) + 1
        for item in reader.outline
        if not isinstance(item, list)
    ]


def make(root: Path, site: Path, target: Path) -> int:
    """Print the book; return its number of pages.

    Raises
    ------
    PdfFailed
        If the site is not there or not whole, or there is no Chromium.
    """
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        raise PdfFailed(
            "Chromium was not found. Install it (on Debian: apt-get install chromium), or name it "
            "in the environment variable CHROMIUM."
        )
    docs = documents(root, site)
    body = "".join(join(docs))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(300_000)
        pages: list[int] | None = None
        for _ in range(2):
            printed = print_document(page, whole(root, site, docs, body, pages), site)
            pages = first_pages(printed)
        browser.close()
    if len(pages) != len(docs) + len(APPENDICES):
        expected = len(docs) + len(APPENDICES)
        raise PdfFailed(f"the outline has {len(pages)} chapters, expected {expected}")
    writer = PdfWriter(clone_from=io.BytesIO(printed))
    author = project_of(root)["authors"][0]["name"]
    writer.add_metadata({"/Title": "Brainlike", "/Author": author, "/Creator": "make pdf"})
    packed = io.BytesIO()
    writer.write(packed)
    write_whole(target, packed.getvalue())
    return len(writer.pages)


def main() -> int:
    """Read the command line, print; return the exit status."""
    here = Path(__file__).resolve().parent.parent
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it mends what Chromium miscounts
    parser = argparse.ArgumentParser(description="Print the built book as one PDF.")
    parser.add_argument("--root", type=Path, default=here, help="the repository (default: this)")
    parser.add_argument("--site", type=Path, help="the built site (default: _build/html)")
    parser.add_argument("--output", type=Path, help="default: _build/brainlike.pdf")
    options = parser.parse_args()
    site = options.site or options.root / "_build" / "html"
    output = options.output or options.root / "_build" / "brainlike.pdf"
    try:
        count = make(options.root, site, output)
    except PdfFailed as failure:
        print(f"The PDF was not made: {failure}", file=sys.stderr)
        return 1
    print(f"{output}: {count} pages, {output.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
