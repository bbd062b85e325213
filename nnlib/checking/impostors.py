"""Catch the impostors: an exercise whose answer is a list of inputs that expose wrong functions.

The impostors are the known mistakes of another exercise and variants of its solution. All of them
are ours; only the inputs are a learner's, and they arrive as plain data.
"""

import functools

import torch

from nnlib.checking import edits, kinds, solutions
from nnlib.checking.comparing import same
from nnlib.checking.exercise import Asked, Exercise
from nnlib.checking.running import Outcome, load, run, run_case
from nnlib.checking.showing import capitalized
from nnlib.checking.use import kind
from nnlib.checking.variants import quiet

SEED = 0
"""Of the cases on which the impostors are chosen."""


def catch(asked: Asked, of: Exercise, **known) -> Exercise:
    """The exercise to catch all impostors of another exercise.

    asked: with `use.inputs` as its use. of: the exercise that is impersonated, without a judge.
    known: the `reference`, a list of inputs that catches all, `mistakes`, `hints`, `points`.
    """
    return Exercise(asked, judge=lambda inputs: _judge(inputs, of), any_form=True, **known)


def _judge(inputs: list[tuple], of: Exercise) -> str | None:
    """None where every impostor is exposed; otherwise how many are, and one that is not."""
    right = []
    for i, given in enumerate(inputs, start=1):
        complaint = _form(given, of)
        if complaint:
            return f"{capitalized(complaint)} in input {i}."
        right.append(_outcome(of, of.reference, given))
        if right[-1].failure:
            failure = right[-1].failure
            return f"{of.name} itself cannot take input {i}: {failure.type_name}: {failure.text}"
    suspects = impostors(of)
    free = [name for name, answer in suspects.items() if not _exposed(of, answer, inputs, right)]
    if not free:
        return None
    caught = len(suspects) - len(free)
    return f"{caught} of {len(suspects)} impostors are exposed. One that still passes: {free[0]}"


def _form(given: tuple, of: Exercise) -> str | None:
    """What is wrong with the kind of an argument, as the case of the exercise has it."""
    names = of.asked.signature.split(", ")
    for name, value, example in zip(names, given, _cases(of)[0], strict=True):
        if type(value) is not type(example):
            return f"{name} is {kind(value)}, not {kind(example)},"
        if isinstance(value, torch.Tensor) and value.dtype.is_floating_point != (
            example.dtype.is_floating_point
        ):
            return f"{name} has dtype {value.dtype}"
    return None


def _exposed(of: Exercise, answer, inputs: list[tuple], right: list[Outcome]) -> bool:
    """Whether the impostor gives anything else than it should on any of the inputs."""
    return any(
        not same(_outcome(of, answer, given), wanted, of.tol)
        for given, wanted in zip(inputs, right, strict=True)
    )


def _outcome(of: Exercise, answer, given: tuple) -> Outcome:
    with quiet():
        return run_case(of.asked, answer, given, SEED)


def _cases(of: Exercise) -> list[tuple]:
    return of.asked.cases(torch.Generator().manual_seed(SEED))


@functools.lru_cache(maxsize=128)
def impostors(of: Exercise) -> dict[str, object]:
    """Wrong answers to an exercise by what is wrong with each, as a sentence.

    Its known mistakes and, of each kind of change that makes its solution wrong, the variant that
    is wrong in the fewest cases. What fails in every case is no impostor: anything exposes it.
    """
    found = dict(of.mistakes)
    source = solutions.source(of.name)
    with quiet():
        expected = run(of.asked, of.reference, SEED)
        best: dict[str, tuple[int, object]] = {}
        for variant in edits.variants(source) if source else []:
            if kinds.does_too_much(variant.kind):
                continue
            answer = load(variant.source, of.name)
            outcomes = run(of.asked, answer, SEED)
            wrong = sum(not same(*pair, of.tol) for pair in zip(outcomes, expected, strict=True))
            fails = all(outcome.failure for outcome in outcomes)
            if wrong and not fails and wrong < best.get(variant.kind, (len(expected) + 1,))[0]:
                best[variant.kind] = wrong, answer
    for name, (_, answer) in best.items():
        found[f"A right answer in which {name}."] = answer
    return found
