"""Right answers to the exercises of lesson 02, written in other ways than the solutions."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F


def dense_with_loops(X, W, b):
    rows = [torch.stack([(x * w).sum() + bias for w, bias in zip(W, b, strict=True)]) for x in X]
    return torch.stack(rows)


def dense_with_einsum(X, W, b):
    return torch.einsum("nd,od->no", X, W) + b


def dense_by_broadcasting(X, W, b):
    return (X[:, None, :] * W).sum(dim=-1) + b


def relu_with_clamp(z):
    return z.clamp(min=0)


def relu_with_maximum(z):
    return torch.maximum(z, torch.zeros((), dtype=z.dtype))


def relu_with_absolute_value(z):
    return (z + z.abs()) / 2


def relu_number_by_number(z):
    numbers = [max(number, 0.0) for number in z.flatten().tolist()]
    return torch.tensor(numbers, dtype=z.dtype).reshape(z.shape)


def relu_with_mask(z):
    return z * (z > 0)


def mlp_with_index(X, layers, activation):
    a = X
    for i in range(len(layers)):
        W, b = layers[i]
        a = F.linear(a, W, b)
        if i < len(layers) - 1:
            a = activation(a)
    return a


def mlp_recursive(X, layers, activation):
    (W, b), *rest = layers
    z = (W @ X.T).T + b
    return mlp_recursive(activation(z), rest, activation) if rest else z


def count_with_torch(sizes):
    pairs = pairwise(sizes)
    model = nn.Sequential(*(nn.Linear(n, m, device="meta") for n, m in pairs))
    return sum(p.numel() for p in model.parameters())


def count_in_one_line(sizes):
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))


def collapse_by_probing(W1, b1, W2, b2):
    def both(x):
        return F.linear(F.linear(x, W1, b1), W2, b2)

    D = W1.shape[1]
    b = both(torch.zeros(D, dtype=W1.dtype))
    return (both(torch.eye(D, dtype=W1.dtype)) - b).T, b


def collapse_with_linear(W1, b1, W2, b2):
    return [F.linear(W1.T, W2).T, F.linear(b1, W2, b2)]


def xor_by_difference():
    W1 = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    return [(W1, torch.zeros(2)), (torch.ones(1, 2), torch.zeros(1))]


def xor_by_absence():
    """1 minus "both" minus "neither"."""
    W1 = torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    return ((W1, torch.tensor([-1.0, 1.0])), (-torch.ones(1, 2), torch.ones(1)))


def xor_deep_and_wide():
    W1 = torch.tensor([[3.0, 3.0], [6.0, 6.0], [0.5, -0.5], [0.0, 0.0]])
    b1 = torch.tensor([0.0, -6.0, 0.0, 1.0])
    W2 = torch.tensor([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    W3 = torch.tensor([[1 / 3, 0.0]])
    return [(W1, b1), (W2, torch.zeros(2)), (W3, torch.zeros(1))]


RIGHT = {
    "dense": [dense_with_loops, dense_with_einsum, dense_by_broadcasting],
    "relu": [
        relu_with_clamp,
        relu_with_maximum,
        relu_with_absolute_value,
        relu_with_mask,
        relu_number_by_number,
    ],
    "mlp": [mlp_with_index, mlp_recursive],
    "count_parameters": [count_with_torch, count_in_one_line],
    "collapse": [collapse_by_probing, collapse_with_linear],
    "xor_network": [xor_by_difference, xor_by_absence, xor_deep_and_wide],
}
