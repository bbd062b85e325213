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

from nnlib.plots.picture import (
    COLORS,
    FAINT,
    INK,
    QUIET,
    array,
    finish,
    largest_size,
    mix,
    number,
    styled,
)

MOST_CIRCLES = 16  # units of a layer that are drawn as circles; more become a grid


@styled
def neuron(x, w, b, names=None, output=None, title="", *, ax=None, digits=3):
    """Draw one artificial neuron with its numbers: inputs, weights, bias, sum, step, output.

    x, w: (D,), D at most 8. b: number. names: D names of the inputs. output: the number that
    comes out when that is not the step's 1 (sum above 0) or 0.
    """
    x, w, b = array(x, "x", 1), array(w, "w", 1), float(b)
    names = [f"x{i}" for i in range(1, len(x) + 1)] if names is None else names
    if not 1 <= len(x) <= 8 or not len(x) == len(w) == len(names):
        raise ValueError(
            f"neuron needs 1 to 8 inputs and as many weights and names, not {len(x)} "
            f"inputs, {len(w)} weights and {len(names)} names."
        )
    total = float(x @ w) + b
    height = max(2.0, 0.8 * len(x) + 0.2)
    first = 0.7 + max(0.4, 0.085 * max(len(str(name)) for name in names))
    middle, center, gate, last = height / 2, first + 2.4, first + 3.6, first + 4.7
    ax = _canvas(ax, last + 0.5, height, title)

    total_text = number(total, digits, largest_size(np.append(x * w, b)))
    body = _circle(ax, center, middle, 0.36, "white", total_text)
    weights, inputs = [], []
    for i, (name, value, weight) in enumerate(zip(names, x, w)):
        y = middle + 0.8 * ((len(x) - 1) / 2 - i)
        cell = _circle(ax, first, y, 0.28, "white", number(value, digits))
        ax.text(first - 0.36, y, name, ha="right", va="center")
        color = COLORS[0] if weight > 0 else COLORS[1] if weight < 0 else QUIET
        strength = abs(weight) / (largest_size(w) or 1)
        _arrow(ax, cell, body, color, width=0.8 + 3.2 * strength, dashed=weight == 0)
        way = (first, y), (center, middle)
        weights.append(_on_edge(ax, *way, 0.42, number(weight, digits), color))
        inputs.append(cell.written)
    bias = _caption(ax, center, middle + 0.87, f"bias {number(b, digits)}", INK)
    stem = {"arrowstyle": "-|>", "color": QUIET, "shrinkA": 0, "shrinkB": 1}
    ax.annotate("", (center, middle + 0.37), (center, middle + 0.7), arrowprops=stem)

    result = float(total > 0) if output is None else float(output)
    box = _box(ax, gate, middle, 0.52, 0.52, facecolor="#F2F2F2", edgecolor=QUIET)
    if output is None:
        activation, shape = "step", np.array([[-1, 0, 0, 1], [-1, -1, 1, 1]])
    elif np.isclose(result, total):
        activation, shape = "linear", np.array([[-1, 1], [-1, 1]])
    else:
        activation, shape = "activation", np.empty((2, 0))
        ax.text(gate, middle, "f", ha="center", va="center", style="italic", size=13, zorder=4)
    ax.plot(gate + 0.18 * shape[0], middle + 0.13 * shape[1], color=INK, zorder=4)
    fill = COLORS[4] if result > 0 else "white"
    out = _circle(ax, last, middle, 0.3, fill, number(result, digits))
    _arrow(ax, body, box, QUIET)
    _arrow(ax, box, out, QUIET)
    _caption(ax, center, middle - 0.46, "sum")
    _caption(ax, gate, middle - 0.36, activation)
    _caption(ax, last, middle - 0.4, "output")

    terms = [
        f"{value.get_text()} × {weight.get_text()} ({name})"
        for name, value, weight in zip(names, inputs, weights)
    ]
    told = " + ".join(terms) + f" + {bias.get_text()} = {body.written.get_text()}"
    then = "the step gives" if output is None else "the output is"
    return finish(ax, title or "One neuron", f"{told}; {then} {out.written.get_text()}")


@styled
def network(layers, title="", *, ax=None, digits=2):
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
    blues = LinearSegmentedColormap.from_list("", ["white", "#BFD9EA", COLORS[0], "#00304D"])
    longest = max(len(values) for values in layers.values())
    tallest = 3.7 if longest > MOST_CIRCLES else max(1.0, 0.42 * longest)
    widths = [min(2.1, 0.24 * _shape(len(values))[1]) for values in layers.values()]
    gap = 0.75
    ax = _canvas(ax, max(3, sum(widths) + gap * (len(widths) + 0.4)), tallest + 0.7, title)
    center = 0.58 + tallest / 2
    left, before, told = 0.7 * gap, None, []
    for (name, values), width in zip(layers.items(), widths):
        shade = {"cmap": blues, "vmin": 0, "vmax": values.max() if values.max() > 0 else 1}
        middle = left + width / 2
        if len(values) > MOST_CIRCLES:
            rows, columns = _shape(len(values))
            height = min(tallest, width * rows / columns)
            low, high = center - height / 2, center + height / 2
            cells = np.full(rows * columns, np.nan)
            cells[: len(values)] = values
            xs, ys = np.linspace(left, left + width, columns + 1), np.linspace(high, low, rows + 1)
            grid = {"edgecolors": FAINT, "linewidth": 0.5} if rows <= 16 else {}
            units = ax.pcolormesh(xs, ys, cells.reshape(rows, columns), **grid, **shade)
            ax.plot(
                [left, middle * 2 - left, middle * 2 - left, left, left],
                [low, low, high, high, low],
                color=QUIET,
                linewidth=0.8,
            )
            spots = (high, low)  # a tuple: the corners of a grid
        else:
            pitch = min(0.42, tallest / len(values))
            spots = [center + pitch * ((len(values) - 1) / 2 - i) for i in range(len(values))]
            look = {"s": (52 * pitch) ** 2, "edgecolors": QUIET, "linewidth": 0.9, "zorder": 3}
            units = ax.scatter([middle] * len(spots), spots, c=values, **look, **shade)
        for y0, y1 in _connections(before, spots):
            ends = left - gap + 0.06, left - 0.06
            ax.plot(ends, [y0, y1], color="#C4C4C4", linewidth=0.8, zorder=1)
        before = spots
        drawn = np.ma.filled(np.ma.asarray(units.get_array()).ravel(), np.nan)[: len(values)]
        active = int((drawn > 0).sum())
        _caption(ax, middle, 0.45, name, INK, weight="bold")
        _caption(ax, middle, 0.23, f"{active} of {len(drawn)}")
        rounded = number(active, digits)
        told.append(f"{name} {'' if rounded == str(active) else 'about '}{rounded} of {len(drawn)}")
        left += width + gap
    strongest = int(np.nanargmax(drawn))
    if len(values) <= MOST_CIRCLES:
        for i, y in enumerate(spots):
            weight = "bold" if i == strongest else "normal"
            ax.text(middle + 0.5 * pitch + 0.06, y, str(i), va="center", size=9.5, weight=weight)
        ring = Circle((middle, spots[strongest]), 0.47 * pitch, fill=False, linewidth=2)
        ring.set_edgecolor(COLORS[1])
        ax.add_patch(ring)
    best = f"strongest output: unit {strongest} at {number(drawn[strongest], digits)}"
    return finish(ax, title or "A network", "units above zero: " + ", ".join(told), best)


@styled
def graph(nodes, edges, title="", node_text=None, *, ax=None):
    """Draw boxes joined by arrows, for example the graph of a computation.

    nodes: {name: (column, row)}, column 0 left, row 0 top; halves are allowed. Arrows
    are straight: place the nodes so that none lies on another's way.
    edges: list of (from, to, label). node_text: {name: text written below the name}.
    """
    text = {
        name: f"{name}\n{node_text[name]}" if name in (node_text or {}) else name for name in nodes
    }
    unknown = {end for edge in edges for end in edge[:2]} - set(nodes)
    if not nodes or unknown or any(len(edge) != 3 for edge in edges):
        raise ValueError(
            "graph needs nodes {name: (column, row)} and edges [(from, to, label)] "
            f"between those names; unknown: {sorted(unknown)}."
        )
    longest = max(len(part) for t in text.values() for part in t.split("\n"))
    label_width = max((len(p) for e in edges for p in str(e[2]).split("\n")), default=0) * 0.085
    wide, tall = max(0.6, 0.1 * longest + 0.24), 0.56 if node_text else 0.42
    columns, rows = (np.array([place[i] for place in nodes.values()], float) for i in (0, 1))
    dx, dy = wide + label_width + 0.65, tall + 0.55
    width = np.ptp(columns) * dx + wide + 0.3
    height = np.ptp(rows) * dy + tall + 0.4
    ax = _canvas(ax, max(width, 2.5), height, title)
    place = {
        name: (
            0.15 + wide / 2 + (c - columns.min()) * dx,
            height - 0.2 - tall / 2 - (r - rows.min()) * dy,
        )
        for name, (c, r) in nodes.items()
    }
    boxes, told_nodes, told_edges = {}, [], []
    for name, (x, y) in place.items():
        boxes[name] = _box(ax, x, y, wide, tall, facecolor="#E8F1F8", edgecolor=COLORS[0])
        written = ax.text(x, y, text[name], ha="center", va="center", zorder=4, linespacing=1.25)
        told_nodes.append(written.get_text().replace("\n", " = "))
    pairs = {edge[:2] for edge in edges}
    for start, end, label in edges:
        bend = 0.2 if (end, start) in pairs else 0.0
        backward = place[end][0] < place[start][0]
        color = COLORS[1] if backward else QUIET
        _arrow(ax, boxes[start], boxes[end], color, bend=bend)
        written = _on_edge(ax, place[start], place[end], 0.5, str(label), color, bend)
        told = written.get_text().replace("\n", " ")
        told_edges.append(f"{start} to {end}" + f" ({told})" * bool(told))
    return finish(
        ax, title or "A graph", "nodes " + ", ".join(told_nodes), "arrows " + ", ".join(told_edges)
    )


def _canvas(ax, width, height, title):
    """Axes without a frame whose unit is an inch, with the title at the top left."""
    height += 0.35 * bool(title)
    if ax is None:
        if title:  # a title may need more room than what is drawn
            bold = FontProperties(weight="bold")
            width = max(width, TextPath((0, 0), title, 12, prop=bold).get_extents().x1 / 72 + 0.3)
        ax = Figure(figsize=(width, height), dpi=100).add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.axis("off")
    ax.text(0.12, height - 0.12, title, fontsize=12, fontweight="bold", va="top")
    return ax


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
