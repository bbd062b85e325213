"""Hand-outs: what students get, and what they must not get."""

import argparse
import ast
import os
import re
import textwrap

import nbformat
import pytest

from nnlib import lessons
from nnlib.commands import assign
from nnlib.course.checking import check_file
from nnlib.errors import CourseError
from nnlib.exercises import catalog
from nnlib.files import write_notebook
from nnlib.grading import handout, nbgrader
from nnlib.trial import answers

LESSONS = lessons.names()
CHOSEN = ["softmax", "average_weights", "hard_sigmoid", "tanh", "momentum_step"]


def run(*arguments) -> int:
    parser = argparse.ArgumentParser()
    assign.add_arguments(parser)
    return assign.run(parser.parse_args([*map(str, arguments)]))


SOLUTIONS = {
    name: source for lesson in LESSONS for name, source in lessons.solutions(lesson).items()
}


def exercises_of(names) -> list[str]:
    return [e.name for name in names for e in catalog.LESSONS[name] if e.points]


def solution_lines(name: str) -> list[str]:
    """The lines of a solution's body, or its one line, without comments, in `ast`'s layout."""
    definition = ast.parse(SOLUTIONS[name]).body[0]
    parts = getattr(definition, "body", [definition])
    return [line.strip() for part in parts for line in ast.unparse(part).splitlines()]


def leaked(notebook, names) -> list[str]:
    """The exercises of whose solution a line stands in the notebook, anywhere, in any layout.

    A short line, such as `return w`, says nothing, but for a value it is the whole solution.
    """
    code = [ast.unparse(ast.parse(c.source)) for c in notebook.cells if c.cell_type == "code"]
    text = "\n".join([str(notebook), *(cell.source for cell in notebook.cells), *code])
    return [
        name
        for name in names
        for line in solution_lines(name)
        if line in text and (len(line) > 24 or line.startswith(f"{name} ="))
    ]


@pytest.fixture
def assignment(tmp_path):
    folder = tmp_path / "new" / "assignment"
    arguments = ("03", "05", "01", "--exercises", ",".join(CHOSEN), "--to", folder)
    assert run(*arguments, "--due", "2026-12-01 23:59", "--title", "Week 3") == 0
    return folder


def test_an_assignment_has_points_and_due_date_in_its_heading(assignment, capsys):
    assert sorted(os.listdir(assignment)) == ["README.md", "assignment.ipynb"]
    notebook = nbformat.read(assignment / "assignment.ipynb", as_version=4)
    nbformat.validate(notebook)
    total = sum(catalog.find(name).points for name in CHOSEN)
    heading = f"# Week 3 · {total} points · due 2026-12-01 23:59\n"
    assert notebook.cells[0].source.startswith(heading)
    assert (assignment / "README.md").read_text(encoding="utf-8").startswith(heading)
    headings = [h for c in notebook.cells for h in re.findall(r"^#+ .*", c.source, flags=re.M)]
    assert len(headings) == 1 + len(CHOSEN)
    points = [int(re.search(r"(\d+) points?$", line)[1]) for line in headings[1:]]
    assert points == [catalog.find(name).points for name in CHOSEN]
    assert [re.search(r"`(\w+)`", line)[1] for line in headings[1:]] == CHOSEN


def test_an_open_assignment_is_all_to_do(assignment):
    path = assignment / "assignment.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert answers.holes(notebook.cells) == CHOSEN
    assert [(row.exercise, row.status) for row in check_file(path, CHOSEN)] == [
        (n, "todo") for n in CHOSEN
    ]
    assert not any(cell.get("outputs") for cell in notebook.cells), "nobody has run it"


def test_a_solved_assignment_of_every_exercise_passes(tmp_path):
    names = exercises_of(LESSONS)
    work = handout.hand_out(LESSONS, names)
    assert work.points == sum(catalog.find(name).points for name in names)
    solved = answers.insert(work.notebooks["assignment"], SOLUTIONS)
    write_notebook(solved, tmp_path / "solved.ipynb")
    assert [
        row for row in check_file(tmp_path / "solved.ipynb", names) if row.status != "correct"
    ] == []


def test_no_solution_is_in_an_assignment():
    names = exercises_of(LESSONS)
    assert leaked(handout.hand_out(LESSONS, names).notebooks["assignment"], names) == []


def test_the_search_for_solutions_finds_them():
    for lesson in LESSONS:
        for name in exercises_of([lesson]):
            lines = solution_lines(name)
            assert name in leaked(lessons.solve(lesson), [name]) or max(map(len, lines)) <= 24


def test_the_prose_of_an_exercise_comes_along(assignment):
    notebook = nbformat.read(assignment / "assignment.ipynb", as_version=4)
    texts = {cell.id: cell.source for cell in notebook.cells}
    assert "Shift-invariance is your friend." in texts["softmax-text"]
    assert "03 · Activations" in texts["softmax-text"]
    assert "three straight pieces" in texts["hard_sigmoid-text"]  # two cells above its hole
    assert "three straight pieces" not in texts["tanh-text"]  # told already
    # Nothing stands below its own heading: what stands above it says what to do.
    assert r"v \leftarrow \mu v + g" in texts["momentum_step-text"]
    assert "## 9. Which one where" not in "".join(texts.values())


def test_imports_are_there_once_and_nothing_else_runs(assignment):
    notebook = nbformat.read(assignment / "assignment.ipynb", as_version=4)
    tree = ast.parse(next(c.source for c in notebook.cells if c.cell_type == "code"))
    assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
    bound = [alias.asname or alias.name for node in tree.body for alias in node.names]
    assert {"torch", "check", "hint", "F"} <= set(bound)
    assert len(bound) == len(set(bound))


def test_the_readme_tells_how_to_check_and_what_to_hand_in(assignment):
    readme = (assignment / "README.md").read_text(encoding="utf-8")
    assert f"nnlib check assignment.ipynb {' '.join(CHOSEN)}\n" in readme
    assert "hand in `assignment.ipynb`" in readme
    for name in CHOSEN:
        assert f"| `{name}` | assignment.ipynb | {catalog.find(name).points} |" in readme


def test_lessons_are_handed_out_as_they_are_but_for_the_heading(tmp_path, capsys):
    assert run("01", "03_activations", "--to", tmp_path, "--due", "2026-12-01 23:59") == 0
    names = ["01_perceptron", "03_activations"]
    assert sorted(os.listdir(tmp_path)) == [*(f"{name}.ipynb" for name in names), "README.md"]
    for name in names:
        mine = nbformat.read(tmp_path / f"{name}.ipynb", as_version=4)
        official = lessons.to_hand_out(name)
        assert mine.cells[1:] == official.cells[1:] and mine.metadata == official.metadata
        first, rest = mine.cells[0].source.split("\n", 1)
        title, official_rest = official.cells[0].source.split("\n", 1)
        points = sum(exercise.points for exercise in catalog.LESSONS[name])
        assert first == f"{title} · {points} points · due 2026-12-01 23:59"
        assert rest == official_rest
        statuses = {verdict.status for verdict in check_file(tmp_path / f"{name}.ipynb")}
        assert statuses == {"todo"}
    assert f"--exercises {','.join(exercises_of(names))} " in capsys.readouterr().out


def test_one_lesson_is_graded_as_a_lesson():
    assert "--lesson 03 " in handout.hand_out(["03"]).grading_command


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["perceptrn"], "perceptron"),
        (["03", "--exercises", "sofmax"], "Did you mean softmax"),
        (["03", "--exercises", "softmax,gd_step"], "in lesson 05_gradient_descent"),
        (["03", "--exercises", " , "], "names none"),
        (["03", "--due", "1 December"], "not a date"),
        (["03", "--due", "2026-02-30 10:00"], "not a date"),
        (["03", "--due", "2026-12-01"], "not a date"),
        (["03", "--due", ""], "not a date"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(tmp_path, arguments, sentence):
    with pytest.raises(CourseError, match=sentence) as error:
        run(*arguments, "--to", tmp_path / "new")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(CourseError, match="not empty"):
        run("03", "--to", tmp_path)
    with pytest.raises(CourseError, match="is a file"):
        run("03", "--to", tmp_path / "README.md")
    with pytest.raises(CourseError, match="cannot be made"):
        run("03", "--to", tmp_path / "README.md" / "new")
    assert os.listdir(tmp_path) == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_locked_folder_is_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    try:
        for folder in (tmp_path, tmp_path / "new"):
            with pytest.raises(CourseError, match="cannot be"):
                run("03", "--to", folder)
    finally:
        tmp_path.chmod(0o700)


# -- nbgrader, without nbgrader; with it: test_nbgrader.py ----------------------------------------


def nbgrader_notebooks(files) -> list[nbformat.NotebookNode]:
    return [nbformat.reads(t, as_version=4) for n, t in files.items() if n.endswith(".ipynb")]


def test_an_nbgrader_course_has_marks_tests_and_points(tmp_path):
    title, due = "Übung: week 3!", "2026-12-01 23:59"
    work = handout.hand_out(["01", "03", "05"], CHOSEN, title, due)
    files = nbgrader.course(work, seed=11)
    folder = "source/ubung-week-3"
    names = {"nbgrader_config.py", "README.md", f"{folder}/README.md", f"{folder}/assignment.ipynb"}
    assert files.keys() == names
    assert f'add ubung-week-3 --duedate "{due}"' in files["README.md"]
    (notebook,) = nbgrader_notebooks(files)
    nbformat.validate(notebook)
    graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    ids = [cell.metadata.nbgrader.grade_id for cell in graded]
    assert len(ids) == len(set(ids)) == 2 * len(CHOSEN)
    for answer, test in zip(graded[::2], graded[1::2], strict=True):
        about, about_test = answer.metadata.nbgrader, test.metadata.nbgrader
        name = about.grade_id
        assert {about.schema_version, about_test.schema_version} == {3}
        assert about.solution and not about.grade and not about.locked and "points" not in about
        assert about_test.grade and about_test.locked and not about_test.solution
        assert about_test.points == catalog.find(name).points
        assert notebook.cells.index(test) == notebook.cells.index(answer) + 1
        assert answer.source.count("### BEGIN SOLUTION") == 1
        outside, inside = cut(answer.source, "SOLUTION")
        code = [f"if 1:\n{textwrap.indent(part, '    ')}" for part in (inside, outside)]
        lines = [
            [line.strip() for line in ast.unparse(ast.parse(c)).splitlines()[1:]] for c in code
        ]
        assert lines[0] == solution_lines(name) and not set(solution_lines(name)) & set(lines[1])
        outside, inside = cut(test.source, "HIDDEN TESTS")
        assert all(line.startswith("#") for line in outside.splitlines() if line)
        assert f'examine(catalog.find("{name}"), {name}, seed=11)' in inside


def cut(source: str, mark: str) -> tuple[str, str]:
    """What stands outside and inside of the marks."""
    before, rest = re.split(f" *### BEGIN {mark}\n", source)
    inside, after = re.split(f" *### END {mark}\n?", rest)
    return before + after, inside


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solutions_in_an_nbgrader_lesson_pass_and_cut_out_leave_the_lesson(lesson, tmp_path):
    work = handout.hand_out([lesson])
    (notebook,) = nbgrader_notebooks(nbgrader.course(work, seed=5))
    write_notebook(notebook, tmp_path / "solved.ipynb")
    rows = [row for row in check_file(tmp_path / "solved.ipynb") if row.max]  # no predictions
    assert [row for row in rows if row.status != "correct"] == []
    # What nbgrader does for students: the mark's line becomes the stub, at the mark's indentation.
    kept = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
    for cell, official in zip(kept[1:], lessons.read(lesson).cells[1:], strict=True):
        stub = re.sub(
            r"^( *)### BEGIN SOLUTION$.*?### END SOLUTION$",
            r"\1...",
            cell.source,
            flags=re.M | re.S,
        )
        stub = re.sub(r"^(\w+ = \.\.\..*)\n\.\.\.$", r"\1", stub, flags=re.M)  # a value's own line
        assert stub == official.source


def test_a_hole_in_one_line_and_a_class_are_filled():
    marked = nbgrader.marked("def f(x): ...", 'def f(x):\n    "Doc."\n\n    # why\n    return x')
    assert marked.splitlines()[:2] == ["def f(x):", "    ### BEGIN SOLUTION"]
    scope = {}
    exec(marked, scope)
    assert scope["f"](3) == 3 and "# why" in marked and "Doc" not in marked
    solution = "class A:\n    @property\n    def x(self):\n        return 4  # é\n"
    exec(nbgrader.marked('class A:\n    """Docstring é."""\n    ...  # yours', solution), scope)
    assert scope["A"]().x == 4 and scope["A"].__doc__ == "Docstring é."
