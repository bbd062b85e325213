"""What README and its like say about the course is what is there."""

import re
from functools import cache
from pathlib import Path

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
        assert int(exercises) == sum(exercise.points > 0 for exercise in catalog.LESSONS[name])


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


def test_the_table_of_rooms_tells_how_large_they_are():
    """Within a tenth: when this fails, it says what to write."""
    package = lessons.ROOT / "nnlib"
    table = README[README.index("## How large") :]
    rows = re.findall(r"^\| (`.*`) \| (\d+) \| (.*) \|$", table, re.M)
    told, true = [], []
    for rooms, lines, what in rows:
        names = re.findall(r"`(.*?)`", rooms)
        files = [file for name in names for file in modules(package / name)]
        count = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
        told += files
        if abs(int(lines) - count) > count / 10:
            true.append(f"| {rooms} | {round(count, -1)} | {what} |")
    assert not true, "README's table of rooms should say:\n" + "\n".join(true)
    assert sorted(told) == sorted(package.rglob("*.py"))


def modules(place: Path) -> list[Path]:
    return list(place.rglob("*.py")) if place.is_dir() else [place]
