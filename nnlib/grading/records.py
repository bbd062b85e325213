"""The record of a grading, results.jsonl: written row by row, read back, merged."""

import dataclasses
import json
import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from nnlib.errors import CourseError
from nnlib.files import write_text

RESULTS = "results.jsonl"
STATUSES = ("correct", "wrong", "error", "todo")


@dataclass(frozen=True)
class Row:
    """What there is to say of one student and one exercise.

    student: unique in a record. id: the student's number in Canvas or Moodle, or "". message: for
    the student. remark: what was found where nothing is answered, or "". hash: of the code and the
    exercise. seconds: that the answer took. file: that counted. note: what the instructor should
    know about the student's files, or "". problem: why nothing could be read, or "". lesson: its
    name, or "" for chosen exercises.
    """

    student: str
    id: str
    exercise: str
    status: str
    points: int
    max: int
    message: str
    remark: str
    seed: int
    hash: str
    seconds: float
    isolation: str
    file: str
    late: bool
    note: str
    problem: str
    lesson: str

    @property
    def place(self) -> tuple[str, str]:
        """What a record has one row for."""
        return self.student, self.exercise


class Record:
    """The rows of a folder's results.jsonl, which outlives a crash at any moment.

    While a grading runs, rows are only added, and are on the disk before `add` returns. At the end
    `keep` leaves exactly the rows that count: those of vanished submissions and of earlier versions
    go. Of several rows for a student and exercise the last counts. problems: a sentence for each
    line that is no row and was left out.
    """

    def __init__(self, folder: Path):
        self.path = Path(folder) / RESULTS
        self.problems: list[str] = []
        self._rows: dict[tuple[str, str], Row] = {}
        if self.path.exists():
            self._drop_torn_line()
            rows, self.problems = read_rows(self.path)
            self._rows = {row.place: row for row in rows}

    def _drop_torn_line(self) -> None:
        """A crash may have left half a line at the end; its exercise is graded again."""
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)

    @property
    def seed(self) -> int | None:
        """The seed that the rows were graded with; None if there are none."""
        return next(reversed(self._rows.values())).seed if self._rows else None

    def find(self, student: str, exercise: str, code: str, seed: int) -> Row | None:
        """The row for this very code, by its hash, and this seed."""
        row = self._rows.get((student, exercise))
        return row if row and (row.hash, row.seed) == (code, seed) else None

    def add(self, rows: list[Row]) -> None:
        """Append rows, and see them onto the disk. Raises `CourseError` if that fails."""
        lines = "".join(_line(row) for row in rows)
        try:
            with self.path.open("ab") as file:
                file.write(lines.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CourseError(f"{self.path} cannot be written: {error.strerror}.") from None
        self._rows |= {row.place: row for row in rows}

    def keep(self, rows: list[Row]) -> None:
        """Make these the rows of the record, in this order."""
        write_text("".join(_line(row) for row in rows), self.path)
        self._rows = {row.place: row for row in rows}


@contextmanager
def open_record(folder: Path) -> Iterator[Record]:
    """The record in a folder, which is made if need be, for one run at a time."""
    lock = filelock.FileLock(folder / ".grading.lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout:
        raise CourseError(f"Another grading is writing to {folder}. Wait for it to end.") from None
    except OSError as error:
        raise CourseError(f"{folder} cannot be used for results: {error.strerror}.") from None
    try:
        yield Record(folder)
    finally:
        lock.release()


def _line(row: Row) -> str:
    return json.dumps(dataclasses.asdict(row), ensure_ascii=False) + "\n"


# -- reading back ----------------------------------------------------------------------------------


def read_rows(path: Path) -> tuple[list[Row], list[str]]:
    """The rows of a results.jsonl, and a sentence for each line that is none; a torn last line aside.

    What is read is believed nothing that no grading could have written: other statuses, more points
    than there are, characters that play tricks on a terminal. Raises `CourseError` if the file
    cannot be read at all.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8 text. Remove it, and grade again.") from None
    rows, problems = [], []
    for number, line in enumerate(lines[:-1], start=1):  # behind the last line break: "", or torn
        row = _row(line)
        if row:
            rows.append(row)
        else:
            problems.append(f"{path} is damaged in line {number}, which was left out.")
    return rows, problems


def _row(line: str) -> Row | None:
    """The row in a line, or None where there is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    types = {field.name: field.type for field in dataclasses.fields(Row)}
    if not isinstance(found, dict) or found.keys() != types.keys():
        return None
    if type(found["seconds"]) is int:
        found["seconds"] = float(found["seconds"])
    if any(type(value) is not types[name] for name, value in found.items()):
        return None
    row = Row(**found)
    texts = [value for value in found.values() if isinstance(value, str)]
    is_possible = (
        row.student
        and row.exercise.isidentifier()
        and row.status in STATUSES
        and 0 <= row.points <= row.max
        and row.seed >= 0
        and re.fullmatch(r"[0-9a-f]+(-\w+)?", row.hash)
        and 0 <= row.seconds < math.inf
        and all(text.replace("\n", "").replace("\t", "").isprintable() for text in texts)
    )
    return row if is_possible else None


def merge(folders: list[Path]) -> tuple[list[Row], list[str]]:
    """The rows of several records, by student, and a sentence for each line that is no row.

    Of two rows for a student and exercise the last counts. Raises `CourseError` if a folder has no
    results.jsonl, and where a name has two numbers, or a number two names.
    """
    rows: dict[tuple[str, str], Row] = {}
    problems = []
    for folder in folders:
        path = Path(folder) / RESULTS
        if not path.exists():
            raise CourseError(f"There is no {path}. Name folders that `nnlib grade --out` wrote.")
        found, damaged = read_rows(path)
        problems += damaged
        rows |= {row.place: row for row in found}
    _check_numbers(rows.values())
    exercises = list(dict.fromkeys(exercise for _, exercise in rows))
    ordered = sorted(
        rows.values(),
        key=lambda row: (row.student.casefold(), row.student, exercises.index(row.exercise)),
    )
    return ordered, problems


def _check_numbers(rows: Iterable[Row]) -> None:
    """Raise `CourseError` unless each student has one number, and each number one student."""
    numbers, names = {}, {}
    for row in rows:
        number = numbers.setdefault(row.student, row.id)
        if number != row.id:
            raise CourseError(
                f"{row.student} has two numbers, {number or 'none'} and {row.id or 'none'}. Merge"
                " only parts of one grading."
            )
        name = names.setdefault(row.id, row.student) if row.id else row.student
        if name != row.student:
            raise CourseError(
                f"The number {row.id} has two names, {name} and {row.student}. Merge only parts of"
                " one grading."
            )
