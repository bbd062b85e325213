"""Does a wrong answer behave exactly like a right one with a single change? Then say which.

The right answers are our own solutions. Only they and their variants are run here, where the marks
are, and never a learner's code. None of them loops without end: the tests run them all.
"""

import contextlib
import dataclasses
import functools
import warnings

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from nnlib.checking import edits, solutions
from nnlib.checking.comparing import same
from nnlib.checking.exercise import Asked, Exercise
from nnlib.checking.running import Outcome, load, run

MOST_WORK = 60_000
"""So much may be run in a search, in operations of torch: about a second. By work and not by the
clock, so that an answer is told the same on a busy machine."""


def explain(
    exercise: Exercise, outcomes: list[Outcome], expected: list[Outcome], seed: int
) -> str | None:
    """The change to a right answer that gives these wrong outcomes in every case, as a sentence.

    outcomes: what a wrong answer gave on the cases of this seed; expected: what the reference gave.
    None where no single change does; where nothing but exceptions came out, which speak for
    themselves; and where the answer is a value, which would be given away.
    """
    if exercise.asked.kind == "value" or all(outcome.failure for outcome in outcomes):
        return None
    right, changed = _trials(exercise, seed)
    if right is None or not _is_right(exercise, right, expected, seed):
        return None
    work = right.work
    cheapest_first = sorted(range(len(outcomes)), key=lambda i: work[i])
    done = 0
    for kind, trial in changed:
        for i in cheapest_first:
            done += work[i]
            if not same(trial.outcome(i), outcomes[i], exercise.tol):
                break
        else:
            return f"It behaves exactly like a right answer in which {kind}."
        if done > MOST_WORK:
            return None
    return None


@contextlib.contextmanager
def quiet():
    """No warnings: what they are about was not written by a learner."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class _Trial:
    """Runs a program on single cases, as far as it is asked for, and remembers."""

    def __init__(self, program: str, one_by_one: list[Asked], seed: int):
        self.program, self.one_by_one, self.seed = program, one_by_one, seed
        self.outcomes: dict[int, Outcome] = {}

    def outcome(self, i: int) -> Outcome:
        if i not in self.outcomes:
            self.outcomes[i] = self._run(i)
        return self.outcomes[i]

    def _run(self, i: int) -> Outcome:
        with quiet():
            return run(self.one_by_one[i], self.answer, self.seed)[0]

    @functools.cached_property
    def answer(self):
        return load(self.program, self.one_by_one[0].name)

    @functools.cached_property
    def work(self) -> list[float]:
        """What it costs to run the program on each case."""
        costs = []
        for i in range(len(self.one_by_one)):
            with _Operations() as operations:
                self._run(i)
            costs.append(operations.work)
        return costs


class _Operations(TorchDispatchMode):
    """Adds up what torch does: so many operations, and more for those with many numbers."""

    work = 20.0  # for all around them

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        numbers = sum(one.numel() for one in args if isinstance(one, torch.Tensor))
        self.work += 1 + numbers / 2_000
        return function(*args, **(kwargs or {}))


@functools.lru_cache(maxsize=128)
def _trials(exercise: Exercise, seed: int) -> tuple[_Trial | None, list[tuple[str, _Trial]]]:
    """The solution, if it is here, and its variants with their kinds, ready to be run."""
    source = solutions.source(exercise.name)
    if source is None:
        return None, []
    cases = exercise.asked.cases(torch.Generator().manual_seed(seed))
    one_by_one = [
        dataclasses.replace(exercise.asked, cases=lambda generator, case=case: [case])
        for case in cases
    ]
    changed = [
        (variant.kind, _Trial(variant.source, one_by_one, seed))
        for variant in edits.variants(source)
    ]
    return _Trial(source, one_by_one, seed), changed


def _is_right(exercise: Exercise, trial: _Trial, expected: list[Outcome], seed: int) -> bool:
    """Whether the solution is one of this very exercise, on the cases of this seed."""
    cases = exercise.asked.cases(torch.Generator().manual_seed(seed))
    for i, case in enumerate(cases):
        outcome = trial.outcome(i)
        if exercise.judge:
            if outcome.failure or exercise.judge(outcome.value, *case):
                return False
        elif not same(outcome, expected[i], exercise.tol):
            return False
    return True
