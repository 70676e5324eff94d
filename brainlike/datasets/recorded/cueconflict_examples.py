"""A few cue-conflict stimuli to look at; their licence (CC BY 4.0) lets a page show them."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from matplotlib.image import imread

from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate
from brainlike.datasets.recorded.cueconflict import cues

_EXAMPLES = ("elephant4-bicycle2", "bird6-airplane2", "clock6-chair3", "truck9-airplane2")


@dataclass(frozen=True, eq=False)
class CueConflictExamples:
    """Four stimuli that the licence allows a page to show.

    Attributes
    ----------
    images : (4, 3, 224, 224) float32 array
        In [0, 1].
    shape, texture : tuple of str
        Category of each cue.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    images: np.ndarray = field(repr=False)
    shape: tuple[str, ...]
    texture: tuple[str, ...]
    source: str
    citation: str = "geirhos2019"


@explain_strict
def load_cueconflict_examples(*, strict: bool = False) -> CueConflictExamples:
    """Return four of the stimuli, or drawn figures (a disc of stripes, ...) as a stand-in.

    Returns
    -------
    CueConflictExamples

    References
    ----------
    Geirhos et al. (2019), ImageNet-trained CNNs are biased towards texture, ICLR.
    """
    names = [f"stimuli_subset/{name}.png" for name in _EXAMPLES]
    return read_or_simulate(
        "cueconflict", names, _read, simulate_cueconflict_examples, strict=strict
    )


def simulate_cueconflict_examples() -> CueConflictExamples:
    """Return a stand-in: four figures, each filled with a pattern, on mid-grey.

    Returns
    -------
    CueConflictExamples
    """
    y, x = np.mgrid[-1:1:224j, -1:1:224j]
    radius = np.hypot(x, y)
    figures = {
        "disc": radius < 0.7,
        "square": np.maximum(abs(x), abs(y)) < 0.6,
        "ring": abs(radius - 0.55) < 0.2,
        "cross": (np.minimum(abs(x), abs(y)) < 0.2) & (np.maximum(abs(x), abs(y)) < 0.75),
    }
    patterns = {
        "stripes": np.sin(40 * x),
        "checks": np.sin(30 * x) * np.sin(30 * y),
        "diagonals": np.sin(30 * (x + y)),
        "rings": np.sin(50 * radius),
    }
    images = [
        np.where(figure, 0.5 + 0.45 * np.sign(pattern), 0.5)
        for figure, pattern in zip(figures.values(), patterns.values(), strict=True)
    ]
    stacked = np.repeat(np.stack(images)[:, None], 3, axis=1).astype(np.float32)
    return CueConflictExamples(stacked, tuple(figures), tuple(patterns), "simulated")


def _read(*paths: Path) -> CueConflictExamples:
    images = np.stack([imread(path)[..., :3].transpose(2, 0, 1) for path in paths])
    shapes, textures = zip(*(cues(f"{name}.png") for name in _EXAMPLES), strict=True)
    return CueConflictExamples(images.astype(np.float32), shapes, textures, "real")
