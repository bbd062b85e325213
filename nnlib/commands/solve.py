"""Write a lesson with the solutions in its holes."""

from pathlib import Path

from nnlib import lessons
from nnlib.errors import CourseError
from nnlib.files import write_notebook


def add_arguments(parser) -> None:
    parser.add_argument("lesson", metavar="LESSON", help="such as 01")
    parser.add_argument("--to", type=Path, metavar="FILE", help="NAME_solved.ipynb by default")


def run(options) -> int:
    lesson = lessons.find(options.lesson)
    path = options.to or Path(f"{lesson}_solved.ipynb")
    if path.exists():
        raise CourseError(f"{path} exists already. Move it away, or name another file with --to.")
    write_notebook(lessons.solve(lesson), path)
    print(f"Wrote {path}.")
    return 0
