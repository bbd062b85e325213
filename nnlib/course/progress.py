"""How far a learner has come: which exercises are correct, tried, to do; what is left, what is next.

It reads the notebooks in their folder and runs the answers as the grader does, in a process of
their own. What was found is remembered in that folder, under a hash of the code, so that an answer
is run again only when it, or the course's exercises, have changed. Nothing is sent anywhere.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from nnlib import lessons
from nnlib.course import copies
from nnlib.errors import CourseError
from nnlib.files import read_notebook, write_text
from nnlib.trial import answers

MEMORY = ".verdicts.json"
SEED = 0
"""The seed that `check` uses in a notebook: the verdicts are then those that the learner saw."""


@dataclass(frozen=True)
class Exercise:
    """One exercise in a learner's copy.

    status: "correct", "wrong", "error", "todo", or "unchecked" for an answer that was not run yet.
    message: what is wrong with it, or "". cell: the id of the cell with its hole or answer, or "".
    program, key: the answer with what it needs, and what its verdict is remembered by, or "".
    """

    name: str
    status: str
    message: str = ""
    cell: str = ""
    program: str = ""
    key: str = ""


@dataclass(frozen=True)
class Lesson:
    """One lesson; `problem` says why the learner's copy cannot be read, or is ""."""

    name: str
    opening: lessons.Opening
    exercises: tuple[Exercise, ...]
    problem: str = ""

    @property
    def number(self) -> str:
        return self.name[:2]

    @property
    def open(self) -> list[Exercise]:
        """The exercises that are not correct."""
        return [exercise for exercise in self.exercises if exercise.status != "correct"]

    @property
    def minutes_left(self) -> int:
        """About how long what is left takes, in steps of 5 minutes."""
        share = len(self.open) / len(self.exercises) if self.exercises else 1
        return 5 * round(self.opening.minutes * share / 5)


@dataclass(frozen=True)
class Progress:
    """All lessons in order; current: the one that the learner saved last, or the first to take."""

    lessons: tuple[Lesson, ...]
    current: str

    @property
    def all(self) -> list[Exercise]:
        """The exercises of all lessons."""
        return [exercise for lesson in self.lessons for exercise in lesson.exercises]

    @property
    def correct(self) -> int:
        """How many exercises are correct."""
        return sum(exercise.status == "correct" for exercise in self.all)

    @property
    def minutes_left(self) -> int:
        return sum(lesson.minutes_left for lesson in self.lessons)

    @property
    def next(self) -> tuple[Lesson, Exercise] | None:
        """Where to go on: from the current lesson onwards, then the ones before; None at the end."""
        names = [lesson.name for lesson in self.lessons]
        start = names.index(self.current)
        for lesson in (*self.lessons[start:], *self.lessons[:start]):
            if lesson.open:
                return lesson, lesson.open[0]
        return None


def read(folder: Path) -> Progress:
    """The progress in a learner's folder, as far as it is remembered; runs nothing.

    Raises `CourseError` if there is no such folder.
    """
    if not folder.is_dir():
        raise CourseError(f"There are no lessons of yours in {folder} yet. Run nnlib lab first.")
    remembered = _remembered(folder)
    found = tuple(_lesson(name, folder, remembered) for name in lessons.names())
    return Progress(found, copies.last_saved(folder) or lessons.FIRST)


def check(folder: Path, watch: Callable = lambda rows, total: rows) -> Progress:
    """The progress in a learner's folder; runs the answers whose verdicts are not remembered.

    watch: ``watch(verdicts, how many)`` passes them on as they come, for a progress bar. Raises
    `CourseError` if there is no such folder.
    """
    remembered = _remembered(folder)
    progress = read(folder)
    unchecked = {e.key: e for e in progress.all if e.status == "unchecked"}
    found = dict(remembered)
    if unchecked:
        from nnlib.trial import runner  # loads torch
        from nnlib.trial.judge import File, Item

        items = [
            Item(e.key, (File(f"{e.name}.py", e.program.encode()),), (e.name,), SEED)
            for e in unchecked.values()
        ]
        for (row,) in watch(runner.grade_many(items), len(items)):
            found[row.key] = {"status": row.status, "message": row.message}
    found = {e.key: found[e.key] for e in progress.all if e.key}
    if found != remembered:
        write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", folder / MEMORY)
    checked = []
    for lesson in progress.lessons:
        exercises = tuple(replace(e, **found.get(e.key, {})) for e in lesson.exercises)
        checked.append(replace(lesson, exercises=exercises))
    return replace(progress, lessons=tuple(checked))


def _remembered(folder: Path) -> dict[str, dict]:
    """The verdicts of earlier runs, by key; none if the file is damaged."""
    try:
        found = json.loads((folder / MEMORY).read_text(encoding="utf-8"))
        return {
            key: {"status": str(verdict["status"]), "message": str(verdict["message"])}
            for key, verdict in found.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _lesson(name: str, folder: Path, remembered: dict[str, dict]) -> Lesson:
    official = lessons.read(name)
    path, problem = folder / f"{name}.ipynb", ""
    try:
        cells = read_notebook(path).cells if path.exists() else []
    except CourseError as error:
        cells, problem = [], str(error)
    cells = [cell for cell in cells if cell.cell_type == "code"]
    return Lesson(
        name,
        lessons.opening(official),
        exercises=tuple(_exercise(n, cells, remembered) for n in answers.holes(official.cells)),
        problem=problem,
    )


def _exercise(name: str, cells: list[nbformat.NotebookNode], remembered: dict) -> Exercise:
    holders = [cell.id for cell in cells if name in answers.extract([cell.source])]
    sources = [cell.source for cell in cells]
    definition = answers.extract(sources).get(name)
    if definition is None or answers.is_hole(definition):
        return Exercise(name, "todo", cell=holders[-1] if holders else "")
    program = answers.program(sources, name)
    key = hashlib.sha256(f"{_version()} {name} {program}".encode()).hexdigest()
    verdict = remembered.get(key, {"status": "unchecked", "message": ""})
    return Exercise(name, **verdict, cell=holders[-1], program=program, key=key)


@functools.cache
def _version() -> str:
    """A hash of the exercises' code: a changed exercise may judge the same answer otherwise."""
    # By their files: to import them would load torch.
    files = sorted((Path(lessons.__file__).parents[1] / "exercises").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
