"""Numbers in rows and columns: pictures, and tables with colored cells."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm

from nnlib.plots import telling
from nnlib.plots.picture import (
    INK,
    MAX_WIDTH,
    Picture,
    array,
    finish,
    label_axes,
    new_axes,
    styled,
)
from nnlib.plots.telling import cell_text, largest_size


@styled
def images(
    images,
    titles: Sequence | None = None,
    columns: int | None = None,
    title: str = "",
    *,
    signed: bool = False,
    ax: Axes | None = None,
    digits: int = 2,
) -> Picture:
    """Draw grey pictures in a grid, all on one scale from the smallest to the largest value.

    images: (n, H, W) or (n, 1, H, W), any dtype. titles: n texts. signed: negative values blue,
    zero white, positive values red; for weights.
    """
    pictures, titles = _titled(images, titles)
    n, height, width = pictures.shape
    columns = min(n, columns or 8)
    rows = -(-n // columns)
    inch = min(1.3 if n > 3 else 2.2, MAX_WIDTH / 100 / columns)  # one picture and its gap, wide
    text_lines = max((text.count("\n") + 1 for text in titles), default=0)
    unit = 1.1 * width / inch  # a picture's own pixels in one inch
    text = 0.19 * unit * text_lines
    step = 1.1 * height + text
    ax = new_axes(
        ax,
        inch * (columns - 0.1 / 1.1) + 0.17,
        (step * (rows - 1) + height + text) / unit + 0.17 + (0.3 if title else 0),
    )
    high = largest_size(pictures) if signed else pictures.max()
    low = -high if signed else pictures.min()
    for i, picture in enumerate(pictures):
        x, y = (i % columns) * 1.1 * width, (i // columns) * step
        ax.imshow(
            picture,
            cmap="RdBu_r" if signed else "gray",
            vmin=low,
            vmax=high,
            extent=(x, x + width, y + height, y),
            interpolation="nearest",
        )
        if titles:
            ax.text(
                x + width / 2,
                y - 0.035 * unit,
                titles[i],
                ha="center",
                va="bottom",
                fontsize=9,
            )
    ax.set(xlim=(0, 1.1 * width * (columns - 1) + width), aspect="equal")
    ax.set_ylim(step * (rows - 1) + height, -text)
    ax.axis("off")
    label_axes(ax, title, "", "")
    drawn = np.stack([image.get_array() for image in ax.images[-n:]])
    return finish(ax, title, telling.images(drawn, titles, digits))


@styled
def matrix(
    matrix,
    rows: Sequence | None = None,
    columns: Sequence | None = None,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    *,
    ax: Axes | None = None,
    digits: int = 2,
) -> Picture:
    """Draw a table of numbers as colored cells with the numbers written in them.

    matrix: (R, C). rows, columns: R and C names, by default 0, 1, 2 and so on.
    Whole numbers are written in full, others with ``digits``.
    """
    values = array(matrix, "matrix", 2)
    rows = [str(r) for r in (range(values.shape[0]) if rows is None else rows)]
    columns = [str(c) for c in (range(values.shape[1]) if columns is None else columns)]
    if values.shape != (len(rows), len(columns)) or values.size == 0:
        raise ValueError(
            f"A matrix of shape {values.shape} needs {values.shape[0]} row names and "
            f"{values.shape[1]} column names, not {len(rows)} and {len(columns)}."
        )
    whole = (values % 1 == 0).all()
    written = max(len(cell_text(v, whole, digits)) for v in values.flat)
    cell = min(max(0.42, 0.1 * written + 0.14), 5.6 / len(columns))
    longest = max(len(r) for r in rows) * 0.08
    ax = new_axes(
        ax,
        min(7.2, cell * len(columns) + longest + 0.7),
        min(cell, 0.5) * len(rows) + 0.5 + (0.3 if title else 0) + (0.2 if xlabel else 0),
    )
    # Among counts a few large ones would leave the small ones white: color by the square root.
    norm = PowerNorm(0.5, 0, max(values.max(), 1)) if whole and values.min() >= 0 else None
    image = ax.imshow(values, cmap="Blues", norm=norm, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        light = np.dot(image.cmap(image.norm(value))[:3], (0.3, 0.59, 0.11)) > 0.55
        ax.text(
            j,
            i,
            cell_text(value, whole, digits),
            ha="center",
            va="center",
            color=INK if light else "white",
            fontsize=10 if cell > 0.36 else 8,
        )
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    label_axes(ax, title, xlabel, ylabel)

    drawn = np.ma.asarray(image.get_array())
    return finish(ax, title, telling.matrix(drawn, rows, columns, ylabel, xlabel, digits))


def _titled(images, titles):
    """Pictures (n, H, W) and n texts or none, or a ValueError."""
    pictures = array(images, "images")
    if pictures.ndim == 4 and pictures.shape[1] == 1:
        pictures = pictures[:, 0]
    if pictures.ndim != 3 or pictures.size == 0 or not np.isfinite(pictures).all():
        raise ValueError(
            "images needs the shape (n, H, W) or (n, 1, H, W), "
            f"and finite values, not {pictures.shape}; one picture is images[None]."
        )
    if titles is None:
        return pictures, []
    if len(titles) != len(pictures):
        raise ValueError(f"{len(pictures)} images need {len(pictures)} titles, not {len(titles)}.")
    return pictures, [str(t.item() if hasattr(t, "item") else t) for t in titles]
