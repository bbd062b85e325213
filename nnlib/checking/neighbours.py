"""Which everyday function of the arguments came back, where another one is asked for."""

import itertools
import warnings
from collections.abc import Callable, Iterator

import torch

from nnlib.checking.places import Seen

MOST_NUMBERS = 10_000
"""Arguments with more are not tried: what is told of them would cost seconds."""

_OF_ONE: dict[str, Callable] = {
    "{}": lambda x: x,
    "{}, turned": lambda x: x.mT,
    "torch.sigmoid({})": torch.sigmoid,
    "torch.tanh({})": torch.tanh,
    "torch.relu({})": torch.relu,
    "torch.exp({})": torch.exp,
    "torch.log({})": torch.log,
    "{}.abs()": torch.abs,
    "{} ** 2": torch.square,
    "torch.sqrt({})": torch.sqrt,
    "{}.sign()": torch.sign,
    "{}.round()": torch.round,
    "1 - {}": lambda x: 1 - x,
    "1 / {}": torch.reciprocal,
    "{}.clamp(0, 1)": lambda x: x.clamp(0, 1),
    "({} > 0), as numbers": lambda x: x > 0,
    "torch.softmax({}, dim=-1)": lambda x: torch.softmax(x, -1),
    "torch.softmax({}, dim=0)": lambda x: torch.softmax(x, 0),
    "torch.log_softmax({}, dim=-1)": lambda x: torch.log_softmax(x, -1),
    "{} divided by its sum": lambda x: x / x.sum(),
    "{} divided by its sum in each row": lambda x: x / x.sum(-1, keepdim=True),
    "{} divided by its largest": lambda x: x / x.max(),
    "{} divided by its length": lambda x: x / x.norm(),
    "{} less its mean": lambda x: x - x.mean(),
    "len({})": lambda x: x.new_tensor(len(x)),
    "{}.numel()": lambda x: x.new_tensor(x.numel()),
    "{}.norm()": torch.norm,
    "{}.cumsum(0)": lambda x: x.cumsum(0),
    "{}.cumprod(0)": lambda x: x.cumprod(0),
    "{}.prod()": torch.prod,
}
for _name in ("sum", "mean", "std", "var", "amax", "amin", "argmax", "argmin", "logsumexp"):
    _function = getattr(torch, _name)
    _said = {"amax": "max", "amin": "min"}.get(_name, _name)
    if _name == "logsumexp":
        _OF_ONE[f"{{}}.{_said}(dim=-1)"] = lambda x: torch.logsumexp(x, -1)
        continue
    _OF_ONE[f"{{}}.{_said}()"] = _function
    _OF_ONE[f"{{}}.{_said}(dim=0)"] = lambda x, f=_function: f(x, dim=0)
    _OF_ONE[f"{{}}.{_said}(dim=-1)"] = lambda x, f=_function: f(x, dim=-1)

_OF_TWO: dict[str, Callable] = {
    "{} + {}": torch.add,
    "{} - {}": torch.sub,
    "{} * {}": torch.mul,
    "{} / {}": torch.div,
    "{} ** {}": torch.pow,
    "{} @ {}": torch.matmul,
    "({} - {}) ** 2": lambda a, b: (a - b) ** 2,
    "the mean of |{} - {}|": lambda a, b: (a - b).abs().mean(),
    "the mean of ({} - {}) ** 2": lambda a, b: ((a - b) ** 2).mean(),
    "the sum of ({} - {}) ** 2": lambda a, b: ((a - b) ** 2).sum(),
    "the larger of {} and {}": torch.maximum,
    "the smaller of {} and {}": torch.minimum,
    "{} wherever it equals {}": lambda a, b: torch.where(a == b, a, 0),
    "how often {} equals {}": lambda a, b: (a == b).double().sum(),
    "the share in which {} equals {}": lambda a, b: (a == b).double().mean(),
    "the share in which {} differs from {}": lambda a, b: (a != b).double().mean(),
}


def neighbour(seen: list[Seen], tol: float) -> str | None:
    """The function of the arguments that came back in every case, the right ones too, or None.

    At least two cases must differ in what came back; else too much would fit.
    """
    values = [one.value for one in seen]
    numbers = torch.cat([value.flatten() for value in values])
    if len(values) < 2 or not numbers.numel() or (numbers == numbers[0]).all():
        return None
    if sum(len(value.unique()) for value in values) < 4:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for words, function, names in _candidates(seen):
            if all(_gives(function, names, one, tol) for one in seen):
                return f"is {words.format(*names)}"
    return None


def _candidates(seen: list[Seen]) -> Iterator[tuple[str, Callable, tuple[str, ...]]]:
    numeric = [
        name
        for name in seen[0].arguments
        if all(_numbers(one.arguments.get(name)) is not None for one in seen)
    ]
    for how_many, functions in ((1, _OF_ONE), (2, _OF_TWO)):
        for names in itertools.permutations(numeric, how_many):
            for words, function in functions.items():
                yield words, function, names


def _numbers(value) -> torch.Tensor | None:
    """An argument as a float64 tensor, or None."""
    if isinstance(value, torch.Tensor) and not value.is_complex() and value.numel() < MOST_NUMBERS:
        return value.detach().double()
    if type(value) in (int, float):
        return torch.tensor(float(value), dtype=torch.float64)
    return None


def _gives(function: Callable, names: tuple[str, ...], one: Seen, tol: float) -> bool:
    try:
        made = function(*(_numbers(one.arguments[name]) for name in names)).double()
    except (RuntimeError, IndexError, TypeError):  # not for arguments of this shape
        return False
    if made.shape != one.value.shape:
        return False
    return torch.allclose(made, one.value, rtol=tol, atol=tol / 10, equal_nan=True)
