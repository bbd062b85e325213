"""Right answers to the exercises of lesson 08, written in other ways than the solutions."""

import torch
from torch import nn


def split_with_mask(X, y, fraction, generator):
    chosen = torch.rand(len(X), generator=generator).argsort()[: round(fraction * len(X))]
    is_test = torch.zeros(len(X), dtype=torch.bool)
    is_test[chosen] = True
    rest = torch.randperm(len(X), generator=generator)
    rest = rest[~is_test[rest]]
    return X[rest], X[chosen], y[rest], y[chosen]


def split_with_torch(X, y, fraction, generator):
    size = round(len(X) * fraction)
    train, test = torch.utils.data.random_split(
        range(len(X)), [len(X) - size, size], generator=generator
    )
    train, test = list(train), list(test)
    return [X[train], X[test], y[train], y[test]]


def mlp_by_appending(sizes):
    model = nn.Sequential(nn.Linear(sizes[0], sizes[1]))
    for i in range(1, len(sizes) - 1):
        model.append(nn.ReLU())
        model.append(nn.Linear(sizes[i], sizes[i + 1]))
    return model


def mlp_of_blocks(sizes):
    *hidden, last = zip(sizes, sizes[1:], strict=False)
    blocks = [nn.Sequential(nn.Linear(n, m), nn.ReLU()) for n, m in hidden]
    return nn.Sequential(*blocks, nn.Linear(*last))


def epoch_with_lists(model, loader, loss_fn, optimizer):
    model.train(True)
    losses, sizes = [], []
    for X, y in loader:
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        sizes.append(X.shape[0])
    return sum(a * n for a, n in zip(losses, sizes, strict=True)) / sum(sizes)


def epoch_clearing_after_the_step(model, loader, loss_fn, optimizer):
    model.train()
    model.zero_grad()
    total, count = torch.zeros((), dtype=torch.float64), 0
    for X, y in loader:
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total += loss.detach().double() * y.shape[0]
        count += y.shape[0]
    return (total / count).item()


class OneLayerEach(nn.Module):
    def __init__(self, d1, d2, hidden, out):
        super().__init__()
        self.layers = nn.ModuleDict({"a": nn.Linear(d1, hidden), "b": nn.Linear(d2, hidden)})
        self.head = nn.Sequential(nn.Sigmoid(), nn.Linear(hidden, out))

    def forward(self, a, b):
        return self.head(self.layers["a"](a) + self.layers["b"](b))


class OwnParameters(nn.Module):
    def __init__(self, d1, d2, hidden, out):
        super().__init__()
        self.W = nn.Parameter(torch.randn(d1 + d2, hidden))
        self.V = nn.Parameter(torch.randn(hidden, out))

    def forward(self, a, b):
        return torch.tanh(torch.hstack([b, a]) @ self.W) @ self.V


class WithDropoutAndNorm(nn.Module):
    def __init__(self, d1, d2, hidden, out):
        super().__init__()
        self.first = nn.Linear(d1, hidden)
        self.norm = nn.LayerNorm(hidden)
        self.drop = nn.Dropout(0.1)
        self.second = nn.Linear(hidden + d2, out)

    def forward(self, a, b):
        h = self.drop(nn.functional.silu(self.norm(self.first(a))))
        return self.second(torch.cat((h, b), dim=-1))


def accuracy_with_loop(logits, labels):
    pairs = zip(logits.tolist(), labels.tolist(), strict=True)
    right = sum(row.index(max(row)) == label for row, label in pairs)
    return right / len(labels)


def accuracy_with_topk(logits, labels):
    best = logits.topk(1, dim=1).indices[:, 0]
    return int((best == labels).sum()) / labels.numel()


def accuracy_in_float32(logits, labels):
    return logits.max(dim=1).indices.eq(labels).float().mean().item()


def stopping_by_looking_back(losses, patience):
    for epoch in range(len(losses)):
        best = losses.index(min(losses[: epoch + 1]))
        if epoch - best == patience:
            return best
    return best


def stopping_with_while(losses, patience):
    best = epoch = 0
    while epoch < len(losses) and epoch - best < patience:
        epoch += 1
        if epoch < len(losses) and losses[epoch] < losses[best]:
            best = epoch
    return best


RIGHT = {
    "train_test_split": [split_with_mask, split_with_torch],
    "make_mlp": [mlp_by_appending, mlp_of_blocks],
    "train_one_epoch": [epoch_with_lists, epoch_clearing_after_the_step],
    "TwoInputNet": [OneLayerEach, OwnParameters, WithDropoutAndNorm],
    "accuracy": [accuracy_with_loop, accuracy_with_topk, accuracy_in_float32],
    "stopping_epoch": [stopping_by_looking_back, stopping_with_while],
}
