"""Answers to the exercises of lesson 08, building models."""

import torch
from torch import nn


# %% train_test_split
def train_test_split(X, y, fraction, generator):
    order = torch.randperm(len(X), generator=generator)  # one order for X and y
    size = round(len(X) * fraction)
    test, train = order[:size], order[size:]
    return X[train], X[test], y[train], y[test]


# %% make_mlp
def make_mlp(sizes):
    layers = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])  # no ReLU after the last layer


# %% train_one_epoch
def train_one_epoch(model, loader, loss_fn, optimizer):
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(X)  # the batch's mean, once for each of its rows
        count += len(X)
    return total / count


# %% TwoInputNet
class TwoInputNet(nn.Module):
    def __init__(self, d1, d2, hidden, out):
        super().__init__()
        self.join = nn.Linear(d1 + d2, hidden)
        self.answer = nn.Linear(hidden, out)
        self.skip = nn.Linear(d1 + d2, out)  # a straight way past the hidden layer

    def forward(self, a, b):
        both = torch.cat([a, b], dim=1)  # (N, d1), (N, d2) -> (N, d1 + d2)
        return self.answer(self.join(both).relu()) + self.skip(both)


# %% accuracy
def accuracy(logits, labels):
    predicted = logits.argmax(dim=1)  # (N, K) -> (N,)
    return (predicted == labels).double().mean().item()


# %% stopping_epoch
def stopping_epoch(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    return best
