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


def where(wrong: list[Seen]) -> str | None:
    """Where the cases that are wrong are wrong, such as "where z is negative": there, not elsewhere.

    Nearly all numbers there are wrong (some can be right by chance), and none elsewhere.
    """
    for words, marks in _candidates(wrong):
        pairs = list(zip(marks, wrong, strict=True))
        if any(bool((one.places & ~mark).any()) for mark, one in pairs):
            continue
        marked, elsewhere = (sum(int(m.sum()) for m in ms) for ms in (marks, [~m for m in marks]))
        if elsewhere > 1 and sum(int(one.places.sum()) for one in wrong) > 0.8 * marked:
            return words
    return None


_CONDITIONS = {
    "0": lambda x: x == 0,
    "positive": lambda x: x > 0,
    "negative": lambda x: x < 0,
    "0 or above": lambda x: x >= 0,
    "0 or below": lambda x: x <= 0,
    f"beyond ±{LARGE:g}": lambda x: x.abs() > LARGE,
}


def _candidates(wrong: list[Seen]) -> Iterator[tuple[str, list[torch.Tensor]]]:
    """Places in words, and for each case as truth values in the shape of the part."""
    values = {name: [one.arguments.get(name) for one in wrong] for name in wrong[0].arguments}
    for name, of in (values | {"what is right": [one.wanted for one in wrong]}).items():
        tensors = all(isinstance(value, torch.Tensor) for value in of)
        if tensors and all(v.shape == one.value.shape for v, one in zip(of, wrong, strict=True)):
            for words, condition in _CONDITIONS.items():
                yield f"where {name} is {words}", [condition(value.double()) for value in of]
    for line, dim in (("row", 0), ("column", -1)):
        for end, i in (("first", 0), ("last", -1)):
            if all(one.value.dim() > (0 if line == "row" else 1) for one in wrong):
                yield f"in the {end} {line}", [_line(one.places, dim, i) for one in wrong]


def _line(places: torch.Tensor, dim: int, i: int) -> torch.Tensor:
    """Truth values that mark one row or column."""
    marked = torch.zeros_like(places)
    marked.select(dim, i).fill_(True)
    return marked


def cases_where(arguments: list[dict], wrong: list[bool], by_number: set[str]) -> str | None:
    """What the cases that are wrong have in common, and no other; or those that are right.

    by_number: arguments for whose every number the answer gives one: that such a number is somewhere
    in a case does not tell which of them went wrong. None if there is no such thing, or more than
    one: it could be either.
    """
    found = {}
    right = [not one for one in wrong]
    for name, (words, holds) in itertools.product(arguments[0], _OF_A_CASE.items()):
        if words == _FAR and name in by_number:
            continue
        those = [holds(case.get(name)) for case in arguments]
        if those == wrong:
            found.setdefault(words, f"It is wrong only where {name} {words}.")
        elif (
            those == right and sum(right) > 1 and words != _FAR
        ):  # far out, much is right by chance
            found.setdefault(words, f"It is right only where {name} {words}.")
    return next(iter(found.values())) if len(found) == 1 and any(right) else None


def _is_tensor(holds):
    return lambda value: isinstance(value, torch.Tensor) and bool(holds(value))


def _is_number(holds):
    return lambda value: type(value) in (int, float) and holds(value)


_FAR = f"has numbers beyond ±{LARGE:g}"
_OF_A_CASE = {
    "is a single number": _is_tensor(lambda x: not x.dim()),
    "has one dimension": _is_tensor(lambda x: x.dim() == 1),
    "has two dimensions": _is_tensor(lambda x: x.dim() == 2),
    "has more than two dimensions": _is_tensor(lambda x: x.dim() > 2),
    "has one row": _is_tensor(lambda x: x.dim() == 2 and len(x) == 1),
    "has one column": _is_tensor(lambda x: x.dim() == 2 and x.shape[1] == 1),
    _FAR: _is_tensor(lambda x: x.is_floating_point() and (x.abs() > LARGE).any()),
    "is 0": _is_number(lambda x: x == 0),
    "is 1": _is_number(lambda x: x == 1),
    "is negative": _is_number(lambda x: x < 0),
}
