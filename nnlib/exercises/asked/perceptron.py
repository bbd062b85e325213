"""What is asked in lesson 01, the perceptron: the cases of each exercise, and their use."""

import torch

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import Unusable, kind, named, number, one_of, parts

ROWS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # {0,1}², in reading order


# -- average_weights -------------------------------------------------------------------------------


def _as_pair(weights):
    """A list of two floats: any pair of numbers will do, in a tensor, list, tuple or array."""
    numbers = weights if isinstance(weights, list | tuple) else getattr(weights, "tolist", list)()
    numbers = [number(value) for value in numbers] if isinstance(numbers, list | tuple) else []
    if len(numbers) != 2 or not all(type(value) is float for value in numbers):
        raise Unusable(
            f"It should be two numbers, the weights of the two inputs; {_it_is(weights)}."
        )
    return numbers


def _it_is(weights):
    shape = getattr(weights, "shape", None)
    return f"it is {kind(weights)}" + (f" of shape {tuple(shape)}" if shape is not None else "")


average_weights = Asked("average_weights", lambda generator: [()], _as_pair, kind="value")


# -- perceptron ------------------------------------------------------------------------------------


def _perceptron_cases(generator):
    on_the_line = torch.tensor([[1.0, 1.0], [2.0, 0.0], [3.0, 1.0], [0.0, 0.0]])
    return [
        (whole(generator, 4, 3), whole(generator, 3), whole(generator)),
        (on_the_line, torch.tensor([1.0, 1.0]), torch.tensor(-2.0)),  # sums 0, 0, 2, -2
        (normal(generator, 6, 3), normal(generator, 3), normal(generator)),
        (
            normal(generator, 8, 2, dtype=torch.float64),
            normal(generator, 2, dtype=torch.float64),
            torch.tensor(-1.0, dtype=torch.float64),
        ),
        (normal(generator, 4), normal(generator, 4), normal(generator)),  # one sample
        (normal(generator, 2, 5, 3), normal(generator, 3), torch.tensor(0.4)),
    ]


perceptron = Asked("perceptron", _perceptron_cases, signature="x, w, b")


# -- gate ------------------------------------------------------------------------------------------


def _w_and_b(answer, *case):
    """Weights and a bias; the bias may be a number or a tensor with one in it."""
    outcome = named(answer(*case), ("w", "b"))
    return outcome | {"b": number(outcome["b"])}


gate = Asked("gate", lambda generator: [("AND",), ("OR",), ("NAND",)], _w_and_b, signature="name")


# -- perceptron_update -----------------------------------------------------------------------------


def _update_cases(generator):
    cases = []
    for draw, dtype, lr in (
        (whole, torch.float32, 0.5),
        (normal, torch.float32, 0.3),
        (normal, torch.float64, 0.3),
    ):
        for y in (1, 0):
            w, x = draw(generator, 2, 3, dtype=dtype)
            for sign in (-1, 1):  # the sum is -1, then 1: wrong once, right once
                cases.append((w, sign - w @ x, x, y, lr))
    # A sum of exactly 0 does not fire: wrong for y = 1, right for y = 0.
    x = torch.tensor([1.0, 2.0])
    cases += [(torch.tensor([2.0, -1.0]), torch.tensor(0.0), x, y, 0.5) for y in (1, 0)]
    return cases


perceptron_update = Asked(
    "perceptron_update",
    _update_cases,
    parts("the new w", "the new b"),
    signature="w, b, x, y, lr",
)


# -- fit_perceptron --------------------------------------------------------------------------------


def _fit_cases(generator):
    """Few epochs, because w and b are compared as they are after the last one."""
    labels = torch.tensor([1.0, 0.0, 1.0, 0.0, 0.0, 1.0]).double()
    cases = [(whole(generator, 3, 2), torch.tensor([1, 0, 1]), 1, 0.5)]
    # The second row takes several repairs, after the first, much larger one.
    large_then_small = torch.stack([6 + whole(generator, 2, most=2), torch.tensor([1.0, 2.0])])
    cases.append((large_then_small, torch.tensor([1, 0]), 2, 0.5))
    for epochs in (1, 2, 3):
        # Most numbers above 0, and then below: a factor made of all X would show itself.
        X = normal(generator, 6, 3, dtype=torch.float64) + (-1 if epochs == 2 else 1)
        X[4] = X[2]  # the same row is wanted as 0 and as 1: no line separates them
        cases.append((X, labels, epochs, 0.5))
        order = torch.randperm(4, generator=generator)
        cases.append((ROWS[order], torch.tensor([0, 1, 1, 0])[order], epochs, 1.0))  # XOR
        cases.append((ROWS[order], torch.tensor([0, 1, 1, 1])[order], epochs, 0.3))  # OR
    return cases


fit_perceptron = Asked("fit_perceptron", _fit_cases, _w_and_b, signature="X, y, epochs, lr")


# -- xor_errors ------------------------------------------------------------------------------------

xor_errors = Asked("xor_errors", lambda generator: [()], number, kind="value")


# -- predictions -----------------------------------------------------------------------------------


def _prediction(name):
    return Asked(name, lambda generator: [()], one_of("abcde"), kind="value")


predict_line = _prediction("predict_line")
predict_rate = _prediction("predict_rate")
predict_overlap = _prediction("predict_overlap")
predict_gates = _prediction("predict_gates")
