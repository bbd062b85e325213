"""All programs that differ from a right one by one change, each with the kind of the change."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nnlib.checking import kinds
from nnlib.checking.changes import like, of_expression, of_statements, swaps

MOST = 1000
"""More variants than this are not made of one source: they would take too long to run."""


@dataclass(frozen=True)
class Variant:
    """A program with one change, and what kind of change it is."""

    kind: str
    source: str


@dataclass(frozen=True)
class _Edit:
    """Put `value` into a field of a node of the syntax tree."""

    kind: str
    owner: ast.AST
    field: str
    value: Any


def variants(source: str) -> list[Variant]:
    """Every variant of a program, those with the most telling kinds first; none twice.

    Where a change can be made in several places, it is also made in all of them at once.
    """
    tree = ast.parse(source)
    one_by_one = list(_edits(tree))
    together = defaultdict(list)
    for edit in one_by_one:
        together[edit.kind].append(edit)
    attempts = [[edit] for edit in one_by_one]
    attempts += [edits for edits in together.values() if len(edits) > 1 and _apart(edits)]
    attempts.sort(key=lambda edits: _rank(edits[0].kind))
    right = ast.unparse(tree)
    texts = [("brackets are missing", text) for text in _without_brackets(right)]
    texts += [(edits[0].kind, _with(tree, edits)) for edits in attempts]
    made, seen = [], {right}
    for kind, text in texts:
        if text not in seen:
            seen.add(text)
            made.append(Variant(kind, text))
    return made[:MOST]


def _without_brackets(text: str) -> Iterator[str]:
    """The program without one pair of round brackets, where that still is a program."""
    opened = []
    for place, character in enumerate(text):
        if character == "(":
            opened.append(place)
        elif character == ")":
            start = opened.pop()
            is_call = start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_)]")
            less = text[:start] + text[start + 1 : place] + text[place + 1 :]
            if not is_call and _is_program(less):
                yield ast.unparse(ast.parse(less))


def _is_program(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _rank(kind: str) -> int:
    """Kinds that tell most come first, then what is too much, then those that say little."""
    if kind in kinds.VAGUE:
        return 2 + kinds.VAGUE.index(kind)
    return 1 if kinds.does_too_much(kind) else 0


def _with(tree: ast.AST, edits: list[_Edit]) -> str:
    """The program with these changes; the tree stays as it was."""
    before = [getattr(edit.owner, edit.field) for edit in edits]
    for edit in edits:
        setattr(edit.owner, edit.field, edit.value)
    text = ast.unparse(tree)
    for edit, value in zip(edits, before, strict=True):
        setattr(edit.owner, edit.field, value)
    return text


def _apart(edits: list[_Edit]) -> bool:
    """Whether no two of the changes are in the same place."""
    return len({(id(edit.owner), edit.field) for edit in edits}) == len(edits)


# -- where a program can be changed ----------------------------------------------------------------


_NEVER = ("decorator_list", "annotation", "returns", "func", "targets", "target")
"""Fields of the tree that stay: a call of something else is no small change."""


def _edits(tree: ast.Module) -> Iterator[_Edit]:
    for function, node in _with_functions(tree):
        yield from _of_node(node)
        for field, value in ast.iter_fields(node):
            if field in _NEVER or isinstance(node, ast.keyword) and node.arg == "dim":
                continue
            if isinstance(value, ast.expr):
                for kind, changed in of_expression(value, node, function, tree):
                    yield _Edit(kind, node, field, changed)
            elif isinstance(value, list) and value and isinstance(value[0], ast.expr):
                for i, item in enumerate(value):
                    for kind, changed in of_expression(item, node, function, tree):
                        yield _Edit(kind, node, field, [*value[:i], changed, *value[i + 1 :]])
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                if not isinstance(node, ast.Module | ast.ClassDef):
                    for kind, body in of_statements(value):
                        yield _Edit(kind, node, field, body)


def _with_functions(node: ast.AST, function: ast.AST | None = None):
    """Every node, with the function that it is in (None at the top)."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            continue
        yield function, child
        inner = child if isinstance(child, ast.FunctionDef | ast.Lambda) else function
        yield from _with_functions(child, inner)


def _of_node(node: ast.AST) -> Iterator[_Edit]:
    """Changes of a node itself, not of what stands in it."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for other, kind in kinds.OPERATORS.get(type(node.op), []):
            yield _Edit(kind, node, "op", other())
    if isinstance(node, ast.Compare):
        for other, kind in kinds.COMPARISONS.get(type(node.ops[0]), []):
            yield _Edit(kind, node, "ops", [other()])
    if isinstance(node, ast.Attribute):
        for other in kinds.INSTEAD.get(node.attr, []):
            kind = f"{kinds.NOUNS[other]} stands where {kinds.NOUNS[node.attr]} belongs"
            yield _Edit(kind, node, "attr", other)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        for order in swaps(node.targets[0].elts):
            changed = [like(node.targets[0], elts=order)]
            yield _Edit("two things are taken for one another", node, "targets", changed)
    if isinstance(node, ast.Dict) and len(node.values) > 1:
        for order in swaps(node.values):
            yield _Edit("two values of a dictionary are swapped", node, "values", order)
