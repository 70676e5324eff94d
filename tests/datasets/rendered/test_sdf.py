"""Signed distances against geometry that can be worked out by hand."""

import numpy as np
import pytest

from brainlike.datasets.rendered import sdf
from brainlike.datasets.rendered.solids import Solid


def points(*rows):
    return np.array(rows, np.float32)


@pytest.fixture
def cloud():
    return np.random.default_rng(0).uniform(-1, 1, (500, 3)).astype(np.float32)


def test_sphere_is_distance_from_center_minus_radius(cloud):
    ball = sdf.ellipsoid((0.1, -0.2, 0.3), 0.4)
    expected = np.linalg.norm(cloud - [0.1, -0.2, 0.3], axis=1) - 0.4
    np.testing.assert_allclose(ball(cloud), expected, atol=1e-5)


def test_turned_ellipsoid_has_its_poles_on_the_surface():
    pole = sdf.rotation("z", 30) @ np.array([0.8, 0, 0], np.float32)
    shape = sdf.ellipsoid((0, 0, 0), (0.8, 0.3, 0.2), sdf.rotation("z", 30))
    assert shape(pole[None])[0] == pytest.approx(0, abs=1e-5)
    assert shape(1.1 * pole[None])[0] > 0 > shape(0.9 * pole[None])[0]


def test_box_distance_from_face_edge_corner_and_inside():
    cube = sdf.box((0, 0, 0), (1, 1, 1), rounding=0)
    at = points((1.5, 0, 0), (2, 2, 0), (2, 2, 2), (0.25, 0, 0))
    np.testing.assert_allclose(cube(at), [0.5, 2**0.5, 3**0.5, -0.75], atol=1e-6)


def test_capsule_tapers_between_its_two_radii():
    rod = sdf.capsule((0, 0, 0), (1, 0, 0), 0.1, 0.3)
    at = points((0, 1, 0), (0.5, 1, 0), (1, 1, 0), (2, 0, 0))
    np.testing.assert_allclose(rod(at), [0.9, 0.8, 0.7, 0.7], atol=1e-6)


def test_cylinder_and_torus():
    post = sdf.cylinder((0, -1, 0), (0, 1, 0), 0.5, rounding=0)
    np.testing.assert_allclose(post(points((2, 0, 0), (0, 3, 0), (0, 0, 0))), [1.5, 2, -0.5])
    ring = sdf.torus((0, 0, 0), 1, 0.25, axis=1)
    at = points((1, 0, 0), (0, 0, 0), (0, 1, 1))
    np.testing.assert_allclose(ring(at), [-0.25, 0.75, 0.75], atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_extruded_square_is_a_box(axis, cloud):
    square = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    half = np.full(3, 0.5)
    half[axis] = 0.2
    prism = sdf.extrude(square, axis, 0, 0.2, rounding=0)
    np.testing.assert_allclose(prism(cloud), sdf.box((0, 0, 0), half, 0)(cloud), atol=1e-5)


def test_extruded_concave_outline_leaves_the_notch_empty():
    notched = [(-1, -1), (1, -1), (1, 1), (0, 0), (-1, 1)]
    prism = sdf.extrude(notched, 2, 0, 1.0)
    inside = prism(points((0, -0.5, 0), (0.8, 0.5, 0))) < 0
    outside = prism(points((0, 0.5, 0), (1.2, 0, 0))) > 0
    assert inside.all() and outside.all()


def test_mirror_place_and_intersection():
    ball = sdf.ellipsoid((0.5, 0, 0), 0.1)
    at = points((-0.5, 0, 0), (0.5, 0, 0))
    np.testing.assert_allclose(sdf.mirror(ball, 0)(at), [-0.1, -0.1], atol=1e-6)
    moved = sdf.place(ball, (0, 1, 0), sdf.rotation("z", 90))  # (.5, 0) turns to (0, .5)
    assert moved(points((0, 1.5, 0)))[0] == pytest.approx(-0.1, abs=1e-6)
    lens = sdf.intersection(sdf.ellipsoid((-0.5, 0, 0), 1), sdf.ellipsoid((0.5, 0, 0), 1))
    assert lens(points((0, 0, 0)))[0] == pytest.approx(-0.5)
    assert lens(points((0.9, 0, 0)))[0] > 0


def test_smooth_minimum_is_a_minimum_away_from_the_seam():
    a, b = np.array([0.0, 1.0, 0.3]), np.array([1.0, 0.0, 0.3])
    np.testing.assert_allclose(sdf.smooth_minimum(a, b, 0.1), [0, 0, 0.3 - 0.1 / 4])


def test_rotation_is_right_handed_and_checks_its_axis():
    np.testing.assert_allclose(sdf.rotation("y", 90) @ [0, 0, 1], [1, 0, 0], atol=1e-6)
    with pytest.raises(ValueError, match="'x', 'y' or 'z'"):
        sdf.rotation("w", 10)


def test_mesh_of_a_sphere_has_radius_one_and_radial_normals():
    mesh = Solid().add(sdf.ellipsoid((0.2, 0.1, -0.3), 0.6), (1, 0.5, 0)).mesh(48)
    radius = np.linalg.norm(mesh.vertices, axis=1)
    assert radius.min() > 0.99 and radius.max() < 1.01
    cosine = (mesh.normals * mesh.vertices).sum(1) / radius
    assert cosine.min() > 0.999
    np.testing.assert_allclose(mesh.colours, np.tile([1, 0.5, 0], (len(radius), 1)), atol=1e-6)
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    volume = (a * np.cross(b, c)).sum() / 6  # positive only if the faces look outward
    assert volume == pytest.approx(4 / 3 * np.pi, rel=0.02)


def test_carve_removes_and_paint_only_colours():
    ball = sdf.ellipsoid((0, 0, 0), 0.8)
    top = sdf.box((0, 1, 0), (1, 1, 1))
    half = Solid().add(ball, (1, 1, 1)).carve(top)
    assert half.distance(points((0, 0.4, 0)))[0] > 0 > half.distance(points((0, -0.4, 0)))[0]
    painted = Solid().add(ball, (1, 1, 1)).paint(top, (0, 0, 0)).mesh(32)
    plain = Solid().add(ball, (1, 1, 1)).mesh(32)
    np.testing.assert_array_equal(painted.vertices, plain.vertices)
    high = painted.vertices[:, 1] > 0.2
    assert painted.colours[high].max() < 0.1 and painted.colours[~high].max() > 0.9


def test_bad_solids_say_what_is_wrong():
    ball = sdf.ellipsoid((0, 0, 0), 0.5)
    with pytest.raises(ValueError, match="starts with a part"):
        Solid().mesh()
    with pytest.raises(ValueError, match="starts with a part"):
        Solid().carve(ball).mesh()
    with pytest.raises(ValueError, match="multiple of 4"):
        Solid().add(ball, (1, 1, 1)).mesh(50)
    with pytest.raises(ValueError, match="finer grid"):
        Solid().add(sdf.ellipsoid((0, 0, 0), 1e-4), (1, 1, 1)).mesh(8)
