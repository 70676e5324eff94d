"""The work behind the rendered sets: views of one object, and all objects in parallel.

There are four kinds of set: ``"objects"``, the same objects ``"textured"``, and the identity sets
``"faces"`` and ``"cars"``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from brainlike.datasets.rendered._workers import map_in_processes
from brainlike.datasets.rendered.render import (
    GREY_WEIGHTS,
    Stage,
    View,
    premultiplied_bytes,
    sample_close_view,
    sample_view,
)
from brainlike.datasets.rendered.shapes import (
    CATEGORIES,
    car_identity,
    identity,
    make_object,
    object_category,
)
from brainlike.datasets.rendered.textures import TEXTURES, solid_texture

RESOLUTION = 64  # pixels
GRID = 88  # cells along an edge of the cube in which objects are meshed
SURFACES = {
    "objects": ("paint",),
    "textured": ("paint", "own_texture", "other_texture"),
    "faces": ("paint",),
    "cars": ("paint",),
}
IDENTITIES = {"faces": identity, "cars": car_identity}


def render_all(kind, indices, views, grid, progress, n_jobs) -> dict[str, np.ndarray]:
    """Render views of all objects in `n_jobs` processes; stack them in the order of objects."""
    from tqdm import tqdm

    jobs = [(kind, index, views, grid) for index in indices]
    results: list[dict | None] = [None] * len(jobs)
    finished: Iterable = map_in_processes(render_object, jobs, n_jobs)
    for position, result in tqdm(
        finished, f"Rendering {kind}", total=len(jobs), unit="object", disable=not progress
    ):
        results[position] = result
    return {key: np.concatenate([r[key] for r in results]) for key in results[0]}


def render_object(kind: str, index: int, views: Sequence[int], grid: int) -> dict[str, np.ndarray]:
    """Render views of one object, or of one identity if `kind` is in `IDENTITIES`.

    This is the job of one worker process. Views, textures and rays have seeds of their own, so
    that each can change without the others. A view does not depend on which others are rendered:
    those before it draw their random numbers all the same.

    Parameters
    ----------
    kind : str
    index : int
    views : sequence of int
        Their numbers, in order.
    grid : int
        Cells along an edge of the mesh's cube.

    Returns
    -------
    dict of str to numpy.ndarray
        What the file of the set holds, (n_views, ...) each.
    """
    import drjit

    drjit.set_thread_count(1)
    category = CATEGORIES.index(kind) if kind in IDENTITIES else object_category(index)
    seed = _seed(kind, index, category)
    stage = Stage(IDENTITIES.get(kind, make_object)(index).mesh(grid))
    paint = stage.mesh.colours @ GREY_WEIGHTS
    stage.recolour(np.stack([paint] * 3, axis=1))
    view_rng, texture_rng = np.random.default_rng(seed), np.random.default_rng((seed, 1))
    images, poses, other_families = [], [], []
    for k in range(views[-1] + 1):
        view = _sample_view(kind, view_rng, CATEGORIES[category])
        wanted = k in views
        if kind == "textured":
            other = (category + texture_rng.integers(1, len(TEXTURES))) % len(TEXTURES)
            points = stage.mesh.vertices if wanted else stage.mesh.vertices[:1]
            textures = [solid_texture(one, points, texture_rng) for one in (category, other)]
            if wanted:
                stage.recolour(np.stack([paint, *textures], axis=1))
                other_families.append(other)
        if wanted:
            images.append(premultiplied_bytes(stage.render(view, RESOLUTION, seed * 1000 + k)))
            poses.append(view.pose)
    images = np.stack(images)
    result = {"alpha": images[..., 3], "pose": np.array(poses, np.float32)}
    if kind == "textured":
        result["other_family"] = np.array(other_families)
    for channel, name in enumerate(SURFACES[kind]):
        result[name] = images[..., channel]
    return result


def _seed(kind: str, index: int, category: int) -> int:
    if kind == "objects":  # leaves room: 1 to 8 for animals, 101 to 108 for boats, ...
        return 100 * category + index % 8 + 1
    return {"faces": 7000, "cars": 8000, "textured": 20_000}[kind] + index


def _sample_view(kind: str, rng: np.random.Generator, category: str) -> View:
    if kind == "textured":
        return sample_close_view(rng, category)
    if kind not in IDENTITIES:
        return sample_view(rng, category)
    view = sample_view(rng, "faces", spread=0.7)
    if kind == "cars":  # the ranges of the faces, about a three-quarter view from a little above
        view = replace(view, yaw=view.yaw + View.yaw, pitch=view.pitch + 10)
    return view
