"""Right answers to the exercises of lesson 07, written in other ways than the solutions."""

import torch
import torch.nn.functional as F
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn
from torch.nn.utils.fusion import fuse_linear_bn_weights


def min_max_column_by_column(X):
    columns = [(c - c.min()) / (c.max() - c.min()) for c in X.unbind(dim=1)]
    return torch.stack(columns, dim=1)


def min_max_from_above(X):
    high, low = X.max(dim=0, keepdim=True).values, X.min(dim=0, keepdim=True).values
    return 1 - (high - X) / (high - low)


def min_max_by_scikit_learn(X):
    return torch.from_numpy(MinMaxScaler().fit_transform(X.numpy())).to(X.dtype)


def standardize_by_scikit_learn(X):
    return torch.from_numpy(StandardScaler().fit_transform(X.double().numpy())).to(X.dtype)


def standardize_by_sums(X):
    centered = X - X.sum(dim=0) / len(X)
    return centered / ((centered**2).sum(dim=0) / len(X)).sqrt()


def standardize_with_n_minus_one(X):
    n = len(X)
    return (X - X.mean(dim=0)) / (X.var(dim=0) * (n - 1) / n) ** 0.5


def batch_norm_by_torch(X, gamma, beta, eps):
    return F.batch_norm(X, None, None, gamma, beta, training=True, eps=eps)


def batch_norm_column_by_column(X, gamma, beta, eps):
    columns = []
    for x, g, b in zip(X.T, gamma, beta, strict=True):
        centered = x - x.mean()
        columns.append(g * centered * torch.rsqrt((centered**2).mean() + eps) + b)
    return torch.stack(columns, dim=1)


def update_running_by_torch(running_mean, running_var, X, momentum):
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(X, mean, var, training=True, momentum=momentum)
    return mean, var


@torch.no_grad()
def update_running_with_lerp(running_mean, running_var, X, momentum):
    centered = X - X.mean(dim=0)
    var = (centered**2).sum(dim=0) / (len(X) - 1)
    return [running_mean.lerp(X.mean(dim=0), momentum), running_var.lerp(var, momentum)]


class BatchNormOfTorch(nn.BatchNorm1d):
    pass


class BatchNormOnTorch(nn.BatchNorm1d):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)


class BatchNormOnF(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.weight = nn.Parameter(torch.ones(num_features))
        self.options = {"momentum": momentum, "eps": eps}

    def forward(self, X):
        self.num_batches_tracked += self.training
        statistics = self.running_mean, self.running_var
        return F.batch_norm(
            X, *statistics, self.weight, self.bias, training=self.training, **self.options
        )


class BatchNormWithDetach(nn.Module):
    def __init__(self, n, e, m):
        super().__init__()
        self.e, self.m = e, m
        self.weight, self.bias = nn.Parameter(torch.ones(n)), nn.Parameter(torch.zeros(n))
        start = {"running_mean": 0 * torch.ones(n), "running_var": torch.ones(n)}
        for name, value in {**start, "num_batches_tracked": torch.tensor(0)}.items():
            self.register_buffer(name, value)

    def forward(self, X):
        if not self.training:
            scale = self.weight / (self.running_var + self.e).sqrt()
            return X * scale + (self.bias - self.running_mean * scale)
        N = X.shape[0]
        mu = X.sum(0) / N
        var = (X * X).sum(0) / N - mu * mu
        self.running_mean = (1 - self.m) * self.running_mean + self.m * mu.detach()
        self.running_var = (1 - self.m) * self.running_var + self.m * var.detach() * N / (N - 1)
        self.num_batches_tracked = self.num_batches_tracked + 1
        return (X - mu) * (var + self.e).rsqrt() * self.weight + self.bias


def fold_row_by_row(W, b, mean, var, gamma, beta, eps):
    rows, biases = [], []
    for i in range(len(W)):
        scale = gamma[i] / (var[i] + eps) ** 0.5
        rows.append(scale * W[i])
        biases.append(scale * b[i] + beta[i] - scale * mean[i])
    return [torch.stack(rows), torch.stack(biases)]


def fold_as_matrices(W, b, mean, var, gamma, beta, eps):
    S = torch.diag(gamma * torch.rsqrt(var + eps))
    return S @ W, S @ (b - mean) + beta


def fold_by_probing(W, b, mean, var, gamma, beta, eps):
    """What goes in as 0 shows the bias; what goes in as a 1 shows a column of W."""

    def both(x):
        return F.batch_norm(F.linear(x, W, b), mean, var, gamma, beta, training=False, eps=eps)

    D = W.shape[1]
    bias = both(W.new_zeros(1, D))[0]
    return (both(torch.eye(D, dtype=W.dtype)) - bias).T, bias


def fold_by_torch(W, b, mean, var, gamma, beta, eps):
    return fuse_linear_bn_weights(W, b, mean, var, eps, gamma, beta)


RIGHT = {
    "predict_zero_to_one": ["c", "C"],
    "predict_ten_times": ["c", "C"],
    "predict_variance_of_four": ["b", "B"],
    "predict_sorted": ["d", "D"],
    "standardize_impostors": [
        [(torch.tensor([[0.01, 0.05], [0.02, 0.09], [0.05, 0.06], [0.03, 0.01]]) / 10,)],
        (
            (torch.tensor([[5.0, 1.0, 9.0], [7.0, 4.0, 2.0]], dtype=torch.float64),),
            [torch.tensor([[1.0, 7.0], [2.0, 9.0], [5.0, 1.0]], dtype=torch.float64) * 0.002],
        ),
    ],
    "min_max_scale": [min_max_column_by_column, min_max_from_above, min_max_by_scikit_learn],
    "standardize": [
        standardize_by_sums,
        standardize_with_n_minus_one,
        standardize_by_scikit_learn,
    ],
    "batch_norm": [batch_norm_by_torch, batch_norm_column_by_column],
    "update_running": [update_running_by_torch, update_running_with_lerp],
    "BatchNorm": [BatchNormOfTorch, BatchNormOnTorch, BatchNormOnF, BatchNormWithDetach],
    "fold": [fold_row_by_row, fold_as_matrices, fold_by_probing, fold_by_torch],
}
