"""Show which exercises are correct, tried, to do; how long what is left takes; and what is next."""

import dataclasses
import json
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tqdm import tqdm

from nnlib.commands.tables import colored
from nnlib.course import copies, progress, start_page


def add_arguments(parser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(options) -> int:
    now = progress.check(copies.MINE, _watch)
    if options.json:
        print(json.dumps(_as_json(now), indent=1, ensure_ascii=False))
    else:
        table = Table("lesson", "exercises", "minutes left")
        for lesson in now.lessons:
            name, left = f"{lesson.number} {lesson.opening.title}", str(lesson.minutes_left or "")
            table.add_row(name, escape(lesson.problem) or _by_status(lesson.exercises), left)
        console = Console()
        console.print(table)
        console.print(start_page.summary(now), start_page.next_step(now), highlight=False)
    start_page.write(copies.MINE, now)
    return 0


def _watch(lessons, total: int):
    quiet = not sys.stderr.isatty()
    return tqdm(lessons, "running your answers", total, unit="lesson", disable=quiet, leave=False)


def _by_status(exercises) -> str:
    """A line for each status: the names, or how many where it is all of the lesson's exercises."""
    statuses = {"correct": ("correct",), "tried": ("wrong", "error"), "to do": ("todo",)}
    lines = []
    for word, which in statuses.items():
        names = [exercise.name for exercise in exercises if exercise.status in which]
        if names:
            text = "all" if len(names) == len(exercises) else ", ".join(names)
            lines.append(f"{colored(word)}: {text}")
    return "\n".join(lines)


def _as_json(now) -> dict:
    lessons = [
        {
            "lesson": lesson.name,
            **dataclasses.asdict(lesson.opening),
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
