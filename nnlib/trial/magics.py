"""IPython's magics: a cell as the Python that is left without them.

A magic or a shell command does nothing for an answer, so it becomes `pass`, or, where something is
assigned, a call that gives nothing. The lines stay where they are: line 5 is line 5.
"""

import ast
import re
import warnings

RUN_THEIR_BODY = ("time", "capture", "prun")
"""Cell magics after which the body's names are there, as without them; not so after timeit."""
_WRITE = ("writefile", "file")

_TOKEN = re.compile(
    r"""(?P<string>[rbuf]{0,2}(?:
            \"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
          | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?))
      |(?P<comment>\#[^\n]*)|(?P<joined>\\\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>\n)
      |(?P<other>\w+|[^\n])""",
    re.X | re.S | re.I,
)
_WHOLE_LINE = re.compile(r"(?:[^\n]*\\\n)*[^\n]*\n?")
_COMMAND = re.compile(r"[ \t]*(?:%|!|\?|[/,;]\w)")
_HELP = re.compile(r"[ \t]*[%\w.*]+\?{1,2}[ \t]*(?:#.*)?$")
_ASSIGNED = re.compile(r"([ \t]*[\w.,\[\]'\" \t*]+=[ \t]*)(?:!|%)")
_TIMED = re.compile(r"([ \t]*(?:[\w., \t]+=[ \t]*)?)%time[ \t]+(\S.*)", re.S)
_PROMPT = re.compile(r"^(?:>>> ?|In \[\d+\]: ?)", re.M)
_CONTINUED = re.compile(r"^(?:>>>|\.\.\.|In \[\d+\]:|[ ]*\.\.\.:) ?", re.M)


def cell_magic(cell: str) -> tuple[str, str, str] | None:
    """The name, the arguments and the body of a `%%magic` cell; None for any other cell."""
    match = re.match(r"\s*%%(\w+)([^\n]*)\n?", cell)
    return match and (match[1], match[2].strip(), cell[match.end() :])


def written(name: str, arguments: str) -> tuple[str, bool] | None:
    """The file that a cell magic writes its body to, and whether it appends; None for others."""
    words = arguments.split()
    files = [word.strip("\"'") for word in words if not word.startswith("-")]
    return (files[0], "-a" in words) if name in _WRITE and len(files) == 1 else None


def plain(cell: str) -> str:
    """The cell's Python; "" where the whole cell is something else, such as `%%bash`."""
    skipped = 0
    while magic := cell_magic(cell):
        name, _, body = magic
        if name not in RUN_THEIR_BODY:
            return ""
        skipped += cell[: len(cell) - len(body)].count("\n")
        cell = body
    return "\n" * skipped + (cell if _is_python(cell) else _without_magics(cell))


def _is_python(text: str) -> bool:
    try:
        parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def parse(text: str) -> ast.Module:
    """The tree of a text, which must be Python. Raises SyntaxError, or ValueError (a null byte)."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of an odd backslash: that is no error
            return ast.parse(text)
    except (RecursionError, MemoryError):
        raise SyntaxError("nested too deeply") from None


def _without_magics(cell: str) -> str:
    if _PROMPT.match(cell.lstrip()):  # pasted from a session
        cell = _CONTINUED.sub("", cell)
    indent = re.search(r"^([ \t]*)\S", cell, re.M)
    if indent and indent[1]:  # IPython takes such a cell, too
        cell = re.sub(f"^{indent[1]}", "", cell, flags=re.M)
    return "".join(_plain(line) for line in logical_lines(cell))


def logical_lines(text: str) -> list[str]:
    """The text, cut where Python's statements may begin: not within brackets or strings."""
    lines, start, place, depth = [], 0, 0, 0
    while place < len(text):
        if place == start and _COMMAND.match(text, place):  # its quotes mean nothing to Python
            token = _WHOLE_LINE.match(text, place)
            kind = "end"
        else:
            token = _TOKEN.match(text, place)
            kind = token.lastgroup
        place = token.end()
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif kind == "end" and depth == 0:
            lines.append(text[start:place])
            start = place
    return [*lines, text[start:]]


def _plain(line: str) -> str:
    """One logical line without its magic, as many lines as before."""
    content = line.removesuffix("\n")
    end = line[len(content) :]
    lost = "\n" * content.count("\n")
    if match := _TIMED.match(content):
        return match[1] + match[2] + end
    if _COMMAND.match(content) or _HELP.match(content):
        return f"{content[: len(content) - len(content.lstrip())]}pass{lost}{end}"
    if match := _ASSIGNED.match(content):
        return f"{match[1]}get_ipython().getoutput(){lost}{end}"
    return line
