"""An nbgrader course, through the real nbgrader: generate, autograde, export."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from nnlib import lessons
from nnlib.exercises import catalog
from nnlib.files import write_notebook
from nnlib.grading import handout
from nnlib.grading.nbgrader import course as nbgrader_course
from nnlib.trial import answers

pytestmark = pytest.mark.slow

CHOSEN = ["average_weights", "perceptron", "softmax", "silu_grad"]
POINTS = {name: catalog.find(name).points for name in CHOSEN}
SOLUTIONS = {
    name: source
    for lesson in ("01_perceptron", "03_activations")
    for name, source in lessons.solutions(lesson).items()
}
# The largest number of the whole table is subtracted, and the sum runs over all of it.
MISTAKEN = "def softmax(z, dim):\n    e = (z - z.max()).exp()\n    return e / e.sum()"


def nbgrader(course, *arguments) -> None:
    """Run a command of nbgrader in the course's folder, with nobody's own settings."""
    programs = str(Path(sys.executable).parent)  # nbgrader runs `alembic` by its name alone
    own = {
        "HOME": str(course),
        "JUPYTER_CONFIG_DIR": str(course / "none"),
        "PATH": os.pathsep.join([programs, os.environ["PATH"]]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def hand_in(course, student, notebook) -> None:
    folder = course / "submitted" / student / "week-3"
    folder.mkdir(parents=True)
    write_notebook(notebook, folder / "assignment.ipynb")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with three submissions, graded by nbgrader, with its marks in grades.csv."""
    course = tmp_path_factory.mktemp("course")
    work = handout.hand_out(["01", "03"], CHOSEN, "Week 3", "2026-12-01 23:59")
    for name, text in nbgrader_course(work, seed=2027).items():
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text(text, encoding="utf-8")
    nbgrader(course, "db", "assignment", "add", "week-3", "--duedate", "2026-12-01 23:59")
    nbgrader(course, "generate_assignment", "week-3")
    released = nbformat.read(course / "release" / "week-3" / "assignment.ipynb", as_version=4)
    hand_in(course, "solved", answers.insert(released, SOLUTIONS))
    hand_in(course, "mistaken", answers.insert(released, SOLUTIONS | {"softmax": MISTAKEN}))
    hand_in(course, "untouched", released)
    nbgrader(course, "autograde", "week-3")
    nbgrader(course, "export")
    return course


def test_students_get_the_holes_and_no_solution_and_no_hidden_test(course):
    folder = course / "release" / "week-3"
    assert sorted(os.listdir(folder)) == ["README.md", "assignment.ipynb"]
    released = nbformat.read(folder / "assignment.ipynb", as_version=4)
    assert answers.holes(released.cells) == CHOSEN
    text = str(released)
    assert "SOLUTION" not in text and "HIDDEN" not in text and "2027" not in text
    for name in CHOSEN:
        assert SOLUTIONS[name].splitlines()[-1].strip() not in text


def test_the_scores_are_as_expected(course):
    with open(course / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    total = sum(POINTS.values())
    expected = {"solved": total, "mistaken": total - POINTS["softmax"], "untouched": 0}
    assert {student: float(row["score"]) for student, row in rows.items()} == expected
    assert {float(row["max_score"]) for row in rows.values()} == {total}
    assert {row["duedate"][:16] for row in rows.values()} == {"2026-12-01 23:59"}


def test_the_points_are_each_exercises_own(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook("assignment", "week-3", "mistaken")
        scores = {grade.name.removesuffix("-test"): grade.auto_score for grade in notebook.grades}
    assert scores == {name: 0 if name == "softmax" else POINTS[name] for name in CHOSEN}
