"""Right answers to the exercises of lesson 01, written in other ways than the solutions."""

import numpy as np
import torch


def perceptron_with_where(x, w, b):
    z = (x * w).sum(dim=-1) + b
    return torch.where(z > 0, torch.ones_like(z), torch.zeros_like(z))


def perceptron_with_heaviside(x, w, b):
    z = torch.einsum("...d,d->...", x, w) + b
    return torch.heaviside(z, torch.zeros_like(z))


def gate_with_if(name):
    if name == "AND":
        return torch.tensor([0.2, 0.3]), -0.4
    if name == "OR":
        return torch.tensor([5.0, 7.0]), torch.tensor(-1.0)
    return torch.tensor([-2.0, -2.0]), 3


def gate_by_negation(name):
    if name == "NAND":
        w, b = gate_by_negation("AND")
        return -w, -b
    return [torch.ones(2), -1.01 if name == "AND" else -0.01]


def update_with_if(w, b, x, y, lr):
    fires = bool((w * x).sum() + b > 0)
    if fires and y == 0:
        return w - lr * x, b - lr
    if not fires and y == 1:
        return w + lr * x, b + lr
    return w, b


def update_as_one_vector(w, b, x, y, lr):
    parameters = torch.cat([w, b.reshape(1)])
    inputs = torch.cat([x, x.new_ones(1)])
    error = float(y) - float(parameters @ inputs > 0)
    parameters = parameters + lr * error * inputs
    return [parameters[:-1], parameters[-1]]


def fit_until_right(X, y, epochs, lr):
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(())
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(X)):
            old = b
            w, b = update_with_if(w, b, X[i], int(y[i]), lr)
            mistakes += int(old != b)
        if not mistakes:
            break
    return w, b


def fit_in_plain_python(X, y, epochs, lr):
    w, b = [0.0] * X.shape[1], 0.0
    for _ in range(epochs):
        for x, target in zip(X.tolist(), y.tolist(), strict=True):
            error = target - (sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b > 0)
            w = [wi + lr * error * xi for wi, xi in zip(w, x, strict=True)]
            b += lr * error
    return torch.tensor(w, dtype=X.dtype), b


RIGHT = {
    "average_weights": [
        torch.full((2,), 0.5),
        torch.tensor([1.0, 1.0], dtype=torch.float64) / 2,
        [0.5, 0.5],
        (1 / 2, torch.tensor(0.5)),
        np.array([0.5, 0.5]),
    ],
    "perceptron": [perceptron_with_where, perceptron_with_heaviside],
    "gate": [gate_with_if, gate_by_negation],
    "perceptron_update": [update_with_if, update_as_one_vector],
    "fit_perceptron": [fit_until_right, fit_in_plain_python],
    "xor_errors": [1.0, torch.tensor(1)],
    "predict_line": ["d", " D "],
    "predict_rate": ["e", " E "],
    "predict_overlap": ["b", " B "],
    "predict_gates": ["c", " C "],
}
