"""An nbgrader course with a hand-out as its one assignment: marked solutions and hidden tests."""

import ast
import re
import unicodedata

import nbformat

from nnlib import lessons
from nnlib.exercises import catalog
from nnlib.files import notebook_text
from nnlib.grading.handout import HandOut, in_points, joined
from nnlib.grading.templates import render
from nnlib.trial import answers


def course(work: HandOut, seed: int) -> dict[str, str]:
    """The text of each file of the course. seed: for the inputs of the hidden tests."""
    name = _slug(work.title)
    readme = render(
        "readme_for_nbgrader.md",
        title=work.title,
        name=name,
        due=f' --duedate "{work.due}"' if work.due else "",
        files=joined([f"`submitted/STUDENT/{name}/{file}.ipynb`" for file in work.notebooks]),
        options=work.grading_options,
    )
    files = {"nbgrader_config.py": render("nbgrader_config.py.jinja"), "README.md": readme}
    folder = f"source/{name}"
    for file, notebook in work.notebooks.items():
        files[f"{folder}/{file}.ipynb"] = notebook_text(_with_tests(notebook, seed))
    return files | {f"{folder}/README.md": work.readme}


def _slug(title: str) -> str:
    """A name for an assignment that nbgrader and every file system take."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "assignment"


def _with_tests(notebook: nbformat.NotebookNode, seed: int) -> nbformat.NotebookNode:
    """The notebook with marked solutions in its holes, and a hidden test after each of them."""
    filled, names = {}, []
    for cell in notebook.cells:
        # A prediction, worth nothing, stays a cell like any other.
        names.append([name for name in answers.holes([cell]) if catalog.find(name).points])
        for name in names[-1]:
            hole = answers.extract([cell.source])[name]
            lesson = catalog.lesson_of(catalog.find(name))
            filled[name] = marked(hole, lessons.solutions(lesson)[name])
    solved = answers.insert(notebook, filled)
    cells = []
    for cell, holes in zip(solved.cells, names, strict=True):
        cells.append(cell)
        if holes:
            cell.metadata["nbgrader"] = _metadata(holes[0], solution=True)
        for name in holes:
            points = catalog.find(name).points
            test = render("hidden_test.py.jinja", name=name, points=in_points(points), seed=seed)
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


def marked(hole: str, solution: str) -> str:
    """The hole's definition with the solution in it, between nbgrader's marks.

    In a function or class the solution's body takes the place of `...`, and the hole's signature
    and docstring stay. After a value, the solution's line follows.
    """
    node, answer = ast.parse(hole).body[0], ast.parse(solution).body[0]
    begin, end = "### BEGIN SOLUTION", "### END SOLUTION"
    if not hasattr(node, "body"):
        return "\n".join([hole, begin, solution, end])
    lines = solution.splitlines()
    body = answer.body[1] if ast.get_docstring(answer) else answer.body[0]
    first = min(part.lineno for part in [body, *getattr(body, "decorator_list", [])]) - 1
    while lines[first - 1].lstrip().startswith("#") or not lines[first - 1].strip():
        first -= 1  # the comments above belong to the body
    dots = node.body[-1]
    kept = hole.splitlines()[: dots.lineno]
    kept[-1] = kept[-1].encode()[: dots.col_offset].decode().rstrip()  # `def f(x): ...`
    kept = kept if kept[-1] else kept[:-1]
    return "\n".join([*kept, f"    {begin}", *lines[first:], f"    {end}"])
