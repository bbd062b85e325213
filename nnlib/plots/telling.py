"""The sentence below a figure: its numbers, read back from what was drawn, in words."""

import numpy as np


def number(value, digits: int = 2, scale: float = 0.0) -> str:
    """A number as text; below a millionth of ``scale`` it is rounding error and reads 0."""
    value = float(value)
    rounded = float(f"{value:.{digits}g}") if abs(value) >= 1e-6 * abs(scale) else 0.0
    return f"{rounded + 0.0:.0f}" if 1e5 <= abs(rounded) < 1e12 else f"{rounded + 0.0:g}"


def cell_text(value, whole: bool, digits: int) -> str:
    """A number in a table: a whole one in full, others with ``digits``, zeros at the end kept."""
    if whole:
        return f"{value:.0f}"
    fits = abs(value) < 10**digits and np.isfinite(value)
    return f"{value:#.{digits}g}".rstrip(".") if fits else number(value, digits)


def largest_size(values) -> float:
    """The largest absolute value among those that are finite; 0 if none is."""
    finite = np.abs(values[np.isfinite(values)])
    return finite.max() if finite.size else 0.0


def count(n: int, noun: str) -> str:
    """For example "1 epoch" and "2 epochs"."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


# -- charts ----------------------------------------------------------------------------------------


def curves(ax, lines, bands, digits) -> str:
    """What the lines do; ``bands`` has the shaded band of those that have one."""
    xs = [line.get_xdata() for line in lines]
    scale = max(largest_size(line.get_ydata()) for line in lines)
    if ax.get_yscale() == "log":  # there a small number is no rounding error
        scale = 0

    def say(value):
        return number(value, digits, scale)

    whole_range = [
        number(min(x.min() for x in xs), digits),
        number(max(x.max() for x in xs), digits),
    ]
    parts = []
    for line, x in zip(lines, xs):
        told = line.get_label()
        own_range = [number(x.min(), digits), number(x.max(), digits)]
        if own_range != whole_range:
            told += f" ({own_range[0]} to {own_range[1]})"
        told += f" {trend(line.get_ydata(), say)}"
        if line in bands:
            told += f", band up to {number(_thickness(bands[line]), digits)} wide"
        parts.append(told)
    up = ax.get_ylabel() + (" (log scale)" if ax.get_yscale() == "log" else "")
    along = ax.get_xlabel() + (" (log scale)" if ax.get_xscale() == "log" else "")
    return f"{up} over {along} {whole_range[0]} to {whole_range[1]}: {'; '.join(parts)}"


def dashed(levels, walls, digits) -> str:
    """Where the dashed lines are, level ones first; nothing if there are none."""
    parts = [f"{line.get_label()} at {number(line.get_ydata()[0], digits)}" for line in levels]
    parts += [f"{line.get_label()} at {number(line.get_xdata()[0], digits)}" for line in walls]
    return f"Dashed: {', '.join(parts)}" if parts else ""


def metric(lines, percent: bool) -> str:
    """How a loss or a metric went over the epochs, coarsely: training differs between machines."""

    def say(value):
        return f"{value:.0f} %" if percent else number(value, 1)

    return ", ".join(f"{line.get_label()} {trend(line.get_ydata(), say, True)}" for line in lines)


def trend(values, say, only_ends: bool = False) -> str:
    """Where a line starts, what it passes halfway and where it ends. say: number -> text."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "has no finite value"
    missing = len(values) - len(finite)
    lost = f", {count(missing, 'value')} not finite" if missing else ""
    first, middle, last = (say(finite[i]) for i in (0, len(finite) // 2, -1))
    low, high = say(finite.min()), say(finite.max())
    if low == high:
        return f"stays at {first}{lost}"
    verb, between = "goes", f", between {low} and {high}"
    if (first, last) == (low, high):
        verb, between = "rises", ""
    elif (first, last) == (high, low):
        verb, between = "falls", ""
    if only_ends:
        return f"{verb} from {first} to {last}{lost}"
    through = f" through {middle}" if len(finite) > 2 else ""
    return f"{verb} from {first}{through} to {last}{between}{lost}"


def _thickness(band) -> float:
    """The largest height of a shaded band, from the outline that was drawn."""
    x, y = band.get_paths()[0].vertices.T
    return max(np.ptp(y[x == at]) for at in np.unique(x))


def bars(ax, names, drawn, spread, whole, digits) -> str:
    parts = []
    for name, bar in zip(names, drawn):
        part = f"{name} {cell_text(bar.get_width(), whole, digits)}"
        parts.append(part if spread is None else f"{part} ± {number(spread[name], digits)}")
    what = f"{ax.get_xlabel()}: " if ax.get_xlabel() else ""
    return what + ", ".join(parts)


# -- the plane -------------------------------------------------------------------------------------


def place(xy, scale: float) -> str:
    """A point of the plane, for example "(0.5, -2)"."""
    return f"({', '.join(number(v, scale=scale) for v in xy)})"


def samples(name, dots, scale) -> str:
    """How many samples a class has, and where their mean is."""
    drawn = dots.get_offsets()
    return f"{name}: {len(drawn)} around {place(drawn.mean(0), scale)}"


def regions(names, image) -> str:
    """How much of the plane the model gives to each class."""
    shares = [(image.get_array() == k).mean() for k in range(len(names))]
    areas = [f"{name} {100 * share:.0f} %" for name, share in zip(names, shares)]
    return "the model gives the plane to " + ", ".join(areas)


def decision_line(label, line) -> str:
    """The line's equation, solved for x2 where that can be done."""
    (x0, x1), (y0, y1) = line.get_data()
    if x0 == x1:
        return f"line {label} is x1 = {number(x0)}"
    slope = (y1 - y0) / (x1 - x0)
    at_zero = y0 - slope * x0
    sign = "-" if at_zero < 0 else "+"
    rest = number(abs(at_zero), scale=max(abs(y0), abs(y1)))
    return f"line {label} is x2 = {number(slope)} x1 {sign} {rest}"


def walk(label, path, heights, highest) -> str:
    """Where a path starts and ends, and how high it is there. highest: of the map."""
    start, end = (place(path[i], largest_size(path[0])) for i in (0, -1))
    first, last = number(heights[0]), number(heights[-1], scale=highest)
    return f"{label} walks {len(path) - 1} steps from {start} to {end}, height {first} to {last}"


# -- grids -----------------------------------------------------------------------------------------


def images(drawn, titles, digits) -> str:
    """How many pictures of which size, their range and their first 30 titles. drawn: (n, H, W)."""
    scale = largest_size(drawn)
    smallest, largest, mean = (
        f"{v:.0f}" if v % 1 == 0 else number(v, digits, scale)  # a whole number is told in full
        for v in (drawn.min(), drawn.max(), drawn.mean())
    )
    n, height, width = drawn.shape
    told = (
        f"{count(n, 'picture')} of {height} by {width} pixels, "
        f"values {smallest} to {largest}, mean {mean}"
    )
    if titles:
        told += f": {', '.join(titles[:30])}"
    return told + (", and so on" if len(titles) > 30 else "")


def matrix(cells, rows, columns, ylabel, xlabel, digits) -> str:
    """Size and range of a table, its largest cell, and its largest off the diagonal."""

    def largest(cells):
        i, j = np.unravel_index(np.ma.argmax(cells), cells.shape)
        at = f"{ylabel or 'row'} {rows[i]}, {xlabel or 'column'} {columns[j]}"
        return f"{at} ({number(cells[i, j], digits)})"

    low, high = number(cells.min(), digits), number(cells.max(), digits)
    told = f"{len(rows)} by {len(columns)} cells from {low} to {high}, largest at {largest(cells)}"
    if rows == columns and len(rows) > 1:
        off = np.ma.masked_where(np.eye(len(rows), dtype=bool), cells)
        told += f"; largest off the diagonal at {largest(off)}"
    return told


# -- diagrams --------------------------------------------------------------------------------------


def neuron(inputs, weights, bias, total, output, step: bool) -> str:
    """The sum that a neuron computes; the arguments are the texts that were written."""
    terms = [
        f"{value.get_text()} × {weight.get_text()} (x{i})"
        for i, (value, weight) in enumerate(zip(inputs, weights), 1)
    ]
    then = "the step gives" if step else "the output is"
    told = f"{' + '.join(terms)} + {bias.get_text()} = {total.get_text()}"
    return f"{told}; {then} {output.get_text()}"


def active(name, units, digits) -> str:
    """How many units of a layer are above zero."""
    exact = int((units > 0).sum())
    rounded = number(exact, digits)
    about = "" if rounded == str(exact) else "about "
    return f"{name} {about}{rounded} of {len(units)}"


def graph(nodes, edges) -> list[str]:
    """Two parts, nodes and arrows. nodes: texts that were written. edges: (from, to, text)."""
    boxes = [node.get_text().replace("\n", " = ") for node in nodes]
    arrows = []
    for start, end, label in edges:
        told = label.get_text().replace("\n", " ")
        arrows.append(f"{start} to {end} ({told})" if told else f"{start} to {end}")
    return ["nodes " + ", ".join(boxes), "arrows " + ", ".join(arrows)]
