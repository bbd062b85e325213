"""Ways to draw the arguments of a case from a generator."""

import torch


def normal(generator, *shape, dtype=torch.float32):
    """A tensor of standard normal numbers."""
    return torch.randn(shape, generator=generator, dtype=dtype)


def whole(generator, *shape, most=4, dtype=torch.float32):
    """A tensor of whole numbers from −most to most, none of them 0: for a case done by hand."""
    sizes = torch.randint(1, most + 1, shape, generator=generator)
    signs = 2 * torch.randint(2, shape, generator=generator) - 1
    return (signs * sizes).to(dtype)


def seed(generator) -> int:
    """A seed for the generator that an answer is given."""
    return int(torch.randint(10**6, (), generator=generator))
