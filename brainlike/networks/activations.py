"""What a network computes inside: responses of named layers, and its decisions."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import nn

from brainlike._validate import check_array


def layer_names(model: nn.Module) -> tuple[str, ...]:
    """Return the names of the layers that `activations` can read from a model."""
    named = getattr(model, "layer_names", None)
    return tuple(named) if named else tuple(name for name, _ in model.named_modules() if name)


@torch.no_grad()
def activations(
    model: nn.Module,
    images: torch.Tensor | np.ndarray,
    layers: str | Iterable[str] | None = None,
    *,
    units: dict[str, np.ndarray] | None = None,
    batch_size: int = 160,
) -> dict[str, np.ndarray]:
    """Return the responses of named layers to images, the network in evaluation mode.

    Parameters
    ----------
    model : torch.nn.Module
    images : tensor or array, (n_stimuli, channels, height, width)
        Values in [0, 1].
    layers : str or iterable of str, optional
        Layers to read; all of them by default.
    units : dict of str to array, optional
        For each layer, the flat indices of the units to keep. Reading a sample of a large map
        saves most of the memory.
    batch_size : int

    Returns
    -------
    dict of str to numpy.ndarray
        For each layer an array ``(n_stimuli, ...)`` in the layer's own shape, or
        ``(n_stimuli, n_kept)`` where `units` names the layer; float32.

    Raises
    ------
    ValueError
        If a layer is unknown (the message lists the valid names) or the images are malformed.
    """
    names = layer_names(model)
    wanted = names if layers is None else (layers,) if isinstance(layers, str) else tuple(layers)
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise ValueError(f"unknown layer {unknown[0]!r}; this network has: {', '.join(names)}")
    images = as_images(images)
    kept: dict[str, list[np.ndarray]] = {name: [] for name in wanted}

    def recorder(name: str):
        def record(_module, _inputs, output):
            output = output.float().contiguous()
            if units is not None and name in units:
                output = output.flatten(1)[:, torch.as_tensor(units[name])]
            kept[name].append(output.numpy())

        return record

    hooks = [model.get_submodule(name).register_forward_hook(recorder(name)) for name in kept]
    was_training = model.training
    model.eval()
    try:
        for batch in images.split(batch_size):
            model(batch)
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    return {name: np.concatenate(parts) for name, parts in kept.items()}


def sampled_activations(
    model: nn.Module,
    images: torch.Tensor | np.ndarray,
    layers: Iterable[str],
    *,
    n_units: int = 1000,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Return the responses of at most `n_units` random units of each layer.

    Equal numbers of units make layers of different sizes comparable, as an electrode array does.

    Parameters
    ----------
    model : torch.nn.Module
    images : tensor or array, (n_stimuli, channels, height, width)
    layers : iterable of str
    n_units : int
        A layer with fewer units gives all of them.
    seed : int
        The same seed chooses the same units, whatever the images and the weights.

    Returns
    -------
    dict of str to numpy.ndarray, (n_stimuli, n_kept)
    """
    layers = tuple(layers)
    one = activations(model, images[:1], layers)
    units = {}
    for layer in layers:
        n_all = one[layer][0].size
        rng = np.random.default_rng(seed)
        units[layer] = np.sort(rng.choice(n_all, min(n_units, n_all), replace=False))
    return activations(model, images, layers, units=units)


def as_images(images: torch.Tensor | np.ndarray) -> torch.Tensor:
    """Return checked images ``(n, channels, height, width)`` as a float32 tensor."""
    if isinstance(images, torch.Tensor):
        images = images.detach().numpy()
    checked = check_array(
        "images", images, shape=("n", "channels", "height", "width"), dtype=np.float32
    )
    return torch.from_numpy(checked if checked.flags.writeable else checked.copy())


def predict(model: nn.Module, images: torch.Tensor | np.ndarray) -> np.ndarray:
    """Return the class that the network decides for each image, ``(n_stimuli,)`` integers."""
    last = layer_names(model)[-1]
    return activations(model, images, last)[last].argmax(axis=1)


def accuracy(
    model: nn.Module, images: torch.Tensor | np.ndarray, labels: Sequence[int] | np.ndarray
) -> float:
    """Return the fraction of images that the network assigns to their label."""
    decisions = predict(model, images)
    labels = check_array("labels", labels, shape=(len(decisions),), dtype=int)
    return float(np.mean(decisions == labels))
