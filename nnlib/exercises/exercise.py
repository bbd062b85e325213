"""What an exercise is: a reference, some cases, and the mistakes people make."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch


def call(answer, *case):
    """Use an answer in the plainest way: call it with the case's arguments."""
    return answer(*case)


def differentiate(*names):
    """The `use` that calls an answer, then sends gradients back through its result.

    names: the floating-point tensors among the arguments, in order. The outcome is a dict:
    ``"the result"`` and, for each name, ``"the gradient for NAME"`` of a fixed weighted sum of the
    result, or None where autograd finds no connection.
    """

    def use(answer, *case):
        outcome = {"the result": answer(*case)}
        # Copies of fresh leaves go in: an answer that works in place then fails in no other way.
        leaves = [a.detach().clone().requires_grad_() for a in case if _is_float_tensor(a)]
        copies = iter([leaf.clone() for leaf in leaves])
        result = answer(*(next(copies) if _is_float_tensor(a) else a for a in case))
        gradients = [None] * len(leaves)
        if isinstance(result, torch.Tensor) and result.requires_grad:
            # Every element weighs differently: in a plain sum, gradients could cancel unseen.
            weights = torch.cos(torch.arange(result.numel(), dtype=result.dtype))
            weights = weights.reshape(result.shape)
            gradients = torch.autograd.grad(result, leaves, weights, allow_unused=True)
        for name, gradient in zip(names, gradients, strict=True):
            outcome[f"the gradient for {name}"] = gradient
        return outcome

    return use


def _is_float_tensor(value) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def number(value):
    """A Python float for a number or a 0-d tensor; anything else is passed on as it is."""
    if isinstance(value, torch.Tensor) and value.dim() == 0 and not value.is_complex():
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value


@dataclass(frozen=True, eq=False)  # eq=False: an exercise is itself, and can be a cache's key
class Exercise:
    """One exercise, for the check in a notebook, for the grader and for the tests alike.

    name: the name that an answer defines, such as ``"softmax"``.
    reference: a right answer, from torch itself where it has one.
    cases: ``cases(generator)`` -> list of tuples of arguments; random ones are drawn from the
        given ``torch.Generator``, so that another seed gives other cases.
    use: ``use(answer, *case)`` runs the answer and returns plain data: tensors, numbers, strings,
        None, and lists, tuples and dicts of them. It may tell a little story (train, evaluate,
        look at the state). It runs where the answer runs.
    judge: ``judge(outcome, *case)`` -> a complaint (one sentence) or None, for exercises with more
        than one right outcome. Without it, outcomes are compared with the reference's. It runs
        where the marks are, and sees only outcomes with the reference's structure, shapes, dtypes.
    mistakes: ``{message: wrong answer}``; an outcome like the wrong answer's earns that message.
    hints: shown one at a time, from a nudge to nearly everything.
    points: what a right answer is worth.
    tol: relative tolerance for float32; a tenth of it absolute; float64 gets a thousandth of both.
    """

    name: str
    reference: Any
    cases: Callable[[torch.Generator], list[tuple]]
    use: Callable = call
    judge: Callable | None = None
    mistakes: dict[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    points: int = 1
    tol: float = 1e-4


@dataclass(frozen=True)
class Verdict:
    """What a check found; true exactly when the answer passed.

    status: ``"correct"``, ``"wrong"``, ``"todo"`` (the hole is still a hole) or ``"error"`` (the
        answer raised, or could not be run).
    message: one or two sentences, free of inputs and solutions; empty when there is nothing to say.
    details: the input, what came back and what was expected, as lines of text.
    """

    name: str
    status: str
    message: str = ""
    details: str = ""
    max_points: int = 0

    @property
    def passed(self) -> bool:
        return self.status == "correct"

    @property
    def points(self) -> int:
        return self.max_points if self.passed else 0

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        status = "to do" if self.status == "todo" else self.status
        lines = [f"{self.name}: {status}"]
        lines += [f"  {line}" for line in (self.message + "\n" + self.details).splitlines() if line]
        return "\n".join(lines)

    def _ipython_display_(self) -> None:
        """Show nothing: `check` has printed the verdict already."""
