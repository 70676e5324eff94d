"""Sixty-four objects of eight categories, and faces and cars without end, as solids of parts."""

import numpy as np

from brainlike.datasets.rendered.shapes import (
    _parts,
    animals,
    boats,
    cars,
    chairs,
    faces,
    fruits,
    more_cars,
    planes,
    tables,
)
from brainlike.datasets.rendered.shapes.animals import ANIMALS, animal
from brainlike.datasets.rendered.shapes.boats import BOATS
from brainlike.datasets.rendered.shapes.cars import CARS, car
from brainlike.datasets.rendered.shapes.chairs import CHAIRS
from brainlike.datasets.rendered.shapes.faces import FaceParameters, face, sample_face
from brainlike.datasets.rendered.shapes.fruits import FRUITS
from brainlike.datasets.rendered.shapes.more_cars import CarParameters, random_car, sample_car
from brainlike.datasets.rendered.shapes.planes import PLANES
from brainlike.datasets.rendered.shapes.tables import TABLES
from brainlike.datasets.rendered.solids import Solid

__all__ = [
    "CATEGORIES",
    "N_PER_CATEGORY",
    "OBJECT_NAMES",
    "CarParameters",
    "FaceParameters",
    "car_identity",
    "face",
    "identity",
    "make_object",
    "object_category",
    "random_car",
    "sample_car",
    "sample_face",
]

MODULES = (_parts, animals, boats, cars, chairs, faces, fruits, more_cars, planes, tables)
CATEGORIES = ("animals", "boats", "cars", "chairs", "faces", "fruits", "planes", "tables")
N_PER_CATEGORY = 8

OBJECT_NAMES = (
    *(a.name for a in ANIMALS),
    *BOATS,
    *(c.name for c in CARS),
    *CHAIRS,
    *(f"face {i + 1}" for i in range(N_PER_CATEGORY)),
    *FRUITS,
    *PLANES,
    *TABLES,
)

_MODELED = {**BOATS, **CHAIRS, **FRUITS, **PLANES, **TABLES}


def make_object(name_or_index: str | int) -> Solid:
    """Return one of the 64 objects.

    Parameters
    ----------
    name_or_index : str or int
        A name in `OBJECT_NAMES` or its position there (0 to 63).

    Raises
    ------
    ValueError
        If there is no such object; the message lists the names.

    Examples
    --------
    >>> make_object("dog").mesh(grid=32).faces.shape[1]
    3
    """
    index = _object_index(name_or_index)
    name, within = OBJECT_NAMES[index], index % N_PER_CATEGORY
    match CATEGORIES[index // N_PER_CATEGORY]:
        case "animals":
            return animal(within)
        case "cars":
            return car(within)
        case "faces":
            return face(sample_face(np.random.default_rng(1000 + within)))
        case _:
            return _MODELED[name]()


def object_category(name_or_index: str | int) -> int:
    """Return the position in `CATEGORIES` of an object's category."""
    return _object_index(name_or_index) // N_PER_CATEGORY


def identity(index: int) -> Solid:
    """Return face `index` of the identity set: a random face that never changes."""
    return face(sample_face(_rng_of_identity(5000, index)))


def car_identity(index: int) -> Solid:
    """Return car `index` of the identity set of cars: a random car that never changes."""
    return random_car(sample_car(_rng_of_identity(6000, index)))


def _rng_of_identity(first_seed, index):
    if index < 0:
        raise ValueError(f"identities are numbered from 0; got {index}")
    return np.random.default_rng(first_seed + index)


def _object_index(name_or_index: str | int) -> int:
    if isinstance(name_or_index, str):
        if name_or_index in OBJECT_NAMES:
            return OBJECT_NAMES.index(name_or_index)
    elif 0 <= name_or_index < len(OBJECT_NAMES):
        return int(name_or_index)
    raise ValueError(
        f"there is no object {name_or_index!r}; choose a number from 0 to 63 or one of: "
        + ", ".join(OBJECT_NAMES)
    )
