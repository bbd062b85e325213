"""What a learner reads in a notebook about an answer that raised: their own line, not ours."""

import nbformat
import pytest

from nnlib.checking.running import describe_failure, load
from nnlib.course import execution

CELLS = {  # a cell -> what its check says
    "def softmax(z, dim):\n    total = 0\n    return z / 0 / None": [
        "It raised TypeError: unsupported operand type(s) for /: 'Tensor' and 'NoneType'",
        "line 3: return z / 0 / None",
    ],
    "def softmax(z, dim):\n    return helper(z)": [
        "It raised NameError: name 'undefined' is not defined",
        "line 3 of helper: return z / undefined",
    ],
    "def softmax(z, dim):\n    return softmax(z, dim)": [
        "It calls itself without end.",
        "line 2: return softmax(z, dim)",
    ],
    "def softmax(z, dim):\n    return z.sum(7)": ["line 2: return z.sum(7)"],
    "def softmax(z, dim):\n    return list(map(lambda v: v + 'a', z))": [
        "line 2: return list(map(lambda v: v + 'a', z))"
    ],
    "def softmax(z, dim):\n    assert z is None": [
        "It raised AssertionError.",
        "line 2: assert z is None",
    ],
    "def softmax(z, dim):\n    raise SystemExit": ["It called exit().", "line 2: raise SystemExit"],
    "softmax = 3": ["It should be a function, but it is of type int."],
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, str]:
    """What each cell printed in a real kernel, checks and hints."""
    first = "from nnlib import check, hint\ndef helper(z):\n    return z / undefined"
    hints = 'for _ in range(5):\n    hint("softmax")'
    cells = [first, *[f"{cell}\n\ncheck('softmax', softmax)" for cell in CELLS], hints]
    cells += ["check(helper, helper)"]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    assert not execution.run(made, tmp_path_factory.mktemp("folder")).error
    texts = ["".join(_text(output) for output in cell.outputs) for cell in made.cells]
    return dict(zip(["first", *CELLS, "hints", "no name"], texts, strict=True))


def _text(output) -> str:
    """A hint is printed, a verdict is displayed."""
    return output.text if output.output_type == "stream" else output.data["text/plain"]


@pytest.mark.parametrize("cell", CELLS)
def test_an_error_shows_the_learners_own_line(printed, cell):
    for words in CELLS[cell]:
        assert words in printed[cell]
    lines = [line for line in printed[cell].splitlines() if line.strip().startswith("line ")]
    assert len(lines) <= 1 and "nnlib" not in printed[cell] and ".py" not in printed[cell]


def test_after_the_last_hint_comes_where_the_solution_is(printed):
    lines = printed["hints"].splitlines()
    assert [line[:13] for line in lines[:3]] == ["Hint 1 of 3: ", "Hint 2 of 3: ", "Hint 3 of 3: "]
    assert lines[3] == lines[4]
    for words in ("solutions/03_activations.py", "# %% softmax", "nnlib solve 03"):
        assert words in lines[3]


def test_a_forgotten_name_is_asked_for(printed):
    assert "comes first, in quotes" in printed["no name"] and "0x" not in printed["no name"]


def failure(program: str):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each has its own
        load(program, "f")()
    return describe_failure(caught.value)


def test_a_program_put_together_from_cells_has_no_line_numbers():
    """They would count from where the program starts, which the learner never saw."""
    found = failure("import math\n\ndef f():\n    return 1 / 0\n")
    assert found.line == "in f: return 1 / 0"
    found = failure("def g():\n    return 1 / 0\n\ndef f():\n    return g()\n")
    assert found.line == "in g: return 1 / 0"
    found = failure("x = 1 / 0\nf = x\n")
    assert found.line == "x = 1 / 0"


def test_a_syntax_error_is_told_without_our_file():
    found = failure("import math\n\ndef f()\n    return 1\n")
    assert (found.type_name, found.line) == ("SyntaxError", "def f()")
    assert found.text == "expected ':'"
