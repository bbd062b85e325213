"""What an exercise is: a reference, some cases, and the mistakes people make.

It has two halves. What is *asked* goes to where an answer runs, which may be a stranger's process;
what is *known* never does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from nnlib.checking.use import call


@dataclass(frozen=True, eq=False)
class Asked:
    """The half of an exercise that may leave: what an answer is given, and how it is used.

    name: the name that an answer defines, such as ``"softmax"``.
    kind: what an answer is: ``"function"``, ``"class"`` or ``"value"``.
    signature: the lesson's parameters of a function or class, such as ``"z, dim"``.
    cases: ``cases(generator)`` -> list of tuples of arguments; random ones are drawn from the
        given ``torch.Generator``, so that another seed gives other cases.
    use: ``use(answer, *case)`` runs the answer and returns plain data: tensors, numbers, strings,
        None, and lists, tuples and dicts of them. It may tell a little story (train, evaluate,
        look at the state). It runs where the answer runs.
    """

    name: str
    cases: Callable[[torch.Generator], list[tuple]]
    use: Callable = call
    kind: str = "function"
    signature: str = ""


@dataclass(frozen=True, eq=False)  # eq=False: an exercise is itself, and can be a cache's key
class Exercise:
    """One exercise, for the check in a notebook, for the grader and for the tests alike.

    asked: its other half.
    reference: a right answer, from torch itself where it has one.
    judge: ``judge(outcome, *case)`` -> a complaint (one sentence) or None, for exercises with more
        than one right outcome. Without it, outcomes are compared with the reference's. It runs
        where the marks are, and sees only outcomes with the reference's structure, shapes, dtypes.
    any_form: its judge sees every outcome, whatever its structure.
    mistakes: ``{message: wrong answer}``; an outcome like the wrong answer's earns that message.
    hints: shown one at a time, from a nudge to nearly everything.
    points: what a right answer is worth; 0 for a prediction, which is made before one looks.
    tol: relative tolerance for float32; a tenth of it absolute; float64 gets a thousandth of both.
    """

    asked: Asked
    reference: Any
    judge: Callable | None = None
    any_form: bool = False
    mistakes: dict[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    points: int = 1
    tol: float = 1e-4

    @property
    def name(self) -> str:
        return self.asked.name


def in_words(status: str, max_points: int) -> str:
    """A status as people are told it; a prediction, which is worth no points, has its own."""
    told = {"todo": "to do"}
    if not max_points:
        told |= {"correct": "as you said", "wrong": "not so"}
    return told.get(status, status)


@dataclass(frozen=True)
class Verdict:
    """What a check found; true exactly when the answer passed.

    status: ``"correct"``, ``"wrong"``, ``"todo"`` (the hole is still a hole) or ``"error"`` (the
        answer raised, or could not be run).
    message: one or two sentences, free of inputs and solutions; empty when there is nothing to say.
    details: the input, what came back and what was expected, as lines of text.
    parts, right_parts: how many parts an answer gives, and how many of them are right in every
        case; 0 of 0 where that could not be found out.
    """

    name: str
    status: str
    message: str = ""
    details: str = ""
    max_points: int = 0
    parts: int = 0
    right_parts: int = 0

    @property
    def passed(self) -> bool:
        return self.status == "correct"

    @property
    def points(self) -> int:
        return self.max_points if self.passed else 0

    def __bool__(self) -> bool:
        return self.passed

    @property
    def in_words(self) -> str:
        return in_words(self.status, self.max_points)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.in_words}"]
        lines += [f"  {line}" for line in (self.message + "\n" + self.details).splitlines() if line]
        return "\n".join(lines)

    def _ipython_display_(self) -> None:
        """Show nothing: `check` has shown the verdict already."""
