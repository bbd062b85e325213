"""What came out of a grading, told on the terminal."""

import json
import sys
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nnlib.grading import results
from nnlib.grading.records import Row
from nnlib.trial import sandbox


def tell(rows: list[Row], made: list[Path], graded: int | None, as_json: bool) -> None:
    """Print a table, or JSON.

    made: the files that there are now. graded: how many students' answers were run just now; None
    where none were to be.
    """
    isolation = sorted({row.isolation for row in rows if not row.problem})
    if as_json:
        result = _result(rows, graded, isolation) | {"files": [str(path) for path in made]}
        print(json.dumps(result, indent=1, ensure_ascii=False))
    else:
        console = Console()
        console.print(_table(rows, graded, isolation))
        for path in made:
            console.print(str(path), soft_wrap=True, markup=False, highlight=False)
    if set(isolation) & set(sandbox.OPEN):
        print(
            "nnlib: the answers ran without full isolation, which this system does not offer."
            " README says under How safe what that means.",
            file=sys.stderr,
        )


def _result(rows: list[Row], graded: int | None, isolation: list[str]) -> dict:
    students = results.students(rows)
    return {
        "students": len(students),
        "graded": graded,
        "unreadable": [student.name for student in students if student.problem],
        "mean": round(_mean(students), 2),
        "out_of": sum(results.exercises(rows).values()),
        "mistakes": [
            {"exercise": m.exercise, "message": m.message, "count": len(m.students)}
            for m in results.mistakes(rows)
        ],
        "isolation": isolation,
        "seeds": sorted({row.seed for row in rows}),
    }


def _table(rows: list[Row], graded: int | None, isolation: list[str]) -> Table:
    students = results.students(rows)
    unreadable = sum(bool(student.problem) for student in students)
    table = Table(show_header=False)
    table.add_row("students", f"{len(students)}")
    if graded is not None:
        table.add_row("graded now", f"{graded}")
    if unreadable:
        table.add_row("could not be read", f"{unreadable}", style="yellow")
    table.add_row("mean", f"{_mean(students):.1f} of {sum(results.exercises(rows).values())}")
    for top in results.mistakes(rows)[:1]:
        said = f"{len(top.students)} × {escape(top.exercise)}: {escape(top.message)}"
        table.add_row("most common mistake", said)
    table.add_row("isolation", ", ".join(isolation) or "nothing was run")
    return table


def _mean(students: list[results.Student]) -> float:
    return mean(student.points for student in students) if students else 0
