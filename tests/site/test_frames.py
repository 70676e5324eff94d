"""Figures with sliders: every frame can be reached, by mouse, keyboard and touch, in any theme."""

import gzip
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import HTML, PHONE, load, pages, put_focus_before, set_theme
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.site
CHAPTERS = [name for name in pages() if name.startswith("notebooks/")]
ONE = "notebooks/01_perceptrons.html"  # named, for tests are collected before a site is built
on_one = pytest.mark.parametrize("name", [ONE])
MOST_BYTES = 3_000_000  # of a page, without the frames
TEXT = (".html", ".js", ".css", ".json", ".svg")  # web servers compress these


def data_of(figure: Locator) -> dict:
    return json.loads(figure.locator("script").first.text_content())


def bytes_sent(path: Path) -> int:
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in TEXT else len(content)


def is_loaded(figure: Locator) -> bool:
    image = figure.locator("img")
    return image.evaluate("one => one.decode().then(() => one.naturalWidth > 0, () => false)")


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_frame_of_every_figure_can_be_reached(opened, name: str):
    figures = opened(name).locator("figure.frames")
    assert figures.count() >= 1
    for figure in figures.all():
        data = data_of(figure)
        sliders = figure.locator("input[type=range]")
        assert sliders.count() == len(data["values"])
        assert len(data["frames"]) == len(data["texts"])
        assert all(frame.startswith("../_images/frame-") for frame in data["frames"])
        places = [[]]
        for values in data["values"]:
            places = [[*place, i] for place in places for i in range(len(values))]
        for index, place in enumerate(places):
            for i, at in enumerate(place):
                sliders.nth(i).fill(str(at))
                assert sliders.nth(i).get_attribute("aria-valuetext") == data["values"][i][at]
            assert figure.locator("img").get_attribute("src") == data["frames"][index]
            assert figure.locator(".frames-text").inner_text() == data["texts"][index]
            assert is_loaded(figure)


@pytest.mark.parametrize("name", CHAPTERS)
def test_sliders_have_names_and_frames_have_words(opened, name: str):
    for figure in opened(name).locator("figure.frames").all():
        for slider in figure.locator("input[type=range]").all():
            words = slider.evaluate("one => one.labels[0].textContent.trim()")
            expect(figure.get_by_role("slider", name=words, exact=True)).to_have_count(1)
        assert figure.locator(".frames-text").get_attribute("aria-live") == "polite"
        assert len(figure.locator("img").get_attribute("alt")) >= 20


@on_one
def test_slider_with_the_keyboard_alone(opened, name: str):
    page = opened(name)
    figure = page.locator("figure.frames").first
    slider, data = figure.locator("input").first, data_of(figure)
    put_focus_before(figure)
    page.keyboard.press("Tab")
    assert slider.evaluate("one => document.activeElement === one")
    assert slider.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("End")
    assert figure.locator(".frames-text").inner_text() == data["texts"][-1]
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert figure.locator(".frames-text").inner_text() == data["texts"][1]


def test_slider_by_touch_on_a_phone(browser: Browser, site: str):
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    load(page, f"{site}/{ONE}")
    figure = page.locator("figure.frames").first
    slider, data = figure.locator("input").first, data_of(figure)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box["height"] >= 24, "too small for a finger"
    page.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    assert figure.locator(".frames-text").inner_text() == data["texts"][-1]
    assert figure.bounding_box()["width"] <= PHONE["width"]
    context.close()


@pytest.mark.parametrize("name", CHAPTERS)
def test_without_script_one_frame_stands_with_its_words(browser: Browser, site: str, name: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{name}")
    figure = page.locator("figure.frames").first
    assert figure.locator("img").is_visible()
    assert figure.locator(".frames-text").inner_text()
    assert not figure.locator("input").first.is_visible()
    assert "need JavaScript" in figure.locator("figcaption").inner_text()
    context.close()


@pytest.mark.parametrize("name", CHAPTERS)
def test_dark_theme_shows_frames_on_a_white_card(opened, name: str):
    page = opened(name)
    set_theme(page, "dark")
    figure = page.locator("figure.frames").first
    colour = "one => getComputedStyle(one).backgroundColor"
    assert figure.locator("img").evaluate(colour) == "rgb(255, 255, 255)"
    assert figure.locator("xpath=..").evaluate(colour) == "rgba(0, 0, 0, 0)"
    assert figure.evaluate(colour) != "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", CHAPTERS)
def test_page_is_light_and_fetches_no_frame_but_the_one_that_shows(visit, opened, name: str):
    fetched = {unquote(urlsplit(address).path)[1:] for address in visit(name).requests}
    frames = {path for path in fetched if "/frame-" in path}
    assert len(frames) <= opened(name).locator("figure.frames").count()
    weight = sum(bytes_sent(HTML / path) for path in fetched - frames)
    assert weight <= MOST_BYTES, f"{weight / 1e6:.1f} MB without the frames"


@pytest.mark.parametrize("name", CHAPTERS)
def test_all_frames_of_a_figure_are_fetched_when_the_reader_comes_near(
    page: Page, site: str, name: str
):
    fetched = set()
    page.on("request", lambda request: fetched.add(request.url.rpartition("/")[2]))
    load(page, f"{site}/{name}")
    figure = page.locator("figure.frames").first
    wanted = {frame.rpartition("/")[2] for frame in data_of(figure)["frames"]}
    assert wanted - fetched
    with page.expect_event("request", lambda request: wanted <= fetched):
        figure.hover()


@pytest.mark.parametrize("name", CHAPTERS)
def test_frames_are_files_and_a_figure_of_them_weighs_a_megabyte_at_most(name: str):
    text = (HTML / name).read_text("utf-8")
    assert "data:image/webp" not in text
    for block in re.findall(r'<script type="application/json">({"values".*?)</script>', text):
        frames = {(HTML / name).parent / frame for frame in json.loads(block)["frames"]}
        assert sum(frame.stat().st_size for frame in frames) <= 1_000_000


def test_sliders_work_from_disk(page: Page):
    page.goto((HTML / ONE).as_uri(), wait_until="load")
    figure = page.locator("figure.frames").first
    slider = figure.locator("input").first
    slider.fill(slider.get_attribute("max"))
    assert figure.locator(".frames-text").inner_text() == data_of(figure)["texts"][-1]
    assert is_loaded(figure)
