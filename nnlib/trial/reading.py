"""Read the code of a notebook or .py file from its bytes, in the child that it was handed to."""

import json


def code_cells(name: str, content: bytes) -> tuple[list[str], str]:
    """The code cells of a file, whatever its encoding, line ends and format; or why there are none.

    Never raises: what is wrong is the second part, a sentence for the student, or "".
    """
    text = _text(content)
    if not text.strip():
        return [], "The file is empty."
    if name.lower().endswith(".py"):
        return [_lines(text)], ""
    try:
        cells = [_lines(cell) for cell in _code_cells(json.loads(text))]
    except RecursionError:
        return [], "The file is not a notebook: its JSON is nested too deeply."
    except ValueError as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return [], f"The file is not a notebook: it is not valid JSON{line}."
    except (AttributeError, KeyError, TypeError):
        return [], "The file is not a notebook: its JSON has no list of cells."
    return cells, "" if cells else "The notebook has no code cells."


def _text(content: bytes) -> str:
    """The text in whatever encoding; every byte means something in Latin-1."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _lines(code: str) -> str:
    """The code with lines that end as Python's do, and nothing that UTF-8 cannot hold."""
    code = code.replace("\r\n", "\n").replace("\r", "\n")
    return code.encode("utf-8", "replace").decode()


def _code_cells(notebook: dict) -> list[str]:
    """The sources of the code cells, in format 4 and in the older ones with worksheets."""
    if "worksheets" in notebook:
        cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    else:
        cells = notebook["cells"]
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    return ["".join(cell["source"] if "source" in cell else cell["input"]) for cell in code]
