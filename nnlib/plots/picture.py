"""What every figure shares: one style, and a picture that carries its own description."""

import base64
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import matplotlib
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from nnlib.plots.telling import count

# The colors of Okabe and Ito (2008), told apart by color-blind readers too.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#B8A800")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*", "<", ">")
INK, QUIET, FAINT = "#222222", "#777777", "#E4E4E4"
STYLE = {
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "white"),
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.titlecolor"), INK),
    **dict.fromkeys(("xtick.labelcolor", "ytick.labelcolor"), INK),
    **dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), QUIET),
    **dict.fromkeys(("font.size", "axes.labelsize"), 10.5),
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), 9.5),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "axes.grid"), False),
    **dict.fromkeys(("axes.linewidth", "grid.linewidth"), 0.8),
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlepad": 9,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "lines.linewidth": 2,
    "legend.frameon": False,
}
MAX_WIDTH = 720  # pixels: fits the text column of JupyterLab
styled = matplotlib.rc_context(STYLE)  # as a decorator: the style holds inside that function only
DASHED = {"color": QUIET, "linewidth": 1.1, "linestyle": (0, (4, 3)), "zorder": 1}


@dataclass(repr=False)
class Picture:
    """A figure and the sentence that describes it; Jupyter shows both.

    figure: ``matplotlib.figure.Figure``. description: str, one line that starts with "Figure: ".
    """

    figure: Figure
    description: str

    def __repr__(self) -> str:
        return self.description

    @styled
    def png(self) -> tuple[bytes, int, int]:
        """The figure as a PNG, twice as sharp as it is to be shown.

        Returns (bytes, width, height): the size to show it at in pixels, at most 720 wide.
        """
        width, height = self.figure.get_size_inches() * 100
        shrink = min(1, MAX_WIDTH / width)
        full, buffer = io.BytesIO(), io.BytesIO()
        self.figure.savefig(full, format="png", dpi=200 * shrink)
        # 256 colors look the same and make notebooks a third as large.
        Image.open(full).convert("RGB").quantize(256).save(buffer, "png", optimize=True)
        return buffer.getvalue(), round(width * shrink), round(height * shrink)

    def _ipython_display_(self):
        if "matplotlib.pyplot" in sys.modules:  # a figure of the caller's: show it only once
            sys.modules["matplotlib.pyplot"].close(self.figure)
        show_png(*self.png(), self.description)
        caption(self.description)


def show_png(
    png: bytes, width: int, height: int, description: str, also: dict = {}, metadata: dict = {}
) -> None:
    """Display a PNG at this size in pixels, with its description for where there are only words.

    also: other forms of the same output that a front end may prefer, MIME type -> data; metadata
    is what is to be known about these.
    """
    from IPython.display import display

    image = {"image/png": base64.b64encode(png).decode(), "text/plain": description}
    size = {"image/png": {"width": width, "height": height}}
    display(also | image, raw=True, metadata=metadata | size)


def caption(sentence: str, kind: str = "nnlib-caption") -> None:
    """Show a sentence below its picture: as wide as a picture, and broken between words.

    kind: a class of HTML, by which a style sheet can tell this caption from others.
    """
    from IPython.display import display

    html = f'<p class="{kind}" style="max-width: {MAX_WIDTH}px">{escape(sentence)}</p>'
    display({"text/html": html, "text/plain": sentence}, raw=True)


def row(*draw: Callable[[Axes], Picture], title: str = "") -> Picture:
    """Put figures beside each other: row(lambda ax: curves(..., ax=ax), lambda ax: ...).

    draw: callables that take ``ax`` and return the ``Picture`` drawn on it.
    """
    with matplotlib.rc_context(STYLE):
        figure = new_figure(7.2 if len(draw) > 1 else 5, 3.3)
        axes = figure.subplots(1, len(draw), squeeze=False)[0]
        head(figure, title)
    told = [f(ax).description.removeprefix("Figure: ") for f, ax in zip(draw, axes)]
    numbered = " ".join(f"({i}) {text}" for i, text in enumerate(told, 1))
    return Picture(figure, f"Figure: {title}. {numbered}" if title else f"Figure: {numbered}")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches; shown, an inch is 100 pixels."""
    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # inches
    return figure


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """``ax``, or the axes of a new figure of this size in inches if it is None."""
    return ax if ax is not None else new_figure(width, height).subplots()


def head(figure: Figure, title: str) -> None:
    """Write a title over a whole figure, at the left."""
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


def label_axes(ax: Axes, title: str, xlabel: str, ylabel: str) -> None:
    """Name the axes, with the title at the left and no frame above or to the right."""
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if title:
        ax.set_title(title, loc="left")
    ax.spines[["top", "right"]].set_visible(False)


def finish(ax: Axes, title: str, *parts: str) -> Picture:
    """The picture that ``ax`` is on; its description joins the parts, each as a sentence."""
    sentences = [part if part[-1] in ".?!" else part + "." for part in (title, *parts) if part]
    return Picture(ax.figure, " ".join(" ".join(["Figure:", *sentences]).split()))


def array(values, name: str, ndim: int | None = None) -> np.ndarray:
    """Anything number-like as a numpy array in float64, or a ValueError that names it."""
    try:
        if isinstance(values, (list, tuple)) and any(torch.is_tensor(v) for v in values):
            values = torch.stack([torch.as_tensor(v).detach().cpu() for v in values])
        if torch.is_tensor(values):
            values = values.detach().cpu().to(torch.float64)
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{name} must be a tensor or a list of numbers: {error}") from error
    if ndim is not None and array.ndim != ndim:
        needed = count(ndim, "dimension")
        raise ValueError(f"{name} needs {needed}, but its shape is {tuple(array.shape)}.")
    return array


def mix(color, other, share: float) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 1 each, of one color with a share (0 to 1) of another."""
    return tuple((1 - share) * np.array(to_rgb(color)) + share * np.array(to_rgb(other)))
