"""The 64 objects, the parametric faces and cars: closed surfaces of the right size."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from brainlike.datasets.rendered import shapes
from brainlike.datasets.rendered.render import GREY_WEIGHTS


def is_closed(faces):
    """Say whether each edge is walked as often in one direction as in the other."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    forward = np.unique(edges, axis=0, return_counts=True)
    backward = np.unique(edges[:, ::-1], axis=0, return_counts=True)
    return all(np.array_equal(a, b) for a, b in zip(forward, backward, strict=True))


@pytest.mark.parametrize("category", range(8), ids=shapes.CATEGORIES)
def test_objects_are_closed_and_fill_the_unit_ball(category):
    for within in range(8):
        name = shapes.OBJECT_NAMES[8 * category + within]
        mesh = shapes.make_object(name).mesh(40)
        radius = np.linalg.norm(mesh.vertices, axis=1)
        assert len(mesh.faces) > 300, name
        assert is_closed(mesh.faces), name
        assert np.percentile(radius, 99) == pytest.approx(1, abs=1e-4), name
        assert radius.max() < 1.15, name
        assert 0 <= mesh.colours.min() and mesh.colours.max() <= 1, name
        norms = np.linalg.norm(mesh.normals, axis=1)
        assert np.mean(np.abs(norms - 1) < 1e-3) > 0.999, name


def test_sixty_four_different_names_in_order_of_category():
    assert len(set(shapes.OBJECT_NAMES)) == 64
    assert shapes.CATEGORIES[shapes.object_category("sloop")] == "boats"
    assert shapes.CATEGORIES[shapes.object_category(63)] == "tables"


def test_unknown_object_lists_the_valid_names():
    with pytest.raises(ValueError, match="giraffe.*watermelon"):
        shapes.make_object("unicorn")
    with pytest.raises(ValueError, match="0 to 63"):
        shapes.make_object(64)
    with pytest.raises(ValueError, match="numbered from 0"):
        shapes.identity(-1)
    with pytest.raises(ValueError, match="numbered from 0"):
        shapes.car_identity(-1)


@pytest.mark.parametrize(
    ("parameters", "sample", "switch"),
    [
        (shapes.FaceParameters, shapes.sample_face, "bald"),
        (shapes.CarParameters, shapes.sample_car, "open_bed"),
    ],
    ids=["faces", "cars"],
)
def test_draws_stay_within_their_ranges_and_repeat(parameters, sample, switch):
    drawn = [sample(np.random.default_rng(seed)) for seed in range(200)]
    assert sum(bool(f.metadata) for f in fields(parameters)) == 28  # as the data card says
    for f in fields(parameters):
        values = np.array([getattr(p, f.name) for p in drawn], float)
        low, high = f.metadata.get("range", (0, 1))
        assert low <= values.min() and values.max() <= high
        if f.metadata:  # 200 uniform draws: the mean is within four standard errors
            width = (high - low) / np.sqrt(12 * 200)
            assert abs(values.mean() - f.default) < 4 * width, f.name
    assert 0.1 < np.mean([getattr(p, switch) for p in drawn]) < 0.3
    assert sample(np.random.default_rng(3)) == drawn[3]


def test_a_face_parameter_changes_what_it_names():
    narrow = shapes.face(shapes.FaceParameters(width=0.82, bald=True)).mesh(40).vertices
    wide = shapes.face(shapes.FaceParameters(width=1.12, bald=True)).mesh(40).vertices

    def aspect(vertices):
        extent = np.ptp(vertices, axis=0)
        return extent[0] / extent[1]

    assert aspect(wide) > 1.15 * aspect(narrow)


def test_faces_are_symmetric_and_identities_differ():
    average = shapes.face(shapes.FaceParameters())
    at = np.random.default_rng(0).uniform(-1, 1, (300, 3)).astype(np.float32)
    mirrored = at * np.array([-1, 1, 1], np.float32)
    np.testing.assert_allclose(average.distance(at), average.distance(mirrored), atol=1e-6)
    assert np.abs(shapes.identity(0).distance(at) - shapes.identity(1).distance(at)).max() > 0.02


def n_pieces(mesh):
    """Count the connected pieces of a mesh."""
    n, (a, b, c) = len(mesh.vertices), mesh.faces.T
    edges = coo_array((np.ones(2 * len(a)), (np.append(a, b), np.append(b, c))), shape=(n, n))
    return connected_components(edges, directed=False)[0]


def extreme_cars():
    """Cars with every parameter at one end of its range or the other, at random."""
    ranges = [f.metadata["range"] for f in fields(shapes.CarParameters) if f.metadata]
    for seed in range(8):
        rng = np.random.default_rng(seed)
        yield shapes.CarParameters(*(rng.choice(r) for r in ranges), rng.random() < 0.5, seed > 3)


@pytest.mark.parametrize("of_cars", ["random", "extreme"])
def test_cars_are_whole_closed_and_inside_the_cube_in_which_they_are_meshed(of_cars):
    sampled = (shapes.sample_car(np.random.default_rng(seed)) for seed in range(8))
    for parameters in sampled if of_cars == "random" else extreme_cars():
        solid = shapes.random_car(parameters)
        mesh = solid.mesh(40)
        assert is_closed(mesh.faces) and n_pieces(mesh) == 1, parameters  # no part floats
        assert 0 <= mesh.colours.min() and mesh.colours.max() <= 1
        walls = np.random.default_rng(0).uniform(-1.15, 1.15, (6000, 3)).astype(np.float32)
        walls[np.arange(6000), np.arange(6000) % 3] = np.repeat([-1.15, 1.15], 3000)
        assert solid.distance(walls).min() > 0, parameters


def test_cars_stand_on_four_wheels_and_are_symmetric():
    solid = shapes.random_car(shapes.CarParameters())
    at = np.random.default_rng(0).uniform(-1, 1, (300, 3)).astype(np.float32)
    mirrored = at * np.array([1, 1, -1], np.float32)
    np.testing.assert_allclose(solid.distance(at), solid.distance(mirrored), atol=1e-6)
    vertices = shapes.random_car(shapes.CarParameters()).mesh(88).vertices
    low = vertices[vertices[:, 1] < vertices[:, 1].min() + 0.03]
    for front in (True, False):
        for right in (True, False):
            touching = ((low[:, 0] > 0) == front) & ((low[:, 2] > 0) == right)
            assert touching.sum() > 10


@pytest.mark.parametrize(("name", "axis"), [("length", 0), ("cabin_height", 1), ("half_width", 2)])
def test_a_car_parameter_changes_what_it_names(name, axis):
    (low, high) = next(f.metadata["range"] for f in fields(shapes.CarParameters) if f.name == name)
    average = shapes.CarParameters()
    extents = [
        np.ptp(shapes.random_car(replace(average, **{name: value})).mesh(40).vertices, axis=0)
        for value in (low, high)
    ]
    shares = [extent / np.delete(extent, axis).sum() for extent in extents]
    assert shares[1][axis] > 1.1 * shares[0][axis]


def test_hue_of_a_car_leaves_the_grey_image_as_it_is():
    for lightness in (0.0, 0.5, 1.0):
        meshes = [
            shapes.random_car(shapes.CarParameters(hue=hue, lacquer=lightness, roof=1)).mesh(24)
            for hue in (0.0, 0.3, 0.65)
        ]
        greys = [mesh.colours @ GREY_WEIGHTS for mesh in meshes]
        np.testing.assert_allclose(greys[1], greys[0], atol=2e-3)
        np.testing.assert_allclose(greys[2], greys[0], atol=2e-3)
        assert np.abs(meshes[1].colours - meshes[0].colours).max() > 0.1


def test_every_pair_of_the_64_cars_differs_in_shape():
    at = np.random.default_rng(0).uniform((-1, -0.5, 0), (1, 0.4, 0.45), (400, 3))
    distances = [shapes.car_identity(i).distance(at.astype(np.float32)) for i in range(64)]
    apart = np.abs(np.array(distances)[:, None] - np.array(distances)[None]).max(-1)
    assert apart[~np.eye(64, dtype=bool)].min() > 0.03
