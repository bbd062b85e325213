"""Batch size and learning rate, and how a network learns with batch norm and without."""

import torch
from torch import nn
from torch.nn import functional as F

from nnlib import plots
from nnlib.widgets.living import Living, require

SIZES = [2, 4, 8, 20, 50, 100, 250]
RATES = [0.03, 0.1, 0.3, 1.0]


def train(rows: tuple, batch_size: int, lr: float, batch_norm: bool) -> tuple[list, list]:
    """One epoch of a network with three hidden layers of 50 neurons, from seed 0.

    rows: X_train, y_train, X_test, y_test; the training rows are read in whole batches. Returns
    (rows read, percent of the test set right), at the start and after each tenth of the epoch.
    """
    X_train, y_train, X_test, y_test = rows
    widths, layers = [X_train.shape[1], 50, 50, 50], []
    with torch.random.fork_rng(devices=[]):  # leaves the caller's random numbers as they are
        torch.manual_seed(0)
        for inputs, outputs in zip(widths, widths[1:]):
            layers.append(nn.Linear(inputs, outputs, dtype=X_train.dtype))
            if batch_norm:
                layers.append(nn.BatchNorm1d(outputs, dtype=X_train.dtype))
            layers.append(nn.ReLU())
        layers.append(nn.Linear(50, int(y_train.max()) + 1, dtype=X_train.dtype))
        order = torch.randperm(len(X_train))
    model = nn.Sequential(*layers)
    parameters = list(model.parameters())

    @torch.no_grad()
    def percent_right():
        right = model.eval()(X_test).argmax(dim=1) == y_test
        model.train()
        return 100 * right.double().mean().item()

    batches = order[: len(order) // batch_size * batch_size].split(batch_size)
    read, right = [0], [percent_right()]
    for step, chosen in enumerate(batches, 1):
        loss = F.cross_entropy(model(X_train[chosen]), y_train[chosen])
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():  # by hand: the first torch.optim of a process takes a second to load
            for parameter, gradient in zip(parameters, gradients):
                parameter -= lr * gradient
        if step * 10 // len(batches) > (step - 1) * 10 // len(batches):
            read.append(step * batch_size)
            right.append(percent_right())
    return read, right


def batch_sizes(X_train, y_train, X_test, y_test, batch_size=50, lr=0.1) -> Living:
    """Sliders for batch size and learning rate; two networks learn for one epoch.

    X_train, X_test: (N, D) and (M, D), float, N at least 250. y_train, y_test: their classes,
    int64. batch_size, lr: where the sliders start, one of SIZES and of RATES.
    """
    require("batch size", batch_size, SIZES)
    require("learning rate", lr, RATES)
    rows = X_train, y_train, X_test, y_test
    runs = {
        (size, rate, norm): train(rows, size, rate, norm)
        for size in SIZES
        for norm in (True, False)
        for rate in RATES
    }
    title = f"One epoch: {len(X_train) // batch_size} steps of {batch_size} rows, lr {lr:g}"
    lines = {"batch norm": runs[batch_size, lr, True], "without": runs[batch_size, lr, False]}
    picture = plots.curves(lines, title, "rows read", "right (%)", ylim=(0, 100))
    read = [runs[size, lr, True][0] for size in SIZES]
    data = {"sizes": SIZES, "rates": RATES, "read": read, "size": batch_size, "lr": lr}
    # Whole percents, run after run: with batches of two they differ between processors.
    percents = [round(percent) for _, right in runs.values() for percent in right]
    return Living("batch_sizes", data, picture, bytes(percents))
