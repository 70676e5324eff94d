"""Eight aeroplanes: fuselage, wings and tail, from a glider to a four-engined transport."""

from brainlike.datasets.rendered.sdf import (
    box,
    capsule,
    cylinder,
    ellipsoid,
    extrude,
    place,
    rotation,
)
from brainlike.datasets.rendered.shapes._parts import BLACK, WHITE, both_sides
from brainlike.datasets.rendered.solids import Solid

RED = (0.75, 0.15, 0.1)
STEEL = (0.42, 0.45, 0.48)
OLIVE = (0.3, 0.35, 0.25)
DARK = (0.2, 0.21, 0.23)
ENGINE = (0.35, 0.35, 0.4)
WINDOW = (0.1, 0.13, 0.2)


def _add_wings(plane: Solid, outline, y, colour=WHITE) -> Solid:
    """Add a pair of wings over an outline of (x, z) corners, at height `y`."""
    return plane.add(both_sides(extrude(outline, 1, y, 0.022, 0.005)), colour, 0.02)


def _add_fin(plane: Solid, outline, colour=WHITE) -> Solid:
    """Add an upright tail fin over an outline of (x, y) corners."""
    return plane.add(extrude(outline, 2, 0, 0.022, 0.005), colour, 0.02)


def airliner() -> Solid:
    """Return a twin-jet airliner."""
    plane = Solid().add(capsule((-0.75, 0, 0), (0.8, 0, 0), 0.13), WHITE)
    plane.add(capsule((-1.0, 0.06, 0), (-0.6, 0, 0), 0.05, 0.13), WHITE, 0.05)
    _add_wings(plane, [(0.25, 0.05), (-0.05, 0.05), (-0.42, 1.0), (-0.3, 1.0)], -0.05)
    _add_wings(plane, [(-0.8, 0.02), (-0.98, 0.02), (-1.08, 0.38), (-1.0, 0.38)], 0.06)
    fin = [(-0.7, 0.08), (-1.0, 0.08), (-1.12, 0.5), (-0.98, 0.5)]
    _add_fin(plane, fin, (0.1, 0.2, 0.5))
    plane.add(both_sides(cylinder((0.0, -0.14, 0.38), (0.22, -0.14, 0.38), 0.07)), ENGINE)
    plane.paint(box((0.1, 0.04, 0), (0.75, 0.018, 1)), (0.1, 0.12, 0.2))
    return plane.paint(box((0.88, 0.07, 0), (0.05, 0.03, 1)), BLACK)


def biplane() -> Solid:
    """Return a biplane with a propeller and two wheels."""
    plane = Solid().add(capsule((0.45, 0, 0), (-0.8, 0.03, 0), 0.17, 0.06), RED)
    for y in (-0.12, 0.35):
        plane.add(box((0.25, y, 0), (0.17, 0.022, 0.9)), RED)
    for z in (0.6, 0.25):
        for x in (0.32, 0.18):
            plane.add(both_sides(capsule((x, -0.12, z), (x, 0.35, z), 0.018)), BLACK)
    plane.add(box((-0.78, 0.04, 0), (0.1, 0.02, 0.32)), RED)
    _add_fin(plane, [(-0.65, 0.05), (-0.9, 0.05), (-0.92, 0.3), (-0.78, 0.3)], RED)
    propeller = box((0.65, 0, 0), (0.02, 0.36, 0.04), 0.01, rotation("x", 25))
    plane.add(propeller, (0.4, 0.25, 0.1))
    plane.add(both_sides(cylinder((0.35, -0.38, 0.17), (0.35, -0.38, 0.22), 0.1)), BLACK)
    plane.add(both_sides(capsule((0.3, -0.1, 0.12), (0.35, -0.38, 0.19), 0.025)), BLACK)
    return plane.add(ellipsoid((-0.08, 0.18, 0), 0.07), BLACK)


def fighter() -> Solid:
    """Return a jet fighter with two slanted fins."""
    plane = Solid().add(capsule((1.0, 0, 0), (0.3, 0, 0), 0.03, 0.13), STEEL)
    plane.add(capsule((0.3, 0, 0), (-0.75, 0, 0), 0.13, 0.14), STEEL)
    _add_wings(plane, [(0.25, 0.05), (-0.6, 0.05), (-0.6, 0.55), (-0.4, 0.62)], 0, STEEL)
    _add_wings(plane, [(-0.65, 0.05), (-0.95, 0.05), (-1.0, 0.38), (-0.88, 0.4)], 0, STEEL)
    outline = [(-0.45, 0), (-0.9, 0), (-1.0, 0.4), (-0.82, 0.42)]
    fin = place(extrude(outline, 2, 0, 0.02, 0.005), (0, 0.08, 0.12), rotation("x", 15))
    plane.add(both_sides(fin), STEEL)
    plane.add(ellipsoid((0.42, 0.12, 0), (0.24, 0.09, 0.08)), (0.08, 0.1, 0.12))
    return plane.paint(ellipsoid((-0.88, 0, 0), 0.13), BLACK)


def light_aircraft() -> Solid:
    """Return a single-engined aircraft with a high wing."""
    plane = Solid().add(capsule((0.4, 0, 0), (-0.05, 0.03, 0), 0.17, 0.18), WHITE, 0.05)
    plane.add(capsule((-0.05, 0.03, 0), (-0.95, 0.08, 0), 0.16, 0.04), WHITE, 0.05)
    plane.add(box((0.15, 0.22, 0), (0.17, 0.025, 1.05)), WHITE, 0.02)
    plane.add(box((-0.88, 0.09, 0), (0.11, 0.02, 0.36)), WHITE)
    _add_fin(plane, [(-0.7, 0.08), (-0.98, 0.08), (-1.02, 0.42), (-0.9, 0.42)])
    plane.add(box((0.6, 0, 0), (0.02, 0.33, 0.04), 0.01, rotation("x", 40)), BLACK)
    plane.paint(box((0.12, 0.13, 0), (0.17, 0.055, 1)), WINDOW)
    plane.paint(box((0, -0.03, 0), (2, 0.03, 1)), (0.1, 0.25, 0.6))
    plane.add(both_sides(capsule((0.1, -0.1, 0.1), (0.12, -0.32, 0.3), 0.025)), BLACK)
    plane.add(both_sides(cylinder((0.12, -0.32, 0.28), (0.12, -0.32, 0.34), 0.08)), BLACK)
    return plane.add(both_sides(capsule((0.15, -0.08, 0.1), (0.15, 0.2, 0.5), 0.018)), WHITE)


def glider() -> Solid:
    """Return a glider with long wings and a T-shaped tail."""
    plane = Solid().add(capsule((0.5, 0, 0), (0.1, 0.02, 0), 0.09, 0.1), WHITE)
    plane.add(capsule((0.1, 0.02, 0), (-0.85, 0.06, 0), 0.08, 0.03), WHITE, 0.05)
    _add_wings(plane, [(0.2, 0.0), (0.02, 0.0), (0.04, 1.15), (0.12, 1.15)], 0.08)
    fin = [(-0.75, 0.05), (-0.92, 0.05), (-0.95, 0.34), (-0.84, 0.34)]
    _add_fin(plane, fin, (0.75, 0.1, 0.1))
    plane.add(box((-0.88, 0.34, 0), (0.07, 0.018, 0.28)), WHITE)
    return plane.paint(ellipsoid((0.45, 0.08, 0), (0.16, 0.07, 0.2)), (0.1, 0.14, 0.2))


def flying_wing() -> Solid:
    """Return a flying wing without a tail."""
    outline = [(0.5, -0.1), (-0.45, 1.1), (-0.62, 1.1), (-0.3, 0.6), (-0.5, 0.35), (-0.3, 0.15),
               (-0.52, -0.05)]  # fmt: skip
    plane = Solid().add(both_sides(extrude(outline, 1, 0, 0.03, 0.01)), DARK)
    plane.add(ellipsoid((0.08, 0.05, 0), (0.4, 0.11, 0.2)), DARK, 0.06)
    plane.add(both_sides(ellipsoid((-0.02, 0.05, 0.3), (0.26, 0.08, 0.09))), DARK, 0.05)
    return plane.paint(ellipsoid((0.35, 0.1, 0), (0.07, 0.06, 0.14)), BLACK)


def transport() -> Solid:
    """Return a four-engined propeller transport."""
    plane = Solid().add(capsule((0.7, 0, 0), (-0.35, 0, 0), 0.18), OLIVE)
    plane.add(capsule((-0.35, 0, 0), (-1.0, 0.13, 0), 0.17, 0.05), OLIVE, 0.05)
    plane.add(box((0.15, 0.19, 0), (0.14, 0.03, 1.05)), OLIVE, 0.02)
    plane.add(box((-0.95, 0.16, 0), (0.1, 0.02, 0.4)), OLIVE)
    _add_fin(plane, [(-0.72, 0.12), (-1.02, 0.12), (-1.05, 0.58), (-0.9, 0.58)], OLIVE)
    for z in (0.35, 0.7):
        plane.add(both_sides(capsule((0.32, 0.15, z), (0.05, 0.15, z), 0.06)), OLIVE)
        plane.add(both_sides(cylinder((0.37, 0.15, z), (0.385, 0.15, z), 0.16)), BLACK)
    return plane.paint(box((0.8, 0.09, 0), (0.06, 0.035, 1)), BLACK)


def delta_wing() -> Solid:
    """Return a supersonic airliner with a delta wing."""
    plane = Solid().add(capsule((1.1, -0.03, 0), (0.7, 0, 0), 0.03, 0.085), WHITE, 0.03)
    plane.add(capsule((0.7, 0, 0), (-0.7, 0, 0), 0.09), WHITE)
    plane.add(capsule((-0.7, 0, 0), (-1.05, 0.04, 0), 0.085, 0.02), WHITE, 0.03)
    wing = [(0.5, 0.03), (0.0, 0.2), (-0.55, 0.62), (-0.75, 0.62), (-0.7, 0.03)]
    _add_wings(plane, wing, -0.05)
    _add_fin(plane, [(-0.45, 0.06), (-0.95, 0.06), (-1.0, 0.34), (-0.88, 0.34)])
    plane.add(both_sides(box((-0.45, -0.11, 0.28), (0.22, 0.045, 0.1))), (0.35, 0.35, 0.38))
    return plane.paint(box((0.95, 0.04, 0), (0.05, 0.03, 1)), BLACK)


PLANES = {
    "airliner": airliner,
    "biplane": biplane,
    "fighter": fighter,
    "light aircraft": light_aircraft,
    "glider": glider,
    "flying wing": flying_wing,
    "transport": transport,
    "delta wing": delta_wing,
}
