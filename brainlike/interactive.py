"""Figures with sliders that work without a kernel: every frame is drawn beforehand.

Widgets that call Python are dead on a static page, in a PDF and on a phone. So a chapter draws all
frames when it runs, and a few lines of JavaScript in the output itself show one of them. The same
output works in Jupyter, on Colab and on the book's page, which takes the pictures out into files
(``book/_ext/frames.py``) and dresses the controls (``book/_static/brainlike.css``).
"""

import base64
import html
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
from IPython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure

MOST_BYTES = 1_000_000  # of one figure's pictures: a page must load over a slow line
DPI = 120  # 7 inches are wider than the page's column

# Plain range inputs: the browser brings keyboard, touch and the word "slider" to screen readers.
STYLE = """\
.frames{margin:1rem 0;max-width:52rem}
.frames [hidden]{display:none}
.frames-slider{display:grid;gap:.1rem .8rem;grid-template-columns:1fr max-content}
.frames-slider label{display:contents}
.frames-slider output{grid-area:1/2}
.frames-slider input{grid-area:2/1/auto/-1;height:1.75rem;margin:0;width:100%}
.frames img{background:#fff;display:block;height:auto;max-width:100%}"""

SCRIPT = """\
document.querySelectorAll("figure.frames:not([data-ready])").forEach((figure) => {
  figure.dataset.ready = "";
  const data = JSON.parse(figure.querySelector("script").textContent);
  const sliders = [...figure.querySelectorAll(".frames-slider")];
  const image = figure.querySelector("img"), text = figure.querySelector(".frames-text");
  function show() {
    let index = 0;
    sliders.forEach((slider, i) => {
      const input = slider.querySelector("input"), value = data.values[i][input.value];
      index = index * data.values[i].length + Number(input.value);
      input.setAttribute("aria-valuetext", value);
      slider.querySelector("output").textContent = value;
    });
    image.src = data.frames[index];
    text.textContent = data.texts[index];
  }
  function fetchAll() {
    data.frames.forEach((source) => { new Image().src = source; });
  }
  figure.addEventListener("input", show);
  for (const sign of ["pointerenter", "focusin"]) {
    figure.addEventListener(sign, fetchAll, {once: true});
  }
  figure.querySelector(".frames-controls").hidden = false;
  figure.querySelector(".frames-still").remove();
  show();
});"""


def show_frames(
    draw: Callable[..., Figure],
    sliders: Mapping[str, Sequence[object]],
    *,
    describe: Callable[..., str],
    alt: str,
    caption: str,
    start: Sequence[int] | None = None,
) -> None:
    """Draw every frame of a figure and show it with one or two sliders.

    Parameters
    ----------
    draw : callable
        ``draw(i)``, or ``draw(i, j)`` with two sliders, takes the sliders' positions, counted
        from 0, and returns a new matplotlib figure. Fix its size and the limits of its axes, so
        that nothing jumps: axes get the places that they have in the first frame.
    sliders : dict of str to sequence
        For each slider its name, with the unit, and the values at its positions. Values are
        shown and spoken as ``str`` makes them.
    describe : callable
        ``describe(i)`` or ``describe(i, j)``: a sentence in plain text that says what this frame
        shows, with its numbers. It stands below the picture and is spoken when it changes.
    alt : str
        What the figure shows as a whole, for those who do not see it.
    caption : str
        Plain text: what to move, and what to look for.
    start : sequence of int, optional
        Positions of the sliders at first; all 0 by default. Without JavaScript this frame stays.

    Raises
    ------
    ValueError
        If there are not one or two sliders of at least two values, the start is no position, a
        text is missing, frames differ in their number of axes, or exceed 1 MB together.
    TypeError
        If `draw` returns no figure.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np
    >>> x = np.linspace(0, 1)
    >>> def draw(i):
    ...     fig, ax = plt.subplots()
    ...     _ = ax.plot(x, x ** (1, 2, 3)[i])
    ...     return fig
    >>> show_frames(draw, {"exponent": (1, 2, 3)}, describe=lambda i: f"x to the power {i + 1}.",
    ...             alt="A power of x between 0 and 1.", caption="Move the exponent.")
    Move the exponent. x to the power 1.
    """
    values = {name: [str(value) for value in steps] for name, steps in sliders.items()}
    start = tuple(start or (0,) * len(values))
    _check(values, start, alt, caption)
    places = list(itertools.product(*(range(len(steps)) for steps in values.values())))
    texts = [describe(*place).strip() for place in places]
    if not all(texts):
        raise ValueError(f"describe returned no text for {places[texts.index('')]}")
    pictures = _pictures(draw, places)
    weight = sum(map(len, pictures))
    if weight > MOST_BYTES:
        raise ValueError(
            f"{len(places)} frames weigh {weight / 1e6:.1f} MB, more than "
            f"{MOST_BYTES / 1e6:.0f} MB: draw fewer or smaller ones"
        )
    first = places.index(start)
    if get_ipython() is None:
        print(caption, texts[first])
        return
    block = _html(values, pictures, texts, first, alt, caption)
    display({"text/plain": f"{caption} {texts[first]}", "text/html": block}, raw=True)


def _check(values: dict[str, list[str]], start: tuple[int, ...], alt: str, caption: str) -> None:
    if len(values) not in (1, 2):
        raise ValueError(f"need one or two sliders; got {len(values)}")
    for name, steps in values.items():
        if len(steps) < 2:
            raise ValueError(f"slider {name!r} needs at least two values; got {steps}")
    within = len(start) == len(values) and all(
        0 <= place < len(steps) for place, steps in zip(start, values.values(), strict=True)
    )
    if not within:
        raise ValueError(f"start {start} is no position of sliders {list(values)}")
    if len(alt.strip()) < 20 or not caption.strip():
        raise ValueError("alt needs 20 characters or more, and caption some text")


def _pictures(draw: Callable[..., Figure], places: list[tuple[int, ...]]) -> list[bytes]:
    """Return every frame as a lossless WebP picture; all have the layout of the first."""
    boxes, pictures = [], []
    for place in places:
        figure = draw(*place)
        if not isinstance(figure, Figure):
            raise TypeError(f"draw{place} must return a matplotlib figure; got {figure!r}")
        if not boxes:
            figure.canvas.draw()
            boxes = [ax.get_position(original=True) for ax in figure.axes]
        if len(figure.axes) != len(boxes):
            raise ValueError(f"draw{place} has {len(figure.axes)} axes, not {len(boxes)}")
        # Axes that stay where they are do not jump, and the layout, which is slow, is done once.
        figure.set_layout_engine("none")
        for ax, box in zip(figure.axes, boxes, strict=True):
            ax.set_position(box)
        buffer = io.BytesIO()
        compression = {"lossless": True, "quality": 50, "method": 1}
        figure.savefig(buffer, format="webp", dpi=DPI, pil_kwargs=compression)
        plt.close(figure)
        pictures.append(buffer.getvalue())
    return pictures


def _html(
    values: dict[str, list[str]],
    pictures: list[bytes],
    texts: list[str],
    first: int,
    alt: str,
    caption: str,
) -> str:
    """Return the figure, its data and its script as one block of HTML."""
    sources = ["data:image/webp;base64," + base64.b64encode(one).decode() for one in pictures]
    data = {"values": list(values.values()), "frames": sources, "texts": texts}
    as_json = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")  # no "</script>" inside
    controls, rest = "", first
    for name, steps in reversed(values.items()):
        rest, at = divmod(rest, len(steps))
        value = html.escape(steps[at])
        controls = (
            f'<div class="frames-slider"><label>{html.escape(name)}'
            f'<input type="range" min="0" max="{len(steps) - 1}" step="1" value="{at}" '
            f'aria-valuetext="{value}" autocomplete="off"></label>'
            f'<output aria-hidden="true">{value}</output></div>{controls}'
        )
    return (
        f'<style>{STYLE}</style><figure class="frames">'
        f'<div class="frames-controls" hidden>{controls}</div>'
        f'<img src="{sources[first]}" alt="{html.escape(alt)}">'
        f'<p class="frames-text" aria-live="polite">{html.escape(texts[first])}</p>'
        f"<figcaption>{html.escape(caption)} "
        '<span class="frames-still">(One frame of many: sliders need JavaScript.)</span>'
        "</figcaption>"
        f'<script type="application/json">{as_json}</script></figure>'
        f"<script>{SCRIPT}</script>"
    )
