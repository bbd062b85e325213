"""The command line: what it prints, and one sentence and exit code 2 for bad input."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from nnlib import commands as cli
from nnlib import lessons
from nnlib.files import read_notebook, write_notebook


def test_check_says_to_do_for_every_exercise_of_the_shipped_lesson(nnlib):
    code, out, _ = nnlib("check", lessons.LESSONS / "01_perceptron.ipynb", "--json")
    assert code == 0
    assert {verdict["status"] for verdict in json.loads(out)} == {"todo"}


def test_solve_then_check_says_correct(nnlib, tmp_path):
    path = tmp_path / "renamed.ipynb"
    assert nnlib("solve", "perceptron", "--to", path)[0] == 0
    code, out, _ = nnlib("check", path)
    assert code == 0 and out.count("correct") == 6 and "10 of 10" in out
    assert out.count("as you said") == 4, "its predictions"
    before = path.read_bytes()
    code, _, err = nnlib("solve", "01", "--to", path)
    assert code == 2 and "exists already" in err and path.read_bytes() == before


def test_a_prediction_may_be_wrong(nnlib, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("xor_errors = 1\npredict_line = 'a'\n")
    code, out, _ = nnlib("check", path, "xor_errors", "predict_line")
    assert code == 0 and "correct" in out and "not so" in out


def test_check_reads_python_files_and_shows_what_is_wrong(nnlib, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import torch\n"
        "def perceptron(x, w, b):\n    return (x @ w + b >= 0).to(x.dtype)\n"
        "def gate(name):\n    return 1 / 0\n"
        "xor_errors = 2\n"
        "xor_errors = 1\n"
        "def fit_perceptron(X, y:\n    pass\n"
    )
    code, out, _ = nnlib("check", path, "--json")
    verdicts = {verdict["name"]: verdict for verdict in json.loads(out)}
    assert code == 1
    assert verdicts["average_weights"]["status"] == "todo"
    # One syntax error makes the whole file unreadable for Python; the names in it are still found.
    assert verdicts["fit_perceptron"]["status"] == "error"
    assert "SyntaxError" in verdicts["fit_perceptron"]["message"]

    path.write_text(path.read_text().partition("def fit_perceptron")[0])
    verdicts = {v["name"]: v for v in json.loads(nnlib("check", path, "--json")[1])}
    assert "use >, not >=" in verdicts["perceptron"]["message"]
    assert verdicts["gate"]["status"] == "error" and "return 1 / 0" in verdicts["gate"]["message"]
    assert verdicts["xor_errors"]["status"] == "correct"  # the last definition counts
    assert "[bold]" not in nnlib("check", path, "gate")[1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("no json", "not valid JSON"),
        ('{"nbformat": 3, "worksheets": []}', "no list of cells"),
        ('{"nbformat": 4, "cells": []}', "no code cells"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])),
         "none of the course's exercises"),
    ],
)  # fmt: skip
def test_a_bad_notebook_gets_a_sentence_and_exit_code_2(nnlib, tmp_path, content, words):
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    code, out, err = nnlib("check", path)
    assert code == 2 and words in err and err.count("\n") == 1 and "Traceback" not in err
    assert path.read_bytes() == before and out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nowhere.ipynb"), "There is no file"),
        (("check", lessons.LESSONS / "01_perceptron.ipynb", "gat"), "Did you mean gate"),
        (("solve", "perceptrom"), "Did you mean perceptron"),
        (("run", "99"), "There is no lesson"),
        (("data", "minst"), "Did you mean mnist"),
        (("solve", "01", "--to", "no/such/folder/a.ipynb"), "cannot be written"),
    ],
)
def test_other_bad_input_gets_a_sentence_and_exit_code_2(nnlib, arguments, words):
    code, _, err = nnlib(*arguments)
    assert code == 2 and words in err and err.startswith("nnlib: ") and "Traceback" not in err


def test_a_mistyped_command_exits_with_2_too():
    result = subprocess.run([sys.executable, "-m", "nnlib", "chek"], capture_output=True, text=True)
    assert result.returncode == 2 and "invalid choice" in result.stderr


def test_help_names_every_command_and_loads_none_of_them():
    command = [sys.executable, "-X", "importtime", "-m", "nnlib", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not {"torch", "nbformat", "IPython", "rich", "jinja2", "tqdm"} & loaded
    assert not {name for name in loaded if name.startswith("nnlib.commands.")}
    for name, words in cli.COMMANDS.items():
        assert f"    {name} " in done.stdout and words[:20] in done.stdout


def test_output_into_a_file_in_another_code_page_is_printed(tmp_path):
    command = [sys.executable, "-m", "nnlib", "solve", "Straße ✓"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.startswith(b"nnlib: There is no lesson 'Stra?e ?'.")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_says_what_it_takes(nnlib, capsys, name):
    with pytest.raises(SystemExit) as ended:
        nnlib(name, "--help")
    assert ended.value.code == 0 and f"usage: nnlib {name}" in capsys.readouterr().out


def test_run_tells_times_and_verdicts(nnlib):
    code, out, _ = nnlib("run", "01", "--json")
    run = json.loads(out)["01_perceptron"]
    assert code == 0 and run["seconds"] > 0 and set(run["verdicts"].values()) == {"to do"}


def test_run_says_which_lesson_failed_and_saves_nothing(nnlib, tmp_path, monkeypatch):
    broken = read_notebook(lessons.LESSONS / "01_perceptron.ipynb")
    broken.cells = [nbformat.v4.new_code_cell("1 / 0")]
    write_notebook(broken, tmp_path / "01_perceptron.ipynb")
    before = (tmp_path / "01_perceptron.ipynb").read_bytes()
    monkeypatch.setattr(lessons, "LESSONS", tmp_path)
    code, out, _ = nnlib("run", "--save")
    assert code == 1 and "ZeroDivisionError" in out
    assert (tmp_path / "01_perceptron.ipynb").read_bytes() == before


def test_data_lists_what_is_here(nnlib):
    code, out, _ = nnlib("data", "--json")
    rows = {row["file"]: row for row in json.loads(out)}
    assert code == 0 and rows["houses.csv"]["state"] == "ok" and rows["houses.csv"]["bytes"] > 1000
