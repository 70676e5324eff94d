"""Solid modelling with signed distance functions, small enough to read.

A *signed distance function* maps points ``(n_points, 3)`` to their distances ``(n_points,)``
from a surface: negative inside, positive outside. Shapes are joined by a minimum and cut by a
maximum; a smooth minimum rounds the seam (Quilez 2008).
"""

from collections.abc import Callable

import numpy as np

Distance = Callable[[np.ndarray], np.ndarray]


def rotation(axis: str, degrees: float) -> np.ndarray:
    """Return the right-handed rotation matrix (3, 3) about ``"x"``, ``"y"`` or ``"z"``."""
    angle = np.deg2rad(degrees)
    c, s = np.cos(angle), np.sin(angle)
    rows = {
        "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
        "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    }
    if axis not in rows:
        raise ValueError(f"axis must be 'x', 'y' or 'z'; got {axis!r}")
    return np.array(rows[axis], np.float32)


def _vector(values) -> np.ndarray:
    return np.array(values, np.float32)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt((vectors * vectors).sum(-1))


def _local(points, center, turn):
    """Points in the frame of a primitive at `center`, turned by the matrix `turn`."""
    moved = points - center
    return moved if turn is None else moved @ turn


def ellipsoid(center, radii, turn=None) -> Distance:
    """Ellipsoid with half axes `radii` (a number: a sphere); exact only for spheres."""
    center, radii = _vector(center), _vector(np.broadcast_to(radii, 3))

    def distance(points):
        scaled = _local(points, center, turn) / radii
        value = _length(scaled)
        slope = _length(scaled / radii) + 1e-9
        estimate = value * (value - 1) / slope  # exact to first order near the surface
        return np.where(value > 1e-5, estimate, -radii.min())  # no slope at the centre

    return distance


def capsule(start, end, radius, end_radius=None) -> Distance:
    """Rod with round ends, whose radius goes linearly from `radius` to `end_radius`."""
    start, end = _vector(start), _vector(end)
    end_radius = radius if end_radius is None else end_radius
    rod = end - start
    squared_length = float(rod @ rod) + 1e-9

    def distance(points):
        moved = points - start
        along = np.clip(moved @ rod / squared_length, 0, 1)
        return _length(moved - along[:, None] * rod) - (radius + (end_radius - radius) * along)

    return distance


def box(center, half_sizes, rounding=0.02, turn=None) -> Distance:
    """Box with rounded edges; `rounding` is their radius, inside the given half sizes."""
    center, inner = _vector(center), _vector(half_sizes) - rounding

    def distance(points):
        beyond = np.abs(_local(points, center, turn)) - inner
        return _length(np.maximum(beyond, 0)) + np.minimum(beyond.max(-1), 0) - rounding

    return distance


def cylinder(start, end, radius, end_radius=None, rounding=0.01) -> Distance:
    """Cylinder (or cone stump) with flat ends and rounded rims."""
    start, end = _vector(start), _vector(end)
    end_radius = radius if end_radius is None else end_radius
    length = np.linalg.norm(end - start)
    axis, middle = (end - start) / length, (start + end) / 2

    def distance(points):
        moved = points - middle
        along = moved @ axis
        here = radius + (end_radius - radius) * np.clip(along / length + 0.5, 0, 1)
        across = _length(moved - along[:, None] * axis) - here + rounding
        return _rounded_corner(across, np.abs(along) - length / 2 + rounding, rounding)

    return distance


def torus(center, major, minor, axis=1) -> Distance:
    """Ring of radius `major` and thickness `minor` around coordinate axis 0, 1 or 2."""
    center = _vector(center)
    u, v = (i for i in range(3) if i != axis)

    def distance(points):
        p = points - center
        ring = np.sqrt(p[:, u] ** 2 + p[:, v] ** 2) - major
        return np.sqrt(ring**2 + p[:, axis] ** 2) - minor

    return distance


def extrude(polygon, axis, middle, half_depth, rounding=0.01) -> Distance:
    """Prism over a polygon.

    Parameters
    ----------
    polygon : array_like, shape (n_corners, 2)
        Corners in order, in the two coordinates other than `axis` (in the order x, y, z).
    axis : int
        Coordinate along which the prism extends, from ``middle - half_depth`` to
        ``middle + half_depth``.
    rounding : float
        Radius of the edges; like the other primitives, the prism stays inside its outline.
    """
    corners = np.array(polygon, np.float32)
    plane = [i for i in range(3) if i != axis]

    def distance(points):
        flat = points[:, plane]
        squared = np.full(len(points), 1e9, np.float32)
        sign = np.ones(len(points), np.float32)
        for a, b in zip(corners, np.roll(corners, 1, axis=0), strict=True):
            edge, from_a = b - a, flat - a
            along = np.clip(from_a @ edge / (edge @ edge), 0, 1)
            squared = np.minimum(squared, _length(from_a - along[:, None] * edge) ** 2)
            above_a, below_b = flat[:, 1] >= a[1], flat[:, 1] < b[1]
            left = edge[0] * from_a[:, 1] > edge[1] * from_a[:, 0]
            crosses = (above_a & below_b & left) | (~above_a & ~below_b & ~left)
            sign = np.where(crosses, -sign, sign)  # each crossing of a ray flips in and out
        across = sign * np.sqrt(squared) + rounding
        depth = np.abs(points[:, axis] - middle) - half_depth + rounding
        return _rounded_corner(across, depth, rounding)

    return distance


def _rounded_corner(across, along, rounding):
    inside = np.minimum(np.maximum(across, along), 0)
    return inside + np.sqrt(np.maximum(across, 0) ** 2 + np.maximum(along, 0) ** 2) - rounding


def mirror(shape: Distance, axis: int) -> Distance:
    """Shape and its mirror image: what is at positive coordinate `axis` appears on both sides."""

    def distance(points):
        folded = points.copy()
        folded[:, axis] = np.abs(folded[:, axis])
        return shape(folded)

    return distance


def place(shape: Distance, offset, turn=None) -> Distance:
    """Shape moved by `offset` and turned by the matrix `turn` about its origin."""
    offset = _vector(offset)
    return lambda points: shape(_local(points, offset, turn))


def intersection(*shapes: Distance) -> Distance:
    """Only what lies inside all shapes."""
    return lambda points: np.maximum.reduce([shape(points) for shape in shapes])


def smooth_minimum(a, b, blend):
    """Minimum of two distances that rounds the seam over a width of about `blend`."""
    h = np.clip(0.5 + 0.5 * (b - a) / blend, 0, 1)
    return b * (1 - h) + a * h - blend * h * (1 - h)
