"""Eight chairs, from a dining chair to a rocking chair."""

import numpy as np

from brainlike.datasets.rendered.sdf import (
    box,
    capsule,
    cylinder,
    ellipsoid,
    intersection,
    rotation,
    torus,
)
from brainlike.datasets.rendered.shapes._parts import BLACK, WOOD, add_rods, both_sides
from brainlike.datasets.rendered.solids import Solid

LEATHER = (0.5, 0.12, 0.1)
PLASTIC = (0.12, 0.12, 0.14)
SHELL = (0.9, 0.9, 0.88)
DARK_WOOD = (0.2, 0.12, 0.06)
STEEL = (0.65, 0.65, 0.68)
BLUE = (0.1, 0.45, 0.6)


def dining_chair() -> Solid:
    """Return a wooden chair with a slatted back."""
    chair = Solid().add(box((0, 0, 0), (0.42, 0.05, 0.42)), WOOD)
    for z in (0.36, -0.36):
        rods = [((0.36, 0, z), (0.36, -0.75, z)), ((-0.36, -0.75, z), (-0.36, 0, z)),
                ((-0.36, 0, z), (-0.46, 0.95, z))]  # fmt: skip
        add_rods(chair, rods, 0.04, WOOD)
    for y in (0.35, 0.6, 0.88):
        chair.add(box((-0.37 - 0.1 * y, y, 0), (0.025, 0.06, 0.36)), WOOD)
    return chair


def armchair() -> Solid:
    """Return an upholstered club chair."""
    chair = Solid().add(box((0, -0.25, 0), (0.5, 0.22, 0.5), 0.08), LEATHER)
    chair.add(box((0.06, 0.05, 0), (0.42, 0.12, 0.36), 0.08), np.array(LEATHER) * 1.2)
    chair.add(box((-0.48, 0.25, 0), (0.15, 0.55, 0.5), 0.1, rotation("z", 10)), LEATHER)
    chair.add(both_sides(box((0, 0.05, 0.48), (0.5, 0.3, 0.12), 0.1)), LEATHER)
    for x in (0.4, -0.4):
        chair.add(both_sides(capsule((x, -0.4, 0.4), (x, -0.58, 0.4), 0.05)), WOOD)
    return chair


def office_chair() -> Solid:
    """Return a swivel chair on five casters."""
    chair = Solid().add(box((0, 0, 0), (0.42, 0.07, 0.42), 0.06), PLASTIC)
    chair.add(box((-0.46, 0.6, 0), (0.06, 0.42, 0.38), 0.06, rotation("z", 8)), PLASTIC)
    chair.add(capsule((-0.4, 0, 0), (-0.5, 0.3, 0), 0.05), (0.3, 0.3, 0.3))
    chair.add(cylinder((0, 0, 0), (0, -0.6, 0), 0.05), (0.5, 0.5, 0.5))
    chair.add(both_sides(capsule((-0.1, 0.22, 0.42), (0.22, 0.22, 0.42), 0.045)), PLASTIC)
    chair.add(both_sides(capsule((0.05, 0.22, 0.42), (0.05, 0, 0.4), 0.035)), PLASTIC)
    for k in range(5):
        angle = 2 * np.pi * k / 5
        x, z = 0.5 * np.cos(angle), 0.5 * np.sin(angle)
        chair.add(capsule((0, -0.6, 0), (x, -0.7, z), 0.05, 0.035), (0.4, 0.4, 0.4))
        chair.add(ellipsoid((x, -0.76, z), 0.07), BLACK)
    return chair


def tulip_chair() -> Solid:
    """Return a shell on one foot."""
    chair = Solid().add(ellipsoid((0, 0.15, 0), (0.48, 0.42, 0.48)), SHELL)
    chair.carve(ellipsoid((0.14, 0.3, 0), (0.46, 0.42, 0.42)), 0.05)
    chair.add(ellipsoid((-0.38, 0.5, 0), (0.1, 0.45, 0.38), rotation("z", 12)), SHELL, 0.08)
    chair.add(cylinder((0, -0.2, 0), (0, -0.72, 0), 0.05, 0.09), SHELL, 0.1)
    chair.add(cylinder((0, -0.72, 0), (0, -0.78, 0), 0.38), SHELL, 0.08)
    return chair.paint(box((0.05, -0.1, 0), (0.4, 0.06, 0.4)), (0.7, 0.1, 0.1))


def ladder_back_chair() -> Solid:
    """Return a tall chair with five rungs in its back and a cane seat."""
    chair = Solid().add(box((0, 0, 0), (0.36, 0.04, 0.36)), (0.75, 0.6, 0.35))
    for z in (0.32, -0.32):
        posts = [((0.32, 0.02, z), (0.32, -0.75, z)), ((-0.32, -0.75, z), (-0.34, 1.15, z))]
        add_rods(chair, posts, 0.04, DARK_WOOD)
        add_rods(chair, [((0.32, -0.4, z), (-0.32, -0.4, z))], 0.028, DARK_WOOD)
    for y in (0.25, 0.45, 0.65, 0.85, 1.05):
        chair.add(box((-0.34, y, 0), (0.02, 0.05, 0.32)), DARK_WOOD)
    return add_rods(chair, [((0.32, -0.25, 0.32), (0.32, -0.25, -0.32))], 0.028, DARK_WOOD)


def rocking_chair() -> Solid:
    """Return a rocking chair; its runners are the lower arcs of two rings."""
    chair = Solid().add(box((0, -0.02, 0), (0.42, 0.045, 0.4)), WOOD)
    for z in (0.36, -0.36):
        runner = intersection(torus((0, 0.75, z), 1.35, 0.045, axis=2), lambda p: p[:, 1] + 0.2)
        chair.add(runner, WOOD)
        rods = [((0.34, 0, z), (0.36, -0.55, z)), ((-0.34, 0, z), (-0.38, -0.55, z)),
                ((0.3, 0.28, z), (-0.42, 0.3, z)), ((0.28, 0, z), (0.3, 0.28, z)),
                ((-0.36, 0, z), (-0.58, 1.0, z))]  # fmt: skip
        add_rods(chair, rods, 0.04, WOOD)
    for z in np.linspace(-0.24, 0.24, 4):
        add_rods(chair, [((-0.37, 0, z), (-0.56, 0.95, z))], 0.024, WOOD)
    return chair.add(box((-0.57, 0.98, 0), (0.03, 0.08, 0.4)), WOOD)


def cantilever_chair() -> Solid:
    """Return a chair of bent steel tube without hind legs."""
    chair = Solid().add(box((0, 0, 0), (0.4, 0.035, 0.38)), BLACK)
    chair.add(box((-0.48, 0.62, 0), (0.03, 0.25, 0.38), 0.03, rotation("z", 8)), BLACK)
    for z in (0.38, -0.38):
        rods = [((0.42, 0, z), (0.42, -0.72, z)), ((0.42, -0.72, z), (-0.4, -0.72, z)),
                ((0.42, 0, z), (-0.4, 0, z)), ((-0.4, 0, z), (-0.54, 0.85, z))]  # fmt: skip
        add_rods(chair, rods, 0.03, STEEL)
    return add_rods(chair, [((-0.4, -0.72, 0.38), (-0.4, -0.72, -0.38))], 0.03, STEEL)


def round_back_chair() -> Solid:
    """Return a three-legged chair with a round seat and a round back."""
    chair = Solid().add(cylinder((0, -0.04, 0), (0, 0.05, 0), 0.44), BLUE)
    for angle in np.deg2rad((0, 120, 240)):
        c, s = np.cos(angle), np.sin(angle)
        leg = ((0.28 * c, 0, 0.28 * s), (0.42 * c, -0.75, 0.42 * s))
        add_rods(chair, [leg], 0.045, (0.75, 0.6, 0.4))
    chair.add(ellipsoid((-0.42, 0.55, 0), (0.06, 0.42, 0.42), rotation("z", 8)), BLUE, 0.02)
    return chair.add(both_sides(capsule((-0.36, 0, 0.15), (-0.42, 0.4, 0.15), 0.04)), BLUE)


CHAIRS = {
    "dining chair": dining_chair,
    "armchair": armchair,
    "office chair": office_chair,
    "tulip chair": tulip_chair,
    "ladder-back chair": ladder_back_chair,
    "rocking chair": rocking_chair,
    "cantilever chair": cantilever_chair,
    "round-back chair": round_back_chair,
}
