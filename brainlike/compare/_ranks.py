"""Exact ranks of long vectors, and the count of discordant pairs, fast in plain numpy.

A thousand stimuli have 499,500 dissimilarities. At this length a comparison sort takes tens of
milliseconds, but numpy's stable argsort of 8- and 16-bit integers is a radix sort and takes one
or two. Everything here is built from that.
"""

import functools

import numpy as np

_CHUNK = 64  # neighbors whose pairs are compared directly
_DIGIT_BITS = 6
_LEAF_BITS = 7


def sort_with_order(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ``np.argsort(values, kind="stable")`` and the sorted values, several times as fast.

    The values are rounded to integers of 24 bits, which are sorted by their lowest byte and then,
    stably, by the rest. What the rounding confused lies side by side and is put right.

    Parameters
    ----------
    values : (n,) array
        Finite numbers.

    Returns
    -------
    order : (n,) int array
    in_order : (n,) array
    """
    _keep_freed_memory()
    low, high = float(values.min()), float(values.max())
    steps = (2**24 - 1) / (high - low) if high > low else 0.0
    if not 0 < steps < np.inf:  # all equal, or a range that is too small or too large to divide
        order = np.argsort(values, kind="stable")
        return order, values[order]
    codes = ((values - low) * steps).astype(np.uint32)
    order = np.argsort(codes.astype(np.uint8), kind="stable")
    upper = (codes >> 8).astype(np.uint16).take(order)  # faster than indexing
    order = order.take(np.argsort(upper, kind="stable"))
    in_order = values.take(order)
    if not _swap_neighbors(order, in_order):
        repair = np.argsort(in_order, kind="stable")  # timsort is quick on what is nearly sorted
        order, in_order = order[repair], in_order[repair]
    return order, in_order


def _swap_neighbors(order: np.ndarray, in_order: np.ndarray, n_sweeps: int = 16) -> bool:
    """Swap neighbors that are out of order, in place; return whether all are sorted in the end."""
    wrong = np.flatnonzero(in_order[1:] < in_order[:-1])
    if len(wrong) > len(order) // 8:
        return False
    for _ in range(n_sweeps):
        if not len(wrong):
            return True
        wrong = wrong[np.diff(wrong, prepend=-2) > 1]  # where three are wrong, the first two
        for array in (order, in_order):
            array[wrong], array[wrong + 1] = array[wrong + 1], array[wrong]
        beside = np.concatenate([wrong - 1, wrong + 1])
        beside = beside[(beside >= 0) & (beside < len(order) - 1)]
        wrong = np.unique(beside[in_order[beside + 1] < in_order[beside]])
    return False


def average_ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks of `values` from 1; equal values share the mean of their ranks.

    Parameters
    ----------
    values : (n,) array
        Finite numbers.

    Returns
    -------
    (n,) float array
    """
    order, in_order = sort_with_order(values)
    lengths = tie_lengths(in_order)
    if len(lengths):
        in_order = np.repeat(np.cumsum(lengths) - (lengths - 1) / 2, lengths)
    else:
        in_order = np.arange(1.0, len(values) + 1)
    ranks = np.empty(len(values))
    ranks[order] = in_order
    return ranks


def tie_lengths(*in_order: np.ndarray) -> np.ndarray:
    """Return how many elements each run of equal values holds, or nothing if all differ.

    Of several arrays, such elements as are equal to their neighbor in every array.
    """
    same = in_order[0][1:] == in_order[0][:-1]
    for values in in_order[1:]:
        same &= values[1:] == values[:-1]
    if not same.any():
        return np.array([], int)
    ends = np.flatnonzero(~same)
    return np.diff(ends, prepend=-1, append=len(same))


def count_inversions(permutation: np.ndarray) -> int:
    """Return the number of pairs i < j with ``permutation[i] > permutation[j]``.

    The ranks are written in digits of about six bits. The pairs that differ in the first digit
    are counted, and the sequence is split by that digit, its order kept; then the pairs within
    each part that differ in the second digit are counted; and so on.

    Parameters
    ----------
    permutation : (n,) int array
        0 to n - 1 in any order.

    Returns
    -------
    int
    """
    _keep_freed_memory()
    n = len(permutation)
    bits = max(n - 1, 1).bit_length()
    levels = max(-(-(bits - _LEAF_BITS) // _DIGIT_BITS), 0)
    edges = np.linspace(max(bits, _LEAF_BITS), _LEAF_BITS, levels + 1).astype(int)
    part = 1 << int(edges[min(1, levels)])
    ranks = np.arange(-(-n // part) * part, dtype=np.uint32)  # padded by ranks that are in order
    ranks[:n] = permutation
    parts, inversions = ranks[None], 0
    for width, shift in zip((edges[:-1] - edges[1:]).tolist(), edges[1:].tolist(), strict=True):
        digits = (parts >> shift).astype(np.uint8)
        inversions += _inversions_of_digits(digits, 1 << width)
        split = np.argsort(digits, axis=1, kind="stable")
        split += np.arange(0, parts.size, parts.shape[1])[:, None]
        rest = (parts & (1 << shift) - 1).astype(np.min_scalar_type((1 << shift) - 1))
        parts = rest.take(split).reshape(-1, 1 << shift)
    return inversions + _inversions_of_rows(parts.astype(np.uint8))


def _inversions_of_digits(digits: np.ndarray, base: int) -> int:
    """Sum the inversions of the rows of `digits`, an array of uint8 below `base`.

    Within chunks of neighbors pairs are compared directly. Across chunks it is enough to know
    how often each digit occurs in each chunk.
    """
    chunks = digits.reshape(-1, _CHUNK)
    cells = chunks * np.int64(len(chunks))
    cells += np.arange(len(chunks))[:, None]
    counts = np.bincount(cells.ravel(), minlength=base * len(chunks))
    counts = counts.reshape(base, len(digits), -1)
    earlier = np.cumsum(counts, axis=2)
    earlier -= counts
    across, larger = 0, np.zeros_like(earlier[0])
    for digit in reversed(range(base)):
        across += int(np.vdot(larger, counts[digit]))
        larger += earlier[digit]
    return across + _inversions_of_rows(chunks)


def _inversions_of_rows(rows: np.ndarray) -> int:
    """Sum the inversions of the rows of a uint8 array by comparing each column with each later."""
    n_rows = len(rows)
    columns = rows.T.ravel()  # one after the other: a shift by n_rows is a shift by one column
    greater = np.empty(columns.shape, bool)
    inversions = 0
    for shift in range(n_rows, columns.size, n_rows):
        np.greater(columns[:-shift], columns[shift:], out=greater[shift:])
        inversions += int(np.count_nonzero(greater[shift:]))
    return inversions


@functools.cache
def _keep_freed_memory() -> None:
    """Let the C library keep the memory of temporary arrays of up to 32 MB for the next ones.

    The GNU C library hands large blocks back to the system when they are freed, and the page
    faults of the next block cost more than the sort in it. It stops doing so for sizes of which
    it has seen a block freed. Where this does not hold, nothing happens.
    """
    np.empty(2**25 - 2**16, np.uint8)
