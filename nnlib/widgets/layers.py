"""Activation, depth and starting weights, and what they leave of the gradient, layer by layer.

Every setting was computed once, by ``python -m nnlib.widgets.layers``, and lies in a file beside
the module that draws it.
"""

import json
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from nnlib import plots
from nnlib.plots.telling import number
from nnlib.widgets.living import SCRIPTS, Living, require

WIDTH = 100  # neurons in each layer: the fan-in and the fan-out of every neuron
DEEPEST = 40
DEPTHS = list(range(2, DEEPEST + 1))
ACTIVATIONS = {
    "none": lambda z: 1 * z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": F.relu,
    "leaky ReLU, slope 0.1": lambda z: F.leaky_relu(z, 0.1),
    "GELU": F.gelu,
    "SiLU": F.silu,
}
# Each turns (uniform from 0 to 1, normal with standard deviation 1) into starting weights.
STARTS = {
    "zeros": lambda uniform, normal: 0 * normal,
    "0 to 1": lambda uniform, normal: uniform,
    "small (std 0.01)": lambda uniform, normal: 0.01 * normal,
    "torch's default (std 0.058)": lambda uniform, normal: (2 * uniform - 1) / WIDTH**0.5,
    "Xavier (std 0.1)": lambda uniform, normal: (2 / (WIDTH + WIDTH)) ** 0.5 * normal,
    "He (std 0.14)": lambda uniform, normal: (2 / WIDTH) ** 0.5 * normal,
}
FILE = SCRIPTS / "gradients.json"


def gradient_sizes(activation: str, depth: int, start: str) -> Tensor:
    """(depth,): the root mean square gradient for the sums of each layer, the last layer first.

    activation, start: keys of ACTIVATIONS and STARTS. A random gradient of size 1 arrives at the
    outputs of 200 random samples.
    """
    g, sums = torch.Generator().manual_seed(0), []
    a = torch.randn(200, WIDTH, generator=g, dtype=torch.float64, requires_grad=True)
    for _ in range(depth):
        draws = (f(WIDTH, WIDTH, generator=g, dtype=a.dtype) for f in (torch.rand, torch.randn))
        sums.append(a @ STARTS[start](*draws).T)
        a = ACTIVATIONS[activation](sums[-1])
    arriving = torch.randn(200, WIDTH, generator=g, dtype=torch.float64)
    gradients = torch.autograd.grad(a, sums[::-1], arriving)
    return torch.stack([gradient.square().mean().sqrt() for gradient in gradients])


def compute() -> dict:
    """{activation: {start: for each depth, thousandths of log10 of the sizes, None for 0}}."""

    def thousandths(size):
        return round(1000 * math.log10(size)) if size > 0 else None

    return {
        activation: {
            start: [
                [thousandths(size) for size in gradient_sizes(activation, depth, start).tolist()]
                for depth in DEPTHS
            ]
            for start in STARTS
        }
        for activation in ACTIVATIONS
    }


def gradients_by_layer(activation="sigmoid", depth=20, start="Xavier (std 0.1)") -> Living:
    """Controls for activation, depth and starting weights; the gradient's size on its way back.

    activation, start: as in the two menus. depth: the number of layers, 2 to 40.
    """
    require("activation", activation, list(ACTIVATIONS))
    require("depth", depth, DEPTHS)
    require("starting weights", start, list(STARTS))
    sizes = gradient_sizes(activation, depth, start)
    factor = float((sizes[-1] / sizes[0]) ** (1 / (depth - 1)))
    change = f"from layer to layer × {number(factor)}" if sizes[0] > 0 else "no gradient"
    title = f"{activation}, {start}: {change}"
    lines = {activation: (range(1, depth + 1), sizes)}
    names = "layers walked back", "gradient"
    # The same scale for all: otherwise each line would fill the picture, and look alike.
    picture = plots.curves(lines, title, *names, logy=True, ylim=(1e-12, 1e12))
    data = {
        "activation": activation,
        "depth": depth,
        "start": start,
        "depths": DEPTHS,
        "sizes": json.loads(FILE.read_text()),
    }
    return Living("gradients_by_layer", data, picture)


if __name__ == "__main__":
    FILE.write_text(json.dumps(compute(), separators=(",", ":")) + "\n")
