"""Thirty made-up submissions of mixed quality for lesson 01, for tests and for trying `nnlib grade`.

    python tests/class_of_30.py FOLDER

Students know more or less, and make the known mistakes, some more often than others; a few of them
hand in files that are odd or broken. The same seed gives the same class.
"""

import ast
import functools
import inspect
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from made import program

from nnlib import lessons
from nnlib.exercises import catalog
from nnlib.exercises.known import perceptron
from nnlib.trial import answers

LESSON = "01_perceptron"
NAMES = (
    "Zoë O'Neil", "José García", "李 小龙", "Ada Lovelace", "Søren Ångström", "Amara Okafor",
    "=1+1", "lesson (1)", "Grace Hopper", "Nguyễn Thị Minh", "Ludwig van B.", "Maria-Luisa Costa",
    "Ben", "ben 2", "Chloe Dubois", "Dmitri Ivanov", "Elif Yılmaz", "Farid Haddad",
    "Giulia Rossi", "Hanna Kowalska", "Ingrid Berg", "Jamal Carter", "Kenji Sato", "Lina Haas",
    "Mateo Silva", "Noor Ahmed", "Olga Petrova", "Priya Nair", "Quentin Moreau", "Rosa Weber",
)  # fmt: skip
BROKEN = {
    "Ben": b"",
    "ben 2": b"Sorry, I could not open the file :(",
    "Chloe Dubois": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
}
"""Files that no exercise can be read from."""


@dataclass(frozen=True)
class Made:
    """One submission: whose, its file's name and content, and what grading it should say.

    expected: exercise -> (status, message); a message of None is not known beforehand.
    """

    student: str
    file: str
    content: bytes
    expected: dict[str, tuple[str, str | None]]


def submissions(seed: int = 0) -> list[Made]:
    """The class, in the order of `NAMES`."""
    rng = random.Random(seed)
    return [_make(name, rng) for name in NAMES]


def write(folder: Path, seed: int = 0) -> list[Made]:
    """Write the class into a folder, one file for each student, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = submissions(seed)
    for one in made:
        (folder / one.file).write_bytes(one.content)
    return made


def _make(student: str, rng: random.Random) -> Made:
    exercises = [one for one in catalog.LESSONS[LESSON] if one.points]  # predictions earn nothing
    if student in BROKEN:
        expected = {exercise.name: ("error", None) for exercise in exercises}
        return Made(student, f"{student}.ipynb", BROKEN[student], expected)
    skill = rng.choice((0.95, 0.8, 0.6, 0.3))
    solutions = lessons.solutions(LESSON)
    filled, expected = {}, {}
    for exercise in exercises:
        if rng.random() < skill:
            filled[exercise.name] = solutions[exercise.name]
            expected[exercise.name] = "correct", ""
        elif rng.random() < 0.2:
            expected[exercise.name] = "todo", ""
        elif rng.random() < 0.15 and callable(exercise.reference):
            filled[exercise.name] = f"def {exercise.name}(*arguments):\n    return sigma"
            expected[exercise.name] = "error", None
        else:
            mistakes = list(exercise.mistakes)
            popular = [2.0**-place for place in range(len(mistakes))]
            (message,) = rng.choices(mistakes, popular)
            filled[exercise.name] = as_code(exercise.name, message)
            expected[exercise.name] = "wrong", message
    return Made(student, *_as_file(student, filled), expected)


@functools.cache
def as_code(name: str, message: str) -> str:
    """The wrong answer behind a known mistake of lesson 01, with its helpers, as a student's code.

    As in the lesson, torch is imported elsewhere.
    """
    module = inspect.getsource(perceptron)
    for call in ast.walk(ast.parse(module)):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Exercise":
            parts = {keyword.arg: keyword.value for keyword in call.keywords}
            if call.args[0].attr == name:
                for key, wrong in zip(
                    parts["mistakes"].keys, parts["mistakes"].values, strict=True
                ):
                    if eval(compile(ast.Expression(key), "", "eval"), vars(perceptron)) == message:
                        cell = f"{module}\n\n{name} = {ast.unparse(wrong)}\n"
                        code = program([cell], name)
                        return code.replace("import torch\n", "").strip("\n")
    raise LookupError(f"{name} has no mistake {message!r}")


def _as_file(student: str, filled: dict[str, str]) -> tuple[str, bytes]:
    """The file's name and content: mostly the notebook as it was handed out, filled in."""
    notebook = answers.insert(lessons.read(LESSON), filled)
    script = "# Mit freundlichen Grüßen\nimport torch\n\n\n" + "\n\n\n".join(filled.values()) + "\n"
    if student == "Søren Ångström":
        return f"{student}.py", script.encode("latin-1")
    if student == "Maria-Luisa Costa":
        return f"{student}.py", script.replace("\n", "\r\n").encode()
    if student == "Ludwig van B.":
        return f"{student}.ipynb", b"\xef\xbb\xbf" + nbformat.writes(notebook).encode()
    if student == "Dmitri Ivanov":
        notebook.metadata["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    if student == "Elif Yılmaz":
        cells = [{"cell_type": "code", "input": c.source, "language": "python", "outputs": []}
                 for c in notebook.cells if c.cell_type == "code"]  # fmt: skip
        old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
        return f"{student}.ipynb", json.dumps(old).encode()
    return f"{student}.ipynb", nbformat.writes(notebook).encode()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
