"""Grading one submission and many: the right marks, and a row for everything."""

import base64
import functools
import inspect
import json
import math
import os
import re
import signal
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from nnlib import lessons
from nnlib.checking.running import Failure, Foreign, Outcome
from nnlib.exercises import catalog
from nnlib.files import code_cells
from nnlib.trial import judge, processes, wire
from nnlib.trial.judge import File, Item, Row, fingerprints
from nnlib.trial.runner import Limits, grade_many, grade_one, survey

EXERCISES = catalog.LESSONS["01_perceptron"]
NAMES = tuple(exercise.name for exercise in EXERCISES)
SOLUTION = (Path(__file__).parents[1] / "solutions" / "01_perceptron.py").read_text("utf-8")


def item(key: str, names: tuple[str, ...], seed: int, *cells: str) -> Item:
    """An item with a notebook of these cells."""
    cells = [{"cell_type": "code", "source": cell} for cell in cells]
    return Item(key, (File("a.ipynb", json.dumps({"cells": cells}).encode()),), names, seed)


def grade(*cells: str, name="perceptron", seed=3, **options) -> Row:
    (row,) = grade_one(item("a student", (name,), seed, *cells), **options)
    return row


# -- marks -----------------------------------------------------------------------------------------


def test_the_solution_gets_all_points_and_every_row_says_who_what_and_how():
    rows = grade_one(item("Zoë O'Neil", NAMES, 11, SOLUTION))
    assert [row.exercise for row in rows] == list(NAMES)
    for row, exercise in zip(rows, EXERCISES, strict=True):
        assert row.to_dict() == vars(row) and row.file == "a.ipynb"
        assert (row.key, row.seed, row.status) == ("Zoë O'Neil", 11, "correct")
        assert row.points == row.max == exercise.points
        assert len(row.hash) == 16 + 1 + 8 and row.seconds >= 0


def test_the_lesson_as_handed_out_is_to_do():
    notebook = lessons.read("01_perceptron")
    cells = tuple(cell.source for cell in notebook.cells if cell.cell_type == "code")
    rows = grade_one(item("a", NAMES, 1, *cells))
    assert {(row.status, row.points) for row in rows} == {("todo", 0)}


def test_the_solved_lesson_gets_all_points():
    notebook = lessons.solve("01_perceptron")
    cells = tuple(cell.source for cell in notebook.cells if cell.cell_type == "code")
    rows = grade_one(item("a", NAMES, 1, *cells))
    assert {row.status for row in rows} == {"correct"}


@pytest.mark.parametrize(
    "cells",
    [
        ("import torch as t", "def perceptron(x, w, b):\n    return t.gt(x @ w + b, 0).to(x.dtype)"),
        (
            "from torch.nn import functional as F",
            "def fires(z):\n    return (F.relu(z) > 0)",
            "def perceptron(x, w, b):\n    return fires(x @ w + b).to(x.dtype)",
        ),
        (
            "def perceptron(x, w, b):\n    return 1",
            "def perceptron(x, w, b):\n    return (x @ w + b > 0).to(x.dtype)",
        ),
        (
            "import time",
            "def perceptron(x, w, b):\n    return (x @ w + b > 0).to(x.dtype)\n"
            "for epoch in range(1000):\n    time.sleep(3600)",
        ),
        (
            "def perceptron(x, w, b):\n    return (x @ w + b > 0).to(x.dtype)\n"
            "from nnlib import check, plots\ncheck('perceptron', perceptron)\ndel perceptron",
        ),
        (
            "from nnlib import check, data, plots, training\nfrom nnlib.training import History",
            "limit = 0\n!pip install torch\n%matplotlib inline",
            "def perceptron(x, w, b):\n    print(History)\n"
            "    return (x @ w + b > limit).to(x.dtype)",
        ),
        ("import statistics, wave\ndef perceptron(x, w, b):\n    wave.Error, statistics.mean([1])\n"
         "    return (x @ w + b > 0).to(x.dtype)",),
    ],
    ids=["torch as t", "F and a helper", "last of two", "training", "deleted", "magics", "stdlib"],
)  # fmt: skip
def test_ordinary_ways_to_write_an_answer_count(cells):
    row = grade(*cells, limits=Limits(cpu=60, wall=120))
    assert row.status == "correct", row


def test_the_last_definition_counts_also_where_it_is_the_wrong_one():
    right = "def perceptron(x, w, b):\n    return (x @ w + b > 0).to(x.dtype)"
    row = grade(right, "def perceptron(x, w, b):\n    return (x @ w + b >= 0).to(x.dtype)")
    assert row.status == "wrong"
    assert row.message.startswith("It fires when the sum is exactly 0.")


@pytest.mark.parametrize("lesson", catalog.LESSONS)
def test_the_solutions_of_every_lesson_get_all_points(lesson):
    names = tuple(exercise.name for exercise in catalog.LESSONS[lesson])
    cells = tuple(code_cells(lessons.SOLUTIONS / f"{lesson}.py"))
    rows = grade_one(item("a", names, 7, *cells))
    assert [row for row in rows if row.status != "correct"] == []


def test_classes_and_values_are_answers_too():
    assert grade("xor_errors = 1", name="xor_errors").status == "correct"
    assert grade("xor_errors = 3", name="xor_errors").message.startswith("3 is what AND")
    assert grade("xor_errors = ...", name="xor_errors").status == "todo"
    source = "from torch import nn\nclass BatchNorm(nn.BatchNorm1d):\n    affine = True"
    assert grade(source, name="BatchNorm").status == "correct"
    source = "def BatchNorm(*arguments):\n    return 1"
    assert "should be a class" in grade(source, name="BatchNorm").message


def test_another_seed_gives_other_inputs():
    """Answers learned by heart from one seed's inputs fail under another."""
    learned = []
    for case in catalog.find("perceptron").asked.cases(torch.Generator().manual_seed(1)):
        x, w, b = case
        learned.append((x @ w + b > 0).to(x.dtype).tolist())
    source = f"import torch\nanswers = iter({learned})\n"
    source += "def perceptron(x, w, b):\n    return torch.tensor(next(answers), dtype=x.dtype)"
    assert grade(source, seed=1).status == "correct"
    assert grade(source, seed=2).status == "wrong"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (("def perceptron(x, w, b)\n    return 1",), "SyntaxError: expected ':'"),
        (("import no_such_module as n\ndef perceptron(x, w, b):\n    n",), "no_such_module"),
        (("def perceptron(x, w, b):\n    return x @ W",), "NameError: name 'W'"),
        (("perceptron = 1 / 0",), "ZeroDivisionError"),
        (("def perceptron(x, w, b):\n    return '\0'",), "null bytes"),
        (("perceptron = " + "(" * 50_000,), ""),
        (("perceptron = " + "-" * 50_000 + "1",), ""),
        (("perceptron = " + " + ".join(["1"] * 20_000),), ""),
        (("perceptron = x" + ".x" * 50_000,), ""),
    ],
    ids=["syntax", "import", "name", "value", "null", "brackets", "minus", "plus", "dots"],
)
def test_code_that_cannot_be_run_is_an_error_with_a_reason(cells, message):
    row = grade(*cells)
    assert row.status == "error" and row.points == 0
    assert row.message and message in row.message


@pytest.mark.parametrize(
    "body", ["raise ValueError(x.tolist())", "{}[x.flatten()[0].item()]", "float(str(x))"]
)
def test_an_exceptions_text_shows_no_input(body):
    message = grade(f"def perceptron(x, w, b):\n    {body}").message
    first, line = message.split("\n")
    assert re.fullmatch(r"It raised \w+\.", first) and line == f"in perceptron: {body}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return x @ W", "name 'W' is not defined"),
        ("return x.shpe", "object has no attribute 'shpe'"),
        ("return x @ x @ x", "mat1 and mat2 shapes cannot be multiplied (…x… and …x…)"),
        ("return {}[b.item()]", ""),
        ("raise NameError(f\"name 'b{b.item():.3f}' is not defined\")", ""),
        ("raise NameError(f\"name 'b{str(b.item())[2:6]}' is not defined\")", ""),
        ("raise type(str(b.item()), (Exception,), {})", ""),
    ],
)
def test_what_python_says_is_told_without_numbers_and_made_up_names(body, told):
    source = f"def perceptron(x, w, b):\n    {body}"
    message = grade(source).message
    assert told in message and not re.search(
        r"\d", message.split("\n")[0].replace("mat1 and mat2", "")
    )
    assert bool(told) == (": " in message.split("\n")[0])


def test_nothing_is_hidden_of_the_inputs_that_everybody_has():
    source = "def perceptron(x, w, b):\n    raise ValueError(x.shape)"
    assert "torch.Size" in grade(source, seed=0).message


def test_files_that_are_too_large_together_are_not_read():
    files = tuple(File(f"{i}.py", b"#" * 2**20) for i in range(3))
    rows = grade_one(Item("a", files, NAMES, 1), Limits(files=2 * 2**20))
    assert {row.status for row in rows} == {"error"} and "more than 2 MB" in rows[0].message
    assert rows[0].problem == rows[0].message


def test_a_submission_without_code_has_rows_too():
    assert {row.status for row in grade_one(Item("a", (), NAMES, 1))} == {"todo"}
    rows = grade_one(Item("a", (), NAMES, 1, problem="It is not a notebook."))
    assert [(row.status, row.message) for row in rows] == [
        ("error", "It is not a notebook.")
    ] * len(NAMES)
    assert "Did you mean perceptron" in grade("x = 1", name="perceptrn").message


def test_time_that_runs_out_is_said_so():
    loop = "def perceptron(x, w, b):\n    while True:\n        pass"
    row = grade(loop, limits=Limits(cpu=0.3, wall=600))
    assert row.message == "It ran for more than 0.3 seconds of processor time and was stopped."
    wait = "import time\ndef perceptron(x, w, b):\n    time.sleep(60)"
    row = grade(wait, limits=Limits(cpu=60, wall=0.5))
    assert row.message == "It took more than 0.5 seconds and was stopped."


def test_limits_are_for_each_exercise():
    burn = "import time\nuntil = time.process_time() + 0.6\nwhile time.process_time() < until:\n"
    names = ("perceptron", "gate", "xor_errors")
    cells = [burn + f"    {name} = 1" for name in names]
    rows = grade_one(item("a", names, 1, *cells), Limits(cpu=1.3, wall=600))
    assert not [row for row in rows if "processor time" in row.message], "they were added up"


def test_one_item_costs_so_much_time_and_no_more():
    wait = "import time\ndef {}(*arguments):\n    time.sleep(600)"
    names = ("perceptron", "gate", "perceptron_update")
    cells = [wait.format(name) for name in names]
    rows = grade_one(item("a", names, 1, *cells), Limits(wall=500, total=0.5))
    assert {row.status for row in rows} == {"error"}
    assert "together took more than 0.5 seconds" in rows[0].message


BOMBS = {
    "magics": "\n".join(["!ls"] * 300),
    "minus": "x = " + "-" * 50_000 + "1",
    "dots": "x = a" + ".b" * 200_000,
    "brackets": "x = " + "(" * 100_000,
    "lines": "a=1\n" * 5_000,
    "null": "x = '\0'",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_cannot_be_read_harms_nobody(bomb):
    """Neither the other students, nor the other file of the same one."""
    cells = [{"cell_type": "code", "source": BOMBS[bomb]}]
    files = (
        File("bomb.ipynb", json.dumps({"cells": cells}).encode()),
        File("bomb.py", BOMBS[bomb].encode()),
        File("good.py", b"xor_errors = 1"),
    )
    items = [Item(bomb, files, ("xor_errors",), 1), *students(2)]
    found = marks(grade_many(items, processes=1))
    assert found == {bomb: 1, "student 0": 0, "student 1": 1}
    for one in survey(files):
        assert isinstance(one.problem, str)


@pytest.mark.parametrize(
    "content", [b"[" * 200_000, b'{"cells": ' + b"[" * 10**5, b"\xff\xfe\x00", b"1" * 10**5]
)
def test_a_broken_notebook_has_a_sentence(content):
    rows = grade_one(Item("a", (File("a.ipynb", content),), NAMES, 1))
    assert {row.status for row in rows} == {"error"} and rows[0].problem
    (found,) = survey([File("a.ipynb", content)])
    assert found.problem and found.answers == found.holes == ()


def test_a_failure_of_the_grader_itself_is_one_items_error(monkeypatch):
    """Whatever it is: the others are graded, and everybody has rows."""

    def failing(name, message, item, limits):
        raise MemoryError

    monkeypatch.setattr(judge, "on_message", failing)
    rows = grade_one(item("a", NAMES[:2], 1, SOLUTION))
    assert [row.status for row in rows] == ["error", "error"]


def test_what_is_known_is_not_run():
    (first,) = grade_one(item("a", ("perceptron",), 1, SOLUTION))
    assert first.program and first.status == "correct"
    (again,) = grade_one(item("a", ("perceptron",), 1, SOLUTION), known={first.program})
    assert (again.status, again.program) == ("known", first.program)
    (other,) = grade_one(item("a", ("perceptron",), 1, f"{SOLUTION}\nunneeded = 1"), known=())
    assert other.program == first.program, "what it does not need changes nothing"


def test_a_survey_says_what_a_file_answers():
    holes = "def gate(name):\n    ...\nxor_errors = ..."
    good = File("mine.py", f"{holes}\ndef perceptron(x, w, b):\n    return 1".encode())
    found, empty = survey([good, File("empty.py", b"")])
    assert (found.answers, set(found.holes)) == (("perceptron",), {"gate", "xor_errors"})
    assert empty.problem and empty.name == "empty.py"


def fingerprint(*cells: str, problem="", name="perceptron") -> str:
    files = item("a", (), 1, *cells).files
    return fingerprints(Item("a", files, (name,), 1, problem))[name]


def test_the_fingerprint_is_the_codes():
    assert fingerprint("a", "b") == fingerprint("a", "b")
    prints = {fingerprint("a", "b"), fingerprint("ab"), fingerprint(problem="x"), fingerprint()}
    assert len(prints) == 4
    fingerprint("'\ud800'")  # half a character is not the end of it


@pytest.mark.parametrize("changed", ["asked.perceptron", "known.perceptron", "judging", "running"])
def test_the_fingerprint_is_the_exercises_too(changed, monkeypatch):
    before = fingerprint("a"), fingerprint("a", name="softmax")
    monkeypatch.setattr(inspect, "getsource", lambda module: _edited(module, changed))
    monkeypatch.setattr(judge, "version_of", functools.cache(judge.version_of.__wrapped__))
    after = fingerprint("a"), fingerprint("a", name="softmax")
    assert before[0] != after[0]
    assert (before[1] == after[1]) == changed.endswith("perceptron"), (
        "only what has to be graded again"
    )


def _edited(module, changed: str, source=inspect.getsource) -> str:
    return source(module) + "\n# edited" * module.__name__.endswith(f".{changed}")


# -- many ------------------------------------------------------------------------------------------


def students(n: int) -> list[Item]:
    return [item(f"student {i}", ("xor_errors",), 1, f"xor_errors = {i % 2}") for i in range(n)]


def marks(graded) -> dict[str, int]:
    return {row.key: row.points for rows in graded for row in rows}


def test_many_are_graded_alike_with_and_without_an_executor():
    expected = {f"student {i}": i % 2 for i in range(20)}
    assert marks(grade_many(students(20))) == expected
    assert processes.idle == [], "its processes have ended"
    with ThreadPoolExecutor(1) as executor:
        assert marks(grade_many(iter(students(20)), executor)) == expected


class Unreliable(Executor):
    """Every third worker dies."""

    def __init__(self):
        self.submitted = 0

    def submit(self, function, *arguments):
        future, self.submitted = Future(), self.submitted + 1
        if self.submitted % 3 == 0:
            future.set_exception(RuntimeError("the worker died"))
        else:
            future.set_result(function(*arguments))
        return future


def test_a_worker_that_dies_loses_nothing():
    assert marks(grade_many(students(7), Unreliable())) == {f"student {i}": i % 2 for i in range(7)}


def test_a_warm_process_that_dies_is_replaced_and_so_is_their_template():
    assert grade("xor_errors = 1", name="xor_errors").points == 1
    (warm,), (template,) = processes.idle, processes.templates
    os.kill(warm.pid, signal.SIGKILL)
    assert grade("xor_errors = 1", name="xor_errors").points == 1
    assert processes.idle[0] is not warm and processes.templates == [template]
    os.kill(processes.idle[0].pid, signal.SIGKILL)
    template.process.kill()
    assert grade("xor_errors = 1", name="xor_errors").points == 1
    assert processes.templates != [template] and not os.path.exists(template.folder)


@pytest.mark.parametrize("processes_at_once", [None, 1])
def test_stopping_early_ends_what_is_running(processes_at_once):
    wait = "import time\ndef perceptron(x, w, b):\n    time.sleep(600)"
    items = [*students(1), *[item(f"slow {i}", ("perceptron",), 1, wait) for i in range(4)]]
    graded = grade_many(items, processes=processes_at_once, limits=Limits(wall=900))
    next(graded)
    start = time.monotonic()
    graded.close()
    assert time.monotonic() - start < 300, "it waited for the slow ones"
    assert processes.idle == []


# -- what leaves this process, and what comes back ------------------------------------------------


def test_the_process_that_runs_answers_has_never_seen_the_right_ones():
    source = "import sys\ndef perceptron(x, w, b):\n    raise ValueError(*[' '.join(n for n in"
    source += " sys.modules if n.startswith('nnlib'))])"
    loaded = set(grade(source, seed=0).message.split())
    assert "nnlib.checking.running" in loaded
    forbidden = ("nnlib.exercises.catalog", "nnlib.exercises.known", "nnlib.trial.judge")
    assert not [name for name in loaded if name.startswith(forbidden)]


VALUES = [
    *(None, True, 3, -(2**70), 1.5, "é\n", [1, [2.0]], (1, (2,)), {"a": {"b": None}}, []),
    *(torch.tensor(2.5), torch.zeros(0, 3), torch.arange(6).reshape(2, 3), torch.tensor([True])),
    *(torch.linspace(-1, 1, 12).reshape(3, 4).T, torch.tensor([0.1, 2e9]).bfloat16(), torch.tensor(0.1).half(), Foreign("set")),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were(value):
    sent = [Outcome(value, None, True, "printed"), Outcome(failure=Failure("E", "text", "line 1"))]
    line = json.dumps({"outcomes": wire.encode(sent, 10**6)}).encode()
    first, second = wire.decode(wire.parse(line)["outcomes"])
    assert second == sent[1] and (first.changed_arguments, first.printed) == (True, "printed")
    assert type(first.value) is type(value)
    if isinstance(value, torch.Tensor):
        assert first.value.dtype == value.dtype and torch.equal(first.value, value)
    else:
        assert first.value == value


def test_nan_and_infinity_come_back():
    line = json.dumps(wire.encode([Outcome([math.nan, -math.inf, torch.tensor(math.nan)])], 1000))
    nan, infinity, tensor = wire.decode(json.loads(line))[0].value
    assert math.isnan(nan) and infinity == -math.inf and tensor.isnan()


def test_what_is_too_large_or_odd_is_not_sent():
    with pytest.raises(wire.TooLarge):
        wire.encode([Outcome(torch.zeros(1000))], 1000)
    with pytest.raises(wire.TooLarge):
        wire.encode([Outcome([1] * 1000)], 1000)
    for odd in (torch.zeros(2, dtype=torch.complex64), torch.eye(2).to_sparse(), 2**5000):
        (outcome,) = wire.decode(wire.encode([Outcome(odd)], 1000))
        assert isinstance(outcome.value, Foreign)


def tensor(dtype="float32", shape=(2,), raw=bytes(8)):
    return {"tensor": [dtype, list(shape), base64.b64encode(raw).decode()]}


@pytest.mark.parametrize(
    "value",
    [
        *({}, {"a": 1}, {"tuple": 1}, {"tuple": [], "dict": []}, {"dict": [[1, 2]]}, {"dict": [[]]}),
        *({"dict": {}}, {"foreign": 3}, {"tensor": []}, {"tensor": "float32"}, 10**100),
        *(tensor("float128"), tensor("__class__"), tensor(shape=(3,)), tensor(shape=(-2, -1))),
        *(tensor(shape=(2**40, 0)), tensor(shape=(True, 2)), tensor(shape=(2.0,)), tensor(raw=b"")),
        *({"tensor": ["float32", [2], "no base64!"]}, {"tensor": ["float32", [2], 5]}),
        tensor(shape=(1,) * 99, raw=bytes(4)),
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_value_is_refused(value):
    outcome = {"value": value, "failure": None, "changed": False, "printed": ""}
    with pytest.raises(wire.Malformed):
        wire.decode([outcome])


@pytest.mark.parametrize(
    "change",
    [{"failure": []}, {"failure": [1, 2, 3]}, {"changed": 1}, {"printed": None}, {"more": 1}],
    ids=str,
)
def test_a_forged_outcome_is_refused(change):
    outcome = {"value": 1, "failure": None, "changed": False, "printed": ""}
    assert wire.decode([outcome])
    with pytest.raises(wire.Malformed):
        wire.decode([outcome | change])
    for other in ("correct", None, {}, [1], ["x"], [[]]):
        with pytest.raises(wire.Malformed):
            wire.decode(other)


@pytest.mark.parametrize("line", [b"", b"[]", b"1", b"\xff{}", b"[" * 100_000, b"{}x", b"NaN"])
def test_a_line_that_is_not_an_object_is_refused(line):
    with pytest.raises(wire.Malformed):
        wire.parse(line)


def test_a_bool_is_one_of_two_however_its_byte_was_forged():
    outcome = {"value": tensor("bool", (3,), b"\x00\x02\xff"), "failure": None, "changed": False}
    (decoded,) = wire.decode([outcome | {"printed": ""}])
    assert decoded.value.tolist() == [False, True, True]
    assert decoded.value.view(torch.uint8).tolist() == [0, 1, 1]
