"""Solid textures: grey patterns that fill space, so that any shape can be carved out of them.

A solid texture (Peachey 1985, Perlin 1985) gives every point of space a reflectance. There are
eight families, one for each category of the rendered objects, and endless members of a family:
each draw has its own phase, a scale of its own (a factor between 0.93 and 1.07) and a small turn of
its own (10 degrees about each axis). All families share their mean and contrast, so that neither
tells one family from another.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from brainlike._validate import check_array

MEAN, CONTRAST = 0.5, 0.37  # mean and standard deviation over space, for every family
DARKEST, LIGHTEST = 0.05, 0.95
SCALE_JITTER = 0.1  # octaves up or down
TURN = 10.0  # degrees; standard deviation of the turn about each axis

_CELLS = 64  # edge of the periodic volumes from which the irregular families are read


def solid_texture(
    family: str | int, points: np.ndarray, rng: np.random.Generator | int
) -> np.ndarray:
    """Return the reflectance of one member of a texture family at some points.

    Parameters
    ----------
    family : str or int
        A name in `TEXTURES` or its position there.
    points : numpy.ndarray, shape (n_points, 3)
        Where to evaluate it; an object fills about the ball of radius 1.
    rng : numpy.random.Generator or int
        Draws phase, turn and scale; the same seed gives the same texture.

    Returns
    -------
    numpy.ndarray of float32, shape (n_points,)
        Grey reflectance in [0.05, 0.95], with mean 0.5 and standard deviation 0.37 over space.

    Raises
    ------
    ValueError
        If there is no such family, or the points are not (n_points, 3) and finite.

    References
    ----------
    Peachey, D. R. (1985). Solid texturing of complex surfaces. SIGGRAPH 85.
    Perlin, K. (1985). An image synthesizer. SIGGRAPH 85.

    Examples
    --------
    >>> solid_texture("checks", np.zeros((1, 3)), rng=0).shape
    (1,)
    """
    points = check_array("points", points, shape=("n_points", 3), dtype=np.float32)
    pattern, centre, gain = _FAMILIES[_family_name(family)]
    rng = np.random.default_rng(rng)
    scale = 2 ** rng.uniform(-SCALE_JITTER, SCALE_JITTER)
    turned = points @ (_small_turn(rng) * scale).astype(np.float32)
    raw = pattern(turned + rng.uniform(0, 10, 3).astype(np.float32))
    return np.clip(MEAN + gain * (raw - centre), DARKEST, LIGHTEST).astype(np.float32)


def _family_name(family) -> str:
    if isinstance(family, str) and family in TEXTURES:
        return family
    if isinstance(family, int | np.integer) and 0 <= family < len(TEXTURES):
        return TEXTURES[family]
    raise ValueError(
        f"there is no texture family {family!r}; choose a number from 0 to {len(TEXTURES) - 1} "
        f"or one of: {', '.join(TEXTURES)}"
    )


def _small_turn(rng: np.random.Generator) -> np.ndarray:
    """Return a random rotation (3, 3); its rotation vector is normal with deviation `TURN`.

    It is small because the direction of a pattern on its object helps to name the family:
    networks learned it poorly from patterns that were turned any way.
    """
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(rng.normal(0, TURN, 3), degrees=True).as_matrix()


def _wave(phase: np.ndarray) -> np.ndarray:
    """Sine with period 1."""
    return np.sin(2 * np.pi * phase)


def _sharpen(values: np.ndarray, gain: float) -> np.ndarray:
    """Push values toward -1 and 1; a finite gain leaves an edge as wide as a pixel or so."""
    return np.tanh(gain * values)


# --- regular families: formulas of the coordinates, in object radii


def _stripes(p):
    """Broad bands that sway."""
    sway = 0.0245 * _wave(p[:, 1] / 0.56) + 0.0245 * _wave(p[:, 2] / 0.49)
    return _sharpen(_wave((p[:, 0] + sway) / 0.224), 2.5)


def _zigzag(p):
    """Narrow bands folded back and forth at right angles."""
    fold = np.abs((p[:, 1] / 0.308) % 1 - 0.5) * 0.308
    return _sharpen(_wave((p[:, 0] + 1.2 * fold) / 0.182), 2.5)


def _checks(p):
    """Cubes, alternately dark and light."""
    return np.prod(_sharpen(_wave(p / 0.392), 3.5), axis=1)


def _grid(p):
    """Thin light lines where any of three families of planes passes."""
    from_plane = np.abs((p / 0.28) % 1 - 0.5) * 0.28
    return -_sharpen(from_plane.min(axis=1) / 0.021 - 1, 2.0)


# --- irregular families: read from a periodic volume of random numbers


def _read(volume: np.ndarray, points: np.ndarray, cell: float) -> np.ndarray:
    """Interpolate a periodic volume linearly; `cell` is the size of a voxel in object radii."""
    from scipy.ndimage import map_coordinates

    return map_coordinates(volume, points.T / cell, order=1, mode="grid-wrap")


@cache
def _smooth_noise(seed: int, blur: float) -> np.ndarray:
    """Gaussian noise (n, n, n) with mean 0 and variance 1, smooth over `blur` voxels."""
    from scipy.ndimage import gaussian_filter

    white = np.random.default_rng(seed).normal(size=(_CELLS,) * 3)
    smooth = gaussian_filter(white, blur, mode="wrap")
    return ((smooth - smooth.mean()) / smooth.std()).astype(np.float32)


@cache
def _distance_to_seeds(seed: int, n_per_edge: int) -> np.ndarray:
    """Distance (n, n, n) in voxels to the nearest of n_per_edge³ jittered seeds (Worley 1996)."""
    from scipy.spatial import cKDTree

    rng, spacing = np.random.default_rng(seed), _CELLS / n_per_edge
    ticks = np.arange(n_per_edge)
    places = np.stack(np.meshgrid(ticks, ticks, ticks), axis=-1).reshape(-1, 3)
    seeds = (places + 0.5 + rng.uniform(-0.25, 0.25, places.shape)) * spacing % _CELLS
    voxels = np.stack(np.meshgrid(*[np.arange(_CELLS)] * 3, indexing="ij"), axis=-1)
    distance, _ = cKDTree(seeds, boxsize=_CELLS).query(voxels.reshape(-1, 3))
    return distance.reshape((_CELLS,) * 3).astype(np.float32)


def _spots(p):
    """Dark balls on a light ground."""
    cell = 0.0294
    distance = _read(_distance_to_seeds(11, 8), p, cell) * cell
    return _sharpen((distance - 0.1057) / 0.02352, 1.5)


def _rings(p):
    """Concentric shells around scattered centres."""
    cell = 0.042
    distance = _read(_distance_to_seeds(12, 5), p, cell) * cell
    return _sharpen(_wave(distance / 0.126), 2.0)


def _clouds(p):
    """Soft large blotches."""
    return _sharpen(_read(_smooth_noise(14, 2.6), p, 0.042), 0.9)


def _speckle(p):
    """Fine grain."""
    return _sharpen(_read(_smooth_noise(15, 0.55), p, 0.0385), 1.5)


# Family: formula, centre and gain. The last two give all families the mean and the standard
# deviation stated above, after clipping (solved over space, then fixed).
_FAMILIES: dict[str, tuple[Callable[[np.ndarray], np.ndarray], float, float]] = {
    "stripes": (_stripes, 0.0, 0.435),
    "zigzag": (_zigzag, 0.0, 0.435),
    "checks": (_checks, 0.0, 0.583),
    "grid": (_grid, -0.403, 0.633),
    "clouds": (_clouds, 0.005, 0.853),
    "spots": (_spots, 0.466, 0.733),
    "speckle": (_speckle, -0.001, 0.75),
    "rings": (_rings, -0.008, 0.461),
}

TEXTURES = tuple(_FAMILIES)
