"""Charts of numbers: lines, the course of training, bars."""

from itertools import cycle, pairwise

import numpy as np
from matplotlib.ticker import NullFormatter, NullLocator

from nnlib.plots.picture import (
    COLORS,
    DASHED,
    INK,
    QUIET,
    array,
    cell_text,
    finish,
    label_axes,
    largest_size,
    mix,
    new_axes,
    new_figure,
    number,
    styled,
)


@styled
def curves(
    lines,
    title="",
    xlabel="x",
    ylabel="y",
    *,
    logx=False,
    logy=False,
    ylim=None,
    hlines=None,
    vlines=None,
    ax=None,
    digits=2,
):
    """Draw one or more lines, each with its name at its right end.

    lines: {label: (x, y)} or {label: (x, y, low, high)}, 1-D and equally long; low to high is
    shaded. Up to 12 points are also marked. ylim: (low, high) of the y axis, to compare figures.
    hlines, vlines: {label: number}, dashed references.
    """
    if not lines:
        raise ValueError("curves needs at least one line: pass {label: (x, y)}.")
    ax = new_axes(ax, 6.4, 3.7)
    ax.set(xscale="log" if logx else "linear", yscale="log" if logy else "linear")
    if ylim is not None:
        ax.set_ylim(ylim)
    drawn, bands = [], {}
    for color, (label, series) in zip(cycle(COLORS), lines.items()):
        if not isinstance(series, (tuple, list)) or len(series) not in (2, 4):
            raise ValueError(f"Line {label!r}: pass (x, y) or (x, y, low, high).")
        series = [array(values, f"Line {label!r}", 1) for values in series]
        if len({len(values) for values in series}) > 1 or len(series[0]) == 0:
            lengths = ", ".join(str(len(values)) for values in series)
            raise ValueError(f"Line {label!r}: x and y must be equally long, not {lengths}.")
        x, y, *band = series
        marker = {"marker": "o", "markersize": 4.5} if len(x) <= 12 else {}
        drawn += ax.plot(x, y, color=color, **marker)
        drawn[-1].set_label(label)  # now: given to plot, an empty one would become "_child0"
        if band:
            bands[drawn[-1]] = ax.fill_between(x, *band, color=color, alpha=0.18, linewidth=0)
    ax.grid(axis="y")
    if logx:
        _label_log_axis(ax, np.unique(np.concatenate([line.get_xdata() for line in drawn])))
    elif all((line.get_xdata() % 1 == 0).all() for line in drawn):
        ax.xaxis.get_major_locator().set_params(integer=True)  # no epoch 1.5
    label_axes(ax, title, xlabel, ylabel)
    levels = [ax.axhline(float(y), label=name, **DASHED) for name, y in (hlines or {}).items()]
    walls = [ax.axvline(float(x), label=name, **DASHED) for name, x in (vlines or {}).items()]
    for wall in walls:
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
    _end_labels(ax, drawn + levels)

    xs = [line.get_xdata() for line in drawn]
    scale = 0 if logy else max(largest_size(line.get_ydata()) for line in drawn)
    start, end = number(min(x.min() for x in xs), digits), number(max(x.max() for x in xs), digits)
    parts = []
    for line, x in zip(drawn, xs):
        own = [number(x.min(), digits), number(x.max(), digits)]
        where = "" if own == [start, end] else f" ({own[0]} to {own[1]})"
        band = f", band up to {_thickness(bands[line], digits)} wide" if line in bands else ""
        trend = _trend(line.get_ydata(), lambda v: number(v, digits, scale))
        parts.append(f"{line.get_label()}{where} {trend}{band}")
    dashed = [f"{line.get_label()} at {number(line.get_ydata()[0], digits)}" for line in levels]
    dashed += [f"{line.get_label()} at {number(line.get_xdata()[0], digits)}" for line in walls]
    up, along = ylabel + " (log scale)" * logy, xlabel + " (log scale)" * logx
    told = f"{up} over {along} {start} to {end}: {'; '.join(parts)}"
    return finish(ax, title, told, "Dashed: " + ", ".join(dashed) if dashed else "")


@styled
def history(history, title="Training"):
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
            if not values:
                continue
            values = array(values, name, 1) * (100 if percent else 1)
            marker = {"marker": "o", "markersize": 4.5} if len(values) <= 12 else {}
            epochs = np.arange(1, len(values) + 1)
            drawn += ax.plot(epochs, values, color=color, label=label, **marker)
        say = (lambda v: f"{v:.0f} %") if percent else (lambda v: number(v, 1))
        tell = [f"{line.get_label()} {_trend(line.get_ydata(), say, ends=True)}" for line in drawn]
        parts.append(f"{name}: " + ", ".join(tell))
        ax.grid(axis="y")
        ax.xaxis.get_major_locator().set_params(integer=True)
        label_axes(ax, "", "epoch", f"{name} (%)" if percent else name)
        _end_labels(ax, drawn)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
    epochs = len(history.train[names[0]])
    return finish(ax, title, f"{epochs} epoch{'s' * (epochs > 1)}", *parts)


@styled
def bars(values, title="", xlabel="", *, spread=None, ax=None, digits=2):
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
    ax = new_axes(ax, 6.0, 0.36 * len(names) + 0.5 + 0.35 * bool(title) + 0.2 * bool(xlabel))
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
    reach = lengths if errors is None else lengths + np.sign(lengths + 1e-300) * errors
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
    parts = []
    for name, bar in zip(names, container):
        about = "" if spread is None else f" ± {number(spread[name], digits)}"
        parts.append(f"{name} {cell_text(bar.get_width(), whole, digits)}{about}")
    return finish(ax, title, (f"{xlabel}: " if xlabel else "") + ", ".join(parts))


def _label_log_axis(ax, xs):
    """Few values of x, well apart, are the ticks; otherwise the powers of ten are."""
    ax.xaxis.set_minor_formatter(NullFormatter())  # its labels would run into each other
    places = np.log10(xs[xs > 0])
    few = 2 <= len(places) <= 12 and np.diff(places).min() > 0.07 * np.ptp(places)
    if few and not np.allclose(places, places.round()):
        ax.set_xticks(xs[xs > 0], [number(x, 3) for x in xs[xs > 0]])
        ax.xaxis.set_minor_locator(NullLocator())


def _trend(values, say, ends=False):
    """Where a line starts, what it passes halfway and where it ends, in words."""
    finite = values[np.isfinite(values)]
    missing = len(values) - len(finite)
    lost = f", {missing} value{'s' * (missing > 1)} not finite" * bool(missing)
    if not len(finite):
        return "has no finite value"
    first, middle, last = (say(finite[i]) for i in (0, len(finite) // 2, -1))
    low, high = say(finite.min()), say(finite.max())
    if low == high:
        return f"stays at {first}{lost}"
    through = "" if ends or len(finite) < 3 else f" through {middle}"
    if (first, last) in ((low, high), (high, low)):
        verb, between = ("rises" if last == high else "falls"), ""
    else:
        verb, between = "goes", "" if ends else f", between {low} and {high}"
    return f"{verb} from {first}{through} to {last}{between}{lost}"


def _thickness(band, digits):
    """The largest height of a shaded band, from the outline that was drawn."""
    x, y = band.get_paths()[0].vertices.T
    return number(max(np.ptp(y[x == at]) for at in np.unique(x)), digits)


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
