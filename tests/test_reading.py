"""Reading the code of a notebook or .py file, whatever wrote it."""

import json

import pytest
from made import notebook

from nnlib.trial import reading

CODE = "name = 'Zoë'\n\ndef f(x):\n    return x\n"
OLD = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [
    {"cells": [{"cell_type": "heading", "level": 1, "source": "T"},
               {"cell_type": "code", "input": CODE.splitlines(True), "outputs": []}]}]}  # fmt: skip
OTHER = {"nbformat": 4, "nbformat_minor": 2, "metadata": {"kernelspec": {"name": "ir"}},
         "cells": [{"cell_type": "code", "source": CODE.splitlines(True)}]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.ipynb", notebook(CODE)),
        ("bom.ipynb", b"\xef\xbb\xbf" + notebook(CODE)),
        ("crlf.ipynb", notebook(CODE.replace("\n", "\r\n")).replace(b"\n", b"\r\n")),
        ("latin.ipynb", notebook(CODE).decode().encode("latin-1")),
        ("utf16.ipynb", notebook(CODE).decode().encode("utf-16")),
        ("old.ipynb", json.dumps(OLD).encode()),
        ("other kernel, sources as lines, no ids.ipynb", json.dumps(OTHER).encode()),
        ("plain.py", CODE.encode()),
        ("bom and crlf.py", b"\xef\xbb\xbf" + CODE.replace("\n", "\r\n").encode()),
        ("latin.py", CODE.encode("latin-1")),
    ],
)
def test_every_encoding_and_format_gives_the_same_code(name, content):
    found = reading.read(name, content)
    assert [code.strip() for code in found.code] == [CODE.strip()] and not found.problem


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"Dear teacher,", "not valid JSON (line 1)"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not valid JSON"),
        (b"[1, 2]", "no list of cells"),
        (b'{"cells": 5}', "no list of cells"),
        (b'{"cells": [3]}', "no code cells"),
        (b'{"worksheets": [{}]}', "no list of cells"),
        (b'{"cells": []}', "no code cells"),
        (b'{"cells": [{"cell_type": "markdown", "source": "x"}]}', "no code cells"),
        (b"[" * 200_000, "not a notebook"),
        (b"1" * 10_000, "not a notebook"),
    ],
)
def test_what_is_wrong_with_a_notebook_is_said_in_a_sentence(content, words):
    found = reading.read("bad.ipynb", content)
    assert words in found.problem and found.problem[-1] in ".?" and "\n" not in found.problem
    assert found.code == []


def test_half_a_surrogate_can_be_written_again():
    content = b'{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}'
    assert reading.read("bad.ipynb", content).code == ["x = '?'"]
