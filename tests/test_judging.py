"""What a verdict says: layer by layer, of every case in which an answer is wrong, part by part."""

import pytest
import torch
from torch import nn

from nnlib.checking import variants
from nnlib.checking.exercise import Asked, Exercise, Verdict
from nnlib.checking.judging import examine, judge
from nnlib.checking.running import Failure, Outcome, run
from nnlib.checking.use import differentiate, parts
from nnlib.exercises import catalog

WHOLE_NUMBERS = torch.tensor([[3.0, -1.0], [2.0, 5.0], [4.0, 4.0]])


def column_means(X):
    return X.mean(dim=0)


def exercise(**changes) -> Exercise:
    """The mean of each column; the smallest case is the second one."""

    def cases(generator):
        large = torch.randn(6, 4, generator=generator)
        return [(large,), (WHOLE_NUMBERS,), (large.double() + 2,)]

    asked = Asked("column_means", cases, differentiate("X"), signature="X")
    return Exercise(asked, column_means, **changes)


# -- known mistakes --------------------------------------------------------------------------------

ROWS = "It takes the means of the rows."
SUMS = "It adds up without dividing."
MISTAKES = {ROWS: lambda X: X.mean(dim=1), SUMS: lambda X: X.sum(dim=0)}


def test_a_known_mistake_is_told():
    assert examine(exercise(mistakes=MISTAKES), lambda X: sum(X)).message == SUMS


def test_a_mistake_that_explains_most_cases_is_not_told():
    """One case that agrees, or all but one, make no fact."""

    def sums_but_once(X):
        return X.sum(dim=0) if X.dtype == torch.float32 else X.sum(dim=0) / 7

    assert SUMS not in str(examine(exercise(mistakes=MISTAKES), sums_but_once))


def test_a_mistake_that_is_wrong_where_the_answer_is_right_is_not_told():
    def sums_once(X):
        return X.sum(dim=0) if len(X) == 3 else X.mean(dim=0)

    assert SUMS not in str(examine(exercise(mistakes=MISTAKES), sums_once))


def test_a_mistake_is_told_whatever_its_gradient():
    assert examine(exercise(mistakes=MISTAKES), lambda X: X.detach().sum(dim=0)).message == SUMS


def test_a_judged_exercise_needs_the_same_values_too():
    """The same complaint is not yet the same mistake."""
    asked = Asked("pair", lambda generator: [(10,)], signature="total")
    pair = Exercise(
        asked,
        lambda total: [4, 6],
        judge=lambda pair, total: None if sum(pair) == total else "They do not add up.",
        mistakes={"It gives the total twice.": lambda total: [total, total]},
    )
    assert examine(pair, lambda total: [1, 9]).passed
    assert examine(pair, lambda total: [10, 10]).message == "It gives the total twice."
    assert examine(pair, lambda total: [1, 2]).message == "They do not add up."


def test_a_judge_that_fails_is_the_answers_error():
    asked = Asked("f", lambda generator: [(1,)], signature="x")
    broken = Exercise(asked, lambda x: [1.0], judge=lambda out, x: 1 / 0)
    assert "could not be judged (ZeroDivisionError)" in examine(broken, lambda x: [2.0]).message


# -- in general ------------------------------------------------------------------------------------


def test_the_smallest_case_that_fails_is_shown_in_full():
    verdict = examine(exercise(), lambda X: 2 * X.mean(dim=0))
    assert verdict.message == "The result is twice what is right."
    assert "Input:    X = [[3, -1], [2, 5], [4, 4]]" in verdict.details
    assert "[6, 5.333]   expected here: [3, 2.667]" in verdict.details
    assert "Returned" not in verdict.details and "Expected" not in verdict.details
    unread = eval("lambda X: 2 * X.mean(dim=0)")  # no source: no lines
    verdict = examine(exercise(), unread)
    assert "Returned: [6, 5.333]" in verdict.details
    assert "Expected: [3, 2.667]" in verdict.details


def test_nothing_is_said_twice():
    verdict = examine(exercise(), lambda X: 2 * X.mean(dim=0))
    lines = str(verdict).splitlines()
    assert len(lines) == len(set(lines)) and len(lines) < 12
    assert "The result is wrong" not in str(verdict)


def test_digits_are_shown_until_they_differ():
    verdict = examine(exercise(), eval("lambda X: X.mean(dim=0) + 3e-4"))
    returned, expected = (
        next(line for line in verdict.details.splitlines() if line.startswith(word))
        for word in ("Returned", "Expected")
    )
    assert returned.split()[1:] != expected.split()[1:]


def test_values_that_are_right_and_gradients_that_are_not():
    verdict = examine(exercise(), lambda X: X.detach().mean(dim=0))
    assert verdict.message.startswith("The gradient for X is None")
    assert "Right:    the result" in verdict.details
    assert (verdict.right_parts, verdict.parts) == (1, 2)


def test_which_cases_are_wrong_is_told():
    verdict = examine(
        Exercise(
            Asked(
                "f",
                lambda generator: [(torch.rand(n, 3, generator=generator),) for n in (4, 1, 5, 1)],
            ),
            lambda X: X.mean(dim=0),
        ),
        lambda X: X.sin().mean(dim=0) if len(X) > 1 else X.mean(dim=0),
    )
    assert "It is right only where" in verdict.message and "has one row" in verdict.message


def test_a_change_of_the_solution_is_told(monkeypatch):
    monkeypatch.setattr(variants, "explain", lambda *_: "It behaves like this.")
    verdict = examine(exercise(), lambda X: X.sin().mean(dim=0))
    assert verdict.message == "It behaves like this."


def test_where_little_came_out_no_change_is_guessed(monkeypatch):
    """Nothing but NaN: many a change would do that."""
    monkeypatch.setattr(variants, "explain", lambda *_: "It behaves like this.")
    verdict = examine(exercise(), lambda X: X.mean(dim=0) * float("nan"))
    assert "behaves" not in str(verdict)


# -- parts -----------------------------------------------------------------------------------------


def _linear(X, y):
    return {"b2": y.sum(), "W": X.T @ y, "b1": y.mean()}


THREE = Exercise(
    Asked(
        "gradients",
        lambda g: [(torch.rand(n, 2, generator=g), torch.rand(n, generator=g)) for n in (3, 5)],
        signature="X, y",
    ),
    _linear,
)


def test_parts_are_judged_apart_and_keep_their_names():
    verdict = examine(THREE, lambda X, y: _linear(X, y) | {"b2": 2 * y.sum(), "b1": y.sum()})
    assert verdict.message == "b2 is twice what is right."
    assert "Right:    W" in verdict.details
    assert "Returned: b2 = " in verdict.details and "Expected: b2 = " in verdict.details
    assert (verdict.right_parts, verdict.parts) == (1, 3)


def test_all_parts_of_a_right_answer_are_right():
    verdict = examine(THREE, _linear)
    assert verdict.passed and (verdict.right_parts, verdict.parts) == (3, 3)


def test_a_part_that_is_right_in_some_cases_only_is_not_called_right():
    def wrong_once(X, y):
        return _linear(X, y) | ({"W": X.T @ y + 1} if len(y) == 3 else {})

    verdict = examine(THREE, wrong_once)
    assert "Right:    b2, b1" in verdict.details and verdict.right_parts == 2


@pytest.mark.parametrize(
    ("name", "answer", "right"),
    [
        ("collapse", lambda W1, b1, W2, b2: (W2 @ W1, b2), "W"),
        ("collapse", lambda W1, b1, W2, b2: (W2 * 0 @ W1, W2 @ b1 + b2), "b"),
        ("perceptron_update", lambda w, b, x, y, lr: (w + lr * (y - (x @ w + b > 0).float()) * x, b), "w"),
    ],
)  # fmt: skip
def test_the_courses_own_parts(name, answer, right):
    verdict = examine(catalog.find(name), answer)
    line = next(line for line in verdict.details.splitlines() if line.startswith("Right: "))
    assert line.split()[-1] == right


# -- exceptions ------------------------------------------------------------------------------------


def test_an_exception_in_one_case_is_no_reason_to_stop():
    def raises_once(X):
        if len(X) > 3:
            raise ValueError("too long")
        return X.mean(dim=0)

    outcomes = run(exercise().asked, raises_once, seed=0)
    assert [bool(outcome.failure) for outcome in outcomes] == [True, False, True]
    verdict = judge(exercise(), outcomes, seed=0)
    assert verdict.status == "error" and "too long" in verdict.message


def test_an_answer_that_returns_something_unusable_is_told_so():
    two = Exercise(
        Asked("two", lambda generator: [(1.0,)], use=parts("w", "b"), signature="x"),
        lambda x: (x, x),
    )
    verdict = examine(two, lambda x: x)
    assert verdict.status == "wrong"
    assert "w and b" in verdict.message and "ValueError" not in verdict.message


def test_what_the_check_meets_in_a_result_is_not_the_learners_exception():
    verdict = examine(catalog.find("make_mlp"), lambda sizes: nn.Sequential(nn.Linear(9, 9)))
    assert verdict.status == "wrong"
    assert verdict.message.startswith("Using what it returned, a Sequential, raised RuntimeError")


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        (lambda: 1, True),
        (lambda X, y: X, True),
        (lambda X: len(1), False),
        (lambda X: (lambda: 1)(X), False),
        (lambda X: torch.stack(X), False),
    ],
)
def test_advice_about_the_signature_only_where_that_is_what_is_wrong(answer, meant):
    message = examine(exercise(), answer).message
    assert ("usable as column_means(X)" in message) == meant


def test_returning_none_is_told_apart_from_a_missing_return():
    def forgets(X):
        X.mean(dim=0)

    def sometimes(X):
        if X.numel() == 0:
            return X

    def returns_none(X):
        return X.grad

    said = [examine(exercise(), answer).message for answer in (forgets, sometimes, returns_none)]
    assert "Is a `return` missing" in said[0]
    assert "without meeting a `return`" in said[1]
    assert "stands after `return`" in said[2] and "missing" not in said[2]


@pytest.mark.parametrize("outcomes", [[], [Outcome(torch.zeros(3))]])
def test_too_few_outcomes_are_an_error(outcomes):
    verdict = judge(exercise(), run(exercise().asked, column_means, 0)[: len(outcomes)], 0)
    assert verdict == Verdict("column_means", "error", "The run ended before the last case.", "", 1)


def test_a_failure_without_a_line_is_told():
    verdict = judge(exercise(), [Outcome(failure=Failure("ValueError", "no such thing"))] * 3, 0)
    assert "no such thing" in verdict.message


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [3, "7", [7.0], None, True, 14.0, -7.0, 8.0])
def test_an_answer_that_is_a_value_gives_nothing_away(answer):
    """Not what is expected, nor how far it is from that."""
    value = Exercise(Asked("count", lambda generator: [()], lambda v: v, kind="value"), 7.0)
    verdict = examine(value, answer)
    assert not verdict.passed and "return" not in str(verdict)
    shown = str(verdict).replace(repr(answer), "")
    assert "7" not in shown and "twice" not in shown and "opposite" not in shown
    assert verdict.message.startswith("It is ")


def test_a_prediction_is_an_exercise_worth_no_points():
    guess = Exercise(
        Asked("guess", lambda generator: [()], lambda v: v, kind="value"),
        "up",
        mistakes={"That is where it came from.": "down"},
        points=0,
    )
    assert str(examine(guess, "up")) == "guess: as you said"
    assert str(examine(guess, "down")) == "guess: not so\n  That is where it came from."
    assert str(examine(guess, "left")) == "guess: not so\n  It is wrong."
    assert str(examine(guess, ...)) == "guess: to do"
