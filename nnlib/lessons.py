"""The course's own lessons: find one, read it, solve it."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from nnlib.errors import CourseError
from nnlib.files import code_cells, read_notebook
from nnlib.trial import answers

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
SOLUTIONS = ROOT / "solutions"
FIRST = "01_perceptron"
"""Where a learner starts; 00 is for those who are new to PyTorch."""
PREDICTION = "predict_"
"""How the name of a prediction begins: an exercise worth no points, made before one looks."""


def names() -> list[str]:
    """The names of all lessons, such as ``"01_perceptron"``, in order."""
    found = sorted(path.stem for path in LESSONS.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise CourseError(
            f"There are no lessons in {LESSONS}. Install nnlib from its own folder, with"
            " `pip install -e .`, so that it finds them."
        )
    return found


def find(name: str) -> str:
    """The lesson meant by ``"1"``, ``"01"``, ``"perceptron"``, ``"01_perceptron"`` or its path.

    Raises `CourseError`, which names the nearest lessons, if none is meant.
    """
    wanted = Path(name).stem
    for lesson in names():
        number, _, title = lesson.partition("_")
        if wanted in (lesson, title, number, str(int(number))):
            return lesson
    titles = [lesson.partition("_")[2] for lesson in names()]
    near = difflib.get_close_matches(wanted, [*names(), *titles], n=2)
    meant = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(names())}."
    raise CourseError(f"There is no lesson {name!r}. {meant}")


def read(lesson: str) -> nbformat.NotebookNode:
    """The official notebook of a lesson."""
    try:
        return read_notebook(LESSONS / f"{lesson}.ipynb")
    except CourseError as error:
        raise CourseError(
            f"{error} It is the course's own: `git checkout HEAD -- lessons/{lesson}.ipynb` in"
            f" {ROOT} brings it back."
        ) from None


def to_hand_out(lesson: str) -> nbformat.NotebookNode:
    """The official notebook of a lesson as a learner gets it: without outputs.

    With them, a page that nobody has run looks run, and what a prediction asks stands below it.
    """
    notebook = read(lesson)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def solutions(lesson: str) -> dict[str, str]:
    """The course's own answers to a lesson's exercises: name -> source."""
    return answers.extract(code_cells(SOLUTIONS / f"{lesson}.py"))


def solve(lesson: str) -> nbformat.NotebookNode:
    """The lesson with the solutions in its holes."""
    return answers.insert(read(lesson), solutions(lesson))


@dataclass(frozen=True)
class Opening:
    """What a lesson's first cell says of it; minutes: a reader's, exercises included."""

    title: str
    question: str
    minutes: int


def opening(lesson: nbformat.NotebookNode) -> Opening:
    """What the first cell of an official lesson says: ``# 01 · TITLE``, ``**QUESTION** MINUTES``."""
    first = lesson.cells[0].source
    title = re.search(r"^# \d+ · (.+)$", first, re.M)
    question = re.search(r"^\*\*(.+?)\*\* About (\d+) minutes", first, re.M)
    return Opening(title[1], question[1], int(question[2]))
