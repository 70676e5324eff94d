import numpy as np
import pytest

from brainlike._validate import check_array


def test_good_arrays_pass_and_are_converted():
    array = check_array("responses", [[1, 2], [3, 4]], shape=("n_stimuli", 2))
    assert array.dtype == float and array.tolist() == [[1, 2], [3, 4]]
    kept = np.zeros((2, 2), np.uint8)
    assert check_array("images", kept, dtype=None) is kept


@pytest.mark.parametrize(
    "values, shape, message",
    [
        (np.zeros(92), ("n", "m"), r"responses must be \(n, m\); got \(92,\)"),
        (np.zeros((3, 4)), ("n_stimuli", 5), r"must be \(n_stimuli, 5\); got \(3, 4\)"),
        (np.zeros(3), (2,), r"must be \(2,\); got \(3,\)"),
        ([[1, np.nan, np.inf]], None, "2 of 3 values that are NaN or infinite"),
        (["a"], None, "array of numbers"),
        ([[1], [1, 2]], None, "array of numbers"),
        (np.zeros((0, 3)), ("n", 3), "empty"),
    ],
)  # fmt: skip
def test_bad_arrays_are_named(values, shape, message):
    with pytest.raises(ValueError, match=message):
        check_array("responses", values, shape=shape)
