"""Photograph pages of the built book, for people to look at.

Usage: ``python tests/site/screenshots.py FOLDER [PAGE ...]``, a page being a path below
``_build/html`` such as ``book/welcome.html`` (default: all). Light and dark, desktop and phone.
"""

import sys
from pathlib import Path

from browser import DESKTOP, HTML, PHONE, launch, pages, serve
from playwright.sync_api import sync_playwright


def main(folder: Path, wanted: list[str]) -> None:
    """Write ``page-theme-device.png`` for each page into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with serve(HTML) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for theme in ("light", "dark"):
            for device, size in (("desktop", DESKTOP), ("phone", PHONE)):
                context = browser.new_context(viewport=size, color_scheme=theme)
                page = context.new_page()
                for name in wanted:
                    page.goto(f"{address}/{name}", wait_until="networkidle")
                    stem = name.removesuffix(".html").replace("/", "-")
                    page.screenshot(path=folder / f"{stem}-{theme}-{device}.png", full_page=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:] or pages())
