"""Check the answers in a learner's notebook or .py file, without running anything else in it."""

from pathlib import Path

from nnlib.errors import CourseError
from nnlib.exercises import catalog
from nnlib.files import read_bytes
from nnlib.trial import runner
from nnlib.trial.judge import File, Item, Row

SEED = 0
"""The seed that `check` uses in a notebook: the verdicts are then those that the learner saw."""


def check_file(path: Path, names: list[str] | None = None) -> list[Row]:
    """The verdict on each exercise of the lesson that the file answers, or on those named.

    The lesson is the one with most exercises defined in the file, so a renamed file is no matter.
    It may be a stranger's: what is in it runs as it would in grading. Raises `CourseError` for a
    file that cannot be read or that defines no exercise at all, and for an unknown name.
    """
    for name in names or ():
        catalog.find(name)
    file = File(path.name, read_bytes(path))
    (found,) = runner.survey([file])
    if found.problem:
        raise CourseError(f"{path}: {found.problem}")
    if names is None:
        defined = {*found.answers, *found.holes}
        lesson = max(catalog.LESSONS, key=lambda lesson: len(_defined(lesson, defined)))
        if not _defined(lesson, defined):
            raise CourseError(
                f"{path} defines none of the course's exercises. Is it the right file?"
            )
        names = [exercise.name for exercise in catalog.LESSONS[lesson]]
    return runner.grade_one(Item(path.name, (file,), tuple(names), SEED))


def _defined(lesson: str, names: set[str]) -> list[str]:
    return [e.name for e in catalog.LESSONS[lesson] if e.name in names]
