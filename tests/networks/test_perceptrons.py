import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression

from brainlike.networks.perceptrons import MLP, Perceptron, angle_between, is_separable


def separable(n_items, n_inputs, margin, seed):
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=n_inputs)
    direction /= np.linalg.norm(direction)
    inputs = rng.uniform(-1, 1, (20 * n_items, n_inputs))
    inputs = inputs[np.abs(inputs @ direction) >= margin][:n_items]
    return inputs, np.sign(inputs @ direction), direction


@pytest.mark.parametrize("seed", range(10))
def test_mistakes_stay_within_novikoffs_bound(seed):
    inputs, labels, direction = separable(60, 5, 0.1, seed)
    unit = Perceptron().fit(inputs, labels)
    margin = (labels * (inputs @ direction)).min()
    assert unit.converged_
    assert 0 < unit.n_mistakes_ <= (np.linalg.norm(inputs, axis=1).max() / margin) ** 2
    assert (unit.predict(inputs) == labels).all()


def test_xor_is_never_learned():
    corners = np.array([[-1, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1.0]])
    unit = Perceptron(max_epochs=50).fit(corners, [-1, 1, 1, -1])
    assert not unit.converged_
    assert unit.n_mistakes_ >= 50


def separable_by_linear_programme(inputs, labels):
    signed, goal = -labels[:, None] * inputs, np.zeros(inputs.shape[1])
    return linprog(goal, signed, -np.ones(len(inputs)), bounds=(None, None)).status == 0


PROBLEMS = {
    "gaussian": lambda x, rng: x,
    "rows of all lengths": lambda x, rng: x * 10 ** rng.uniform(-3, 3, (len(x), 1)),
    "corners of a cube": lambda x, rng: np.sign(x),
    "zeros among them": lambda x, rng: rng.integers(-1, 2, x.shape).astype(float),
    "half the rank": lambda x, rng: x[:, ::2] @ rng.normal(size=x[:, ::2].T.shape)[:, :4],
    "repeated": lambda x, rng: x[rng.integers(0, len(x), len(x))],
    "far from the origin": lambda x, rng: x + 5,
}


@pytest.mark.parametrize("change", PROBLEMS.values(), ids=PROBLEMS)
def test_separability_is_what_a_linear_programme_finds(change):
    rng = np.random.default_rng(0)
    found = []
    for n_items in (1, 4, 8, 10, 12, 16, 24):
        for _ in range(8):
            inputs = change(rng.normal(size=(n_items, 6)), rng)
            labels = rng.choice([-1, 1], n_items)
            found.append(is_separable(inputs, labels))
            assert found[-1] == separable_by_linear_programme(inputs, labels)
    assert 0 < np.mean(found) < 1


@pytest.mark.parametrize("margin, expected", [(1e-6, True), (0.0, False), (-1e-6, True)])
def test_the_narrowest_margin_separates_and_none_does_not(margin, expected):
    rng = np.random.default_rng(1)
    points, labels = rng.normal(size=(50, 4)), rng.choice([-1, 1], 50)
    points -= points.mean(axis=0)  # their even mix is zero, so the last column decides
    signed = np.column_stack([points, np.full(50, margin)])
    assert is_separable(labels[:, None] * signed, labels) == expected


@pytest.mark.parametrize("hidden", [(), (5,), (6, 4)])
def test_gradients_equal_those_of_autograd(hidden):
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(11, 7)), rng.integers(0, 3, 11)
    net = MLP(hidden=hidden, seed=1).initialize(7, 3)
    weights, biases = net.updates(net.forward(x), np.eye(3)[labels])
    parameters = [torch.tensor(p, requires_grad=True) for p in (*net.weights_, *net.biases_)]
    half = len(parameters) // 2
    response = torch.tensor(x)
    for i in range(half):
        response = response @ parameters[i] + parameters[half + i]
        response = torch.relu(response) if i < half - 1 else response
    torch.nn.functional.cross_entropy(response, torch.tensor(labels)).backward()
    for ours, theirs in zip((*weights, *biases), parameters, strict=True):
        assert np.allclose(ours, theirs.grad.numpy(), atol=1e-12)


def test_without_hidden_layers_it_is_logistic_regression():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 4))
    labels = (x @ [1, -1, 0.5, 0] + 0.8 * rng.normal(size=300) > 0).astype(int)
    peer = LogisticRegression(C=np.inf).fit(x, labels)
    net = MLP(hidden=(), epochs=300, batch_size=300, learning_rate=1.0).fit(x, labels)
    ours = net.weights_[0][:, 1] - net.weights_[0][:, 0]
    assert np.allclose(ours, peer.coef_[0], rtol=0.02, atol=0.02)


def test_random_features_keep_their_hidden_weights_and_backprop_does_not():
    rng = np.random.default_rng(2)
    x, labels = rng.normal(size=(64, 6)), rng.integers(0, 2, 64)
    born = MLP(hidden=(8,), seed=3).initialize(6, 2).weights_[0]
    frozen = MLP(hidden=(8,), seed=3, epochs=2, train_hidden=False).fit(x, labels)
    trained = MLP(hidden=(8,), seed=3, epochs=2).fit(x, labels)
    assert np.array_equal(frozen.weights_[0], born)
    assert not np.array_equal(trained.weights_[0], born)


def test_feedback_alignment_is_backprop_if_the_feedback_is_the_transpose():
    rng = np.random.default_rng(3)
    x, targets = rng.normal(size=(20, 6)), np.eye(3)[rng.integers(0, 3, 20)]
    net = MLP(hidden=(8,), feedback="alignment").initialize(6, 3)
    layers = net.forward(x)
    true = net.updates(layers, targets, feedback="backprop")[0]
    assert angle_between(net.updates(layers, targets)[0][:-1], true[:-1]) > 30
    net.feedback_ = [w.T for w in net.weights_]
    assert angle_between(net.updates(layers, targets)[0], true) == pytest.approx(0, abs=1e-5)


def test_the_same_seed_gives_the_same_network():
    rng = np.random.default_rng(4)
    x, labels = rng.normal(size=(50, 6)), rng.integers(0, 3, 50)
    first, second = (MLP(seed=5, epochs=3).fit(x, labels, (x, labels)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first.weights_, second.weights_, strict=True))
    assert len(first.loss_curve_) == len(first.validation_curve_) == 3


def test_angles_are_those_of_geometry():
    assert angle_between([np.array([1.0, 0])], [np.array([1.0, 1])]) == pytest.approx(45)
    assert angle_between([np.ones(2), np.ones(1)], [-np.ones(2), -np.ones(1)]) == pytest.approx(180)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: Perceptron().fit(np.zeros(3), [1, 1, 1]), r"inputs must be \(n_items, n_inputs\)"),
        (lambda: Perceptron().fit(np.zeros((2, 2)), [1, 0]), "-1 or"),
        (lambda: Perceptron().fit(np.zeros((2, 2)), [1]), "labels must be"),
        (lambda: Perceptron().fit([[np.nan, 1]], [1]), "NaN"),
        (lambda: is_separable(np.ones((2, 2)), [1, 0]), "-1 or"),
        (lambda: is_separable(np.ones((2, 2)), [1]), "labels must be"),
        (lambda: MLP(feedback="magic"), "'backprop' or 'alignment'"),
        (lambda: MLP().initialize(3, 2).predict(np.zeros((1, 4))), "inputs must be"),
        (lambda: angle_between([np.zeros(2)], [np.ones(2)]), "zeros"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
