"""`nnlib grade`, from the files to the marks: what it writes, and that a second run is cheap.

Most tests replace the engine with one that grades by reading alone, and counts what it is given.
"""

import argparse
import contextlib
import csv
import itertools
import json
import os
import sys
import zipfile
from dataclasses import replace

import class_of_30
import pytest
from made import notebook
from programs import dask_cluster

from nnlib import lessons
from nnlib.commands import grade as command
from nnlib.commands import merge
from nnlib.errors import CourseError
from nnlib.files import code_cells
from nnlib.grading import records
from nnlib.grading.work import shard_of
from nnlib.trial import answers, judge, reading, runner, sandbox
from nnlib.trial.judge import Row

SOLUTIONS = code_cells(lessons.SOLUTIONS / "01_perceptron.py")[0]
HALF = SOLUTIONS.partition("# %% gate")[0]


def grade(*arguments) -> int:
    return call(command, arguments)


def call(module, arguments) -> int:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return module.run(parser.parse_args([*map(str, arguments)]))


@pytest.fixture
def graded(monkeypatch):
    """A fake engine: what is defined is right. The list holds what it was given."""
    given = []

    def grade_many(items, executor=None, processes=None):
        for item in items:
            given.append(item)
            yield [_row(item, name) for name in item.exercises]

    monkeypatch.setattr(runner, "grade_many", grade_many)
    return given


def _row(item, name):
    status, problem, counts = "error" if item.problem else "todo", item.problem, ""
    for file in item.files:
        notebook = reading.read(file.name, file.content)
        problem = notebook.problem
        if answers.defined(notebook, [name])[0]:
            status, counts = "correct", file.name
    if len(item.files) == 1 and problem:
        status = "error"
    points = 1 if status == "correct" else 0
    code = judge.fingerprints(item)[name]
    row = Row(item.key, name, status, points, 1, problem, item.seed, code, 0.1, "landlock")
    return replace(row, file=counts, problem=problem if status == "error" else "")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "Ann.py").write_text(SOLUTIONS, encoding="utf-8")
    (folder / "Bob.py").write_text(HALF, encoding="utf-8")
    (folder / "Cem.ipynb").write_text("")
    return folder


def results(out):
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def totals(out):
    text = (out / "grades.csv").read_text(encoding="utf-8-sig")
    return {row["student"]: row["total"] for row in csv.DictReader(text.splitlines())}


def test_all_is_written_and_every_student_has_every_row(graded, folder, tmp_path, capsys):
    out = tmp_path / "new" / "out"
    assert grade(folder, "--out", out) == 0
    assert totals(out) == {"Ann": "6", "Bob": "2", "Cem": "0"}
    assert len(results(out)) == 3 * 6
    assert {path.name for path in (out / "feedback").iterdir()} == {
        "Ann.html",
        "Bob.html",
        "Cem.html",
    }
    assert "Lesson 01: perceptron" in (out / "summary.html").read_text(encoding="utf-8")
    assert "2.7 of 6" in capsys.readouterr().out
    cem = [row for row in results(out) if row["student"] == "Cem"]
    assert {(row["status"], row["message"], row["file"]) for row in cem} == {
        ("error", "Cem.ipynb is empty. Save it again, or take a fresh copy.", "Cem.ipynb")
    }
    assert len({item.seed for item in graded}) == 1


def test_a_second_run_grades_only_what_changed(graded, folder, tmp_path):
    out = tmp_path / "out"
    grade(folder, "--out", out)
    before = {path: path.read_bytes() for path in out.rglob("*.*") if path.is_file()}
    graded.clear()
    grade(folder, "--out", out)
    assert graded == []
    assert {path: path.read_bytes() for path in out.rglob("*.*") if path.is_file()} == before

    seed = results(out)[0]["seed"]
    (folder / "Bob.py").write_text(SOLUTIONS, encoding="utf-8")
    (folder / "Dai.py").write_text(HALF, encoding="utf-8")
    (folder / "Ann.py").unlink()
    grade(folder, "--out", out)
    assert [(item.key, item.seed) for item in graded] == [("Bob", seed), ("Dai", seed)]
    assert totals(out) == {"Bob": "6", "Cem": "0", "Dai": "2"}
    assert {row["student"] for row in results(out)} == {"Bob", "Cem", "Dai"}
    assert not (out / "feedback" / "Ann.html").exists()


def test_a_page_that_is_not_ours_stays(graded, folder, tmp_path):
    (tmp_path / "out" / "feedback").mkdir(parents=True)
    (tmp_path / "out" / "feedback" / "notes.html").write_text("mine")
    grade(folder, "--out", tmp_path / "out")
    assert (tmp_path / "out" / "feedback" / "notes.html").read_text() == "mine"


def test_another_seed_or_exercise_is_graded_and_the_rest_is_not(graded, folder, tmp_path):
    out = tmp_path / "out"
    grade(folder, "--out", out, "--seed", 5, "--exercises", "perceptron,gate")
    graded.clear()
    grade(folder, "--out", out, "--seed", 5, "--exercises", "gate,xor_errors")
    assert {item.exercises for item in graded} == {("xor_errors",)}
    assert [row["exercise"] for row in results(out)[:2]] == ["gate", "xor_errors"]
    graded.clear()
    grade(folder, "--out", out, "--seed", 6, "--exercises", "gate")
    assert {(item.exercises, item.seed) for item in graded} == {(("gate",), 6)}
    assert "Assignment" in (out / "summary.html").read_text(encoding="utf-8")


def test_an_exercise_that_was_changed_is_graded_again(graded, folder, tmp_path, monkeypatch):
    out, version_of = tmp_path / "out", judge.version_of
    grade(folder, "--out", out, "--exercises", "gate,softmax")
    graded.clear()
    changed = lambda name: "changed" if name == "gate" else version_of(name)
    monkeypatch.setattr(judge, "version_of", changed)
    grade(folder, "--out", out, "--exercises", "gate,softmax")
    assert [(item.key, item.exercises) for item in graded] == [
        (student, ("gate",)) for student in ("Ann", "Bob", "Cem")
    ]
    graded.clear()
    grade(folder, "--out", out, "--exercises", "gate,softmax")
    assert graded == []


def test_after_ctrl_c_the_same_command_goes_on(graded, folder, tmp_path, monkeypatch, capsys):
    out, whole = tmp_path / "out", runner.grade_many

    def stopped(items, executor=None, processes=None):
        yield from whole(itertools.islice(items, 2))
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "grade_many", stopped)
    with pytest.raises(KeyboardInterrupt):
        grade(folder, "--out", out)
    assert "goes on" in capsys.readouterr().err
    assert len(results(out)) == 2 * 6 and not (out / "grades.csv").exists()
    with (out / "results.jsonl").open("a") as file:
        file.write('{"student": "Cem", "exer')  # and the crash tore a line
    graded.clear()
    monkeypatch.setattr(runner, "grade_many", whole)
    grade(folder, "--out", out)
    assert [item.key for item in graded] == ["Cem"]
    assert totals(out) == {"Ann": "6", "Bob": "2", "Cem": "0"}
    assert len({row["seed"] for row in results(out)}) == 1


def test_two_files_of_one_student_are_put_together_and_the_summary_says_so(graded, tmp_path):
    place = tmp_path / "moodle.zip"
    with zipfile.ZipFile(place, "w") as archive:
        whose = "Zoë O'Neil_1234567_assignsubmission_file_/"
        archive.writestr(
            whose + "lesson.py", SOLUTIONS.replace("xor_errors = 1", "xor_errors = ...")
        )
        archive.writestr(whose + "lesson (1).py", "xor_errors = 1")
    out = tmp_path / "out"
    grade(place, "--out", out)
    assert totals(out) == {"Zoë O'Neil": "6"}
    files = {row["exercise"]: row["file"] for row in results(out)}
    assert files["xor_errors"] == "lesson (1).py" and files["gate"] == "lesson.py"
    assert "handed in 2 files" in (out / "summary.html").read_text(encoding="utf-8")
    assert results(out)[0]["id"] == "1234567"
    graded.clear()
    grade(place, "--out", out)
    assert graded == []


def test_shards_share_the_class_and_merge_to_the_same_marks(graded, folder, tmp_path):
    for i in range(20):
        (folder / f"student {i}.py").write_text(HALF if i % 3 else SOLUTIONS, encoding="utf-8")
    grade(folder, "--out", tmp_path / "whole", "--seed", 5)
    shards = [tmp_path / f"shard{i}" for i in (1, 2, 3)]
    graded.clear()
    for i, shard in enumerate(shards, start=1):
        grade(folder, "--out", shard, "--seed", 5, "--shard", f"{i}/3")
    assert sorted(item.key for item in graded) == sorted(totals(tmp_path / "whole"))
    assert all(totals(shard) for shard in shards)
    assert call(merge, [*shards, "--out", tmp_path / "merged"]) == 0
    for name in ("grades.csv", "results.jsonl", "summary.html", "feedback/Ann.html"):
        merged, whole = (tmp_path / place / name for place in ("merged", "whole"))
        assert merged.read_text(encoding="utf-8") == whole.read_text(encoding="utf-8"), name


def test_an_empty_shard_is_no_error(graded, folder, tmp_path):
    empty = next(
        i for i in range(1, 41) if i not in {shard_of(s, 40) for s in ("Ann", "Bob", "Cem")}
    )
    assert grade(folder, "--out", tmp_path / "x", "--seed", 5, "--shard", f"{empty}/40") == 0
    assert results(tmp_path / "x") == [] and totals(tmp_path / "x") == {}


def test_gradescope_gets_its_results_json(graded, folder, tmp_path):
    (folder / "Cem.ipynb").unlink()
    grade(folder, "--out", tmp_path / "out", "--gradescope", "--lesson", "01")
    result = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert result["score"] == 6 and len(result["tests"]) == 6
    assert list(totals(tmp_path / "out")) == ["class"]  # all files are one student's


def test_json_says_what_a_program_wants_to_know(graded, folder, tmp_path, capsys):
    grade(folder, "--out", tmp_path / "out", "--json", "--seed", 5)
    said = json.loads(capsys.readouterr().out)
    assert said["students"] == 3 and said["graded"] == 3 and said["unreadable"] == ["Cem"]
    assert said["mean"] == 2.67 and said["out_of"] == 6 and said["seeds"] == [5]
    assert all(os.path.exists(path) for path in said["files"])


def test_what_is_answered_but_not_graded_is_said_before_anything_is_written(
    graded, tmp_path, capsys
):
    right = lessons.solutions("03_activations") | lessons.solutions("05_gradient_descent")
    answered = {"softmax": right["softmax"], "adam_step": right["adam_step"]}
    for name in ("Ann", "Bob"):
        (tmp_path / f"{name}.ipynb").write_bytes(notebook(*_cells(answered)))
    (tmp_path / "Cem.ipynb").write_bytes(notebook(*_cells({"softmax": right["softmax"]})))
    options = ["--out", tmp_path.parent / "out"]
    grade(tmp_path, *options, "--lesson", "03")
    said = capsys.readouterr().err
    assert "also answer adam_step." in said and "--exercises" in said
    grade(tmp_path, *options, "--exercises", "softmax")
    assert "adam_step" not in capsys.readouterr().err


def _cells(answered: dict[str, str]) -> list[str]:
    imports = "import torch\nfrom nnlib import check"
    return [imports, *(f'{code}\ncheck("{name}", {name})' for name, code in answered.items())]


def test_the_lesson_is_the_one_that_most_submissions_answer(graded, folder, tmp_path):
    other = code_cells(lessons.SOLUTIONS / "03_activations.py")[0]
    (folder / "Eva.py").write_text(other, encoding="utf-8")
    grade(folder, "--out", tmp_path / "out")
    assert results(tmp_path / "out")[0]["lesson"] == "01_perceptron"
    assert "Is it the" in (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")  # Eva


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{missing}", "--out", "{out}"], "There is no"),
        (["{folder}", "--out", "{folder}/out"], "outside"),
        (["{folder}", "--out", "{folder}/Ann.py"], "outside"),
        (["{folder}", "--out", "{file}"], "cannot be used"),
        (["{folder}", "--out", "{out}", "--lesson", "99"], "no lesson '99'"),
        (["{folder}", "--out", "{out}", "--exercises", "gate,softmx"], "Did you mean softmax"),
        (["{folder}", "--out", "{out}", "--shard", "1/4"], "same --seed"),
        (["{other}", "--out", "{out}"], "No file in"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(graded, folder, tmp_path, arguments, words):
    (tmp_path / "file").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.py").write_text("x = 1")
    names = {name: tmp_path / name for name in ("missing", "out", "file", "other")}
    with pytest.raises(CourseError, match=words):
        grade(*(argument.format(folder=folder, **names) for argument in arguments))
    assert graded == [] and not (tmp_path / "out" / "grades.csv").exists()


@pytest.mark.parametrize("option", ["--shard 5/4", "--shard 0/4", "--jobs 0", "--seed -1"])
def test_a_number_that_cannot_be_is_told_with_the_usage(graded, folder, tmp_path, option, capsys):
    with pytest.raises(SystemExit) as ended:
        grade(folder, "--out", tmp_path / "out", *option.split())
    assert ended.value.code == 2 and option.split()[0] in capsys.readouterr().err
    assert graded == [] and not (tmp_path / "out").exists()


def test_merging_what_no_grading_wrote_is_one_sentence(folder, tmp_path):
    with pytest.raises(CourseError, match="There is no"):
        call(merge, [folder, "--out", tmp_path / "out"])


def test_two_runs_never_write_to_one_folder(graded, folder, tmp_path):
    with records.open_record(tmp_path / "out"):
        with pytest.raises(CourseError, match="Another grading"):
            grade(folder, "--out", tmp_path / "out")
    assert grade(folder, "--out", tmp_path / "out") == 0


def test_where_isolation_is_required_nothing_runs_without_it(graded, folder, tmp_path, monkeypatch):
    for level in ("none", "limits only"):
        monkeypatch.setattr(sandbox, "isolation", lambda: level)
        with pytest.raises(CourseError, match="--require-isolation"):
            grade(folder, "--out", tmp_path / "out", "--require-isolation")
    assert graded == []
    monkeypatch.setattr(sandbox, "isolation", lambda: "landlock")
    assert grade(folder, "--out", tmp_path / "out", "--require-isolation") == 0


def test_a_scheduler_without_dask_is_answered_in_one_sentence(
    graded, folder, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"pip install 'nnlib\[cluster\]'"):
        grade(folder, "--out", tmp_path / "out", "--scheduler", "127.0.0.1:1")


# -- with the real engine --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def class_graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grading")
    made = class_of_30.write(folder / "class")
    with contextlib.redirect_stdout(None):
        assert grade(folder / "class", "--out", folder / "out", "--seed", 0) == 0
    return made, folder / "out"


def test_a_class_of_30_gets_the_marks_it_deserves(class_graded):
    made, out = class_graded
    rows = {(row["student"], row["exercise"]): row for row in results(out)}
    assert len(made) == 30 and len(rows) == 30 * 6
    for one in made:
        for exercise, (status, message) in one.expected.items():
            row = rows[one.student, exercise]
            assert row["status"] == status, (one.student, exercise, row)
            assert message is None or row["message"] == message, (one.student, exercise)
    assert {row["status"] for row in rows.values()} == {"correct", "wrong", "todo", "error"}


def test_feedback_shows_no_solution_and_no_hidden_input(class_graded):
    _, out = class_graded
    for path in (out / "feedback").iterdir():
        page = path.read_text(encoding="utf-8")
        for secret in ("Expected:", "Returned:", "Input:", "lr * error * x", "torch.tensor("):
            assert secret not in page, (path, secret)


@pytest.fixture
def cluster(tmp_path):
    """The address of a Dask scheduler with two workers."""
    with dask_cluster(tmp_path, workers=2) as address:
        yield address


def test_a_dask_cluster_gives_the_same_marks(class_graded, cluster, tmp_path):
    made, out = class_graded
    (tmp_path / "class").mkdir()
    few = {one.student: one for one in made[:6]}
    for one in few.values():
        (tmp_path / "class" / one.file).write_bytes(one.content)
    options = ["--seed", 0, "--scheduler", cluster, "--json"]
    options += ["--require-isolation"] * (sandbox.isolation() not in sandbox.OPEN)
    grade(tmp_path / "class", "--out", tmp_path / "out", *options)
    local = [row | {"seconds": 0} for row in results(out) if row["student"] in few]
    assert [row | {"seconds": 0} for row in results(tmp_path / "out")] == local
