"""The 92 images: properties of every RDM, the published human-monkey correlation, the stand-in."""

import numpy as np
import pytest
import scipy.io

from brainlike.datasets.recorded import registry
from brainlike.datasets.recorded.images92 import _check_rdms, load_images92, simulate_images92

MODELS = {"animacy", "FaceBodyManmadeNatobj", "monkeyIT", "EVA", "HMAX", "V1", "Silhouette"}
MODELS |= {"RADON"}


@pytest.fixture(scope="module")
def simulated():
    return simulate_images92()


def pearson(rdm, other):
    upper = np.triu_indices(92, 1)
    return np.corrcoef(rdm[upper], other[upper])[0, 1]


def assert_is_whole(data):
    """Check shapes, counts and the properties of every RDM."""
    assert data.images.shape == (92, 3, 175, 175)
    assert data.images.dtype == np.float32
    assert 0 <= data.images.min() < data.images.max() <= 1
    assert len(data) == len(set(data.names)) == 92
    assert (data.animate.sum(), (~data.animate).sum()) == (48, 44)
    assert (data.face.sum(), (data.face & data.human).sum()) == (24, 12)
    assert (data.human.sum(), data.natural.sum()) == (24, 71)
    assert data.human_rdms.shape == (4, 2, 92, 92)
    assert data.judgment_rdms.shape == (16, 92, 92)
    assert set(data.model_rdms) == MODELS
    for rdm in (
        *data.human_rdms.reshape(8, 92, 92),
        *data.judgment_rdms,
        *data.model_rdms.values(),
        data.human_rdm,
        data.monkey_rdm,
    ):
        assert rdm.shape == (92, 92)
        assert np.isfinite(rdm).all()
        assert np.array_equal(rdm, rdm.T)
        assert not rdm.diagonal().any()
        assert (rdm >= 0).all() and rdm.any()


def assert_models_follow_the_flags(data):
    animacy = data.animate[:, None] != data.animate
    assert np.array_equal(data.model_rdms["animacy"], animacy)
    classes = 2 * data.animate + np.where(data.animate, data.face, data.natural)
    assert np.array_equal(
        data.model_rdms["FaceBodyManmadeNatobj"], classes[:, None] != classes[None]
    )


def test_stand_in_is_whole(simulated):
    assert_is_whole(simulated)


def test_stand_in_models_follow_the_flags(simulated):
    assert_models_follow_the_flags(simulated)


def test_stand_in_has_the_structure_it_was_built_from(simulated):
    """Animacy and category are in the brains; the unrelated models are not."""
    assert pearson(simulated.human_rdm, simulated.model_rdms["animacy"]) > 0.3
    assert pearson(simulated.human_rdm, simulated.monkey_rdm) > 0.3
    # 4 standard errors of a correlation over 92 independent rows
    assert abs(pearson(simulated.human_rdm, simulated.model_rdms["V1"])) < 4 / np.sqrt(92)


def broken(change):
    rdm = 1 - np.eye(92)
    change(rdm)
    return rdm


@pytest.mark.parametrize(
    ("rdm", "complaint"),
    [
        (broken(lambda rdm: rdm.__setitem__((0, 1), 2)), "not symmetric"),
        (broken(lambda rdm: rdm.__setitem__((3, 3), 1)), "diagonal that is not zero"),
        (broken(lambda rdm: rdm.__setitem__((3, 4), np.nan)), "NaN"),
        (np.zeros((91, 91)), r"92, 92\); got \(91, 91\)"),
    ],
)
def test_what_is_no_rdm_is_refused(rdm, complaint):
    with pytest.raises(ValueError, match=complaint):
        _check_rdms("monkey_rdm", rdm)


@pytest.mark.real_data
def test_real_set_reproduces_the_published_correlation():
    data = load_images92(strict=True)
    assert data.source == "real"
    assert_is_whole(data)
    # published as .49; .4912 is recomputed from the same files by other code
    assert pearson(data.human_rdm, data.monkey_rdm) == pytest.approx(0.4912, abs=5e-4)
    assert np.allclose(data.human_rdms.mean(axis=(0, 1)), data.human_rdm, atol=1e-6)
    assert_models_follow_the_flags(data)


@pytest.mark.real_data
def test_flags_are_those_of_the_file():
    data = load_images92(strict=True)
    path = registry.fetch("92images", "Kriegeskorte_Neuron2008_supplementalData.mat")
    stimuli = scipy.io.loadmat(path, struct_as_record=False, squeeze_me=True)["stimuli_92objs"]
    for ours, theirs in (
        (data.animate, "animal"),
        (data.human, "human"),
        (data.face, "face"),
        (data.natural, "natural"),
    ):
        assert np.array_equal(ours, [getattr(one, theirs) for one in stimuli])
