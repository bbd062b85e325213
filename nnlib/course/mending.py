"""A notebook as any editor saved it, made into one of format 4.5 that every other can open.

Colab, Kaggle and old VS Codes leave the cells' ids out; others write ids, keys and outputs that the
format does not know. Jupyter opens all of these. Sources and what is known are kept as they are.
"""

import hashlib
import json
import re

import nbformat

from nnlib.trial import reading

_OUTPUTS = {
    "stream": {"name": "stdout", "text": ""},
    "display_data": {"data": {}, "metadata": {}},
    "execute_result": {"data": {}, "metadata": {}, "execution_count": None},
    "error": {"ename": "", "evalue": "", "traceback": []},
}


def mended(content: dict) -> nbformat.NotebookNode:
    """The notebook in a file's JSON, of any format, as a valid one of format 4.5."""
    content = _without_halves(content)
    metadata = dict(_dict(content.get("metadata")))
    for key, needed in (("kernelspec", {"name", "display_name"}), ("language_info", {"name"})):
        if not needed <= _dict(metadata.get(key)).keys():
            metadata.pop(key, None)
    cells, taken = [], set()
    for cell in reading.raw_cells(content) or []:
        cells.append(_cell(cell, taken))
        taken.add(cells[-1]["id"])
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    notebook = nbformat.from_dict(whole)
    if nbformat.validator.isvalid(notebook):
        return notebook
    for cell in notebook.cells:  # what is still odd about a cell can't be anything but its extras
        if not _is_valid(cell):
            cell.metadata = nbformat.NotebookNode()
        if not _is_valid(cell) and "outputs" in cell:
            cell.outputs = []
    return notebook


def _without_halves(content: dict) -> dict:
    """Without halves of surrogate pairs, which no file can hold: half an emoji, say."""
    text = json.dumps(content, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-8", "replace"))
    return content


def _cell(cell: dict, taken: set[str]) -> dict:
    kind, source = cell.get("cell_type"), reading.source_of(cell)
    if kind not in ("code", "raw"):
        kind = "markdown"
    found = {"cell_type": kind, "metadata": _dict(cell.get("metadata")), "source": source}
    if kind == "code":
        count = cell.get("execution_count", cell.get("prompt_number"))
        found["execution_count"] = count if type(count) is int else None
        outputs = cell.get("outputs")
        found["outputs"] = [_output(one) for one in outputs if _is_output(one)] if outputs else []
    elif isinstance(cell.get("attachments"), dict):
        found["attachments"] = cell["attachments"]
    return found | {"id": _id(cell.get("id"), f"{kind} {source}", taken)}


def _id(given, text: str, taken: set[str]) -> str:
    """The cell's id if it has a valid one of its own; else one made of its text."""
    if isinstance(given, str):
        given = re.sub(r"[^a-zA-Z0-9_-]", "", given)[:64]
    wanted, tries = given, 0
    while not wanted or not isinstance(wanted, str) or wanted in taken:
        wanted = hashlib.sha256(f"{text} {tries}".encode()).hexdigest()[:8]
        tries += 1
    return wanted


def _is_output(output) -> bool:
    return isinstance(output, dict) and output.get("output_type") in _OUTPUTS


def _output(output: dict) -> dict:
    """Only what the format knows of an output of this kind."""
    kind = output["output_type"]
    known = {key: output.get(key, usual) for key, usual in _OUTPUTS[kind].items()}
    if kind == "stream" and isinstance(known["text"], list):
        known["text"] = "".join(line for line in known["text"] if isinstance(line, str))
    if "data" in known:
        known["data"] = {
            key: "".join(value) if _is_lines(value) and not key.endswith("json") else value
            for key, value in _dict(known["data"]).items()
        }
        known["metadata"] = _dict(known["metadata"])
    return {"output_type": kind, **known}


def _is_lines(value) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _dict(value) -> dict:
    return value if isinstance(value, dict) else {}


def _is_valid(cell: nbformat.NotebookNode) -> bool:
    return nbformat.validator.isvalid(cell, ref=f"{cell.cell_type}_cell", version=4)
