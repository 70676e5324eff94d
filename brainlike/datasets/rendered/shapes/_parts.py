"""What the designs of several categories share: a few colours, both-sides copies, random draws.

In every design x points to the front, y up and z to the side; in faces z points to the front
and x to the side. Colours are linear RGB reflectances.
"""

from dataclasses import field, fields

import numpy as np

from brainlike.datasets.rendered.sdf import Distance, capsule, extrude, mirror
from brainlike.datasets.rendered.solids import Solid

BLACK = (0.06, 0.06, 0.07)
WHITE = (0.85, 0.85, 0.83)
WOOD = (0.45, 0.27, 0.12)


def both_sides(shape: Distance) -> Distance:
    """Shape and its mirror image on the other side (z)."""
    return mirror(shape, 2)


def add_rods(solid: Solid, ends, radius, colour) -> Solid:
    """Add a straight rod for each (start, end) pair."""
    for start, end in ends:
        solid.add(capsule(start, end, radius), colour)
    return solid


def plate(outline, z=0.0, half_depth=0.018) -> Distance:
    """Thin upright sheet, such as a sail or a fin, over an outline of (x, y) corners."""
    return extrude(outline, 2, z, half_depth, 0.005)


def between(low: float, high: float):
    """Return a dataclass field whose default is the middle of the range it is drawn from."""
    return field(default=(low + high) / 2, metadata={"range": (low, high)})


def draw_parameters(kind: type, rng: np.random.Generator, **chances: float):
    """Return a `kind` with fields uniform within their ranges, and switches on with a chance."""
    ranges = {f.name: f.metadata["range"] for f in fields(kind) if f.metadata}
    drawn = {name: float(rng.uniform(low, high)) for name, (low, high) in ranges.items()}
    switches = {name: bool(rng.random() < chance) for name, chance in chances.items()}
    return kind(**drawn, **switches)
