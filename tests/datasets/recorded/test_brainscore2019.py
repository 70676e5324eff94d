"""The table of 243 networks: published scores and correlations, gaps, the stand-in's relation."""

import numpy as np
import pytest

from brainlike.datasets.recorded.brainscore2019 import (
    _read_table,
    load_brainscore2019,
    simulate_brainscore2019,
)


def accuracy_with_score(table, keep):
    return np.corrcoef(table.imagenet_top1[keep], table.brain_score[keep])[0, 1]


def assert_is_whole(table):
    """Check counts, ranges, and that the score is the mean of its parts."""
    assert len(table) == len(set(table.model)) == 243
    for name in ("imagenet_top1", "v4", "it", "behavior", "ost", "brain_score"):
        values = getattr(table, name)
        assert values.shape == (243,) and values.dtype == np.float64
        assert np.nanmin(values) >= -0.1 and np.nanmax(values) <= 1
    assert np.isfinite(table.imagenet_top1).all()
    assert table.scored.sum() == 238
    assert np.array_equal(np.isnan(table.v4), ~table.scored)
    assert np.array_equal(np.isnan(table.it), ~table.scored)
    assert np.isnan(table.behavior).sum() == 1
    assert not table.scored[np.isnan(table.behavior)].any()
    assert np.count_nonzero(table.ost) == 1
    mean = np.mean([table.v4, table.it, table.behavior, table.ost], axis=0)
    assert np.allclose(mean, table.brain_score, atol=1e-12, equal_nan=True)


def test_stand_in_is_whole():
    table = simulate_brainscore2019()
    assert_is_whole(table)
    assert set(table.family) == {"simulated"}


def test_stand_in_has_its_own_relation_and_not_the_real_one():
    """The line is as steep above 70 % as below it; the real table's is flat there."""
    table = simulate_brainscore2019()
    feedforward = table.scored & (table.ost == 0)
    for part in (feedforward & (table.imagenet_top1 > 0.6), feedforward):
        slope = np.polyfit(table.imagenet_top1[part], table.brain_score[part], 1)[0]
        # .1 by construction: (.1 + .1 + .2) / 4; noise of .05 * sqrt(3) / 4 around it
        error = 0.05 * np.sqrt(3) / 4 / (table.imagenet_top1[part].std() * np.sqrt(part.sum()))
        assert slope == pytest.approx(0.1, abs=4 * error)


def test_empty_cells_are_nan_and_columns_go_by_name(tmp_path):
    (tmp_path / "data.csv").write_text(
        "OST,Model,Brain-Score,V4,IT,Behavior,ImageNet,Depth\n"
        "0.25,CORnet-S,0.5,0.6,0.7,0.45,0.73,15\n"
        "0.0,MobileNet v2_1.0_224,,,,,0.7,\n"
    )
    table = _read_table(tmp_path / "data.csv")
    assert table.family.tolist() == ["CORnet", "MobileNet"]
    assert table.scored.tolist() == [True, False]
    assert (table.v4[0], table.it[0], table.behavior[0]) == (0.6, 0.7, 0.45)
    assert table.ost.tolist() == [0.25, 0]
    assert table.imagenet_top1.tolist() == [0.73, 0.7]
    assert np.isnan([table.v4[1], table.it[1], table.behavior[1]]).all()


@pytest.mark.real_data
def test_real_table_has_the_published_scores():
    table = load_brainscore2019(strict=True)
    assert table.source == "real"
    assert_is_whole(table)
    scores = dict(zip(table.model.tolist(), table.brain_score, strict=True))
    assert scores["CORnet-S"] == pytest.approx(0.471, abs=5e-4)
    assert scores["DenseNet-169"] == pytest.approx(0.412, abs=5e-4)
    assert max(table.brain_score[table.scored]) == scores["CORnet-S"]
    assert table.model[table.ost > 0].tolist() == ["CORnet-S"]
    assert (table.family == "BaseNet6").sum() == 181
    assert set(table.family[~table.scored]) == {"IamNN", "BaseNet6"}


@pytest.mark.real_data
def test_real_table_gives_the_correlations_recomputed_by_other_code():
    table = load_brainscore2019(strict=True)
    high = table.scored & (table.imagenet_top1 > 0.7)
    assert high.sum() == 23
    assert accuracy_with_score(table, table.scored) == pytest.approx(0.91, abs=0.005)
    assert accuracy_with_score(table, table.scored & ~high) == pytest.approx(0.90, abs=0.005)
    assert accuracy_with_score(table, high) == pytest.approx(-0.04, abs=0.005)
