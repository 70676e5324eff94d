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
_PAIR = """
def pair_z(connected, shuffled):
    pairs = np.triu_indices(connected.shape[1], 1)
    def shared(w):
        return (w.T @ w)[pairs]
    chance = np.array([shared(w) for w in shuffled{as_number}]).astype(float)
    sd = chance.std(axis=0, ddof=1)
    z = (shared(connected{as_number}) - chance.mean(axis=0)) / np.where(sd > 0, sd, np.inf)
    return {result}
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
        ("orphan = orphan + 1 if orphan < 15 else 3", "orphan is not the type without a PN"),
        ("ring = [orphan, 1, 2] if orphan > 2 else [orphan, 4, 5]", "your ring holds your orphan"),
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
        ("def read_out(prototypes):\n    return prototypes", "must return two arrays"),
    ],
    "q3": [
        (_GAIN.format("np.linalg.norm(np.linalg.pinv(by_type), axis=1)"), "both are inf"),
        (_GAIN.format("np.linalg.norm(by_type, axis=0)"), "yours raises it"),
        (_GAIN.format("(np.linalg.pinv(by_type) ** 2).sum(axis=1)"), "variances"),
        (_GAIN.format("1 / by_type.max(axis=0)"), "can be averaged"),
        ("lost_in_ring = [0, 1, 0, 1, 0, 1]", "how many types can no longer be known"),
        ("lost_in_ring = [0, 0, 0, 0, 0, 0]", "not all rings return everything"),
    ],
    "q4": [
        (
            "def mean_inputs(synapses, cut):\n    return (synapses > cut).sum(axis=1).mean()",
            "at least, not more",
        ),
        (
            "def mean_inputs(synapses, cut):\n"
            "    n = (synapses >= cut).sum(axis=1)\n    return n[n > 0].mean()",
            "cells without any input count as 0",
        ),
        (
            "def mean_inputs(synapses, cut):\n    return (synapses >= cut).sum(axis=0).mean()",
            "that is the mean over PNs",
        ),
        (
            _CORRECT.format(f="0", result="mean_inputs(synapses, cut) / h"),
            "only the missed ones are corrected",
        ),
        (
            _CORRECT.format(
                f="(~proofread_inputs[called]).mean()",
                result="mean_inputs(synapses, cut) * (1 - f) / h",
            ),
            "not of those found",
        ),
        (
            _CORRECT.format(
                f="called[~proofread_inputs].mean()",
                result="(mean_inputs(synapses, cut) - synapses.shape[1] * f) / h",
            ),
            "at n - K PNs, not n",
        ),
    ],
    "q5": [
        (_PAIR.format(as_number="", result="z"), "convert to numbers first"),
        (_PAIR.format(as_number=".astype(float)", result="-z"), "wrong sign"),
        (
            _PAIR.format(as_number=".astype(float)", result="z * np.sqrt(len(shuffled))"),
            "standard error",
        ),
        (
            _PAIR.format(as_number=".astype(float)", result="z[::-1]"),
            "values differ",
        ),
        (_DEAL.format("rng.permuted(connected, axis=0)"), "lost or gained inputs"),
        (_DEAL.format("connected[:, rng.permutation(connected.shape[1])]"), "the same PN"),
        (_DEAL.format("shuffle_wiring(connected, rng)"), "that is the other shuffle"),
        (_DEAL.format("np.random.default_rng(0).permuted(connected, axis=1)"), "another seed"),
        ("spread = np.array(spread)[:, ::-1]", "did you exchange"),
        ("favourites_verdict = 'pairs'", "look at both shuffles"),
    ],
}
