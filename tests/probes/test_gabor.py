import numpy as np
import pytest
from scipy.optimize import approx_fprime

from brainlike.probes.gabor import Gabor, _slopes, fit_gabor


def test_the_stripes_lie_where_orientation_says():
    horizontal = Gabor(8, 8, orientation=0, frequency=0.2).image(17)
    assert np.allclose(
        horizontal[8, 6:11] / horizontal[8, 8], np.exp(-0.125 * np.arange(-2, 3) ** 2)
    )
    assert horizontal[8, 8] == 1.0 and horizontal[10, 8] < -0.4  # 2 pixels across: 0.4 of a cycle
    upward = Gabor(8, 8, orientation=45, frequency=0.2, length=4).image(17)
    assert upward[6, 10] > 0.7 > 0 > upward[10, 10]  # along the diagonal that rises to the right


@pytest.mark.parametrize("seed", range(12))
def test_known_parameters_are_recovered(seed):
    rng = np.random.default_rng(seed)
    truth = Gabor(
        *rng.uniform(4, 7, 2),
        orientation=rng.uniform(0, 180),
        frequency=rng.uniform(0.12, 0.35),
        phase=rng.uniform(0, 360),
        width=rng.uniform(1.5, 2.5),
        length=rng.uniform(1.5, 3),
        amplitude=rng.uniform(0.5, 40),
    )
    fit = fit_gabor(truth.image(12))
    assert fit.r2 > 0.999
    assert np.allclose(fit.gabor.image(12), truth.image(12), atol=0.02 * truth.amplitude)
    apart = (fit.gabor.orientation - truth.orientation + 90) % 180 - 90
    assert abs(apart) < 1
    assert fit.gabor.frequency == pytest.approx(truth.frequency, rel=0.03)
    assert 0 <= fit.gabor.orientation < 180 and 0 <= fit.gabor.phase < 360


def test_slopes_are_those_of_small_steps():
    fields = np.array([4.6, 6.3, 30, 0.2, 50, 1.8, 2.6, 3.0])
    stepped = approx_fprime(fields, lambda f: Gabor(*f).image(12).ravel())
    assert np.allclose(_slopes(Gabor(*fields), 12), stepped, atol=1e-5)


def test_noise_is_not_a_gabor():
    noise = np.random.default_rng(0).normal(size=(20, 12, 12))
    assert max(fit_gabor(image).r2 for image in noise) < 0.5


def test_bad_filters_are_refused():
    for image, message in (
        (np.zeros((4, 5)), "square"),
        (np.ones((5, 5)), "constant"),
        (np.full((5, 5), np.nan), "NaN"),
        (np.zeros(5), "filter_image must be"),
    ):
        with pytest.raises(ValueError, match=message):
            fit_gabor(image)
