"""What of a chapter a reader meets first: open science, folded code, and the core path.

The metadata of a code cell may give it a role, ``{"brainlike": {"role": "figure"}}``; the page
shows it accordingly. A section whose heading begins with ``To go deeper`` is not of the core path.
"""

import re

ROLES = ("science", "figure", "set-up", "claim")
PROMPTS = {"figure": "Code of this figure", "set-up": "Set-up", "claim": "Code of this claim"}
DEEPER = "To go deeper"
# Sections that come after the path, in every chapter
AFTER = ("Exercises", "Check yourself", "Further reading")
WORDS_A_MINUTE, LINES_A_MINUTE, FIGURES_A_MINUTE = 130, 15, 1.5  # of prose, code and figures, read


def role_of(cell: dict) -> str | None:
    """Return the role that the metadata of a code cell give it."""
    return cell["metadata"].get("brainlike", {}).get("role")


def fold(notebook: dict) -> None:
    """Mark the cells that are not science, in place, so that the page shows their code folded."""
    for cell in notebook["cells"]:
        role = role_of(cell) if cell["cell_type"] == "code" else None
        if role in PROMPTS:
            shown = cell["metadata"].setdefault("mystnb", {})
            shown["code_prompt_show"] = shown["code_prompt_hide"] = PROMPTS[role]
            cell["metadata"].setdefault("tags", []).append("hide-input")


def core_cells(notebook: dict) -> list[dict]:
    """List the cells of the core path; a Markdown cell keeps only what belongs to it."""
    core, inside = [], True
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            if inside and "solution" not in cell["metadata"].get("tags", []):
                core.append(cell)
            continue
        parts = re.split(r"^(?=## )", "".join(cell["source"]), flags=re.MULTILINE)
        kept = []
        for part in parts:
            heading = re.match(r"## (.+)", part)
            if heading:
                inside = not heading[1].startswith((DEEPER, *AFTER))
            if inside:
                kept.append(part)
        core.append({**cell, "source": "".join(kept)})
    return core


def words_in(prose: str) -> int:
    """Count the words of Markdown; what stands for a computed number counts as one."""
    prose = re.sub(r"^(`{3,}|:{3,}).*$", "", prose, flags=re.MULTILINE)  # fences, not their text
    prose = re.sub(r"\{eval\}`[^`]+`", "0", prose)
    prose = re.sub(r"\{cite(:\w+)?\}`[^`]+`", "", prose)
    return len(re.findall(r"[^\W_][\w'’.,%-]*", re.sub(r"\$[^$]*\$", " 0 ", prose)))


def core_path(notebook: dict) -> dict[str, int]:
    """Return words, open lines of code, figures and estimated minutes of the core path."""
    cells = core_cells(notebook)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    words = sum(words_in("".join(c["source"])) for c in cells if c["cell_type"] == "markdown")
    lines = sum(len(open_lines(cell)) for cell in code)
    figures = sum("image" in cell["metadata"].get("mystnb", {}) for cell in code)
    minutes = words / WORDS_A_MINUTE + lines / LINES_A_MINUTE + figures / FIGURES_A_MINUTE
    return {"words": words, "lines": lines, "figures": figures, "minutes": round(minutes)}


def open_lines(cell: dict) -> list[str]:
    """List the lines of a code cell that the page shows open, empty ones left out."""
    if role_of(cell) in PROMPTS or "solution" in cell["metadata"].get("tags", []):
        return []
    return [line for line in "".join(cell["source"]).splitlines() if line.strip()]
