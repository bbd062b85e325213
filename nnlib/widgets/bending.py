"""A layer of two neurons bends the plane."""

import torch
from torch.nn import functional as F

from nnlib import plots
from nnlib.widgets.living import Living


def bent_plane(X, y, W, b, classes=("0", "1"), reach=2.5) -> Living:
    """A slider that leads a grid and the samples through the sums of two neurons and ReLU.

    X: (N, 2), few samples. y: (N,) of 0 and 1. W: (2, 2), b: (2,), as in ``dense``. The picture
    shows from -reach to reach.
    """
    X, W, b = (torch.as_tensor(each).double() for each in (X, W, b))
    y = torch.as_tensor(y).long()
    after = F.relu(X @ W.T + b)
    picture = plots.row(
        lambda ax: plots.points(X, y, classes, "Inputs", ax=ax),
        lambda ax: plots.points(after, y, classes, "After ReLU", "h1", "h2", ax=ax),
    )
    ticks = torch.linspace(-0.5, 1.5, 17, dtype=torch.float64)
    lines = torch.linspace(-0.5, 1.5, 5, dtype=torch.float64)
    wires = [[[float(x), float(t)] for t in ticks] for x in lines]
    wires += [[[float(t), float(x)] for t in ticks] for x in lines]
    data = {
        "X": X.tolist(),
        "y": y.tolist(),
        "W": W.tolist(),
        "b": b.tolist(),
        "classes": list(classes),
        "grid": torch.cartesian_prod(ticks, ticks).tolist(),
        "wires": wires,
        "limits": [-reach, reach],
    }
    return Living("bent_plane", data, picture)
