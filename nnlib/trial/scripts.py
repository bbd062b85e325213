"""A .py file as cells: what exporters did to a notebook is undone, and a broken part stands alone.

A file that is Python is one cell, whatever marks it has: they may stand in a docstring.
"""

import ast
import re
import warnings

from nnlib.trial import magics

_COLAB = "# Commented out IPython magic to ensure Python compatibility."
_MARK = re.compile(r"# ?%%(?:\s|$)")
_LANGUAGE = re.compile(r"# (?:\+|%%).*\blanguage=\"(\w+)\"")
_BEGINS = re.compile(r"[^\s)\]}#]")
_GOES_ON = re.compile(r"(?:else|elif|except|finally|case)\b")
MOST_BROKEN = 50
"""So many broken parts are set aside; a file with more is left as it is from there on."""


def cells(text: str) -> list[str]:
    """The file as cells: one if it is Python, magics aside; else its broken parts apart."""
    lines = _uncommented(text.split("\n"))
    if any(line.startswith("%%") for line in lines):  # only the marks say where that magic ends
        sections = _cut(lines, [i for i, line in enumerate(lines) if _MARK.match(line)])
        sections = ["\n".join(section[bool(_MARK.match(section[0])) :]) for section in sections]
    else:
        sections = ["\n".join(lines)]
    return [cell for section in sections for cell in _sound_and_broken(section) if cell.strip()]


def _uncommented(lines: list[str]) -> list[str]:
    """The lines; a cell that an exporter made a comment because of its magic is code again."""
    found, i = [], 0
    while i < len(lines):
        line = lines[i]
        found.append(line)
        i += 1
        language = _LANGUAGE.match(line)
        after_colab = line == _COLAB and i < len(lines) and lines[i].startswith("# %%")
        if after_colab or (language and language[1] in magics.RUN_THEIR_BODY):
            while i < len(lines) and lines[i].startswith("#") and lines[i].rstrip() != "# -":
                comment = lines[i]
                found.append("" if comment.startswith("# %%") else comment[1:].removeprefix(" "))
                i += 1
    return found


def _sound_and_broken(section: str) -> list[str]:
    """The section, cut so that each part which is not Python stands alone."""
    if magics.cell_magic(section):
        return [section]
    parts, broken = [], 0
    while (line := _error(section)) and broken < MOST_BROKEN:
        lines = section.split("\n")
        begins = [i for i, text in enumerate(lines) if _begins(text)] or [0]
        first = max((i for i in begins if i < line), default=0)
        last = min((i for i in begins if i >= line), default=len(lines))
        parts += ["\n".join(lines[:first]), "\n".join(lines[first:last])]
        section = "\n".join(lines[last:])
        broken += 1
    return [*parts, section]


def _begins(line: str) -> bool:
    """Whether a top-level statement may begin in this line."""
    return bool(_BEGINS.match(line)) and not _GOES_ON.match(line)


def _error(text: str) -> int:
    """The line of the text's first syntax error, or 0."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(magics.plain(text), "<script>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        return min(error.lineno or 1, text.count("\n") + 1)
    except ValueError:  # a null byte
        return 1
    except (RecursionError, MemoryError):  # nested too deeply for Python, wherever that is
        return 0
    return 0


def _cut(lines: list[str], places: list[int]) -> list[list[str]]:
    """The lines, cut before each of these places."""
    edges = [0, *(place for place in places if place), len(lines)]
    return [lines[a:b] for a, b in zip(edges, edges[1:], strict=False)]
