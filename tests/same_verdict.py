"""Random notebooks of learners: what `check` says in IPython against what is found by reading.

    python tests/same_verdict.py SEED HOW_MANY

Each notebook holds some exercises of one lesson, right, wrong or open, edited as learners edit.
IPython runs all cells from top to bottom; what each exercise's last check said there is compared
with the verdict on what `answers.find` finds. Prints those that differ, and how many there were.
"""

import ast
import contextlib
import functools
import inspect
import io
import json
import random
import sys
import textwrap
from importlib import import_module
from unittest import mock

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import nnlib.exercises
from nnlib import lessons
from nnlib.checking import running
from nnlib.checking.judging import examine
from nnlib.exercises import catalog
from nnlib.trial import answers
from nnlib.trial.reading import Cell, Notebook

FIRST = (
    "import math\nimport numpy as np\nimport torch\nfrom torch import nn\n"
    "from torch.nn import functional as F\n\nfrom nnlib import check, hint"
)
SLOW = {"TwoInputNet", "digit_net", "train_one_epoch"}


# -- answers ---------------------------------------------------------------------------------------


def candidates(lesson: str, random_: random.Random) -> dict[str, list[str]]:
    """For each exercise of a lesson: cells that fill its hole, rightly and wrongly, and the hole."""
    shipped, solved = _shipped_and_solved(lesson)
    module = import_module(f"right_answers.{lesson.partition('_')[2]}")
    found = {}
    for exercise in catalog.LESSONS[lesson]:
        name = exercise.name
        cells = [solved[name], solved[name], shipped[name], *spoiled(solved[name], random_)]
        for other in module.RIGHT[name]:
            if getattr(other, "__module__", "") == module.__name__:
                cells.append(f"{inspect.getsource(module)}\n{name} = {other.__name__}")
        found[name] = cells
    return found


@functools.cache
def _shipped_and_solved(lesson: str) -> tuple[dict[str, str], dict[str, str]]:
    cells = [cell.source for cell in lessons.read(lesson).cells if cell.cell_type == "code"]
    return answers.extract(cells), lessons.solutions(lesson)


def spoiled(source: str, random_: random.Random) -> list[str]:
    """The answer with a number, an operator or its body changed."""
    tree = ast.parse(source)
    changes = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            changes.append(lambda node=node: setattr(node, "value", node.value + 1))
        elif isinstance(node, ast.BinOp):
            changes.append(lambda node=node: setattr(node, "op", random_.choice(OPERATORS)()))
        elif isinstance(node, ast.Return):
            changes.append(lambda node=node: setattr(node, "value", ast.Constant(None)))
    if not changes:
        return [source]
    random_.choice(changes)()
    return [ast.unparse(ast.fix_missing_locations(tree))]


OPERATORS = [ast.Add, ast.Sub, ast.Mult, ast.Div]


# -- edits -----------------------------------------------------------------------------------------
# Each gets the cells of one exercise, its name and a source of randomness, and gives the cells.


def as_it_is(cells, name, random_):
    return cells


def name_used_again(cells, name, random_):
    again = [
        f"{name} = 3",
        f"for {name} in range(2):\n    pass",
        f"from math import sqrt as {name}",
        f"{name} = {name}(1, 2)",
        f"class {name}:\n    pass",
        f"del {name}",
        f"def {name}(*arguments):\n    return None",
    ]
    return [*cells, random_.choice(again)]


def torch_used_again(cells, name, random_):
    return [*cells, "torch, nn, F, math = 1, 2, 3, 4", FIRST]


def check_in_its_own_cell(cells, name, random_):
    *before, last = cells
    body, _, check = last.rpartition("\n\ncheck(")
    return [*before, body, "scratch = 1 + 1\nscratch", f"check({check}"] if body else cells


def copied_below(cells, name, random_):
    """The cell as it was, or its hole, stands there once more."""
    hole = random_.choice([cells[-1], f"def {name}(*arguments):\n    ...", f"{name} = ..."])
    if random_.random() < 0.5 and "check(" not in hole:
        hole += f"\n\ncheck({name!r}, {name})"
    return [*cells, hole]


def wrapped(cells, name, random_):
    opening = random_.choice(
        [
            *("if True:", "with torch.no_grad():", "try:", "for _ in range(2):", "while True:"),
            *("if not True:\n    x = 1\nelse:", "if __name__ == '__main__':"),
        ]
    )
    closing = {
        "try:": "\nexcept Exception as error:\n    print(error)",
        "while True:": "\n    break",
    }
    body = cells[-1]
    if random_.random() < 0.5 and "\n\ncheck(" in body:
        body, check = body.rsplit("\n\ncheck(", 1)
        check = f"\n\ncheck({check}"
    else:
        check = ""
    inner = textwrap.indent(body, "    ")
    return [*cells[:-1], opening + "\n" + inner + closing.get(opening, "") + check]


def handed_over_otherwise(cells, name, random_):
    body, _, check = cells[-1].rpartition("\n\ncheck(")
    if not body:
        return cells
    way = random_.choice(
        [
            f"mine = {name}\n{name} = 3\ncheck({name!r}, mine)",
            f"for which, what in {{{name!r}: {name}}}.items():\n    check(which, what)",
            f"def test(which, what):\n    return check(which, what)\n\ntest({name!r}, {name})",
            f"from nnlib import check as look\nlook({name!r}, {name})",
            f"import nnlib\nnnlib.check({name!r}, {name})",
            f"result = check({name!r}, {name})",
            f"print(check({name!r}, {name}).passed)",
            f"assert check({name!r}, {name})",
            f"check(answer={name}, name={name!r})",
            f"check({name!r}, globals()[{name!r}])",
            f"check({name!r}, lambda *arguments: {name}(*arguments))",
            f"if {name} is not None:\n    check({name!r}, {name})",
            f"[check({name!r}, one) for one in ({name},)]",
            f"things = [{name}]\nfor thing in things:\n    check({name!r}, thing)",
        ]
    )
    return [*cells[:-1], body, way]


def built_in_steps(cells, name, random_):
    body, _, check = cells[-1].rpartition("\n\ncheck(")
    if not body:
        return cells
    steps = random_.choice(
        [
            ["table = {}", f"{body}\ntable['it'] = {name}", f"def {name}(*a):\n    return table['it'](*a)"],
            ["parts = []", f"{body}\nparts.append({name})", f"{name} = parts[-1]"],
            ["class Box: pass", f"{body}\nBox.it = {name}", f"{name} = Box.it"],
            [
                "known = {}\ndef remember(what):\n    known[what.__name__] = what\n    return what",
                f"{body}\nremember({name})",
                f"{name} = known[{name!r}]",
            ],
            [
                "count = 0\ndef counted(what):\n    def inner(*a):\n        global count\n"
                "        count += 1\n        return what(*a)\n    return inner",
                f"{body}\n{name} = counted({name})",
            ],
            [f"{body}\nkept = [{name}]\nother = kept", f"other[0] = lambda *a: 17\n{name} = kept[0]"],
            [f"def make():\n    global {name}\n" + textwrap.indent(f"{body}\n", "    "), "make()"],
            ["scale = 1", f"{body}\nplain = {name}", "scale *= 2",
             f"def {name}(*a):\n    assert scale == 2\n    return plain(*a)"],
        ]
    )  # fmt: skip
    return [*cells[:-1], *steps, f"check({check}"]


def helper_changed(cells, name, random_):
    """What the answer uses is bound again, before its check or after it."""
    body, _, check = cells[-1].rpartition("\n\ncheck(")
    if not body:
        return cells
    helper = f"def helped(what):\n    return what\n\n{body}\ninner = {name}"
    use = f"def {name}(*a):\n    return helped(inner(*a))"
    spoil = "def helped(what):\n    return None"
    cells = [*cells[:-1], helper, use, f"check({check}"]
    cells.insert(random_.randrange(len(cells) - 2, len(cells) + 1), spoil)
    return cells


def class_in_steps(cells, name, random_):
    """The methods of a class are added one by one."""
    body, _, check = cells[-1].rpartition("\n\ncheck(")
    tree = ast.parse(body or "0").body
    if not body or not isinstance(tree[-1], ast.ClassDef) or len(tree[-1].body) < 2:
        return cells
    *kept, last = tree[-1].body
    if not isinstance(last, ast.FunctionDef) or "super(" in ast.unparse(last):
        return cells
    tree[-1].body = kept
    method = ast.unparse(last)
    added = random_.choice(
        [
            [f"{method}\n{name}.{last.name} = {last.name}"],
            [f"{method}\nsetattr({name}, {last.name!r}, {last.name})"],
            [
                "def add_to(Class):\n    def add(method):\n        setattr(Class, method.__name__, method)"
                "\n    return add",
                f"@add_to({name})\n{method}",
            ],
            [f"class {name}({name}):\n" + textwrap.indent(method, "    ")],
        ]
    )
    return [*cells[:-1], ast.unparse(tree[-1]), *added, f"check({check}"]


EDITS = [
    *(as_it_is, name_used_again, torch_used_again, check_in_its_own_cell, copied_below, wrapped),
    *(handed_over_otherwise, built_in_steps, helper_changed, class_in_steps),
]
SCRATCH = [
    "%matplotlib inline",
    "!true",
    "1 / 0",
    "from no_such_module_anywhere import *",
    "from math import *",
    "from __future__ import annotations",
    "def broken(:",
    "%%bash\ntrue",
    "x = torch.randn(3)\nx.mean()",
    "torch?",
    "# only words",
    "X = torch.randn(8, 2)\nmodel = nn.Linear(2, 1)\nfor _ in range(3):\n"
    "    loss = model(X).pow(2).mean()\n    loss.backward()",
    "z = w = b = lr = data = helper = None",
]


def a_notebook(random_: random.Random, names: list[str]) -> list[str]:
    lesson = random_.choice(names)
    filled = candidates(lesson, random_)
    chosen = random_.sample(sorted(filled.keys() - SLOW), min(3, len(filled.keys() - SLOW)))
    parts = []
    for name in chosen:
        cells = [f"{random_.choice(filled[name])}\n\ncheck({name!r}, {name})"]
        if random_.random() < 0.1:
            cells = [cells[0].rsplit("\n\ncheck(", 1)[0]]
        for edit in random_.sample(EDITS, random_.choice([1, 1, 2])):
            cells = edit(cells, name, random_)
        parts.append(cells)
    if random_.random() < 0.3:  # cells of several exercises, mixed
        order = [part for part in parts for _ in part]
        random_.shuffle(order)
        cells = [part.pop(0) for part in order]
    else:
        cells = [cell for part in parts for cell in part]
    for _ in range(random_.randrange(4)):
        cells.insert(random_.randrange(len(cells) + 1), random_.choice(SCRATCH))
    return [FIRST, *cells]


# -- the two ways ----------------------------------------------------------------------------------


class Live:
    """IPython, running one notebook after another, each in a fresh namespace."""

    def __init__(self):
        config = Config()
        config.HistoryManager.enabled = False
        self.shell = InteractiveShell.instance(config=config)
        self.said: dict[str, str] = {}

    def check(self, name, answer):
        verdict = examine(catalog.find(name), answer)
        self.said[name] = verdict.status
        return verdict

    def run(self, cells: list[str]) -> dict[str, str]:
        self.said = {}
        self.shell.reset(new_session=False)
        self.shell.compile.reset_compiler_flags()
        modules = (sys.modules["nnlib"], nnlib.exercises)
        with contextlib.ExitStack() as stack:
            for module in modules:
                stack.enter_context(mock.patch.object(module, "check", self.check, create=True))
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
            for cell in cells:
                self.shell.run_cell(cell, store_history=False)
        return self.said


def by_reading(cells: list[str], names: list[str]) -> dict[str, str]:
    """The verdicts on what is found in the cells."""
    notebook = Notebook("work.ipynb", tuple(Cell("code", cell) for cell in cells))
    everything = {e.name: lesson for lesson, own in catalog.LESSONS.items() for e in own}
    kinds = {name: catalog.find(name).asked.kind for name in names}
    verdicts = {}
    for name, found in answers.find([notebook], kinds, everything).items():
        verdicts[name] = "todo"
        if found.status == "answer":
            verdicts[name] = _verdict(name, found)
    return verdicts


def _verdict(name: str, found: answers.Found) -> str:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = running.load(found.program, found.expression, answers.GIVEN)
    except (Exception, SystemExit):
        return "error"
    return examine(catalog.find(name), answer).status


def main(seed: int, count: int, names: list[str]) -> None:
    live, different, verdicts = Live(), [], 0
    for i in range(count):
        random_ = random.Random(1000 * seed + i)
        cells = a_notebook(random_, names)
        said = live.run(cells)
        read = by_reading(cells, list(said))
        verdicts += len(said)
        if said != read:
            different.append({"number": i, "said": said, "read": read, "cells": cells})
    print(json.dumps({"notebooks": count, "verdicts": verdicts, "different": different}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or list(catalog.LESSONS))
