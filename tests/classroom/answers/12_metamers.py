"""Typical wrong answers to assignment 12, each with words of the message that it must meet."""

_FARTHEST = """
def farthest_metamer(eye, light, change):
    unseen = silent_part(eye, change)
    falling = unseen < -1e-9
    limits = light[falling] / -unseen[falling]
    return {}
"""
_SILENT = """
def silent_part(eye, change):
    seen = {seen}
    return {result}
"""
_SHARE = """
def visible_share(maker, judge):
    unseen = np.eye(maker.shape[1]) - np.linalg.pinv(maker) @ maker
    left = judge @ unseen
    return {}
"""
_SEARCH = """
def search(weights, originals, starts, n_steps, rate):
    wanted, pixels = responses(weights, originals), {starts}
    for _ in range(n_steps):
        active, signal = [], {signal}
        for matrix in weights:
            signal = np.maximum(signal @ matrix, 0)
            active.append(signal > 0)
        slope = {slope}
        for matrix, awake in zip(weights[::-1], active[::-1]):
            slope = ({passed}) @ matrix.T
        pixels = {step}
    return {result}
"""
_ADAM = """
def search(weights, originals, starts, n_steps, rate):
    pixels, mean, square = starts, 0, 0
    for step in range(1, n_steps + 1):
        one_step = right_search(weights, originals, pixels, 1, 1e-4)
        slope = (pixels - one_step) / 1e-4
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        scale = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        pixels = np.clip(pixels - rate * mean / (1 - 0.9**step) / scale, 0, 1)
    return pixels
"""
_ACCEPTED = """
def accepted(of_found, of_originals, same_decision, of_others, pairs):
    from scipy.stats import rankdata

    def ranks(x):
        return {ranks}

    def alike(one, other):
        return np.array([np.corrcoef(ranks(a), ranks(b))[0, 1] for a, b in zip(one, other)])

    null = alike(of_others[pairs[:, 0]], of_others[pairs[:, 1]])
    return {result}
"""
_NOISE = """
def equal_noise(originals, found, noise):
    wanted = np.linalg.norm(found - originals, axis=1, keepdims=True)
    scaled = noise * wanted / np.linalg.norm(noise, axis=1, keepdims=True)
    return {}
"""
_TABLES = """
everybody = [maker, *judges.values()]
metamers = np.array([{search} for depth in (1, 2, 3)])
controls = [equal_noise(originals, found, {grain}) for found in {controls}]
recognised, in_noise = (
    np.array([[np.mean(name_kinds(one, images) == kinds) for images in made] for one in {rows}])
    for made in (metamers, controls)
)
"""


def silent(seen, result="change - seen"):
    """Return the silent part with one thing changed."""
    return _SILENT.format(seen=seen, result=result)


def search(**changed):
    """Return the search with some things changed."""
    right = {
        "starts": "np.array(starts, dtype=float)",
        "signal": "pixels - 0.5",
        "slope": "signal - wanted",
        "passed": "slope * awake",
        "step": "np.clip(pixels - rate * slope, 0, 1)",
        "result": "pixels",
    }
    return _SEARCH.format(**right | changed)


def accepted(result="(alike(of_found, of_originals) > null.max()) & same_decision", ranks=None):
    """Return the criterion with one thing changed."""
    return _ACCEPTED.format(result=result, ranks=ranks or "rankdata(x)")


def tables(**changed):
    """Return the tables of question 6 with some things changed."""
    right = {
        "search": "search(maker[0][:depth], originals, starts, 400, 0.1)",
        "grain": "grain",
        "controls": "metamers",
        "rows": "everybody",
    }
    return _TABLES.format(**right | changed)


_ONE_BY_ONE = "sum((row @ change) / (row @ row) * row for row in eye)"
_INVERSE = "eye.T @ np.linalg.inv(eye @ eye.T) @ (eye @ change)"

WRONG = {
    "q1": [
        (silent("np.linalg.pinv(eye) @ (eye @ change)", "seen"), "the part that the eye notices"),
        (silent(_ONE_BY_ONE), "project on all of them together"),
        (silent(_INVERSE), "rows that depend on one another"),
        (silent("0"), "you return the change itself"),
        (_FARTHEST.format("light + unseen"), "can be made larger"),
        (_FARTHEST.format("light + limits.max() * unseen"), "a wavelength is negative"),
        (_FARTHEST.format("limits.min() * unseen"), "the metamer is not right yet"),
        (_FARTHEST.format("light - limits.min() * unseen"), "against the change"),
        (
            _FARTHEST.format("np.maximum(light + 10 * unseen, 0)"),
            "the metamer is not right yet",
        ),
        (
            _FARTHEST.format("light + np.min(light / np.maximum(np.abs(unseen), 1e-12)) * unseen"),
            "not one that gains",
        ),
        (
            _FARTHEST.format("light - light[unseen.argmin()] / unseen.min() * unseen"),
            "need not be the first to reach zero",
        ),
        (
            _FARTHEST.format("light + limits[limits > 0].min() * unseen"),
            "has nothing to lose",
        ),
    ],
    "q2": [
        (_SHARE.format("1 - (left**2).sum() / (judge**2).sum()"), "must be 0"),
        (
            _SHARE.format("np.linalg.norm(left) / np.linalg.norm(judge)"),
            "squared lengths, not lengths",
        ),
        (
            _SHARE.format("np.mean((left**2).sum(axis=1) / (judge**2).sum(axis=1))"),
            "not a mean of ratios",
        ),
        (_SHARE.format("(left**2).sum()"), "larger than 1"),
        (
            "def visible_share(maker, judge):\n"
            "    left = maker - maker @ np.linalg.pinv(judge) @ judge\n"
            "    return (left**2).sum() / (maker**2).sum()",
            "of what is silent for the maker",
        ),
        (
            "def visible_share(maker, judge):\n"
            "    from scipy.linalg import null_space\n"
            "    left, n = judge @ null_space(maker), maker.shape[1]\n"
            "    return (left**2).sum() / (judge**2).sum() * n / null_space(maker).shape[1]",
            "do not scale it up",
        ),
        (
            "def visible_share(maker, judge):\n"
            "    from scipy.linalg import null_space\n"
            "    return np.mean((judge @ null_space(maker)) ** 2) / np.mean(judge**2)",
            "means over different numbers of columns",
        ),
        (
            _SHARE.format("np.linalg.norm(left, 2) ** 2 / np.linalg.norm(judge, 2) ** 2"),
            "not the largest",
        ),
        (
            "always_deceived = [k for k, eye in eyes.items() if visible_share(my_eye, eye) < 0]",
            "compare with a tolerance",
        ),
        (
            "always_deceived = [k for k, e in eyes.items() if len(e) < 3]",
            "an eye that is not on your list",
        ),
        (
            "always_deceived = [k for k, e in eyes.items() if visible_share(my_eye, e) < 0.02]",
            "a little is not nothing",
        ),
        (
            "always_deceived = [k for k, e in eyes.items() if visible_share(my_eye, e) > 1e-9]",
            "an eye on your list sees some",
        ),
    ],
    "q3": [
        (search(slope="wanted - signal"), "you went uphill"),
        (search(slope="2 * (signal - wanted)"), "no factor of 2"),
        (search(passed="slope"), "nothing passes a unit that is silent"),
        (search(passed="slope * (awake if matrix is weights[-1] else 1)"), "of the first layer"),
        (search(signal="pixels"), "subtracts 0.5 from the pixels"),
        (search(step="pixels - rate * slope"), "a pixel is below 0 or above 1"),
        (
            search(step="pixels - rate * slope", result="np.clip(pixels, 0, 1)"),
            "after every step, not only at the end",
        ),
        (search(slope="(signal - wanted) / signal.size"), "do not take a mean"),
        ("right_search = search" + _ADAM, "Adam's are not"),
        (
            search(result="__import__('torch').tensor(pixels)"),
            "returns a torch tensor; return a NumPy array",
        ),
    ],
    "q4": [
        (accepted(ranks="x"), "correlate the ranks"),
        (
            accepted("(alike(of_found, of_originals) > null.mean()) & same_decision"),
            "must be above the largest, not above their mean",
        ),
        (accepted("alike(of_found, of_originals) > null.max()"), "decides otherwise"),
        (accepted(ranks="np.argsort(np.argsort(x, kind='stable'))"), "argsort breaks ties"),
        (
            accepted("~(alike(of_found, of_originals) <= null.max()) & same_decision"),
            "it has no rank correlation",
        ),
        (
            accepted("np.where(alike(of_found, of_originals) > null.max(), same_decision, 0)"),
            "True and False",
        ),
        (
            accepted(
                "(np.abs(alike(of_found, of_originals)) > np.abs(null).max()) & same_decision"
            ),
            "so keep the sign",
        ),
        (
            accepted()
            .replace("[pairs[:, 0]]", "[pairs[0]]")
            .replace("[pairs[:, 1]]", "[pairs[1]]"),
            "each row of pairs is one pair",
        ),
        (
            accepted()
            .replace("ranks(a), ranks(b)", "a, b")
            .replace("zip(one, other)", "zip(rankdata(one, axis=0), rankdata(other, axis=0))"),
            "rank the units of each image",
        ),
        (
            accepted("(alike(of_found, of_originals) > null.max()) | same_decision"),
            "meets only one of the two conditions",
        ),
        (
            accepted("(alike(of_found, of_originals) >= null.max()) & same_decision"),
            "exactly the correlation of the most alike pair",
        ),
        (
            accepted("(np.nan_to_num(alike(of_found, of_originals)) > null.max()) & same_decision"),
            "which is not the same as 0",
        ),
    ],
    "q5": [
        (_NOISE.format("np.clip(originals + scaled, 0, 1)"), "lost some of it there"),
        (_NOISE.format("originals + scaled"), "a pixel is below 0 or above 1"),
        (_NOISE.format("np.clip(originals + noise, 0, 1)"), "a number of its own"),
        (
            "def equal_noise(originals, found, noise):\n"
            "    noisy = np.clip(originals + noise, 0, 1) - originals\n"
            "    wanted = np.linalg.norm(found - originals, axis=1, keepdims=True)\n"
            "    return originals + noisy * wanted / np.linalg.norm(noisy, axis=1, keepdims=True)",
            "a pixel is below 0 or above 1",
        ),
        (
            "def equal_noise(originals, found, noise):\n"
            "    wanted = np.linalg.norm(found - originals, axis=1, keepdims=True)\n"
            "    for _ in range(200):\n"
            "        change = np.clip(originals + noise, 0, 1) - originals\n"
            "        noise = noise * wanted / np.linalg.norm(change, axis=1, keepdims=True)\n"
            "    return np.clip(originals + noise, 0, 1)",
            "the result for metamers equal to originals has 8 of 8 values that are NaN",
        ),
    ],
    "q6": [
        (tables(rows="[*judges.values(), maker]"), "is it first"),
        (tables(rows="[maker] * 6"), "one row a network"),
        (
            tables(search="search(maker[0][:depth], originals, starts, 2, 0.1)"),
            "did the search run 400 steps",
        ),
        (tables(search="search(maker[0], originals, starts, 400, 0.1)"), "which layers come first"),
        (tables(controls="[originals] * 3"), "as large as the metamers' change"),
        (
            tables(grain="np.abs(grain)"),
            "of controls made by your own functions",
        ),
        (
            tables(search="search(maker[0][:depth], originals, starts, 40, 0.1)"),
            "after 400 steps at a rate of 0.1",
        ),
        ("in_noise = in_noise[:, ::-1]", "in reverse order"),
        ("in_noise = 1 - in_noise", "the share of mistakes"),
        ("recognised = recognised[[0, 2, 3, 4, 5, 1]]", "in the rows of"),
        ("recognised = recognised.T", "transpose it"),
        ("recognised = 100 * recognised", "must hold shares"),
        (
            "same_start = 'ABCDE'[np.argmin(recognised[1:, 1])]",
            "another judge has the maker's weights",
        ),
    ],
}
