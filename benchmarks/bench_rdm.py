"""RDMs and their comparison against rsatoolbox and scipy, on one thread.

Each program gets its data in the form that suits it, made beforehand: rsatoolbox a Dataset or
RDMs object, scipy an array or vectors, ours an array or RDMs (square, and checked to be RDMs, or
vectors). Where many models are compared with one RDM, ours takes 100 and the slower peers 10; the
time is that of one model.
"""

from functools import partial

import numpy as np
import rsatoolbox.rdm
from rsatoolbox.data import Dataset
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, spearmanr

from benchmarks._measure import Program, Row, measure, print_table
from brainlike.compare import rdm, rdm_comparison

SIZES = ((100, 1_000), (1_000, 5_000), (4_000, 10_000))
N_STIMULI = 1_000  # 499,500 pairs
N_MODELS, N_FEWER_MODELS = 100, 10


def bench_rdms() -> list[Row]:
    """Time correlation and squared Euclidean RDMs."""
    rows = []
    for n_stimuli, n_units in SIZES:
        responses = np.random.default_rng(0).normal(size=(n_stimuli, n_units))
        rounds = 5 if n_stimuli <= 1_000 else 0
        for ours, method, metric, divisor in (
            (rdm.correlation_rdm, "correlation", "correlation", 1),
            (rdm.euclidean_rdm, "euclidean", "sqeuclidean", n_units),
        ):
            calc_rdm = partial(rsatoolbox.rdm.calc_rdm, Dataset(responses), method=method)
            per_unit = partial(np.multiply, 1 / divisor)
            rows += measure(
                f"{method} RDM, {n_stimuli:,} stimuli x {n_units:,} units",
                [
                    Program("brainlike", partial(ours, responses), rdm.upper_triangle),
                    Program("rsatoolbox", calc_rdm, _first_vector, rounds),
                    Program("scipy pdist", partial(pdist, responses, metric), per_unit, rounds),
                ],
            )
    return rows


def bench_comparison() -> list[Row]:
    """Time Spearman and tau-a, for one pair of RDMs and for many models against one RDM."""
    rng = np.random.default_rng(0)
    brain = rng.gamma(5, size=N_STIMULI * (N_STIMULI - 1) // 2)
    models = 0.5 * brain + rng.gamma(5, size=(N_MODELS, brain.size))
    rows = []
    for method, in_scipy in (("spearman", spearmanr), ("tau-a", kendalltau)):
        for n_models, n_fewer in ((1, 1), (N_MODELS, N_FEWER_MODELS)):
            rows += measure(
                f"{method}, {n_models} models against one RDM, {brain.size:,} pairs",
                _comparisons(models[:n_models], brain, method, in_scipy, n_fewer),
            )
    return rows


def _comparisons(models, brain, method, in_scipy, n_fewer) -> list[Program]:
    """Return the programs that compare `models` with `brain`, peers only the first `n_fewer`."""
    fewer, n_models = models[:n_fewer], len(models)
    square = rdm.square_form(models), rdm.square_form(brain)
    objects = rsatoolbox.rdm.RDMs(fewer), rsatoolbox.rdm.RDMs(brain[None])

    def each_in_scipy():  # Kendall's tau-b, which is tau-a where nothing is tied
        return [in_scipy(model, brain).statistic for model in fewer]

    def first(similarities):
        return np.ravel(similarities)[:n_fewer]

    return [
        Program(
            "brainlike, RDMs",
            partial(rdm_comparison.compare_rdms, *square, method),
            first,
            parts=n_models,
        ),
        Program(
            "brainlike, vectors",
            partial(rdm_comparison.compare_dissimilarities, models, brain, method),
            first,
            parts=n_models,
        ),
        Program(
            "rsatoolbox",
            partial(rsatoolbox.rdm.compare, *objects, method),
            first,
            parts=n_fewer,
        ),
        Program(f"scipy {in_scipy.__name__}", each_in_scipy, parts=n_fewer),
    ]


def _first_vector(rdms) -> np.ndarray:
    return rdms.get_vectors()[0]


def main() -> list[Row]:
    """Print the table and return its rows."""
    rows = bench_rdms() + bench_comparison()
    print_table(rows)
    return rows


if __name__ == "__main__":
    main()
