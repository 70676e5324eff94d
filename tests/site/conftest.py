"""One server and one browser for all tests of the built site, or for those of one worker.

Tests of one page stand together and go to one worker, which visits the page once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from browser import (
    DESKTOP,
    HTML,
    PHONE,
    STILL,
    THEMES,
    launch,
    load,
    serve,
    set_theme,
    thin_out_code,
    violations_of,
)
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of a page, those with its ``name``, into one group, and groups together."""
    order: dict[str, int] = {}
    for item in items:
        name = item.callspec.params.get("name") if hasattr(item, "callspec") else None
        if item.path.is_relative_to(HERE) and name:
            item.add_marker(pytest.mark.xdist_group(name))
        mark = item.get_closest_marker("xdist_group")
        order[item.nodeid] = order.setdefault(mark.args[0] if mark else item.nodeid, len(order))
    items.sort(key=lambda item: order[item.nodeid])


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Address of the built site, served locally."""
    assert (HTML / "index.html").exists(), f"{HTML} holds no site; run `make book` first"
    with serve(HTML) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole session."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page in a desktop window."""
    context = browser.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()


STATE = """() => [location.href, document.documentElement.dataset.theme,
    document.querySelector("article").outerHTML,
    [...document.querySelectorAll("article input")].map(one => [one.value, one.checked])]"""


@pytest.fixture(scope="session")
def opened(browser: Browser, site: str) -> Callable[[str], Page]:
    """Return a function that opens a page of the site in a desktop window, as a reader finds it.

    It is loaded anew only when the test before had another page, or changed this one.
    """
    kept: dict[str, tuple[Page, list]] = {}

    def open_page(name: str) -> Page:
        if name in kept and kept[name][0].evaluate(STATE) == kept[name][1]:
            return kept[name][0]
        for page, _ in kept.values():
            page.context.close()
        page = browser.new_context(viewport=DESKTOP, color_scheme="light").new_page()
        load(page, f"{site}/{name}")
        kept.clear()
        kept[name] = page, page.evaluate(STATE)
        return page

    return open_page


@dataclass
class Visit:
    """What one visit of a page showed.

    Attributes
    ----------
    status : int
        HTTP status of the page itself.
    errors, requests : list of str
        Errors in the console, failed requests; the address of each request.
    images : list of dict
        Source, whether it loaded, and alt text of each image; whether it is in the article.
    headings, formulas, rendered, bad_formulas : int
        First-level headings; formulas in the source, rendered by MathJax, rendered as an error.
    phone_width : int
        Width in pixels that the page takes in a window of 390.
    violations : dict of str to list of str
        Findings of axe-core, by theme.
    """

    status: int = 0
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    images: list[dict] = field(default_factory=list)
    headings: int = 0
    formulas: int = 0
    rendered: int = 0
    bad_formulas: int = 0
    phone_width: int = 0
    violations: dict[str, list[str]] = field(default_factory=dict)


IMAGES = """all => all.map(i => ({source: i.src, loaded: i.complete && i.naturalWidth > 0,
    alt: i.alt.trim(), inArticle: i.closest('article') !== null}))"""


def _visit(browser: Browser, address: str) -> Visit:
    context = browser.new_context(viewport=DESKTOP, color_scheme="light")
    page, seen = context.new_page(), Visit()
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("response", lambda r: seen.errors.append(r.url) if r.status >= 400 else None)
    page.on("request", lambda request: seen.requests.append(request.url))
    seen.status = load(page, address).status
    seen.images = page.eval_on_selector_all("img", IMAGES)
    seen.headings = page.locator("article h1").count()
    seen.formulas = page.locator("article .math").count()
    seen.rendered = page.locator("article .math:has(mjx-container)").count()
    seen.bad_formulas = page.locator("mjx-merror").count()
    page.locator("details.folding > summary").evaluate_all("all => all.forEach(s => s.click())")
    page.add_style_tag(content=STILL)
    thin_out_code(page)
    for theme in THEMES:
        set_theme(page, theme)
        seen.violations[theme] = violations_of(page)
    page.set_viewport_size(PHONE)
    seen.phone_width = page.evaluate("document.scrollingElement.scrollWidth")
    page.wait_for_load_state("networkidle")  # by now it is: this adds no wait
    context.close()
    return seen


@pytest.fixture(scope="session")
def visit(browser: Browser, site: str) -> Callable[[str], Visit]:
    """Return a function that visits a page, once however many tests ask about it."""
    known: dict[str, Visit] = {}

    def visit_once(name: str) -> Visit:
        if name not in known:
            known[name] = _visit(browser, f"{site}/{name}")
        return known[name]

    return visit_once
