"""Where the marks are: compare what an answer gave with what the reference gives.

`judge` never sees the answer, only the outcomes that `running.run` recorded.
"""

import functools
import inspect
from dataclasses import dataclass
from typing import Any

import torch

from nnlib.checking.exercise import Exercise, Verdict
from nnlib.checking.holes import is_hole
from nnlib.checking.running import Foreign, Outcome, run

MOST_SHOWN = 12
"""Up to so many elements, a tensor or list is shown in full."""


def examine(exercise: Exercise, answer, seed: int = 0) -> Verdict:
    """The verdict on an answer, on the cases of this seed, without printing anything."""
    if is_hole(answer):
        return Verdict(exercise.name, "todo", max_points=exercise.points)
    return judge(exercise, run(exercise.asked, answer, seed), seed)


def judge(exercise: Exercise, outcomes: list[Outcome], seed: int) -> Verdict:
    """The verdict on recorded outcomes; `seed` is the one they were recorded with."""
    cases = exercise.asked.cases(torch.Generator().manual_seed(seed))
    expected = _outcomes(exercise, None, seed)
    for i, (case, wanted) in enumerate(zip(cases, expected, strict=True)):
        if i == len(outcomes):
            message = "The run ended before the last case."
            return Verdict(exercise.name, "error", message, max_points=exercise.points)
        complaint = _complaint(exercise, outcomes[i], wanted, case)
        if complaint:
            return _verdict(exercise, outcomes, i, complaint, case, seed)
    return Verdict(exercise.name, "correct", max_points=exercise.points)


@functools.lru_cache(maxsize=1024)
def _outcomes(exercise: Exercise, mistake: str | None, seed: int) -> list[Outcome]:
    """What the reference gives, or the wrong answer behind a known mistake."""
    answer = exercise.reference if mistake is None else exercise.mistakes[mistake]
    return run(exercise.asked, answer, seed)


@dataclass(frozen=True)
class Complaint:
    """What is wrong with one outcome: a sentence, and the part of the outcome that it is about."""

    sentence: str
    returned: Any = None
    expected: Any = None


def _verdict(exercise, outcomes, i, complaint, case, seed) -> Verdict:
    """The verdict on an answer that went wrong at case `i`."""
    failure = outcomes[i].failure
    details = []
    if case and not (failure and failure.type_name == "OtherKind"):
        details.append(f"Input:    {_arguments(exercise, case)}")
    if not failure and complaint.returned is not complaint.expected:
        details.append(f"Returned: {show(complaint.returned)}")
        details.append(f"Expected: {show(complaint.expected)}")
    if outcomes[i].printed.strip():
        details.append(f"It printed: {outcomes[i].printed.strip()[:300]}")
    mistake = _known_mistake(exercise, outcomes, i, seed)
    if mistake and mistake != complaint.sentence:
        details.insert(0, complaint.sentence)
    unusable = failure and failure.type_name == "Unusable"  # it ran, but gave something else
    status = "error" if failure and not unusable and not mistake else "wrong"
    message = mistake or complaint.sentence
    return Verdict(exercise.name, status, message, "\n".join(details), exercise.points)


def _known_mistake(exercise, outcomes, i, seed) -> str | None:
    """The known mistake whose outcomes look like these: at case `i`, and at most others."""
    cases = exercise.asked.cases(torch.Generator().manual_seed(seed))
    expected = _outcomes(exercise, None, seed)
    best, most = None, 0
    for message in exercise.mistakes:
        rows = zip(outcomes, _outcomes(exercise, message, seed), expected, cases, strict=False)
        same = [_alike(exercise, *row) for row in rows]
        if len(same) > i and same[i] and sum(same) > most:
            best, most = message, sum(same)
    return best


def _alike(exercise, outcome: Outcome, mistake: Outcome, wanted: Outcome, case) -> bool:
    """Whether two outcomes are the same for this exercise; with a judge: earn the same complaint."""
    if outcome.failure or mistake.failure:
        a, b = outcome.failure, mistake.failure
        return bool(a and b) and (a.type_name, a.text) == (b.type_name, b.text)
    if outcome.changed_arguments != mistake.changed_arguments:
        return False
    if exercise.judge:
        one, other = (_complaint(exercise, o, wanted, case) for o in (outcome, mistake))
        return (one and one.sentence) == (other and other.sentence)
    return _difference(outcome.value, mistake.value, exercise.tol) is None


def _complaint(exercise: Exercise, outcome: Outcome, wanted: Outcome, case) -> Complaint | None:
    """What is wrong with one outcome, or None: it raised, its form, its arguments, its values."""
    if outcome.failure:
        return Complaint(_explain_failure(exercise, outcome.failure))
    if exercise.judge:
        difference = _difference(outcome.value, wanted.value, None)
    else:
        difference = _difference(outcome.value, wanted.value, exercise.tol)
    if outcome.changed_arguments:
        return Complaint("It changes an argument in place; work on a copy.")
    if exercise.judge and not difference:
        sentence = exercise.judge(outcome.value, *case)
        return sentence and Complaint(sentence)
    return difference


def _explain_failure(exercise: Exercise, failure) -> str:
    """An exception in words that say what to do, where that can be known."""
    if failure.type_name == "OtherKind":
        return (
            f"It should be a {exercise.asked.kind}, but it is of type {failure.text}."
            f" Hand it over by its name alone: check({exercise.name!r}, {exercise.name})."
        )
    where = f"\n{failure.line}" if failure.line else ""
    if failure.type_name == "Unusable":
        return failure.text
    if failure.type_name == "ReturnedNothing":
        return "It returned None. Is a `return` missing at its end?"
    if failure.type_name == "RecursionError":
        return f"It calls itself without end.{where}"
    if failure.type_name == "SystemExit":
        return f"It called exit(). An answer should return a value instead.{where}"
    text = f"It raised {failure.type_name}" + (f": {failure.text}" if failure.text else ".")
    if "NoneType" in failure.text:
        text += "\nSomething is None: is a `return` missing in one of your functions?"
    if failure.type_name == "TypeError" and not failure.line and exercise.asked.kind != "value":
        text += f"\nIt should be usable as {exercise.name}({exercise.asked.signature})."
    return text + where


# -- comparing -----------------------------------------------------------------------------------


def _difference(value, wanted, tol: float | None, what="the result") -> Complaint | None:
    """The first difference between two pieces of plain data, or None.

    Part by part, structure, shape and dtype come before values; tol=None leaves the values out.
    """

    def complaint(sentence: str) -> Complaint:
        return Complaint(f"{what[0].upper()}{what[1:]} {sentence}", value, wanted)

    if isinstance(wanted, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(wanted):
        advice = _advice(value, wanted, what)
        return complaint(f"is {_kind(value)}, expected {_kind(wanted)}.{advice}")
    if isinstance(wanted, dict):
        if value.keys() != wanted.keys():
            return complaint(f"has the keys {list(value)}, expected {list(wanted)}.")
        parts = [(value[key], wanted[key], tol, key) for key in wanted]
    elif isinstance(wanted, list | tuple):
        if len(value) != len(wanted):
            return complaint(f"has {len(value)} items, expected {len(wanted)}.")
        parts = [(value[i], wanted[i], tol, f"item {i} of {what}") for i in range(len(wanted))]
    elif isinstance(wanted, torch.Tensor):
        if value.shape != wanted.shape:
            return complaint(f"has shape {tuple(value.shape)}, expected {tuple(wanted.shape)}.")
        if value.dtype != wanted.dtype:
            return complaint(f"has dtype {value.dtype}, expected {wanted.dtype}.")
        return None if tol is None else _difference_in_numbers(value, wanted, tol, complaint)
    elif tol is None:
        return None
    elif isinstance(wanted, float):
        numbers = torch.tensor(value), torch.tensor(wanted)
        return _difference_in_numbers(*numbers, tol, complaint)
    else:
        return None if value == wanted else complaint("is wrong.")
    return next(filter(None, (_difference(*part) for part in parts)), None)


def _difference_in_numbers(value, wanted, tol: float, complaint) -> Complaint | None:
    """Where two tensors of one shape and dtype first differ, or None."""
    if wanted.is_floating_point():
        tol = tol / 1000 if wanted.dtype == torch.float64 else tol
        wrong = ~torch.isclose(value, wanted, rtol=tol, atol=tol / 10, equal_nan=True)
        if (value.isnan() & wrong).any():
            return complaint("contains NaN (not a number).")
    else:
        wrong = value != wanted
    if not wrong.any():
        return None
    place = [int(i) for i in wrong.nonzero()[0]]
    if wanted.numel() <= MOST_SHOWN:
        return complaint(f"is wrong at {place}." if place else "is wrong.")
    # A large tensor: show the element instead.
    element = (value[tuple(place)], wanted[tuple(place)])
    return Complaint(complaint(f"is wrong at {place}.").sentence, *element)


# -- words ---------------------------------------------------------------------------------------


def _advice(value, wanted, what: str) -> str:
    if value is None and what.startswith("the gradient"):
        return " Was the result cut off by .item(), .detach(), .data, numpy or a new tensor?"
    if value is None:
        return " Is a `return` missing?"
    if isinstance(value, torch.Tensor) and isinstance(wanted, float | int):
        return " `.item()` turns a tensor of one element into a number."
    if isinstance(wanted, torch.Tensor):
        return " Compute it with torch, on tensors."
    return ""


def _kind(value) -> str:
    names = {torch.Tensor: "a tensor", int: "an int", type(None): "None"}
    if isinstance(value, Foreign):
        return f"of type {value.type_name}"
    return names.get(type(value), f"a {type(value).__name__}")


def _arguments(exercise: Exercise, case: tuple) -> str:
    """The case as `z = …, dim = …`, with the names that its `use` gives, or else the lesson."""
    names = list(inspect.signature(exercise.asked.use).parameters.values())[1:]
    if any(name.kind is name.VAR_POSITIONAL for name in names):
        names = exercise.asked.signature.split(", ")
    else:
        names = [name.name for name in names]
    return ", ".join(f"{name} = {show(value)}" for name, value in zip(names, case, strict=False))


def show(value) -> str:
    """A value in one short line: small tensors in full, large ones by shape and first elements."""
    if isinstance(value, torch.Tensor):
        if value.numel() <= MOST_SHOWN:
            return show(value.tolist())
        start = ", ".join(show(element) for element in value.flatten()[:4].tolist())
        return f"tensor of shape {tuple(value.shape)}: [{start}, …]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        shown = ", ".join(show(item) for item in value[:MOST_SHOWN]) + (
            ", …" if len(value) > MOST_SHOWN else ""
        )
        return f"[{shown}]" if isinstance(value, list) else f"({shown})"
    if isinstance(value, Foreign):
        return f"an object of type {value.type_name}"
    if isinstance(value, torch.nn.Module):
        return f"a {type(value).__name__}"
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return f"{value:.4g}" if isinstance(value, float) else repr(value)
