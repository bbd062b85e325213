"""How what came back relates to what is right: the sign, a factor, an axis, a place.

A relation is stated only if it holds in every case in which the answer is wrong. It says what is
seen in the outcomes, never what the code does.
"""

import math
from collections.abc import Callable, Iterator

import torch

from nnlib.checking.comparing import parts, wrong_elements
from nnlib.checking.neighbours import neighbour
from nnlib.checking.places import Seen, where
from nnlib.checking.showing import capitalized


def relation(part: str, cases: list[tuple[dict, object, object]], tol: float) -> str | None:
    """One sentence on a part that is wrong, true of every case in which it is wrong, or None.

    cases: (arguments by name, what came back, what is right) of every case, the right ones too.
    """
    subject = capitalized(part)
    pairs = [(parts(value).get(part), parts(wanted)[part]) for _, value, wanted in cases]
    seen = [_see(case[0], *pair, tol) for case, pair in zip(cases, pairs, strict=True)]
    if None in seen:
        return _of_lists(subject, pairs)
    wrong = [one for one in seen if one.wrong]
    if not wrong:
        return _of_kinds(pairs)
    if any(one.value.shape != one.wanted.shape for one in wrong):
        what = neighbour(seen, tol)
        return _of_shapes(subject, wrong, tol) or (what and f"{subject} {what}.")
    what = _always(seen, tol) or _what(wrong, tol, everywhere=True) or _order(wrong, tol)
    what = what or neighbour(seen, tol)
    if what:
        return f"{subject} {what}."
    place, what = where(wrong), _what(wrong, tol, everywhere=False)
    if place and what:
        return f"{subject} is wrong only {place}; there it {what}."
    if what:
        return f"{subject}, wherever it is wrong, {what}."
    return place and f"{subject} is wrong only {place}."


def _see(arguments: dict, value, wanted, tol: float) -> Seen | None:
    value, wanted = _numbers(value), _numbers(wanted)
    if value is None or wanted is None:
        return None
    if value.shape != wanted.shape:
        places = torch.ones_like(value, dtype=torch.bool)
    elif value.dtype == wanted.dtype:
        places = wrong_elements(value, wanted, tol)
    else:
        places = wrong_elements(value.float(), wanted.float(), tol)
    return Seen(arguments, value.double(), wanted.double(), places)


def _numbers(value) -> torch.Tensor | None:
    """A tensor, a number, or a list of either as a tensor; None for anything else."""
    if isinstance(value, torch.Tensor):
        return None if value.is_complex() or value.is_sparse else value
    if isinstance(value, int | float) and abs(value) < 2**53:
        return torch.tensor(value, dtype=torch.float64)
    if isinstance(value, list | tuple) and value:
        items = [_numbers(item) for item in value]
        if all(item is not None and item.shape == items[0].shape for item in items):
            return torch.stack([item.double() for item in items])
    return None


def _of_kinds(pairs: list[tuple]) -> str | None:
    """The numbers agree in every case: what differs is what they are in."""
    kinds = {(type(value), type(wanted)) for value, wanted in pairs}
    if all(issubclass(v, list | tuple) and w is torch.Tensor for v, w in kinds):
        return "Its numbers are right; they only have to be one tensor."
    if kinds == {(torch.Tensor, torch.Tensor)}:
        return "Its numbers are right; only the dtype is not."
    return None


# -- what the numbers are --------------------------------------------------------------------------


def _what(wrong: list[Seen], tol: float, everywhere: bool) -> str | None:
    """What came back instead of the right numbers, such as "is twice what is right".

    everywhere: of all numbers in the cases that are wrong; otherwise of those that are wrong.
    """
    if everywhere:
        pairs = [(one.value.flatten(), one.wanted.flatten()) for one in wrong]
    else:
        pairs = [(one.value[one.places], one.wanted[one.places]) for one in wrong]
    value, wanted = (torch.cat(side) for side in zip(*pairs, strict=True))
    if value.isnan().all():
        return "is NaN (not a number)"
    if value.isinf().all():
        return "is infinite"
    if not (value.isfinite().all() and wanted.isfinite().all()):
        return None
    if not value.any():
        return "is 0"
    if _alike(value, wanted, 10 * tol):
        return "is right in its first digits only"
    return (
        _an_argument(wrong, everywhere, tol)
        or _factor(wrong, pairs, tol)
        or _offset(wrong, value, wanted, everywhere, tol)
        or _function(value, wanted, tol)
    )


def _alike(value, other, tol: float) -> bool:
    return bool(torch.isclose(value, other, rtol=tol, atol=tol / 10).all())


def _several(numbers: torch.Tensor) -> bool:
    """Whether there are different numbers: through a single one, every function passes."""
    return len(numbers) > 1 and bool((numbers != numbers[0]).any())


def _always(seen: list[Seen], tol: float) -> str | None:
    """The one number that came back in every case, the right ones too."""
    value, wanted = (torch.cat([getattr(one, side).flatten() for one in seen])
                     for side in ("value", "wanted"))  # fmt: skip
    if len(seen) < 2 or not (_several(wanted) and _alike(value, value[:1], tol)):
        return None
    if set(wanted.tolist()) <= {0.0, 1.0, float(value[0])}:  # two answers, always this: no news
        return None
    return f"is {float(value[0]):.4g}, whatever the input" if value[0] else None


def _tensor_arguments(wrong: list[Seen], everywhere: bool) -> Iterator[tuple[str, list]]:
    """Arguments that fit the part's shape, by name, with their numbers at the places looked at."""
    for name in wrong[0].arguments:
        found = []
        for one in wrong:
            argument = _numbers(one.arguments.get(name))
            try:
                argument = argument.double().expand(one.value.shape)
            except (RuntimeError, AttributeError):  # another shape, or no numbers
                break
            found.append(argument.flatten() if everywhere else argument[one.places])
        else:
            yield name, torch.cat(found)


def _an_argument(wrong: list[Seen], everywhere: bool, tol: float) -> str | None:
    """The argument that came back instead, or went into a product with what is right."""
    value, wanted = (
        torch.cat([(getattr(one, side)[one.places] if not everywhere else getattr(one, side).flatten())
        for one in wrong]) for side in ("value", "wanted")
    )  # fmt: skip
    for name, argument in _tensor_arguments(wrong, everywhere):
        if not _several(argument):
            continue
        for sign, words in ((1, name), (-1, f"−{name}")):
            if _alike(value, sign * argument, tol):
                return f"is equal to {words}"
        if set(argument.tolist()) <= {0.0, 1.0, -1.0}:  # labels: a product with them means little
            continue
        if _alike(value, wanted * argument, tol):
            return f"is what is right times {name}"
        if _alike(value * argument, wanted, tol) and _several(wanted):
            return f"is what is right divided by {name}"
    return None


_FACTORS = {
    -1: "has the opposite sign",
    2: "is twice what is right",
    0.5: "is half of what is right",
    3: "is 3 times what is right",
    1 / 3: "is a third of what is right",
}


def _factor(wrong, pairs, tol: float) -> str | None:
    """By what the right numbers are multiplied: one number, or one that the case names."""
    factors = []
    for value, wanted in pairs:
        at = wanted.abs().argmax()
        factor = float(value[at] / wanted[at]) if wanted[at] else 0.0
        if not factor or not _alike(value, factor * wanted, tol):
            return None
        factors.append(factor)
    for factor, words in _FACTORS.items():
        if all(math.isclose(f, factor, rel_tol=tol) for f in factors):
            return words
    if not _several(torch.cat([wanted for _, wanted in pairs])):
        return None
    for words, values in (("times", factors), ("divided by", [1 / f for f in factors])):
        quantity = _quantity(wrong, values, tol)
        if quantity:
            return f"is what is right {words} {quantity}"
    if all(math.isclose(f, factors[0], rel_tol=tol) for f in factors):
        return f"is {factors[0]:.4g} times what is right"
    if all(len(wanted) > 2 and _several(wanted) for _, wanted in pairs):
        return "is what is right but for a factor, the same for all its numbers"
    return None


def _quantity(wrong: list[Seen], factors: list[float], tol: float) -> str | None:
    """A quantity of the case, in words, that has these values in the cases, or None."""
    known = [dict(_quantities(one.arguments)) for one in wrong]
    if all(math.isclose(f, factors[0], rel_tol=tol) for f in factors):
        # One whole number fits many quantities by accident; a number such as 0.1 fits few.
        known = [{k: q for k, q in one.items() if q != round(q)} for one in known]
    for words in known[0]:
        values = [one.get(words, math.nan) for one in known]
        if all(math.isclose(v, f, rel_tol=tol) for v, f in zip(values, factors, strict=True)):
            return words
    return None


def _quantities(arguments: dict) -> Iterator[tuple[str, float]]:
    """Numbers that describe a case, by words for them: its numbers, sizes, and what they make."""
    sizes = {}
    for name, argument in arguments.items():
        if isinstance(argument, torch.Tensor) and argument.dim():
            sizes[f"len({name})"] = len(argument)
            sizes |= {f"{name}.shape[{i}]": argument.shape[i] for i in range(1, argument.dim())}
            sizes[f"{name}.numel()"] = argument.numel()
        elif isinstance(argument, torch.Tensor):
            argument = argument.item()
        if type(argument) in (int, float) and argument not in (0, 1):
            yield name, argument
            yield f"(1 − {name})", 1 - argument
            yield f"{name}²", argument**2
    yield from sizes.items()
    for words, n in sizes.items():
        if n > 1:
            yield f"N/(N − 1) for N = {words}", n / (n - 1)
            yield f"√(N/(N − 1)) for N = {words}", math.sqrt(n / (n - 1))
            yield f"({words} − 1)", n - 1
            yield f"√{words}", math.sqrt(n)
            yield f"{words}²", n**2


def _offset(wrong, value, wanted, everywhere: bool, tol: float) -> str | None:
    """What is added to the right numbers: one number, or an argument."""
    off = value - wanted
    if not _several(wanted):
        return None
    for name, argument in _tensor_arguments(wrong, everywhere):
        for sign, words in ((1, "plus"), (-1, "minus")):
            if argument.any() and _alike(off, sign * argument, tol):
                return f"is what is right {words} {name}"
    if _alike(off, off[:1], tol) and abs(float(off[0])) > 100 * tol:
        by = float(off[0])
        return f"is too {'large' if by > 0 else 'small'} by {abs(by):.4g}"
    return None


_FUNCTIONS = {
    "the square of": torch.square,
    "the square root of": torch.sqrt,
    "1 minus": lambda right: 1 - right,
    "the reciprocal of": torch.reciprocal,
    "the absolute value of": torch.abs,
    "the rounded value of": torch.round,
    "the whole part of": torch.trunc,
    "the sign of": torch.sign,
    "the exponential of": torch.exp,
    "the logarithm of": torch.log,
    "the sigmoid of": torch.sigmoid,
    "the tanh of": torch.tanh,
}
_INVERSES = {"an exponential": torch.log, "a sigmoid": torch.logit, "a tanh": torch.atanh}


def _function(value, wanted, tol: float) -> str | None:
    """An everyday function that leads from the right numbers to these."""
    if set(wanted.tolist()) == {0.0, 1.0}:
        return _of_zeros_and_ones(value, wanted)
    if not (_several(wanted) and _several(value)):
        return None
    for words, function in _FUNCTIONS.items():
        if _alike(value, function(wanted), tol):
            return f"is {words} what is right"
    for words, inverse in _INVERSES.items():
        if _alike(value, inverse(wanted), tol):
            return f"would be right after {words}"
    for words, low, high in (("below 0", 0, None), ("above 1", None, 1), ("outside 0 … 1", 0, 1)):
        if _alike(value, wanted.clamp(low, high), tol):
            return f"is what is right with everything {words} cut off"
    return None


def _of_zeros_and_ones(value, wanted) -> str | None:
    """Where only 0 and 1 can be right."""
    if not set(value.tolist()) <= {0.0, 1.0}:
        return "has other numbers than 0 and 1"
    if (value <= wanted).all():
        return "is 0 where it should be 1, never the other way round"
    if (value >= wanted).all():
        return "is 1 where it should be 0, never the other way round"
    return None


# -- in another order ------------------------------------------------------------------------------


def _order(wrong: list[Seen], tol: float) -> str | None:
    """The right numbers in another order, or one row for all."""
    if not all(one.wanted.dim() and _several(one.wanted.flatten()) for one in wrong):
        return None
    for words, change in _ORDERS.items():
        if all(_equal(one.value, change(one.wanted), tol) for one in wrong):
            return words
    if all(len(one.value) > 1 and _alike(one.value, one.value[:1], tol) for one in wrong):
        if not any(_alike(one.wanted, one.wanted[:1], tol) for one in wrong):
            return "has the same numbers in every row"
    flat = [
        (one.value.flatten().sort().values, one.wanted.flatten().sort().values) for one in wrong
    ]
    if all(len(wanted) > 2 and _alike(value, wanted, tol) for value, wanted in flat):
        return "has the right numbers in another order"
    return None


_SIDEWAYS = "is turned on its side: rows and columns are swapped"
_ORDERS: dict[str, Callable] = {
    _SIDEWAYS: lambda right: right.mT if right.dim() == 2 else right[:0],
    "is in reverse order": lambda right: right.flip(0),
    "is in reverse order along its last dimension": lambda right: right.flip(-1),
    "is moved one place back, around the end": lambda right: right.roll(1, 0),
    "is moved one place forward, around the start": lambda right: right.roll(-1, 0),
    "runs on: each number is the sum of all the right ones up to there": (
        lambda right: right.flatten().cumsum(0).reshape(right.shape)
    ),
}


def _equal(value, wanted, tol: float) -> bool:
    return value.shape == wanted.shape and _alike(value, wanted, tol)


# -- of another shape ------------------------------------------------------------------------------


def _of_shapes(subject: str, wrong: list[Seen], tol: float) -> str | None:
    """What a part of another shape is, beside the right one; None if it is not always another."""

    def every(holds) -> bool:
        return all(one.value.shape != one.wanted.shape and holds(one) for one in wrong)

    if every(lambda one: one.value.dim() == 2 and _equal(one.value.T, one.wanted, tol)):
        return f"{subject} {_SIDEWAYS}."
    if every(lambda one: _equal(one.value.squeeze(), one.wanted.squeeze(), tol)):
        more = all(one.value.dim() > one.wanted.dim() for one in wrong)
        less = all(one.value.dim() < one.wanted.dim() for one in wrong)
        ending = " too many" if more else " too few" if less else " at another place"
        return f"Its numbers are right, but it has a dimension of size 1{ending}."
    if every(lambda one: _equal(one.value.flatten(), one.wanted.flatten(), tol)):
        return "Its numbers are right and in order; only the shape is not."
    if every(_is_outer):
        return "(N,) and (N, 1) met somewhere: broadcasting then makes all N × N pairs."
    for words, reduce in _REDUCTIONS.items():
        if every(lambda one, r=reduce: _equal(r(one.value), one.wanted, tol)):
            return f"The {words} of what came back would be right."
        if every(lambda one, r=reduce: _equal(one.value, r(one.wanted), tol)):
            return f"It is the {words} of what is asked for."
    if every(lambda one: _equal(_start(one.value, one.wanted), one.wanted, tol)):
        return "It starts with what is right, and goes on."
    if every(
        lambda one: one.value.numel() and _equal(one.value, _start(one.wanted, one.value), tol)
    ):
        return "What is there is right; the rest is missing."
    return None


def _over(reduce, dim: int):
    """The reduction along one dimension, or nothing at all where there is no such dimension."""
    return lambda x: reduce(x, dim) if x.dim() > 1 else x.new_empty(0, 0, 0)


_REDUCTIONS: dict[str, Callable] = {
    "sum": torch.sum,
    "mean": torch.mean,
    "sum over the rows": _over(torch.sum, 0),
    "mean over the rows": _over(torch.mean, 0),
    "sum over the last dimension": _over(torch.sum, -1),
    "mean over the last dimension": _over(torch.mean, -1),
    "largest along the last dimension": _over(torch.amax, -1),
    "first row": lambda x: x[0] if x.dim() and len(x) else x.new_empty(0, 0, 0),
    "last row": lambda x: x[-1] if x.dim() and len(x) else x.new_empty(0, 0, 0),
    "diagonal": lambda x: x.diagonal() if x.dim() == 2 else x.new_empty(0, 0, 0),
}


def _start(longer: torch.Tensor, shorter: torch.Tensor) -> torch.Tensor:
    """As much of the longer one, from its start, as the shorter one has, if they are comparable."""
    if longer.dim() != shorter.dim():
        return longer.new_empty(0, 0, 0)
    return longer[tuple(slice(n) for n in shorter.shape)]


def _is_outer(one: Seen) -> bool:
    n = one.wanted.numel()
    return n > 1 and one.wanted.dim() in (1, 2) and one.value.shape == (n, n)


# -- of lists --------------------------------------------------------------------------------------


def _of_lists(subject: str, pairs: list[tuple]) -> str | None:
    """A list of anything beside another list: its order, one item more or less."""
    wrong = [(value, wanted) for value, wanted in pairs if repr(value) != repr(wanted)]
    if not wrong or not all(isinstance(one, list | tuple) for pair in wrong for one in pair):
        return None
    texts = [([repr(item) for item in one], [repr(item) for item in other]) for one, other in wrong]
    for words, holds in _LISTS.items():
        if all(holds(value, wanted) for value, wanted in texts):
            return f"{subject}: {words}."
    return None


_LISTS = {
    "the right items in reverse order": lambda value, wanted: value == wanted[::-1],
    "the last item is missing": lambda value, wanted: value == wanted[:-1],
    "the first item is missing": lambda value, wanted: value == wanted[1:],
    "there is one item too many at the end": lambda value, wanted: value[:-1] == wanted,
    "there is one item too many at the start": lambda value, wanted: value[1:] == wanted,
    "the right items in another order": lambda value, wanted: sorted(value) == sorted(wanted),
}
