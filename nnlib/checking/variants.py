"""Does a wrong answer behave exactly like a right one with a single change? Then say which.

The right answers are our own solutions. Only they and their variants are run here, where the marks
are, and never a learner's code. None of them loops without end: the tests run them all.
"""

import contextlib
import dataclasses
import functools
import time
import warnings

import torch

from nnlib.checking import edits, solutions
from nnlib.checking.comparing import same
from nnlib.checking.exercise import Asked, Exercise
from nnlib.checking.running import Outcome, load, run

SECONDS = 1.5
"""So long a search may take; what has been run by then is not run again at the next one."""


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
    end = time.perf_counter() + SECONDS
    for kind, trial in changed:
        if time.perf_counter() > end:
            break
        if all(same(trial.outcome(i), o, exercise.tol) for i, o in enumerate(outcomes)):
            return f"It behaves exactly like a right answer in which {kind}."
    return None


@contextlib.contextmanager
def quiet():
    """No warnings: what they are about was not written by a learner."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class _Trial:
    """Runs a program on one case after another, as far as it is asked for, and remembers."""

    def __init__(self, program: str, one_by_one: list[Asked], seed: int):
        self.program, self.one_by_one, self.seed = program, one_by_one, seed
        self.outcomes: list[Outcome] = []

    def outcome(self, i: int) -> Outcome:
        while len(self.outcomes) <= i:
            asked = self.one_by_one[len(self.outcomes)]
            with quiet():
                self.outcomes += run(asked, self.answer, self.seed)
        return self.outcomes[i]

    @functools.cached_property
    def answer(self):
        return load(self.program, self.one_by_one[0].name)


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
