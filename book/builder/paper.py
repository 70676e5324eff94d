"""Prepare the pages of the site for paper: one document, its links; answers, code in appendices.

``book/pdf.py`` prints what this makes.
"""

import html
import posixpath
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

LEFT_OUT = "script, noscript, button, a.headerlink, .toctree-wrapper, .sd-summary-state-marker"
APPENDICES = {"answers": "Hints, solutions and answers", "code": "Code that the pages fold"}


class PdfFailed(Exception):
    """The book could not be printed; the message says what to do."""


@dataclass
class Document:
    """One page of the site.

    Attributes
    ----------
    name : str
        Its path without ending, such as ``"notebooks/01_perceptrons"``.
    part : str or None
        Caption of the part, if it is the first of one.
    depth : int
        0 for a page of a part, 1 for one below another page.
    article : Tag
        Its text; the heading carries the title of ``_toc.yml``, if that has one.
    """

    name: str
    part: str | None
    depth: int
    article: Tag

    @property
    def key(self) -> str:
        """What its anchors begin with in the joined document."""
        return self.name.replace("/", "-")

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.article.find("h1").get_text().strip()


def documents(root: Path, site: Path) -> list[Document]:
    """Read the articles of the built site in the order of the table of contents.

    Raises
    ------
    PdfFailed
        If the site, or one of its pages, is missing.
    """
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    found = []
    for entry, part, depth in [({"file": toc["root"]}, None, 0), *_entries(toc, 0)]:
        name = entry["file"].removesuffix(".ipynb")
        path = site / f"{name}.html"
        if not path.exists():
            raise PdfFailed(f"{path} is missing; run `make book` first")
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        article = soup.select_one("article.bd-article")
        for element in article.select(LEFT_OUT):
            element.decompose()
        if "title" in entry:
            article.find("h1").string = entry["title"]
        found.append(Document(name, part, depth, article))
    return found


def _entries(node: dict, depth: int) -> list[tuple[dict, str | None, int]]:
    """List all entries below a node, each with the caption of the part it opens and its depth."""
    found = []
    for part in node.get("parts", []):
        first, *others = _entries(part, depth)
        found += [(first[0], part.get("caption"), first[2]), *others]
    for entry in node.get("chapters", []):
        found += [(entry, None, depth), *_entries(entry, depth + 1)]
    for entry in node.get("sections", []):
        found += [(entry, None, depth), *_entries(entry, depth + 1)]
    return found


def join(docs: list[Document]) -> list[str]:
    """Prepare all articles for paper; return the HTML of each, the appendices last."""
    names = {document.name for document in docs}
    taken: dict[str, list[str]] = {key: [] for key in APPENDICES}
    for document in docs:
        localize(document, names)
        taken["answers"].append(take_answers(document))
        taken["code"].append(take_code(document))
        for details in document.article.find_all("details"):
            details["open"] = ""
    made = [_section(document.key, str(document.article)) for document in docs]
    for key, title in APPENDICES.items():
        text = f"<article class='bd-article'><h1>{title}</h1>{''.join(taken[key])}</article>"
        made.append(_section(key, text))
    return made


def _section(key: str, content: str) -> str:
    return f'<section class="document" id="{key}" style="page: {key}">{content}</section>'


def localize(document: Document, names: set[str]) -> None:
    """Make anchors unique, and let links and pictures point into the joined document."""
    folder = posixpath.dirname(document.name)
    for element in document.article.find_all(id=True):
        element["id"] = f"{document.key}--{element['id']}"
    for image in document.article.find_all("img", src=True):
        image["src"] = posixpath.normpath(posixpath.join("/", folder, image["src"]))
        image.attrs.pop("loading", None)
    for link in document.article.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc:
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
        target = path.removesuffix(".html") if parts.path else document.name
        if target not in names:
            del link["href"]  # a file of the site, which paper does not have
            continue
        fragment = f"--{unquote(parts.fragment)}" if parts.fragment else ""
        link["href"] = f"#{target.replace('/', '-')}{fragment}"


def take_answers(document: Document) -> str:
    """Move answers out of a chapter: to its predictions, its exercises and its quiz.

    Returns
    -------
    str
        They, as a section of the appendix; empty if there are none.
    """
    found: list[tuple[Tag, str, str]] = []  # where it was, its heading, the answer
    article = document.article
    for count, box in enumerate(article.select(".admonition.predict:has(details)"), start=1):
        found.append((box, f"Prediction {count}", _take(box.find("details"))))
    exercise = None
    for element in article.select("div.exercise, details.solution"):
        if element.name == "div":
            exercise = element
            continue
        heading = exercise.select_one(".admonition-title").get_text(" ", strip=True)
        hints = [_label("Hint") + _take(hint) for hint in exercise.find_all("details")]
        found.append((exercise, heading, "".join(hints) + _label("Solution") + _take(element)))
    for count, question in enumerate(article.select(".quiz-question:has(details)"), start=1):
        legend = BeautifulSoup(str(question.find("legend")), "html.parser").legend
        for number in legend.select(".quiz-number"):
            number.decompose()
        answer = f"<p>{legend.decode_contents()}</p>{_take(question.find('details'))}"
        found.append((question, f"Quiz, question {count}", answer))
    parts = []
    for count, (place, heading, answer) in enumerate(found, start=1):
        anchor = f"{document.key}-answer-{count}"
        what = "hint and solution" if heading.startswith("Exercise") else "the answer"
        link = f'<p class="see"><a href="#{anchor}">See {what}</a></p>'
        place.append(BeautifulSoup(link, "html.parser"))
        parts.append(f'<h3 id="{anchor}">{html.escape(heading)}</h3>{answer}')
    return f"<h2>{html.escape(document.title)}</h2>{''.join(parts)}" if parts else ""


def take_code(document: Document) -> str:
    """Move the code that a chapter folds out of it; return a section of the appendix, or nothing.

    The code of a solution stays with the solution.
    """
    parts = []
    for count, details in enumerate(document.article.select("details.hide"), start=1):
        anchor = f"{document.key}-code-{count}"
        title = details.select_one("summary .collapsed").get_text(" ", strip=True)
        link = f'<p class="see"><a href="#{anchor}">{html.escape(title)}</a></p>'
        details.insert_before(BeautifulSoup(link, "html.parser"))
        parts.append(f'<h3 id="{anchor}">{html.escape(title)} {count}</h3>{_take(details)}')
    return f"<h2>{html.escape(document.title)}</h2>{''.join(parts)}" if parts else ""


def _take(details: Tag) -> str:
    """Remove a box that folds; return what it held, without its handle."""
    return "".join(str(child) for child in details.extract().find_all(recursive=False)[1:])


def _label(word: str) -> str:
    return f'<p class="answer-label"><strong>{word}</strong></p>'
