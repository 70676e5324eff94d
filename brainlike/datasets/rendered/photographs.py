"""Natural images: the two photographs that ship with scikit-learn, and what sparse coding needs.

Whitening follows Olshausen and Field (1996): natural images have far more contrast at low
frequencies than at high ones, and a code would otherwise spend itself on these.
"""

import numpy as np
from sklearn.datasets import load_sample_images
from sklearn.feature_extraction.image import extract_patches_2d

from brainlike._validate import check_array


def load_photographs() -> list[np.ndarray]:
    """Return ``china.jpg`` and ``flower.jpg`` in grey: two arrays ``(427, 640)`` in [0, 1]."""
    return [photograph.mean(axis=2) / 255 for photograph in load_sample_images().images]


def whiten(image: np.ndarray, cutoff: float = 0.25) -> np.ndarray:
    """Flatten the spectrum of a natural image and remove its highest frequencies.

    Parameters
    ----------
    image : array, (height, width)
    cutoff : float
        Cycles per pixel at which the amplitude has fallen to 1/e.

    Returns
    -------
    array, (height, width)
        Mean 0, standard deviation 1.

    References
    ----------
    Olshausen and Field (1996) Nature 381:607; they multiply amplitudes by f exp(-(f/f0)^4).
    """
    image = check_array("image", image, shape=("height", "width"))
    if np.ptp(image) == 0:
        raise ValueError("image is constant: there is nothing to whiten")
    vertical = np.fft.fftfreq(image.shape[0])[:, None]
    frequency = np.hypot(vertical, np.fft.fftfreq(image.shape[1]))
    gain = frequency * np.exp(-((frequency / cutoff) ** 4))
    flat = np.fft.ifft2(np.fft.fft2(image) * gain).real
    return flat / flat.std()


def scramble_phases(image: np.ndarray, seed: int | np.random.Generator) -> np.ndarray:
    """Return an image with the same power spectrum and the phases of white noise.

    All correlations between pairs of pixels stay; edges, which live in the phases, go.

    Parameters
    ----------
    image : array, (height, width)
    seed : int or numpy.random.Generator
    """
    image = check_array("image", image, shape=("height", "width"))
    noise = np.random.default_rng(seed).normal(size=image.shape)
    phases = np.exp(1j * np.angle(np.fft.fft2(noise)))
    return np.fft.ifft2(np.abs(np.fft.fft2(image)) * phases).real


def random_patches(images: list[np.ndarray], size: int, n_patches: int, seed: int) -> np.ndarray:
    """Cut random patches, equally many from each image, and remove each patch's mean.

    Parameters
    ----------
    images : list of array, (height, width)
    size : int
        Edge of a patch in pixels.
    n_patches : int
    seed : int

    Returns
    -------
    array, (n_patches, size * size)
    """
    each = n_patches // len(images)
    patches = [
        extract_patches_2d(image, (size, size), max_patches=each, random_state=seed)
        for image in images
    ]
    flat = np.concatenate(patches).reshape(-1, size * size)
    return flat - flat.mean(axis=1, keepdims=True)
