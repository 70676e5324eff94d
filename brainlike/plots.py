"""The book's house style: one palette, and small functions that take arrays and return an Axes.

The same colour means the same thing on every page: teal for trained networks, orange for brains
and behaviour, grey for controls, a pale band for a ceiling. Simulated data say so in the figure.
The hues are distinguishable with the common colour-vision deficiencies (after Okabe and Ito).
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes

from brainlike._validate import check_array

NETWORK = "#0F766E"  # teal: trained networks
BRAIN = "#C2570C"  # orange: brains and behaviour
CONTROL = "#8F959E"  # grey: untrained networks, shuffles, baselines
CEILING = "#D9DDE3"  # pale grey band: noise ceilings, sampling bounds
THEORY = "#1F2937"  # near-black line: what mathematics says
PALETTE = (NETWORK, BRAIN, "#3B6FB6", "#B8488F", "#8A6D0B", "#5B4BA8", "#4C9A2A", CONTROL)


def use_style() -> None:
    """Set matplotlib to the book's style; every chapter calls it once, after its imports."""
    plt.rcParams.update(
        {
            "figure.figsize": (7.0, 3.5),
            "figure.dpi": 150,
            "figure.facecolor": "white",  # opaque: the page may be dark
            "savefig.facecolor": "white",
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "axes.titlesize": 10.5,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelsize": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": "#4B5563",
            "axes.prop_cycle": cycler(color=PALETTE),
            "xtick.color": "#374151",
            "ytick.color": "#374151",
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "legend.frameon": False,
            "legend.fontsize": 9,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "image.cmap": "gray",
            "image.interpolation": "nearest",
        }
    )


def image_grid(
    images: np.ndarray,
    n_columns: int | None = None,
    *,
    titles: Sequence[str] | None = None,
    symmetric: bool = False,
    gap: int = 2,
    ax: Axes | None = None,
) -> Axes:
    """Show images side by side in one panel.

    Parameters
    ----------
    images : array, (n, height, width) or (n, height, width, 3)
        Grey or colour images.
    n_columns : int, optional
        All in one row by default.
    titles : sequence of str, optional
        One a column, written above the first row.
    symmetric : bool
        For filters and weights: each image is scaled by its own largest magnitude, and grey
        is zero. Otherwise values are shown as they are, in [0, 1].
    gap : int
        White pixels between images.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    images = np.asarray(images, float)
    if images.ndim not in (3, 4) or images.size == 0:
        raise ValueError(f"images must be (n, height, width[, 3]); got {images.shape}")
    if symmetric:
        peak = np.abs(images).max(axis=tuple(range(1, images.ndim)), keepdims=True)
        images = 0.5 + 0.5 * images / np.maximum(peak, 1e-12)
    n, height, width = images.shape[:3]
    n_columns = n_columns or n
    n_rows = -(-n // n_columns)
    sheet = np.ones(
        (n_rows * (height + gap) - gap, n_columns * (width + gap) - gap, *images.shape[3:])
    )
    for i, image in enumerate(images):
        row, column = divmod(i, n_columns)
        top, left = row * (height + gap), column * (width + gap)
        sheet[top : top + height, left : left + width] = image
    ax = ax or plt.gca()
    ax.imshow(np.clip(sheet, 0, 1), vmin=0, vmax=1)
    ax.set_axis_off()
    for column, title in enumerate(titles or ()):
        center = column * (width + gap) + width / 2
        ax.text(center, -0.06 * height, title, ha="center", va="bottom", fontsize=9)
    return ax


def curve_with_spread(
    x: Sequence[float],
    curves: np.ndarray,
    *,
    label: str,
    color: str = NETWORK,
    style: str = "o-",
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean of several repetitions with each repetition as a faint dot.

    Parameters
    ----------
    x : sequence, (n_points,)
    curves : array, (n_repetitions, n_points)
    label, color, style : str
    ax : Axes, optional
    """
    curves = check_array("curves", curves, shape=("n_repetitions", len(x)))
    ax = ax or plt.gca()
    ax.plot(x, curves.mean(axis=0), style, color=color, label=label)
    if len(curves) > 1:
        for curve in curves:
            ax.plot(x, curve, ".", color=color, alpha=0.35, markersize=4, markeredgewidth=0)
    return ax


def points_by_group(
    groups: Sequence[np.ndarray],
    names: Sequence[str],
    *,
    colors: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw every value of each group as a dot, with a bar at the mean.

    Parameters
    ----------
    groups : sequence of arrays, (n_values,) each
    names : sequence of str
        Names under the axis.
    colors : sequence of str, optional
    ax : Axes, optional
    """
    if len(groups) != len(names):
        raise ValueError(f"need one name a group; got {len(groups)} groups, {len(names)} names")
    ax = ax or plt.gca()
    colors = colors or [NETWORK] * len(groups)
    for i, (values, color) in enumerate(zip(groups, colors, strict=True)):
        values = check_array(f"group {names[i]!r}", values, shape=("n_values",))
        jitter = np.linspace(-0.16, 0.16, len(values)) if len(values) > 1 else [0.0]
        ax.plot(i + np.asarray(jitter), values, "o", color=color, alpha=0.55, markeredgewidth=0)
        ax.plot([i - 0.28, i + 0.28], [values.mean()] * 2, color=color, linewidth=2.5)
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    return ax


def confusion_matrix(counts: np.ndarray, names: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Show how often each true class (row) was called each class (column).

    Parameters
    ----------
    counts : array, (n_classes, n_classes)
    names : sequence of str
    ax : Axes, optional
    """
    counts = check_array("counts", counts, shape=(len(names), len(names)))
    ax = ax or plt.gca()
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Greens", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(counts), strict=True):
        ink = "white" if share[row, column] > 0.6 else "#111827"
        value = f"{counts[row, column]:g}"
        ax.text(column, row, value, ha="center", va="center", fontsize=8, color=ink)
    slanted = {"rotation": 45, "ha": "right"} if max(map(len, names)) > 3 else {}
    ax.set_xticks(range(len(names)), names, **slanted)
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("answer")
    ax.set_ylabel("truth")
    return ax


def label_source(source: str, *, ax: Axes | None = None) -> Axes:
    """Write "real data" or "SIMULATED DATA" into the corner of a panel.

    Parameters
    ----------
    source : {"real", "simulated"}
        A loader's ``.source``.
    ax : Axes, optional
    """
    words = {"real": "real data", "simulated": "SIMULATED DATA"}
    if source not in words:
        raise ValueError(f"source must be 'real' or 'simulated'; got {source!r}")
    ax = ax or plt.gca()
    color = CONTROL if source == "real" else BRAIN
    ax.text(
        1, 1.02, words[source], transform=ax.transAxes, ha="right", va="bottom", fontsize=8,
        color=color,
    )  # fmt: skip
    return ax
