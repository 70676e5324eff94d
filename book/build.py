"""Build the book: make what is missing, run stale notebooks, then the site. See ``--help``.

``make book`` runs this. Everything it writes goes to ``_build``: executed notebooks with a record
each, the staged sources, the site in ``_build/html``, and the seconds that each step took.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from brainlike._files import write_whole
from builder import budget
from builder.execute import BuildFailed, Chapter, execute, find_chapters, prepare, write_seconds
from builder.keys import data_key
from builder.site import build_site, jupyter_book
from builder.stage import chapter_names, stage


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Build the book into _build/html.")
    here = Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=Path, default=here, help="the repository (default: this)")
    parser.add_argument(
        "--path-output", type=Path, help="folder that will hold _build (default: the repository)"
    )
    parser.add_argument("--fresh", action="store_true", help="run every notebook again")
    parser.add_argument("--only-notebooks", action="store_true", help="stop before the site")
    parser.add_argument("--linkcheck", action="store_true", help="check outside links, no site")
    parser.add_argument(
        "--budget",
        action="store_true",
        help=f"fail if a chapter takes more than {budget.LIMIT} CPU seconds of the machine "
        "that the budget was set on (the default is a remark above the aim)",
    )
    parser.add_argument(
        "--write-seconds",
        action="store_true",
        help="write book/seconds.json: which notebooks a first build starts first",
    )
    parser.add_argument(
        "--workers", type=int, default=_cores(), help="processes at a time (default: the cores)"
    )
    return parser.parse_args()


def _cores() -> int:
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count else os.cpu_count() or 1


def build(options: argparse.Namespace) -> None:
    """Run the steps in order, then say how long each took.

    Raises
    ------
    BuildFailed
        If a step fails; nothing half-made is left in place.
    """
    root = options.root.resolve()
    make_folders_absolute()
    out = (options.path_output or root).resolve() / "_build"
    started = time.monotonic()
    chapters = find_chapters(root, out, chapter_names(root))
    data = data_key(root)
    stale = [c for c in chapters if options.fresh or not c.fresh(data)]
    timing = {"set-up": _set_up_seconds()}
    made = prepare(root, out, stale, options.workers)
    timing |= {"image rendering": made["rendering"], "network training": made["networks"]}
    step = time.monotonic()
    execute(root, out, stale, options.workers)
    slowness = budget.slowness(root) if options.budget else 1.0
    if options.budget:
        print(f"this machine takes {slowness:.2f} times the seconds that the budget is set in")
    slow = budget.above(stale, budget.LIMIT * slowness) if options.budget else []
    if slow and options.workers > 1:
        print("above the budget beside others, so once more alone:")
        execute(root, out, slow, 1)
    timing["notebooks, together"] = time.monotonic() - step
    timing |= {f"  {c.name}": c.record["seconds"] for c in stale}
    if not options.only_notebooks:
        step = time.monotonic()
        staged = stage(root, out, chapters)
        if options.linkcheck:
            jupyter_book(root, staged, out / "links", "--builder", "linkcheck")
            return
        built = build_site(root, out, staged, chapters)
        timing["site"] = time.monotonic() - step
        print(f"site: {'built' if built else 'already current'}")
    timing["this run, set-up excepted"] = time.monotonic() - started
    report(timing, chapters, len(chapters) - len(stale), out)
    if options.write_seconds:
        write_seconds(root, chapters)
    budget.judge(chapters, strict=options.budget, slowness=slowness)


def make_folders_absolute() -> None:
    """Make the folders that the environment names absolute: notebooks run in another folder.

    Raises
    ------
    BuildFailed
        If ``BRAINLIKE_DATA`` is set and names no folder.
    """
    for name in ("BRAINLIKE_DATA", "BRAINLIKE_CACHE"):
        if os.environ.get(name):
            os.environ[name] = str(Path(os.environ[name]).expanduser().resolve())
    data = os.environ.get("BRAINLIKE_DATA")
    if data and not Path(data).is_dir():
        raise BuildFailed(
            f"BRAINLIKE_DATA names {data}, which is not a folder; correct it, or unset it to "
            "use the embedded data and stand-ins"
        )


def _set_up_seconds() -> float | None:
    """Return what ``make`` measured when it made this environment, if it did."""
    try:
        return float((Path(sys.prefix) / "setup-seconds").read_text())
    except (OSError, ValueError):
        return None


def report(
    timing: dict[str, float | None], chapters: list[Chapter], reused: int, out: Path
) -> None:
    """Print the table of seconds; ``_build/timing.json`` keeps it, and the cells' CPU seconds."""
    print(f"\n{'step':<28}{'seconds':>9}")
    for name, seconds in timing.items():
        print(f"{name:<28}{'–' if seconds is None else f'{seconds:.1f}':>9}")
    if reused:
        print(f"({reused} notebooks were not run again: nothing that they depend on has changed)")
    rounded = {k.strip(): None if s is None else round(s, 1) for k, s in timing.items()}
    cells = {chapter.name: chapter.record.get("cells") for chapter in chapters}
    kept = rounded | {"CPU seconds of code cells": cells}
    write_whole(out / "timing.json", json.dumps(kept, indent=1) + "\n")


def main() -> int:
    """Build; return the exit status."""
    options = parse_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        build(options)
    except BuildFailed as failure:
        print(f"\nThe build failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; nothing half-made is left, and what was finished is kept.")
        return 130
    if not (options.only_notebooks or options.linkcheck):
        out = (options.path_output or options.root).resolve() / "_build"
        print(f"The book is in {out / 'html' / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
