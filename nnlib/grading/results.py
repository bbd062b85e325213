"""What the rows of a record say: of each student, of each exercise, of the mistakes that were made."""

from collections.abc import Iterable
from dataclasses import dataclass

from nnlib.grading.records import Row


@dataclass(frozen=True)
class Student:
    """One student's result: their rows by exercise, and the sum."""

    name: str
    rows: dict[str, Row]

    @property
    def points(self) -> int:
        return sum(row.points for row in self.rows.values())

    @property
    def any_row(self) -> Row:
        return next(iter(self.rows.values()))

    @property
    def problem(self) -> str:
        """Why nothing of this student's could be read, or ""."""
        return self.any_row.problem

    @property
    def note(self) -> str:
        """What the instructor should know about the files and what is not answered, or ""."""
        row = self.any_row
        late = "handed in late" if row.late else ""
        found = [f"{one.exercise}: {one.remark}" for one in self.rows.values() if one.remark]
        return "; ".join(filter(None, [late, row.note, *found]))


def students(rows: Iterable[Row]) -> list[Student]:
    """The students, in the rows' order."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row.student, {})[row.exercise] = row
    return [Student(name, own) for name, own in found.items()]


def exercises(rows: Iterable[Row]) -> dict[str, int]:
    """The exercises, in the rows' order, and what each is worth."""
    return {row.exercise: row.max for row in rows}


@dataclass(frozen=True)
class Mistake:
    """What several answers to an exercise got wrong in the same way, and who gave them.

    status: "wrong", or "error" for answers that stopped.
    """

    exercise: str
    status: str
    message: str
    students: tuple[str, ...]


def mistakes(rows: Iterable[Row]) -> list[Mistake]:
    """The mistakes in the answers that could be read, those made most first.

    An error counts by its first line: the lines after it quote the student's own code.
    """
    who: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row.status in ("wrong", "error") and not row.problem:
            message = row.message.strip().partition("\n")[0] or "It is wrong."
            key = row.exercise, row.status, message
            who.setdefault(key, []).append(row.student)
    found = [Mistake(*key, tuple(names)) for key, names in who.items()]
    return sorted(found, key=lambda mistake: -len(mistake.students))
