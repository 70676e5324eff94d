"""Networks in plain numpy: Rosenblatt's perceptron, and a multilayer perceptron with two teachers.

The perceptron rule is Rosenblatt's (1958); the multilayer net learns by backpropagation
(Rumelhart, Hinton and Williams 1986) or by feedback alignment (Lillicrap et al. 2016).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import nnls

from brainlike._validate import check_array


@dataclass
class Perceptron:
    """A threshold unit, ``sign(X @ weights)``, trained by correcting one mistake at a time.

    There is no bias: append a column of ones to the inputs if you want one.

    Parameters
    ----------
    max_epochs : int
        Give up after this many passes through the data.

    Attributes
    ----------
    weights_ : array, (n_inputs,)
    n_mistakes_ : int
        Corrections made, the quantity that Novikoff's theorem bounds.
    converged_ : bool
        Whether the last pass was free of mistakes.

    References
    ----------
    Rosenblatt (1958) Psychological Review 65:386. Novikoff (1962).

    Examples
    --------
    >>> unit = Perceptron().fit([[1.0, 1.0], [-1.0, 1.0]], [1, -1])
    >>> unit.predict([[2.0, 1.0]])
    array([1.])
    """

    max_epochs: int = 1000
    weights_: np.ndarray = field(init=False, repr=False)
    n_mistakes_: int = field(init=False, repr=False)
    converged_: bool = field(init=False, repr=False)

    def fit(self, inputs: np.ndarray, labels: np.ndarray) -> "Perceptron":
        """Learn from inputs ``(n_items, n_inputs)`` with labels of -1 and +1, starting at zero.

        Raises
        ------
        ValueError
            If a shape does not fit or a label is neither -1 nor +1.
        """
        inputs, labels = _check_signed(inputs, labels)
        signed = list(labels[:, None] * inputs)  # y (w . x) is w . (y x)
        weights, n_mistakes, self.converged_ = np.zeros(inputs.shape[1]), 0, False
        for _ in range(self.max_epochs):
            mistakes_before = n_mistakes
            for x in signed:
                if weights.dot(x) <= 0:
                    weights += x
                    n_mistakes += 1
            if n_mistakes == mistakes_before:
                self.converged_ = True
                break
        self.weights_, self.n_mistakes_ = weights, n_mistakes
        return self

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return -1 or +1 for each row of ``(n_items, n_inputs)``; +1 on the boundary."""
        shape = ("n_items", len(self.weights_))
        return np.where(check_array("inputs", inputs, shape=shape) @ self.weights_ >= 0, 1.0, -1.0)


def _check_signed(inputs: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inputs = check_array("inputs", inputs, shape=("n_items", "n_inputs"))
    labels = check_array("labels", labels, shape=(len(inputs),))
    if not np.isin(labels, (-1, 1)).all():
        raise ValueError(f"labels must be -1 or +1; got {np.unique(labels)[:5]}")
    return inputs, labels


def is_separable(inputs: np.ndarray, labels: np.ndarray) -> bool:
    """Decide whether any plane through the origin splits the items as their labels do.

    Either some w has ``labels * (inputs @ w) > 0`` everywhere, or some mix of the rows
    ``labels * inputs``, with weights of at least 0 that are not all 0, is the zero vector:
    never both, always one. Non-negative least squares finds the mix that comes nearest to zero.
    It is as sure as a linear programme and several times faster.

    Parameters
    ----------
    inputs : array, (n_items, n_inputs)
    labels : array, (n_items,)
        -1 or +1.

    Returns
    -------
    bool
        True if they are separable with a margin above 1e-9 of the inputs' lengths.

    Raises
    ------
    ValueError
        If a shape does not fit or a label is neither -1 nor +1.

    References
    ----------
    Gordan (1873) Mathematische Annalen 6:23. Lawson and Hanson (1974) Solving Least Squares
    Problems.

    Examples
    --------
    >>> corners = [[-1, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]]
    >>> is_separable(corners, [-1, 1, 1, 1]), is_separable(corners, [-1, 1, 1, -1])
    (True, False)
    """
    inputs, labels = _check_signed(inputs, labels)
    lengths = np.linalg.norm(inputs, axis=1)
    if (lengths == 0).any():
        return False
    signed = (labels / lengths)[:, None] * inputs
    # The last row asks that the weights sum to 1. With d the distance from the origin to the
    # nearest mix, which is the best margin, the residual is d / sqrt(1 + d^2).
    system = np.vstack([signed.T, np.ones(len(signed))])
    goal = np.append(np.zeros(signed.shape[1]), 1.0)
    return bool(nnls(system, goal, maxiter=30 * len(signed))[1] > 1e-9)


@dataclass
class MLP:
    """A multilayer perceptron: ReLU hidden layers, softmax output, stochastic gradient descent.

    Parameters
    ----------
    hidden : tuple of int
        Units in each hidden layer; ``()`` is softmax regression.
    feedback : {"backprop", "alignment"}
        How the error reaches the hidden layers: through the transposed forward weights, or
        through random weights fixed at the start.
    train_hidden : bool
        False leaves the hidden layers as they were born: a random-feature model.
    epochs, batch_size, learning_rate, momentum : numbers
        The optimiser's settings.
    seed : int

    Attributes
    ----------
    weights_, biases_ : lists of array
        ``weights_[i]`` is ``(n_in, n_out)`` of layer i.
    feedback_ : list of array
        ``feedback_[i]``, the fixed ``(n_out, n_in)`` matrix that carries the error back
        through layer i in feedback alignment.
    loss_curve_, validation_curve_ : lists of float
        Cross-entropy of each epoch, and accuracy on the validation items if there were any.
    angle_curve_ : list of float
        Mean angle in degrees, over an epoch's batches, between the hidden layers' update and
        the true gradient.

    References
    ----------
    Rumelhart, Hinton and Williams (1986) Nature 323:533. Lillicrap, Cownden, Tweed and
    Akerman (2016) Nature Communications 7:13276.
    """

    hidden: tuple[int, ...] = (64,)
    feedback: str = "backprop"
    train_hidden: bool = True
    epochs: int = 40
    batch_size: int = 32
    learning_rate: float = 0.05
    momentum: float = 0.9
    seed: int = 0

    def __post_init__(self):
        if self.feedback not in ("backprop", "alignment"):
            raise ValueError(f"feedback must be 'backprop' or 'alignment'; got {self.feedback!r}")

    def initialize(self, n_inputs: int, n_classes: int) -> "MLP":
        """Draw the weights (He et al. 2015) and the fixed feedback; `fit` calls this itself."""
        rng = np.random.default_rng(self.seed)
        sizes = (n_inputs, *self.hidden, n_classes)
        shapes = list(zip(sizes[:-1], sizes[1:], strict=True))
        self.weights_ = [rng.normal(0, np.sqrt(2 / n), (n, m)) for n, m in shapes]
        self.biases_ = [np.zeros(m) for _, m in shapes]
        self.feedback_ = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for n, m in shapes]
        return self

    def forward(self, inputs: np.ndarray) -> list[np.ndarray]:
        """Return the responses of all layers, inputs first and class probabilities last."""
        layers = [np.asarray(inputs, float)]
        for weights, bias in zip(self.weights_[:-1], self.biases_[:-1], strict=True):
            layers.append(np.maximum(layers[-1] @ weights + bias, 0))
        logits = layers[-1] @ self.weights_[-1] + self.biases_[-1]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        layers.append(odds / odds.sum(axis=1, keepdims=True))
        return layers

    def updates(
        self, layers: list[np.ndarray], targets: np.ndarray, feedback: str | None = None
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return what the rule takes for the gradient of the mean cross-entropy.

        Parameters
        ----------
        layers : list of array
            What `forward` returned.
        targets : array, (n_items, n_classes)
            One-hot labels.
        feedback : {"backprop", "alignment"}, optional
            The model's own by default. Under "backprop" the result is the true gradient.

        Returns
        -------
        weight_updates, bias_updates : lists of array
            In the shapes of ``weights_`` and ``biases_``.
        """
        aligned = (feedback or self.feedback) == "alignment"
        error = (layers[-1] - targets) / len(targets)
        weight_updates, bias_updates = [], []
        for i in reversed(range(len(self.weights_))):
            weight_updates.insert(0, layers[i].T @ error)
            bias_updates.insert(0, error.sum(axis=0))
            if i > 0:  # the inputs take no blame
                back = self.feedback_[i] if aligned else self.weights_[i].T
                error = (error @ back) * (layers[i] > 0)
        return weight_updates, bias_updates

    def fit(
        self,
        inputs: np.ndarray,
        labels: np.ndarray,
        validation: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> "MLP":
        """Learn from inputs ``(n_items, n_inputs)`` and integer labels ``(n_items,)``."""
        inputs = check_array("inputs", inputs, shape=("n_items", "n_inputs"))
        labels = check_array("labels", labels, shape=(len(inputs),), dtype=int)
        targets = np.eye(labels.max() + 1)[labels]
        self.initialize(inputs.shape[1], targets.shape[1])
        parameters = [*self.weights_, *self.biases_]
        frozen = () if self.train_hidden else (*self.weights_[:-1], *self.biases_[:-1])
        learns = [not any(p is f for f in frozen) for p in parameters]
        velocities = [np.zeros_like(p) for p in parameters]
        rng = np.random.default_rng(self.seed + 1)
        self.loss_curve_, self.validation_curve_, self.angle_curve_ = [], [], []
        for _ in range(self.epochs):
            loss, angles = 0.0, []
            for batch in np.array_split(
                rng.permutation(len(inputs)), max(1, len(inputs) // self.batch_size)
            ):
                layers = self.forward(inputs[batch])
                weight_updates, bias_updates = self.updates(layers, targets[batch])
                angles.append(self._hidden_angle(layers, targets[batch], weight_updates))
                loss -= np.log(layers[-1][np.arange(len(batch)), labels[batch]] + 1e-12).sum()
                changes = zip(
                    parameters, velocities, [*weight_updates, *bias_updates], learns, strict=True
                )
                for parameter, velocity, update, learn in changes:
                    if learn:
                        velocity *= self.momentum
                        velocity -= self.learning_rate * update
                        parameter += velocity
            self.loss_curve_.append(loss / len(inputs))
            self.angle_curve_.append(float(np.mean(angles)))
            if validation is not None:
                self.validation_curve_.append(self.score(*validation))
        return self

    def _hidden_angle(self, layers, targets, weight_updates) -> float:
        if self.feedback == "backprop" or not self.hidden:
            return 0.0
        true_updates, _ = self.updates(layers, targets, feedback="backprop")
        return angle_between(weight_updates[:-1], true_updates[:-1])

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the most probable class of each row."""
        shape = ("n_items", len(self.weights_[0]))
        return self.forward(check_array("inputs", inputs, shape=shape))[-1].argmax(axis=1)

    def score(self, inputs: np.ndarray, labels: np.ndarray) -> float:
        """Return the fraction of rows that get their label."""
        return float(np.mean(self.predict(inputs) == np.asarray(labels)))


def angle_between(first: list[np.ndarray], second: list[np.ndarray]) -> float:
    """Return the angle in degrees between two lists of arrays, each read as one long vector.

    Raises
    ------
    ValueError
        If one of them is all zero: it has no direction.
    """
    a = np.concatenate([np.ravel(part) for part in first])
    b = np.concatenate([np.ravel(part) for part in second])
    length = np.linalg.norm(a) * np.linalg.norm(b)
    if length == 0:
        raise ValueError("the angle with a vector of zeros is not defined")
    return float(np.degrees(np.arccos(np.clip(a @ b / length, -1, 1))))
