"""Check the answers in a notebook or .py file; nothing else in it is run.

The exit code is 0 when every answer is correct or still to do, 1 when one is wrong or stopped.
"""

import dataclasses
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nnlib.commands.tables import colored
from nnlib.course.checking import check_file
from nnlib.exercises import catalog


def add_arguments(parser) -> None:
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="all of its lesson's")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options) -> int:
    for name in options.exercises:  # an unknown name is an error before anything runs
        catalog.find(name)
    verdicts = check_file(options.notebook, options.exercises or None)
    if options.json:
        rows = [dataclasses.asdict(verdict) | {"points": verdict.points} for verdict in verdicts]
        print(json.dumps(rows, indent=1))
    else:
        Console().print(_table(verdicts, str(options.notebook)))
    return 1 if any(verdict.status in ("wrong", "error") for verdict in verdicts) else 0


def _table(verdicts: list, title: str) -> Table:
    table = Table("exercise", "verdict", "points", "what to look at", title=escape(title))
    for verdict in verdicts:
        status = "to do" if verdict.status == "todo" else verdict.status
        points = f"{verdict.points} of {verdict.max_points}"
        table.add_row(verdict.name, colored(status), points, escape(verdict.message))
    points = sum(verdict.points for verdict in verdicts)
    most = sum(verdict.max_points for verdict in verdicts)
    table.add_row("all", "", f"{points} of {most}", "", style="bold")
    return table
