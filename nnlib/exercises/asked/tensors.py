"""What is asked in lesson 00, tensors and autograd: the cases of each exercise, and how an answer is used."""

import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate

# -- flatten_images --------------------------------------------------------------------------------


def _use_flatten(flatten, images):
    """Pictures of whole numbers have no gradient; pictures of floats must keep theirs."""
    if images.is_floating_point():
        return differentiate("images")(flatten, images)
    return {"the result": flatten(images)}


def _flatten_cases(generator):
    def bytes_(*shape):
        return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)

    return [
        (bytes_(2, 2, 3),),
        (torch.rand(3, 4, 5, generator=generator, dtype=torch.float64),),
        (bytes_(2, 30, 30),),
        (torch.rand(1, 3, 2, generator=generator),),
    ]


flatten_images = Asked(
    name="flatten_images",
    signature="images",
    cases=_flatten_cases,
    use=_use_flatten,
)


# -- weighted_sum ----------------------------------------------------------------------------------


def _weighted_sum_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    b = torch.tensor(1.5)
    return [
        (draw(2, 3), draw(3), b),
        (draw(4), draw(4), -b),  # one sample
        (draw(3, 3, dtype=torch.float64), draw(3, dtype=torch.float64), b.double()),
        (draw(2, 5, 3), draw(3), b),
        (draw(6, 1), draw(1), b),
    ]


weighted_sum = Asked(
    name="weighted_sum",
    signature="x, w, b",
    cases=_weighted_sum_cases,
    use=differentiate("x", "w", "b"),
)


# -- center_columns --------------------------------------------------------------------------------


def _center_cases(generator):
    def draw(*shape, dtype=torch.float32):
        apart = 3.0 * torch.arange(1, shape[1] + 1, dtype=dtype)  # each column its own mean
        return torch.randn(shape, generator=generator, dtype=dtype) + apart

    return [
        (draw(5, 2),),
        (draw(3, 3, dtype=torch.float64),),  # square: a wrong direction raises nothing
        (draw(8, 4),),
        (draw(6, 1),),
    ]


center_columns = Asked(
    name="center_columns",
    signature="X",
    cases=_center_cases,
    use=differentiate("X"),
)


# -- slope -----------------------------------------------------------------------------------------


def square(x):
    return x**2


def wave(x):
    return x * torch.sin(x)


def line(x):
    return 3 * x - 1


def bump(x):
    return 1 / (1 + x**2)


def _slope_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype) + 2

    used = draw(3).requires_grad_()  # its owner has a gradient in it already
    used.grad = torch.tensor([1.0, -2.0, 0.5])
    return [
        (square, draw(4)),
        (wave, draw(2, 3, dtype=torch.float64)),
        (line, draw()),  # a single number
        (bump, used),
        (torch.tanh, draw(2, 1, 3)),
    ]


def _use_slope(slope, f, x):
    first = slope(f, x)
    if isinstance(first, torch.Tensor):
        first = first.detach().clone()  # before a second call can add to it
    return {"the first time": first, "the second time": slope(f, x)}


slope = Asked(
    name="slope",
    signature="f, x",
    cases=_slope_cases,
    use=_use_slope,
)
