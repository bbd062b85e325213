"""What the exercises ask: cases, and how an answer is used on them. One file a lesson.

This folder is all of the exercises that goes to where a stranger's answer runs. Nothing in it may
hold or import a right answer; `tests/test_boundary.py` looks for every one of them.
"""

import functools
import importlib
import pkgutil

from nnlib.checking.exercise import Asked


@functools.cache
def everything() -> dict[str, Asked]:
    """What is asked in each exercise, by its name."""
    return {asked.name: asked for exercises in _by_lesson().values() for asked in exercises}


@functools.cache
def lessons() -> dict[str, str]:
    """For each exercise, by name, its lesson: the name of the file here, such as ``"perceptron"``."""
    return {asked.name: lesson for lesson, exercises in _by_lesson().items() for asked in exercises}


@functools.cache
def _by_lesson() -> dict[str, list[Asked]]:
    found = {}
    for module in pkgutil.iter_modules(__path__):
        values = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        found[module.name] = [value for value in values if isinstance(value, Asked)]
    return found
