"""Hostile submissions: none gains a point, harms another one, or leaves anything behind.

Each file in hostile/ says in its first lines what it tries, and which marks it must get.
"""

import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nnlib.exercises import catalog
from nnlib.trial import processes, runner, sandbox
from nnlib.trial.judge import File, Item
from nnlib.trial.sandbox import Limits

HERE = Path(__file__).parent
HOSTILE = sorted((HERE / "hostile").glob("*.py"))
SOLUTION = (HERE.parent / "solutions" / "01_perceptron.py").read_text(encoding="utf-8")
NAMES = tuple(exercise.name for exercise in catalog.LESSONS["01_perceptron"])
ALL_POINTS = sum(exercise.points for exercise in catalog.LESSONS["01_perceptron"])
TARGET = "/tmp/nnlib-hostile-target"  # in the hostile files: what they try to write to

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")


def honest(student: str) -> Item:
    return Item(student, (File("a.py", SOLUTION.encode()),), NAMES, seed=5)


def hostile(path: Path, target: str = TARGET) -> Item:
    code = path.read_text(encoding="utf-8").replace(TARGET, target)
    return Item(path.stem, (File("a.py", code.encode()),), NAMES, seed=5)


def limits_of(student: str) -> Limits:
    """Limits of which only the one that is expected can run out, however slow the machine is."""
    path = HERE / "hostile" / f"{student}.py"
    marks = path.read_text(encoding="utf-8") if path in HOSTILE else ""
    cpu = 0.5 if "processor time" in marks else 60
    wall = 5 if "It took more than" in marks else 600
    return Limits(cpu, wall, memory=2**29, scratch=8 * 2**20, result=2**20)


def expected(path: Path) -> dict[str, tuple[str, str]]:
    """What the file's second line says: exercise -> (status, part of the message)."""
    marks = path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# Marks: ")
    rows = [re.fullmatch(r"(\w+) (\w+)(?:: (.*))?", mark).groups() for mark in marks.split("; ")]
    return {name: (status, text or "") for name, status, text in rows}


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


@pytest.fixture(scope="module")
def results():
    """All hostile submissions in one run, with honest ones before, among and after them."""
    if sandbox.isolation() != "landlock+namespaces":
        pytest.skip(f"here is only: {sandbox.isolation()}")
    with tempfile.NamedTemporaryFile("w+", dir="/tmp", prefix="nnlib-hostile-") as target:
        target.write("untouched")
        target.flush()
        os.chmod(target.name, 0o666)
        items = [hostile(path, target.name) for path in HOSTILE]
        items[len(items) // 2 : len(items) // 2] = [honest("in the middle")]
        items = [honest("first"), *items, honest("last")]
        with ThreadPoolExecutor(2) as threads:
            limits = [limits_of(item.key) for item in items]
            graded = list(threads.map(runner.grade_one, items, limits))
        target.seek(0)
        assert target.read() == "untouched"
    return {rows[0].key: rows for rows in graded}, left_behind()


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_nothing_hostile_gains_a_point(path, results):
    rows = {row.exercise: row for row in results[0][path.stem]}
    assert list(rows) == list(NAMES)
    for name, row in rows.items():
        status, text = expected(path).get(name, ("todo", ""))
        allowed = {"wrong", "error"} if status == "fails" else {status}
        assert row.status in allowed, row
        assert text in row.message, row
        assert row.points == (row.max if status == "correct" else 0)
        assert len(row.message) < 1100 and row.message.isprintable() or "\n" in row.message
        row.message.encode("utf-8")


@pytest.mark.parametrize("student", ["first", "in the middle", "last"])
def test_an_honest_submission_among_them_keeps_its_marks(student, results):
    rows = results[0][student]
    assert sum(row.points for row in rows) == ALL_POINTS, rows
    assert {row.isolation for row in rows} == {"landlock+namespaces"}


def test_nothing_is_left_behind(results):
    assert results[1] == []


WITHOUT_NAMESPACES = ["endless_loop", "os_exit", "allocate", "daemon", "fill_disk", "forge_lines"]


@pytest.mark.parametrize("level", ["landlock", "namespaces", "limits only"])
def test_less_isolation_still_keeps_the_run_safe(level):
    items = [hostile(HERE / "hostile" / f"{name}.py") for name in WITHOUT_NAMESPACES]
    items.append(honest("last"))
    rows = {}
    for item in items:
        graded = runner.grade_one(item, limits_of(item.key), level)
        rows[item.key] = {row.exercise: row for row in graded}
    for name in WITHOUT_NAMESPACES:
        row = rows[name]["perceptron"]
        assert row.status in ("wrong", "error") and row.points == 0, row
        assert row.isolation == level
        assert rows[name]["xor_errors"].points == 1
    assert sum(row.points for row in rows["last"].values()) == ALL_POINTS
    assert left_behind() == []


def test_a_fresh_process_each_where_nothing_can_be_forked(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    loop = "def perceptron(x, w, b):\n    while True:\n        pass"
    names = ("gate", "perceptron_update", "xor_errors", "perceptron")
    item = Item("a", (File("a.py", f"{SOLUTION}\n{loop}".encode()),), names, seed=5)
    *right, row = runner.grade_one(item, Limits(cpu=1, wall=600, memory=2**30), "none")
    assert {row.status for row in right} == {"correct"}
    assert right[0].isolation == "none"
    assert row.status == "error" and "processor time" in row.message
    assert list(tmp_path.rglob("*")) == []


def test_a_child_that_cannot_be_locked_in_runs_nothing():
    """A level that asks for a feature must have it: never a silent step down."""
    cannot_be_set = Limits(processes="no number")
    rows = runner.grade_one(honest("a"), cannot_be_set, sandbox.isolation())
    assert {row.status for row in rows} == {"error"}
    assert "nothing was run" in rows[0].message


def test_what_may_be_read_is_not_the_course():
    for path in map(Path, sandbox.readable()):
        for secret in (
            "solutions",
            "lessons",
            "tests",
            "nnlib/exercises/known",
            "nnlib/trial",
            "nnlib/course",
        ):
            place = sandbox.COURSE / secret
            assert path != place and path not in place.parents and place not in path.parents


def test_what_may_be_read_leaves_out_nnlib_among_installed_packages(tmp_path):
    """Installed without -e, nnlib lies in a folder that is otherwise open."""
    for name in ("nnlib/exercises", "nnlib/course", "nnlib/plots", "torch/nn"):
        (tmp_path / name).mkdir(parents=True)
    secret = tmp_path / "nnlib/exercises", tmp_path / "nnlib/course"
    assert sandbox._without(secret, [tmp_path]) == {tmp_path / "nnlib/plots", tmp_path / "torch"}
