"""Diagrams drawn from shapes: a neuron, the units of a network, a graph.

One unit of their axes is one inch, so that text fits its shape.
"""

import math
from itertools import product

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.textpath import TextPath

from nnlib.plots import telling
from nnlib.plots.picture import (
    COLORS,
    FAINT,
    INK,
    QUIET,
    Picture,
    array,
    finish,
    mix,
    styled,
)
from nnlib.plots.telling import largest_size, number

MOST_CIRCLES = 16  # units of a layer that are drawn as circles; more become a grid


@styled
def neuron(x, w, b: float, output: float | None = None, title: str = "") -> Picture:
    """Draw one artificial neuron with its numbers: inputs, weights, bias, sum, step, output.

    x, w: (D,), D at most 8. output: the number that comes out when that is not the step's 1
    (sum above 0) or 0.
    """
    x, w, b = array(x, "x", 1), array(w, "w", 1), float(b)
    if not 1 <= len(x) <= 8 or len(x) != len(w):
        raise ValueError(
            f"neuron needs 1 to 8 inputs and as many weights, not {len(x)} "
            f"inputs and {len(w)} weights."
        )
    total = float(x @ w) + b
    result = output
    if output is None:
        result = 1.0 if total > 0 else 0.0
    height = max(2.0, 0.8 * len(x) + 0.2)
    first, center, gate, last, middle = 1.1, 3.5, 4.7, 5.8, height / 2
    ax = _canvas(last + 0.5, height, title)
    total_text = number(total, 3, largest_size(np.append(x * w, b)))
    body = _circle(ax, center, middle, 0.36, "white", total_text)
    weights, inputs = [], []
    for i, (value, weight) in enumerate(zip(x, w)):
        y = middle + 0.8 * ((len(x) - 1) / 2 - i)
        cell = _circle(ax, first, y, 0.28, "white", number(value, 3))
        ax.text(first - 0.36, y, f"x{i + 1}", ha="right", va="center")
        color = COLORS[0] if weight > 0 else COLORS[1] if weight < 0 else QUIET
        strength = abs(weight) / (largest_size(w) or 1)
        _arrow(ax, cell, body, color, width=0.8 + 3.2 * strength, dashed=weight == 0)
        way = (first, y), (center, middle)
        weights.append(_on_edge(ax, *way, 0.42, number(weight, 3), color))
        inputs.append(cell.written)
    bias = _caption(ax, center, middle + 0.87, f"bias {number(b, 3)}", INK)
    stem = {"arrowstyle": "-|>", "color": QUIET, "shrinkA": 0, "shrinkB": 1}
    ax.annotate("", (center, middle + 0.37), (center, middle + 0.7), arrowprops=stem)

    box = _box(ax, gate, middle, 0.52, 0.52, facecolor="#F2F2F2", edgecolor=QUIET)
    if output is None:
        activation = "step"
    else:
        activation = "linear" if np.isclose(result, total) else "activation"
    _draw_activation(ax, gate, middle, activation)
    fill = COLORS[4] if result > 0 else "white"
    out = _circle(ax, last, middle, 0.3, fill, number(result, 3))
    _arrow(ax, body, box, QUIET)
    _arrow(ax, box, out, QUIET)
    _caption(ax, center, middle - 0.46, "sum")
    _caption(ax, gate, middle - 0.36, activation)
    _caption(ax, last, middle - 0.4, "output")
    told = telling.neuron(inputs, weights, bias, body.written, out.written, output is None)
    return finish(ax, title or "One neuron", told)


@styled
def network(layers: dict, title: str = "", *, digits: int = 2) -> Picture:
    """Draw the units of a network layer by layer, darker where a unit is more active.

    layers: {name: 1-D tensor of activations}, from input to output. Up to 16 units are circles,
    more are small squares; values of 0 or less are white. The last layer's strongest unit is
    ringed, and its units are numbered if they are circles.
    """
    if not layers:
        raise ValueError("network needs at least one layer: pass {name: 1-D tensor}.")
    layers = {name: array(values, f"Layer {name!r}", 1) for name, values in layers.items()}
    if not all(len(values) for values in layers.values()):
        raise ValueError("Every layer needs at least one unit.")
    longest = max(len(values) for values in layers.values())
    tallest = 3.7 if longest > MOST_CIRCLES else max(1.0, 0.42 * longest)
    widths = [min(2.1, 0.24 * _shape(len(values))[1]) for values in layers.values()]
    gap = 0.75
    ax = _canvas(max(3, sum(widths) + gap * (len(widths) + 0.4)), tallest + 0.7, title)
    center = 0.58 + tallest / 2
    left, before, told = 0.7 * gap, None, []
    for (name, values), width in zip(layers.items(), widths):
        middle = left + width / 2
        draw = _draw_circles if len(values) <= MOST_CIRCLES else _draw_grid
        units, spots = draw(ax, values, middle, center, width, tallest)
        for y0, y1 in _connections(before, spots):
            ends = left - gap + 0.06, left - 0.06
            ax.plot(ends, [y0, y1], color="#C4C4C4", linewidth=0.8, zorder=1)
        before = spots
        drawn = np.ma.filled(np.ma.asarray(units.get_array()).ravel(), np.nan)[: len(values)]
        _caption(ax, middle, 0.45, name, INK, weight="bold")
        _caption(ax, middle, 0.23, f"{(drawn > 0).sum()} of {len(drawn)}")
        told.append(telling.active(name, drawn, digits))
        left += width + gap
    strongest = int(np.nanargmax(drawn))
    if len(drawn) <= MOST_CIRCLES:
        _mark_strongest(ax, middle, spots, strongest)
    best = f"strongest output: unit {strongest} at {number(drawn[strongest], digits)}"
    return finish(ax, title or "A network", "units above zero: " + ", ".join(told), best)


@styled
def graph(nodes: dict, edges: list, title: str = "", node_text: dict | None = None) -> Picture:
    """Draw boxes joined by arrows, for example the graph of a computation.

    nodes: {name: (column, row)}, column 0 left, row 0 top; halves are allowed. Arrows
    are straight: place the nodes so that none lies on another's way.
    edges: list of (from, to, label). node_text: {name: text written below the name}.
    """
    unknown = {end for edge in edges for end in edge[:2]} - set(nodes)
    if not nodes or unknown or any(len(edge) != 3 for edge in edges):
        raise ValueError(
            "graph needs nodes {name: (column, row)} and edges [(from, to, label)] "
            f"between those names; unknown: {sorted(unknown)}."
        )
    node_text = node_text or {}
    text = {name: f"{name}\n{node_text[name]}" if name in node_text else name for name in nodes}
    longest = max(len(part) for t in text.values() for part in t.split("\n"))
    label_width = max((len(p) for e in edges for p in str(e[2]).split("\n")), default=0) * 0.085
    wide, tall = max(0.6, 0.1 * longest + 0.24), 0.56 if node_text else 0.42
    columns, rows = (np.array([place[i] for place in nodes.values()], float) for i in (0, 1))
    dx, dy = wide + label_width + 0.65, tall + 0.55
    width = np.ptp(columns) * dx + wide + 0.3
    height = np.ptp(rows) * dy + tall + 0.4
    ax = _canvas(max(width, 2.5), height, title)
    place = {
        name: (
            0.15 + wide / 2 + (c - columns.min()) * dx,
            height - 0.2 - tall / 2 - (r - rows.min()) * dy,
        )
        for name, (c, r) in nodes.items()
    }
    boxes, names, arrows = {}, [], []
    for name, (x, y) in place.items():
        boxes[name] = _box(ax, x, y, wide, tall, facecolor="#E8F1F8", edgecolor=COLORS[0])
        names.append(
            ax.text(x, y, text[name], ha="center", va="center", zorder=4, linespacing=1.25)
        )
    pairs = {edge[:2] for edge in edges}
    for start, end, label in edges:
        bend = 0.2 if (end, start) in pairs else 0.0
        color = COLORS[1] if place[end][0] < place[start][0] else QUIET  # the way back
        _arrow(ax, boxes[start], boxes[end], color, bend=bend)
        written = _on_edge(ax, place[start], place[end], 0.5, str(label), color, bend)
        arrows.append((start, end, written))
    return finish(ax, title or "A graph", *telling.graph(names, arrows))


def _canvas(width, height, title):
    """New axes of this size in inches, without a frame, with the title at the top left."""
    if title:  # a title may need more room than what is drawn
        height += 0.35
        bold = FontProperties(weight="bold")
        width = max(width, TextPath((0, 0), title, 12, prop=bold).get_extents().x1 / 72 + 0.3)
    ax = Figure(figsize=(width, height), dpi=100).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.axis("off")
    ax.text(0.12, height - 0.12, title, fontsize=12, fontweight="bold", va="top")
    return ax


def _draw_activation(ax, x, y, activation):
    """A sign of the activation: a step, a straight line, or an f."""
    if activation == "activation":
        ax.text(x, y, "f", ha="center", va="center", style="italic", size=13, zorder=4)
        return
    shape = [[-1, 0, 0, 1], [-1, -1, 1, 1]] if activation == "step" else [[-1, 1], [-1, 1]]
    along, up = np.array(shape)
    ax.plot(x + 0.18 * along, y + 0.13 * up, color=INK, zorder=4)


def _shade(values):
    """How units of a layer are colored: white at 0 and below, darkest at the largest."""
    blues = LinearSegmentedColormap.from_list("", ["white", "#BFD9EA", COLORS[0], "#00304D"])
    return {"cmap": blues, "vmin": 0, "vmax": values.max() if values.max() > 0 else 1}


def _draw_circles(ax, values, middle, center, width, tallest):
    """A layer as a column of circles; returns what was drawn and the height of each unit."""
    pitch = min(0.42, tallest / len(values))
    spots = [center + pitch * ((len(values) - 1) / 2 - i) for i in range(len(values))]
    look = {"s": (52 * pitch) ** 2, "edgecolors": QUIET, "linewidth": 0.9, "zorder": 3}
    return ax.scatter([middle] * len(spots), spots, c=values, **look, **_shade(values)), spots


def _draw_grid(ax, values, middle, center, width, tallest):
    """A layer as small squares; returns what was drawn, and its upper and lower end, a tuple."""
    rows, columns = _shape(len(values))
    height = min(tallest, width * rows / columns)
    left, right = middle - width / 2, middle + width / 2
    low, high = center - height / 2, center + height / 2
    cells = np.full(rows * columns, np.nan)
    cells[: len(values)] = values
    xs, ys = np.linspace(left, right, columns + 1), np.linspace(high, low, rows + 1)
    grid = {"edgecolors": FAINT, "linewidth": 0.5} if rows <= 16 else {}
    units = ax.pcolormesh(xs, ys, cells.reshape(rows, columns), **grid, **_shade(values))
    frame = [left, right, right, left, left], [low, low, high, high, low]
    ax.plot(*frame, color=QUIET, linewidth=0.8)
    return units, (high, low)


def _mark_strongest(ax, middle, spots, strongest):
    """Number the units of a column of circles, and put a ring around one."""
    pitch = spots[0] - spots[1] if len(spots) > 1 else 0.42
    for i, y in enumerate(spots):
        weight = "bold" if i == strongest else "normal"
        ax.text(middle + 0.5 * pitch + 0.06, y, str(i), va="center", size=9.5, weight=weight)
    ring = Circle((middle, spots[strongest]), 0.47 * pitch, fill=False, linewidth=2)
    ring.set_edgecolor(COLORS[1])
    ax.add_patch(ring)


def _circle(ax, x, y, radius, color, text):
    circle = ax.add_patch(
        Circle((x, y), radius, facecolor=color, edgecolor=QUIET, linewidth=1.2, zorder=3)
    )
    circle.written = ax.text(x, y, text, ha="center", va="center", zorder=4)
    return circle


def _arrow(ax, start, end, color, width=1.4, bend=0.0, dashed=False):
    """An arrow between the edges of two shapes."""
    centers = [
        np.mean(s.get_extents().transformed(ax.transData.inverted()).get_points(), axis=0)
        for s in (start, end)
    ]
    ax.add_patch(
        FancyArrowPatch(
            *centers,
            patchA=start,
            patchB=end,
            arrowstyle="-|>,head_length=4,head_width=2.2",
            mutation_scale=1.4,
            shrinkA=0,
            shrinkB=2,
            color=color,
            linewidth=width,
            linestyle=(0, (3, 3)) if dashed else "-",
            connectionstyle=f"arc3,rad={bend}",
            zorder=2,
        )
    )


def _on_edge(ax, start, end, share, text, color, bend=0.0):
    """A label on the way from start to end, on a white ground."""
    start, end = np.array(start), np.array(end)
    along = end - start
    # A bent arrow passes half its bend beside the middle of the straight way.
    x, y = start + share * along + bend / 2 * np.array([along[1], -along[0]])
    return ax.text(
        x,
        y,
        text,
        ha="center",
        va="center",
        fontsize=9.5,
        zorder=5,
        color=mix(color, INK, 0.3),
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def _box(ax, x, y, width, height, **colors):
    corner, style = (x - width / 2, y - height / 2), "round,pad=0,rounding_size=0.1"
    box = FancyBboxPatch(corner, width, height, boxstyle=style, linewidth=1.2, zorder=3, **colors)
    return ax.add_patch(box)


def _caption(ax, x, y, text, color=QUIET, **font):
    return ax.text(x, y, text, ha="center", va="top", color=color, fontsize=9.5, **font)


def _connections(before, after):
    """The lines that say every unit feeds every unit: all of them, or the outer two at a grid."""
    if before is None:
        return []
    if isinstance(before, tuple) or isinstance(after, tuple):
        return [(before[0], after[0]), (before[-1], after[-1])]
    return list(product(before, after))


def _shape(n):
    """(rows, columns) for n units: one column of circles, a square picture, or 16 rows."""
    if n <= MOST_CIRCLES:
        return n, 1
    side = math.isqrt(n)
    return (side, side) if side * side == n and n > 64 else (16, -(-n // 16))
