"""Right answers to the exercises of lesson 09, written in other ways than the solutions."""

import torch
from torch import nn


def normalize_with_scalars(images):
    n, height, width = images.shape
    return images.to(torch.float32).sub(0.1307 * 255).div(0.3081 * 255).view(n, 1, height, width)


def normalize_by_table(images):
    table = torch.tensor([(value / 255 - 0.1307) / 0.3081 for value in range(256)])
    return torch.stack([table[image.long()].unsqueeze(0) for image in images])


def nearest_mean_with_loops(train_x, train_y, x):
    means = [train_x[train_y == k].double().mean(dim=0) for k in train_y.unique()]
    nearest = []
    for picture in x.double():
        distances = [float(((picture - mean) ** 2).sum()) for mean in means]
        nearest.append(distances.index(min(distances)))
    return torch.tensor(nearest)


def nearest_mean_by_products(train_x, train_y, x):
    """|x − m|² = |x|² − 2 x·m + |m|², and |x|² is the same for every class."""
    members = torch.nn.functional.one_hot(train_y).double()
    means = members.T @ train_x.flatten(1).double() / members.sum(dim=0)[:, None]
    return (2 * x.flatten(1).double() @ means.T - (means**2).sum(dim=1)).argmax(dim=1)


def confusion_with_a_loop(predicted, labels, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.int64)
    for true, guess in zip(labels.tolist(), predicted.tolist(), strict=True):
        matrix[true, guess] += 1
    return matrix


def confusion_with_accumulate(predicted, labels, classes):
    matrix = labels.new_zeros(classes, classes)
    return matrix.index_put((labels, predicted), torch.ones_like(labels), accumulate=True)


def confusion_with_one_hot(predicted, labels, classes):
    one_hot = torch.nn.functional.one_hot
    return one_hot(labels, classes).T @ one_hot(predicted, classes)


def top_with_topk(matrix, k):
    off_diagonal = matrix.clone().fill_diagonal_(-1)
    counts, cells = off_diagonal.flatten().topk(k)
    n = len(matrix)
    return [[int(c) // n, int(c) % n, int(m)] for c, m in zip(cells, counts, strict=True)]


def top_one_after_another(matrix, k):
    rest = {(i, j): c for i, row in enumerate(matrix.tolist()) for j, c in enumerate(row) if i != j}
    found = []
    for _ in range(k):
        pair = max(reversed(list(rest)), key=rest.get)
        found.append((*pair, rest.pop(pair)))
    return found


def linear_net():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def net_with_batch_norm_and_dropout():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 100), nn.BatchNorm1d(100), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(100, 10),
    )  # fmt: skip


class PoolingNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(1, 12, 5)
        self.classify = nn.LazyLinear(10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.features(x)), 4)
        return torch.log_softmax(self.classify(x.flatten(1)), dim=1)  # are logits, too


RIGHT = {
    "normalize": [normalize_with_scalars, normalize_by_table],
    "nearest_mean": [nearest_mean_with_loops, nearest_mean_by_products],
    "confusion_matrix": [
        confusion_with_a_loop,
        confusion_with_accumulate,
        confusion_with_one_hot,
    ],
    "top_confusions": [top_with_topk, top_one_after_another],
    "digit_net": [linear_net, net_with_batch_norm_and_dropout, PoolingNet],
}
