"""The command line: ``python -m brainlike fetch|train|render`` makes things ahead of time."""

import argparse
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
from brainlike.networks.nose.zoo import OLFACTORY_RECIPES, load_nose
from brainlike.networks.zoo import RECIPES, load_network

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
    train = commands.add_parser("train", help="train zoo networks that are not in the cache")
    train.add_argument("networks", nargs="+", metavar="NAME[:SEED]")
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
        else:
            for name in options.sets:
                images = _RENDERED[name]()
                print(f"{name}: {len(images)} images, made in {images.made_in_seconds:.0f} s")
    except (ChecksumError, DataUnavailable, PermissionError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train(network: str) -> None:
    name, _, seed = network.partition(":")
    known = (*RECIPES, *OLFACTORY_RECIPES)
    if name not in known or not (seed or "0").isdecimal():
        raise ValueError(f"give NAME or NAME:SEED with NAME one of: {', '.join(known)}")
    load = load_network if name in RECIPES else load_nose
    print(f"{network}: trained in {load(name, int(seed or 0)).history.seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
