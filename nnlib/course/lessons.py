"""The course's own lessons: find one, solve it, bring a learner's copy up to date."""

import difflib
import hashlib
import shutil
from pathlib import Path

import nbformat

from nnlib.course import answers
from nnlib.course.files import CourseError, code_cells, read_notebook, write_notebook

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "lessons"
SOLUTIONS = ROOT / "solutions"
MINE = ROOT / "my-lessons"
"""The learner's own copies, which `nnlib lab` makes and git ignores."""


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
    return read_notebook(LESSONS / f"{lesson}.ipynb")


def solve(lesson: str) -> nbformat.NotebookNode:
    """The lesson with the solutions in its holes."""
    return answers.insert(read(lesson), answers.extract(code_cells(SOLUTIONS / f"{lesson}.py")))


def hand_out(lesson: str, folder: Path) -> str:
    """Put a lesson into a learner's folder, or bring the copy there up to date.

    Returns what was done: ``"new"``, ``"unchanged"`` or ``"updated"``. Before an update, the old
    copy is kept beside the new one, as ``NAME.before-update.ipynb`` (``…-2.ipynb`` and so on).
    """
    path = folder / f"{lesson}.ipynb"
    official = read(lesson)
    official.metadata["nnlib"] = {
        "version": version(official),
        "holes": answers.holes(official.cells),
        "cells": [cell.id for cell in official.cells],
    }
    if not path.exists():
        write_notebook(official, path)
        return "new"
    mine = read_notebook(path)
    if mine.metadata.get("nnlib") == official.metadata["nnlib"]:
        return "unchanged"
    shutil.copy2(path, _unused(path.with_suffix(".before-update.ipynb")))
    write_notebook(update(official, mine), path)
    return "updated"


def version(lesson: nbformat.NotebookNode) -> str:
    """A short hash of what the lesson says, outputs aside."""
    text = "\0".join(cell.cell_type + cell.source for cell in lesson.cells)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _unused(path: Path) -> Path:
    """The path, or the first of its numbered siblings that does not exist yet."""
    candidate, n = path, 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}-{n}{path.suffix}")
        n += 1
    return candidate


def update(lesson: nbformat.NotebookNode, mine: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The lesson with the answers and the own cells of a learner's earlier copy.

    An answer goes into its hole, together with whatever else its cell holds. A cell that is not of
    the lesson stays behind the cell it followed. An answer whose hole is gone is a cell of the
    learner's like any other, and stays.
    """
    open_holes = set(answers.holes(lesson.cells))
    handed_out = mine.metadata.get("nnlib", {})
    lost_holes = set(handed_out.get("holes", ())) - open_holes
    official = {cell.id for cell in lesson.cells}
    not_mine = official | set(handed_out.get("cells", ()))
    definitions: dict[str, str] = {}
    whole_cells: dict[str, str] = {}  # the text of a cell, under the first hole that it fills
    own: list[tuple[str | None, nbformat.NotebookNode]] = []  # (id of the cell before, cell)
    before = None
    for cell in mine.cells:
        found = answers.extract([cell.source]) if cell.cell_type == "code" else {}
        filled = {name: found[name] for name in found if name in open_holes}
        filled = {name: text for name, text in filled.items() if not answers.is_hole(text)}
        if filled:
            definitions |= filled
            whole_cells[next(iter(filled))] = cell.source
        if cell.id in official:
            before = cell.id
        if not filled and (cell.id not in not_mine or lost_holes & found.keys()):
            own.append((before, cell))
    updated = answers.insert(lesson, definitions)
    for cell, original in zip(updated.cells, lesson.cells, strict=True):
        for name in answers.holes([original]):
            cell.source = whole_cells.get(name, cell.source)
    for before, cell in reversed(own):
        places = [i for i, other in enumerate(updated.cells) if other.id == before]
        if cell.id in official:  # its place is taken
            cell.id += "-kept"
        updated.cells.insert(places[0] + 1 if places else 0, cell)
    return updated
