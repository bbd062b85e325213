"""Answers to the exercises of lesson 03, the activations."""

import torch


# %% sigmoid
def sigmoid(z):
    # Each exponential sees only exponents of 0 or below, so neither it nor its gradient overflows.
    small = torch.exp(torch.clamp(z, max=0.0))  # eᶻ where z is negative, 1 elsewhere
    large = torch.exp(torch.clamp(-z, max=0.0))  # e⁻ᶻ where z is positive, 1 elsewhere
    return torch.where(z < 0, small / (1 + small), 1 / (1 + large))


# %% tanh
def tanh(z):
    # A sigmoid, twice as steep, twice as high, and moved down by 1.
    return 2 * torch.sigmoid(2 * z) - 1


# %% hard_sigmoid
def hard_sigmoid(z):
    return torch.clamp(z / 6 + 0.5, 0, 1)


# %% leaky_relu
def leaky_relu(z, slope):
    return torch.where(z > 0, z, slope * z)


# %% silu_grad
def silu_grad(z):
    s = torch.sigmoid(z)
    return s + z * s * (1 - s)  # the product rule, with s' = s · (1 − s)


# %% dead_units
def dead_units(pre_activations):
    silent = pre_activations <= 0  # (N, units)
    dead = silent.all(dim=0)  # (N, units) -> (units,): silent on every row
    return dead.double().mean()


# %% softmax
def softmax(z, dim):
    # Taking the maximum away changes nothing, but now the largest exponent is 0.
    shifted = z - z.amax(dim, keepdim=True)
    exponentials = torch.exp(shifted)
    return exponentials / exponentials.sum(dim, keepdim=True)


# %% softmax_impostors
softmax_impostors = [
    # The wrong dimension shows where it is not the last one, and rows are as long as no column.
    (torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]), 0),
    # 1000 overflows, and a maximum of the whole table leaves nothing of the second row.
    (torch.tensor([[1000.0, 0.0, -1000.0], [4.0, -5.0, 7.0]]), 1),
]
