"""Model metamers: different images to which one layer of a network responds in the same way.

The method of Feather et al. (2019, 2023): start from noise, and change the pixels until the layer
responds as it does to a given image. What the network computes from that layer on can then not
tell the two apart. Whether you can is another matter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from scipy.stats import rankdata
from torch import nn
from tqdm import tqdm

from brainlike._validate import check_array
from brainlike.probes._layers import check_layer, check_size, frozen, layer_responses

_GREY, _NOISE = 0.45, 0.05  # mean and standard deviation of the pixels at the start


@dataclass(frozen=True, eq=False)
class Metamers:
    """Metamers of one layer, and how well each of them matches its original.

    Attributes
    ----------
    images : torch.Tensor, (n_images, channels, height, width)
        Float32 in [0, 1]; the metamers, in the order of the originals, all of them kept.
    layer : str
    errors : numpy.ndarray, (n_steps + 1, n_images)
        Relative error before each step and after the last: the length of the difference between
        the layer's responses to the metamer and to the original, over the length of the latter.
    spearman : numpy.ndarray, (n_images,)
        Rank correlation over the layer's units of the responses to the metamer and to the
        original. NaN where all responses to one of them are the same.
    tolerance : float
        The relative error up to which a metamer counts as converged.
    """

    images: torch.Tensor = field(repr=False)
    layer: str
    errors: np.ndarray = field(repr=False)
    spearman: np.ndarray = field(repr=False)
    tolerance: float

    def __len__(self) -> int:
        return len(self.images)

    @property
    def error(self) -> np.ndarray:
        """Relative error of each metamer at the end, ``(n_images,)``."""
        return self.errors[-1]

    @property
    def converged(self) -> np.ndarray:
        """True for the metamers whose relative error is within the tolerance, ``(n_images,)``."""
        return self.error <= self.tolerance

    @property
    def report(self) -> str:
        """How many converged and, one by one, which did not."""
        failures = np.flatnonzero(~self.converged)
        text = (
            f"{self.layer}: {len(self) - len(failures)} of {len(self)} metamers converged "
            f"(relative error at most {self.tolerance:g})"
        )
        if not failures.size:
            return text
        listed = ", ".join(f"{i} (error {self.error[i]:.2f})" for i in failures)
        return f"{text}; kept, but not converged: {listed}"


def synthesize_metamers(
    model: nn.Module,
    images: torch.Tensor | np.ndarray,
    layer: str,
    *,
    n_steps: int = 300,
    learning_rate: float = 0.05,
    tolerance: float = 0.2,
    past_rectification: bool = False,
    seed: int = 0,
    batch_size: int = 32,
    progress: bool = True,
) -> Metamers:
    """Make a metamer of each image for one layer of a network.

    The pixels start from grey with a little noise. Adam changes them to lessen the squared error
    of the layer's responses, relative to the squared responses to the original, and after every
    step they are set back into [0, 1].

    Parameters
    ----------
    model : torch.nn.Module
        Any network; it is run in evaluation mode and left as it was.
    images : tensor or array, (n_images, channels, height, width)
        The originals, in [0, 1].
    layer : str
        Name of a submodule that runs once a pass. Its output is matched, so for responses after
        rectification name the stage that ends with it.
    n_steps : int
        At least 3.
    learning_rate : float
        Peak of the one-cycle schedule, in units of the pixel range, reached after a twentieth of
        the steps.
    tolerance : float
        Largest relative error of a metamer that counts as converged.
    past_rectification : bool
        If the layer ends with a ReLU, let the gradient pass it unchanged, so that a unit can wake
        that is silent for the metamer and not for the original. The responses stay as they are.
    seed : int
        Of the noise at the start.
    batch_size : int
        Images that are changed together; it alters speed and memory, not the result, beyond
        rounding.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Metamers
        Those that did not converge are kept and marked, and a printed line names them.

    Raises
    ------
    ValueError
        If there is no such layer or it is never reached, if images are out of range or of a size
        that the network cannot take, or if the layer is silent for an image.

    References
    ----------
    Feather, J., Leclerc, G., Mądry, A. and McDermott, J. H. (2023). Model metamers reveal divergent
    invariances between biological and artificial neural networks. Nature Neuroscience 26,
    2017-2034. They take 24,000 steps, and let the gradient pass the last rectification.

    Examples
    --------
    >>> pool = nn.Sequential(nn.AvgPool2d(4))
    >>> found = synthesize_metamers(pool, torch.rand(2, 1, 8, 8), "0", progress=False)
    >>> found.converged.all()
    np.True_
    """
    images = _check_images(images)
    check_layer(model, layer)
    for name, value, least in (("n_steps", n_steps, 3), ("batch_size", batch_size, 1)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}; got {value}")
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be above 0; got {learning_rate}")
    generator = torch.Generator().manual_seed(seed)
    start = (_GREY + _NOISE * torch.randn(images.shape, generator=generator)).clamp(0, 1)
    batches = list(zip(images.split(batch_size), start.split(batch_size), strict=True))
    found, errors, spearman = [], [], []
    with (
        frozen(model),
        _gradient_past_rectification(model.get_submodule(layer), past_rectification),
        torch.enable_grad(),
        tqdm(
            total=len(batches) * n_steps,
            desc=f"metamers {layer}",
            unit="step",
            disable=None if progress else True,
        ) as bar,
    ):
        check_size(model, images)
        for originals, pixels in batches:
            target = layer_responses(model, layer, originals)
            norm = _squared_length(target)
            _check_not_silent(norm, layer)
            errors.append(_descend(model, layer, pixels, target, norm, n_steps, learning_rate, bar))
            found.append(pixels.detach())
            spearman.append(
                _row_correlations(_ranks(layer_responses(model, layer, found[-1])), _ranks(target))
            )
    metamers = Metamers(
        images=torch.cat(found),
        layer=layer,
        errors=np.concatenate(errors, axis=1),
        spearman=np.concatenate(spearman),
        tolerance=tolerance,
    )
    if not metamers.converged.all():
        print(metamers.report)
    return metamers


def metamer_null(
    responses: np.ndarray, n_pairs: int | None = 450, seed: int | np.random.Generator = 0
) -> np.ndarray:
    """Return how alike a layer's responses to two random images are.

    A metamer matches its original if their rank correlation is above the largest of these. The
    criterion says less where different images are alike to begin with, as in late layers.

    Parameters
    ----------
    responses : array, (n_stimuli, ...)
        A layer's responses to images that have nothing to do with each other.
    n_pairs : int or None
        Pairs of two different images, drawn with replacement. None takes every pair there is,
        each once: the largest of more pairs is larger.
    seed : int or numpy.random.Generator

    Returns
    -------
    numpy.ndarray, (n_pairs,)
        Spearman correlations over units; for all pairs float32, row by row of the upper triangle.

    References
    ----------
    Feather et al. (2023) Nature Neuroscience 26, 2017-2034.

    Examples
    --------
    >>> noise = np.random.default_rng(0).random((50, 400))
    >>> bool(metamer_null(noise).max() < 0.25)
    True
    """
    responses = check_array("responses", responses, dtype=None)
    if responses.ndim < 2 or len(responses) < 2:
        raise ValueError(
            f"responses must be (n_stimuli, ...) of at least two stimuli; got {responses.shape}"
        )
    if n_pairs is None:
        return _no_nan(_all_correlations(_ranks(torch.from_numpy(responses))))
    if n_pairs < 1:
        raise ValueError(f"n_pairs must be at least 1; got {n_pairs}")
    rng = np.random.default_rng(seed)
    first = rng.integers(len(responses), size=n_pairs)
    second = (first + rng.integers(1, len(responses), size=n_pairs)) % len(responses)
    drawn, places = np.unique(np.concatenate([first, second]), return_inverse=True)
    ranks = _ranks(torch.from_numpy(responses[drawn]))
    return _no_nan(_row_correlations(ranks[places[:n_pairs]], ranks[places[n_pairs:]]))


@contextmanager
def _gradient_past_rectification(module: nn.Module, wanted: bool) -> Iterator[None]:
    """While it lasts, the gradient passes the ReLU with which a layer ends, if it does."""
    while isinstance(module, nn.Sequential) and len(module):
        module = module[-1]
    if not wanted or not isinstance(module, nn.ReLU):
        yield
        return
    was_in_place, module.inplace = module.inplace, False
    # the value of the output, the gradient of the input
    hook = module.register_forward_hook(lambda _, given, out: given[0] + (out - given[0]).detach())
    try:
        yield
    finally:
        hook.remove()
        module.inplace = was_in_place


def _descend(model, layer, pixels, target, norm, n_steps, learning_rate, bar) -> np.ndarray:
    """Change pixels in place; return the relative errors, ``(n_steps + 1, n_images)``."""
    optimizer = torch.optim.Adam([pixels.requires_grad_()], learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        learning_rate,
        total_steps=n_steps,
        pct_start=max(0.05, 2 / n_steps),  # one step up at least
        div_factor=4,
        final_div_factor=30,
    )
    errors = []
    for _ in range(n_steps):
        error = _squared_length(layer_responses(model, layer, pixels) - target) / norm
        errors.append(error.detach().sqrt().numpy())
        optimizer.zero_grad()
        error.sum().backward()  # a sum: one image's gradient does not depend on the others
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            pixels.clamp_(0, 1)
        bar.update()
    with torch.no_grad():
        error = _squared_length(layer_responses(model, layer, pixels) - target) / norm
    return np.stack([*errors, error.sqrt().numpy()])


def _squared_length(responses: torch.Tensor) -> torch.Tensor:
    return responses.square().flatten(1).sum(dim=1)


def _ranks(responses: torch.Tensor) -> np.ndarray:
    return rankdata(responses.flatten(1).numpy(), axis=1)  # ties, such as zeros, share a rank


def _row_correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the correlation of each row with its partner; NaN where one is constant."""
    first, second = (x - x.mean(axis=1, keepdims=True) for x in (first, second))
    lengths = np.sqrt(np.sum(first**2, axis=1) * np.sum(second**2, axis=1))
    products = np.sum(first * second, axis=1)
    return np.divide(products, lengths, out=np.full(len(lengths), np.nan), where=lengths > 0)


def _all_correlations(ranks: np.ndarray) -> np.ndarray:
    """Return the correlations of all pairs of rows; NaN where one is constant."""
    ranks = ranks - ranks.mean(axis=1, keepdims=True)  # in double: 0, not nearly, if constant
    ranks = ranks.astype(np.float32)  # half the memory for the product
    lengths = np.linalg.norm(ranks, axis=1, keepdims=True)
    ranks = np.divide(ranks, lengths, out=np.full_like(ranks, np.nan), where=lengths > 0)
    return (ranks @ ranks.T)[np.triu_indices(len(ranks), 1)]


def _no_nan(correlations: np.ndarray) -> np.ndarray:
    if np.isnan(correlations).any():
        raise ValueError("for some stimuli all units respond alike: there are no ranks to compare")
    return correlations


def _check_images(images: torch.Tensor | np.ndarray) -> torch.Tensor:
    if isinstance(images, torch.Tensor):
        images = images.detach().numpy()
    shape = ("n_images", "channels", "height", "width")
    images = check_array("images", images, shape=shape, dtype=np.float32)
    if images.min() < 0 or images.max() > 1:
        raise ValueError(
            f"images must lie in [0, 1]; these go from {images.min():g} to {images.max():g}. "
            "Divide 8-bit images by 255"
        )
    return torch.from_numpy(images.copy())


def _check_not_silent(norm: torch.Tensor, layer: str) -> None:
    silent = torch.nonzero(norm == 0).flatten().tolist()
    if silent:
        raise ValueError(
            f"layer {layer!r} does not respond to {len(silent)} of the images, so that there is "
            "nothing to match; leave them out or choose another layer"
        )
