"""`nnlib lab`: the learner's folder brought up to date, and JupyterLab where they left off."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import filelock
import nbformat
import pytest

from nnlib import commands as cli
from nnlib import lessons
from nnlib.course import copies, lab, progress, start_page
from nnlib.files import read_notebook, write_notebook
from nnlib.trial import answers


@pytest.fixture
def started(tmp_path, monkeypatch) -> list[list[str]]:
    """The commands that would be started, with the learner's folder in a temporary place."""
    commands = []
    monkeypatch.setattr(copies, "MINE", tmp_path / "my-lessons")
    monkeypatch.setattr(lab, "run", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(lab, "check_in_the_background", lambda: commands.append(["check"]))
    return commands


def nnlib_lab(capsys):
    """The exit code and what was printed, to stdout and to stderr."""
    code = cli.main(["lab", "--no-browser"])
    return code, *capsys.readouterr()


def solve(lesson: str, printed: str | None = None) -> None:
    """Fill the learner's copy with right answers, and let its checks have printed something."""
    path = copies.MINE / f"{lesson}.ipynb"
    mine = answers.insert(read_notebook(path), lessons.solutions(lesson))
    for cell in mine.cells:
        for name in answers.holes(lessons.read(lesson).cells):
            if printed and f'check("{name}"' in cell.source:
                cell.outputs = [nbformat.v4.new_output("stream", text=f"{name}: {printed}\n")]
    write_notebook(mine, path)


def test_at_first_it_hands_out_everything_and_opens_lesson_01(capsys, started):
    code, out, err = nnlib_lab(capsys)
    files = sorted(path.stem for path in copies.MINE.glob("*.ipynb"))
    assert code == 0 and err == "" and files == [*lessons.names(), "index"]
    (command,) = started  # nothing to check in the background
    assert "--no-browser" in command and "01_perceptron.ipynb" in " ".join(command)
    assert out.count("\n") == 1 and "lesson 01, The perceptron" in out and "lesson 00" in out
    before = {path: path.read_bytes() for path in copies.MINE.iterdir()}
    assert nnlib_lab(capsys)[0] == 0
    assert {path: path.read_bytes() for path in copies.MINE.iterdir()} == before


def test_it_opens_the_lesson_saved_last(capsys, started):
    nnlib_lab(capsys)
    for seconds, name in enumerate(["05_gradient_descent", "03_activations"]):
        path = copies.MINE / f"{name}.ipynb"
        mine = read_notebook(path)
        mine.cells[2].source += "\nMy note."
        write_notebook(mine, path)
        os.utime(path, (2e9 + seconds,) * 2)
    out = nnlib_lab(capsys)[1]
    assert "lesson 03, Activations, which you saved last" in out
    assert "03_activations.ipynb" in " ".join(started[-1])


def test_after_a_complete_lesson_it_opens_the_next_that_is_not(capsys, started, monkeypatch):
    nnlib_lab(capsys)
    solve("04_losses", printed="correct")
    solve("03_activations", printed="correct")
    out = nnlib_lab(capsys)[1]  # by what the checks printed; the answers themselves are run later
    assert "lesson 05, Gradient descent: lesson 03, Activations, is complete" in out
    assert started[-2] == ["check"] and "05_gradient_descent" in " ".join(started[-1])
    solve("03_activations", printed="wrong")
    assert "lesson 03, Activations, which you saved last" in nnlib_lab(capsys)[1]
    solve("03_activations", printed="to do")
    progress.check(copies.MINE)  # they have been run since, whatever was printed
    assert "lesson 05" in nnlib_lab(capsys)[1] and started[-2] != ["check"]


def test_after_the_last_exercise_it_says_so(capsys, started):
    nnlib_lab(capsys)
    now = progress.read(copies.MINE)
    done = tuple(
        progress.Lesson(one.name, one.opening, (progress.Exercise("f", "correct"),))
        for one in now.lessons
    )
    where, why = lab.where_to_open(progress.Progress(done, "02_layers"), copies.MINE)
    assert where == "02_layers" and "every exercise of the course is correct" in why
    first_open = progress.Lesson("00", now.lessons[0].opening, (progress.Exercise("f", "todo"),))
    around = progress.Progress((first_open, *done[1:]), "11_transfer_learning")
    assert lab.where_to_open(around, copies.MINE)[0] == "00"


@pytest.mark.parametrize("content", ["my notes", "", "{}", '{"nbformat": 4, "cells": []}'])
def test_a_broken_copy_is_left_alone_and_the_others_open_all_the_same(capsys, started, content):
    copies.MINE.mkdir()
    broken = [copies.MINE / "01_perceptron.ipynb", copies.MINE / start_page.NAME]
    for path in broken:
        path.write_text(content)
    code, _, err = nnlib_lab(capsys)
    assert code == 0 and err.count("left as it is") == 2 and err.count("\n") == 2
    assert len(list(copies.MINE.glob("*.ipynb"))) == len(lessons.names()) + 1
    assert [path.read_text() for path in broken] == [content, content] and started


DEEP = {
    "many magics": "!ls\n" * 600,
    "many signs": "x = " + "-" * 100_000 + "1",
    "many attributes": "x = a" + ".b" * 100_000,
}


@pytest.mark.parametrize("code", DEEP.values(), ids=DEEP)
def test_no_code_in_a_copy_keeps_the_others_shut(capsys, started, code):
    nnlib_lab(capsys)
    path = copies.MINE / "02_layers.ipynb"
    mine = read_notebook(path)
    mine.metadata["nnlib"] = {}  # as if it were of another release
    mine.cells.append(nbformat.v4.new_code_cell(code))
    write_notebook(mine, path)
    started.clear()
    assert nnlib_lab(capsys)[0] == 0
    assert code in [cell.source for cell in read_notebook(path).cells]
    assert "02_layers" in " ".join(started[-1])
    assert progress.check(copies.MINE).lessons[2].name == "02_layers"


@pytest.mark.skipif(os.name != "posix", reason="needs a link that leads nowhere")
def test_a_file_that_cannot_be_read_is_told_and_the_others_open(capsys, started):
    nnlib_lab(capsys)
    path = copies.MINE / "02_layers.ipynb"
    path.unlink()
    path.mkdir()  # as unreadable as a file in a cloud that is offline, for root as well
    code, _, err = nnlib_lab(capsys)
    assert code == 0 and started and "02_layers.ipynb cannot be read" in err
    assert "Check its permissions" in err
    (lesson,) = [one for one in progress.check(copies.MINE).lessons if one.problem]
    assert lesson.name == "02_layers"


def test_a_lesson_with_conflict_markers_names_git_and_the_others_open(
    capsys, started, tmp_path, monkeypatch
):
    shutil.copytree(lessons.LESSONS, tmp_path / "lessons")
    monkeypatch.setattr(lessons, "LESSONS", tmp_path / "lessons")
    for name in ("01_perceptron", "02_layers"):
        path = tmp_path / "lessons" / f"{name}.ipynb"
        path.write_text("<<<<<<< HEAD\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    code, _, err = nnlib_lab(capsys)
    assert code == 0 and err.count("git checkout HEAD -- lessons/0") == 2 and started
    assert len(list(copies.MINE.glob("[01]*.ipynb"))) == len(lessons.names()) - 2
    assert progress.check(copies.MINE).lessons[1].problem


def test_a_second_window_waits_while_the_first_hands_out(capsys, started):
    copies.MINE.mkdir()
    first = filelock.FileLock(copies.MINE / ".handing-out.lock", thread_local=False)
    first.acquire()
    threading.Timer(1, first.release).start()
    code, _, err = nnlib_lab(capsys)
    assert code == 0 and err == "" and (copies.MINE / "11_transfer_learning.ipynb").exists()


def test_two_windows_at_once_hand_out_whole_files(tmp_path):
    """Two processes in one new folder, as when someone types the command twice."""
    code = (
        "import sys; from pathlib import Path; from nnlib.course import lab, progress, start_page;"
        " folder = Path(sys.argv[1]); lab.bring_up_to_date(folder); "
        "start_page.write(folder, progress.read(folder))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "mine")]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        assert process.communicate()[1] == b"" and process.returncode == 0
    for name in lessons.names():
        read_notebook(tmp_path / "mine" / f"{name}.ipynb")
    files = sorted(path.name for path in (tmp_path / "mine").glob("*.ipynb"))
    assert files == [*(f"{name}.ipynb" for name in lessons.names()), "index.ipynb"]


def test_jupyterlab_gets_our_defaults_beside_the_learners(tmp_path, monkeypatch):
    """Asked of JupyterLab's own code, in the environment that it would be started in."""
    (tmp_path / "labconfig").mkdir()
    theirs = {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}
    file = tmp_path / "labconfig" / "default_setting_overrides.json"
    file.write_text(json.dumps(theirs))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    code = (
        "import json; from jupyterlab_server.settings_utils import _get_overrides;"
        "print(json.dumps(_get_overrides('nowhere')[0]))"
    )
    saved = tmp_path / "printed"
    command = [sys.executable, "-c", f"import sys; sys.stdout = open({str(saved)!r}, 'w'); {code}"]
    assert lab.run(command) == 0
    found = json.loads(saved.read_text())
    assert found.items() >= theirs.items()
    assert found["@jupyter-widgets/jupyterlab-manager:plugin"] == {"saveState": True}
    assert found["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_ctrl_c_is_for_jupyterlab_which_asks_first():
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    code = "import signal, sys, time; signal.signal(2, lambda *_: 0); time.sleep(1.5); sys.exit(3)"
    assert lab.run([sys.executable, "-c", code]) == 3
