"""The start page, my-lessons/index.ipynb: what is done, what is left, what is next.

It is a notebook, so that it opens wherever the lessons do. Its one code cell brings it up to date;
what that cell last showed is stored in it, so that it can be read before any kernel runs. All its
styles are inline and theme-neutral, and its links relative: JupyterLab drops style sheets and
scripts from a page that it did not run itself.
"""

from pathlib import Path

import jinja2
import nbformat

from nnlib.course import copies, progress, updates
from nnlib.course.progress import Progress
from nnlib.errors import CourseError
from nnlib.files import notebook_text, read_text, write_text

NAME = "index.ipynb"
WORDS = """# Neural networks, hands on

Your progress. To bring this page up to date, click into the next cell and press Shift+Enter."""
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
CODE = "from nnlib.course import start_page\n\nstart_page.show()"

GREEN, ORANGE, GRAY = "#009e73", "#d55e00", "#8a8a8a"  # apart for the color-blind, too
SYMBOLS = {
    "correct": {"sign": "✓", "color": GREEN},
    "wrong": {"sign": "✗", "color": ORANGE},
    "error": {"sign": "✗", "color": ORANGE},
    "unchecked": {"sign": "…", "color": GRAY},
    "todo": {"sign": "○", "color": GRAY},
}
LEGEND = {"correct": "correct", "wrong": "tried", "todo": "to do", "unchecked": "not looked at yet"}


def write(folder: Path, now: Progress) -> None:
    """Write the page into the learner's folder, beside whatever they have added to it.

    Raises `CourseError` if what is there is no notebook; it is then left as it is.
    """
    output = nbformat.v4.new_output("display_data", data=_shown(now))
    words = nbformat.v4.new_markdown_cell(WORDS, id="words")
    code = nbformat.v4.new_code_cell(CODE, id="progress", outputs=[output])
    page = nbformat.v4.new_notebook(cells=[words, code])
    page.metadata["kernelspec"] = KERNEL
    updates.label(page)
    path = folder / NAME
    if path.exists():
        page = updates.update(page, copies.read(path))
    text = notebook_text(page)
    if not path.exists() or text != read_text(path):
        write_text(text, path)


def show() -> None:
    """Show the page in a notebook: at once what is remembered, then with every answer checked.

    The lessons are those beside the notebook.
    """
    from IPython.display import display

    folder = Path.cwd()
    try:
        handle = display(_shown(progress.read(folder)), raw=True, display_id=True)
        handle.update(_shown(progress.check(folder)), raw=True)
    except CourseError as error:
        print(error)


def _shown(now: Progress) -> dict[str, str]:
    """The page as HTML, and as plain text for where there is no HTML."""
    return {"text/html": page(now), "text/plain": f"{summary(now)} {next_step(now)}"}


def summary(now: Progress) -> str:
    """Such as "12 of 72 exercises are correct; about 13.5 hours are left."."""
    done = f"{now.correct} of {len(now.all)} exercises are correct"
    unchecked = sum(exercise.status == "unchecked" for exercise in now.all)
    if unchecked:
        return f"{done}; {unchecked} more must still be looked at."
    return f"{done}; about {duration(now.minutes_left)} are left." if now.next else f"{done}."


def next_step(now: Progress) -> str:
    """Such as "Next: 03 Activations, softmax."."""
    if not now.next:
        return "There is nothing left to do."
    lesson, exercise = now.next
    return f"Next: {lesson.number} {lesson.opening.title}, {exercise.name}."


def duration(minutes: int) -> str:
    """Such as "45 minutes", "2.5 hours"."""
    return f"{minutes} minutes" if minutes < 90 else f"{round(minutes / 30) / 2:g} hours"


def page(now: Progress) -> str:
    """The page, as HTML. Whatever comes from a notebook is escaped in it."""
    return _TEMPLATES.get_template("start_page.html").render(
        now=now,
        summary=summary(now),
        symbols=SYMBOLS,
        legend=LEGEND,
        green=GREEN,
        orange=ORANGE,
    )


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("nnlib.course"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
