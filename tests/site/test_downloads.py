"""What a reader can take away from the built site: figures, notebooks, a printed book."""

import csv
import io
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from browser import HTML, ROOT, pages
from playwright.sync_api import Page
from pypdf import PdfReader

pytestmark = pytest.mark.site
CHAPTERS = [name for name in pages() if name.startswith("notebooks/")]
ANSWERS = "Hints, solutions and answers"
CODE = "Code that the pages fold"
on_paper = pytest.mark.xdist_group("printed")  # one worker prints it
MASTERS = sorted((ROOT / "notebooks" / "assignments").glob("*.ipynb"))


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    page = (HTML / "book" / "teaching.html").read_text("utf-8")
    (link,) = re.findall(r'href="(\.\./_downloads/[^"]+\.zip)"', page)
    return zipfile.ZipFile((HTML / "book" / link).resolve())


def test_archive_comes_by_a_click(page: Page, site: str):
    page.goto(f"{site}/book/teaching.html")
    with page.expect_download() as waiting:
        page.locator(".figure-archive a").click()
    assert waiting.value.suggested_filename == "brainlike-figures.zip"
    assert zipfile.is_zipfile(waiting.value.path())


def test_archive_holds_every_figure_of_the_chapters(archive: zipfile.ZipFile):
    rows = list(
        csv.DictReader(
            io.StringIO(archive.read("brainlike-figures/captions.csv").decode("utf-8-sig"))
        )
    )
    packed = {archive.read(f"brainlike-figures/{row['file']}") for row in rows}
    shown = {}
    for name in CHAPTERS:
        text = (HTML / name).read_text("utf-8")
        # the frames of interactive figures are not among the figures
        text = re.sub(r'<figure class="frames.*?</figure>', "", text, flags=re.DOTALL)
        for image in re.findall(r'src="\.\./(_images/[0-9a-f]{40,}\.(?:png|svg))"', text):
            shown[image] = (HTML / image).read_bytes()
    assert [image for image, content in shown.items() if content not in packed] == []
    assert {row["file"].split("-")[0] for row in rows} == {Path(name).stem for name in CHAPTERS}
    assert all(len(row["caption"]) >= 20 for row in rows)


def test_pictures_are_sharp_enough_for_a_slide(archive: zipfile.ZipFile):
    for name in archive.namelist():
        if name.endswith(".png"):
            content = archive.read(name)
            where = content.find(b"pHYs")
            per_metre = int.from_bytes(content[where + 4 : where + 8], "big")
            assert where > 0 and round(per_metre * 0.0254) >= 150, name


def test_index_page_of_the_archive_works_from_a_folder(archive, page: Page, tmp_path: Path):
    archive.extractall(tmp_path)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "brainlike-figures" / "index.html").as_uri())
    assert all(url.startswith("file:") for url in asked)
    images = page.locator("img")
    assert images.count() >= 60
    images.last.scroll_into_view_if_needed()
    page.wait_for_function("[...document.images].at(-1).naturalWidth > 0")


@pytest.mark.parametrize("name", CHAPTERS)
def test_download_button_gives_a_notebook_that_is_the_chapters_own(opened, name: str):
    page = opened(name)
    (link,) = page.locator("a.btn-download-source-button").evaluate_all(
        "all => all.map(a => a.href)"
    )
    assert link.endswith(".ipynb")
    text = page.request.get(link).text()
    downloaded = nbformat.reads(text, as_version=4)
    nbformat.validate(downloaded)
    own = nbformat.read(ROOT / name.replace(".html", ".ipynb"), as_version=4)
    code = [cell.source for cell in downloaded.cells if cell.cell_type == "code"]
    assert code == [cell.source for cell in own.cells if cell.cell_type == "code"]
    assert downloaded.metadata.kernelspec.name == "python3"
    assert not any(cell.get("outputs") for cell in downloaded.cells)
    assert not any(cell.get("execution_count") for cell in downloaded.cells)
    assert "{eval}" not in text, "numbers that plain Jupyter cannot fill in"
    assert len(text) < 200_000


def test_every_assignment_is_listed(page: Page, site: str):
    page.goto(f"{site}/book/assignments.html")
    listed = page.locator("table.assignment-table tbody code").all_inner_texts()
    assert sorted(listed) == [path.stem for path in MASTERS]


def test_times_in_class_are_measured_for_every_chapter(page: Page, site: str):
    page.goto(f"{site}/book/in-class.html")
    tables = page.locator("table.class-times")
    assert tables.count() == len(CHAPTERS)
    for text in tables.all_inner_texts():
        assert re.search(r"\d+ s", text)


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> PdfReader:
    """A book of four pages, printed."""
    root = tmp_path_factory.mktemp("print")
    shutil.copy2(ROOT / "pyproject.toml", root)
    (root / "_toc.yml").write_text(
        "root: book/welcome\nparts:\n  - caption: Part I\n    chapters:\n"
        "      - file: notebooks/03_comparing_representations\n        title: 3. Comparing\n"
        "      - file: book/references\n      - file: book/claims\n"
    )
    # a process of its own: two browsers cannot be driven from one
    command = [sys.executable, str(ROOT / "book" / "pdf.py"), "--root", str(root)]
    command += ["--site", str(HTML), "--output", str(root / "book.pdf")]
    subprocess.run(command, check=True)
    return PdfReader(root / "book.pdf")


@on_paper
def test_outline_and_contents_name_the_pages_on_which_chapters_begin(printed: PdfReader):
    first = {
        item.title: printed.get_destination_page_number(item)
        for item in printed.outline
        if not isinstance(item, list)
    }
    assert list(first) == ["Brainlike", "3. Comparing", "References", "Claims", ANSWERS, CODE]
    for title, page in first.items():
        assert title in printed.pages[page].extract_text()
    contents = printed.pages[1].extract_text()
    for title, page in first.items():
        assert re.search(rf"{re.escape(title)}\s*{page + 1}\b", contents), (title, page)


@on_paper
def test_sections_stand_below_their_chapter_in_the_outline(printed: PdfReader):
    below = next(item for item in printed.outline if isinstance(item, list) and len(item) > 8)
    assert "What a measure ignores" in [one.title for one in below if hasattr(one, "title")]


@on_paper
def test_printed_pages_are_a4_numbered_and_carry_the_books_title(printed: PdfReader):
    assert printed.metadata.title == "Brainlike"
    assert {tuple(round(side) for side in page.mediabox[2:]) for page in printed.pages} == {
        (595, 842)
    }
    last = len(printed.pages)
    assert str(last) in printed.pages[-1].extract_text().split("\n")
    assert "1" not in printed.pages[0].extract_text().split()


@on_paper
def test_solutions_are_printed_in_the_appendix_only(printed: PdfReader):
    start = next(
        printed.get_destination_page_number(item)
        for item in printed.outline
        if not isinstance(item, list) and item.title == ANSWERS
    )
    texts = [page.extract_text() for page in printed.pages]
    hint = "Divide each system by the root of its total variance"
    assert hint in " ".join("".join(texts[start:]).split())
    assert hint not in " ".join("".join(texts[:start]).split())


@on_paper
def test_references_in_the_text_are_links_within_the_document(printed: PdfReader):
    notes = [note.get_object() for page in printed.pages for note in page.get("/Annots", [])]
    inside = [n for n in notes if "/Dest" in n or n.get("/A", {}).get("/S") == "/GoTo"]
    assert len(inside) > 50
    outside = [n["/A"]["/URI"] for n in notes if "/URI" in n.get("/A", {})]
    assert outside and not [one for one in outside if "book.invalid" in one or "file:" in one]
