"""Cross-validated eigenspectra of mouse visual cortex, from electrodes: does α fall toward 1?

The electrophysiological control of Stringer et al. (2019): 877 neurons, 700 natural images. The
responses of 10,000 neurons to 2,800 images, from two-photon microscopy, are not among the files.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.io

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

_FILE = "ephys_eigsControls.mat"
_N_NEURONS = (256, 512, 877)
_BIN_SECONDS = (0.05, 0.5)  # 5 and 50 bins of 10 ms in the file
_N_STIMULI = 700
_FIRST_RANK, _LAST_RANK = 10, 500  # which repeat the stored exponents to the last digit


@dataclass(frozen=True, eq=False)
class Stringer:
    """Spectra of three sizes of population and two windows, and what single neurons do.

    Attributes
    ----------
    spectra : (3, 2, 700) array
        Cross-validated eigenvalues by population size, window and rank. Each spectrum adds up to
        1. Beyond the number of neurons they are zero up to rounding.
    exponents : (3, 2) array
        Power-law exponents as the authors store them.
    n_neurons : (3,) int array
        256, 512 and 877; the smaller populations are subsets.
    bin_seconds : (2,) array
        0.05 and 0.5: the window in which spikes were counted.
    signal_variance : (2, 877) array
        The authors' estimate of each neuron's share of signal in the variance of single trials,
        for each window; as a difference of noisy numbers it can fall below 0.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    spectra: np.ndarray = field(repr=False)
    exponents: np.ndarray = field(repr=False)
    n_neurons: np.ndarray
    bin_seconds: np.ndarray
    signal_variance: np.ndarray = field(repr=False)
    source: str = "real"
    citation: str = "stringer2019"

    def fitted_ranks(self, size: int) -> tuple[int, int]:
        """Return first and last rank that the authors fit for a population, counted from 1.

        Parameters
        ----------
        size : int
            0, 1 or 2: a row of `spectra`.
        """
        return _FIRST_RANK, min(_LAST_RANK, int(self.n_neurons[size]) - 2)


@explain_strict
def load_stringer(*, strict: bool = False) -> Stringer:
    """Return the eigenspectra of electrode recordings from mouse visual cortex.

    Returns
    -------
    Stringer

    References
    ----------
    Stringer, Pachitariu, Steinmetz, Carandini and Harris (2019), High-dimensional geometry of
    population responses in visual cortex, Nature 571, Extended Data Fig. 9.
    """
    return read_or_simulate("stringer", [_FILE], _read_spectra, simulate_stringer, strict=strict)


def simulate_stringer(seed: int = 0) -> Stringer:
    """Return a stand-in: spectra that fall with one invented exponent, whatever the neurons.

    Eigenvalue n is n^-1.2 times a random factor up to the number of neurons or stimuli, then zero.
    In the real file the exponent falls with the number of neurons; here it cannot. Nothing in it
    is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    Stringer
    """
    rng = np.random.default_rng(seed)
    ranks = np.arange(1, _N_STIMULI + 1)
    spectra = ranks**-1.2 * rng.lognormal(0, 0.1, size=(3, 2, _N_STIMULI))
    spectra = np.where(ranks > np.reshape(_N_NEURONS, (3, 1, 1)), 0, spectra)
    spectra /= spectra.sum(axis=2, keepdims=True)
    signal_variance = rng.beta(1, 8, size=(2, _N_NEURONS[-1])) - 0.02
    return Stringer(
        spectra=spectra,
        exponents=np.full((3, 2), 1.2),
        n_neurons=np.array(_N_NEURONS),
        bin_seconds=np.array(_BIN_SECONDS),
        signal_variance=signal_variance,
        source="simulated",
    )


def _read_spectra(path: Path) -> Stringer:
    content = scipy.io.loadmat(path)
    n_neurons = tuple(int(n) for n in content["nneurEphys"].ravel())
    if n_neurons != _N_NEURONS:
        raise ValueError(f"{path.name} has populations of {n_neurons}, not of {_N_NEURONS}")
    spectra = [[cell.ravel() for cell in row] for row in content["specEphys"]]
    signal_variance = [cell.ravel() for cell in content["Vexp"].ravel()]
    return Stringer(
        spectra=check_array("specEphys", spectra, shape=(3, 2, _N_STIMULI)),
        exponents=check_array("alphaEphys", content["alphaEphys"], shape=(3, 2)),
        n_neurons=np.array(n_neurons),
        bin_seconds=np.array(_BIN_SECONDS),
        signal_variance=check_array("Vexp", signal_variance, shape=(2, _N_NEURONS[-1])),
    )
