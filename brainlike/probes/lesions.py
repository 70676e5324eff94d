"""Lesions: silence filters of a network, and see which task suffers.

The test for functional specialization of Dobs, Martinez, Kell and Kanwisher (2022): rank a
layer's filters by how much each one's loss hurts a task, remove the top of one task's list, and
measure both tasks. Everything after the lesioned layer is computed from its cached responses, and
its first stage, which is linear, from what the silenced filters alone contribute to it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from brainlike._validate import check_array

# Zeroing a filter before these stages is the same as after them.
_FILTER_BY_FILTER = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Dropout)
_BLOCK = 208  # images that go through the first layers together
_BATCH_VALUES = 1_500_000  # responses that go through the later layers together


@dataclass(frozen=True)
class Segregation:
    """Accuracy in two tasks after lesions of the filters that matter most to one of them.

    Attributes
    ----------
    intact : tuple of float
        Accuracy in the first and in the second task, no filter removed.
    own, other : tuple of float
        The same two accuracies after the lesion of the task's own filters, and after the lesion
        of the other task's.
    random : tuple of float
        After lesions of as many random filters, mean over the draws.
    overlap : float
        Share of filters that stand on both lists.
    """

    intact: tuple[float, float]
    own: tuple[float, float]
    other: tuple[float, float]
    random: tuple[float, float]
    overlap: float

    @property
    def own_loss(self) -> float:
        """Share of its accuracy that a task loses with its own filters; mean of both tasks."""
        return self._loss(self.own)

    @property
    def other_loss(self) -> float:
        """Share of its accuracy that a task loses with the other task's filters."""
        return self._loss(self.other)

    @property
    def random_loss(self) -> float:
        """Share of its accuracy that a task loses with random filters."""
        return self._loss(self.random)

    @property
    def index(self) -> float:
        """Own loss minus other loss: 0 for shared filters, 1 for two networks in one."""
        return self.own_loss - self.other_loss

    def _loss(self, lesioned: tuple[float, float]) -> float:
        return float(1 - np.mean(np.divide(lesioned, self.intact)))


@contextmanager
def lesion(model: nn.Module, layer: str, filters: Iterable[int]) -> Iterator[nn.Module]:
    """Silence filters of a layer as long as the ``with`` block lasts.

    Parameters
    ----------
    model : torch.nn.Module
    layer : str
        Name of a submodule; its output ``(n, n_filters, ...)`` is zeroed, so choose the stage
        whose output is rectified.
    filters : iterable of int
        Positions on the second axis: whole maps of a convolutional layer, units of a linear one.

    Yields
    ------
    torch.nn.Module
        The same model, lesioned.

    Raises
    ------
    ValueError
        If there is no such layer, or the filters are none, repeated, or (when the model is used)
        out of the layer's range.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(3, 2))
    >>> with lesion(model, "0", [1]), torch.no_grad():
    ...     float(model(torch.ones(1, 3))[0, 1])
    0.0
    """
    names = [name for name, _ in model.named_modules() if name]
    _check_layer(layer, names)
    filters = _check_filters(filters)

    def silence(_module, _inputs, output):
        _check_range(filters, output.shape[1], layer)
        output = output.clone()
        output[:, filters] = 0
        return output

    hook = model.get_submodule(layer).register_forward_hook(silence)
    try:
        yield model
    finally:
        hook.remove()


def filter_importance(
    model: nn.Sequential,
    images: torch.Tensor | np.ndarray,
    labels: Sequence[int] | np.ndarray,
    layers: str | Iterable[str],
    *,
    bf16: bool = False,
) -> dict[str, np.ndarray]:
    """Return by how much each image's loss rises when one filter is silenced.

    A ranking for any group of images is then a mean over their columns.

    Parameters
    ----------
    model : torch.nn.Sequential
        Named stages; run in evaluation mode.
    images : tensor or array, (n_images, channels, height, width)
    labels : array of int, (n_images,)
    layers : str or iterable of str
        Names of stages.
    bf16 : bool
        Mixed precision: faster where the processor multiplies bfloat16 natively.

    Returns
    -------
    dict of str to numpy.ndarray of float32, (n_filters, n_images)
        Rise of the cross-entropy, in nats.

    Raises
    ------
    ValueError
        If the model is no ``nn.Sequential``, a layer is unknown, or images and labels do not fit.

    References
    ----------
    Dobs, K., Martinez, J., Kell, A. J. E. and Kanwisher, N. (2022). Brain-like functional
    specialization emerges spontaneously in deep neural networks. Science Advances 8, eabl8913.
    """
    images, labels = _check_images(images, labels)
    importance = {}
    for layer in (layers,) if isinstance(layers, str) else layers:
        columns = []
        for truth, logits in _lesioned_logits(model, layer, None, images, labels, bf16):
            truth = truth.expand(len(logits), -1)
            loss = nn.functional.cross_entropy(logits.mT, truth, reduction="none")
            columns.append(loss[1:] - loss[0])
        importance[layer] = torch.cat(columns, dim=1).numpy()
    return importance


def top_filters(scores: Sequence[float] | np.ndarray, share: float = 0.2) -> np.ndarray:
    """Return the positions of the highest scores, the highest first.

    Parameters
    ----------
    scores : array, (n_filters,)
        Such as ``importance[:, faces].mean(axis=1)``.
    share : float
        Fraction of the filters to return, above 0 and at most 1; at least one filter.

    Returns
    -------
    numpy.ndarray of int, (n_top,)
    """
    scores = check_array("scores", scores, shape=("n_filters",))
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1; got {share}")
    return np.argsort(-scores, kind="stable")[: max(1, round(share * len(scores)))]


def lesioned_hits(
    model: nn.Sequential,
    layer: str,
    lesions: Iterable[Iterable[int]],
    images: torch.Tensor | np.ndarray,
    labels: Sequence[int] | np.ndarray,
    *,
    bf16: bool = False,
) -> np.ndarray:
    """Return which images the network still gets right after each of many lesions of a layer.

    Parameters
    ----------
    model, images, labels, bf16
        As in `filter_importance`.
    layer : str
        Name of a stage.
    lesions : iterable of iterables of int
        Sets of filters, each removed by itself.

    Returns
    -------
    numpy.ndarray of bool, (1 + n_lesions, n_images)
        The first row is the intact network's.

    Raises
    ------
    ValueError
        As in `lesion` and `filter_importance`.
    """
    images, labels = _check_images(images, labels)
    lesions = [_check_filters(filters) for filters in lesions]
    hits = [
        logits.argmax(-1) == truth
        for truth, logits in _lesioned_logits(model, layer, lesions, images, labels, bf16)
    ]
    return torch.cat(hits, dim=1).numpy()


def segregation(
    model: nn.Sequential,
    layer: str,
    importance: np.ndarray,
    ranking_labels: Sequence[int] | np.ndarray,
    images: torch.Tensor | np.ndarray,
    labels: Sequence[int] | np.ndarray,
    splits: Sequence[tuple[Sequence[int], Sequence[int]]],
    *,
    share: float = 0.2,
    n_random: int = 5,
    seed: int = 0,
    bf16: bool = False,
) -> list[Segregation]:
    """Lesion one layer for many pairs of tasks: does each task depend on filters of its own?

    A task is a set of classes. Its filters are the top `share` by mean importance for the
    ranking images of these classes; accuracy is the network's own decision among all classes.

    Parameters
    ----------
    model : torch.nn.Sequential
    layer : str
        Name of a stage.
    importance : array, (n_filters, n_ranking_images)
        From `filter_importance`.
    ranking_labels : array of int, (n_ranking_images,)
    images : tensor or array, (n_images, channels, height, width)
        Other images, on which the lesions are tested.
    labels : array of int, (n_images,)
    splits : sequence of (first, second)
        Two disjoint sets of classes each.
    share : float
        Fraction of filters that a lesion removes.
    n_random : int
        Number of random lesions.
    seed : int
        Of the random lesions.
    bf16 : bool
        As in `filter_importance`.

    Returns
    -------
    list of Segregation
        One a split.

    Raises
    ------
    ValueError
        If a split's classes overlap or have no images, or a task is never solved; else as in
        `filter_importance`.
    """
    importance = check_array("importance", importance, shape=("n_filters", "n_ranking_images"))
    ranking_labels = check_array(
        "ranking_labels", ranking_labels, shape=(importance.shape[1],), dtype=int
    )
    if n_random < 1:
        raise ValueError(f"n_random must be at least 1; got {n_random}")
    labels = np.asarray(labels)
    ranked = [_members(split, ranking_labels, "ranking images") for split in splits]
    tested = [_members(split, labels, "test images") for split in splits]
    tops = [
        [top_filters(importance[:, task].mean(axis=1), share) for task in two] for two in ranked
    ]
    rng = np.random.default_rng(seed)
    n_top = len(top_filters(importance[:, 0], share))
    draws = [rng.choice(len(importance), n_top, replace=False) for _ in range(n_random)]
    lists = [filters for two in tops for filters in two]
    hits = lesioned_hits(model, layer, [*lists, *draws], images, labels, bf16=bf16)
    random_hits = hits[1 + len(lists) :].mean(axis=0)
    results = []
    for i, ((first, second), (one, two)) in enumerate(zip(tested, tops, strict=True)):
        intact, no_one, no_two = hits[0], hits[1 + 2 * i], hits[2 + 2 * i]
        pairs = ((intact, intact), (no_one, no_two), (no_two, no_one), (random_hits, random_hits))
        accuracies = [(float(a[first].mean()), float(b[second].mean())) for a, b in pairs]
        if min(accuracies[0]) == 0:
            raise ValueError(f"split {i}: the intact network solves none of one task's images")
        results.append(Segregation(*accuracies, overlap=len(np.intersect1d(one, two)) / n_top))
    return results


@torch.no_grad()
def _lesioned_logits(model, layer, lesions, images, labels, bf16):
    """Yield for each block of images labels and logits ``(1 + n_lesions, n_block, n_classes)``.

    The first row is intact. `lesions` of ``None`` stands for each filter by itself.
    """
    before, linear, after = _parts(model, layer)
    was_training = model.training
    model.eval()
    try:
        for block, truth in zip(images.split(_BLOCK), labels.split(_BLOCK), strict=True):
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                responses = before(block)
                sets = _sets(lesions, responses.shape[1], layer)
                intact = linear(responses)
                at_once = max(1, _BATCH_VALUES // intact.numel())
                logits = [after(intact.clone()).float()[None]]  # a stage may work in place
                for some in _batches(sets, at_once):
                    lesioned = [intact - _share(linear, responses, gone) for gone in some]
                    logits.append(after(torch.cat(lesioned)).float().unflatten(0, (len(some), -1)))
            if int(truth.max()) >= logits[0].shape[-1]:
                raise ValueError(
                    f"labels go up to {int(truth.max())}, but the network has "
                    f"{logits[0].shape[-1]} outputs"
                )
            yield truth, torch.cat(logits)
    finally:
        model.train(was_training)


def _parts(model: nn.Sequential, layer: str) -> tuple[nn.Module, nn.Module, nn.Module]:
    """Cut the model after a layer, and again after the linear stage that reads it, if one does.

    Stages between the layer and that one which treat each filter by itself count as before.
    """
    if not isinstance(model, nn.Sequential):
        raise ValueError(
            f"the model must be an nn.Sequential of stages; got {type(model).__name__}"
        )
    _check_layer(layer, [name for name, _ in model.named_children()])
    before, after = [], list(model.named_children())
    while not before or before[-1][0] != layer:
        before.append(after.pop(0))
    stages = _leaves(stage for _, stage in after)
    first = [stage for _, stage in before]
    while stages and isinstance(stages[0], _FILTER_BY_FILTER):
        first.append(stages.pop(0))
    linear = []
    if stages and isinstance(stages[0], nn.Flatten):
        linear.append(stages.pop(0))
    if stages and _is_linear(stages[0]):
        linear.append(stages.pop(0))
    return nn.Sequential(*first), nn.Sequential(*linear), nn.Sequential(*stages)


def _leaves(stages: Iterable[nn.Module]) -> list[nn.Module]:
    """Return the stages one after the other, those of a sequence in its place."""
    found = []
    for stage in stages:
        found += _leaves(stage) if type(stage) is nn.Sequential else [stage]
    return found


def _is_linear(stage: nn.Module) -> bool:
    return type(stage) is nn.Linear or (
        type(stage) is nn.Conv2d and stage.groups == 1 and stage.padding_mode == "zeros"
    )


def _sets(lesions, n_filters: int, layer: str) -> list[torch.Tensor]:
    """Return the filters of each lesion, by default each filter by itself."""
    lesions = np.arange(n_filters)[:, None] if lesions is None else lesions
    for filters in lesions:
        _check_range(filters, n_filters, layer)
    return [torch.as_tensor(filters) for filters in lesions]


def _batches(sets: list, size: int) -> Iterator[list]:
    for start in range(0, len(sets), size):
        yield sets[start : start + size]


def _share(linear: nn.Sequential, responses: torch.Tensor, gone: torch.Tensor) -> torch.Tensor:
    """Return what some filters contribute to the linear stage: the rest is what the others do."""
    stage = linear[-1] if linear else None
    theirs = responses.movedim(1, -1)[..., gone].movedim(-1, 1)  # channels stay last in memory
    if isinstance(stage, nn.Conv2d):
        weight, how = stage.weight[:, gone], (stage.stride, stage.padding, stage.dilation)
        return nn.functional.conv2d(theirs, weight, None, *how)
    if isinstance(stage, nn.Linear) and (responses.ndim == 2 or len(linear) == 2):
        weight = stage.weight.unflatten(1, (responses.shape[1], -1))[:, gone].flatten(1)
        return nn.functional.linear(theirs.flatten(1), weight)
    nothing = torch.zeros_like(responses)
    return linear(nothing.index_copy(1, gone, theirs)) - linear(nothing)


def _members(split, labels, what) -> tuple[np.ndarray, np.ndarray]:
    """Return for both tasks of a split which images belong to it."""
    first, second = (np.asarray(list(classes), dtype=int) for classes in split)
    shared = np.intersect1d(first, second)
    if len(shared):
        raise ValueError(f"class {shared[0]} belongs to both tasks of a split")
    members = np.isin(labels, first), np.isin(labels, second)
    for classes, chosen in zip((first, second), members, strict=True):
        if not chosen.any():
            raise ValueError(f"there are no {what} of the classes {classes.tolist()[:5]}")
    return members


def _check_images(images, labels) -> tuple[torch.Tensor, torch.Tensor]:
    images = check_array(
        "images", images, shape=("n", "channels", "height", "width"), dtype=np.float32
    )
    labels = check_array("labels", labels, shape=(len(images),), dtype=np.int64)
    if labels.min() < 0:
        raise ValueError(f"labels must be 0 or larger; got {labels.min()}")
    return torch.from_numpy(np.require(images, requirements="W")), torch.as_tensor(labels)


def _check_layer(layer: str, names: list[str]) -> None:
    if layer not in names:
        raise ValueError(f"unknown layer {layer!r}; this network has: {', '.join(names)}")


def _check_filters(filters: Iterable[int]) -> np.ndarray:
    filters = np.asarray(list(filters))
    if filters.size == 0:
        raise ValueError("a lesion must name at least one filter; got none")
    if filters.ndim != 1 or not np.issubdtype(filters.dtype, np.integer):
        raise ValueError(f"filters must be positions, a flat list of integers; got {filters!r}")
    if len(np.unique(filters)) < len(filters):
        raise ValueError(f"a lesion names filters twice: {sorted(filters.tolist())}")
    if filters.min() < 0:
        raise ValueError(f"filters are counted from 0; got {filters.min()}")
    return filters


def _check_range(filters: np.ndarray, n_filters: int, layer: str) -> None:
    if max(filters) >= n_filters:
        raise ValueError(f"layer {layer!r} has {n_filters} filters; got {max(filters)}")
