"""One server and one browser for all tests of the built site; each page is visited once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from browser import DESKTOP, HTML, PHONE, launch, serve, violations_of
from playwright.sync_api import Browser, Page, sync_playwright


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


@dataclass
class Visit:
    """What one visit of a page showed.

    Attributes
    ----------
    status : int
        HTTP status of the page itself.
    errors, outside : list of str
        Errors in the console, failed requests; requests to other hosts.
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
    outside: list[str] = field(default_factory=list)
    images: list[dict] = field(default_factory=list)
    headings: int = 0
    formulas: int = 0
    rendered: int = 0
    bad_formulas: int = 0
    phone_width: int = 0
    violations: dict[str, list[str]] = field(default_factory=dict)


IMAGES = """all => all.map(i => ({source: i.src, loaded: i.complete && i.naturalWidth > 0,
    alt: i.alt.trim(), inArticle: i.closest('article') !== null}))"""


def _visit(browser: Browser, site: str, name: str) -> Visit:
    context = browser.new_context(viewport=DESKTOP, color_scheme="light")
    page, seen = context.new_page(), Visit()
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
    page.on("response", lambda r: seen.errors.append(r.url) if r.status >= 400 else None)

    def watch(route):
        if not route.request.url.startswith((site, "data:", "blob:")):
            seen.outside.append(route.request.url)
        route.continue_()

    page.route("**/*", watch)
    seen.status = page.goto(f"{site}/{name}", wait_until="networkidle").status
    seen.images = page.eval_on_selector_all("img", IMAGES)
    seen.headings = page.locator("article h1").count()
    seen.formulas = page.locator("article .math").count()
    seen.rendered = page.locator("article .math:has(mjx-container)").count()
    seen.bad_formulas = page.locator("mjx-merror").count()
    page.locator("details.folding > summary").evaluate_all("all => all.forEach(s => s.click())")
    page.add_style_tag(content="* { transition: none !important; }")  # final colours at once
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        seen.violations[theme] = violations_of(page)
    page.set_viewport_size(PHONE)
    seen.phone_width = page.evaluate("document.scrollingElement.scrollWidth")
    context.close()
    return seen


@pytest.fixture(scope="session")
def visit(browser: Browser, site: str) -> Callable[[str], Visit]:
    """Return a function that visits a page, once however many tests ask about it."""
    known: dict[str, Visit] = {}

    def visit_once(name: str) -> Visit:
        if name not in known:
            known[name] = _visit(browser, site, name)
        return known[name]

    return visit_once
