"""Write lessons, or one notebook of exercises chosen from them, for students."""

import secrets
from pathlib import Path

from nnlib.grading import handout, nbgrader


def add_arguments(parser) -> None:
    parser.add_argument("lessons", nargs="+", metavar="LESSON", help="such as 03")
    parser.add_argument("--exercises", metavar="A,B,C", help="one notebook of these, in this order")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="new, or empty")
    parser.add_argument("--due", metavar="DATE", help='such as "2026-12-01 23:59"')
    parser.add_argument("--title", metavar="TEXT", help="by default the lesson's, or Assignment")
    parser.add_argument("--nbgrader", action="store_true", help="write a course for nbgrader")


def run(options) -> int:
    handout.check_free(options.to)
    chosen = None
    if options.exercises is not None:
        chosen = [name.strip() for name in options.exercises.split(",") if name.strip()]
    work = handout.hand_out(options.lessons, chosen, options.title, options.due)
    files = work.files()
    if options.nbgrader:
        # Never 0, the seed of `check`, and drawn anew, because everybody can read this code.
        files = nbgrader.course(work, seed=1 + secrets.randbelow(2**31 - 1))
    handout.write(files, options.to)
    print(f"Wrote {', '.join(files)} to {options.to}: {handout.in_points(work.points)}.")
    print(f"Grade what comes back with: {work.grading_command}")
    return 0
