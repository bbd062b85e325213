"""Grade submissions. Run again, it grades only what is new or has changed."""

import argparse
import re
import secrets
import sys
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from nnlib import lessons
from nnlib.commands import graded
from nnlib.errors import CourseError
from nnlib.grading import cluster, output, records, submissions
from nnlib.grading.work import (
    Work,
    answered_besides,
    chosen,
    lesson_of,
    of_lesson,
    sample,
    shard_of,
)
from nnlib.trial import runner


def add_arguments(parser) -> None:
    parser.add_argument(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="a folder or zip with a file or a folder for each student",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="for all that is made"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--lesson", metavar="NAME", help="such as 01; found by itself otherwise")
    which.add_argument("--exercises", metavar="A,B,C", help="grade these instead of a lesson's")
    parser.add_argument(
        "--seed", type=_whole(0), metavar="N", help="for the inputs; drawn by default"
    )
    parser.add_argument(
        "--jobs", type=_whole(1), metavar="N", help="processes; one for each core by default"
    )
    parser.add_argument(
        "--require-isolation",
        action="store_true",
        help="refuse to run answers where the system cannot lock them in",
    )
    parser.add_argument(
        "--gradescope",
        action="store_true",
        help="all files are one student's; also write Gradescope's results.json",
    )
    parser.add_argument(
        "--shard", type=_part, default=(1, 1), metavar="I/N", help="only the Ith of N parts: 1/4"
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="grade on a Dask cluster")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _whole(least: int):
    """The type of a whole number that is at least so large."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} on")
        return int(text)

    return number


def _part(text: str) -> tuple[int, int]:
    """``"1/4"`` as (1, 4)."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"{text} is no part: write 1/4 for the first of four")
    return int(match[1]), int(match[2])


def run(options) -> int:
    place, out = options.submissions, options.out
    shard, shards = options.shard
    if shards > 1 and options.seed is None:
        raise CourseError("With --shard, give every part the same --seed, such as --seed 7391.")
    if out.resolve().is_relative_to(place.resolve()):
        raise CourseError(f"{out} lies among the submissions. Name a folder outside with --out.")
    handed_in, ignored = submissions.find(place, alone=options.gradescope)
    lesson, exercises = _what(options, handed_in)
    if options.require_isolation:
        cluster.require_isolation(options.scheduler)
    handed_in = [one for one in handed_in if shard_of(one.student, shards) == shard]
    reading = tqdm(handed_in, "reading", unit="student", disable=_quiet(), leave=False)
    with records.open_record(out) as record:
        for problem in record.problems:
            print(f"nnlib: {problem} Its exercise is graded again.", file=sys.stderr)
        seed = options.seed if options.seed is not None else record.seed
        seed = secrets.randbelow(2**31) if seed is None else seed
        work = Work(reading, lesson, exercises, seed)
        count = _grade(work, record, options)
        rows = work.rows(record)
        record.keep(rows)
        made = output.write(out, rows, ignored)
        if options.gradescope:
            made.append(output.write_for_gradescope(out, rows))
    graded.tell(rows, made, count, as_json=options.json)
    return 0


def _what(options, handed_in: list) -> tuple[str, tuple[str, ...]]:
    """The lesson, or "" for chosen exercises, and the exercises to grade."""
    if options.exercises is not None:
        return "", chosen(options.exercises)
    surveys = sample(handed_in)
    lesson = lessons.find(options.lesson) if options.lesson else lesson_of(surveys)
    if lesson is None:
        raise CourseError(
            f"No file in {options.submissions} defines an exercise of the course. If these are the"
            " right files, name the lesson with --lesson."
        )
    exercises = of_lesson(lesson)
    others = answered_besides(surveys, exercises)
    if others:
        print(
            f"nnlib: this grades lesson {lesson[:2]}, but most files also answer"
            f" {', '.join(others)}. If you had asked for certain exercises, name them with"
            " --exercises, as `nnlib assign` said.",
            file=sys.stderr,
        )
    return lesson, exercises


def _grade(work: Work, record: records.Record, options) -> int:
    """Grade what is missing, and record it as it completes. Returns the number of students."""
    missing = work.missing(record)
    try:
        with (
            _executor(options, len(missing)) as executor,
            tqdm(total=len(missing), desc="grading", unit="student", disable=_quiet()) as bar,
        ):
            items = work.items(missing)
            for rows in runner.grade_many(items, executor, processes=options.jobs):
                record.add([work.complete(row) for row in rows])
                bar.update()
    except KeyboardInterrupt:
        print(
            "\nnnlib: what was graded is kept. The same command goes on from there.",
            file=sys.stderr,
        )
        raise
    return len(missing)


@contextmanager
def _executor(options, items: int):
    """A cluster's workers, or None: this machine's processes."""
    if options.scheduler is not None and items:
        with cluster.client(options.scheduler) as client:
            yield client.get_executor()
    else:
        yield None


def _quiet() -> bool:
    return not sys.stderr.isatty()
