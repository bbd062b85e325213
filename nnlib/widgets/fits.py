"""A point to drag, and the lines that fit best by three losses."""

import torch
from torch import Tensor

from nnlib import plots
from nnlib.widgets.living import Living


def least_squares(x: Tensor, y: Tensor) -> Tensor:
    """Slope and level (2,) of the line with the smallest mean squared error."""
    A = torch.stack([x, torch.ones_like(x)], dim=1)
    return torch.linalg.lstsq(A, y[:, None]).solution[:, 0]


def loss_lines(x, y, delta=1.0) -> Living:
    """A handle for the height of the last point; the best lines by MSE, MAE and Huber follow.

    x, y: (N,), at least 3 points with different x, at most 30. delta: of the Huber loss.
    """
    x, y = torch.as_tensor(x).double(), torch.as_tensor(y).double()
    slope, level = least_squares(x, y).tolist()
    low, high = float(y.min()), float(y.max())
    room = high - low
    xlim = [float(x.min()) - 0.05 * float(x.max() - x.min()), float(x.max() * 1.05)]
    ylim = [low - room, high + room]
    lines = {"points": (x, y), "MSE line": (x, slope * x + level)}
    picture = plots.curves(lines, "Points, and the line of least squares", "x", "y")
    data = {"x": x.tolist(), "y": y.tolist(), "delta": delta, "xlim": xlim, "ylim": ylim}
    return Living("loss_lines", data, picture)
