"""Read a notebook or a .py file, as lenient as Jupyter itself: bytes in, plain data out.

What counts is the content, not the ending. Of a notebook only the cells' kinds, sources, ids and
counts are looked at, so whatever an editor adds or leaves out is no matter. Nothing here raises;
but code is read, which a stranger may have written to take long: run this where that harms nobody.
"""

import json
import re
from dataclasses import dataclass

from nnlib.trial import scripts

_CONFLICT = re.compile(r"^<{7}(?: .*)?$(?s:.*)^>{7}(?: .*)?$", re.M)
_GIT = "git has left conflict markers in it (<<<<<<<). Resolve the conflict, or take a fresh copy."


@dataclass(frozen=True)
class Cell:
    """A cell: its kind ("code", "markdown" or "raw"), its text, its id.

    count: when it was last run, as Jupyter counts; 0 if that is not known.
    """

    kind: str
    source: str
    id: str = ""
    count: int = 0


@dataclass(frozen=True)
class Notebook:
    """What is in a file; problem: why it can't be read, and what to do, or ""."""

    name: str
    cells: tuple[Cell, ...] = ()
    problem: str = ""

    @property
    def code(self) -> list[str]:
        """The sources of the code cells."""
        return [cell.source for cell in self.cells if cell.kind == "code"]


def read(name: str, content: bytes) -> Notebook:
    """The notebook, or the .py file, in these bytes. Never raises: see `Notebook.problem`.

    Notebooks may be of nbformat 1 to 4; .py files may be a notebook that Jupyter, jupytext, Colab,
    Kaggle or Databricks exported. Text may be in UTF-8, UTF-16 or Latin-1, with any line ends.
    """
    return Notebook(name, *_read(name, text_of(content)))


def _read(name: str, text: str) -> tuple[tuple[Cell, ...], str]:
    if text.lstrip()[:1] in ("{", "[") or name.lower().endswith(".ipynb") or not _has_text(text):
        content, problem = notebook_json(name, text)
        return _cells(content), problem
    if _CONFLICT.search(text):
        return (), f"{name} can't be read: {_GIT}"
    if not re.search(r"\.py\b", name.lower()):
        return (), f"{name} is neither a notebook (.ipynb) nor a .py file."
    sections = scripts.cells(text)
    return tuple(Cell("code", text, f"cell-{i}") for i, text in enumerate(sections)), ""


def notebook_json(name: str, text: str) -> tuple[dict, str]:
    """A notebook's JSON, as it stands in the file; and why there is none, or ""."""
    if not _has_text(text):
        return {}, f"{name} is empty. Save it again, or take a fresh copy."
    if _CONFLICT.search(text):
        return {}, f"{name} can't be read: {_GIT}"
    try:
        content = json.loads(text, strict=False)
    except RecursionError:
        return {}, f"{name} is not a notebook: it is nested too deeply. {_AGAIN}"
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        what = "a web page" if text.lstrip()[:1] == "<" else f"not valid JSON{where}"
        return {}, f"{name} is not a notebook: it is {what}. {_AGAIN}"
    cells = raw_cells(content)
    if cells is None:
        return {}, f"{name} is not a notebook: its JSON has no list of cells. {_AGAIN}"
    if not any(cell.get("cell_type") == "code" for cell in cells):
        return content, f"{name} has no code cells. Is it the right file?"
    return content, ""


def _has_text(text: str) -> bool:
    return bool(text.strip("\0 \t\r\n\f\v"))


_AGAIN = "Save it again in Jupyter, or take a fresh copy."


def text_of(content: bytes) -> str:
    """The text in whatever encoding, with line ends as Python's; every byte means something."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    elif content[1:2] == b"\0" and content[:1] != b"\0":  # without a mark, as some Windows tools do
        text = content.decode("utf-16-le", "replace")
    else:
        try:
            text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    return _lines(text)


def _lines(text: str) -> str:
    """The text with \\n at the ends of lines, and nothing that UTF-8 cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode()


def _cells(content: dict) -> tuple[Cell, ...]:
    cells, taken = [], set()
    for i, cell in enumerate(raw_cells(content) or ()):
        kind = cell.get("cell_type")
        if kind not in ("code", "raw"):
            kind = "markdown"  # and headings, which were cells of their own once
        name = cell.get("id")
        if not isinstance(name, str) or name in taken:
            name = f"cell-{i}"
        taken.add(name)
        count = cell.get("execution_count", cell.get("prompt_number"))
        cells.append(Cell(kind, source_of(cell), name, count if type(count) is int else 0))
    return tuple(cells)


def raw_cells(content) -> list[dict] | None:
    """The cells in a notebook's JSON, of any format, as they stand there; None if there are none."""
    if not isinstance(content, dict):
        return None
    if isinstance(content.get("worksheets"), list):  # formats 2 and 3
        sheets = [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
        lists = [sheet.get("cells") for sheet in sheets]
    else:
        lists = [content.get("cells")]
    if not any(isinstance(cells, list) for cells in lists):
        return None
    cells = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    return [cell for cell in cells if isinstance(cell, dict)]


def source_of(cell: dict) -> str:
    """A cell's text, whether it is stored as one string or as lines."""
    source = next((cell[key] for key in ("source", "input", "code", "text") if key in cell), "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return _lines(source) if isinstance(source, str) else ""
