"""Variants of right answers: what is made, and what is said about an answer that behaves like one."""

import ast
import difflib

import pytest
import right_variants
import torch

from nnlib.checking import edits, kinds, solutions
from nnlib.checking.comparing import differences, same
from nnlib.checking.judging import examine, expected_outcomes
from nnlib.checking.running import load, run, run_case
from nnlib.checking.variants import explain, quiet
from nnlib.exercises import catalog

ALL = [exercise for exercises in catalog.LESSONS.values() for exercise in exercises]


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # such as: a number has no parts
@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_every_solution_has_variants_that_are_programs_and_quote_nothing(exercise):
    """A kind may name an argument, or torch's word for what belongs there, but no expression."""
    source = solutions.source(exercise.name)
    assert load(source, exercise.name) is not None
    right = ast.parse(source)
    pieces = [
        ast.unparse(node)
        for node in ast.walk(right)
        if isinstance(node, ast.BinOp | ast.Call | ast.Subscript | ast.stmt)
    ]
    seen = {ast.unparse(right)}
    for variant in edits.variants(source):
        compile(variant.source, "variant", "exec")
        assert variant.source not in seen
        seen.add(variant.source)
        quoted = [piece for piece in pieces if len(piece) > 3 and piece in variant.kind]
        assert quoted in ([], ["torch.no_grad()"])
    is_letter = isinstance(exercise.reference, str)  # nothing to change
    assert len(seen) > 3 or is_letter


def test_a_change_is_made_in_one_place_and_in_all_of_them():
    kinds = {}
    for variant in edits.variants("def f(a, b, c):\n    return a - b - c"):
        kinds.setdefault(variant.kind, []).append(variant.source.splitlines()[1].strip())
    minus = kinds["a plus stands where a minus belongs"]
    assert sorted(minus) == ["return a + b + c", "return a + b - c", "return a - b + c"]


def explained(name, answer, seed=0):
    exercise = catalog.find(name)
    outcomes = run(exercise.asked, answer, seed)
    return explain(exercise, outcomes, expected_outcomes(exercise, seed), seed)


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("mae", lambda y_hat, y: (y_hat - y).abs().sum(), "a sum stands where a mean belongs"),
        ("mae", lambda y_hat, y: (y_hat + y).abs().mean(), "a plus stands where a minus"),
        ("mae", lambda y_hat, y: (y_hat - y).abs().median(), "a median stands where a mean"),
        ("sse", lambda y_hat, y: y_hat**2 - y**2, None),
        ("rmse", lambda y_hat, y: ((y_hat - y) ** 2).mean(), "a square root is missing"),
        ("gd_step", lambda w, grad, lr: w - grad, "`lr`|one factor is missing"),
        ("momentum_step", lambda w, g, v, lr, m: (m * v + g, w - lr * v), None),
        ("momentum_step", lambda w, g, v, lr, m: (m * v + g, w - lr * (m * v + g)), "wrong order"),
        ("standardize", lambda X: (X - X.mean(0)) / X.std(0), "divides by N − 1 where N belongs"),
        ("convolve", lambda image, kernel: None, None),
    ],
)
def test_an_answer_like_a_variant_is_told_the_kind_of_change(name, answer, words):
    sentence = explained(name, answer)
    if words is None:
        assert sentence is None
    else:
        assert sentence.startswith("It behaves exactly like a right answer in which ")
        assert any(word in sentence for word in words.split("|")), sentence


def test_one_case_that_does_not_fit_is_enough_to_say_nothing():
    exercise = catalog.find("mae")
    outcomes = run(exercise.asked, lambda y_hat, y: (y_hat - y).abs().sum(), 0)
    expected = expected_outcomes(exercise, 0)
    assert explain(exercise, outcomes, expected, 0)
    assert explain(exercise, [*outcomes[:-1], expected[-1]], expected, 0) is None


def test_a_value_is_not_given_away():
    assert explained("xor_errors", 2) is None


def test_without_a_solution_nothing_is_said(monkeypatch):
    monkeypatch.setattr(solutions, "source", lambda name: None)
    assert explained("mae", lambda y_hat, y: (y_hat - y).sum(), seed=77) is None


def test_a_solution_of_another_exercise_with_that_name_explains_nothing(monkeypatch):
    """Its variants are not variants of a right answer."""
    monkeypatch.setattr(
        solutions, "source", lambda name: "def mae(y_hat, y):\n    return (y_hat - y).sum()"
    )
    assert explained("mae", lambda y_hat, y: (y_hat - y).mean(), seed=78) is None


def test_the_learners_random_state_is_untouched():
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    explained("minibatches", lambda n, batch_size, generator: torch.arange(n).split(batch_size))
    assert torch.equal(before, torch.random.get_rng_state())


# -- nothing wrong is accepted ---------------------------------------------------------------------


def is_accepted(exercise, program, seed):
    """Whether the check accepts a program. Most are found wrong in one case, without the others."""
    with quiet():
        answer = load(program, exercise.name)
        cases = exercise.asked.cases(torch.Generator().manual_seed(seed))
        for case, wanted in zip(cases, expected_outcomes(exercise, seed), strict=True):
            outcome = run_case(exercise.asked, answer, case, seed)
            if outcome.failure or outcome.changed_arguments:
                return False
            if not exercise.judge and not same(outcome, wanted, exercise.tol):
                return False
            if exercise.judge and is_complained_of(exercise, outcome, wanted, case):
                return False
        return examine(exercise, answer, seed).passed


def is_complained_of(exercise, outcome, wanted, case):
    in_form = not differences(outcome.value, wanted.value, None)
    return not in_form or bool(exercise.judge(outcome.value, *case))


def accepted(exercise, seed):
    """What a variant of the solution changes in its lines, for each one that is accepted."""
    source = solutions.source(exercise.name)
    right = ast.unparse(ast.parse(source)).splitlines()
    for variant in edits.variants(source):
        # What does too much is often harmless: the absolute value of what is never negative.
        if not kinds.does_too_much(variant.kind):
            if is_accepted(exercise, variant.source, seed):
                lines = difflib.unified_diff(right, variant.source.splitlines(), n=0)
                changed = [line for line in lines if line[0] == "+" and line[:2] != "++"]
                yield " ⏎ ".join(line[1:].strip() for line in changed)


CLOSED = [exercise for exercise in ALL if exercise.name not in right_variants.OPEN]


@pytest.mark.parametrize("exercise", CLOSED, ids=lambda exercise: exercise.name)
def test_a_variant_of_the_solution_is_rejected_unless_it_is_right(exercise):
    listed = right_variants.RIGHT.get(exercise.name, {})
    right = {lines for group in listed.values() for lines in group}
    assert set(accepted(exercise, seed=0)) == right


@pytest.mark.slow
@pytest.mark.parametrize("exercise", CLOSED, ids=lambda exercise: exercise.name)
def test_the_same_variants_are_rejected_under_other_seeds(exercise):
    listed = right_variants.RIGHT.get(exercise.name, {})
    right = {lines for group in listed.values() for lines in group}
    for seed in (1, 2):
        assert set(accepted(exercise, seed)) <= right
