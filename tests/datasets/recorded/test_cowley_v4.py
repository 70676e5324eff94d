"""V4 recordings: shapes, the trials behind averages, split-half reliability, the stand-in."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from brainlike.datasets.recorded.cowley_v4 import (
    _gabors,
    _read_images,
    load_cowley_v4,
    simulate_cowley_v4,
    trials_behind,
)

# The authors' table: neurons, images, nominal trials; and whether single trials are published.
SESSIONS = {
    "201025": (89, 1200, 12, False),
    "210225": (55, 1200, 6, False),
    "210325": (50, 640, 8, True),
}
each_session = pytest.mark.parametrize("session", SESSIONS)


@pytest.fixture(scope="module")
def simulated():
    return simulate_cowley_v4("210325")


def correlations(a, b):
    """Return one Pearson correlation a column."""
    a, b = ((x - x.mean(axis=0)) / x.std(axis=0) for x in (a, b))
    return (a * b).mean(axis=0)


def assert_is_whole(data, session):
    n_neurons, n_stimuli, n_repeats, has_trials = SESSIONS[session]
    assert (data.session, data.n_repeats, len(data)) == (session, n_repeats, n_stimuli)
    assert data.responses.shape == (n_stimuli, n_neurons)
    assert data.responses.dtype == np.float64
    assert np.isfinite(data.responses).all() and data.responses.min() >= 0
    assert data.images.shape == (n_stimuli, 3, 112, 112)
    assert data.images.dtype == np.float32
    assert 0 <= data.images.min() < data.images.max() <= 1
    assert data.trials_per_image.shape == (n_stimuli,)
    assert abs(data.trials_per_image.mean() - n_repeats) < 0.5
    assert (data.repeats is not None) == has_trials


def assert_repeats_fit_the_averages(data):
    """Each image's trials come first, for all neurons alike; they are counts; their mean fits."""
    there = ~np.isnan(data.repeats)
    assert there.shape[1:] == data.responses.shape
    n_trials = data.trials_per_image
    assert np.array_equal(
        there, np.arange(len(there))[:, None, None] < n_trials[:, None] + 0 * there
    )
    assert n_trials.max() == len(there)
    counts = data.repeats[there]
    assert np.array_equal(counts, np.round(counts)) and counts.min() >= 0
    assert np.array_equal(np.nanmean(data.repeats, axis=0), data.responses)


@each_session
def test_stand_in_is_whole(session):
    data = simulate_cowley_v4(session)
    assert_is_whole(data, session)
    assert ((data.responses.mean(axis=0) > 0.8) & (data.responses.mean(axis=0) < 6)).all()


def test_stand_in_has_trials_that_fit_its_averages(simulated):
    assert_repeats_fit_the_averages(simulated)


def test_stand_in_counts_are_poisson(simulated):
    """Mean over images of variance / mean of a neuron's trials is 1 for a Poisson process."""
    variance = np.nanvar(simulated.repeats, axis=0, ddof=1).mean(axis=0)
    fano = variance / simulated.responses.mean(axis=0)
    # Its standard error is about sqrt(2 / degrees of freedom), of which there are 640 * 7.
    assert np.abs(fano - 1).max() < 6 * np.sqrt(2 / (640 * 7))


def test_stand_in_neurons_see_local_oriented_energy_and_not_luminance(simulated):
    """A bank of Gabor energies predicts held-out images; the images' mean luminance does not."""
    grey = simulated.images.reshape(640, 3, 56, 2, 56, 2).mean(axis=(1, 3, 5)).reshape(640, -1)
    energies = np.abs((grey - grey.mean()) @ _gabors(np.random.default_rng(1), 300, 56))
    energies = (energies - energies.mean(axis=0)) / energies.std(axis=0)
    kernel, train, test = energies @ energies.T, slice(0, 480), slice(480, 640)
    mean = simulated.responses[train].mean(axis=0)
    dual = np.linalg.solve(
        kernel[train, train] + 3000 * np.eye(480), simulated.responses[train] - mean
    )
    found = correlations(mean + kernel[test, train] @ dual, simulated.responses[test])
    assert np.median(found) > 0.4
    luminance = correlations(np.repeat(grey.mean(axis=1)[:, None], 50, axis=1), simulated.responses)
    assert np.abs(np.median(luminance)) < 0.1


@pytest.mark.parametrize("make", [load_cowley_v4, simulate_cowley_v4])
def test_unknown_session_is_refused_with_the_known_ones(make, nothing_here):
    with pytest.raises(ValueError, match=r"'190923'; choose one of 201025, 210225, 210325"):
        make("190923")


def test_images_are_read_in_the_order_of_their_numbers(tmp_path):
    """The order inside the zip file does not count; channels come first; 255 becomes 1."""
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for number, colour in ((3, (0, 0, 255)), (1, (255, 0, 0)), (2, (0, 255, 0))):
            stream = io.BytesIO()
            Image.new("RGB", (112, 112), colour).save(stream, "jpeg", quality=100)
            archive.writestr(f"image{number:04d}.jpg", stream.getvalue())
    images = _read_images(tmp_path / "images.zip", 3)
    assert np.allclose(images.mean(axis=(2, 3)), np.eye(3), atol=0.006)  # a JPEG is not exact


def test_trials_behind_averages_of_known_counts():
    rng = np.random.default_rng(0)
    n_trials = rng.integers(1, 30, size=200)
    averages = np.array([rng.poisson(2.0, size=(n, 60)).mean(axis=0) for n in n_trials])
    assert np.array_equal(trials_behind(averages), n_trials)


@pytest.mark.parametrize(
    ("responses", "complaint"),
    [
        ([[0.5, 1.0], [np.pi, 1.0]], "stimulus 1 are not averages of whole spike counts over 50"),
        ([[0.5, np.nan]], "NaN"),
        ([0.5, 1.0], "n_stimuli, n_neurons"),
    ],
)
def test_what_is_no_average_of_counts_is_refused(responses, complaint):
    with pytest.raises(ValueError, match=complaint):
        trials_behind(responses)


@pytest.mark.real_data
@each_session
def test_real_session_is_that_of_the_authors_table(session):
    data = load_cowley_v4(session, strict=True)
    assert data.source == "real"
    assert_is_whole(data, session)


@pytest.mark.real_data
def test_real_trials_fit_the_averages_and_their_reliability():
    data = load_cowley_v4("210325", strict=True)
    assert data.repeats.shape == (10, 640, 50)
    # counted from NaN here, inferred from the averages there
    assert_repeats_fit_the_averages(data)
    assert (data.trials_per_image.min(), data.trials_per_image.max()) == (6, 10)
    half = np.median(
        correlations(np.nanmean(data.repeats[::2], axis=0), np.nanmean(data.repeats[1::2], axis=0))
    )
    # .63 and .77 are recomputed from the same files by other code
    assert half == pytest.approx(0.63, abs=0.005)
    assert 2 * half / (1 + half) == pytest.approx(0.77, abs=0.005)


@pytest.mark.real_data
def test_real_images_go_with_their_responses():
    """Local contrasts tell something about the neurons, those of the neighbouring image nothing."""
    data = load_cowley_v4("201025", strict=True)
    grey = data.images.mean(axis=1).reshape(1200, 7, 16, 7, 16)
    contrast = np.log(grey.std(axis=(2, 4)).reshape(1200, -1) + 0.01)
    design = np.column_stack([np.ones(1200), contrast])

    def held_out(features):
        weights, *_ = np.linalg.lstsq(features[:900], data.responses[:900])
        return np.median(correlations(features[900:] @ weights, data.responses[900:]))

    assert held_out(design) > 0.15
    assert abs(held_out(np.roll(design, 1, axis=0))) < 0.06
