"""The learner's own copies of the lessons: handed out, and brought up to date."""

import contextlib
import os
import shutil
from pathlib import Path

import nbformat

from nnlib import lessons
from nnlib.course import mending, updates
from nnlib.errors import CourseError
from nnlib.files import notebook_text, read_bytes, write_notebook
from nnlib.trial import reading

MINE = lessons.ROOT / "my-lessons"
"""The learner's own copies, which `nnlib lab` makes and git ignores."""


def hand_out(lesson: str, folder: Path) -> str:
    """Put a lesson into a learner's folder, or bring the copy there up to date.

    Returns what was done: ``"new"``, ``"unchanged"`` or ``"updated"``. An update keeps the time at
    which the learner last saved the file. If they have written in it, the old copy stays beside the
    new one, as ``NAME.before-update.ipynb`` (``…-2.ipynb`` and so on).
    """
    path = folder / f"{lesson}.ipynb"
    official = _labeled(lesson)
    if not path.exists():
        write_notebook(official, path)
        return "new"
    mine = read(path)
    if updates.is_current(official, mine):
        return "unchanged"
    updated = updates.update(official, mine)
    saved = path.stat()
    same_text = _texts(updated) == _texts(mine)  # an editor has dropped our metadata, no more
    if not same_text and updates.has_own_cells(mine):
        shutil.copy2(path, _unused(path.with_suffix(".before-update.ipynb")))
    write_notebook(updated, path)
    os.utime(path, ns=(saved.st_atime_ns, saved.st_mtime_ns))
    return "unchanged" if same_text else "updated"


def read(path: Path) -> nbformat.NotebookNode:
    """A learner's notebook, whatever editor saved it, as one of format 4.5.

    Raises `CourseError`, with the remedy, for a file that holds none.
    """
    content, problem = reading.notebook_json(str(path), reading.text_of(read_bytes(path)))
    if problem:
        raise CourseError(problem)
    return mending.mended(content)


def last_saved(folder: Path) -> str | None:
    """The lesson that the learner saved last in their folder; None if every copy is untouched."""
    paths = [path for name in lessons.names() if (path := folder / f"{name}.ipynb").exists()]
    for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        with contextlib.suppress(CourseError):  # of a file that cannot be read, nothing is known
            if not is_untouched(path.stem, folder):
                return path.stem
    return None


def is_untouched(lesson: str, folder: Path) -> bool:
    """Whether the copy in a learner's folder is, to the byte, as it was handed out."""
    return read_bytes(folder / f"{lesson}.ipynb") == notebook_text(_labeled(lesson)).encode()


def _labeled(lesson: str) -> nbformat.NotebookNode:
    """The lesson as it is handed out."""
    official = lessons.to_hand_out(lesson)
    updates.label(official)
    return official


def _texts(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def _unused(path: Path) -> Path:
    """The path, or the first of its numbered siblings that does not exist yet."""
    candidate, n = path, 2
    while candidate.exists():
        candidate = path.with_name(f"{path.stem}-{n}{path.suffix}")
        n += 1
    return candidate
