"""What is asked in lesson 09, MNIST: the cases of each exercise, and their use."""

import torch
from torch import nn
from torch.nn import functional as F

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.slopes import slopes
from nnlib.checking.use import Unusable, kind

# -- normalize -------------------------------------------------------------------------------------


def _normalize_cases(generator):
    def pictures(n):
        images = torch.randint(0, 256, (n, 28, 28), generator=generator, dtype=torch.uint8)
        images[:, :4] = 0  # some black and some white, so that both ends of the range occur
        images[0, 4:6] = 255
        return images

    return [(pictures(3),), (pictures(1),)]


normalize = Asked("normalize", _normalize_cases, signature="images")


# -- nearest_mean ----------------------------------------------------------------------------------


def _nearest_mean_cases(generator):
    def by_hand():
        """Three classes far apart, two pictures of two pixels in two of them."""
        centers = torch.tensor([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]])
        train_y = torch.tensor([0, 1, 2, 0, 1])[torch.randperm(5, generator=generator)]
        y = torch.randint(0, 3, (4,), generator=generator)
        train_x = centers[train_y] + whole(generator, 5, 2)
        return train_x, train_y, centers[y] + whole(generator, 4, 2)

    def case(*shape, dtype):
        """Classes that overlap, of different sizes, with some pixels that vary much more."""
        train_y = torch.tensor([0] * 9 + [1] * 4 + [2] * 6 + [3] * 14)
        train_y = train_y[torch.randperm(len(train_y), generator=generator)]
        spread = torch.linspace(10, 40, 4)[:, None].expand(4, shape[-1])
        centers = 90 + 60 * torch.rand((4, *shape), generator=generator)

        def pictures(labels):
            noise = normal(generator, len(labels), *shape)
            step = spread[labels].reshape(len(labels), *[1] * (len(shape) - 1), shape[-1])
            return (centers[labels] + step * noise).clamp(0, 255).to(dtype)

        train_x = pictures(train_y)
        return train_x, train_y, pictures(torch.randint(0, 4, (40,), generator=generator))

    return [
        by_hand(),
        case(5, 4, dtype=torch.uint8),
        case(1, 3, 6, dtype=torch.float32),
        case(18, dtype=torch.float64),
    ]


nearest_mean = Asked("nearest_mean", _nearest_mean_cases, signature="train_x, train_y, x")


# -- confusion_matrix ------------------------------------------------------------------------------


def _confusion_cases(generator):
    def case(n, seen, classes):
        labels = torch.randint(0, seen, (n,), generator=generator)
        guesses = torch.randint(0, seen, (n,), generator=generator)
        right = torch.rand(n, generator=generator) < 0.5
        predicted = torch.where(right, labels, guesses)
        # The first samples make sure that a right pair and a wrong pair occur twice.
        labels[:5] = torch.tensor([0, 0, 0, 1, 1])
        predicted[:5] = 1
        return predicted, labels, classes

    few, their_labels, _ = case(9, 3, 3)
    few[5], their_labels[5] = 0, 2  # every class occurs
    predicted, labels, classes = case(700, 3, 3)
    predicted[:600], labels[:600] = 1, 2  # more than eight bits can count
    return [(few, their_labels, 3), case(60, 4, 5), case(500, 10, 10), (predicted, labels, classes)]


confusion_matrix = Asked(
    "confusion_matrix", _confusion_cases, signature="predicted, labels, classes"
)


# -- top_confusions --------------------------------------------------------------------------------


def _top_cases(generator):
    by_hand = torch.randperm(9, generator=generator).reshape(3, 3)
    small = torch.tensor([[90, 4, 0], [7, 80, 1], [2, 5, 70]])
    distinct = torch.randperm(100, generator=generator).reshape(10, 10)
    for matrix in (by_hand, distinct):
        matrix.fill_diagonal_(900)
    ties = torch.tensor([[5, 3, 0, 1], [0, 2, 3, 0], [1, 0, 6, 2], [0, 0, 0, 8]])
    return [(by_hand, 2), (small, 3), (distinct, 8), (distinct, 1), (ties, 4), (small, 5)]


def _use_top(top_confusions, matrix, k):
    found = top_confusions(matrix, k)
    if isinstance(found, list | tuple):  # a list will do for a tuple
        found = [tuple(pair) if isinstance(pair, list) else pair for pair in found]
    return found


top_confusions = Asked("top_confusions", _top_cases, _use_top, signature="matrix, k")


# -- digit_net -------------------------------------------------------------------------------------


def _digit_net_cases(generator):
    return [(10 * normal(generator, n, 1, 28, 28),) for n in (5, 1, 8)]


def _use_digit_net(digit_net, images):
    model = digit_net()
    if not isinstance(model, nn.Module):
        raise Unusable(f"It should return a model, an nn.Module, not {kind(model)}.")
    model.eval()
    logits, alone = model(images), model(images[:1])
    usable = isinstance(logits, torch.Tensor) and logits.shape == (len(images), 10)
    usable = usable and logits.is_floating_point()
    found = slopes(model, images) if usable else None
    if usable and logits.requires_grad:
        model.train(len(images) > 1)  # batch norm cannot learn from a single row
        F.cross_entropy(model(images), torch.arange(len(images)) % 10).backward()
    parameters = list(model.parameters())
    return {
        "the output": logits,
        "the output for the first picture alone": alone,
        "its slopes": found,
        "the number of parameters": sum(p.numel() for p in parameters),
        "the number of parameter tensors that no gradient reaches": sum(
            p.grad is None for p in parameters
        ),
    }


digit_net = Asked("digit_net", _digit_net_cases, _use_digit_net)
