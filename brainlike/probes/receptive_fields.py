"""How much of the image a unit can see, from the architecture, and does see, from gradients."""

import numpy as np
import torch
from torch import nn


def theoretical_receptive_field(part: nn.Module) -> tuple[int, int]:
    """Return width and step, in pixels, of the units at the end of a stack of layers.

    A kernel of width k adds (k - 1) steps to the field; a stride multiplies the step.

    Parameters
    ----------
    part : torch.nn.Module
        Layers in the order in which they are applied, such as ``SmallCNN.upto("conv3")``;
        convolutions and poolings with square kernels count, point-wise layers do not.

    Raises
    ------
    ValueError
        If a layer after a fully connected one is asked for: its units see everything.
    """
    width = step = 1
    for layer in part.modules():
        if isinstance(layer, nn.Linear):
            raise ValueError("a unit behind a fully connected layer sees the whole image")
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            width += (_number(layer.kernel_size) - 1) * step
            step *= _number(layer.stride)
    return width, step


def _number(setting: int | tuple[int, ...]) -> int:
    return setting if isinstance(setting, int) else setting[0]


def gradient_map(part: nn.Module, images: torch.Tensor) -> np.ndarray:
    """Return how strongly the central units of a layer depend on each pixel.

    Parameters
    ----------
    part : torch.nn.Module
        The network up to the layer, in evaluation mode.
    images : tensor, (n, channels, height, width)

    Returns
    -------
    array, (height, width)
        Size of the derivative of the summed central responses with respect to the pixel, mean
        over images and channels.

    References
    ----------
    Luo, Li, Urtasun and Zemel (2016) NeurIPS 29:4898.
    """
    pixels = images.clone().requires_grad_()
    response = part(pixels)
    if response.ndim != 4:
        raise ValueError(f"the layer must have maps (n, channels, h, w); got {response.ndim} axes")
    middle = response.shape[-1] // 2
    response[..., middle, middle].sum().backward()
    return pixels.grad.abs().mean(dim=(0, 1)).numpy()


def support_width(gradient: np.ndarray) -> int:
    """Return the width in pixels of the region with any gradient, the wider of the two axes."""
    return int(max(np.ptp(np.flatnonzero(gradient.sum(axis=a))) + 1 for a in (0, 1)))


def effective_width(gradient: np.ndarray, share: float = 0.9) -> float:
    """Return the side in pixels of the central square that holds a share of the gradient.

    Parameters
    ----------
    gradient : array, (height, width)
        Not negative; the square is centred on its centre of mass.
    share : float
    """
    weight = gradient / gradient.sum()
    rows, columns = np.indices(weight.shape)
    row, column = (weight * rows).sum(), (weight * columns).sum()
    distance = np.maximum(np.abs(rows - row), np.abs(columns - column)).ravel()
    order = np.argsort(distance)
    held = np.cumsum(weight.ravel()[order])
    last = min(np.searchsorted(held, share), len(order) - 1)
    return float(2 * distance[order[last]] + 1)
