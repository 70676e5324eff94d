"""Is the wiring random? Shuffles that keep every margin, and what they leave unexplained.

Curveball trades (Strona et al. 2014), made for all cells at once.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class PairStructure:
    """How often two PNs meet on a Kenyon cell, against shuffles that keep both margins.

    Attributes
    ----------
    counts : array, (n_pairs,)
        Cells that hear both PNs, pairs in the order of ``np.triu_indices(n_pns, 1)``.
    z : array, (n_pairs,)
        Counts in standard deviations of the shuffles, about their mean.
    overdispersion : float
        Standard deviation of `z`.
    null : array, (n_shuffles,)
        The same for each shuffle against all the others: near 1.
    p_value : float
        Share of shuffles, the data counted in, that are as dispersed as the data.
    """

    counts: np.ndarray = field(repr=False)
    z: np.ndarray = field(repr=False)
    overdispersion: float
    null: np.ndarray = field(repr=False)
    p_value: float


def pair_structure(connected: np.ndarray, n_shuffles: int = 60, *, seed: int = 0) -> PairStructure:
    """Test whether cells combine PNs at random, given how many inputs and outputs each one has.

    Parameters
    ----------
    connected : bool array, (n_kenyon, n_pns)
        Cells without input are left out.
    n_shuffles : int
        At least 10.
    seed : int

    Returns
    -------
    PairStructure
    """
    connected = _check_connected(connected)
    if n_shuffles < 10:
        raise ValueError(f"n_shuffles must be at least 10; got {n_shuffles}")
    connected = connected[connected.any(axis=1)]
    rng = np.random.default_rng(seed)
    pairs = np.triu_indices(connected.shape[1], 1)
    observed = _pair_counts(connected, pairs)
    shuffled = np.empty((n_shuffles, len(observed)))
    current = connected
    for row in shuffled:
        current = shuffle_wiring(current, rng)
        row[:] = _pair_counts(current, pairs)
    z = _z_score(observed, shuffled)
    null = np.array(
        [_z_score(s, np.delete(shuffled, i, axis=0)).std() for i, s in enumerate(shuffled)]
    )
    p_value = (1 + np.count_nonzero(null >= z.std())) / (1 + n_shuffles)
    return PairStructure(observed, z, float(z.std()), null, float(p_value))


def shuffle_wiring(
    connected: np.ndarray, seed: int | np.random.Generator, n_rounds: int = 12
) -> np.ndarray:
    """Return random wiring in which every cell keeps its inputs' number, every PN its outputs'.

    In each round all cells are paired off at random, and each pair deals out anew the inputs
    that only one of the two has (curveball trades).

    Parameters
    ----------
    connected : bool array, (n_kenyon, n_pns)
    seed : int or numpy.random.Generator
    n_rounds : int
        A dozen rounds forget the start for all practical purposes.

    Returns
    -------
    bool array, (n_kenyon, n_pns)

    References
    ----------
    Strona, Nappo, Boccacci, Fattorini and San-Miguel-Ayanz (2014) Nature Communications 5:4114.
    Carstens, Hamann, Meyer, Penschuck, Tran and Wagner (2018) ESA 2018, 11:1 (trades in
    parallel).
    """
    connected = _check_connected(connected).copy()
    rng = np.random.default_rng(seed)
    half = len(connected) // 2
    for _ in range(n_rounds):
        order = rng.permutation(len(connected))
        one, other = order[:half], order[half : 2 * half]
        a, b = connected[one], connected[other]
        free = a ^ b
        n_to_a = (a & free).sum(axis=1)
        lots = np.where(free, rng.random(free.shape), 2.0)
        rank = lots.argsort(axis=1).argsort(axis=1)
        dealt = free & (rank < n_to_a[:, None])
        connected[one] = (a & b) | dealt
        connected[other] = (a & b) | (free & ~dealt)
    return connected


def _check_connected(connected: np.ndarray) -> np.ndarray:
    connected = np.asarray(connected)
    if connected.dtype != bool or connected.ndim != 2:
        raise ValueError(
            "connected must be a bool array (n_kenyon, n_pns), such as weights > threshold; got "
            f"{connected.dtype} {connected.shape}"
        )
    if connected.shape[0] < connected.shape[1]:
        raise ValueError(
            f"connected must have more cells than PNs, a row for each cell; got "
            f"{connected.shape}: pass weights.T"
        )
    if connected.any(axis=1).sum() < 2 or connected.shape[1] < 3:
        raise ValueError("connected must hold at least 2 cells with inputs and 3 PNs")
    return connected


def _pair_counts(connected: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    wiring = connected.astype(np.float32)  # exact up to 2^24 cells, and BLAS multiplies it
    return (wiring.T @ wiring)[pairs]


def _z_score(counts: np.ndarray, reference: np.ndarray) -> np.ndarray:
    spread = reference.std(axis=0, ddof=1)
    # a pair whose count no shuffle can change says nothing about structure
    return np.divide(
        counts - reference.mean(axis=0), spread, out=np.zeros_like(spread), where=spread > 0
    )
