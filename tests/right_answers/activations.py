"""Right answers to the exercises of lesson 03, written in other ways than the solutions."""

import torch
from torch.nn import functional as F


def sigmoid_from_tanh(z):
    return 0.5 * (1 + torch.tanh(z / 2))


def sigmoid_from_logarithm(z):
    return torch.exp(F.logsigmoid(z))


def sigmoid_in_two_parts(z):
    result = torch.empty_like(z)
    positive = z >= 0
    result[positive] = 1 / (1 + torch.exp(-z[positive]))
    result[~positive] = torch.exp(z[~positive]) / (1 + torch.exp(z[~positive]))
    return result


def sigmoid_with_softmax(z):
    return torch.softmax(torch.stack([z, torch.zeros_like(z)]), dim=0)[0]


def tanh_from_sigmoid(z):
    return torch.sigmoid(2 * z) - torch.sigmoid(-2 * z)


def tanh_clamped(z):
    e = torch.exp(2 * z.clamp(-20, 20))
    return (e - 1) / (e + 1)


def hard_sigmoid_with_relu6(z):
    return F.relu6(z + 3) / 6


def hard_sigmoid_in_pieces(z):
    middle = (z + 3) / 6
    result = torch.where(z < -3, torch.zeros_like(z), middle)
    return torch.where(z > 3, torch.ones_like(z), result)


def leaky_relu_as_maximum(z, slope):
    return torch.maximum(z, slope * z)


def leaky_relu_as_sum(z, slope=0.01):
    return z.clamp(min=0) + slope * z.clamp(max=0)


def leaky_relu_by_mask(z, slope):
    return z * ((z > 0) + slope * (z <= 0)).to(z.dtype)


def softmax_with_logsumexp(z, dim):
    return torch.exp(z - torch.logsumexp(z, dim, keepdim=True))


def softmax_slice_by_slice(z, dim):
    slices = z.unbind(dim)
    largest = slices[0]
    for part in slices[1:]:
        largest = torch.maximum(largest, part)
    exponentials = [torch.exp(part - largest) for part in slices]
    return torch.stack([e / sum(exponentials) for e in exponentials], dim)


def softmax_of_torch(z, dim=-1):
    return z.softmax(dim=dim)


def silu_grad_by_autograd(z):
    z = z.detach().clone().requires_grad_()
    return torch.autograd.grad(F.silu(z).sum(), z)[0]


def silu_grad_by_autograd_with_graph(z):
    z = z if z.requires_grad else z.detach().requires_grad_()
    return torch.autograd.grad((z * torch.sigmoid(z)).sum(), z, create_graph=True)[0]


def silu_grad_from_silu(z):
    return F.silu(z) + torch.sigmoid(z) * (1 - F.silu(z))


def dead_units_from_maximum(pre_activations):
    return (pre_activations.amax(dim=0) <= 0).float().mean().item()


def dead_units_with_loops(pre_activations):
    dead = 0
    for column in pre_activations.T.tolist():
        dead += all(value <= 0 for value in column)
    return dead / pre_activations.shape[1]


def dead_units_after_relu(pre_activations):
    return (F.relu(pre_activations).sum(0) == 0).sum() / pre_activations.shape[1]


IMPOSTORS_ONE_BY_ONE = [
    (torch.tensor([1000.0, 999.0], dtype=torch.float64), 0),
    [torch.tensor([[1000.0, -999.0], [-1000.0, -1001.0]]), 1],
    [torch.tensor([[1.0, -2.0, 3.0], [0.5, 0.0, 2.0]]), 1],
    [torch.tensor([[1.0, -2.0, 3.0], [0.5, 0.0, 2.0]]), 0],
]
IMPOSTORS_BY_A_CUBE = [
    (torch.tensor([[[1000.0, 1.0], [0.0, 2.0]], [[-1000.0, -2.0], [-1001.0, 1.0]]]), 1),
    (torch.tensor([[1.0, 2.0, 0.5]]), -1),
    (torch.tensor([[0.0, 3.0], [2.0, -1.0]]), 0),
]

RIGHT = {
    "sigmoid": [
        torch.sigmoid,
        sigmoid_from_tanh,
        sigmoid_from_logarithm,
        sigmoid_in_two_parts,
        sigmoid_with_softmax,
    ],
    "tanh": [torch.tanh, tanh_from_sigmoid, tanh_clamped],
    "hard_sigmoid": [F.hardsigmoid, hard_sigmoid_with_relu6, hard_sigmoid_in_pieces],
    "leaky_relu": [leaky_relu_as_maximum, leaky_relu_as_sum, leaky_relu_by_mask],
    "softmax": [softmax_with_logsumexp, softmax_slice_by_slice, softmax_of_torch],
    "softmax_impostors": [IMPOSTORS_ONE_BY_ONE, IMPOSTORS_BY_A_CUBE],
    "silu_grad": [silu_grad_by_autograd, silu_grad_by_autograd_with_graph, silu_grad_from_silu],
    "dead_units": [dead_units_from_maximum, dead_units_with_loops, dead_units_after_relu],
}
