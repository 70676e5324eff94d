"""Natural-looking backgrounds, and the compositor that puts rendered objects on them.

Half of the backgrounds are Gaussian noise whose amplitude falls with spatial frequency as in
photographs, half are *dead leaves*: overlapping opaque shapes, whose occlusions give edges
(Field 1987; Lee, Mumford & Huang 2001).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brainlike._cache import made_once
from brainlike._validate import check_array

if TYPE_CHECKING:
    import torch

    from brainlike.datasets.rendered.rendered_set import RenderedSet

SIZE = 128  # pixels
SPECTRAL_EXPONENT = 1.25  # amplitude falls as frequency to this power
SPLITS = {"train": 1, "test": 2}  # seed of each bank
N_LEAVES = 110


def load_backgrounds(split: str = "train", n: int = 240) -> np.ndarray:
    """Return a bank of grey backgrounds, made once and cached.

    Parameters
    ----------
    split : {"train", "test"}
        The two banks have no image in common.
    n : int
        How many; even ones are dead leaves, odd ones noise.

    Returns
    -------
    numpy.ndarray of uint8, shape (n, 128, 128)

    Raises
    ------
    ValueError
        If there is no such split, or `n` is below 1.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}; got {split!r}")
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}")

    def save(bank, path):
        np.savez_compressed(path, backgrounds=bank)

    def load(path):
        # numpy leaves a damaged file open unless the file is ours to close
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return check_array(
                "backgrounds", stored["backgrounds"], shape=(n, SIZE, SIZE), dtype=None
            )

    recipe = {"kind": "backgrounds", "seed": SPLITS[split], "n": n, "size": SIZE, "version": 1}
    make = lambda: make_backgrounds(n, SPLITS[split])  # noqa: E731
    return made_once(f"rendered/backgrounds-{split}", recipe, ".npz", make, save, load)


def make_backgrounds(n: int, seed: int) -> np.ndarray:
    """Return `n` new backgrounds (n, 128, 128) uint8."""
    rng = np.random.default_rng(seed)
    noise = power_law_noise(n, SIZE, SPECTRAL_EXPONENT, rng)
    bank = np.empty((n, SIZE, SIZE), np.float32)
    for i in range(n):
        mean, contrast = rng.uniform(0.3, 0.6), rng.uniform(0.06, 0.2)
        if i % 2:
            bank[i] = mean + contrast * noise[i]
        else:
            # Full contrast would camouflage every object.
            contrast = rng.uniform(0.25, 0.55)
            bank[i] = mean + contrast * (dead_leaves(SIZE, rng) - 0.5) + 0.05 * noise[i]
    return (np.clip(bank, 0, 1) * 255).astype(np.uint8)


def power_law_noise(n: int, size: int, exponent: float, rng: np.random.Generator) -> np.ndarray:
    """Return Gaussian noise (n, size, size) with amplitude ∝ frequency^-exponent.

    Each image has mean 0 and standard deviation 1.
    """
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency[0, 0] = 1
    amplitude = frequency**-exponent
    amplitude[0, 0] = 0
    shape = (n, size, size // 2 + 1)
    spectrum = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    images = np.fft.irfft2(spectrum * amplitude, s=(size, size))
    images = images - images.mean((1, 2), keepdims=True)
    return images / images.std((1, 2), keepdims=True)


def dead_leaves(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return one dead-leaves image (size, size): shapes of many sizes, the small ones on top."""
    from scipy.ndimage import gaussian_filter

    image = np.full((size, size), rng.uniform(0.3, 0.7), np.float32)
    radii = np.minimum(4 * (1 - rng.random(N_LEAVES)) ** -0.6, size * 0.3)
    for radius in np.sort(radii)[::-1]:
        _drop_leaf(image, radius, rng)
    return gaussian_filter(image, rng.uniform(0.8, 2.0))


def _drop_leaf(image, radius, rng):
    """Draw a rectangle or an ellipse of random place, slant, elongation and shading."""
    size = len(image)
    x, y = rng.uniform(0, size), rng.uniform(0, size)
    angle, aspect = rng.uniform(0, np.pi), rng.uniform(0.25, 1.0)
    reach = int(1.45 * radius) + 2  # only the pixels that the leaf can touch
    columns = slice(max(0, int(x) - reach), min(size, int(x) + reach))
    rows = slice(max(0, int(y) - reach), min(size, int(y) + reach))
    yy, xx = np.mgrid[rows, columns].astype(np.float32)
    u = ((xx - x) * np.cos(angle) + (yy - y) * np.sin(angle)) / radius
    v = (-(xx - x) * np.sin(angle) + (yy - y) * np.cos(angle)) / (radius * aspect)
    rectangle = rng.random() < 0.4
    covered = np.maximum(abs(u), abs(v)) < 1 if rectangle else u * u + v * v < 1
    shade = rng.uniform(0, 1) + 0.2 * u * rng.normal()
    image[rows, columns] = np.where(covered, shade, image[rows, columns])


class Compositor:
    """Draws rendered objects on random crops of backgrounds, on the fly.

    No object is ever tied to a background, and each call draws new ones.

    Parameters
    ----------
    rendered : RenderedSet
    backgrounds : numpy.ndarray of uint8, shape (n_backgrounds, height, width)
        At least as large as the renders.
    surface : str or array of int, shape (n_images,)
        Name of a surface of `rendered`, or for each image the position of a surface in
        ``tuple(rendered.surfaces)``.
    max_shift : int
        Objects move by up to so many pixels, up, down, left and right; what leaves the frame is
        cut off.
    flip : bool
        Mirror half of the objects left to right.
    contrast : float
        Objects are multiplied by a random factor within 1 ± `contrast`.

    Raises
    ------
    ValueError
        If the surface is unknown, backgrounds are not uint8 or too small, or a number is
        negative.
    """

    def __init__(
        self,
        rendered: RenderedSet,
        backgrounds: np.ndarray,
        *,
        surface: str | np.ndarray = "paint",
        max_shift: int = 0,
        flip: bool = False,
        contrast: float = 0.0,
    ):
        import torch

        if max_shift < 0 or not 0 <= contrast <= 1:
            raise ValueError(
                f"max_shift must be >= 0 and contrast in [0, 1]; got {max_shift} and {contrast}"
            )
        self.size = rendered.alpha.shape[-1]
        self._backgrounds = torch.as_tensor(_check_backgrounds(backgrounds, self.size))
        grey = _choose_surface(rendered, surface)
        layers = np.stack([grey, rendered.alpha], axis=1)  # (n_images, 2, height, width)
        margin = ((0, 0), (0, 0), (max_shift, max_shift), (max_shift, max_shift))
        self._layers = torch.as_tensor(np.pad(layers, margin))
        self.max_shift, self.flip, self.contrast = max_shift, flip, contrast

    def __call__(
        self, indices: np.ndarray | torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """Return images (n, 1, height, width) float32 in [0, 1] of the renders at `indices`."""
        import torch

        indices = torch.as_tensor(indices)
        n = len(indices)

        def integers(high, *shape):
            return torch.randint(high, shape, generator=generator)

        def uniform():
            return torch.rand(n, 1, 1, 1, generator=generator)

        layers = self._windows(self._layers, self.size)
        shift = integers(2 * self.max_shift + 1, n, 2)
        objects = layers[indices, shift[:, 0], shift[:, 1]].float().div_(255)
        if self.flip:
            objects = torch.where(uniform() < 0.5, objects.flip(-1), objects)
        grey, alpha = objects[:, :1], objects[:, 1:]
        if self.contrast:
            grey = grey * (1 + self.contrast * (2 * uniform() - 1))
        crops = self._windows(self._backgrounds[:, None], self.size)
        which = integers(len(crops), n)
        row, column = integers(crops.shape[1], n), integers(crops.shape[2], n)
        ground = crops[which, row, column].float().div_(255)
        return (grey + (1 - alpha) * ground).clamp_(0, 1)

    @staticmethod
    def _windows(images: torch.Tensor, size: int) -> torch.Tensor:
        """View (n, channels, h, w) as all its crops (n, rows, columns, channels, size, size)."""
        return images.unfold(2, size, 1).unfold(3, size, 1).permute(0, 2, 3, 1, 4, 5)


def _check_backgrounds(backgrounds, size):
    backgrounds = check_array(
        "backgrounds", backgrounds, shape=("n", "height", "width"), dtype=None
    )
    if backgrounds.dtype != np.uint8 or min(backgrounds.shape[1:]) < size:
        raise ValueError(
            f"backgrounds must be uint8 and at least {size} x {size} pixels; "
            f"got {backgrounds.dtype} {backgrounds.shape}"
        )
    return backgrounds


def _choose_surface(rendered, surface):
    """Return the grey values (n_images, height, width) of one surface, or of one an image."""
    names = tuple(rendered.surfaces)
    if isinstance(surface, str):
        if surface not in names:
            raise ValueError(f"there is no surface {surface!r}; choose one of: {', '.join(names)}")
        return rendered.surfaces[surface]
    choice = np.asarray(surface)
    if choice.shape != (len(rendered),) or not np.issubdtype(choice.dtype, np.integer):
        raise ValueError(
            f"surface must be a name or {len(rendered)} integers, one an image; "
            f"got {choice.dtype} {choice.shape}"
        )
    if choice.min() < 0 or choice.max() >= len(names):
        raise ValueError(f"surface numbers go from 0 to {len(names) - 1}: {', '.join(names)}")
    grey = np.empty_like(rendered.alpha)
    for k, name in enumerate(names):
        grey[choice == k] = rendered.surfaces[name][choice == k]
    return grey
