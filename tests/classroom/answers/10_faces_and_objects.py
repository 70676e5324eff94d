"""Typical wrong answers to assignment 10, each with words of the message that it must meet."""

_SELECTIVITY = """
def selectivity(responses, is_face):
    a, b = responses[is_face], responses[~is_face]
    with np.errstate(all="ignore"):
        d = {}
    return d if {keep_nan} else np.nan_to_num(d)
"""
_IMPORTANCE = """
def importance(responses, readout, labels):
    every = np.arange(len(labels))

    def loss(x):
        z = x @ readout
        with np.errstate(all="ignore"):
            return {loss}

    rows = []
    for k in range(len(readout)):
        x = responses{copy}
        x[:, k] = 0
        rows.append({row})
    return np.array(rows)
"""
_STABLE = "np.logaddexp.reduce(z, axis=1) - z[every, labels]"
_PLAIN = "-np.log(np.exp(z)[every, labels] / np.exp(z).sum(axis=1))"
_RISE, _FALL = "loss(x) - loss(responses)", "loss(responses) - loss(x)"
_HITS = """
def hits(responses, readout, labels, filters):
    x = responses{copy}
    x[:, {silent}] = 0
    return (x @ readout).argmax(axis=1) == labels
"""
_INDEX = """
def segregation_index(
    importance, ranking_labels, responses, labels, readout, first, second, share=0.2
):
    tops = []
    for task in (first, second):
        score = importance[:, np.isin(ranking_labels, task)].mean(axis=1)
        tops.append(np.argsort({order})[: round(share * len(score))])
    losses = []
    for task, own, other in ((first, *tops), (second, *tops[::-1])):
        mine = np.isin(labels, task)
        intact, own, other = (
            hits(responses, readout, labels, some)[mine].mean() for some in ([], own, other)
        )
        losses.append({loss})
    return np.mean(losses)
"""
_SPLITS = """
def random_splits(first, second, n_splits, seed):
    rng = np.random.default_rng(seed)
    classes = np.concatenate([first, second])
    return [{pair} for mixed in ({mixed} for _ in range(n_splits))]
"""
_DECODE = """
def decode(patterns, labels, folds):
    kinds, right, shares = np.unique(labels), 0, []
    for fold in np.unique(folds):
        test = folds == fold
        train = {train}
        means = np.array([patterns[train & (labels == k)].mean(axis=0) for k in kinds])
        r = {r}
        found = kinds[r.argmax(axis=1)] == labels[test]
        right += found.sum()
        shares.append(found.mean())
    return {result}
"""
_R = "np.corrcoef(patterns[test], means)[: test.sum(), test.sum() :]"


def _selectivity(formula, keep_nan=False):
    return _SELECTIVITY.format(formula, keep_nan=keep_nan)


def _decode(train="~test", r=_R, result="right / len(labels)"):
    return _DECODE.format(train=train, r=r, result=result)


WRONG = {
    "q1": [
        (
            _selectivity("(a.mean(0) - b.mean(0)) / np.sqrt((a.var(0) + b.var(0)) / 2)", True),
            "a filter that never varies gives NaN",
        ),
        (
            _selectivity("(a.mean(0) - b.mean(0)) / np.sqrt(a.var(0) + b.var(0))"),
            "not their sum",
        ),
        (
            _selectivity(
                "(a.mean(0) - b.mean(0)) / np.sqrt((a.var(0, ddof=1) + b.var(0, ddof=1)) / 2)"
            ),
            "use ddof=0",
        ),
        (_selectivity("(a.mean(0) - b.mean(0)) / responses.std(0)"), "within each group"),
        (
            _selectivity("(b.mean(0) - a.mean(0)) / np.sqrt((a.var(0) + b.var(0)) / 2)"),
            "faces minus others",
        ),
    ],
    "q2": [
        (_IMPORTANCE.format(loss=_PLAIN, copy=".copy()", row=_RISE), "large logits overflow"),
        (_IMPORTANCE.format(loss=_STABLE, copy="", row=_RISE), "silence in a copy"),
        (
            _IMPORTANCE.format(loss=_STABLE, copy=".copy()", row="loss(x)"),
            "subtract that of the intact one",
        ),
        (
            _IMPORTANCE.format(loss="np.exp(-(" + _STABLE + "))", copy=".copy()", row=_FALL),
            "the fall of the probability",
        ),
        (
            "selective_not_needed = np.flatnonzero(\n"
            "    (np.abs(selectivity(responses, labels < 8)) > 1) & ~_needed\n)",
            "is d' above 1, not |d'| above 1",
        ),
        (
            "needed_not_selective = np.flatnonzero(\n"
            "    (importance(responses, readout, labels).mean(axis=1) > 0.03) & ~_selective\n)",
            "over the images of faces, not over all",
        ),
    ],
    "q3": [
        (
            _HITS.format(copy=".copy()", silent="np.setdiff1d(np.arange(len(readout)), filters)"),
            "it is the reverse",
        ),
        (_HITS.format(copy=".copy()", silent="filters[:1]"), "the first filter of the list only"),
        (
            _INDEX.format(order="-score", loss="other - own"),
            "losses are shares of the intact accuracy",
        ),
        (_INDEX.format(order="score", loss="(other - own) / intact"), "sort from the top"),
        (_INDEX.format(order="-score", loss="(own - other) / intact"), "own loss minus other"),
        (_INDEX.format(order="-score", loss="1 - own / intact"), "this is the own loss"),
    ],
    "q4": [
        (
            _SPLITS.format(
                pair="(mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :])",
                mixed="rng.permutation(classes)",
            ),
            "halves have another index",
        ),
        (
            _SPLITS.format(
                pair="(mixed[: len(first)], mixed[len(first) :])",
                mixed="rng.permutation(len(classes))",
            ),
            "or positions, not classes",
        ),
        (
            _SPLITS.format(
                pair="(mixed[: len(first)], mixed[len(first) :])",
                mixed="np.random.default_rng(seed).permutation(classes)",
            ),
            "draw anew for each of them",
        ),
        (
            _SPLITS.format(
                pair="(mixed[: len(first)], mixed[len(first) :])",
                mixed="rng.choice(classes, len(classes))",
            ),
            "a class stands on both sides",
        ),
        (
            "excess = [\n"
            "    [segregation_index(importance(r, w, shown), shown, t, tested, w, *s, 0.3)\n"
            "     for s in _splits]\n"
            "    for r, t, w in zip(ranking_responses, test_responses, networks)\n]",
            "was the mean of the random splits subtracted",
        ),
        ("verdicts = ['every family'] * 3", "one network of each kind"),
        ("verdicts = verdicts[1:] + verdicts[:1]", "the verdicts are not right"),
    ],
    "q5": [
        (_decode(train="np.ones(len(labels), dtype=bool)"), "that is the leak"),
        (
            _decode(r="-((patterns[test][:, None] - means) ** 2).sum(axis=2)"),
            "you take the nearest average",
        ),
        (_decode(r="patterns[test] @ means.T"), "a product is no correlation"),
        (_decode(result="np.mean(shares)"), "do not average them"),
        (_decode(result="right"), "their share is wanted"),
        ("accuracy = np.array(accuracy)[:, ::-1]", "rows are areas, columns folds"),
        (
            "informative = {'left': 'right', 'right': 'left'}[informative]",
            "informative is the other area",
        ),
    ],
}
