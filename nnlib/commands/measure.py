"""Measure in which range a lesson's numbers lie: other seeds, threads and instruction sets."""

import json
import sys

from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from nnlib import lessons
from nnlib.course import measuring
from nnlib.errors import CourseError


def add_arguments(parser) -> None:
    parser.add_argument("lesson", metavar="LESSON", help="such as 09")
    parser.add_argument(
        "--seeds", type=int, default=5, metavar="N", help="how many seeds; 5 by default"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options) -> int:
    if options.seeds < 1:
        raise CourseError(f"--seeds should be at least 1, not {options.seeds}.")
    lesson = lessons.find(options.lesson)
    notebook = lessons.read(lesson)
    runs = options.seeds * len(measuring.PROCESSORS)
    with tqdm(
        total=runs * len(notebook.cells),
        desc=lesson,
        unit="cell",
        disable=not sys.stderr.isatty(),
        leave=False,
    ) as bar:
        ranges = measuring.measure(notebook, lessons.LESSONS, options.seeds, bar.update)
    if options.json:
        rows = [
            {"cell": r.cell, "place": r.place, "low": r.low, "high": r.high, "values": r.values}
            for r in ranges
        ]
        print(json.dumps(rows, indent=1))
    elif not ranges:
        print(f"{lesson} prints no number with a range: see nnlib.seen.")
    else:
        Console().print(_table(ranges, f"{lesson}, {runs} runs"))
    return 0 if all(one.holds for one in ranges) else 1


def _table(ranges: list[measuring.Range], title: str) -> Table:
    table = Table("cell", "number", "stated", "measured", "", title=title)
    for one in ranges:
        stated = f"{one.low:g} to {one.high:g}"
        measured = f"{min(one.values):g} to {max(one.values):g}"
        word = "[green]holds[/green]" if one.holds else "[red]too narrow[/red]"
        table.add_row(str(one.cell), str(one.place + 1), stated, measured, word)
    return table
