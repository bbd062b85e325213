"""The learner's own lines: true marks, short, the same every time, and never an exception."""

import functools
import random

import pytest
import torch
from torch import nn

from nnlib.checking import tracing
from nnlib.checking.exercise import Asked, Exercise
from nnlib.checking.running import load, run
from nnlib.checking.tracing import marked_lines
from nnlib.checking.use import differentiate
from nnlib.exercises import catalog


def _exercise(reference, *cases, use=None, judge=None, kind="function"):
    use = use or (lambda answer, *case: answer(*case))
    asked = Asked("answer", lambda generator: [tuple(case) for case in cases], use, kind)
    return Exercise(asked, reference, judge)


def _lines(exercise, answer, shown=0):
    if isinstance(answer, str):
        answer = load(f"import math\nimport torch\nfrom torch import nn\n{answer}", "answer")
    outcomes = run(exercise.asked, answer, 0)
    heading, *lines = marked_lines(exercise, answer, outcomes, shown, 0) or ["Your lines:"]
    assert heading.startswith("Your lines") and ("✓" in heading) == any(
        line[0] == "✓" for line in lines
    )
    return lines


def _tensors(*rows):
    return tuple(torch.tensor(row, dtype=torch.float32) for row in rows)


def _collapse(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1 + b2


COLLAPSE = _exercise(
    _collapse,
    _tensors([[1, 0], [2, 1]], [1, 1], [[1, 1], [0, 2]], [1, 3]),
    _tensors([[3, 1], [4, 1]], [5, 9], [[2, 6], [5, 3]], [5, 8]),
)


def test_marks_stand_where_a_right_answer_computes_the_same():
    wrong = "def answer(W1, b1, W2, b2):\n    return W2 @ W1, W2 @ b1 * b2"
    assert _lines(COLLAPSE, wrong) == [
        "✓  W2 @ W1        [[3, 1], [4, 2]]",
        "✓  W2 @ b1        [2, 2]",
        "   W2 @ b1 * b2   [2, 6]   expected here: [3, 5]",
    ]


def test_a_helper_in_another_cell_is_seen_too():
    program = """
def inner(A, v):
    product = A @ v
    return product

def answer(W1, b1, W2, b2):
    return W2 @ W1, inner(W2, b1) - b2
"""
    lines = _lines(COLLAPSE, program)
    assert lines[-2].split() == ["✓", "inner(W2,", "b1)", "[2,", "2]"]
    assert lines[-1].startswith("   inner(W2, b1) - b2")


def test_agreement_by_chance_gets_no_mark():
    """2 + 2 = 2 * 2: what agrees on the case that is shown must agree on others."""
    two = _exercise(lambda x, y: x * y + 1, _tensors([2.0, 2.5], [2.0, 5 / 3]), _tensors(1.5, 7.0))
    lines = _lines(two, "def answer(x, y):\n    return x + y")
    assert lines == []  # one line without a mark says no more than the verdict does
    lines = _lines(two, "def answer(x, y):\n    total = x + y\n    return total - 1")
    assert [line[0] for line in lines] == [" ", " "]
    lines = _lines(two, "def answer(x, y):\n    product = x * y\n    return product - 1")
    assert [line[0] for line in lines] == ["✓", " "]


def test_small_numbers_are_marked_only_as_one_expression_of_a_right_answer():
    def update(x, y):
        error = y - (x > 0).to(x.dtype)
        return 3 * error + 0.5

    pairs = [(0, 1), (1, 1), (-1, 0), (2, 0), (-3, 1)]
    step = _exercise(update, *(_tensors(*pair) for pair in pairs))
    lines = _lines(
        step, "def answer(x, y):\n    e = y - (x >= 0).to(x.dtype)\n    return 3 * e + 0.5"
    )
    assert not any(line.startswith("✓") for line in lines), lines
    lines = _lines(
        step, "def answer(x, y):\n    e = y - (x > 0).to(x.dtype)\n    return 3 * e - 0.5"
    )
    assert lines[0].startswith("✓")


def test_an_argument_of_the_same_value_earns_no_mark():
    def reference(x, k):
        return k * (x - 3) + 7.25

    times = _exercise(reference, *((torch.tensor(x), k) for x, k in [(2.0, 0.7), (7.1, 3), (1, 8)]))
    wrong = "def answer(x, k):\n    return k * abs(x - 3) + 7.25"
    lines = _lines(times, wrong)  # 0.7, where a right answer has -0.7, and k is 0.7
    assert [line[:12].split()[0] for line in lines] == ["✓", "abs(x", "k", "return"], lines


def test_a_loop_is_shown_in_the_pass_that_goes_wrong():
    def reference(x):
        total = torch.tensor(0.5)
        for value in x:
            total = total * 2 + value
        return total

    sums = _exercise(reference, _tensors([1, 5, 7, 6]), _tensors([2, 9, 4, 1]))
    wrong = """
def answer(x):
    total = torch.tensor(0.5)
    for value in x:
        total = total * 2 + value
        if value == 7:
            total = total - 0.25
    return total
"""
    lines = _lines(sums, wrong)
    assert any(line.split()[1:] == ["*", "2", "49.5", "(pass", "4", "of", "4)"] for line in lines)
    assert any(line.endswith("55.5    expected here: 56") for line in lines)


def test_the_line_that_raised_shows_what_it_worked_on():
    product = _exercise(lambda X, W: X @ W.T, _tensors([[1, 2, 3]], [[1, 0, 2], [2, 1, 1]]))
    lines = _lines(product, "def answer(X, W):\n    twice = 2 * X\n    return twice @ W")
    assert lines == ["✗  twice @ W   shapes: twice (1, 3), W (2, 3)"]
    lines = _lines(product, "def answer(X, W):\n    a, b, c = W\n    return a")
    assert lines == ["✗  a, b, c = W   shapes: W (2, 3)"]
    lines = _lines(product, "def answer(X, W):\n    k = 7\n    return X[0][k]")
    assert lines[-1] == "✗  X[0][k]   shapes: X[0] (3,); k is 7"
    lines = _lines(product, "def answer(X, W):\n    if X > 0:\n        return X\n    return W")
    assert lines == ["✗  if X > 0   shapes: X > 0 (1, 3) bool"]
    lines = _lines(product, "def answer(X, W):\n    return X @ W.grad")
    assert lines == ["✗  X @ W.grad   shapes: X (1, 3); W.grad is None"]


def test_right_values_and_a_lost_gradient():
    def halve(z):
        return z / 2

    both = _exercise(halve, _tensors([1, 3]), use=differentiate("z"))
    lines = _lines(both, "def answer(z):\n    half = z.detach() / 2\n    return half")
    assert lines == ["✗  z.detach()   no gradient passes here"]


def test_right_values_and_a_changed_argument():
    plus = _exercise(lambda z: z + 1, _tensors([1, 3]))
    assert _lines(plus, "def answer(z):\n    z += 1\n    return z") == [
        "✗  z += 1   changes an argument in place"
    ]
    assert _lines(plus, "def answer(z):\n    z.requires_grad_()\n    return z.detach() + 1") == [
        "✗  z.requires_grad_()   changes an argument in place"
    ]
    assert _lines(plus, "def answer(z):\n    return z.add_(1)") == [
        "✗  z.add_(1)   changes an argument in place"
    ]


def test_right_values_of_another_dtype():
    exact = _exercise(lambda x: 2 * x, (torch.tensor([0.5, 3.0], dtype=torch.float64),))
    lines = _lines(exact, "def answer(x):\n    twice = 2 * x\n    return twice.float()")
    assert lines == ["✗  twice.float()   gives float32"]
    lines = _lines(exact, "def answer(x):\n    x = x.float()\n    return 2 * x")
    assert lines == ["✗  x = x.float()   gives float32"]


def test_with_a_judge_no_value_is_expected():
    """More than one outcome is right, so the reference's says nothing about this one."""
    judged = _exercise(lambda x: x * 2 + 1, _tensors([1, 4]), judge=lambda out, x: "It is wrong.")
    lines = _lines(judged, "def answer(x):\n    a = x * 2\n    return a - 1")
    assert lines[0].startswith("✓  a = x * 2") and not any("expected" in line for line in lines)


def test_methods_of_a_class():
    class Reference(nn.Module):
        def __init__(self, scale):
            super().__init__()
            self.scale = scale

        def forward(self, x):
            return x * self.scale + 1

    def use(cls, scale, x):
        return cls(scale)(x)

    layer = _exercise(Reference, (2.0, torch.tensor([1.0, 4.0])), use=use, kind="class")
    wrong = """
class answer(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x):
        z = x * self.scale
        return z - 1
"""
    assert _lines(layer, wrong) == [
        "✓  z = x * self.scale   [2, 8]",
        "   return z - 1         [1, 7]   expected here: [3, 9]",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "@torch.no_grad()\ndef answer(x):\n    a = x * 2\n    return a - 1",
        "def make(k):\n    def answer(x):\n        a = x * k\n        return a - 1\n    return answer\n"
        "answer = make(2)",
        "def answer(x, *, k=2):\n    a = x * k\n    return a - 1",
        "def answer(x):\n    def inner(y):\n        return y * 2\n    a = inner(x)\n    return a - 1",
        "answer = lambda x: x * 2 - 1",
        "from torch.nn import functional as F\ndef answer(x):\n    return F.relu(x * 2) - 1",
    ],
    ids=["decorated", "closure", "keyword only", "inner function", "lambda", "imported name"],
)
def test_other_forms_of_functions(source):
    lines = _lines(_exercise(lambda x: x * 2 + 1, _tensors([1, 4])), source)
    assert lines[0].startswith("✓")
    assert lines[-1].endswith(("expected here: [3, 9]", "[2, 8]"))


def test_a_generator():
    def reference(x):
        for value in x:
            yield value * 2 + 1

    items = _exercise(
        reference, _tensors([1.3, 4.7]), use=lambda answer, x: [item for item in answer(x)]
    )
    wrong = "def answer(x):\n    for value in x:\n        a = value * 2 + 1\n        yield a - 9 * (a > 4)"
    assert any(line.startswith("✓  a = value * 2 + 1") for line in _lines(items, wrong))


def _calls_itself(x):
    return _calls_itself(x)


_no_source = {}
exec("def answer(x):\n    return x - 1", _no_source)


@pytest.mark.parametrize(
    "answer",
    [
        torch.relu,
        nn.ReLU(),
        nn.ReLU,
        functools.partial(torch.sub, other=1),
        _no_source["answer"],
        _calls_itself,
        "def answer(x):\n    raise SystemExit",
        "def answer(x):\n    exec('y = x - 1')\n    return locals()",
        "class Odd:\n    def __getattr__(self, name):\n        raise OSError\n"
        "def answer(x):\n    return Odd()",
        "import random\ndef answer(x):\n    return x + random.random()",
    ],
)
def test_what_cannot_be_traced_has_no_lines(answer):
    lines = _lines(_exercise(lambda x: x * 2 + 1, _tensors([1, 4])), answer)
    assert isinstance(lines, list) and len(lines) <= 1


def test_nothing_is_printed_and_no_random_state_moves(capsys):
    exercise = _exercise(lambda x: x * 2 + 1, _tensors([1, 4]))
    source = "def answer(x):\n    print('here')\n    return x * 2 + torch.rand(2)"
    torch.manual_seed(5)
    before = torch.get_rng_state(), random.getstate()
    assert _lines(exercise, source)
    assert torch.equal(before[0], torch.get_rng_state()) and before[1] == random.getstate()
    assert capsys.readouterr() == ("", "")


def test_an_endless_answer_ends(monkeypatch):
    monkeypatch.setattr(tracing, "SECONDS", 0.0)
    exercise = _exercise(lambda x: x * 2 + 1, _tensors([1, 4]))
    assert _lines(exercise, "def answer(x):\n    return x * 2 - 1") == []


def test_arguments_and_large_values_stay_short():
    large = torch.arange(200_000.0)
    exercise = _exercise(lambda x: x * 2 + 1, (large,))
    lines = _lines(exercise, "def answer(x):\n    a = x * 2\n    return a.sum() - 1")
    assert lines and max(map(len, lines)) < 140


SOME = [e for exercises in catalog.LESSONS.values() for e in exercises][::2]


@pytest.mark.parametrize("exercise", SOME, ids=lambda exercise: exercise.name)
def test_known_mistakes(exercise, monkeypatch):
    """Of every second exercise, one wrong answer: few lines, the same twice, none as wide as a screen."""
    monkeypatch.setattr(tracing, "SECONDS", 60)  # however slow the machine
    wrong = list(exercise.mistakes.values())[-1]
    outcomes = run(exercise.asked, wrong, 0)
    lines = marked_lines(exercise, wrong, outcomes, 0, 0)
    assert lines == marked_lines(exercise, wrong, outcomes, 0, 0)
    assert len(lines) <= 1 + tracing.MOST_LINES and all(len(line) < 140 for line in lines)
    assert all(line[0] in "✓✗ " and line[1:3] == "  " for line in lines[1:])
