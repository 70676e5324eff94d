"""Solids made of coloured parts, and their surfaces as triangles.

`Solid` collects signed distance functions with their colours; `Solid.mesh` turns them into
triangles by marching cubes (Lorensen & Cline 1987).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from brainlike.datasets.rendered.sdf import Distance, smooth_minimum

_HALF_WIDTH = 1.15  # of the cube in which a solid is meshed, in the units of its design


class Mesh(NamedTuple):
    """Triangles of a solid, centred, with 99 % of the vertices within distance 1 of the origin.

    `vertices` (n_vertices, 3), unit `normals` (n_vertices, 3) that point outward, `colours`
    (n_vertices, 3) in [0, 1] (linear reflectance), all float32; `faces` (n_faces, 3) int32,
    counter-clockwise seen from outside.
    """

    vertices: np.ndarray
    faces: np.ndarray
    normals: np.ndarray
    colours: np.ndarray


@dataclass
class Solid:
    """A thing made of coloured parts, in the order in which they were added.

    Examples
    --------
    >>> from brainlike.datasets.rendered.sdf import ellipsoid
    >>> ball = Solid().add(ellipsoid((0, 0, 0), 0.5), (1, 1, 1))
    >>> ball.distance(np.array([[1.0, 0, 0]], np.float32))
    array([0.5], dtype=float32)
    """

    _shaping: list = field(default_factory=list, repr=False)  # (sign, distance, blend)
    _coloured: list = field(default_factory=list, repr=False)  # (distance, colour)
    _painted: list = field(default_factory=list, repr=False)  # (distance, colour)

    def add(self, shape: Distance, colour: Sequence[float], blend=0.01) -> "Solid":
        """Join a part of the given colour (linear RGB); `blend` rounds the seam."""
        self._shaping.append((1, shape, blend))
        self._coloured.append((shape, np.array(colour, np.float32)))
        return self

    def carve(self, shape: Distance, blend=0.01) -> "Solid":
        """Cut a part away."""
        self._shaping.append((-1, shape, blend))
        return self

    def paint(self, shape: Distance, colour: Sequence[float]) -> "Solid":
        """Colour the surface inside `shape`; the geometry stays."""
        self._painted.append((shape, np.array(colour, np.float32)))
        return self

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Signed distance of points ``(n_points, 3)`` from the surface, approximately."""
        if not self._shaping or self._shaping[0][0] < 0:
            raise ValueError("a solid starts with a part: call add(shape, colour) first")
        total = self._shaping[0][1](points)
        for sign, shape, blend in self._shaping[1:]:
            total = sign * smooth_minimum(sign * total, shape(points), blend)
        return total

    def mesh(self, grid: int = 88) -> Mesh:
        """Return the surface as triangles, from a grid of `grid`³ cells (a multiple of 4).

        Raises
        ------
        ValueError
            If the grid is not a positive multiple of 4, or the solid is empty there.
        """
        from skimage.measure import marching_cubes

        if grid < 8 or grid % 4:
            raise ValueError(f"grid must be a multiple of 4, at least 8; got {grid}")
        volume, step = self._sample(grid)
        if not (volume.min() < 0 < volume.max()):
            raise ValueError("the solid has no surface on this grid; use a finer grid")
        # One layer of outside all around closes the surface.
        corners, faces, _, _ = marching_cubes(np.pad(volume, 1, constant_values=1.0), 0.0)
        corners = ((corners - 1 + 0.5) * step - _HALF_WIDTH).astype(np.float32)
        normals, colours = self._normals(corners, step / 2), self._colours(corners)
        vertices = corners - (corners.min(0) + corners.max(0)) / 2
        vertices = vertices / np.percentile(np.linalg.norm(vertices, axis=1), 99)
        return Mesh(vertices.astype(np.float32), faces.astype(np.int32), normals, colours)

    def _sample(self, grid: int) -> tuple[np.ndarray, float]:
        """Distances at the cell centres: first a coarse grid, then finely near the surface."""
        coarse, coarse_step = grid // 4, 2 * _HALF_WIDTH / (grid // 4)
        step = coarse_step / 4
        centers = _lattice((np.arange(coarse) + 0.5) * coarse_step - _HALF_WIDTH)
        offsets = _lattice((np.arange(4) + 0.5) * step - coarse_step / 2)
        rough = self.distance(centers)
        near = np.abs(rough) < coarse_step * 1.6
        fine = np.repeat(rough[:, None], 64, axis=1)
        points = (centers[near][:, None] + offsets[None]).reshape(-1, 3)
        fine[near] = self.distance(points).reshape(-1, 64)
        blocks = fine.reshape(coarse, coarse, coarse, 4, 4, 4).transpose(0, 3, 1, 4, 2, 5)
        return blocks.reshape(4 * coarse, 4 * coarse, 4 * coarse), step

    def _normals(self, points, step) -> np.ndarray:
        gradient = np.stack(
            [
                self.distance(points + d) - self.distance(points - d)
                for d in np.eye(3, dtype=np.float32) * np.float32(step)
            ],
            axis=-1,
        )
        return gradient / (np.linalg.norm(gradient, axis=1, keepdims=True) + 1e-9)

    def _colours(self, points) -> np.ndarray:
        """Colour of the nearest part, softened over about one hundredth, then the paint."""
        distances = np.stack([shape(points) for shape, _ in self._coloured], axis=1)
        nearest = distances.min(1, keepdims=True)
        weights = np.exp(-np.maximum(distances - nearest, 0) / 0.012)
        weights /= weights.sum(1, keepdims=True)
        colours = weights @ np.stack([colour for _, colour in self._coloured])
        for shape, colour in self._painted:
            cover = 1 / (1 + np.exp(np.clip(shape(points) / 0.008, -30, 30)))[:, None]
            colours = colours * (1 - cover) + colour * cover
        return np.clip(colours, 0, 1).astype(np.float32)


def _lattice(ticks: np.ndarray) -> np.ndarray:
    """Points (n³, 3) of the cubic lattice with these coordinates."""
    cube = np.stack(np.meshgrid(ticks, ticks, ticks, indexing="ij"), axis=-1)
    return cube.reshape(-1, 3).astype(np.float32)
