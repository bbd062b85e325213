"""Answers to the exercises of lesson 07, batch normalization."""

import torch
from torch import nn


# %% min_max_scale
def min_max_scale(X):
    low, high = X.amin(dim=0), X.amax(dim=0)  # (N, D) -> (D,)
    return (X - low) / (high - low)


# %% standardize
def standardize(X):
    return (X - X.mean(dim=0)) / X.std(dim=0, correction=0)  # correction=0: divide by N, not N - 1


# %% standardize_impostors
standardize_impostors = [
    (torch.tensor([[1.0, 20.0], [2.0, 50.0], [6.0, 70.0]]),),
    (torch.tensor([[0.001, 0.004], [0.002, 0.009], [0.006, 0.005]]),),  # an ε shows
]


# %% predict_zero_to_one
predict_zero_to_one = "c"  # one scale helps, but the columns still resemble the bias's ones


# %% batch_norm
def batch_norm(X, gamma, beta, eps):
    mean, var = X.mean(dim=0), X.var(dim=0, correction=0)  # (N, D) -> (D,)
    z = (X - mean) / torch.sqrt(var + eps)  # ε inside the root: safe where var is 0
    return gamma * z + beta


# %% predict_ten_times
predict_ten_times = "c"  # the std has grown tenfold as well


# %% predict_variance_of_four
predict_variance_of_four = "b"  # (N - 1) / N


# %% update_running
def update_running(running_mean, running_var, X, momentum):
    mean, var = X.mean(dim=0), X.var(dim=0)  # var over N - 1: right on average, see the lesson
    new_mean = (1 - momentum) * running_mean + momentum * mean
    new_var = (1 - momentum) * running_var + momentum * var
    return new_mean, new_var


# %% BatchNorm
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))  # γ, learned
        self.bias = nn.Parameter(torch.zeros(num_features))  # β, learned
        # Measured, not learned: saved with the layer, but no optimizer sees them.
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, X):
        if self.training:
            mean, var = X.mean(dim=0), X.var(dim=0, correction=0)
            with torch.no_grad():  # the past is measured; no gradient goes there
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(dim=0) - self.running_var)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias


# %% predict_sorted
predict_sorted = "d"  # what makes a zero a zero is what the mean subtracts


# %% fold
def fold(W, b, mean, var, gamma, beta, eps):
    scale = gamma / torch.sqrt(var + eps)  # (out,)
    return W * scale[:, None], (b - mean) * scale + beta
