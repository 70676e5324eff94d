"""The checks at the door of every public function: shape, type, finiteness, units that vary."""

import numpy as np

_NAMED = 5  # offenders that a message lists


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


def check_count(name: str, value) -> None:
    """Refuse what is not a whole number of at least 1."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number, at least 1; got {value!r}")


def listed(indices: np.ndarray) -> str:
    """Return the first few indices as a message names them: ``"3, 17"``."""
    return ", ".join(map(str, indices[:_NAMED])) + (", ..." if len(indices) > _NAMED else "")


def check_responses(name: str, values, *, min_stimuli: int = 3) -> np.ndarray:
    """Return responses ``(n_stimuli, n_units)``: float32 stays float32, all else is float64.

    Raises
    ------
    ValueError
        If the array has another shape, too few stimuli, or values that are not finite.
    """
    single = getattr(values, "dtype", None) == np.float32
    values = check_array(
        name, values, shape=("n_stimuli", "n_units"), dtype=np.float32 if single else np.float64
    )
    if len(values) < min_stimuli:
        raise ValueError(f"{name} must have at least {min_stimuli} stimuli; got {len(values)}")
    return values


def check_same_stimuli(name: str, values, other_name: str, other) -> None:
    """Refuse two arrays whose first axes, the stimuli, differ in length."""
    if len(values) != len(other):
        raise ValueError(
            f"{name} and {other_name} must hold the same stimuli; "
            f"got {len(values)} and {len(other)}"
        )


def check_varies(
    name: str, values: np.ndarray, what: str = "unit", *, first_index: int = 0
) -> None:
    """Refuse columns that do not vary over the stimuli, and name them by index.

    `first_index` is the index of the first column, if `values` is a block of something larger.
    """
    constant = np.flatnonzero(values.max(axis=0) == values.min(axis=0))
    if len(constant):
        raise ValueError(
            f"{name} has {len(constant)} of {values.shape[1]} {what}s that are constant over the "
            f"stimuli ({what} {listed(constant + first_index)}); drop them first"
        )


def check_repeats(name: str, values) -> np.ndarray:
    """Return repeats ``(n_repeats, n_stimuli, n_units)`` as float64; NaN marks a missing trial.

    Raises
    ------
    ValueError
        If the array has another shape, fewer than two repeats or three stimuli, infinite values,
        or a stimulus that a unit never saw.
    """
    values = check_array(name, values, shape=("n_repeats", "n_stimuli", "n_units"), finite=False)
    n_repeats, n_stimuli, _ = values.shape
    if n_repeats < 2:
        raise ValueError(f"{name} must have at least 2 repeats; got {n_repeats}")
    if n_stimuli < 3:
        raise ValueError(f"{name} must have at least 3 stimuli; got {n_stimuli}")
    if np.isinf(values).any():
        raise ValueError(f"{name} has infinite values; remove or impute them first")
    unseen = np.isnan(values).all(axis=0)
    if unseen.any():
        stimulus, unit = np.argwhere(unseen)[0]
        raise ValueError(
            f"{name} has no trial of stimulus {stimulus} for unit {unit} "
            f"({unseen.sum()} such pairs); drop the stimulus or the unit first"
        )
    return values
