"""The 64 objects and the parametric faces: closed surfaces of the right size."""

from dataclasses import fields

import numpy as np
import pytest

from brainlike.datasets import shapes


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


def test_faces_stay_within_their_ranges_and_repeat():
    drawn = [shapes.sample_face(np.random.default_rng(seed)) for seed in range(200)]
    for f in fields(shapes.FaceParameters):
        values = np.array([getattr(p, f.name) for p in drawn], float)
        low, high = f.metadata.get("range", (0, 1))
        assert low <= values.min() and values.max() <= high
        if f.metadata:  # 200 uniform draws: the mean is within four standard errors
            width = (high - low) / np.sqrt(12 * 200)
            assert abs(values.mean() - f.default) < 4 * width, f.name
    assert 0.1 < np.mean([p.bald for p in drawn]) < 0.3
    assert shapes.sample_face(np.random.default_rng(3)) == drawn[3]


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
