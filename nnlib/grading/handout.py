"""Hand-outs for students: whole lessons, or one notebook of exercises chosen from them.

All is made from the lessons and the catalog as they stand, in memory first; nothing is written
before everything is right. `nbgrader` makes a course of the same.
"""

import ast
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat

from nnlib import lessons
from nnlib.checking.exercise import Exercise
from nnlib.errors import CourseError
from nnlib.exercises import catalog
from nnlib.files import notebook_text, write_text
from nnlib.grading.templates import render
from nnlib.trial import answers
from nnlib.trial.judge import size
from nnlib.trial.sandbox import Limits

ASSIGNMENT = "assignment"
"""The name of a notebook of chosen exercises."""


@dataclass(frozen=True)
class HandOut:
    """What students get: notebooks by their names without suffix, and the exercises in them.

    due: such as "2026-12-01 23:59", or "". lesson: its name, if it is one whole lesson, or "".
    """

    title: str
    due: str
    lesson: str
    exercises: tuple[Exercise, ...]
    notebooks: dict[str, nbformat.NotebookNode]

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def grading_options(self) -> str:
        """What `nnlib grade` is to be told: the lesson or the exercises, and the folder."""
        if self.lesson:
            return f"--lesson {self.lesson[:2]} --out DIR"
        return f"--exercises {','.join(exercise.name for exercise in self.exercises)} --out DIR"

    @property
    def grading_command(self) -> str:
        return f"nnlib grade SUBMISSIONS {self.grading_options}"

    @property
    def readme(self) -> str:
        """What a student needs to know."""
        asked, checks = [], []
        for name, notebook in self.notebooks.items():
            inside = answers.holes(notebook.cells)
            named = inside if name == ASSIGNMENT else []
            asked += [(e, f"{name}.ipynb") for e in self.exercises if e.name in inside]
            checks.append(" ".join(["nnlib check", f"{name}.ipynb", *named]))
        files = [f"{name}.ipynb" for name in self.notebooks]
        return render(
            "readme_for_students.md",
            heading=_heading(self.title, self.exercises, self.due),
            asked=asked,
            checks=checks,
            files=files,
            limits=Limits(),
            memory=size(Limits().memory) + " of memory",
            to_hand_in=joined([f"`{file}`" for file in files]),
        )

    def files(self) -> dict[str, str]:
        """The text of each file: the notebooks, and a README.md for students."""
        texts = {
            f"{name}.ipynb": notebook_text(notebook) for name, notebook in self.notebooks.items()
        }
        return texts | {"README.md": self.readme}


def hand_out(
    wanted: list[str],
    exercises: list[str] | None = None,
    title: str | None = None,
    due: str | None = None,
) -> HandOut:
    """The chosen lessons, or one notebook, `ASSIGNMENT`, of exercises chosen from them.

    wanted: lessons, named as for `lessons.find`. due: such as "2026-12-01 23:59".
    Raises `CourseError` for an unknown lesson or exercise, an exercise of another lesson, no
    exercise at all, and for a due date of another form.
    """
    due = _date(due) if due is not None else ""
    official = {name: lessons.to_hand_out(name) for name in map(lessons.find, wanted)}
    title = " ".join((title or "").split())
    if exercises is not None:
        chosen = tuple(_find(name, official) for name in dict.fromkeys(exercises))
        if not chosen:
            raise CourseError("--exercises names none. Write --exercises softmax,tanh, say.")
        title = title or "Assignment"
        notebook = _assignment(chosen, official, _heading(title, chosen, due))
        return HandOut(title, due, "", chosen, {ASSIGNMENT: notebook})
    chosen = {
        name: tuple(e for e in map(catalog.find, answers.holes(lesson.cells)) if e.points)
        for name, lesson in official.items()
    }
    title = title or ", ".join(map(_title, official.values()))
    for name, lesson in official.items():
        first = lesson.cells[0]
        heading = _heading(_title(lesson), chosen[name], due)
        first.source = first.source.replace(first.source.partition("\n")[0], heading, 1)
    one = next(iter(official)) if len(official) == 1 else ""
    return HandOut(title, due, one, sum(chosen.values(), ()), official)


def _date(text: str) -> str:
    try:
        return f"{datetime.strptime(text.strip(), '%Y-%m-%d %H:%M'):%Y-%m-%d %H:%M}"
    except ValueError:
        raise CourseError(
            f'{text!r} is not a date with a time. Write it as in --due "2026-12-01 23:59".'
        ) from None


def _find(name: str, official: dict[str, nbformat.NotebookNode]) -> Exercise:
    """The exercise of that name, if it is in one of these lessons."""
    exercise = catalog.find(name)
    lesson = catalog.lesson_of(exercise)
    if lesson not in official:
        raise CourseError(
            f"The exercise {name!r} is in lesson {lesson}, which is not among"
            f" {', '.join(official)}. Name {lesson[:2]} as well."
        )
    return exercise


def _title(lesson: nbformat.NotebookNode) -> str:
    """Such as "03 · Activations"."""
    return lesson.cells[0].source.partition("\n")[0].lstrip("# ")


def _heading(title: str, exercises: tuple[Exercise, ...], due: str) -> str:
    heading = f"# {title} · {in_points(sum(exercise.points for exercise in exercises))}"
    return f"{heading} · due {due}" if due else heading


def in_points(points: int) -> str:
    """Such as "1 point", "3 points"."""
    return f"{points} point" if points == 1 else f"{points} points"


def joined(items: list[str]) -> str:
    """Such as "a, b and c"."""
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))


# -- one notebook of chosen exercises --------------------------------------------------------------


def _assignment(
    exercises: tuple[Exercise, ...], official: dict[str, nbformat.NotebookNode], heading: str
) -> nbformat.NotebookNode:
    """The notebook: a heading, the imports, and for each exercise its prose and its hole."""
    used = [official[name] for name in dict.fromkeys(map(catalog.lesson_of, exercises))]
    introduction = render("how_to_work.md", heading=heading, name=exercises[0].name).rstrip()
    cells = [
        nbformat.v4.new_markdown_cell(introduction, id="the-heading"),
        nbformat.v4.new_code_cell(_imports(used), id="the-imports"),
    ]
    told = set()  # two exercises may share a section
    for number, exercise in enumerate(exercises, 1):
        lesson = official[catalog.lesson_of(exercise)]
        place = next(i for i, c in enumerate(lesson.cells) if exercise.name in answers.holes([c]))
        title, prose = _section(lesson, place)
        text = (
            f"## {number}. {title or exercise.name} · `{exercise.name}` ·"
            f" {in_points(exercise.points)}\n\nThe background is in lesson {_title(lesson)}."
        )
        if prose not in told:
            told.add(prose)
            text = f"{text}\n\n{prose}".rstrip()
        hole = lesson.cells[place]
        cells += [
            nbformat.v4.new_markdown_cell(text, id=f"{exercise.name}-text"),
            nbformat.v4.new_code_cell(hole.source, id=exercise.name),
        ]
    return nbformat.v4.new_notebook(cells=cells, metadata=used[0].metadata)


def _imports(used: list[nbformat.NotebookNode]) -> str:
    """The import lines of the lessons' first code cells, each name once."""
    modules: dict[str, None] = {}  # `import …`, in order
    names: dict[str, dict[str, None]] = {}  # module -> what is imported from it, in order
    for lesson in used:
        first = next(cell.source for cell in lesson.cells if cell.cell_type == "code")
        for node in ast.parse(first).body:
            if isinstance(node, ast.Import):
                modules[ast.unparse(node)] = None
            elif isinstance(node, ast.ImportFrom):
                imported = dict.fromkeys(map(ast.unparse, node.names))
                names.setdefault(node.module, {}).update(imported)
    return "\n".join([*modules, *(f"from {m} import {', '.join(n)}" for m, n in names.items())])


def _section(lesson: nbformat.NotebookNode, place: int) -> tuple[str, str]:
    """The title and the prose that belong to the hole in that cell.

    They stand in the nearest markdown cell above, from its last heading on. Where nothing follows
    this heading, the prose before it says what to do.
    """
    above = (cell.source for cell in reversed(lesson.cells[:place]) if cell.cell_type == "markdown")
    # prose, heading, prose, heading, prose: always an odd number of parts
    parts = [part.strip() for part in re.split(r"^(#{1,6} .*)$", next(above), flags=re.M)]
    if len(parts) == 1:
        return "", parts[0]
    title = parts[-2].lstrip("# ").removeprefix("Exercise: ")
    return title[:1].upper() + title[1:], parts[-1] or parts[-3]


# -- writing ---------------------------------------------------------------------------------------


def check_free(folder: Path) -> None:
    """Raise `CourseError` unless a hand-out can be written there: a new or an empty folder."""
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return
    except NotADirectoryError:
        raise CourseError(f"{folder} is a file. Name a new folder with --to.") from None
    except OSError as error:
        raise CourseError(f"{folder} cannot be read: {error.strerror}.") from None
    raise CourseError(f"{folder} is not empty. Name a new or an empty folder with --to.")


def write(files: dict[str, str], folder: Path) -> None:
    """Write each text into the folder, under its name, which may have folders of its own."""
    for name, text in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CourseError(f"{path.parent} cannot be made: {error.strerror}.") from None
        write_text(text, path)
