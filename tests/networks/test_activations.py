import numpy as np
import pytest
import torch

from brainlike.networks.activations import (
    accuracy,
    activations,
    layer_names,
    predict,
    sampled_activations,
)
from brainlike.networks.models import SmallCNN

IMAGES = torch.rand(7, 1, 64, 64, generator=torch.Generator().manual_seed(0))


def test_layers_are_what_the_network_computes_by_hand():
    model = SmallCNN(8).eval()
    responses = activations(model, IMAGES, batch_size=3)
    assert tuple(responses) == layer_names(model)
    with torch.no_grad():
        by_hand = torch.relu(
            model.conv1.normalization(model.conv1.convolution((IMAGES - 0.45) / 0.25))
        )
        assert np.allclose(responses["conv1"], by_hand.numpy(), atol=1e-5)
        assert np.allclose(responses["logits"], model(IMAGES).numpy(), atol=1e-5)
    assert responses["conv5"].shape == (7, 128, 8, 8)


def test_chosen_units_are_those_of_the_flattened_layer():
    model, units = SmallCNN(8), np.array([5, 100, 4000])
    whole = activations(model, IMAGES, "conv3")["conv3"].reshape(7, -1)
    some = activations(model, IMAGES, ["conv3"], units={"conv3": units})["conv3"]
    assert np.array_equal(some, whole[:, units])


def test_a_sample_of_units_is_the_same_for_all_images_and_networks():
    first, second = SmallCNN(8, seed=0), SmallCNN(8, seed=1)
    sample = sampled_activations(first, IMAGES, ["conv5", "fc"], n_units=50)
    assert sample["conv5"].shape == (7, 50) and sample["fc"].shape == (7, 50)
    whole = activations(first, IMAGES, "conv5")["conv5"].reshape(7, -1)
    kept = [np.flatnonzero((whole == column[:, None]).all(axis=0)) for column in sample["conv5"].T]
    other = sampled_activations(second, IMAGES[:2], ["conv5"], n_units=50)["conv5"]
    theirs = activations(second, IMAGES[:2], "conv5")["conv5"].reshape(2, -1)
    for unit, column in zip(kept, other.T, strict=True):
        assert np.isin(column[0], theirs[0, unit])
    assert sampled_activations(first, IMAGES, ["fc"])["fc"].shape == (7, 128)


def test_reading_changes_nothing():
    model = SmallCNN(8).train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    activations(model, IMAGES)
    assert model.training
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert not model.conv1._forward_hooks


def test_decisions_and_accuracy():
    model = SmallCNN(8)
    decisions = predict(model, IMAGES.numpy())
    assert decisions.shape == (7,)
    labels = decisions.copy()
    labels[:2] = (labels[:2] + 1) % 8
    assert accuracy(model, IMAGES, labels) == pytest.approx(5 / 7)


def test_any_torch_module_can_be_read():
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    assert activations(model, torch.rand(3, 1, 2, 2), "1")["1"].shape == (3, 2)


@pytest.mark.parametrize(
    "images, layers, message",
    [
        (IMAGES, "conv9", "unknown layer 'conv9'; this network has: conv1, conv2"),
        (IMAGES[0], "conv1", r"images must be \(n, channels, height, width\); got \(1, 64, 64\)"),
        (IMAGES * float("nan"), "conv1", "NaN"),
        (IMAGES[:0], "conv1", "empty"),
    ],
)
def test_bad_input_is_named(images, layers, message):
    with pytest.raises(ValueError, match=message):
        activations(SmallCNN(8), images, layers)
    with pytest.raises(ValueError, match="labels must be"):
        accuracy(SmallCNN(8), IMAGES, [0, 1])
