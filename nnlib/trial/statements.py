"""The top-level statements of a notebook's cells, one after another."""

import ast
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from nnlib.trial import magics

_SEEMS_TO_DEFINE = re.compile(
    r"^[ \t]*(?:async\s+)?(?:def|class)\s+(\w+)|^[ \t]*(\w+)\s*(?::[^=\n]+)?=[^=]", re.M
)
DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
ASSIGNMENT = ast.Assign | ast.AnnAssign
IMPORT = ast.Import | ast.ImportFrom


@dataclass(frozen=True, eq=False)
class Statement:
    """One top-level statement: its text, its tree, the number of its cell.

    node: None where the cell is not (yet) Python; then the whole cell is one statement, and
    problem is the error with its line. names: what it binds, or seems to.
    """

    source: str
    node: ast.stmt | None
    cell: int
    names: frozenset[str]
    problem: str = ""


def of_cells(cells: Iterable[str]) -> list[Statement]:
    """The statements of all cells, in order."""
    return [
        Statement(*parts[:2], number, *parts[2:])
        for number, cell in enumerate(cells)
        for parts in _statements(cell)
    ]


@functools.lru_cache(maxsize=512)  # several things are asked about the same cells
def _statements(cell: str) -> tuple[tuple, ...]:
    """(source, node, names, problem) of each statement in a cell."""
    text = magics.plain(cell)
    try:
        tree = magics.parse(text)
        compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        names = frozenset(a or b for a, b in _SEEMS_TO_DEFINE.findall(cell))
        return ((cell.strip("\n"), None, names, _told(error)),)
    lines, found = text.split("\n"), []
    for i, node in enumerate(tree.body):
        inner = _exported_cell(node)
        if inner is not None:
            found += _statements(inner)
            continue
        follows = tree.body[i + 1] if i + 1 < len(tree.body) else None
        found.append((_source(lines, node, follows), node, bound_by(node), ""))
    return tuple(found)


def _told(error: Exception) -> str:
    line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
    text = error.msg if isinstance(error, SyntaxError) else str(error) or "nested too deeply"
    return f"{type(error).__name__}: {text}{line}"


def _exported_cell(node: ast.stmt) -> str | None:
    """The cell in `get_ipython().run_cell_magic('time', '', '…')`, as nbconvert writes it."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if call.func.attr != "run_cell_magic" or len(texts) != 3:
        return None
    return "%%{} {}\n{}".format(*texts)


def _source(lines: list[str], node: ast.stmt, follows: ast.stmt | None) -> str:
    """The statement's text: its decorators, and the comments in and right behind its body."""
    first = min(d.lineno for d in [node, *getattr(node, "decorator_list", [])]) - 1
    last = node.end_lineno - 1
    rest = lines[last].encode()[node.end_col_offset :].decode().strip()
    if node.col_offset or (rest and not rest.startswith("#")):  # shares its line with another
        text = [line.encode() for line in lines[first : last + 1]]
        text[-1] = text[-1][: node.end_col_offset]
        text[0] = text[0][node.col_offset :]
        return b"\n".join(text).decode()
    end = last + 1
    until = _first_line(follows) if follows else len(lines)
    while end < until and (not lines[end].strip() or lines[end].startswith((" ", "\t"))):
        end += 1
    return "\n".join(lines[first:end]).rstrip()


def _first_line(node: ast.stmt) -> int:
    return min(d.lineno for d in [node, *getattr(node, "decorator_list", [])]) - 1


@functools.lru_cache(maxsize=10_000)  # a tree's parts are asked again and again
def bound_by(node: ast.AST) -> frozenset[str]:
    """The names that a statement, or an expression, binds in its own scope."""
    found, todo = set(), [node]
    while todo:
        part = todo.pop()
        if isinstance(part, DEFINITION):
            found.add(part.name)
            todo += [*part.decorator_list, *_defaults(part)]
            continue
        if isinstance(part, ast.Lambda):
            continue
        if isinstance(part, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            # Its own variables are its own; only `:=` binds outside.
            todo += [inner for inner in ast.walk(part) if isinstance(inner, ast.NamedExpr)]
            continue
        if isinstance(part, ast.Name):
            if not isinstance(part.ctx, ast.Load):
                found.add(part.id)
            continue
        if isinstance(part, ast.Constant):
            continue
        if isinstance(part, IMPORT):
            found |= {(a.asname or a.name).split(".")[0] for a in part.names if a.name != "*"}
        elif isinstance(part, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and part.name:
            found.add(part.name)
        elif isinstance(part, ast.MatchMapping) and part.rest:
            found.add(part.rest)
        todo += ast.iter_child_nodes(part)
    return frozenset(found)


def _defaults(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.ClassDef):
        return [*node.bases, *(keyword.value for keyword in node.keywords)]
    return [*node.args.defaults, *filter(None, node.args.kw_defaults)]


def surely_bound_by(nodes: list[ast.stmt]) -> frozenset[str]:
    """Of the names that these statements bind, those that are bound whichever way they go."""
    return frozenset().union(*map(_surely_bound_by, nodes))


def _surely_bound_by(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.If):
        return surely_bound_by(node.body) & surely_bound_by(node.orelse)
    if isinstance(node, ast.With | ast.AsyncWith):
        header = [bound_by(item) for item in node.items]
        return surely_bound_by(node.body).union(*header)
    if isinstance(node, ast.Try | ast.TryStar):
        usual = surely_bound_by(node.body) | surely_bound_by(node.orelse)
        return usual | surely_bound_by(node.finalbody)
    if isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.Match):
        return frozenset()
    return bound_by(node)


def is_hole(node: ast.stmt | None) -> bool:
    """Whether a definition is a hole: a body, or a value, of `...`, perhaps with a docstring."""
    if isinstance(node, ASSIGNMENT):
        return _is_constant(node.value, type(...))
    if not isinstance(node, DEFINITION):
        return False
    values = [inner.value if isinstance(inner, ast.Expr) else None for inner in node.body]
    if len(values) == 2 and _is_constant(values[0], str):
        values = values[1:]
    return len(values) == 1 and _is_constant(values[0], type(...))


def _is_constant(node: ast.expr | None, kind: type) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, kind)
