"""Right answers to the exercises of lesson 04, written in other ways than the solutions."""

import torch
import torch.nn.functional as F


def sse_in_a_loop(y_hat, y):
    total = 0.0
    for guess, target in zip(y_hat.flatten(), y.flatten(), strict=True):
        total = total + (guess - target) * (guess - target)
    return total


def sse_as_a_product(y_hat, y):
    errors = (y - y_hat).reshape(-1)
    return errors @ errors


def rmse_by_norm(y_hat, y):
    return torch.linalg.vector_norm(y_hat - y) / y.numel() ** 0.5


def rmse_from_bias_and_spread(y_hat, y):
    errors = y - y_hat
    return (errors.mean() ** 2 + errors.var(correction=0)) ** 0.5


def mae_with_where(y_hat, y):
    return torch.where(y_hat > y, y_hat - y, y - y_hat).sum() / y.numel()


def huber_in_a_loop(y_hat, y, delta):
    losses = []
    for error in (y_hat - y).flatten():
        size = abs(error)
        losses.append(size * size / 2 if size < delta else delta * size - delta * delta / 2)
    return torch.stack(losses).mean()


def huber_with_clamp(y_hat, y, delta):
    size = (y - y_hat).abs()
    small = size.clamp(max=delta)
    return (small * (size - small / 2)).mean()


def huber_by_smooth_l1(y_hat, y, delta):
    return delta * F.smooth_l1_loss(y_hat, y, beta=delta)


def bce_by_softplus(logits, y):
    return torch.where(y == 1, F.softplus(-logits), F.softplus(logits)).mean()


def bce_by_formula(logits, y):
    return torch.logaddexp(logits * 0, logits).mean() - (y * logits).mean()


def bce_as_two_classes(logits, y):
    two = torch.stack([torch.zeros_like(logits), logits], dim=-1).reshape(-1, 2)
    return F.cross_entropy(two, y.reshape(-1).long())


def cross_entropy_by_log_softmax(logits, labels):
    return -logits.log_softmax(dim=-1).gather(1, labels[:, None]).mean()


def cross_entropy_in_a_loop(logits, labels):
    total = 0
    for row, label in zip(logits, labels, strict=True):
        total = total + torch.logsumexp(row, dim=0) - row[label]
    return total / len(labels)


def cross_entropy_with_one_hot(logits, labels):
    one_hot = F.one_hot(labels, logits.shape[1]).to(logits.dtype)
    return -(one_hot * F.log_softmax(logits, dim=1)).sum() / len(logits)


def hinge_in_a_loop(scores, y):
    zero = torch.zeros((), dtype=scores.dtype)
    margins = [1 - s * t for s, t in zip(scores, y, strict=True)]
    return sum(torch.maximum(zero, margin) for margin in margins) / len(scores)


def hinge_with_torch(scores, y):
    return F.hinge_embedding_loss(y * scores, -torch.ones_like(y))


RIGHT = {
    "sse": [sse_in_a_loop, sse_as_a_product, lambda a, b: F.mse_loss(a, b, reduction="sum")],
    "rmse": [rmse_by_norm, rmse_from_bias_and_spread],
    "mae": [mae_with_where, F.l1_loss],
    "huber": [huber_in_a_loop, huber_with_clamp, huber_by_smooth_l1],
    "binary_cross_entropy": [bce_by_softplus, bce_by_formula, bce_as_two_classes],
    "cross_entropy": [
        cross_entropy_by_log_softmax,
        cross_entropy_in_a_loop,
        cross_entropy_with_one_hot,
    ],
    "hinge": [hinge_in_a_loop, hinge_with_torch],
}
