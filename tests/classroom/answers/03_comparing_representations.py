"""Typical wrong answers to assignment 03, each with words of the message that it must meet."""

DISTANCES = """
def distances(responses):
    gaps = responses[:, None] - responses[None]
    return {}
"""
FLOOR = """
def noise_floor(repeats):
    gaps = repeats[:, :, None] - repeats[:, None]
    return {}
"""
ALL_PAIRS = """
def crossvalidated(repeats):
    n, total = len(repeats), 0
    for one in range(n):
        for other in {}:
            gaps = [repeats[k][:, None] - repeats[k][None] for k in (one, other)]
            total = total + (gaps[0] * gaps[1]).mean(axis=-1)
    return {}
"""
CHANGED = """
def what_changed(x, y):
    def equal(a, b):
        return {equal}

    gains = (x * y).sum(axis=0) / (x * x).sum(axis=0)
    left, _, right = np.linalg.svd(x.T @ y)
    matrix = np.linalg.lstsq(x, y, rcond=None)[0]
    with_constant = np.column_stack([x, np.ones(len(x))])
    affine = with_constant @ np.linalg.lstsq(with_constant, y, rcond=None)[0]
    centred = [v - v.mean(axis=0) for v in (x, y)]
    steps = {{
        "order": {order},
        "shift": {shift},
        "gains": {gains},
        "rotation": {rotation},
        "linear map": {linear},
    }}
    for step in {ask}:
        if steps[step]:
            return step
    return "something else"
"""
RIGHT = {
    "equal": "np.abs(a - b).max() < 1e-6 * np.abs(y).max()",
    "order": "equal(x[:, np.argsort(x[0])], y[:, np.argsort(y[0])])",
    "shift": "equal(*centred)",
    "gains": "equal(x * gains, y) and gains.min() > 0",
    "rotation": "equal(x @ left @ right, y)",
    "linear": "equal(x @ matrix, y) and np.linalg.cond(matrix) < 1e9",
    "ask": "steps",
}


def changed(**wrong):
    """Code of what_changed with some of its lines wrong."""
    return CHANGED.format(**RIGHT | wrong)


SHUFFLED = """
def shuffled_correlations(rdm, other, orders):
    pairs = np.triu_indices(len(rdm), {})
    return np.array([np.corrcoef(rdm[pairs], {}[pairs])[0, 1] for order in orders])
"""
P_VALUE = "def p_value(observed, null):\n    return {}"
TABLE = """
p_values = np.zeros((2, 2, 60))
for row, studies in enumerate((nothing, geometry)):
    for place, labs in enumerate(studies):
        plain = [distances(lab.mean(axis=0)) for lab in labs]
        unbiased = [crossvalidated(lab) for lab in labs]
        for column, (one, other) in enumerate({}):
            likeness = shuffled_correlations(one, other, [np.arange(n_pictures)])[0]
            p = p_value(likeness, shuffled_correlations(one, other, orders))
            p_values[row, column, {}] = {}
{}
"""

WRONG = {
    "q1": [
        (DISTANCES.format("np.sqrt((gaps**2).mean(axis=-1))"), "without the root"),
        (DISTANCES.format("(gaps**2).sum(axis=-1)"), "divide by the number of units"),
        (
            "def distances(responses):\n    return ((responses.T[:, None] - responses.T) ** 2)"
            ".mean(axis=-1)",
            "compared the units",
        ),
        ("def distances(responses):\n    return np.corrcoef(responses)", "similarity rather than"),
        (
            FLOOR.format("gaps.var(axis=0).mean(axis=-1) / len(repeats)"),
            "n_repeats - 1 in the variance",
        ),
        (FLOOR.format("gaps.var(axis=0, ddof=1).mean(axis=-1)"), "an n-th of the variance"),
        (
            "def noise_floor(repeats):\n    own = repeats.var(axis=0, ddof=1).mean(axis=-1)\n"
            "    return (own[:, None] + own) / len(repeats) * (1 - np.eye(len(own)))",
            "added up two variances",
        ),
        (
            "def noise_floor(repeats):\n    own = repeats.var(axis=0, ddof=1).mean(axis=-1)\n"
            "    return (own[:, None] + own) / len(repeats)",
            "added up two variances",
        ),
        (
            FLOOR.format("gaps.mean(axis=-1).var(axis=0, ddof=1) / len(repeats)"),
            "the variance unit by unit",
        ),
        (
            FLOOR.format("(gaps**2).mean(axis=-1).var(axis=0, ddof=1) / len(repeats)"),
            "not of distances",
        ),
        (
            FLOOR.format("gaps.std(axis=0, ddof=1).mean(axis=-1) / len(repeats) ** 0.5"),
            "this is a standard error",
        ),
        (
            FLOOR.format("np.triu(gaps.var(axis=0, ddof=1).mean(axis=-1)) / len(repeats)"),
            "noise floor is not symmetric",
        ),
    ],
    "q2": [
        (ALL_PAIRS.format("range(n)", "total / n**2"), "a repeat with itself"),
        (
            ALL_PAIRS.format("set(range(n)) - {one}", "np.maximum(total / (n * n - n), 0)"),
            "leave negative values",
        ),
        (ALL_PAIRS.format("set(range(n)) - {one}", "total / n**2"), "how many are there"),
        (ALL_PAIRS.format("set(range(n)) - {one}", "total"), "do not add them up"),
        (
            "def crossvalidated(repeats):\n    gaps = repeats[:, :, None] - repeats[:, None]\n"
            "    return (gaps[0] * gaps[1]).mean(axis=-1)",
            "you used two of the repeats",
        ),
        (
            "def crossvalidated(repeats):\n    pairs = np.triu_indices(repeats.shape[1], 1)\n"
            "    common = noise_floor(repeats)[pairs].mean()\n"
            "    return distances(repeats.mean(axis=0)) - common",
            "the same noise from all pairs",
        ),
        (
            "def crossvalidated(repeats):\n    common = 2 * repeats.var(axis=0, ddof=1).mean()\n"
            "    return distances(repeats.mean(axis=0)) - common / len(repeats)",
            "the same noise from all pairs",
        ),
        (
            "def crossvalidated(repeats):\n"
            "    return distances(repeats.mean(axis=0)) - noise_floor(repeats) * len(repeats)",
            "the noise of one repeat was removed",
        ),
    ],
    "q3": [
        (changed(ask="list(steps)[::-1]"), "ask for the special steps"),
        (changed(equal="np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.99"), "nothing but rounding"),
        (changed(rotation="False"), "a rotation was called a linear map"),
        (changed(order="equal(np.sort(x, axis=1), np.sort(y, axis=1))"), "an order of its own"),
        (changed(order="equal(np.sort(x, axis=None), np.sort(y, axis=None))"), "order of its own"),
        (changed(order="equal(x.sum(axis=1), y.sum(axis=1))"), "an order of its own"),
        (changed(shift="equal(x.std(axis=0), y.std(axis=0))"), "adds one number to a whole unit"),
        (changed(gains="equal(x * gains, y)"), "and gains are positive"),
        (changed(gains="equal(x * gains, y) and gains.min() >= 0"), "a gain of 0"),
        (
            changed(gains="equal(*(v / np.linalg.norm(v, axis=0) for v in centred))"),
            "gains and a shift together",
        ),
        (
            changed(rotation="equal(*(v @ v.T for v in centred))"),
            "a rotation and a shift together",
        ),
        (changed(linear="equal(affine, y)"), "or fit a constant"),
        (changed(linear="equal(x @ matrix, y)"), "no invertible matrix makes a unit silent"),
        (changed(equal="np.abs(a - b).max() < 1e-3 * np.abs(y).max()"), "noise of 1e-4 added"),
        (changed(equal="np.allclose(a, b)"), "responses of 1e-9 with 3 % of noise"),
        (changed(equal="np.abs(a - b).max() < 1e-6"), "must follow the size"),
        ("def what_changed(x, y):\n    return 'order'", "data with 3 % of noise"),
        ("harmless = 'order'", "must be a list of names"),
        ("harmless = ['order', 'shift', 'gains']", "leave every distance as it is"),
    ],
    "q4": [
        (SHUFFLED.format("1", "other[order]"), "only rows or only columns"),
        (SHUFFLED.format("0", "other[order][:, order]"), "leave out the diagonal"),
        (SHUFFLED.format("1", "other[np.argsort(order)][:, np.argsort(order)]"), "takes place i"),
        (
            SHUFFLED.format("1", "other").replace("rdm[pairs]", "rdm[order][:, order][pairs]"),
            "you moved rdm instead of other",
        ),
        (
            SHUFFLED.format("1", "other[order][:, order]").replace(
                "rdm[pairs]", "rdm[order][:, order][pairs]"
            ),
            "leave rdm as it is",
        ),
        (SHUFFLED.format("1", "other[order, order]"), "see np.ix_"),
        (SHUFFLED.format("1", "other[order][:, np.argsort(order)]"), "in different ways"),
        (SHUFFLED.format("1", "other[np.argsort(order)][:, order]"), "in different ways"),
        (
            SHUFFLED.format("1", "np.random.permutation(other.ravel()).reshape(other.shape)"),
            "draw nothing, use the orders given",
        ),
        (
            SHUFFLED.format(
                "1", "np.random.default_rng(0).permutation(other.ravel()).reshape(other.shape)"
            ),
            "already the order 0, 1, 2, 3",
        ),
        (P_VALUE.format("np.mean(null >= observed)"), "p can never be 0"),
        (P_VALUE.format("(1 + np.sum(null > observed)) / (1 + len(null))"), "count as well"),
        (
            P_VALUE.format("(1 + np.sum(np.abs(null) >= observed)) / (1 + len(null))"),
            "large negative ones",
        ),
    ],
    "q5": [
        (TABLE.format("(plain, unbiased)", "place", "p <= 0.05", ""), "holds only 0 and 1"),
        ("p_values = np.zeros((2, 2, 60))", "0 everywhere"),
        (TABLE.format("(plain, unbiased)", "place", "100 * p", ""), "values above 1"),
        (TABLE.format("(plain, unbiased)", "place", "(100 * p - 1) / 99", ""), "below 1/100"),
        (TABLE.format("(plain, unbiased)", "place", "0.02 + 0.9 * p", ""), "multiples of 1/100"),
        (TABLE.format("(plain, unbiased)", ":", "p", ""), "in a place of its own"),
        (TABLE.format("(plain, unbiased)", "place", "1.01 - p", ""), "the larger correlations"),
        (TABLE.format("(unbiased, plain)", "place", "p", ""), "the columns exchanged"),
        (
            TABLE.format("(plain, unbiased)", "place", "p", "p_values = p_values[::-1]"),
            "did you exchange the rows",
        ),
        (TABLE.format("(plain[::-1], unbiased)", "place", "p", ""), "only other is moved"),
        (
            TABLE.format("(np.sqrt(plain), unbiased)", "place", "p", ""),
            "the distances stay squared",
        ),
        (
            TABLE.format("(plain, np.maximum(unbiased, 0))", "place", "p", ""),
            "leave negative distances",
        ),
    ],
}
