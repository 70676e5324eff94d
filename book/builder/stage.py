"""Lay out what Sphinx reads: the sources, the notebooks with their outputs, generated facts."""

import json
import re
import shutil
from pathlib import Path

import yaml

from builder.assignments import read_masters
from builder.execute import BuildFailed, Chapter
from builder.figures import archive, collect, pictures_of
from builder.figures import facts as facts_of_archive
from builder.keys import EVALUATED, prose_of
from builder.reading import core_path, fold
from builder.run_notebook import CLAIM
from builder.sections import section_facts

NOT_PAGES = ("builder", "build.py", "pdf.py", "attributions.toml", "__pycache__", ".*")
LEFT_OUT = shutil.ignore_patterns(*NOT_PAGES)


def chapter_names(root: Path) -> list[str]:
    """List the notebooks of ``_toc.yml``, in the reader's order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    return [name.removeprefix("notebooks/") for name in _files(toc) if name.startswith("notebooks")]


def _files(entry: object) -> list[str]:
    if isinstance(entry, dict):
        own = [entry["file"].removesuffix(".ipynb")] if "file" in entry else []
        return own + [name for value in entry.values() for name in _files(value)]
    if isinstance(entry, list):
        return [name for value in entry for name in _files(value)]
    return []


def with_outputs(notebook: dict, executed: dict) -> dict:
    """Put the outputs of the executed copy into the source notebook.

    Prose and cell metadata come from the source, so that editing them needs no new run. The
    claims' machine-readable form is left out: Sphinx would warn that it cannot show it.
    """
    merged = json.loads(json.dumps(notebook))
    sources = [cell for cell in merged["cells"] if cell["cell_type"] == "code"]
    ran = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    for cell, done in zip(sources, ran, strict=True):
        cell["outputs"] = done["outputs"]
        for output in cell["outputs"]:
            output.get("data", {}).pop(CLAIM, None)
        cell["execution_count"] = done["execution_count"]
    _fill_in_values(merged, executed)
    fold(merged)
    return merged


def _fill_in_values(merged: dict, executed: dict) -> None:
    """Replace ``{eval}`expression` `` by its value after the code cells that come before."""
    values, seen = {}, 0
    for cell in executed["cells"]:
        seen += cell["cell_type"] == "code"
        for expression, text in cell["metadata"].get("evaluated", {}).items():
            values[seen, expression] = text
    seen = 0
    for cell in merged["cells"]:
        seen += cell["cell_type"] == "code"
        text = EVALUATED.sub(lambda m, n=seen: values[n, m[1]], prose_of(cell))
        if cell["cell_type"] == "markdown":
            cell["source"] = text
        elif text:
            cell["metadata"]["mystnb"]["image"]["alt"] = text


def facts_of(chapter: Chapter, notebook: dict) -> dict:
    """Gather what other pages say about a chapter; the directives of the book read this."""
    number, _, _ = chapter.name.partition("_")
    text = "\n".join(
        "".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"
    )
    title = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    settings = chapter.settings
    return {
        "name": chapter.name,
        "number": int(number) if number.isdigit() else None,
        "title": title.group(1).strip() if title else chapter.name,
        "question": settings.get("question", ""),
        "prerequisites": settings.get("prerequisites", []),
        "difficulty": settings.get("difficulty"),
        "picture": None,
        "picture_alt": settings.get("picture_alt", ""),
        "seconds": chapter.record["seconds"],
        "peak_memory_mb": chapter.record["peak_memory_mb"],
        "networks": chapter.record.get("networks", {}),  # older records have none
        "claims": chapter.record["claims"],
        "core": core_path(notebook),
    }


def summary_picture(notebook: dict) -> tuple[bytes, str, str] | None:
    """Return picture, file ending and alt text of the cell tagged ``summary-figure``."""
    for cell in notebook["cells"]:
        if "summary-figure" not in cell["metadata"].get("tags", []):
            continue
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        for content, ending in pictures_of(cell):
            return content, ending, alt
    return None


def stage(root: Path, build: Path, chapters: list[Chapter]) -> Path:
    """Write the folder that Jupyter Book builds from, anew each time; return it.

    Raises
    ------
    BuildFailed
        If an executed copy does not fit its source.
    """
    target = build / "stage"
    shutil.rmtree(target, ignore_errors=True)
    (target / "notebooks").mkdir(parents=True)
    shutil.copytree(root / "book", target / "book", ignore=LEFT_OUT)
    if (root / "datasets").exists():
        shutil.copytree(root / "datasets", target / "datasets", ignore=LEFT_OUT)
    for path in [root / "_config.yml", root / "_toc.yml", *root.glob("*.md")]:
        shutil.copy2(path, target / path.name)
    generated = target / "book" / "_generated"
    generated.mkdir()
    notebooks = {}
    for chapter in chapters:
        executed = json.loads(chapter.executed.read_text("utf-8"))
        try:
            notebook = with_outputs(chapter.notebook, executed)
        except ValueError:
            raise BuildFailed(
                f"{chapter.executed} does not fit its source; run `make clean`, then build again"
            ) from None
        notebooks[chapter.name] = notebook
        text = json.dumps(notebook, indent=1, ensure_ascii=False)
        (target / "notebooks" / f"{chapter.name}.ipynb").write_text(text + "\n", "utf-8")
        facts = facts_of(chapter, notebook) | {"sections": section_facts(executed)}
        picture = summary_picture(notebook)
        if picture:
            content, ending, alt = picture
            facts["picture"] = chapter.name + ending
            facts["picture_alt"] = facts["picture_alt"] or alt
            (generated / facts["picture"]).write_bytes(content)
        facts_text = json.dumps(facts, indent=1, ensure_ascii=False)
        (generated / f"{chapter.name}.json").write_text(facts_text, "utf-8")
    order = json.dumps([chapter.name for chapter in chapters])
    (generated / "chapters.json").write_text(order, "utf-8")
    _stage_for_teachers(root, generated, notebooks)
    return target


def _stage_for_teachers(root: Path, generated: Path, notebooks: dict[str, dict]) -> None:
    """Write the archive of figures, and what the pages say about it and the assignments."""
    figures = collect(root, notebooks)
    packed = archive(figures)
    about = facts_of_archive(figures, packed)
    (generated / about["file"]).write_bytes(packed)
    made = {"figures": about, "assignments": read_masters(root, list(notebooks))}
    for name, content in made.items():
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (generated / f"{name}.json").write_text(text, "utf-8")
