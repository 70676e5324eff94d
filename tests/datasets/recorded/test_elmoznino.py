"""536 layers: the join of seven tables, published correlations, the stand-in's relation."""

import csv

import numpy as np
import pytest

from brainlike.datasets.recorded.elmoznino import (
    _FULL_NAMES,
    _KEY,
    _read_tables,
    load_elmoznino,
    simulate_elmoznino,
)

METRICS = ("effective_dimensionality", "exponent", "dimensions_for_80_percent")
SCORES = ("it", "v4", "v1", "evc", "loc")


def r(first, second):
    return np.corrcoef(first, second)[0, 1]


def networks_of(layers):
    """Return the number of layers of each network."""
    columns = (layers.architecture, layers.task, layers.weights)
    return np.unique(np.stack(columns), axis=1, return_counts=True)[1]


def assert_is_whole(layers):
    assert len(layers) == 536
    for name in (*METRICS, *(f"unpooled_{name}" for name in METRICS), *SCORES):
        values = getattr(layers, name)
        assert values.shape == (536,) and values.dtype == np.float64
        assert np.isfinite(values).all()
    assert layers.effective_dimensionality.min() >= 1
    assert (layers.dimensions_for_80_percent % 1 == 0).all()
    for name in SCORES:
        assert getattr(layers, name).min() >= 0 and getattr(layers, name).max() < 1
    assert sorted(networks_of(layers)) == [8] * 13 + [16] * 27
    assert layers.trained.sum() == 512
    assert set(layers.training) == {"Supervised", "Self-Supervised", "Untrained"}
    assert (layers.task[~layers.trained] == "None").all()


def test_stand_in_is_whole():
    assert_is_whole(simulate_elmoznino())


def test_stand_in_has_its_own_relation_and_not_the_real_one():
    """Every score rises by .03 a unit of log dimension; in the real V1 nothing does."""
    layers = simulate_elmoznino()
    logs = np.log(layers.effective_dimensionality - 1)
    for name in SCORES:
        slope = np.polyfit(logs, getattr(layers, name), 1)[0]
        assert slope == pytest.approx(0.03, abs=4 * 0.06 / (logs.std() * np.sqrt(536)))
    assert abs(r(layers.exponent, layers.it)) < 0.15


def written(folder, drop=None):
    """Write seven tables of 536 layers, rows and columns in an order of their own each."""
    short = {full: name for name, full in _FULL_NAMES.items()}
    tasks = [*short, *(f"task {i}" for i in range(64))]
    keys = [
        ("ResNet18", task, "Supervised", "VVS", f"layer{i}") for task in tasks for i in range(8)
    ]
    rng, paths = np.random.default_rng(0), []
    for table in range(7):
        rows = []
        for number, key in enumerate(keys):
            row = dict(zip(_KEY, key, strict=True))
            row["task"] = short.get(row["task"], row["task"]) if table == 4 else row["task"]
            values = {"score": number + table / 10, "score_error": 0}
            if table < 2:
                values = {"alpha": number, "effective dimensionality": 2 * number + table}
                values["80% variance"] = number
            rows.append(values | row)
        rows = [rows[i] for i in rng.permutation(len(rows))]
        if table == drop:
            rows.pop()
        paths.append(folder / f"table{table}.csv")
        with paths[-1].open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0])[:: 1 - 2 * (table % 2)])
            writer.writeheader()
            writer.writerows(rows)
    return paths


def test_tables_are_joined_by_layer_and_short_names_made_long(tmp_path):
    layers = _read_tables(*written(tmp_path))
    assert np.array_equal(layers.effective_dimensionality, 2 * layers.exponent)
    assert np.array_equal(layers.unpooled_effective_dimensionality, 2 * layers.exponent + 1)
    for number, name in enumerate(SCORES, start=2):
        assert np.allclose(getattr(layers, name), layers.exponent + number / 10)
    assert set(_FULL_NAMES.values()) <= set(layers.task)


@pytest.mark.parametrize("table", [0, 1, 3])
def test_a_missing_layer_is_refused(table, tmp_path):
    with pytest.raises(ValueError, match=r"table\d.csv must hold the 536 layers of table0.csv"):
        _read_tables(*written(tmp_path, drop=table))


@pytest.mark.real_data
def test_real_layers_give_the_published_correlations():
    layers = load_elmoznino(strict=True)
    assert layers.source == "real"
    assert_is_whole(layers)
    assert r(layers.effective_dimensionality, layers.it) == pytest.approx(0.588, abs=5e-4)
    assert r(layers.unpooled_effective_dimensionality, layers.it) == pytest.approx(0.55, abs=5e-3)
    assert r(layers.unpooled_exponent, layers.it) == pytest.approx(-0.70, abs=5e-3)
    assert r(layers.unpooled_effective_dimensionality, layers.loc) == pytest.approx(0.60, abs=5e-3)
    assert r(layers.unpooled_effective_dimensionality, layers.evc) == pytest.approx(0.66, abs=5e-3)


@pytest.mark.real_data
def test_real_correlation_depends_on_area_and_scale():
    layers = load_elmoznino(strict=True)
    assert r(np.log(layers.effective_dimensionality), layers.it) == pytest.approx(0.81, abs=5e-3)
    assert r(layers.effective_dimensionality, layers.v4) == pytest.approx(0.22, abs=6e-3)
    assert r(layers.effective_dimensionality, layers.v1) == pytest.approx(-0.03, abs=5e-3)
    assert (np.median(layers.effective_dimensionality)) == pytest.approx(4.15, abs=5e-3)
    names = np.char.add(np.char.add(layers.architecture, layers.task), layers.weights)
    best = [
        max(np.flatnonzero(names == name), key=lambda i: layers.it[i]) for name in np.unique(names)
    ]
    assert len(best) == 40
    assert r(layers.effective_dimensionality[best], layers.it[best]) == pytest.approx(
        0.75, abs=5e-3
    )
