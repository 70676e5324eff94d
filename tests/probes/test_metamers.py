"""Metamers of layers whose metamers are known, and a peer that takes the same way."""

import contextlib
import copy
import io

import numpy as np
import plenoptic
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from brainlike.networks import SmallCNN, activations, calibrate_batchnorm
from brainlike.probes._layers import layer_responses
from brainlike.probes.metamers import metamer_null, synthesize_metamers

torch.set_num_threads(1)


def random_images(n, size=8, seed=1):
    """Images with structure at the scale of 4 pixels, in [0.1, 0.9]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(n, 1, size // 4, size // 4, generator=generator)
    fine = torch.rand(n, 1, size, size, generator=generator)
    return 0.1 + 0.5 * nn.functional.interpolate(coarse, scale_factor=4) + 0.3 * fine


def split_off_block_means(images):
    """Means of blocks of 4 by 4 pixels, and what is left without them."""
    n, _, size, _ = images.shape
    blocks = images.reshape(n, size // 4, 4, size // 4, 4)
    means = blocks.mean(dim=(2, 4), keepdim=True)
    return means, (blocks - means).numpy()


@pytest.fixture(scope="module")
def network():
    model = SmallCNN(6, widths=(6, 6, 6, 6, 6), n_hidden=12, seed=2)
    return calibrate_batchnorm(model, random_images(40, 64))


def test_metamers_of_block_means_share_the_means_and_nothing_else():
    images = random_images(5)
    found = synthesize_metamers(nn.Sequential(nn.AvgPool2d(4)), images, "0", progress=False)
    assert found.converged.all() and len(found) == 5
    means, detail = zip(*(split_off_block_means(x) for x in (images, found.images)), strict=True)
    torch.testing.assert_close(*means, atol=2e-3, rtol=0)
    assert abs(np.corrcoef(detail[0].ravel(), detail[1].ravel())[0, 1]) < 0.2


def test_a_layer_that_loses_nothing_has_the_original_as_its_only_metamer():
    images = random_images(3)
    found = synthesize_metamers(nn.Sequential(nn.Flatten()), images, "0", progress=False)
    torch.testing.assert_close(found.images, images, atol=5e-3, rtol=0)
    assert found.images.dtype == torch.float32


def test_pixels_stay_in_range():
    black_and_white = (random_images(4) > 0.5).float()
    found = synthesize_metamers(nn.Sequential(nn.Flatten()), black_and_white, "0", progress=False)
    assert found.images.min() >= 0 and found.images.max() <= 1
    torch.testing.assert_close(found.images, black_and_white, atol=5e-3, rtol=0)


def test_errors_and_correlations_are_those_of_the_responses(network):
    images = random_images(4, 64)
    found = synthesize_metamers(network, images, "conv4", n_steps=30, progress=False)
    responses = [
        activations(network, x, "conv4")["conv4"].reshape(4, -1) for x in (images, found.images)
    ]
    expected = np.linalg.norm(responses[1] - responses[0], axis=1)
    expected /= np.linalg.norm(responses[0], axis=1)
    np.testing.assert_allclose(found.error, expected, rtol=1e-4)
    assert found.errors.shape == (31, 4)
    assert (found.error < found.errors[0] / 2).all()
    for one, original, metamer in zip(found.spearman, *responses, strict=True):
        assert one == pytest.approx(spearmanr(original, metamer).statistic)


def test_a_peer_that_takes_the_same_steps_arrives_at_the_same_images(network):
    """plenoptic with our start, loss, schedule and limits."""
    images = random_images(3, 64)
    ours = synthesize_metamers(
        network, images, "conv2", n_steps=12, learning_rate=0.005, seed=4, progress=False
    )
    start = 0.45 + 0.05 * torch.randn(images.shape, generator=torch.Generator().manual_seed(4))
    model = copy.deepcopy(network.upto("conv2")).requires_grad_(False).eval()
    theirs = plenoptic.Metamer(
        images,
        model,
        loss_function=lambda y, target: (
            (y - target).square().flatten(1).sum(1) / target.square().flatten(1).sum(1)
        ).sum(),
        penalty_lambda=0,
    )
    schedule = {"max_lr": 0.005, "total_steps": 12, "pct_start": 1 / 6, "div_factor": 4}
    theirs.setup(
        start,
        torch.optim.Adam,
        {"lr": 0.005},
        torch.optim.lr_scheduler.OneCycleLR,
        {**schedule, "final_div_factor": 30},
    )
    with contextlib.redirect_stderr(io.StringIO()):
        theirs.synthesize(12, stop_criterion=0)
    assert 0 < start.min() and start.max() < 1  # so far from the limits, nothing is clamped
    torch.testing.assert_close(ours.images, theirs.metamer.detach(), atol=1e-4, rtol=0)
    assert (ours.images - start).abs().max() > 0.02


def test_one_images_metamer_does_not_depend_on_the_others(network):
    images = random_images(5, 64)
    settings = {"n_steps": 10, "progress": False}
    together = synthesize_metamers(network, images, "conv3", **settings)
    in_twos = synthesize_metamers(network, images, "conv3", batch_size=2, **settings)
    torch.testing.assert_close(together.images, in_twos.images, atol=1e-3, rtol=0)
    np.testing.assert_allclose(together.errors, in_twos.errors, rtol=1e-2)


@pytest.mark.parametrize("n_steps", [3, 19, 20, 21, 40])
def test_any_number_of_steps_brings_the_responses_closer(n_steps):
    model = nn.Sequential(nn.AvgPool2d(4))
    found = synthesize_metamers(
        model, random_images(3), "0", n_steps=n_steps, tolerance=1, progress=False
    )
    assert len(found.errors) == n_steps + 1
    assert (found.error < found.errors[0]).all()


def test_the_seed_decides(network):
    images = random_images(2, 64).numpy()
    first, second, other = (
        synthesize_metamers(network, images, "fc", n_steps=5, seed=s, progress=False).images
        for s in (0, 0, 1)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_the_network_is_left_as_it_was(network):
    state = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()
    network.conv1.requires_grad_(False)
    try:
        with torch.no_grad():  # whatever the caller does about gradients
            synthesize_metamers(network, random_images(2, 64), "conv5", n_steps=3, progress=False)
        assert network.training
        assert not network.conv1.convolution.weight.requires_grad
        assert network.conv2.convolution.weight.requires_grad
        assert network.conv2.convolution.weight.grad is None
        assert not network.conv5._forward_hooks
        for name, value in network.state_dict().items():
            assert torch.equal(value, state[name])
    finally:
        network.eval().requires_grad_(True)


class OneBlindPixel(nn.Module):
    """Its first unit is silent for pixels below 0.9, and has no gradient there."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Identity()

    def forward(self, images):
        first, *others = images.flatten(1).unbind(1)
        return self.layer(torch.stack([nn.functional.relu(first - 0.9), *others], dim=1))


def test_what_does_not_converge_is_reported_kept_and_marked(capsys):
    images = torch.zeros(3, 1, 2, 2)
    images[0] = 0.6
    images[1, 0, 0, 0] = 1  # only the blind pixel is bright: there is no way to it
    images[2, 0, 1, 1] = 0.8
    found = synthesize_metamers(OneBlindPixel(), images, "layer", progress=False)
    assert found.converged.tolist() == [True, False, True]
    assert found.error[1] == pytest.approx(1, abs=0.01)
    assert found.images.shape == images.shape
    assert "2 of 3 metamers converged" in found.report
    assert "1 (error 1.00)" in found.report
    assert capsys.readouterr().out == found.report + "\n"
    strict = synthesize_metamers(
        OneBlindPixel(), images[:1], "layer", n_steps=3, tolerance=1e-6, progress=False
    )
    assert not strict.converged.any()


class Minus(nn.Module):
    def forward(self, images):
        return images - torch.tensor([0.9, 0, 0, 0])


@pytest.mark.parametrize("in_place", [False, True])
def test_the_gradient_can_pass_the_last_rectification(in_place):
    relu = nn.ReLU(in_place)
    model = nn.Sequential(nn.Flatten(), nn.Sequential(Minus(), relu))
    images = torch.tensor([1.0, 0.2, 0.4, 0.6]).reshape(1, 1, 2, 2)
    settings = {"progress": False, "tolerance": 0.05}
    stuck = synthesize_metamers(model, images, "1", **settings)
    woken = synthesize_metamers(model, images, "1", past_rectification=True, **settings)
    assert not stuck.converged.any() and woken.converged.all()
    torch.testing.assert_close(woken.images, images, atol=0.02, rtol=0)
    assert not relu._forward_hooks and relu.inplace == in_place


def test_a_layer_without_rectification_has_nothing_to_pass(network):
    images = random_images(2, 64)
    plain, passed = (
        synthesize_metamers(
            network, images, "logits", n_steps=5, past_rectification=asked, progress=False
        ).images
        for asked in (False, True)
    )
    assert torch.equal(plain, passed)


def test_all_converged_says_nothing(capsys):
    synthesize_metamers(nn.Sequential(nn.Flatten()), random_images(2), "0", progress=False)
    assert capsys.readouterr().out == ""


def test_nothing_behind_the_layer_is_computed(network):
    calls = []
    hook = network.conv3.register_forward_hook(lambda *_: calls.append(1))
    try:
        layer_responses(network, "conv2", random_images(1, 64))
    finally:
        hook.remove()
    assert not calls


@pytest.mark.parametrize(
    ("images", "layer", "settings", "message"),
    [
        (random_images(2, 64), "conv9", {}, r"unknown layer 'conv9'.*conv1, conv2"),
        (random_images(2, 64) + 0.5, "conv1", {}, r"must lie in \[0, 1\].*Divide 8-bit"),
        (random_images(2, 64) - 0.5, "conv1", {}, r"must lie in \[0, 1\]"),
        (random_images(2, 48), "conv1", {}, r"cannot take images of shape \(1, 48, 48\).*resize"),
        (random_images(2, 64).expand(-1, 3, -1, -1), "conv1", {}, r"shape \(3, 64, 64\)"),
        (random_images(2, 64)[0], "conv1", {}, "images must be .n_images, channels"),
        (random_images(2, 64) * np.nan, "conv1", {}, "NaN"),
        (random_images(2, 64), "conv1", {"n_steps": 2}, "n_steps must be at least 3"),
        (random_images(2, 64), "conv1", {"batch_size": 0}, "batch_size"),
        (random_images(2, 64), "conv1", {"learning_rate": 0}, "learning_rate"),
    ],
)
def test_bad_input_is_named(network, images, layer, settings, message):
    with pytest.raises(ValueError, match=message):
        synthesize_metamers(network, images, layer, progress=False, **settings)


def test_layers_that_are_unused_or_silent_are_named():
    model = nn.Sequential(nn.Flatten(), nn.Threshold(0.95, 0))
    with pytest.raises(ValueError, match="does not respond to 2 of the images"):
        synthesize_metamers(model, random_images(2), "1", progress=False)
    model = nn.Identity()
    model.spare = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="does not use its layer 'spare'"):
        synthesize_metamers(model, random_images(2), "spare", progress=False)


def test_the_null_is_that_of_random_pairs():
    """Units with a share of variance common to all stimuli correlate by that share."""
    rng = np.random.default_rng(0)
    common, own = rng.standard_normal(2000), rng.standard_normal((60, 2000))
    null = metamer_null(np.sqrt(0.5) * common + np.sqrt(0.5) * own, n_pairs=300, seed=1)
    assert null.shape == (300,)
    spearman = 6 / np.pi * np.arcsin(0.5 / 2)  # of a bivariate normal with r = 0.5
    assert null.mean() == pytest.approx(spearman, abs=0.01)
    assert null.max() < 0.6


def test_the_null_pairs_different_stimuli_and_ranks_as_scipy_does():
    responses = np.maximum(np.random.default_rng(0).standard_normal((2, 5, 4, 4)), 0)
    expected = spearmanr(*responses.reshape(2, -1)).statistic
    np.testing.assert_allclose(metamer_null(responses, n_pairs=20), expected)


def test_the_null_of_all_pairs_has_each_once():
    responses = np.maximum(np.random.default_rng(0).standard_normal((6, 5, 4, 4)), 0)
    expected = spearmanr(responses.reshape(6, -1), axis=1).statistic[np.triu_indices(6, 1)]
    np.testing.assert_allclose(metamer_null(responses, n_pairs=None), expected, atol=1e-5)


@pytest.mark.parametrize("n_units", [80, 12_345])  # single precision cannot add up the latter's
def test_the_null_refuses_a_stimulus_to_which_all_units_respond_alike(n_units):
    responses = np.random.default_rng(0).random((5, n_units))
    responses[2] = 1
    with pytest.raises(ValueError, match="all units respond alike"):
        metamer_null(responses, n_pairs=None)


def test_the_null_is_seeded():
    responses = np.random.default_rng(0).standard_normal((30, 50))
    assert np.array_equal(metamer_null(responses, 9, 5), metamer_null(responses, 9, 5))
    assert not np.array_equal(metamer_null(responses, 9, 5), metamer_null(responses, 9, 6))


@pytest.mark.parametrize(
    ("responses", "n_pairs", "message"),
    [
        (np.ones((1, 5)), 3, "at least two stimuli"),
        (np.ones(5), 3, "n_stimuli"),
        (np.ones((4, 5)), 3, "all units respond alike"),
        (np.full((4, 5), np.nan), 3, "NaN"),
        (np.eye(4), 0, "n_pairs"),
    ],
)
def test_a_null_that_cannot_be_had_is_refused(responses, n_pairs, message):
    with pytest.raises(ValueError, match=message):
        metamer_null(responses, n_pairs)
