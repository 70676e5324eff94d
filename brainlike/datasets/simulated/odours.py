"""Odours to tell apart: random mixtures, each of the class of its nearest prototype.

The task of Wang et al. (2021). An odour is what it does to the receptor types of a nose, one
number a type. Nothing in it says that types should be kept apart on the way to the brain.
"""

from dataclasses import dataclass, field

import numpy as np

from brainlike._validate import check_array


@dataclass(frozen=True, eq=False)
class OdourTask:
    """Odours uniform in the unit cube, classed by the nearest of some fixed prototypes.

    Attributes
    ----------
    prototypes : array, (n_prototypes, n_types)
        Responses of the receptor types to the prototypes, from 0 to 1.
    classes : int array, (n_prototypes,)
        Class of each prototype. With as many classes as prototypes the task is linear in the
        odours; with fewer it is not.

    Examples
    --------
    >>> task = make_odour_task(seed=0)
    >>> odours, labels = task.sample(256, seed=1)
    >>> odours.shape, labels.shape
    ((256, 50), (256,))
    """

    prototypes: np.ndarray = field(repr=False)
    classes: np.ndarray = field(repr=False)

    def __post_init__(self):
        prototypes = check_odours("prototypes", self.prototypes)
        classes = check_array("classes", self.classes, shape=(len(prototypes),), dtype=np.int64)
        if classes.min() < 0:
            raise ValueError(f"classes must be 0 or larger; got {classes.min()}")
        object.__setattr__(self, "prototypes", prototypes)
        object.__setattr__(self, "classes", classes)
        # argmin |x - p|^2 is argmax x.p - |p|^2 / 2: one matrix product instead of distances
        object.__setattr__(self, "_offsets", 0.5 * (prototypes**2).sum(axis=1))

    @property
    def n_types(self) -> int:
        """Number of receptor types."""
        return self.prototypes.shape[1]

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return int(self.classes.max()) + 1

    def label(self, odours: np.ndarray) -> np.ndarray:
        """Return the class ``(n_odours,)`` of each row of odours ``(n_odours, n_types)``.

        Raises
        ------
        ValueError
            If the odours have another number of types, or are negative, NaN or infinite.
        """
        return self._label(check_odours("odours", odours, n_types=self.n_types))

    def _label(self, odours: np.ndarray) -> np.ndarray:
        return self.classes[(odours @ self.prototypes.T - self._offsets).argmax(axis=1)]

    def sample(
        self, n_odours: int, seed: int | np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw new odours and class them.

        Parameters
        ----------
        n_odours : int
        seed : int or numpy.random.Generator
            A generator goes on where it stopped, so that each call gives fresh odours.

        Returns
        -------
        odours : float32 array, (n_odours, n_types)
        labels : int array, (n_odours,)
        """
        rng = np.random.default_rng(seed)
        odours = rng.random((n_odours, self.n_types), dtype=np.float32)
        return odours, self._label(odours)


def make_odour_task(
    n_types: int = 50, n_classes: int = 100, n_prototypes: int | None = None, *, seed: int
) -> OdourTask:
    """Return a task with random prototypes.

    Parameters
    ----------
    n_types : int
        Receptor types: about 50 in the fly.
    n_classes : int
    n_prototypes : int, optional
        As many as classes by default. With more of them each class has several, far apart: no
        linear map solves that.
    seed : int
        Decides the prototypes.

    Returns
    -------
    OdourTask

    Raises
    ------
    ValueError
        If there are fewer than 2 types or classes, or fewer prototypes than classes.

    References
    ----------
    Wang, Sun, Axel, Abbott and Yang (2021) Neuron 109:3879.
    """
    n_prototypes = n_classes if n_prototypes is None else n_prototypes
    if n_types < 2 or n_classes < 2:
        raise ValueError(f"need 2 types and 2 classes or more; got {n_types} and {n_classes}")
    if n_prototypes < n_classes:
        raise ValueError(
            f"need a prototype for each class; got {n_prototypes} for {n_classes} classes"
        )
    rng = np.random.default_rng(seed)
    prototypes = rng.random((n_prototypes, n_types), dtype=np.float32)
    return OdourTask(prototypes, np.arange(n_prototypes) % n_classes)


def check_odours(name: str, odours, n_types: int | None = None) -> np.ndarray:
    """Return odours ``(n_odours, n_types)`` as float32, or say what is wrong with them.

    Raises
    ------
    ValueError
        If the shape does not fit, or a value is negative, NaN or infinite: a receptor neuron's
        firing rate is none of these.
    """
    shape = ("n_odours", "n_types" if n_types is None else n_types)
    odours = check_array(name, odours, shape=shape, dtype=np.float32)
    if odours.min() < 0:
        count = np.count_nonzero(odours < 0)
        raise ValueError(
            f"{name} has {count} of {odours.size} values below 0 (the lowest is "
            f"{odours.min():.3g}); receptors fire at positive rates: shift or clip them first"
        )
    return odours
