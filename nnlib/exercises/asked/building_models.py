"""What is asked in lesson 08, building models: the cases of each exercise, and their use."""

import torch
from torch import nn

from nnlib.checking.cases import normal, seed, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.slopes import slopes
from nnlib.checking.use import Unusable, kind, named

# -- train_test_split ------------------------------------------------------------------------------


def _split_cases(generator):
    """The first number of a row of X tells which row of the file it is; y is made from it."""

    def case(n, fraction, *shape, dtype=torch.float32, y_dtype=torch.int64):
        X = whole(generator, n, *shape, dtype=dtype)
        X.reshape(n, -1)[:, 0] = torch.arange(n)
        y = (10 * torch.arange(n) + 7).to(y_dtype)
        return X, y, fraction, seed(generator)

    return [
        case(5, 0.4, 2),
        case(50, 0.3, 3),
        case(44, 0.2, 2, dtype=torch.float64, y_dtype=torch.float64),  # 8.8 rows: 9
        case(47, 0.7, 2, 3),  # pictures; 32.9 rows: 33
        case(4, 0.1, 3),  # 0.4 rows: none
    ]


def _use_split(split, X, y, fraction, seed):
    def parts(seed):
        returned = split(X, y, fraction, torch.Generator().manual_seed(seed))
        return named(returned, ("X_train", "X_test", "y_train", "y_test"))

    first = parts(seed)
    return first | {
        "X_test, the same seed again": parts(seed)["X_test"],
        "X_test, another seed": parts(seed + 1)["X_test"],
    }


train_test_split = Asked(
    "train_test_split", _split_cases, _use_split, signature="X, y, fraction, generator"
)


# -- make_mlp --------------------------------------------------------------------------------------


def _mlp_cases(generator):
    return [
        ([2, 3, 1], whole(generator, 4, 2)),
        ([3, 4, 2], normal(generator, 8, 3)),
        ([5, 6, 4, 3], normal(generator, 8, 5)),
        ([2, 3], normal(generator, 8, 2)),  # a single layer
        ([4, 7, 7, 5, 1], normal(generator, 8, 4)),
        ([3, 2, 4, 2], normal(generator, 8, 3)),  # a hidden layer as wide as the output
    ]


def _set_weights(model):
    """Give the model known weights, whatever its own are."""
    with torch.no_grad():
        for i, p in enumerate(model.parameters()):
            p.copy_(torch.cos(2.0 * i + torch.arange(p.numel())).reshape(p.shape))


def _use_mlp(make_mlp, sizes, X):
    model = make_mlp(sizes)
    if not isinstance(model, nn.Sequential):
        raise Unusable(f"It should return an nn.Sequential, not {kind(model)}.")
    _set_weights(model)
    return {
        "its list of parameter shapes": ", ".join(str(tuple(p.shape)) for p in model.parameters()),
        "its output": model(X),
    }


make_mlp = Asked("make_mlp", _mlp_cases, _use_mlp, signature="sizes")


# -- train_one_epoch -------------------------------------------------------------------------------


def _epoch_cases(generator):
    """Data, batch size, learning rate, and what the batches come in."""

    def case(n, D, *settings, dtype=torch.float32):
        return normal(generator, n, D, dtype=dtype), normal(generator, n, 1, dtype=dtype), *settings

    return [
        (whole(generator, 5, 2), whole(generator, 5, 1), 3, 0.1, list),  # a short last batch
        case(12, 3, 4, 0.1, list),  # three equal batches
        case(11, 3, 4, 0.1, list),
        case(9, 2, 7, 0.2, list, dtype=torch.float64),
        case(6, 2, 6, 0.1, list),  # one batch
        case(7, 2, 4, 0.1, iter),  # no len(), and one pass only
    ]


def weighted_squares(y_hat, y):
    return ((1 + y**2) * (y_hat - y) ** 2).mean()  # another one if y_hat and y change places


def _use_epoch(train_one_epoch, X, y, batch_size, lr, loader_of):
    """Two epochs of a small model with batch norm, which works otherwise in evaluation."""
    D = X.shape[1]
    model = nn.Sequential(nn.Linear(D, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1))
    model.to(X.dtype)
    _set_weights(model)
    for p in model.parameters():
        p.grad = torch.ones_like(p)  # left from before
    model.eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    batches = list(zip(X.split(batch_size), y.split(batch_size), strict=True))
    first, second = (
        train_one_epoch(model, loader_of(batches), weighted_squares, optimizer) for _ in range(2)
    )
    return {
        "the mean loss": first,
        "the mean loss of a second epoch": second,
        "the list of all weights afterwards": nn.utils.parameters_to_vector(model.parameters()),
        "the list of batch norm's statistics afterwards": list(model.buffers()),
    }


train_one_epoch = Asked(
    "train_one_epoch",
    _epoch_cases,
    _use_epoch,
    signature="model, loader, loss_fn, optimizer",
)


# -- TwoInputNet -----------------------------------------------------------------------------------


def _two_cases(generator):
    def case(draw, N, d1, d2, hidden, out):
        return d1, d2, hidden, out, draw(generator, N, d1), draw(generator, N, d2)

    return [
        case(whole, 4, 2, 3, 5, 1),
        case(normal, 6, 3, 5, 8, 2),
        case(normal, 7, 4, 1, 6, 3),
        case(normal, 5, 2, 2, 16, 1),
        case(normal, 1, 3, 4, 12, 5),  # one sample
    ]


def _use_two(cls, d1, d2, hidden, out, a, b):
    def make(seed, width=hidden):
        torch.manual_seed(seed)
        net = cls(d1, d2, width, out)
        if not isinstance(net, nn.Module):
            raise Unusable("It is no nn.Module. Its first line: class TwoInputNet(nn.Module):.")
        return net

    def changed(x):
        return 3 - 2 * x

    def weights(net):
        return sum(p.numel() for p in net.parameters())

    net, other = make(1), make(2)
    net(a, b).sum().backward()
    without = sum(p.grad is None for p in net.parameters() if p.requires_grad)
    net.eval(), other.eval()
    other.load_state_dict(net.state_dict())
    fewer_a, fewer_b = (torch.cat([x[:1], changed(x[2:])]) for x in (a, b))
    return {
        "the output": net(a, b),
        "after a changed": net(changed(a), b),
        "after b changed": net(a, changed(b)),
        "after both changed": net(changed(a), changed(b)),
        "for the sum of both": net(a + changed(a), b + changed(b)),
        "for zeros": net(torch.zeros_like(a), torch.zeros_like(b)),
        "in other company": net(fewer_a, fewer_b)[0],
        "from a copy": other(a, b),
        "its slopes": slopes(net, a, b),
        "the number of parameters without a gradient": without,
        "the number of weights for a larger hidden": weights(make(3, 2 * hidden)) - weights(net),
    }


TwoInputNet = Asked(
    "TwoInputNet", _two_cases, _use_two, kind="class", signature="d1, d2, hidden, out"
)


# -- accuracy --------------------------------------------------------------------------------------


def _accuracy_cases(generator):
    def case(n, classes, dtype=torch.float32):
        # About half of the labels are those of the largest logit.
        logits = normal(generator, n, classes, dtype=dtype)
        labels = torch.randint(classes, (n,), generator=generator)
        labels[::2] = logits[::2].argmax(dim=1)
        return logits, labels

    by_hand = torch.stack([torch.randperm(9, generator=generator)[:3] - 4.0 for _ in range(4)])
    last_is_wrong = by_hand.argmax(dim=1)
    last_is_wrong[3] = (last_is_wrong[3] + 1) % 3
    square, two = case(5, 5), case(9, 2)
    square[0][:, 1] += 2.0  # argmax over rows and over columns differ for sure
    square[1][:] = torch.tensor([1, 1, 1, 0, 2])
    wrong = case(7, 4, torch.float64)
    return [
        (by_hand, last_is_wrong),
        square,
        (two[0] - 3, two[1]),  # both logits negative, as happens
        case(23, 3),
        (wrong[0], (wrong[0].argmax(dim=1) + 1) % 4),  # none is right
        (1000 * case(1, 3)[0], torch.tensor([1])),
        case(40, 10, torch.float64),
    ]


accuracy = Asked("accuracy", _accuracy_cases, signature="logits, labels")


# -- stopping_epoch --------------------------------------------------------------------------------


def _stop_cases(generator):
    def after_a_fall(*values):  # other numbers, and other places, under another seed
        length = int(torch.randint(1, 5, (), generator=generator))
        fall = [values[0] + length - i for i in range(length)]
        return [0.5 * value for value in fall + list(values)]

    return [
        (after_a_fall(6, 4, 5, 8, 2), 2),  # stops just before 2
        (after_a_fall(6, 4, 4, 4, 2), 2),  # equal is not below
        (after_a_fall(8, 6, 7, 4, 9), 1),
        (after_a_fall(9, 8, 7, 6), 2),  # never stops
        ([4.0], 2),
        ([1.0, 2.0, 3.0, 4.0, 0.5], 4),
        ([1.0, 2.0, 3.0, 0.5], 2),  # stops just before 0.5
        ([3.0, 1.0, 2.0, 2.0, 2.0], 2),  # the second epoch was the best
        ([1.0, 2.0, 3.0, 0.5, 4.0], 3),  # the first epoch was the best
        (after_a_fall(6, 4, 5.2, 5, 4.8, 4.6, 2), 4),  # falls, but not below the best
        (after_a_fall(5, 4, 3, 3.5, 3.6, 3.7, 3.8, 1), 3),
        (after_a_fall(9, 8, 8.5, 8.2, 6, 7, 6.4, 4, 5, 4.8, 4.6, 4.4), 3),  # count anew
    ]


stopping_epoch = Asked("stopping_epoch", _stop_cases, signature="losses, patience")
