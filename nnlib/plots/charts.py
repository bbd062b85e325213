"""Charts of numbers: lines, the course of training, bars."""

from itertools import cycle, pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator

from nnlib.plots import telling
from nnlib.plots.picture import (
    COLORS,
    DASHED,
    INK,
    QUIET,
    Picture,
    array,
    finish,
    head,
    label_axes,
    mix,
    new_axes,
    new_figure,
    styled,
)
from nnlib.plots.telling import cell_text, number


@styled
def curves(
    lines: dict,
    title: str = "",
    xlabel: str = "x",
    ylabel: str = "y",
    *,
    logx: bool = False,
    logy: bool = False,
    ylim: tuple[float, float] | None = None,
    hlines: dict[str, float] | None = None,
    vlines: dict[str, float] | None = None,
    ax: Axes | None = None,
    digits: int = 2,
) -> Picture:
    """Draw one or more lines, each with its name at its right end.

    lines: {label: (x, y)} or {label: (x, y, low, high)}, 1-D and equally long; low to high is
    shaded. Up to 12 points are also marked. ylim: (low, high) of the y axis, to compare figures.
    hlines, vlines: {label: number}, dashed references.
    """
    if not lines:
        raise ValueError("curves needs at least one line: pass {label: (x, y)}.")
    lines = {label: _series(label, values) for label, values in lines.items()}
    ax = new_axes(ax, 6.4, 3.7)
    ax.set(xscale="log" if logx else "linear", yscale="log" if logy else "linear")
    if ylim is not None:
        ax.set_ylim(ylim)
    drawn, bands = [], {}
    for color, (label, (x, y, *band)) in zip(cycle(COLORS), lines.items()):
        line = _draw_line(ax, label, x, y, color)
        drawn.append(line)
        if band:
            bands[line] = ax.fill_between(x, *band, color=color, alpha=0.18, linewidth=0)
    _label_numbers(ax, drawn, logx)
    label_axes(ax, title, xlabel, ylabel)
    levels = [ax.axhline(float(y), label=name, **DASHED) for name, y in (hlines or {}).items()]
    walls = [ax.axvline(float(x), label=name, **DASHED) for name, x in (vlines or {}).items()]
    for wall in walls:
        _name_wall(ax, wall)
    _end_labels(ax, drawn + levels)
    told = telling.curves(ax, drawn, bands, digits)
    return finish(ax, title, told, telling.dashed(levels, walls, digits))


@styled
def history(history, title: str = "Training") -> Picture:
    """Draw how training went: the loss, and beside it each metric (accuracy in percent).

    history: has ``train`` and ``validation``, dicts of equally long lists, one number an epoch,
    with the key "loss" and the names of metrics; ``validation`` may be empty.
    """
    names = list(history.train)
    if not names or not len(history.train[names[0]]):
        raise ValueError("This history holds no epoch yet: train first, then draw it.")
    figure = new_figure(3.6 * len(names) if len(names) > 1 else 5, 3.2)
    parts = []
    for name, ax in zip(names, figure.subplots(1, len(names), squeeze=False)[0]):
        percent = name == "accuracy"
        drawn = []
        for label, color in (("train", COLORS[0]), ("validation", COLORS[1])):
            values = getattr(history, label).get(name)
            if values:
                values = array(values, name, 1) * (100 if percent else 1)
                epochs = np.arange(1, len(values) + 1)
                drawn.append(_draw_line(ax, label, epochs, values, color))
        _label_numbers(ax, drawn)
        label_axes(ax, "", "epoch", f"{name} (%)" if percent else name)
        _end_labels(ax, drawn)
        parts.append(f"{name}: {telling.metric(drawn, percent)}")
    head(figure, title)
    epochs = len(history.train[names[0]])
    return finish(ax, title, telling.count(epochs, "epoch"), *parts)


@styled
def bars(
    values: dict,
    title: str = "",
    xlabel: str = "",
    *,
    spread: dict | None = None,
    ax: Axes | None = None,
    digits: int = 2,
) -> Picture:
    """Draw one horizontal bar for each value and write the value at its end.

    values: {label: number}. spread: {label: number}, the half-width of a line around the end,
    for example a standard deviation over seeds.
    """
    if not values:
        raise ValueError("bars needs at least one value: pass {label: number}.")
    if spread is not None and set(spread) != set(values):
        raise ValueError("spread needs the same labels as the values.")
    names = list(values)
    lengths = array([float(values[name]) for name in names], "values", 1)
    errors = None if spread is None else array([float(spread[n]) for n in names], "spread", 1)
    height = 0.36 * len(names) + 0.5 + (0.35 if title else 0) + (0.2 if xlabel else 0)
    ax = new_axes(ax, 6.0, height)
    container = ax.barh(
        [str(name) for name in names],  # numbers would be heights on the axis, not names
        lengths,
        height=0.62,
        color=COLORS[0],
        xerr=errors,
        error_kw={"ecolor": INK, "elinewidth": 1.3, "capsize": 3},
    )
    ax.invert_yaxis()
    whole = (lengths % 1 == 0).all()
    reach = lengths  # where the bar ends, or the line around its end
    if errors is not None:
        reach = lengths + np.where(lengths >= 0, errors, -errors)
    for i, value in enumerate(lengths):
        right = value >= 0
        ax.annotate(
            cell_text(value, whole, digits),
            (reach[i], i),
            (5 if right else -5, 0),
            va="center",
            textcoords="offset points",
            ha="left" if right else "right",
        )
    ax.axvline(0, color=QUIET, linewidth=0.8)
    ax.margins(x=0.12)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    label_axes(ax, title, xlabel, "")
    return finish(ax, title, telling.bars(ax, names, container, spread, whole, digits))


def _series(label, values):
    """The numbers of one line, [x, y] or [x, y, low, high], or a ValueError that names it."""
    if not isinstance(values, (tuple, list)) or len(values) not in (2, 4):
        raise ValueError(f"Line {label!r}: pass (x, y) or (x, y, low, high).")
    series = [array(part, f"Line {label!r}", 1) for part in values]
    if len({len(part) for part in series}) > 1 or len(series[0]) == 0:
        lengths = ", ".join(str(len(part)) for part in series)
        raise ValueError(f"Line {label!r}: x and y must be equally long, not {lengths}.")
    return series


def _draw_line(ax, label, x, y, color):
    """One line; few points are marked, as they are all there is."""
    marker = {"marker": "o", "markersize": 4.5} if len(x) <= 12 else {}
    (line,) = ax.plot(x, y, color=color, **marker)
    line.set_label(label)  # now: given to plot, an empty one would become "_child0"
    return line


def _label_numbers(ax, lines, logx=False):
    """Grid and ticks that suit the numbers of these lines."""
    ax.grid(axis="y")
    xs = np.unique(np.concatenate([line.get_xdata() for line in lines]))
    if logx:
        _label_log_axis(ax, xs)
    elif (xs % 1 == 0).all():
        ax.xaxis.get_major_locator().set_params(integer=True)  # no epoch 1.5


def _label_log_axis(ax, xs):
    """Few values of x, well apart, are the ticks; otherwise the powers of ten are."""
    ax.xaxis.set_minor_formatter(NullFormatter())  # its labels would run into each other
    places = np.log10(xs[xs > 0])
    few = 2 <= len(places) <= 12 and np.diff(places).min() > 0.07 * np.ptp(places)
    if few and not np.allclose(places, places.round()):
        ax.set_xticks(xs[xs > 0], [number(x, 3) for x in xs[xs > 0]])
        ax.xaxis.set_minor_locator(NullLocator())


def _name_wall(ax, wall):
    """Write the name of an upright dashed line at its top."""
    ax.annotate(
        wall.get_label(),
        (wall.get_xdata()[0], 1),
        (4, -2),
        va="top",
        fontsize=9,
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        color=QUIET,
    )


def _end_labels(ax, lines):
    """Write each line's name beside its right end, moved apart where ends are close."""
    ax.margins(x=0.02)
    ax.get_xlim(), ax.get_ylim()  # settles the limits, which the next line reads
    to_axes = ax.transScale + ax.transLimits
    ends = []
    for line in lines:
        seen = np.isfinite(line.get_ydata())
        at = line.get_xydata()[seen][-1] if seen.any() else (ax.get_xlim()[1], ax.get_ylim()[0])
        ends.append([float(np.clip(np.nan_to_num(to_axes.transform(at)[1]), 0, 1)), line])
    ends.sort(key=lambda end: end[0])
    gap = 0.175 / (0.8 * ax.get_position().height * ax.figure.get_size_inches()[1])
    for lower, upper in pairwise(ends):
        upper[0] = max(upper[0], lower[0] + gap)
    for upper, lower in zip(ends[::-1], ends[-2::-1]):
        upper[0] = min(upper[0], 1.0) if upper is ends[-1] else upper[0]
        lower[0] = min(lower[0], upper[0] - gap)
    for height, line in ends:
        ax.text(
            1.015,
            height,
            line.get_label(),
            transform=ax.transAxes,
            va="center",
            color=mix(line.get_color(), INK, 0.3),
            fontsize=9.5,
        )
