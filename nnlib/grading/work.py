"""What there is to grade: an item for each student, and what of it the record does not have yet."""

import hashlib
from dataclasses import replace
from pathlib import Path

from nnlib.errors import CourseError
from nnlib.exercises import catalog
from nnlib.grading import submissions
from nnlib.grading.records import Record
from nnlib.grading.submissions import HandedIn, Source
from nnlib.trial import answers, engine

SAMPLED = 40
"""To find the lesson, so many submissions are looked at."""


class Work:
    """What is to be graded: an item for each student, or several if exercises lie in several files.

    handed_in: the students. sources: what was read, by student. lesson: its name, or "".
    """

    def __init__(self, handed_in, sources, lesson: str, exercises: tuple[str, ...], seed: int):
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

    def missing(self, record: Record) -> list[engine.Item]:
        """The items, with those of their exercises that the record does not have."""
        missing = []
        for item in self.items:
            names = tuple(n for n in item.exercises if not self._find(record, item.student, n))
            if names:
                missing.append(replace(item, exercises=names))
        return missing

    def _find(self, record: Record, student: str, exercise: str) -> dict | None:
        origin = self.origins[student, exercise]
        return record.find(student, exercise, origin["hash"], origin["seed"])

    def complete(self, row: dict) -> dict:
        """The engine's row with where it comes from; and nothing in it that UTF-8 cannot hold."""
        message = row["message"].encode("utf-8", "replace").decode()
        return row | {"message": message} | self.origins[row["student"], row["exercise"]]

    def rows(self, record: Record) -> list[dict]:
        """The rows of all items, by student, in the exercises' order."""
        students = dict.fromkeys(item.student for item in self.items)
        keys = [(student, exercise) for student in students for exercise in self.exercises]
        return [self._find(record, *key) | self.origins[key] for key in keys]


def _note(read: list[Source]) -> str:
    """What the instructor should know about a student's files."""
    if len(read) == 1:
        return ""
    others = ", ".join(f"{other.name}{' (unreadable)' if other.problem else ''}" for other in read)
    return f"handed in {len(read)} files ({others}); the last that answers an exercise counts"


def shard_of(student: str, shards: int) -> int:
    """The part, from 1 on, that a student falls to; the same on every machine."""
    return int(hashlib.sha256(student.encode()).hexdigest(), 16) % shards + 1


def chosen(exercises: str) -> tuple[str, ...]:
    """The exercises in a list like ``"softmax, tanh"``; an unknown one raises `UnknownExercise`."""
    names = [name.strip() for name in exercises.split(",") if name.strip()]
    return tuple(dict.fromkeys(catalog.find(name).name for name in names))


def of_lesson(lesson: str) -> tuple[str, ...]:
    """The exercises of a lesson. Raises `CourseError` if it has none."""
    if not catalog.LESSONS.get(lesson):
        raise CourseError(f"Lesson {lesson} has no exercises to grade.")
    return tuple(exercise.name for exercise in catalog.LESSONS[lesson])


def lesson_of(place: Path, handed_in: list[HandedIn]) -> str:
    """The lesson that most of the submissions define exercises of."""
    every = -(-len(handed_in) // SAMPLED)
    votes = dict.fromkeys(catalog.LESSONS, 0)
    for one in handed_in[::every]:
        defined = answers.extract(list(submissions.read(one.files[-1]).cells))
        found = {
            name: sum(exercise.name in defined for exercise in own)
            for name, own in catalog.LESSONS.items()
        }
        best = max(found, key=found.get)
        if found[best]:
            votes[best] += 1
    lesson = max(votes, key=votes.get)
    if not votes[lesson]:
        raise CourseError(
            f"No file in {place} defines an exercise of the course. If these are the right files,"
            " name the lesson with --lesson."
        )
    return lesson
