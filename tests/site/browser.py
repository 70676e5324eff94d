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
from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parents[2]
HTML = Path(os.environ.get("BRAINLIKE_SITE", ROOT / "_build" / "html"))
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
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
}


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


def violations_of(page: Page) -> list[str]:
    """List what axe-core finds on a page, however slight."""
    found = Axe().run(page, options=AXE).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
    ]
