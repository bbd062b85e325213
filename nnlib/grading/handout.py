"""The command `nnlib assign`: hand-outs for students, plain or as an nbgrader course.

All is made from the lessons, the catalog and the solutions as they stand, in memory first; nothing
is written before everything is right.
"""

from __future__ import annotations

import argparse
import ast
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nnlib.files import CourseError, code_cells, notebook_text, write_text

if TYPE_CHECKING:
    import nbformat

# As in nnlib.commands: what imports nbformat, IPython or torch is imported where it is needed.


def add_command(commands) -> None:
    """Add `assign` to the subcommands of `nnlib`."""
    assign = commands.add_parser(
        "assign",
        help="write a hand-out for students: lessons, or an assignment of chosen exercises",
        description="Write lessons, or one notebook of exercises chosen from them, for students.",
    )
    assign.add_argument("lessons", nargs="+", metavar="LESSON", help="such as 03")
    assign.add_argument("--exercises", metavar="A,B,C", help="one notebook of these, in this order")
    assign.add_argument("--to", type=Path, required=True, metavar="DIR", help="new, or empty")
    assign.add_argument("--due", metavar="DATE", help='such as "2026-12-01 23:59"')
    assign.add_argument("--title", metavar="TEXT", help="by default the lesson's, or Assignment")
    assign.add_argument("--nbgrader", action="store_true", help="write a course for nbgrader")
    assign.set_defaults(command=_assign)


def _assign(options: argparse.Namespace) -> int:
    _check_free(options.to)
    chosen = None
    if options.exercises is not None:
        chosen = [name.strip() for name in options.exercises.split(",") if name.strip()]
    work = hand_out(options.lessons, chosen, options.title, options.due)
    if options.nbgrader:
        # Never 0, the seed of `check`, and drawn anew, because everybody can read this file.
        files = nbgrader_course(work, seed=1 + secrets.randbelow(2**31 - 1))
    else:
        files = work.files()
    _write(files, options.to)
    print(f"Wrote {', '.join(files)} to {options.to}: {_points(work.points)}.")
    print(f"Grade what comes back with: {work.grading_command}")
    return 0


# -- what is handed out ----------------------------------------------------------------------------

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
    exercises: tuple
    notebooks: dict[str, nbformat.NotebookNode]

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def grading_command(self) -> str:
        which = f"--lesson {self.lesson[:2]}"
        if not self.lesson:
            which = f"--exercises {','.join(exercise.name for exercise in self.exercises)}"
        return f"nnlib grade SUBMISSIONS {which} --out DIR"

    def files(self) -> dict[str, str]:
        """The text of each file: the notebooks, and a README.md for students."""
        texts = {
            f"{name}.ipynb": notebook_text(notebook) for name, notebook in self.notebooks.items()
        }
        return texts | {"README.md": _readme(self)}


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
    from nnlib.course import lessons
    from nnlib.exercises import catalog
    from nnlib.trial import answers

    due = _date(due) if due is not None else ""
    official = {name: lessons.read(name) for name in map(lessons.find, wanted)}
    title = " ".join((title or "").split())
    if exercises is not None:
        chosen = tuple(_find(name, official) for name in dict.fromkeys(exercises))
        if not chosen:
            raise CourseError("--exercises names none. Write --exercises softmax,tanh, say.")
        title = title or "Assignment"
        notebook = _assignment(chosen, official, _heading(title, chosen, due))
        return HandOut(title, due, "", chosen, {ASSIGNMENT: notebook})
    chosen = {
        name: tuple(map(catalog.find, answers.holes(lesson.cells)))
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


def _find(name: str, official: dict):
    """The exercise of that name, if it is in one of these lessons."""
    from nnlib.exercises import catalog

    try:
        exercise = catalog.find(name)
    except catalog.UnknownExercise as error:
        raise CourseError(str(error)) from None
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


def _heading(title: str, exercises: tuple, due: str) -> str:
    points = _points(sum(exercise.points for exercise in exercises))
    return f"# {title} · {points}" + (f" · due {due}" if due else "")


def _points(points: int) -> str:
    return f"{points} point" if points == 1 else f"{points} points"


# -- one notebook of chosen exercises --------------------------------------------------------------

_HOW_TO_WORK = """
1. Replace each `...` by your own code and run its cell: `check` says what is right and what is not.
2. If you are stuck, run `hint("{name}")` in a cell of your own; each call says a little more.
3. Save, and hand in this file, the `.ipynb`. The names must stay: answers are found by their names.
"""


def _assignment(exercises: tuple, official: dict, heading: str) -> nbformat.NotebookNode:
    """The notebook: a heading, the imports, and for each exercise its prose and its hole."""
    import nbformat

    from nnlib.exercises import catalog
    from nnlib.trial import answers

    used = [official[name] for name in dict.fromkeys(map(catalog.lesson_of, exercises))]
    introduction = heading + "\n" + _HOW_TO_WORK.format(name=exercises[0].name).rstrip()
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
            f" {_points(exercise.points)}\n\nThe background is in lesson {_title(lesson)}."
        )
        if prose not in told:
            told.add(prose)
            text = f"{text}\n\n{prose}".rstrip()
        hole = lesson.cells[place]
        cells += [
            nbformat.v4.new_markdown_cell(text, id=f"{exercise.name}-text"),
            nbformat.v4.new_code_cell(hole.source, outputs=hole.outputs, id=exercise.name),
        ]
    return nbformat.v4.new_notebook(cells=cells, metadata=used[0].metadata)


def _imports(used: list[nbformat.NotebookNode]) -> str:
    """The import lines of the lessons' first code cells, each name once."""
    from nnlib.trial import answers

    modules, names = {}, {}
    for lesson in used:
        first = next(cell.source for cell in lesson.cells if cell.cell_type == "code")
        for statement in answers.statements([first]):
            if isinstance(statement.node, ast.Import):
                modules[ast.unparse(statement.node)] = None
            elif isinstance(statement.node, ast.ImportFrom):
                imported = dict.fromkeys(map(ast.unparse, statement.node.names))
                names.setdefault(statement.node.module, {}).update(imported)
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


# -- an nbgrader course ----------------------------------------------------------------------------


def nbgrader_course(work: HandOut, seed: int) -> dict[str, str]:
    """The text of each file of an nbgrader course with this hand-out as its one assignment.

    seed: for the inputs of the hidden tests.
    """
    name = _slug(work.title)
    files = {"nbgrader_config.py": _CONFIG, "README.md": _nbgrader_readme(work, name)}
    folder = f"source/{name}"
    for file, notebook in work.notebooks.items():
        files[f"{folder}/{file}.ipynb"] = notebook_text(_with_tests(notebook, seed))
    return files | {f"{folder}/README.md": _readme(work)}


def _slug(title: str) -> str:
    """A name for an assignment that nbgrader and every file system take."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "assignment"


_CONFIG = '''\
"""How nbgrader makes and grades this course. Run nbgrader in this folder."""

c = get_config()  # noqa: F821 (nbgrader defines it)

# What students get in place of a solution is the lesson's own hole: `check` then says "to do".
c.ClearSolutions.code_stub = {"python": "..."}

c.Execute.timeout = 120  # seconds for each cell
'''

_TEST = """\
# {points} for `{name}`, tested on other inputs than those of `check`
### BEGIN HIDDEN TESTS
import contextlib, io
from nnlib.checking.judging import examine
from nnlib.exercises import catalog

with contextlib.redirect_stderr(io.StringIO()):  # a warning would cost the points
    verdict = examine(catalog.find("{name}"), {name}, seed={seed})
assert verdict, verdict.message
### END HIDDEN TESTS"""


def _with_tests(notebook: nbformat.NotebookNode, seed: int) -> nbformat.NotebookNode:
    """The notebook with marked solutions in its holes, and a hidden test after each of them."""
    import nbformat

    from nnlib.course import lessons
    from nnlib.exercises import catalog
    from nnlib.trial import answers

    marked, names = {}, []
    for cell in notebook.cells:
        names.append(answers.holes([cell]))
        for name in names[-1]:
            hole = answers.extract([cell.source])[name]
            lesson = catalog.lesson_of(catalog.find(name))
            solution = answers.extract(code_cells(lessons.SOLUTIONS / f"{lesson}.py"))[name]
            marked[name] = _marked(hole, solution)
    solved = answers.insert(notebook, marked)
    cells = []
    for cell, filled in zip(solved.cells, names, strict=True):
        cells.append(cell)
        if filled:
            cell.metadata["nbgrader"] = _metadata(filled[0], solution=True)
        for name in filled:
            points = catalog.find(name).points
            test = _TEST.format(name=name, points=_points(points), seed=seed)
            cells.append(nbformat.v4.new_code_cell(test, id=f"{name}-test"))
            cells[-1].metadata["nbgrader"] = _metadata(f"{name}-test", points=points)
    solved.cells = cells
    return solved


def _metadata(grade_id: str, solution: bool = False, points: int | None = None) -> dict:
    """nbgrader's metadata, of schema 3, of a student's cell, or of a test worth some points."""
    metadata = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }
    return metadata if points is None else metadata | {"points": points}


def _marked(hole: str, solution: str) -> str:
    """The hole's definition with the solution in it, between nbgrader's marks.

    In a function or class the solution's body takes the place of `...`, and the hole's signature
    and docstring stay. After a value, the solution's line follows.
    """
    node, answer = ast.parse(hole).body[0], ast.parse(solution).body[0]
    begin, end = "### BEGIN SOLUTION", "### END SOLUTION"
    if not hasattr(node, "body"):
        return "\n".join([hole, begin, solution, end])
    lines = solution.splitlines()
    body = answer.body[bool(ast.get_docstring(answer))]
    first = min(part.lineno for part in [body, *getattr(body, "decorator_list", [])]) - 1
    while lines[first - 1].lstrip().startswith("#") or not lines[first - 1].strip():
        first -= 1  # the comments above belong to the body
    dots = node.body[-1]
    kept = hole.splitlines()[: dots.lineno]
    kept[-1] = kept[-1].encode()[: dots.col_offset].decode().rstrip()  # `def f(x): ...`
    kept = kept if kept[-1] else kept[:-1]
    return "\n".join([*kept, f"    {begin}", *lines[first:], f"    {end}"])


# -- texts -----------------------------------------------------------------------------------------


def _readme(work: HandOut) -> str:
    """What a student needs to know."""
    from nnlib.trial import answers

    names = [f"{name}.ipynb" for name in work.notebooks]
    rows, checks = [], []
    for file, notebook in zip(names, work.notebooks.values(), strict=True):
        inside = answers.holes(notebook.cells)
        named = inside if file == f"{ASSIGNMENT}.ipynb" else []
        rows += [
            f"| `{exercise.name}` | {file} | {exercise.points} |"
            for exercise in work.exercises
            if exercise.name in inside
        ]
        checks.append(" ".join(["nnlib check", file, *named]))
    return f"""\
{_heading(work.title, work.exercises, work.due)}

| exercise | in | points |
|---|---|---|
{chr(10).join(rows)}

## Open

Set up the course as its README says, activate its environment, and in this folder run

```bash
jupyter lab {names[0]}
```

## Work and check

Replace each `...` by your own code. Running its cell checks it on the spot, and `hint("NAME")` in a
cell of your own helps. To check all answers in the saved file at once:

```bash
{chr(10).join(checks)}
```

## Hand in

Save, and hand in {_and([f"`{name}`" for name in names])}, under the same name.
The names that the exercises define must stay too: answers are found by them.

## How it is graded

Every answer is graded again, with other inputs than those of `check`. What passes here because it
computes the right thing will pass there; numbers typed in for these inputs will not.

Only the named definitions count, and what they use: your own helper functions, imports and values,
from any cell. Other cells are not run for the marks, so nothing that you try out can cost points.
"""


def _and(items: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))


def _nbgrader_readme(work: HandOut, name: str) -> str:
    """What an instructor with nbgrader does with the course."""
    files = _and([f"`submitted/STUDENT/{name}/{file}.ipynb`" for file in work.notebooks])
    due = f' --duedate "{work.due}"' if work.due else ""
    return f"""\
# {work.title}, for nbgrader

`source/` holds the solutions and the hidden tests: keep this folder to yourself. Activate the
environment of the course, with nbgrader in it (`pip install nbgrader`). In this folder:

```bash
nbgrader db assignment add {name}{due}
nbgrader generate_assignment {name}
```

Hand out `release/{name}/`. Put what comes back into
{files}, then

```bash
nbgrader autograde {name}
nbgrader export
```

and the marks are in `grades.csv`.

nbgrader runs each notebook from top to bottom, with the hidden tests in the same process and with
all rights of your account: a submission can read the tests, and more. `nnlib grade` runs answers
locked in, and judges them outside:

```bash
nnlib grade submitted {work.grading_command.removeprefix("nnlib grade SUBMISSIONS ")}
```
"""


# -- writing ---------------------------------------------------------------------------------------


def _check_free(folder: Path) -> None:
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return
    except NotADirectoryError:
        raise CourseError(f"{folder} is a file. Name a new folder with --to.") from None
    except OSError as error:
        raise CourseError(f"{folder} cannot be read: {error.strerror}.") from None
    raise CourseError(f"{folder} is not empty. Name a new or an empty folder with --to.")


def _write(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CourseError(f"{path.parent} cannot be made: {error.strerror}.") from None
        write_text(text, path)
