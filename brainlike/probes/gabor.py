"""Gabor functions, the standard model of simple cells in V1, and their fit to any filter.

A Gabor is a grating under a Gaussian window; Jones and Palmer (1987) showed that it describes
the receptive fields of simple cells in the cat.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from brainlike._validate import check_array


@dataclass(frozen=True)
class Gabor:
    """A grating under a Gaussian window, in pixels.

    Attributes
    ----------
    x, y : float
        Centre, pixels from the left and from the top.
    orientation : float
        Of the stripes, in degrees from horizontal, counter-clockwise.
    frequency : float
        Cycles per pixel, across the stripes.
    phase : float
        Degrees; 0 puts the peak of the grating at the centre.
    width, length : float
        Standard deviations of the window across and along the stripes, pixels.
    amplitude : float
    """

    x: float
    y: float
    orientation: float
    frequency: float
    phase: float = 0.0
    width: float = 2.0
    length: float = 2.0
    amplitude: float = 1.0

    def image(self, size: int) -> np.ndarray:
        """Return the function as an image ``(size, size)``."""
        along, across, window, angle = self._parts(size)
        return self.amplitude * window * np.cos(angle)

    def _parts(self, size: int) -> tuple[np.ndarray, ...]:
        """Distance from the centre along and across the stripes, window, angle of the wave."""
        rows, columns = np.mgrid[:size, :size].astype(float)
        turn = np.radians(self.orientation)
        dx, dy = columns - self.x, self.y - rows  # y upward
        along = dx * np.cos(turn) + dy * np.sin(turn)
        across = -dx * np.sin(turn) + dy * np.cos(turn)
        window = np.exp(-0.5 * ((across / self.width) ** 2 + (along / self.length) ** 2))
        return along, across, window, 2 * np.pi * self.frequency * across + np.radians(self.phase)

    @property
    def aspect(self) -> float:
        """Length of the window divided by its width."""
        return self.length / self.width


@dataclass(frozen=True)
class GaborFit:
    """A Gabor and the share of a filter's variance that it explains (1 is perfect)."""

    gabor: Gabor
    r2: float


def fit_gabor(filter_image: np.ndarray) -> GaborFit:
    """Fit a Gabor function to one filter by least squares.

    The fit starts from the peak of the filter's spectrum and the centre of its energy, in two
    phases and two sizes, and keeps the best.

    Parameters
    ----------
    filter_image : array, (size, size)

    Returns
    -------
    GaborFit
        Orientation in [0, 180), phase in [0, 360), positive amplitude.

    Raises
    ------
    ValueError
        If the filter is not square, not finite, or constant.

    References
    ----------
    Jones and Palmer (1987) Journal of Neurophysiology 58:1233.

    Examples
    --------
    >>> truth = Gabor(5, 6, orientation=30, frequency=0.2)
    >>> round(fit_gabor(truth.image(12)).gabor.orientation)
    30
    """
    target = check_array("filter_image", filter_image, shape=("size", "size"))
    size = len(target)
    if target.shape != (size, size):
        raise ValueError(f"filter_image must be square; got {target.shape}")
    if np.ptp(target) == 0:
        raise ValueError("filter_image is constant: it has no orientation to fit")
    scale = np.abs(target).max()
    target = target / scale
    x, y, orientation, frequency = _first_guess(target)
    lower = [0, 0, -360, 0.01, -720, 0.7, 0.7, -3]
    upper = [size - 1, size - 1, 360, 0.5, 720, size, size, 3]

    def misfit(parameters):
        return (Gabor(*parameters).image(size) - target).ravel()

    def slopes(parameters):
        return _slopes(Gabor(*parameters), size)

    fits = [
        least_squares(
            misfit,
            np.clip([x, y, orientation, frequency, phase, sd, sd, 1], lower, upper),
            jac=slopes,
            bounds=(lower, upper),
            x_scale=[1, 1, 30, 0.05, 60, 1, 1, 1],
            max_nfev=30,  # more change no fit that is any good
        )
        for phase in (0, 90)
        for sd in (size / 8, size / 4)
    ]
    best = min(fits, key=lambda fit: fit.cost)
    r2 = 1 - 2 * best.cost / np.sum((target - target.mean()) ** 2)
    return GaborFit(_canonical(best.x, scale), float(r2))


def _slopes(gabor: Gabor, size: int) -> np.ndarray:
    """Return the derivatives of a Gabor's pixels by its eight fields, ``(size * size, 8)``."""
    along, across, window, angle = gabor._parts(size)
    wave, by_angle = np.cos(angle), -gabor.amplitude * window * np.sin(angle)
    value = gabor.amplitude * window * wave
    by_along = -value * along / gabor.length**2
    by_across = by_angle * 2 * np.pi * gabor.frequency - value * across / gabor.width**2
    turn = np.radians(gabor.orientation)
    slopes = [
        by_across * np.sin(turn) - by_along * np.cos(turn),
        by_across * np.cos(turn) + by_along * np.sin(turn),
        np.radians(by_along * across - by_across * along),
        by_angle * 2 * np.pi * across,
        np.radians(by_angle),
        value * across**2 / gabor.width**3,
        value * along**2 / gabor.length**3,
        window * wave,
    ]
    return np.stack(slopes, axis=-1).reshape(-1, len(slopes))


def _first_guess(target: np.ndarray) -> tuple[float, float, float, float]:
    """Centre of energy, and orientation and frequency of the spectrum's peak."""
    rows, columns = np.mgrid[: len(target), : len(target)]
    energy = target**2 / np.sum(target**2)
    padded = 64
    spectrum = np.abs(np.fft.rfft2(target, (padded, padded)))
    spectrum[0, 0] = 0
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    fy, fx = -np.fft.fftfreq(padded)[row], column / padded  # y upward
    orientation = np.degrees(np.arctan2(fy, fx)) - 90
    return (energy * columns).sum(), (energy * rows).sum(), orientation, np.hypot(fx, fy)


def _canonical(parameters: np.ndarray, scale: float) -> Gabor:
    """Of the equivalent parameter sets take the one with the ranges that the docstring states."""
    x, y, orientation, frequency, phase, width, length, amplitude = map(float, parameters)
    if amplitude < 0:
        amplitude, phase = -amplitude, phase + 180
    turns = np.floor(orientation / 180)
    if turns % 2:  # half a turn reverses the direction across the stripes
        phase = -phase
    return Gabor(
        x, y, orientation - 180 * turns, frequency, phase % 360, width, length, amplitude * scale
    )
