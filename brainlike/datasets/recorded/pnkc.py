"""Which projection neurons contact which Kenyon cells: two connectomes of the fly's mushroom body.

Synapse counts of the hemibrain (Scheffer et al. 2020) and hand-traced claws of the whole-brain
volume FAFB, both from the files of Zheng et al. (2022).
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate

_FILES = (
    "200628_pn_kc_conn",
    "STable_201001_bouton_claw_table.csv",
    "200914-glom_kc_binary_conn.csv",
)
_N_PNS, _N_KCS, _N_GLOMERULI = 137, 2033, 56
_FAFB_GLOMERULI, _FAFB_KCS, _FAFB_RANDOM = 54, 1354, 440


@dataclass(frozen=True, eq=False)
class PNKC:
    """Connections from projection neurons (PNs), or their glomeruli, to Kenyon cells (KCs).

    Every matrix has one row an input and one column a KC.

    Attributes
    ----------
    synapses : (137, 2033) int array
        Hemibrain: number of synapses from each PN to each KC, with no threshold.
    pn_names : (137,) str array
        Glomerulus and type of each PN, such as ``"DM1 lPN"``. All have one glomerulus; the types
        ``vPN`` (20 neurons) hardly contact KCs.
    kc_types : (2033,) str array
        ``"KCg"``, ``"KCab-sc"``, ``"KCab-p"``, ``"KCa'b'"``; ``"KC"`` and ``"NA"`` have no finer
        type.
    fafb_claws : (54, 1354) int array
        FAFB: number of claws (the dendritic endings of a KC) that receive from each glomerulus.
        `fafb_glomeruli` names the rows.
    fafb_glomeruli : (54,) str array
    fafb_random_claws : (54, 440) int array
        The same for 440 KCs that Zheng et al. drew at random; the file does not name its
        glomeruli.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    synapses: np.ndarray = field(repr=False)
    pn_names: np.ndarray = field(repr=False)
    kc_types: np.ndarray = field(repr=False)
    fafb_claws: np.ndarray = field(repr=False)
    fafb_glomeruli: np.ndarray = field(repr=False)
    fafb_random_claws: np.ndarray = field(repr=False)
    source: str = "real"
    citation: str = "zheng2022"

    @property
    def pn_glomeruli(self) -> np.ndarray:
        """Glomerulus of each PN, (137,)."""
        return np.array([name.split(" ")[0] for name in self.pn_names])

    @property
    def glomeruli(self) -> np.ndarray:
        """The 56 glomeruli of the hemibrain PNs, sorted: the rows of `glomerulus_synapses`."""
        return np.unique(self.pn_glomeruli)

    @property
    def olfactory(self) -> np.ndarray:
        """True for the 51 of `glomeruli` that smell; the five VP ones sense heat and humidity."""
        return ~np.char.startswith(self.glomeruli, "VP")

    @property
    def glomerulus_synapses(self) -> np.ndarray:
        """Hemibrain synapses from each glomerulus to each KC, (56, 2033): the sum of its PNs."""
        return np.array(
            [self.synapses[self.pn_glomeruli == one].sum(axis=0) for one in self.glomeruli]
        )


@explain_strict
def load_pnkc(*, strict: bool = False) -> PNKC:
    """Return the connections from projection neurons to Kenyon cells in two flies.

    Returns
    -------
    PNKC

    References
    ----------
    Zheng et al. (2022), Structured sampling of olfactory input by the fly mushroom body, Current
    Biology 32. Scheffer et al. (2020), A connectome and analysis of the adult Drosophila central
    brain, eLife 9.

    Examples
    --------
    A KC has as many inputs as there are glomeruli with at least so many synapses onto it.

    >>> flies = simulate_pnkc()
    >>> n_inputs = (flies.glomerulus_synapses >= 5).sum(axis=0)
    >>> n_inputs.shape
    (2033,)
    """
    return read_or_simulate("pnkc", _FILES, _read, simulate_pnkc, strict=strict)


def simulate_pnkc(seed: int = 0) -> PNKC:
    """Return a stand-in: the real numbers of cells, wired at random.

    Every claw of a KC picks its PN, or in FAFB its glomerulus, independently of all others, some
    more often than others; it makes about 15 synapses, and some connections of one or two synapses
    come on top. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    PNKC
    """
    rng = np.random.default_rng(seed)
    glomeruli = [f"{'VP' if n > 51 else 'S'}{n}" for n in range(1, _N_GLOMERULI + 1)]
    extra = rng.integers(_N_GLOMERULI, size=_N_PNS - _N_GLOMERULI)  # beyond one PN a glomerulus
    of_pn = np.sort(np.concatenate([np.arange(_N_GLOMERULI), extra]))
    synapses = 15 * _random_claws(rng, _N_PNS, _N_KCS)
    synapses = rng.poisson(synapses) + (rng.random(synapses.shape) < 0.006)
    return PNKC(
        synapses=synapses,
        pn_names=np.array([f"{glomeruli[one]} PN" for one in of_pn]),
        kc_types=rng.choice(["KCab-sc", "KCg", "KCa'b'"], size=_N_KCS, p=[0.45, 0.35, 0.2]),
        fafb_claws=_random_claws(rng, _FAFB_GLOMERULI, _FAFB_KCS),
        fafb_glomeruli=np.array(glomeruli[:_FAFB_GLOMERULI]),
        fafb_random_claws=_random_claws(rng, _FAFB_GLOMERULI, _FAFB_RANDOM),
        source="simulated",
    )


def _read(hemibrain: Path, claws: Path, random_claws: Path) -> PNKC:
    synapses, pn_names, kc_types = _read_hemibrain(hemibrain)
    fafb_claws, fafb_glomeruli = _read_claws(claws)
    return PNKC(
        synapses=synapses,
        pn_names=pn_names,
        kc_types=kc_types,
        fafb_claws=fafb_claws,
        fafb_glomeruli=fafb_glomeruli,
        fafb_random_claws=_read_random(random_claws),
    )


def _read_hemibrain(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return synapse counts, PN names and KC types; the first line lacks a name for the rows."""
    with path.open(newline="", encoding="utf-8") as stream:
        kc_types, *rows = csv.reader(stream, delimiter=" ", quotechar='"')
    counts = [row[1:] for row in rows]
    synapses = check_array("synapses", counts, shape=(_N_PNS, _N_KCS), dtype=int)
    return synapses, np.array([row[0] for row in rows]), np.array(kc_types)


def _read_claws(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return claws by glomerulus and KC, and the glomeruli; the file has one row a claw."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = [(row["pn_type"], row["kc_skid"]) for row in csv.DictReader(stream)]
    glomeruli, row = np.unique([one for one, _ in rows], return_inverse=True)
    kcs, column = np.unique([int(one) for _, one in rows], return_inverse=True)
    claws = np.zeros((len(glomeruli), len(kcs)), dtype=int)
    np.add.at(claws, (row, column), 1)
    return check_array("claws", claws, shape=(_FAFB_GLOMERULI, _FAFB_KCS), dtype=int), glomeruli


def _read_random(path: Path) -> np.ndarray:
    """Return claws by glomerulus and KC; the file has KCs in rows, numbered."""
    table = np.loadtxt(path, delimiter=",", skiprows=1)[:, 1:]
    return check_array("claws", table.T, shape=(_FAFB_GLOMERULI, _FAFB_RANDOM), dtype=int)


def _random_claws(rng: np.random.Generator, n_inputs: int, n_kcs: int) -> np.ndarray:
    """Return claws (n_inputs, n_kcs): five a KC on average, each on an input of its own choice."""
    popularity = rng.lognormal(0, 0.7, size=n_inputs)
    n_claws = rng.binomial(10, 0.5, size=n_kcs)
    return rng.multinomial(n_claws, popularity / popularity.sum()).T
