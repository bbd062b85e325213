"""The start page, my-lessons/index.ipynb: what is done, what is left, what is next.

It is a notebook, so that it opens wherever the lessons do. Its one code cell brings it up to date;
what that cell last showed is stored in it, so that it can be read before any kernel runs. All its
styles are inline and theme-neutral, and its links relative: JupyterLab drops style sheets and
scripts from a page that it did not run itself.
"""

from html import escape
from pathlib import Path

import nbformat

from nnlib import lessons
from nnlib.course import progress, updates
from nnlib.course.progress import Exercise, Lesson, Progress
from nnlib.errors import CourseError
from nnlib.files import notebook_text, read_notebook, read_text, write_text

NAME = "index.ipynb"
WORDS = """# Neural networks, hands on

Your progress. To bring this page up to date, click into the next cell and press Shift+Enter."""
CODE = "from nnlib.course import start_page\n\nstart_page.show()"

GREEN, ORANGE, GRAY = "#009e73", "#d55e00", "#8a8a8a"  # apart for the color-blind, too
SYMBOLS = {
    "correct": ("✓", GREEN), "wrong": ("✗", ORANGE), "error": ("✗", ORANGE),
    "unchecked": ("…", GRAY), "todo": ("○", GRAY),
}  # fmt: skip


def write(folder: Path, now: Progress) -> None:
    """Write the page into the learner's folder, beside whatever they have added to it.

    Raises `CourseError` if what is there is no notebook; it is then left as it is.
    """
    output = nbformat.v4.new_output("display_data", data=_shown(now))
    words = nbformat.v4.new_markdown_cell(WORDS, id="words")
    code = nbformat.v4.new_code_cell(CODE, id="progress", outputs=[output])
    page = nbformat.v4.new_notebook(cells=[words, code])
    page.metadata["kernelspec"] = lessons.read(lessons.FIRST).metadata["kernelspec"]
    updates.label(page)
    path = folder / NAME
    if path.exists():
        page = updates.update(page, read_notebook(path))
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
    """Such as "12 of 71 exercises are correct; about 13.5 hours are left."."""
    done = f"{now.correct} of {len(now.all)} exercises are correct"
    unchecked = sum(exercise.status == "unchecked" for exercise in now.all)
    if unchecked:
        return f"{done}; {unchecked} more of your answers must still be run."
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
    """The page, as HTML."""
    rows = "\n".join(_row(lesson, lesson.name == now.current) for lesson in now.lessons)
    return f"""<div style="max-width: 900px; margin: 4px 0">
<div style="font-size: 110%; margin-bottom: 6px">{escape(summary(now))}</div>
{_bar(now.correct, len(now.all), "10px")}
<div style="font-size: 125%; margin: 14px 0 18px 0">{_next_link(now)}</div>
<table style="width: 100%; margin: 0; font-size: 100%">
<tbody>
{rows}
</tbody>
</table>
<div style="opacity: 0.75; margin-top: 10px">{_legend()}</div>
</div>"""


def _next_link(now: Progress) -> str:
    if not now.next:
        return "There is nothing left to do. Well done."
    lesson, exercise = now.next
    where = f"{lesson.number} {escape(lesson.opening.title)}, <code>{exercise.name}</code>"
    return f'Next: <a href="{_address(lesson, exercise)}"><b>{where}</b></a>'


def _row(lesson: Lesson, is_current: bool) -> str:
    done = len(lesson.exercises) - len(lesson.open)
    left = f"{lesson.minutes_left} min left" if lesson.open else "done"
    cell = 'style="text-align: left; vertical-align: top; padding: 8px 12px 8px 6px; width: {}"'
    weight = "bold" if is_current else "normal"
    exercises = " ".join(_chip(lesson, exercise) for exercise in lesson.exercises)
    if lesson.problem:
        exercises = f'<span style="color: {ORANGE}">{escape(lesson.problem)}</span>'
    return f"""<tr>
<td {cell.format("34%")}><a href="{lesson.name}.ipynb" style="font-weight: {weight}">\
{lesson.number} {escape(lesson.opening.title)}</a><br><i style="opacity: 0.75">\
{escape(lesson.opening.question)}</i></td>
<td {cell.format("18%")}>{_bar(done, len(lesson.exercises), "6px")}\
<div style="opacity: 0.75; margin-top: 4px">{done} of {len(lesson.exercises)}, {left}</div></td>
<td {cell.format("48%")}>{exercises}</td>
</tr>"""


def _bar(done: int, all_: int, height: str) -> str:
    share = round(100 * done / all_) if all_ else 0
    shape = f"height: {height}; border-radius: 5px"
    return (
        f'<div style="background-color: rgba(128, 128, 128, 0.25); margin-top: 5px; {shape}">'
        f'<div style="background-color: {GREEN}; width: {share}%; {shape}"></div></div>'
    )


def _chip(lesson: Lesson, exercise: Exercise) -> str:
    """An exercise: its symbol, and its name as a link; what is wrong with it on pointing at it."""
    symbol, color = SYMBOLS[exercise.status]
    advice = escape(exercise.message.partition("\n")[0])
    title = f' title="{advice}"' if advice else ""
    return (
        f'<span style="white-space: nowrap; margin-right: 10px"{title}>'
        f'<b style="color: {color}">{symbol}</b>'
        f' <a href="{_address(lesson, exercise)}">{exercise.name}</a></span>'
    )


def _address(lesson: Lesson, exercise: Exercise) -> str:
    """JupyterLab goes to the very cell; elsewhere the lesson opens at its top."""
    place = f"#cell-id={exercise.cell}" if exercise.cell else ""
    return f"{lesson.name}.ipynb{place}"


def _legend() -> str:
    words = {"correct": "correct", "wrong": "tried", "todo": "to do", "unchecked": "not run yet"}
    return " &nbsp; ".join(
        f'<b style="color: {SYMBOLS[status][1]}">{SYMBOLS[status][0]}</b> {word}'
        for status, word in words.items()
    )
