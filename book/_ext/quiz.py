"""Self-check quizzes: ```` ```{quiz} NN_topic ```` shows ``book/quizzes/NN_topic.yml``.

The file is a list of questions, each with a list of options; an option has a ``text``, a ``why``
that explains it, and one of them is ``right: true``. Texts are one paragraph of Markdown. Without
JavaScript the explanations of a question stand in a box that opens on click; with it,
``book/_static/quiz.js`` shows the one that belongs to the reader's choice.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from brainlike_book import BookDirective
from docutils import nodes
from sphinx.application import Sphinx


@dataclass(frozen=True)
class Option:
    """One answer to choose from, why it is right or wrong, and which of the two it is."""

    text: str
    why: str
    right: bool


@dataclass(frozen=True)
class Question:
    """A question and its options."""

    text: str
    options: tuple[Option, ...]


def read_quiz(path: Path) -> list[Question]:
    """Read and check the questions of a chapter.

    Raises
    ------
    ValueError
        If the file is no list of questions with one right option each and a text for everything.
    """
    entries = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(entries, list) or not entries:
        raise ValueError(f"{path.name} must hold a list of questions")
    return [_question(entry, f"{path.name}, question {i}") for i, entry in enumerate(entries, 1)]


def _question(entry: object, where: str) -> Question:
    if not isinstance(entry, dict) or set(entry) != {"question", "options"}:
        raise ValueError(f"{where}: needs the keys question and options, and no others")
    options = tuple(_option(option, where) for option in entry["options"])
    if len(options) < 3 or len({option.text for option in options}) < len(options):
        raise ValueError(f"{where}: needs at least three options, all different")
    if sum(option.right for option in options) != 1:
        raise ValueError(f"{where}: needs exactly one option with `right: true`")
    return Question(_text(entry["question"], where), options)


def _option(entry: object, where: str) -> Option:
    if not isinstance(entry, dict) or not {"text", "why"} <= set(entry) <= {"text", "why", "right"}:
        raise ValueError(f"{where}: an option has text, why and, for one of them, right: true")
    right = entry.get("right", False)
    if not isinstance(right, bool):
        raise ValueError(f"{where}: right must be true or false; got {right!r}")
    return Option(_text(entry["text"], where), _text(entry["why"], where), right)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}: a text is missing, or is not text: {value!r}")
    return " ".join(value.split())


class Quiz(BookDirective):
    """The questions of one chapter."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        path = Path(self.env.srcdir) / "book" / "quizzes" / f"{name}.yml"
        self.env.note_dependency(str(path))
        try:
            questions = read_quiz(path)
        except FileNotFoundError:
            raise self.error(f"there is no quiz {name!r}: book/quizzes/{name}.yml") from None
        except (ValueError, yaml.YAMLError) as error:
            raise self.error(str(error)) from None
        quiz = nodes.container(classes=["quiz"])
        for number, question in enumerate(questions, start=1):
            quiz += self._question(question, number, len(questions))
        quiz += _raw(
            '<p class="quiz-score" role="status"></p>'
            '<button type="button" class="quiz-again" hidden>Start again</button>'
        )
        return [quiz]

    def _question(self, question: Question, number: int, count: int) -> list[nodes.Node]:
        made: list[nodes.Node] = [
            _raw(
                '<form class="quiz-question"><fieldset><legend>'
                f'<span class="quiz-number">Question {number} of {count}</span> '
            ),
            self._words(question.text),
            _raw("</legend>"),
        ]
        for i, option in enumerate(question.options):
            mark = " data-right" if option.right else ""
            made += [
                _raw(
                    f'<label class="quiz-option"><input type="radio" name="quiz-{number}" '
                    f'value="{i}" autocomplete="off"{mark}>'
                ),
                self._words(option.text),
                _raw("</label>"),
            ]
        made.append(
            _raw(
                '<button type="submit" class="quiz-check" disabled hidden>Check</button>'
                '<div class="quiz-verdict" role="status"></div>'
                '<details class="quiz-answers"><summary>The answer, and why</summary><ul>'
            )
        )
        for option in question.options:
            word = "Right" if option.right else "No"
            made += [
                _raw(f'<li class="quiz-{word.lower()}"><p class="quiz-chosen">'),
                self._words(option.text),
                _raw(f'</p><p class="quiz-why"><strong>{word}.</strong> '),
                self._words(option.why),
                _raw("</p></li>"),
            ]
        return [*made, _raw("</ul></details></fieldset></form>")]

    def _words(self, text: str) -> nodes.inline:
        return nodes.inline("", "", *self.inline(text))


def _raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def setup(app: Sphinx) -> dict[str, object]:
    """Register the directive and its script, and that of the boxes for predictions."""
    app.add_directive("quiz", Quiz)
    for script in ("quiz.js", "predict.js"):
        app.add_js_file(script, loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
