"""The exercise engine, and the proof of every exercise."""

import importlib
import inspect
import linecache

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nnlib import check, exercises, hint, lessons
from nnlib.checking import holes
from nnlib.checking.comparing import same
from nnlib.checking.exercise import Asked, Exercise
from nnlib.checking.judging import examine, judge
from nnlib.checking.running import load, run
from nnlib.checking.use import differentiate
from nnlib.exercises import catalog
from nnlib.files import code_cells
from nnlib.trial import answers

SEEDS = range(3)

# -- every exercise, proven ------------------------------------------------------------------------

ALL = [
    pytest.param(lesson, exercise, id=f"{lesson[:2]}-{exercise.name}")
    for lesson, all_of_it in catalog.LESSONS.items()
    for exercise in all_of_it
]
every_exercise = pytest.mark.parametrize(("lesson", "exercise"), ALL)


@every_exercise
def test_the_solution_is_right(lesson, exercise):
    (solutions,) = code_cells(lessons.SOLUTIONS / f"{lesson}.py")
    answer = load(solutions, exercise.name)
    for seed in SEEDS:
        verdict = examine(exercise, answer, seed)
        assert verdict.passed, str(verdict)


def test_a_prediction_is_known_by_its_name():
    for exercise in (e for group in catalog.LESSONS.values() for e in group):
        assert (exercise.points == 0) == exercise.name.startswith(lessons.PREDICTION), exercise.name


@every_exercise
def test_the_hole_says_to_do(lesson, exercise):
    cells = [cell.source for cell in lessons.read(lesson).cells if cell.cell_type == "code"]
    source = answers.extract(cells)[exercise.name]
    assert answers.is_hole(source)
    imports = "from torch import nn"  # a class's hole names its base
    assert examine(exercise, load(f"{imports}\n{source}", exercise.name)).status == "todo"


@every_exercise
def test_every_known_mistake_is_named(lesson, exercise):
    assert len(exercise.mistakes) >= 4
    for message, mistake in exercise.mistakes.items():
        for seed in SEEDS:
            verdict = judge(exercise, run(exercise.asked, mistake, seed), seed)
            assert verdict.status == "wrong" and verdict.message == message, str(verdict)


@every_exercise
def test_other_right_answers_pass(lesson, exercise):
    module = importlib.import_module(f"right_answers.{lesson.partition('_')[2]}")
    assert len(module.RIGHT[exercise.name]) >= 2
    for answer in module.RIGHT[exercise.name]:
        for seed in SEEDS:
            verdict = examine(exercise, answer, seed)
            assert verdict.passed, f"{answer}\n{verdict}"


@every_exercise
def test_a_hard_coded_answer_fails_under_another_seed(lesson, exercise):
    """Recorded outcomes of one seed are wrong for another, if the cases depend on the seed."""
    recorded, others = (run(exercise.asked, exercise.reference, seed) for seed in (0, 1))
    if repr(recorded) == repr(others):
        constant = [repr(exercise.asked.cases(torch.Generator().manual_seed(s))) for s in (0, 1)]
        assert constant[0] == constant[1], "the cases differ, but what comes out does not"
    elif not exercise.judge:
        pairs = zip(recorded, others, strict=True)
        assert not all(same(*pair, exercise.tol) for pair in pairs)


def _slope_with_a_mark(f, x):
    x.requires_grad_()
    f(x).sum().backward()
    return x.grad


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("center_columns", lambda X: X.mean(dim=0) - X, "opposite sign"),
        ("weighted_sum", lambda x, w, b: x @ w, "what is right minus b"),
        ("slope", _slope_with_a_mark, "changes an argument in place"),
        ("dense", lambda X, W, b: X @ W.T, "what is right minus b"),
        ("relu", lambda z: z.abs(), "is z.abs()"),
        ("relu", lambda z: z, "equal to z"),
        ("collapse", lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1), "b is what is right minus b2"),
        ("hard_sigmoid", lambda z: (z + 3).clamp(0, 6), "6 times"),
        ("dead_units", lambda z: 100 * (z <= 0).all(dim=0).double().mean(), "100 times"),
        ("sse", lambda y_hat, y: ((y_hat - y) ** 2).sum() / 2, "half of what is right"),
        ("mse_backward", lambda y_hat, y: (y_hat - y) / y.numel(), "half of what is right"),
        ("update_running", lambda m, v, X, momentum: (m, v), "equal to running_mean"),
    ],
)
def test_mistakes_that_need_no_entry_are_named_as_well(name, answer, words):
    """How a result relates to what is right is said of every exercise in the same words."""
    verdict = examine(catalog.find(name), answer)
    assert verdict.status == "wrong" and words in verdict.message, str(verdict)


NOT_BY_HAND = {  # why the first case of some is not one of a few whole numbers
    "sigmoid_backward": "a sigmoid's outputs lie between 0 and 1",
    "normalize": "a picture of MNIST has 784 pixels",
    "digit_net": "a picture of MNIST has 784 pixels",
}


def _tensors(value):
    if isinstance(value, torch.Tensor):
        yield value
    if isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


@every_exercise
def test_the_first_case_can_be_done_by_hand(lesson, exercise):
    if exercise.name in NOT_BY_HAND:
        return
    for seed in SEEDS:
        first = exercise.asked.cases(torch.Generator().manual_seed(seed))[0]
        for tensor in _tensors(list(first)):
            assert tensor.numel() <= 12 and torch.equal(tensor, tensor.round()), tensor


@every_exercise
def test_an_exercise_can_be_understood(lesson, exercise):
    assert len(exercise.hints) >= (2 if exercise.points else 0)
    assert all(text.endswith((".", "?")) for text in exercise.hints)
    assert all(message.rstrip("`)").endswith((".", "?")) for message in exercise.mistakes)


def test_names_are_unique():
    names = [exercise.name for all_of_it in catalog.LESSONS.values() for exercise in all_of_it]
    assert len(names) == len(set(names))


# -- the engine ------------------------------------------------------------------------------------


def _cases(generator):
    draw = torch.randn(2, 3, generator=generator)
    return [(draw, 1), (draw.double(), 0), (torch.tensor([[1000.0, -1000.0]]), 1)]


def _softmax(z, dim):
    return F.softmax(z, dim)


NAIVE = "It overflows: subtract the largest entry first."
ALONG_ONE = "It always sums along dimension 1. Use dim."
SOFTMAX = Exercise(
    Asked("softmax", _cases, differentiate("z"), signature="z, dim"),
    _softmax,
    mistakes={
        NAIVE: lambda z, dim: z.exp() / z.exp().sum(dim, keepdim=True),
        ALONG_ONE: lambda z, dim: F.softmax(z, 1),
    },
)


def _raises(z, dim):
    return z / z.no_such_thing


def _returns_nothing(z, dim):
    z.exp()


def _recurses(z, dim):
    return _recurses(z, dim)


def _prints(z, dim):
    print("looking at", z.shape)
    return z


def _mutates(z, dim):
    right = F.softmax(z, dim)
    z.zero_()
    return right


def _exits(z, dim):
    raise SystemExit(0)


def _takes_too_little(z):
    return z


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (_softmax, "correct", ""),
        (lambda z, dim: (z - z.logsumexp(dim, keepdim=True)).exp(), "correct", ""),
        (_raises, "error", "AttributeError"),
        (_returns_nothing, "error", "Is a `return` missing"),
        (_recurses, "error", "calls itself without end"),
        (_exits, "error", "called exit()"),
        (_takes_too_little, "error", "usable as softmax(z, dim)"),
        (lambda z, dim: z.detach().numpy(), "wrong", "numpy.ndarray"),
        (lambda z, dim: z.tolist(), "wrong", "a list, expected a tensor"),
        (lambda z, dim: 0.5, "wrong", "a float, expected a tensor"),
        (lambda z, dim: F.softmax(z, dim).float(), "wrong", "dtype torch.float32"),
        (lambda z, dim: F.softmax(z, dim)[0], "wrong", "shape (2,), expected (1, 2)"),
        (lambda z, dim: z * float("nan"), "wrong", "The result is NaN"),
        (lambda z, dim: F.softmax(z.detach(), dim), "wrong", "gradient for z is None"),
        (lambda z, dim: F.softmax(z, dim) + 0 * z.detach(), "correct", ""),
        (_mutates, "wrong", "in place"),
        (lambda z, dim: object(), "wrong", "type object"),
        (lambda z, dim: z.exp() / z.exp().sum(dim, keepdim=True), "wrong", NAIVE),
        (lambda z, dim: F.softmax(z, dim=1), "wrong", ALONG_ONE),
        (torch.ones(3), "error", "should be a function, but it is of type Tensor"),
        (None, "error", "should be a function"),
        (..., "todo", ""),
    ],
)
def test_the_verdict_names_what_is_wrong(answer, status, words):
    verdict = examine(SOFTMAX, answer)
    assert verdict.status == status and words in verdict.message, str(verdict)
    assert bool(verdict) == verdict.passed == (status == "correct")


def test_the_details_show_input_result_and_expectation():
    details = examine(SOFTMAX, lambda z, dim: z * 0 + 1).details
    assert "Input:    z = [[1000, -1000]], dim = 1" in details  # the smallest case, not the first
    assert "return z * 0 + 1   [[1, 1]]   expected here: [[1, 0]]" in details  # and said once


def test_the_details_tell_what_was_printed_and_only_that(capsys):
    verdict = examine(SOFTMAX, _prints)
    assert "It printed: looking at torch.Size([1, 2])" in verdict.details
    assert capsys.readouterr().out == ""


def test_an_error_shows_the_learners_own_line():
    message = examine(SOFTMAX, _raises).message
    number = inspect.getsourcelines(_raises)[1] + 1
    assert f"line {number}: {linecache.getline(__file__, number).strip()}" in message


def test_a_message_without_a_known_mistake_reveals_no_expected_value():
    message = examine(SOFTMAX, lambda z, dim: z * z.sin()).message
    assert not any(character.isdigit() for character in message.replace("[0, 0]", ""))


def test_the_learners_random_state_is_untouched():
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    examine(SOFTMAX, lambda z, dim: torch.rand_like(z))
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_same_mistake_at_most_cases_wins():
    """Both mistakes look like the answer in the first case; only one does in the second."""
    two = Exercise(
        Asked("power", lambda generator: [(torch.tensor(2.0),), (torch.tensor(5.0),)]),
        lambda x: x**3,
        mistakes={"squares": lambda x: x**2, "doubles": lambda x: 2 * x},
    )
    assert examine(two, lambda x: x * x).message == "squares"
    assert examine(two, lambda x: x + x).message == "doubles"


def test_numbers_and_integers_are_told_apart():
    def one(reference):
        return Exercise(Asked("one", lambda generator: [()]), lambda: reference)

    assert examine(one(2.0), lambda: 2).passed
    assert "a float, expected an int" in examine(one(2), lambda: 2.0).message
    assert "`.item()`" in examine(one(2.0), lambda: torch.tensor([2.0])).message
    assert "One number" in examine(one(2.0), lambda: torch.tensor([2.0, 2.0])).message
    assert "a bool" in examine(one(2), lambda: True).message


@pytest.mark.parametrize("number", [np.float64(2), np.float32(2), torch.tensor(2.0), np.int64(2)])
def test_a_number_is_a_number_whoever_made_it(number):
    two = Exercise(Asked("two", lambda generator: [()]), lambda: 2.0)
    assert examine(two, lambda: number).passed
    assert not examine(two, lambda: number + 1).passed


def test_a_class_is_asked_for_where_a_class_is_the_answer():
    layer = Exercise(
        Asked("Layer", lambda generator: [()], lambda c: c()(1.0), kind="class"), torch.nn.Identity
    )
    assert examine(layer, torch.nn.Identity).passed
    assert "should be a class" in examine(layer, torch.nn.Identity()).message


# -- holes -----------------------------------------------------------------------------------------


def _hole(x): ...


def _hole_with_defaults(x, y=3, *rest, **more) -> int:
    """Documented."""
    ...


class _ClassHole(torch.nn.Module):
    """Documented."""

    ...


class _ClassAttempt(torch.nn.Module):
    def forward(self, x): ...


@pytest.mark.parametrize("hole", [..., _hole, _hole_with_defaults, _ClassHole])
def test_holes_are_recognised(hole):
    assert holes.is_hole(hole)


@pytest.mark.parametrize(
    "attempt",
    [
        _returns_nothing,
        _prints,
        _softmax,
        _ClassAttempt,
        None,
        0,
        torch.ones(2),
        lambda x: None + x,
    ],
)
def test_attempts_are_not_holes(attempt):
    assert not holes.is_hole(attempt)


# -- what a notebook calls -------------------------------------------------------------------------


def test_check_prints_its_verdict_and_shows_nothing_more(capsys):
    verdict = check("gate", _hole)
    assert capsys.readouterr().out == "gate: to do\n"
    assert verdict.status == "todo" and verdict._ipython_display_() is None


def test_check_names_the_nearest_exercises_and_never_raises(capsys):
    assert not check("perceptrom", _hole)
    assert "Did you mean perceptron" in capsys.readouterr().out
    assert not check(3, _hole)


def test_hints_come_one_at_a_time_and_end_at_the_solution(capsys):
    exercises.hints_shown.clear()
    count = len(catalog.find("gate").hints)
    for _ in range(count + 2):
        hint("gate")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Hint 1 of {count}: ")
    assert lines[count] == lines[count + 1]
    assert "solutions/01_perceptron.py" in lines[count]
    hint("gat")
    assert "Did you mean gate" in capsys.readouterr().out
