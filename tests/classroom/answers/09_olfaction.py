"""Typical wrong answers to assignment 09, each with words of the message that it must meet."""

_SUMS = """
def census(weights, types):
    strength = type_weights(weights, types) * np.bincount(types)
    return census_of(strength)
"""
_SIGNED = """
def census(weights, types):
    every = range(max(types) + 1)
    strength = np.stack([weights[:, types == t].mean(axis=1) for t in every], axis=1)
    return census_of(strength)
"""
_OF = """
def census_of(strength, silent=True):
    n_owned, cleanest = np.zeros(strength.shape[1]), np.zeros(strength.shape[1])
    for row in strength:
        if silent and not row.any():
            continue
        b, a = np.sort(row)[-2:]
        owner = np.argmax(row)
        n_owned[owner] += 1
        cleanest[owner] = max(cleanest[owner], (a - b) / (a + b) if a + b else 0)
    return n_owned, cleanest
"""
_SILENT = """
def census(weights, types):
    return census_of(type_weights(weights, types), silent=False)
"""
_NAN = """
def census(weights, types):
    strength = np.sort(type_weights(weights, types), axis=1)
    owner = type_weights(weights, types).argmax(axis=1)
    with np.errstate(all="ignore"):
        score = (strength[:, -1] - strength[:, -2]) / (strength[:, -1] + strength[:, -2])
    owned = np.bincount(owner, minlength=strength.shape[1])
    return owned, np.array([score[owner == t].max(initial=0) for t in range(len(owned))])
"""
_DEAL = """
def deal_again(connected, seed):
    rng = np.random.default_rng(seed)
    return {}
"""
_GAIN = """
def noise_gain(by_type):
    return {}
"""
_SPREAD = """
def shuffles(wired, how):
    return np.array([how(wired, seed) for seed in {seeds}])
spread = [
    [{measure}(pair_z(wired, shuffles(wired, how))) for how in (deal_again, shuffle_wiring)]
    for wired in (favourites, friends)
]
"""
_ONE_GENERATOR_A_CELL = """
def deal_again(connected, seed):
    dealt = np.zeros_like(connected)
    for i, cell in enumerate(connected):
        rng = np.random.default_rng(seed + i)
        dealt[i, rng.choice(len(cell), cell.sum(), replace=False)] = True
    return dealt
"""
_ROLLED = """
def deal_again(connected, seed):
    rng = np.random.default_rng(seed)
    return np.array([np.roll(cell, rng.integers(len(cell))) for cell in connected])
"""
_POPULAR = """
def deal_again(connected, seed):
    rng = np.random.default_rng(seed)
    lots = np.log(connected.mean(axis=0) + 1e-9) + rng.gumbel(size=connected.shape)
    return (-lots).argsort(axis=1).argsort(axis=1) < connected.sum(axis=1, keepdims=True)
"""
_OWNED_PNS = """
def census(weights, types):
    strength = type_weights(weights, types)
    hears = strength.any(axis=1)
    owner, score = strength.argmax(axis=1), glo_scores(weights, types)
    n_owned, cleanest = np.zeros(strength.shape[1]), np.zeros(strength.shape[1])
    for t in range(len(n_owned)):
        mine = np.flatnonzero(hears & (owner == t))
        n_owned[t] = len(mine)
        if len(mine):
            cleanest[t] = {}
    return n_owned, cleanest
"""
_STRENGTH = """
def census(weights, types):
    w = np.abs(weights)
    return census_of(np.stack([{} for t in range(max(types) + 1)], axis=1))
"""
_LOST_IF = """
def noise_gain(by_type):
    unmix = np.linalg.pinv(by_type)
    return np.where({}, np.inf, np.linalg.norm(unmix, axis=1))
"""
_ALIKE = """
def noise_gain(by_type):
    alike = (by_type[:, :, None] == by_type[:, None]).all(axis=0).sum(axis=1) > 1
    return np.where(alike, np.inf, np.linalg.norm(np.linalg.pinv(by_type), axis=1))
"""
_TOO_FEW = """
def deal_spread(wired, n):
    return np.std(pair_z(wired, np.array([deal_again(wired, 7 * s) for s in range(n)])))
spread = [[deal_spread(wired, 5), kept[1]] for wired, kept in zip((favourites, friends), spread)]
"""
_CLIPPED = """
def corrected_inputs(synapses, cut, proofread_synapses, proofread_inputs):
    called = proofread_synapses >= cut
    h, f = called[proofread_inputs].mean(), called[~proofread_inputs].mean()
    counts = np.sum(synapses >= cut, axis=1)
    return np.clip((counts - synapses.shape[1] * f) / (h - f), 0, {highest}).mean()
"""
_MORE = """
def corrected_inputs(synapses, cut, proofread_synapses, proofread_inputs):
    called = proofread_synapses > cut
    h, f = called[proofread_inputs].mean(), called[~proofread_inputs].mean()
    return (np.mean(np.sum({found}, axis=1)) - synapses.shape[1] * f) / (h - f)
"""
_CORRECT = """
def corrected_inputs(synapses, cut, proofread_synapses, proofread_inputs):
    called = proofread_synapses >= cut
    h = called[proofread_inputs].mean()
    f = {f}
    return {result}
"""

WRONG = {
    "q1": [
        (_OF + _SUMS, "a type with many neurons counts too much"),
        (_OF + _SIGNED, "absolute values before the mean"),
        (_OF + _SILENT, "a silent PN belongs to nobody"),
        (_NAN, "a GloScore is NaN"),
        (_OF + _STRENGTH.format("w[:, types == t].max(axis=1)"), "yours looks at one"),
        (_OF + _STRENGTH.format("w[:, types == t][:, 0]"), "yours looks at one"),
        (_OF + _STRENGTH.format("np.median(w[:, types == t], axis=1)"), "that is the median"),
        (
            _OF + _STRENGTH.format("np.abs(weights[:, types == t].mean(axis=1))"),
            "before the mean, not after",
        ),
        (_OWNED_PNS.format("score[mine[0]]"), "you took the first PN"),
        (_OWNED_PNS.format("score[mine[-1]]"), "you took the last or the dirtiest PN"),
        (_OWNED_PNS.format("score[mine[strength[mine, t].argmax()]]"), "in absolute terms"),
        (_OWNED_PNS.format("score[mine].mean()"), "the mean over a type's PNs"),
        ("orphan = next(t for t in range(16) if t not in {orphan, *ring})", "by your own census"),
        ("ring = [orphan, 1, 2] if orphan > 2 else [orphan, 4, 5]", "your ring holds your orphan"),
        (
            "ring = [*ring[:2], census(weights_to_pns, receptor_types)[1].argmax()]",
            "has a PN nearly to itself",
        ),
    ],
    "q2": [
        (
            "def read_out(prototypes):\n    return prototypes, np.zeros(len(prototypes))",
            "prefers long prototypes",
        ),
        (
            "def read_out(prototypes):\n    return prototypes, -(prototypes**2).sum(axis=1)",
            "your bias is too strong",
        ),
        (
            "def read_out(prototypes):\n    return -prototypes, (prototypes**2).sum(axis=1) / 2",
            "the largest must win",
        ),
        (
            "def read_out_from_pns(prototypes, by_type):\n"
            "    return read_out(prototypes @ by_type.T)",
            "nearest in the space of PNs",
        ),
        (
            "def read_out_from_pns(prototypes, by_type):\n"
            "    return prototypes @ by_type.T, read_out(prototypes)[1]",
            "mix a second time",
        ),
        ("def read_out(prototypes):\n    return prototypes", "must be 2 values"),
        (
            "def read_out(prototypes):\n    return prototypes, np.zeros(len(prototypes))\n"
            "def read_out_from_pns(prototypes, by_type):\n"
            "    weights, bias = read_out(prototypes)\n"
            "    return weights @ np.linalg.pinv(by_type), bias",
            "Begin there",
        ),
        (
            "def read_out_from_pns(prototypes, by_type):\n"
            "    square = by_type.T @ by_type + np.eye(by_type.shape[1])\n"
            "    weights, bias = read_out(prototypes)\n"
            "    return weights @ np.linalg.solve(square, by_type.T), bias",
            "is the mixing undone exactly",
        ),
        (
            "def read_out_from_pns(prototypes, by_type):\n"
            "    weights, bias = read_out(prototypes)\n"
            "    return weights @ np.linalg.inv(by_type), bias",
            "M need not be square",
        ),
        (
            "def read_out_from_pns(prototypes, by_type):\n"
            "    weights, bias = read_out(prototypes)\n"
            "    return np.linalg.pinv(by_type) @ weights, bias",
            "(n_classes, n_pns), (12, ",
        ),
    ],
    "q3": [
        (_GAIN.format("np.linalg.norm(np.linalg.pinv(by_type), axis=1)"), "both are +inf"),
        (_GAIN.format("np.linalg.norm(by_type, axis=0)"), "yours raises it"),
        (_GAIN.format("(np.linalg.pinv(by_type) ** 2).sum(axis=1)"), "variances"),
        (_GAIN.format("1 / by_type.max(axis=0)"), "can be averaged"),
        (_GAIN.format("1 / np.linalg.norm(by_type, axis=0)"), "their noises add up"),
        (_LOST_IF.format("np.diag(unmix @ by_type) != 1"), "use a tolerance"),
        (_LOST_IF.format("np.diag(unmix @ by_type) < 0.8"), "cannot be told apart"),
        (
            _LOST_IF.format("~np.isclose(np.diag(unmix @ by_type), 1, atol=1e-2)"),
            "Is your tolerance so wide",
        ),
        (
            _LOST_IF.format("~np.eye(by_type.shape[1])[by_type.argmax(axis=1)].any(axis=0)"),
            "strongest anywhere",
        ),
        (_ALIKE, "cannot be told apart"),
        ("lost_in_ring = [0, 1, 0, 1, 0, 1]", "how many types can no longer be known"),
        ("lost_in_ring = [0, 0, 0, 0, 0, 0]", "not all rings return everything"),
        ("lost_in_ring = [0, 3, 0, 5, 0, 7]", "does not fit your noise_gain"),
        ("lost_in_ring = [0, 4, 5, 6, 7, 8]", "does not fit your noise_gain"),
    ],
    "q4": [
        (
            _CORRECT.format(f="0", result="mean_inputs(synapses, cut) / h"),
            "only the missed ones are corrected",
        ),
        (
            _CORRECT.format(
                f="(~proofread_inputs[called]).mean()",
                result="mean_inputs(synapses, cut) * (1 - f) / h",
            ),
            "only for cells with as many inputs",
        ),
        (
            _CORRECT.format(
                f="(~proofread_inputs[called]).mean()",
                result="(mean_inputs(synapses, cut) - synapses.shape[1] * f) / (h - f)",
            ),
            "not of those found",
        ),
        (
            _CORRECT.format(
                f="np.mean([c[~i].mean() for c, i in zip(called, proofread_inputs)])\n"
                "    h = np.mean([c[i].mean() for c, i in zip(called, proofread_inputs)])",
                result="(mean_inputs(synapses, cut) - synapses.shape[1] * f) / (h - f)",
            ),
            "do not average over cells",
        ),
        (
            _CORRECT.format(
                f="called[~proofread_inputs].mean()",
                result="(mean_inputs(synapses, cut) - synapses.shape[1] * f) / h",
            ),
            "at n - K PNs, not n",
        ),
        (
            _CORRECT.format(
                f="called[~proofread_inputs].mean()\n    c = mean_inputs(synapses, cut)",
                result="(c - f * (synapses.shape[1] - c)) / h",
            ),
            "you put the count in its place",
        ),
        (_CLIPPED.format(highest="None"), "you cut off what single cells give"),
        (_CLIPPED.format(highest="synapses.shape[1]"), "you cut off what single cells give"),
        (_MORE.format(found="synapses > cut"), "at least, not more than"),
        (_MORE.format(found="synapses >= cut"), "at least, not more than"),
    ],
    "q5": [
        (_DEAL.format("rng.permuted(connected, axis=0)"), "lost or gained inputs"),
        (_DEAL.format("connected[:, rng.permutation(connected.shape[1])]"), "the same PN"),
        (_DEAL.format("shuffle_wiring(connected, rng)"), "that is the other shuffle"),
        (_DEAL.format("np.random.default_rng(0).permuted(connected, axis=1)"), "another seed"),
        (_ONE_GENERATOR_A_CELL, "moved by one cell"),
        (_ROLLED, "some pairs of PNs come out far more often"),
        (_POPULAR, "gets more again"),
        ("spread = np.array(spread)[:, ::-1]", "did you exchange"),
        ("spread = np.transpose(spread)", "is spread transposed"),
        (_SPREAD.format(seeds="[3] * 40", measure="np.std"), "did each of them get another seed"),
        (_SPREAD.format(seeds="range(4)", measure="np.std"), "fewer than 40 shuffles"),
        (_SPREAD.format(seeds="range(40)", measure="np.var"), "the variance of z?"),
        (
            _SPREAD.format(seeds="range(40)", measure="np.mean(np.abs").replace(
                "how)))", "how))))"
            ),
            "the mean of the absolute z?",
        ),
        (_TOO_FEW, "from how many shuffles is it"),
        (_POPULAR + _SPREAD.format(seeds="range(40)", measure="np.std"), "Begin there, then"),
        (_ROLLED + _SPREAD.format(seeds="range(40)", measure="np.std"), "Begin there, then"),
        ("spread = [spread[0], [1.0, spread[1][1]]]", "spread[1, 0], of friends, dealt again"),
        ("favourites_verdict = 'pairs'", "look at both shuffles"),
    ],
}
