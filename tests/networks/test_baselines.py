import numpy as np
import pytest
import torch
from skimage.feature import hog

from brainlike.networks.baselines import (
    gabor_energy,
    hog_features,
    pixels,
    pool_maps,
    to_grey,
)

SCALES = 0.36 * 64 * 2.0 ** (-0.7 * np.arange(6))  # cycles per image
Y, X = np.mgrid[:64, :64] / 64


def grating(cycles, degrees, phase=0.0):
    """Return a sine grating (64, 64) that varies along a direction turned from x towards y."""
    turn = np.deg2rad(degrees)
    along = np.cos(turn) * X + np.sin(turn) * Y
    return 0.5 + 0.4 * np.sin(2 * np.pi * cycles * along + phase)


def energies(images, grid=4):
    """Return (n, scales, orientations, blocks)."""
    images = np.asarray(images)[:, None]
    return gabor_energy(images, grid)[:, : -(grid**2)].reshape(len(images), 6, 8, grid**2)


@pytest.mark.parametrize("scale", [0, 2, 4])
@pytest.mark.parametrize("orientation", range(8))
def test_a_grating_excites_its_own_scale_and_orientation_most(scale, orientation):
    one = grating(SCALES[scale], 22.5 * orientation)
    at_the_center = energies([one])[0][:, :, [5, 6, 9, 10]].mean(axis=-1)
    best = np.unravel_index(at_the_center.argmax(), at_the_center.shape)
    assert best == (scale, orientation)


def test_the_energy_of_a_grating_is_its_amplitude_whatever_the_phase():
    """A whole number of cycles: half a sine is in the half plane that a filter passes."""
    cycles = 8
    tuning = np.exp(-(np.log(cycles / SCALES) ** 2) / (2 * 0.4**2))
    responses = energies([grating(cycles, 0, phase) for phase in (0, 0.7, np.pi / 2, 3)])
    expected = 0.4 / 2 * tuning[:, None]
    assert np.allclose(responses[:, :, 0], expected, atol=1e-6)


def test_energy_follows_position_and_ignores_brightness():
    patch = np.full((64, 64), 0.5)
    patch[:16, 48:] = grating(16, 45)[:16, 48:]  # the last block of the first row
    response = energies([patch, patch + 0.1])
    assert response[0, 1, 2].argmax() == 3
    assert np.allclose(response[0], response[1], atol=1e-6)


def test_the_last_features_of_gabor_energy_are_mean_grey():
    images = np.random.default_rng(0).random((3, 1, 64, 64))
    features = gabor_energy(images, grid=2, n_scales=1, n_orientations=3)
    assert features.shape == (3, (3 + 1) * 4)
    assert np.allclose(features[:, -4:], pixels(images, 2), atol=1e-6)


def test_chunks_change_nothing():
    images = np.random.default_rng(0).random((103, 1, 48, 48))
    whole = gabor_energy(images, n_scales=2)
    assert np.allclose(whole[99:], gabor_energy(images[99:], n_scales=2), atol=1e-6)


def test_pooling_is_the_mean_of_each_block():
    maps = np.random.default_rng(0).random((2, 3, 8, 12))
    by_hand = maps.reshape(2, 3, 4, 2, 4, 3).mean(axis=(3, 5)).reshape(2, -1)
    assert np.allclose(pool_maps(maps, 4), by_hand, atol=1e-6)
    assert np.allclose(pool_maps(torch.tensor(maps), 4), by_hand, atol=1e-6)


def test_pooling_passes_units_without_maps_through():
    units = np.random.default_rng(0).random((5, 7), dtype=np.float32)
    assert np.array_equal(pool_maps(units), units)


def test_pixels_of_a_constant_image_are_its_value():
    images = np.empty((2, 3, 20, 20))
    images[:] = np.array([[0.1, 0.5, 0.9], [0, 1, 0]])[:, :, None, None]
    features = pixels(images, grid=3).reshape(2, 3, 9)
    assert np.allclose(features, images[:, :, 0, :1], atol=1e-6)


def test_grey_is_luminance():
    colour = np.zeros((3, 3, 32, 32))
    colour[[0, 1, 2], [0, 1, 2]] = 1
    grey = to_grey(colour, size=16)
    assert grey.shape == (3, 1, 16, 16) and grey.dtype == np.float32
    assert np.allclose(grey, np.array([0.299, 0.587, 0.114])[:, None, None, None], atol=1e-6)


def test_resizing_does_not_alias():
    """A grating too fine for the small image becomes grey, not a coarse grating."""
    fine = 0.5 + 0.5 * (-1.0) ** np.indices((64, 64))[0]
    assert to_grey(fine[None, None], size=16).std() < 0.05
    assert fine[::4].std() == 0  # every fourth row: all white


def test_grey_of_the_right_size_stays_as_it_is():
    grey = np.random.default_rng(0).random((2, 1, 64, 64), dtype=np.float32)
    assert np.allclose(to_grey(grey), grey, atol=1e-7)


@pytest.mark.parametrize("height, width, n_orientations, cell", [(64, 64, 8, 8), (45, 60, 9, 7)])
def test_hog_is_that_of_scikit_image(height, width, n_orientations, cell):
    images = np.random.default_rng(0).random((102, 1, height, width), dtype=np.float32)
    images[0, 0, 10:30, 10:30] = 0.5  # flat, and with straight edges
    images[1] = grating(8, 0)[:height, :width]
    features = hog_features(images, n_orientations, cell)
    assert features.shape == (102, n_orientations * (height // cell) * (width // cell))
    for one in (0, 1, 101):
        peer = hog(images[one, 0], n_orientations, (cell, cell), (1, 1))
        assert np.allclose(features[one], peer, atol=1e-6)


def test_hog_finds_the_orientation_of_a_grating():
    gratings = np.stack([grating(8, 0), grating(8, 90)])[:, None]
    histograms = hog_features(gratings).reshape(2, 64, 8).mean(axis=1)
    assert histograms.argmax(axis=1).tolist() != [histograms[0].argmax()] * 2
    assert (histograms.max(axis=1) > 0.9).all()


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: gabor_energy(np.zeros((2, 3, 64, 64))), "one channel; got 3.*to_grey"),
        (lambda: gabor_energy(np.zeros((2, 1, 64, 80))), "square.*64 x 80.*to_grey"),
        (lambda: gabor_energy(np.zeros((2, 1, 32, 32))), "at least 48 pixels.*32"),
        (lambda: gabor_energy(np.zeros((2, 1, 64, 64)), grid=0), "grid must be at least 1"),
        (lambda: gabor_energy(np.zeros((2, 1, 64, 64)), n_scales=0), "n_scales must be at least"),
        (lambda: hog_features(np.zeros((2, 3, 64, 64))), "one channel; got 3.*to_grey"),
        (lambda: hog_features(np.zeros((2, 1, 4, 64))), "hold no cell of 8 x 8"),
        (lambda: pixels(np.zeros((2, 64, 64))), r"images must be \(n, channels"),
        (lambda: pool_maps(np.zeros((2, 5, 3, 3))), "3 x 3 cannot be averaged to 4 x 4"),
        (lambda: pool_maps(np.zeros((2, 5, 3))), r"features must be .*got \(2, 5, 3\)"),
        (lambda: pool_maps(np.full((2, 5), np.nan)), "10 of 10 values that are NaN"),
        (lambda: to_grey(np.full((1, 3, 64, 64), 255)), r"images must lie in \[0, 1\].*255"),
        (lambda: to_grey(np.zeros((1, 4, 64, 64))), "1 or 3 channels; got 4"),
        (lambda: to_grey(np.zeros((1, 3, 64, 64)), size=0), "size must be at least 1"),
    ],
)
def test_bad_input_is_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
