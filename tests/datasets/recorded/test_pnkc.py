"""Connectomes of projection neurons and Kenyon cells: verified counts, the stand-in, bad files."""

import numpy as np
import pytest

from brainlike.datasets.recorded.pnkc import _read_hemibrain, _read_random, load_pnkc, simulate_pnkc


@pytest.fixture(scope="module")
def simulated():
    return simulate_pnkc()


def inputs_per_kc(counts, at_least):
    return (counts >= at_least).sum(axis=0).mean()


def assert_is_whole(flies):
    assert flies.synapses.shape == (137, 2033)
    assert flies.pn_names.shape == flies.pn_glomeruli.shape == (137,)
    assert flies.kc_types.shape == (2033,)
    assert flies.glomeruli.shape == (56,) and flies.olfactory.sum() == 51
    assert flies.fafb_claws.shape == (54, 1354)
    assert flies.fafb_glomeruli.shape == (54,)
    assert flies.fafb_random_claws.shape == (54, 440)
    for counts in (flies.synapses, flies.fafb_claws, flies.fafb_random_claws):
        assert np.issubdtype(counts.dtype, np.integer)
        assert counts.min() == 0
    assert (flies.fafb_claws.sum(axis=1) > 0).all()


def assert_glomeruli_are_the_sums_of_their_pns(flies):
    merged = flies.glomerulus_synapses
    assert merged.shape == (56, 2033)
    for name, counts in zip(flies.glomeruli, merged, strict=True):
        rows = [i for i, pn in enumerate(flies.pn_names) if pn.split()[0] == name]
        assert rows
        assert np.array_equal(counts, sum(flies.synapses[i] for i in rows))
    assert merged.sum() == flies.synapses.sum()


def test_stand_in_is_whole(simulated):
    assert_is_whole(simulated)
    assert_glomeruli_are_the_sums_of_their_pns(simulated)


def test_stand_in_has_five_claws_a_kc_at_random(simulated):
    """5 by construction; and pairs of inputs meet as often as chance says."""
    for claws in (simulated.fafb_claws, simulated.fafb_random_claws):
        n_kcs = claws.shape[1]
        # standard deviation of a binomial count of 10 with probability a half: 1.58
        assert claws.sum(axis=0).mean() == pytest.approx(5, abs=4 * 1.58 / np.sqrt(n_kcs))
    correlations = np.corrcoef(simulated.fafb_claws)[np.triu_indices(54, 1)]
    # 1 / sqrt(n) for independent rows
    assert correlations.std() == pytest.approx(1 / np.sqrt(1354), rel=0.15)


def test_matrices_of_other_sizes_are_refused(tmp_path):
    (tmp_path / "hemibrain").write_text('"KCg" "KCg"\n"D adPN" 0 7\n')
    with pytest.raises(ValueError, match=r"synapses must be \(137, 2033\); got \(1, 2\)"):
        _read_hemibrain(tmp_path / "hemibrain")
    (tmp_path / "random").write_text(",0,1\n0,1.0,0.0\n1,0.0,2.0\n")
    with pytest.raises(ValueError, match=r"claws must be \(54, 440\); got \(2, 2\)"):
        _read_random(tmp_path / "random")


@pytest.mark.real_data
def test_real_hemibrain_gives_the_verified_counts():
    flies = load_pnkc(strict=True)
    assert flies.source == "real"
    assert_is_whole(flies)
    assert_glomeruli_are_the_sums_of_their_pns(flies)
    assert flies.synapses.sum() == 178_897
    # PNs a KC, recomputed by other code: 4.73 at 5 synapses or more, 4.93 at 3, 5.76 at any
    for at_least, n_pns in ((5, 4.73), (3, 4.93), (1, 5.76)):
        assert inputs_per_kc(flies.synapses, at_least) == pytest.approx(n_pns, abs=5e-3)
    # Glomeruli are fewer, because a KC may have two PNs of one glomerulus
    for at_least, n_glomeruli in ((5, 4.58), (3, 4.76), (1, 5.48)):
        merged = inputs_per_kc(flies.glomerulus_synapses, at_least)
        assert merged == pytest.approx(n_glomeruli, abs=5e-3)
    assert (flies.kc_types == "KCg").sum() == 701


@pytest.mark.real_data
def test_real_vpns_hardly_contact_kenyon_cells():
    flies = load_pnkc(strict=True)
    ventral = np.char.endswith(flies.pn_names, " vPN")
    assert ventral.sum() == 20
    assert flies.synapses[ventral].sum() / flies.synapses.sum() < 0.004


@pytest.mark.real_data
def test_real_fafb_gives_the_verified_counts():
    flies = load_pnkc(strict=True)
    assert flies.fafb_claws.sum() == 6468
    assert flies.fafb_claws.sum(axis=0).mean() == pytest.approx(4.78, abs=5e-3)
    assert flies.fafb_random_claws.sum(axis=0).mean() == pytest.approx(5.06, abs=5e-3)
    dp1m = flies.fafb_claws[flies.fafb_glomeruli == "DP1m"]
    assert dp1m.sum() == 356  # lines of the table that name it
