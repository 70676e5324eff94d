"""The course's small convolutional network: five convolutions, two linear layers, 64-pixel images.

Large enough to recognise 64 rendered objects, small enough to train on a laptop in a minute.
Each stage is a child module with a name, so that a layer is addressed the same way everywhere.
"""

from collections import OrderedDict

import torch
from torch import nn

LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc", "logits")


class Standardize(nn.Module):
    """Shift and scale images in [0, 1] to the range that the weights are initialised for."""

    def __init__(self, mean: float = 0.45, sd: float = 0.25):
        super().__init__()
        self.mean, self.sd = mean, sd

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the images as z-scores, in the memory layout that convolutions like best."""
        return ((images - self.mean) / self.sd).contiguous(memory_format=torch.channels_last)


def _stage(n_in: int, n_out: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            convolution=nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, bias=False),
            normalization=nn.BatchNorm2d(n_out),
            rectification=nn.ReLU(),
        )
    )


class SmallCNN(nn.Sequential):
    """Five convolutional stages (convolution, batch normalisation, ReLU) and two linear layers.

    Parameters
    ----------
    n_classes : int
        Number of outputs.
    widths : tuple of int
        Filters in ``conv1`` to ``conv5``.
    n_hidden : int
        Units in ``fc``.
    n_channels : int
        1 for grey images, 3 for colour.
    dropout : float
        Fraction of ``fc`` units silenced in training.
    seed : int
        Seed of the initial weights.

    Notes
    -----
    Input ``(n, n_channels, 64, 64)`` in [0, 1]. Layers, named in ``layer_names``, are read out
    after their rectification: ``conv1`` 24 × 32 × 32, ``conv2`` 48 × 16 × 16, ``conv3``
    64 × 16 × 16, ``conv4`` 96 × 8 × 8, ``conv5`` 128 × 8 × 8, ``fc`` 128, ``logits`` n_classes.

    Examples
    --------
    >>> SmallCNN(n_classes=64)(torch.zeros(2, 1, 64, 64)).shape
    torch.Size([2, 64])
    """

    layer_names = LAYERS

    def __init__(
        self,
        n_classes: int,
        *,
        widths: tuple[int, int, int, int, int] = (24, 48, 64, 96, 128),
        n_hidden: int = 128,
        n_channels: int = 1,
        dropout: float = 0.2,
        seed: int = 0,
    ):
        w1, w2, w3, w4, w5 = widths
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            stages = OrderedDict(
                standardize=Standardize(),
                conv1=_stage(n_channels, w1, kernel=5, stride=2),
                pool1=nn.MaxPool2d(2),
                conv2=_stage(w1, w2, kernel=3, stride=1),
                conv3=_stage(w2, w3, kernel=3, stride=1),
                pool3=nn.MaxPool2d(2),
                conv4=_stage(w3, w4, kernel=3, stride=1),
                conv5=_stage(w4, w5, kernel=3, stride=1),
                pool5=nn.MaxPool2d(2),
                fc=nn.Sequential(nn.Flatten(), nn.Linear(w5 * 16, n_hidden), nn.ReLU()),
                dropout=nn.Dropout(dropout),
                logits=nn.Linear(n_hidden, n_classes),
            )
        super().__init__(stages)
        self.to(memory_format=torch.channels_last)

    def upto(self, layer: str) -> nn.Sequential:
        """Return the network up to and including a layer; it shares the weights.

        Raises
        ------
        ValueError
            If the layer is unknown; the message lists the valid names.
        """
        if layer not in self.layer_names:
            raise ValueError(
                f"unknown layer {layer!r}; this network has: {', '.join(self.layer_names)}"
            )
        stages = list(self.named_children())
        last = [name for name, _ in stages].index(layer)
        return nn.Sequential(OrderedDict(stages[: last + 1]))


@torch.no_grad()
def calibrate_batchnorm(model: nn.Module, images: torch.Tensor) -> nn.Module:
    """Give an untrained network the batch statistics of some images, and return it.

    A network fresh from its initialisation normalises by mean 0 and variance 1, which no layer
    has; as a control for a trained network it needs its own statistics.

    Parameters
    ----------
    model : torch.nn.Module
    images : tensor, (n, channels, height, width)
        A few hundred typical inputs.
    """
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches seen
    model.train()
    for batch in images.split(200):
        model(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return model.eval()
