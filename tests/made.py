"""Small things that several tests make."""

import nbformat

from nnlib.grading.records import Row
from nnlib.trial import answers
from nnlib.trial.reading import Cell, Notebook


def notebook(*cells: str) -> bytes:
    """A notebook file with these code cells."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def row(student="Zoë O'Neil", exercise="gate", status="correct", **other) -> Row:
    """A row of a grading's record."""
    usual = {
        "points": 2 if status == "correct" else 0,
        "max": 2,
        "message": "",
        "remark": "",
        "seed": 7,
        "hash": "abc",
        "seconds": 0.5,
        "isolation": "landlock",
        "id": "",
        "file": "l.ipynb",
        "late": False,
        "note": "",
        "problem": "",
        "lesson": "01_perceptron",
    }
    return Row(**usual | {"student": student, "exercise": exercise, "status": status} | other)


def program(cells: list[str], name: str, kind: str = "value") -> str:
    """The least of these cells' code that a name needs."""
    sheet = Notebook("cells", tuple(Cell("code", cell) for cell in cells))
    return answers.find([sheet], {name: kind}, {name: "a lesson"})[name].program
