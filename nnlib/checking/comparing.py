"""What came back beside what is right: part by part, form before values.

An outcome that is a dict has its items as parts, in the order of the right one; any other outcome
is one part.
"""

from dataclasses import dataclass
from typing import Any

import torch

from nnlib.checking.running import Foreign, Outcome
from nnlib.checking.showing import MOST_SHOWN, capitalized, kind

RESULT = "the result"
"""The part that an outcome is which has no parts."""

WHOLE = ""
"""Stands for all parts together, where the complaint is about none of them."""


@dataclass(frozen=True)
class Difference:
    """What is wrong with a part: a sentence; what of it came back and what was expected.

    what: the name of what is wrong, such as ``"item 3 of the path"``. form: whether its kind, shape
    or dtype is wrong already, and its values were not looked at.
    """

    sentence: str
    returned: Any = None
    expected: Any = None
    what: str = RESULT
    form: bool = False


def is_gradient(part: str) -> bool:
    """Whether a part of an outcome is a gradient, which cannot be right where values are wrong."""
    return part.startswith("the gradient")


def parts(value) -> dict[str, Any]:
    """An outcome's value by the names of its parts."""
    return value if isinstance(value, dict) else {RESULT: value}


def differences(value, wanted, tol: float | None) -> dict[str, Difference]:
    """What is wrong with each part that is wrong; tol=None looks at their form only."""
    dicts = isinstance(value, dict), isinstance(wanted, dict)
    if any(dicts) and not (all(dicts) and value.keys() == wanted.keys()):
        return {WHOLE: _difference(value, wanted, tol, RESULT)}
    found = {}
    for part, right in parts(wanted).items():
        difference = _difference(parts(value)[part], right, tol, part)
        if difference:
            found[part] = difference
    return found


def same(one: Outcome, other: Outcome, tol: float, only: list[str] | None = None) -> bool:
    """Whether two outcomes are alike: the same failure, or the same values in these parts."""
    if one.failure or other.failure:
        a, b = one.failure, other.failure
        return bool(a and b) and (a.type_name, a.text) == (b.type_name, b.text)
    if one.changed_arguments != other.changed_arguments:
        return False
    found = differences(one.value, other.value, tol)
    return not found if only is None else not found.keys() & {WHOLE, *only}


def _difference(value, wanted, tol: float | None, what: str) -> Difference | None:
    """The first difference between two pieces of plain data, or None."""

    def malformed(sentence: str) -> Difference:
        return Difference(capitalized(f"{what} {sentence}"), value, wanted, what, form=True)

    value = _as_number(value, wanted)
    if isinstance(value, list | tuple) and isinstance(wanted, list | tuple):
        value = type(wanted)(value)
    if type(value) is not type(wanted):
        return malformed(
            f"is {kind(value)}, expected {'a number' if type(wanted) is float else kind(wanted)}."
            f"{_advice(value, wanted, what)}"
        )
    if isinstance(wanted, dict):
        if value.keys() != wanted.keys():
            return malformed(f"has the keys {list(value)}, expected {list(wanted)}.")
        inner = [(value[key], wanted[key], tol, f"{key!r} of {what}") for key in wanted]
    elif isinstance(wanted, list | tuple):
        if len(value) != len(wanted):
            return malformed(f"has {len(value)} items, expected {len(wanted)}.")
        inner = [(value[i], wanted[i], tol, f"item {i} of {what}") for i in range(len(wanted))]
    elif isinstance(wanted, torch.Tensor):
        if value.shape != wanted.shape:
            return malformed(f"has shape {tuple(value.shape)}, expected {tuple(wanted.shape)}.")
        if value.dtype != wanted.dtype:
            return malformed(f"has dtype {value.dtype}, expected {wanted.dtype}.")
        return None if tol is None else _difference_in_numbers(value, wanted, tol, what)
    elif tol is None:
        return None
    elif isinstance(wanted, float):
        numbers = torch.tensor(value), torch.tensor(wanted)
        return _difference_in_numbers(*numbers, tol, what)
    else:
        sentence = capitalized(f"{what} is wrong.")
        return None if value == wanted else Difference(sentence, value, wanted, what)
    return next(filter(None, (_difference(*part) for part in inner)), None)


def _as_number(value, wanted):
    """The number that a whole number or a tensor of no dimension is, where a number is asked."""
    if type(wanted) is not float:
        return value
    if isinstance(value, torch.Tensor) and value.dim() == 0 and not value.is_complex():
        value = value.item()
    return float(value) if type(value) is int and abs(value) < 2**53 else value


def wrong_elements(value: torch.Tensor, wanted: torch.Tensor, tol: float) -> torch.Tensor:
    """Where two tensors of one shape and dtype differ; float64 gets a thousandth of `tol`."""
    if not wanted.is_floating_point():
        return value != wanted
    tol = tol / 1000 if wanted.dtype == torch.float64 else tol
    return ~torch.isclose(value, wanted, rtol=tol, atol=tol / 10, equal_nan=True)


def _difference_in_numbers(value, wanted, tol: float, what: str) -> Difference | None:
    places = wrong_elements(value, wanted, tol)
    if not places.any():
        return None
    if value.is_floating_point() and (value.isnan() & places).any():
        places &= value.isnan()
        sentence = f"{what} contains NaN (not a number)."
    else:
        sentence = f"{what} is wrong."
    place = [int(i) for i in places.nonzero()[0]]
    if wanted.numel() > MOST_SHOWN:  # then the element is shown instead
        value, wanted, what = value[tuple(place)], wanted[tuple(place)], f"{what} at {place}"
    return Difference(capitalized(sentence), value, wanted, what)


def _advice(value, wanted, what: str) -> str:
    if value is None and is_gradient(what):
        return " Was the result cut off by .item(), .detach(), .data, numpy or a new tensor?"
    if isinstance(value, Foreign) and value.type_name.startswith("torch.return_types"):
        return " It holds `.values` and `.indices`: take the one that is meant."
    if isinstance(value, torch.Tensor) and isinstance(wanted, float | int):
        if value.numel() == 1:
            return " `.item()` turns a tensor of one element into a number."
        return f" One number is asked for, not {value.numel()}."
    if isinstance(wanted, torch.Tensor) and value is not None:
        return " Compute it with torch, on tensors."
    return ""
