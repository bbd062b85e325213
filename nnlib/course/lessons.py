"""The course's own lessons: find one, solve it, bring a learner's copy up to date."""

import difflib
import os
import shutil
from pathlib import Path

import nbformat

from nnlib.course import updates
from nnlib.files import CourseError, code_cells, notebook_text, read_notebook, write_notebook
from nnlib.trial import answers

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "lessons"
SOLUTIONS = ROOT / "solutions"
MINE = ROOT / "my-lessons"
"""The learner's own copies, which `nnlib lab` makes and git ignores."""
FIRST = "01_perceptron"
"""Where a learner starts; 00 is for those who are new to PyTorch."""
MINUTES = {
    "00_tensors": 75,
    "01_perceptron": 60,
    "02_layers": 75,
    "03_activations": 75,
    "04_losses": 80,
    "05_gradient_descent": 90,
    "06_backpropagation": 90,
    "07_batch_normalization": 90,
    "08_building_models": 100,
    "09_mnist": 75,
    "10_hyperparameters": 70,
    "11_transfer_learning": 90,
}
"""How long a reader takes for each lesson, its exercises included; README's table says the same."""


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
    paths = [path for name in names() if (path := folder / f"{name}.ipynb").exists()]
    for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        if path.read_bytes() != notebook_text(_labeled(path.stem)).encode():
            return path.stem
    return None


def _labeled(lesson: str) -> nbformat.NotebookNode:
    """The lesson as it is handed out."""
    official = read(lesson)
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
