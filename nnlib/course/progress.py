"""How far a learner has come: which exercises are correct, tried, to do; what is left, what is next.

The notebooks in their folder are read, and the answers run, as the grader does it, locked in: a
copy may have come from anywhere. What was found is remembered in that folder, by what is in the
files and by the answers' code, so that an answer is run again only when it, or the course's
exercises, have changed. Nothing is sent anywhere.
"""

import functools
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from nnlib import lessons
from nnlib.course import copies
from nnlib.errors import CourseError
from nnlib.files import read_bytes, write_text
from nnlib.trial import answers, processes

MEMORY = ".verdicts.json"
STATUSES = ("correct", "wrong", "error", "todo", "unchecked")
SEED = 0
"""The seed that `check` uses in a notebook: the verdicts are then those that the learner saw."""


@dataclass(frozen=True)
class Exercise:
    """One exercise in a learner's copy.

    status: "correct", "wrong", "error", "todo", or "unchecked" if the copy has changed since it was
    last looked into. message: what is wrong with it, or "". cell: the id of the cell with its hole.
    program: stands for the answer's code, or "" where there is none.
    """

    name: str
    status: str
    message: str = ""
    cell: str = ""
    program: str = ""


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    problem: why the learner's copy cannot be read, or "". content: a hash of that copy, or "".
    """

    name: str
    opening: lessons.Opening
    exercises: tuple[Exercise, ...]
    problem: str = ""
    content: str = ""

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
    found = tuple(_lesson(name, folder, remembered.get(name)) for name in lessons.names())
    return Progress(found, copies.last_saved(folder) or lessons.FIRST)


def check(folder: Path, watch: Callable = lambda rows, total: rows) -> Progress:
    """The progress in a learner's folder; looks into what has changed, and runs what is new in it.

    watch: ``watch(lessons, how many)`` passes them on as they come, for a progress bar. Raises
    `CourseError` if there is no such folder.
    """
    now = read(folder)
    changed = [one for one in now.lessons if any(e.status == "unchecked" for e in one.exercises)]
    if not changed:
        return now
    checked = {lesson.name: lesson for lesson in _run(folder, changed, watch)}
    now = replace(now, lessons=tuple(checked.get(one.name, one) for one in now.lessons))
    _remember(folder, now)
    return now


def _run(folder: Path, changed: list[Lesson], watch: Callable) -> Iterator[Lesson]:
    """These lessons with the verdicts on their exercises."""
    processes.begin()
    # These load torch, which takes longer than all the rest; what was begun does so, meanwhile.
    from nnlib.trial import runner
    from nnlib.trial.judge import File, Item

    known = {
        e.program: e for one in _remembered(folder).values() for e in one.exercises if e.program
    }
    by_name, items = {}, []
    for lesson in changed:
        content = _content(folder, lesson.name)
        by_name[lesson.name] = replace(lesson, content=_hash(content))
        names = tuple(exercise.name for exercise in lesson.exercises)
        items.append(Item(lesson.name, (File(f"{lesson.name}.ipynb", content),), names, SEED))
    for rows in watch(runner.grade_many(items, known=known.keys()), len(items)):
        lesson = by_name[rows[0].key]
        pairs = zip(lesson.exercises, rows, strict=True)
        verdicts = tuple(_with_verdict(exercise, row, known) for exercise, row in pairs)
        yield replace(lesson, exercises=verdicts, problem=rows[0].problem)


def _with_verdict(exercise: Exercise, row, known: dict[str, Exercise]) -> Exercise:
    """The exercise with what the runner's row says of it."""
    if row.problem:  # told once, for the whole lesson
        return replace(exercise, status="todo")
    if row.status == "known":
        return replace(known[row.program], cell=exercise.cell)
    message = row.remark if row.status == "todo" else row.message
    return replace(exercise, status=row.status, message=message, program=row.program)


def _lesson(name: str, folder: Path, remembered: Lesson | None) -> Lesson:
    """The lesson with what is remembered of the learner's copy, if that is as it was."""
    try:
        official = lessons.read(name)
    except CourseError as error:
        title = name.partition("_")[2].replace("_", " ").capitalize()
        return Lesson(name, lessons.Opening(title, "", 0), (), str(error))
    holes = {
        hole: cell.id
        for cell in official.cells
        for hole in answers.holes([cell])
        if not hole.startswith(lessons.PREDICTION)  # made once, right or wrong: no work is left
    }
    status, problem, known = "todo", "", {}
    try:
        content = _content(folder, name)
    except CourseError as error:
        content, problem = b"", str(error)
    if content and remembered and remembered.content == _hash(content):
        problem, known = remembered.problem, {e.name: e for e in remembered.exercises}
    elif content and not copies.is_untouched(name, folder):
        status = "unchecked"
    found = tuple(
        replace(known.get(hole, Exercise(hole, status)), cell=cell) for hole, cell in holes.items()
    )
    return Lesson(name, lessons.opening(official), found, problem, _hash(content))


def _content(folder: Path, lesson: str) -> bytes:
    """The learner's copy, or nothing where there is none."""
    path = folder / f"{lesson}.ipynb"
    return read_bytes(path) if path.exists() else b""


# -- what is remembered ----------------------------------------------------------------------------


def _remember(folder: Path, now: Progress) -> None:
    found = {"version": version(), "lessons": [asdict(lesson) for lesson in now.lessons]}
    text = json.dumps(found, indent=1, ensure_ascii=False)
    write_text(text + "\n", folder / MEMORY)


def _remembered(folder: Path) -> dict[str, Lesson]:
    """What was found before, by lesson; nothing if the file is damaged, or of another release."""
    try:
        found = json.loads((folder / MEMORY).read_text(encoding="utf-8"))
        if found["version"] != version():
            return {}
        return {one["name"]: _as_remembered(one) for one in found["lessons"]}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _as_remembered(one: dict) -> Lesson:
    exercises = [Exercise(**exercise) for exercise in one["exercises"]]
    if any(exercise.status not in STATUSES for exercise in exercises):
        raise ValueError("a status that there is none of")
    return Lesson(**one | {"opening": lessons.Opening(**one["opening"]), "exercises": exercises})


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@functools.cache
def version() -> str:
    """A hash of the exercises' code: a changed exercise may judge the same answer otherwise."""
    # By their files: to import them would load torch.
    course = Path(lessons.__file__).parent
    files = [f for room in ("exercises", "checking") for f in sorted((course / room).rglob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
