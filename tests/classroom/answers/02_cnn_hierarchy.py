"""Typical wrong answers to assignment 02, each with words of the message that it must meet."""

CONVOLVE = """
def convolve(images, kernels, stride=1):
    images, kernels = np.asarray(images), {}
    shape = kernels.shape[1:]
    windows = np.lib.stride_tricks.sliding_window_view(images, shape, axis=(1, 2))
    return np.einsum("{}", windows{}, kernels)
"""
STRIDE = "[:, ::stride, ::stride]"
SEEN = """
def pixels_seen(unit, sizes, strides):
    width, step = 1, 1
    for size, stride in {}:
        {}
    return {}
"""
WIRING = """
def wiring(fields):
    steps = fields[:, 1, 0] - fields[:, 0, 0]
    widths = fields[:, 0, 1] - fields[:, 0, 0] + 1
    below, narrower = np.append(1, steps[:-1]), np.append(1, widths[:-1])
    return {}, {}
"""
ENERGY = """
def energy(images, even, odd, stride=1):
    one, other = convolve(images, even, stride), convolve(images, odd, stride)
    return {}
"""
RATIO = """
def modulation_ratio(rates, n_cycles, spontaneous):
    spectrum = np.abs(np.fft.rfft(rates, axis=1)) / rates.shape[1]
    return {}
"""
READOUT = """
def readout(responses, labels, new_responses, penalty):
    spread = responses.std(axis=0) + {}
    x = (responses - responses.mean(axis=0)) / spread
    z = (new_responses - {}.mean(axis=0)) / {}
    targets = np.eye(max(labels) + 1)[labels]
    {}
    weights = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ targets)
    return z @ weights{}
"""
EXPLICIT = """
def fed(images, random=False):
    kernels = {} if random else (even, odd)
    return energy(images, *kernels, 2)

stages = [
    lambda images: images.reshape(len(images), -1),
    lambda images: fed(images).reshape(len(images), -1),
    lambda images: fed(images).mean(axis={}),
    lambda images: fed(images, random=True).mean(axis={}),
]
explicit = np.zeros((4, 3))
for row, stage in enumerate(stages):
    for column, (scene, asked) in enumerate({}):
        said = readout(stage(learning[0]), learning[asked], stage(scene[0]), 100).argmax(axis=1)
        explicit[row, column] = np.{}(said == scene[asked])
"""
RANDOM, TESTS = "(random_even, random_odd)", "((familiar, 1), (new_places, 1), (familiar, 2))"

WRONG = {
    "q1": [
        (
            CONVOLVE.format("np.asarray(kernels)[:, ::-1, ::-1]", "nijkl,ckl->ncij", STRIDE),
            "the kernel is turned round",
        ),
        (
            CONVOLVE.format("np.asarray(kernels)", "nijkl,ckl->ncij", ""),
            "the stride has no effect",
        ),
        (
            CONVOLVE.format("np.asarray(kernels)", "nijkl,ckl->cnij", STRIDE),
            "the images are its first axis",
        ),
        (
            "from scipy.ndimage import correlate\n\n"
            "def convolve(images, kernels, stride=1):\n"
            "    maps = [[correlate(image, k, mode='constant') for k in kernels]"
            " for image in images]\n"
            "    return np.array(maps)[:, :, ::stride, ::stride]",
            "as large as the image",
        ),
    ],
    "q2": [
        (
            SEEN.format(
                "zip(sizes, strides)",
                "width, step = width + (size - 1) * step, step * stride",
                "unit * step, unit * step + width",
            ),
            "not the one after it",
        ),
        (
            SEEN.format(
                "zip(sizes, strides)",
                "step *= stride; width += (size - 1) * step",
                "unit * step, unit * step + width - 1",
            ),
            "not of its own",
        ),
        (
            SEEN.format(
                "zip(sizes[::-1], strides[::-1])",
                "width, step = width + (size - 1) * step, step * stride",
                "unit * step, unit * step + width - 1",
            ),
            "in reverse order",
        ),
        (
            SEEN.format(
                "zip(sizes, strides)",
                "width, step = width + (size - 1) * step, step * stride",
                "unit, unit + width - 1",
            ),
            "several pixels apart",
        ),
        (
            WIRING.format("((widths - narrower) // below + 1).tolist()", "steps.tolist()"),
            "a stride counts units",
        ),
        (
            WIRING.format("widths.tolist()", "(steps // below).tolist()"),
            "these are widths in pixels",
        ),
        (
            WIRING.format("((widths - narrower) // below).tolist()", "(steps // below).tolist()"),
            "k - 1 steps wider",
        ),
    ],
    "q3": [
        (ENERGY.format("np.sqrt(one**2 + other**2)"), "without the root"),
        (ENERGY.format("(one + other) ** 2"), "square each response before"),
        (ENERGY.format("abs(one) + abs(other)"), "square the responses"),
        (
            RATIO.format("2 * spectrum[:, 1] / (spectrum[:, 0] - spontaneous)"),
            "three cycles of the grating",
        ),
        (RATIO.format("2 * spectrum[:, n_cycles] / spectrum[:, 0]"), "still in F0"),
        (
            RATIO.format("spectrum[:, n_cycles] / (spectrum[:, 0] - spontaneous)"),
            "too small by half",
        ),
        ("n_simple = 0", "is the spontaneous rate subtracted"),
    ],
    "q4": [
        (
            READOUT.format("1e-9", "responses", "spread", "", ""),
            "the intercept is missing",
        ),
        (
            READOUT.format(
                "1e-9",
                "new_responses",
                "(new_responses.std(axis=0) + 1e-9)",
                "mean = targets.mean(axis=0); targets = targets - mean",
                " + mean",
            ).replace("1e-9)\n", "(new_responses.std(axis=0) == 0))\n"),
            "by their own mean and spread",
        ),
        (
            READOUT.format(
                "np.where(responses.std(axis=0) > 0, 0, np.nan)",
                "responses",
                "spread",
                "mean = targets.mean(axis=0); targets = targets - mean",
                " + mean",
            ),
            "the result has NaN",
        ),
        (
            READOUT.format("1e-9", "responses", "spread", "", "").replace(
                "return z @ weights", "return (z @ weights).argmax(axis=1)"
            ),
            "not the class alone",
        ),
    ],
    "q5": [
        (EXPLICIT.format(RANDOM, "(2, 3)", "(2, 3)", TESTS, "sum"), "counts or percentages"),
        (
            EXPLICIT.format(
                RANDOM,
                "(2, 3)",
                "(2, 3)",
                "((learning, 1), (new_places, 1), (learning, 2))",
                "mean",
            ),
            "on the images of learning",
        ),
        (
            EXPLICIT.format(RANDOM, "1).reshape(len(images), -1", "(2, 3)", TESTS, "mean"),
            "not over kernels",
        ),
        (
            EXPLICIT.format("(even, odd)", "(2, 3)", "(2, 3)", TESTS, "mean"),
            "random kernels do too well",
        ),
        (
            EXPLICIT.format(RANDOM, "(2, 3)", "(2, 3)", TESTS, "mean")
            + "explicit = explicit[:, [1, 0, 2]]\n",
            "should do better at familiar places",
        ),
    ],
}
