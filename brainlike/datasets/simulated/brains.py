"""Simulated brains: regions that read out known layers of a hidden network, with trial noise.

The embedded default for comparing networks with brains. Which layer each region reads and how
well any model can do are known, so that a method can be tested before it meets real neurons.
"""

from dataclasses import dataclass, field

import numpy as np

from brainlike._validate import check_array


@dataclass(frozen=True, eq=False)
class SimulatedBrains:
    """Responses of several subjects' neurons in several regions, and the truth behind them.

    Attributes
    ----------
    repeats : dict of str to (n_subjects, n_repeats, n_stimuli, n_units) array
        For each region the response in every trial, in standard deviations of the signal.
    signal : dict of str to (n_subjects, n_stimuli, n_units) array
        The same without noise: mean 0 and variance 1 over the stimuli.
    ceiling : dict of str to (n_subjects, n_units) array
        Expected correlation of the mean over the repeats with the signal, which is the best that
        a model can reach.
    layer_of : dict of str to str
        The layer that each region reads.
    source : str
        ``"simulated"``, always.
    """

    repeats: dict[str, np.ndarray] = field(repr=False)
    signal: dict[str, np.ndarray] = field(repr=False)
    ceiling: dict[str, np.ndarray] = field(repr=False)
    layer_of: dict[str, str]
    source: str = "simulated"

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions."""
        return tuple(self.layer_of)

    def responses(self, region: str, subject: int) -> np.ndarray:
        """Return one subject's responses, the mean over the repeats, ``(n_stimuli, n_units)``.

        Raises
        ------
        ValueError
            If there is no such region or subject.
        """
        if region not in self.repeats:
            raise ValueError(f"unknown region {region!r}; there are: {', '.join(self.regions)}")
        n_subjects = len(self.repeats[region])
        if not 0 <= subject < n_subjects:
            raise ValueError(f"subject must be 0 to {n_subjects - 1}; got {subject}")
        return self.repeats[region][subject].mean(axis=0)


def simulate_brains(
    layers: dict[str, np.ndarray],
    regions: dict[str, str],
    *,
    n_subjects: int = 4,
    n_units: int = 60,
    n_repeats: int = 8,
    reliability: float = 0.3,
    spread: float = 0.5,
    n_sampled: int = 300,
    seed: int | np.random.Generator = 0,
) -> SimulatedBrains:
    """Return subjects whose regions are noisy, subsampled, rotated read-outs of given layers.

    Each subject has a random sample of a layer's units, standardized over the stimuli. A neuron's
    signal is the projection of the sample on a random direction, so that no neuron equals a unit
    and no two subjects share a neuron. Each trial adds independent Gaussian noise, whose variance
    differs from neuron to neuron.

    Parameters
    ----------
    layers : dict of str to (n_stimuli, ...) array
        Responses of the hidden network's layers, as `brainlike.networks.activations` returns
        them, or pooled by `brainlike.networks.pool_maps`: a neuron that reads 300 single
        positions of whole maps needs far more stimuli than 1,000 to be predicted. Units that are
        constant over the stimuli are left out.
    regions : dict of str to str
        The layer behind each region, such as ``{"V1": "conv1", "IT": "conv5"}``.
    n_subjects, n_units, n_repeats : int
        Subjects; neurons in each region of each subject; trials of each stimulus.
    reliability : float
        Share of signal in the variance of single trials in the median neuron, which is the
        correlation that two of its trials are expected to have. Above 0; 1 is no noise.
    spread : float
        How the neurons differ: standard deviation of the logarithm of their noise variance.
    n_sampled : int
        Units of the layer that a subject's neurons read. A smaller layer gives all of them.
    seed : int or numpy.random.Generator
        The same seed gives the same neurons, whatever the number of repeats and the noise.

    Returns
    -------
    SimulatedBrains

    Raises
    ------
    ValueError
        If a region names an unknown layer, the layers differ in their number of stimuli, there
        are fewer than 3, values are not finite, a layer does not vary, or a setting is out of
        its range.

    Notes
    -----
    With signal variance 1 and noise variance :math:`s^2`, a mean over :math:`n` trials correlates
    with the signal at :math:`1 / \\sqrt{1 + s^2 / n}`.

    Examples
    --------
    >>> hidden = {"conv1": np.random.default_rng(0).random((50, 8, 4, 4))}
    >>> brains = simulate_brains(hidden, {"V1": "conv1"}, n_subjects=2)
    >>> brains.repeats["V1"].shape
    (2, 8, 50, 60)
    """
    counts = {"n_subjects": n_subjects, "n_units": n_units, "n_repeats": n_repeats}
    for name, count in {**counts, "n_sampled": n_sampled}.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1; got {count}")
    if not 0 < reliability <= 1:
        raise ValueError(f"reliability must be above 0 and at most 1; got {reliability}")
    if spread < 0:
        raise ValueError(f"spread must not be negative; got {spread}")
    flat = _check_layers(layers, regions)
    repeats, signals, ceilings = {}, {}, {}
    # A stream for each region and subject: changing one leaves the others as they are.
    of_region = np.random.default_rng(seed).spawn(len(regions))
    for (region, layer), rng in zip(regions.items(), of_region, strict=True):
        streams = rng.spawn(n_subjects)
        signal = np.stack([_read_out(flat[layer], n_sampled, n_units, one) for one in streams])
        deviates = np.stack([one.standard_normal(n_units) for one in streams])
        variance = (1 / reliability - 1) * np.exp(spread * deviates)
        noise = np.stack([one.standard_normal((n_repeats, *signal.shape[1:])) for one in streams])
        noise *= np.sqrt(variance)[:, None, None]
        repeats[region] = signal[:, None] + noise
        signals[region] = signal
        ceilings[region] = 1 / np.sqrt(1 + variance / n_repeats)
    return SimulatedBrains(repeats, signals, ceilings, dict(regions))


def _check_layers(layers: dict[str, np.ndarray], regions: dict[str, str]) -> dict[str, np.ndarray]:
    """Return the varying units of the layers that regions read, if they fit together."""
    if not regions:
        raise ValueError("regions is empty; name at least one region and its layer")
    unknown = sorted(set(regions.values()) - set(layers))
    if unknown:
        raise ValueError(f"unknown layer {unknown[0]!r}; there are: {', '.join(layers)}")
    flat: dict[str, np.ndarray] = {}
    for layer in regions.values():
        units = check_array(f"layer {layer!r}", layers[layer], dtype=np.float32)
        if units.ndim < 2:
            raise ValueError(f"layer {layer!r} must be (n_stimuli, ...); got {units.shape}")
        if len(units) < 3:
            raise ValueError(f"layer {layer!r} must have at least 3 stimuli; got {len(units)}")
        units = units.reshape(len(units), -1)
        flat[layer] = units[:, units.max(axis=0) > units.min(axis=0)]
        if not flat[layer].size:
            raise ValueError(f"layer {layer!r} has no unit that varies over the stimuli")
        first = next(iter(flat))
        if len(units) != len(flat[first]):
            raise ValueError(
                f"layers must hold the same stimuli; {first!r} has {len(flat[first])} and "
                f"{layer!r} has {len(units)}"
            )
    return flat


def _read_out(
    units: np.ndarray, n_sampled: int, n_units: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the signal of neurons that project a sample of units on random directions."""
    sample = rng.choice(units.shape[1], min(n_sampled, units.shape[1]), replace=False)
    directions = rng.standard_normal((len(sample), n_units))
    return _standardize(_standardize(units[:, sample].astype(float)) @ directions)


def _standardize(values: np.ndarray) -> np.ndarray:
    """Return columns with mean 0 and variance 1."""
    return (values - values.mean(axis=0)) / values.std(axis=0)
