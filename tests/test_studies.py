"""The tables of studies are what their scripts make: columns, seeds, and rows made once more."""

import csv
import importlib
from pathlib import Path

import pytest

from studies.__main__ import HERE, NAMES, run

ROOT = Path(__file__).parents[1]


def table(name: str) -> list[dict]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", NAMES)
def test_each_study_has_its_table_with_all_seeds(name: str):
    study = importlib.import_module(f"studies.{name}")
    assert study.__doc__.startswith("Chapter "), "say which chapter cites it"
    rows = table(name)
    assert tuple(rows[0]) == study.COLUMNS
    assert {int(row["seed"]) for row in rows} == set(study.SEEDS) and len(study.SEEDS) >= 5


def test_rows_of_shipped_networks_come_out_again(monkeypatch, tmp_path: Path):
    study = importlib.import_module("studies.fixed_k")
    monkeypatch.setattr(study, "SEEDS", (0,))  # these travel with the book
    monkeypatch.setattr("studies.__main__.HERE", tmp_path)
    run("fixed_k")
    again = (tmp_path / "fixed_k.csv").read_text("utf-8").splitlines()
    kept = (HERE / "fixed_k.csv").read_text("utf-8").splitlines()
    assert again == kept[: len(again)]


def test_each_table_is_cited_by_its_chapter():
    for name in NAMES:
        study = importlib.import_module(f"studies.{name}")
        number = int(study.__doc__.removeprefix("Chapter ").partition(":")[0])
        (chapter,) = (ROOT / "notebooks").glob(f"{number:02d}_*.ipynb")
        assert f"studies/{name}.csv" in chapter.read_text("utf-8")
