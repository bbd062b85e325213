"""What is asked in lesson 00, tensors and autograd: the cases of each exercise, and their use."""

import torch

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import one_of

# -- flatten_images --------------------------------------------------------------------------------


def _flatten_cases(generator):
    def pictures(*shape):
        return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)

    return [
        (pictures(1, 3, 4),),
        (pictures(2, 2, 3),),
        (torch.rand(3, 4, 5, generator=generator, dtype=torch.float64),),
        (pictures(2, 30, 30),),
        (torch.rand(1, 3, 2, generator=generator),),
    ]


flatten_images = Asked("flatten_images", _flatten_cases, signature="images")


# -- weighted_sum ----------------------------------------------------------------------------------


def _weighted_sum_cases(generator):
    b = torch.tensor(1.5)
    double = torch.float64
    return [
        (whole(generator, 2, 3), whole(generator, 3), whole(generator)),
        (whole(generator, 4), whole(generator, 4), whole(generator)),  # one sample
        (normal(generator, 2, 3), normal(generator, 3), b),
        (normal(generator, 3, 3, dtype=double), normal(generator, 3, dtype=double), b.double()),
        (normal(generator, 2, 5, 3), normal(generator, 3), b),
        (normal(generator, 6, 1), normal(generator, 1), b),
    ]


weighted_sum = Asked("weighted_sum", _weighted_sum_cases, signature="x, w, b")


# -- center_columns --------------------------------------------------------------------------------


def _center_cases(generator):
    def apart(numbers):
        return numbers + 3 * torch.arange(1, numbers.shape[1] + 1)  # each column its own mean

    return [
        (apart(whole(generator, 5, 2)),),
        (apart(normal(generator, 5, 2)),),
        (apart(normal(generator, 3, 3, dtype=torch.float64)),),  # square: no wrong axis raises
        (apart(normal(generator, 8, 4)),),
        (apart(normal(generator, 6, 1)),),
    ]


center_columns = Asked("center_columns", _center_cases, signature="X")


# -- slope -----------------------------------------------------------------------------------------


def square(x):
    return x**2


def wave(x):
    return x * torch.sin(x)


def line(x):
    return 3 * x - 1


def bump(x):
    return 1 / (1 + x**2)


def ripples(x):
    return x + 1e-6 * torch.sin(1e6 * x)  # so fine that a difference quotient steps over them


def _slope_cases(generator):
    used = (2 * normal(generator, 3)).requires_grad_()  # its owner has a gradient in it already
    used.grad = torch.tensor([1.0, -2.0, 0.5])
    return [
        (square, whole(generator, 2, 3)),
        (wave, 2 * normal(generator, 2, 3, dtype=torch.float64)),
        (line, 2 * normal(generator)),  # a single number
        (bump, used),
        (torch.tanh, 2 * normal(generator, 2, 1, 3)),
        (ripples, 2 * normal(generator, 4, dtype=torch.float64)),
    ]


def _use_slope(slope, f, x):
    first = slope(f, x)
    if isinstance(first, torch.Tensor):
        first = first.detach().clone()  # before a second call can add to it
    return {"the result of the first call": first, "the result of the second call": slope(f, x)}


slope = Asked("slope", _slope_cases, _use_slope, signature="f, x")


# -- predictions -----------------------------------------------------------------------------------


def _prediction(name):
    return Asked(name, lambda generator: [()], one_of("abcde"), kind="value")


predict_reshaped = _prediction("predict_reshaped")
predict_guesses = _prediction("predict_guesses")
predict_rounds = _prediction("predict_rounds")
predict_twice = _prediction("predict_twice")
