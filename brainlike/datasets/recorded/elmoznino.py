"""Dimensionality of 536 network layers, and how well each predicts visual cortex.

The tables of Elmoznino and Bonner (2024): layers of ResNets trained on many tasks, or untrained.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

_METRICS = "eigmetrics_dataset_imagenet_pooling_{}_grayscale_False.csv"
_SCORES = {  # our field to the file's benchmark
    "it": "dicarlo.MajajHong2015.IT.public-pls",
    "v4": "dicarlo.MajajHong2015.V4.public-pls",
    "v1": "movshon.FreemanZiemba2013.V1.public-pls",
    "evc": "bonner.Object2Vec.pls.roi_EVC",
    "loc": "bonner.Object2Vec.pls.roi_LOC",
}
_COLUMNS = {  # our field to the file's column
    "effective_dimensionality": "effective dimensionality",
    "exponent": "alpha",
    "dimensions_for_80_percent": "80% variance",
}
_KEY = ("architecture", "task", "kind", "source", "layer")
_FULL_NAMES = {  # the table of V1 shortens three tasks
    "Unsup Seg (25D)": "Unsupervised Segmentation (25D)",
    "Unsup Seg (2D)": "Unsupervised Segmentation (2D)",
    "Van Point Est": "Vanishing Point Estimation",
}
_N_LAYERS, _N_RESNET18, _N_UNTRAINED = 536, 13, 24


@dataclass(frozen=True, eq=False)
class Elmoznino:
    """Parallel arrays, one entry a layer.

    Attributes
    ----------
    architecture : (536,) str array
        ``"ResNet18"`` (8 layers a network) or ``"ResNet50"`` (16).
    task : (536,) str array
        What the network was trained on; ``"None"`` if untrained.
    training : (536,) str array
        ``"Supervised"``, ``"Self-Supervised"`` or ``"Untrained"``.
    weights : (536,) str array
        Where the trained network comes from.
    layer : (536,) str array
    effective_dimensionality : (536,) array
        Participation ratio over 10,000 images of ImageNet, of each channel's maximum over
        positions.
    exponent : (536,) array
        Of a power law through the whole spectrum, equal weight for each octave of ranks.
    dimensions_for_80_percent : (536,) array
        Principal components that hold 80 % of the variance.
    unpooled_effective_dimensionality, unpooled_exponent, unpooled_dimensions_for_80_percent : \
(536,) arrays
        The same of whole maps, through a random projection.
    it, v4, v1 : (536,) arrays
        The authors' encoding score for macaque neurons: how well 1,000 principal components of
        the whole layer predict them by partial least squares, on images held out.
    evc, loc : (536,) arrays
        The same for human fMRI: early visual cortex and the lateral occipital complex.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    architecture: np.ndarray = field(repr=False)
    task: np.ndarray = field(repr=False)
    training: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)
    layer: np.ndarray = field(repr=False)
    effective_dimensionality: np.ndarray = field(repr=False)
    exponent: np.ndarray = field(repr=False)
    dimensions_for_80_percent: np.ndarray = field(repr=False)
    unpooled_effective_dimensionality: np.ndarray = field(repr=False)
    unpooled_exponent: np.ndarray = field(repr=False)
    unpooled_dimensions_for_80_percent: np.ndarray = field(repr=False)
    it: np.ndarray = field(repr=False)
    v4: np.ndarray = field(repr=False)
    v1: np.ndarray = field(repr=False)
    evc: np.ndarray = field(repr=False)
    loc: np.ndarray = field(repr=False)
    source: str = "real"
    citation: str = "elmoznino2024"

    def __len__(self) -> int:
        return len(self.layer)

    @property
    def trained(self) -> np.ndarray:
        """Layers of trained networks, as a mask: 512 of them."""
        return self.training != "Untrained"


@explain_strict
def load_elmoznino(*, strict: bool = False) -> Elmoznino:
    """Return the table of layers, their dimensionality and their scores.

    Returns
    -------
    Elmoznino

    Raises
    ------
    ValueError
        If a file lacks a layer that the others have.

    References
    ----------
    Elmoznino and Bonner (2024), High-performing neural network models of visual cortex benefit
    from high latent dimensionality, PLoS Computational Biology 20.
    """
    names = [_METRICS.format(pooled) for pooled in (True, False)]
    names += [f"encoding_benchmark_{benchmark}_pooling_False.csv" for benchmark in _SCORES.values()]
    return read_or_simulate("elmoznino", names, _read_tables, simulate_elmoznino, strict=strict)


def simulate_elmoznino(seed: int = 0) -> Elmoznino:
    """Return a stand-in: 536 unnamed layers with an invented relation of dimension to score.

    Effective dimensionality is log-normal, but for some layers with hardly more than one dimension;
    the exponent is independent of it, and each score rises in a straight line with the logarithm of
    the dimensionality, the same for trained and untrained networks. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    Elmoznino
    """
    rng = np.random.default_rng(seed)
    sizes = np.repeat([8, 16], [_N_RESNET18, (_N_LAYERS - 8 * _N_RESNET18) // 16])
    network = np.repeat(np.arange(len(sizes)), sizes)
    training = np.where(network % 2, "Supervised", "Self-Supervised").astype(object)
    untrained = np.isin(network, (0, _N_RESNET18))  # 8 and 16 layers
    training[untrained] = "Untrained"
    logs = rng.normal(1.6, 0.9, _N_LAYERS)
    logs[::24] = -4  # layers with hardly more than one dimension, as the real table has them
    unpooled_logs = logs + rng.normal(2.2, 0.5, _N_LAYERS)
    scores = {
        name: np.clip(0.2 + 0.03 * logs + rng.normal(0, 0.06, _N_LAYERS), 0, 1) for name in _SCORES
    }
    return Elmoznino(
        architecture=np.where(network < _N_RESNET18, "ResNet18", "ResNet50"),
        task=np.where(untrained, "None", "simulated"),
        training=training.astype(str),
        weights=np.array([f"simulated-{number:02d}" for number in network + 1]),
        layer=np.concatenate([[f"layer{i:02d}" for i in range(1, n + 1)] for n in sizes]),
        effective_dimensionality=1 + np.exp(logs),
        exponent=rng.normal(1.1, 0.2, _N_LAYERS),
        dimensions_for_80_percent=np.round(1 + 4 * np.exp(logs)),
        unpooled_effective_dimensionality=1 + np.exp(unpooled_logs),
        unpooled_exponent=rng.normal(0.95, 0.3, _N_LAYERS),
        unpooled_dimensions_for_80_percent=np.round(1 + 4 * np.exp(unpooled_logs)),
        **scores,
        source="simulated",
    )


def _read_tables(*paths: Path) -> Elmoznino:
    """Join the tables by layer, in the order of the first: pooled, unpooled, then the scores."""
    pooled, unpooled, *scores = (_read_rows(path) for path in paths)
    keys = list(pooled)

    def column(table: dict, name: str) -> np.ndarray:
        return np.array([float(table[key][name]) for key in keys])

    for path, table in zip(paths, (pooled, unpooled, *scores), strict=True):
        if len(table) != _N_LAYERS or table.keys() != pooled.keys():
            raise ValueError(
                f"{path.name} must hold the {_N_LAYERS} layers of {paths[0].name}; it holds "
                f"{len(table)}, of which {len(table.keys() & pooled.keys())} are among them"
            )
    metrics = {ours: column(pooled, theirs) for ours, theirs in _COLUMNS.items()}
    metrics |= {f"unpooled_{ours}": column(unpooled, theirs) for ours, theirs in _COLUMNS.items()}
    named = zip(_SCORES, scores, strict=True)
    metrics |= {name: column(table, "score") for name, table in named}
    architecture, task, training, weights, layer = np.array(keys).T
    return Elmoznino(architecture, task, training, weights, layer, **metrics)


def _read_rows(path: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the rows of a table by network and layer."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["task"] = _FULL_NAMES.get(row["task"], row["task"])
    return {tuple(row[name] for name in _KEY): row for row in rows}
