"""Recognition of model metamers: the published proportions, who took part, the stand-in."""

import numpy as np
import pytest
import scipy.io

from brainlike.datasets.recorded.metamer_experiments import (
    _read_table,
    load_metamers,
    simulate_metamers,
)


@pytest.fixture(scope="module")
def simulated():
    return simulate_metamers()


def assert_is_whole(data):
    assert len(data) == 59
    assert sum(table.modality == "vision" for table in data.tables) == 35
    assert len({(t.modality, t.experiment, t.network) for t in data.tables}) == 59
    for table in data.tables:
        shape = (len(table), len(table.stages))
        assert table.human_accuracy.shape == table.network_accuracy.shape == shape
        assert table.stages[0] == "natural" and table.stages[-1] == "final"
        assert len(set(table.stages)) == len(table.stages)
        assert 20 <= len(table) <= 23
        for accuracy in (table.human_accuracy, table.network_accuracy):
            assert accuracy.min() >= 0 and accuracy.max() <= 1


def test_stand_in_is_whole(simulated):
    assert_is_whole(simulated)


def test_stand_in_falls_in_a_straight_line_for_people_only(simulated):
    tables = [table for table in simulated.tables if len(table.stages) == 8]
    people = np.concatenate([table.human_accuracy for table in tables]).mean(axis=0)
    np.testing.assert_allclose(people, np.linspace(0.9, 1 / 16, 8), atol=0.02)
    networks = np.concatenate([table.network_accuracy for table in tables]).mean(axis=0)
    np.testing.assert_allclose(networks, 0.95, atol=0.01)


def test_stand_in_makes_no_difference_between_networks(simulated):
    """Not even where the real ones differ most: at the last stage of robust networks."""
    finals = [
        np.mean([t.human_accuracy[:, -1] for t in simulated.tables if t.experiment == 3
                 and t.modality == "vision" and ("robust" in t.network) is robust])
        for robust in (True, False)
    ]  # fmt: skip
    assert abs(finals[0] - finals[1]) < 0.05


def test_tables_and_stages_are_found_by_name(simulated):
    table = simulated.find("resnet50", 3)
    assert (table.network, table.modality, table.experiment) == ("resnet50", "vision", 3)
    assert table.stages[table.column("layer4")] == "layer4"
    with pytest.raises(ValueError, match="resnet50 is in experiments .*10.*; not in 4"):
        simulated.find("resnet50", 4)
    with pytest.raises(ValueError, match="no network 'vgg'; there are:\n(.*\n)*  vgg_19"):
        simulated.find("vgg", 1)
    with pytest.raises(ValueError, match="no stage 'layer9'.*'layer4'"):
        table.column("layer9")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"axis_order": ["model_layers", "participants", "conditions"]}, "has axes"),
        ({"conditions": ["Network", "Human"]}, "has conditions"),
        ({"participant_data_matrix": np.ones((4, 3, 2))}, r"must be \(n_participants, 2, 2\)"),
        ({"participant_data_matrix": np.full((4, 2, 2), 1.5)}, r"outside \[0, 1\]"),
        ({"participant_data_matrix": np.full((4, 2, 2), np.nan)}, "NaN"),
    ],
)
def test_what_is_no_table_is_refused(changed, complaint, tmp_path):
    content = {
        "participant_data_matrix": np.full((4, 2, 2), 0.5),
        "axis_order": ["participants", "model_layers", "conditions"],
        "conditions": ["Human", "Network"],
        "model_layers": ["natural_image", "relu0_fake_relu"],
    }
    path = tmp_path / "VisionExperiment1_network_vs_humans_datamatrix_toy_public.mat"
    scipy.io.savemat(path, content)
    assert _read_table(path).stages == ("natural", "relu0")
    scipy.io.savemat(path, content | changed)
    with pytest.raises(ValueError, match=complaint):
        _read_table(path)


@pytest.fixture(scope="module")
def real():
    return load_metamers(strict=True)


@pytest.mark.real_data
def test_real_set_is_whole_and_has_the_shapes_of_the_stand_in(real, simulated):
    assert real.source == "real"
    assert_is_whole(real)
    for table, stand_in in zip(real.tables, simulated.tables, strict=True):
        for name in ("network", "modality", "experiment", "stages"):
            assert getattr(table, name) == getattr(stand_in, name)
        assert table.human_accuracy.shape == stand_in.human_accuracy.shape


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("network", "experiment", "stage", "people"),
    [
        ("resnet50", 1, "natural", 0.895),
        ("resnet50", 1, "conv1_relu1", 0.937),
        ("resnet50", 1, "layer4", 0.212),
        ("resnet50", 1, "final", 0.130),
        ("resnet50_l2_3_robust", 3, "final", 0.644),
        ("resnet50", 3, "final", 0.075),
        ("kell2018", 1, "natural", 0.820),
        ("kell2018", 1, "final", 0.023),
        ("cochresnet50", 1, "natural", 0.820),
        ("cochresnet50", 1, "final", 0.224),
    ],
)
def test_real_proportions_are_the_published_ones(network, experiment, stage, people, real):
    table = real.find(network, experiment)
    found = table.human_accuracy[:, table.column(stage)].mean()
    assert found == pytest.approx(people, abs=5e-4)


@pytest.mark.real_data
def test_real_networks_recognise_their_own_metamers(real):
    accuracy = real.find("resnet50", 1).network_accuracy.mean(axis=0)
    assert accuracy.min() > 0.95
    accuracy = real.find("kell2018", 1).network_accuracy.mean(axis=0)
    assert accuracy.min() > 0.87


@pytest.mark.real_data
def test_real_networks_of_an_experiment_share_their_participants(real):
    natural = {}
    for table in real.tables:
        first = natural.setdefault((table.modality, table.experiment), table.human_accuracy[:, 0])
        assert np.array_equal(first, table.human_accuracy[:, 0])
    assert len(natural) == 15
