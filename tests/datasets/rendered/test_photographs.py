import numpy as np
import pytest

from brainlike.datasets.rendered.photographs import (
    load_photographs,
    random_patches,
    scramble_phases,
    whiten,
)


def radial_power(image):
    """Mean power in rings of spatial frequency .02 to .2."""
    radius = np.hypot(np.fft.fftfreq(image.shape[0])[:, None], np.fft.fftfreq(image.shape[1]))
    power = np.abs(np.fft.fft2(image)) ** 2
    edges = np.geomspace(0.02, 0.2, 7)
    rings = zip(edges[:-1], edges[1:], strict=True)
    return np.array([power[(radius >= a) & (radius < b)].mean() for a, b in rings])


def test_whitening_flattens_a_known_spectrum():
    rng = np.random.default_rng(0)
    radius = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.fftfreq(256))
    radius[0, 0] = 1
    image = np.fft.ifft2(np.fft.fft2(rng.normal(size=(256, 256))) / radius).real
    before, after = radial_power(image), radial_power(whiten(image))
    assert before[0] / before[-1] > 30
    assert 0.8 < after[0] / after[-2] < 1.6
    assert abs(whiten(image).mean()) < 1e-10 and whiten(image).std() == pytest.approx(1)


def test_scrambling_keeps_the_spectrum_and_loses_the_image():
    image = load_photographs()[0]
    scrambled = scramble_phases(image, 0)
    power, kept = (np.abs(np.fft.fft2(x)) for x in (image, scrambled))
    assert np.allclose(power, kept, rtol=1e-6, atol=1e-6 * power.max())
    assert abs(np.corrcoef(image.ravel(), scrambled.ravel())[0, 1]) < 0.2
    assert np.array_equal(scrambled, scramble_phases(image, 0))


def test_photographs_and_patches_have_the_stated_shapes():
    photographs = load_photographs()
    assert [p.shape for p in photographs] == [(427, 640)] * 2
    assert all(0 <= p.min() and p.max() <= 1 for p in photographs)
    patches = random_patches(photographs, 12, 100, seed=0)
    assert patches.shape == (100, 144)
    assert np.allclose(patches.mean(axis=1), 0)


@pytest.mark.parametrize("image", [np.zeros(5), np.ones((5, 5)), np.full((5, 5), np.nan)])
def test_bad_images_are_refused(image):
    with pytest.raises(ValueError, match="image"):
        whiten(image)
