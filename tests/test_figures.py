"""What teachers take away: the archive of figures, the runnable notebook, times and assignments."""

import base64
import csv
import io
import json
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "book"))

from builder.assignments import read_masters
from builder.downloads import without_outputs
from builder.execute import BuildFailed
from builder.figures import archive, collect, figures_of, headings, index_page
from builder.sections import section_facts

ROOT = Path(__file__).resolve().parents[1]
CREDITS = tomllib.loads((ROOT / "book" / "attributions.toml").read_text("utf-8"))["figure"]
# loaders whose pictures are other people's
PICTURES = {"load_photographs", "load_cueconflict_examples", "load_digits", "load_sample_image"}


def prose(text: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def drawing(alt: str, *pictures: bytes, kind: str = "image/png") -> dict:
    outputs = [
        {
            "output_type": "display_data",
            "data": {kind: base64.b64encode(p).decode() if kind == "image/png" else p.decode()},
        }
        for p in pictures
    ]
    metadata = {"mystnb": {"image": {"alt": alt}}} if alt else {}
    return {"cell_type": "code", "metadata": metadata, "source": "draw()", "outputs": outputs}


CHAPTER = {
    "cells": [
        prose("# Noses\n\n```python\n# not a heading\n```"),
        drawing("The first", b"one"),
        prose("Some prose.\n\n## A *real* `nose`\n\n### Detail"),
        drawing("Two at once, with a photograph", b"two", b"three"),
        {"cell_type": "code", "metadata": {}, "source": "1", "outputs": []},
        drawing("Lines", b"<svg/>", kind="image/svg+xml"),
    ]
}
PHOTO = {"chapter": "09_noses", "alt": "Two at once", "loader": "f", "credit": "Photograph: A. B."}


def test_figures_are_found_with_section_caption_and_credit():
    found = figures_of("09_noses", CHAPTER, [PHOTO], "https://example.org/nb")
    assert [one.file for one in found] == [
        "09_noses-fig01.png", "09_noses-fig02.png", "09_noses-fig03.png", "09_noses-fig04.svg"
    ]  # fmt: skip
    assert [one.content for one in found] == [b"one", b"two", b"three", b"<svg/>"]
    assert {one.chapter for one in found} == {"Noses"}
    assert [one.section for one in found] == ["", "Detail", "Detail", "Detail"]
    assert [one.credit for one in found] == ["", "Photograph: A. B.", "Photograph: A. B.", ""]


@pytest.mark.parametrize(
    ("alt", "credits", "message"),
    [
        ("", [], "no alt text"),
        ("A cat", [{**PHOTO, "alt": "A dog"}], "fits no figure"),
        ("The first", [{**PHOTO, "alt": "T"}], "or several"),
    ],
)
def test_missing_alt_text_and_wrong_credits_fail_the_build(alt, credits, message):
    cells = [prose("# Noses"), drawing(alt, b"one"), *CHAPTER["cells"][2:4]]
    with pytest.raises(BuildFailed, match=message):
        figures_of("09_noses", {"cells": cells}, credits, "")


def test_archive_holds_what_its_table_and_page_list_and_is_the_same_each_time():
    found = figures_of("09_noses", CHAPTER, [PHOTO], "https://example.org/nb")
    packed = archive(found)
    assert packed == archive(found)
    with zipfile.ZipFile(io.BytesIO(packed)) as pack:
        assert pack.testzip() is None
        names = {name.removeprefix("brainlike-figures/") for name in pack.namelist()}
        text = pack.read("brainlike-figures/captions.csv").decode("utf-8-sig")
        page = pack.read("brainlike-figures/index.html").decode()
        assert pack.read("brainlike-figures/09_noses-fig03.png") == b"three"
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["file"] for row in rows} == names - {"captions.csv", "index.html", "LICENCE.txt"}
    assert re.findall(r'src="([^"]+)"', page) == [row["file"] for row in rows]
    assert "http" not in re.sub(r'href="[^"]*"', "", page), "the page loads nothing"
    assert [row["credit"] != "" for row in rows] == [False, True, True, False]
    assert all(row["caption"] and row["licence"].startswith("CC BY 4.0") for row in rows)


def test_index_page_escapes_captions():
    cells = [prose("# <b>Noses</b>"), drawing('A <script>"quoted"</script>', b"one")]
    page = index_page(figures_of("09_noses", {"cells": cells}, [], ""))
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_other_peoples_pictures_are_credited():
    """Every loader of pictures that a chapter calls has a credit, and every credit has a figure."""
    wanted = set()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        called = {name for name in PICTURES if re.search(rf"\b{name}\(", code)}
        if path.stem == "14_dimensionality":
            called -= {"load_digits"}  # trains on them, shows none
        wanted |= {(path.stem, loader) for loader in called}
        alts = [c["metadata"].get("mystnb", {}).get("image", {}).get("alt", "") for c in cells]
        for entry in CREDITS:
            if entry["chapter"] == path.stem:
                fitting = [alt for alt in alts if alt.startswith(entry["alt"])]
                assert len(fitting) == 1, f"{entry['alt']!r} fits {len(fitting)} figures"
    assert {(one["chapter"], one["loader"]) for one in CREDITS} == wanted


def test_archive_of_this_book_names_the_repository():
    notebook = {"cells": [prose("# One"), drawing("A figure of dots", b"one")]}
    (only,) = collect(ROOT, {"99_new": notebook})
    address = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    assert only.source == f"{address['Homepage']}/blob/main/notebooks/99_new.ipynb"


def test_headings_leave_out_code():
    text = "## One\n\n~~~\n## Not\n~~~\n\n````md\n```\n## Nor\n```\n````\n\n# Two {term}`x`"
    assert headings(text) == [(2, "One"), (1, "Two x")]


def test_downloaded_notebook_has_code_and_prose_but_no_outputs():
    source = {
        "cells": [
            prose("The value is 42."),
            {**drawing("x", b"one"), "execution_count": 7, "metadata": {"tags": ["a"]}},
        ],
        "metadata": {"kernelspec": {"name": "python3"}},
    }
    source["cells"][1]["metadata"]["execution"] = {"iopub.execute_input": "then"}
    bare = without_outputs(source)
    assert bare["cells"][0]["source"] == "The value is 42."
    assert bare["cells"][1]["source"] == "draw()"
    assert bare["cells"][1]["outputs"] == [] and bare["cells"][1]["execution_count"] is None
    assert bare["cells"][1]["metadata"] == {"tags": ["a"]}
    assert source["cells"][1]["outputs"], "the staged notebook must not change"


def ran(begin: str, end: str) -> dict:
    times = {"iopub.execute_input": f"2026-01-01T00:{begin}Z", "shell.execute_reply":
             f"2026-01-01T00:{end}Z"}  # fmt: skip
    return {"cell_type": "code", "metadata": {"execution": times}, "source": ""}


def test_seconds_are_summed_by_section():
    executed = {
        "cells": [
            prose("# Title"),
            ran("00:00.0", "00:02.5"),
            prose("## First\n\n### Below"),
            ran("00:03.0", "00:04.0"),
            ran("00:05.0", "01:06.0"),
            prose("## Without code"),
            prose("## Last"),
            {"cell_type": "code", "metadata": {}, "source": ""},
            ran("02:00.0", "02:00.5"),
        ]
    }
    assert section_facts(executed) == [
        {"title": "Set-up", "seconds": 2.5, "needs": []},
        {"title": "First", "seconds": 62.0, "needs": []},
        {"title": "Last", "seconds": 0.5, "needs": []},
    ]


def test_sections_name_what_they_build_on():
    def section(title: str, *sources: str) -> list[dict]:
        cells = [ran("00:00.0", "00:01.0") | {"source": one} for one in sources]
        return [*([prose(f"## {title}")] if title else []), *cells]

    sections = [
        section("", "import numpy as np"),
        section("Makes", "x, y = np.zeros(3), [1]\ndef f(a):\n    b = a + x\n    return b"),
        section("Changes", "x[0] = 2"),
        section("Apart", "x = 1\nx += 1", "a = [b for b in range(3) if (lambda y: y)(b)]"),
        section("Uses a function", "z = f(1)"),
        section("Uses through another", "for one in [z]:\n    print(f'{one}')"),
        section("Adds to its own kind", "def y(y): return y", "y.a = 1"),
        section("Reads what was bound last", "print(x, y)"),
        section("Adds to what is there", "z += 1"),
    ]
    cells = [cell for one in sections for cell in one]
    found = {one["title"]: one["needs"] for one in section_facts({"cells": cells})}
    assert found == {
        "Set-up": [],
        "Makes": [],
        "Changes": ["Makes"],
        "Apart": [],
        "Uses a function": ["Makes"],
        "Uses through another": ["Makes", "Uses a function"],
        "Adds to its own kind": [],
        "Reads what was bound last": ["Apart", "Adds to its own kind"],
        "Adds to what is there": ["Makes", "Uses a function"],
    }


def master(head: str) -> dict:
    def raw(text):
        return {"cell_type": "raw", "metadata": {}, "source": text}

    def code(text):
        return {"cell_type": "code", "metadata": {}, "source": text, "outputs": []}

    config = '""" # BEGIN TEST CONFIG\npoints: {}\n""" # END TEST CONFIG\n'
    return {
        "cells": [
            prose(head),
            raw("# BEGIN QUESTION\nname: q1"),
            prose("## Question 1: Count"),
            raw("# BEGIN SOLUTION"),
            code("n = 3  # SOLUTION"),
            raw("# END SOLUTION"),
            raw("# BEGIN TESTS"),
            code(config.format(2.5) + "def test_n(n):\n    assert n == 3"),
            raw("# END TESTS"),
            raw("# END QUESTION"),
            raw("# BEGIN QUESTION\nname: q2\nmanual: true\npoints: 4"),
            prose("## Question 2: Argue"),
            raw("# BEGIN SOLUTION"),
            prose("A rubric."),
            raw("# END SOLUTION"),
            raw("# END QUESTION"),
        ]
    }


def write_master(root: Path, name: str, head: str) -> None:
    folder = root / "notebooks" / "assignments"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.ipynb").write_text(json.dumps(master(head)), "utf-8")


def test_assignments_are_described_from_their_masters(tmp_path: Path):
    write_master(tmp_path, "02_b", "# Second\n\n**Difficulty** 3 of 3 · about 60 to 90 minutes")
    write_master(tmp_path, "01_a", "# Assignment 1\n\nDifficulty: 1 of 3, 45 minutes")
    first, second = read_masters(tmp_path, ["01_a", "02_b", "03_c"])
    assert (first["name"], first["minutes"], first["difficulty"]) == ("01_a", "45", 1)
    assert (second["minutes"], second["difficulty"]) == ("60 to 90", 3)
    assert second["summary"] == "Count · Argue"
    assert (second["points"], second["written"]) == (2.5, 4)


@pytest.mark.parametrize(
    ("name", "head", "message"),
    [
        ("01_a", "# Assignment 1\n\nDifficulty 1 of 3", "minutes"),
        ("09_z", "# Assignment 9\n\nDifficulty 1 of 3, 45 minutes", "without a chapter"),
    ],
)
def test_an_assignment_that_does_not_fit_fails_the_build(tmp_path: Path, name, head, message):
    write_master(tmp_path, name, head)
    with pytest.raises(BuildFailed, match=message):
        read_masters(tmp_path, ["01_a"])


def test_every_master_of_this_book_can_be_listed():
    names = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb")]
    masters = [path.stem for path in (ROOT / "notebooks" / "assignments").glob("*.ipynb")]
    assert {one["name"] for one in read_masters(ROOT, names)} == set(masters)
