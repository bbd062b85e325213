"""A perceptron's two weights and bias, and the line they draw."""

import torch

from nnlib import plots
from nnlib.widgets.explorer import Explorer, Slider


def decision_line(X, y, classes=("0", "1"), w=(1.0, 1.0), b=-0.5):
    """Sliders for w1, w2 and b; the plane divided into where the perceptron fires and where not.

    X: (N, 2). y: (N,) of 0 and 1. classes: their names. w, b: where the sliders start, quarters from -4
    to 4.
    """
    X, y = torch.as_tensor(X), torch.as_tensor(y)

    def draw(w1, w2, b):
        def weighted_sum(X):
            return w1 * X[:, 0] + w2 * X[:, 1] + b

        wrong = int(((weighted_sum(X) > 0) != (y > 0)).sum())
        title = f"w1 = {w1:g}, w2 = {w2:g}, b = {b:g}: {wrong} of {len(X)} wrong"
        lines = {"decision": ([w1, w2], b)}
        return plots.points(X, y, classes, title, lines=lines, model=weighted_sum)

    quarters = [i / 4 for i in range(-16, 17)]
    starts = {"w1": w[0], "w2": w[1], "b": b}
    return Explorer({name: Slider(quarters, start) for name, start in starts.items()}, draw)
