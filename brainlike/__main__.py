"""The command line: ``python -m brainlike fetch|train|networks|render``."""

import argparse
import os
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
from brainlike.upkeep import load, parse, retrain, shipped_networks

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
    again.add_argument("--workers", type=int, default=_cores(), help="trained at a time")
    render = commands.add_parser("render", help="render the embedded sets")
    render.add_argument(
        "sets", nargs="+", choices=tuple(_RENDERED), metavar="SET", help=", ".join(_RENDERED)
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
            wanted = options.networks or shipped_networks()
            verdicts = retrain(wanted, write=options.write, workers=options.workers)
            return 0 if options.write or all(one.passed for one in verdicts) else 1
        else:
            for name in options.sets:
                images = _RENDERED[name]()
                print(f"{name}: {len(images)} images, made in {images.made_in_seconds:.0f} s")
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


if __name__ == "__main__":
    sys.exit(main())
