"""Backgrounds against their known spectrum, the compositor against a plain loop."""

import numpy as np
import pytest
import torch

from brainlike.datasets.rendered.backgrounds import (
    Compositor,
    load_backgrounds,
    make_backgrounds,
    power_law_noise,
)
from brainlike.datasets.rendered.sets import RenderedSet

N = 12


@pytest.fixture
def rendered():
    """Twelve random premultiplied images; the left quarter is empty, the right quarter full."""
    rng = np.random.default_rng(0)
    alpha = rng.integers(0, 256, (N, 64, 64)).astype(np.uint8)
    alpha[:, :, :16], alpha[:, :, 48:] = 0, 255
    surfaces = {
        name: (rng.random((N, 64, 64)) * alpha).astype(np.uint8)
        for name in ("paint", "own_texture", "other_texture")
    }
    whole = np.arange(N)
    return RenderedSet(
        surfaces, alpha, whole, whole, whole, whole, np.zeros((N, 8)), ("a",), ("b",), 0.0
    )


@pytest.fixture
def ground():
    return np.random.default_rng(1).integers(0, 256, (1, 64, 64)).astype(np.uint8)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def by_hand(grey, alpha, ground):
    out = np.zeros((64, 64))
    for i in range(64):
        for j in range(64):
            cover = float(alpha[i, j]) / 255
            out[i, j] = float(grey[i, j]) / 255 + (1 - cover) * float(ground[i, j]) / 255
    return np.clip(out, 0, 1)


def test_noise_amplitude_falls_with_the_asked_exponent():
    images = power_law_noise(40, 128, 1.25, np.random.default_rng(0))
    np.testing.assert_allclose(images.mean((1, 2)), 0, atol=1e-10)
    np.testing.assert_allclose(images.std((1, 2)), 1)
    amplitude = np.sqrt((np.abs(np.fft.fft2(images)) ** 2).mean(0))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    band = (frequency > 0.02) & (frequency < 0.5)
    slope, _ = np.polyfit(np.log(frequency[band]), np.log(amplitude[band]), 1)
    assert slope == pytest.approx(-1.25, abs=0.02)


def test_banks_are_cached_repeatable_and_disjoint(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    train, test = load_backgrounds("train", 6), load_backgrounds("test", 6)
    assert train.shape == (6, 128, 128) and train.dtype == np.uint8
    assert not (train == test).all((1, 2)).any()
    monkeypatch.setattr("brainlike.datasets.rendered.backgrounds.make_backgrounds", None)
    np.testing.assert_array_equal(load_backgrounds("train", 6), train)  # now from the cache
    np.testing.assert_array_equal(make_backgrounds(6, 1), train)
    for image in train / 255:  # neither flat nor saturated
        assert 0.02 < image.std() < 0.3 and 0.2 < image.mean() < 0.8


def test_unknown_split_and_empty_bank_are_refused():
    with pytest.raises(ValueError, match="train, test"):
        load_backgrounds("validation")
    with pytest.raises(ValueError, match="at least 1"):
        load_backgrounds(n=0)


def test_compositing_formula_pixel_by_pixel(rendered, ground):
    images = Compositor(rendered, ground)([3, 7], generator())
    assert images.shape == (2, 1, 64, 64) and images.dtype == torch.float32
    for k, index in enumerate((3, 7)):
        expected = by_hand(rendered.surfaces["paint"][index], rendered.alpha[index], ground[0])
        np.testing.assert_allclose(images[k, 0], expected, atol=1e-6)


def test_background_shows_exactly_where_nothing_covers_it(rendered, ground):
    images = Compositor(rendered, ground, contrast=0.5)(np.arange(N), generator())
    shown = images[:, 0, :, :16].numpy()
    np.testing.assert_array_equal(shown, np.tile(ground[:, :, :16] / np.float32(255), (N, 1, 1)))


def test_shift_and_flip_give_one_of_the_possible_images(rendered, ground):
    grey, alpha = rendered.surfaces["paint"][0], rendered.alpha[0]
    compositor = Compositor(rendered, ground, max_shift=1, flip=True)
    images = compositor(np.zeros(60, int), generator())[:, 0].numpy()
    possible = []
    for flipped in (False, True):
        for down in (0, 1, 2):
            for right in (0, 1, 2):
                crop = np.s_[down : down + 64, right : right + 64]
                g, a = (np.pad(layer, 1)[crop] for layer in (grey, alpha))
                possible.append(
                    by_hand(*((g[:, ::-1], a[:, ::-1]) if flipped else (g, a)), ground[0])
                )
    error = np.abs(images[:, None] - np.array(possible)[None]).max((2, 3))
    assert error.min(1).max() < 1e-6
    assert len(np.unique(error.argmin(1))) > 12  # of 18; all occur in the long run


def test_contrast_scales_the_object_within_its_bounds(rendered):
    black = np.zeros((1, 64, 64), np.uint8)
    images = Compositor(rendered, black, contrast=0.2)(np.full(200, 4), generator())
    base = rendered.surfaces["paint"][4] / 255
    factors = (images[:, 0].numpy() * base).sum((1, 2)) / (base**2).sum()
    assert 0.8 <= factors.min() < 0.83 and 1.16 < factors.max() <= 1.2


def test_crops_come_from_everywhere_on_all_backgrounds(rendered):
    empty = np.zeros_like(rendered.alpha)
    clear = RenderedSet(**{**vars(rendered), "surfaces": {"paint": empty}, "alpha": empty})
    labels = np.arange(2 * 66 * 66, dtype=np.int64).reshape(2, 66, 66) // 40 % 251
    bank = labels.astype(np.uint8)
    images = Compositor(clear, bank)(np.zeros(150, int), generator())[:, 0].numpy() * 255
    possible = [bank[b, i : i + 64, j : j + 64] for b in (0, 1) for i in range(3) for j in range(3)]
    error = np.abs(images[:, None] - np.array(possible, float)[None]).max((2, 3))
    assert error.min(1).max() < 1e-3
    assert len(np.unique(error.argmin(1))) == 18


def test_surface_for_each_image(rendered, ground):
    choice = np.arange(N) % 3
    mixed = Compositor(rendered, ground, surface=choice)(np.arange(N), generator())
    for k, name in enumerate(rendered.surfaces):
        single = Compositor(rendered, ground, surface=name)(np.arange(N), generator())
        torch.testing.assert_close(mixed[choice == k], single[choice == k])


def test_same_generator_same_images(rendered):
    bank = make_backgrounds(4, 1)
    draw = Compositor(rendered, bank, max_shift=3, flip=True, contrast=0.1)
    torch.testing.assert_close(draw([1, 2], generator(5)), draw([1, 2], generator(5)))
    assert not torch.equal(draw([1, 2], generator(5)), draw([1, 2], generator(6)))


def test_bad_choices_are_refused(rendered, ground):
    with pytest.raises(ValueError, match="paint, own_texture, other_texture"):
        Compositor(rendered, ground, surface="fur")
    with pytest.raises(ValueError, match="12 integers"):
        Compositor(rendered, ground, surface=np.zeros(5, int))
    with pytest.raises(ValueError, match="from 0 to 2"):
        Compositor(rendered, ground, surface=np.full(N, 3))
    with pytest.raises(ValueError, match="uint8"):
        Compositor(rendered, ground / 255)
    with pytest.raises(ValueError, match="64 x 64"):
        Compositor(rendered, ground[:, :32])
    with pytest.raises(ValueError, match="max_shift"):
        Compositor(rendered, ground, max_shift=-1)
