"""Typical wrong answers to assignment 04, each with words of the message that it must meet."""

RIDGE = """
def ridge_predictions(features, responses, new_features, penalties):
    mean, spread = features.mean(axis=0), {}
    x, z = (features - mean) / spread, {}
    base = {}
    found = []
    for y, penalty in zip((responses - base).T, {}):
        inner = x.T @ x + penalty * np.eye(x.shape[1])
        found.append(z @ np.linalg.solve(inner, x.T @ y))
    return np.array(found).T + base
"""
STD, SCALED = "features.std(axis=0)", "(new_features - mean) / spread"
CHOOSE = """
def choose_penalties(features, responses, penalties, n_folds=5):
    fold = {}
    errors = np.zeros((len(penalties), responses.shape[1]))
    for k in range(n_folds):
        out = fold == k
        for i, penalty in enumerate(penalties):
            same = np.full(responses.shape[1], penalty)
            guess = ridge_predictions(features[~out], responses[~out], features[{}], same)
            errors[i] += ((guess - responses[{}]) ** 2).sum(axis=0)
    return {}
"""
FOLDS, BEST = "np.arange(len(features)) % n_folds", "penalties[errors.argmin(axis=0)]"
CEILING = """
def noise_ceiling(repeats):
    n, found = len(repeats), []
    for half in {}:
        rest = [i for i in range(n) if i not in half]
        pair = [repeats[list(part)].mean(axis=0) for part in (half, rest)]
        found.append([np.corrcoef(a, b)[0, 1] for a, b in zip(pair[0].T, pair[1].T)])
    r = np.mean(found, axis=0)
    return {}
"""
HALVES = "combinations(range(n), n // 2)"
TRIALS = """
def trials_needed(ceiling, n_repeats, wanted):
    now, then = {}
    return {}
"""
PROFILE = """
profile = np.zeros((2, 4, 3))
for i, network in enumerate({}):
    for j, x in enumerate(network):
        for k, area in enumerate(areas):
            y, ceiling = trials[area].mean(axis=0), noise_ceiling(trials[area])
            best = choose_penalties(x[train], y[train], candidates, 5)
            guess = ridge_predictions(x[train], y[train], x[{}], best)
            r = [np.corrcoef(a, b)[0, 1] for a, b in zip(guess.T, y[{}].T)]
            profile[i, j, k] = np.median(np.array(r) / {})
"""
NETWORKS = "(sibling, untrained)"
PARTITION = """
def partition(responses, first, second, both):
    one, other, together = ({} for guess in (first, second, both))
    return np.array({})
"""
R2 = "1 - ((responses - guess) ** 2).mean(axis=0) / responses.var(axis=0)"
PARTS = "[together - other, one + other - together, together - one]"
SHARES = """
y, it_shares = trials["IT"].mean(axis=0), []
for network in (sibling, {}):
    guesses = []
    for x in ({}, network[3], np.hstack([{}, network[3]])):
        best = choose_penalties(x[train], y[train], candidates, 5)
        guesses.append(ridge_predictions(x[train], y[train], x[{}], best))
    it_shares.append((partition(y[{}], *guesses) / noise_ceiling(trials["IT"]) ** 2).mean(axis=1))
it_shares = np.array(it_shares){}
"""

WRONG = {
    "q1": [
        (
            RIDGE.format(
                "np.ones(features.shape[1])", SCALED, "responses.mean(axis=0)", "penalties"
            ),
            "not divided by their standard deviations",
        ),
        (
            RIDGE.format(
                STD,
                "(new_features - new_features.mean(axis=0)) / new_features.std(axis=0)",
                "responses.mean(axis=0)",
                "penalties",
            ),
            "by their own mean and spread",
        ),
        (RIDGE.format(STD, SCALED, "0", "penalties"), "the intercept is missing"),
        (
            RIDGE.format(
                STD, SCALED, "responses.mean(axis=0)", "np.full(len(penalties), penalties[0])"
            ),
            "a penalty of its own",
        ),
        (
            RIDGE.format(STD, SCALED, "responses.mean(axis=0)", "len(features) * penalties"),
            "not beside their mean",
        ),
    ],
    "q2": [
        (CHOOSE.format(FOLDS, "~out", "~out", BEST), "the smallest penalty always wins"),
        (
            CHOOSE.format(
                "np.arange(len(features)) * n_folds // len(features)", "out", "out", BEST
            ),
            "the folds are blocks",
        ),
        (
            CHOOSE.format(
                FOLDS,
                "out",
                "out",
                "np.full(responses.shape[1], penalties[errors.sum(axis=1).argmin()])",
            ),
            "choose one for each neuron",
        ),
        (
            CHOOSE.format(FOLDS, "out", "out", "errors.argmin(axis=0)"),
            "not their positions",
        ),
    ],
    "q3": [
        (CEILING.format(HALVES, "np.sqrt(np.maximum(r, 0))"), "Spearman-Brown is missing"),
        (CEILING.format(HALVES, "2 * r / (1 + r)"), "take the root"),
        (
            CEILING.format("[range(n // 2)]", "np.sqrt(2 * r / (1 + r))"),
            "average over all ways",
        ),
        (
            TRIALS.format(
                "ceiling / (1 - ceiling), wanted / (1 - wanted)",
                "int(np.ceil(then / now * n_repeats - 1e-9))",
            ),
            "a reliability is the square",
        ),
        (
            TRIALS.format(
                "ceiling**2 / (1 - ceiling**2), wanted**2 / (1 - wanted**2)",
                "int(then / now * n_repeats)",
            ),
            "not quite enough",
        ),
        (
            TRIALS.format(
                "ceiling**2 / (1 - ceiling**2), wanted**2 / (1 - wanted**2)",
                "then / now * n_repeats",
            ),
            "must return a whole number",
        ),
    ],
    "q4": [
        (PROFILE.format(NETWORKS, "train", "train", "ceiling"), "that were trained on"),
        (PROFILE.format(NETWORKS, "test", "test", "1"), "divided by its ceiling"),
        (PROFILE.format("(sibling, sibling)", "test", "test", "ceiling"), "the same scores"),
        (
            PROFILE.format("(sibling, untrained[::-1])", "test", "test", "ceiling"),
            "gets better with depth",
        ),
        ("best_layer = profile[0].argmax(axis=0)", "count the layers from 1"),
    ],
    "q5": [
        (PARTITION.format(R2, "[one, other, together]"), "what does only one of them explain"),
        (
            PARTITION.format(R2, "[together - one, one + other - together, together - other]"),
            "are exchanged",
        ),
        (
            PARTITION.format(
                "np.array([np.corrcoef(a, b)[0, 1] ** 2 for a, b in zip(guess.T, responses.T)])",
                PARTS,
            ),
            "the result of partition is not right yet",
        ),
        (
            SHARES.format("untrained", "network[0]", "network[0]", "test", "test", ""),
            "is another first set used",
        ),
        (
            SHARES.format("untrained", "sibling[0]", "sibling[0]", "train", "train", ""),
            "that were trained on",
        ),
        (
            SHARES.format("sibling", "sibling[0]", "sibling[0]", "test", "test", ""),
            "the same second set",
        ),
        (
            SHARES.format(
                "untrained", "sibling[0]", "sibling[0]", "test", "test", "[:, [1, 2, 0]]"
            ),
            "are columns exchanged",
        ),
    ],
}
