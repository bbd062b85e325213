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
    found = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Asked):
                found[value.name] = value
    return found
