"""The tables for other systems: grades.csv, and Gradescope's results.json."""

import csv
import io
import json
import re

from nnlib.grading import results
from nnlib.grading.records import Row


def grades_csv(rows: list[Row]) -> str:
    """A line for each student: name, number, points for each exercise, total, out of, remarks.

    It starts with a byte order mark: without one, Excel takes UTF-8 for another encoding and breaks
    every accent; Canvas, Moodle, LibreOffice and pandas pass over it.
    """
    worth = results.exercises(rows)
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(["student", "id", *worth, "total", "out of", "remarks"])
    for student in results.students(rows):
        points = [student.rows[name].points if name in student.rows else "" for name in worth]
        remarks = "; ".join(filter(None, [student.note, student.problem]))
        name, number = _no_formula(student.name), _no_formula(student.any_row.id)
        total = [student.points, sum(worth.values())]
        table.writerow([name, number, *points, *total, _no_formula(remarks)])
    return "\ufeff" + file.getvalue()


def _no_formula(text: str) -> str:
    """The text so that a spreadsheet shows it; a cell that starts with = would be run.

    Also behind whatever some spreadsheet may take for the end of a cell.
    """
    return re.sub(r"(^|[;,|\t\r\n])(\s*)([-=+@＝＋－＠])", r"\1\2'\3", text)


def gradescope(rows: list[Row]) -> str:
    """One student's rows as Gradescope's results.json.

    Its fields: https://gradescope-autograders.readthedocs.io/en/latest/specs/
    """
    (student,) = results.students(rows)
    result = {
        "score": student.points,
        "execution_time": round(sum(row.seconds for row in rows), 3),
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": row.exercise,
                "score": row.points,
                "max_score": row.max,
                "status": "passed" if row.status == "correct" else "failed",
                "output": "Not answered yet." if row.status == "todo" else row.message,
                "output_format": "text",
            }
            for row in rows
        ],
    }
    if student.problem:
        result["output"] = student.problem
    return json.dumps(result, indent=1, ensure_ascii=False) + "\n"
