"""Shape or texture? Trials of ten people and five networks on cue-conflict images.

Each image has the shape of one category and the texture of another (Geirhos et al. 2019). The
*shape bias* is the share of decisions for the shape among the decisions for either cue.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

CATEGORIES = (
    *("airplane", "bear", "bicycle", "bird", "boat", "bottle", "car", "cat"),
    *("chair", "clock", "dog", "elephant", "keyboard", "knife", "oven", "truck"),
)
SUBJECTS = tuple(f"subject-{number:02d}" for number in range(1, 11))
NETWORKS = ("AlexNet", "GoogLeNet", "VGG-16", "ResNet-50", "ResNet-50 (Stylized-ImageNet)")

_MAIN = "raw/style-transfer-512-nomask-experiment"
_NETWORK_FILES = {
    # The paper's AlexNet, GoogLeNet and VGG-16 ran in Caffe. Their namesakes among the torch
    # networks, in the other folder, are other networks with another shape bias.
    "AlexNet": f"{_MAIN}/style-transfer-512-nomask-experiment_alexnet_session_1.csv",
    "GoogLeNet": f"{_MAIN}/style-transfer-512-nomask-experiment_googlenet_session_1.csv",
    "VGG-16": f"{_MAIN}/style-transfer-512-nomask-experiment_vgg_session_1.csv",
    "ResNet-50": (
        f"{_MAIN}-trained-CNNs/style-transfer-512-nomask-experiment_resnet50_session-1.csv"
    ),
    "ResNet-50 (Stylized-ImageNet)": (
        f"{_MAIN}-trained-CNNs/"
        "style-transfer-512-nomask-experiment_resnet50_train_60_epochs_session-1.csv"
    ),
}
_FILES = {
    **{
        name: f"{_MAIN}/style-transfer-512-nomask-experiment_{name}_session_1.csv"
        for name in SUBJECTS
    },
    **_NETWORK_FILES,
}

# What the stand-in's observers do: shape bias in percent, and probability of an answer that
# names neither cue. Round numbers of our choosing, far from those of the real observers.
_INVENTED = {
    **dict.fromkeys(SUBJECTS, (80, 0.1)),
    "AlexNet": (70, 0.3),
    "GoogLeNet": (60, 0.3),
    "VGG-16": (50, 0.3),
    "ResNet-50": (40, 0.3),
    "ResNet-50 (Stylized-ImageNet)": (60, 0.3),
}


@dataclass(frozen=True, eq=False)
class CueConflict:
    """Trials in parallel arrays, one entry a trial; categories are words.

    Attributes
    ----------
    observer : (n_trials,) str array
        ``"subject-01"`` to ``"subject-10"``, or the name of a network.
    kind : (n_trials,) str array
        ``"human"`` or ``"network"``.
    shape, texture : (n_trials,) str array
        Category of each cue. They agree in 80 of an observer's 1,280 trials; `conflict` drops
        those.
    response : (n_trials,) str array
        Category that the observer chose; ``"na"`` where a person did not answer in time.
    imagename : (n_trials,) str array
        File name of the stimulus, such as ``"cat7-clock3.png"``.
    categories : tuple of str
        The 16 categories.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    observer: np.ndarray
    kind: np.ndarray
    shape: np.ndarray
    texture: np.ndarray
    response: np.ndarray
    imagename: np.ndarray
    categories: tuple[str, ...] = CATEGORIES
    source: str = "real"
    citation: str = "geirhos2019"

    def __len__(self) -> int:
        return len(self.observer)

    @property
    def group(self) -> np.ndarray:
        """``"humans"`` for every person's trials, the network's name for a network's."""
        return np.where(self.kind == "human", "humans", self.observer)

    def select(self, keep: np.ndarray) -> "CueConflict":
        """Return some of the trials.

        Parameters
        ----------
        keep : (n_trials,) bool array or array of int
            Mask or indices, as in ``trials.select(trials.kind == "human")``.
        """
        arrays = {
            field.name: getattr(self, field.name)[keep]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **arrays)

    def conflict(self) -> "CueConflict":
        """Return the trials in which shape and texture name different categories."""
        return self.select(self.shape != self.texture)


class ShapeBias(NamedTuple):
    """Decisions for the shape in percent of those for either cue, and the two counts."""

    percent: float
    n_shape: int
    n_texture: int


def shape_bias(trials: CueConflict, by: str = "group") -> dict[str, ShapeBias]:
    """Return the shape bias of each group of trials, as Geirhos et al. (2019) define it.

    Trials whose cues agree do not count, nor do answers that name neither cue. Decisions are
    pooled within a group: for people, the published value is that of all their decisions
    together, not the mean over people.

    Parameters
    ----------
    trials : CueConflict
    by : {"group", "observer", "kind", "shape", "texture"}, optional
        What makes a group; ``"group"`` pools people and keeps networks apart. ``"shape"`` gives
        one value a category of the shape cue.

    Returns
    -------
    dict of str to ShapeBias
        In order of appearance.

    Raises
    ------
    ValueError
        If a group has no decision for either cue: its shape bias is not defined.

    References
    ----------
    Geirhos et al. (2019), ImageNet-trained CNNs are biased towards texture, ICLR.

    Examples
    --------
    >>> trials = simulate_cueconflict()
    >>> shape_bias(trials.select(trials.kind == "human"))["humans"].percent > 70
    True
    """
    choices = ("group", "observer", "kind", "shape", "texture")
    if by not in choices:
        raise ValueError(f"by must be one of {', '.join(choices)}; got {by!r}")
    labels = getattr(trials, by)
    return {
        str(name): shape_bias_of(
            trials.shape[labels == name],
            trials.texture[labels == name],
            trials.response[labels == name],
            name=str(name),
        )
        for name in dict.fromkeys(labels)
    }


def shape_bias_of(
    shape: Sequence, texture: Sequence, response: Sequence, *, name: str = "these trials"
) -> ShapeBias:
    """Return the shape bias of one set of decisions; labels may be words or numbers.

    Parameters
    ----------
    shape, texture, response : (n_trials,) array_like
        Category of each cue, and the category chosen.
    name : str, optional
        What an error message calls these trials.

    Returns
    -------
    ShapeBias

    Raises
    ------
    ValueError
        If the lengths differ, or no decision is for either cue.

    Examples
    --------
    >>> shape_bias_of(["cat", "cat", "dog", "dog"], ["car", "car", "car", "dog"],
    ...               ["cat", "car", "dog", "dog"])
    ShapeBias(percent=66.66666666666667, n_shape=2, n_texture=1)
    """
    shape, texture, response = map(np.asarray, (shape, texture, response))
    if not shape.shape == texture.shape == response.shape or shape.ndim != 1:
        raise ValueError(
            "shape, texture and response must be (n_trials,) each; "
            f"got {shape.shape}, {texture.shape} and {response.shape}"
        )
    conflict = shape != texture
    n_shape = int(np.sum(conflict & (response == shape)))
    n_texture = int(np.sum(conflict & (response == texture)))
    if n_shape + n_texture == 0:
        raise ValueError(
            f"{name}: no decision for shape or texture in {int(conflict.sum())} conflict trials, "
            "so the shape bias is not defined"
        )
    return ShapeBias(100 * n_shape / (n_shape + n_texture), n_shape, n_texture)


@explain_strict
def load_cueconflict(*, strict: bool = False) -> CueConflict:
    """Return the trials of ten people and five networks, 1,280 each.

    Returns
    -------
    CueConflict

    References
    ----------
    Geirhos et al. (2019), ImageNet-trained CNNs are biased towards texture, ICLR.
    """
    names = list(_FILES.values())
    return read_or_simulate("cueconflict", names, _read, simulate_cueconflict, strict=strict)


def simulate_cueconflict(seed: int = 0) -> CueConflict:
    """Return a stand-in with the design of the real trials and invented observers.

    Observers and counts are the real ones: each sees 5 images of each of 16 x 16 pairs of
    categories. Each decides for the shape with a probability of its own, a round number that we
    made up (people 80 %, AlexNet 70, GoogLeNet 60, VGG-16 50, ResNet-50 40, and 60 after
    Stylized-ImageNet), after choosing neither cue with probability 0.1 (people) or 0.3. Nothing
    in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    CueConflict
    """
    rng = np.random.default_rng(seed)
    pairs = [(shape, texture) for shape in CATEGORIES for texture in CATEGORIES for _ in range(5)]
    rows = []
    for observer, (bias, error_rate) in _INVENTED.items():
        for trial, (shape, texture) in enumerate(pairs):
            if rng.random() < error_rate:
                response = str(rng.choice([c for c in CATEGORIES if c not in (shape, texture)]))
            else:
                response = shape if 100 * rng.random() < bias else texture
            imagename = f"{shape}{trial % 5 + 1}-{texture}{trial % 3 + 1}.png"
            rows.append((observer, _kind(observer), shape, texture, response, imagename))
    return _from_rows(rows, source="simulated")


def _kind(observer: str) -> str:
    return "human" if observer in SUBJECTS else "network"


def cues(imagename: str) -> tuple[str, str]:
    """Split a file name such as ``"cat7-clock3.png"`` into the categories of its two cues.

    Parameters
    ----------
    imagename : str

    Returns
    -------
    shape, texture : str
    """
    match = re.fullmatch(r"([a-z]+)\d+-([a-z]+)\d+\.png", imagename)
    if match is None:
        raise ValueError(f"{imagename!r} does not name a shape and a texture, as cat7-clock3.png")
    return match.group(1), match.group(2)


def _read(*paths: Path) -> CueConflict:
    rows = []
    for observer, path in zip(_FILES, paths, strict=True):
        with path.open(newline="", encoding="utf-8") as stream:
            rows += [_trial(observer, row) for row in csv.DictReader(stream)]
    return _from_rows(rows, source="real")


def _trial(observer: str, row: dict[str, str]) -> tuple[str, ...]:
    imagename = row["imagename"].rsplit("_", 1)[-1]  # without session, trial and condition
    return (observer, _kind(observer), *cues(imagename), row["object_response"], imagename)


def _from_rows(rows: list[tuple[str, ...]], source: str) -> CueConflict:
    return CueConflict(*(np.array(column) for column in zip(*rows, strict=True)), source=source)
