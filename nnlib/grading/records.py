"""The record of a grading, results.jsonl, and the tables that are made from it.

A row is what `engine.grade_one` says of one student and one exercise, and where it comes from:
`id` (the student's number in Canvas or Moodle, or ""), `file`, `late`, `note` (what the instructor
should know about the files), `problem` (why nothing could be read, or "") and `lesson`.
"""

import csv
import io
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nnlib.files import CourseError, write_text

RESULTS = "results.jsonl"
KEYS = {
    "student": str, "exercise": str, "status": str, "points": int, "max": int, "message": str,
    "seed": int, "hash": str, "seconds": (int, float), "isolation": str, "id": str, "file": str,
    "late": bool, "note": str, "problem": str, "lesson": str,
}  # fmt: skip
"""What a row holds, and of what type."""


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


# -- what the rows say -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Student:
    """One student's result: their rows by exercise, and the sum."""

    name: str
    rows: dict[str, dict]

    @property
    def points(self) -> int:
        return sum(row["points"] for row in self.rows.values())

    @property
    def any_row(self) -> dict:
        return next(iter(self.rows.values()))

    @property
    def problem(self) -> str:
        """Why nothing of this student's could be read, or ""."""
        return self.any_row["problem"]

    @property
    def note(self) -> str:
        """What the instructor should know about the files, or ""."""
        row = self.any_row
        return "; ".join(filter(None, ["handed in late" if row["late"] else "", row["note"]]))


def students(rows: Iterable[dict]) -> list[Student]:
    """The students, in the rows' order."""
    found: dict[str, dict[str, dict]] = {}
    for row in rows:
        found.setdefault(row["student"], {})[row["exercise"]] = row
    return [Student(name, own) for name, own in found.items()]


def exercises(rows: Iterable[dict]) -> dict[str, int]:
    """The exercises, in the rows' order, and what each is worth."""
    return {row["exercise"]: row["max"] for row in rows}


@dataclass(frozen=True)
class Mistake:
    """What several answers to an exercise got wrong in the same way, and who gave them.

    status: "wrong", or "error" for answers that stopped.
    """

    exercise: str
    status: str
    message: str
    students: tuple[str, ...]


def mistakes(rows: Iterable[dict]) -> list[Mistake]:
    """The mistakes in the answers that could be read, those made most first.

    An error counts by its first line: the lines after it quote the student's own code.
    """
    who: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row["status"] in ("wrong", "error") and not row["problem"]:
            message = row["message"].strip().partition("\n")[0] or "It is wrong."
            key = row["exercise"], row["status"], message
            who.setdefault(key, []).append(row["student"])
    found = [Mistake(*key, tuple(names)) for key, names in who.items()]
    return sorted(found, key=lambda mistake: -len(mistake.students))


# -- tables ----------------------------------------------------------------------------------------


def grades_csv(rows: list[dict]) -> str:
    """A line for each student: name, number, points for each exercise, total, out of, remarks.

    It starts with a byte order mark: without one, Excel takes UTF-8 for another encoding and breaks
    every accent; Canvas, Moodle, LibreOffice and pandas pass over it.
    """
    worth = exercises(rows)
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(["student", "id", *worth, "total", "out of", "remarks"])
    for student in students(rows):
        points = [student.rows[name]["points"] if name in student.rows else "" for name in worth]
        remarks = "; ".join(filter(None, [student.note, student.problem]))
        name, number = _no_formula(student.name), student.any_row["id"]
        total = [student.points, sum(worth.values())]
        table.writerow([name, number, *points, *total, _no_formula(remarks)])
    return "\ufeff" + file.getvalue()


def _no_formula(text: str) -> str:
    """The text so that a spreadsheet shows it; one that starts with = would be run."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def gradescope(rows: list[dict]) -> str:
    """One student's rows as Gradescope's results.json.

    Its fields: https://gradescope-autograders.readthedocs.io/en/latest/specs/
    """
    (student,) = students(rows)
    results = {
        "score": student.points,
        "execution_time": round(sum(row["seconds"] for row in rows), 3),
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": row["exercise"],
                "score": row["points"],
                "max_score": row["max"],
                "status": "passed" if row["status"] == "correct" else "failed",
                "output": "Not answered yet." if row["status"] == "todo" else row["message"],
                "output_format": "text",
            }
            for row in rows
        ],
    }
    if student.problem:
        results["output"] = student.problem
    return json.dumps(results, indent=1, ensure_ascii=False) + "\n"
