"""Typical wrong answers to assignment 14, each with words of the message that it must meet."""

_SPECTRUM = """
def spectrum(responses):
    x = np.asarray(responses, dtype=float)
    x = x - x.mean(axis={axis})
    n, n_axes = len(x), min(len(x) - 1, x.shape[1])
    return {result}
"""
_COUNT = """
def count_dimensions(variances):
    p = variances / np.sum(variances)
    return {}
"""
_SIGNAL = """
def signal_spectrum(repeats, n_axes):
    centred = repeats - {mean}
    total = np.zeros(n_axes)
    for k in range(len(centred)):
        this, others = centred[k], np.delete(centred, k, axis=0)
        axes = np.linalg.eigh(this.T @ this)[1]{order}[:, :n_axes]
        other = {other}
        total += ((this @ axes) * (other @ {axes})).sum(axis=0)
    return {result}
"""
_RATIO = """
def signal_to_noise(repeats):
    n = len(repeats)
    noise = repeats.var(axis=0, ddof={ddof}).mean()
    mean = repeats.mean(axis=0).var(axis=0, ddof=1).mean()
    return {result}
"""
_SHARE = """
def noise_concentration(repeats):
    left = repeats - repeats.mean(axis={axis}, keepdims=True)
    w = np.linalg.svd(left.{rows}, compute_uv=False)
    return {result}
"""
_KNOWN = """
def known_truth(true_exponents, snr, shared, seeds):
    table = [[exponents(simulate({how})) for seed in seeds] for alpha in true_exponents]
    return {result}
"""
_BIAS = """
def bias_and_spread(true_exponents, estimates):
    off = estimates.mean(axis=1) - true_exponents
    return {bias}, {spread}
"""
_CORRECT = """
def correct(found, true_exponents, estimates):
    means = np.mean(estimates, axis=1)
    if found < means[0] or found > means[-1]:
        return {outside}
    return float({result})
"""
_FEWEST = """
def fewest_dimensions(exponent):
    if exponent <= 1:
        return {}
    return {}
"""
_ANSWERS = """
ratios = [{ratio} for repeats in recordings]
corrected = np.array([
    {corrected} for repeats, ratio in zip(recordings, ratios)
])
odd_one_out = "ABC"[np.argmin(corrected)]
"""


def spectrum(result="np.linalg.svd(x, compute_uv=False)[:n_axes] ** 2 / (n - 1)", axis=0):
    """Return the spectrum with one thing changed."""
    return _SPECTRUM.format(result=result, axis=axis)


def signal(mean=None, order="[:, ::-1]", other=None, axes="axes", result=None):
    """Return the cross-validated spectrum with one thing changed."""
    mean = mean or "repeats.mean(axis=1, keepdims=True)"
    other = other or "others.mean(axis=0)"
    result = result or "total / len(centred) / (centred.shape[1] - 1)"
    return _SIGNAL.format(mean=mean, order=order, other=other, axes=axes, result=result)


def ratio(result="(mean - noise / n) / noise", ddof=1):
    """Return the signal-to-noise ratio with one thing changed."""
    return _RATIO.format(result=result, ddof=ddof)


def share(axis=0, rows="reshape(-1, left.shape[2])", result="w[0] ** 2 / (w**2).sum()"):
    """Return the concentration of the noise with one thing changed."""
    return _SHARE.format(axis=axis, rows=rows, result=result)


def known(how="alpha, snr, shared, seed", result="np.moveaxis(np.array(table), -1, 0)"):
    """Return the estimates with one thing changed."""
    return _KNOWN.format(how=how, result=result)


def bias(bias="np.abs(off).max()", spread="estimates.std(axis=1, ddof=1).max()"):
    """Return bias and spread with one thing changed."""
    return _BIAS.format(bias=bias, spread=spread)


def correct(result="np.interp(found, means, true_exponents)", outside="np.nan"):
    """Return the correction with one thing changed."""
    return _CORRECT.format(result=result, outside=outside)


def answers(ratio="signal_to_noise(repeats)", corrected=None):
    """Return the answers to question 6 with one thing changed."""
    corrected = corrected or (
        "correct(exponents(repeats)[1], truths, "
        "known_truth(truths, ratio, noise_shared, range(6))[1])"
    )
    return _ANSWERS.format(ratio=ratio, corrected=corrected)


_HALF = "np.exp(-(p[p > 0] * np.log(p[p > 0])).sum())"
_VALUES = "np.sort(np.linalg.eigvalsh(np.cov({})))[::-1]"

WRONG = {
    "q1": [
        (spectrum(_VALUES.format("x")), "the axes are directions in the space of the units"),
        (spectrum("np.linalg.eigvalsh(np.cov(x.T))"), "largest first"),
        (spectrum("np.linalg.svd(x, compute_uv=False)[:n_axes] ** 2 / n"), "of stimuli minus 1"),
        (spectrum("np.linalg.svd(x, compute_uv=False)[:n_axes]"), "these are singular values"),
        (
            spectrum("np.linalg.svd(responses, compute_uv=False)[:n_axes] ** 2 / (n - 1)"),
            "subtract each unit's mean",
        ),
        (spectrum(_VALUES.format("x.T")), "three points span two dimensions"),
        (
            spectrum("np.linalg.svd(x, compute_uv=False)[:n_axes] / np.sqrt(n - 1)"),
            "a variance is their square",
        ),
        (_COUNT.format(f"{_HALF}, 1 / (p**2).sum()"), "the participation ratio comes first"),
        (_COUNT.format(f"(p**2).sum(), {_HALF}"), "turn the fraction over"),
        (
            _COUNT.format("1 / (p**2).sum(), -(p[p > 0] * np.log(p[p > 0])).sum()"),
            "take the exponential of the entropy",
        ),
        (
            _COUNT.format("1 / (p**2).sum(), np.exp(-(p * np.log2(p)).sum())"),
            "mixes bits with the natural exponential",
        ),
        (
            _COUNT.format("1 / (p**2).sum(), np.exp(-(p * np.log(p)).sum())"),
            "0 times log 0 is NaN",
        ),
    ],
    "q2": [
        (signal(other="this"), "multiply the projections of one repeat with those of the others"),
        (signal(other="centred.mean(axis=0)"), "must leave out the repeat that gave the axes"),
        (signal(other="others.sum(axis=0)"), "the mean of the other repeats, not their sum"),
        (signal(other="others[0]"), "signal spectrum is not right yet"),
        (signal(order=""), "eigh returns the smallest variance first"),
        (signal(mean="0"), "subtract each unit's mean over the stimuli first"),
        (signal(result="total / (centred.shape[1] - 1)"), "do not add up"),
        (signal(result="total / len(centred) / centred.shape[1]"), "stimuli minus 1"),
        (signal(result="total / len(centred)"), "stimuli minus 1"),
        (
            signal(result="np.sort(total)[::-1] / len(centred) / (centred.shape[1] - 1)"),
            "do not sort the result",
        ),
        (
            signal(result="np.maximum(total, 0) / len(centred) / (centred.shape[1] - 1)"),
            "leave it negative",
        ),
        (
            signal(
                axes="np.linalg.eigh(others.mean(0).T @ others.mean(0))[1][:, ::-1][:, :n_axes]"
            ),
            "signal spectrum is not right yet",
        ),
        (
            signal(result="spectrum(repeats.mean(axis=0))[:n_axes]"),
            "PCA of the mean over repeats",
        ),
    ],
    "q3": [
        (ratio("mean / noise"), "still holds a part of the noise"),
        (ratio(ddof=0), "n_repeats - 1 in the denominator"),
        (ratio("(mean - noise / n) / (noise / n)"), "by the noise in one repeat"),
        (ratio("(mean - noise) / noise"), "only 1 / n_repeats of the noise variance is left"),
        (ratio("noise / (mean - noise / n)"), "you have noise over signal"),
        (
            ratio("(repeats.mean(0).var(0) / repeats.var(0, ddof=1).mean(0) - 1 / n).mean()"),
            "before you divide",
        ),
        (
            ratio("(repeats.mean(axis=0).var() - noise / n) / noise"),
            "different units' means are not part of it",
        ),
        (share(axis=1), "the signal is still in it"),
        (share(result="w[0] / w.sum()"), "square the singular values"),
        (share(rows="mean(axis=0)"), "concentration"),
        (share(rows="reshape(left.shape[1], -1)"), "rows are responses, columns units"),
        (share(result="w[-1] ** 2 / (w**2).sum()"), "smallest variance first"),
    ],
    "q4": [
        (known("alpha, snr, shared, 0"), "pass it on to simulate"),
        (known("alpha, shared, snr, seed"), "takes the ratio before the share"),
        (known("1.0, snr, shared, seed"), "every true exponent gives the same"),
        (known(result="np.array(table)"), "must have the shape (2, 2, 3)"),
        (known(result="np.moveaxis(np.array(table), -1, 0)[::-1]"), "by PCA come first"),
        (bias("off.max()"), "a bias may be negative"),
        (bias("np.abs(off).mean()"), "not their mean"),
        (bias("np.abs(estimates - true_exponents[:, None]).max()"), "first the mean over seeds"),
        (bias(spread="estimates.std(axis=1).max()"), "of seeds minus 1"),
        (bias(spread="estimates.var(axis=1, ddof=1).max()"), "take its root"),
        (bias(spread="estimates.std(axis=1, ddof=1).max() / 3**0.5"), "not the error of the mean"),
        (bias(spread="estimates.std(axis=0, ddof=1).max()"), "over seeds, not over true"),
    ],
    "q5": [
        (correct(outside="np.interp(found, means, true_exponents)"), "so nothing is known"),
        (correct("true_exponents[np.abs(means - found).argmin()]"), "do not take the nearest"),
        (correct("np.interp(found, true_exponents, means)"), "the wrong way round"),
        (correct("found - (means - true_exponents).mean()"), "do not subtract its mean"),
        (
            correct("np.polyval(np.polyfit(means, true_exponents, 1), found)"),
            "a line through all means is not exact",
        ),
        (_FEWEST.format("np.inf", "int(2 / (exponent - 1))"), "round up, not down"),
        (
            _FEWEST.format("np.inf", "int(np.ceil(2 / (exponent - 1)))"),
            "lies at the bound, which is not smooth yet",
        ),
        (_FEWEST.format("np.inf", "2 / (exponent - 1)"), "not a whole number"),
        (_FEWEST.format("0", "int(2 / (exponent - 1)) + 1"), "return np.inf"),
    ],
    "q6": [
        (
            "noise_shared = np.mean([noise_concentration(one) for one in recordings])",
            "not the concentration that you measure",
        ),
        ("noise_shared = 0.0", "of the noise, not 0.0"),
        (answers(corrected="exponents(repeats)[0]"), "from PCA of one repeat"),
        (
            answers(ratio="0.4 + 0 * signal_to_noise(repeats)"),
            "the corrected exponent of ",
        ),
        (answers(corrected="exponents(repeats)[1]"), "the corrected exponent of "),
        (
            'odd_one_out = "ABC"[np.argmax(corrected)]',
            "another animal has the lower exponent",
        ),
    ],
}
