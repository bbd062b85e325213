"""A learning rate and a momentum, and the path they walk down a bowl."""

import math

import torch
from torch import Tensor

from nnlib import plots
from nnlib.plots.telling import number
from nnlib.widgets.living import Living, require

RATES = [i / 20 for i in range(1, 31)]
MOMENTA = [i / 20 for i in range(20)]


def walk(H: Tensor, start: Tensor, lr: float, momentum: float, steps: int) -> Tensor:
    """The places (steps+1, 2) of gradient descent with momentum on J(w) = w·Hw/2."""
    w, velocity, path = start, torch.zeros(2, dtype=H.dtype), [start]
    for _ in range(steps):
        velocity = momentum * velocity + w @ H  # w @ H is the gradient
        w = w - lr * velocity
        path.append(w)
    return torch.stack(path)


def descent_path(H, start, lr=0.2, momentum=0.0, steps=30, reach=4.5) -> Living:
    """Sliders for learning rate and momentum; the walk over the bowl J(w) = w·Hw/2.

    H: (2, 2), symmetric, all eigenvalues positive. start: (2,). lr, momentum: where the sliders
    start, twentieths from 0.05 to 1.5 and from 0 to 0.95. reach: the map goes from -reach to
    reach in both directions.
    """
    require("learning rate", lr, RATES)
    require("momentum", momentum, MOMENTA)
    H, start = torch.as_tensor(H).double(), torch.as_tensor(start).double()
    steepest = float(torch.linalg.eigvalsh(H)[-1])

    def loss(w):
        return ((w @ H) * w).sum(dim=-1) / 2

    path = walk(H, start, lr, momentum, steps)
    border = 2 * (1 + momentum) / steepest  # 2 / λ where there is no momentum
    if math.isclose(lr, border):
        what = "stays on the border"
    else:
        what = "converges" if lr < border else "diverges"
    end = number(loss(path[-1]))
    title = f"lr {lr:g}, momentum {momentum:g}: {what}, loss {end} after {steps} steps"
    outside = (path.abs() > reach).any(dim=1).nonzero()
    if what == "diverges" and len(outside):  # what comes after would cover the map
        path = path[: outside[0, 0] + 1]
    limits = (-reach, reach)
    picture = plots.contour(loss, {"descent": path}, limits, limits, title)
    told = f"{picture.description} With this momentum the border is at lr {number(border)}."
    data = {
        "H": H.tolist(),
        "start": start.tolist(),
        "lr": lr,
        "momentum": momentum,
        "rates": RATES,
        "momenta": MOMENTA,
        "steps": steps,
        "reach": reach,
    }
    return Living("descent_path", data, plots.Picture(picture.figure, told))


def two_directions(H, start, lr=0.2, steps=30, reach=4.5) -> Living:
    """A slider for the learning rate; the walk, and its error along the two directions of the bowl.

    H, start, lr, steps, reach: as in ``descent_path``.
    """
    require("learning rate", lr, RATES)
    H, start = torch.as_tensor(H).double(), torch.as_tensor(start).double()
    values, vectors = torch.linalg.eigh(H)  # in columns, the gentle one first
    parts = (walk(H, start, lr, 0.0, steps) @ vectors).abs()
    lines = {
        f"{name}, λ = {number(value)}": (range(steps + 1), part)
        for name, value, part in zip(("gentle", "steep"), values, parts.T)
    }
    title = f"lr {lr:g}, two directions"
    picture = plots.curves(lines, title, "step", "distance", logy=True)
    data = {
        "H": H.tolist(),
        "start": start.tolist(),
        "lr": lr,
        "rates": RATES,
        "steps": steps,
        "reach": reach,
    }
    return Living("two_directions", data, picture)
