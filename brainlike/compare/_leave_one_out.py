"""Exact leave-one-out errors of ridge regression from one eigendecomposition.

Works on numpy arrays and torch tensors alike. With centred features X = U S Vᵀ, ridge multiplies
component k of the responses by s_k² / (s_k² + penalty), and the residual of stimulus i when it is
left out is its residual in the full fit divided by 1 - h_i, with the leverage
h_i = 1/n + Σ_k U_ik² s_k² / (s_k² + penalty). The 1/n is the intercept's; forget it, and with as
many features as stimuli the error goes to zero with the penalty, so that the smallest always wins.

References: Allen (1974), Technometrics 16; Golub, Heath and Wahba (1979), Technometrics 21.
"""

from typing import Any, NamedTuple

import numpy as np

N_STRIPES = 8  # of a triangular product; more save little


class Components(NamedTuple):
    """Left singular vectors U ``(n_stimuli, k)`` and squared singular values s² ``(k,)``."""

    stimuli: Any
    power: Any

    @property
    def is_full(self) -> bool:
        """Whether the components span all centred responses: any responses can be fitted."""
        return len(self.power) == len(self.stimuli) - 1


def components_of_gram(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return U and s² of centred features from X Xᵀ, without components of no length."""
    power, vectors = np.linalg.eigh(gram.astype(np.float64))
    power, vectors = power[::-1], vectors[:, ::-1]
    kept = power > len(gram) * np.finfo(float).eps * power[0]
    kept[len(gram) - 1 :] = False  # centred: the last one is the constant, by rounding only
    return vectors[:, kept], power[kept]


def components_of_features(centred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return U and s² of centred features, by the smaller of the two Gram matrices."""
    if len(centred) <= centred.shape[1]:
        stimuli, power = components_of_gram(centred @ centred.T)
        return stimuli.astype(centred.dtype), power
    power, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    kept = power > len(centred) * np.finfo(float).eps * power[-1]
    stimuli = centred @ (axes[:, kept] / np.sqrt(power[kept])).astype(centred.dtype)
    return stimuli, power[kept]


def one_minus_leverage(parts: Components, penalties) -> Any:
    """Return 1 - h ``(n_stimuli, n_penalties)``."""
    squared = parts.stimuli**2
    kept = penalties / (parts.power[:, None] + penalties)  # what ridge takes away, (k, n_penalties)
    unreachable = 1 - 1 / len(squared) - squared.sum(1)
    if parts.is_full:
        unreachable = unreachable * 0  # exactly; the difference above is rounding error
    return unreachable[:, None] + squared @ kept


def leave_one_out_errors(parts: Components, penalties, slack, centred, loadings) -> list:
    """Return for each penalty the mean squared leave-one-out error of each unit.

    Parameters
    ----------
    parts : Components
    penalties : array, (n_penalties,)
    slack : array, (n_stimuli, n_penalties)
        From `one_minus_leverage`.
    centred : array, (n_stimuli, n_units)
        Responses less their mean.
    loadings : array, (k, n_units)
        Uᵀ times `centred`.
    """
    n_stimuli, n_units = centred.shape
    outside = 0 if parts.is_full else centred - parts.stimuli @ loadings
    errors = []
    for i, penalty in enumerate(penalties):
        taken = (penalty / (parts.power + penalty))[:, None]
        if parts.is_full and n_units > 2 * n_stimuli:
            scaled = parts.stimuli / slack[:, i : i + 1] * taken.T
            squares = quadratic_forms(scaled.T @ scaled, loadings)
        else:  # divides residuals, not components: there are more of these than of units
            residuals = (parts.stimuli @ (taken * loadings) + outside) / slack[:, i : i + 1]
            squares = (residuals**2).sum(0)
        errors.append(squares / n_stimuli)
    return errors


def quadratic_forms(matrix, vectors) -> Any:
    """Return xᵀ A x for a symmetric A and every column x of `vectors`, (n_columns,).

    Twice the upper triangle and the diagonal: half the products of the full matrix, in stripes of
    rows so that each is one dense product.
    """
    total = 0
    size = -(-len(matrix) // N_STRIPES)
    for first in range(0, len(matrix), size):
        rows = slice(first, first + size)
        stripe = 2 * matrix[rows, first:]
        n_rows = len(stripe)
        stripe[:, :n_rows] /= 2  # the block on the diagonal is symmetric: once in full
        total = total + ((stripe @ vectors[first:]) * vectors[rows]).sum(0)
    return total
