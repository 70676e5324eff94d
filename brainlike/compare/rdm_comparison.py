"""Comparison of RDMs: correlations, rank correlations and the whitened cosine.

Only the order of dissimilarities may be comparable between a brain and a model, hence ranks; and
models of categories predict ties, hence tau-a, which does not reward them (Nili et al. 2014).
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from brainlike._validate import check_array
from brainlike.compare._ranks import (
    average_ranks,
    count_inversions,
    sort_with_order,
    tie_lengths,
)
from brainlike.compare.rdm import square_form, upper_triangle

METHODS = ("pearson", "spearman", "tau-a", "cosine", "whitened-cosine")

_ASYMMETRY = 1e-6  # of the largest dissimilarity; float32 products need this much


def compare_rdms(rdm, other, method: str = "spearman") -> float | np.ndarray:
    """Return how similar two RDMs are, or each of a stack of RDMs with another.

    Parameters
    ----------
    rdm, other : array, (n, n) or (n_rdms, n, n)
        Over the same stimuli in the same order. The side with fewer RDMs is ranked only once.
    method : {"spearman", "pearson", "tau-a", "cosine", "whitened-cosine"}
        ``"tau-a"`` when a model predicts ties, such as categories. ``"whitened-cosine"`` for
        distances that have a meaningful zero, such as crossnobis: it allows for the covariance
        between dissimilarities that share a stimulus.

    Returns
    -------
    float or array
        A number for two RDMs, (n_rdms,) where one side is a stack, (n_rdms, n_others) for two
        stacks. From -1 to 1.

    Raises
    ------
    ValueError
        If an array is no RDM (square, symmetric, zero diagonal, finite, three stimuli or more),
        the RDMs differ in size, an RDM is constant (or for the cosines, zero), or the method is
        unknown.

    Notes
    -----
    Tau-a is (concordant - discordant) / all pairs of dissimilarities; a tie counts as neither.
    It takes O(n log n), as Knight (1966) does. The whitened cosine assumes that the noise of
    patterns is the same for all stimuli; then it is the cosine of the double-centered matrices,
    that is, linear CKA (Diedrichsen et al. 2021).

    References
    ----------
    Nili et al. (2014), A toolbox for representational similarity analysis, PLoS Comput Biol 10.
    Diedrichsen et al. (2021), Comparing representational geometries using whitened unbiased
    distance matrix similarity, Neurons, Behavior, Data analysis, and Theory 5. Knight (1966), A
    computer method for calculating Kendall's tau with ungrouped data, Journal of the American
    Statistical Association 61.

    Examples
    --------
    >>> one = [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
    >>> other = [[0, 1, 3], [1, 0, 2], [3, 2, 0]]
    >>> round(compare_rdms(one, other), 6), round(compare_rdms(one, other, "tau-a"), 6)
    (0.5, 0.333333)
    """
    rdms, others = _as_stack("rdm", rdm), _as_stack("other", other)
    if rdms.shape[1] != others.shape[1]:
        raise ValueError(
            "rdm and other must hold the same stimuli; "
            f"got {rdms.shape[1]} and {others.shape[1]} stimuli"
        )
    table = _compare({"rdm": rdms, "other": others}, method, _pairs_of_rdm)
    return _as_asked(table, np.ndim(rdm) == 2, np.ndim(other) == 2)


def compare_dissimilarities(pairs, other, method: str = "spearman") -> float | np.ndarray:
    """Do what `compare_rdms` does with RDMs that are given as `upper_triangle` returns them.

    Parameters
    ----------
    pairs, other : array, (n_pairs,) or (n_rdms, n_pairs)
        Any selection of the pairs of stimuli will do, except for ``"whitened-cosine"``.
    method : str
        As of `compare_rdms`.

    Returns
    -------
    float or array

    Raises
    ------
    ValueError
        As `compare_rdms`.
    """
    stacks = {}
    for name, values in (("pairs", pairs), ("other", other)):
        values = check_array(name, values, dtype=None, finite=False)
        if values.ndim not in (1, 2) or values.shape[-1] < 3:
            raise ValueError(
                f"{name} must be (n_pairs,) or (n_rdms, n_pairs) with 3 pairs or more; "
                f"got {values.shape}"
            )
        stacks[name] = np.atleast_2d(values)
    n_pairs, n_others = (stack.shape[1] for stack in stacks.values())
    if n_pairs != n_others:
        raise ValueError(f"pairs and other must hold the same pairs; got {n_pairs} and {n_others}")
    table = _compare(stacks, method, check_array)
    return _as_asked(table, np.ndim(pairs) == 1, np.ndim(other) == 1)


def _as_stack(name: str, rdms) -> np.ndarray:
    """Return `rdms` as a stack; what is in each is checked when its turn comes."""
    rdms = check_array(name, rdms, dtype=None, finite=False)
    if rdms.ndim not in (2, 3) or rdms.shape[-1] != rdms.shape[-2]:
        raise ValueError(
            f"{name} must be an RDM (n, n) or a stack (n_rdms, n, n); got {rdms.shape}"
        )
    if rdms.shape[-1] < 3:
        raise ValueError(f"{name} must have at least 3 stimuli; got {rdms.shape[-1]}")
    return rdms.reshape(-1, *rdms.shape[-2:])


def _pairs_of_rdm(name: str, rdm: np.ndarray) -> np.ndarray:
    """Return the dissimilarities above the diagonal, or say why this is no RDM."""
    rdm = check_array(name, rdm)
    if np.any(np.diagonal(rdm)):
        raise ValueError(f"{name} must have a diagonal of zeros: dissimilarities, not similarities")
    if not _is_symmetric(rdm):
        raise ValueError(f"{name} must be symmetric; average it with its transpose if you mean to")
    return upper_triangle(rdm)


def _is_symmetric(rdm: np.ndarray, tile: int = 128) -> bool:
    """Return whether `rdm` is symmetric but for rounding. Tile by tile, it stays in the cache."""
    starts = range(0, len(rdm), tile)
    for i, j in itertools.combinations_with_replacement(starts, 2):
        above, below = rdm[i : i + tile, j : j + tile], rdm[j : j + tile, i : i + tile].T
        if (above != below).any():
            tolerance = _ASYMMETRY * max(rdm.max(), -rdm.min())
            return bool(np.abs(rdm - rdm.T).max() <= tolerance)
    return True


def _compare(stacks: dict[str, np.ndarray], method: str, pairs_of: Callable) -> np.ndarray:
    """Return the table of similarities of two named stacks, by one pass over the longer."""
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    (name, rdms), (other_name, others) = stacks.items()
    if len(others) > len(rdms):
        return _compare({other_name: others, name: rdms}, method, pairs_of).T
    models = _each(name, rdms, method, pairs_of)
    references = _each(other_name, others, method, pairs_of)
    if method == "tau-a":
        orders = [_rank_reference(reference) for reference in references]
        table = [[_tau_a(order, model) for order in orders] for model in models]
    else:
        embed = _EMBEDDINGS[method]
        directions = np.stack([_unit(embed(reference)) for reference in references])
        table = [directions @ _unit(embed(model)) for model in models]
    return np.clip(table, -1, 1)


def _each(name: str, stack: np.ndarray, method: str, pairs_of: Callable) -> Iterable[np.ndarray]:
    """Yield the dissimilarities of one RDM after the other, checked."""
    for index, one in enumerate(stack):
        label = name if len(stack) == 1 else f"{name}[{index}]"
        pairs = pairs_of(label, one)
        if "cosine" in method:
            if not pairs.any():
                raise ValueError(f"{label} is zero everywhere; {method} is undefined")
        elif pairs.max() == pairs.min():
            raise ValueError(f"{label} is constant ({pairs[0]}); {method} is undefined")
        yield pairs


def _as_asked(table: np.ndarray, one_row: bool, one_column: bool) -> float | np.ndarray:
    """Drop the axes of sides that were a single RDM."""
    if one_row and one_column:
        return float(table[0, 0])
    return table[0] if one_row else table[:, 0] if one_column else table


def _unit(vector: np.ndarray) -> np.ndarray:
    """Return a vector of length 1; its squares neither overflow nor vanish."""
    vector = vector / max(vector.max(), -vector.min())
    vector /= np.sqrt(np.vdot(vector, vector))
    return vector


def _centered(pairs: np.ndarray) -> np.ndarray:
    return pairs - pairs.mean()


def _centered_ranks(pairs: np.ndarray) -> np.ndarray:
    ranks = average_ranks(pairs)
    ranks -= (len(ranks) + 1) / 2
    return ranks


def _double_centered(pairs: np.ndarray) -> np.ndarray:
    """Return the inner products of patterns that have these squared distances, up to a factor."""
    products = square_form(pairs)
    mean = products.mean(axis=0)
    products -= mean
    products -= (mean - mean.mean())[:, None]
    return products.ravel()


_EMBEDDINGS = {  # a method is the cosine between two RDMs that went through one of these
    "pearson": _centered,
    "spearman": _centered_ranks,
    "cosine": np.asarray,
    "whitened-cosine": _double_centered,
}


@dataclass(frozen=True)
class _Reference:
    """The order of one RDM's dissimilarities, which serves every comparison with it.

    Attributes
    ----------
    order : (n_pairs,) int array
        The pairs from the least to the most dissimilar.
    in_order : (n_pairs,) float array
        The dissimilarities in that order.
    n_tied : int
        Pairs of dissimilarities that are equal.
    """

    order: np.ndarray
    in_order: np.ndarray
    n_tied: int


def _rank_reference(pairs: np.ndarray) -> _Reference:
    order, in_order = sort_with_order(pairs)
    return _Reference(order, in_order, _count_ties(in_order))


def _tau_a(reference: _Reference, pairs: np.ndarray) -> float:
    """Return (concordant - discordant) / all, by the inversions of one order in the other."""
    # stable: what is tied in the model stays in the reference's order
    order, in_order = sort_with_order(pairs.take(reference.order))
    n_tied = _count_ties(in_order)
    n_tied_in_both = 0
    if reference.n_tied:
        partners = reference.in_order[order]
        if n_tied:
            n_tied_in_both = _count_ties(in_order, partners)
        order, _ = sort_with_order(partners)  # has the inversions of its argument, without ties
    n_all = len(pairs) * (len(pairs) - 1) // 2
    n_discordant = count_inversions(order)
    return (n_all - reference.n_tied - n_tied + n_tied_in_both - 2 * n_discordant) / n_all


def _count_ties(*in_order: np.ndarray) -> int:
    """Return the number of pairs that are equal in every array."""
    lengths = tie_lengths(*in_order)
    return int(np.vdot(lengths, lengths - 1)) // 2
