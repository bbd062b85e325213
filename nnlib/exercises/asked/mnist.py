"""What is asked in lesson 09, MNIST: the cases of each exercise, and how an answer is used."""

import torch
from torch import nn
from torch.nn import functional as F

from nnlib.checking.exercise import Asked

# -- normalize -------------------------------------------------------------------------------------


def _normalize_cases(generator):
    cases = []
    for n in (3, 1):
        # Some black and some white, so that both ends of the range occur.
        images = torch.randint(0, 256, (n, 28, 28), generator=generator, dtype=torch.uint8)
        images[:, :4] = 0
        images[0, 4:6] = 255
        cases.append((images,))
    return cases


normalize = Asked(
    name="normalize",
    signature="images",
    cases=_normalize_cases,
)


# -- nearest_mean ----------------------------------------------------------------------------------


def _nearest_mean_cases(generator):
    """Classes that overlap, of different sizes, with some pixels that vary much more."""
    cases = []
    for shape, dtype in (
        ((5, 4), torch.uint8),
        ((1, 3, 6), torch.float32),
        ((18,), torch.float64),
    ):
        train_y = torch.tensor([0] * 9 + [1] * 4 + [2] * 6 + [3] * 14)
        train_y = train_y[torch.randperm(len(train_y), generator=generator)]
        spread = torch.linspace(10, 40, 4)[:, None].expand(4, shape[-1])
        centers = 90 + 60 * torch.rand((4, *shape), generator=generator)

        def draw(labels, shape=shape, centers=centers, spread=spread):
            noise = torch.randn((len(labels), *shape), generator=generator)
            step = spread[labels].reshape(len(labels), *[1] * (len(shape) - 1), shape[-1])
            return (centers[labels] + step * noise).clamp(0, 255)

        y = torch.randint(0, 4, (40,), generator=generator)
        cases.append((draw(train_y).to(dtype), train_y, draw(y).to(dtype)))
    return cases


nearest_mean = Asked(
    name="nearest_mean",
    signature="train_x, train_y, x",
    cases=_nearest_mean_cases,
)


# -- confusion_matrix ------------------------------------------------------------------------------


def _confusion_cases(generator):
    cases = []
    for n, seen, classes in ((12, 3, 3), (60, 4, 5), (500, 10, 10)):
        labels = torch.randint(0, seen, (n,), generator=generator)
        guesses = torch.randint(0, seen, (n,), generator=generator)
        right = torch.rand(n, generator=generator) < 0.5
        # The first samples make sure that a right pair and a wrong pair occur twice.
        labels[:5] = torch.tensor([0, 0, 0, 1, 1])
        predicted = torch.where(right, labels, guesses)
        predicted[:5] = torch.tensor([1, 1, 1, 1, 1])
        cases.append((predicted, labels, classes))
    return cases


confusion_matrix = Asked(
    name="confusion_matrix",
    signature="predicted, labels, classes",
    cases=_confusion_cases,
)


# -- top_confusions --------------------------------------------------------------------------------


def _top_cases(generator):
    small = torch.tensor([[90, 4, 0], [7, 80, 1], [2, 5, 70]])
    distinct = torch.randperm(100, generator=generator).reshape(10, 10)
    distinct.fill_diagonal_(900)
    ties = torch.tensor([[5, 3, 0, 1], [0, 2, 3, 0], [1, 0, 6, 2], [0, 0, 0, 8]])
    return [(small, 3), (distinct, 8), (distinct, 1), (ties, 4), (small, 5)]


def _use_top(top_confusions, matrix, k):
    found = top_confusions(matrix, k)
    if isinstance(found, list | tuple):  # a list will do for a tuple
        found = [tuple(pair) if isinstance(pair, list) else pair for pair in found]
    return found


top_confusions = Asked(
    name="top_confusions",
    signature="matrix, k",
    cases=_top_cases,
    use=_use_top,
)


# -- digit_net -------------------------------------------------------------------------------------


def _digit_net_cases(generator):
    sizes = (5, 1, 8)
    return [(torch.randn(n, 1, 28, 28, generator=generator),) for n in sizes]


def _use_digit_net(digit_net, images):
    model = digit_net()
    if not isinstance(model, nn.Module):
        raise TypeError(f"digit_net() should return a model (nn.Module), not {type(model)}.")
    model.eval()
    logits = model(images)
    usable = isinstance(logits, torch.Tensor) and logits.shape == (len(images), 10)
    if usable and logits.requires_grad:
        model.train(len(images) > 1)  # batch norm cannot learn from a single row
        F.cross_entropy(model(images), torch.arange(len(images)) % 10).backward()
    parameters = list(model.parameters())
    return {
        "the output": logits,
        "the number of parameters": sum(p.numel() for p in parameters),
        "the number of parameter tensors that no gradient reaches": sum(
            p.grad is None for p in parameters
        ),
    }


digit_net = Asked(
    name="digit_net",
    signature="",
    cases=_digit_net_cases,
    use=_use_digit_net,
)
