"""Collect the figures of the executed notebooks into an archive for people who make slides.

The archive holds every figure as the page shows it, a table with captions and licences, and a
page to look through. The same figures always give the same bytes.
"""

import base64
import csv
import html
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from builder.execute import BuildFailed

ARCHIVE = "brainlike-figures"
LICENCE = "CC BY 4.0, The Brainlike contributors"
COLUMNS = ("file", "chapter", "section", "caption", "licence", "credit", "source")
KINDS = {"image/png": ".png", "image/svg+xml": ".svg"}
STYLE = """
:root { color-scheme: light dark; --line: #8886; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem; }
figure { border-top: 1px solid var(--line); margin: 2rem 0; padding-top: 1rem; }
img { background: #fff; border-radius: 4px; max-width: 100%; padding: .4rem; }
figcaption { max-width: 46rem; }
.small { font-size: .85rem; opacity: .85; }
""".strip()


@dataclass(frozen=True)
class Figure:
    """One figure of a chapter.

    Attributes
    ----------
    file : str
        Name in the archive, such as ``"01_perceptrons-fig03.png"``.
    content : bytes
        PNG or SVG, as on the page.
    chapter, section, caption : str
        Title of the chapter, heading above the figure, its alt text.
    credit : str
        Whose pictures it shows, if not ours; empty otherwise.
    source : str
        Address of the notebook.
    """

    file: str
    content: bytes
    chapter: str
    section: str
    caption: str
    credit: str
    source: str

    def row(self) -> list[str]:
        """Return the figure's line of ``captions.csv``."""
        licence = LICENCE + ("; see credit" if self.credit else "")
        return [
            *(self.file, self.chapter, self.section, self.caption),
            *(licence, self.credit, self.source),
        ]


def figures_of(name: str, notebook: dict, credits: list[dict], source: str) -> list[Figure]:
    """List the figures of one notebook, in order.

    Parameters
    ----------
    name : str
        The notebook's stem.
    notebook : dict
        With its outputs.
    credits : list of dict
        Entries of ``book/attributions.toml`` for this chapter.
    source : str
        Address of the notebook.

    Raises
    ------
    BuildFailed
        If a figure has no alt text, or a credit does not fit exactly one cell with figures.
    """
    found: list[Figure] = []
    title = section = ""
    credited = {entry["alt"]: 0 for entry in credits}
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for level, heading in headings(text):
                title = title if level > 1 else heading
                section = section if level == 1 else heading
            continue
        pictures = list(pictures_of(cell))
        if not pictures:
            continue
        caption = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "").strip()
        if not caption:
            raise BuildFailed(f"{name}: a figure under {section or title!r} has no alt text")
        entries = [entry for entry in credits if caption.startswith(entry["alt"])]
        for entry in entries:
            credited[entry["alt"]] += 1
        credit = " ".join(entry["credit"] for entry in entries)
        for content, ending in pictures:
            file = f"{name}-fig{len(found) + 1:02d}{ending}"
            found.append(Figure(file, content, title, section, caption, credit, source))
    wrong = [alt for alt, count in credited.items() if count != 1]
    if wrong:
        raise BuildFailed(f"book/attributions.toml: fits no figure of {name}, or several: {wrong}")
    return found


def headings(text: str) -> list[tuple[int, str]]:
    """List level and plain text of the headings of a Markdown cell, code blocks left out."""
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1\s*$", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^(#{1,6})\s+(.+?)\s*$", text, flags=re.MULTILINE)
    return [(len(marks), re.sub(r"[*`]|\{\w+\}", "", words)) for marks, words in found]


def pictures_of(cell: dict) -> Iterator[tuple[bytes, str]]:
    """Yield content and file ending of each picture among a cell's outputs."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        kind = next((kind for kind in KINDS if kind in data), None)
        if kind == "image/png":
            yield base64.b64decode("".join(data[kind])), KINDS[kind]
        elif kind:
            yield "".join(data[kind]).encode(), KINDS[kind]


def collect(root: Path, notebooks: dict[str, dict]) -> list[Figure]:
    """Collect the figures of all chapters; `notebooks` maps stems to notebooks with outputs.

    Raises
    ------
    BuildFailed
        As `figures_of`.
    """
    path = root / "book" / "attributions.toml"
    entries = tomllib.loads(path.read_text("utf-8"))["figure"] if path.exists() else []
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    place = config.get("repository", {})
    address = f"{place.get('url', '')}/blob/{place.get('branch', 'main')}/notebooks"
    figures = []
    for name, notebook in notebooks.items():
        own = [entry for entry in entries if entry["chapter"] == name]
        figures += figures_of(name, notebook, own, f"{address}/{name}.ipynb")
    return figures


def archive(figures: list[Figure]) -> bytes:
    """Pack figures, captions, an index page and the licence into a zip archive."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    writer.writerows(figure.row() for figure in figures)
    files = {figure.file: figure.content for figure in figures}
    files["captions.csv"] = table.getvalue().encode("utf-8-sig")  # the mark tells spreadsheets
    files["index.html"] = index_page(figures).encode()
    files["LICENCE.txt"] = (
        f"Figures: {LICENCE}.\nhttps://creativecommons.org/licenses/by/4.0/\n\n"
        "Some show pictures of other people. The credit in captions.csv has to stay with them.\n"
    ).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as pack:
        for name, content in files.items():
            # a fixed date: the archive depends on its content alone
            entry = zipfile.ZipInfo(f"{ARCHIVE}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, content)
    return packed.getvalue()


def index_page(figures: list[Figure]) -> str:
    """Write the page that shows all figures with captions; it needs the files beside it only."""
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Brainlike: figures</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>Brainlike: {len(figures)} figures</h1>",
        f"<p>{LICENCE}, but for the pictures that a credit names. Say where they come from.</p>",
    ]
    chapter = None
    for figure in figures:
        if figure.chapter != chapter:
            chapter = figure.chapter
            parts.append(f"<h2>{html.escape(chapter)}</h2>")
        credit = f"<br>{html.escape(figure.credit)}" if figure.credit else ""
        section = html.escape(figure.section)
        parts.append(
            f'<figure>\n<img src="{figure.file}" alt="{html.escape(figure.caption)}" '
            f'loading="lazy">\n<figcaption><b>{section}</b> {html.escape(figure.caption)}'
            f'<br><span class="small"><code>{figure.file}</code>{credit}</span>'
            "</figcaption>\n</figure>"
        )
    return "\n".join([*parts, "</main>\n</body>\n</html>\n"])


def facts(figures: list[Figure], packed: bytes) -> dict:
    """Say what the archive holds; the book's ``figure-archive`` directive shows it."""
    return {
        "file": f"{ARCHIVE}.zip",
        "bytes": len(packed),
        "figures": len(figures),
        "chapters": len({figure.chapter for figure in figures}),
        "credited": sum(bool(figure.credit) for figure in figures),
    }
