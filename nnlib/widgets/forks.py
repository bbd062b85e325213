"""A small training to rewind, and to fork into a second future."""

import torch
from torch import Tensor
from torch.nn import functional as F

from nnlib import plots
from nnlib.widgets.living import Living, require

RATES = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
ROUNDS, STRIDE = 60, 20  # the slider has 60 notches of 20 steps each


def start_of(hidden: int, seed: int) -> dict[str, Tensor]:
    """Starting weights, float64: W (hidden, 2), b (hidden,), v (hidden,) and c ()."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    zero = torch.zeros((), dtype=torch.float64)
    return {"W": draw(hidden, 2), "b": draw(hidden), "v": draw(hidden) / hidden**0.5, "c": zero}


def train(X: Tensor, y: Tensor, start: dict, lr: float, steps: int) -> tuple[dict, list[float]]:
    """The weights after so many steps of gradient descent on all samples, and the losses."""
    weights = {name: value.clone().requires_grad_() for name, value in start.items()}
    losses = []
    for step in range(steps + 1):
        hidden = torch.tanh(X @ weights["W"].T + weights["b"])
        loss = F.binary_cross_entropy_with_logits(hidden @ weights["v"] + weights["c"], y)
        losses.append(loss.item())
        if step < steps:
            gradients = torch.autograd.grad(loss, list(weights.values()))
            with torch.no_grad():
                for weight, gradient in zip(weights.values(), gradients):
                    weight -= lr * gradient
    return {name: weight.detach() for name, weight in weights.items()}, losses


def training_fork(X, y, hidden=6, lr=1.0, seed=0) -> Living:
    """A recorded training to scrub through; at any step it forks into a second future.

    X: (N, 2), at most a few hundred rows. y: (N,) of 0 and 1. hidden: units of tanh. lr: of the
    first run, one of RATES. The fork has a learning rate of its own and may silence a unit.
    """
    require("learning rate", lr, RATES)
    X, y = torch.as_tensor(X).double(), torch.as_tensor(y).long()
    start = start_of(hidden, seed)
    ended, losses = train(X, y.double(), start, lr, ROUNDS * STRIDE)

    def logits(X):
        return torch.tanh(X @ ended["W"].T + ended["b"]) @ ended["v"] + ended["c"]

    steps = range(len(losses))
    picture = plots.row(
        lambda ax: plots.points(X, y, ["0", "1"], "At the end", model=logits, ax=ax),
        lambda ax: plots.curves({"loss": (steps, losses)}, "The first run", "step", "loss", ax=ax),
    )
    ax = picture.figure.axes[0]
    data = {
        "X": X.tolist(),
        "y": y.tolist(),
        "start": {name: value.tolist() for name, value in start.items()},
        "lr": lr,
        "rates": RATES,
        "rounds": ROUNDS,
        "stride": STRIDE,
        "xlim": ax.get_xlim(),
        "ylim": ax.get_ylim(),
    }
    return Living("training_fork", data, picture)
