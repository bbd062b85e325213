"""The learner's copies: handed out, brought up to date; and finding a lesson by any of its names."""

import os

import nbformat
import pytest

from nnlib import lessons
from nnlib.course import copies
from nnlib.errors import CourseError
from nnlib.files import read_notebook, write_notebook


@pytest.mark.parametrize(
    "name", ["1", "01", "perceptron", "01_perceptron", "x/01_perceptron.ipynb"]
)
def test_a_lesson_is_found_by_any_of_its_names(name):
    assert lessons.find(name) == "01_perceptron"


def test_an_unknown_lesson_names_the_nearest():
    with pytest.raises(CourseError, match="Did you mean .*perceptron"):
        lessons.find("perceptrom")
    with pytest.raises(CourseError, match="There are: .*01_perceptron"):
        lessons.find("77")


def test_handing_out_twice_changes_nothing(tmp_path):
    assert copies.hand_out("01_perceptron", tmp_path) == "new"
    code = [c for c in copies.read(tmp_path / "01_perceptron.ipynb").cells if c.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code), "nobody has run it"
    path = tmp_path / "01_perceptron.ipynb"
    mine = read_notebook(path)
    mine.cells[2].source = "# my own words"
    write_notebook(mine, path)
    before = path.read_bytes()
    assert copies.hand_out("01_perceptron", tmp_path) == "unchanged"
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


@pytest.fixture
def releases(tmp_path, monkeypatch):
    """Call it to make the next release of the one lesson there is; its words then say which."""
    monkeypatch.setattr(lessons, "LESSONS", tmp_path / "lessons")
    (tmp_path / "lessons").mkdir()
    (tmp_path / "mine").mkdir()

    def release(number: int) -> None:
        cells = [
            nbformat.v4.new_markdown_cell(f"# Words of release {number}", id="words"),
            nbformat.v4.new_code_cell("def f(x): ...", id="hole"),
        ]
        made = nbformat.v4.new_notebook(cells=cells)
        write_notebook(made, tmp_path / "lessons" / "01_perceptron.ipynb")

    release(1)
    return release


def edit(path, cell, source):
    mine = read_notebook(path)
    mine.cells[cell].source = source
    write_notebook(mine, path)


def test_before_an_update_the_old_copy_is_kept_beside(tmp_path, releases):
    path = tmp_path / "mine" / "01_perceptron.ipynb"
    copies.hand_out("01_perceptron", path.parent)
    for number in (2, 3):
        edit(path, 1, f"def f(x): return {number}")
        before = path.read_bytes()
        releases(number)
        assert copies.hand_out("01_perceptron", path.parent) == "updated"
        kept = {2: "01_perceptron.before-update.ipynb", 3: "01_perceptron.before-update-2.ipynb"}
        assert (path.parent / kept[number]).read_bytes() == before
        texts = [cell.source for cell in read_notebook(path).cells]
        assert texts == [f"# Words of release {number}", f"def f(x): return {number}"]
        after = path.read_bytes()
        assert copies.hand_out("01_perceptron", path.parent) == "unchanged"
        assert path.read_bytes() == after and len(list(path.parent.iterdir())) == number


def test_of_an_untouched_copy_nothing_is_kept_beside(tmp_path, releases):
    copies.hand_out("01_perceptron", tmp_path / "mine")
    releases(2)
    assert copies.hand_out("01_perceptron", tmp_path / "mine") == "updated"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["01_perceptron.ipynb"]


def test_an_update_does_not_count_as_saving(tmp_path, releases):
    path = tmp_path / "mine" / "01_perceptron.ipynb"
    copies.hand_out("01_perceptron", path.parent)
    assert copies.last_saved(path.parent) is None
    releases(2)
    copies.hand_out("01_perceptron", path.parent)
    assert copies.last_saved(path.parent) is None
    edit(path, 1, "def f(x): return 1")
    os.utime(path, (1e9, 1e9))
    releases(3)
    assert copies.hand_out("01_perceptron", path.parent) == "updated"
    assert path.stat().st_mtime == 1e9
    assert copies.last_saved(path.parent) == "01_perceptron"


def test_the_lesson_saved_last_is_found_among_several(tmp_path):
    for name in lessons.names():
        copies.hand_out(name, tmp_path)
    for seconds, name in enumerate(["02_layers", "05_gradient_descent", "03_activations"]):
        edit(tmp_path / f"{name}.ipynb", 1, "# mine")
        os.utime(tmp_path / f"{name}.ipynb", (1e9 + seconds,) * 2)
    assert copies.last_saved(tmp_path) == "03_activations"


def test_a_copy_whose_label_an_editor_dropped_gets_it_back_and_nothing_else(tmp_path, releases):
    path = tmp_path / "mine" / "01_perceptron.ipynb"
    copies.hand_out("01_perceptron", path.parent)
    edit(path, 1, "def f(x): return 1")
    whole = path.read_bytes()
    mine = read_notebook(path)
    del mine.metadata["nnlib"]
    write_notebook(mine, path)
    assert copies.hand_out("01_perceptron", path.parent) == "unchanged"
    assert path.read_bytes() == whole and len(list(path.parent.iterdir())) == 1


def test_a_broken_copy_is_told_and_left_alone(tmp_path):
    path = tmp_path / "01_perceptron.ipynb"
    path.write_text("{")
    with pytest.raises(CourseError, match="not valid JSON"):
        copies.hand_out("01_perceptron", tmp_path)
    assert path.read_text() == "{"
