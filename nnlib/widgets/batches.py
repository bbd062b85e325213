"""Batch size and learning rate, and how a network learns with batch norm and without."""

from functools import cache

import torch
from torch import nn
from torch.nn import functional as F

from nnlib import plots
from nnlib.widgets.explorer import Explorer, Slider

SIZES = (2, 4, 8, 20, 50, 100, 250)
RATES = (0.03, 0.1, 0.3, 1.0)


def train(data, batch_size, lr, batch_norm):
    """One epoch of a network with three hidden layers of 50 neurons, from seed 0.

    data: X_train, y_train, X_test, y_test. Returns (rows read, percent of the test set right),
    two lists, at the start and after each tenth of the epoch.
    """
    X_train, y_train, X_test, y_test = data
    widths, layers = [X_train.shape[1], 50, 50, 50], []
    with torch.random.fork_rng(devices=[]):  # leaves the caller's random numbers as they are
        torch.manual_seed(0)
        for inputs, outputs in zip(widths, widths[1:]):
            layers.append(nn.Linear(inputs, outputs, dtype=X_train.dtype))
            layers += [nn.BatchNorm1d(outputs, dtype=X_train.dtype)] * batch_norm + [nn.ReLU()]
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
    for step, rows in enumerate(batches, 1):
        loss = F.cross_entropy(model(X_train[rows]), y_train[rows])
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients):
                parameter -= lr * gradient
        if step * 10 // len(batches) > (step - 1) * 10 // len(batches):
            read.append(step * batch_size)
            right.append(percent_right())
    return read, right


def batch_sizes(X_train, y_train, X_test, y_test, batch_size=50, lr=0.1):
    """Sliders for batch size and learning rate; two networks learn for one epoch.

    X_train, X_test: (N, D) and (M, D), float. y_train, y_test: their classes, int64.
    batch_size, lr: where the sliders start, one of SIZES and of RATES.
    """

    @cache  # a setting that was seen before is drawn at once
    def line(*setting):
        return train((X_train, y_train, X_test, y_test), *setting)

    def draw(batch_size, lr):
        lines = {"batch norm": line(batch_size, lr, True), "without": line(batch_size, lr, False)}
        steps = len(X_train) // batch_size
        title = f"One epoch: {steps} steps of {batch_size} rows, lr {lr:g}"
        return plots.curves(lines, title, "rows read", "right (%)", ylim=(0, 100))

    sliders = {
        "batch size": Slider(SIZES, batch_size),
        "learning rate": Slider(RATES, lr),
    }
    return Explorer(sliders, draw)
