"""CKA, Procrustes and CCA against analytic values, other people's code and simulation."""

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.cross_decomposition import CCA

from brainlike.compare.similarity import (
    TrivialCorrelations,
    canonical_correlations,
    debiased_cka,
    linear_cka,
    procrustes_distance,
    svcca,
)

MEASURES = [linear_cka, debiased_cka, procrustes_distance, canonical_correlations]


def gaussian(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def rotation(seed, n):
    return np.linalg.qr(gaussian(seed, n, n))[0]


def kernel_cka(x, y):
    """Kornblith et al. (2019), equations 2 and 3, with the centring matrix written out."""
    centring = np.eye(len(x)) - 1 / len(x)
    k, l_ = x @ x.T, y @ y.T

    def hsic(a, b):
        return np.trace(a @ centring @ b @ centring)

    return hsic(k, l_) / np.sqrt(hsic(k, k) * hsic(l_, l_))


def song_cka(x, y):
    """CKA from equation 5 of Song et al. (2012), term by term."""

    def hsic(a, b):
        n, one = len(a), np.ones(len(a))
        a, b = a - np.diag(np.diag(a)), b - np.diag(np.diag(b))
        last = 2 / (n - 2) * one @ a @ b @ one
        return np.trace(a @ b) + one @ a @ one * (one @ b @ one) / ((n - 1) * (n - 2)) - last

    k, l_ = x @ x.T, y @ y.T
    return hsic(k, l_) / np.sqrt(hsic(k, k) * hsic(l_, l_))


# shapes that take the path through units, through stimuli, and one of each kind
@pytest.mark.parametrize(("n_x", "n_y"), [(3, 4), (60, 50), (2, 70)])
def test_cka_equals_the_textbook_forms(n_x, n_y):
    x, y = gaussian(0, 30, n_x) + 5, gaussian(1, 30, n_y)
    assert linear_cka(x, y) == pytest.approx(kernel_cka(x, y), rel=1e-10)
    assert debiased_cka(x, y) == pytest.approx(song_cka(x, y), rel=1e-9)


def test_cka_of_orthogonal_systems_is_zero():
    basis = np.linalg.qr(np.column_stack([np.ones(8), gaussian(0, 8, 7)]))[0]
    assert linear_cka(basis[:, 1:3], basis[:, 3:6]) == pytest.approx(0, abs=1e-15)


def test_cka_of_one_unit_each_is_the_squared_correlation():
    x, y = gaussian(0, 20, 1), gaussian(1, 20, 1)
    expected = np.corrcoef(x[:, 0], y[:, 0])[0, 1] ** 2
    assert linear_cka(x, y) == pytest.approx(expected, rel=1e-12)


def test_independent_systems_score_zero_only_when_debiased():
    n_stimuli, n_units, n_pairs = 40, 120, 300
    pairs = [(gaussian(2 * i, n_stimuli, n_units), gaussian(2 * i + 1, n_stimuli, n_units))
             for i in range(n_pairs)]  # fmt: skip
    debiased = np.array([debiased_cka(x, y) for x, y in pairs])
    assert abs(debiased.mean()) < 4 * debiased.std(ddof=1) / np.sqrt(n_pairs)
    naive = np.mean([linear_cka(x, y) for x, y in pairs])
    assert naive == pytest.approx(n_units / (n_units + n_stimuli), abs=0.005)


def test_debiased_cka_recovers_the_share_of_signal():
    """Half of the variance in common, signal isotropic in many units: CKA tends to 1/4."""
    signal = gaussian(0, 400, 50)
    x, y = signal + gaussian(1, 400, 50), signal + gaussian(2, 400, 50)
    assert debiased_cka(x, y) == pytest.approx(0.25, abs=0.02)


def test_procrustes_equals_scipy():
    x, y = gaussian(0, 25, 4), gaussian(1, 25, 4) + 3
    _, _, disparity = scipy.spatial.procrustes(x, y)  # sin² of the angle: scale is fitted, too
    assert np.sin(procrustes_distance(x, y)) ** 2 == pytest.approx(disparity, rel=1e-10)
    a, b = (v - v.mean(0) for v in (x, y))
    _, scale = scipy.linalg.orthogonal_procrustes(a / np.linalg.norm(a), b / np.linalg.norm(b))
    assert procrustes_distance(x, y) == pytest.approx(np.arccos(scale), rel=1e-10)


def test_procrustes_counts_missing_units_as_silent():
    x, y = gaussian(0, 10, 2), gaussian(1, 10, 25)
    silent = np.column_stack([x - x.mean(0), np.zeros((10, 23))])
    y0 = y - y.mean(0)
    _, scale = scipy.linalg.orthogonal_procrustes(
        silent / np.linalg.norm(silent), y0 / np.linalg.norm(y0)
    )
    assert procrustes_distance(x, y) == pytest.approx(np.arccos(scale), rel=1e-10)


def test_procrustes_of_orthogonal_systems_is_a_right_angle():
    basis = np.linalg.qr(np.column_stack([np.ones(8), gaussian(0, 8, 7)]))[0]
    assert procrustes_distance(basis[:, 1:3], basis[:, 3:6]) == pytest.approx(np.pi / 2)


def test_canonical_correlations_equal_scikit_learn():
    x = gaussian(0, 60, 3)
    y = np.column_stack([x[:, 0] + 0.5 * gaussian(1, 60), gaussian(2, 60, 3)]) * [1, 10, 0.1, 1]
    scores_x, scores_y = CCA(n_components=3, tol=1e-12, max_iter=10_000).fit_transform(x, y)
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(scores_x.T, scores_y.T, strict=True)]
    assert canonical_correlations(x, y) == pytest.approx(np.array(expected), abs=1e-6)


@pytest.mark.parametrize(
    ("n_x", "n_y", "ones"), [(4, 4, 0), (4, 5, 0), (5, 5, 1), (8, 3, 2), (9, 2, 2), (30, 30, 9)]
)
@pytest.mark.filterwarnings("ignore::brainlike.compare.similarity.TrivialCorrelations")
def test_dimension_counting_foretells_the_perfect_correlations(n_x, n_y, ones):
    correlations = canonical_correlations(gaussian(0, 10, n_x), gaussian(1, 10, n_y))
    assert len(correlations) == min(n_x, n_y, 9)
    assert np.sum(correlations > 1 - 1e-9) == ones


def test_too_few_stimuli_for_cca_is_a_warning_with_the_numbers():
    with pytest.warns(TrivialCorrelations, match="1 of 5 .* 5 and 5 .* the 9 that 10 stimuli"):
        canonical_correlations(gaussian(0, 10, 5), gaussian(1, 10, 5))
    with pytest.warns(TrivialCorrelations, match="3 of 6"):
        svcca(gaussian(0, 10, 20), gaussian(1, 10, 20), 6)


def test_duplicated_units_do_not_count_twice():
    x, y = gaussian(0, 30, 3), gaussian(1, 30, 4)
    twice = np.column_stack([x, x @ gaussian(2, 3, 3)])
    assert canonical_correlations(twice, y) == pytest.approx(canonical_correlations(x, y))


def test_svcca_is_cca_of_principal_components():
    x, y = gaussian(0, 50, 8) * np.arange(1, 9), gaussian(1, 50, 6) * np.arange(1, 7)
    y[:, 5] += x[:, 7]

    def components(values, k):
        values = values - values.mean(0)
        return values @ np.linalg.eigh(values.T @ values)[1][:, ::-1][:, :k]

    expected = canonical_correlations(components(x, 3), components(y, 3)).mean()
    assert svcca(x, y, 3) == pytest.approx(expected, rel=1e-8)
    assert svcca(x, x @ rotation(0, 8), 3) == pytest.approx(1)


@pytest.mark.parametrize("measure", MEASURES)
def test_bad_input_is_refused(measure):
    x, y = gaussian(0, 10, 3), gaussian(1, 10, 3)
    constant = x.copy()
    constant[:, 1] = 2
    missing = x.copy()
    missing[0, 0] = np.nan
    for bad, complaint in (
        ((constant, y), r"x has 1 of 3 units that are constant .*unit 1"),
        ((x, constant), "y has 1 of 3 units"),
        ((missing, y), "NaN"),
        ((x[:2], y[:2]), r"x must have at least [34] stimuli; got 2"),
        ((x, y[:9]), "same stimuli; got 10 and 9"),
        ((x[:, 0], y), r"x must be \(n_stimuli, n_units\)"),
    ):
        with pytest.raises(ValueError, match=complaint):
            measure(*bad)


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ValueError, match="all stimuli of y are equally far apart"):
        debiased_cka(gaussian(0, 4, 2), np.eye(4))


def test_components_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="y has only 2 principal components; n_components is 3"):
        svcca(gaussian(0, 20, 5), gaussian(1, 20, 2), 3)
    with pytest.raises(ValueError, match="at least 1; got 0"):
        svcca(gaussian(0, 20, 5), gaussian(1, 20, 2), 0)


def responses(min_stimuli=4):
    """Any two arrays over the same stimuli, of any magnitude, with units that vary."""
    shapes = st.tuples(st.integers(min_stimuli, 12), st.integers(1, 15), st.integers(1, 15))
    values = st.one_of(st.floats(-1e300, 1e300), st.floats(-1, 1), st.integers(-3, 3).map(float))
    return shapes.flatmap(
        lambda s: st.tuples(
            arrays(float, s[:2], elements=values), arrays(float, s[::2], elements=values)
        )
    ).filter(lambda pair: all((v.max(0) > v.min(0)).all() for v in pair))


@pytest.mark.filterwarnings("ignore::brainlike.compare.similarity.TrivialCorrelations")
@settings(max_examples=150, deadline=None)
@given(responses())
def test_every_measure_stays_in_its_range(pair):
    x, y = pair
    assert 0 <= linear_cka(x, y) <= 1
    assert 0 <= procrustes_distance(x, y) <= np.pi / 2
    correlations = canonical_correlations(x, y)
    assert ((correlations >= 0) & (correlations <= 1)).all()
    try:
        assert -1 <= debiased_cka(x, y) <= 1
    except ValueError as error:
        assert "equally far apart" in str(error)
    assert linear_cka(x, x) == pytest.approx(1)
    assert procrustes_distance(x, x) == pytest.approx(0, abs=1e-6)


sizes = st.tuples(st.integers(6, 20), st.integers(1, 25), st.integers(1, 25))


@settings(max_examples=150, deadline=None)
@given(sizes, st.integers(0, 2**32 - 1), st.floats(0.01, 100), st.floats(-50, 50))
def test_rotation_scale_and_shift_change_nothing(size, seed, scale, shift):
    n_stimuli, n_x, n_y = size
    x, y = gaussian(seed, n_stimuli, n_x), gaussian(seed + 1, n_stimuli, n_y)
    moved = scale * y @ rotation(seed, n_y) + shift
    for measure in (linear_cka, debiased_cka, procrustes_distance):
        assert measure(x, moved) == pytest.approx(measure(x, y), rel=1e-5, abs=1e-6)
        assert measure(y, x) == pytest.approx(measure(x, y), abs=1e-7)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_invertible_maps_change_no_canonical_correlation(n_x, n_y, seed):
    x, y = gaussian(seed, 15, n_x), gaussian(seed + 1, 15, n_y)
    mixing = gaussian(seed + 2, n_x, n_x)
    assume(np.linalg.cond(mixing) < 1e4)
    assert canonical_correlations(x @ mixing, y) == pytest.approx(
        canonical_correlations(x, y), abs=1e-8
    )


@settings(max_examples=100, deadline=None)
@given(sizes, st.integers(1, 25), st.integers(0, 2**32 - 1))
def test_procrustes_obeys_the_triangle_inequality(size, n_z, seed):
    n_stimuli, n_x, n_y = size
    x = gaussian(seed, n_stimuli, n_x)
    y = gaussian(seed + 1, n_stimuli, n_y)
    z = 0.5 * gaussian(seed + 2, n_stimuli, n_z)
    z[:, :1] += x[:, :1]  # between the other two
    assert procrustes_distance(x, y) <= (
        procrustes_distance(x, z) + procrustes_distance(z, y) + 1e-7
    )
