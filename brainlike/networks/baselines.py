"""Descriptions of images that learn nothing: pixels, Gabor energy, histograms of orientations.

The controls of every chapter. What a trained network predicts counts only beside these. Each
takes images ``(n, channels, height, width)`` in [0, 1] and returns ``(n_stimuli, n_features)``.
"""

import numpy as np
import torch
import torch.nn.functional as F

from brainlike._validate import check_array
from brainlike.networks.activations import as_images

LUMINANCE = (0.299, 0.587, 0.114)  # Rec. 601 weights of red, green and blue
_OCTAVES = 0.7  # between neighbouring scales
_RADIAL_SD = 0.4  # of a filter, in natural logarithms of spatial frequency
_ANGULAR_SD = 0.32  # of a filter, in radians
_FINEST = 0.36 * 64  # cycles per image: 0.36 cycles per pixel where an image is 64 pixels wide
_CHUNK = 100  # images filtered at a time


def to_grey(images: torch.Tensor | np.ndarray, size: int = 64) -> np.ndarray:
    """Return images in grey at another size: Rec. 601 luminance, antialiased bilinear resizing.

    Parameters
    ----------
    images : tensor or array, (n, 3, height, width) or (n, 1, height, width)
        Values in [0, 1]. What is not square is squeezed to a square.
    size : int
        Height and width of the result, in pixels.

    Returns
    -------
    (n, 1, size, size) float32 array

    Raises
    ------
    ValueError
        If the images have another shape, are not finite or leave [0, 1].

    Examples
    --------
    >>> to_grey(np.ones((2, 3, 112, 112))).shape
    (2, 1, 64, 64)
    """
    images = as_images(images)
    _check_positive("size", size)
    if images.shape[1] not in (1, 3):
        raise ValueError(f"images must have 1 or 3 channels; got {images.shape[1]}")
    low, high = float(images.min()), float(images.max())
    if low < 0 or high > 1:
        raise ValueError(
            f"images must lie in [0, 1]; these go from {low:g} to {high:g}: divide them by their "
            "largest possible value"
        )
    if images.shape[1] == 3:
        weights = torch.tensor(LUMINANCE).view(1, 3, 1, 1)
        images = (images * weights).sum(dim=1, keepdim=True)
    return F.interpolate(images, size=(size, size), mode="bilinear", antialias=True).numpy()


def pool_maps(features: torch.Tensor | np.ndarray, grid: int = 4) -> np.ndarray:
    """Return feature maps averaged over the blocks of a coarse grid.

    The response of a neuron tells what is where only roughly. Pooled maps predict neurons better
    than whole ones, with a hundredth of the features.

    Parameters
    ----------
    features : tensor or array, (n_stimuli, channels, height, width) or (n_stimuli, n_units)
        A layer without maps is passed through.
    grid : int
        Blocks along each side.

    Returns
    -------
    (n_stimuli, channels * grid * grid) or (n_stimuli, n_units) float32 array
        Channel by channel, the blocks of each from the top left, row by row.

    Raises
    ------
    ValueError
        If the features have another number of axes, are not finite, or their maps are smaller
        than the grid.

    Examples
    --------
    >>> pool_maps(np.ones((5, 24, 32, 32))).shape
    (5, 384)
    """
    if np.ndim(features) == 2:
        return check_array("features", features, shape=("n_stimuli", "n_units"), dtype=np.float32)
    if np.ndim(features) != 4:
        raise ValueError(
            "features must be (n_stimuli, channels, height, width) or (n_stimuli, n_units); "
            f"got {tuple(np.shape(features))}"
        )
    maps = as_images(features)
    _check_positive("grid", grid)
    if min(maps.shape[2:]) < grid:
        raise ValueError(
            f"maps of {maps.shape[2]} x {maps.shape[3]} cannot be averaged to {grid} x {grid}; "
            "choose a smaller grid"
        )
    return F.adaptive_avg_pool2d(maps, grid).flatten(1).numpy()


def pixels(images: torch.Tensor | np.ndarray, grid: int = 16) -> np.ndarray:
    """Return the mean of each block of pixels, ``(n, channels * grid * grid)`` float32.

    Parameters
    ----------
    images : tensor or array, (n, channels, height, width)
    grid : int
        Blocks along each side.
    """
    return pool_maps(as_images(images), grid)


def gabor_energy(
    images: torch.Tensor | np.ndarray,
    grid: int = 4,
    n_scales: int = 6,
    n_orientations: int = 8,
) -> np.ndarray:
    """Return the pooled energy of oriented filters, as complex cells of V1 would report it.

    Each filter is log-Gabor: Gaussian in the logarithm of spatial frequency and in orientation.
    It passes half of the frequency plane, so that the filtered image is complex, its real and
    imaginary parts are an even and an odd filter (a quadrature pair), and its modulus is the
    root of their summed squares: high for any phase of a grating.

    Parameters
    ----------
    images : tensor or array, (n, 1, size, size)
        Grey and square, at least 48 pixels wide; `to_grey` makes them so.
    grid : int
        Energies are averaged over `grid` x `grid` blocks.
    n_scales : int
        The finest filters prefer 23 cycles per image (0.36 cycles per pixel at 64 pixels), and
        each next scale is 0.7 octaves coarser.
    n_orientations : int
        Evenly spaced over 180 degrees. The first prefers a grating that varies along x only
        (vertical bars); the others turn from x towards y, which points down.

    Returns
    -------
    (n, (n_scales * n_orientations + 1) * grid * grid) float32 array
        Scale by scale from fine to coarse, within these by orientation, within these by block;
        last the mean grey of each block.

    Raises
    ------
    ValueError
        If the images have colour, are not square, are too small or not finite.

    References
    ----------
    Adelson and Bergen (1985), Spatiotemporal energy models for the perception of motion,
    J. Opt. Soc. Am. A 2. Field (1987), Relations between the statistics of natural images and
    the response properties of cortical cells, J. Opt. Soc. Am. A 4.

    Examples
    --------
    >>> gabor_energy(np.zeros((2, 1, 64, 64))).shape
    (2, 784)
    """
    images = _as_grey(images)
    size = images.shape[-1]
    for name, value in (("n_scales", n_scales), ("n_orientations", n_orientations)):
        _check_positive(name, value)
    if images.shape[-2] != size or size < 2 * _FINEST:
        raise ValueError(
            f"images must be square and at least 48 pixels wide; got {images.shape[-2]} x {size}. "
            "Resize them with to_grey"
        )
    filters = _log_gabors(size, n_scales, n_orientations)
    energies = []
    for some in images.split(_CHUNK):
        # Without the mean: the filters ignore it, and rounding errors stay small.
        spectrum = torch.fft.fft2(some - some.mean(dim=(2, 3), keepdim=True))
        # One scale at a time keeps the memory small.
        pooled = [
            pool_maps(torch.fft.ifft2(spectrum * one_scale).abs(), grid) for one_scale in filters
        ]
        energies.append(np.concatenate([*pooled, pool_maps(some, grid)], axis=1))
    return np.concatenate(energies)


def hog_features(
    images: torch.Tensor | np.ndarray, n_orientations: int = 8, cell: int = 8
) -> np.ndarray:
    """Return histograms of oriented gradients, each cell normalized by itself.

    Parameters
    ----------
    images : tensor or array, (n, 1, height, width)
    n_orientations : int
        Bins over 180 degrees.
    cell : int
        Pixels along each side of a cell.

    Returns
    -------
    (n, n_cells * n_orientations) float32 array
        512 features for 64-pixel images.

    Raises
    ------
    ValueError
        If the images have colour, are smaller than a cell or not finite.

    References
    ----------
    Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.

    Examples
    --------
    >>> hog_features(np.zeros((2, 1, 64, 64))).shape
    (2, 512)
    """
    images = _as_grey(images)
    _check_positive("n_orientations", n_orientations)
    _check_positive("cell", cell)
    if min(images.shape[2:]) < cell:
        raise ValueError(
            f"images of {images.shape[2]} x {images.shape[3]} pixels hold no cell of "
            f"{cell} x {cell}; choose a smaller cell"
        )
    return np.concatenate(
        [_hog(some[:, 0].numpy(), n_orientations, cell) for some in images.split(_CHUNK)]
    )


def _hog(grey: np.ndarray, n_orientations: int, cell: int) -> np.ndarray:
    """`skimage.feature.hog` with blocks of one cell, for many images ``(n, h, w)`` at once."""
    down, right = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    right[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    n, rows, columns = len(grey), grey.shape[1] // cell, grey.shape[2] // cell
    inside = np.s_[:, : rows * cell, : columns * cell]  # pixels beyond the last cell do not count
    down, right = down[inside].astype(float), right[inside].astype(float)
    turn = np.degrees(np.arctan2(down, right)) % 180
    # A tiny negative angle may be rounded to 180 degrees.
    bins = np.minimum(turn * n_orientations / 180, n_orientations - 1).astype(int)
    row, column = np.arange(rows).repeat(cell), np.arange(columns).repeat(cell)
    cells = (np.arange(n)[:, None, None] * rows + row[:, None]) * columns + column
    counts = np.bincount(
        (cells * n_orientations + bins).ravel(),
        np.hypot(down, right).ravel(),
        n * rows * columns * n_orientations,
    )
    counts = counts.reshape(-1, n_orientations) / cell**2
    for limit in (np.inf, 0.2):  # no orientation may dominate its cell (Lowe 2004)
        counts = np.minimum(counts, limit)
        counts /= np.sqrt((counts**2).sum(axis=1, keepdims=True) + 1e-10)
    return counts.reshape(n, -1).astype(np.float32)


def _log_gabors(size: int, n_scales: int, n_orientations: int) -> torch.Tensor:
    """Return filters in the frequency plane, ``(n_scales, n_orientations, size, size)``."""
    y, x = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    radius, angle = np.hypot(x, y) * size, np.arctan2(y, x)
    radius[0, 0] = np.inf  # the mean belongs to no filter
    preferred = _FINEST * 2.0 ** (-_OCTAVES * np.arange(n_scales))
    radial = np.exp(-(np.log(radius / preferred[:, None, None]) ** 2) / (2 * _RADIAL_SD**2))
    turned = np.pi * np.arange(n_orientations)[:, None, None] / n_orientations
    away = (angle - turned + np.pi) % (2 * np.pi) - np.pi
    angular = np.exp(-(away**2) / (2 * _ANGULAR_SD**2))
    return torch.from_numpy(np.float32(radial[:, None] * angular))


def _as_grey(images: torch.Tensor | np.ndarray) -> torch.Tensor:
    images = as_images(images)
    if images.shape[1] != 1:
        raise ValueError(
            f"images must have one channel; got {images.shape[1]}. Convert them with to_grey"
        )
    return images


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1; got {value}")
