"""Functional magnetic resonance imaging (fMRI) of simulated neurons, and its first analysis.

What lies between neurons and a voxel's response to a stimulus: local averages over many neurons,
blood that answers seconds late, one volume every two seconds, drift and correlated noise. Then
the general linear model (GLM) that undoes part of it.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import solve_triangular
from scipy.signal import lfilter

from brainlike._validate import check_array

_FINE = 0.05  # s, time grid of the simulated blood response
_ONSET_STEP = 0.1  # s, time grid of the onsets
_LEAD, _TAIL = 10.0, 20.0  # s of rest before the first and after the last stimulus of a run
_DRIFT_PERIODS = (200.0, 600.0)  # s
_HIGH_PASS = 0.01  # Hz; slower changes are modeled as drift
_MEAN_RESPONSE = 2.0  # a visual voxel answers every image; stimuli change the size of the answer


@dataclass(frozen=True, eq=False)
class FMRI:
    """Simulated scans and the truth behind them.

    Attributes
    ----------
    bold : (n_runs, n_volumes, n_voxels) array
        Signal of each voxel, its baseline at zero; the unit is the standard deviation of the
        voxel's true responses over the stimuli. A stimulus of 2 s peaks at about two thirds of
        its true response, which is where a lasting stimulus would settle.
    onsets : tuple of (n_trials,) arrays
        For each run, when the stimuli appear, in seconds from its first volume.
    stimuli : tuple of (n_trials,) integer arrays
        For each run, which stimuli these are.
    t_r : float
        Repetition time: seconds from one volume to the next.
    duration : float
        Seconds that a stimulus lasts.
    signal : (n_stimuli, n_voxels) array
        True responses: mean 2, variance 1 over the stimuli.
    source : str
        ``"simulated"``, always.
    """

    bold: np.ndarray = field(repr=False)
    onsets: tuple[np.ndarray, ...] = field(repr=False)
    stimuli: tuple[np.ndarray, ...] = field(repr=False)
    t_r: float
    duration: float
    signal: np.ndarray = field(repr=False)
    source: str = "simulated"


def simulate_fmri(
    neurons: np.ndarray,
    *,
    n_voxels: int = 100,
    n_repeats: int = 3,
    stimuli_per_run: int = 100,
    duration: float = 2.0,
    interval: float = 6.0,
    t_r: float = 2.0,
    width: float = 0.15,
    noise: float = 1.0,
    autocorrelation: float = 0.3,
    drift: float = 0.5,
    seed: int | np.random.Generator = 0,
) -> FMRI:
    """Return scans of voxels that average neurons, while each stimulus is shown several times.

    Neurons and voxels lie at random places on a square sheet of cortex. A voxel averages neurons
    with weights that fall off with distance as a Gaussian. The stimuli come in random order,
    each once a repeat, at jittered intervals; responses to successive stimuli overlap and add.

    Parameters
    ----------
    neurons : (n_stimuli, n_units) array
        Noiseless responses, such as ``brains.signal["V1"][0]`` of `simulate_brains`.
    n_voxels, n_repeats : int
    stimuli_per_run : int
        Trials in a run at most.
    duration, interval : float
        Seconds that a stimulus lasts, and mean seconds from one onset to the next. Intervals
        vary by up to 1 s either way (less if `interval` is below 2 s), in steps of 0.1 s.
    t_r : float
        Repetition time in seconds.
    width : float
        Standard deviation of a voxel's weights, in sides of the sheet.
    noise, drift : float
        Standard deviation of the noise of single volumes, and amplitude of slow sine waves with
        periods of 200 to 600 s; both in the unit of `FMRI.bold`.
    autocorrelation : float
        Of the noise, from one volume to the next (first-order autoregressive).
    seed : int or numpy.random.Generator
        Give every region and subject its own: the same seed gives the same order of stimuli,
        places of voxels and noise.

    Returns
    -------
    FMRI

    Raises
    ------
    ValueError
        If there are fewer than 3 stimuli, values are not finite, a unit does not vary, or a
        setting is out of its range.

    Notes
    -----
    Blood responses last longer than the intervals. The closer the trials, the more the estimates
    of neighbours share their errors: at the default noise a single trial correlates with the truth
    at about .28 for intervals of 4 s, .46 for 6 s and .54 for 8 s.

    References
    ----------
    Glover (1999), Deconvolution of impulse response in event-related BOLD fMRI, NeuroImage 9.
    """
    neurons = check_array("neurons", neurons, shape=("n_stimuli", "n_units"))
    if len(neurons) < 3:
        raise ValueError(f"neurons must have at least 3 stimuli; got {len(neurons)}")
    for name, count in (
        ("n_voxels", n_voxels),
        ("n_repeats", n_repeats),
        ("stimuli_per_run", stimuli_per_run),
    ):
        if count < 1:
            raise ValueError(f"{name} must be at least 1; got {count}")
    for name, value in (
        ("duration", duration),
        ("interval", interval),
        ("t_r", t_r),
        ("width", width),
    ):
        if not value > 0:
            raise ValueError(f"{name} must be above 0; got {value}")
    if noise < 0 or drift < 0 or not 0 <= autocorrelation < 1:
        raise ValueError(
            "noise and drift must not be negative and autocorrelation must lie in [0, 1); "
            f"got {noise}, {drift} and {autocorrelation}"
        )
    of_voxels, of_timing, of_noise = np.random.default_rng(seed).spawn(3)
    signal = _voxels(neurons, n_voxels, width, of_voxels)
    n_runs = -(-len(signal) // stimuli_per_run)
    stimuli = tuple(
        some
        for _ in range(n_repeats)
        for some in np.array_split(of_timing.permutation(len(signal)), n_runs)
    )
    onsets = tuple(_onsets(len(some), interval, of_timing) for some in stimuli)
    n_volumes = int(np.ceil((max(one[-1] for one in onsets) + duration + _TAIL) / t_r))
    times = t_r * np.arange(n_volumes)
    bold = [
        _blood_response(times, one, duration) @ signal[some]
        + _drift(times, n_voxels, drift, of_noise)
        + _noise(n_volumes, n_voxels, noise, autocorrelation, of_noise)
        for one, some in zip(onsets, stimuli, strict=True)
    ]
    return FMRI(np.stack(bold), onsets, stimuli, t_r, duration, signal)


def estimate_betas(fmri: FMRI) -> np.ndarray:
    """Return each voxel's response in each trial, by least squares over all trials of a run.

    The design of a run has one regressor a trial (its boxcar convolved with Glover's response),
    slow cosines and a constant. All are fitted together, so that overlapping responses are told
    apart.

    Parameters
    ----------
    fmri : FMRI

    Returns
    -------
    (n_repeats, n_stimuli, n_voxels) array
        In the unit of `FMRI.signal`. The repeats can be averaged, or tell a noise ceiling.

    Raises
    ------
    ValueError
        If a run has too few volumes for its trials, or the stimuli were not all shown equally
        often.

    References
    ----------
    Mumford et al. (2012), Deconvolving BOLD activation in event-related designs for multivoxel
    pattern classification analyses, NeuroImage 59.
    """
    n_stimuli, n_voxels = fmri.signal.shape
    shown = np.bincount(np.concatenate(fmri.stimuli), minlength=n_stimuli)
    if shown.min() != shown.max():
        raise ValueError(
            f"stimuli must all be shown equally often; got {shown.min()} to {shown.max()} times"
        )
    betas = np.empty((shown[0], n_stimuli, n_voxels))
    times_seen = np.zeros(n_stimuli, dtype=int)
    for bold, onsets, stimuli in zip(fmri.bold, fmri.onsets, fmri.stimuli, strict=True):
        # by QR, since np.linalg.lstsq takes ten times as long
        orthogonal, triangular = np.linalg.qr(_design(len(bold), onsets, fmri.duration, fmri.t_r))
        fitted = solve_triangular(triangular, orthogonal.T @ bold)
        betas[times_seen[stimuli], stimuli] = fitted[: len(stimuli)]
        times_seen[stimuli] += 1
    return betas


def _voxels(
    neurons: np.ndarray, n_voxels: int, width: float, rng: np.random.Generator
) -> np.ndarray:
    """Return local averages of standardized neurons, scaled to a common mean and variance."""
    constant = np.flatnonzero(neurons.max(axis=0) == neurons.min(axis=0))
    if len(constant):
        raise ValueError(
            f"neurons has {len(constant)} of {neurons.shape[1]} units that are constant over the "
            f"stimuli, the first is unit {constant[0]}; drop them first"
        )
    neurons = (neurons - neurons.mean(axis=0)) / neurons.std(axis=0)
    of_units, of_voxels = rng.random((neurons.shape[1], 1, 2)), rng.random((n_voxels, 2))
    squared = ((of_units - of_voxels) ** 2).sum(axis=-1)  # (n_units, n_voxels)
    # Relative to the nearest unit, so that a narrow voxel far from all units has one at least.
    averages = neurons @ np.exp(-(squared - squared.min(axis=0)) / (2 * width**2))
    return _MEAN_RESPONSE + (averages - averages.mean(axis=0)) / averages.std(axis=0)


def _onsets(n_trials: int, interval: float, rng: np.random.Generator) -> np.ndarray:
    """Return jittered onsets in seconds."""
    jitter = min(1.0, interval / 2)
    gaps = rng.uniform(interval - jitter, interval + jitter, n_trials)
    return np.round((_LEAD + np.cumsum(gaps) - gaps[0]) / _ONSET_STEP) * _ONSET_STEP


def _blood_response(times: np.ndarray, onsets: np.ndarray, duration: float) -> np.ndarray:
    """Return the response to each trial at each time, ``(n_volumes, n_trials)``.

    The response to a step is the running integral of Glover's impulse response. A stimulus is a
    step up and, when it ends, a step down.
    """
    from nilearn.glm.first_level import glover_hrf

    impulse = glover_hrf(1.0, oversampling=round(1 / _FINE))
    since = _FINE * np.arange(len(impulse) + 1)
    step = np.concatenate([[0.0], np.cumsum(impulse)])
    after = times[:, None] - onsets
    return np.interp(after, since, step) - np.interp(after - duration, since, step)


def _drift(
    times: np.ndarray, n_voxels: int, amplitude: float, rng: np.random.Generator
) -> np.ndarray:
    """Return a slow sine wave for each voxel, ``(n_volumes, n_voxels)``."""
    period = rng.uniform(*_DRIFT_PERIODS, n_voxels)
    phase = rng.uniform(0, 2 * np.pi, n_voxels)
    return amplitude * np.sin(2 * np.pi * times[:, None] / period + phase)


def _noise(
    n_volumes: int, n_voxels: int, sd: float, autocorrelation: float, rng: np.random.Generator
) -> np.ndarray:
    """Return stationary first-order autoregressive noise, ``(n_volumes, n_voxels)``."""
    innovations = rng.standard_normal((n_volumes, n_voxels))
    innovations[1:] *= np.sqrt(1 - autocorrelation**2)  # the first volume has the full variance
    return sd * lfilter([1], [1, -autocorrelation], innovations, axis=0)


def _design(n_volumes: int, onsets: np.ndarray, duration: float, t_r: float) -> np.ndarray:
    """Return the regressors of one run: the trials in order, then drift and constant."""
    from nilearn.glm.first_level import make_first_level_design_matrix

    n_regressors = len(onsets) + 1 + int(2 * _HIGH_PASS * t_r * n_volumes)
    if n_volumes <= n_regressors:
        raise ValueError(
            f"a run has {n_volumes} volumes for {n_regressors} regressors; lengthen the interval "
            "between stimuli or shorten t_r"
        )
    times = t_r * np.arange(n_volumes)
    slow = make_first_level_design_matrix(times, drift_model="cosine", high_pass=_HIGH_PASS)
    return np.hstack([_blood_response(times, onsets, duration), slow.to_numpy()])
