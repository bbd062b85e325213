"""Check the answers in a learner's notebook or .py file, without running anything else in it."""

import contextlib
import io
from pathlib import Path

from nnlib.checking.exercise import Verdict
from nnlib.checking.judging import examine
from nnlib.checking.running import describe_failure, load
from nnlib.errors import CourseError
from nnlib.exercises import catalog
from nnlib.files import code_cells
from nnlib.trial import answers


def check_file(path: Path, names: list[str] | None = None) -> list[Verdict]:
    """The verdict on each exercise of the lesson that the file answers, or on those named.

    The lesson is the one with most exercises defined in the file, so a renamed file is no matter.
    Raises `CourseError` for a file that cannot be read or that defines no exercise at all.
    """
    cells = code_cells(path)
    defined = answers.extract(cells)
    if names is None:
        lesson = max(catalog.LESSONS, key=lambda lesson: len(_defined(lesson, defined)))
        if not _defined(lesson, defined):
            raise CourseError(
                f"{path} defines none of the course's exercises. Is it the right file?"
            )
        names = [exercise.name for exercise in catalog.LESSONS[lesson]]
    return [_check(name, cells, defined) for name in names]


def _defined(lesson: str, definitions: dict[str, str]) -> list[str]:
    return [e.name for e in catalog.LESSONS[lesson] if e.name in definitions]


def _check(name: str, cells: list[str], defined: dict[str, str]) -> Verdict:
    exercise = catalog.find(name)
    if name not in defined or answers.is_hole(defined[name]):
        return Verdict(name, "todo", max_points=exercise.points)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            answer = load(answers.program(cells, name), name)
    except (Exception, SystemExit) as error:
        failure = describe_failure(error)
        message = f"Its code cannot be run. {failure.type_name}: {failure.text}\n{failure.line}"
        return Verdict(name, "error", message, max_points=exercise.points)
    return examine(exercise, answer)
