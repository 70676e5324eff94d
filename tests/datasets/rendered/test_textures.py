"""Solid textures: equal in mean and contrast, different in pattern, nearly upright."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from brainlike.datasets.rendered.textures import TEXTURES, solid_texture


def slices(family, n, size=48, extent=1.4, first_seed=0):
    """Flat cuts (n, size, size) through n members of a family."""
    ticks = np.linspace(-extent / 2, extent / 2, size)
    y, x = np.meshgrid(ticks, ticks, indexing="ij")
    plane = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    members = [solid_texture(family, plane, first_seed + i) for i in range(n)]
    return np.array(members).reshape(n, size, size)


@pytest.mark.parametrize("family", TEXTURES)
def test_mean_and_contrast_are_matched(family):
    rng = np.random.default_rng(1)
    ball = rng.uniform(-1, 1, (4000, 3))
    values = np.array([solid_texture(family, ball, rng) for _ in range(40)])
    assert values.dtype == np.float32
    assert 0.05 <= values.min() and values.max() <= np.float32(0.95)
    assert values.mean() == pytest.approx(0.5, abs=0.02)
    assert values.std() == pytest.approx(0.37, abs=0.02)


def describe(images):
    """Radial power spectrum, its orientation concentration, and skewness, of each image."""
    centred = images - images.mean((1, 2), keepdims=True)
    power = np.abs(np.fft.fft2(centred)) ** 2
    fy, fx = np.meshgrid(*[np.fft.fftfreq(images.shape[1]) * images.shape[1]] * 2, indexing="ij")
    ring = np.hypot(fx, fy).astype(int)
    spectrum = np.stack([power[:, ring == r].mean(1) for r in range(1, 20)], axis=1)
    share = power / power.sum((1, 2), keepdims=True)
    doubled = np.abs((share * np.exp(2j * np.arctan2(fy, fx))).sum((1, 2)))
    peak = np.sort(share.reshape(len(images), -1), axis=1)[:, -40:].sum(1)
    spread = centred.std((1, 2))
    skew = (centred**3).mean((1, 2)) / spread**3
    kurtosis = (centred**4).mean((1, 2)) / spread**4
    return np.column_stack([np.log(spectrum), doubled, peak, skew, kurtosis])


def test_families_can_be_told_apart_from_a_flat_cut():
    known = np.concatenate([describe(slices(f, 60)) for f in TEXTURES])
    unseen = np.concatenate([describe(slices(f, 30, first_seed=1000)) for f in TEXTURES])
    classifier = LinearDiscriminantAnalysis().fit(known, np.repeat(np.arange(8), 60))
    assert classifier.score(unseen, np.repeat(np.arange(8), 30)) > 0.8  # chance is .125


def test_same_seed_same_texture_and_other_seed_another():
    at = np.random.default_rng(0).uniform(-1, 1, (1000, 3))
    for family in TEXTURES:
        first, again, other = (solid_texture(family, at, seed) for seed in (5, 5, 6))
        np.testing.assert_array_equal(first, again)
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.3


def test_patterns_keep_their_direction_and_scale_on_the_object():
    images = slices("stripes", 40, size=128)  # bands across x, 0.224 apart
    power = np.abs(np.fft.rfft2(images - images.mean((1, 2), keepdims=True))) ** 2
    cycles = np.fft.fftfreq(128, 1.4 / 127), np.fft.rfftfreq(128, 1.4 / 127)  # per radius
    fy, fx = np.meshgrid(*cycles, indexing="ij")
    weight = power / power.sum((1, 2), keepdims=True)
    assert np.quantile((weight * np.abs(fy)).sum((1, 2)) / (weight * fx).sum((1, 2)), 0.9) < 1
    strongest = fx.ravel()[power.reshape(len(power), -1).argmax(1)]
    assert np.median(strongest) == pytest.approx(1 / 0.224, rel=0.15)


def test_number_and_name_mean_the_same():
    at = np.random.default_rng(0).uniform(-1, 1, (10, 3))
    np.testing.assert_array_equal(solid_texture(5, at, 0), solid_texture("spots", at, 0))


@pytest.mark.parametrize("family", ["tartan", 8, -1, None])
def test_unknown_family_lists_the_valid_ones(family):
    with pytest.raises(ValueError, match="stripes.*rings"):
        solid_texture(family, np.zeros((3, 3)), 0)


def test_bad_points_are_refused():
    with pytest.raises(ValueError, match="points must be"):
        solid_texture("spots", np.zeros((3, 2)), 0)
    with pytest.raises(ValueError, match="NaN"):
        solid_texture("spots", np.full((3, 3), np.nan), 0)
