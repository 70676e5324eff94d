"""Eight road vehicles: a body and a cabin extruded from side outlines, on four wheels."""

from dataclasses import dataclass

import numpy as np

from brainlike.datasets.rendered.sdf import box, cylinder, ellipsoid, extrude
from brainlike.datasets.rendered.shapes._parts import both_sides
from brainlike.datasets.rendered.solids import Solid

GLASS = (0.05, 0.06, 0.08)
TIRE = (0.05, 0.05, 0.05)
RIM = (0.6, 0.6, 0.62)
BUMPER = (0.3, 0.3, 0.3)
HEADLIGHT = (0.95, 0.95, 0.8)
TAILLIGHT = (0.8, 0.05, 0.05)
AXLE_HEIGHT = -0.15


@dataclass(frozen=True)
class Car:
    """Side outlines as (x, y) corners, and sizes, in design units."""

    name: str
    body: tuple
    cabin: tuple
    half_width: float
    wheel_radius: float
    axles: tuple[float, float]  # x of the front and rear axle
    colour: tuple[float, float, float]
    rounding: float = 0.05


CARS = (
    Car(
        "sedan",
        ((-0.95, -0.18), (0.95, -0.18), (0.97, 0.0), (0.85, 0.1), (0.4, 0.14), (-0.55, 0.16),
         (-0.93, 0.12)),
        ((0.45, 0.1), (0.15, 0.42), (-0.4, 0.42), (-0.72, 0.1)),
        0.36, 0.17, (0.58, -0.58), (0.12, 0.2, 0.5),
    ),
    Car(
        "off-road car",
        ((-0.85, -0.15), (0.85, -0.15), (0.88, 0.1), (0.8, 0.22), (0.4, 0.25), (-0.83, 0.25)),
        ((0.45, 0.2), (0.2, 0.58), (-0.8, 0.58), (-0.84, 0.2)),
        0.38, 0.2, (0.52, -0.52), (0.1, 0.3, 0.15),
    ),
    Car(
        "van",
        ((-0.95, -0.18), (0.92, -0.18), (0.94, 0.08), (0.82, 0.2), (-0.95, 0.2)),
        ((0.8, 0.15), (0.5, 0.68), (-0.95, 0.68), (-0.95, 0.15)),
        0.37, 0.16, (0.58, -0.6), (0.8, 0.8, 0.78),
    ),
    Car(
        "pickup",
        ((-1.05, -0.15), (0.95, -0.15), (0.98, 0.1), (0.85, 0.2), (-1.05, 0.22)),
        ((0.42, 0.15), (0.22, 0.55), (-0.18, 0.55), (-0.25, 0.15)),
        0.38, 0.2, (0.6, -0.65), (0.65, 0.1, 0.08),
    ),
    Car(
        "sports car",
        ((-0.95, -0.16), (1.0, -0.16), (1.02, -0.06), (0.5, 0.08), (-0.6, 0.14), (-0.95, 0.12)),
        ((0.35, 0.05), (-0.02, 0.3), (-0.3, 0.3), (-0.85, 0.1)),
        0.4, 0.18, (0.6, -0.6), (0.85, 0.7, 0.05),
    ),
    Car(
        "small car",
        ((-0.75, -0.16), (0.78, -0.16), (0.82, 0.0), (0.6, 0.14), (-0.6, 0.14), (-0.8, 0.0)),
        ((0.48, 0.1), (0.25, 0.42), (-0.1, 0.5), (-0.45, 0.4), (-0.78, 0.05)),
        0.32, 0.18, (0.5, -0.48), (0.55, 0.75, 0.8), 0.1,
    ),
    Car(
        "bus",
        ((-1.1, -0.18), (1.1, -0.18), (1.1, 0.15), (-1.1, 0.15)),
        ((1.1, 0.1), (1.07, 0.62), (-1.1, 0.62), (-1.1, 0.1)),
        0.3, 0.15, (0.7, -0.68), (0.8, 0.45, 0.05),
    ),
    Car(
        "jeep",
        ((-0.75, -0.1), (0.82, -0.1), (0.82, 0.22), (0.2, 0.24), (-0.75, 0.24)),
        ((0.22, 0.2), (0.12, 0.56), (-0.72, 0.56), (-0.72, 0.2)),
        0.36, 0.22, (0.5, -0.48), (0.35, 0.35, 0.2),
    ),
)  # fmt: skip


def car(index: int) -> Solid:
    """Return car `index` (0 to 7)."""
    c = CARS[index]
    lacquer = np.array(c.colour)
    solid = Solid().add(extrude(c.body, 2, 0, c.half_width, c.rounding), lacquer, 0.02)
    cabin = extrude(c.cabin, 2, 0, c.half_width * 0.88, c.rounding)
    solid.add(cabin, lacquer * 0.95, 0.03)
    _paint_windows(solid, c, lacquer)
    if c.name == "pickup":
        solid.carve(box((-0.68, 0.25, 0), (0.36, 0.2, c.half_width * 0.82)), 0.02)
    _add_wheels(solid, c)
    _add_lights_and_bumpers(solid, c)
    return solid


def _paint_windows(solid, c, lacquer):
    """Paint a shrunken cabin dark, through all sides, then the roof and the posts over it."""
    cabin, w = np.array(c.cabin), c.half_width
    middle, top, bottom = cabin.mean(0), cabin[:, 1].max(), cabin[:, 1].min()
    window = (cabin - middle) * np.array([0.84, 0.62]) + middle + np.array([0, 0.03])
    solid.paint(extrude(window, 2, 0, 1.0, 0.0), GLASS)
    screens = box((middle[0], middle[1] + 0.05, 0), (2, 0.28 * (top - bottom), w * 0.68))
    solid.paint(screens, GLASS)
    half_roof = 0.9 * (window[:, 0].max() - window[:, 0].min()) / 2
    solid.paint(box((middle[0], top + 0.1, 0), (half_roof, 0.12, w)), lacquer * 0.95)
    if c.name != "pickup":
        for z in (w * 0.9, -w * 0.9):
            solid.paint(box((middle[0] - 0.05, 0.3, z), (0.022, 0.5, 0.3)), lacquer * 0.9)
    if c.name == "bus":
        for x in np.arange(-0.9, 1.0, 0.24):
            solid.paint(box((x, 0.3, 0), (0.022, 0.5, 1)), lacquer)


def _add_wheels(solid, c):
    w, r, y = c.half_width, c.wheel_radius, AXLE_HEIGHT

    def disc(x, inner, outer, radius):
        return both_sides(cylinder((x, y, w + inner), (x, y, w + outer), radius))

    for x in c.axles:
        solid.carve(disc(x, -0.12, 0.2, r * 1.18))
        solid.add(disc(x, -0.13, 0.0, r), TIRE)
        solid.paint(disc(x, -0.06, 0.1, r * 0.55), RIM)


def _add_lights_and_bumpers(solid, c):
    w = c.half_width
    front, rear = max(x for x, _ in c.body), min(x for x, _ in c.body)
    solid.paint(both_sides(ellipsoid((front - 0.02, 0.04, w * 0.72), 0.075)), HEADLIGHT)
    solid.paint(both_sides(ellipsoid((rear, 0.06, w * 0.75), 0.06)), TAILLIGHT)
    for x in (front - 0.02, rear + 0.02):
        solid.add(box((x, -0.13, 0), (0.04, 0.04, w * 0.95)), BUMPER)
