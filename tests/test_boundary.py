"""What a stranger's process can reach holds no right answer."""

import dataclasses
import types

import pytest

from nnlib.checking.running import run
from nnlib.exercises import asked, catalog

ALL = [exercise for group in catalog.LESSONS.values() for exercise in group]


def reachable(root) -> list:
    """Every function that can be reached from a value: globals, closures, defaults, containers."""
    found, waiting, seen = [], [root], set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, types.FunctionType):
            if not value.__module__.startswith("nnlib"):
                continue
            found.append(value)
            waiting += [cell.cell_contents for cell in value.__closure__ or ()]
            waiting += list(value.__globals__.values()) + list(value.__defaults__ or ())
        elif isinstance(value, asked.Asked):
            waiting += [value.cases, value.use]
        elif isinstance(value, dict):
            waiting += list(value.values())
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += list(value)
        elif isinstance(value, types.ModuleType) and value.__name__.startswith("nnlib"):
            waiting += list(vars(value).values())
        elif isinstance(value, type) and value.__module__.startswith("nnlib"):
            found.append(value)
            waiting += list(vars(value).values())
    return found


REACHABLE = reachable(asked.everything())


def test_the_search_finds_what_is_there():
    names = {value.__name__ for value in REACHABLE}
    assert {"differentiate", "call", "Asked"} <= names and len(names) > 100


def _code(function) -> tuple | None:
    code = getattr(function, "__code__", None)
    return code and (code.co_code, code.co_consts, code.co_names)


def _like_the_reference(what_is_asked, reference, suspects) -> list:
    right = repr(run(what_is_asked, reference, seed=3))
    return [value for value in suspects if repr(run(what_is_asked, value, seed=3)) == right]


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_nothing_that_goes_out_is_a_right_answer(exercise):
    """No function or class in there is the reference, has its code, or does its work."""
    assert exercise.reference not in REACHABLE
    if exercise.asked.kind == "value":
        return
    assert not [
        value for value in REACHABLE if _code(value) and _code(value) == _code(exercise.reference)
    ]
    if exercise.judge:
        return
    first = dataclasses.replace(  # one case tells most of them apart
        exercise.asked, cases=lambda generator: exercise.asked.cases(generator)[:1]
    )
    found = _like_the_reference(first, exercise.reference, REACHABLE)
    found = _like_the_reference(exercise.asked, exercise.reference, found)
    assert not found


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_both_halves_draw_the_same_cases(exercise):
    assert asked.everything()[exercise.name] is exercise.asked
    assert exercise.asked.kind == (
        "class" if isinstance(exercise.reference, type)
        else "function" if callable(exercise.reference) else "value"
    )  # fmt: skip
