"""Updates of a learner's copy: whatever they did to it, nothing that they wrote is lost."""

import copy
import random
import re

import nbformat
import pytest

from nnlib.course import updates
from nnlib.trial import answers


def notebook(*cells: tuple[str, str]) -> nbformat.NotebookNode:
    """A notebook of (id, source) cells; a source that starts with "#" is markdown."""
    made = []
    for cell_id, source in cells:
        new = nbformat.v4.new_markdown_cell if source[:1] == "#" else nbformat.v4.new_code_cell
        made.append(new(source, id=cell_id))
    return nbformat.v4.new_notebook(cells=made)


def handed_out(lesson: nbformat.NotebookNode) -> nbformat.NotebookNode:
    mine = copy.deepcopy(lesson)
    updates.label(mine)
    return mine


def sources(of: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in of.cells]


def updated(lesson, mine) -> list[str]:
    return sources(updates.update(lesson, mine))


OLD = notebook(
    ("intro", "# Old words"),
    ("demo", "x = 1"),
    ("hole", "def f(x): ...\n\ncheck('f', f)"),
    ("value", "v = ...\ncheck('v', v)"),
)
NEW = notebook(
    ("intro", "# New words"),
    ("demo", "x = 2"),
    ("hole", "def f(x):\n    '''Now documented.'''\n    ...\n\ncheck('f', f)"),
    ("extra", "y = 3"),
    ("value", "v = ...\ncheck('v', v)"),
)
BY_ID = {cell.id: cell.source for cell in NEW.cells}


@pytest.mark.parametrize(
    "answer",
    [
        "def f(x):\n    return x\n\ncheck('f', f)",
        "import math\n\ndef helper(x):\n    return x\n\ndef f(x):\n    return helper(x)",
        "def f(x:\n    retur",
        "f = lambda x: x",
        "v = 7\n\ndef f(x):\n    return v * x",
        "def f(x):\n    # my plan: square it\n    ...",
    ],
)
def test_an_answers_cell_stays_as_the_learner_left_it(answer):
    mine = handed_out(OLD)
    mine.cells[2].source = answer
    result = updated(NEW, mine)
    assert result == ["# New words", "x = 2", answer, "y = 3", BY_ID["value"]]


def test_a_hole_that_was_never_filled_is_the_new_one():
    assert updated(NEW, handed_out(OLD)) == sources(NEW)


def test_own_cells_stay_where_they_were():
    mine = handed_out(OLD)
    mine.cells.insert(2, nbformat.v4.new_code_cell("x = 99", id="mine1"))
    mine.cells.insert(3, nbformat.v4.new_markdown_cell("# a note", id="mine2"))
    mine.cells.insert(0, nbformat.v4.new_markdown_cell("# on top", id="mine3"))
    result = updated(NEW, mine)
    assert result[0] == "# on top" and result[2:5] == ["x = 2", "x = 99", "# a note"]


def test_a_note_in_the_courses_words_stays_in_place_or_follows_the_new_words():
    mine = handed_out(OLD)
    mine.cells[0].source += "\nMy note."
    assert updated(NEW, mine)[:2] == ["# New words", "# Old words\nMy note."]
    only_demo_changed = copy.deepcopy(OLD)
    only_demo_changed.cells[1].source = "x = 2"
    assert updated(only_demo_changed, mine)[:2] == ["# Old words\nMy note.", "x = 2"]


def test_a_changed_demonstration_follows_the_new_one():
    mine = handed_out(OLD)
    mine.cells[1].source = "x = 50  # what happens now?"
    assert updated(NEW, mine)[1:3] == ["x = 2", "x = 50  # what happens now?"]


def test_an_answer_that_was_moved_or_split_is_in_its_hole():
    mine = handed_out(OLD)
    mine.cells[2].source = "check('f', f)"
    mine.cells.insert(2, nbformat.v4.new_code_cell("def f(x):\n    return x", id="split"))
    result = updated(NEW, mine)
    assert result[2:4] == ["def f(x):\n    return x", "check('f', f)"]
    mine.cells = [mine.cells[2], *mine.cells[:2], mine.cells[4]]  # to the top, its check deleted
    assert updated(NEW, mine)[:3] == ["# New words", "x = 2", "def f(x):\n    return x"]


def test_an_answer_below_its_open_hole_stays_below():
    mine = handed_out(OLD)
    mine.cells.append(nbformat.v4.new_code_cell("def f(x):\n    return x", id="below"))
    result = updated(NEW, mine)
    assert result[2] == BY_ID["hole"] and result[-1] == "def f(x):\n    return x"


def test_of_several_attempts_the_last_still_counts():
    mine = handed_out(OLD)
    mine.cells[2].source = "def f(x):\n    return 1"
    mine.cells.insert(3, nbformat.v4.new_code_cell("def f(x):\n    return 2", id="again"))
    assert updated(NEW, mine)[2:4] == ["def f(x):\n    return 1", "def f(x):\n    return 2"]
    # Moved, so that the old place of the second is before the first's new place.
    first, second = mine.cells[2:4]
    mine.cells = [mine.cells[0], first, mine.cells[1], second]
    result = updated(NEW, mine)
    assert answers.extract(result)["f"] == "def f(x):\n    return 2"
    assert {first.source, second.source} <= set(result)


def test_an_answer_without_a_hole_is_kept():
    mine = handed_out(OLD)
    mine.cells[2].source = "def f(x):\n    return x"
    renamed = notebook(("intro", "# New words"), ("hole", "def g(x): ..."))
    assert updated(renamed, mine) == ["# New words", "def g(x): ...", "def f(x):\n    return x"]
    vanished = notebook(("intro", "# New words"), ("more", "# More words"))
    result = updated(vanished, mine)
    assert result == ["# New words", "# More words", updates.HEADING, "def f(x):\n    return x"]


def test_the_end_stays_the_end():
    mine = handed_out(OLD)
    mine.cells[2].source = "def f(x):\n    return x"
    once = updates.update(notebook(("intro", "# New words")), mine)
    once.cells.append(nbformat.v4.new_markdown_cell("# a note at the end", id="note"))
    longer = notebook(("intro", "# Newer words"), ("more", "# More words"))
    result = updated(longer, once)
    kept = [updates.HEADING, "def f(x):\n    return x", "# a note at the end"]
    assert result == ["# Newer words", "# More words", *kept]
    # The exercise comes back: so does its answer.
    assert updated(OLD, once)[2] == "def f(x):\n    return x"


def test_a_hole_in_another_cell_gets_its_answer():
    mine = handed_out(OLD)
    mine.cells[2].source = "def f(x):\n    return x"
    elsewhere = notebook(("intro", "# New words"), ("another", "def f(x): ..."))
    assert updated(elsewhere, mine) == ["# New words", "def f(x):\n    return x"]


def test_two_answers_in_one_cell_fill_two_holes_update_after_update():
    mine = handed_out(OLD)
    both = "def helper(x):\n    return x\n\nv = 7\n\ndef f(x):\n    return v * helper(x)"
    mine.cells[2].source = both
    del mine.cells[3]
    once = updates.update(NEW, mine)
    assert sources(once)[2] == both and answers.extract(sources(once))["v"] == "v = 7"
    assert sources(updates.update(OLD, once))[2:] == [both, "v = 7\ncheck('v', v)"]


def test_ids_that_another_editor_replaced_do_not_matter():
    mine = handed_out(OLD)
    mine.cells[2].source = "def f(x):\n    return x"
    for number, cell in enumerate(mine.cells):
        cell.id = f"new-{number}"
    result = updated(NEW, mine)
    assert result == ["# New words", "x = 2", "def f(x):\n    return x", "y = 3", BY_ID["value"]]


@pytest.mark.parametrize(
    "label", [None, 3, {}, {"cells": ["intro", "demo"]}, {"cells": {"demo": 1}}]
)
def test_without_our_label_a_copy_keeps_all_that_is_not_the_new_lessons(label):
    mine = copy.deepcopy(OLD)
    mine.metadata["nnlib"] = label
    mine.cells[2].source = "def f(x):\n    return x"
    mine.cells.insert(1, nbformat.v4.new_markdown_cell("# a note", id="mine"))
    result = updated(NEW, mine)
    assert updates.has_own_cells(mine) and not updates.is_current(NEW, mine)
    assert {"# a note", "def f(x):\n    return x"} <= set(result) and set(sources(NEW)) - set(
        result
    ) <= {BY_ID["hole"]}


def test_the_learners_cells_keep_outputs_and_the_courses_show_the_courses():
    lesson = copy.deepcopy(NEW)
    shown = nbformat.v4.new_output("stream", text="2")
    lesson.cells[1].outputs = [shown]
    mine = handed_out(OLD)
    mine.cells[1].outputs = [nbformat.v4.new_output("stream", text="1")]
    mine.cells[2].source = "def f(x):\n    return x"
    mine.cells[2].outputs = [nbformat.v4.new_output("stream", text="f: correct")]
    mine.cells[2].execution_count = 31
    result = updates.update(lesson, mine)
    assert result.cells[1].outputs == [shown]
    assert result.cells[2].outputs[0].text == "f: correct"
    assert result.cells[2].execution_count == 31


def test_what_the_learner_has_run_stays_shown_and_no_more_than_that():
    mine = handed_out(OLD)
    for cell in mine.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text=f"ran {cell.source}")]
            cell.execution_count = 7
    result = updates.update(handed_out(NEW), mine)
    shown = {cell.source: cell.outputs for cell in result.cells if cell.cell_type == "code"}
    old = {cell.source for cell in OLD.cells if cell.cell_type == "code"}
    assert any(shown.values()) and not all(shown.values())
    for source, outputs in shown.items():
        assert [one.text for one in outputs] == ([f"ran {source}"] if source in old else [])


def test_pictures_pasted_into_a_note_and_widget_states_are_kept():
    mine = handed_out(OLD)
    mine.cells[0].source += "\n![me](attachment:me.png)"
    mine.cells[0]["attachments"] = {"me.png": {"image/png": "iVBORw0KGgo="}}
    mine.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    mine.metadata["kernelspec"] = {"name": "my-venv", "display_name": "My venv"}
    result = updates.update(NEW, mine)
    assert result.cells[1]["attachments"] == mine.cells[0]["attachments"]
    assert result.metadata["widgets"] == mine.metadata["widgets"]
    assert result.metadata["kernelspec"]["name"] == "my-venv"
    assert updates.is_current(NEW, result)
    nbformat.validate(result)


# -- anything may happen ---------------------------------------------------------------------------


class Learner:
    """Does random things to a copy. Every line that it writes has a number of its own."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.lines = 0

    def line(self) -> str:
        self.lines += 1
        return f"# own line {self.lines}."

    def works_on(self, mine: nbformat.NotebookNode) -> None:
        actions = (
            self.answer,
            self.answer,
            self.add,
            self.move,
            self.split,
            self.edit,
            self.delete,
        )
        for _ in range(self.random.randint(1, 8)):
            self.random.choice(actions)(mine.cells)

    def answer(self, cells) -> None:
        name = self.random.choice("fgh")
        kinds = ["def {n}(x):\n    {l}\n    return {i}", "def {n}(x:\n    {l}", "{n} = {i}  {l}",
                 "def help_{n}(x):\n    return {i}\n\n{l}\ndef {n}(x):\n    return help_{n}(x)",
                 "def {n}(x):\n    {l}\n    ...", "def {n}_2(x):\n    {l}\n    return {i}"]  # fmt: skip
        text = self.random.choice(kinds).format(n=name, l=self.line(), i=self.lines)
        holders = [cell for cell in cells if f"def {name}(" in cell.source]
        if holders and self.random.random() < 0.8:
            self.random.choice(holders).source = text
        else:
            self.insert(cells, nbformat.v4.new_code_cell(text))

    def insert(self, cells, cell) -> None:
        cells.insert(self.random.randint(0, len(cells)), cell)

    def add(self, cells) -> None:
        new = self.random.choice([nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell])
        self.insert(cells, new(self.line()))

    def move(self, cells) -> None:
        if cells:
            self.insert(cells, cells.pop(self.random.randrange(len(cells))))

    def split(self, cells) -> None:
        for i, cell in enumerate(cells):
            if cell.source.count("\n") > 1:
                first, rest = cell.source.split("\n", 1)
                cell.source = rest
                cells.insert(i, nbformat.v4.new_code_cell(first))
                return

    def edit(self, cells) -> None:
        if cells:
            self.random.choice(cells).source += "\n" + self.line()

    def delete(self, cells) -> None:
        if len(cells) > 1:
            del cells[self.random.randrange(len(cells))]


def release(source: random.Random) -> nbformat.NotebookNode:
    """A lesson: some of the cells that there are, most in order, some with changed words."""
    cells = [("intro", "# Intro {}"), ("demo", "x = {}"), ("f", "def f(x): ..."),
             ("g", "def g(x):\n    '''Release {}'''\n    ..."), ("more", "# More {}"),
             (source.choice(["h", "h-2"]), "def h(x): ..."), ("last", "# Last {}")]  # fmt: skip
    chosen = [cell for cell in cells if source.random() < 0.85] or cells
    if source.random() < 0.2:
        source.shuffle(chosen)
    words = ["old", "new", "newest"]
    return notebook(*[(name, text.format(repr(source.choice(words)))) for name, text in chosen])


def own_lines(of: nbformat.NotebookNode) -> set[str]:
    return set(re.findall(r"own line \d+\.", "\n".join(sources(of))))


@pytest.mark.parametrize("seed", range(300))
def test_whatever_happens_nothing_that_the_learner_wrote_is_lost(seed):
    learner, source = Learner(seed), random.Random(seed)
    mine = handed_out(release(source))
    for _ in range(3):
        learner.works_on(mine)
        lesson = release(source)
        result = updates.update(lesson, mine)
        nbformat.validate(result)
        assert own_lines(result) == own_lines(mine)
        before, after = answers.extract(_code(mine)), answers.extract(_code(result))
        for name in answers.holes(lesson.cells):
            if name in before and not answers.is_hole(before[name]):
                assert after[name] == before[name]
        assert updates.is_current(lesson, result)
        same = updates.update(lesson, result)
        assert sources(same) == sources(result), "a second update would change something"
        mine = result


def _code(of: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in of.cells if cell.cell_type == "code"]
