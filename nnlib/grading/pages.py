"""The pages: one for each student, and the instructor's summary.

Each is a single file that needs no network and runs no script. Everything that comes from a
student is escaped.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from nnlib.grading import results
from nnlib.grading.records import Row
from nnlib.grading.templates import render
from nnlib.trial import sandbox

WORDS = {
    "correct": "correct",
    "wrong": "not yet right",
    "error": "stopped with an error",
    "todo": "not answered",
}
SIGNS = {"correct": "✓", "wrong": "✗", "error": "!", "todo": "–"}
MOST_EXPLAINED = 5


def title_of(rows: list[Row]) -> str:
    """What was graded, such as "Lesson 01: perceptron"."""
    lessons = list(dict.fromkeys(row.lesson for row in rows))
    if len(lessons) != 1 or not lessons[0]:
        return "Assignment"
    number, _, name = lessons[0].partition("_")
    return f"Lesson {number}: {name.replace('_', ' ')}"


def feedback(student: results.Student, title: str) -> str:
    """A student's own page: what is right, and what to look at where it is not."""
    rows = student.rows.values()
    missed = [row.exercise for row in rows if row.status != "correct"]
    return render(
        "feedback.html",
        words=WORDS,
        signs=SIGNS,
        student=student,
        title=title,
        most=sum(row.max for row in rows),
        counts=Counter(row.status for row in rows),
        first_missed=missed[0] if missed else "",
        files=", ".join(dict.fromkeys(row.file for row in rows)),
    )


def summary(rows: list[Row], ignored: list[str]) -> str:
    """The instructor's page: marks, and for each exercise the mistakes that were made most.

    ignored: files that were found beside the submissions and belong to no student.
    """
    students = results.students(rows)
    worth = results.exercises(rows)
    mistakes = results.mistakes(rows)
    totals = [student.points for student in students] or [0]
    most = sum(worth.values())
    readable = [student for student in students if not student.problem]
    isolation = sorted({row.isolation for row in rows if not row.problem})
    nothing = [s for s in readable if all(row.status == "todo" for row in s.rows.values())]
    monday = [mistake for mistake in mistakes if len(mistake.students) > 1]
    by_exercise = []
    for name in worth:
        own = [student.rows[name] for student in readable if name in student.rows]
        by_exercise.append(
            {
                "name": name,
                "counts": Counter(row.status for row in own),
                "mistakes": [mistake for mistake in mistakes if mistake.exercise == name],
                "open": [row.student for row in own if row.status == "todo"],
            }
        )
    return render(
        "summary.html",
        words=WORDS,
        signs=SIGNS,
        title=title_of(rows),
        students=students,
        worth=worth,
        most=most,
        average=mean(totals),
        middle=f"{median(totals):g}",
        full=sum(student.points == most for student in readable),
        readable=len(readable),
        unreadable=[student for student in students if student.problem],
        noted=[student for student in students if student.note],
        nothing=nothing,
        ignored=ignored,
        bars=spread(totals, most),
        said=", ".join(f"{n} with {total}" for total, n in sorted(Counter(totals).items())),
        monday=monday[:MOST_EXPLAINED],
        by_exercise=sorted(by_exercise, key=lambda e: e["counts"]["correct"]),
        pages=file_names([student.name for student in students]),
        isolated=not set(isolation) & set(sandbox.OPEN),
        isolation=", ".join(isolation) or "nothing was run",
        seeds=sorted({row.seed for row in rows}),
    )


@dataclass(frozen=True)
class Bar:
    """One bar of the histogram: the points that it stands for, and how many students have them."""

    label: str
    students: int


def spread(totals: list[int], most: int) -> list[Bar]:
    """How many students have how many points, of `most`, in at most 21 bars."""
    width = -(-(most + 1) // 21)  # points a bar
    counts = Counter(total // width for total in totals)
    bars = []
    for i in range(most // width + 1):
        first, last = i * width, min((i + 1) * width - 1, most)
        bars.append(Bar(f"{first}" if first == last else f"{first}–{last}", counts[i]))
    return bars


def file_names(students: list[str]) -> dict[str, str]:
    """A name for each student's page: fit for every file system, and never the same twice.

    Letters and digits of any script stay. Where two students would get one name, or a name means
    something to Windows, a hash of the real one tells them apart, whoever else is in the list.
    """
    plain = {name: re.sub(r"[^\w-]+", "_", name)[:50].strip("_") for name in students}
    often = Counter(stem.casefold() for stem in plain.values())
    for name, stem in plain.items():
        if often[stem.casefold()] > 1 or not stem or _WINDOWS_DEVICE.fullmatch(stem):
            plain[name] = f"{stem}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
    return {name: f"{stem}.html" for name, stem in plain.items()}


def is_ours(path: Path) -> bool:
    """Whether a file is a page that was made here, and may be removed."""
    with path.open("rb") as file:
        return b'<meta name="generator" content="nnlib grade">' in file.read(1000)


_WINDOWS_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)
