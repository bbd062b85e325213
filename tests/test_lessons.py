"""The lessons as they are shipped: lints, holes, and the lessons with the solutions in them."""

import copy
import re

import nbformat
import pytest

from nnlib import downloads, lessons
from nnlib.checking.exercise import Verdict
from nnlib.course import execution
from nnlib.course.checking import check_file
from nnlib.exercises import catalog
from nnlib.trial import answers, statements
from nnlib.trial.following import Follower

NAMES = lessons.names()
every_lesson = pytest.mark.parametrize("name", NAMES)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def has_check(cell) -> bool:
    return any(line.startswith("check(") for line in cell.source.splitlines())


def text_of(cell) -> str:
    """What a cell printed and showed, pictures aside; "\\n" between outputs."""
    texts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs]
    return "\n".join(texts)


# -- lints -----------------------------------------------------------------------------------------


@every_lesson
def test_every_code_cell_was_run_in_order(name):
    cells = code_cells(lessons.read(name))
    assert all(cell.source.strip() for cell in cells), "an empty code cell"
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@every_lesson
def test_no_cell_is_kept_out_of_the_comparison(name):
    for cell in lessons.read(name).cells:
        tags = cell.metadata.get("tags", [])
        assert not tags and "NBVAL" not in cell.source
        assert not cell.source.rstrip().endswith(";"), "nbval prints it all the same"


@every_lesson
def test_outputs_hold_on_another_machine(name):
    for cell in code_cells(lessons.read(name)):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", text_of(cell)
        text = text_of(cell)
        assert not re.search(r"(/(root|home|tmp|work|Users)/|[A-Z]:\\\\)", text), text
        assert not re.search(r"\bat 0x[0-9a-f]+", text), text
        assert not re.search(r"\d\.\d{7,}", text), f"too many digits to hold: {text}"


@every_lesson
def test_a_lesson_is_written_to_be_read(name):
    notebook = lessons.read(name)
    predictions = [cell for cell in notebook.cells if cell.source.startswith(lessons.PREDICTION)]
    assert 30 <= len(notebook.cells) - len(predictions) <= 70
    first = notebook.cells[0].source
    assert first.startswith(f"# {name[:2]} · ") and "?**" in first, "title and question come first"
    assert any("image/png" in o.get("data", {}) for o in code_cells(notebook)[0].outputs)
    for cell in code_cells(notebook):
        lines = cell.source.splitlines()
        assert len(lines) <= 20, cell.source
        assert max(map(len, lines)) <= 120, f"wider than the page: {cell.source}"
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for wanted in ("What to remember", "What people get wrong", "Predict", "The articles say"):
        assert wanted in prose, f"{wanted!r} is missing"


@every_lesson
def test_every_figure_says_what_it_shows(name):
    for cell in code_cells(lessons.read(name)):
        pictures = [o for o in cell.outputs if "image/png" in o.get("data", {})]
        captions = [o.data["text/plain"] for o in cell.outputs if "text/html" in o.get("data", {})]
        for picture in pictures:
            description = picture.data["text/plain"]
            assert description.startswith("Figure: ")
            assert any(caption.endswith(description) for caption in captions)
            assert picture.metadata["image/png"]["width"] <= 720


# -- holes and exercises ---------------------------------------------------------------------------


@every_lesson
def test_the_holes_are_the_exercises(name):
    notebook = lessons.read(name)
    names = [exercise.name for exercise in catalog.LESSONS[name]]
    assert answers.holes(notebook.cells) == names
    cells = [cell.source for cell in code_cells(notebook)]
    for exercise in names:
        binding = [s for s in statements.of_cells(cells) if exercise in s.names]
        assert len(binding) == 1, f"{exercise} is defined twice, so an answer could be lost"
        holder = next(cell for cell in cells if binding[0].source in cell)
        assert holder.endswith(f'check("{exercise}", {exercise})'), "the check ends the hole's cell"


@every_lesson
def test_as_shipped_every_check_says_to_do(name):
    shipped = lessons.read(name)
    wanted = {exercise.name: "to do" for exercise in catalog.LESSONS[name]}
    assert execution.verdicts(shipped) == wanted
    path = lessons.LESSONS / f"{name}.ipynb"
    assert [verdict.status for verdict in check_file(path)] == ["todo"] * len(wanted)


@every_lesson
def test_nothing_depends_on_an_answer(name):
    """So the lesson's other outputs are the same, whatever a learner writes."""
    holes = {exercise.name for exercise in catalog.LESSONS[name]}
    for cell in code_cells(lessons.read(name)):
        follow = Follower(statements.of_cells([cell.source]))
        for statement, effect in zip(follow.statements, follow.effects, strict=True):
            used = (effect.now | effect.later) & holes
            assert not used or statement.source.startswith("check("), cell.source


def test_in_a_notebook_the_solutions_are_correct():
    """The first cell and the solved holes of all lessons, in one kernel."""
    notebook = lessons.solve(NAMES[0])
    notebook.cells = []
    for name in NAMES:
        cells = code_cells(lessons.solve(name))
        notebook.cells += [cells[0], *(cell for cell in cells[1:] if has_check(cell))]
    result = execution.run(notebook, lessons.LESSONS)
    assert not result.error
    exercises = [exercise for name in NAMES for exercise in catalog.LESSONS[name]]
    assert result.verdicts == {e.name: "correct" if e.points else "as you said" for e in exercises}


@pytest.mark.slow
@every_lesson
def test_the_solved_lesson_says_correct_and_changes_nothing_else(name):
    """Found by running what the two tests before find by reading."""
    solved = lessons.solve(name)
    result = execution.run(solved, lessons.LESSONS)
    assert not result.error
    assert set(result.verdicts.values()) <= {"correct", "as you said"}
    code = "\n".join(cell.source for cell in code_cells(solved))
    for data_set in downloads.DOWNLOADED:
        if f"data.load_{data_set}(" in code and downloads.find(data_set) is None:
            return  # on the stand-in, the numbers are others
    for before, after in zip(code_cells(lessons.read(name)), code_cells(solved), strict=True):
        if not has_check(before):
            assert text_of(after) == text_of(before), before.source


# -- the guards above can fail ---------------------------------------------------------------------


def test_a_figure_of_other_data_would_be_noticed():
    """nbval does not compare pixels; the sentence below a figure is what tells."""
    notebook = lessons.read("01_perceptron")
    index = next(i for i, c in enumerate(notebook.cells) if "Figure: XOR" in str(c.get("outputs")))
    changed = copy.deepcopy(notebook)
    changed.cells[index].source = changed.cells[index].source.replace(
        "plots.points(rows, xor_outputs", "plots.points(rows * 0.9, xor_outputs"
    )
    first = next(cell for cell in changed.cells if cell.cell_type == "code")
    changed.cells = [first, changed.cells[index]]  # the imports, and the figure
    assert not execution.run(changed, lessons.LESSONS).error
    assert text_of(changed.cells[1]) != text_of(notebook.cells[index])


def test_a_verdict_is_read_back_from_what_a_check_shows():
    verdict = Verdict("f", "wrong", "A reason.", "Input:    x = 1", max_points=1)
    shown = nbformat.v4.new_output("display_data", {"text/plain": str(verdict)})
    printed = nbformat.v4.new_output("stream", text=f"{Verdict('guess', 'correct')}\n")
    cell = nbformat.v4.new_code_cell(outputs=[shown, printed])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert execution.verdicts(notebook) == {"f": "wrong", "guess": "as you said"}
