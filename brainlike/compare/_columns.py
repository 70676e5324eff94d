"""Pearson's correlation, one column of two arrays after the other."""

import numpy as np


def column_correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Pearson's r of each column of two ``(n_stimuli, n_units)``; 0 if one is constant."""
    first = first - first.mean(axis=0)
    second = second - second.mean(axis=0)
    size = np.linalg.norm(first, axis=0) * np.linalg.norm(second, axis=0)
    covariance = np.einsum("ij,ij->j", first, second)
    return np.divide(covariance, size, out=np.zeros_like(size), where=size > 0)
