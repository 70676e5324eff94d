"""Firing rates of face cells to 2,000 faces, at two stages of the macaque's face-patch system.

Recordings of Chang and Tsao (2017) from the middle patches (ML and MF) and the anterior one (AM).
The faces themselves, and their 50 parameters, are not among the files.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.io

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

_FILES = ("response_mlmf.mat", "response_am.mat")
_N_FACES, _N_ML_MF, _N_AM = 2000, 106, 99
_WINDOW = 0.251  # seconds: all rates are whole counts over a whole number of such windows


@dataclass(frozen=True, eq=False)
class ChangTsao:
    """Two populations, the same 2,000 faces in the same order.

    Attributes
    ----------
    ml_mf : (2000, 106) float64 array
        Mean rates of cells in the middle lateral and the middle fundus patch, in spikes/s.
    am : (2000, 99) float64 array
        Mean rates of cells in the anterior medial patch, in spikes/s.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    ml_mf: np.ndarray = field(repr=False)
    am: np.ndarray = field(repr=False)
    source: str = "real"
    citation: str = "chang2017"

    def __len__(self) -> int:
        return len(self.ml_mf)


@explain_strict
def load_changtsao(*, strict: bool = False) -> ChangTsao:
    """Return the responses of 205 face cells to 2,000 faces.

    Returns
    -------
    ChangTsao

    References
    ----------
    Chang and Tsao (2017), The code for facial identity in the primate brain, Cell 169.
    """
    return read_or_simulate("changtsao", _FILES, _read, simulate_changtsao, strict=strict)


def simulate_changtsao(seed: int = 0) -> ChangTsao:
    """Return a stand-in: cells with random preferred axes in an invented space of 50 dimensions.

    A face is 50 independent numbers. A cell's rate rises along one random axis, is never negative,
    and is averaged over five presentations with Poisson noise. The two populations are drawn in
    the same way, so they differ by chance only. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    ChangTsao
    """
    rng = np.random.default_rng(seed)
    faces = rng.standard_normal((_N_FACES, 50))

    def population(n_cells: int) -> np.ndarray:
        axes = rng.standard_normal((50, n_cells)) / np.sqrt(50)
        baseline = rng.lognormal(2, 0.8, size=n_cells)
        rates = baseline * np.maximum(0, 1 + 0.4 * faces @ axes)
        return rng.poisson(rates * 5 * _WINDOW) / (5 * _WINDOW)

    return ChangTsao(ml_mf=population(_N_ML_MF), am=population(_N_AM), source="simulated")


def _read(ml_mf: Path, am: Path) -> ChangTsao:
    return ChangTsao(ml_mf=_read_rates(ml_mf, _N_ML_MF), am=_read_rates(am, _N_AM))


def _read_rates(path: Path, n_cells: int) -> np.ndarray:
    """Return rates as (faces, cells); the file has (cells, faces)."""
    rates = check_array("response", scipy.io.loadmat(path)["response"], shape=(n_cells, _N_FACES))
    if rates.min() < 0:
        raise ValueError(f"{path.name} has rates below zero")
    return np.ascontiguousarray(rates.T)
