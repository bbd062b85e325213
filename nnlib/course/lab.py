"""The learner's desk: their lessons brought up to date, and JupyterLab on the one to go on with."""

import os
import subprocess
import sys
from pathlib import Path

import filelock

from nnlib import lessons
from nnlib.course import copies, execution, progress, start_page
from nnlib.errors import CourseError

CONFIGURATION = Path(__file__).parent / "jupyter"
"""Defaults of ours, which the learner's own settings override: widgets are saved with a notebook,
and JupyterLab looks for no news on the network."""


def open_lab(browser: bool) -> int:
    """Bring the learner's folder up to date and run JupyterLab in it; returns its exit code.

    browser: open one; otherwise JupyterLab prints its address.
    """
    folder = copies.MINE
    bring_up_to_date(folder)
    now = progress.read(folder)
    try:
        start_page.write(folder, now)
    except CourseError as error:
        print(f"nnlib: {error} It was left as it is.", file=sys.stderr)
    lesson, why = where_to_open(now, folder)
    print(f"Opening {why} Your progress is in {start_page.NAME}.")
    if any(exercise.status == "unchecked" for exercise in now.all):
        check_in_the_background()
    return run(_command(folder, lesson, browser))


def bring_up_to_date(folder: Path) -> None:
    """Hand out every lesson, and say on the terminal what was updated or could not be."""
    try:
        folder.mkdir(exist_ok=True)
        lock = filelock.FileLock(folder / ".handing-out.lock", timeout=60)
        with lock:  # two windows may be opened at once
            for lesson in lessons.names():
                _bring_up_to_date(lesson, folder)
    except filelock.Timeout:
        raise CourseError(
            f"Another nnlib lab has been writing to {folder} for a minute. Stop it, and try again."
        ) from None
    except OSError as error:
        raise CourseError(f"{folder} cannot be written: {error.strerror}.") from None


def _bring_up_to_date(lesson: str, folder: Path) -> None:
    """Hand out one lesson; whatever is wrong with it must not keep the others shut."""
    try:
        done = copies.hand_out(lesson, folder)
    except CourseError as error:
        print(f"nnlib: {error} Your copy was left as it is.", file=sys.stderr)
    except Exception as error:  # a copy may hold anything, from anybody
        path, what = folder / f"{lesson}.ipynb", type(error).__name__
        print(
            f"nnlib: {path} could not be brought up to date ({what}), and was left as it is. Move"
            " it away for a fresh copy.",
            file=sys.stderr,
        )
    else:
        if done == "updated":
            print(f"{lesson} was brought up to date; what you wrote in it is kept.")


def where_to_open(now: progress.Progress, folder: Path) -> tuple[str, str]:
    """The lesson to open, and which it is, for the terminal.

    It is the lesson that the learner saved last or, if that one is complete, the next that is not.
    """
    names = [lesson.name for lesson in now.lessons]
    start = names.index(now.current)
    current = now.lessons[start]
    for lesson in (current, *now.lessons[start + 1 :], *now.lessons[:start]):
        if not _is_complete(lesson, folder):
            break
    else:
        return current.name, f"{_title(current)}: every exercise of the course is correct."
    if lesson is not current:
        return lesson.name, f"{_title(lesson)}: {_title(current)}, is complete."
    if current.name == lessons.FIRST and copies.last_saved(folder) is None:
        return lesson.name, f"{_title(lesson)}. If PyTorch is new to you, start with lesson 00."
    return lesson.name, f"{_title(lesson)}, which you saved last."


def _title(lesson: progress.Lesson) -> str:
    return f"lesson {lesson.number}, {lesson.opening.title}"


def _is_complete(lesson: progress.Lesson, folder: Path) -> bool:
    """Whether every exercise is correct: as remembered or, to save time, as its check printed."""
    if not any(exercise.status == "unchecked" for exercise in lesson.exercises):
        return not lesson.open
    try:
        printed = execution.verdicts(copies.read(folder / f"{lesson.name}.ipynb"))
    except CourseError:  # it will be told when its answers have been run
        return False
    status = {
        e.name: printed.get(e.name) if e.status == "unchecked" else e.status for e in lesson.open
    }
    return all(value == "correct" for value in status.values())


def check_in_the_background() -> None:
    """Run the answers while JupyterLab starts; the start page is then written again."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.Popen([sys.executable, "-m", "nnlib", "progress"], **quiet)


def _command(folder: Path, lesson: str, browser: bool) -> list[str]:
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{lesson}.ipynb",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container, say
        command.append("--allow-root")
    return command


def run(command: list[str]) -> int:
    """Run JupyterLab, with our defaults beside the learner's, to its end; returns its exit code."""
    paths = [str(CONFIGURATION), os.environ.get("JUPYTER_CONFIG_PATH")]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # is JupyterLab's, which asks before it stops
            continue
