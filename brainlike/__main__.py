"""The command line: ``python -m brainlike fetch|train|networks|render``."""

import argparse
import datetime
import os
import re
import sys

from brainlike.datasets import (
    load_rendered_cars,
    load_rendered_faces,
    load_rendered_objects,
    load_textured_objects,
)
from brainlike.datasets.recorded.registry import (
    ChecksumError,
    DataUnavailable,
    fetch_dataset,
    registry,
)
from brainlike.networks.keeping import used
from brainlike.upkeep import load, parse, retrain, shipped_networks, todays_networks

_RENDERED = {
    "objects": load_rendered_objects,
    "textured": load_textured_objects,
    "faces": load_rendered_faces,
    "cars": load_rendered_cars,
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m brainlike", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fetch = commands.add_parser("fetch", help="download real data sets and verify them")
    names = sorted(registry())
    fetch.add_argument(
        "names", nargs="+", choices=["all", *names], metavar="NAME", help=f"all, {', '.join(names)}"
    )
    train = commands.add_parser("train", help="train zoo networks that are nowhere to be had")
    train.add_argument("networks", nargs="+", metavar="NAME[:SEED]")
    again = commands.add_parser("networks", help="train networks again, compare with the book's")
    again.add_argument("networks", nargs="*", metavar="NAME:SEED", help="all by default")
    again.add_argument("--write", action="store_true", help="put them in place of the book's")
    again.add_argument("--today", action="store_true", help="two cheap ones and one in turn")
    again.add_argument("--workers", type=int, default=_cores(), help="trained at a time")
    render = commands.add_parser("render", help="render the embedded sets")
    render.add_argument(
        "sets",
        nargs="+",
        metavar="SET[:VIEWS]",
        help=f"SET: {', '.join(_RENDERED)}; VIEWS: held-out, or numbers such as 0-69/3,70-89",
    )
    options = parser.parse_args(arguments)
    try:
        if options.command == "fetch":
            for name in names if "all" in options.names else options.names:
                print(f"{name}: {len(fetch_dataset(name))} files, verified")
        elif options.command == "train":
            for network in options.networks:
                _train(network)
        elif options.command == "networks":
            today = todays_networks(datetime.date.today()) if options.today else []
            wanted = [*options.networks, *today] or shipped_networks()
            verdicts = retrain(wanted, write=options.write, workers=options.workers)
            return 0 if options.write or all(one.passed for one in verdicts) else 1
        else:
            for wanted in [parse_views(text) for text in options.sets]:
                _render(*wanted)
    except (ChecksumError, DataUnavailable, PermissionError, RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _cores() -> int:
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count else os.cpu_count() or 1


def _train(network: str) -> None:
    name, seed = parse(network)
    seconds = load(name, seed).history.seconds
    print(f"{network}: {used()[f'{name}-{seed}']}, in {seconds:.0f} s of training")


def parse_views(text: str) -> tuple[str, str | list[int] | None]:
    """Return the name and the views of ``"faces"``, ``"faces:held-out"``, ``"faces:0-69/3,75"``.

    ``0-69/3`` is every third view of the views 0 to 69.
    """
    name, _, views = text.partition(":")
    parts = [re.fullmatch(r"(\d+)(?:-(\d+)(?:/([1-9]\d*))?)?", p) for p in views.split(",")]
    known = views in ("", "held-out") or all(parts)
    if name not in _RENDERED or not known or text.endswith(":"):
        raise ValueError(
            f"give SET or SET:VIEWS with SET one of: {', '.join(_RENDERED)}, and VIEWS held-out "
            f"or numbers such as 0-69/3,70-89; got {text!r}"
        )
    if views in ("", "held-out"):
        return name, views or None
    ends = [(int(p[1]), int(p[2] or p[1]), int(p[3] or 1)) for p in parts]
    return name, [view for first, last, step in ends for view in range(first, last + 1, step)]


def _render(name: str, views: str | list[int] | None) -> None:
    images = _RENDERED[name](views=views)
    print(f"{name}: {len(images)} images, made in {images.made_in_seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
