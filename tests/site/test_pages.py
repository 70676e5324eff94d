"""Every built page in a real browser: it loads, it is whole, it asks nobody else for anything."""

import html.parser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import DESKTOP, HTML, PHONE, STILL, THEMES, load, pages
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.site
PAGES = pages()
HAS_MATH = [name for name in PAGES if 'class="math' in (HTML / name).read_text("utf-8")]


def test_the_site_has_its_pages():
    assert "book/welcome.html" in PAGES
    assert any(name.startswith("notebooks/") for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_without_errors(visit, name: str):
    seen = visit(name)
    assert seen.status == 200
    assert seen.errors == []
    assert seen.headings == 1


@pytest.mark.parametrize("name", PAGES)
def test_page_asks_no_other_host(visit, site: str, name: str):
    own = (site, "data:", "blob:")
    assert [address for address in visit(name).requests if not address.startswith(own)] == []


@pytest.mark.parametrize("name", PAGES)
def test_images_load_and_figures_have_alt_text(visit, name: str):
    images = visit(name).images
    assert [image["source"] for image in images if not image["loaded"]] == []
    assert [i["source"] for i in images if i["inArticle"] and not i["alt"]] == []


@pytest.mark.parametrize("name", HAS_MATH)
def test_mathematics_is_rendered(visit, name: str):
    seen = visit(name)
    assert seen.rendered == seen.formulas > 0
    assert seen.bad_formulas == 0


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(visit, name: str):
    assert visit(name).phone_width <= PHONE["width"] + 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_accessibility_violation(visit, name: str, theme: str):
    assert visit(name).violations[theme] == []


def test_navigation_opens_on_a_phone(browser: Browser, site: str):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    load(page, f"{site}/book/welcome.html")
    page.add_style_tag(content=STILL)  # or it slides in
    entry = page.locator(".bd-sidebar-primary a", has_text="Claims").first
    assert not entry.is_visible() or entry.bounding_box()["x"] < 0
    page.locator("button.primary-toggle:visible, label.primary-toggle:visible").first.click()
    expect(entry).to_be_visible()
    assert 0 <= entry.bounding_box()["x"] < PHONE["width"]
    entry.click()
    page.wait_for_url("**/claims.html")
    context.close()


def test_first_page_leads_to_the_welcome_page_from_disk(page: Page):
    page.goto((HTML / "index.html").as_uri())
    page.wait_for_url("**/book/welcome.html")
    assert page.locator("article h1").count() == 1
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour != "rgba(0, 0, 0, 0)", "the style sheets did not load from disk"


def test_theme_can_be_switched(page: Page, site: str):
    load(page, f"{site}/book/welcome.html")
    page.add_style_tag(content=STILL)
    background = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for _ in range(3):
        page.locator("button.theme-switch-button:visible").first.click()
        seen[page.evaluate("document.documentElement.dataset.mode")] = page.evaluate(background)
    assert set(seen) == {"auto", "light", "dark"}
    assert seen["light"] != seen["dark"]


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(values["id"])
        if tag == "a" and values.get("href"):
            self.targets.append(values["href"])


def _parse(path: Path) -> _Links:
    parser = _Links()
    parser.feed(path.read_text("utf-8"))
    return parser


def test_internal_links_and_their_anchors_resolve():
    parsed = {name: _parse(HTML / name) for name in PAGES}
    broken = []
    for name, links in parsed.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc or target == "#":
                continue
            path = (HTML / name).parent / unquote(parts.path) if parts.path else HTML / name
            if not path.resolve().exists():
                broken.append(f"{name}: {target}")
                continue
            other = str(path.resolve().relative_to(HTML.resolve()))
            if parts.fragment and other in parsed:
                if unquote(parts.fragment) not in parsed[other].ids:
                    broken.append(f"{name}: {target} (no such anchor)")
    assert broken == []


def test_desktop_shows_one_search_box_in_view(browser: Browser, site: str):
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    load(page, f"{site}/book/welcome.html")
    shown = page.locator(".search-button-field:visible, .search-button__button:visible")
    assert shown.count() == 1
    context.close()
