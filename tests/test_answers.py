"""Holes and answers: extract, insert, program."""

import nbformat
import pytest
import torch
from made import program

from nnlib.trial import answers
from nnlib.trial.reading import Cell, Notebook


def notebook(*cells: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


def found(cells, name, kind="function"):
    sheet = Notebook("work.ipynb", tuple(Cell("code", cell) for cell in cells))
    return answers.find([sheet], {name: kind}, {name: "a lesson"})[name]


# -- extract ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "name", "source"),
    [
        ("def f(x):\n    return x", "f", "def f(x):\n    return x"),
        ("@d.no_grad()\ndef f(x): return x", "f", "@d.no_grad()\ndef f(x): return x"),
        ("async def f(): pass", "f", "async def f(): pass"),
        ("class A(B):\n    x = 1", "A", "class A(B):\n    x = 1"),
        ("x = 3", "x", "x = 3"),
        ("x: int = 3", "x", "x: int = 3"),
        ("w, b = 1, 2", "b", "w, b = 1, 2"),
        ("f = lambda x: x", "f", "f = lambda x: x"),
        ("x = y = 3", "x", "x = y = 3"),
        ("a = 1; b = 2", "b", "b = 2"),
        ("from m import f as g", "g", "from m import f as g"),
        ("%matplotlib inline\nx = 1", "x", "x = 1"),
        ("!ls\ntorch?\nx = 1", "x", "x = 1"),
        ("%%time\ndef f(x):\n    return x", "f", "def f(x):\n    return x"),
        ("try:\n    def f(x): ...\nfinally:\n    g = 1", "f", None),
        ("def f(x):\n    return x\n    # why\n\n", "f", "def f(x):\n    return x\n    # why"),
        ('def f(x):\n    """Über\n# %% not a cell\n"""', "f", None),
    ],
)
def test_extract_finds_a_definition(cell, name, source):
    found = answers.extract([cell])
    assert found[name] == (cell if source is None else source)


def test_the_last_definition_counts():
    assert answers.extract(["x = 1", "x = 2"])["x"] == "x = 2"


def test_nothing_inside_another_cell_magic_counts():
    assert answers.extract(["%%bash\nx=1", "%%html\n<b>x = 1</b>", "out = !ls"]).keys() == {"out"}


def test_a_half_written_answer_is_kept_as_text():
    broken = "import torch\ndef softmax(z, dim):\n    return z.exp( / 2"
    assert answers.extract([broken, "y = 1"]) == {"softmax": broken, "y": "y = 1"}


# -- holes and insert ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "hole"),
    [
        ("def f(x): ...", True),
        ('def f(x):\n    """Doc."""\n    ...', True),
        ('class A(nn.Module):\n    """Doc."""\n    ...', True),
        ("x = ...", True),
        ("x: int = ...", True),
        ("def f(x): pass", False),
        ("def f(x):\n    return ...", False),
        ("def f(x):\n    x + 1", False),
        ("x = [...]", False),
        ("x = None", False),
        ("def f(", False),
    ],
)
def test_a_hole_is_recognised_by_its_code(source, hole):
    assert answers.is_hole(source) is hole


LESSON = notebook(
    "import torch",
    "x = 1\nprint(x)",
    'def f(x):\n    """Return x."""\n    ...\n\ncheck("f", f)',
    "v = ...\n\ncheck('v', v)",
    "def g(x): ...",
)


def test_insert_fills_holes_and_only_holes():
    filled = answers.insert(LESSON, {"f": "def f(q):\n    return q", "x": "x = 99", "v": "v = 7"})
    sources = [cell.source for cell in filled.cells]
    assert sources[1] == "x = 1\nprint(x)"
    assert sources[2] == 'def f(q):\n    return q\n\ncheck("f", f)'
    assert sources[3] == "v = 7\n\ncheck('v', v)"
    assert sources[4] == "def g(x): ..."
    assert LESSON.cells[3].source.startswith("v = ...")  # the lesson itself is unchanged


def test_insert_passes_over_holes_and_keeps_broken_answers():
    filled = answers.insert(LESSON, {"f": "def f(x): ...", "g": "def g(x:\n    1"})
    assert filled.cells[2].source == LESSON.cells[2].source
    assert filled.cells[4].source == "def g(x:\n    1"


def test_insert_removes_only_the_outputs_that_no_longer_belong():
    lesson = notebook("1 + 1", "v = ...\n\ncheck('v', v)")
    for cell in lesson.cells:
        cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="old")], 1
    filled = answers.insert(lesson, {"v": "v = 7"})
    assert filled.cells[0].outputs and not filled.cells[1].outputs


def test_extract_undoes_insert():
    given = {"f": "def f(q):\n    return q", "v": "v = 7", "g": "def g(x):\n    return 2 * x"}
    cells = [cell.source for cell in answers.insert(LESSON, given).cells]
    assert {name: answers.extract(cells)[name] for name in given} == given


# -- program ---------------------------------------------------------------------------------------

SUBMISSION = [
    "import torch as t\nfrom torch.nn import functional as F",
    "data = expensive_training()",
    "def helper(z): return scale * F.relu(z)",
    "def answer(z):\n    t = None\n    return 0",
    "scale = 1",
    "scale = scale + 1",
    "if True:\n    shift = t.tensor(1.0)",
    "def answer(z):\n    data = z\n    return helper(data) + shift",
    "print(answer(data))",
]


def test_a_program_holds_what_an_answer_needs_and_no_more():
    least = program(SUBMISSION, "answer")
    assert "expensive_training" not in least and "print" not in least
    assert least.count("def answer") == 1
    namespace = {}
    exec(least, namespace)
    assert namespace["answer"](torch.tensor(3.0)) == 7.0  # 2 * relu(3) + 1


def test_a_program_follows_defaults_decorators_and_base_classes():
    cells = [
        "import torch\nfrom torch import nn",
        "SIZE = 3",
        "class Base(nn.Module):\n    size = SIZE",
        "class Net(Base):\n    def forward(self, x, k=SIZE):\n        return x * k",
    ]
    namespace = {}
    exec(program(cells, "Net", "class"), namespace)
    assert namespace["Net"]()(2) == 6


def test_a_recursive_answer_and_two_that_need_each_other():
    cells = [
        "def even(n): return n == 0 or odd(n - 1)",
        "def odd(n): return n != 0 and even(n - 1)",
    ]
    namespace = {}
    exec(program(cells, "even"), namespace)
    assert namespace["even"](10) and not namespace["even"](7)


def test_a_name_bound_twice_is_there_before_and_after():
    cells = [
        "import torch",
        "a = torch.tensor(1.0)",
        "import torch",
        "def f(): return a + torch.pi",
    ]
    namespace = {}
    exec(program(cells, "f"), namespace)
    assert abs(float(namespace["f"]()) - 1 - torch.pi) < 1e-6


def test_an_answer_that_is_deleted_afterwards_still_counts():
    cells = ["def f(): return 1", "del f"]
    assert program(cells, "f").strip() == cells[0]


def test_a_star_import_comes_along():
    assert "from math import *" in program(["from math import *", "def f(): return pi"], "f")


def test_what_is_not_there_is_to_do():
    assert found(SUBMISSION, "nowhere").status == "todo"
