"""Spike counts of macaque V4 neurons to natural images, with the images themselves.

Three sessions of one animal (Cowley et al. 2023), from the sessions that the authors set aside to
test models. One of them comes trial by trial.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.image import imread
from scipy import fft

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

_SIDE = 112  # pixels of an image


class _Session(NamedTuple):
    n_neurons: int
    n_stimuli: int
    n_repeats: int
    has_trials: bool


_SESSIONS = {
    "201025": _Session(89, 1200, 12, has_trials=False),
    "210225": _Session(55, 1200, 6, has_trials=False),
    "210325": _Session(50, 640, 8, has_trials=True),
}


@dataclass(frozen=True, eq=False)
class CowleyV4:
    """One session: images, and what the neurons answered.

    Attributes
    ----------
    responses : (n_stimuli, n_neurons) float64 array
        Spikes in 100 ms, averaged over an image's trials.
    repeats : (n_repeats, n_stimuli, n_neurons) float64 array or None
        Spikes in 100 ms of single trials. Images were shown unequally often: an image's trials
        come first, NaN fills the rest, for all neurons alike. `responses` is exactly their mean.
        None for the two sessions of which the authors publish averages only.
    n_repeats : int
        Trials an image, as the authors' table states them.
    trials_per_image : (n_stimuli,) int array
        Trials that each average is made of (see `trials_behind`).
    images : (n_stimuli, 3, 112, 112) float32 array
        In [0, 1]. Their licence does not let a page show them.
    session : str
        Date of the recording, year first: ``"201025"``, ``"210225"`` or ``"210325"``.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    responses: np.ndarray = field(repr=False)
    repeats: np.ndarray | None = field(repr=False)
    n_repeats: int
    trials_per_image: np.ndarray = field(repr=False)
    images: np.ndarray = field(repr=False)
    session: str
    source: str = "real"
    citation: str = "cowley2023"

    def __len__(self) -> int:
        return len(self.images)


@explain_strict
def load_cowley_v4(session: str = "201025", *, strict: bool = False) -> CowleyV4:
    """Return one session of V4 recordings.

    Parameters
    ----------
    session : {"201025", "210225", "210325"}, optional
        89 neurons and 1,200 images with about 12 trials each; 55 neurons and 1,200 images with
        about 6; 50 neurons and 640 grey images of Bashivan et al. (2019) with about 8, the only
        one with single trials. Those 640 are rendered objects on photographs, in the order of
        eight kinds of object: shuffle them before you split them into folds. The files do not
        say which neurons of two sessions are the same.

    Returns
    -------
    CowleyV4

    Raises
    ------
    ValueError
        If there is no such session.

    References
    ----------
    Cowley, Stan, Pillow and Smith (2023), Compact deep neural network models of visual cortex,
    bioRxiv. Bashivan, Kar and DiCarlo (2019), Neural population control via deep image synthesis,
    Science 364.
    """
    about = _about(session)
    names = [f"responses_avg_{session}.npy", f"images_{session}.zip"]
    if about.has_trials:
        names.append(f"responses_raw_{session}.npy")
    read, simulate = partial(_read, session), partial(simulate_cowley_v4, session)
    return read_or_simulate("cowley_v4", names, read, simulate, strict=strict)


def trials_behind(responses: np.ndarray, most: int = 50) -> np.ndarray:
    """Return how many trials each average of spike counts is made of.

    A sum of spike counts is a whole number. The number of trials is the smallest by which the
    averages of all neurons must be multiplied to make them whole. With dozens of neurons that
    fire, a smaller number does so by chance with negligible probability.

    Parameters
    ----------
    responses : (n_stimuli, n_neurons) array
        Averages over trials that are the same for all neurons of a stimulus.
    most : int, optional
        Largest number to consider.

    Returns
    -------
    (n_stimuli,) int array

    Raises
    ------
    ValueError
        If some averages are not of whole counts over at most `most` trials.

    Examples
    --------
    >>> trials_behind([[0.5, 1.25], [2, 1 / 3]])
    array([4, 3])
    """
    responses = check_array("responses", responses, shape=("n_stimuli", "n_neurons"))
    n_trials = np.zeros(len(responses), dtype=int)
    for n in range(most, 0, -1):
        totals = n * responses
        n_trials[(np.abs(totals - np.round(totals)) < 1e-6).all(axis=1)] = n
    if not n_trials.all():
        raise ValueError(
            f"responses of stimulus {np.flatnonzero(n_trials == 0)[0]} are not averages of whole "
            f"spike counts over {most} trials or fewer"
        )
    return n_trials


def simulate_cowley_v4(session: str = "201025", seed: int = 0) -> CowleyV4:
    """Return a stand-in with the shapes of a session, invented images and model neurons.

    An image is two coloured regions with a contour between them, each with a texture of its own
    orientation. A neuron adds the local oriented energies of two Gabor pairs, the second with
    either sign, and rectifies; its mean rate is 1 to 5 spikes in 100 ms, and its counts are
    Poisson. An image has one trial more or less than the session's nominal number. Nothing in it
    is a finding.

    Parameters
    ----------
    session : str, optional
        As for `load_cowley_v4`.
    seed : int, optional

    Returns
    -------
    CowleyV4
    """
    about = _about(session)
    rng = np.random.default_rng([seed, int(session)])
    images = np.empty((about.n_stimuli, 3, _SIDE, _SIDE), dtype=np.float32)
    for image, two_textures in zip(images, _two_textures(rng), strict=False):
        image[:] = two_textures
    n_trials = rng.integers(about.n_repeats - 1, about.n_repeats + 2, size=about.n_stimuli)
    rates = _rates(rng, images, about.n_neurons)
    repeats = rng.poisson(rates, (about.n_repeats + 1, *rates.shape)).astype(float)
    repeats[np.arange(len(repeats))[:, None] >= n_trials] = np.nan
    return CowleyV4(
        responses=np.nanmean(repeats, axis=0),
        repeats=repeats if about.has_trials else None,
        n_repeats=about.n_repeats,
        trials_per_image=n_trials,
        images=images,
        session=session,
        source="simulated",
    )


def _about(session: str) -> _Session:
    if session not in _SESSIONS:
        raise ValueError(f"unknown session {session!r}; choose one of {', '.join(_SESSIONS)}")
    return _SESSIONS[session]


def _read(session: str, averages: Path, images: Path, trials: Path | None = None) -> CowleyV4:
    about = _about(session)
    responses = np.ascontiguousarray(np.load(averages, allow_pickle=False).T)
    repeats = None
    if trials is not None:  # (neuron, image, trial) in the file
        repeats = np.ascontiguousarray(np.load(trials, allow_pickle=False).transpose(2, 1, 0))
    return CowleyV4(
        responses=check_array("responses", responses, shape=(about.n_stimuli, about.n_neurons)),
        repeats=repeats,
        n_repeats=about.n_repeats,
        trials_per_image=trials_behind(responses),
        images=_read_images(images, about.n_stimuli),
        session=session,
    )


def _read_images(path: Path, n_images: int) -> np.ndarray:
    """Return the numbered photographs of a zip file as ``(n_images, 3, 112, 112)`` in [0, 1]."""
    images = np.empty((n_images, 3, _SIDE, _SIDE), dtype=np.float32)
    with zipfile.ZipFile(path) as archive:
        for number, image in enumerate(images, start=1):
            with archive.open(f"image{number:04d}.jpg") as stream:
                image[:] = imread(stream, format="jpg").transpose(2, 0, 1)
    images /= 255
    return images


def _two_textures(rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield images ``(3, 112, 112)`` without end: two regions, each with a colour and a texture."""
    x, y = fft.rfftfreq(_SIDE), fft.fftfreq(_SIDE)[:, None]
    frequency, angle = np.hypot(x, y), np.arctan2(y, x)
    frequency[0, 0] = np.inf  # no mean
    while True:
        orientations = rng.uniform(0, np.pi, size=(2, 1, 1))
        gain = np.concatenate(
            [np.exp(2 * np.cos(2 * (angle - orientations))) / frequency, 1 / frequency[None] ** 3]
        ).astype(np.float32)
        real, imaginary = rng.standard_normal((2, *gain.shape), dtype=np.float32)
        fields = fft.irfft2(gain * (real + 1j * imaginary), s=(_SIDE, _SIDE))
        *textures, relief = fields / fields.std(axis=(1, 2), keepdims=True)
        first, second = (
            rng.uniform(0.25, 0.75, size=(3, 1, 1)) + 0.15 * texture for texture in textures
        )
        yield np.clip(np.where(relief > 0, first, second), 0, 1)


def _rates(rng: np.random.Generator, images: np.ndarray, n_neurons: int) -> np.ndarray:
    """Return expected counts ``(n_images, n_neurons)`` of rectified sums of two Gabor energies."""
    side = _SIDE // 2
    grey = images.reshape(len(images), 3, side, 2, side, 2).mean(axis=(1, 3, 5))
    grey = grey.reshape(len(grey), -1) - grey.mean()
    drive = 0
    for weight in (np.ones(n_neurons), rng.uniform(-1, 1, size=n_neurons)):
        energy = np.abs(grey @ _gabors(rng, n_neurons, side))
        drive = drive + weight * (energy - energy.mean(axis=0)) / energy.std(axis=0)
    mean_rates = np.exp(rng.uniform(0, np.log(5), size=n_neurons))
    return mean_rates * np.maximum(0, 1 + 0.6 * drive / drive.std(axis=0))


def _gabors(rng: np.random.Generator, n: int, side: int) -> np.ndarray:
    """Return complex Gabor filters ``(side * side, n)``: an even and an odd filter in one."""
    y, x = np.mgrid[:side, :side].reshape(2, -1, 1) + 0.5
    left, top = rng.uniform(0.3 * side, 0.7 * side, size=(2, n))
    angle, cycles_per_pixel = rng.uniform(0, np.pi, size=n), rng.uniform(0.06, 0.2, size=n)
    phase = 2 * np.pi * cycles_per_pixel * (x * np.cos(angle) + y * np.sin(angle))
    envelope = np.exp(-((x - left) ** 2 + (y - top) ** 2) / (2 * (side / 10) ** 2))
    return (envelope * np.exp(1j * phase)).astype(np.complex64)
