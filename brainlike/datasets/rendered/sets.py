"""Rendered objects, the same textured, faces and cars: made on your machine, once, from code.

The object sets have the counts of Yamins et al. (2014): 8 categories x 8 objects x 90 views. The
textured set shows them from close by, each view with three *surfaces* at once: the object's own
paint, a texture of the family that belongs to its category, and one of another category's family.
"""

import os
import time
from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np

from brainlike._cache import find_made, made_once
from brainlike._validate import check_array, check_count
from brainlike.datasets.rendered._rendering import (
    GRID,
    IDENTITIES,
    RESOLUTION,
    SURFACES,
    render_all,
)
from brainlike.datasets.rendered.render import POSE_NAMES, SAMPLES
from brainlike.datasets.rendered.rendered_set import RenderedSet
from brainlike.datasets.rendered.shapes import CATEGORIES, OBJECT_NAMES, object_category

VERSIONS = {"objects": 2, "textured": 1, "faces": 1, "cars": 1}  # raise one when its images change
N_TRAIN_VIEWS = 70  # the first ones; no network of the zoo is trained on the others

Views = Literal["held-out"] | Sequence[int]


def load_rendered_objects(
    n_views: int = 90,
    *,
    views: Views | None = None,
    progress: bool = True,
    n_jobs: int | None = None,
) -> RenderedSet:
    """Return the 64 objects from `n_views` views each, rendered once and cached.

    They have one surface, ``"paint"``.

    Parameters
    ----------
    n_views : int
        Views of each object; fewer views are the first ones of the full set.
    views : "held-out" or sequence of int, optional
        Only these views of the `n_views`, by their numbers from 0: the others are not rendered.
        ``"held-out"`` means those that no network of the zoo is trained on, 70 to 89.
    progress : bool
        Show a progress bar while rendering.
    n_jobs : int, optional
        Number of processes (default: one for each core); it does not change the images.

    Returns
    -------
    RenderedSet
        Images of object 0 first, in the order of its views, then of object 1, and so on.

    Raises
    ------
    ValueError
        If a number is below 1, or there is no such view.
    PermissionError
        If the cache folder cannot be written.

    References
    ----------
    Yamins, D. L. K., et al. (2014). Performance-optimized hierarchical models predict neural
    responses in higher visual cortex. PNAS 111, 8619-8624.
    """
    return _load_set("objects", range(len(OBJECT_NAMES)), n_views, views, progress, n_jobs)


def load_textured_objects(
    n_views: int = 90,
    *,
    views: Views | None = None,
    progress: bool = True,
    n_jobs: int | None = None,
) -> RenderedSet:
    """Return the 64 objects from close by with three surfaces, rendered once and cached.

    Each view shows the same shape under the same light with its ``"paint"``, a texture of its
    category's own family (``"own_texture"``) and one of another family (``"other_texture"``,
    named by the field `other_texture`). Views are drawn by `sample_close_view`: networks could
    not tell the families apart on objects that fill a sixth of the frame. Parameters, returns
    and errors are those of `load_rendered_objects`.

    References
    ----------
    Geirhos, R., et al. (2019). ImageNet-trained CNNs are biased towards texture. ICLR.
    """
    return _load_set("textured", range(len(OBJECT_NAMES)), n_views, views, progress, n_jobs)


def load_rendered_faces(
    n_identities: int = 64,
    n_views: int = 90,
    *,
    views: Views | None = None,
    progress: bool = True,
    n_jobs: int | None = None,
) -> RenderedSet:
    """Return `n_identities` random faces from `n_views` views each, rendered once and cached.

    They have one surface, ``"paint"``. Other parameters, returns and errors are those of
    `load_rendered_objects`; yaw stays within 42 degrees of frontal.
    """
    check_count("n_identities", n_identities)
    return _load_set("faces", range(n_identities), n_views, views, progress, n_jobs)


def load_rendered_cars(
    n_identities: int = 64,
    n_views: int = 90,
    *,
    views: Views | None = None,
    progress: bool = True,
    n_jobs: int | None = None,
) -> RenderedSet:
    """Return `n_identities` random cars from `n_views` views each, rendered once and cached.

    They are to cars what `load_rendered_faces` is to faces: as many individuals, drawn from as
    many parameters, in views with the same ranges. Only the middle of the ranges differs: yaw
    stays within 42 degrees of a three-quarter view from the front (-35), and pitch is 10 degrees
    higher, because a car seen from exactly the front hides most of itself. Parameters, returns
    and errors are those of `load_rendered_faces`.

    References
    ----------
    Dobs, K., Martinez, J., Kell, A. J. E., & Kanwisher, N. (2022). Brain-like functional
    specialization emerges spontaneously in deep neural networks. Science Advances 8, eabl8913.
    """
    check_count("n_identities", n_identities)
    return _load_set("cars", range(n_identities), n_views, views, progress, n_jobs)


def _load_set(kind, indices, n_views, views, progress, n_jobs, grid=GRID) -> RenderedSet:
    """Load or make the renders of the objects (or identities) at `indices`.

    Some views are a file of their own, unless the file with all of them is there.
    """
    check_count("n_views", n_views)
    n_jobs = _n_cores() if n_jobs is None else n_jobs
    check_count("n_jobs", n_jobs)
    indices = [int(i) for i in indices]
    chosen = _chosen_views(views, n_views)
    recipe = {
        "kind": kind,
        "indices": indices,
        "n_views": int(n_views),
        "resolution": RESOLUTION,
        "grid": grid,
        "samples": SAMPLES,
        "version": VERSIONS[kind],
    }
    name = f"rendered/{kind}"
    if len(chosen) < n_views:
        whole = find_made(name, recipe, ".npz", partial(_read, kind, indices, range(n_views)))
        if whole is not None:
            return whole.select(np.isin(whole.view, chosen))
        recipe["views"] = chosen

    def make():
        start = time.perf_counter()
        arrays = render_all(kind, indices, chosen, grid, progress, n_jobs)
        return {**arrays, "made_in_seconds": time.perf_counter() - start}

    def save(arrays, path):
        np.savez_compressed(path, **arrays)

    return made_once(name, recipe, ".npz", make, save, partial(_read, kind, indices, chosen))


def _chosen_views(views: Views | None, n_views: int) -> list[int]:
    """Return the numbers of the views that are asked for, in order, each once."""
    if isinstance(views, str) and views != "held-out":
        raise ValueError(f'views must be "held-out" or a sequence of numbers; got {views!r}')
    if views is None or isinstance(views, str):
        views = range(0 if views is None else N_TRAIN_VIEWS, n_views)
    wrong = [v for v in views if not isinstance(v, int | np.integer) or not 0 <= v < n_views]
    if wrong or len(views) == 0:
        raise ValueError(
            f"views must be whole numbers from 0 to {n_views - 1}, at least one; got "
            f"{wrong[0] if wrong else 'none'!r}"
        )
    return sorted({int(v) for v in views})


def _n_cores() -> int:
    try:
        return len(os.sched_getaffinity(0))  # what a container or a scheduler grants
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def _labels(kind, indices, views) -> dict:
    if kind in IDENTITIES:
        word = {"faces": "identity", "cars": "car"}[kind]
        categories, category_names = [0] * len(indices), (kind,)
        object_names = tuple(f"{word} {i + 1}" for i in range(max(indices) + 1))
    else:
        categories, category_names = [object_category(i) for i in indices], CATEGORIES
        object_names = OBJECT_NAMES
    return {
        "category": np.repeat(categories, len(views)),
        "object": np.repeat(indices, len(views)),
        "view": np.tile(views, len(indices)),
        "category_names": category_names,
        "object_names": object_names,
    }


def _read(kind, indices, views, path) -> RenderedSet:
    """Check what a file holds and put it together with the labels."""
    n, image = len(indices) * len(views), (len(indices) * len(views), RESOLUTION, RESOLUTION)
    # numpy leaves a damaged file open unless the file is ours to close
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = dict(stored)
    check = lambda key, shape: check_array(key, arrays[key], shape=shape, dtype=None)  # noqa: E731
    return RenderedSet(
        surfaces={name: check(name, image) for name in SURFACES[kind]},
        alpha=check("alpha", image),
        other_texture=check("other_family", (n,)) if kind == "textured" else None,
        pose=check("pose", (n, len(POSE_NAMES))),
        made_in_seconds=float(arrays["made_in_seconds"]),
        **_labels(kind, indices, views),
    )
