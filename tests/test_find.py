"""Which code counts for an exercise: what its check was given, and what that needs."""

import textwrap

import nbformat
import pytest

from nnlib import lessons
from nnlib.checking import running
from nnlib.exercises import asked
from nnlib.trial import answers, reading
from nnlib.trial.reading import Cell, Notebook

KINDS = {"softmax": "function", "gate": "function", "Net": "class", "weights": "value"}
LESSONS = {"softmax": "03_activations", "gate": "01_perceptron", "Net": "08_models"}
LESSONS["weights"] = "01_perceptron"


def sheet(*cells, name="work.ipynb") -> Notebook:
    made = []
    for i, cell in enumerate(cells):
        made.append(cell if isinstance(cell, Cell) else Cell("code", cell, f"c{i}"))
    return Notebook(name, tuple(made))


def find(name, *cells) -> answers.Found:
    return answers.find([sheet(*cells)], {name: KINDS[name]}, LESSONS)[name]


def value_of(found: answers.Found):
    assert found.status == "answer", found.remark
    return running.load(found.program, found.expression, answers.GIVEN)


# -- what the check was given ----------------------------------------------------------------------

SOFTMAX = "def softmax(z, dim):\n    return 'right'"
CHECK = "check('softmax', softmax)"


@pytest.mark.parametrize(
    "cells",
    [
        [SOFTMAX, CHECK, "softmax = softmax(1, 2)"],
        [SOFTMAX, CHECK, "for softmax in range(3):\n    pass"],
        [SOFTMAX, CHECK, "from scipy.special import softmax"],
        [SOFTMAX, CHECK, "def softmax(z, dim):\n    return 'later'"],
        [f"{SOFTMAX}\n\n{CHECK}\nsoftmax = 3"],
        [SOFTMAX.replace("softmax", "mine"), "check('softmax', mine)"],
        [SOFTMAX, "check(answer=softmax, name='softmax')"],
        [SOFTMAX, "from nnlib import check as look", "look('softmax', softmax)"],
        [SOFTMAX, "import nnlib as n", "n.check('softmax', softmax)"],
        [SOFTMAX, "from nnlib import check\nsay = check", "say('softmax', softmax)"],
        [SOFTMAX, "verdict = check('softmax', softmax)\nassert verdict"],
        [SOFTMAX, "print(check('softmax', softmax).message)"],
        [SOFTMAX, "check('softmax', globals()['softmax'])"],
        [SOFTMAX, "if softmax:\n    check('softmax', softmax)"],
        [SOFTMAX, "for n, f in {'softmax': softmax}.items():\n    check(n, f)"],
        [SOFTMAX, "def test(n, f):\n    check(n, f)", "test('softmax', softmax)"],
        [SOFTMAX, "def test():\n    check('softmax', softmax)", "test()"],
        [SOFTMAX, "[check(f.__name__, f) for f in (softmax,)]"],
        ["check('softmax', lambda z, dim: 'right')"],
        ["def softmax(z, dim):\n    return 'wrong'", CHECK, SOFTMAX, CHECK],
        [f"{SOFTMAX}\n\nif False:\n    {CHECK}"],
        ["def check(a, b):\n    return a", "def softmax(z, dim): ...", "check(1, 2)", SOFTMAX],
        [CHECK, SOFTMAX],
    ],
)
def test_the_answer_that_counts_is_the_one_its_check_was_given(cells):
    assert value_of(find("softmax", *cells))(1, 2) == "right"


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ([SOFTMAX, "softmax = 3", CHECK], "3"),
        ([SOFTMAX, CHECK, "def softmax(z, dim):\n    return 0", CHECK], "0"),
    ],
)
def test_what_is_wrong_when_it_is_checked_stays_wrong(cells, wrong):
    value = value_of(find("softmax", *cells))
    assert str(value(1, 2) if callable(value) else value) == wrong


# -- what it needs ---------------------------------------------------------------------------------

BUILT = {
    "subscripts": ["t = {}", "t['a'] = 1\nt['b'] = 2", "gate = lambda n: t[n]"],
    "a loop": ["t = {}", "for k, v in [('a', 1), ('b', 2)]:\n    t[k] = v", "gate = lambda n: t[n]"],
    "update": ["t = dict(a=1)", "t.update(b=2)", "gate = lambda n: t[n]"],
    "append": ["t = []", "t.append(('a', 1))\nt.append(('b', 2))", "gate = lambda n: dict(t)[n]"],
    "another name for it": ["t = {}", "u = t", "u['a'] = 1\nu['b'] = 2", "gate = lambda n: t[n]"],
    "a part of it": ["t = [{}]", "t[0]['a'] = 1", "p = t[0]\np['b'] = 2", "gate = lambda n: t[0][n]"],
    "a function that fills": [
        "t = {}", "def fill(k, v):\n    t[k] = v", "fill('a', 1)\nfill('b', 2)",
        "gate = lambda n: t[n]"],
    "a function given it": [
        "t = {}", "def put(where):\n    where.update(a=1, b=2)", "put(t)", "gate = lambda n: t[n]"],
    "global": ["def make():\n    global t\n    t = dict(a=1, b=2)", "make()", "gate = lambda n: t[n]"],
    "a counter": [
        "n = 0", "def gate(k):\n    global n\n    n += 1\n    return {'a': 1, 'b': 2}[k]"],
    "a decorator": [
        "t = {}", "def keep(f):\n    t[f.__name__] = f\n    return f",
        "@keep\ndef a():\n    return 1", "@keep\ndef b():\n    return 2", "gate = lambda n: t[n]()"],
    "setattr": [
        "class T: pass", "setattr(T, 'a', 1)\nT.b = 2", "gate = lambda n: getattr(T, n)"],
    "with, try": [
        "import contextlib", "with contextlib.suppress(ValueError):\n    t = dict(a=1)",
        "try:\n    t['b'] = 2\nfinally:\n    pass", "gate = lambda n: t[n]"],
    "what was put into it": ["p = [1]", "t = [p]", "p.append(2)", "gate = lambda n: t[0]['ab'.index(n)]"],
    "augmented": ["t = [1]", "u = t", "t += [2]", "gate = lambda n: u['ab'.index(n)]"],
    "a walrus": ["print(t := dict(a=1, b=2))", "gate = lambda n: t[n]"],
    "a class kept": [
        "class T:\n    a = 1", "class T(T):\n    b = 2", "gate = lambda n: getattr(T, n)"],
    "a file": [
        "with open('t.txt', 'w') as f:\n    f.write('12')", "def gate(n):\n"
        "    return int(open('t.txt').read()['ab'.index(n)])"],
}  # fmt: skip


@pytest.mark.parametrize("cells", BUILT.values(), ids=BUILT)
def test_what_is_built_up_step_by_step_comes_along(cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gate = value_of(find("gate", *cells, "check('gate', gate)"))
    assert (gate("a"), gate("b")) == (1, 2)


@pytest.mark.parametrize(
    "later",
    [
        "def forward(self):\n    return 1\nNet.forward = forward",
        "def add_to(C):\n    def add(f):\n        setattr(C, f.__name__, f)\n    return add\n"
        "@add_to(Net)\ndef forward(self):\n    return 1",
        "class Net(Net):\n    def forward(self):\n        return 1",
        "for name in ['forward']:\n    setattr(Net, name, lambda self: 1)",
    ],
)
@pytest.mark.parametrize("check", ["check('Net', Net)", "0"])
def test_a_method_added_later_belongs_to_the_class(later, check):
    assert value_of(find("Net", "class Net:\n    ...", later, check))().forward() == 1


@pytest.mark.parametrize(
    "unneeded",
    [
        "input()",
        "import time\ntime.sleep(600)",
        "raise KeyboardInterrupt",
        "while True:\n    softmax(1, 2)",
        "print(softmax(1, 2), X)",
        "import matplotlib.pyplot as plt\nplt.plot(X)\nplt.show()",
        "from nnlib import plots\nplots.points(X, X)",
        "model = Model(X)\nfor _ in range(10**12):\n    loss = model(X).sum()\n    loss.backward()",
        "def train(model, X):\n    for x in X:\n        model.step(x)\n\ntrain(object(), X)",
        "!rm -rf /\n%cd /\n%pip install nothing",
        "X.shape",
        "y = X.sum()",
    ],
)
def test_what_is_not_needed_does_not_run(unneeded):
    """The answer uses X, and so do these cells."""
    cells = ["X = [1]", unneeded, "def softmax(z, dim):\n    return X", unneeded, CHECK]
    program = find("softmax", *cells).program
    assert program.split("\n\n") == ["X = [1]", "def softmax(z, dim):\n    return X\n"]


@pytest.mark.parametrize("lesson", lessons.names())
def test_of_a_solved_lesson_hardly_more_than_the_answers_run(lesson):
    """No training, no figure, none of the lesson's own statements that no answer uses."""
    notebook = lessons.solve(lesson)
    solved = reading.read(f"{lesson}.ipynb", nbformat.writes(notebook).encode())
    names = answers.holes(notebook.cells)
    kinds = {name: asked.everything()[name].kind for name in names}
    found = answers.find([solved], kinds, asked.lessons())
    for name, solution in lessons.solutions(lesson).items():
        if name in names:
            own = len(solution.splitlines())
            assert len(found[name].program.splitlines()) <= own + 14, found[name].program


def test_a_function_uses_what_is_there_when_it_is_called():
    cells = ["scale = 1", "def f(z, dim): return scale", "g = f", "scale = 2", "softmax = [g][0]"]
    assert value_of(find("softmax", *cells, CHECK))(1, 2) == 2


def test_a_star_import_that_fails_costs_nothing_and_a_needed_one_is_there():
    cells = [
        "from no_such_module import *",
        "from math import *",
        "def softmax(z, dim):\n    return pi",
    ]
    assert round(value_of(find("softmax", *cells, CHECK))(1, 2), 2) == 3.14


def test_the_future_may_begin_in_any_cell():
    cells = [
        "x = 1",
        "from __future__ import annotations",
        "def softmax(z: Nothing, dim): return x",
    ]
    assert value_of(find("softmax", *cells, CHECK))(1, 2) == 1


def test_a_constant_is_as_it_was_when_its_reader_was_checked():
    cells = ["half = 0.5", "def softmax(z, dim): return half", CHECK, "half = 'later'"]
    assert value_of(find("softmax", *cells))(1, 2) == 0.5
    cells = ["half = 0.5", "def softmax(z, dim): return half", "half = 'sooner'", CHECK]
    assert value_of(find("softmax", *cells))(1, 2) == "sooner"


def test_display_and_ipython_are_there_and_do_nothing():
    answer = "def softmax(z, dim):\n    display(z)\n    names = !ls\n    %time x = 3\n    return x"
    assert value_of(find("softmax", answer, CHECK))(1, 2) == 3


@pytest.mark.parametrize("separator", ["\u2028", "\x0b", "\x0c", "\x85", "\x1c"])
def test_only_where_python_ends_a_line_one_ends(separator):
    answer = (
        f"def softmax(z, dim):\n    # from a slide:{separator} page 7\n    return 1  # {separator}"
    )
    assert value_of(find("softmax", answer, CHECK))(1, 2) == 1


# -- without a check -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cells", "value"),
    [
        ("softmax", [SOFTMAX, "softmax = softmax(1, 2)"], None),
        ("softmax", [SOFTMAX, "from scipy.special import softmax"], None),
        ("softmax", [SOFTMAX, "def softmax(z, dim):\n    '''Hole.'''\n    ..."], None),
        ("softmax", [SOFTMAX, "del softmax"], None),
        ("softmax", ["if True:\n" + textwrap.indent(SOFTMAX, "    ")], None),
        ("weights", ["weights = [0, 0]", "weights[0] = 1", "weights[1] = 2"], [1, 2]),
        ("weights", ["weights = [1]", "import os as weights"], [1]),
    ],
)
def test_the_last_definition_of_its_kind_counts(name, cells, value):
    found = value_of(find(name, *cells))
    assert found == value if value else found(1, 2) == "right"


def test_an_exercise_counts_from_its_own_lessons_notebook():
    """Lesson 08's own line binds a name that lesson 01 asks for."""
    own = sheet("weights = [1, 2]", "check('weights', weights)", name="01_perceptron.ipynb")
    other = sheet(
        "weights, x = 3, 4", "class Net:\n    a = 1", "check('Net', Net)", name="08.ipynb"
    )
    for order in ([own, other], [other, own]):
        found = answers.find(order, KINDS, LESSONS)
        assert value_of(found["weights"]) == [1, 2] and found["weights"].notebook == own.name
        assert value_of(found["Net"]).a == 1 and found["Net"].notebook == other.name
    assert answers.find([other], {"weights": "value"}, LESSONS)["weights"].status == "todo"


def test_of_two_copies_the_last_that_answers_counts():
    first, second = (sheet(f"weights = {n}", "check('weights', weights)") for n in (1, 2))
    hole = sheet("weights = ...", "check('weights', weights)")
    found = answers.find([first, second, hole], {"weights": "value"}, LESSONS)["weights"]
    assert value_of(found) == 2


def test_modules_beside_it_can_be_imported():
    notebook = sheet(
        "%%writefile mine.py\ndef f():\n    return 1", "%%file -a mine.py\nx = 2", "y = 1"
    )
    helper = reading.read("helper.py", b"z = 3\n")
    found = answers.companions([notebook, helper])
    assert found == {"mine.py": "def f():\n    return 1x = 2", "helper.py": "z = 3\n"}
    outside = sheet("%%writefile ../../mine.py\nx = 1", "%%writefile /etc/passwd\nx")
    assert answers.companions([outside]) == {}


# -- what was found instead ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([SOFTMAX.replace("softmax", "Softmax")], "Softmax is there"),
        ([SOFTMAX.replace("softmax", "soft_max")], "soft_max is there"),
        ([SOFTMAX.replace("softmax", "my_softmax")], "my_softmax is there"),
        ([SOFTMAX.replace("softmax", "softmx")], "softmx is there"),
        ([SOFTMAX.replace("softmax", "tanh")], ""),
        ([Cell("markdown", SOFTMAX), "x = 1"], "A markdown cell holds"),
        ([Cell("raw", SOFTMAX), "x = 1"], "A raw cell holds"),
        ([SOFTMAX, CHECK, f"def softmax(z, dim): ...\n\n{CHECK}"], "an empty copy"),
        ([f"def softmax(z, dim): ...\n\n{CHECK}", "def softmax(z, dim:\n    1"], "line 1"),
        (["def softmax(z, dim): ..."], ""),
        (["x = 1"], ""),
    ],
)
def test_what_is_to_do_says_what_was_found_instead(cells, words):
    found = find("softmax", *cells)
    assert found.status == "todo" and words in found.remark and bool(words) == bool(found.remark)


def test_a_broken_cell_is_its_answers_error_and_nobody_elses():
    found = answers.find([sheet("def softmax(z:\n    1", "def gate(n): return 1")], KINDS, LESSONS)
    with pytest.raises(SyntaxError):
        value_of(found["softmax"])
    assert value_of(found["gate"])(1) == 1


def test_cells_run_in_another_order_are_told():
    cells = [Cell("code", "x = 1", "a", 5), Cell("code", "def gate(n): return x", "b", 2)]
    assert "another order" in find("gate", *cells).remark
    assert find("gate", *cells[::-1]).remark == ""


# -- whatever stands there -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "!ls\n" * 3000,
        "x = " + "-" * 100_000 + "1",
        "x = a" + ".b" * 50_000,
        "x = " + "(" * 10_000,
        "x = 1\n" * 20_000,
        "'''" + "a" * 10_000,
        "x = '\0'",
        "return 1",
        "def f():\n" + "".join("    " * i + "if x:\n" for i in range(1, 99)),
    ],
    ids=range(9),
)
def test_no_cell_stops_the_reading_of_others(cell):
    assert value_of(find("softmax", cell, SOFTMAX, CHECK))(1, 2) == "right"
