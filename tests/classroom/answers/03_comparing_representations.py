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
        return np.allclose(a, b)

    gains = (x * y).sum(axis=0) / (x * x).sum(axis=0)
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    steps = {{
        "order": equal(np.sort(x, axis=1), np.sort(y, axis=1)),
        "shift": equal(x - x.mean(axis=0), y - y.mean(axis=0)),
        "gains": equal(x * gains, y),
        "rotation": equal(x @ x.T, y @ y.T),
        "linear map": {},
    }}
    for step in {}:
        if steps[step]:
            return step
    return "something else"
"""
SHUFFLED = """
def shuffled_correlations(rdm, other, orders):
    pairs = np.triu_indices(len(rdm), {})
    return np.array([np.corrcoef(rdm[pairs], {}[pairs])[0, 1] for order in orders])
"""
P_VALUE = "def p_value(observed, null):\n    return {}"
TABLE = """
called_alike = np.zeros((2, 2))
for row, studies in enumerate((nothing, geometry)):
    for labs in studies:
        plain = [distances(lab.mean(axis=0)) for lab in labs]
        unbiased = [crossvalidated(lab) for lab in labs]
        for column, (one, other) in enumerate({}):
            likeness = shuffled_correlations(one, other, [np.arange(n_pictures)])[0]
            p = p_value(likeness, shuffled_correlations(one, other, orders))
            called_alike[row, column] += {}
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
    ],
    "q3": [
        (CHANGED.format("equal(fitted, y)", "list(steps)[::-1]"), "ask for the special steps"),
        (
            CHANGED.format("np.corrcoef(fitted.ravel(), y.ravel())[0, 1] > 0.99", "steps"),
            "forgive nothing but rounding",
        ),
        (
            CHANGED.format("equal(fitted, y)", '["order", "shift", "gains", "linear map"]'),
            "a rotation was called a linear map",
        ),
        ("def what_changed(x, y):\n    return 'order'", "data with 3 % of noise"),
        ("harmless = 'order'", "must be a list of names"),
        ("harmless = ['order', 'shift', 'gains']", "leave every distance as it is"),
    ],
    "q4": [
        (SHUFFLED.format("1", "other[order]"), "only rows or only columns"),
        (SHUFFLED.format("0", "other[order][:, order]"), "leave out the diagonal"),
        (SHUFFLED.format("1", "other[np.argsort(order)][:, np.argsort(order)]"), "takes place i"),
        (P_VALUE.format("np.mean(null >= observed)"), "p can never be 0"),
        (P_VALUE.format("(1 + np.sum(null > observed)) / (1 + len(null))"), "count as well"),
        (
            P_VALUE.format("(1 + np.sum(np.abs(null) >= observed)) / (1 + len(null))"),
            "large negative ones",
        ),
    ],
    "q5": [
        (TABLE.format("(plain, unbiased)", "p <= 0.05", ""), "counts or percentages"),
        (TABLE.format("(plain, unbiased)", "(p > 0.05) / 60", ""), "count the pairs with large p"),
        (TABLE.format("(unbiased, plain)", "(p <= 0.05) / 60", ""), "the columns exchanged"),
        (
            TABLE.format(
                "(plain, unbiased)", "(p <= 0.05) / 60", "called_alike = called_alike[::-1]"
            ),
            "did you exchange the rows",
        ),
        (TABLE.format("(plain, unbiased)", "p / 60", ""), "no shares of 60 pairs"),
    ],
}
