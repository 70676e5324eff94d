"""Debiased CKA against rsatoolbox's whitened cosine and the textbook formula, on one thread.

The whitened cosine of two squared Euclidean RDMs is linear CKA (Diedrichsen et al. 2021), so that
rsatoolbox can compute the biased form. No library in the environment has the debiased one; its
peer is the formula of Song et al. (2012) written down with Gram matrices, as one finds it.
"""

from functools import partial

import numpy as np
import rsatoolbox.rdm
from rsatoolbox.data import Dataset

from benchmarks._measure import Program, Row, measure, print_table
from brainlike.compare.similarity import debiased_cka, linear_cka


def bench_cka() -> list[Row]:
    """Time both forms with fewer and with more units than stimuli."""
    rows = []
    for n_stimuli, n_units in ((300, 2_000), (1_000, 5_000), (4_000, 500)):
        rng = np.random.default_rng(0)
        first = rng.normal(size=(n_stimuli, n_units))
        second = first + rng.normal(size=(n_stimuli, n_units))
        size = f"{n_stimuli:,} stimuli x {n_units:,} units"
        rows += measure(
            f"debiased CKA, {size}",
            [
                Program("brainlike", partial(debiased_cka, first, second)),
                Program("Gram matrices, from the formula", partial(_song, first, second)),
            ],
        )
        if n_stimuli <= 1_000:  # a whole RDM of 4,000 stimuli has eight million entries
            rows += measure(
                f"linear CKA, {size}",
                [
                    Program("brainlike", partial(linear_cka, first, second)),
                    Program("rsatoolbox", partial(_by_rsatoolbox, first, second), np.ravel),
                ],
            )
    return rows


def _song(first: np.ndarray, second: np.ndarray) -> float:
    """Return debiased CKA by the unbiased HSIC of Gram matrices without their diagonals."""
    grams = [x @ x.T for x in (first - first.mean(axis=0), second - second.mean(axis=0))]
    for gram in grams:
        np.fill_diagonal(gram, 0)
    n = len(first)

    def hsic(k, m):
        apart = k.sum() * m.sum() / ((n - 1) * (n - 2))
        return np.trace(k @ m) + apart - 2 / (n - 2) * np.sum(k @ m)

    k, m = grams
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def _by_rsatoolbox(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    rdms = [rsatoolbox.rdm.calc_rdm(Dataset(x), method="euclidean") for x in (first, second)]
    return rsatoolbox.rdm.compare(*rdms, method="cosine_cov")


def main() -> list[Row]:
    """Print the table and return its rows."""
    rows = bench_cka()
    print_table(rows)
    return rows


if __name__ == "__main__":
    main()
