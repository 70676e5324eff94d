"""Quizzes and predictions: with the mouse, with the keyboard alone, on a phone, without script."""

import pytest
from browser import (
    HTML,
    PHONE,
    STILL,
    THEMES,
    load,
    pages,
    put_focus_before,
    set_theme,
    violations_of,
)
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.site
CHAPTERS = [name for name in pages() if name.startswith("notebooks/")]
ONE = "notebooks/01_perceptrons.html"  # named, for tests are collected before a site is built
on_one = pytest.mark.parametrize("name", [ONE])


def right_option(question: Locator) -> Locator:
    return question.locator("input[data-right]")


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_a_quiz_before_further_reading(opened, name: str):
    page = opened(name)
    headings = page.locator("article h2").all_inner_texts()
    titles = [heading.strip("# \n") for heading in headings]
    assert titles.index("Check yourself") == titles.index("Further reading") - 1
    questions = page.locator(".quiz .quiz-question")
    assert 4 <= questions.count() <= 6
    for index in range(questions.count()):
        assert right_option(questions.nth(index)).count() == 1


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_option_is_explained_and_all_can_be_solved(opened, name: str):
    page = opened(name)
    for question in page.locator(".quiz-question").all():
        verdict, answers = question.locator(".quiz-verdict"), question.locator(".quiz-answers")
        seen = set()
        wrong = question.locator("input:not([data-right])")
        for option in [*wrong.all(), right_option(question)]:
            assert not answers.is_visible(), "the answer shows before it was found"
            option.check()
            expect(verdict).to_be_empty()
            question.locator(".quiz-check").click()
            seen.add(verdict.inner_text())
            word = "Right" if option.get_attribute("data-right") is not None else "No"
            assert verdict.inner_text().startswith(f"{word}.")
        assert len(seen) == question.locator("input").count()
        assert answers.is_visible()
    expect(page.locator(".quiz-score")).to_contain_text("solved, 0 of them at the first try")


@on_one
def test_a_perfect_score_and_starting_again(opened, name: str):
    page = opened(name)
    questions = page.locator(".quiz-question").all()
    for question in questions:
        right_option(question).check()
        question.locator(".quiz-check").click()
    score = page.locator(".quiz-score")
    expect(score).to_have_text(f"All {len(questions)} right at the first try.")
    page.locator(".quiz-again").click()
    expect(score).to_be_empty()
    assert page.locator(".quiz input:checked").count() == 0
    assert page.locator(".quiz-verdict:not(:empty)").count() == 0
    assert questions[0].locator("input").first.evaluate("one => document.activeElement === one")


@on_one
def test_checking_without_a_choice_asks_for_one(opened, name: str):
    page = opened(name)
    question = page.locator(".quiz-question").first
    question.locator(".quiz-check").click()
    expect(question.locator(".quiz-verdict")).to_have_text("Choose an answer first.")
    assert page.url.endswith(ONE), "the form must not be sent"


@on_one
def test_quiz_with_the_keyboard_alone(opened, name: str):
    page = opened(name)
    question = page.locator(".quiz-question").first
    options = question.locator("input")
    put_focus_before(question)
    page.keyboard.press("Tab")
    assert options.first.evaluate("one => document.activeElement === one")
    page.keyboard.press("ArrowDown")
    assert options.nth(1).is_checked()
    page.keyboard.press("Enter")
    expect(question.locator(".quiz-verdict")).not_to_be_empty()
    page.keyboard.press("Tab")
    button = question.locator(".quiz-check")
    assert button.evaluate("one => document.activeElement === one")
    ring = button.evaluate("one => getComputedStyle(one).outlineStyle")
    assert ring == "solid", "keyboard focus must be visible"
    page.keyboard.press("Space")
    expect(question.locator(".quiz-verdict")).not_to_be_empty()


@on_one
def test_verdicts_are_announced(opened, name: str):
    page = opened(name)
    for place in (".quiz-verdict", ".quiz-score"):
        assert page.locator(place).first.get_attribute("role") == "status"


@pytest.mark.parametrize("name", CHAPTERS)
def test_without_script_the_explanations_open(browser: Browser, site: str, name: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{name}")
    assert page.locator(".quiz-check:visible").count() == 0
    for question in page.locator(".quiz-question").all():
        why = question.locator(".quiz-answers .quiz-why")
        assert not why.first.is_visible()
        question.locator("summary").click()
        assert why.first.is_visible()
        assert why.count() == question.locator("input").count()
    for box in page.locator(".admonition.predict").all():
        assert not box.locator("details p").first.is_visible()
        box.locator("summary").click()
        assert box.locator("details p").first.is_visible()
    context.close()


@pytest.mark.parametrize("name", CHAPTERS)
def test_answered_quizzes_and_open_boxes_are_accessible(opened, name: str):
    page = opened(name)
    for index, question in enumerate(page.locator(".quiz-question").all()):
        choice = right_option(question) if index % 2 else question.locator("input").first
        choice.check()
        question.locator(".quiz-check").click()
    for guess in page.locator(".predict-guess input").all():
        guess.fill("seven")
    page.locator(".predict summary, .quiz-answers summary").evaluate_all(
        "all => all.forEach(one => one.click())"
    )
    page.add_style_tag(content=STILL)
    for theme in THEMES:
        set_theme(page, theme)
        assert violations_of(page, inside=".quiz, .admonition.predict") == [], theme


@pytest.mark.parametrize("name", CHAPTERS)
def test_open_boxes_fit_a_phone(browser: Browser, site: str, name: str):
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    load(page, f"{site}/{name}")
    for question in page.locator(".quiz-question").all():
        right_option(question).locator("xpath=..").tap()
        question.locator(".quiz-check").tap()
        expect(question.locator(".quiz-verdict")).to_contain_text("Right.")
    page.locator(".predict summary, .quiz-answers summary").evaluate_all(
        "all => all.forEach(one => one.click())"
    )
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"] + 1
    context.close()


@pytest.mark.parametrize("name", CHAPTERS)
def test_predictions_are_hidden_until_the_reader_opens_them(opened, name: str):
    boxes = opened(name).locator(".admonition.predict")
    assert boxes.count() >= 2
    for box in boxes.all():
        answer = box.locator("details p").first
        assert not answer.is_visible()
        box.locator("summary").click()
        assert answer.is_visible()


@on_one
def test_a_guess_is_held_against_the_answer(opened, name: str):
    page = opened(name)
    box = page.locator(".admonition.predict").first
    box.get_by_label("Your guess").fill("<b>about sixty</b>")
    page.keyboard.press("Enter")
    expect(box.locator(".predict-said")).to_have_text("You guessed: <b>about sixty</b>")
    assert box.locator("details p").last.is_visible()


def test_quizzes_work_from_disk(page: Page):
    page.goto((HTML / ONE).as_uri(), wait_until="load")
    question = page.locator(".quiz-question").first
    right_option(question).check()
    question.locator(".quiz-check").click()
    expect(question.locator(".quiz-verdict")).to_contain_text("Right.")
