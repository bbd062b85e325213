"""Values and arguments as people read them: short, in one line, the same every time."""

import inspect

import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.running import Foreign

MOST_SHOWN = 24
"""Up to so many elements, a tensor or list is shown in full."""

MOST_CHARACTERS = 400
"""In a longer case, fewer elements of each tensor and list are shown."""


def arguments(asked: Asked, case: tuple) -> dict:
    """The values of a case under the names that its `use` gives them, or else the lesson."""
    parameters = list(inspect.signature(asked.use).parameters.values())[1:]
    names = [parameter.name for parameter in parameters]
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        names = asked.signature.split(", ")
    return dict(zip(names, case, strict=False))


def show_arguments(asked: Asked, case: tuple) -> str:
    """The case as `z = …, dim = …`: in full where that is no wall of numbers."""
    for most in (MOST_SHOWN, MOST_SHOWN // 2, MOST_SHOWN // 4, 1):
        named = arguments(asked, case).items()
        shown = ", ".join(f"{name} = {show(value, most=most)}" for name, value in named)
        if len(shown) <= MOST_CHARACTERS:
            break
    return shown


def show_both(value, other, form: bool) -> tuple[str, str]:
    """Two values that differ, with as many digits as it takes to see that; or in their form."""
    for digits in (4,) if form else (4, 6, 9):
        both = show(value, digits), show(other, digits)
        if both[0] != both[1]:
            return both
    return show(value), show(other)


def show(value, digits: int = 4, most: int = MOST_SHOWN) -> str:
    """A value in one short line: small tensors in full, large ones by shape and first elements."""
    if isinstance(value, torch.Tensor):
        if value.numel() <= most:
            return show(value.tolist(), digits)
        start = ", ".join(show(element, digits) for element in value.flatten()[:4].tolist())
        return f"tensor of shape {tuple(value.shape)}: [{start}, …]"
    if isinstance(value, dict):
        items = (f"{key}: {show(item, digits, most)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list | tuple):
        shown = [show(item, digits, most) for item in value[:most]]
        if len(value) > most:
            shown.append("…")
        inside = ", ".join(shown)
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if isinstance(value, Foreign):
        return f"an object of type {value.type_name}"
    if isinstance(value, torch.nn.Module):
        inside = ", ".join(show(child) for child in value.children()) or value.extra_repr()
        return f"{type(value).__name__}({inside})"
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, float):
        return f"{value + 0.0:.{digits}g}"  # + 0.0: no one is helped by a -0
    return repr(value)


def kind(value) -> str:
    """What a value is, with its article: "a tensor", "an int", "None"."""
    names = {torch.Tensor: "a tensor", int: "an int", float: "a float", type(None): "None"}
    if isinstance(value, Foreign):
        return f"of type {value.type_name}"
    return names.get(type(value), f"a {type(value).__name__}")


_PHRASES = ("the", "its", "item", "what", "whether")


def capitalized(sentence: str) -> str:
    """With a capital, if the first word is a word: a name such as b2 stays as it is written."""
    if sentence.split(" ", 1)[0] in _PHRASES:
        return sentence[0].upper() + sentence[1:]
    return sentence
