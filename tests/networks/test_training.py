import numpy as np
import pytest
import torch
from torch import nn

from brainlike.networks.models import SmallCNN
from brainlike.networks.training import train

torch.set_num_threads(1)


def quadrants(n, seed):
    """Images with one bright quadrant, which is the label: learnable in a moment."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % 4
    images = 0.3 * torch.rand(n, 1, 64, 64, generator=generator)
    for image, label in zip(images, labels, strict=True):
        row, column = 32 * (label // 2), 32 * (label % 2)
        image[0, row : row + 32, column : column + 32] += 0.6
    return images, labels.numpy()


def run(seed, model_seed=0, **settings):
    images, labels = quadrants(128, 0)
    model = SmallCNN(4, seed=model_seed, widths=(8, 8, 8, 8, 8), n_hidden=16)
    defaults = {"epochs": 4, "batch_size": 16, "progress": False, "test": quadrants(64, 1)}
    settings = {**defaults, **settings}
    return model, train(model, lambda i, g: images[i], labels, seed=seed, **settings)


def test_it_learns_and_keeps_its_history():
    model, history = run(0, epochs=6)
    assert history.test_accuracy[-1] > 0.95 > history.test_accuracy[0]
    assert history.loss[-1] < history.loss[0]
    assert len(history.loss) == len(history.train_accuracy) == len(history.test_accuracy) == 6
    assert not model.training


def test_it_learns_the_labels_that_it_is_given():
    images, labels = quadrants(128, 0)
    model = SmallCNN(4, widths=(8, 8, 8, 8, 8), n_hidden=16)
    turned = (labels + 1) % 4
    history = train(
        model, lambda i, g: images[i], turned, epochs=6, batch_size=16, seed=0,
        progress=False, test=quadrants(64, 1),
    )  # fmt: skip
    assert history.test_accuracy[-1] < 0.1


def test_the_same_seed_gives_the_same_weights_bit_for_bit():
    torch.manual_seed(1)
    first, _ = run(seed=5)
    torch.manual_seed(2)  # the global state does not matter
    second, _ = run(seed=5)
    other, _ = run(seed=6)
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(first.logits.weight, other.logits.weight)


def test_mixed_precision_changes_digits_not_results():
    plain, _ = run(0, bf16=False, epochs=1)
    mixed, _ = run(0, bf16=True, epochs=1)
    difference = (plain.logits.weight - mixed.logits.weight).norm() / plain.logits.weight.norm()
    assert 0 < difference < 0.2


def test_a_perturbation_that_changes_nothing_changes_nothing():
    plain, history = run(0, epochs=2)
    perturbed, other = run(0, epochs=2, perturb=lambda model, images, labels: images.clone())
    pairs = zip(plain.state_dict().values(), perturbed.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert history.loss == other.loss


def test_the_network_learns_from_what_the_perturbation_shows():
    """Each image is turned by half a turn, so that quadrant 3 teaches class 0."""
    images, labels = quadrants(64, 1)
    seen = []

    def turn(model, batch, their_labels):
        assert model.training
        brightest = nn.functional.avg_pool2d(batch, 32).flatten(1).argmax(1)
        assert torch.equal(brightest, their_labels)
        seen.append(len(batch))
        return batch.flip(2, 3)

    model, _ = run(0, epochs=6, perturb=turn)
    assert sum(seen) == 6 * 128
    with torch.no_grad():
        assert (model(images).argmax(1).numpy() == 3 - labels).mean() > 0.95


@pytest.mark.parametrize(
    "labels, settings, message",
    [
        (np.zeros((128, 1)), {}, "labels must be"),
        (np.full(128, 4), {}, "up to 4, but the network has 4 outputs"),
        (np.full(128, -1), {}, "0 or larger"),
        (np.zeros(10), {}, "at least one batch of 64"),
        (np.zeros(128), {"epochs": 0}, "epochs must be at least 1"),
    ],
)
def test_bad_input_is_named(labels, settings, message):
    images, _ = quadrants(128, 0)
    settings = {"epochs": 1, "seed": 0, "progress": False, **settings}
    with pytest.raises(ValueError, match=message):
        train(SmallCNN(4), lambda i, g: images[i], labels, **settings)


def test_any_classifier_can_be_trained():
    images, labels = quadrants(128, 0)
    model = nn.Sequential(nn.AvgPool2d(32), nn.Flatten(), nn.Linear(4, 4))
    history = train(
        model, lambda i, g: images[i], labels, epochs=20, seed=0, learning_rate=0.1,
        progress=False,
    )  # fmt: skip
    assert history.train_accuracy[-1] > 0.9
