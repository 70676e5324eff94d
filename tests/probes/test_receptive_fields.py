import numpy as np
import pytest
import torch
from torch import nn

from brainlike.networks import SmallCNN
from brainlike.probes.receptive_fields import (
    effective_width,
    gradient_map,
    support_width,
    theoretical_receptive_field,
)


def test_widths_of_the_small_cnn_are_those_counted_by_hand():
    model = SmallCNN(8)
    counted = {"conv1": (5, 2), "conv2": (15, 4), "conv3": (23, 4), "conv4": (43, 8)}
    for layer, expected in counted.items():
        assert theoretical_receptive_field(model.upto(layer)) == expected
    with pytest.raises(ValueError, match="whole image"):
        theoretical_receptive_field(model.upto("fc"))


def test_a_plain_stack_sees_exactly_what_theory_says():
    stack = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 5, stride=2), nn.Conv2d(2, 2, 3))
    gradient = gradient_map(stack, torch.rand(2, 1, 40, 40))
    assert support_width(gradient) == theoretical_receptive_field(stack)[0] == 3 + 4 + 4


def test_the_gradient_of_one_linear_filter_is_the_filter():
    layer = nn.Conv2d(1, 1, 5, bias=False)
    gradient = gradient_map(layer, torch.rand(3, 1, 9, 9))
    # mean over three images of a sum over three images' own gradients: each pixel its own
    assert np.allclose(gradient[2:7, 2:7], layer.weight[0, 0].detach().abs().numpy(), atol=1e-6)


def test_effective_width_of_known_maps():
    flat = np.zeros((31, 31))
    flat[10:21, 10:21] = 1
    assert effective_width(flat, share=0.99) == pytest.approx(11)
    point = np.zeros((31, 31))
    point[4, 7] = 2
    assert effective_width(point) == 1
    rows, columns = np.indices((101, 101)) - 50
    gauss = np.exp(-(rows**2 + columns**2) / (2 * 6.0**2))
    # a square of half side a holds erf(a / (s sqrt 2))^2 of a Gaussian: .9 at a = 1.95 s
    assert effective_width(gauss) == pytest.approx(2 * 1.95 * 6, abs=2)


def test_layers_without_maps_are_refused():
    with pytest.raises(ValueError, match="maps"):
        gradient_map(SmallCNN(8).eval().upto("fc"), torch.rand(1, 1, 64, 64))
