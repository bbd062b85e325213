"""The command `nnlib grade`: from submissions to marks, feedback and a summary."""

import hashlib
import json
import re
import secrets
import sys
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tqdm import tqdm

from nnlib.files import CourseError, write_text

# As in nnlib.commands: what imports torch is imported where it is needed.

SAMPLED = 40
"""To find the lesson, so many submissions are looked at."""


def add_commands(commands) -> None:
    """Add `grade` to the subcommands of `nnlib`."""
    grade = commands.add_parser(
        "grade",
        help="grade a folder, or a zip from Canvas or Moodle, of submissions",
        usage="nnlib grade SUBMISSIONS --out DIR [options]\n"
        "       nnlib grade merge DIR [DIR ...] --out DIR [--json]",
        description="Grade submissions, or merge what several runs with --shard have written. Run"
        " again, it grades only what is new or has changed. A folder called merge is ./merge.",
    )
    grade.add_argument(
        "submissions",
        nargs="+",
        metavar="SUBMISSIONS",
        help="a folder or zip with a file or a folder for each student",
    )
    grade.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="for all that is made"
    )
    which = grade.add_mutually_exclusive_group()
    which.add_argument("--lesson", metavar="NAME", help="such as 01; found by itself otherwise")
    which.add_argument("--exercises", metavar="A,B,C", help="grade these instead of a lesson's")
    grade.add_argument("--seed", type=int, metavar="N", help="for the inputs; drawn by default")
    grade.add_argument(
        "--jobs", type=int, metavar="N", help="processes; one for each core by default"
    )
    grade.add_argument(
        "--require-isolation",
        action="store_true",
        help="refuse to run answers where the system cannot lock them in",
    )
    grade.add_argument(
        "--gradescope",
        action="store_true",
        help="all files are one student's; also write Gradescope's results.json",
    )
    grade.add_argument("--shard", metavar="I/N", help="grade the Ith of N parts, 1/4 to 4/4, say")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="grade on a Dask cluster")
    grade.add_argument("--json", action="store_true", help="print JSON instead of a table")
    grade.set_defaults(command=_grade)


def _grade(options) -> int:
    if options.submissions[0] == "merge":
        return _merge(options)
    if len(options.submissions) > 1:
        raise CourseError("Name one folder or zip of submissions, and put quotes around spaces.")
    for name in ("jobs", "seed"):
        if getattr(options, name) is not None and getattr(options, name) < (name == "jobs"):
            raise CourseError(f"--{name} should not be {getattr(options, name)}.")
    place, out = Path(options.submissions[0]), options.out
    if out.resolve().is_relative_to(place.resolve()):
        raise CourseError(f"{out} lies among the submissions. Name a folder outside with --out.")

    from nnlib.grading import submissions

    shard, shards = _shard(options)
    handed_in, ignored = submissions.find(place, alone=options.gradescope)
    lesson, exercises = _what(options, place, handed_in)
    _check_isolation(options)
    handed_in = [one for one in handed_in if _shard_of(one.student, shards) == shard]
    reading = tqdm(handed_in, "reading", unit="student", disable=_quiet(), leave=False)
    sources = {one.student: [submissions.read(file) for file in one.files] for one in reading}
    with _record(out) as record:
        seed = options.seed if options.seed is not None else record.seed
        seed = secrets.randbelow(2**31) if seed is None else seed
        work = _Work(handed_in, sources, lesson, exercises, seed)
        graded = _run(work, record, options)
        rows = work.rows(record)
        record.keep(rows)
        _write(out, rows, ignored, options.gradescope)
    _report(out, rows, graded, options)
    return 0


def _merge(options) -> int:
    from nnlib.grading import records

    for name, value in vars(options).items():
        if name not in ("submissions", "out", "json", "command") and value not in (None, False):
            option = name.replace("_", "-")
            raise CourseError(f"nnlib grade merge takes folders, --out and --json, not --{option}.")
    folders = [Path(folder) for folder in options.submissions[1:]]
    if not folders:
        raise CourseError("Name the folders to merge: nnlib grade merge DIR DIR --out DIR.")
    rows = records.merge(folders)
    with _record(options.out) as record:
        record.keep(rows)
        _write(options.out, rows, [], gradescope=False)
    _report(options.out, rows, None, options)
    return 0


def _quiet() -> bool:
    return not sys.stderr.isatty()


def _shard(options) -> tuple[int, int]:
    if options.shard is None:
        return 1, 1
    match = re.fullmatch(r"(\d+)/(\d+)", options.shard)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise CourseError(f"--shard {options.shard} is no part: write 1/4 for the first of four.")
    if options.seed is None:
        raise CourseError("With --shard, give every part the same --seed, such as --seed 7391.")
    return int(match[1]), int(match[2])


def _shard_of(student: str, shards: int) -> int:
    """The part, from 1 on, that a student falls to; the same on every machine."""
    return int(hashlib.sha256(student.encode()).hexdigest(), 16) % shards + 1


def _what(options, place: Path, handed_in: list) -> tuple[str, tuple[str, ...]]:
    """The lesson, or "" for chosen exercises, and the exercises to grade."""
    from nnlib.course import lessons
    from nnlib.exercises import catalog

    if options.exercises is not None:
        names = [name.strip() for name in options.exercises.split(",") if name.strip()]
        try:
            return "", tuple(dict.fromkeys(catalog.find(name).name for name in names))
        except catalog.UnknownExercise as error:
            raise CourseError(str(error)) from None
    lesson = lessons.find(options.lesson) if options.lesson else _lesson_of(place, handed_in)
    if not catalog.LESSONS.get(lesson):
        raise CourseError(f"Lesson {lesson} has no exercises to grade.")
    return lesson, tuple(exercise.name for exercise in catalog.LESSONS[lesson])


def _lesson_of(place: Path, handed_in: list) -> str:
    """The lesson that most of the submissions define exercises of."""
    from nnlib.exercises import catalog
    from nnlib.grading import submissions
    from nnlib.trial import answers

    every = -(-len(handed_in) // SAMPLED)
    votes = dict.fromkeys(catalog.LESSONS, 0)
    for one in handed_in[::every]:
        defined = answers.extract(list(submissions.read(one.files[-1]).cells))
        found = {
            name: sum(exercise.name in defined for exercise in own)
            for name, own in catalog.LESSONS.items()
        }
        best = max(found, key=found.get)
        votes[best] += found[best] > 0
    lesson = max(votes, key=votes.get)
    if not votes[lesson]:
        raise CourseError(
            f"No file in {place} defines an exercise of the course. If these are the right files,"
            " name the lesson with --lesson."
        )
    return lesson


def _check_isolation(options) -> None:
    if not options.require_isolation:
        return
    from nnlib.trial import sandbox

    if options.scheduler is None:
        offers = {"this machine": sandbox.isolation()}
    else:
        with _cluster(options.scheduler) as client:
            offers = client.run(sandbox.isolation)
    open_ones = [where for where, offer in offers.items() if offer in sandbox.OPEN]
    if open_ones:
        raise CourseError(
            f"There is no isolation on {', '.join(open_ones)}, and --require-isolation asks for it."
            " Grade on Linux, or leave the option out if you trust the submissions."
        )


@contextmanager
def _cluster(address: str):
    try:
        from distributed import Client
    except ImportError:
        raise CourseError(
            "--scheduler needs Dask. Install it with: pip install 'nnlib[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise CourseError(f"No Dask scheduler answers at {address}: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=60)
        except TimeoutError:
            raise CourseError(
                f"The Dask scheduler at {address} has no workers. Start some: dask worker {address}"
            ) from None
        yield client


@contextmanager
def _record(out: Path):
    """The folder's record, for one run at a time."""
    import filelock

    from nnlib.grading.records import Record

    lock = filelock.FileLock(out / ".grading.lock", timeout=0)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise CourseError(f"Another grading is writing to {out}. Wait for it to end.") from None
    except OSError as error:
        raise CourseError(f"{out} cannot be used for results: {error.strerror}.") from None
    with lock:
        yield Record(out)
    lock.release()


class _Work:
    """What is to be graded: an item for each student, or several if exercises lie in several files.

    handed_in: the students. sources: what was read, by student.
    """

    def __init__(self, handed_in, sources, lesson: str, exercises: tuple[str, ...], seed: int):
        from nnlib.grading import submissions
        from nnlib.trial import engine

        self.exercises = exercises
        self.items = []
        self.origins = {}  # (student, exercise) -> the row's part that says where it comes from
        for one in handed_in:
            read = sources[one.student]
            for source, names in submissions.share(read, exercises):
                item = engine.Item(one.student, source.cells, names, seed, source.problem)
                self.items.append(item)
                origin = {
                    "seed": seed,
                    "id": one.id,
                    "file": source.name,
                    "late": one.late,
                    "note": _note(read),
                    "problem": source.problem,
                    "lesson": lesson,
                }
                for name, code in engine.fingerprints(item).items():
                    self.origins[one.student, name] = origin | {"hash": code}

    def missing(self, record) -> list:
        """The items, with those of their exercises that the record does not have."""
        from dataclasses import replace

        missing = []
        for item in self.items:
            names = tuple(n for n in item.exercises if not self._find(record, item.student, n))
            if names:
                missing.append(replace(item, exercises=names))
        return missing

    def _find(self, record, student: str, exercise: str) -> dict | None:
        origin = self.origins[student, exercise]
        return record.find(student, exercise, origin["hash"], origin["seed"])

    def complete(self, row: dict) -> dict:
        """The engine's row with where it comes from; and nothing in it that UTF-8 cannot hold."""
        message = row["message"].encode("utf-8", "replace").decode()
        return row | {"message": message} | self.origins[row["student"], row["exercise"]]

    def rows(self, record) -> list[dict]:
        """The rows of all items, by student, in the exercises' order."""
        students = dict.fromkeys(item.student for item in self.items)
        keys = [(student, exercise) for student in students for exercise in self.exercises]
        return [self._find(record, *key) | self.origins[key] for key in keys]


def _note(read: list) -> str:
    """What the instructor should know about a student's files."""
    if len(read) == 1:
        return ""
    others = ", ".join(f"{other.name}{' (unreadable)' if other.problem else ''}" for other in read)
    return f"handed in {len(read)} files ({others}); the last that answers an exercise counts"


def _run(work: _Work, record, options) -> int:
    """Grade what is missing, and record it as it completes. Returns the number of students."""
    from nnlib.trial import engine

    missing = work.missing(record)
    try:
        with (
            _executor(options, len(missing)) as executor,
            tqdm(total=len(missing), desc="grading", unit="student", disable=_quiet()) as bar,
        ):
            for rows in engine.grade_many(missing, executor):
                record.add([work.complete(row) for row in rows])
                bar.update()
    except KeyboardInterrupt:
        print("\nnnlib: what was graded is kept. The same command goes on from there.",
              file=sys.stderr)  # fmt: skip
        raise
    return len({item.student for item in missing})


@contextmanager
def _executor(options, items: int):
    """What answers are run by: a cluster's workers, so many processes, or None: the engine's."""
    if options.scheduler is not None and items:
        with _cluster(options.scheduler) as client:
            yield client.get_executor()
    elif options.jobs is not None:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(options.jobs) as threads:  # each waits for a process
            yield threads
    else:
        yield None


def _write(out: Path, rows: list[dict], ignored: list[str], gradescope: bool) -> None:
    """Everything that is made from the rows."""
    from nnlib.grading import pages, records

    students = records.students(rows)
    names = pages.file_names([student.name for student in students])
    title = pages.title_of(rows)
    folder = out / "feedback"
    folder.mkdir(exist_ok=True)
    for student in students:
        write_text(pages.feedback(student, title), folder / names[student.name])
    for path in folder.glob("*.html"):  # of a student who is gone, or has another name now
        if path.name not in names.values() and pages.is_ours(path):
            path.unlink()
    write_text(records.grades_csv(rows), out / "grades.csv")
    write_text(pages.summary(rows, ignored), out / "summary.html")
    if gradescope:
        write_text(records.gradescope(rows), out / "results.json")


def _report(out: Path, rows: list[dict], graded: int | None, options) -> None:
    """What came out, on the terminal. graded: how many students' answers were run just now."""
    from statistics import mean

    from nnlib.grading import records
    from nnlib.trial import sandbox

    students = records.students(rows)
    mistakes = records.mistakes(rows)
    unreadable = [student for student in students if student.problem]
    average = mean(student.points for student in students) if students else 0
    isolation = sorted({row["isolation"] for row in rows if not row["problem"]})
    most = sum(records.exercises(rows).values())
    made = ["grades.csv", "summary.html", "feedback", records.RESULTS]
    made += ["results.json"] if options.gradescope else []
    if options.json:
        result = {
            "students": len(students),
            "graded": graded,
            "unreadable": [student.name for student in unreadable],
            "mean": round(average, 2),
            "out_of": most,
            "mistakes": [
                {"exercise": m.exercise, "message": m.message, "count": len(m.students)}
                for m in mistakes
            ],
            "isolation": isolation,
            "seeds": sorted({row["seed"] for row in rows}),
            "files": [str(out / name) for name in made],
        }
        print(json.dumps(result, indent=1, ensure_ascii=False))
    else:
        table = Table(show_header=False)
        table.add_row("students", f"{len(students)}")
        if graded is not None:
            table.add_row("graded now", f"{graded}")
        if unreadable:
            table.add_row("could not be read", f"{len(unreadable)}", style="yellow")
        table.add_row("mean", f"{average:.1f} of {most}")
        if mistakes:
            top = mistakes[0]
            said = f"{len(top.students)} × {escape(top.exercise)}: {escape(top.message)}"
            table.add_row("most common mistake", said)
        table.add_row("isolation", ", ".join(isolation) or "nothing was run")
        console = Console()
        console.print(table)
        for name in made:
            console.print(f"{out / name}", soft_wrap=True, markup=False, highlight=False)
    if set(isolation) & set(sandbox.OPEN):
        print("nnlib: the answers ran without isolation: this system offers none.", file=sys.stderr)
