"""Hostile submissions: none gains a point, harms another one, or leaves anything behind.

Each file in hostile/ says in its first lines what it tries, and which marks it must get.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile_class import (
    ALL_POINTS,
    HOSTILE,
    NAMES,
    SOLUTION,
    check,
    expected,
    graded,
    honest,
    hostile,
    left_behind,
    limits_of,
)

from nnlib.trial import runner, sandbox
from nnlib.trial.judge import File, Item, Row
from nnlib.trial.sandbox import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")


@pytest.fixture(scope="module")
def target():
    """A file that everybody may write to and a server that everybody may talk to, left alone."""
    path = Path(tempfile.mkdtemp(prefix="nnlib-hostile-", dir="/tmp")) / "target"
    path.parent.chmod(0o777)
    path.write_text("untouched")
    path.chmod(0o666)
    os.utime(path, (1, 1))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{path}.socket")
        os.chmod(f"{path}.socket", 0o777)
        server.listen()
        server.settimeout(0)
        yield str(path)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert path.read_text() == "untouched"
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime) == (0o666, 1)
    assert {one.name for one in path.parent.iterdir()} == {"target", "target.socket"}
    shutil.rmtree(path.parent)


@pytest.fixture(scope="module")
def results(target):
    """All hostile submissions in one run, with honest ones before, among and after them."""
    if sandbox.isolation() != "landlock+namespaces":
        pytest.skip(f"here is only: {sandbox.isolation()}")
    items = [hostile(path, target) for path in HOSTILE]
    items[len(items) // 2 : len(items) // 2] = [honest("in the middle")]
    items = [honest("first"), *items, honest("last")]
    with ThreadPoolExecutor(2) as threads:
        limits = [limits_of(item.key) for item in items]
        rows = list(threads.map(runner.grade_one, items, limits))
    return {own[0].key: own for own in rows}, left_behind()


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_nothing_hostile_gains_a_point(path, results):
    rows = {row.exercise: row for row in results[0][path.stem]}
    assert list(rows) == list(hostile(path).exercises)
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


EVERYWHERE = """
    endless_loop os_exit allocate daemon fill_disk forge_lines forge_overflow forge_millions
    kill_everyone kill_parent signal_by_file unix_socket open_socket keyring shared_memory
    unmapped_memory several_processes watch_files root_files run_a_program mount
""".split()
FILES = "change_files leave_files write_results read_passwd read_solutions".split()
WHAT_HOLDS = {
    "landlock+namespaces": EVERYWHERE + FILES,
    "landlock": EVERYWHERE + FILES,
    "namespaces": EVERYWHERE + FILES,
    "limits only": EVERYWHERE,
}
"""Which attacks are contained at which level; README says the same in words."""


@pytest.mark.parametrize("level", ["landlock", "namespaces", "limits only"])
def test_less_isolation_still_keeps_the_run_safe(level, target):
    rows = graded(WHAT_HOLDS[level], target, level)
    check(rows)
    assert {row.isolation for row in rows} == {level}
    assert left_behind() == []


@pytest.fixture(scope="module")
def somebody_elses_python() -> Iterator[list[str]]:
    """The start of a command line that runs Python as an ordinary user, with our packages."""
    # Ours may lie in a folder of root's: one of the same version may be the system's.
    python = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    if os.getuid():
        pytest.skip("the tests above have run as an ordinary user")
    if not os.path.exists(python):
        pytest.skip(f"there is no {python}")
    with tempfile.TemporaryDirectory(prefix="nnlib-user-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        subprocess.run([python, "-m", "venv", "--without-pip", f"{folder}/venv"], check=True)
        (packages,) = Path(folder).glob("venv/lib/*/site-packages")
        (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
        become = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "env", "HOME=/tmp"]
        command = [*become, f"PYTHONPATH={sandbox.COURSE}", f"{folder}/venv/bin/python"]
        if subprocess.run([*command, "-c", "import torch, nnlib"], check=False).returncode:
            pytest.skip("an ordinary user cannot read our packages")
        yield command


@pytest.mark.slow  # every attack again, with a Python that the other user may read
@pytest.mark.parametrize("level", WHAT_HOLDS)
def test_an_ordinary_user_is_as_safe(level, target, somebody_elses_python):
    program = Path(__file__).parent / "hostile_class.py"
    command = [*somebody_elses_python, program, target, level, *WHAT_HOLDS[level]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [Row(**json.loads(line)) for line in done.stdout.splitlines()]
    check(rows)
    assert len(rows) == len(NAMES) * (len(WHAT_HOLDS[level]) + 1)


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
    assert sandbox.without(secret, [tmp_path]) == {tmp_path / "nnlib/plots", tmp_path / "torch"}
