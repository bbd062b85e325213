"""Things in the plane: labeled samples with what decides between them, and paths on a hill."""

import copy
from collections.abc import Callable, Sequence
from itertools import cycle

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap

from nnlib.plots import telling
from nnlib.plots.picture import (
    COLORS,
    INK,
    MARKERS,
    Picture,
    array,
    finish,
    label_axes,
    mix,
    new_axes,
    styled,
)
from nnlib.plots.telling import largest_size, number


@styled
def points(
    X,
    y,
    classes: Sequence[str] | None = None,
    title: str = "",
    xlabel: str = "x1",
    ylabel: str = "x2",
    *,
    lines: dict | None = None,
    model: Callable | None = None,
    ax: Axes | None = None,
) -> Picture:
    """Draw labeled samples in the plane, each class with its own color and marker.

    X: (N, 2). y: (N,), whole numbers 0 to K-1. classes: K names. lines: {label: (w, b)} draws
    where w[0]*x1 + w[1]*x2 + b = 0, from faded (first) to black (last). model: a callable
    (M, 2) -> (M,) or (M, 1) scores, class 1 where above 0, or (M, K) scores, the largest wins;
    it shades the plane. A module is asked as a copy in evaluation mode.
    """
    samples, labels, names = _labeled(X, y, classes)
    ax = new_axes(ax, 5.6, 4.0)
    low, high = samples.min(0), samples.max(0)
    pad = np.where(high > low, 0.15 * (high - low), 0.5)
    (left, bottom), (right, top) = low - pad, high + pad
    ax.set(xlim=(left, right), ylim=(bottom, top))
    parts = []
    size = 90 if len(samples) <= 12 else 26  # points squared
    for k, name in enumerate(names):
        dots = ax.scatter(
            *samples[labels == k].T,
            s=size,
            color=COLORS[k % len(COLORS)],
            marker=MARKERS[k % len(MARKERS)],
            edgecolor="white",
            linewidth=0.6,
            label=name,
            zorder=3,
        )
        if (labels == k).any():
            parts.append(telling.samples(name, dots, largest_size(samples)))
    if model is not None:
        image = _shade(ax, _regions(model, X, (left, right, bottom, top)), names)
        parts.append(telling.regions(names, image))
    parts += _decision_lines(ax, lines or {})
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), handletextpad=0.4, borderpad=0)
    label_axes(ax, title, xlabel, ylabel)
    return finish(ax, title, "; ".join(parts))


@styled
def contour(
    f: Callable,
    paths: dict,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    title: str = "",
    xlabel: str = "w1",
    ylabel: str = "w2",
    *,
    ax: Axes | None = None,
) -> Picture:
    """Draw the height of a function of two numbers as a map, and paths walked on it.

    f: (M, 2) -> (M,). paths: {label: (steps+1, 2)}, may be empty. xlim, ylim: (low, high).
    """
    ax = new_axes(ax, 6.2, 4.2)
    # f may hold float64 numbers of its own; it gets the dtype that its paths have.
    dtypes = [path.dtype for path in paths.values() if torch.is_tensor(path)]
    dtype = next((dtype for dtype in dtypes if dtype.is_floating_point), None)
    x, y = (torch.linspace(*limits, 200, dtype=dtype) for limits in (xlim, ylim))
    with torch.no_grad():
        heights = array(f(torch.cartesian_prod(x, y)), "The values of f", 1)
    if len(heights) != 200 * 200:
        raise ValueError("f must turn (M, 2) into (M,): one number for each row.")
    heights = heights.reshape(200, 200).T  # rows are y
    low, high = heights.min(), heights.max()
    if not low < high < np.inf:
        raise ValueError("f must give finite numbers, not all the same, within xlim and ylim.")
    # Levels closer together near the bottom show the shape of a valley.
    levels = low + (high - low) * np.linspace(0, 1, 14) ** 2
    blues = LinearSegmentedColormap.from_list("", ["#F4F8FB", "#9DB9CE"])
    ax.contourf(x, y, heights, levels, cmap=blues)
    ax.contour(x, y, heights, levels, colors="white", linewidths=0.7)
    parts = [f"height {number(low, scale=high)} to {number(high)}"]
    for color, (label, path) in zip(cycle(COLORS[1:]), paths.items()):
        path = array(path, f"Path {label!r}", 2)
        if path.shape[1] != 2:
            raise ValueError(f"Path {label!r} must have the shape (steps+1, 2), not {path.shape}.")
        (line,) = ax.plot(*path.T, color=color, marker="o", markersize=3, linewidth=1.4)
        ax.plot(*path[0], "o", color="white", markeredgecolor=color, markersize=8)
        ax.plot(*path[-1], "o", color=color, markeredgecolor="white", markersize=9, label=label)
        walk = torch.tensor(line.get_xydata(), dtype=x.dtype)
        with torch.no_grad():
            ends = array(f(walk[[0, -1]]), "The values of f", 1)
        parts.append(telling.walk(label, line.get_xydata(), ends, high))
    if paths:
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), handletextpad=0.4)
    ax.set(xlim=xlim, ylim=ylim)
    label_axes(ax, title, xlabel, ylabel)
    return finish(ax, title, "; ".join(parts))


def _labeled(X, y, classes):
    """Samples (N, 2), their labels (N,) and the classes' names, or a ValueError."""
    samples, labels = array(X, "X", 2), array(y, "y", 1)
    if samples.shape[1] != 2 or len(samples) != len(labels) or len(samples) == 0:
        raise ValueError(
            f"points needs X of shape (N, 2) and y of shape (N,), "
            f"not {samples.shape} and {labels.shape}."
        )
    if (labels < 0).any() or (labels % 1).any():
        raise ValueError("y must hold the class of each sample as a whole number from 0 to K-1.")
    names = [f"class {k}" for k in range(int(labels.max()) + 1)] if classes is None else classes
    if labels.max() >= len(names):
        raise ValueError(f"y holds class {labels.max():g}, but classes has {len(names)} names.")
    return samples, labels, names


def _shade(ax, regions, names):
    """Color the ground by the class of each place; returns the image."""
    if regions.max() >= len(names):
        raise ValueError(
            f"The model chooses class {regions.max()}, but only {len(names)} "
            "classes have a name: pass as many classes as the model has."
        )
    return ax.imshow(
        regions,
        extent=(*ax.get_xlim(), *ax.get_ylim()),
        origin="lower",
        zorder=0,
        aspect="auto",
        cmap=ListedColormap(
            [mix(COLORS[k % len(COLORS)], "white", 0.8) for k in range(len(names))]
        ),
        vmin=0,
        vmax=len(names) - 1,
    )


def _regions(model, X, box):
    """The class that ``model`` gives each point of a grid over ``box``: (300, 300) of ints."""
    left, right, bottom, top = box
    X, module = torch.as_tensor(X), isinstance(model, torch.nn.Module)
    X = next(model.parameters(), X) if module else X  # the grid goes where the model is
    like = {"dtype": X.dtype if X.is_floating_point() else None, "device": X.device}
    x, y = torch.linspace(left, right, 300, **like), torch.linspace(bottom, top, 300, **like)
    if module:  # evaluation mode, without touching the caller's model
        model = copy.deepcopy(model).eval()
    with torch.no_grad():
        scores = array(model(torch.cartesian_prod(x, y)), "The model's scores")
    if scores.ndim not in (1, 2) or len(scores) != 300 * 300:
        raise ValueError(
            "model must turn (M, 2) into (M,) or (M, K) scores, "
            f"but gave {scores.shape} for M = {300 * 300}."
        )
    if scores.ndim == 2 and scores.shape[1] > 1:
        chosen = scores.argmax(1)
    else:
        chosen = (scores.reshape(-1) > 0).astype(int)
    return chosen.reshape(300, 300).T  # rows are x2


def _decision_lines(ax, lines):
    """Draw w1*x1 + w2*x2 + b = 0 for each {label: (w, b)}; returns what the drawn lines say."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    parts = []
    for i, (label, (w, b)) in enumerate(lines.items()):
        w, b = array(w, f"w of line {label!r}", 1), float(b)
        if len(w) != 2:
            raise ValueError(f"Line {label!r} needs two weights, not {len(w)}.")
        age = 1 - (i + 1) / len(lines)
        if not w.any():
            parts.append(f"no line for {label}, its weights are 0")
            continue
        if abs(w[1]) * (top - bottom) >= abs(w[0]) * (right - left):  # flat: from left to right
            xs = np.array([left, right])
            ys = -(w[0] * xs + b) / w[1]
        else:
            ys = np.array([bottom, top])
            xs = -(w[1] * ys + b) / w[0]
        shown = len(lines) <= 4 or i in (0, len(lines) - 1)
        (line,) = ax.plot(
            xs,
            ys,
            color=mix(INK, "white", 0.8 * age),
            linewidth=2 - 0.8 * age,
            label=label if shown else None,
            zorder=2,
        )
        if shown:
            parts.append(telling.decision_line(label, line))
    if len(lines) > 4:
        parts.append(f"{len(lines) - 2} lines between")
    ax.set(xlim=(left, right), ylim=(bottom, top))
    return parts
