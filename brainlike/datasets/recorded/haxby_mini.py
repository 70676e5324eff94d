"""One slice of one brain that looks at eight kinds of object (Haxby et al. 2001).

The part of the first subject's data that the toolbox PyMVPA distributes for tests: twelve runs,
in each a block of every category, in one axial slice of the posterior half of the brain.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.signal import detrend

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

if TYPE_CHECKING:
    import nibabel

_FILES = ("bold.nii.gz", "mask.nii.gz", "attributes_literal.txt")
_N_RUNS, _N_VOLUMES, _N_VOXELS, _SHAPE = 12, 1452, 530, (40, 20, 1)
_CATEGORIES = ("bottle", "cat", "chair", "face", "house", "scissors", "scrambledpix", "shoe")
_RESTS = (6, 6, 5, 5, 5, 6, 5, 5, 6)  # volumes before, between and after the blocks of a run
_BLOCK = 9  # volumes of a block


@dataclass(frozen=True, eq=False)
class HaxbyMini:
    """Volumes, what was seen during each, and where the voxels are.

    Attributes
    ----------
    bold : (1452, 530) float64 array
        Signal of each volume in the voxels of the mask, in the scanner's arbitrary units.
    labels : (1452,) str array
        ``"rest"`` or what was on the screen: ``"bottle"``, ``"cat"``, ``"chair"``, ``"face"``,
        ``"house"``, ``"scissors"``, ``"scrambledpix"`` or ``"shoe"``.
    runs : (1452,) int array
        Run of each volume, 0 to 11; 121 volumes each.
    mask : (40, 20, 1) bool array
        Voxels inside the brain.
    affine : (4, 4) array
        From voxel indices to millimeters of the scanner, not of a standard brain.
    repetition_time : float
        Seconds from one volume to the next.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    bold: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    runs: np.ndarray = field(repr=False)
    mask: np.ndarray = field(repr=False)
    affine: np.ndarray = field(repr=False)
    repetition_time: float = 2.5
    source: str = "real"
    citation: str = "haxby2001"

    def __len__(self) -> int:
        return len(self.bold)

    def to_image(self, values: np.ndarray) -> "nibabel.Nifti1Image":
        """Return one value a voxel, (530,), as an image that nilearn can draw; 0 outside."""
        import nibabel

        values = check_array("values", values, shape=(int(self.mask.sum()),))
        volume = np.zeros(self.mask.shape, dtype=np.float32)
        volume[self.mask] = values
        return nibabel.Nifti1Image(volume, self.affine)


class BlockPatterns(NamedTuple):
    """One pattern a run and category, the categories of a run in alphabetical order.

    Attributes
    ----------
    patterns : (n_runs * n_categories, n_voxels) array
        ``patterns.reshape(n_runs, n_categories, n_voxels)`` takes them apart.
    labels : (n_runs * n_categories,) str array
    runs : (n_runs * n_categories,) int array
    """

    patterns: np.ndarray
    labels: np.ndarray
    runs: np.ndarray


@explain_strict
def load_haxby_mini(*, strict: bool = False) -> HaxbyMini:
    """Return one slice of one subject.

    Returns
    -------
    HaxbyMini

    References
    ----------
    Haxby et al. (2001), Distributed and overlapping representations of faces and objects in ventral
    temporal cortex, Science 293.
    """
    return read_or_simulate("haxby_mini", _FILES, _read, simulate_haxby_mini, strict=strict)


def standardize_runs(bold: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Remove each run's straight line from each voxel, and divide by the run's standard deviation.

    A run has an offset and a drift of its own, larger than the effect of what is seen. Each run is
    treated alone, so no information passes from one to another.

    Parameters
    ----------
    bold : (n_volumes, n_voxels) array
    runs : (n_volumes,) array
        Which run each volume is of.

    Returns
    -------
    (n_volumes, n_voxels) float64 array
        Mean 0 and standard deviation 1 over the volumes of every run, in every voxel.

    Raises
    ------
    ValueError
        If shapes differ, a value is not finite, or a voxel does not vary within a run.
    """
    bold = check_array("bold", bold, shape=("n_volumes", "n_voxels"))
    runs = check_array("runs", runs, shape=(len(bold),), dtype=None)
    standardized = np.empty_like(bold)
    for run in np.unique(runs):
        volumes = detrend(bold[runs == run], axis=0)
        spread = volumes.std(axis=0)
        still = np.flatnonzero(spread <= 1e-9 * np.abs(bold[runs == run]).max(axis=0))
        if still.size:
            raise ValueError(
                f"{still.size} voxels do not vary around their trend in run {run}, the first is "
                f"voxel {still[0]}; leave them out of the mask"
            )
        standardized[runs == run] = volumes / spread
    return standardized


def block_patterns(bold: np.ndarray, labels: np.ndarray, runs: np.ndarray) -> BlockPatterns:
    """Return the mean pattern of each run and category, after `standardize_runs`.

    Rest goes into the standardization, and has no pattern. No shift is made for the delay of the
    blood flow.

    Parameters
    ----------
    bold : (n_volumes, n_voxels) array
    labels : (n_volumes,) str array
        Category of each volume, or ``"rest"``.
    runs : (n_volumes,) array
        Which run each volume is of.

    Returns
    -------
    BlockPatterns

    Raises
    ------
    ValueError
        If shapes differ, all is rest, a run lacks a category, or a voxel does not vary.
    """
    standardized = standardize_runs(bold, runs)
    runs = np.asarray(runs)
    labels = check_array("labels", labels, shape=(len(runs),), dtype=str)
    categories = np.unique(labels[labels != "rest"])
    if categories.size == 0:
        raise ValueError("every label is 'rest': there is no block to average")
    conditions = [(run, category) for run in np.unique(runs) for category in categories]
    patterns = np.empty((len(conditions), standardized.shape[1]))
    for pattern, (run, category) in zip(patterns, conditions, strict=True):
        during = (runs == run) & (labels == category)
        if not during.any():
            raise ValueError(f"run {run} has no volume of '{category}'; leave out one or the other")
        pattern[:] = standardized[during].mean(axis=0)
    of_run, of_category = zip(*conditions, strict=True)
    return BlockPatterns(patterns, np.array(of_category), np.array(of_run))


def simulate_haxby_mini(seed: int = 0) -> HaxbyMini:
    """Return a stand-in: the real design, an oval of voxels, invented maps of the categories.

    A voxel's signal is a level of its own, a drift a run, the smooth map of what is seen, and noise
    that fades from volume to volume. The eight maps are independent: no category is special. There
    is no delay. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    HaxbyMini
    """
    rng = np.random.default_rng(seed)
    x, y, _ = np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in _SHAPE), indexing="ij")
    radius = np.hypot(x / 20, y / 10)
    mask = np.zeros(_SHAPE, dtype=bool)
    mask.ravel()[np.argsort(radius, axis=None, kind="stable")[:_N_VOXELS]] = True
    labels = np.concatenate([_design(rng) for _ in range(_N_RUNS)])
    runs = np.repeat(np.arange(_N_RUNS), _N_VOLUMES // _N_RUNS)
    maps = {one: gaussian_filter(rng.standard_normal(_SHAPE), 1.5)[mask] for one in _CATEGORIES}
    maps = {one: 8 * pattern / pattern.std() for one, pattern in maps.items()}
    maps["rest"] = np.full(_N_VOXELS, -5.0)
    noise = rng.normal(0, 15, size=(_N_VOLUMES, _N_VOXELS))
    for earlier, later in zip(noise[:-1], noise[1:], strict=True):
        later += 0.4 * earlier
    drift = np.linspace(-1, 1, _N_VOLUMES // _N_RUNS)[:, None]
    drifts = [slope * drift for slope in rng.normal(0, 20, size=(_N_RUNS, _N_VOXELS))]
    level = rng.uniform(800, 2000, size=_N_VOXELS)
    return HaxbyMini(
        bold=level + np.concatenate(drifts) + np.array([maps[one] for one in labels]) + noise,
        labels=labels,
        runs=runs,
        mask=mask,
        affine=np.array(
            [[-3.1, 0, 0, 60.45], [0, 3.75, 0, -35.625], [0, 0, 3.75, 0], [0, 0, 0, 1]]
        ),
        source="simulated",
    )


def _read(bold_path: Path, mask_path: Path, labels_path: Path) -> HaxbyMini:
    import nibabel

    image, mask = nibabel.load(bold_path), np.asarray(nibabel.load(mask_path).dataobj) > 0
    check_array("mask", mask, shape=_SHAPE, dtype=None)
    labels, runs = np.loadtxt(labels_path, dtype=str, unpack=True)
    bold = np.asarray(image.dataobj)[mask].T.astype(float)
    return HaxbyMini(
        bold=check_array("bold", bold, shape=(_N_VOLUMES, _N_VOXELS)),
        labels=labels,
        runs=runs.astype(int),
        mask=mask,
        affine=image.affine,
        repetition_time=float(image.header.get_zooms()[3]),
    )


def _design(rng: np.random.Generator) -> np.ndarray:
    """Return the labels of one run: a block of each category in random order, with rests."""
    blocks = [*rng.permutation(_CATEGORIES), ""]
    parts = [
        ["rest"] * n_rest + [category] * (_BLOCK if category else 0)
        for n_rest, category in zip(_RESTS, blocks, strict=True)
    ]
    return np.concatenate(parts)
