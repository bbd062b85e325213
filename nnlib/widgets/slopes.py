"""A point to slide along a curve, its tangent, and how steep the curve is there."""

from collections.abc import Callable

import torch

from nnlib import plots
from nnlib.plots.telling import number
from nnlib.widgets.living import Living


def slope_along(f: Callable, low=-3.0, high=3.0, steps=60) -> Living:
    """A slider for x; the tangent of an elementwise f at x, and f's slope, found by autograd.

    f: float64 (n,) -> (n,). The slider goes from low to high in so many steps and starts at a
    quarter of the way.
    """
    x = torch.linspace(low, high, steps + 1, dtype=torch.float64).requires_grad_()
    y = f(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    x, y, i = x.detach(), y.detach(), steps // 4
    tangent = y[i] + slope[i] * (x - x[i])
    title = f"At x = {number(x[i])} the slope is {number(slope[i])}"
    ends = float(y.min()), float(y.max())
    lines = {"f": (x, y), "tangent": (x, tangent.clamp(*ends))}
    picture = plots.curves(lines, title, "x", "f(x)", vlines={"here": x[i]})
    data = {"x": x.tolist(), "y": y.tolist(), "slope": slope.tolist(), "start": float(x[i])}
    return Living("slope_along", data, picture)
