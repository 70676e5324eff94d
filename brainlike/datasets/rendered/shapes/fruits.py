"""Eight fruits."""

import numpy as np

from brainlike.datasets.rendered.sdf import box, capsule, ellipsoid, intersection, rotation
from brainlike.datasets.rendered.shapes._parts import BLACK
from brainlike.datasets.rendered.solids import Solid

LEAF = (0.15, 0.4, 0.08)
STALK = (0.3, 0.18, 0.08)
STRAWBERRY = (0.8, 0.06, 0.08)


def _around(n, offset=0.0):
    """Cosine and sine of `n` equally spaced angles, which start at `offset` steps."""
    for j in range(n):
        angle = 2 * np.pi * (j + offset) / n
        yield np.cos(angle), np.sin(angle)


def apple() -> Solid:
    """Return an apple with a leaf."""
    fruit = Solid().add(ellipsoid((0, 0, 0), (0.75, 0.68, 0.75)), (0.75, 0.08, 0.08))
    fruit.carve(ellipsoid((0, 0.75, 0), (0.25, 0.25, 0.25)), 0.25)
    fruit.carve(ellipsoid((0, -0.75, 0), (0.15, 0.18, 0.15)), 0.2)
    fruit.add(capsule((0, 0.35, 0), (0.1, 0.9, 0), 0.035), STALK)
    fruit.add(ellipsoid((0.3, 0.82, 0), (0.22, 0.03, 0.12), rotation("z", 20)), LEAF)
    return fruit.paint(ellipsoid((0, 0.62, 0), (0.3, 0.2, 0.3)), (0.6, 0.5, 0.12))


def banana() -> Solid:
    """Return a banana: a chain of rods along an arc."""
    angles = np.linspace(-2.75, -0.4, 7)
    joints = [np.array([np.cos(a) * 0.85, np.sin(a) * 0.85 + 0.5, 0]) for a in angles]
    radii = [0.09, 0.17, 0.2, 0.21, 0.2, 0.17, 0.09]
    fruit = Solid()
    for k in range(6):
        part = capsule(joints[k], joints[k + 1], radii[k], radii[k + 1])
        fruit.add(part, (0.9, 0.75, 0.1), 0.06)
    stalk = capsule(joints[-1], joints[-1] + np.array([0.05, 0.17, 0]), 0.06, 0.05)
    fruit.add(stalk, (0.4, 0.35, 0.1))
    return fruit.paint(ellipsoid(joints[0], 0.12), BLACK)


def pear() -> Solid:
    """Return a pear: two ellipsoids that melt into each other."""
    fruit = Solid().add(ellipsoid((0, -0.3, 0), (0.58, 0.55, 0.58)), (0.65, 0.7, 0.15))
    fruit.add(ellipsoid((0, 0.32, 0), (0.3, 0.45, 0.3)), (0.68, 0.72, 0.2), 0.25)
    return fruit.add(capsule((0, 0.7, 0), (0.12, 1.02, 0), 0.035), STALK)


def grapes() -> Solid:
    """Return a bunch of grapes in six rings."""
    rng = np.random.default_rng(0)
    rings = ((0.55, 5, 0.36), (0.25, 6, 0.42), (-0.05, 5, 0.36), (-0.35, 4, 0.26),
             (-0.62, 3, 0.15), (-0.85, 1, 0.0))  # fmt: skip
    fruit = Solid()
    for y, n, radius in rings:
        for j in range(n):
            angle = 2 * np.pi * j / n + y * 3
            x, z = radius * np.cos(angle), radius * np.sin(angle)
            berry = ellipsoid((x, y + rng.uniform(-0.04, 0.04), z), 0.2)
            fruit.add(berry, (0.3, 0.08, 0.35), 0.015)
    return fruit.add(capsule((0, 0.4, 0), (0.05, 1.0, 0), 0.035), STALK)


def pineapple() -> Solid:
    """Return a pineapple; two families of helices make the rind."""
    core = ellipsoid((0, -0.25, 0), (0.45, 0.62, 0.45))

    def rind(points):
        turn, height = 4 * np.arctan2(points[:, 2], points[:, 0]), points[:, 1] * 9
        return core(points) - 0.035 * np.abs(np.sin(turn + height)) * np.abs(np.sin(turn - height))

    fruit = Solid().add(rind, (0.75, 0.5, 0.12))
    for k, (n, spread, height) in enumerate([(7, 0.5, 0.55), (6, 0.3, 0.85), (4, 0.12, 1.05)]):
        for c, s in _around(n, 0.5 * k):
            start, end = (0.08 * c, 0.25, 0.08 * s), (spread * c, height, spread * s)
            fruit.add(capsule(start, end, 0.085, 0.02), LEAF, 0.02)
    return fruit


def strawberry() -> Solid:
    """Return a strawberry with seeds."""
    fruit = Solid().add(ellipsoid((0, 0.2, 0), (0.6, 0.42, 0.6)), STRAWBERRY)
    fruit.add(ellipsoid((0, -0.25, 0), (0.34, 0.6, 0.34)), STRAWBERRY, 0.3)
    for c, s in _around(7):
        fruit.add(capsule((0, 0.58, 0), (0.48 * c, 0.56, 0.48 * s), 0.09, 0.025), LEAF, 0.02)
    fruit.add(capsule((0, 0.6, 0), (0.05, 0.85, 0), 0.04), LEAF)
    rng = np.random.default_rng(2)
    for _ in range(70):
        angle, y = rng.uniform(0, 6.28), rng.uniform(-0.75, 0.45)
        radius = _strawberry_radius(y)
        seed = ellipsoid((radius * np.cos(angle), y, radius * np.sin(angle)), 0.026)
        fruit.paint(seed, (0.95, 0.8, 0.3))
    return fruit


def _strawberry_radius(y):
    """Radius of the strawberry at height `y`: shoulder, middle and tip."""
    if y > 0.1:
        return 0.6 * np.sqrt(max(0, 1 - ((y - 0.2) / 0.42) ** 2))
    if y > -0.4:
        return 0.34 + 0.26 * np.clip((y + 0.3) / 0.4, 0, 1)
    return 0.34 * np.sqrt(max(0, 1 - ((y + 0.25) / 0.6) ** 2))


def lemon() -> Solid:
    """Return a lemon with a leaf."""
    fruit = Solid().add(ellipsoid((0, 0, 0), (0.68, 0.5, 0.5)), (0.9, 0.8, 0.1))
    fruit.add(ellipsoid((0.68, 0, 0), (0.2, 0.13, 0.13)), (0.88, 0.75, 0.12), 0.15)
    fruit.add(ellipsoid((-0.66, 0, 0), (0.15, 0.11, 0.11)), (0.7, 0.65, 0.12), 0.12)
    return fruit.add(ellipsoid((-0.85, 0.18, 0), (0.25, 0.03, 0.14), rotation("z", -40)), LEAF)


def watermelon() -> Solid:
    """Return a slice of watermelon with seeds."""

    def from_axis(points):
        return np.sqrt(points[:, 0] ** 2 + (points[:, 1] - 0.45) ** 2)

    slab = lambda p: np.maximum(p[:, 1] - 0.45, np.abs(p[:, 2]) - 0.24)  # noqa: E731
    melon = ellipsoid((0, 0.45, 0), (1.0, 1.0, 0.75))
    fruit = Solid().add(intersection(melon, slab), (0.1, 0.35, 0.1))
    fruit.paint(lambda p: from_axis(p) - 0.93, (0.85, 0.9, 0.7))
    fruit.paint(lambda p: from_axis(p) - 0.84, (0.85, 0.12, 0.12))
    for x, y in ((-0.5, 0.25), (-0.2, 0.1), (0.1, 0.2), (0.4, 0.25), (-0.35, -0.05), (0.0, -0.2),
                 (0.3, -0.05), (0.6, 0.1)):  # fmt: skip
        fruit.paint(box((x, y, 0), (0.035, 0.055, 1)), BLACK)
    return fruit


FRUITS = {
    "apple": apple,
    "banana": banana,
    "pear": pear,
    "grapes": grapes,
    "pineapple": pineapple,
    "strawberry": strawberry,
    "lemon": lemon,
    "watermelon": watermelon,
}
