"""Run studies and write their tables: ``python -m studies NAME [NAME ...]``.

A network that travels with the book or lies in the cache is not trained again.
"""

import argparse
import csv
import importlib
import io
import pkgutil
from pathlib import Path

from tqdm import tqdm

import studies
from brainlike._files import write_whole

HERE = Path(__file__).parent
NAMES = sorted(one.name for one in pkgutil.iter_modules(studies.__path__) if one.name[0] != "_")


def run(name: str) -> Path:
    """Run one study; return the table that it wrote, which appears whole or not at all."""
    study = importlib.import_module(f"studies.{name}")
    text = io.StringIO()
    writer = csv.DictWriter(text, study.COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in tqdm(study.rows(), desc=name, unit="row"):
        writer.writerow({key: f"{v:.4g}" if isinstance(v, float) else v for key, v in row.items()})
    target = HERE / f"{name}.csv"
    write_whole(target, text.getvalue())
    return target


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m studies", description=__doc__)
    parser.add_argument("names", nargs="+", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    for chosen in parser.parse_args().names:
        print(run(chosen))
