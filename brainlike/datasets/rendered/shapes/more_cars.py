"""Cars with 28 continuous parameters and two switches, each drawn independently.

Here x points to the front, y up and z to the side. The outline is built up from the wheels, so
that every draw is a whole car: the bonnet and the boot clear the wheel arches, and the cabin
stands between them.
"""

from colorsys import hsv_to_rgb
from dataclasses import dataclass

import numpy as np

from brainlike.datasets.rendered.render import GREY_WEIGHTS
from brainlike.datasets.rendered.sdf import box, cylinder, ellipsoid, extrude, smooth_minimum
from brainlike.datasets.rendered.shapes._parts import between, both_sides, draw_parameters
from brainlike.datasets.rendered.shapes.cars import BUMPER, GLASS, HEADLIGHT, RIM, TAILLIGHT, TIRE
from brainlike.datasets.rendered.solids import Solid

GROUND = -0.5  # y of the ground: the car stays inside the cube in which it is meshed
DARKEST, LIGHTEST = 0.03, 0.8  # grey values of lacquer (Rec. 601 weights of its reflectances)
SILL = (0.07, 0.07, 0.075)
WHEEL_WIDTH = 0.1
ARCH = 1.15  # radius of a wheel arch, in wheel radii
BED = 0.2  # by how much an open bed is longer than a boot, in lengths of the car
REACH = 2.0  # beyond the car in any direction


@dataclass(frozen=True)
class CarParameters:
    """What makes one car differ from another; the defaults are the average car.

    Lengths are in design units (a car is about 2 long); the heights of bonnet and boot are those
    above the wheel arches, and `belt` is that of the cabin's foot above the higher of the two.
    Fractions of the car's length are `bonnet_length`, `boot_length` and the axles' distances from
    the ends; of the cabin's length, how far `windscreen` and `rear_window` lean and where the
    `post` stands; of its height, `window_height`, and of its half width, how far its sides lean
    in (`tumblehome`); of the wheel's radius, `rim_size`; of the height of the body's ends,
    `lamp_height`. `lacquer` and `roof` go from 0 (dark) to 1 (light). `hue` (0 to 1, once around)
    shows in colour only: it leaves the grey image as it is.
    """

    length: float = between(1.7, 2.1)
    half_width: float = between(0.32, 0.44)
    clearance: float = between(0.05, 0.13)
    wheel_radius: float = between(0.14, 0.205)
    rim_size: float = between(0.3, 0.7)
    front_axle: float = between(0.17, 0.22)
    rear_axle: float = between(0.165, 0.23)
    bonnet_height: float = between(0.03, 0.12)
    bonnet_length: float = between(0.15, 0.31)
    nose_slant: float = between(0.02, 0.14)
    boot_height: float = between(0.03, 0.16)
    boot_length: float = between(0.06, 0.23)
    tail_slant: float = between(0.0, 0.08)
    belt: float = between(0.0, 0.06)
    rounding: float = between(0.02, 0.06)
    cabin_height: float = between(0.22, 0.4)
    windscreen: float = between(0.1, 0.34)
    rear_window: float = between(0.04, 0.32)
    roof_fall: float = between(0.0, 0.06)
    tumblehome: float = between(0.05, 0.4)
    window_height: float = between(0.45, 0.72)
    post: float = between(0.36, 0.64)
    lamp_size: float = between(0.05, 0.1)
    lamp_height: float = between(0.4, 0.8)
    sill: float = between(0.0, 0.14)
    lacquer: float = between(0, 1)
    roof: float = between(0, 1)
    hue: float = between(0, 1)
    roof_box: bool = False
    open_bed: bool = False


def sample_car(rng: np.random.Generator) -> CarParameters:
    """Draw a car: uniform within each range, a roof box with chance .2, an open bed with .18."""
    return draw_parameters(CarParameters, rng, roof_box=0.2, open_bed=0.18)


def random_car(parameters: CarParameters) -> Solid:
    """Return the car with these parameters."""
    p, at = parameters, _Profile(parameters)
    solid = Solid()
    _add_body(solid, p, at)
    _add_cabin(solid, p, at)
    _add_wheels(solid, p, at)
    _add_lights_and_bumpers(solid, p, at)
    return solid


class _Profile:
    """The car from the side: coordinates that follow from the parameters."""

    def __init__(self, p: CarParameters):
        self.nose = p.length / 2
        self.floor = GROUND + p.clearance
        arch = GROUND + (1 + ARCH) * p.wheel_radius
        self.bonnet, self.boot = arch + p.bonnet_height, arch + p.boot_height
        self.belt = max(self.bonnet, self.boot) + p.belt
        self.top = self.belt + p.cabin_height
        self.axles = (
            self.nose - p.front_axle * p.length,
            -self.nose + p.rear_axle * p.length,
        )
        # along x, from front to rear: the cabin's base, and its roof
        self.base = (
            self.nose - p.bonnet_length * p.length,
            -self.nose + (p.boot_length + BED * p.open_bed) * p.length,
        )
        base_length = self.base[0] - self.base[1]
        self.roof = (
            self.base[0] - p.windscreen * base_length,
            self.base[1] + p.rear_window * base_length,
        )


def _lacquer(lightness, hue):
    """Return the reflectances of a hue at a grey value; light lacquers are pale, so all exist."""
    grey = DARKEST + (LIGHTEST - DARKEST) * lightness**1.5  # about even steps to the eye
    pure = np.array(hsv_to_rgb(hue, 0.6, 1.0))
    return grey * (grey + (1 - grey) * pure / (pure @ GREY_WEIGHTS))


def _add_body(solid, p, at):
    nose, tail = at.nose, -at.nose
    shoulder = at.belt - 0.02
    outline = (
        (tail + 0.05, at.floor),
        (nose - 0.05, at.floor),
        (nose, at.floor + 0.06),
        (nose, at.floor + 0.55 * (at.bonnet - at.floor)),
        (nose - p.nose_slant, at.bonnet),
        (at.base[0], max(at.bonnet, shoulder)),
        (at.base[1] + 0.03, max(at.boot, shoulder)),
        (at.base[1], at.boot),
        (tail + p.tail_slant, at.boot),
        (tail, at.floor + 0.6 * (at.boot - at.floor)),
        (tail, at.floor + 0.06),
    )
    solid.add(extrude(outline, 2, 0, p.half_width, p.rounding), _lacquer(p.lacquer, p.hue))
    solid.paint(box((0, at.floor, 0), (REACH, p.sill, REACH), 0.0), SILL)
    if p.open_bed:
        front, rear = at.base[1] - 0.03, tail + p.tail_slant + 0.06
        half_sizes = ((front - rear) / 2, 0.14, p.half_width - WHEEL_WIDTH - 0.025)
        solid.carve(box(((front + rear) / 2, at.boot, 0), half_sizes), 0.02)


def _add_cabin(solid, p, at):
    """Add a cabin with leaning sides, paint its windows, and the posts between them over these."""
    corners = np.array(
        (
            (at.base[0], at.belt),
            (at.roof[0], at.top),
            (at.roof[1], at.top - p.roof_fall),
            (at.base[1], at.belt),
        )
    )
    sunk = at.belt - 0.08  # the foot of the cabin is inside the body
    side = (*corners, (at.base[1], sunk), (at.base[0], sunk))
    low = 0.97 * p.half_width
    high = low * (1 - p.tumblehome)
    front = ((sunk, low), (at.belt, low), (at.top, high))
    front = (*front, *((y, -z) for y, z in reversed(front)))
    sides, ends = extrude(side, 2, 0, low), extrude(front, 0, 0, REACH)

    def cabin(points):
        return -smooth_minimum(-sides(points), -ends(points), 2 * p.rounding)

    roof = _lacquer(p.roof, p.hue)
    solid.add(cabin, roof)
    middle = corners.mean(0)
    window = (corners - middle) * (0.84, p.window_height) + middle
    half_height = (window[:, 1].max() - window[:, 1].min()) / 2
    solid.paint(extrude(window, 2, 0, REACH, 0.0), GLASS)
    solid.paint(box((0, middle[1], 0), (REACH, 0.9 * half_height, 0.85 * high), 0.0), GLASS)
    post_x = at.base[1] + p.post * (at.base[0] - at.base[1])
    post = box((post_x, middle[1], REACH), (0.022, half_height + 0.02, REACH - 0.87 * high), 0.0)
    solid.paint(both_sides(post), roof)
    if p.roof_box:
        middle_x, half_length = sum(at.roof) / 2, 0.45 * (at.roof[0] - at.roof[1])
        load = box((middle_x, at.top + 0.02, 0), (half_length, 0.09, 0.6 * high), 0.03)
        solid.add(load, BUMPER)


def _add_wheels(solid, p, at):
    radius, y, w = p.wheel_radius, GROUND + p.wheel_radius, p.half_width

    def discs(x, inner, outer, of_radius):
        return both_sides(cylinder((x, y, w + inner), (x, y, w + outer), of_radius))

    for x in at.axles:
        solid.carve(discs(x, -WHEEL_WIDTH, 0.2, ARCH * radius))
        solid.add(discs(x, -WHEEL_WIDTH - 0.05, 0.0, radius), TIRE)
        solid.paint(discs(x, -0.05, 0.1, p.rim_size * radius), RIM)


def _add_lights_and_bumpers(solid, p, at):
    w, size = p.half_width, p.lamp_size
    head = (0.14, size, 1.2 * size)  # reaches back along a slanting nose
    tail = (0.05, 0.8 * size, size)
    for sign, top, radii, colour in (
        (1, at.bonnet, head, HEADLIGHT),
        (-1, at.boot, tail, TAILLIGHT),
    ):
        x, y = sign * (at.nose - 0.02), at.floor + p.lamp_height * (top - at.floor)
        solid.paint(both_sides(ellipsoid((x, y, 0.72 * w), radii)), colour)
        solid.add(box((x, at.floor + 0.06, 0), (0.04, 0.045, 0.95 * w)), BUMPER)
