"""The part of an exercise that may leave this process: how to use an answer, and on what.

The child that runs an answer must not hold right ones. So it gets the source of the exercise's
`use` and `cases`, with the helpers and imports that these need, and nothing else of the module.
"""

import ast
import functools
import hashlib
import importlib
import inspect
import pkgutil

import nnlib.exercises
from nnlib.course import answers
from nnlib.exercises import exercise, judging, running
from nnlib.exercises.exercise import Exercise

NAME = "the_slice"
"""What a slice defines: ``(cases, use, kind of answer)``."""


@functools.cache
def slice_of(exercise: Exercise) -> str:
    """Python source that defines `NAME`, without reference, judge and mistakes."""
    source, call = _find(exercise.name)
    parts = {
        keyword.arg: ast.get_source_segment(source, keyword.value) for keyword in call.keywords
    }
    uses = f"({parts['cases']}), ({parts.get('use', 'call')}), {_kind(exercise.reference)!r}"
    imported = "from nnlib.exercises.exercise import call\n"
    text = answers.program([imported, source, f"{NAME} = ({uses})"], NAME)
    if "Exercise(" in text:
        raise ValueError(
            f"{exercise.name}: its cases or use need a whole exercise, with its answer"
        )
    return text


@functools.cache
def version_of(name: str) -> str:
    """8 hexadecimal digits that change whenever what a verdict depends on, but the answer, does.

    That is the module of the exercise with this name, if there is one, and what runs and judges.
    """
    source, _ = _calls().get(name, ("", None))
    parts = [source, *map(inspect.getsource, (exercise, judging, running))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def _find(name: str) -> tuple[str, ast.Call]:
    """The source of the module that defines the exercise, and the call `Exercise(name=…)`."""
    if name not in _calls():
        raise ValueError(f"no exercise is written as Exercise(name={name!r}, …)")
    return _calls()[name]


@functools.cache
def _calls() -> dict[str, tuple[str, ast.Call]]:
    found = {}
    for module in pkgutil.iter_modules(nnlib.exercises.__path__, "nnlib.exercises."):
        source = inspect.getsource(importlib.import_module(module.name))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Exercise":
                named = [k.value for k in node.keywords if k.arg == "name"]
                if named and isinstance(named[0], ast.Constant):
                    found[named[0].value] = (source, node)
    return found


def _kind(reference) -> str:
    if isinstance(reference, type):
        return "class"
    return "function" if callable(reference) else "value"
