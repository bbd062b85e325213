"""What is asked in lesson 01, the perceptron: the cases of each exercise, and how an answer is used."""

import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.use import number

ROWS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # {0,1}², in reading order


# -- average_weights -------------------------------------------------------------------------------


def _as_float32(weights):
    """Any floating-point dtype will do."""
    is_float = isinstance(weights, torch.Tensor) and weights.is_floating_point()
    return weights.float() if is_float else weights


average_weights = Asked(
    name="average_weights",
    kind="value",
    cases=lambda generator: [()],
    use=_as_float32,
)


# -- perceptron ------------------------------------------------------------------------------------


def _perceptron_cases(generator):
    def draw(*shape):
        return torch.randn(shape, generator=generator)

    on_the_line = torch.tensor([[1.0, 1.0], [2.0, 0.0], [3.0, 1.0], [0.0, 0.0]])
    return [
        (draw(6, 3), draw(3), draw()),
        (on_the_line, torch.tensor([1.0, 1.0]), torch.tensor(-2.0)),  # sums 0, 0, 2, -2
        (draw(8, 2).double(), draw(2).double(), torch.tensor(-1.0).double()),
        (draw(4), draw(4), draw()),  # one sample
        (draw(2, 5, 3), draw(3), torch.tensor(0.4)),
    ]


perceptron = Asked(
    name="perceptron",
    signature="x, w, b",
    cases=_perceptron_cases,
)


# -- gate ------------------------------------------------------------------------------------------


def _use_gate(gate, name):
    w, b = gate(name)
    return {"w": w, "b": number(b)}


gate = Asked(
    name="gate",
    signature="name",
    cases=lambda generator: [("AND",), ("OR",), ("NAND",)],
    use=_use_gate,
)


# -- perceptron_update -----------------------------------------------------------------------------


def _use_update(update, w, b, x, y, lr):
    new_w, new_b = update(w, b, x, y, lr)
    return {"the new w": new_w, "the new b": new_b}


def _update_cases(generator):
    cases = []
    for dtype in (torch.float32, torch.float64):
        for y in (1, 0):
            w, x = torch.randn(2, 3, generator=generator, dtype=dtype)
            for sign in (1, -1):  # the sum is 1, then -1: right once, wrong once
                cases.append((w, sign - w @ x, x, y, 0.3))
    # A sum of exactly 0 does not fire: wrong for y = 1, right for y = 0.
    x = torch.tensor([1.0, 2.0])
    cases += [(torch.tensor([2.0, -1.0]), torch.tensor(0.0), x, y, 0.5) for y in (1, 0)]
    return cases


perceptron_update = Asked(
    name="perceptron_update",
    signature="w, b, x, y, lr",
    cases=_update_cases,
    use=_use_update,
)


# -- fit_perceptron --------------------------------------------------------------------------------


def _fit_cases(generator):
    """Few rows, because 1000 epochs of them must not take long; the first five need a bias.

    The first case ends with a row that should fire, the second (OR) with one that should not: an
    answer that learns from the last row alone then looks like no other.
    """
    # Five points on one ray from 0: whatever the weights, their sums have one sign without a bias.
    lengths = torch.tensor([[1.0], [3.0], [1.2], [1.1], [3.2]]).double()
    X = lengths * (1 + torch.rand(2, generator=generator)).double()  # (5, 1) * (2,) -> (5, 2)
    first, third = (1 + torch.randperm(2, generator=generator)).tolist()
    order = [first, 3, third, 0]
    return [
        (X, torch.tensor([0.0, 1.0, 0.0, 0.0, 1.0]), 1000, 0.5),
        (ROWS[order], torch.tensor([1, 1, 1, 0]), 1000, 1.0),
    ]


def _use_fit(fit, X, y, epochs, lr):
    w, b = fit(X, y, epochs, lr)
    return {"w": w, "b": number(b)}


fit_perceptron = Asked(
    name="fit_perceptron",
    signature="X, y, epochs, lr",
    cases=_fit_cases,
    use=_use_fit,
)


# -- xor_errors ------------------------------------------------------------------------------------

xor_errors = Asked(
    name="xor_errors",
    kind="value",
    cases=lambda generator: [()],
    use=number,
)
