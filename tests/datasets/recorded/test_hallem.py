"""Receptor responses: verified statistics, the two copies of the table, the stand-in, bad input."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from brainlike.datasets.recorded import registry
from brainlike.datasets.recorded.hallem import _read_door, _read_wang, load_hallem, simulate_hallem

REAL_DATA = Path(os.environ.get("BRAINLIKE_DATA", "nowhere"))
OUT_OF_ORDER = ["Or10a", "Or22a", "Or47b"]  # in the copy of Wang et al.


def participation_ratio(responses):
    variances = np.linalg.eigvalsh(np.cov(responses.T))
    return variances.sum() ** 2 / (variances**2).sum()


def mean_correlation(responses):
    correlations = np.corrcoef(responses.T)
    return correlations[np.triu_indices(len(correlations), 1)].mean()


def assert_is_whole(data):
    assert len(data) == 110
    assert data.responses.shape == (110, 24) and data.responses.dtype == np.float64
    assert data.spontaneous.shape == (24,)
    assert np.array_equal(data.responses, np.round(data.responses))
    assert len(set(data.odours)) == len(data.odours) == len(data.odour_class) == 110
    assert len(set(data.receptors)) == 24
    assert (data.receptors[0], data.receptors[3], data.receptors[-1]) == ("Or2a", "Or10a", "Or98a")
    classes = dict(zip(*np.unique(data.odour_class, return_counts=True), strict=True))
    assert len(classes) == 10 and classes["ester"] == 24 and classes["sulfide"] == 2


def test_stand_in_is_whole():
    assert_is_whole(simulate_hallem())


def test_stand_in_is_plausible_and_has_no_negative_rates():
    data = simulate_hallem()
    assert (data.responses + data.spontaneous).min() >= 0
    assert data.responses.max() <= 300
    assert 0.1 < (data.responses < 0).mean() < 0.5
    assert 0.05 < (data.responses >= 50).mean() < 0.35


def door_file(folder, name, rates):
    """Write a file as DoOR has it: row numbers without a title, columns in any order, gaps."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="") as stream:
        stream.write('"Class";"Name";"Other.2001.WT";"Hallem.2006.EN"\n')
        writer = csv.writer(stream, delimiter=";")
        for number, (odour, rate) in enumerate(rates.items(), start=1):
            kind = "NA" if odour == "sfr" else "ester"
            writer.writerow([number, kind, odour, "NA", rate])
    return path


def test_spontaneous_rate_is_subtracted_and_odours_of_other_studies_are_left_out(tmp_path):
    paths = [
        door_file(tmp_path, "Or1", {"sfr": 10, "a": 15, "not tested": "NA", "b": 4}),
        door_file(tmp_path, "Or2", {"sfr": 2, "a": 2, "b": 50}),
    ]
    odours, classes, spontaneous, responses = _read_door(paths)
    assert odours.tolist() == ["a", "b"] and classes.tolist() == ["ester", "ester"]
    assert spontaneous.tolist() == [10, 2]
    assert responses.tolist() == [[5, 0], [-6, 48]]


def test_receptors_that_disagree_on_the_odours_are_refused(tmp_path):
    paths = [
        door_file(tmp_path, "Or1", {"sfr": 10, "a": 15, "b": 4}),
        door_file(tmp_path, "Or2", {"sfr": 2, "b": 50, "a": 2}),
    ]
    with pytest.raises(ValueError, match="do not list the same odours"):
        _read_door(paths)


def test_text_column_of_another_length_is_refused(tmp_path):
    (tmp_path / "hallem").write_text("1\n" * 2640)
    with pytest.raises(ValueError, match=r"2664,\); got \(2640,\)"):
        _read_wang(tmp_path / "hallem")


@pytest.mark.real_data
def test_real_responses_have_the_verified_statistics():
    data = load_hallem(strict=True)
    assert data.source == "real"
    assert_is_whole(data)
    # shares of cells, recomputed from the other copy by other code: order does not matter to them
    assert (data.responses < 0).mean() == pytest.approx(0.308, abs=5e-4)
    assert (data.responses >= 50).mean() == pytest.approx(0.170, abs=5e-4)
    assert (data.responses >= 100).mean() == pytest.approx(0.089, abs=5e-4)
    assert (data.spontaneous.min(), data.spontaneous.max()) == (1, 47)
    assert data.spontaneous.mean() == pytest.approx(13.75, abs=5e-3)
    assert participation_ratio(data.responses) == pytest.approx(4.83, abs=5e-3)
    assert mean_correlation(data.responses) == pytest.approx(0.235, abs=5e-4)


@pytest.mark.real_data
def test_real_receptors_answer_their_known_ligands():
    """Or22a is tuned to esters such as ethyl hexanoate, Or10a to methyl salicylate."""
    data = load_hallem(strict=True)

    def response(odour, receptor):
        return data.responses[data.odours == odour, data.receptors == receptor].item()

    assert response("methyl salicylate", "Or10a") == 258
    assert response("ethyl hexanoate", "Or22a") == 224
    best = data.odours[data.responses[:, data.receptors == "Or22a"].argmax()]
    assert best == "methyl hexanoate"


@pytest.mark.real_data
def test_two_copies_agree_but_for_the_order_of_three_columns():
    """In the copy of Wang et al. responses of 0 to 9 come first there, then all others."""
    door, wang = load_hallem(strict=True), load_hallem("wang2021", strict=True)
    assert_is_whole(wang)
    assert np.array_equal(door.spontaneous, wang.spontaneous)
    differ = (door.responses != wang.responses).any(axis=0)
    assert door.receptors[differ].tolist() == OUT_OF_ORDER
    for right, wrong in zip(door.responses.T[differ], wang.responses.T[differ], strict=True):
        one_digit = (right >= 0) & (right < 10)
        assert np.array_equal(np.concatenate([right[one_digit], right[~one_digit]]), wrong)
    # The numbers verified for that copy by other code
    assert participation_ratio(wang.responses) == pytest.approx(5.46, abs=5e-3)
    assert mean_correlation(wang.responses) == pytest.approx(0.22, abs=2e-3)


@pytest.mark.real_data
def test_a_copy_that_is_missing_is_simulated_even_if_the_other_is_there(
    nothing_here, tmp_path, monkeypatch, capsys
):
    own = tmp_path / "own"
    own.mkdir()
    (own / "door").symlink_to(REAL_DATA / "door")
    monkeypatch.setenv("BRAINLIKE_DATA", str(own))
    assert load_hallem().source == "real"
    with pytest.raises(registry.DataUnavailable, match="wang2021 is not available"):
        load_hallem("wang2021", strict=True)
    assert capsys.readouterr().out == ""
    assert load_hallem("wang2021").source == "simulated"
    assert "python -m brainlike fetch wang2021" in capsys.readouterr().out


@pytest.mark.real_data
@pytest.mark.parametrize("receptor", OUT_OF_ORDER)
def test_an_earlier_study_decides_for_the_order_of_door(receptor):
    """Hallem et al. (2004) measured some of the odours before; DoOR has them in another column."""
    with registry.fetch("door", f"{receptor}.csv").open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream, delimiter=";")
    column = 1 + header.index("Hallem.2004.EN")
    earlier = {row[2]: float(row[column]) for row in rows if row[column] != "NA"}

    def agreement(data):
        pairs = [
            (earlier[odour], response)
            for odour, response in zip(
                data.odours, data.responses[:, data.receptors == receptor].ravel(), strict=True
            )
            if odour in earlier
        ]
        assert len(pairs) > 10
        return np.corrcoef(np.transpose(pairs))[0, 1]

    right, wrong = agreement(load_hallem(strict=True)), agreement(load_hallem("wang2021"))
    assert right > 0.8 and right > wrong + 0.1
