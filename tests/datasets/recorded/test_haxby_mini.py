"""One slice of one brain: decoding and identification as verified, patterns by hand, bad input."""

import nibabel
import numpy as np
import pytest
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
from sklearn.svm import LinearSVC

from brainlike.datasets.recorded import registry
from brainlike.datasets.recorded.haxby_mini import (
    block_patterns,
    load_haxby_mini,
    simulate_haxby_mini,
    standardize_runs,
)

CATEGORIES = ["bottle", "cat", "chair", "face", "house", "scissors", "scrambledpix", "shoe"]


@pytest.fixture(scope="module")
def simulated():
    return simulate_haxby_mini()


def assert_is_whole(data):
    assert len(data) == 1452
    assert data.bold.shape == (1452, 530) and data.bold.dtype == np.float64
    assert data.mask.shape == (40, 20, 1) and data.mask.sum() == 530
    assert data.affine.shape == (4, 4)
    assert data.repetition_time == 2.5
    assert sorted(set(data.labels)) == sorted([*CATEGORIES, "rest"])
    assert np.array_equal(data.runs, np.repeat(np.arange(12), 121))
    for run in range(12):
        labels, counts = np.unique(data.labels[data.runs == run], return_counts=True)
        assert dict(zip(labels, counts, strict=True)) == {one: 9 for one in CATEGORIES} | {
            "rest": 49
        }
        changes = np.flatnonzero(np.diff(data.labels[data.runs == run] == "rest"))
        assert len(changes) == 16  # every block stands between two rests


def patterns_of(data):
    return block_patterns(data.bold, data.labels, data.runs)


def identification(found):
    """Return how often a category's pattern correlates best with its own in the other runs.

    Pairwise, as Haxby et al.: odd against even runs, the mean over categories removed from both.
    """
    by_run = found.patterns.reshape(12, 8, -1)
    halves = [by_run[start::2].mean(axis=0) for start in (0, 1)]
    even, odd = (half - half.mean(axis=0) for half in halves)
    across = np.corrcoef(even, odd)[:8, 8:]
    return np.mean([across[i, i] > across[i, j] for i in range(8) for j in range(8) if i != j])


def decoding(found, categories=CATEGORIES):
    keep = np.isin(found.labels, categories)
    return cross_val_score(
        LinearSVC(random_state=0),
        found.patterns[keep],
        found.labels[keep],
        groups=found.runs[keep],
        cv=LeaveOneGroupOut(),
    ).mean()


def test_stand_in_is_whole(simulated):
    assert_is_whole(simulated)


def test_stand_in_categories_can_be_told_apart_but_none_is_special(simulated):
    found = patterns_of(simulated)
    assert identification(found) > 0.9
    by_category = found.patterns.reshape(12, 8, -1).mean(axis=0)
    spread = by_category.std(axis=1)
    assert spread.max() / spread.min() < 1.5


def test_standardizing_removes_offset_line_and_scale_of_each_run():
    rng = np.random.default_rng(0)
    signal, runs = rng.standard_normal((60, 4)), np.repeat([3, 1], 30)
    plain = standardize_runs(signal, runs)
    time = np.tile(np.arange(30.0), 2)[:, None]
    scaled = np.where(runs[:, None] == 3, 5 * signal + 100 + 2 * time, 0.1 * signal - 7 - time)
    assert np.allclose(standardize_runs(scaled, runs), plain)
    for run in (1, 3):
        part = plain[runs == run]
        assert np.allclose(part.mean(axis=0), 0) and np.allclose(part.std(axis=0), 1)
        assert np.allclose(np.arange(30) @ part, 0, atol=1e-9)  # no line is left


def test_patterns_are_means_over_the_blocks():
    rng = np.random.default_rng(1)
    bold = rng.standard_normal((40, 3))
    labels, runs = np.tile(np.repeat(["rest", "b", "a", "rest"], 5), 2), np.repeat([0, 1], 20)
    found = block_patterns(bold, labels, runs)
    assert found.labels.tolist() == ["a", "b", "a", "b"] and found.runs.tolist() == [0, 0, 1, 1]
    clean = standardize_runs(bold, runs)
    expected = [clean[part].mean(axis=0) for part in np.split(np.arange(40), 8)]
    assert np.allclose(found.patterns, [expected[i] for i in (2, 1, 6, 5)])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda data: data | {"labels": data["labels"][1:]}, r"labels must be \(40,\)"),
        (lambda data: data | {"runs": data["runs"][1:]}, r"runs must be \(40,\)"),
        (lambda data: data | {"labels": np.repeat("rest", 40)}, "every label is 'rest'"),
        (lambda data: data | {"labels": np.repeat(["a", "b"], 20)}, "run 0 has no volume of 'b'"),
        (lambda data: data | {"bold": data["bold"] * [1, 0]}, "first is voxel 1"),
        (lambda data: data | {"bold": data["bold"] + [0, np.nan]}, "NaN"),
        (lambda data: data | {"bold": data["bold"][:, 0]}, "n_volumes, n_voxels"),
    ],
)
def test_bad_input_is_refused(change, complaint):
    good = {
        "bold": 5 + np.random.default_rng(0).standard_normal((40, 2)),
        "labels": np.tile(np.repeat(["rest", "a"], 10), 2),
        "runs": np.repeat([0, 1], 20),
    }
    block_patterns(**good)
    with pytest.raises(ValueError, match=complaint):
        block_patterns(**change(good))


def test_image_has_the_values_at_the_voxels(simulated):
    values = np.arange(1.0, 531)
    image = simulated.to_image(values)
    assert isinstance(image, nibabel.Nifti1Image) and image.shape == (40, 20, 1)
    assert np.array_equal(image.affine, simulated.affine)
    assert np.array_equal(image.get_fdata()[simulated.mask], values)
    assert not image.get_fdata()[~simulated.mask].any()
    with pytest.raises(ValueError, match=r"values must be \(530,\)"):
        simulated.to_image(values[1:])


@pytest.mark.real_data
def test_real_slice_gives_the_verified_decoding():
    data = load_haxby_mini(strict=True)
    assert data.source == "real"
    assert_is_whole(data)
    found = patterns_of(data)
    assert found.patterns.shape == (96, 530)
    # recomputed by other code: .823, 1.00 and .98
    assert decoding(found) == pytest.approx(0.823, abs=0.03)
    assert decoding(found, ["face", "house"]) == 1
    assert identification(found) == pytest.approx(0.982, abs=5e-4)


@pytest.mark.real_data
def test_real_images_agree_with_nilearn():
    from nilearn.masking import apply_mask

    data = load_haxby_mini(strict=True)
    paths = [registry.fetch("haxby_mini", f"{name}.nii.gz") for name in ("bold", "mask")]
    assert np.array_equal(apply_mask(str(paths[0]), str(paths[1])), data.bold)
    assert data.to_image(data.bold[0]).shape == nibabel.load(paths[1]).shape
