"""What a hole looks like once Python has compiled it.

A hole is a function, or a class, with nothing in it but `...` and perhaps a docstring, or the value
`...` itself. It is recognised by its code, never by what it returns: a function whose `return` was
forgotten is an attempt.
"""

import types

import torch


def _hole(): ...


def _documented_hole():
    """With a docstring."""
    ...


_BYTECODES = {_hole.__code__.co_code, _documented_hole.__code__.co_code}


def is_hole(answer) -> bool:
    """Whether a function, class or value is still as the lesson left it."""
    if answer is ...:
        return True
    if isinstance(answer, types.FunctionType):
        code = answer.__code__
        return code.co_code in _BYTECODES and set(code.co_consts) <= {None, answer.__doc__}
    if isinstance(answer, type):
        # An empty class that inherits from one of torch's layers is an answer: it does what that does.
        plain = answer.__bases__ in ((object,), (torch.nn.Module,))
        return plain and set(vars(answer)) <= _in_an_empty_class(answer)
    return False


def _in_an_empty_class(answer: type) -> set[str]:
    """The attributes that a subclass of the same bases has with nothing in its body."""

    class Empty(*answer.__bases__): ...

    return set(vars(Empty))
