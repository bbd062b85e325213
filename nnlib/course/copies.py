"""The learner's own copies of the lessons: handed out, and brought up to date."""

import os
import shutil
from pathlib import Path

import nbformat

from nnlib import lessons
from nnlib.course import updates
from nnlib.files import notebook_text, read_notebook, write_notebook

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
    mine = read_notebook(path)
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


def last_saved(folder: Path) -> str | None:
    """The lesson that the learner saved last in their folder; None if every copy is untouched."""
    paths = [path for name in lessons.names() if (path := folder / f"{name}.ipynb").exists()]
    for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        if path.read_bytes() != notebook_text(_labeled(path.stem)).encode():
            return path.stem
    return None


def _labeled(lesson: str) -> nbformat.NotebookNode:
    """The lesson as it is handed out."""
    official = lessons.read(lesson)
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
