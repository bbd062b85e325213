"""The record survives crashes, and the tables made from it can be opened by anyone."""

import csv
import dataclasses
import io
import json

import pytest
from made import row

from nnlib.errors import CourseError
from nnlib.grading import exports, records, results
from nnlib.grading.records import RESULTS, Record


def test_what_was_added_is_found_again_by_code_and_seed(tmp_path):
    assert Record(tmp_path).seed is None
    Record(tmp_path).add([row(), row(exercise="xor_errors", status="wrong")])
    record = Record(tmp_path)
    assert record.find("Zoë O'Neil", "gate", "abc", 7) == row()
    assert record.seed == 7
    for other in [("Zoe", "gate", "abc", 7), ("Zoë O'Neil", "other", "abc", 7),
                  ("Zoë O'Neil", "gate", "abd", 7), ("Zoë O'Neil", "gate", "abc", 8)]:  # fmt: skip
        assert record.find(*other) is None


def test_the_newest_row_counts(tmp_path):
    Record(tmp_path).add([row(), row(hash="def", status="wrong")])
    assert Record(tmp_path).find("Zoë O'Neil", "gate", "abc", 7) is None
    assert Record(tmp_path).find("Zoë O'Neil", "gate", "def", 7).status == "wrong"


def test_a_crash_at_any_byte_loses_at_most_the_last_row(tmp_path):
    Record(tmp_path).add([row(), row(student="李 小龙")])
    path = tmp_path / RESULTS
    content = path.read_bytes()
    first = content.index(b"\n") + 1
    for end in range(len(content)):
        path.write_bytes(content[:end])
        record = Record(tmp_path)
        assert (record.find("Zoë O'Neil", "gate", "abc", 7) is not None) == (end >= first)
        assert record.find("李 小龙", "gate", "abc", 7) is None
        record.add([row(student="next")])  # what is written next is whole
        assert Record(tmp_path).find("next", "gate", "abc", 7)


def test_keep_leaves_exactly_these_rows(tmp_path):
    record = Record(tmp_path)
    record.add([row(), row(student="gone")])
    record.keep([row()])
    assert records.read_rows(tmp_path / RESULTS) == ([row()], [])
    assert record.find("gone", "gate", "abc", 7) is None


def line(**other) -> str:
    return json.dumps(dataclasses.asdict(row()) | other, ensure_ascii=False)


@pytest.mark.parametrize(
    "bad",
    [
        *("{}", "5", "no json", "[" * 100_000, line()[:-9] + "}", line(points="2")),
        *(line(points=-5), line(points=3), line(max=-1, points=-1), line(points=True)),
        *(line(status="excellent"), line(seconds=float("nan")), line(seed=-1), line(hash="x\n")),
        *(line(student=""), line(student="\x1b[31mAda"), line(message="right \u202e to left")),
        *(line(exercise="=cmd"), line(lesson="\x07"), line(extra=1)),
    ],
)
def test_a_line_that_no_grading_wrote_is_named_and_left_out(tmp_path, bad):
    (tmp_path / RESULTS).write_text(f"{line()}\n{bad}\n{line()}\n", encoding="utf-8")
    record = Record(tmp_path)
    (problem,) = record.problems
    assert "line 2" in problem and "\x1b" not in problem
    assert record.find("Zoë O'Neil", "gate", "abc", 7) == row()
    record.keep([row()])
    assert Record(tmp_path).problems == []


def test_merging_shards_sorts_students_and_keeps_the_exercises_order(tmp_path):
    for shard, students in [("a", ["Zoë", "bob"]), ("b", ["Carl"])]:
        (tmp_path / shard).mkdir()
        rows = [row(student=s, exercise=e) for s in students for e in ("perceptron", "gate")]
        Record(tmp_path / shard).add(rows)
    merged, problems = records.merge([tmp_path / "b", tmp_path / "a"])
    assert problems == []
    assert [(r.student, r.exercise) for r in merged] == [
        (student, exercise)
        for student in ("bob", "Carl", "Zoë")
        for exercise in ("perceptron", "gate")
    ]
    with pytest.raises(CourseError, match="There is no"):
        records.merge([tmp_path])


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (("Ada", "111"), ("Ada", "222"), "Ada has two numbers, 111 and 222"),
        (("Ada", "111"), ("Ada", ""), "Ada has two numbers, 111 and none"),
        (("Ada", "111"), ("Eve", "111"), "The number 111 has two names, Ada and Eve"),
    ],
)
def test_nobodys_marks_are_merged_into_somebody_elses(tmp_path, one, other, words):
    for folder, (student, number) in [("a", one), ("b", other)]:
        (tmp_path / folder).mkdir()
        Record(tmp_path / folder).add([row(student, id=number, exercise=f"f{folder}")])
    with pytest.raises(CourseError, match=words):
        records.merge([tmp_path / "a", tmp_path / "b"])


def test_mistakes_are_counted_and_sorted_and_errors_count_by_their_first_line():
    rows = [
        row("a", status="wrong", message="The bias is missing."),
        row("b", status="error", message="It raised NameError\nline 3: return x"),
        row("c", status="error", message="It raised NameError\nline 9: y"),
        row("d", status="todo"),
        row("e"),
        row("f", status="error", message="The file is empty.", problem="The file is empty."),
    ]
    found = [(m.message, m.students) for m in results.mistakes(rows)]
    assert found == [("It raised NameError", ("b", "c")), ("The bias is missing.", ("a",))]


def read_csv(text):
    assert text.startswith("\ufeff")  # Excel
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_grades_csv_has_a_row_for_each_student_and_a_column_for_each_exercise():
    rows = [
        row('Anna "Ann", Berg', late=True, id="12", note="2 files"),
        row('Anna "Ann", Berg', "xor_errors", "wrong"),
        row("Bob", status="error", problem="The file is empty."),
    ]
    assert read_csv(exports.grades_csv(rows)) == [
        ["student", "id", "gate", "xor_errors", "total", "out of", "remarks"],
        ['Anna "Ann", Berg', "12", "2", "0", "2", "4", "handed in late; 2 files"],
        ["Bob", "", "0", "", "0", "4", "The file is empty."],
    ]


def test_what_was_found_instead_of_an_answer_is_a_remark():
    found = row(exercise="softmax", status="todo", remark="Softmax is defined, not softmax.")
    line = read_csv(exports.grades_csv([row(), found]))[1]
    assert line[-1] == "softmax: Softmax is defined, not softmax."


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x";"y")', "+1", "-Dash", "@cmd", "＝1"])
def test_no_name_or_remark_is_run_by_a_spreadsheet(name):
    (_, line) = read_csv(exports.grades_csv([row(name, problem=name)]))
    assert line[0] == f"'{name}" and line[-1] == f"'{name}"


def test_no_separator_in_a_name_makes_another_cell():
    """Where a decimal number has a comma, spreadsheets take a semicolon between two cells."""
    text = exports.grades_csv([row("A;=cmd|' C calc'!A0;", note="x\t=1;=2")])
    for delimiter in (",", ";", "\t"):
        for line in csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter):
            assert not [cell for cell in line if cell.startswith("=")]


def test_gradescope_has_the_documented_fields():
    rows = [row(), row(exercise="xor_errors", status="wrong", message="Try to draw it."),
            row(exercise="perceptron", status="todo")]  # fmt: skip
    result = json.loads(exports.gradescope(rows))
    # https://gradescope-autograders.readthedocs.io/en/latest/specs/
    assert set(result) <= {"score", "execution_time", "output", "output_format", "visibility",
                           "stdout_visibility", "extra_data", "tests", "leaderboard"}  # fmt: skip
    assert result["score"] == 2 == sum(test["score"] for test in result["tests"])
    assert result["execution_time"] == 1.5
    for test in result["tests"]:
        assert set(test) <= {"score", "max_score", "status", "name", "name_format", "number",
                             "output", "output_format", "tags", "visibility"}  # fmt: skip
        assert test["max_score"] == 2 and test["output_format"] == "text"
    assert [t["status"] for t in result["tests"]] == ["passed", "failed", "failed"]
    assert [t["output"] for t in result["tests"]] == ["", "Try to draw it.", "Not answered yet."]
