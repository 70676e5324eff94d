"""Encoding models against scikit-learn and himalaya, on one thread.

All get the same centred data and the same ten penalties, and choose one for every unit:
scikit-learn and ours by exact leave-one-out, himalaya by five folds. So himalaya may choose
another penalty, and its numbers are not compared here; tests/compare/test_ridge.py checks that
the weights agree where the penalty does. himalaya's KernelRidgeCV stops at dual coefficients, and
ours at coefficients of principal components; scikit-learn and himalaya's RidgeCV go on to weights
of the features.
"""

from functools import partial

import numpy as np
from himalaya.kernel_ridge import KernelRidgeCV
from himalaya.ridge import RidgeCV as HimalayaRidgeCV
from sklearn.linear_model import RidgeCV
from sklearn.random_projection import SparseRandomProjection

from benchmarks._measure import Program, Row, measure, print_table
from brainlike.compare.encoding import random_projection
from brainlike.compare.ridge import RidgeEncoder

N_STIMULI, N_FEATURES = 1_200, 2_000
PENALTIES = np.logspace(1, 6, 10)


def bench_ridge() -> list[Row]:
    """Time the fit of few and of many units."""
    rows = []
    for n_units in (89, 5_000, 20_000):
        features, responses = _data(n_units)
        rounds = 5 if n_units < 5_000 else 0  # of the peers that are slower anyway
        programs = (
            ("brainlike", RidgeEncoder(PENALTIES), _ours, 5),
            ("scikit-learn RidgeCV", RidgeCV(PENALTIES, alpha_per_target=True), _theirs, rounds),
            ("himalaya KernelRidgeCV", KernelRidgeCV(PENALTIES, kernel="linear"), None, 5),
            (
                "himalaya RidgeCV",
                HimalayaRidgeCV(PENALTIES, solver_params={"warn": False}),
                None,
                0,
            ),
        )
        rows += measure(
            f"ridge, {N_STIMULI:,} x {N_FEATURES:,} features, 10 penalties, {n_units:,} units",
            [
                Program(name, partial(model.fit, features, responses), numbers, rounds)
                for name, model, numbers, rounds in programs
            ],
        )
    return rows


def bench_projection() -> list[Row]:
    """Time the sparse random projection of a large layer."""
    features = np.random.default_rng(0).random((N_STIMULI, 65_536), dtype=np.float32)
    peer = SparseRandomProjection(6_077, random_state=0)
    return measure(
        f"sparse random projection, {N_STIMULI:,} x 65,536 to 6,077 (a call of scikit-learn's)",
        [
            Program("brainlike", partial(random_projection, features)),
            Program("scikit-learn", partial(peer.fit_transform, features)),
        ],
    )


def _data(n_units: int) -> tuple[np.ndarray, np.ndarray]:
    """Return centred features, and responses that are a tenth signal."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(N_STIMULI, N_FEATURES))
    weights = rng.normal(size=(N_FEATURES, n_units)) / np.sqrt(N_FEATURES)
    responses = features @ weights + 3 * rng.normal(size=(N_STIMULI, n_units))
    return features - features.mean(axis=0), responses - responses.mean(axis=0)


def _ours(model: RidgeEncoder) -> np.ndarray:
    return np.array([model.penalty_, model.leave_one_out_error_])


def _theirs(model: RidgeCV) -> np.ndarray:
    return np.array([model.alpha_, -model.best_score_])


def main() -> list[Row]:
    """Print the table and return its rows."""
    rows = bench_ridge() + bench_projection()
    print_table(rows)
    return rows


if __name__ == "__main__":
    main()
