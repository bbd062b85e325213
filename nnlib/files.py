"""Read and write notebooks, with errors that a person can act on."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from nnlib.errors import CourseError

if TYPE_CHECKING:
    import nbformat

# nbformat takes more than a second to load, so what needs it imports it: `nnlib --help` does not.


def read_bytes(path: Path) -> bytes:
    """What is in the file. Raises `CourseError` if it is not there or cannot be read."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise CourseError(f"There is no file {path}. Check the name and the folder.") from None
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read: {error.strerror}. Check its permissions, and in a folder that"
            " is synchronized whether it has been downloaded; or move it away, for a fresh copy."
        ) from None


def read_text(path: Path) -> str:
    """The file's text, which must be UTF-8 (a byte order mark is dropped).

    Raises `CourseError` if the file is not there, cannot be read, or is not UTF-8.
    """
    try:
        return read_bytes(path).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{path} is not UTF-8 text (byte {error.start}). Open it in JupyterLab or an editor"
            " and save it as UTF-8."
        ) from None


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook in a file, of nbformat 4, with at least one cell; else `CourseError`."""
    import nbformat
    import nbformat.warnings

    text = read_text(path)
    if not text.strip():
        raise CourseError(f"{path} is empty. Take a fresh copy of the lesson.")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise CourseError(
            f"{path} is not a notebook: it is not valid JSON (line {error.lineno}). Open it in"
            " JupyterLab and save it again, or take a fresh copy."
        ) from None
    if not isinstance(content, dict) or "nbformat" not in content:
        raise CourseError(f"{path} is not a notebook: its JSON has no nbformat.")
    if content["nbformat"] != 4:
        raise CourseError(
            f"{path} is written in notebook format {content['nbformat']}; the course reads"
            " format 4. Open it in JupyterLab and save it, which brings it up to date."
        )
    if not content.get("cells"):
        raise CourseError(f"{path} has no cells. Take a fresh copy of the lesson.")
    try:
        with warnings.catch_warnings():  # cells without an id get one here
            warnings.simplefilter("ignore", nbformat.warnings.MissingIDFieldWarning)
            _, content = nbformat.validator.normalize(content)
        notebook = nbformat.reads(json.dumps(content), as_version=4)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, AttributeError, TypeError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise CourseError(f"{path} is not a valid notebook: {reason}.") from None
    return notebook


def code_cells(path: Path) -> list[str]:
    """The code of a notebook, cell by cell, or of a .py file, as one piece."""
    if Path(path).suffix == ".py":
        return [read_text(path)]
    notebook = read_notebook(path)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook beside its place and move it there, so that no half file is ever seen."""
    write_text(notebook_text(notebook), path)


def notebook_text(notebook: nbformat.NotebookNode) -> str:
    """What `write_notebook` writes into the file."""
    import nbformat

    return nbformat.writes(notebook) + "\n"


def write_text(text: str, path: Path) -> None:
    """Write text beside its place and move it there. Raises `CourseError` if that fails.

    A new file may be read by whom the umask says, as any other; an old one keeps its permissions.
    """
    path = Path(path)
    beside = path.with_name(f".writing-{secrets.token_hex(8)}")
    try:
        with open(beside, "x", encoding="utf-8", newline="\n") as file:
            if path.exists():
                shutil.copymode(path, beside)
            file.write(text)
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise CourseError(
            f"{path} cannot be written: {error.strerror}. Free some space or choose another folder."
        ) from None
