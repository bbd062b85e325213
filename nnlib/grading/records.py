"""The record of a grading, results.jsonl: written row by row, read back, merged.

A row is what `engine.grade_one` says of one student and one exercise, and where it comes from:
`id` (the student's number in Canvas or Moodle, or ""), `file`, `late`, `note` (what the instructor
should know about the files), `problem` (why nothing could be read, or "") and `lesson`.
"""

import json
import os
from contextlib import contextmanager
from pathlib import Path

import filelock

from nnlib.errors import CourseError
from nnlib.files import write_text

RESULTS = "results.jsonl"
KEYS = {
    "student": str, "exercise": str, "status": str, "points": int, "max": int, "message": str,
    "seed": int, "hash": str, "seconds": (int, float), "isolation": str, "id": str, "file": str,
    "late": bool, "note": str, "problem": str, "lesson": str,
}  # fmt: skip
"""What a row holds, and of what type."""


@contextmanager
def open_record(folder: Path):
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


class Record:
    """The rows of a folder's results.jsonl, which outlives a crash at any moment.

    While a grading runs, rows are only added, and are on the disk before `add` returns. At the end
    `keep` leaves exactly the rows that count: those of vanished submissions and of earlier versions
    go. Of several rows for a student and exercise the last counts.
    """

    def __init__(self, folder: Path):
        self.path = Path(folder) / RESULTS
        self._drop_torn_line()
        rows = read_rows(self.path) if self.path.exists() else []
        self._rows = {(row["student"], row["exercise"]): row for row in rows}

    def _drop_torn_line(self) -> None:
        """A crash may have left half a line at the end; its exercise is graded again."""
        if self.path.exists():
            content = self.path.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.truncate(self.path, whole)

    @property
    def seed(self) -> int | None:
        """The seed that the rows were graded with; None if there are none."""
        return next(reversed(self._rows.values()))["seed"] if self._rows else None

    def find(self, student: str, exercise: str, code: str, seed: int) -> dict | None:
        """The row for this very code, by its hash, and this seed."""
        row = self._rows.get((student, exercise))
        return row if row and (row["hash"], row["seed"]) == (code, seed) else None

    def add(self, rows: list[dict]) -> None:
        """Append rows, and see them onto the disk. Raises `CourseError` if that fails."""
        lines = "".join(_line(row) for row in rows)
        try:
            with self.path.open("ab") as file:
                file.write(lines.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CourseError(f"{self.path} cannot be written: {error.strerror}.") from None
        self._rows |= {(row["student"], row["exercise"]): row for row in rows}

    def keep(self, rows: list[dict]) -> None:
        """Make these the rows of the record, in this order."""
        write_text("".join(_line(row) for row in rows), self.path)
        self._rows = {(row["student"], row["exercise"]): row for row in rows}


def _line(row: dict) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def read_rows(path: Path) -> list[dict]:
    """The rows of a results.jsonl, a torn last line aside. Raises `CourseError` on anything odd."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8 text. Remove it, and grade again.") from None
    rows = []
    for number, line in enumerate(lines[:-1], start=1):  # behind the last line break: "", or torn
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not all(isinstance(row.get(k), t) for k, t in KEYS.items()):
            raise CourseError(
                f"{path} is damaged in line {number}. Remove that line; its exercise is then"
                " graded again."
            )
        rows.append(row)
    return rows


def merge(folders: list[Path]) -> list[dict]:
    """The rows of several records, by student; of two for a student and exercise the last counts.

    Raises `CourseError` if a folder has no results.jsonl.
    """
    rows = {}
    for folder in folders:
        path = Path(folder) / RESULTS
        if not path.exists():
            raise CourseError(f"There is no {path}. Name folders that `nnlib grade --out` wrote.")
        rows |= {(row["student"], row["exercise"]): row for row in read_rows(path)}
    exercises = list(dict.fromkeys(exercise for _, exercise in rows))
    places = {exercise: place for place, exercise in enumerate(exercises)}
    return sorted(rows.values(), key=lambda r: (*_by_name(r["student"]), places[r["exercise"]]))


def _by_name(student: str) -> tuple[str, str]:
    return student.casefold(), student
