"""92 object images with human and monkey inferior temporal cortex (IT) and similarity judgments.

Representational dissimilarity matrices (RDMs) of fMRI in four people (Kriegeskorte et al. 2008),
of 674 neurons in two monkeys, of judgments by 16 people (Mur et al. 2013), and of models
(Nili et al. 2014), all over the same images in the same order.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.io
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import squareform

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

_FILES = (
    "Kriegeskorte_Neuron2008_supplementalData.mat",
    "92_brainRDMs.mat",
    "92_modelRDMs.mat",
    "92_behavRDMs.mat",
)
_COUNTS = {
    "human bodypart": 12,
    "human face": 12,
    "nonhuman bodypart": 12,
    "nonhuman face": 12,
    "natural inanimate": 23,
    "artificial inanimate": 21,
}


@dataclass(frozen=True, eq=False)
class Images92:
    """The images, what they show, and their RDMs. Every RDM is symmetric with a zero diagonal.

    Attributes
    ----------
    images : (92, 3, 175, 175) float32 array
        In [0, 1], on mid-grey. Their licence does not let a page show them.
    names : (92,) str array
        Category and running number, such as ``"human face 3"``.
    category : (92,) str array
        One of six: human or nonhuman body part or face, natural or artificial inanimate.
    animate, human, face, natural : (92,) bool arrays
        48, 24, 24 and 71 images; everything animate counts as natural.
    human_rdms : (4, 2, 92, 92) array
        One a subject and session: 1 - Pearson r between response patterns in human IT.
    human_rdm : (92, 92) array
        Mean over subjects and sessions; the published group RDM of 316 voxels.
    monkey_rdm : (92, 92) array
        1 - Pearson r between patterns of 674 IT neurons of two monkeys.
    judgment_rdms : (16, 92, 92) array
        One a subject: dissimilarity as judged by arranging the images, in arbitrary units.
    model_rdms : dict of str to (92, 92) array
        Named as in the file: from categories (``"animacy"``, ``"FaceBodyManmadeNatobj"``),
        from the images (``"HMAX"``, ``"V1"``, ``"Silhouette"``, ``"RADON"``), measured
        (``"monkeyIT"``), and ``"EVA"``, which the file does not spell out (presumably early
        visual areas).
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    images: np.ndarray = field(repr=False)
    names: np.ndarray = field(repr=False)
    category: np.ndarray = field(repr=False)
    animate: np.ndarray = field(repr=False)
    human: np.ndarray = field(repr=False)
    face: np.ndarray = field(repr=False)
    natural: np.ndarray = field(repr=False)
    human_rdms: np.ndarray = field(repr=False)
    human_rdm: np.ndarray = field(repr=False)
    monkey_rdm: np.ndarray = field(repr=False)
    judgment_rdms: np.ndarray = field(repr=False)
    model_rdms: dict[str, np.ndarray] = field(repr=False)
    source: str = "real"
    citation: str = "kriegeskorte2008"

    def __len__(self) -> int:
        return len(self.images)


@explain_strict
def load_images92(*, strict: bool = False) -> Images92:
    """Return the 92 images with their brain, behaviour and model RDMs.

    Returns
    -------
    Images92

    References
    ----------
    Kriegeskorte et al. (2008), Matching categorical object representations in inferior temporal
    cortex of man and monkey, Neuron 60. Mur et al. (2013), Human object-similarity judgments
    reflect and transcend the primate-IT object representation, Frontiers in Psychology 4. Nili
    et al. (2014), A toolbox for representational similarity analysis, PLoS Comput Biol 10.
    """
    return read_or_simulate("92images", _FILES, _read, simulate_images92, strict=strict)


def simulate_images92(seed: int = 0) -> Images92:
    """Return a stand-in: the real categories, invented response patterns, noise for images.

    A pattern over 300 units is the sum of an animacy effect, a category effect, an effect of the
    image and noise. Humans and monkey share the effects in part. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    Images92
    """
    rng = np.random.default_rng(seed)
    category = np.repeat(list(_COUNTS), list(_COUNTS.values()))
    animate, _, face, _ = _flags(category)
    kind = np.where(face, "face", category)
    kind[animate & ~face] = "body"
    shared = _effects(rng, animate, category)

    def rdm(signal: np.ndarray, noise: float) -> np.ndarray:
        return _correlation_rdm(signal + noise * rng.standard_normal(signal.shape))

    people = [0.8 * shared + 0.6 * _effects(rng, animate, category) for _ in range(4)]
    human_rdms = np.array([[rdm(person, 2.0) for _ in range(2)] for person in people])
    monkey_rdm = rdm(0.8 * shared + 0.6 * _effects(rng, animate, category), 1.0)
    noise = rng.standard_normal((92, 3, 175, 175), dtype=np.float32)
    images = gaussian_filter(noise, sigma=(0, 0, 8, 8))
    unrelated = ("EVA", "HMAX", "V1", "Silhouette", "RADON")
    return _assemble(
        images=np.clip(0.5 + 0.2 * images / images.std(), 0, 1).astype(np.float32),
        category=category,
        human_rdms=human_rdms,
        human_rdm=human_rdms.mean(axis=(0, 1)),
        monkey_rdm=monkey_rdm,
        judgment_rdms=np.array([rdm(shared, 2.0) for _ in range(16)]),
        model_rdms={
            "animacy": animate[:, None] != animate,
            "FaceBodyManmadeNatobj": kind[:, None] != kind,
            "monkeyIT": monkey_rdm,
            **{name: rdm(np.zeros((92, 300)), 1.0) for name in unrelated},
        },
        source="simulated",
    )


def _read(*paths: Path) -> Images92:
    main, brain, models, judgments = map(_read_mat, paths)
    group = {rdm.name: squareform(rdm.RDM) for rdm in main["RDMs_mIT_hIT_fig1"]}
    stimuli = main["stimuli_92objs"]
    return _assemble(
        images=np.stack([np.float32(one.image.transpose(2, 0, 1)) / 255 for one in stimuli]),
        category=np.array([one.category for one in stimuli]),
        human_rdms=np.array([[one.RDM for one in sessions] for sessions in brain["RDMs"]]),
        human_rdm=group["hITvisStim_316vx"],
        monkey_rdm=group["mIT_674neurons"],
        judgment_rdms=np.array([one.RDM for one in judgments["rdms_behav_92"]]),
        model_rdms={one.name: one.RDM for one in models["Models"]},
        source="real",
    )


def _read_mat(path: Path) -> dict:
    return scipy.io.loadmat(path, struct_as_record=False, squeeze_me=True)


def _assemble(*, category: np.ndarray, model_rdms: dict, source: str, **arrays) -> Images92:
    """Derive names and flags from the categories, and check every RDM."""
    running = [int(np.sum(category[:i] == one)) + 1 for i, one in enumerate(category)]
    animate, human, face, natural = _flags(category)
    for name in ("human_rdms", "human_rdm", "monkey_rdm", "judgment_rdms"):
        arrays[name] = _check_rdms(name, arrays[name])
    return Images92(
        names=np.array([f"{one} {n}" for one, n in zip(category, running, strict=True)]),
        category=category,
        animate=animate,
        human=human,
        face=face,
        natural=natural,
        model_rdms={name: _check_rdms(name, rdm) for name, rdm in model_rdms.items()},
        source=source,
        **arrays,
    )


def _flags(category: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return animate, human, face and natural, as the files flag them."""
    animate = ~np.char.endswith(category, "inanimate")
    human = np.char.startswith(category, "human")
    face = np.char.endswith(category, "face")
    return animate, human, face, animate | np.char.startswith(category, "natural")


def _check_rdms(name: str, rdms: np.ndarray) -> np.ndarray:
    """Return RDMs as float64, or say which property of an RDM they lack."""
    rdms = check_array(name, rdms)
    if rdms.shape[-2:] != (92, 92):
        raise ValueError(f"{name} must be (..., 92, 92); got {rdms.shape}")
    if not np.array_equal(rdms, rdms.swapaxes(-1, -2)):
        raise ValueError(f"{name} is not symmetric")
    if np.any(np.diagonal(rdms, axis1=-2, axis2=-1)):
        raise ValueError(f"{name} has a diagonal that is not zero")
    return rdms


def _effects(rng: np.random.Generator, animate: np.ndarray, category: np.ndarray) -> np.ndarray:
    """Return patterns (92, 300): an effect of animacy, one of category, one of the image."""
    _, of_category = np.unique(category, return_inverse=True)
    by_animacy = rng.standard_normal((2, 300))[animate.astype(int)]
    by_category = rng.standard_normal((len(_COUNTS), 300))[of_category]
    return 0.4 * by_animacy + 0.3 * by_category + 0.9 * rng.standard_normal((92, 300))


def _correlation_rdm(patterns: np.ndarray) -> np.ndarray:
    """Return 1 - Pearson r between rows, exactly symmetric with an exactly zero diagonal."""
    rdm = 1 - np.corrcoef(patterns)
    rdm = (rdm + rdm.T) / 2
    np.fill_diagonal(rdm, 0)
    return rdm
