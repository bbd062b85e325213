"""Where an answer is wrong: at which of its numbers, and in which cases.

Said only if everything elsewhere is right.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import torch

LARGE = 20.0
"""Inputs beyond this are called large: an exponential of them is."""


@dataclass(frozen=True)
class Seen:
    """A part in one case: the arguments by name, what came back, what is right; float64 tensors.

    places: where the two differ; all of it where their shapes do.
    """

    arguments: dict
    value: torch.Tensor
    wanted: torch.Tensor
    places: torch.Tensor

    @property
    def wrong(self) -> bool:
        return bool(self.places.any())


def where(seen: list[Seen]) -> str | None:
    """Where it is wrong, if all that is elsewhere is right: such as "where z is negative"."""
    for words in _places(seen):
        marked = [_marked(words, one) for one in seen]
        if any(mark is None for mark in marked):
            continue
        pairs = list(zip(marked, seen, strict=True))
        inside = all(not bool((one.places & ~mark).any()) for mark, one in pairs)
        spared = sum(int((~mark).sum()) for mark, one in pairs)
        if inside and spared > 2 and all(bool(mark.any()) for mark, one in pairs if one.wrong):
            return words
    return None


_CONDITIONS = {
    "0": lambda x: x == 0,
    "above 1": lambda x: x > 1,
    "below −1": lambda x: x < -1,
    "positive": lambda x: x > 0,
    "negative": lambda x: x < 0,
    "0 or above": lambda x: x >= 0,
    "0 or below": lambda x: x <= 0,
    "1": lambda x: x == 1,
    f"beyond ±{LARGE:g}": lambda x: x.abs() > LARGE,
}


def _places(seen: list[Seen]) -> Iterator[str]:
    """Words for the places that are tried, for `_marked` to find."""
    for name, condition in itertools.product(seen[0].arguments, _CONDITIONS):
        yield f"where {name} is {condition}"
    for condition in _CONDITIONS:
        yield f"where what is right is {condition}"
    yield from ("in the last row", "in the first row", "in the last column", "in the first column")


def _marked(words: str, one: Seen) -> torch.Tensor | None:
    """The places that the words name, as truth values in the part's shape."""
    if words.startswith("in the "):
        _, _, end, line = words.split()
        if one.value.dim() < (1 if line == "row" else 2):
            return None
        marked = torch.zeros_like(one.places)
        marked.select(0 if line == "row" else -1, -1 if end == "last" else 0).fill_(True)
        return marked
    name, _, condition = words.removeprefix("where ").partition(" is ")
    if name == "what":
        condition, values = condition.removeprefix("right is "), one.wanted
    else:
        values = one.arguments.get(name)
    if not isinstance(values, torch.Tensor) or values.shape != one.value.shape:
        return None
    return _CONDITIONS[condition](values.double())


def cases_where(arguments: list[dict], wrong: list[bool]) -> str | None:
    """What the cases that are wrong have in common, and no other case: "where X has one row"."""
    if all(wrong) or not any(wrong):
        return None
    for name, (words, holds) in itertools.product(arguments[0], _OF_A_CASE.items()):
        found = [holds(case.get(name)) for case in arguments]
        if found == wrong:
            return f"where {name} {words}"
    return None


def _is_tensor(holds):
    return lambda value: isinstance(value, torch.Tensor) and bool(holds(value))


def _is_number(holds):
    return lambda value: type(value) in (int, float) and holds(value)


_OF_A_CASE = {
    "is a single number": _is_tensor(lambda x: not x.dim()),
    "has one dimension": _is_tensor(lambda x: x.dim() == 1),
    "has two dimensions": _is_tensor(lambda x: x.dim() == 2),
    "has three dimensions or more": _is_tensor(lambda x: x.dim() > 2),
    "has another number of dimensions than two": _is_tensor(lambda x: x.dim() != 2),
    "has one row": _is_tensor(lambda x: x.dim() and len(x) == 1),
    "has one column": _is_tensor(lambda x: x.dim() == 2 and x.shape[1] == 1),
    "is square": _is_tensor(lambda x: x.dim() == 2 and len(x) == x.shape[1]),
    "is not square": _is_tensor(lambda x: x.dim() == 2 and len(x) != x.shape[1]),
    "is float64": _is_tensor(lambda x: x.dtype == torch.float64),
    "is float32": _is_tensor(lambda x: x.dtype == torch.float32),
    f"has numbers beyond ±{LARGE:g}": _is_tensor(lambda x: (x.double().abs() > LARGE).any()),
    "has a 0 in it": _is_tensor(lambda x: (x == 0).any()),
    "has only negative numbers": _is_tensor(lambda x: (x < 0).all()),
    "has negative numbers": _is_tensor(lambda x: (x < 0).any()),
    "is 0": _is_number(lambda x: x == 0),
    "is not 0": _is_number(lambda x: x != 0),
    "is 1": _is_number(lambda x: x == 1),
    "is not 1": _is_number(lambda x: x != 1),
    "is negative": _is_number(lambda x: x < 0),
}
