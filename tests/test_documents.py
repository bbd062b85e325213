"""What README and its like say about the course is what is there."""

import re
from functools import cache

from nnlib import commands, lessons
from nnlib.exercises import catalog

README = (lessons.ROOT / "README.md").read_text(encoding="utf-8")
DATASETS = (lessons.ROOT / "datasets" / "README.md").read_text(encoding="utf-8")


@cache
def code(lesson: str) -> str:
    cells = lessons.read(lesson).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def test_the_table_of_lessons_tells_their_titles_minutes_and_exercises():
    rows = re.findall(r"^\| \d\d \| \[(.*?)\]\(lessons/(\w+)\.ipynb\) \|(.*)\|$", README, re.M)
    assert [name for _, name, _ in rows] == lessons.names() == list(catalog.LESSONS)
    for title, name, rest in rows:
        exercises, minutes, _ = rest.split("|")[-3:]
        opening = lessons.opening(lessons.read(name))
        assert (title, int(minutes)) == (opening.title, opening.minutes)
        assert int(exercises) == len(catalog.LESSONS[name])


def test_the_table_of_commands_has_them_all():
    assert re.findall(r"^\| `nnlib (\w+)[^`]*` \|", README, re.M) == list(commands.COMMANDS)


def test_the_table_of_data_sets_tells_who_loads_them():
    """Which lessons read a data set, off their code."""
    rows = re.findall(
        r"^\| (?:\[(.*?)\]\(#.*?\)|`(\w+)`) \|.*?\|.*?\|.*?\| (.*?) \|", DATASETS, re.M
    )
    assert len(rows) == 9
    for name, maker, used in rows:
        function = maker or f"load_{name.lower().replace(' ', '_')}"
        users = [n[:2] for n in lessons.names() if f"data.{function}(" in code(n)]
        assert used.partition(";")[0].split(", ") == users, function
