"""Eight tables."""

from itertools import product

import numpy as np

from brainlike.datasets.rendered.sdf import box, capsule, cylinder
from brainlike.datasets.rendered.shapes._parts import BLACK, add_rods, both_sides
from brainlike.datasets.rendered.solids import Solid

OAK = (0.5, 0.3, 0.14)
WALNUT = (0.22, 0.13, 0.07)
BIRCH = (0.8, 0.68, 0.45)
MAHOGANY = (0.4, 0.22, 0.1)
PINE = (0.55, 0.4, 0.25)
SLATE = (0.15, 0.15, 0.17)


def _add_legs(table: Solid, feet, height, radius, colour) -> Solid:
    """Add a leg for each (x, z) of its top and (x, z) of its foot; it tapers downward."""
    for (x, z), (foot_x, foot_z) in feet:
        leg = capsule((x, 0, z), (foot_x, -height, foot_z), radius, radius * 0.85)
        table.add(leg, colour)
    return table


def _upright(x, z):
    """Return the four places (±x, ±z), each over itself."""
    return [(place, place) for place in product((x, -x), (z, -z))]


def dining_table() -> Solid:
    """Return a rectangular table with a frame under its top."""
    table = Solid().add(box((0, 0.03, 0), (0.95, 0.05, 0.55)), OAK)
    table.add(box((0, -0.07, 0), (0.82, 0.07, 0.44)), WALNUT)
    return _add_legs(table, _upright(0.8, 0.43), 0.75, 0.055, OAK)


def pedestal_table() -> Solid:
    """Return a round table on one foot."""
    table = Solid().add(cylinder((0, 0, 0), (0, 0.07, 0), 0.85), OAK)
    table.add(cylinder((0, 0, 0), (0, -0.7, 0), 0.08, 0.12), WALNUT, 0.08)
    return table.add(cylinder((0, -0.7, 0), (0, -0.77, 0), 0.42), WALNUT, 0.08)


def coffee_table() -> Solid:
    """Return a low table with a shelf."""
    table = Solid().add(box((0, 0.0, 0), (1.0, 0.05, 0.6)), BIRCH)
    table.add(box((0, -0.27, 0), (0.9, 0.03, 0.5)), BIRCH)
    for x, z in product((0.9, -0.9), (0.5, -0.5)):
        table.add(box((x, -0.22, z), (0.06, 0.24, 0.06)), BIRCH)
    return table


def desk() -> Solid:
    """Return a desk with three drawers."""
    table = Solid().add(box((0, 0.03, 0), (1.0, 0.045, 0.5)), MAHOGANY)
    table.add(box((0.72, -0.36, 0), (0.24, 0.36, 0.44)), MAHOGANY)
    table.add(box((-0.9, -0.36, 0), (0.045, 0.36, 0.44)), MAHOGANY)
    table.add(box((-0.1, -0.2, -0.4), (0.8, 0.2, 0.025)), MAHOGANY)
    for y in (-0.14, -0.36, -0.58):
        table.paint(box((0.72, y - 0.11, 0.46), (0.22, 0.012, 0.05)), BLACK)
        table.paint(box((0.72, y, 0.46), (0.06, 0.022, 0.05)), (0.85, 0.8, 0.5))
    return table


def trestle_table() -> Solid:
    """Return a table on two trestles, whose legs meet under the middle of the top."""
    table = Solid().add(box((0, 0.03, 0), (1.1, 0.045, 0.45)), (0.7, 0.55, 0.35))
    for x in (0.8, -0.8):
        _add_legs(table, [((x, 0), (x, z)) for z in (0.4, -0.4)], 0.72, 0.045, WALNUT)
        add_rods(table, [((x, -0.45, 0.25), (x, -0.45, -0.25))], 0.035, WALNUT)
    return add_rods(table, [((0.8, -0.4, 0), (-0.8, -0.4, 0))], 0.035, WALNUT)


def bistro_table() -> Solid:
    """Return a small round table on three splayed legs."""
    table = Solid().add(cylinder((0, 0, 0), (0, 0.06, 0), 0.62), (0.85, 0.85, 0.82))
    for angle in np.deg2rad((30, 150, 270)):
        c, s = np.cos(angle), np.sin(angle)
        _add_legs(table, [((0.3 * c, 0.3 * s), (0.58 * c, 0.58 * s))], 0.85, 0.045, OAK)
    return table


def picnic_table() -> Solid:
    """Return a table with two benches."""
    table = Solid().add(box((0, 0.03, 0), (0.95, 0.045, 0.4)), PINE)
    table.add(both_sides(box((0, -0.32, 0.78), (0.95, 0.04, 0.16))), PINE)
    for x in (0.65, -0.65):
        table.add(both_sides(capsule((x, 0, 0.2), (x, -0.72, 0.72), 0.05)), PINE)
        table.add(both_sides(capsule((x, -0.33, 0), (x, -0.33, 0.8), 0.045)), PINE)
    return table


def side_table() -> Solid:
    """Return a high square table with a shelf, on metal legs."""
    table = Solid().add(box((0, 0.03, 0), (0.5, 0.04, 0.5)), SLATE)
    table.add(box((0, -0.6, 0), (0.4, 0.025, 0.4)), SLATE)
    return _add_legs(table, _upright(0.44, 0.44), 1.05, 0.035, (0.6, 0.6, 0.62))


TABLES = {
    "dining table": dining_table,
    "pedestal table": pedestal_table,
    "coffee table": coffee_table,
    "desk": desk,
    "trestle table": trestle_table,
    "bistro table": bistro_table,
    "picnic table": picnic_table,
    "side table": side_table,
}
