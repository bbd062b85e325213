"""How long does grading take? `nnlib grade` beside nbgrader's `autograde`, on the same submissions.

    python benchmarks/grading.py                          all of it: about a quarter of an hour
    python benchmarks/grading.py --count 10 --many 200    a glance

The submissions are notebooks with all exercises of lesson 03, of mixed quality. Lesson 03, because
its exercises are of the usual kind: values and gradients of functions. They are an assignment, which
has the exercises and nothing else: nbgrader runs a notebook from top to bottom, and would need far longer for a whole
lesson; `nnlib grade` runs the answers alone. Both must come to the same marks.

nbgrader cannot run twice on one gradebook. Two processes of it are two courses of half the students.
The clock runs from the start of a command to its end, imports included. Memory is that of the
command and of every process that it has started, what they share counted once; seen once a second.
For Linux: needs `pip install -e ".[cluster,nbgrader]"`. The tables go to stdout, the progress to stderr.
"""

import argparse
import csv
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import torch
from tqdm import tqdm

from nnlib import lessons
from nnlib.exercises import catalog
from nnlib.files import write_notebook
from nnlib.grading import handout
from nnlib.grading.nbgrader import course as nbgrader_course
from nnlib.trial import answers, sandbox

sys.path.insert(0, str(lessons.ROOT / "tests"))
from programs import dask_cluster  # noqa: E402 - the tests start one as well

LESSON = "03_activations"
NAMES = [exercise.name for exercise in catalog.LESSONS[LESSON]]
GRADE = [sys.executable, "-m", "nnlib", "grade"]
NBGRADER = [sys.executable, "-m", "nbgrader"]
WORK = "activations"  # the assignment's name in nbgrader


def made_up_answers(count: int) -> list[dict[str, str]]:
    """So many students' answers: four of five are right, the others missing, wrong, or raise."""
    draw = random.Random(0)
    right = lessons.solutions(LESSON)
    students = []
    for _ in range(count):
        filled = {}
        for name in NAMES:
            kind = draw.choices(("right", "wrong", "raises", "missing"), (80, 10, 5, 5))[0]
            if kind == "right":
                filled[name] = right[name]
            elif kind != "missing":
                value = "arguments[0]" if kind == "wrong" else "unknown"
                filled[name] = f"def {name}(*arguments, **options):\n    return {value}"
        students.append(filled)
    return students


def run(command: list, folder: Path) -> tuple[float, float]:
    """Run a command to its end: (wall seconds, peak memory in GB of all its processes)."""
    start = time.perf_counter()
    process = start_process(command, folder)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_of_tree(process.pid))
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            continue
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed; see {folder / 'log'}")
    return time.perf_counter() - start, peak


def start_process(command: list, folder: Path) -> subprocess.Popen:
    own = {"HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "none"), "OMP_NUM_THREADS": "1"}
    own["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with (folder / "log").open("ab") as log:
        output = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(list(map(str, command)), cwd=folder, env=os.environ | own, **output)


def memory_of_tree(pid: int) -> float:
    """Gigabytes of a process and all its descendants, what they share counted once."""
    total = 0
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except psutil.Error:  # it has just ended
                continue
    except psutil.Error:
        pass
    return total / 2**30


# -- nbgrader -------------------------------------------------------------------------------------


def course(folder: Path, students: dict[str, dict[str, str]]) -> None:
    """An nbgrader course with these submissions, ready for `autograde`."""
    folder.mkdir()
    for name, text in nbgrader_course(handed_out(), seed=0).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    run([*NBGRADER, "db", "assignment", "add", WORK], folder)
    run([*NBGRADER, "generate_assignment", WORK], folder)
    (released,) = (folder / "release" / WORK).glob("*.ipynb")
    notebook = nbformat.read(released, as_version=4)
    for student, filled in students.items():
        place = folder / "submitted" / student / WORK
        place.mkdir(parents=True)
        write_notebook(answers.insert(notebook, filled), place / released.name)


def handed_out():
    return handout.hand_out([LESSON], NAMES, WORK)


def nbgrader(folder: Path, students: dict, processes: int) -> tuple[float, dict[str, float]]:
    """Autograde in as many courses at once: (wall seconds, student -> points)."""
    names = list(students)
    courses = [folder / f"course {i + 1} of {processes}" for i in range(processes)]
    for i, place in enumerate(courses):
        course(place, {name: students[name] for name in names[i::processes]})
    start = time.perf_counter()
    running = [start_process([*NBGRADER, "autograde", WORK], place) for place in courses]
    if any([process.wait() for process in running]):
        raise SystemExit(f"nbgrader autograde failed; see {folder}/*/log")
    seconds = time.perf_counter() - start
    points = {}
    for place in courses:
        run([*NBGRADER, "export"], place)
        points |= points_in(place / "grades.csv", "student_id", "score")
    return seconds, points


def points_in(path: Path, student: str, points: str) -> dict[str, float]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {row[student]: float(row[points]) for row in csv.DictReader(file)}


# -- nnlib ----------------------------------------------------------------------------------------


def submissions(folder: Path, students: dict[str, dict[str, str]]) -> Path:
    folder.mkdir()
    notebook = handed_out().notebooks["assignment"]
    for student, filled in tqdm(students.items(), "writing submissions", leave=False):
        write_notebook(answers.insert(notebook, filled), folder / f"{student}.ipynb")
    return folder


def nnlib(place: Path, *options) -> tuple[float, float, dict[str, float]]:
    """Grade a folder: (wall seconds, peak memory in GB, student -> points)."""
    with tempfile.TemporaryDirectory(dir=place.parent) as out:
        names = ["--exercises", ",".join(NAMES), "--seed", "0"]
        seconds, memory = run([*GRADE, place, "--out", out, *names, *options], place.parent)
        return seconds, memory, points_in(Path(out) / "grades.csv", "student", "total")


# -- tables ---------------------------------------------------------------------------------------


def compare(folder: Path, students: dict) -> None:
    """The same submissions through both, with one process and with two."""
    count = len(students)
    place = submissions(folder / "few", students)
    print(f"| {count} submissions, seconds each | `nnlib grade` | nbgrader `autograde` | ratio |")
    print("|---|--:|--:|--:|", flush=True)
    for processes, what in ((1, "one process"), (2, "two processes; nbgrader: two courses")):
        ours, _, mine = nnlib(place, "--jobs", processes)
        usual, theirs = nbgrader(folder, students, processes)
        if mine != theirs:
            raise SystemExit(f"The marks differ: {set(mine.items()) ^ set(theirs.items())}")
        row = f"| {what} | {ours / count:.3f} | {usual / count:.2f} | {usual / ours:.0f} |"
        print(row, flush=True)


def scale(folder: Path, students: dict) -> None:
    """Very many submissions: on this machine, and on a Dask cluster that is this machine, too."""
    count = len(students)
    place = submissions(folder / "many", students)
    print(f"\n| {count} submissions | seconds | seconds each | peak memory (GB) |")
    print("|---|--:|--:|--:|", flush=True)
    seconds, memory, local = nnlib(place, "--jobs", 2)
    row = f"| `nnlib grade`, two processes | {seconds:.0f} | {seconds / count:.3f} | {memory:.2f} |"
    print(row, flush=True)
    with dask_cluster(folder, 2) as address:
        seconds, _, points = nnlib(place, "--scheduler", address)
    print(
        f"| the same on a Dask cluster of two workers | {seconds:.0f} | {seconds / count:.3f} | |"
    )
    if points != local:
        raise SystemExit(f"The marks differ: {set(points.items()) ^ set(local.items())}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="for both sides; 0: not at all")
    parser.add_argument("--many", type=int, default=5000, help="for ours alone; 0: not at all")
    options = parser.parse_args()
    made = made_up_answers(max(options.count, options.many))
    students = {f"student{i:05}": filled for i, filled in enumerate(made)}
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, torch"
        f" {torch.__version__}, isolation: {sandbox.isolation()}\n"
    )
    with tempfile.TemporaryDirectory(prefix="nnlib-benchmark-") as folder:
        if options.count:
            compare(Path(folder), dict(list(students.items())[: options.count]))
        if options.many:
            scale(Path(folder), dict(list(students.items())[: options.many]))


if __name__ == "__main__":
    main()
