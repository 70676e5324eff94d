"""What the browser tests and the screenshots share: the built site, a server, one Chromium."""

import contextlib
import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Playwright, Response

ROOT = Path(__file__).resolve().parents[2]
HTML = Path(os.environ.get("BRAINLIKE_SITE", ROOT / "_build" / "html"))
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
THEMES = ("light", "dark")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "preload": False,  # it would fetch style sheets by wrong addresses, and those fail
    "resultTypes": ["violations"],  # of what is in order it need not list every element
    "selectors": False,
}
STILL = "* { transition: none !important; animation: none !important; }"  # final colours at once
READY = """() => Promise.resolve(window.MathJax?.startup?.promise)
    .then(() => document.fonts.ready).then(() => true)"""
# Nine of ten elements of a chapter are tokens of code, and all tokens that have nothing but one
# class, in one colour and weight on one ground, are judged alike: the first is kept, the others
# become plain text. Not judged, and so no stand-ins for others, are hidden tokens, those of one
# character, and mere punctuation.
THIN_OUT = """themes => {
  const root = document.documentElement, before = root.dataset.theme;
  const tokens = [...document.querySelectorAll(".highlight pre span[class]")].filter((one) =>
    one.attributes.length === 1 && !one.childElementCount && one.checkVisibility());
  const isJudged = (text) => text.length > 1 && /[\\p{L}\\p{N}]/u.test(text);
  const looks = new Map(tokens.map((token) =>
    [token, `${token.className} ${isJudged(token.textContent.trim())}`]));
  for (const theme of themes) {
    root.dataset.theme = theme;
    const grounds = new Map([[null, ""]]);
    const ground = (element) => {
      if (!grounds.has(element)) {
        const style = getComputedStyle(element);
        const own = `${style.opacity} ${style.backgroundColor} ${style.backgroundImage}`;
        const below = ground(element.parentElement);
        grounds.set(element, own === "1 rgba(0, 0, 0, 0) none" ? below : `${own}|${below}`);
      }
      return grounds.get(element);
    };
    for (const [token, look] of looks) {
      const {color, fontSize, fontWeight} = getComputedStyle(token);
      looks.set(token, [look, color, fontSize, fontWeight, ground(token)].join("|"));
    }
  }
  root.dataset.theme = before;
  const seen = new Set();
  for (const [token, look] of looks) {
    if (seen.has(look)) token.replaceWith(...token.childNodes);
    seen.add(look);
  }
}"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a log line a request."""

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on a free local port; yield its address."""
    handler = functools.partial(QuietHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium.

    Raises
    ------
    FileNotFoundError
        If there is none; the message says how to get or name one.
    """
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        raise FileNotFoundError(
            "Chromium was not found. Install it (on Debian: apt-get install chromium), "
            "or name it in the environment variable CHROMIUM."
        )
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


def pages() -> list[str]:
    """List the built pages a reader can reach, as paths below the site's root."""
    folders = ("book", "notebooks", "datasets")
    return sorted(
        str(path.relative_to(HTML)) for folder in folders for path in (HTML / folder).glob("*.html")
    )


def load(page: Page, address: str) -> Response | None:
    """Go to an address, and wait until its pictures, formulas and fonts are there.

    Unlike a wait for a silent network this takes no longer than they do, and no less on a busy
    machine, where formulas are still being set when the network has long been silent.
    """
    response = page.goto(address, wait_until="load")
    page.evaluate(READY)
    return response


def set_theme(page: Page, theme: str) -> None:
    """Show a page light or dark."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def put_focus_before(target: Locator) -> None:
    """Put the keyboard's focus just before an element: the next Tab goes into it."""
    target.evaluate(
        "one => { const mark = document.createElement('span'); mark.tabIndex = -1;"
        " mark.onblur = () => mark.remove(); one.before(mark); mark.focus(); }"
    )


def thin_out_code(page: Page) -> None:
    """Keep one token of code of each look, for axe-core to judge; the text stays whole."""
    page.evaluate(THIN_OUT, list(THEMES))


def violations_of(page: Page, inside: str | None = None) -> list[str]:
    """List what axe-core finds on a page, or inside what a selector names, however slight."""
    found = Axe().run(page, context=inside, options=AXE).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
    ]
