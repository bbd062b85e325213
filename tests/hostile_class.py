"""The submissions in hostile/, honest ones, and how both fare; also as another user, as a program.

    python tests/hostile_class.py TARGET LEVEL NAME ...

grades the hostile submissions with these names, and an honest one after them, and prints rows as
JSON lines.
"""

import json
import re
import sys
import time
from pathlib import Path

from nnlib.exercises import catalog
from nnlib.trial import processes, runner
from nnlib.trial.judge import File, Item, Row
from nnlib.trial.sandbox import Limits

HERE = Path(__file__).parent
HOSTILE = sorted((HERE / "hostile").glob("*.py"))
SOLUTION = (HERE.parent / "solutions" / "01_perceptron.py").read_text(encoding="utf-8")
NAMES = tuple(exercise.name for exercise in catalog.LESSONS["01_perceptron"])
ALL_POINTS = sum(exercise.points for exercise in catalog.LESSONS["01_perceptron"])
TARGET = "/tmp/nnlib-hostile-target"  # in the hostile files: what they try to write to


def honest(student: str) -> Item:
    return Item(student, (File("a.py", SOLUTION.encode()),), NAMES, seed=5)


def hostile(path: Path, target: str = TARGET) -> Item:
    code = path.read_text(encoding="utf-8").replace(TARGET, target)
    names = tuple(dict.fromkeys([*NAMES, *expected(path)]))
    return Item(path.stem, (File("a.py", code.encode()),), names, seed=5)


def limits_of(student: str) -> Limits:
    """Limits of which only the one that is expected can run out, however slow the machine is."""
    path = HERE / "hostile" / f"{student}.py"
    marks = path.read_text(encoding="utf-8") if path in HOSTILE else ""
    cpu = 0.5 if "processor time" in marks else 60
    wall = 5 if "It took more than" in marks else 600
    return Limits(cpu, wall, memory=2**29, scratch=8 * 2**20, result=2**20, total=3600)


def expected(path: Path) -> dict[str, tuple[str, str]]:
    """What the file's second line says: exercise -> (status, part of the message)."""
    marks = path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# Marks: ")
    rows = [re.fullmatch(r"(\w+) (\w+)(?:: (.*))?", mark).groups() for mark in marks.split("; ")]
    return {name: (status, text or "") for name, status, text in rows}


def graded(names: list[str], target: str, level: str) -> list[Row]:
    """The rows of the hostile submissions with these names, and of an honest one after them."""
    items = [hostile(HERE / "hostile" / f"{name}.py", target) for name in names]
    return [
        row
        for item in (*items, honest("last"))
        for row in runner.grade_one(item, limits_of(item.key), level)
    ]


def check(rows: list[Row]) -> None:
    """Nothing hostile has a point that it may not have, and nothing honest lacks one."""
    for row in rows:
        if row.key == "last":
            assert row.status == "correct", row
        else:
            status, _ = expected(HERE / "hostile" / f"{row.key}.py").get(row.exercise, ("todo", ""))
            allowed = {"wrong", "error"} if status in ("fails", "error", "wrong") else {status}
            assert row.status in allowed, row
            assert row.points == (row.max if status == "correct" else 0)


def running() -> list[int]:
    """The processes of the engine, which have its folder for temporary files, but its template."""
    folder, found = processes.templates[0].folder, []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = path.read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if f"TMPDIR={folder}".encode() in environment:
            found.append(int(path.parent.name))
    found.remove(processes.templates[0].process.pid)
    return found


def left_behind() -> list:
    """Processes, and files: what is still there when the engine has ended its warm processes."""
    processes.close_idle()
    until = time.monotonic() + 30
    while running() and time.monotonic() < until:  # the kernel may need a moment to clear up
        time.sleep(0.1)
    files = Path(processes.templates[0].folder).rglob("*")
    return [*running(), *(path for path in files if not path.name.startswith("torchinductor"))]


if __name__ == "__main__":
    target, level, *names = sys.argv[1:]
    for row in graded(names, target, level):
        print(json.dumps(row.to_dict()))
    processes.close()
