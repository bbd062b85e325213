"""Answers to the exercises of lesson 09, MNIST."""

import torch
from torch import nn


# %% normalize
def normalize(images):
    pixels = images.float() / 255  # whole numbers 0…255 -> 0…1
    return ((pixels - 0.1307) / 0.3081).unsqueeze(1)  # (N, 28, 28) -> (N, 1, 28, 28)


# %% nearest_mean
def nearest_mean(train_x, train_y, x):
    # float64: whole numbers of 8 bits cannot be negative, and differences can
    train_x, x = train_x.flatten(1).double(), x.flatten(1).double()  # (N, …) -> (N, D)
    classes = int(train_y.max()) + 1
    means = torch.stack([train_x[train_y == k].mean(dim=0) for k in range(classes)])  # (K, D)
    return torch.cdist(x, means).argmin(dim=1)  # (N, K) -> (N,)


# %% confusion_matrix
def confusion_matrix(predicted, labels, classes):
    cell = labels * classes + predicted  # each pair gets a number of its own, row by row
    return torch.bincount(cell, minlength=classes**2).reshape(classes, classes)


# %% top_confusions
def top_confusions(matrix, k):
    rows, columns = matrix.shape
    pairs = [(i, j, int(matrix[i, j])) for i in range(rows) for j in range(columns) if i != j]
    pairs.sort(key=lambda pair: pair[2], reverse=True)
    return pairs[:k]


# %% digit_net
def digit_net():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2),  # (N, 1, 28, 28) -> (N, 16, 14, 14)
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),  # -> (N, 32, 7, 7)
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),  # -> (N, 1568)
        nn.Linear(32 * 7 * 7, 10),  # -> (N, 10): logits, so no softmax
    )
