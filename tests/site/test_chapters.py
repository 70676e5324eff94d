"""What readers do in a chapter: open a solution, search, start the notebook elsewhere."""

import json

import pytest
from browser import HTML, load, pages, put_focus_before
from playwright.sync_api import Page

pytestmark = pytest.mark.site
CHAPTERS = [name for name in pages() if name.startswith("notebooks/")]
WITH_SOLUTIONS = [n for n in CHAPTERS if "folding solution" in (HTML / n).read_text("utf-8")]
SOLUTION = "details.solution"


@pytest.mark.parametrize("name", CHAPTERS)
def test_measured_facts_stand_at_the_head(opened, name: str):
    box = opened(name).locator(".chapter-info-box")
    assert box.count() == 1
    text = box.inner_text()
    for word in ("Prerequisites", "Difficulty", "Run time", "Memory", "Data"):
        assert word in text


@pytest.mark.parametrize("name", WITH_SOLUTIONS)
def test_every_solution_opens_on_click(opened, name: str):
    solutions = opened(name).locator(SOLUTION)
    assert solutions.count() >= 1
    for index in range(solutions.count()):
        solution = solutions.nth(index)
        inside = solution.locator("pre, p").first
        assert not inside.is_visible()
        solution.locator("summary").first.click()
        assert inside.is_visible()
        solution.locator("summary").first.click()
        assert not inside.is_visible()


@pytest.mark.parametrize("name", WITH_SOLUTIONS)
@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_solution_opens_and_closes_with_the_keyboard(opened, name: str, key: str):
    page = opened(name)
    solution = page.locator(SOLUTION).first
    put_focus_before(solution)
    page.keyboard.press("Tab")
    assert solution.evaluate("box => document.activeElement === box.querySelector('summary')")
    page.keyboard.press(key)
    assert solution.get_attribute("open") is not None
    assert solution.locator("pre, p").first.is_visible()
    page.keyboard.press(key)
    assert solution.get_attribute("open") is None


@pytest.mark.parametrize("name", CHAPTERS)
def test_folded_code_says_what_it_is_and_opens_with_the_keyboard(opened, name: str):
    page = opened(name)
    folded = page.locator("details.hide")
    assert folded.count() >= 5
    titles = set(folded.locator("summary .collapsed").all_inner_texts())
    assert titles <= {"Set-up", "Code of this figure", "Code of this claim"}, titles
    first = folded.first
    assert not first.locator("pre").first.is_visible()
    put_focus_before(first)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert first.locator("pre").first.is_visible()
    page.keyboard.press("Enter")
    assert not first.locator("pre").first.is_visible()


def test_a_hidden_solution_holds_code_and_its_output(page: Page, site: str):
    load(page, f"{site}/{WITH_SOLUTIONS[0]}")
    solutions = page.locator(SOLUTION)
    for index in range(solutions.count()):
        solutions.nth(index).locator("summary").first.click()
    assert page.locator(f"{SOLUTION} .cell_input:visible").count() >= 1
    assert page.locator(f"{SOLUTION} .cell_output:visible").count() >= 1


@pytest.mark.parametrize(
    ("word", "chapter"),
    [
        ("Gabor", "notebooks/02_cnn_hierarchy.html"),
        ("perceptron", "notebooks/01_perceptrons.html"),
    ],
)
def test_search_finds_the_chapter(page: Page, site: str, word: str, chapter: str):
    page.goto(f"{site}/search.html?q={word}")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.pathname)")
    assert f"/{chapter}" in found


def test_search_box_leads_to_results(page: Page, site: str):
    load(page, f"{site}/book/welcome.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("Gabor")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=Gabor*")
    page.wait_for_selector("#search-results li a")


@pytest.mark.parametrize("name", CHAPTERS)
def test_launch_buttons_lead_to_the_notebook_in_the_repository(opened, name: str):
    links = opened(name).locator("a").evaluate_all("all => all.map(a => a.href)")
    notebook = name.replace(".html", ".ipynb")
    colab = [link for link in links if "colab" in link and "/github/" in link]
    binder = [link for link in links if "mybinder" in link]
    assert any(link.endswith(f"/blob/main/{notebook}") for link in colab)
    assert any(link.endswith(f"=lab/tree/{notebook}") for link in binder)


def test_every_claim_is_in_the_table_and_its_link_leads_to_it(page: Page, site: str):
    claims = json.loads((HTML / "claims.json").read_text("utf-8"))
    assert claims, "the chapters record no claim"
    page.goto(f"{site}/book/claims.html")
    listed = page.locator("table.claims-table .claim-id").all_inner_texts()
    assert sorted(listed) == sorted(claim["id"] for claim in claims)
    assert all(claim["passed"] is not False for claim in claims)
    # that the links' anchors exist is tested with all internal links in test_pages.py


def test_welcome_page_has_a_picture_of_each_chapter(page: Page, site: str):
    load(page, f"{site}/book/welcome.html")
    cards = page.locator(".chapter-card")
    assert cards.count() == len(CHAPTERS)
    assert page.locator(".chapter-card img").count() == len(CHAPTERS)
    cards.first.click()
    page.wait_for_url("**/notebooks/**")


LIMITS = {"at least": float.__ge__, "at most": float.__le__}


def meets(value: float, bound: str) -> bool:
    """Say whether a value meets a bound as the claims' records write it."""
    if "±" in bound:
        target, reach = map(float, bound.split(" ± "))
        return abs(value - target) <= reach
    parts = [part.rpartition(" ") for part in bound.split(" and ")]
    return all(LIMITS[words](float(value), float(limit)) for words, _, limit in parts)


def test_every_finding_meets_its_bound_and_its_control_does_not():
    claims = json.loads((HTML / "claims.json").read_text("utf-8"))
    findings = [claim for claim in claims if claim["kind"] == "finding" and claim["passed"]]
    assert all(meets(claim["value"], claim["bound"]) for claim in findings)
    wrong = [c["id"] for c in findings if meets(c["control_value"], c["bound"])]
    assert not wrong


def test_at_least_half_of_a_chapters_claims_are_findings():
    claims = json.loads((HTML / "claims.json").read_text("utf-8"))
    for chapter in {claim["chapter"] for claim in claims}:
        kinds = [claim["kind"] for claim in claims if claim["chapter"] == chapter]
        assert 2 * kinds.count("finding") >= len(kinds), f"{chapter}: {kinds}"
