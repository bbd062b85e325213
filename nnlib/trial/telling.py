"""What students are told of what their code did: nothing that could carry an input out.

The inputs of a grading are hidden, and an answer sees them. It could raise an exception whose text,
or whose very name, spells them. So a text is told only if it is one that Python or torch itself
writes, with names in it that stand in the student's own files and without its numbers; a type's
name if it is Python's or torch's; a line of code if it stands in the files.
"""

import builtins
import json
import re
from dataclasses import replace

import torch

from nnlib.checking.running import RETURNED_NOTHING, Failure, Foreign, Outcome

PUBLIC_SEED = 0
"""The seed of `check` in a notebook: what it draws is no secret, and all is told."""

OWN_EXCEPTION = "an exception of its own"
OWN_TYPE = "(its own)"

_OURS = ("OtherKind", "WrongArguments", "ReturnedNothing", "Unusable", "TooLarge")  # of `running`
_NAME = r"'?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)'?"
_NUMBERS = r"[\d\sx,()\[\]…-]*"
_TEXTS = [
    re.compile(text)
    for text in (
        rf"name {_NAME} is not defined.*?",
        rf"cannot access local variable {_NAME} where it is not associated with a value",
        rf"{_NAME} object has no attribute {_NAME}",
        rf"(?:type object|module) {_NAME} has no attribute {_NAME}",
        rf"{_NAME} object is not (?:callable|iterable|subscriptable|an iterator)",
        rf"{_NAME} object does not support item assignment",
        rf"No module named {_NAME}",
        rf"cannot import name {_NAME} from {_NAME}.*",
        rf"{_NAME}\(\) takes {_NUMBERS}positional arguments? but {_NUMBERS}(?:was|were) given",
        rf"{_NAME}\(\) takes no arguments",
        rf"{_NAME}\(\) missing {_NUMBERS}required positional arguments?:.*",
        rf"{_NAME}\(\) got an unexpected keyword argument {_NAME}",
        rf"unsupported operand type\(s\) for \S+: {_NAME} and {_NAME}",
        r"division by zero|list index out of range|tuple index out of range|pop from empty list",
        rf"(?:too many|not enough) values to unpack \(expected {_NUMBERS}(?:got )?{_NUMBERS}\)",
        r"maximum recursion depth exceeded.*?",
        rf"mat1 and mat2 shapes cannot be multiplied \({_NUMBERS}and{_NUMBERS}\)",
        rf"The size of tensor a \({_NUMBERS}\) must match the size of tensor b \({_NUMBERS}\)"
        rf" at non-singleton dimension {_NUMBERS}",
        rf"shape '{_NUMBERS}' is invalid for input of size {_NUMBERS}",
        rf"Dimension out of range \(expected to be in range of {_NUMBERS}but got {_NUMBERS}\)",
        rf"index {_NUMBERS}is out of bounds for dimension {_NUMBERS}with size {_NUMBERS}",
        r"expected m1 and m2 to have the same dtype, but got: \w+ != \w+",
        rf"a Tensor with {_NUMBERS}elements cannot be converted to Scalar",
        r"only one element tensors can be converted to Python scalars",
        r"Boolean value of Tensor with more than one value is ambiguous",
        rf"element {_NUMBERS}of tensors does not require grad and does not have a grad_fn",
        r"Trying to backward through the graph a second time.*",
        r"a leaf Variable that requires grad is being used in an in-place operation.*",
        r"grad can be implicitly created only for scalar outputs",
        r"expected '.{1,2}'|invalid syntax.*|unexpected indent|expected an indented block.*"
        r"|'.' was never closed|unmatched '.'|unterminated string literal.*|source code .*null bytes",
    )
]
_TYPES = {
    name
    for room in (builtins, torch, torch.nn)
    for name, value in vars(room).items()
    if isinstance(value, type)
} | {"ndarray", "function", "method", "module", "generator", "NoneType", "LinAlgError", "F"}


def without_inputs(outcomes: list[Outcome], files: list[bytes]) -> list[Outcome]:
    """The outcomes with nothing in them to tell but what may be told. files: the student's."""
    return [
        replace(
            outcome,
            value=_without_own_types(outcome.value),
            failure=outcome.failure and failure_without_inputs(outcome.failure, files),
            printed="",
        )
        for outcome in outcomes
    ]


def failure_without_inputs(failure: Failure, files: list[bytes]) -> Failure:
    """The failure with nothing in it to tell but what may be told."""
    name, text = failure.type_name, failure.text
    if name == "OtherKind":
        text = text if text in _TYPES else OWN_TYPE
    elif name == "ReturnedNothing":
        text = text if text in RETURNED_NOTHING else RETURNED_NOTHING[0]
    elif name == "Unusable":
        text = "The check cannot work with what it got."
    else:
        text = _text(text, files)
    if name not in _OURS and name not in _TYPES:
        name = OWN_EXCEPTION
    return Failure(name, text, _line(failure.line, files))


def message_without_strings(message: str, outcomes: list[Outcome], known: str) -> str:
    """The message without the strings of the outcomes that stand nowhere in the known text."""
    own = {text for outcome in outcomes for text in _strings(outcome.value) if text not in known}
    for text in sorted(own, key=len, reverse=True):
        message = message.replace(text, "…")
    return message


def _text(text: str, files: list[bytes]) -> str:
    first = text.strip().split("\n")[0]
    for pattern in _TEXTS:
        if match := pattern.fullmatch(first):
            words = re.findall(r"[A-Za-z_]\w*", " ".join(filter(None, match.groups())))
            if all(word in _TYPES or _is_in(word, files) for word in words):
                return re.sub(r"[A-Za-z_]\w*|\d+", lambda m: _told(m[0], words), first)
    return ""


def _told(token: str, words: list[str]) -> str:
    return token if token in (*words, "mat1", "mat2", "m1", "m2") else re.sub(r"\d+", "…", token)


def _line(line: str, files: list[bytes]) -> str:
    """The line of code, and the function that it is in, if both stand in the files."""
    place = re.match(r"(?:line \d+ of|in) (\w+): |line \d+: ", line)
    code = line[place.end() :] if place else line
    if not code or not _is_in(code, files):
        return ""
    function = place and place[1]
    return f"in {function}: {code}" if function and _is_in(function, files) else code


def _without_own_types(value):
    """The value, in which the stand-ins for other objects say only well-known types."""
    if isinstance(value, Foreign):
        return value if value.type_name.rpartition(".")[2] in _TYPES else Foreign(OWN_TYPE)
    if isinstance(value, list | tuple):
        return type(value)(_without_own_types(item) for item in value)
    if isinstance(value, dict):
        return {key: _without_own_types(item) for key, item in value.items()}
    return value


def _strings(value) -> set[str]:
    """All strings in a value, those of its dicts' keys among them."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, list | tuple):
        return {text for item in value for text in _strings(item)}
    if isinstance(value, dict):
        return set(value) | {text for item in value.values() for text in _strings(item)}
    return set()


def _is_in(text: str, files: list[bytes]) -> bool:
    """Whether a text stands in one of the files, as it is or as JSON has it."""
    forms = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return any(form.encode("utf-8", "replace") in file for form in forms for file in files)
