"""Views that you choose, of an object that you choose: rendered at once, not kept."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from brainlike._validate import check_count
from brainlike.datasets.rendered._rendering import GRID
from brainlike.datasets.rendered.render import GREY_WEIGHTS, Stage, View, straight
from brainlike.datasets.rendered.shapes import make_object, object_category
from brainlike.datasets.rendered.solids import Solid
from brainlike.datasets.rendered.textures import TEXTURES, solid_texture


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
    check_count("resolution", resolution)
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
