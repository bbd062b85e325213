"""Check the answers in a notebook or .py file; nothing else in it is run.

The exit code is 0 when every answer is correct or still to do, 1 when one is wrong or stopped. A
prediction may be wrong.
"""

import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nnlib.commands.tables import colored
from nnlib.trial import processes


def add_arguments(parser) -> None:
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="all of its lesson's")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options) -> int:
    processes.begin()
    from nnlib.course.checking import check_file  # loads torch, as does what was begun, meanwhile

    rows = check_file(options.notebook, options.exercises or None)
    if options.json:
        print(json.dumps([_as_json(row) for row in rows], indent=1))
    else:
        Console().print(_table(rows, str(options.notebook)))
    return (
        1
        if any(row.status == "error" or (row.status == "wrong" and row.max) for row in rows)
        else 0
    )


def _as_json(row) -> dict:
    return {
        "name": row.exercise,
        "status": row.status,
        "message": row.message,
        "points": row.points,
        "max_points": row.max,
        "remark": row.remark,
    }


def _table(rows: list, title: str) -> Table:
    table = Table("exercise", "verdict", "points", "what to look at", title=escape(title))
    for row in rows:
        points = f"{row.points} of {row.max}" if row.max else ""
        table.add_row(
            row.exercise, colored(row.in_words), points, escape(row.message or row.remark)
        )
    points = sum(row.points for row in rows)
    most = sum(row.max for row in rows)
    table.add_row("all", "", f"{points} of {most}", "", style="bold")
    return table
