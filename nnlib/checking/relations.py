"""How what came back relates to what is right: the sign, a factor, an axis, a place.

A relation is stated only if it holds wherever the answer is wrong: in every case, and in every
number that differs. It says what is seen in the outcomes, never what the code does.
"""

import math
from collections.abc import Iterator

import torch

from nnlib.checking.comparing import parts, wrong_elements
from nnlib.checking.places import Seen, where
from nnlib.checking.showing import capitalized


def relation(part: str, cases: list[tuple[dict, object, object]], tol: float) -> str | None:
    """One sentence on a part that is wrong, true of every case in which it is wrong, or None.

    cases: (arguments by name, what came back, what is right) of every case, the right ones too.
    """
    subject = capitalized(part)
    seen = [_see(arguments, parts(v).get(part), parts(w)[part], tol) for arguments, v, w in cases]
    if None in seen:
        return _of_lists(subject, [(parts(v).get(part), parts(w)[part]) for _, v, w in cases])
    wrong = [one for one in seen if one.wrong]
    if not wrong:
        return None
    if any(one.value.shape != one.wanted.shape for one in wrong):
        return _of_shapes(subject, wrong, tol)
    place, what = where(seen), _what(wrong, tol)
    if place and what:
        return f"{subject} is wrong only {place}; there it {what}."
    if what:
        return f"{subject} {what}{'' if _all_of_it(wrong) else ' wherever it is wrong'}."
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
        places = wrong_elements(value.double(), wanted.double(), tol * 1000)
    return Seen(arguments, value.double(), wanted.double(), places)


def _numbers(value) -> torch.Tensor | None:
    """A tensor, a number, or a list of numbers as a tensor; None for anything else."""
    if isinstance(value, torch.Tensor):
        return None if value.is_complex() or value.is_sparse else value
    if isinstance(value, int | float) and abs(value) < 2**53:
        return torch.tensor(value)
    if isinstance(value, list | tuple) and value and all(type(i) in (int, float) for i in value):
        return torch.tensor(value, dtype=torch.float64)
    return None


def _all_of_it(wrong: list[Seen]) -> bool:
    """Whether all numbers that are not 0 are wrong (0 stays right under any factor)."""
    return all(bool((one.places | (one.wanted == 0)).all()) for one in wrong)


# -- what the numbers are --------------------------------------------------------------------------


def _what(wrong: list[Seen], tol: float) -> str | None:
    """What the wrong numbers are instead of the right ones, such as "is twice what is right"."""
    pairs = [(one.value[one.places], one.wanted[one.places]) for one in wrong]
    value, wanted = (torch.cat(side) for side in zip(*pairs, strict=True))
    if not value.isfinite().all():
        return _not_finite(value)
    if not wanted.isfinite().all():
        return None
    if not value.any():
        return "is 0"
    argument = _an_argument(wrong, tol)
    if argument:
        return f"is {argument}"
    if len(wanted) > 1 and _alike(value, value[:1], tol) and not _alike(wanted, wanted[:1], tol):
        return f"is {float(value[0]):.4g} whatever the input"
    if _alike(value, -wanted, tol):
        return "has the opposite sign"
    return (
        _factor(wrong, pairs, tol)
        or _offset(wrong, pairs, tol)
        or _function(value, wanted, tol)
        or _order(wrong, tol)
    )


def _alike(value, other, tol: float) -> bool:
    return bool(torch.isclose(value, other, rtol=tol, atol=tol / 10).all())


def _not_finite(value) -> str | None:
    if value.isnan().all():
        return "is NaN (not a number)"
    return "is infinite" if value.isinf().all() else None


def _several(wanted: torch.Tensor) -> bool:
    """Whether there are different numbers: through a single one, every function passes."""
    return len(wanted) > 1 and bool((wanted != wanted[0]).any())


def _an_argument(wrong: list[Seen], tol: float) -> str | None:
    """The name of an argument that the wrong numbers are equal to, in every case."""
    for name in wrong[0].arguments:
        for sign, words in ((1, f"equal to {name}"), (-1, f"equal to −{name}")):
            if all(_is_argument(one, name, sign, tol) for one in wrong):
                return words
    return None


def _is_argument(one: Seen, name: str, sign: int, tol: float) -> bool:
    argument = one.arguments.get(name)
    if not isinstance(argument, torch.Tensor) or argument.shape != one.value.shape:
        return False
    argument = sign * argument.double()[one.places]
    return _several(argument) and _alike(one.value[one.places], argument, tol)


_FACTORS = {2: "twice", 0.5: "half of", -0.5: "−½ times", 3: "3 times", 1 / 3: "a third of"}


def _factor(wrong, pairs, tol: float) -> str | None:
    """By what the right numbers are multiplied: one number, or one that the case names."""
    factors = []
    for value, wanted in pairs:
        at = wanted.abs().argmax()
        if wanted[at] == 0:
            return None
        factor = float(value[at] / wanted[at])
        if not factor or not _alike(value, factor * wanted, tol):
            return None
        factors.append(factor)
    _, wanted = (torch.cat(side) for side in zip(*pairs, strict=True))
    for factor, words in _FACTORS.items():
        if all(math.isclose(f, factor, rel_tol=tol) for f in factors):
            return f"is {words} what is right"
    if not _several(wanted):
        return None
    quantity = _quantity(wrong, factors, tol)
    if quantity:
        return f"is what is right times {quantity}"
    quantity = _quantity(wrong, [1 / f for f in factors], tol)
    if quantity:
        return f"is what is right divided by {quantity}"
    if all(math.isclose(f, factors[0], rel_tol=tol) for f in factors):
        return f"is {factors[0]:.4g} times what is right"
    if max(len(wanted) for _, wanted in pairs) > 2 and all(_several(w) for _, w in pairs):
        return "is what is right, but for one common factor"
    return None


def _offset(wrong, pairs, tol: float) -> str | None:
    """What is added to the right numbers: one number, or an argument."""
    value, wanted = (torch.cat(side) for side in zip(*pairs, strict=True))
    off = value - wanted
    if not _several(wanted):
        return None
    for name in wrong[0].arguments:
        for sign, words in ((1, "plus"), (-1, "minus")):
            if all(_is_off_by(one, name, sign, tol) for one in wrong):
                return f"is what is right {words} {name}"
    if _alike(off, off[:1], tol) and abs(float(off[0])) > 100 * tol:
        by = float(off[0])
        return f"is too {'large' if by > 0 else 'small'} by {abs(by):.4g}"
    return None


def _is_off_by(one: Seen, name: str, sign: int, tol: float) -> bool:
    argument = _numbers(one.arguments.get(name))
    if argument is None or not argument.any():
        return False
    try:
        argument = sign * argument.double().expand(one.value.shape)[one.places]
    except RuntimeError:  # its shape is another
        return False
    return _alike((one.value - one.wanted)[one.places], argument, tol)


def _quantity(wrong: list[Seen], factors: list[float], tol: float) -> str | None:
    """A quantity of the case, in words, that has these values in the cases, or None."""
    known = [dict(_quantities(one.arguments)) for one in wrong]
    if len(wrong) < 2 or all(math.isclose(f, factors[0], rel_tol=tol) for f in factors):
        # One value fits many quantities by accident; a number that is not whole fits none so.
        known = [{k: q for k, q in one.items() if q != round(q)} for one in known]
    for words in known[0]:
        values = [one.get(words, math.nan) for one in known]
        if all(math.isclose(v, f, rel_tol=tol) for v, f in zip(values, factors, strict=True)):
            return words
    return None


def _quantities(arguments: dict) -> Iterator[tuple[str, float]]:
    """Numbers that describe a case, by words for them: its numbers, sizes, and what they make."""
    for name, argument in arguments.items():
        if isinstance(argument, torch.Tensor) and argument.numel() == 1:
            argument = argument.item()
        if type(argument) in (int, float) and argument not in (0, 1):
            yield name, argument
            yield f"1 − {name}", 1 - argument
            yield f"{name} − 1", argument - 1
            yield f"{name}²", argument**2
        if isinstance(argument, torch.Tensor) and argument.dim():
            sizes = {f"len({name})": len(argument)}
            sizes |= {f"{name}.shape[{i}]": argument.shape[i] for i in range(1, argument.dim())}
            sizes |= {f"{name}.numel()": argument.numel()}
            for words, n in sizes.items():
                yield words, n
            for words, n in sizes.items():
                if n > 1:
                    yield f"N/(N − 1), where N is {words}", n / (n - 1)
                    yield f"√(N/(N − 1)), where N is {words}", math.sqrt(n / (n - 1))
                    yield f"{words} − 1", n - 1
                    yield f"√({words})", math.sqrt(n)
                    yield f"{words}²", n**2


_FUNCTIONS = {
    "the square of": torch.square,
    "the square root of": torch.sqrt,
    "1 minus": lambda right: 1 - right,
    "the reciprocal of": torch.reciprocal,
    "the absolute value of": torch.abs,
    "the rounded value of": torch.round,
    "the exponential of": torch.exp,
    "the logarithm of": torch.log,
    "the sigmoid of": torch.sigmoid,
    "the tanh of": torch.tanh,
    "the sign of": torch.sign,
    "the whole part of": torch.trunc,
}
_INVERSE = {
    "exp": torch.log,
    "a sigmoid": torch.logit,
    "a tanh": torch.atanh,
}


def _function(value, wanted, tol: float) -> str | None:
    """An everyday function that leads from the right numbers to these."""
    if not _several(wanted) or not _several(value) and len(value) < 4:
        return None
    for words, function in _FUNCTIONS.items():
        if _alike(value, function(wanted), tol):
            return f"is {words} what is right"
    for words, inverse in _INVERSE.items():
        if _alike(value, inverse(wanted), tol):
            return f"would be right after {words}"
    for words, low, high in (("below 0", 0, None), ("above 1", None, 1), ("outside 0 … 1", 0, 1)):
        if _alike(value, wanted.clamp(low, high), tol):
            return f"is what is right with everything {words} cut off"
    return None


def _order(wrong: list[Seen], tol: float) -> str | None:
    """The right numbers in another order."""

    def all_are(change) -> bool:
        return all(
            one.wanted.dim() and one.wanted.shape == change(one).shape
            and _alike(one.value, change(one), tol)
            for one in wrong
        )  # fmt: skip

    if all(one.value.dim() == 2 for one in wrong) and all_are(lambda one: one.wanted.T):
        return "is turned on its side: rows and columns are swapped"
    if all_are(lambda one: one.wanted.flip(0)):
        return "is in reverse order"
    if all_are(lambda one: one.wanted.flip(-1)):
        return "is in reverse order along its last dimension"
    for step, words in ((1, "back"), (-1, "forward")):
        if all_are(lambda one, step=step: one.wanted.roll(step, 0)):
            return f"is moved one place {words}, around the end"
    flat = [
        (one.value.flatten().sort().values, one.wanted.flatten().sort().values) for one in wrong
    ]
    if all(len(w) > 2 and _several(w) and _alike(v, w, tol) for v, w in flat):
        return "has the right numbers in another order"
    return None


# -- shapes, lists ---------------------------------------------------------------------------------


def _of_shapes(subject: str, wrong: list[Seen], tol: float) -> str | None:
    """What a part of another shape is, beside the right one; None if it is not always another."""

    def every(holds) -> bool:
        return all(one.value.shape != one.wanted.shape and holds(one) for one in wrong)

    if every(lambda one: one.value.dim() == 2 and _equal(one.value.T, one.wanted, tol)):
        return f"{subject} is turned on its side: rows and columns are swapped."
    if every(lambda one: _equal(one.value.squeeze(), one.wanted.squeeze(), tol)):
        more = all(one.value.dim() > one.wanted.dim() for one in wrong)
        less = all(one.value.dim() < one.wanted.dim() for one in wrong)
        ending = " too many" if more else " too few" if less else " at another place"
        return f"Its numbers are right, but it has a dimension of size 1{ending}."
    if every(lambda one: _equal(one.value.flatten(), one.wanted.flatten(), tol)):
        return "Its numbers are right and in order; only the shape is not."
    if every(_is_outer):
        return "(N,) and (N, 1) meet somewhere: broadcasting then makes all N × N pairs."
    for words, reduce in (("sum", torch.sum), ("mean", torch.mean)):
        if every(
            lambda one, r=reduce: not one.wanted.dim() and _equal(r(one.value), one.wanted, tol)
        ):
            return f"The {words} of its numbers would be right."
        if every(
            lambda one, r=reduce: not one.value.dim() and _equal(one.value, r(one.wanted), tol)
        ):
            return f"It is the {words} of the numbers that are asked for."
    return None


def _equal(value, wanted, tol: float) -> bool:
    return value.shape == wanted.shape and _alike(value, wanted, tol)


def _is_outer(one: Seen) -> bool:
    n = one.wanted.numel()
    return n > 1 and one.wanted.dim() in (1, 2) and one.value.shape == (n, n)


def _of_lists(subject: str, pairs: list[tuple]) -> str | None:
    """A list of anything beside another list: its order, one item more or less."""
    wrong = [(value, wanted) for value, wanted in pairs if repr(value) != repr(wanted)]
    if not wrong or not all(isinstance(one, list | tuple) for pair in wrong for one in pair):
        return None
    texts = [([repr(item) for item in one], [repr(item) for item in other]) for one, other in wrong]
    for words, holds in _LISTS.items():
        if all(holds(value, wanted) for value, wanted in texts):
            return f"{subject} {words}."
    return None


_LISTS = {
    "is in reverse order": lambda value, wanted: value == wanted[::-1],
    "misses the last item": lambda value, wanted: value == wanted[:-1],
    "misses the first item": lambda value, wanted: value == wanted[1:],
    "has one item too many at its end": lambda value, wanted: value[:-1] == wanted,
    "has one item too many at its start": lambda value, wanted: value[1:] == wanted,
    "has the right items in another order": lambda v, w: sorted(v) == sorted(w),
}
