"""Faces with 28 continuous parameters and two switches, each drawn independently.

Here z points out of the face, y up and x to the side.
"""

from dataclasses import dataclass

import numpy as np

from brainlike.datasets.rendered.sdf import (
    box,
    capsule,
    ellipsoid,
    intersection,
    mirror,
    rotation,
    smooth_minimum,
)
from brainlike.datasets.rendered.shapes._parts import between, draw_parameters
from brainlike.datasets.rendered.solids import Solid

LIGHT_SKIN, DARK_SKIN = np.array([0.80, 0.58, 0.47]), np.array([0.24, 0.13, 0.08])
DARK_HAIR, FAIR_HAIR = np.array([0.04, 0.03, 0.03]), np.array([0.5, 0.36, 0.17])
LIPS = np.array([0.62, 0.26, 0.25])
EYE_WHITE, IRIS, NOSTRIL = (0.92, 0.9, 0.88), (0.03, 0.02, 0.02), (0.12, 0.06, 0.05)
EYE_DEPTH = 0.60  # z of the plane on which eyes, nose and mouth sit


@dataclass(frozen=True)
class FaceParameters:
    """What makes one face differ from another; the defaults are the average face.

    Lengths are in design units (a head is about 2 high), angles in degrees; `skin` and `hair`
    go from 0 (light skin, dark hair) to 1 (dark skin, fair hair).
    """

    width: float = between(0.82, 1.12)
    height: float = between(0.92, 1.1)
    jaw_width: float = between(0.55, 1.0)
    jaw_length: float = between(-0.12, 0.14)
    chin: float = between(0.0, 0.16)
    cheek: float = between(0.0, 0.12)
    eye_spacing: float = between(0.23, 0.36)
    eye_size: float = between(0.075, 0.11)
    eye_height: float = between(-0.02, 0.12)
    eye_tilt: float = between(-12, 12)
    nose_length: float = between(0.26, 0.46)
    nose_width: float = between(0.07, 0.16)
    nose_depth: float = between(0.10, 0.26)
    nose_bridge: float = between(0.03, 0.08)
    brow_depth: float = between(0.0, 0.09)
    brow_height: float = between(0.14, 0.24)
    brow_thickness: float = between(0.018, 0.055)
    brow_angle: float = between(-16, 16)
    mouth_width: float = between(0.16, 0.32)
    lip_thickness: float = between(0.028, 0.075)
    mouth_height: float = between(-0.05, 0.06)
    skin: float = between(0, 1)
    hair: float = between(0, 1)
    hair_line: float = between(0.25, 0.75)
    hair_volume: float = between(0.0, 0.14)
    hair_length: float = between(0, 1)
    ear: float = between(0.12, 0.22)
    forehead: float = between(-0.05, 0.08)
    bald: bool = False
    beard: bool = False


def sample_face(rng: np.random.Generator) -> FaceParameters:
    """Draw a face: uniform within each range, bald with chance .2, bearded with chance .18."""
    return draw_parameters(FaceParameters, rng, bald=0.2, beard=0.18)


def face(parameters: FaceParameters) -> Solid:
    """Return the head with these parameters."""
    p = parameters
    skin = (1 - p.skin) * LIGHT_SKIN + p.skin * DARK_SKIN
    hair = DARK_HAIR * (1 - p.hair) + FAIR_HAIR * p.hair
    jaw_y = -0.62 * p.height - p.jaw_length
    nose_y = _eye_y(p) - p.nose_length
    mouth_y = (nose_y + jaw_y - 0.06) / 2 + p.mouth_height + 0.02
    solid = Solid()
    _add_skull(solid, p, skin, jaw_y)
    _add_eyes(solid, p, skin, hair)
    _add_nose(solid, p, skin, nose_y)
    _add_mouth(solid, p, mouth_y)
    ear = ellipsoid((_half_width(p), -0.02, -0.08), (0.07, p.ear, 0.1), rotation("y", -20))
    solid.add(mirror(ear, 0), skin * 0.95, 0.03)
    if p.beard:
        _paint_beard(solid, p, hair, mouth_y, jaw_y)
    if not p.bald:
        _add_hair(solid, p, hair)
    return solid


def _half_width(p):
    return 0.60 * p.width


def _eye_y(p):
    return 0.08 + p.eye_height


def _add_skull(solid, p, skin, jaw_y):
    x, h = _half_width(p), p.height
    solid.add(ellipsoid((0, 0.22 * h, -0.05), (x, 0.62 * h, 0.68)), skin, 0.1)
    solid.add(ellipsoid((0, -0.28 * h, 0.12), (x * 0.85, 0.5 * h, 0.48)), skin, 0.2)
    jaw = ellipsoid((0, jaw_y, 0.26), (x * 0.62 * p.jaw_width + 0.08, 0.22, 0.28))
    solid.add(jaw, skin, 0.22)
    chin = ellipsoid((0, jaw_y - 0.06, 0.42 + p.chin), (0.13 + 0.06 * p.jaw_width, 0.11, 0.12))
    solid.add(chin, skin, 0.12)
    cheek = ellipsoid((x * 0.62, -0.16, 0.38), (0.16, 0.14, 0.12 + p.cheek))
    solid.add(mirror(cheek, 0), skin, 0.14)
    solid.add(ellipsoid((0, 0.42 * h, 0.44 + p.forehead), (x * 0.6, 0.25, 0.2)), skin, 0.2)
    neck = capsule((0, -0.45, -0.12), (0, -1.1, -0.2), 0.30 * p.width + 0.04)
    solid.add(neck, skin, 0.1)


def _add_eyes(solid, p, skin, hair):
    """Add sockets, brow ridge, eyeballs, upper lids and brows."""
    x, y, r, z = p.eye_spacing, _eye_y(p), p.eye_size, EYE_DEPTH
    solid.carve(mirror(ellipsoid((x, y, z + 0.07), (0.16, 0.11, 0.12)), 0), 0.1)
    ridge = ellipsoid((x, y + p.brow_height, z - 0.04 + p.brow_depth), (0.2, 0.05, 0.06))
    solid.add(mirror(ridge, 0), skin, 0.08)
    tilt = rotation("z", -p.eye_tilt)
    eyeball = ellipsoid((x, y, z - 0.07), (r * 1.35, r * 0.85, 0.10), tilt)
    solid.add(mirror(eyeball, 0), EYE_WHITE, 0.004)
    solid.paint(mirror(ellipsoid((x, y, z + 0.03), (r * 0.62, r * 0.75, 0.1)), 0), IRIS)
    rise = np.tan(np.deg2rad(p.eye_tilt)) * r * 2.6
    inner = (x - r * 1.35, y + r * 0.55, z - 0.02)
    outer = (x + r * 1.35, y + r * 0.55 + rise, z - 0.05)
    solid.add(mirror(capsule(inner, outer, 0.026), 0), skin * 0.75, 0.012)
    slope, brow_y = np.tan(np.deg2rad(p.brow_angle)), y + p.brow_height
    inner = (x - 0.13, brow_y - 0.13 * slope, z + p.brow_depth)
    outer = (x + 0.15, brow_y + 0.13 * slope, z - 0.07 + p.brow_depth)
    brow = capsule(inner, outer, p.brow_thickness, p.brow_thickness * 0.6)
    solid.add(mirror(brow, 0), hair * 0.8, 0.008)


def _add_nose(solid, p, skin, nose_y):
    z, w, depth = EYE_DEPTH, p.nose_width, p.nose_depth
    root, tip = (0, _eye_y(p) + 0.05, z - 0.04), (0, nose_y, z + depth)
    solid.add(capsule(root, tip, p.nose_bridge, w * 0.62), skin, 0.06)
    wing = ellipsoid((w * 0.75, nose_y - 0.01, z + depth * 0.45), (w * 0.55, 0.06, 0.09))
    solid.add(mirror(wing, 0), skin * 0.95, 0.04)
    nostril = ellipsoid((w * 0.5, nose_y - 0.085, z + depth * 0.6), (0.032, 0.03, 0.06))
    solid.paint(mirror(nostril, 0), NOSTRIL)


def _add_mouth(solid, p, mouth_y):
    lips, z, w = LIPS * (1 - 0.6 * p.skin), EYE_DEPTH, p.mouth_width
    for side, fullness in ((1, 0.9), (-1, 1.15)):
        middle = (0, mouth_y + side * p.lip_thickness * 0.75 * fullness, z)
        corner = (w, mouth_y, z - 0.09)
        lip = capsule(middle, corner, p.lip_thickness * fullness, 0.016)
        solid.add(mirror(lip, 0), lips, 0.012)
    solid.paint(mirror(box((0, mouth_y, z), (w, 0.012, 0.15), 0.0), 0), lips * 0.3)


def _paint_beard(solid, p, hair, mouth_y, jaw_y):
    def region(points):
        beside_mouth = np.maximum(np.abs(points[:, 0]) - p.mouth_width * 0.9, 0)
        below_mouth = points[:, 1] - (mouth_y - 0.1) - 0.9 * beside_mouth
        above_neck = -(points[:, 1] - jaw_y + 0.3)
        return np.maximum(np.maximum(below_mouth, above_neck), 0.1 - points[:, 2])

    solid.paint(region, hair * 0.9)


def _add_hair(solid, p, hair):
    """Add a shell around the skull, cut at the hair line; long hair also falls behind."""
    x, volume = _half_width(p), 0.05 + p.hair_volume
    radii = (x + volume, 0.62 * p.height + volume, 0.68 + volume)
    shell = ellipsoid((0, 0.24 * p.height, -0.1), radii)
    fall = capsule((0, 0.1, -0.25), (0, -0.6, -0.3), x + volume * 0.8, x * 0.9)

    def long_shell(points):
        return smooth_minimum(shell(points), fall(points), 0.1)

    def cut(points):
        above_line = np.clip((points[:, 1] - (0.28 + 0.35 * p.hair_line)) / 0.2, 0, 1)
        front = points[:, 2] - 0.1 - 0.5 * above_line
        return np.maximum(front, (0.05 - 0.95 * p.hair_length) - points[:, 1])

    shape = shell if p.hair_length < 0.5 else long_shell
    solid.add(intersection(shape, cut), hair, 0.015)
