"""The checks at the door of every public function: shape, type and finiteness of arrays."""

import numpy as np


def check_array(name, values, *, shape=None, dtype=float, finite=True):
    """Return `values` as an array, or say plainly what is wrong with it.

    Parameters
    ----------
    name : str
        What the reader calls the array; it opens the error message.
    values : array_like
    shape : tuple of (int or str), optional
        Expected shape. An integer must match exactly, a string names a free axis:
        ``("n_stimuli", "n_units")`` accepts any two-dimensional array.
    dtype : numpy dtype, optional
        Type to convert to; ``None`` keeps the array's own.
    finite : bool, optional
        Refuse NaN and infinity.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If the shape does not fit, the array is empty, or a value is not finite.

    Examples
    --------
    >>> check_array("responses", [[1, 2]], shape=("n_stimuli", "n_units"))
    array([[1., 2.]])
    """
    try:
        array = np.asarray(values, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers; {error}") from None
    if shape is not None:
        fits = array.ndim == len(shape) and all(
            isinstance(want, str) or want == have
            for want, have in zip(shape, array.shape, strict=True)
        )
        if not fits:
            wanted = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
            raise ValueError(f"{name} must be {wanted}; got {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: shape {array.shape}")
    if finite and np.issubdtype(array.dtype, np.inexact):
        bad = np.count_nonzero(~np.isfinite(array))
        if bad:
            raise ValueError(
                f"{name} has {bad} of {array.size} values that are NaN or infinite; "
                "remove or impute them first"
            )
    return array
