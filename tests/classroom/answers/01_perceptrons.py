"""Typical wrong answers to assignment 01, each with words of the message that it must meet."""

LEARN = """
def count_corrections(inputs, labels, max_epochs=100):
    {inputs}
    w, counts = np.zeros(inputs.shape[1]), np.zeros(len(inputs), dtype=int)
    for _ in range(max_epochs):
        before, start = counts.sum(), w
        {each_pass}
        for i, (x, y) in {order}:
            {test} {wrong}:
                w = w + {step}
                counts[i] += 1
                {then}
            {otherwise}
        if counts.sum() == before:
            break
    return {result}
"""
RULE = {
    "inputs": "pass",
    "each_pass": "pass",
    "order": "enumerate(zip(inputs, labels))",
    "test": "if",
    "wrong": "y * (w @ x) <= 0",
    "step": "y * x",
    "then": "pass",
    "otherwise": "pass",
    "result": "counts",
}


def learn(**changed):
    """Return the learning rule with something changed."""
    return LEARN.format(**{**RULE, **changed})


BOUND = "def mistake_bound(inputs, labels, weights):\n    g = margin(inputs, labels, weights)\n"
LONGEST = "np.linalg.norm(inputs, axis=1).max()"

ESTIMATE = """
def estimate_weights(n_patterns, shares):
    errors = [sum((cover_fraction(p, n{extra}) - s) ** 2 for p, s in zip(n_patterns, shares))
              for n in range(1, 81)]
    return {result}
"""

DETECTOR = """
signs = np.ones(6)
signs[inhibit] = {inhibitory}
hidden_weights = np.column_stack([signs, signs])
hidden_thresholds = np.array([wanted - 0.5, wanted + 0.5])
output_weights = np.array([1.0, {second}])
output_threshold = {threshold}
"""

ANGLE = """
def blame_angle(error, hidden, output_weights, feedback):
    slope = {slope}
    true, other = (error @ output_weights.T) * slope, (error @ feedback) * slope
    u, v = {vectors}
    cosine = np.clip(u @ v / np.linalg.norm(u) / np.linalg.norm(v), -1, 1)
    return {result}
"""


def angle(slope="1 - hidden**2", vectors="true.ravel(), other.ravel()", result=None):
    """Return the angle between two blames with one thing changed."""
    result = result or "np.degrees(np.arccos(cosine))"
    return ANGLE.format(slope=slope, vectors=vectors, result=result)


WRONG = {
    "q1": [
        (
            "def respond(inputs, weights, threshold):\n"
            "    return 1 * (inputs @ weights > threshold)",
            "must say -1, not 0",
        ),
        (
            "def respond(inputs, weights, threshold):\n"
            "    return np.sign(inputs @ weights - threshold)",
            "np.sign does that when the sum equals the threshold",
        ),
        (
            "def respond(inputs, weights, threshold):\n"
            "    return np.where(inputs @ weights >= threshold, 1, -1)",
            "fires when the sum only equals the threshold",
        ),
        (
            "def respond(inputs, weights, threshold):\n"
            "    return np.where(inputs @ weights > 0, 1, -1)",
            "ignores the threshold",
        ),
        (
            "def respond(inputs, weights, threshold):\n"
            "    return np.where(inputs @ weights + threshold > 0, 1, -1)",
            "ignores the threshold",
        ),
        (
            "def respond(inputs, weights, threshold):\n"
            "    return np.where(inputs * weights > threshold, 1, -1)",
            "must have the shape (4,); yours has (4, 2)",
        ),
        (
            "def fold(weights, threshold):\n    return np.append(weights, threshold)",
            "the last weight has the wrong sign",
        ),
        (
            "def fold(weights, threshold):\n    return np.append(-threshold, weights)",
            "must keep the weights in front",
        ),
        (
            "def fold(weights, threshold):\n    return np.append(weights, 1)",
            "you are asked for its weight",
        ),
        (
            "def fold(weights, threshold):\n    return np.append(weights, 1e-9 - threshold)",
            "disagree at a weighted sum of 3",
        ),
        (
            "def fold(weights, threshold):\n    return np.append(weights, -threshold - 1)",
            "disagree at a weighted sum of 4",
        ),
    ],
    "q2": [
        (learn(wrong="y * (w @ x) < 0"), "no item was ever corrected"),
        (learn(wrong="respond(x[None], w, 0)[0] != y"), "with the label -1 was not corrected"),
        (learn(wrong="y != (1 if w @ x >= 0 else -1)"), "with the label +1 was not corrected"),
        (learn(step="x"), "add the label times the input, not the input alone"),
        (learn(step="-y * x"), "do not subtract it"),
        (learn(wrong="np.sign(w @ x) != y", step="(y - np.sign(w @ x)) * x"), "is twice that"),
        (learn(wrong="y * (start @ x) <= 0"), "those of the start of the pass"),
        (learn(each_pass="w = np.zeros(inputs.shape[1])"), "are zero only once"),
        (learn(test="while"), "even if it is still wrong"),
        (learn(then="break"), "go on with the next item, not with the first"),
        (learn(test="if y * (w @ x) > 0: break\n            if"), "goes on to the last item"),
        (learn(inputs="inputs = np.column_stack([inputs, np.ones(len(inputs))])"), "no threshold"),
        (learn(order="reversed(list(enumerate(zip(inputs, labels))))"), "the first to the last"),
        (
            learn(order="sorted(enumerate(zip(inputs, labels)), key=lambda v: -v[0] % 4)"),
            "in their order",
        ),
        (learn().replace("range(max_epochs)", "range(1)"), "repeat the pass"),
        (learn().replace("range(max_epochs)", "range(100)"), "there is only one pass"),
        (learn(result="counts.sum()"), "must have the shape (1,)"),
        (learn(result="w"), "must have the shape (1,)"),
        (
            "def weights_from(counts, inputs, labels):\n    return counts @ inputs",
            "yours only the input",
        ),
        (
            "def weights_from(counts, inputs, labels):\n"
            "    return ((counts > 0) * labels) @ inputs",
            "counts three times",
        ),
        (
            "def weights_from(counts, inputs, labels):\n"
            "    return (counts * labels) @ inputs / counts.sum()",
            "not take a mean over the corrections",
        ),
    ],
    "q3": [
        (
            "def margin(inputs, labels, weights):\n    return np.min(labels * (inputs @ weights))",
            "divide by their length",
        ),
        (
            "def margin(inputs, labels, weights):\n"
            "    return np.min(np.abs(inputs @ weights)) / np.linalg.norm(weights)",
            "no absolute values",
        ),
        (
            "def margin(inputs, labels, weights):\n"
            "    return np.min(inputs @ weights) / np.linalg.norm(weights)",
            "multiply each sum by its label",
        ),
        (
            "def margin(inputs, labels, weights):\n"
            "    sums = inputs @ weights / np.linalg.norm(weights)\n"
            "    return np.abs(sums).min() * (1 if (labels * sums > 0).all() else -1)",
            "the smallest of the distances with their signs",
        ),
        (
            BOUND + f"    return ({LONGEST} / g) ** 2",
            "The square hides the sign of the margin",
        ),
        (
            BOUND + f"    return {LONGEST} / g if g > 0 else np.inf",
            "the bound is the square of R / gamma",
        ),
        (
            BOUND + "    return (np.abs(inputs).max() / g) ** 2 if g > 0 else np.inf",
            "not its largest component",
        ),
        (
            BOUND + "    return (np.linalg.norm(inputs[0]) / g) ** 2 if g > 0 else np.inf",
            "the longest of all inputs, not of the first",
        ),
        (
            BOUND + f"    return ({LONGEST} / max(g, 1e-9)) ** 2 if g >= 0 else np.inf",
            "a margin of 0 does not separate",
        ),
        (
            "def margin_at_most(n_mistakes, radius):\n    return radius / n_mistakes",
            "take its root",
        ),
        (
            "def margin_at_most(n_mistakes, radius):\n    return radius * np.sqrt(n_mistakes)",
            "a smaller margin, not a larger one",
        ),
        ("def margin_at_most(n_mistakes, radius):\n    return 12 / n_mistakes", "you have 1.33"),
    ],
    "q4": [
        (ESTIMATE.format(extra=" + 1", result="1 + int(np.argmin(errors))"), "is one off"),
        (ESTIMATE.format(extra="", result="int(np.argmin(errors))"), "is one off"),
        (
            "def estimate_weights(n_patterns, shares):\n"
            "    return int(n_patterns[np.argmin(np.abs(np.array(shares) - 0.5))])",
            "twice the weights",
        ),
        (
            "def estimate_weights(n_patterns, shares):\n"
            "    return n_patterns[np.argmax(np.array(shares) < 0.6)] / 2",
            "compare whole curves",
        ),
        (
            "def estimate_weights(n_patterns, shares):\n"
            "    return int(n_patterns[np.argmin(np.abs(np.array(shares) - 0.5))]) // 2",
            "compare whole curves",
        ),
        (
            "def estimate_weights(n_patterns, shares):\n"
            "    return round(np.interp(-0.5, -np.array(shares), n_patterns) / 2)",
            "compare whole curves",
        ),
        (
            "def estimate_weights(n_patterns, shares):\n"
            "    return max([p for p, s in zip(n_patterns, shares) if s >= 0.5], default=0) // 2",
            "compare whole curves",
        ),
        (
            "def estimate_weights(n_patterns, shares):\n"
            "    return max([p for p, s in zip(n_patterns, shares) if s == 1], default=0)",
            "compare whole curves",
        ),
        (
            "n_synapses = estimate_weights(n_patterns, learned_share)",
            "one of them is the threshold",
        ),
        ("n_synapses = 2 * estimate_weights(n_patterns, learned_share)", "synapses instead of"),
    ],
    "q5": [
        (
            DETECTOR.format(inhibitory=-1, second=1.0, threshold=0.5),
            "fires above the wanted count",
        ),
        (DETECTOR.format(inhibitory=1, second=-1.0, threshold=0.5), "what is their sign?"),
        (DETECTOR.format(inhibitory=-1, second=-1.0, threshold=1), "never fires"),
        (DETECTOR.format(inhibitory=-1, second=-1.0, threshold=-1), "always fires"),
        (
            DETECTOR.format(inhibitory=-1, second=-1.0, threshold=0.5)
            + "hidden_weights = hidden_weights.T",
            "transpose it",
        ),
        (
            DETECTOR.format(inhibitory=-1, second=-1.0, threshold=0.5)
            + "hidden_weights = np.column_stack([signs] * 3)\n"
            + "hidden_thresholds = np.append(hidden_thresholds, 10)\n"
            + "output_weights = np.append(output_weights, 1)",
            "two are needed, and enough",
        ),
    ],
    "q6": [
        (angle(result="cosine"), "you have the cosine"),
        (angle(result="np.arccos(cosine)"), "turn it into degrees"),
        (angle(slope="1"), "by the slope of tanh"),
        (angle(slope="1 - np.tanh(hidden) ** 2"), "do not take their tanh again"),
        (angle(vectors="output_weights.T.ravel(), feedback.ravel()"), "not the weights"),
        (angle(result="np.degrees(np.arccos(abs(cosine)))"), "take no absolute value"),
        ("downhill = list('ABCDE')", "not all of the five"),
        ("downhill = []", "at least one of the five"),
        (
            "downhill = [n for n, b in candidates.items()"
            " if blame_angle(output_error, hidden_rates, readout, b) > 90]",
            "not the ones that lower the loss",
        ),
    ],
}
