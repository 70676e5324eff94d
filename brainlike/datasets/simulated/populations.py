"""Simulated populations whose signal has a known power-law spectrum, with repeats and subjects.

A method that estimates an exponent, or what two brains share, must find it here before it meets
data. The recipe of the noise follows the controls of Stringer et al. (2019).
"""

from dataclasses import dataclass, field

import numpy as np

_LAYOUTS = ("scattered", "coarse-first", "fine-first")
_N_CORRELATED = 32  # dimensions of the noise that units have in common


@dataclass(frozen=True, eq=False)
class PowerLawPopulation:
    """Responses of one or several subjects, and the truth behind them.

    Attributes
    ----------
    repeats : (n_subjects, n_repeats, n_stimuli, n_units) float32 array
        In units in which the signal has variance 1 in the average unit.
    signal : (n_subjects, n_stimuli, n_units) float32 array
        The same without noise.
    eigenvalues : (n_dimensions,) array
        Expected spectrum of each subject's signal: adds up to n_units. A finite number of
        stimuli, and of units with random tuning, spreads it a little.
    common_eigenvalues : (n_dimensions,) array
        Expected spectrum of what all subjects share.
    exponent : float
        Of `common_eigenvalues`.
    source : str
        ``"simulated"``, always.
    """

    repeats: np.ndarray = field(repr=False)
    signal: np.ndarray = field(repr=False)
    eigenvalues: np.ndarray = field(repr=False)
    common_eigenvalues: np.ndarray = field(repr=False)
    exponent: float
    source: str = "simulated"


def simulate_power_law_population(
    n_stimuli: int = 2800,
    n_units: int = 1000,
    exponent: float = 1.0,
    *,
    snr: float = 0.15,
    correlated_noise: float = 0.2,
    n_repeats: int = 2,
    n_subjects: int = 1,
    common: float = 1.0,
    own_exponent: float | None = None,
    layout: str = "scattered",
    seed: int | np.random.Generator = 0,
) -> PowerLawPopulation:
    """Return populations that encode latent dimensions of variance rank^-exponent, with noise.

    There are as many latent dimensions as stimuli or units, whichever is less. Each unit weights
    all of them. With several subjects, some of the signal comes from latents that they have
    in common, each with its own units; the rest from latents of their own.

    Parameters
    ----------
    n_stimuli, n_units, n_repeats, n_subjects : int
        At least 3, 2, 1 and 1.
    exponent : float
        Of the spectrum of the common signal.
    snr : float
        Variance of signal over variance of noise in one repeat, in the average unit; may be
        infinite.
    correlated_noise : float
        Share of the noise that units have in common, in 32 random directions with variance
        1/rank, the same in each repeat. The rest is independent from unit to unit.
    common : float
        Share of the signal's variance that all subjects have in common, from 0 to 1.
    own_exponent : float, optional
        Exponent of the rest; the same if not given.
    layout : {"scattered", "coarse-first", "fine-first"}
        How units weight the latents: at random; or, standing on a line, as waves along it, which
        get finer from the first dimension to the last (or coarser, with ``"fine-first"``).
    seed : int or numpy.random.Generator
        The same seed gives the same signal, whatever the noise and the number of repeats.

    Returns
    -------
    PowerLawPopulation

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Examples
    --------
    >>> population = simulate_power_law_population(200, 100, exponent=1.0, n_subjects=2)
    >>> repeat1, repeat2 = population.repeats[0]
    >>> repeat1.shape
    (200, 100)
    """
    least = {"n_stimuli": (n_stimuli, 3), "n_units": (n_units, 2)}
    least |= {"n_repeats": (n_repeats, 1), "n_subjects": (n_subjects, 1)}
    for name, (count, fewest) in least.items():
        if count < fewest:
            raise ValueError(f"{name} must be at least {fewest}; got {count}")
    if layout not in _LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(_LAYOUTS)}; got {layout!r}")
    if not snr > 0:
        raise ValueError(f"snr must be positive; got {snr}")
    for name, share in (("correlated_noise", correlated_noise), ("common", common)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is a share of variance, from 0 to 1; got {share}")
    n_dimensions = min(n_stimuli, n_units)
    shared = common * _power_law(n_dimensions, exponent)
    own = (1 - common) * _power_law(
        n_dimensions, exponent if own_exponent is None else own_exponent
    )
    common_stream, *streams = np.random.default_rng(seed).spawn(1 + n_subjects)
    common_latents = _latents(n_stimuli, shared, common_stream)
    signal = np.empty((n_subjects, n_stimuli, n_units), dtype=np.float32)
    repeats = np.empty((n_subjects, n_repeats, n_stimuli, n_units), dtype=np.float32)
    for subject, stream in enumerate(streams):
        of_signal, of_noise, *of_repeats = stream.spawn(2 + n_repeats)
        latents = common_latents + _latents(n_stimuli, own, of_signal)
        signal[subject] = latents @ _weights(n_dimensions, n_units, layout, of_signal)
        directions = of_noise.standard_normal((_N_CORRELATED, n_units), dtype=np.float32)
        for repeat, rng in zip(repeats[subject], of_repeats, strict=True):
            rng.standard_normal(out=repeat, dtype=np.float32)
            repeat *= np.sqrt((1 - correlated_noise) / snr)
            spectrum = correlated_noise / snr * _power_law(_N_CORRELATED, 1)
            repeat += _latents(n_stimuli, spectrum, rng) @ directions
            repeat += signal[subject]
    return PowerLawPopulation(
        repeats, signal, n_units * (shared + own), n_units * shared, float(exponent)
    )


def _power_law(n_dimensions: int, exponent: float) -> np.ndarray:
    """Return rank^-exponent, scaled to add up to 1."""
    spectrum = np.arange(1, n_dimensions + 1) ** -float(exponent)
    return spectrum / spectrum.sum()


def _latents(n_stimuli: int, variances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return independent Gaussian latents, ``(n_stimuli, n_dimensions)``, of given variances."""
    latents = rng.standard_normal((n_stimuli, len(variances)), dtype=np.float32)
    latents *= np.sqrt(variances).astype(np.float32)
    return latents


def _weights(n_dimensions: int, n_units: int, layout: str, rng: np.random.Generator) -> np.ndarray:
    """Return how units weight latents, ``(n_dimensions, n_units)``, with mean square 1."""
    if layout == "scattered":
        return rng.standard_normal((n_dimensions, n_units), dtype=np.float32)
    # Waves of the discrete cosine transform of type IV, which are orthogonal.
    position = (np.arange(n_units) + 0.5) / n_units
    half_waves = np.arange(n_dimensions) + 0.5
    if layout == "fine-first":
        half_waves = n_units - half_waves
    return (np.sqrt(2) * np.cos(np.pi * half_waves[:, None] * position)).astype(np.float32)
