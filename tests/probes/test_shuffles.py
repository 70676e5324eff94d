import itertools

import numpy as np
import pytest
from scipy.stats import chisquare

from brainlike.probes.shuffles import pair_structure, shuffle_wiring


def random_wiring(n_cells, n_pns, seed, weights=None):
    rng = np.random.default_rng(seed)
    connected = np.zeros((n_cells, n_pns), dtype=bool)
    for row in connected:
        row[rng.choice(n_pns, rng.integers(3, 10), replace=False, p=weights)] = True
    return connected


def test_shuffles_keep_both_margins_exactly_and_move_the_rest():
    connected = random_wiring(301, 40, seed=0)
    shuffled = shuffle_wiring(connected, seed=1)
    assert np.array_equal(shuffled.sum(axis=0), connected.sum(axis=0))
    assert np.array_equal(shuffled.sum(axis=1), connected.sum(axis=1))
    share = connected.mean()  # expected agreement of two independent matrices of this density
    assert (shuffled & connected).sum() / connected.sum() == pytest.approx(share, abs=0.05)
    assert np.array_equal(shuffled, shuffle_wiring(connected, seed=1))


def test_shuffles_are_uniform_over_all_matrices_with_the_same_margins():
    rng = np.random.default_rng(0)
    start = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=bool)
    bits = (np.array(b).reshape(3, 3) for b in itertools.product([0, 1], repeat=9))
    same = [
        b.tobytes()
        for b in (b.astype(bool) for b in bits)
        if np.array_equal(b.sum(0), start.sum(0)) and np.array_equal(b.sum(1), start.sum(1))
    ]
    seen = [shuffle_wiring(start, rng).tobytes() for _ in range(1500)]
    counts = [seen.count(matrix) for matrix in same]
    assert sum(counts) == len(seen)
    assert chisquare(counts).pvalue > 1e-3


def test_random_wiring_with_unequal_pns_shows_no_structure():
    popularity = np.random.default_rng(3).uniform(0.3, 3, 30)
    connected = random_wiring(800, 30, seed=4, weights=popularity / popularity.sum())
    found = pair_structure(connected, n_shuffles=40)
    assert found.overdispersion == pytest.approx(1, abs=0.2)
    assert found.null.mean() == pytest.approx(1, abs=0.1)
    assert found.p_value > 0.01
    assert len(found.counts) == len(found.z) == 30 * 29 // 2


def test_planted_partners_are_found():
    connected = random_wiring(800, 30, seed=5)
    connected[:150, :2] = True  # PNs 0 and 1 meet far too often
    found = pair_structure(connected, n_shuffles=40)
    assert found.z.argmax() == 0 and found.z[0] > 5
    groups = random_wiring(800, 30, seed=6)
    groups[:400, :15] &= np.random.default_rng(0).random((400, 15)) < 0.2
    groups[400:, 15:] &= np.random.default_rng(1).random((400, 15)) < 0.2
    found = pair_structure(groups, n_shuffles=40)
    assert found.overdispersion > 2
    assert found.p_value == pytest.approx(1 / 41)


def test_wiring_that_cannot_be_shuffled_is_refused():
    with pytest.raises(ValueError, match="bool array"):
        shuffle_wiring(np.ones((5, 4)), seed=0)
    with pytest.raises(ValueError, match="at least 2 cells"):
        pair_structure(np.zeros((5, 4), dtype=bool))
    with pytest.raises(ValueError, match="n_shuffles"):
        pair_structure(np.ones((5, 4), dtype=bool), n_shuffles=2)
    with pytest.raises(ValueError, match=r"weights\.T|more cells"):
        pair_structure(np.ones((4, 9), dtype=bool))
