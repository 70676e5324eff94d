"""Eight boats: a shared hull shape under sails, cabins, containers and oars."""

import numpy as np

from brainlike.datasets.rendered.sdf import (
    Distance,
    box,
    capsule,
    cylinder,
    ellipsoid,
    extrude,
    rotation,
)
from brainlike.datasets.rendered.shapes._parts import BLACK, WHITE, both_sides, plate
from brainlike.datasets.rendered.solids import Solid

MAST = (0.35, 0.22, 0.1)
RED = (0.6, 0.1, 0.1)
CANVAS = (0.85, 0.75, 0.6)
CABIN = (0.85, 0.82, 0.75)
GLASS = (0.12, 0.15, 0.2)
PLANK = (0.5, 0.3, 0.13)
OAR = (0.75, 0.6, 0.4)
OAK = (0.35, 0.2, 0.1)


def hull(half_length, half_width, depth, deck=0.0) -> Distance:
    """Hull with a pointed bow at +x, a flat stern, and a deck that rises toward the bow.

    This is a bound on the distance, not the distance itself: good enough to mesh.
    """

    def distance(points):
        x, y = points[:, 0] / half_length, (points[:, 1] - deck) / depth
        toward_bow = np.clip(x, 0, 1)
        toward_keel = np.clip(-y - 0.1, 0, 1)
        width = half_width * np.sqrt(np.clip(1 - toward_bow**2, 0, 1))
        width = width * np.sqrt(np.clip(1 - toward_keel**2 * 0.75, 0, 1))
        side = np.abs(points[:, 2]) - width
        bow = points[:, 0] - half_length * (1 + 0.12 * np.clip(y, -1, 0))
        stern = -points[:, 0] - half_length * 0.9
        above = points[:, 1] - deck - 0.18 * depth * np.maximum(x, 0) ** 2
        below = -(points[:, 1] - deck) - depth
        ends, covers = np.maximum(bow, stern), np.maximum(above, below)
        return np.maximum(np.maximum(side * 0.8, ends), covers)

    return distance


def sloop() -> Solid:
    """Return a small yacht with a mainsail and a jib."""
    boat = Solid().add(hull(0.75, 0.22, 0.24), (0.75, 0.75, 0.78))
    boat.paint(box((0, -0.2, 0), (1, 0.05, 1)), RED)
    boat.add(cylinder((0.05, 0, 0), (0.05, 1.25, 0), 0.022), MAST)
    boat.add(plate([(0.01, 0.12), (-0.62, 0.12), (0.01, 1.2)]), (0.95, 0.95, 0.92))
    boat.add(plate([(0.1, 0.1), (0.68, 0.08), (0.09, 1.05)]), (0.92, 0.9, 0.86))
    return boat.add(box((-0.2, 0.04, 0), (0.2, 0.06, 0.1)), (0.5, 0.35, 0.2))


def schooner() -> Solid:
    """Return a dark hull with two masts."""
    boat = Solid().add(hull(0.95, 0.2, 0.24), (0.12, 0.14, 0.22))
    for x, height in ((0.3, 1.0), (-0.3, 1.15)):
        boat.add(cylinder((x, 0, 0), (x, height, 0), 0.022), MAST)
        gaff, peak = (x - 0.36, height * 0.8), (x - 0.04, height * 0.92)
        boat.add(plate([(x - 0.04, 0.12), (x - 0.52, 0.14), gaff, peak]), CANVAS)
    boat.add(plate([(0.36, 0.12), (0.93, 0.1), (0.34, 0.9)]), CANVAS)
    return boat.add(capsule((0.85, 0.03, 0), (1.1, 0.1, 0), 0.02), MAST)


def tug() -> Solid:
    """Return a tug boat with a tall funnel."""
    boat = Solid().add(hull(0.72, 0.3, 0.3), (0.1, 0.1, 0.12))
    boat.add(box((0.08, 0.2, 0), (0.26, 0.2, 0.17)), CABIN)
    boat.add(box((0.12, 0.5, 0), (0.17, 0.13, 0.14)), CABIN)
    boat.paint(box((0.12, 0.53, 0), (0.2, 0.06, 0.2)), BLACK)
    boat.add(cylinder((-0.28, 0.1, 0), (-0.28, 0.68, 0), 0.1), (0.75, 0.2, 0.12))
    boat.paint(box((-0.28, 0.62, 0), (0.15, 0.06, 0.15)), BLACK)
    boat.add(cylinder((0.1, 0.6, 0), (0.1, 0.95, 0), 0.02), BLACK)
    return boat.paint(box((0, -0.26, 0), (1, 0.05, 1)), RED)


def cruise_ship() -> Solid:
    """Return a liner with four decks."""
    boat = Solid().add(hull(1.0, 0.19, 0.2), (0.9, 0.9, 0.92))
    boat.paint(box((0, -0.16, 0), (2, 0.05, 1)), (0.1, 0.15, 0.4))
    for k, (stern, bow) in enumerate([(-0.8, 0.62), (-0.76, 0.55), (-0.7, 0.45), (-0.62, 0.36)]):
        x, half = (stern + bow) / 2, (bow - stern) / 2
        boat.add(box((x, 0.06 + 0.105 * k, 0), (half, 0.055, 0.17 - 0.012 * k)), WHITE)
        boat.paint(box((x, 0.07 + 0.105 * k, 0), (half + 0.05, 0.018, 0.3)), (0.15, 0.2, 0.28))
    return boat.add(cylinder((-0.35, 0.4, 0), (-0.42, 0.72, 0), 0.09, 0.075), (0.8, 0.15, 0.1))


def speedboat() -> Solid:
    """Return an open motor boat with a windscreen."""
    boat = Solid().add(hull(0.9, 0.28, 0.2), (0.9, 0.9, 0.9))
    boat.paint(box((0, -0.05, 0), (2, 0.03, 1)), (0.75, 0.1, 0.1))
    boat.add(extrude([(0.3, 0), (0.12, 0.2), (0.08, 0.2), (0.2, 0)], 2, 0, 0.2), GLASS)
    boat.carve(box((-0.25, 0.0, 0), (0.38, 0.12, 0.17)), 0.02)
    boat.add(box((-0.3, -0.04, 0), (0.12, 0.05, 0.16)), (0.6, 0.3, 0.15))
    return boat.add(box((-0.86, 0.05, 0), (0.08, 0.14, 0.08)), BLACK)


def rowboat() -> Solid:
    """Return a rowing boat with three benches and two oars."""
    boat = Solid().add(hull(0.85, 0.3, 0.24), PLANK)
    boat.carve(hull(0.76, 0.25, 0.24, deck=0.06), 0.02)
    for x in (-0.4, 0, 0.35):
        boat.add(box((x, -0.05, 0), (0.06, 0.02, 0.26)), (0.7, 0.5, 0.3))
    boat.add(both_sides(capsule((-0.1, 0.05, 0.25), (0.25, -0.12, 0.75), 0.022)), OAR)
    blade = ellipsoid((0.32, -0.15, 0.85), (0.07, 0.02, 0.14), rotation("y", 20))
    return boat.add(both_sides(blade), OAR)


def container_ship() -> Solid:
    """Return a freighter with stacks of coloured containers."""
    boat = Solid().add(hull(1.05, 0.2, 0.24), (0.45, 0.12, 0.1))
    rng = np.random.default_rng(1)
    colours = [(0.7, 0.2, 0.15), (0.15, 0.3, 0.6), (0.8, 0.6, 0.15), (0.2, 0.5, 0.25), (0.6,) * 3]
    for x in np.arange(-0.45, 0.8, 0.2):
        height = 0.12 + 0.1 * rng.integers(0, 2)
        for z in (-0.09, 0.09):
            boat.add(box((x, height, z), (0.092, height, 0.085)), colours[rng.integers(5)])
    boat.add(box((-0.75, 0.25, 0), (0.09, 0.3, 0.17)), WHITE)
    boat.paint(box((-0.7, 0.46, 0), (0.1, 0.04, 0.3)), BLACK)
    return boat.add(cylinder((-0.86, 0.2, 0), (-0.86, 0.62, 0), 0.05), (0.1, 0.2, 0.5))


def longship() -> Solid:
    """Return a Viking ship with one striped square sail and a row of shields."""
    boat = Solid().add(hull(0.8, 0.24, 0.22), OAK)
    boat.add(capsule((0.75, -0.02, 0), (1.02, 0.45, 0), 0.07, 0.03), OAK, 0.08)
    boat.add(capsule((-0.68, -0.02, 0), (-0.95, 0.4, 0), 0.08, 0.03), OAK, 0.08)
    boat.add(cylinder((0, 0, 0), (0, 1.0, 0), 0.03), (0.3, 0.18, 0.1))
    boat.add(box((0.06, 0.62, 0), (0.02, 0.3, 0.5)), (0.85, 0.8, 0.7))
    for z in (-0.375, -0.125, 0.125, 0.375):
        boat.paint(box((0.06, 0.62, z), (0.05, 0.32, 0.06)), (0.65, 0.12, 0.1))
    for x in np.linspace(-0.5, 0.5, 5):
        shield = cylinder((x, -0.02, 0.23), (x, -0.02, 0.27), 0.085)
        boat.add(both_sides(shield), (0.7, 0.55, 0.2))
    return boat


BOATS = {
    "sloop": sloop,
    "schooner": schooner,
    "tug": tug,
    "cruise ship": cruise_ship,
    "speedboat": speedboat,
    "rowboat": rowboat,
    "container ship": container_ship,
    "longship": longship,
}
