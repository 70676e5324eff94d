"""Renders against optics: Lambert's cosine, where things appear, and what may not change."""

from dataclasses import replace

import numpy as np
import pytest

from brainlike.datasets.rendered import sdf
from brainlike.datasets.rendered.render import (
    FIELD_OF_VIEW,
    FILL_DIRECTION,
    Stage,
    View,
    premultiplied_bytes,
    sample_close_view,
    sample_view,
    straight,
)
from brainlike.datasets.rendered.solids import Solid

FRONTAL = {"yaw": 0.0, "pitch": 0.0}


@pytest.fixture(scope="module")
def white_sphere():
    return Stage(Solid().add(sdf.ellipsoid((0, 0, 0), 1), (1, 1, 1)).mesh(64))


@pytest.fixture(scope="module")
def pointer():
    """A ball in the middle, and colour-coded tips: x red, y green, z blue."""
    solid = Solid().add(sdf.ellipsoid((0, 0, 0), 0.3), (0.5, 0.5, 0.5))
    for axis, colour in zip(np.eye(3), np.eye(3), strict=True):
        solid.add(sdf.ellipsoid(0.8 * axis, 0.15), colour)
        solid.add(sdf.ellipsoid(-0.8 * axis, 0.15), (0.5, 0.5, 0.5))
    return Stage(solid.mesh(48))


def position(image, channel):
    """Return x (right) and y (up), in half images, of what has the colour of a channel."""
    others = [c for c in range(3) if c != channel]
    weight = np.clip(image[..., channel] - image[..., others].max(-1), 0, None)
    n = len(image)
    ticks = (np.arange(n) + 0.5) / n * 2 - 1
    return (weight.sum(0) @ ticks / weight.sum(), -(weight.sum(1) @ ticks) / weight.sum())


def test_white_sphere_under_the_fill_light_follows_lambert(white_sphere):
    n, size = 32, 0.9
    image = white_sphere.render(View(**FRONTAL, size=size, key=0, fill=1), n)
    half = np.tan(np.deg2rad(FIELD_OF_VIEW / 2))
    ticks = ((np.arange(n) + 0.5) / n * 2 - 1) * half
    x, y = np.meshgrid(ticks, -ticks)
    rays = np.stack([x, y, -np.ones_like(x)], axis=-1)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    camera = np.array([0, 0, 1 / half / size])
    along = rays @ camera
    inside = along**2 - (camera @ camera - 1)  # of the root in the ray-sphere intersection
    hits = inside > 0.15  # away from the rim
    normals = camera + (-along - np.sqrt(np.where(hits, inside, 0)))[..., None] * rays
    fill = np.array(FILL_DIRECTION) / np.linalg.norm(FILL_DIRECTION)
    lambert = np.clip(normals @ fill, 0, None)
    assert hits.sum() > 300
    assert (image[..., 3][hits] == 1).all() and (image[..., 3][inside < -0.3] == 0).all()
    np.testing.assert_allclose(image[..., 0][hits], lambert[hits], atol=0.025)
    assert image[..., 0].max() == pytest.approx(1, abs=0.01)


def test_key_light_comes_from_its_azimuth_and_elevation(white_sphere):
    lights = {(80, 0): (1, 0), (-80, 0): (-1, 0), (0, 80): (0, 1)}
    for (azimuth, elevation), expected in lights.items():
        view = View(**FRONTAL, light_azimuth=azimuth, light_elevation=elevation, fill=0)
        image = white_sphere.render(view, 32)
        grey = np.stack([image[..., 0], 0 * image[..., 0], 0 * image[..., 0]], axis=-1)
        x, y = position(grey, 0)
        assert np.dot((x, y), expected) > 0.4


def test_same_seed_same_image_other_seed_nearly_the_same(white_sphere):
    first, again, other = (white_sphere.render(View(), 32, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.abs(first - other).mean() < 0.02


def test_x_moves_right_and_y_up_and_size_scales(white_sphere):
    def extent(view):
        alpha = white_sphere.render(view, 64)[..., 3]
        x, y = position(np.stack([alpha, 0 * alpha, 0 * alpha], axis=-1), 0)
        return x, y, np.sqrt(alpha.mean() * 4 / np.pi)

    x, y, radius = extent(View(size=0.3, x=0.5, y=-0.25))
    assert (x, y) == (pytest.approx(0.5, abs=0.02), pytest.approx(-0.25, abs=0.02))
    assert radius == pytest.approx(0.3, rel=0.03)
    assert extent(View(size=0.6))[2] == pytest.approx(0.6, rel=0.06)  # perspective adds a little


def test_yaw_pitch_and_roll_turn_as_documented(pointer):
    base = {"key": 0.5, "fill": 0.5, "size": 0.8}
    x, y = position(pointer.render(View(yaw=0, pitch=0, **base), 64), 0)
    assert x > 0.4 and abs(y) < 0.1  # the front points right
    x, _ = position(pointer.render(View(yaw=40, pitch=0, **base), 64), 2)
    assert x > 0.3  # seen from above, counter-clockwise: what faced the camera goes right
    _, y = position(pointer.render(View(yaw=0, pitch=40, **base), 64), 2)
    assert y < -0.3  # the top comes forward, what faced the camera sinks
    x, y = position(pointer.render(View(yaw=0, pitch=0, roll=40, **base), 64), 0)
    assert x > 0.3 and y > 0.3  # the front rises: counter-clockwise in the image


def test_channels_do_not_disturb_each_other(pointer):
    n = len(pointer.mesh.vertices)
    rng = np.random.default_rng(0)
    paint = rng.random(n)
    views = [View(), View(yaw=100, pitch=-20, roll=10)]
    results = []
    for _ in range(2):
        pointer.recolour(np.stack([paint, rng.random(n), rng.random(n)], axis=1))
        results.append([pointer.render(view, 32) for view in views])
    pointer.recolour(pointer.mesh.colours)
    for first, second in zip(*results, strict=True):
        np.testing.assert_array_equal(first[..., [0, 3]], second[..., [0, 3]])
        assert not np.array_equal(first[..., 1], second[..., 1])


def test_reflectance_scales_the_image(white_sphere):
    bright = white_sphere.render(View(), 32)[..., 0]
    white_sphere.recolour(np.full_like(white_sphere.mesh.vertices, 0.25))
    dark = white_sphere.render(View(), 32)[..., 0]
    white_sphere.recolour(white_sphere.mesh.colours)
    np.testing.assert_allclose(dark, bright / 4, atol=1e-5)


def test_no_pixel_is_negative_or_nan(white_sphere, capfd):
    for bad in (-1.0, np.nan):
        shades = np.full_like(white_sphere.mesh.vertices, bad)
        # behind the check of `recolour`: as an interpolation that went wrong
        white_sphere._controls["object.vertex_color"] = shades.ravel()
        white_sphere._controls.update()
        image = white_sphere.render(View(), 32)
        assert (image[..., :3] == 0).all() and image[16, 16, 3] == 1
    white_sphere.recolour(white_sphere.mesh.colours)
    assert capfd.readouterr() == ("", "")  # mitsuba would print a line for each sample


def test_encoding_of_alpha_and_gamma():
    linear = np.array([[0.2, 0.1, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0], [3.0, 1.0, 0.5, 1.0]])
    expected = [[0.4 ** (1 / 2.2), 0.2 ** (1 / 2.2), 0, 0.5], [0] * 4, [1, 1, 0.5 ** (1 / 2.2), 1]]
    np.testing.assert_allclose(straight(linear), expected)
    encoded = premultiplied_bytes(linear)
    assert encoded.dtype == np.uint8
    assert encoded[0].tolist() == [round(255 * 0.5 * v) for v in expected[0][:3]] + [128]


def test_sampled_views_keep_to_their_ranges():
    rng = np.random.default_rng(0)
    cars = [sample_view(rng, "cars") for _ in range(300)]
    faces = [sample_view(rng, "faces") for _ in range(300)]
    assert max(abs(v.yaw) for v in faces) <= 60
    assert np.ptp([v.yaw for v in cars]) > 300
    for v in cars + faces:
        assert 0.84 * 2**-0.6 <= v.size <= 0.84 * 2**0.45
        assert max(abs(v.x), abs(v.y)) <= max(0, 1.05 - v.size)
        assert 5 <= v.light_elevation <= 70 and abs(v.light_azimuth) <= 75
    assert max(abs(sample_view(rng, "faces", 0.7).yaw) for _ in range(300)) <= 42
    assert len(cars[0].pose) == 8


def test_close_views_change_only_size_and_place():
    close = [sample_close_view(np.random.default_rng(i), "planes") for i in range(300)]
    far = [sample_view(np.random.default_rng(i), "planes") for i in range(300)]
    for one, other in zip(close, far, strict=True):
        assert 1.5 <= one.size <= 2.5 and max(abs(one.x), abs(one.y)) <= 0.3
        assert one == replace(other, size=one.size, x=one.x, y=one.y)
    assert np.mean([v.size for v in close]) == pytest.approx(2, abs=0.06)
    assert np.mean([(v.x, v.y) for v in close], axis=0) == pytest.approx([0, 0], abs=0.04)


def test_impossible_views_are_refused(white_sphere):
    with pytest.raises(ValueError, match="size > 0"):
        View(size=0)
    with pytest.raises(ValueError, match="size > 0"):
        View(key=-1)
    with pytest.raises(ValueError, match="NaN"):
        View(yaw=float("nan"))
    with pytest.raises(ValueError, match="colours must be"):
        white_sphere.recolour(np.zeros((2, 3)))
