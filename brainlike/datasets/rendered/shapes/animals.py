"""Eight four-legged animals: one body plan, eight sets of proportions."""

from dataclasses import dataclass

import numpy as np

from brainlike.datasets.rendered.sdf import capsule, ellipsoid, rotation
from brainlike.datasets.rendered.shapes._parts import BLACK, both_sides
from brainlike.datasets.rendered.solids import Solid


@dataclass(frozen=True)
class Animal:
    """Proportions of an animal; lengths in design units, angles in degrees."""

    name: str
    length: float  # half length of the trunk
    girth: float  # half height of the trunk
    leg: float
    leg_radius: float
    neck: float
    neck_angle: float  # above the horizontal
    head: float
    snout: float
    ear: float
    ear_kind: str  # "up", "round" or "flap"
    tail: float
    tail_angle: float
    colour: tuple[float, float, float]


ANIMALS = (
    # name, length, girth, leg, its radius, neck, its angle, head, snout, ear, kind, tail, angle
    Animal("dog", 0.50, 0.19, 0.42, 0.055, 0.22, 50, 0.16, 0.20, 0.13, "up", 0.35, 50,
           (0.45, 0.30, 0.15)),
    Animal("horse", 0.55, 0.22, 0.62, 0.055, 0.50, 50, 0.15, 0.30, 0.10, "up", 0.50, -60,
           (0.35, 0.2, 0.1)),
    Animal("giraffe", 0.42, 0.20, 0.75, 0.05, 0.95, 68, 0.12, 0.22, 0.09, "up", 0.40, -70,
           (0.75, 0.55, 0.25)),
    Animal("elephant", 0.55, 0.36, 0.50, 0.12, 0.18, 30, 0.26, 0.0, 0.30, "flap", 0.30, -60,
           (0.45, 0.45, 0.47)),
    Animal("bear", 0.52, 0.32, 0.36, 0.12, 0.18, 25, 0.22, 0.16, 0.08, "round", 0.06, 0,
           (0.22, 0.14, 0.08)),
    Animal("cat", 0.42, 0.16, 0.32, 0.045, 0.14, 45, 0.17, 0.06, 0.11, "up", 0.55, 75,
           (0.65, 0.62, 0.6)),
    Animal("pig", 0.52, 0.30, 0.22, 0.07, 0.08, 10, 0.22, 0.16, 0.10, "up", 0.10, 40,
           (0.85, 0.6, 0.58)),
    Animal("camel", 0.50, 0.24, 0.62, 0.05, 0.55, 40, 0.14, 0.22, 0.07, "up", 0.35, -65,
           (0.7, 0.55, 0.35)),
)  # fmt: skip

TUSK = (0.9, 0.88, 0.8)
MANE = (0.1, 0.07, 0.05)
BLOTCH = (0.4, 0.22, 0.08)
MUZZLE = (0.7, 0.4, 0.4)


def animal(index: int) -> Solid:
    """Return animal `index` (0 to 7)."""
    a = ANIMALS[index]
    coat = np.array(a.colour)
    neck_start = np.array([a.length * 0.8, a.girth * 0.45, 0])
    neck_end = neck_start + a.neck * _direction(a.neck_angle)
    head = neck_end + np.array([0.4 * a.head, 0.3 * a.head, 0])
    solid = Solid()
    _add_trunk(solid, a, coat)
    _add_legs(solid, a, coat)
    solid.add(capsule(neck_start, neck_end, max(0.6 * a.girth, 0.1), 0.65 * a.head), coat, 0.12)
    nose = _add_head(solid, a, coat, head)
    _add_ears(solid, a, coat, head)
    if a.name == "elephant":
        _add_trunk_and_tusks(solid, a, coat, head)
    root = np.array([-a.length * 1.0 - 0.05, a.girth * 0.3, 0])
    tip = root + a.tail * _direction(180 - a.tail_angle)
    solid.add(capsule(root, tip, 0.05, 0.035), coat * 0.8, 0.05)
    if a.name == "camel":
        for x in (0.17, -0.2):
            solid.add(ellipsoid((x, a.girth * 1.0, 0), (0.16, 0.22, 0.12)), coat, 0.08)
    if a.name == "horse":
        start, end = neck_start + np.array([-0.1, 0.15, 0]), head + np.array([-0.1, 0.12, 0])
        solid.add(capsule(start, end, 0.06), MANE, 0.02)
    if a.name == "giraffe":
        _paint_blotches(solid, a, neck_start, neck_end)
    if a.name == "pig":
        solid.paint(ellipsoid(nose, 0.1), MUZZLE)
    return solid


def _direction(degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle), 0])


def _add_trunk(solid, a, coat):
    g = a.girth
    solid.add(ellipsoid((0, 0, 0), (a.length, g, g * 0.85)), coat, 0.05)
    shoulder, hip = (g * 1.15, g * 1.05, g * 0.9), (g * 1.15, g, g * 0.9)
    solid.add(ellipsoid((a.length * 0.55, 0.02, 0), shoulder), coat, 0.12)
    solid.add(ellipsoid((-a.length * 0.55, 0.02, 0), hip), coat, 0.12)


def _add_legs(solid, a, coat):
    """Add thigh, shank and foot of the front and hind legs, each on both sides."""
    g, r = a.girth, a.leg_radius
    for x, knee in ((a.length * 0.66, -0.06), (-a.length * 0.7, 0.06)):
        hip = (x, -g * 0.4, g * 0.5)
        middle = (x + knee, -g * 0.5 - a.leg * 0.55, g * 0.5)
        ankle = (x, -g * 0.5 - a.leg, g * 0.5)
        toe = (x + r, -g * 0.5 - a.leg, g * 0.5)
        solid.add(both_sides(capsule(hip, middle, r * 1.5, r)), coat, 0.06)
        solid.add(both_sides(capsule(middle, ankle, r, r * 0.95)), coat * 0.8, 0.03)
        solid.add(both_sides(capsule(ankle, toe, r * 1.1)), coat * 0.45, 0.02)


def _add_head(solid, a, coat, head):
    """Add skull, snout and eyes; return the position of the nose."""
    s = a.head
    solid.add(ellipsoid(head, (s * 1.1, s, s * 0.9)), coat, 0.06)
    muzzle = head + np.array([s * 0.6 + a.snout, -0.25 * s - a.snout * 0.35, 0])
    if a.snout:
        solid.add(capsule(head, muzzle, s * 0.7, s * 0.45), coat * 0.9, 0.05)
        solid.add(ellipsoid(muzzle + np.array([s * 0.3, 0.05 * s, 0]), s * 0.2), BLACK, 0.01)
    eye = head + np.array([s * 0.55, 0.35 * s, 0.68 * s])
    solid.add(both_sides(ellipsoid(eye, 0.04 + 0.05 * s)), BLACK, 0.005)
    return muzzle + np.array([s * 0.3, 0, 0])


def _add_ears(solid, a, coat, head):
    s, ear = a.head, a.ear
    if a.ear_kind == "flap":
        center = head + np.array([-0.1, 0.0, s * 1.1])
        shape, blend = ellipsoid(center, (0.2, 0.28, 0.05), rotation("y", 25)), 0.03
        solid.add(both_sides(shape), coat * 0.85, blend)
    elif a.ear_kind == "up":
        base = head + np.array([-0.2 * s, 0.6 * s, 0.5 * s])
        tip = head + np.array([-0.25 * s, 0.6 * s + ear, 0.65 * s])
        solid.add(both_sides(capsule(base, tip, 0.4 * ear, 0.12 * ear)), coat * 0.8, 0.02)
    else:
        center = head + np.array([-0.1 * s, 0.85 * s, 0.6 * s])
        shape = ellipsoid(center, (0.4 * ear, ear * 0.8, ear * 0.8))
        solid.add(both_sides(shape), coat * 0.8, 0.02)


def _add_trunk_and_tusks(solid, a, coat, head):
    s = a.head
    start = head + np.array([s * 0.8, -0.1, 0])
    for step in ((0.18, -0.25, 0), (0.05, -0.28, 0), (0.12, -0.14, 0)):
        end = start + np.array(step)
        solid.add(capsule(start, end, 0.09, 0.065), coat, 0.05)
        start = end
    root = head + np.array([s * 0.7, -0.15, 0.12])
    tip = head + np.array([s * 0.7 + 0.3, -0.3, 0.14])
    solid.add(both_sides(capsule(root, tip, 0.035, 0.02)), TUSK, 0.01)


def _paint_blotches(solid, a, neck_start, neck_end):
    rng = np.random.default_rng(3)
    for _ in range(26):
        x, y = rng.uniform(-a.length, a.length), rng.uniform(-a.girth, a.girth)
        solid.paint(ellipsoid((x, y, rng.choice([-1, 1]) * a.girth * 0.8), 0.075), BLOTCH)
    for t in np.linspace(0.1, 0.9, 6):
        side = np.array([0, 0, 0.1 * (-1) ** int(t * 10)])
        solid.paint(ellipsoid(neck_start + (neck_end - neck_start) * t + side, 0.06), BLOTCH)
