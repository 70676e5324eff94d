"""Bad colours planted in code are found although axe-core sees only one token of each look."""

import re

import pytest
from browser import STILL, THEMES, set_theme, thin_out_code, violations_of
from playwright.sync_api import Page

pytestmark = pytest.mark.site
CODE = "notebooks/01_perceptrons.html"  # named, for tests are collected before a site is built
# Two boxes of code on grounds of their own; the text of a token names its class and its box.
SMALL = """<!doctype html><html lang="en" data-theme="light"><title>Code</title>
<style>
html { background: white; color: black } pre { color: inherit }
.k { color: #006 } .n { color: #050; font-weight: 700 } #b { background: #eee }
[data-theme="dark"], [data-theme="dark"] #b { background: black; color: white }
[data-theme="dark"] .k { color: #ddf } [data-theme="dark"] .n { color: #dfd }
</style>
<main><h1>Code</h1>
<details><summary>More</summary><div class="highlight"><pre>
<span class="k">ka</span> <span class="n">na</span></pre></div></details>
<div class="highlight" id="a"><pre><span class="k">ka</span> <span class="n">na</span>
<span class="k">ka</span> <span class="n">na</span></pre></div>
<div class="highlight" id="b"><pre><span class="k">kb</span> <span class="n">nb</span>
<span class="k">kb</span> <span class="n">nb</span> <span class="n" id="c">cc</span></pre></div>
<p>plain</p></main></html>"""


def found(page: Page) -> dict[str, set[str]]:
    """Return the elements whose contrast is too low in each theme, by their text."""
    seen = {}
    for theme in THEMES:
        set_theme(page, theme)
        lines = violations_of(page)
        assert all(line.startswith("color-contrast ") for line in lines), lines
        texts = {re.search(r">([^<]*)", line).group(1).strip() for line in lines}
        seen[theme] = texts - {""}  # a box of code, once tokens have become its own text
    return seen


@pytest.mark.parametrize(
    ("planted", "light", "dark"),
    [
        ("", "", ""),
        ("main .k { color: #888 }", "ka kb", ""),
        ("[data-theme=dark] main .n { color: #333 }", "", "na nb cc"),
        ("#b .n { color: #ddd }", "nb cc", ""),
        ("main #b { background: #444 }", "kb nb cc", ""),
        ("#b .k:nth-of-type(3) { color: #ddd }", "kb", ""),
        ("#b { opacity: .2 }", "kb nb cc", "kb nb cc"),
        ("main #c { color: #ddd }", "cc", ""),
        ("p { color: #888 }", "plain", ""),
    ],
)
def test_planted_colours_are_found(page: Page, planted: str, light: str, dark: str):
    page.set_content(SMALL.replace("</style>", f"{planted}</style>"))
    thin_out_code(page)
    assert page.locator("#a span").count() == 2
    assert found(page) == {"light": set(light.split()), "dark": set(dark.split())}


@pytest.mark.parametrize("name", [CODE])
def test_every_kind_of_token_of_a_chapter_is_judged(opened, name: str):
    page = opened(name)
    page.add_style_tag(content=STILL)
    code, tokens = page.locator(".highlight pre"), page.locator(".highlight pre span:visible")
    written = code.all_text_contents()
    kinds = tokens.evaluate_all(
        "all => all.filter(one => /\\w\\w/.test(one.textContent)).map(one => one.className)"
    )
    thin_out_code(page)
    assert code.all_text_contents() == written
    assert tokens.count() < 40 < len(kinds)
    bad = ":root[data-theme] .highlight pre > span { color: #ccc !important }"
    page.add_style_tag(content=bad)
    marked = " ".join(violations_of(page, inside=".highlight"))
    assert set(re.findall(r'<span class="([^"]+)"', marked)) >= set(kinds)
