"""Correlations of RDMs in which pairs of stimuli count several times or not at all.

A bootstrap sample that holds stimulus i m_i times holds the pair i, j m_i · m_j times. So it need
not be built: the pairs stay where they are and get weights. Their order, which costs the time,
does not change from sample to sample, although their ranks do.
"""

from collections.abc import Callable
from math import ceil, sqrt

import numpy as np

_BLOCK = 200_000  # numbers in a temporary array, so that it stays in the processor's cache
Scorer = Callable[[np.ndarray], np.ndarray]


def weighted_scorer(models: np.ndarray, subjects: np.ndarray, method: str) -> Scorer:
    """Return a function from weights to the correlations of all models with all subjects.

    Parameters
    ----------
    models : array, (n_models, n_pairs)
    subjects : array, (n_subjects, n_pairs)
    method : {"pearson", "spearman", "tau-a", "cosine"}

    Returns
    -------
    function
        Takes weights ``(n_samples, n_pairs)``, counts as floats, and returns
        ``(n_samples, n_models, n_subjects)``: what the method gives for RDMs in which each pair
        stands as often as it counts; NaN where that does not exist because an RDM is constant.
    """
    if method == "tau-a":
        scorers = [[_tau_scorer(model, subject) for subject in subjects] for model in models]

        def score(weights):
            rows = [np.stack([one(weights) for one in row], axis=1) for row in scorers]
            return np.stack(rows, axis=1)
    else:
        prepare = {"pearson": _centring, "spearman": _ranking, "cosine": _scaling}[method]
        model_scales = [prepare(model) for model in models]
        subject_scales = [prepare(subject) for subject in subjects]

        def score(weights):
            first = np.stack([scale(weights) for scale in model_scales], axis=1)
            second = np.stack([scale(weights) for scale in subject_scales], axis=1)
            return _weighted_cosine(first, second, weights[:, None])

    def score_in_blocks(weights):
        step = max(1, _BLOCK // weights.shape[1])
        blocks = [score(weights[i : i + step]) for i in range(0, len(weights), step)]
        return np.concatenate(blocks)

    return score_in_blocks


def _weighted_cosine(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> np.ndarray:
    products = (first * weights) @ second.swapaxes(1, 2)
    sizes = [np.sqrt((one**2 * weights).sum(axis=2)) for one in (first, second)]
    floor = 1e-10 * np.sqrt(weights.sum(axis=2))  # values are of order 1 or larger: this is zero
    sizes = [np.where(size > floor, size, np.nan) for size in sizes]
    return products / (sizes[0][:, :, None] * sizes[1][:, None, :])


def _scaling(vector: np.ndarray) -> Scorer:
    scaled = vector / np.abs(vector).max()
    return lambda weights: np.broadcast_to(scaled, weights.shape)


def _centring(vector: np.ndarray) -> Scorer:
    scaled = vector - vector.mean()
    scaled /= np.abs(scaled).max()
    return lambda weights: scaled - (weights @ scaled / weights.sum(axis=1))[:, None]


def _ranking(vector: np.ndarray) -> Scorer:
    """Return a function from weights to centred average ranks.

    A group of equal values of total weight g, above values of total weight b, holds the ranks
    from b + 1 to b + g, on average b + (g + 1) / 2.
    """
    order = np.argsort(vector, kind="stable")
    starts, group = _ties(vector[order])
    group_of_pair = np.empty_like(order)
    group_of_pair[order] = group

    def ranks(weights):
        mass = np.add.reduceat(weights[:, order], starts, axis=1)
        middle = mass.cumsum(axis=1) - mass / 2 - weights.sum(axis=1, keepdims=True) / 2
        return middle[:, group_of_pair]

    return ranks


def _tau_scorer(x: np.ndarray, y: np.ndarray) -> Scorer:
    """Return a function from weights to tau-a: (concordant - discordant) / all pairs of pairs.

    In the order of x, and within ties of x in that of y, a discordant pair is an inversion of y.
    """
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    order_y = np.argsort(y, kind="stable")
    places = np.empty_like(order_y)
    places[order_y] = np.arange(len(y))
    starts_x, group_x = _ties(x)
    starts_y, group_y = _ties(y[order_y])
    group_y = group_y[places]
    starts_both = _ties(group_x * len(y) + group_y)[0]

    def tau(weights):
        weights = weights[:, order]
        n = weights.sum(axis=1)
        tied_x = _sum_of_squares(weights, starts_x)
        tied_y = _sum_of_squares(weights[:, order_y], starts_y)
        tied_both = _sum_of_squares(weights, starts_both)
        untied = (n**2 - tied_x - tied_y + tied_both) / 2
        return (untied - 2 * weighted_inversions(places, weights)) / (n * (n - 1) / 2)

    return tau


def weighted_inversions(places: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the sum of w_i w_j over all i < j with ``places[i] > places[j]``, for each weighting.

    Positions are cut into √n rows, places into √n bins. Pairs in one row, and then pairs in one
    bin, are compared directly; all others through the weight of each row in each bin.

    Parameters
    ----------
    places : array of int, (n,)
        0 to n - 1 in any order.
    weights : array, (n_samples, n)

    Returns
    -------
    array, (n_samples,)
    """
    n = len(places)
    side = ceil(sqrt(n))
    padding = side**2 - n
    places = np.concatenate([places, np.arange(n, side**2)])
    weights = np.pad(weights, ((0, 0), (0, padding)))
    rows = np.arange(side**2) // side
    cells = rows * side + places // side
    table = np.stack([np.bincount(cells, one, side**2) for one in weights])
    table = table.reshape(-1, side, side)
    in_higher_bins = table[:, :, ::-1].cumsum(axis=2)[:, :, ::-1] - table
    in_rows_before = in_higher_bins.cumsum(axis=1) - in_higher_bins
    total = np.einsum("src,src->s", table, in_rows_before)

    later = np.tri(side, k=-1, dtype=bool)
    by_place = np.argsort(places)
    for key, order in ((places, np.arange(side**2)), (rows[by_place], by_place)):
        for part in range(0, side**2, side):  # first the rows, then the bins
            inverted = later & np.less.outer(key[part : part + side], key[part : part + side])
            own = weights[:, order[part : part + side]]
            total += np.einsum("si,si->s", own, own @ inverted.astype(float))
    return total


def _ties(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each group of equal values starts, and the group of each value."""
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    return np.flatnonzero(new), np.cumsum(new) - 1


def _sum_of_squares(weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return (np.add.reduceat(weights, starts, axis=1) ** 2).sum(axis=1)
