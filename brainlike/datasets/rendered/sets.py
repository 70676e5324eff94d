"""Rendered objects, the same textured, faces and cars: made on your machine, once, from code.

The object sets have the counts of Yamins et al. (2014): 8 categories x 8 objects x 90 views. The
textured set shows them from close by, each view with three *surfaces* at once: the object's own
paint, a texture of the family that belongs to its category, and one of another category's family.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np

from brainlike._cache import made_once
from brainlike._validate import check_array
from brainlike.datasets.rendered._rendering import (
    GRID,
    IDENTITIES,
    RESOLUTION,
    SURFACES,
    render_all,
)
from brainlike.datasets.rendered.render import (
    GREY_WEIGHTS,
    POSE_NAMES,
    SAMPLES,
    Stage,
    View,
    straight,
)
from brainlike.datasets.rendered.shapes import (
    CATEGORIES,
    OBJECT_NAMES,
    make_object,
    object_category,
)
from brainlike.datasets.rendered.solids import Solid
from brainlike.datasets.rendered.textures import TEXTURES, solid_texture

VERSIONS = {"objects": 2, "textured": 1, "faces": 1, "cars": 1}  # raise one when its images change
CITATION = "yamins2014; jakob2022mitsuba; lorensen1987"


@dataclass(frozen=True)
class RenderedSet:
    """Rendered images without background.

    Attributes
    ----------
    surfaces : dict of str to numpy.ndarray of uint8, shape (n_images, 64, 64)
        Grey values (gamma-encoded, multiplied by alpha) of the same views with different
        surfaces: ``"paint"`` and, in the textured set, ``"own_texture"`` and ``"other_texture"``.
    alpha : numpy.ndarray of uint8, shape (n_images, 64, 64)
        Coverage: 255 where the object hides the background.
    category : numpy.ndarray of int, shape (n_images,)
        Position in `category_names`; the texture family ``TEXTURES[category]`` is its own.
    object : numpy.ndarray of int, shape (n_images,)
        Position in `object_names`.
    view : numpy.ndarray of int, shape (n_images,)
        Number of the view of that object, from 0.
    other_texture : numpy.ndarray of int, shape (n_images,), or None
        Position in `TEXTURES` of the family shown in ``surfaces["other_texture"]``.
    pose : numpy.ndarray of float32, shape (n_images, 8)
        Columns `pose_names`; units and signs as in `View`.
    category_names, object_names, pose_names : tuple of str
    made_in_seconds : float
        How long the rendering took on this machine.
    source : str
        ``"simulated"``.
    citation : str
        Keys in the book's bibliography.
    """

    surfaces: dict[str, np.ndarray]
    alpha: np.ndarray
    category: np.ndarray
    object: np.ndarray
    view: np.ndarray
    other_texture: np.ndarray | None
    pose: np.ndarray
    category_names: tuple[str, ...]
    object_names: tuple[str, ...]
    made_in_seconds: float
    pose_names: tuple[str, ...] = POSE_NAMES
    source: str = "simulated"
    citation: str = CITATION

    def __len__(self) -> int:
        return len(self.alpha)

    def select(self, mask_or_indices: np.ndarray) -> "RenderedSet":
        """Return only some of the images, chosen by a boolean mask or by positions."""
        chosen = np.asarray(mask_or_indices)
        if chosen.dtype == bool and chosen.shape != (len(self),):
            raise ValueError(f"the mask must be ({len(self)},); got {chosen.shape}")
        per_image = {
            f.name: getattr(self, f.name)[chosen]
            for f in fields(self)
            if isinstance(getattr(self, f.name), np.ndarray)
        }
        surfaces = {name: images[chosen] for name, images in self.surfaces.items()}
        return replace(self, surfaces=surfaces, **per_image)


def load_rendered_objects(
    n_views: int = 90, *, progress: bool = True, n_jobs: int | None = None
) -> RenderedSet:
    """Return the 64 objects from `n_views` views each, rendered once and cached.

    They have one surface, ``"paint"``.

    Parameters
    ----------
    n_views : int
        Views of each object; fewer views are the first ones of the full set.
    progress : bool
        Show a progress bar while rendering.
    n_jobs : int, optional
        Number of processes (default: one for each core); it does not change the images.

    Returns
    -------
    RenderedSet
        Images of object 0 first, in the order of their views, then of object 1, and so on.

    Raises
    ------
    ValueError
        If a number is below 1.
    PermissionError
        If the cache folder cannot be written.

    References
    ----------
    Yamins, D. L. K., et al. (2014). Performance-optimized hierarchical models predict neural
    responses in higher visual cortex. PNAS 111, 8619-8624.
    """
    return _load_set("objects", range(len(OBJECT_NAMES)), n_views, progress, n_jobs)


def load_textured_objects(
    n_views: int = 90, *, progress: bool = True, n_jobs: int | None = None
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
    return _load_set("textured", range(len(OBJECT_NAMES)), n_views, progress, n_jobs)


def load_rendered_faces(
    n_identities: int = 64,
    n_views: int = 90,
    *,
    progress: bool = True,
    n_jobs: int | None = None,
) -> RenderedSet:
    """Return `n_identities` random faces from `n_views` views each, rendered once and cached.

    They have one surface, ``"paint"``. Other parameters, returns and errors are those of
    `load_rendered_objects`; yaw stays within 42 degrees of frontal.
    """
    _check_count("n_identities", n_identities)
    return _load_set("faces", range(n_identities), n_views, progress, n_jobs)


def load_rendered_cars(
    n_identities: int = 64,
    n_views: int = 90,
    *,
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
    _check_count("n_identities", n_identities)
    return _load_set("cars", range(n_identities), n_views, progress, n_jobs)


def join_sets(objects: RenderedSet, identities: RenderedSet) -> RenderedSet:
    """Return objects and faces (or cars) as one set: identities are counted on after the objects.

    Parameters
    ----------
    objects : RenderedSet
        From `load_rendered_objects`.
    identities : RenderedSet
        From `load_rendered_faces` or `load_rendered_cars`; its category becomes the objects'
        category of the same name.

    Returns
    -------
    RenderedSet
        With the surface ``"paint"`` only.

    Raises
    ------
    ValueError
        If `identities` has several categories, or one that the objects do not have.
    """
    names = identities.category_names
    if len(names) > 1 or names[0] not in objects.category_names:
        raise ValueError(
            "join objects with identities of one category, as from load_rendered_faces or "
            f"load_rendered_cars; got the categories {', '.join(names)}"
        )
    n_objects = len(objects.object_names)
    category = objects.category_names.index(names[0])
    pair = (objects, identities)
    together = lambda name: np.concatenate([getattr(one, name) for one in pair])  # noqa: E731
    return replace(
        objects,
        surfaces={"paint": np.concatenate([one.surfaces["paint"] for one in pair])},
        alpha=together("alpha"),
        category=np.concatenate([objects.category, np.full(len(identities), category)]),
        object=np.concatenate([objects.object, identities.object + n_objects]),
        view=together("view"),
        other_texture=None,
        pose=together("pose"),
        object_names=(*objects.object_names, *identities.object_names),
        made_in_seconds=objects.made_in_seconds + identities.made_in_seconds,
    )


def render_views(
    thing: str | int | Solid,
    views: View | Sequence[View],
    resolution: int = 64,
    surface: str = "colour",
    seed: int = 0,
) -> np.ndarray:
    """Render one object from the views that you choose.

    Parameters
    ----------
    thing : str, int or Solid
        An object's name or position in `OBJECT_NAMES`, or a solid of your own.
    views : View or sequence of View
    resolution : int
        Height and width in pixels.
    surface : str
        ``"colour"`` (its paint), ``"paint"`` (its paint in grey) or a family in `TEXTURES`.
    seed : int
        Of the texture.

    Returns
    -------
    numpy.ndarray of float32, shape (n_views, resolution, resolution, 4)
        RGBA in [0, 1], gamma-encoded, not multiplied by alpha: ready for ``imshow``.

    Raises
    ------
    ValueError
        If there is no such object or surface, or no view; the message lists the valid names.

    Examples
    --------
    >>> render_views("pear", View(size=0.8), resolution=16).shape
    (1, 16, 16, 4)
    """
    views = [views] if isinstance(views, View) else list(views)
    if not views:
        raise ValueError("views is empty; give at least one View")
    _check_count("resolution", resolution)
    if surface not in ("colour", "paint", *TEXTURES):
        names = ", ".join(("colour", "paint", *TEXTURES))
        raise ValueError(f"there is no surface {surface!r}; choose one of: {names}")
    if isinstance(thing, Solid):
        stage = Stage(thing.mesh(GRID))
    else:
        object_category(thing)  # an unknown name is an error before anything is cached
        stage = _stage(thing)
    stage.recolour(_colours(stage.mesh, surface, seed))
    images = [straight(stage.render(view, resolution)) for view in views]
    return np.stack(images).astype(np.float32)


@lru_cache(maxsize=8)
def _stage(name_or_index) -> Stage:
    """Stage of one of the 64 objects; kept, so that a slider moves without a new mesh."""
    return Stage(make_object(name_or_index).mesh(GRID))


def _colours(mesh, surface, seed):
    if surface == "colour":
        return mesh.colours
    paint = surface == "paint"
    grey = mesh.colours @ GREY_WEIGHTS if paint else solid_texture(surface, mesh.vertices, seed)
    return np.repeat(grey[:, None], 3, axis=1)


def _check_count(name, value):
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number, at least 1; got {value!r}")


def _load_set(kind, indices, n_views, progress, n_jobs, grid=GRID) -> RenderedSet:
    """Load or make the renders of the objects (or identities) at `indices`."""
    _check_count("n_views", n_views)
    n_jobs = _n_cores() if n_jobs is None else n_jobs
    _check_count("n_jobs", n_jobs)
    indices = [int(i) for i in indices]
    recipe = {
        "kind": kind,
        "indices": indices,
        "n_views": int(n_views),
        "resolution": RESOLUTION,
        "grid": grid,
        "samples": SAMPLES,
        "version": VERSIONS[kind],
    }
    labels = _labels(kind, indices, n_views)

    def make():
        start = time.perf_counter()
        arrays = render_all(kind, indices, n_views, grid, progress, n_jobs)
        return {**arrays, "made_in_seconds": time.perf_counter() - start}

    def save(arrays, path):
        np.savez_compressed(path, **arrays)

    def load(path):
        # numpy leaves a damaged file open unless the file is ours to close
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return _unpack(kind, stored, labels)

    return made_once(f"rendered/{kind}", recipe, ".npz", make, save, load)


def _n_cores() -> int:
    try:
        return len(os.sched_getaffinity(0))  # what a container or a scheduler grants
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def _labels(kind, indices, n_views) -> dict:
    if kind in IDENTITIES:
        word = {"faces": "identity", "cars": "car"}[kind]
        categories, category_names = [0] * len(indices), (kind,)
        object_names = tuple(f"{word} {i + 1}" for i in range(max(indices) + 1))
    else:
        categories, category_names = [object_category(i) for i in indices], CATEGORIES
        object_names = OBJECT_NAMES
    return {
        "category": np.repeat(categories, n_views),
        "object": np.repeat(indices, n_views),
        "view": np.tile(np.arange(n_views), len(indices)),
        "category_names": category_names,
        "object_names": object_names,
    }


def _unpack(kind, stored, labels) -> RenderedSet:
    """Check what a file holds and put it together with the labels."""
    n, image = len(labels["object"]), (len(labels["object"]), RESOLUTION, RESOLUTION)
    check = lambda key, shape: check_array(key, stored[key], shape=shape, dtype=None)  # noqa: E731
    return RenderedSet(
        surfaces={name: check(name, image) for name in SURFACES[kind]},
        alpha=check("alpha", image),
        other_texture=check("other_family", (n,)) if kind == "textured" else None,
        pose=check("pose", (n, len(POSE_NAMES))),
        made_in_seconds=float(stored["made_in_seconds"]),
        **labels,
    )
