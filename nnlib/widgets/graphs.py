"""A neuron as a graph to touch: forward numbers, backward numbers, and blanks to fill by hand."""

import torch

from nnlib import plots
from nnlib.widgets.living import Living, require

QUARTERS = torch.arange(-12, 13).div(4).tolist()


def touch_graph(w=1.5, x=2.0, b=-0.5, y=1.0) -> Living:
    """Sliders for w, x, b and y of loss = (w·x + b − y)²; every number of both passes follows.

    w, x, b, y: where the sliders start, quarters from -3 to 3.
    """
    start = {"w": w, "x": x, "b": b, "y": y}
    for name, value in start.items():
        require(name, value, QUARTERS)
    values = {k: torch.tensor(float(v), dtype=torch.float64) for k, v in start.items()}
    values = {name: value.requires_grad_() for name, value in values.items()}
    total = values["w"] * values["x"] + values["b"]
    loss = (total - values["y"]) ** 2
    blame = dict(zip(values, torch.autograd.grad(loss, list(values.values()))))
    places = {"w": (0, 0), "x": (0, 1), "b": (0, 2), "y": (0, 3), "sum": (1, 1), "loss": (2, 1.5)}
    edges = [(name, "sum", f"blame {blame[name]:.3g}") for name in "wxb"]
    edges += [("y", "loss", f"blame {blame['y']:.3g}"), ("sum", "loss", f"blame {blame['b']:.3g}")]
    written = {name: f"{value:g}" for name, value in start.items()}
    written |= {"sum": f"{total.item():.3g}", "loss": f"{loss.item():.3g}"}
    picture = plots.graph(places, edges, "A neuron's two passes", written)
    return Living("touch_graph", start, picture)
