"""Run lessons from top to bottom: how long each takes, and what its checks say."""

import dataclasses
import json
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tqdm import tqdm

from nnlib import lessons
from nnlib.commands.tables import COLORS
from nnlib.course import execution
from nnlib.files import write_notebook


def add_arguments(parser) -> None:
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 01; all by default")
    parser.add_argument("--save", action="store_true", help="store the outputs in lessons/")
    parser.add_argument(
        "--solved", action="store_true", help="run them with the solutions inserted"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options) -> int:
    names = [lessons.find(name) for name in options.lessons] or lessons.names()
    take = lessons.solve if options.solved else lessons.read
    notebooks = {name: take(name) for name in names}
    cells = sum(len(notebook.cells) for notebook in notebooks.values())
    runs = {}
    with tqdm(total=cells, unit="cell", disable=not sys.stderr.isatty(), leave=False) as bar:
        for name, notebook in notebooks.items():
            bar.set_description(name)
            runs[name] = execution.run(notebook, lessons.LESSONS, bar.update)
            if options.save and not options.solved and not runs[name].error:
                write_notebook(notebook, lessons.LESSONS / f"{name}.ipynb")
    if options.json:
        print(json.dumps({name: dataclasses.asdict(run) for name, run in runs.items()}, indent=1))
    else:
        Console().print(_table(runs))
    return 1 if any(run.error for run in runs.values()) else 0


def _table(runs: dict[str, execution.Run]) -> Table:
    table = Table("lesson", "seconds", "exercises", "result")
    for name, run in runs.items():
        result = f"[red]{escape(run.error)}[/red]" if run.error else "[green]ran[/green]"
        table.add_row(name, f"{run.seconds:.1f}", _count(list(run.verdicts.values())), result)
    total = sum(run.seconds for run in runs.values())
    table.add_row("all", f"{total:.1f}", "", "", style="bold")
    return table


def _count(verdicts: list[str]) -> str:
    """Such as "2 correct, 4 to do"."""
    return ", ".join(f"{verdicts.count(kind)} {kind}" for kind in COLORS if kind in verdicts)
