"""What is known of the exercises of lesson 09, MNIST: right answers, mistakes, hints."""

import torch
from torch import nn

from nnlib.checking.exercise import Exercise
from nnlib.checking.slopes import misfit
from nnlib.exercises.asked import mnist as asked

# -- normalize -------------------------------------------------------------------------------------


def _normalize(images):
    return ((images.float() / 255 - 0.1307) / 0.3081)[:, None]


def _normalize_each_batch(images):
    pixels = images.float() / 255
    return ((pixels - pixels.mean()) / pixels.std())[:, None]


normalize = Exercise(
    asked.normalize,
    reference=_normalize,
    mistakes={
        "The division by 255 is missing: 0.1307 and 0.3081 are for values from 0 to 1.": (
            lambda images: ((images.float() - 0.1307) / 0.3081)[:, None]
        ),
        "The channel is missing: pictures of shape (N, 28, 28) become (N, 1, 28, 28).": (
            lambda images: (images.float() / 255 - 0.1307) / 0.3081
        ),
        "The new dimension stands in front of the pictures. The channel comes after N.": (
            lambda images: ((images.float() / 255 - 0.1307) / 0.3081)[None]
        ),
        "It divides by 0.3081 first. Subtract the mean 0.1307 before you divide.": (
            lambda images: (images.float() / 255 / 0.3081 - 0.1307)[:, None]
        ),
        "It uses the mean and standard deviation of these pictures. The same picture must always"
        " give the same numbers: use the fixed 0.1307 and 0.3081.": _normalize_each_batch,
        "It stops at the range 0 to 1. Now subtract 0.1307 and divide by 0.3081.": (
            lambda images: (images.float() / 255)[:, None]
        ),
        "`//` throws away what is left over, so every gray becomes black. Divide with `/`.": (
            lambda images: ((images // 255).float() - 0.1307)[:, None] / 0.3081
        ),
        "0.1307 is added. Subtract it, so that the average comes to 0.": (
            lambda images: ((images.float() / 255 + 0.1307) / 0.3081)[:, None]
        ),
    },
    hints=(
        "Four steps: whole numbers to floats, 0…255 to 0…1, subtract and divide, add the channel.",
        "`images.float() / 255` does the first two.",
        "`x[:, None]` or `x.unsqueeze(1)` makes (N, 28, 28) into (N, 1, 28, 28).",
    ),
)  # fmt: skip


# -- nearest_mean ----------------------------------------------------------------------------------


def _distances(train_x, train_y, x, p=2.0, summarize=torch.Tensor.mean):
    """(N, K): from each picture to what `summarize` makes of each class."""
    train_x, x = train_x.double().flatten(1), x.double().flatten(1)
    classes = range(int(train_y.max()) + 1)
    centers = torch.stack([summarize(train_x[train_y == k], dim=0) for k in classes])
    return torch.cdist(x, centers, p=p)


def _nearest_mean(train_x, train_y, x):
    return _distances(train_x, train_y, x).argmin(dim=1)


def _nearest_picture(train_x, train_y, x):
    distances = torch.cdist(x.double().flatten(1), train_x.double().flatten(1))
    return train_y[distances.argmin(dim=1)]


def _largest_product(train_x, train_y, x):
    train_x, x = train_x.double().flatten(1), x.double().flatten(1)
    centers = torch.stack([train_x[train_y == k].mean(0) for k in range(int(train_y.max()) + 1)])
    return (x @ centers.T).argmax(dim=1)


def _wrapped_around(train_x, train_y, x):
    """Means turned back into whole numbers of 8 bits, which cannot be negative."""
    train, new = train_x.flatten(1), x.flatten(1)
    classes = range(int(train_y.max()) + 1)
    centers = torch.stack([train[train_y == k].double().mean(0).to(x.dtype) for k in classes])
    return ((new[:, None] - centers) ** 2).double().sum(dim=2).argmin(dim=1)


def _differences_that_cancel(train_x, train_y, x):
    train_x, x = train_x.double().flatten(1), x.double().flatten(1)
    centers = torch.stack([train_x[train_y == k].mean(0) for k in range(int(train_y.max()) + 1)])
    return (x[:, None] - centers).sum(dim=2).argmin(dim=1)


nearest_mean = Exercise(
    asked.nearest_mean,
    reference=_nearest_mean,
    mistakes={
        "That is the nearest single picture. Compare with the mean picture of each class.": (
            _nearest_picture
        ),
        "It adds up the pictures of a class. Classes have different sizes: take their mean.": (
            lambda train_x, train_y, x: _distances(
                train_x, train_y, x, summarize=torch.Tensor.sum
            ).argmin(dim=1)
        ),
        "It gives the farthest mean. You want the smallest distance: argmin.": (
            lambda train_x, train_y, x: _distances(train_x, train_y, x).argmax(dim=1)
        ),
        "It adds up the differences as they are, and those of opposite sign cancel. Square each"
        " first.": _differences_that_cancel,
        "The distance adds absolute differences. Euclidean distance squares them first.": (
            lambda train_x, train_y, x: _distances(train_x, train_y, x, p=1.0).argmin(dim=1)
        ),
        "It picks the largest product with a mean, and a bright mean wins too often. Use the"
        " distance.": _largest_product,
        "Whole numbers of 8 bits wrap around: 3 − 5 gives 254. Turn the pictures into floats before"
        " you subtract.": _wrapped_around,
        "It gives the distances. Return the number of the nearest class for each picture.": (
            lambda train_x, train_y, x: _distances(train_x, train_y, x)
        ),
    },
    hints=(
        "First one mean picture for each class: `train_x[train_y == k].float().mean(dim=0)`.",
        "Flatten everything to (N, D), as floats, then `torch.cdist` gives all Euclidean"
        " distances at once.",
        "The distances have the shape (N, K). Which class is the answer for a row?",
    ),
    points=2,
)


# -- confusion_matrix ------------------------------------------------------------------------------


def _confusion_matrix(predicted, labels, classes):
    pairs = torch.bincount(labels * classes + predicted, minlength=classes**2)
    return pairs.reshape(classes, classes)


def _assigned_once(predicted, labels, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.int64)
    matrix[labels, predicted] += 1
    return matrix


def _in_eight_bits(predicted, labels, classes):
    return _confusion_matrix(predicted, labels, classes).to(torch.uint8).long()


confusion_matrix = Exercise(
    asked.confusion_matrix,
    reference=_confusion_matrix,
    mistakes={
        "Rows and columns are swapped: the row is the true class, the column the predicted one.": (
            lambda predicted, labels, classes: _confusion_matrix(predicted, labels, classes).T
        ),
        "`matrix[labels, predicted] += 1` adds 1 only once to a cell, however often it is named."
        " Count with a loop, with bincount, or with index_put_(…, accumulate=True).": (
            _assigned_once
        ),
        "These are shares. Return counts, as int64.": (
            lambda predicted, labels, classes: (
                _confusion_matrix(predicted, labels, classes) / len(labels)
            )
        ),
        "The counts are right, but as floats. Return int64.": (
            lambda predicted, labels, classes: _confusion_matrix(predicted, labels, classes).float()
        ),
        "It counts in whole numbers of 8 bits, and after 255 they start again at 0. Count in int64.": (
            _in_eight_bits
        ),
        "It counts a pair in both directions. A 4 read as 9 and a 9 read as 4 are two cells.": (
            lambda predicted, labels, classes: (
                _confusion_matrix(predicted, labels, classes)
                + _confusion_matrix(labels, predicted, classes)
            )
        ),
        "It counts the mistakes only. What was read correctly belongs on the diagonal.": (
            lambda predicted, labels, classes: (
                _confusion_matrix(predicted, labels, classes)
                * (1 - torch.eye(classes, dtype=torch.int64))
            )
        ),
        "It is as large as the classes that occur. Make it `classes` by `classes`, also when a"
        " class does not occur.": (
            lambda predicted, labels, classes: _confusion_matrix(
                predicted, labels, int(torch.cat([predicted, labels]).max()) + 1
            )
        ),
    },
    hints=(
        "Start from zeros of shape (classes, classes) and dtype int64.",
        "Each sample adds 1 to one cell: row labels[i], column predicted[i].",
        "Without a loop: give each cell a number of its own, row by row, and `torch.bincount(…,"
        " minlength=…)` counts them all.",
    ),
    points=2,
)


# -- top_confusions --------------------------------------------------------------------------------


def _confusions(matrix):
    """Every confused pair with its count, largest first."""
    pairs = [(i, j, int(matrix[i, j])) for i, j in matrix.nonzero().tolist() if i != j]
    return sorted(pairs, key=lambda pair: -pair[2])


def _top_confusions(matrix, k):
    return _confusions(matrix)[:k]


DIAGONAL = "The diagonal is no confusion: there, what was predicted is true. Leave it out."
SWAPPED = "True and predicted are swapped: the row of the matrix is the true class and comes first."
UNSORTED = "These are the right pairs, but the largest count must come first."
FEWER = "Some pair that is not in your list was confused more often than one that is."
TWICE = "A pair stands in the list twice."
NOT_COUNTS = "The third number of each pair should be its count in the matrix."


def _judge_top(found, matrix, k):
    places = [(i, j) for i, j, _ in found]
    counts = [count for _, _, count in found]
    if not all(0 <= i < len(matrix) and 0 <= j < len(matrix) for i, j in places):
        return "Some class in your list does not exist in the matrix."
    if any(i == j for i, j in places):
        return DIAGONAL
    if counts != [int(matrix[place]) for place in places]:
        return SWAPPED if counts == [int(matrix[j, i]) for i, j in places] else NOT_COUNTS
    if len(set(places)) < len(places):
        return TWICE
    wanted = [count for _, _, count in _top_confusions(matrix, k)]
    if sorted(counts, reverse=True) != wanted:
        return FEWER
    return None if counts == wanted else UNSORTED


def _top_with_diagonal(matrix, k):
    counts, cells = matrix.flatten().topk(k)
    n = len(matrix)
    return [(c // n, c % n, m) for c, m in zip(cells.tolist(), counts.tolist(), strict=True)]


def _top_both_ways(matrix, k):
    pairs = _confusions((matrix + matrix.T).triu())
    return (pairs + [(j, i, count) for i, j, count in pairs])[:k]


top_confusions = Exercise(
    asked.top_confusions,
    reference=_top_confusions,
    judge=_judge_top,
    mistakes={
        DIAGONAL: _top_with_diagonal,
        SWAPPED: lambda matrix, k: [(j, i, count) for i, j, count in _confusions(matrix)[:k]],
        "These are the rarest confusions. Sort from the largest count down.": (
            lambda matrix, k: _confusions(matrix)[::-1][:k]
        ),
        UNSORTED: lambda matrix, k: sorted(_confusions(matrix)[:k], key=lambda pair: pair[2]),
        "It adds both directions. A 4 read as 9 and a 9 read as 4 are two different confusions.": (
            _top_both_ways
        ),
        "It returns every confused pair. Keep only the first k.": (
            lambda matrix, k: _confusions(matrix)
        ),
        "It goes through the rows in order and stops after k. Collect all pairs, sort, then cut.": (
            lambda matrix, k: sorted(
                [(i, j, int(matrix[i, j])) for i, j in matrix.nonzero().tolist() if i != j][:k],
                key=lambda pair: -pair[2],
            )
        ),
    },
    hints=(
        "Make a list of (true, predicted, count) for every cell off the diagonal.",
        "`sorted(pairs, key=lambda pair: pair[2], reverse=True)` puts the largest count first.",
        "`int(matrix[i, j])` makes a Python number of a cell; `[:k]` keeps the first k pairs.",
    ),
    points=2,
)


# -- digit_net -------------------------------------------------------------------------------------

MOST_PARAMETERS = 100_000


def _digit_net():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 7 * 7, 10),
    )


NO_PARAMETERS = "The model has no parameters, so it cannot learn."
NO_GRADIENT = "No gradient reaches some of the parameters, so they would never learn."
PROBABILITIES = "Each row of the output adds up to 1: these are probabilities, not logits."
SQUASHED = "All outputs lie between 0 and 1. Logits can be any number."
NEVER_NEGATIVE = (
    "No logit is ever negative, and many are exactly 0: an activation stands after the last layer."
    " Logits can be any number."
)
COMPANY = (
    "In evaluation the logits of a picture depend on the other pictures of its batch. Each picture"
    " is read by itself."
)
CONSTANT = "All pictures get the same logits."


def _judge_digit_net(outcome, images):
    logits, alone, seen, parameters, unreached = outcome.values()
    if parameters == 0:
        return NO_PARAMETERS
    if parameters > MOST_PARAMETERS:
        return f"It has {parameters} parameters; {MOST_PARAMETERS} are allowed."
    if not logits.isfinite().all():
        return "Some logits are not finite."
    if (logits >= 0).all() and torch.allclose(logits.sum(1), torch.ones(len(logits)), atol=1e-4):
        return PROBABILITIES
    if (logits > 0).all() and (logits < 1).all():
        return SQUASHED
    if (logits >= 0).all() and (logits == 0).any() and logits.any():
        return NEVER_NEGATIVE
    if not torch.allclose(logits[:1], alone, rtol=1e-3, atol=1e-3 * float(logits.abs().max())):
        return COMPANY
    if len(logits) > 1 and (logits - logits[0]).abs().max() <= 1e-6 * logits.abs().max():
        return CONSTANT
    return NO_GRADIENT if unreached else misfit(logits, seen)


class _ListOfLayers(nn.Module):
    """Its layers stand in a plain list, where a module does not look for them."""

    def __init__(self):
        super().__init__()
        self.layers = [nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class _Small(nn.Module):
    """A small network with one step done wrong by a subclass."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(784, 64), nn.Linear(64, 10)

    def flat(self, x):
        return x.flatten(1)

    def between(self, x):
        return torch.relu(x)

    def result(self, x):
        return x

    def forward(self, x):
        return self.result(self.last(self.between(self.first(self.flat(x)))))


class _OneBatchSize(_Small):
    def flat(self, x):
        return x.reshape(64, 784)


class _NotFlat(_Small):
    def flat(self, x):
        return x


class _Cut(_Small):
    def between(self, x):
        return torch.relu(x).detach()


class _Squeezed(_Small):
    def result(self, x):
        return x.squeeze()


class _Chosen(_Small):
    def result(self, x):
        return x.argmax(dim=1)


class _BatchSummed(_Small):
    def result(self, x):
        return x.softmax(dim=0)


class _BatchCentered(_Small):
    def flat(self, x):
        return (x - x.mean(dim=0)).flatten(1)


digit_net = Exercise(
    asked.digit_net,
    reference=_digit_net,
    judge=_judge_digit_net,
    mistakes={
        "It ends in a softmax. Return logits: F.cross_entropy applies the softmax itself.": (
            lambda: nn.Sequential(_Small(), nn.Softmax(dim=1))
        ),
        "It ends in a sigmoid. Exactly one digit is right, so return logits and let F.cross_entropy"
        " compare them.": lambda: nn.Sequential(_Small(), nn.Sigmoid()),
        "That is the network of 128 and 64 units. Its first layer alone has 784·128 weights, more"
        " than 100 000: use fewer units, or convolutions.": (
            lambda: nn.Sequential(
                nn.Flatten(), nn.Linear(784, 128), nn.ReLU(),
                nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10),
            )
        ),
        "Its layers are in a plain Python list, so the module does not know their parameters. Use"
        " nn.Sequential or nn.ModuleList.": _ListOfLayers,
        "The pictures have the shape (N, 1, 28, 28), and a linear layer wants (N, 784). Put"
        " nn.Flatten() before it.": _NotFlat,
        "These pictures are gray and have one channel: the first convolution is nn.Conv2d(1, …).": (
            lambda: nn.Sequential(
                nn.Conv2d(3, 16, 5, stride=2, padding=2), nn.ReLU(),
                nn.Flatten(), nn.Linear(16 * 14 * 14, 10),
            )
        ),
        "It works for one batch size only. Leave the number of pictures open: nn.Flatten(), or"
        " x.flatten(1).": _OneBatchSize,
        "A single picture loses its first dimension. `squeeze()` removes every dimension of size 1;"
        " leave it out.": _Squeezed,
        "It returns the digit it chose. Training needs all 10 logits; argmax comes later.": _Chosen,
        "Part of the network is cut off from the gradient, so it would never learn. Look for"
        " detach(), no_grad() or .data.": _Cut,
        "The softmax runs over the pictures of the batch. Leave it out: return logits.": (
            _BatchSummed
        ),
        NEVER_NEGATIVE: lambda: nn.Sequential(_Small(), nn.ReLU()),
        COMPANY: _BatchCentered,
    },
    hints=(
        "nn.Sequential is enough. It may start with nn.Flatten(), which makes (N, 1, 28, 28) into"
        " (N, 784), and must end in nn.Linear(…, 10), with nothing behind.",
        "A linear layer from 784 inputs to 100 units has 78 500 parameters, and is small enough.",
        "Convolutions are smaller and better: nn.Conv2d(1, 16, 5, stride=2, padding=2) and"
        " nn.ReLU() give (N, 16, 14, 14); after nn.Flatten() that is 3136 numbers a picture.",
    ),
    points=3,
)  # fmt: skip

EXERCISES = (normalize, nearest_mean, digit_net, confusion_matrix, top_confusions)
