"""The rules that every chapter keeps: stripped, readable cells, alt text, references that resolve.

One test a rule and notebook. The rules need nothing executed.
"""

import ast
import json
import re
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "book"))

from brainlike.__main__ import parse_views
from builder.reading import PROMPTS, ROLES, core_path, open_lines, role_of

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROSE = sorted([*(ROOT / "book").glob("*.md"), *(ROOT / "datasets").glob("*.md")])
DRAWING_MODULES = {"plt", "plots"}
NOT_DRAWING = {"plots.use_style", "plt.close", "plt.rcParams.update"}

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path, kind):
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def prose(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(source(cell) for cell in cells(path, "markdown"))


def tags(cell):
    return cell["metadata"].get("tags", [])


def opening(cell):
    """Return a cell's first line, to name it in a message."""
    return source(cell).strip().split("\n")[0][:70]


@each_notebook
def test_has_no_outputs(path):
    left = [
        opening(cell)
        for cell in cells(path, "code")
        if cell["outputs"] or cell["execution_count"] is not None
    ]
    assert not left, f"clear the outputs and execution counts of {left}"


@each_notebook
def test_kernel_is_python3(path):
    assert read(path)["metadata"]["kernelspec"]["name"] == "python3"


@each_notebook
def test_no_code_cell_is_over_25_lines(path):
    long = [opening(c) for c in cells(path, "code") if len(source(c).strip().split("\n")) > 25]
    assert not long, f"split these cells or move code to the package: {long}"


@each_notebook
def test_has_20_to_40_code_cells(path):
    """Solutions do not count: they are closed until a reader opens them."""
    open_cells = [cell for cell in cells(path, "code") if "solution" not in tags(cell)]
    assert 20 <= len(open_cells) <= 40, f"{len(open_cells)} code cells outside solutions"


def shown(path):
    """Return the code cells outside solutions."""
    return [cell for cell in cells(path, "code") if "solution" not in tags(cell)]


def with_roles(path):
    """Skip a chapter whose cells have no roles yet."""
    if not any(role_of(cell) for cell in cells(path, "code")):
        pytest.skip("its cells have no roles yet")


@each_notebook
def test_every_code_cell_has_a_role_and_is_folded_accordingly(path):
    with_roles(path)
    wrong = [opening(cell) for cell in shown(path) if role_of(cell) not in ROLES]
    assert not wrong, f"give metadata brainlike.role, one of {ROLES}, to {wrong}"
    unlike = [
        opening(cell)
        for cell in shown(path)
        if cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        != (role_of(cell) in PROMPTS)
    ]
    assert not unlike, f"metadata jupyter.source_hidden: true, unless it is science: {unlike}"


@each_notebook
def test_open_code_is_short_and_narrow(path):
    with_roles(path)
    long = [opening(cell) for cell in shown(path) if len(open_lines(cell)) > 15]
    assert not long, f"more than 15 open lines: {long}"
    wide = [line for cell in shown(path) for line in open_lines(cell) if len(line) > 76]
    assert not wide, f"lines that a page clips, over 76 characters: {wide}"
    run = 0
    for cell in read(path)["cells"]:
        run = 0 if cell["cell_type"] == "markdown" else run + len(open_lines(cell))
        assert run <= 20, f"more than 20 open lines without a sentence, up to {opening(cell)}"


@each_notebook
def test_science_is_neither_drawing_nor_claiming(path):
    with_roles(path)
    for cell in shown(path):
        called = set(called_names(ast.parse(source(cell))))
        if role_of(cell) == "science":
            assert not called & {"claim", "holds"}, f"a claim in open code: {opening(cell)}"
        if called & {"claim", "holds"}:
            assert role_of(cell) in ("claim", "figure"), opening(cell)


@each_notebook
def test_the_core_path_can_be_read_in_one_sitting(path):
    with_roles(path)
    core = core_path(read(path))
    assert core["words"] <= 2500 and core["minutes"] <= 45, core


@each_notebook
def test_code_is_plain_python(path):
    for cell in cells(path, "code"):
        magic = [line for line in source(cell).split("\n") if re.match(r"\s*[%!?]", line)]
        assert not magic, f"magics or shell commands: {magic}"
        ast.parse(source(cell))


def called_names(node):
    """Yield dotted names such as ``plt.subplots`` of the calls in a syntax tree."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute):
            yield ast.unparse(call.func)


def draws(node, helpers):
    """Say whether running code calls the drawing modules, an Axes, or a helper that does."""
    return any(
        name in helpers
        or (
            name not in NOT_DRAWING
            and "." in name
            and (name.split(".")[0] in DRAWING_MODULES or re.match(r"(ax|axes|fig)\b", name))
        )
        for name in called_names(node)
    )


def figure_cells(path):
    """Return the code cells that draw; a function that draws counts where it is called."""
    figures, helpers = [], set()
    for cell in cells(path, "code"):
        running = []
        for node in ast.parse(source(cell)).body:
            if not isinstance(node, ast.FunctionDef):
                running.append(node)
            elif draws(node, helpers):
                helpers.add(node.name)
        if "figure" in tags(cell) or any(draws(node, helpers) for node in running):
            figures.append(cell)
    return figures


@each_notebook
def test_every_figure_has_alt_text(path):
    without = [
        opening(cell)
        for cell in figure_cells(path)
        if len(cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "").strip()) < 20
    ]
    assert not without, f"give metadata mystnb.image.alt of 20 characters or more to {without}"


@cache
def bibliography():
    text = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    return set(re.findall(r"^@\w+\{\s*([^,\s]+)\s*,", text, flags=re.MULTILINE))


@cache
def glossary():
    """Return the terms that book/glossary.md defines, in lower case."""
    text = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^(`{3,}|:{3,})\{glossary\}\n(.*?)^\1\s*$", text, flags=re.M | re.S)
    lines = [line for _, block in blocks for line in block.split("\n")]
    return {line.strip().lower() for line in lines if re.match(r"[^\s:]", line)}


each_page = pytest.mark.parametrize("path", [*NOTEBOOKS, *PROSE], ids=lambda path: path.stem)


@each_page
def test_every_citation_resolves(path):
    groups = re.findall(r"\{cite(?::\w+)*\}`([^`]+)`", prose(path))
    keys = {key.strip() for group in groups for key in group.split(",")}
    assert keys <= bibliography(), f"not in references.bib: {sorted(keys - bibliography())}"


@each_page
def test_every_term_is_in_the_glossary(path):
    roles = re.findall(r"\{term\}`([^`]+)`", prose(path))
    terms = {re.sub(r".*<(.+)>$", r"\1", role, flags=re.S).lower() for role in roles}
    unknown = terms - glossary() if terms else set()
    assert not unknown, f"not in book/glossary.md: {sorted(unknown)}"


@each_notebook
def test_begins_with_title_and_install_cell(path):
    first = read(path)["cells"][0]
    assert first["cell_type"] == "markdown" and source(first).startswith("# ")
    with (ROOT / "pyproject.toml").open("rb") as stream:
        address = tomllib.load(stream)["project"]["urls"]["Homepage"]
    install = source(cells(path, "code")[0])
    assert f"git+{address}" in install, "the first code cell installs the package when missing"


@each_notebook
def test_metadata_describes_the_chapter(path):
    about = read(path)["metadata"].get("brainlike", {})
    assert about.get("difficulty") in (1, 2, 3)
    prerequisites = about.get("prerequisites")
    assert isinstance(prerequisites, list) and all(isinstance(p, str) for p in prerequisites)
    assert len(about.get("picture_alt", "")) >= 20


@each_notebook
def test_its_networks_travel_with_the_book(path):
    index = tomllib.loads((ROOT / "brainlike/networks/weights/weights.toml").read_text("utf-8"))
    named = read(path)["metadata"]["brainlike"]["networks"]
    stems = [(network if ":" in network else f"{network}:0").replace(":", "-") for network in named]
    assert not set(stems) - set(index), "see CONTRIBUTING.md: networks that chapters share"


def loaded_renders(path):
    """Return the set and the views (in code, or ``""`` for all) of each call that renders."""
    loaders = {
        "load_rendered_objects": ["objects"],
        "load_textured_objects": ["textured"],
        "load_rendered_faces": ["faces"],
        "load_rendered_cars": ["cars"],
    }
    diets = {"objects_and_faces": ["objects", "faces"], "objects_and_cars": ["objects", "cars"]}
    nodes = [node for cell in cells(path, "code") for node in ast.walk(ast.parse(source(cell)))]
    values = {
        node.targets[0].id: node.value
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in [node for node in nodes if isinstance(node, ast.Call)]:
        name = ast.unparse(call.func).rpartition(".")[2]
        sets = diets[call.args[0].value] if name == "load_diet" else loaders.get(name, [])
        views = [keyword.value for keyword in call.keywords if keyword.arg == "views"]
        views = [values.get(ast.unparse(view), view) for view in views]
        for rendered in sets:
            yield rendered, ast.unparse(views[0]) if views else ""


@each_notebook
def test_metadata_lists_the_renders_that_the_chapter_loads(path):
    """What is not listed is rendered while the chapter runs, at the cost of its minutes."""

    def numbers(views):
        views = range(90) if views is None else range(70, 90) if views == "held-out" else views
        return tuple(sorted(set(views)))

    about = read(path)["metadata"].get("brainlike", {})
    listed = {(name, numbers(views)) for name, views in map(parse_views, about["rendered"])}
    loaded = {(name, numbers(eval(views or "None"))) for name, views in loaded_renders(path)}
    assert listed == loaded


def exercises(path):
    """Return pairs of label and body of the exercises."""
    blocks = re.findall(r"^(`{3,}|:{3,})\{exercise\}(.*?)^\1\s*$", prose(path), flags=re.M | re.S)
    return [
        ("".join(re.findall(r"^:label:\s*(\S+)", body, flags=re.M)), body) for _, body in blocks
    ]


@each_notebook
def test_has_4_to_6_exercises_each_with_hint_and_solution(path):
    found = exercises(path)
    assert 4 <= len(found) <= 6, f"{len(found)} exercises"
    solved = set(re.findall(r"\{solution(?:-start)?\}\s*(\S+)", prose(path)))
    for label, body in found:
        assert label, f"an exercise has no label: {body[:60]}"
        assert re.search(r"\{(dropdown|admonition)\}\s*Hint", body), f"{label} has no hint"
        assert label in solved, f"{label} has no solution"
    assert prose(path).count("{solution-start}") == prose(path).count("{solution-end}")


def test_exercise_labels_are_unique():
    count = Counter(label for path in NOTEBOOKS for label, _ in exercises(path))
    assert not [label for label, n in count.items() if n > 1]


def claim_ids(path):
    """Return the ids of a notebook's claims; of an f-string, the part before its first brace."""
    ids = []
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("claim", "claims.claim"):
                name = node.args[0].values[0] if _is_f_string(node.args[0]) else node.args[0]
                assert isinstance(name, ast.Constant), f"write the id out in {opening(cell)!r}"
                ids.append((name.value, _is_f_string(node.args[0])))
    return ids


def _is_f_string(node):
    return isinstance(node, ast.JoinedStr)


def prefixes(path):
    return {name.partition("/")[0] for name, _ in claim_ids(path)}


@each_notebook
def test_claim_ids_share_the_prefix_of_the_chapter(path):
    assert all("/" in name for name, _ in claim_ids(path)), "ids read prefix/name"
    assert len(prefixes(path)) == 1, f"one prefix a chapter, at least one claim: {prefixes(path)}"


def test_claim_ids_are_unique():
    chapters = Counter(prefix for path in NOTEBOOKS for prefix in prefixes(path))
    assert not [prefix for prefix, n in chapters.items() if n > 1]
    whole = Counter(name for path in NOTEBOOKS for name, is_part in claim_ids(path) if not is_part)
    assert not [name for name, n in whole.items() if n > 1]
