"""The command `nnlib`."""

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tqdm import tqdm

from nnlib.commands import grade
from nnlib.files import CourseError, write_notebook
from nnlib.grading import handout

# torch takes seconds to load, and nbformat one: each command below imports what it needs, so that
# `nnlib --help` and a mistyped command answer in a quarter of a second.

COLORS = {
    "correct": "green", "wrong": "red", "error": "red", "tried": "red", "to do": "yellow"
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns 0, or 1 if a lesson failed, or 2 with one sentence on bad input."""
    options = _parser().parse_args(arguments)
    if "NNLIB_DATA" in os.environ:  # kernels run in another folder: a relative path must hold there
        os.environ["NNLIB_DATA"] = str(Path(os.environ["NNLIB_DATA"]).resolve())
    try:
        return options.command(options)
    except CourseError as error:
        print(f"nnlib: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("nnlib: stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nnlib", description="Take, run and check the course's lessons."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    lab = commands.add_parser("lab", help="open your own copy of the lessons in JupyterLab")
    lab.add_argument("--no-browser", action="store_true", help="print the address instead")
    lab.set_defaults(command=_lab)

    progress = commands.add_parser("progress", help="show how far you are, and what is next")
    progress.add_argument("--json", action="store_true", help="print JSON instead of a table")
    progress.set_defaults(command=_progress)

    run = commands.add_parser("run", help="run lessons from top to bottom")
    run.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 01; all by default")
    run.add_argument("--save", action="store_true", help="store the outputs in lessons/")
    run.add_argument("--solved", action="store_true", help="run them with the solutions inserted")
    run.add_argument("--json", action="store_true", help="print JSON instead of a table")
    run.set_defaults(command=_run)

    check = commands.add_parser("check", help="check the answers in a notebook or .py file")
    check.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    check.add_argument("exercises", nargs="*", metavar="EXERCISE", help="all of its lesson's")
    check.add_argument("--json", action="store_true", help="print JSON instead of a table")
    check.set_defaults(command=_check)

    solve = commands.add_parser("solve", help="write a lesson with the solutions in its holes")
    solve.add_argument("lesson", metavar="LESSON")
    solve.add_argument("--to", type=Path, metavar="FILE", help="NAME_solved.ipynb by default")
    solve.set_defaults(command=_solve)

    data = commands.add_parser("data", help="fetch data sets and list what is here")
    data.add_argument(
        "names", nargs="*", metavar="NAME", help="data sets to fetch; none: only list"
    )
    data.add_argument("--json", action="store_true", help="print JSON instead of a table")
    data.set_defaults(command=_data)

    handout.add_command(commands)
    grade.add_commands(commands)
    return parser


def _lab(options) -> int:
    from nnlib.course import lab

    return lab.open_lab(browser=not options.no_browser)


def _progress(options) -> int:
    from nnlib.course import lessons, progress, start_page

    def watch(rows, total: int):
        quiet = not sys.stderr.isatty()
        return tqdm(rows, "running your answers", total, unit="answer", disable=quiet, leave=False)

    now = progress.check(lessons.MINE, watch)
    if options.json:
        print(json.dumps(_as_json(now), indent=1, ensure_ascii=False))
    else:
        table = Table("lesson", "exercises", "minutes left")
        for lesson in now.lessons:
            name, left = f"{lesson.number} {lesson.title}", str(lesson.minutes_left or "")
            table.add_row(name, escape(lesson.problem) or _by_status(lesson.exercises), left)
        console = Console()
        console.print(table)
        console.print(start_page.summary(now), start_page.next_step(now), highlight=False)
    start_page.write(lessons.MINE, now)
    return 0


def _by_status(exercises) -> str:
    """A line for each status: the names, or how many where it is all of the lesson's exercises."""
    statuses = {"correct": ("correct",), "tried": ("wrong", "error"), "to do": ("todo",)}
    lines = []
    for word, which in statuses.items():
        names = [exercise.name for exercise in exercises if exercise.status in which]
        text = "all" if len(names) == len(exercises) else ", ".join(names)
        lines += [f"[{COLORS[word]}]{word}[/{COLORS[word]}]: {text}"] if names else []
    return "\n".join(lines)


def _as_json(now) -> dict:
    lessons = [
        {
            "lesson": lesson.name,
            "title": lesson.title,
            "question": lesson.question,
            "minutes": lesson.minutes,
            "minutes_left": lesson.minutes_left,
            "problem": lesson.problem,
            "exercises": [
                {"name": e.name, "status": e.status, "message": e.message} for e in lesson.exercises
            ],
        }
        for lesson in now.lessons
    ]
    after = now.next and {"lesson": now.next[0].name, "exercise": now.next[1].name}
    return {"lessons": lessons, "minutes_left": now.minutes_left, "next": after}


def _run(options) -> int:
    from nnlib.course import execution, lessons

    names = [lessons.find(name) for name in options.lessons] or lessons.names()
    notebooks = {n: lessons.solve(n) if options.solved else lessons.read(n) for n in names}
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
        table = Table("lesson", "seconds", "exercises", "result")
        for name, run in runs.items():
            result = f"[red]{escape(run.error)}[/red]" if run.error else "[green]ran[/green]"
            table.add_row(name, f"{run.seconds:.1f}", _count(run.verdicts.values()), result)
        total = sum(run.seconds for run in runs.values())
        table.add_row("all", f"{total:.1f}", "", "", style="bold")
        Console().print(table)
    return 1 if any(run.error for run in runs.values()) else 0


def _count(verdicts) -> str:
    """Such as "2 correct, 4 to do"."""
    verdicts = list(verdicts)
    return ", ".join(f"{verdicts.count(kind)} {kind}" for kind in COLORS if kind in verdicts)


def _check(options) -> int:
    from nnlib.course.checking import check_file
    from nnlib.exercises import catalog

    try:
        for name in options.exercises:  # an unknown name is an error before anything runs
            catalog.find(name)
    except catalog.UnknownExercise as error:
        raise CourseError(str(error)) from None
    verdicts = check_file(options.notebook, options.exercises or None)
    if options.json:
        print(
            json.dumps([dataclasses.asdict(v) | {"points": v.points} for v in verdicts], indent=1)
        )
        return 0
    table = Table("exercise", "verdict", "points", "what to look at", title=str(options.notebook))
    for verdict in verdicts:
        status = "to do" if verdict.status == "todo" else verdict.status
        color = COLORS[status]
        table.add_row(
            verdict.name,
            f"[{color}]{status}[/{color}]",
            f"{verdict.points} of {verdict.max_points}",
            escape(verdict.message),
        )
    points = sum(verdict.points for verdict in verdicts)
    most = sum(verdict.max_points for verdict in verdicts)
    table.add_row("all", "", f"{points} of {most}", "", style="bold")
    Console().print(table)
    return 0


def _solve(options) -> int:
    from nnlib.course import lessons

    lesson = lessons.find(options.lesson)
    path = options.to or Path(f"{lesson}_solved.ipynb")
    if path.exists():
        raise CourseError(f"{path} exists already. Move it away, or name another file with --to.")
    write_notebook(lessons.solve(lesson), path)
    print(f"Wrote {path}.")
    return 0


def _data(options) -> int:
    from nnlib import downloads

    try:
        for name in options.names:
            downloads.fetch(name)
    except downloads.DataError as error:
        raise CourseError(str(error)) from None
    keys = ("name", "file", "bytes", "state", "sha256", "folder")
    rows = [
        dict(zip(keys, (*row[:4], downloads.FILES[row[0]][row[1]], str(row[4])), strict=True))
        for row in downloads.inventory()
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    table = Table("data set", "file", "size", "state", "SHA-256", title="Data sets")
    for row in rows:
        size = "" if row["bytes"] is None else f"{row['bytes'] / 1e6:.2f} MB"
        color = {"ok": "green", "corrupt": "red"}.get(row["state"], "yellow")
        state = f"[{color}]{row['state']}[/{color}]"
        table.add_row(row["name"], Path(row["file"]).name, size, state, row["sha256"][:12] + "…")
    console = Console()
    console.print(table)
    console.print("Iris, breast cancer and the small digits come with scikit-learn.")
    for folder in dict.fromkeys(row["folder"] for row in rows):
        console.print(f"Folder: {folder}", soft_wrap=True)
    if any(row["state"] == "missing" for row in rows):
        console.print("Fetch what is missing with: nnlib data mnist pima")
    return 0
