"""A perceptron's two weights and bias, and the line they draw."""

import math

import torch

from nnlib import plots
from nnlib.widgets.living import Living, require

QUARTERS = torch.arange(-16, 17).div(4).tolist()


def decision_line(X, y, classes=("0", "1"), w=(1.0, 1.0), b=-0.5) -> Living:
    """Sliders for w1, w2 and b; where the perceptron fires, and which samples it gets wrong.

    X: (N, 2). y: (N,) of 0 and 1. classes: their names. w, b: where the sliders start, quarters
    from -4 to 4.
    """
    X, y, (w1, w2) = torch.as_tensor(X).double(), torch.as_tensor(y), w
    for name, value in [("w1", w1), ("w2", w2), ("b", b)]:
        require(name, value, QUARTERS)

    def weighted_sum(X):
        return w1 * X[:, 0] + w2 * X[:, 1] + b

    wrong = int(((weighted_sum(X) > 0) != (y > 0)).sum())
    title = f"w1 = {w1:g}, w2 = {w2:g}, b = {b:g}: {wrong} of {len(X)} wrong"
    lines = {"decision": ([w1, w2], b)}
    picture = plots.points(X, y, classes, title, lines=lines, model=weighted_sum)
    ax = picture.figure.axes[0]
    data = {
        "X": X.tolist(),
        "y": y.long().tolist(),
        "classes": list(classes),
        "w": [w1, w2],
        "b": b,
        "xlim": ax.get_xlim(),
        "ylim": ax.get_ylim(),
        "xlabel": ax.get_xlabel(),
        "ylabel": ax.get_ylabel(),
    }
    return Living("decision_line", data, picture)


def weights_arrow(X, y, classes=("0", "1"), lr=1.0) -> Living:
    """Buttons that walk through Rosenblatt's rule; the weights are an arrow across the line.

    X: (N, 2). y: (N,) of 0 and 1. classes: their names. The walk starts at weights and bias 0.
    The rows are taken in order, again and again.
    """
    X, y = torch.as_tensor(X).double(), torch.as_tensor(y).long()
    wrong = int((y == 1).sum())  # nothing fires at weights of 0
    title = f"Before the first row: {wrong} of {len(X)} wrong"
    picture = plots.points(X, y, classes, title, lines={"start": ([0.0, 0.0], 0.0)})
    data = {
        "X": X.tolist(),
        "y": y.tolist(),
        "classes": list(classes),
        "lr": lr,
        "reach": math.ceil(1.6 * float(X.abs().max())),
    }
    return Living("weights_arrow", data, picture)
