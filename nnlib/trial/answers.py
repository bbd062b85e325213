"""Holes and answers: find them, put one into the other, and take an answer out with what it needs.

Everything is found by reading the code, never by cell ids or tags: a copied cell, a renamed file,
another editor's notebook are all the same to it.
"""

from __future__ import annotations

import ast
import functools
import re
import symtable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IPython.core.inputtransformer2 import TransformerManager

if TYPE_CHECKING:  # it takes a second, and the grader's processes only read code
    import nbformat

_BODY_IS_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")
_DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=[^=]", re.M)


@dataclass(frozen=True)
class Statement:
    """One top-level statement: its text, the global names that it binds and that it uses."""

    source: str
    binds: frozenset[str]
    uses: frozenset[str]
    node: ast.stmt | None  # None where the text is not (yet) Python


def statements(cells: list[str]) -> list[Statement]:
    """The top-level statements of all cells, in order.

    IPython's magics become the calls that they stand for. A cell that is not Python counts as one
    statement that binds whatever it seems to define: half-written work is kept, not dropped.
    """
    return [statement for cell in cells for statement in _statements_of(cell)]


@functools.lru_cache(maxsize=4096)  # a submission's cells are read again for each of its answers
def _statements_of(cell: str) -> tuple[Statement, ...]:
    text = _without_magics(cell)
    if text is None:
        pieces = [piece for piece in re.split(r"^(?=# %%)", cell, flags=re.M) if piece.strip()]
        if len(pieces) > 1:  # a .py file: only the broken section is kept as it is
            return tuple(statements(pieces))
        names = frozenset(a or b for a, b in _DEFINITION.findall(cell))
        return (Statement(cell.strip("\n"), names, frozenset(), None),)
    found = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Delete):  # an answer that is deleted afterwards still counts
            source = _source(text, node)
            found.append(Statement(source, *_names(source), node))
    return tuple(found)


def _without_magics(cell: str) -> str | None:
    """The cell as plain Python, or None where it is not."""
    if cell.lstrip().startswith("%%"):
        magic, _, body = cell.lstrip().partition("\n")
        cell = body if magic.split()[0] in _BODY_IS_PYTHON else ""
    for text in (cell, None):
        try:
            text = TransformerManager().transform_cell(cell) if text is None else text
            ast.parse(text)
            return text
        except (SyntaxError, ValueError):  # ValueError: a null byte
            continue
    return None


def _source(text: str, node: ast.stmt) -> str:
    """The statement's text: its decorators, and the comments in and right behind its body."""
    lines = text.splitlines()
    first = min(d.lineno for d in [node, *getattr(node, "decorator_list", [])])
    rest = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode().strip()
    if node.col_offset or (rest and not rest.startswith("#")):  # shares its line with another
        return ast.get_source_segment(text, node)
    last = node.end_lineno
    while last < len(lines) and (not lines[last].strip() or lines[last].startswith((" ", "\t"))):
        last += 1
    return "\n".join(lines[first - 1 : last]).rstrip()


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The global names that a statement binds, and those that it uses, also inside functions."""
    try:
        table = symtable.symtable(source, "<answer>", "exec")
    except SyntaxError:  # parses, but does not compile: `return` at the top level, say
        return frozenset(), frozenset()
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    inner = table.get_children()
    while inner:
        scope = inner.pop()
        uses |= {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        inner += scope.get_children()
    return frozenset(binds), frozenset(uses)


def extract(cells: list[str]) -> dict[str, str]:
    """The answers in a notebook's code cells, or in a .py file: name -> source.

    Every name defined at the top level is there: functions, classes, assignments, imports. Of
    several definitions the last one counts, as in Python. Holes are there too, see `is_hole`.
    """
    answers = {}
    for statement in statements(cells):
        if statement.node is None or _defines(statement.node):
            answers |= {name: statement.source for name in statement.binds}
    return answers


def _defines(node: ast.stmt) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return isinstance(node, (*kinds, ast.Assign, ast.AnnAssign))


def is_hole(source: str) -> bool:
    """Whether a definition is a hole: a body, or a value, of `...`, perhaps with a docstring."""
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    return len(nodes) == 1 and _is_hole(nodes[0])


def _is_hole(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return _is_constant(node.value, type(...))
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    values = [inner.value if isinstance(inner, ast.Expr) else None for inner in node.body]
    if len(values) == 2 and _is_constant(values[0], str):
        values = values[1:]
    return len(values) == 1 and _is_constant(values[0], type(...))


def _is_constant(node: ast.expr | None, kind: type) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, kind)


def holes(cells: list[nbformat.NotebookNode]) -> list[str]:
    """The names of the holes in a notebook's cells, in order."""
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    return [
        name
        for statement in statements(sources)
        if statement.node and _is_hole(statement.node)
        for name in sorted(statement.binds)
    ]


def insert(lesson: nbformat.NotebookNode, answers: dict[str, str]) -> nbformat.NotebookNode:
    """The lesson with these answers in its holes, and only in holes; the rest is untouched.

    An answer that is still a hole is passed over. Outputs that no longer belong to the code (the
    filled cells, and checks of what they define) are removed.
    """
    import nbformat

    # A deep copy through JSON keeps ids and metadata and shares nothing.
    lesson = nbformat.reads(nbformat.writes(lesson), as_version=4)
    filled = set()
    for cell in lesson.cells:
        if cell.cell_type != "code":
            continue
        for statement in statements([cell.source]):
            names = [name for name in statement.binds if name in answers]
            is_open = names and statement.node and _is_hole(statement.node)
            if is_open and not is_hole(answers[names[0]]):
                cell.source = cell.source.replace(statement.source, answers[names[0]], 1)
                filled.add(names[0])
        checked = re.findall(r"check\(\s*[\"'](\w+)", cell.source)
        if filled & (set(checked) | set(_binds(cell.source))):
            cell.outputs, cell.execution_count = [], None
    return lesson


def _binds(cell: str) -> set[str]:
    return {name for statement in statements([cell]) for name in statement.binds}


def program(cells: list[str], name: str) -> str:
    """The least that an answer needs to run: its last definition, and what that uses, transitively.

    Helper functions, imports and values come along in file order, from any cell; nothing else
    does. Raises KeyError if nothing defines the name.
    """
    everything = statements(cells)
    if not any(name in statement.binds for statement in everything):
        raise KeyError(name)
    needed = {i for i, s in enumerate(everything) if s.node and _binds_unseen_names(s.node)}
    wanted, seen = [(name, len(everything))], set()  # (a name, the place of what uses it)
    while wanted:
        current, user = wanted.pop()
        if (current, user) in seen:
            continue
        seen.add((current, user))
        binders = [i for i, s in enumerate(everything) if current in s.binds]
        # A statement uses what was bound before it; a function's body, what is bound in the end.
        earlier = [i for i in binders if i < user]
        last = _last_value(everything, binders, current)
        for i in {*last, *_last_value(everything, earlier, current)}:
            needed.add(i)
            wanted += [(used, i) for used in everything[i].uses]
    return "\n\n".join(everything[i].source for i in sorted(needed)) + "\n"


def _last_value(everything: list[Statement], binders: list[int], name: str) -> list[int]:
    """Of a name's binders, those that its last value comes from: the last, and what it builds on."""
    needed = []
    for i in reversed(binders):
        needed.append(i)
        if not _builds_on_earlier(everything[i], name):
            break
    return needed


def _binds_unseen_names(node: ast.stmt) -> bool:
    """`from m import *` may bind anything, and `from __future__ …` changes how all is read."""
    return isinstance(node, ast.ImportFrom) and (
        node.module == "__future__" or any(alias.name == "*" for alias in node.names)
    )


def _builds_on_earlier(statement: Statement, name: str) -> bool:
    """Whether the name's earlier value may matter: `x += 1`, `x = 2 * x`, `if …: x = …`."""
    if statement.node is None:
        return False
    if isinstance(statement.node, ast.Assign | ast.AnnAssign):
        return name in statement.uses
    return not _defines(statement.node)
