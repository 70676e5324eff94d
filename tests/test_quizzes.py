"""What every chapter offers a reader to do: a quiz, predictions, a figure with sliders."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from quiz import read_quiz  # noqa: E402

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
QUIZZES = sorted((ROOT / "book" / "quizzes").glob("*.yml"))
MEASURED = re.compile(r"(?<![\w$])[-+−]?\d*\.\d+|\d+ ?%")  # a decimal or a share, as chapters show

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_quiz = pytest.mark.parametrize("path", QUIZZES, ids=lambda path: path.stem)


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_every_chapter_has_a_quiz_and_every_quiz_a_chapter():
    assert [path.stem for path in QUIZZES] == [path.stem for path in NOTEBOOKS]


@each_quiz
def test_quiz_is_whole(path):
    questions = read_quiz(path)
    assert 4 <= len(questions) <= 6
    places = [[option.right for option in one.options].index(True) for one in questions]
    assert len(set(places)) > 1, "the right answer always stands in the same place"


@each_quiz
def test_quiz_states_no_number_that_the_chapter_measures(path):
    texts = [path.read_text(encoding="utf-8")]
    found = [match for text in texts for match in MEASURED.findall(text)]
    assert not found, f"numbers change with the next run: {found}"


GOOD = """
- question: One?
  options:
    - {text: a, why: since a, right: true}
    - {text: b, why: since b}
    - {text: c, why: since c}
"""


def test_a_quiz_is_read(tmp_path):
    path = tmp_path / "good.yml"
    path.write_text(GOOD, encoding="utf-8")
    (question,) = read_quiz(path)
    assert question.text == "One?"
    assert [option.right for option in question.options] == [True, False, False]
    assert question.options[2].why == "since c"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", right: true", "", "exactly one"),
        ("since b}", "since b, right: true}", "exactly one"),
        ("right: true", "right: 1", "true or false"),
        (", why: since c", "", "an option has text"),
        ("since c", "' '", "text is missing"),
        ("text: c", "text: b", "all different"),
        ("    - {text: c, why: since c}\n", "", "at least three"),
        ("text: c", "text: c, hint: d", "an option has text"),
        ("question: One?", "questions: One?", "needs the keys"),
        (GOOD, "", "list of questions"),
    ],
)
def test_a_quiz_with_a_fault_is_refused(tmp_path, old, new, message):
    path = tmp_path / "bad.yml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_quiz(path)


@each_notebook
def test_quiz_stands_alone_before_further_reading(path):
    texts = cells(path, "markdown")
    (place,) = [i for i, text in enumerate(texts) if "```{quiz}" in text]
    assert re.fullmatch(
        rf"## Check yourself\n\n[^\n]+\n\n```\{{quiz\}} {path.stem}\n```", texts[place].strip()
    ), "a heading, one sentence and the directive: no spoilers"
    assert texts[place + 1].startswith("## Further reading")


@each_notebook
def test_asks_for_predictions(path):
    text = "\n\n".join(cells(path, "markdown"))
    boxes = re.findall(
        r"^````\{admonition\} Predict\n:class: predict\n(.+?)^````$", text, re.M | re.S
    )
    assert len(boxes) >= 2
    for box in boxes:
        question, _, answer = box.partition("```{dropdown} Reveal the answer\n")
        assert "?" in question and len(answer) > 40


@each_notebook
def test_has_a_figure_with_sliders(path):
    calls = [
        node
        for cell in cells(path, "code")
        for node in ast.walk(ast.parse(cell))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "interactive.show_frames"
    ]
    assert calls, "add a figure with brainlike.interactive.show_frames"
