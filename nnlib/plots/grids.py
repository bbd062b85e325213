"""Numbers in rows and columns: pictures, and tables with colored cells."""

import numpy as np
from matplotlib.colors import PowerNorm

from nnlib.plots.picture import (
    INK,
    MAX_WIDTH,
    array,
    cell_text,
    finish,
    label_axes,
    largest_size,
    new_axes,
    number,
    styled,
)


@styled
def images(images, titles=None, columns=None, title="", *, signed=False, ax=None, digits=2):
    """Draw grey pictures in a grid, all on one scale from the smallest to the largest value.

    images: (n, H, W) or (n, 1, H, W), any dtype. titles: n texts. signed: negative values blue,
    zero white, positive values red; for weights.
    """
    pictures = array(images, "images")
    if pictures.ndim == 4 and pictures.shape[1] == 1:
        pictures = pictures[:, 0]
    if pictures.ndim != 3 or pictures.size == 0 or not np.isfinite(pictures).all():
        raise ValueError(
            "images needs the shape (n, H, W) or (n, 1, H, W), "
            f"and finite values, not {pictures.shape}; one picture is images[None]."
        )
    n, height, width = pictures.shape
    if titles is not None and len(titles) != n:
        raise ValueError(f"{n} images need {n} titles, not {len(titles)}.")
    titles = [
        str(t.item() if hasattr(t, "item") else t) for t in ([] if titles is None else titles)
    ]
    columns = min(n, columns or 8)
    rows = -(-n // columns)
    # The width of one picture and its gap.
    inch = min(1.3 if n > 3 else 2.2, MAX_WIDTH / 100 / columns)
    text_lines = max((text.count("\n") + 1 for text in titles), default=0)
    unit = 1.1 * width / inch  # pixels in one inch
    text = 0.19 * unit * text_lines
    step = 1.1 * height + text
    ax = new_axes(
        ax,
        inch * (columns - 0.1 / 1.1) + 0.17,
        (step * (rows - 1) + height + text) / unit + 0.17 + 0.3 * bool(title),
    )
    low, high = pictures.min(), pictures.max()
    if signed:
        low, high = -largest_size(pictures), largest_size(pictures)
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
    scale = largest_size(drawn)
    smallest, largest, mean = (
        f"{v:.0f}" if v % 1 == 0 else number(v, digits, scale)  # a whole number is told in full
        for v in (drawn.min(), drawn.max(), drawn.mean())
    )
    told = (": " + ", ".join(titles[:30])) * bool(titles) + ", and so on" * (len(titles) > 30)
    noun = "picture" if n == 1 else "pictures"
    return finish(
        ax,
        title,
        f"{n} {noun} of {height} by {width} pixels, values {smallest} to "
        f"{largest}, mean {mean}{told}",
    )


@styled
def matrix(matrix, rows=None, columns=None, title="", xlabel="", ylabel="", *, ax=None, digits=2):
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
        min(cell, 0.5) * len(rows) + 0.5 + 0.3 * bool(title) + 0.2 * bool(xlabel),
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
    names = (ylabel or "row", rows), (xlabel or "column", columns)
    low, high = number(drawn.min(), digits), number(drawn.max(), digits)
    top = _tell_largest(drawn, *names, digits)
    parts = [f"{len(rows)} by {len(columns)} cells from {low} to {high}, largest at {top}"]
    if rows == columns and len(rows) > 1:
        off = np.ma.masked_where(np.eye(len(rows), dtype=bool), drawn)
        parts.append(f"largest off the diagonal at {_tell_largest(off, *names, digits)}")
    return finish(ax, title, "; ".join(parts))


def _tell_largest(cells, row, column, digits):
    """Name the row and the column of the largest cell, for example "true 4, predicted 9 (12)"."""
    i, j = np.unravel_index(np.ma.argmax(cells), cells.shape)
    return f"{row[0]} {row[1][i]}, {column[0]} {column[1][j]} ({number(cells[i, j], digits)})"
