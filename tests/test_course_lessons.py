"""Finding lessons, handing them out, and updates that keep a learner's work."""

import copy
import json

import nbformat
import pytest

from nnlib.course import answers, lessons
from nnlib.course.files import CourseError, read_notebook, write_notebook


def notebook(*cells: tuple[str, str]) -> nbformat.NotebookNode:
    """A notebook of (id, source) cells; a source that starts with "#" is markdown."""
    made = []
    for cell_id, source in cells:
        new = nbformat.v4.new_markdown_cell if source[:1] == "#" else nbformat.v4.new_code_cell
        made.append(new(source, id=cell_id))
    return nbformat.v4.new_notebook(cells=made)


def sources(of: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in of.cells]


OLD = notebook(
    ("intro", "# Old words"),
    ("demo", "x = 1"),
    ("hole", "def f(x): ...\n\ncheck('f', f)"),
    ("value", "v = ..."),
)
NEW = notebook(
    ("intro", "# New words"),
    ("demo", "x = 2"),
    ("hole", "def f(x):\n    '''Now documented.'''\n    ...\n\ncheck('f', f)"),
    ("extra", "y = 3"),
    ("value", "v = ..."),
)


@pytest.mark.parametrize("name", ["1", "01", "perceptron", "01_perceptron", "x/01_perceptron.ipynb"])
def test_a_lesson_is_found_by_any_of_its_names(name):
    assert lessons.find(name) == "01_perceptron"


def test_an_unknown_lesson_names_the_nearest():
    with pytest.raises(CourseError, match="Did you mean .*perceptron"):
        lessons.find("perceptrom")
    with pytest.raises(CourseError, match="There are: .*01_perceptron"):
        lessons.find("77")


def test_an_update_brings_new_words_and_keeps_answers():
    mine = copy.deepcopy(OLD)
    mine.cells[2].source = "import math\n\ndef helper(x):\n    return x\n\ndef f(x):\n    return helper(x)"
    updated = sources(lessons.update(NEW, mine))
    assert updated[0] == "# New words" and updated[1] == "x = 2" and updated[3] == "y = 3"
    assert updated[2].count("def f") == 1 and "def helper" in updated[2] and "import math" in updated[2]
    assert updated[4] == "v = ..."  # a hole that was never filled is still the lesson's


def test_an_update_keeps_the_learners_own_cells_where_they_were():
    mine = copy.deepcopy(OLD)
    mine.cells.insert(2, nbformat.v4.new_code_cell("x = 99", id="mine1"))
    mine.cells.insert(3, nbformat.v4.new_markdown_cell("# a note", id="mine2"))
    mine.cells.insert(0, nbformat.v4.new_markdown_cell("# on top", id="mine3"))
    updated = sources(lessons.update(NEW, mine))
    assert updated[0] == "# on top"
    assert updated[updated.index("x = 2") :][:3] == ["x = 2", "x = 99", "# a note"]


def test_an_update_loses_no_answer_whatever_became_of_its_hole():
    mine = copy.deepcopy(OLD)
    mine.cells[2].source = "def f(x):\n    return x"
    mine.cells[3].source = "v = 7"
    without = notebook(("intro", "# New words"), ("value", "v = ..."))
    updated = sources(lessons.update(without, mine))
    assert "def f(x):\n    return x" in updated and "v = 7" in updated
    mine.metadata["nnlib"] = {"holes": ["f", "v"], "cells": [cell.id for cell in OLD.cells]}
    renamed = notebook(("intro", "# New words"), ("hole", "def g(x): ..."), ("value", "v = ..."))
    updated = sources(lessons.update(renamed, mine))
    assert updated[1:3] == ["def g(x): ...", "def f(x):\n    return x"]


def test_two_answers_in_one_cell_and_a_half_written_one():
    mine = notebook(("hole", "v = 7\n\ndef f(x):\n    return v * x"))
    found = answers.extract(sources(lessons.update(NEW, mine)))
    assert found["v"] == "v = 7" and found["f"] == "def f(x):\n    return v * x"
    mine = notebook(("hole", "def f(x:\n    retur"))
    assert "def f(x:\n    retur" in sources(lessons.update(NEW, mine))


def test_handing_out_twice_changes_nothing(tmp_path):
    assert lessons.hand_out("01_perceptron", tmp_path) == "new"
    path = tmp_path / "01_perceptron.ipynb"
    mine = read_notebook(path)
    mine.cells[2].source = "# my own words"
    write_notebook(mine, path)
    before = path.read_bytes()
    assert lessons.hand_out("01_perceptron", tmp_path) == "unchanged"
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_before_an_update_the_old_copy_is_kept_beside(tmp_path):
    lessons.hand_out("01_perceptron", tmp_path)
    path = tmp_path / "01_perceptron.ipynb"
    for number in range(2):  # two releases, one after the other
        mine = json.loads(path.read_text())
        mine["metadata"]["nnlib"]["version"] = f"older {number}"
        path.write_text(json.dumps(mine))
        before = path.read_bytes()
        assert lessons.hand_out("01_perceptron", tmp_path) == "updated"
        kept = ["01_perceptron.before-update.ipynb", "01_perceptron.before-update-2.ipynb"][number]
        assert (tmp_path / kept).read_bytes() == before
    assert lessons.hand_out("01_perceptron", tmp_path) == "unchanged"


def test_a_broken_copy_is_told_and_left_alone(tmp_path):
    path = tmp_path / "01_perceptron.ipynb"
    path.write_text("{")
    with pytest.raises(CourseError, match="not valid JSON"):
        lessons.hand_out("01_perceptron", tmp_path)
    assert path.read_text() == "{"
