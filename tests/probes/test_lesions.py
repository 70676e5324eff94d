import numpy as np
import pytest
import torch
from torch import nn

from brainlike.networks import SmallCNN, calibrate_batchnorm
from brainlike.probes import lesions
from brainlike.probes.lesions import (
    filter_importance,
    lesion,
    lesioned_hits,
    segregation,
    top_filters,
)

GAIN = 6.0
INTACT_LOSS = np.log(np.exp(GAIN) + 3 + np.exp(1)) - GAIN
BLIND_LOSS = np.log(4 + np.exp(1))


@pytest.fixture
def two_in_one():
    """A network in which filter c serves class c alone; without it the answer is class 4."""
    copy = nn.Conv2d(4, 5, 1)
    readout = nn.Linear(5, 5)
    with torch.no_grad():
        copy.weight.zero_()[:4, :, 0, 0] = torch.eye(4)
        copy.bias.zero_()
        readout.weight.zero_()[:4, :4] = GAIN * torch.eye(4)
        readout.bias.copy_(torch.tensor([0.0, 0, 0, 0, 1]))
    stages = {
        "features": nn.Sequential(copy, nn.ReLU()),
        "pool": nn.MaxPool2d(2),
        "flat": nn.Flatten(),
        "readout": readout,
    }
    model = nn.Sequential()
    for name, stage in stages.items():
        model.add_module(name, stage)
    return model


@pytest.fixture
def coded():
    """Three images of each of four classes: class c has 1 in channel c."""
    labels = np.repeat(np.arange(4), 3)
    images = np.zeros((12, 4, 2, 2), np.float32)
    images[np.arange(12), labels] = 1
    return images, labels


@pytest.fixture(scope="module")
def random_network():
    images = torch.rand(30, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    model = SmallCNN(7, widths=(4, 5, 6, 5, 4), n_hidden=6, seed=3)
    model = calibrate_batchnorm(model, images)
    return model, images, np.random.default_rng(0).integers(0, 7, 30)


def losses(model, images, labels):
    with torch.no_grad():
        return nn.functional.cross_entropy(
            model(images), torch.as_tensor(labels), reduction="none"
        ).numpy()


def test_importance_is_the_known_rise_of_each_images_loss(two_in_one, coded):
    images, labels = coded
    found = filter_importance(two_in_one, images, labels, "features")["features"]
    expected = np.zeros((5, 12))
    expected[labels, np.arange(12)] = BLIND_LOSS - INTACT_LOSS
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3", "conv5", "fc", "logits"])
def test_importance_is_that_of_lesions_one_by_one(random_network, layer, monkeypatch):
    monkeypatch.setattr(lesions, "_BLOCK", 8)  # several blocks, several batches in each
    monkeypatch.setattr(lesions, "_BATCH_VALUES", 3000)
    model, images, labels = random_network
    found = filter_importance(model, images, labels, [layer])[layer]
    intact = losses(model, images, labels)
    for k, row in enumerate(found):
        with lesion(model, layer, [k]):
            np.testing.assert_allclose(row, losses(model, images, labels) - intact, atol=1e-5)
    assert found.std() > 1e-3


def test_hits_are_those_of_the_lesioned_network(random_network, monkeypatch):
    monkeypatch.setattr(lesions, "_BLOCK", 8)
    model, images, _ = random_network
    with torch.no_grad():
        answers = model(images).argmax(1).numpy()
    sets = [[0], [3, 1], [0, 1, 2, 3, 4]]
    hits = lesioned_hits(model, "conv2", sets, images, answers)
    assert hits[0].all()
    for row, filters in zip(hits[1:], sets, strict=True):
        with lesion(model, "conv2", filters), torch.no_grad():
            after = model(images).argmax(1).numpy()
        np.testing.assert_array_equal(row, after == answers)
    assert not hits[3].all()


@pytest.mark.parametrize(
    "reader",
    [
        [nn.Linear(4, 4), nn.Flatten(), nn.Linear(48, 5)],  # along the last axis: not by filter
        [nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(48, 5)],
        [nn.Conv2d(3, 6, 3, 2, 1, groups=3), nn.Flatten(), nn.Linear(24, 5)],
        [nn.Conv2d(3, 6, 2, dilation=2, padding="same"), nn.Flatten(), nn.Linear(96, 5)],
        [nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(96, 5)],
        [nn.Flatten(), nn.ReLU(), nn.Linear(48, 5)],
        [nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(3, 5, 2)), nn.Flatten()],
    ],
)
def test_whatever_reads_the_layer(reader):
    model = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), *reader).eval()
    for stage in model.modules():  # readers are made when tests are collected, with any weights
        if hasattr(stage, "reset_parameters"):
            stage.reset_parameters()
    images, labels = torch.rand(6, 1, 4, 4), np.array([0, 1, 2, 3, 4, 0])
    found = filter_importance(model, images, labels, "0")["0"]
    for k, row in enumerate(found):
        with lesion(model, "0", [k]):
            rise = losses(model, images, labels)
        np.testing.assert_allclose(row, rise - losses(model, images, labels), atol=1e-5)
    assert abs(found).max() > 1e-3


def test_a_network_of_two_segregates_wholly(two_in_one, coded):
    images, labels = coded
    importance = filter_importance(two_in_one, images, labels, "features")["features"]
    settings = {"share": 0.4, "n_random": 400}
    (found,) = segregation(
        two_in_one,
        "features",
        importance[:, ::-1],  # ranking and test images have an order each
        labels[::-1],
        images,
        labels,
        [([0, 1], [2, 3])],
        **settings,
    )
    assert found.intact == found.other == (1, 1)
    assert found.own == (0, 0)
    assert (found.index, found.overlap) == (1, 0)
    # a random two of five filters hit the one that an image needs in two of five draws
    assert found.random_loss == pytest.approx(0.4, abs=0.06)


def test_the_index_is_relative_to_each_tasks_intact_accuracy(two_in_one, coded):
    images, labels = coded
    importance = filter_importance(two_in_one, images, labels, "features")["features"]
    shown = images.copy()
    shown[0] = 0  # one image of class 0 is blank: its task starts from 5 of 6
    split = [([0, 1], [2, 3])]
    (found,) = segregation(two_in_one, "features", importance, labels, shown, labels, split)
    assert found.intact == (pytest.approx(5 / 6), 1)
    # one filter goes: that of class 0 (2 of the 5 hits) or of class 2 (3 of the 6)
    assert found.own_loss == pytest.approx((2 / 5 + 3 / 6) / 2)
    assert found.other_loss == 0


def test_tasks_with_the_same_filters_do_not_segregate(two_in_one, coded):
    images, labels = coded
    importance = np.outer([3, 2, 2.5, 1, 0], np.ones(12))
    splits = [([0], [2]), ([1], [3])]
    found = segregation(
        two_in_one, "features", importance, labels, images, labels, splits, share=0.4
    )
    assert [one.index for one in found] == [0, 0]
    assert [one.overlap for one in found] == [1, 1]
    assert [one.own_loss for one in found] == [1, 0]  # filters 0 and 2 are gone


def test_the_seed_decides_the_random_lesions(two_in_one, coded):
    images, labels = coded
    arguments = (two_in_one, "features", np.ones((5, 12)), labels, images, labels, [([0], [1])])
    lesioned = [segregation(*arguments, seed=seed)[0].random for seed in (0, 0, 1, 2, 3)]
    assert lesioned[0] == lesioned[1]
    assert len(set(lesioned)) > 1


def test_top_filters_come_highest_first():
    np.testing.assert_array_equal(top_filters([0.1, 5, -9, 3, 4], share=0.6), [1, 4, 3])
    assert len(top_filters(np.arange(24.0))) == 5
    assert len(top_filters([1, 2])) == 1  # at least one
    with pytest.raises(ValueError, match="share"):
        top_filters([1, 2], share=0)
    with pytest.raises(ValueError, match="NaN"):
        top_filters([1, np.nan])


def test_a_lesion_ends_with_its_block_even_after_an_error(random_network):
    model, images, _ = random_network
    with torch.no_grad():
        before = model(images[:3])
        with pytest.raises(RuntimeError, match="inside"), lesion(model, "conv4", [0, 2]):
            assert not torch.equal(model(images[:3]), before)
            raise RuntimeError("inside")
        with pytest.raises(ValueError, match="has 5 filters"), lesion(model, "conv4", [5]):
            model(images[:3])
        assert torch.equal(model(images[:3]), before)


def test_lesions_are_made_in_evaluation_mode_and_the_mode_is_restored(random_network):
    model, images, labels = random_network
    expected = lesioned_hits(model, "conv5", [[1]], images, labels)
    statistics = model.conv1.normalization.running_mean.clone()
    model.train()
    try:
        np.testing.assert_array_equal(
            lesioned_hits(model, "conv5", [[1]], images, labels), expected
        )
        assert model.training
        assert torch.equal(model.conv1.normalization.running_mean, statistics)
    finally:
        model.eval()


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([], "at least one filter"),
        ([1, 1], "twice"),
        ([-1], "counted from 0"),
        ([0.5], "integers"),
        ([[1, 2]], "flat list"),
        ([4], "has 4 filters"),
    ],
)
def test_malformed_lesions_are_refused(random_network, filters, message):
    model, images, labels = random_network
    with pytest.raises(ValueError, match=message):
        lesioned_hits(model, "conv5", [filters], images, labels)
    with pytest.raises(ValueError, match=message), lesion(model, "conv5", filters):
        model(images)


def test_what_does_not_fit_is_refused(random_network, two_in_one, coded):
    model, images, labels = random_network
    with pytest.raises(ValueError, match=r"unknown layer 'conv9'.*conv1"):
        filter_importance(model, images, labels, "conv9")
    with pytest.raises(ValueError, match="unknown layer"), lesion(model, "conv9", [0]):
        pass
    with pytest.raises(ValueError, match=r"nn\.Sequential"):
        filter_importance(nn.Conv2d(1, 2, 3), images, labels, "conv1")
    with pytest.raises(ValueError, match="labels"):
        filter_importance(model, images, labels[:-1], "conv5")
    with pytest.raises(ValueError, match="labels go up to 7"):
        filter_importance(model, images, labels + 1, "fc")
    images, labels = coded
    importance = np.ones((5, 12))
    lesioned = (two_in_one, "features", importance, labels, images, labels)
    with pytest.raises(ValueError, match="class 1 belongs to both"):
        segregation(*lesioned, [([0, 1], [1, 2])])
    with pytest.raises(ValueError, match="no ranking images"):
        segregation(*lesioned, [([0], [9])])
    with pytest.raises(ValueError, match="n_random"):
        segregation(*lesioned, [([0], [1])], n_random=0)
    with pytest.raises(ValueError, match="solves none"):
        segregation(*lesioned[:4], np.zeros_like(images), labels, [([0], [1])])
