import numpy as np
import pytest
import torch
from torch import nn

from brainlike.networks.models import LAYERS, SmallCNN, calibrate_batchnorm


def test_it_has_the_size_that_the_book_states():
    assert sum(p.numel() for p in SmallCNN(64).parameters()) == 475_752


def test_the_seed_decides_the_weights_and_leaves_the_global_state_alone():
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first, same, other = SmallCNN(8, seed=1), SmallCNN(8, seed=1), SmallCNN(8, seed=2)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(first.logits.weight, same.logits.weight)
    assert not torch.equal(first.logits.weight, other.logits.weight)


def test_upto_gives_the_first_part_of_the_network():
    model, images = SmallCNN(8).eval(), torch.rand(2, 1, 64, 64)
    assert model.upto("conv4")(images).shape == (2, 96, 8, 8)
    assert torch.equal(model.upto("logits")(images), model(images))
    assert model.upto("conv1").conv1 is model.conv1
    with pytest.raises(ValueError, match="conv1, conv2, conv3, conv4, conv5, fc, logits"):
        model.upto("conv6")


def test_calibration_gives_batchnorm_the_statistics_of_the_images():
    model, images = SmallCNN(8, seed=3), torch.rand(300, 1, 64, 64)
    calibrate_batchnorm(model, images)
    assert not model.training
    with torch.no_grad():
        before = model.conv1.convolution(model.standardize(images))
    norm = model.conv1.normalization
    halves = [before[:200], before[200:]]  # batches of at most 200, averaged
    means = torch.stack([h.mean(dim=(0, 2, 3)) for h in halves]).mean(0)
    assert torch.allclose(norm.running_mean, means, atol=1e-5)
    normalized = model.conv1.normalization(before)
    assert normalized.mean().abs() < 0.05 and abs(normalized.std() - 1) < 0.05
    assert norm.momentum == nn.BatchNorm2d(1).momentum


def test_layers_are_children_in_order():
    children = [name for name, _ in SmallCNN(8).named_children()]
    assert [name for name in children if name in LAYERS] == list(LAYERS)
    assert np.all([name in children for name in LAYERS])
