"""Answers to the exercises of lesson 04, losses."""

import torch
import torch.nn.functional as F


# %% sse
def sse(y_hat, y):
    return ((y_hat - y) ** 2).sum()


# %% rmse
def rmse(y_hat, y):
    return ((y_hat - y) ** 2).mean().sqrt()  # the root brings the unit of y back


# %% mae
def mae(y_hat, y):
    return (y_hat - y).abs().mean()  # abs before mean, or opposite errors cancel


# %% huber
def huber(y_hat, y, delta):
    size = (y_hat - y).abs()
    parabola = size**2 / 2
    line = delta * (size - delta / 2)  # as high and as steep as the parabola where they meet
    return torch.where(size <= delta, parabola, line).mean()


# %% binary_cross_entropy
def binary_cross_entropy(logits, y):
    surprise_if_1 = -F.logsigmoid(logits)
    surprise_if_0 = -F.logsigmoid(-logits)  # because 1 - sigmoid(z) = sigmoid(-z)
    return (y * surprise_if_1 + (1 - y) * surprise_if_0).mean()


# %% cross_entropy
def cross_entropy(logits, labels):
    largest = logits.max(dim=1, keepdim=True).values  # (N, 1): no exp below can overflow
    shifted = logits - largest  # (N, K); the same shift for a whole row changes no probability
    log_sum_exp = shifted.exp().sum(dim=1).log()  # (N, K) -> (N,); the sum is at least exp(0) = 1
    chosen = shifted[torch.arange(len(labels)), labels]  # (N,): the logit of each row's label
    return (log_sum_exp - chosen).mean()


# %% hinge
def hinge(scores, y):
    margin = y * scores  # positive: on the right side
    return (1 - margin).clamp(min=0).mean()
