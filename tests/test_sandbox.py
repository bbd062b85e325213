"""Hostile submissions: none gains a point, harms another one, or leaves anything behind.

Each file in hostile/ says in its first lines what it tries, and which marks it must get.
"""

import re
import sys
import tempfile
import time
from pathlib import Path

import pytest

from nnlib.course.files import code_cells
from nnlib.course.grading import engine, sandbox
from nnlib.course.grading.engine import Item, Limits
from nnlib.exercises import catalog

HERE = Path(__file__).parent
HOSTILE = sorted((HERE / "hostile").glob("*.py"))
NAMES = tuple(exercise.name for exercise in catalog.LESSONS["01_perceptron"])
ALL_POINTS = sum(exercise.points for exercise in catalog.LESSONS["01_perceptron"])
LIMITS = Limits(cpu=0.5, wall=6, memory=2**29, scratch=8 * 2**20, result=2**20)
TARGET = Path("/tmp/nnlib-hostile-target")  # what the hostile files try to write to

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")


def honest(student: str) -> Item:
    cells = tuple(code_cells(HERE.parent / "solutions" / "01_perceptron.py"))
    return Item(student, cells, NAMES, seed=5)


def hostile(path: Path, names=NAMES) -> Item:
    return Item(path.stem, (path.read_text(encoding="utf-8"),), names, seed=5)


def expected(path: Path) -> dict[str, tuple[str, str]]:
    """What the file's second line says: exercise -> (status, part of the message)."""
    marks = path.read_text(encoding="utf-8").splitlines()[1].removeprefix("# Marks: ")
    rows = [re.fullmatch(r"(\w+) (\w+)(?:: (.*))?", mark).groups() for mark in marks.split("; ")]
    return {name: (status, text or "") for name, status, text in rows}


def processes(folder: Path) -> list[int]:
    """The processes that were started with this folder for their temporary files."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = path.read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if any(text.startswith(f"TMPDIR={folder}".encode()) for text in environment):
            found.append(int(path.parent.name))
    return found


def wait_for_no_process(folder: Path) -> list[int]:
    """The processes that are still there after a moment, in which the kernel may clear up."""
    for _ in range(50):
        if not processes(folder):
            return []
        time.sleep(0.1)
    return processes(folder)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    engine.close()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    engine.close()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """All hostile submissions in one run, with honest ones before, among and after them."""
    if sandbox.isolation() != "landlock+namespaces":
        pytest.skip(f"here is only: {sandbox.isolation()}")
    engine.close()
    folder, before = tmp_path_factory.mktemp("grading"), tempfile.tempdir
    TARGET.write_text("untouched")
    TARGET.chmod(0o666)
    items = [hostile(path) for path in HOSTILE]
    items[len(items) // 2 : len(items) // 2] = [honest("in the middle")]
    items = [honest("first"), *items, honest("last")]
    tempfile.tempdir = str(folder)
    try:
        rows = {rows[0]["student"]: rows for rows in engine.grade_many(items, limits=LIMITS)}
    finally:
        tempfile.tempdir = before
    yield rows, folder
    TARGET.unlink()


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_nothing_hostile_gains_a_point(path, results):
    rows = {row["exercise"]: row for row in results[0][path.stem]}
    assert list(rows) == list(NAMES)
    for name, row in rows.items():
        status, text = expected(path).get(name, ("todo", ""))
        allowed = {"wrong", "error"} if status == "fails" else {status}
        assert row["status"] in allowed, row
        assert text in row["message"], row
        assert row["points"] == (row["max"] if status == "correct" else 0)
        assert len(row["message"]) < 1100 and row["message"].isprintable() or "\n" in row["message"]
        row["message"].encode("utf-8")


@pytest.mark.parametrize("student", ["first", "in the middle", "last"])
def test_an_honest_submission_among_them_keeps_its_marks(student, results):
    rows = results[0][student]
    assert sum(row["points"] for row in rows) == ALL_POINTS, rows
    assert {row["isolation"] for row in rows} == {"landlock+namespaces"}


def test_nothing_is_left_behind(results):
    assert wait_for_no_process(results[1]) == []
    assert list(results[1].rglob("*")) == []
    assert TARGET.read_text() == "untouched"


WITHOUT_NAMESPACES = ["endless_loop", "os_exit", "allocate", "daemon", "fill_disk", "forge_lines"]


@pytest.mark.parametrize("level", ["landlock", "namespaces", "limits only"])
def test_less_isolation_still_keeps_the_run_safe(level, temporary):
    items = [hostile(HERE / "hostile" / f"{name}.py") for name in WITHOUT_NAMESPACES]
    items.append(honest("last"))
    rows = {}
    for item in items:
        graded = engine.grade_one(item, LIMITS, level)
        rows[item.student] = {row["exercise"]: row for row in graded}
    engine.close()
    for name in WITHOUT_NAMESPACES:
        row = rows[name]["perceptron"]
        assert row["status"] in ("wrong", "error") and row["points"] == 0, row
        assert row["isolation"] == level
        assert rows[name]["xor_errors"]["points"] == 1
    assert sum(row["points"] for row in rows["last"].values()) == ALL_POINTS
    assert wait_for_no_process(temporary) == []
    assert list(temporary.rglob("*")) == []


def test_a_fresh_process_each_where_nothing_can_be_forked(temporary):
    limits = Limits(cpu=2, wall=20, memory=2**30)
    right = engine.grade_one(honest("a"), limits, "none")
    assert sum(row["points"] for row in right) == ALL_POINTS, right
    assert right[0]["isolation"] == "none"
    loop = hostile(HERE / "hostile" / "endless_loop.py", ("perceptron",))
    (row,) = engine.grade_one(loop, limits, "none")
    assert row["status"] == "error" and "processor time" in row["message"]
    assert wait_for_no_process(temporary) == []
    assert list(temporary.rglob("*")) == []


def test_a_child_that_cannot_be_locked_in_runs_nothing():
    """A level that asks for a feature must have it: never a silent step down."""
    cannot_be_set = Limits(processes="no number")
    rows = engine.grade_one(honest("a"), cannot_be_set, sandbox.isolation())
    assert {row["status"] for row in rows} == {"error"}
    assert "nothing was run" in rows[0]["message"]
    engine.close()


def test_what_may_be_read_is_not_the_course():
    for path in map(Path, sandbox.readable()):
        for secret in ("solutions", "lessons", "tests", "nnlib/exercises", "nnlib/course"):
            place = sandbox.COURSE / secret
            assert path != place and path not in place.parents and place not in path.parents


def test_what_may_be_read_leaves_out_nnlib_among_installed_packages(tmp_path):
    """Installed without -e, nnlib lies in a folder that is otherwise open."""
    for name in ("nnlib/exercises", "nnlib/course", "nnlib/plots", "torch/nn"):
        (tmp_path / name).mkdir(parents=True)
    secret = tmp_path / "nnlib/exercises", tmp_path / "nnlib/course"
    assert sandbox._without(secret, [tmp_path]) == {tmp_path / "nnlib/plots", tmp_path / "torch"}
