"""Copies as other editors save them: each can be read, is brought up to date, and keeps its answer."""

import copy
import json

import nbformat
import pytest

from nnlib.course import copies, mending, updates
from nnlib.errors import CourseError

ANSWER = "def f(x):\n    return x\n\ncheck('f', f)"
NOTE = "My note: look again 🙂"


def lesson(release: int) -> nbformat.NotebookNode:
    cells = [
        nbformat.v4.new_markdown_cell(f"# Words of release {release}", id="words"),
        nbformat.v4.new_code_cell("import torch", id="first"),
        nbformat.v4.new_code_cell("def f(x): ...\n\ncheck('f', f)", id="hole"),
    ]
    made = nbformat.v4.new_notebook(cells=cells)
    updates.label(made)
    return made


def worked_in() -> dict:
    """The first release as a learner saved it: an answer, its output, a note."""
    mine = json.loads(nbformat.writes(lesson(1)))
    stream = {"output_type": "stream", "name": "stdout", "text": ["f: correct\n"]}
    mine["cells"][2] |= {"source": ANSWER.splitlines(True), "outputs": [stream]}
    note = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": NOTE}
    mine["cells"].append(note)
    return mine


def without_ids(mine):
    for cell in mine["cells"]:
        del cell["id"]


def colab(mine):
    without_ids(mine)
    mine |= {"nbformat_minor": 0, "metadata": {"colab": {"provenance": []}}}
    for i, cell in enumerate(mine["cells"]):
        cell["metadata"] = {"id": f"x{i}", "outputId": "y"}


def kaggle(mine):
    without_ids(mine)
    mine["nbformat_minor"] = 4
    mine["metadata"]["kaggle"] = {"accelerator": "none"}


def deepnote(mine):
    colab(mine)
    for cell in mine["cells"]:
        cell |= {"block_group": "3f", "metadata": {"deepnote_cell_type": "code"}}


def ids_of_another_form(mine):
    for cell in mine["cells"]:
        cell["id"] = f"#VSC-{cell['id']}"


def ids_in_an_old_minor(mine):
    mine["nbformat_minor"] = 4


def one_id_twice(mine):
    mine["cells"].append(mine["cells"][-1] | {"source": "a copied cell"})


def outputs_on_markdown(mine):
    mine["cells"][0] |= {"outputs": [], "execution_count": None}


def odd_outputs(mine):
    mine["cells"][2]["outputs"][0]["metadata"] = {}
    mine["cells"][2]["outputs"] += [{"output_type": "stream"}, {"output_type": "new"}, 3]
    del mine["cells"][2]["execution_count"]


def odd_metadata(mine):
    mine["cells"][1]["metadata"] = None
    mine["cells"][2]["metadata"] = {"collapsed": "yes", "tags": 3}
    mine["metadata"] |= {"kernelspec": {"name": "x"}, "language_info": None}


def carriage_returns(mine):
    for cell in mine["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


EDITORS = [
    *(colab, kaggle, deepnote, without_ids, ids_of_another_form, ids_in_an_old_minor),
    *(one_id_twice, outputs_on_markdown, odd_outputs, odd_metadata, carriage_returns),
]


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.__name__)
def test_whatever_saved_it_the_copy_is_brought_up_to_date(tmp_path, editor):
    mine = copy.deepcopy(worked_in())
    editor(mine)
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps(mine), encoding="utf-8")
    updated = updates.update(lesson(2), copies.read(path))
    nbformat.validate(updated)
    sources = [cell.source for cell in updated.cells]
    wanted = ["# Words of release 2", "import torch", ANSWER, NOTE]
    assert [source for source in sources if source in wanted] == wanted
    assert updated.cells[sources.index(ANSWER)].outputs[0].text == "f: correct\n"
    assert nbformat.writes(updated)


def test_an_old_format_keeps_its_code(tmp_path):
    cell = {"cell_type": "code", "input": ANSWER, "language": "python", "outputs": []}
    old = {"nbformat": 3, "worksheets": [{"cells": [cell]}], "metadata": {}}
    found = mending.mended(old)
    nbformat.validate(found)
    assert (found.nbformat, found.cells[0].source) == (4, ANSWER)


def test_half_an_emoji_can_be_written():
    mine = worked_in()
    mine["cells"][3]["source"] = "half \ud83d"
    assert nbformat.writes(mending.mended(mine)).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ('{"cells": [\n<<<<<<< HEAD\n=======\n>>>>>>> 1a2b\n]}', "git"),
        ('{"cells": [{"cell_type": "code"', "fresh copy"),
        ("<!DOCTYPE html><p>Sign in", "a web page"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(tmp_path, content, words):
    path = tmp_path / "lesson.ipynb"
    path.write_text(content)
    with pytest.raises(CourseError, match=words) as error:
        copies.read(path)
    assert str(error.value).startswith(str(path)) and path.read_text() == content
