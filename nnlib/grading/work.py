"""What there is to grade: an item for each student, and what of it the record does not have yet."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nnlib.errors import CourseError
from nnlib.exercises import catalog
from nnlib.grading import submissions
from nnlib.grading.records import Record, Row
from nnlib.grading.submissions import HandedIn, Source
from nnlib.trial import judge, runner
from nnlib.trial.judge import File, Item
from nnlib.trial.runner import Survey

SAMPLED = 40
"""To find the lesson, so many submissions are looked at."""


class Work:
    """What is to be graded: an item for each student.

    handed_in: the students. lesson: its name, or "". Files are read here for what they hash to, and
    again when they are graded: a class's notebooks need not all fit into memory.
    """

    def __init__(
        self, handed_in: Iterable[HandedIn], lesson: str, exercises: tuple[str, ...], seed: int
    ):
        self.lesson, self.exercises, self.seed = lesson, exercises, seed
        self.handed_in = {}
        self.origins = {}  # (student, exercise) -> the row's part that says where it comes from
        for one in handed_in:
            self.handed_in[one.student] = one
            sources = submissions.read(one.files)
            note = "; ".join(filter(None, [one.note, _note(sources)]))
            origin = {"id": one.id, "late": one.late, "note": note, "lesson": lesson}
            for name, code in judge.fingerprints(self._item(one, sources, exercises)).items():
                self.origins[one.student, name] = origin | {"seed": seed, "hash": code}

    def missing(self, record: Record) -> dict[str, tuple[str, ...]]:
        """The exercises that the record does not have, by student."""
        missing = {}
        for student in self.handed_in:
            names = tuple(n for n in self.exercises if not self._find(record, student, n))
            if names:
                missing[student] = names
        return missing

    def items(self, missing: dict[str, tuple[str, ...]]) -> Iterator[Item]:
        """What is missing, to be graded."""
        for student, names in missing.items():
            one = self.handed_in[student]
            yield self._item(one, submissions.read(one.files), names)

    def _item(self, one: HandedIn, sources: list[Source], names: tuple[str, ...]) -> Item:
        files = tuple(File(source.name, source.content) for source in sources if not source.problem)
        problem = "" if files else sources[-1].problem
        return Item(one.student, files, names, self.seed, problem)

    def _find(self, record: Record, student: str, exercise: str) -> Row | None:
        origin = self.origins[student, exercise]
        return record.find(student, exercise, origin["hash"], origin["seed"])

    def complete(self, row: judge.Row) -> Row:
        """The runner's row with where it comes from."""
        found = row.to_dict()
        student = found.pop("key")
        del found["program"]
        found["file"] = row.file or self.handed_in[student].files[-1].name
        return Row(**{"student": student} | found | self.origins[student, row.exercise])

    def rows(self, record: Record) -> list[Row]:
        """The rows of all students, in the exercises' order."""
        keys = [(student, exercise) for student in self.handed_in for exercise in self.exercises]
        return [replace(self._find(record, *key), **self.origins[key]) for key in keys]


def _note(sources: list[Source]) -> str:
    """What the instructor should know about a student's files."""
    if len(sources) == 1:
        return ""
    names = ", ".join(f"{one.name}{' (unreadable)' if one.problem else ''}" for one in sources)
    return (
        f"handed in {len(sources)} files ({names}); an exercise counts from its own lesson's, or"
        " else from the last that answers it"
    )


def shard_of(student: str, shards: int) -> int:
    """The part, from 1 on, that a student falls to; the same on every machine."""
    return int(hashlib.sha256(student.encode()).hexdigest(), 16) % shards + 1


def chosen(exercises: str) -> tuple[str, ...]:
    """The exercises in a list like ``"softmax, tanh"``; an unknown one raises `UnknownExercise`."""
    names = [name.strip() for name in exercises.split(",") if name.strip()]
    return tuple(dict.fromkeys(catalog.find(name).name for name in names))


def of_lesson(lesson: str) -> tuple[str, ...]:
    """The exercises of a lesson, its predictions aside. Raises `CourseError` if it has none."""
    names = tuple(e.name for e in catalog.LESSONS.get(lesson, ()) if e.points)
    if not names:
        raise CourseError(f"Lesson {lesson} has no exercises to grade.")
    return names


def sample(handed_in: list[HandedIn]) -> list[Survey]:
    """What the files that count most hold, of up to `SAMPLED` students."""
    every = -(-len(handed_in) // SAMPLED)
    sources = [submissions.read(one.files[-1:])[0] for one in handed_in[::every]]
    return runner.survey(File(one.name, one.content) for one in sources if not one.problem)


def lesson_of(surveys: list[Survey]) -> str | None:
    """The lesson that most of the files define exercises of; None if none defines any."""
    votes = Counter()
    for file in surveys:
        defined = {*file.answers, *file.holes}
        found = {lesson: len(defined & {*of_lesson(lesson)}) for lesson in catalog.LESSONS}
        best = max(found, key=found.get)
        if found[best]:
            votes[best] += 1
    return max(catalog.LESSONS, key=lambda lesson: votes[lesson]) if votes else None


def answered_besides(surveys: list[Survey], exercises: tuple[str, ...]) -> list[str]:
    """What most of the files answer that also answer some of these exercises."""
    theirs = [file for file in surveys if {*file.answers} & {*exercises}]
    counts = Counter(name for file in theirs for name in file.answers if name not in exercises)
    return [name for name, count in counts.items() if 2 * count > len(theirs)]
