"""Brain-Score of 243 networks and their accuracy on ImageNet: the table behind CORnet-S.

Brain-Score (Schrimpf et al. 2018) averages how well a network predicts neurons of V4 and IT and
the pattern of behavioral confusions; Kubilius et al. (2019) add the timing of IT.
"""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

_FILE = "data.csv"
_COLUMNS = {  # ours to the file's
    "imagenet_top1": "ImageNet",
    "v4": "V4",
    "it": "IT",
    "behavior": "Behavior",
    "ost": "OST",
    "brain_score": "Brain-Score",
}
_N_MODELS, _N_UNSCORED = 243, 5


@dataclass(frozen=True, eq=False)
class BrainScore2019:
    """Parallel arrays, one entry a network.

    Attributes
    ----------
    model : (243,) str array
        Name; a training step follows ``--`` where the entry is a checkpoint.
    imagenet_top1 : (243,) array
        Fraction of ImageNet's validation images classified correctly.
    v4, it : (243,) arrays
        Median over neurons of the correlation between measured and predicted responses, relative
        to the noise ceiling. NaN for 5 networks, which then have no `brain_score` either.
    behavior : (243,) array
        Correlation with human confusions, image by image, relative to its ceiling. NaN for one of
        those 5.
    ost : (243,) array
        Agreement of object solution times, *when* IT solves an image. Zero by definition for a
        network without recurrence, so for all but CORnet-S.
    brain_score : (243,) array
        Mean of `v4`, `it`, `behavior` and `ost`.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    model: np.ndarray = field(repr=False)
    imagenet_top1: np.ndarray = field(repr=False)
    v4: np.ndarray = field(repr=False)
    it: np.ndarray = field(repr=False)
    behavior: np.ndarray = field(repr=False)
    ost: np.ndarray = field(repr=False)
    brain_score: np.ndarray = field(repr=False)
    source: str = "real"
    citation: str = "kubilius2019"

    def __len__(self) -> int:
        return len(self.model)

    @property
    def family(self) -> np.ndarray:
        """First word of each name, such as ``"BaseNet6"`` (181 of the entries) or ``"ResNet"``."""
        return np.array([re.split("[ _-]", name)[0] for name in self.model])

    @property
    def scored(self) -> np.ndarray:
        """True for the networks that have a Brain-Score."""
        return ~np.isnan(self.brain_score)


@explain_strict
def load_brainscore2019(*, strict: bool = False) -> BrainScore2019:
    """Return the table of 243 networks.

    Returns
    -------
    BrainScore2019

    References
    ----------
    Kubilius, Schrimpf et al. (2019), Brain-like object recognition with high-performing shallow
    recurrent ANNs, NeurIPS. Schrimpf, Kubilius et al. (2018), Brain-Score: which artificial neural
    network for object recognition is most brain-like?, bioRxiv.
    """
    return read_or_simulate(
        "brainscore2019", [_FILE], _read_table, simulate_brainscore2019, strict=strict
    )


def simulate_brainscore2019(seed: int = 0) -> BrainScore2019:
    """Return a stand-in: 243 unnamed networks with an invented relation of accuracy to score.

    Accuracy is spread evenly from 0 to 0.85. Each part of the score rises in a straight line with
    accuracy, the same at the top as at the bottom, plus independent noise. As in the real table,
    one network has object solution times, five have no score, and the Brain-Score is the mean of
    its four parts. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    BrainScore2019
    """
    rng = np.random.default_rng(seed)
    imagenet_top1 = rng.permutation(np.linspace(0.001, 0.85, _N_MODELS))
    v4, it, behavior = (
        base + slope * imagenet_top1 + 0.05 * rng.standard_normal(_N_MODELS)
        for base, slope in ((0.5, 0.1), (0.4, 0.1), (0.2, 0.2))
    )
    ost = np.zeros(_N_MODELS)
    ost[0] = 0.2
    for part in (v4, it):
        part[-_N_UNSCORED:] = np.nan
    behavior[-1] = np.nan
    return BrainScore2019(
        model=np.array([f"simulated-{number:03d}" for number in range(1, _N_MODELS + 1)]),
        imagenet_top1=imagenet_top1,
        v4=v4,
        it=it,
        behavior=behavior,
        ost=ost,
        brain_score=(v4 + it + behavior + ost) / 4,
        source="simulated",
    )


def _read_table(path: Path) -> BrainScore2019:
    """Return the columns of the file; an empty cell is NaN."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    numbers = {
        ours: np.array([float(row[theirs] or "nan") for row in rows])
        for ours, theirs in _COLUMNS.items()
    }
    return BrainScore2019(model=np.array([row["Model"] for row in rows]), **numbers)
