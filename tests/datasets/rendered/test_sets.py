"""The rendered sets: what they hold, that they repeat, and that nothing is left half-made."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from brainlike._cache import recipe_hash
from brainlike.datasets.rendered import _rendering
from brainlike.datasets.rendered import sets as module
from brainlike.datasets.rendered.render import GAMMA, View
from brainlike.datasets.rendered.rendered_set import join_sets
from brainlike.datasets.rendered.sdf import ellipsoid
from brainlike.datasets.rendered.sets import (
    N_TRAIN_VIEWS,
    _load_set,
    load_rendered_cars,
    load_rendered_faces,
    load_rendered_objects,
    load_textured_objects,
)
from brainlike.datasets.rendered.shapes import OBJECT_NAMES
from brainlike.datasets.rendered.solids import Solid
from brainlike.datasets.rendered.views import render_views

DOG, FACE, PEAR = (OBJECT_NAMES.index(name) for name in ("dog", "face 1", "pear"))
GRID = 24  # coarse, for speed


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    return tmp_path


def small(n_views=2, views=None, n_jobs=1, indices=(DOG, PEAR), kind="objects"):
    return _load_set(kind, indices, n_views, views, False, n_jobs, grid=GRID)


def assert_same(one, other):
    for name in one.surfaces:
        np.testing.assert_array_equal(one.surfaces[name], other.surfaces[name])
    np.testing.assert_array_equal(one.alpha, other.alpha)
    np.testing.assert_array_equal(one.pose, other.pose)
    np.testing.assert_array_equal(one.other_texture, other.other_texture)


def python(code, cache):
    """Start a Python process that runs `code` from standard input, as a notebook would."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    env = {**os.environ, "BRAINLIKE_CACHE": str(cache), "PYTHONPATH": path}
    process = subprocess.Popen([sys.executable, "-"], stdin=subprocess.PIPE, env=env)
    process.stdin.write(code.encode())
    process.stdin.close()
    return process


def check_labels(images, surfaces):
    assert len(images) == 6
    assert tuple(images.surfaces) == surfaces
    for grey in images.surfaces.values():
        assert grey.shape == (6, 64, 64) and grey.dtype == np.uint8
        assert (grey <= images.alpha).all()  # premultiplied
    assert images.object.tolist() == [DOG] * 3 + [PEAR] * 3
    assert images.category.tolist() == [0] * 3 + [5] * 3
    assert images.view.tolist() == [0, 1, 2] * 2
    assert images.pose.shape == (6, len(images.pose_names))
    assert images.source == "simulated" and images.made_in_seconds > 0


def test_object_set_has_paint_only(cache):
    images = small(n_views=3)
    check_labels(images, ("paint",))
    assert images.other_texture is None


def test_textured_set_shows_three_surfaces_from_close(cache):
    images = small(n_views=3, kind="textured")
    check_labels(images, ("paint", "own_texture", "other_texture"))
    assert (images.other_texture != images.category).all()
    size, x, y = (images.pose[:, images.pose_names.index(n)] for n in ("size", "x", "y"))
    assert (size >= 1.5).all() and (size <= 2.5).all() and np.abs([x, y]).max() <= 0.3
    inside = images.alpha == 255
    first, second, third = images.surfaces.values()
    for one, other in ((first, second), (first, third), (second, third)):
        assert (one[inside] != other[inside]).mean() > 0.5


def test_each_textured_surface_wears_the_family_of_its_label(monkeypatch):
    def plain(family, points, rng):  # each family a grey of its own
        return np.full(len(points), (family + 1) / 10, np.float32)

    monkeypatch.setattr(_rendering, "solid_texture", plain)
    views = _rendering.render_object("textured", PEAR, range(6), GRID)
    for k in range(6):
        lit = (views["alpha"][k] == 255) & (views["own_texture"][k] > 50)
        own, other = (views[name][k][lit] for name in ("own_texture", "other_texture"))
        ratio = np.median((other / own) ** GAMMA)
        assert ratio == pytest.approx((views["other_family"][k] + 1) / (5 + 1), rel=0.03)


def test_pose_describes_the_image(cache):
    images = small(n_views=8)
    ticks = (np.arange(64) + 0.5) / 32 - 1
    alpha = images.alpha / 255
    for axis, name in ((1, "x"), (2, "y")):  # sum over rows gives x, over columns y
        middle = (alpha.sum(axis) @ ticks) / alpha.sum((1, 2)) * (1 if name == "x" else -1)
        expected = images.pose[:, images.pose_names.index(name)]
        assert np.abs(middle - expected).mean() < 0.12
    covered = np.sqrt(alpha[images.object == PEAR].mean((1, 2)))
    size = images.pose[images.object == PEAR, images.pose_names.index("size")]
    assert np.corrcoef(covered, size)[0, 1] > 0.8


@pytest.mark.parametrize("kind", ["objects", "textured"])
def test_rendering_repeats_whatever_the_number_of_jobs(kind, cache, tmp_path, monkeypatch):
    one = small(n_jobs=1, kind=kind)
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "second"))
    assert_same(one, small(n_jobs=2, kind=kind))
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "third"))
    more = small(n_views=3, kind=kind)  # fewer views are the first of more
    assert_same(one, more.select(more.view < 2))


@pytest.mark.parametrize("kind", ["objects", "textured", "faces", "cars"])
def test_a_view_is_the_same_without_the_others(kind):
    some = _rendering.render_object(kind, PEAR, [1, 5], GRID)
    whole = _rendering.render_object(kind, PEAR, range(6), GRID)
    assert some.keys() == whole.keys()
    for name in whole:
        np.testing.assert_array_equal(some[name], whole[name][[1, 5]])


def test_some_views_are_a_file_of_their_own_until_all_are_there(cache, monkeypatch):
    some, other = small(4, [3, 2]), small(4, [1, 3])
    assert some.view.tolist() == [2, 3] * 2
    assert some.object.tolist() == [DOG] * 2 + [PEAR] * 2
    assert len(list(cache.glob("rendered/objects-*.npz"))) == 2
    whole = small(4)
    for path in list(cache.glob("rendered/objects-*.npz")):
        with np.load(path) as stored:
            if len(stored["alpha"]) < len(whole):
                path.unlink()
    monkeypatch.setattr(module, "render_all", None)  # a call would fail
    assert_same(some, small(4, np.array([3, 2, 3])))
    assert_same(other, small(4, range(1, 4, 2)))
    assert_same(whole, small(4, range(4)))


def test_held_out_views_are_those_that_the_zoo_leaves_out(monkeypatch):
    asked = {}
    monkeypatch.setattr(module, "find_made", lambda *_: None)
    monkeypatch.setattr(module, "made_once", lambda name, recipe, *_: asked.update({name: recipe}))
    for load in (load_rendered_objects, load_textured_objects, load_rendered_cars):
        load(views="held-out")
    load_rendered_faces(3, views="held-out")
    assert set(asked) == {f"rendered/{kind}" for kind in ("objects", "textured", "cars", "faces")}
    for recipe in asked.values():
        assert np.array_equal(recipe["views"], np.arange(N_TRAIN_VIEWS, 90))


def test_files_made_before_views_could_be_chosen_are_still_found(cache, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "made_once", lambda name, recipe, *_: asked.append((name, recipe)))
    load_rendered_objects(), load_textured_objects(), load_rendered_faces(), load_rendered_cars()
    names = [f"{name}-{recipe_hash(recipe)}" for name, recipe in asked]
    assert names == [
        "rendered/objects-ad9d49af8b12",
        "rendered/textured-c2a0a2f9236e",
        "rendered/faces-b44e380b98a0",
        "rendered/cars-a796a1853046",
    ]


def test_faces_have_paint_only_and_differ(cache):
    faces = small(kind="faces", indices=[0, 1])
    assert tuple(faces.surfaces) == ("paint",) and faces.other_texture is None
    assert faces.object_names == ("identity 1", "identity 2")
    assert faces.category.tolist() == [0] * 4 and faces.category_names == ("faces",)
    assert np.abs(faces.pose[:, 0]).max() <= 42
    assert len(faces.select(faces.object == 1)) == 2


def test_cars_are_seen_as_faces_are_but_from_three_quarters(cache):
    cars = small(60, kind="cars", indices=[0, 1])
    assert tuple(cars.surfaces) == ("paint",) and cars.other_texture is None
    assert cars.object_names == ("car 1", "car 2")
    assert cars.category.tolist() == [0] * 120 and cars.category_names == ("cars",)
    yaw, pitch, roll = cars.pose[:, :3].T
    assert yaw.min() >= -77 and yaw.max() <= 7 and np.ptp(yaw) > 70
    assert pitch.min() >= -4 and pitch.max() <= 27.5 and np.ptp(pitch) > 25
    assert np.abs(roll).max() <= 14
    first, second = (cars.select(cars.object == k).surfaces["paint"] for k in (0, 1))
    assert not np.array_equal(first, second)


def test_identities_join_the_objects_under_the_category_of_their_name(cache):
    objects = small()
    for kind in ("faces", "cars"):
        two = replace(
            objects,
            category=np.zeros(4, int),
            object=np.array([0, 0, 1, 1]),
            category_names=(kind,),
            object_names=("one", "two"),
        )
        joined = join_sets(objects, two)
        assert joined.object.tolist() == [DOG] * 2 + [PEAR] * 2 + [64] * 2 + [65] * 2
        assert set(joined.category[4:]) == {objects.category_names.index(kind)}
        assert joined.object_names[64:] == ("one", "two")
        assert len(joined.surfaces["paint"]) == len(joined.pose) == 8
    with pytest.raises(ValueError, match="identities of one category"):
        join_sets(objects, objects)


def test_select_by_mask_and_by_indices(cache):
    images = small()
    by_mask, by_index = images.select(images.object == PEAR), images.select([2, 3])
    assert_same(by_mask, by_index)
    assert by_mask.object.tolist() == [PEAR, PEAR]
    with pytest.raises(ValueError, match="mask"):
        images.select(np.ones(3, bool))


def test_second_call_reads_the_cache(cache, monkeypatch):
    first = small()
    monkeypatch.setattr(module, "render_all", None)  # a call would fail
    assert_same(first, small())


def test_damaged_file_is_made_again(cache):
    first = small()
    (path,) = cache.glob("rendered/objects-*.npz")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert_same(first, small())
    with np.load(path) as stored:
        arrays = dict(stored)
    np.savez_compressed(path, **{**arrays, "alpha": arrays["alpha"][:1]})  # readable, but wrong
    assert_same(first, small())


def test_cache_that_cannot_be_written_is_a_clear_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(PermissionError, match="BRAINLIKE_CACHE"):
        small()


def test_killed_process_leaves_nothing_and_the_next_run_works(cache):
    code = "from brainlike.datasets.rendered.sets import _load_set\n"
    code += f"_load_set('objects', ({DOG}, {PEAR}), 60, None, False, 1, grid={GRID})\n"
    process = python(code, cache)
    while not list(cache.glob("rendered/*.lock")):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not list(cache.glob("rendered/*.npz"))
    assert len(small(n_views=60)) == 120


def test_two_processes_at_once_make_it_once(cache):
    log = cache / "log"
    code = f"""
from brainlike.datasets.rendered import sets
render = sets.render_all
def counted(*arguments):
    with open({str(log)!r}, "a") as file:
        file.write("made\\n")
    return render(*arguments)
sets.render_all = counted
images = sets._load_set("objects", ({DOG}, {PEAR}), 2, None, False, 1, grid={GRID})
assert len(images) == 4
"""
    processes = [python(code, cache) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert log.read_text() == "made\n"


def test_render_views_draws_what_is_asked():
    ball = Solid().add(ellipsoid((0, 0, 0), 0.5), (1.0, 0.0, 0.0))
    views = [View(size=0.4), View(size=0.8)]
    colour = render_views(ball, views, resolution=32)
    assert colour.shape == (2, 32, 32, 4) and colour.dtype == np.float32
    assert 0 <= colour.min() and colour.max() <= 1
    coverage = colour[..., 3].mean((1, 2))
    assert coverage[1] / coverage[0] == pytest.approx(4, rel=0.15)
    middle = colour[1, 16, 16]
    assert middle[0] > 0.5 and middle[1] == middle[2] == 0
    grey = render_views(ball, View(), resolution=16, surface="paint")
    np.testing.assert_array_equal(grey[..., 0], grey[..., 1])
    spotted = render_views(ball, View(), resolution=16, surface="spots", seed=3)
    again = render_views(ball, View(), resolution=16, surface="spots", seed=3)
    np.testing.assert_array_equal(spotted, again)
    assert not np.array_equal(spotted, render_views(ball, View(), 16, "spots", seed=4))


def test_render_views_of_a_named_object_keeps_its_paint_afterwards():
    before = render_views("pear", View(), resolution=16)
    render_views("pear", View(), resolution=16, surface="checks")
    np.testing.assert_array_equal(render_views(PEAR, View(), resolution=16), before)


def test_bad_requests_name_what_is_valid(cache):
    with pytest.raises(ValueError, match="n_views must be"):
        small(n_views=0)
    for wrong in ([2], [-1], [0.5], [], ["0"]):
        with pytest.raises(ValueError, match="views must be whole numbers from 0 to 1"):
            small(views=wrong)
    with pytest.raises(ValueError, match="got 'train'"):
        load_rendered_faces(views="train")
    with pytest.raises(ValueError, match="n_jobs must be"):
        small(n_jobs=0)
    with pytest.raises(ValueError, match="n_identities must be"):
        load_rendered_faces(2.5)
    with pytest.raises(ValueError, match="n_identities must be"):
        load_rendered_cars(0)
    with pytest.raises(ValueError, match="giraffe"):
        render_views("unicorn", View())
    with pytest.raises(ValueError, match="colour, paint, stripes"):
        render_views("pear", View(), surface="fur")
    with pytest.raises(ValueError, match="empty"):
        render_views("pear", [])
