"""What stopped an answer, in a beginner's words.

An exception's own text stays visible, for it is what a learner will meet elsewhere. The sentence
after it says what that means and what to look at in the line that raised.
"""

import re

from nnlib.checking.exercise import Asked
from nnlib.checking.meanings import meaning
from nnlib.checking.running import Failure

LONGEST = 200
"""Of an exception's own text, so many characters of its first line are shown."""


def in_words(failure: Failure, asked: Asked) -> str:
    """What stopped an answer: the exception, what it means where that is known, and the line."""
    usable = f"It should be usable as {asked.name}({asked.signature})."
    lines = []
    match failure.type_name:
        case "OtherKind":
            return (
                f"It should be a {asked.kind}, but it is of type {failure.text}."
                f" Hand it over by its name alone: check({asked.name!r}, {asked.name})."
            )
        case "WrongArguments":
            return f"It cannot be called with the lesson's arguments: {failure.text}\n{usable}"
        case "Unusable":
            lines = [failure.text, _meaning_within(failure.text)]
            lines += [usable] if "__init__()" in failure.text else []
        case "ReturnedNothing":
            return failure.text
        case "RecursionError":
            lines = ["It calls itself without end."]
        case "SystemExit":
            lines = ["It called exit(). An answer should return a value instead."]
        case _:
            text = _first_line(failure.text)
            lines = [f"It raised {failure.type_name}" + (f": {text}" if text else "."), ""]
            lines[1] = meaning(failure.type_name, failure.text, failure.line)
    return "\n".join(filter(None, [*lines, failure.line]))


def _first_line(text: str) -> str:
    first = text.strip().split("\n")[0]
    return first if len(first) <= LONGEST else first[: LONGEST - 1] + "…"


def _meaning_within(text: str) -> str:
    """The meaning of an exception that is quoted in a longer text."""
    quoted = re.search(r"\b([A-Z]\w+): (.*)", text, re.DOTALL)
    return meaning(*quoted.groups(), "") if quoted else ""
