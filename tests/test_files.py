"""Reading and writing notebooks."""

import json
import os

import nbformat
import pytest

from nnlib import files
from nnlib.errors import CourseError


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def as_json(**changes):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    return json.dumps(notebook | changes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("def f(): pass", "not valid JSON"),
        ("[1, 2]", "no nbformat"),
        (as_json(nbformat=3), "notebook format 3"),
        (as_json(cells=[]), "has no cells"),
        (as_json(cells=[{"cell_type": "code"}]), "not a valid notebook"),
        (as_json(cells=["x"]), "not a valid notebook"),
        (as_json().encode("utf-16"), "not UTF-8"),
        ('{"nbformat": 4, "name": "Zoë"}'.encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_bad_notebook_is_told_in_a_sentence(tmp_path, content, words):
    path = written(tmp_path / "lesson (1).ipynb", content)
    with pytest.raises(CourseError, match=words) as error:
        files.read_notebook(path)
    assert "lesson (1).ipynb" in str(error.value)
    assert path.exists()


def test_a_missing_file_is_told_in_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="There is no file"):
        files.read_notebook(tmp_path / "no.ipynb")
    with pytest.raises(CourseError, match="cannot be read"):
        files.read_notebook(tmp_path)


def test_bom_crlf_and_missing_ids_are_no_matter(tmp_path):
    notebook = json.loads(as_json(nbformat_minor=4))
    del notebook["cells"][0]["id"]
    notebook["cells"][0]["source"] = ["x = 1\r\n", "y = 2"]
    text = json.dumps(notebook, indent=1).replace("\n", "\r\n")
    path = written(tmp_path / "a.ipynb", b"\xef\xbb\xbf" + text.encode())
    assert files.read_notebook(path).cells[0].source.splitlines() == ["x = 1", "y = 2"]


def test_a_python_file_is_one_piece(tmp_path):
    path = written(tmp_path / "a.py", "x = 1\r\n# %% two\ny = 2\r\n")
    assert files.code_cells(path) == ["x = 1\n# %% two\ny = 2\n"]


def test_what_is_written_can_be_read(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 'Zoë'")])
    files.write_notebook(notebook, tmp_path / "a.ipynb")
    assert files.read_notebook(tmp_path / "a.ipynb").cells[0].source == "x = 'Zoë'"
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    path = written(tmp_path / "a.ipynb", "the learner's work")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(CourseError, match="No space left on device"):
        files.write_text("new", path)
    assert path.read_text() == "the learner's work"
    assert [each.name for each in tmp_path.iterdir()] == ["a.ipynb"]


@pytest.mark.skipif(os.name != "posix", reason="needs a umask")
def test_who_may_read_a_file_is_for_the_umask_and_then_for_its_owner_to_say(tmp_path):
    before = os.umask(0o077)
    try:
        files.write_text("marks", tmp_path / "private.csv")
        os.umask(0o022)
        files.write_text("a lesson", tmp_path / "lesson.ipynb")
        files.write_text("other marks", tmp_path / "private.csv")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"private.csv": 0o600, "lesson.ipynb": 0o644}


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CourseError, match="cannot be written"):
        files.write_text("new", tmp_path / "no" / "a.ipynb")
