"""What is asked in lesson 08, building models: the cases of each exercise, and how an answer is used."""

import torch
from torch import nn
from torch.nn import functional as F

from nnlib.checking.exercise import Asked

# -- train_test_split ------------------------------------------------------------------------------


def _split_cases(generator):
    """The first number of a row of X tells which row of the file it is; y is made from it."""
    cases = []
    for n, fraction, shape, dtype in (
        (50, 0.3, (3,), torch.float32),
        (44, 0.2, (2,), torch.float64),  # 8.8 rows: 9
        (47, 0.7, (2, 3), torch.float32),  # pictures; 32.9 rows: 33
    ):
        X = torch.randn(n, *shape, generator=generator, dtype=dtype)
        X.reshape(n, -1)[:, 0] = torch.arange(n)
        y = (3 * torch.arange(n) + 7).to(dtype) if shape == (2,) else 3 * torch.arange(n) + 7
        seed = int(torch.randint(1000, (), generator=generator))
        cases.append((X, y, fraction, seed))
    return cases


def _use_split(split, X, y, fraction, seed):
    def parts(seed):
        X_train, X_test, y_train, y_test = split(
            X, y, fraction, torch.Generator().manual_seed(seed)
        )
        return {"X_train": X_train, "X_test": X_test, "y_train": y_train, "y_test": y_test}

    first = parts(seed)
    return first | {
        "X_test, the same seed again": parts(seed)["X_test"],
        "X_test, another seed": parts(seed + 1)["X_test"],
    }


train_test_split = Asked(
    name="train_test_split",
    signature="X, y, fraction, generator",
    cases=_split_cases,
    use=_use_split,
)


# -- make_mlp --------------------------------------------------------------------------------------


def _mlp_cases(generator):
    def draw(*shape):
        return torch.randn(shape, generator=generator)

    return [
        ([3, 4, 2], draw(8, 3)),
        ([5, 6, 4, 3], draw(8, 5)),
        ([2, 3], draw(8, 2)),  # a single layer
        ([4, 7, 7, 5, 1], draw(8, 4)),
    ]


def _use_mlp(make_mlp, sizes, X):
    """Give the model known weights, whatever its own are, and ask it."""
    model = make_mlp(sizes)
    kind = "nn.Sequential" if isinstance(model, nn.Sequential) else type(model).__name__
    outcome = {"its type": kind, "its list of parameter shapes": "", "its output": torch.zeros(0)}
    if kind == "nn.Sequential":
        shapes = [tuple(p.shape) for p in model.parameters()]
        with torch.no_grad():
            for i, p in enumerate(model.parameters()):
                p.copy_(torch.cos(2.0 * i + torch.arange(p.numel())).reshape(p.shape))
        outcome["its list of parameter shapes"] = ", ".join(map(str, shapes))
        outcome["its output"] = model(X)
    return outcome


make_mlp = Asked(
    name="make_mlp",
    signature="sizes",
    cases=_mlp_cases,
    use=_use_mlp,
)


# -- train_one_epoch -------------------------------------------------------------------------------


def _epoch_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    return [
        (draw(12, 3), draw(12, 1), 4, 0.1),  # three equal batches
        (draw(11, 3), draw(11, 1), 4, 0.1),  # a short last batch
        (draw(9, 2, dtype=torch.float64), draw(9, 1, dtype=torch.float64), 7, 0.2),
        (draw(6, 2), draw(6, 1), 6, 0.1),  # one batch
    ]


def _use_epoch(train_one_epoch, X, y, batch_size, lr):
    """Two epochs of a small model with batch norm, which works otherwise in evaluation."""
    D = X.shape[1]
    model = nn.Sequential(nn.Linear(D, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1))
    model.to(X.dtype)
    with torch.no_grad():
        for i, p in enumerate(model.parameters()):
            p.copy_(torch.cos(2.0 * i + torch.arange(p.numel())).reshape(p.shape))
            p.grad = torch.ones_like(p)  # left from before
    model.eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    batches = list(zip(X.split(batch_size), y.split(batch_size), strict=True))
    first = train_one_epoch(model, batches, F.mse_loss, optimizer)
    second = train_one_epoch(model, iter(batches), F.mse_loss, optimizer)  # no len(), one pass
    return {
        "the mean loss": first,
        "the mean loss of a second epoch": second,
        "the list of all weights afterwards": nn.utils.parameters_to_vector(model.parameters()),
    }


train_one_epoch = Asked(
    name="train_one_epoch",
    signature="model, loader, loss_fn, optimizer",
    cases=_epoch_cases,
    use=_use_epoch,
)


# -- TwoInputNet -----------------------------------------------------------------------------------


def _two_cases(generator):
    def draw(*shape):
        return torch.randn(shape, generator=generator)

    return [
        (3, 5, 8, 2, draw(6, 3), draw(6, 5)),
        (4, 1, 6, 3, draw(7, 4), draw(7, 1)),
        (2, 2, 16, 1, draw(5, 2), draw(5, 2)),
        (3, 4, 12, 5, draw(1, 3), draw(1, 4)),  # one sample
    ]


def _use_two(cls, d1, d2, hidden, out, a, b):
    def make(seed, width=hidden):
        torch.manual_seed(seed)
        return cls(d1, d2, width, out)

    def changed(x):
        return 3 - 2 * x

    def weights(net):
        return sum(p.numel() for p in net.parameters())

    net, other = make(1), make(2)
    net(a, b).sum().backward()
    without = sum(p.grad is None for p in net.parameters() if p.requires_grad)
    net.eval(), other.eval()
    other.load_state_dict(net.state_dict())
    b_first = torch.cat([b[:1], changed(b[1:])])
    return {
        "the output": net(a, b),
        "after a changed": net(changed(a), b),
        "after b changed": net(a, changed(b)),
        "after the other samples changed": net(torch.cat([a[:1], changed(a[1:])]), b_first)[0],
        "from a copy": other(a, b),
        "the number of parameters without a gradient": without,
        "the number of weights for a larger hidden": weights(make(3, 2 * hidden)) - weights(net),
    }


TwoInputNet = Asked(
    name="TwoInputNet",
    signature="d1, d2, hidden, out",
    kind="class",
    cases=_two_cases,
    use=_use_two,
)


# -- accuracy --------------------------------------------------------------------------------------


def _accuracy_cases(generator):
    def draw(n, classes, dtype=torch.float32):
        # About half of the labels are those of the largest logit.
        logits = torch.randn(n, classes, generator=generator, dtype=dtype)
        labels = torch.randint(classes, (n,), generator=generator)
        labels[::2] = logits[::2].argmax(dim=1)
        return logits, labels

    square, two = draw(5, 5), draw(9, 2)
    square[0][:, 1] += 2.0  # argmax over rows and over columns differ for sure
    square[1][:] = torch.tensor([1, 1, 1, 0, 2])
    wrong = draw(7, 4, torch.float64)
    return [
        square,
        (two[0] - 3, two[1]),  # both logits negative, as happens
        draw(23, 3),
        (wrong[0], (wrong[0].argmax(dim=1) + 1) % 4),  # none is right
        (1000 * draw(1, 3)[0], torch.tensor([1])),
        draw(40, 10, torch.float64),
    ]


accuracy = Asked(
    name="accuracy",
    signature="logits, labels",
    cases=_accuracy_cases,
)


# -- stopping_epoch --------------------------------------------------------------------------------


def _stop_cases(generator):
    def after_a_fall(values):  # other numbers, and other places, under another seed
        length = int(torch.randint(1, 9, (), generator=generator))
        scale = 0.5 + torch.rand((), generator=generator).item()
        fall = [values[0] + length - i for i in range(length)]
        return [scale * value for value in fall + values]

    return [
        (
            after_a_fall([5.0, 4.0, 3.0, 3.5, 3.6, 3.7, 3.8, 1.0, 2.0, 2.0, 2.5]),
            3,
        ),  # 1.0 is never seen
        (
            after_a_fall([5.0, 4.0, 4.5, 4.2, 3.0, 3.5, 3.2, 2.0, 2.5, 2.4, 2.3, 2.2]),
            3,
        ),  # count anew
        (after_a_fall([9.0, 8.0, 7.0, 6.0]), 2),  # never stops
        (after_a_fall([3.0, 2.0, 2.0, 2.0, 1.0]), 2),  # equal is not below
        (after_a_fall([3.0, 2.0, 2.6, 2.5, 2.4, 2.3, 1.0]), 4),  # falls, but not below the best
        (after_a_fall([4.0, 3.0, 3.5, 2.0, 5.0]), 1),
        ([4.0], 2),
        ([1.0, 2.0, 3.0, 4.0, 0.5], 4),  # stops just before 0.5
        ([1.0, 2.0, 3.0, 0.5, 4.0], 3),  # the first epoch was the best
    ]


stopping_epoch = Asked(
    name="stopping_epoch",
    signature="losses, patience",
    cases=_stop_cases,
)
