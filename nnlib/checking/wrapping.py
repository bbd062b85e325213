"""A learner's source with every expression wrapped in a call that is given its value.

The wrapped code is compiled, but not run here. It has the places of the original: a traceback tells
where an expression stands.
"""

import ast
import dataclasses
import functools
import types
from dataclasses import dataclass

Place = tuple[str, int, int, int, int]
Number = tuple[str, int]  # of a spot: its file, and which one it is there


class NotTraceable(Exception):
    """The answer's source is not at hand, or its code is of a kind that is not rebuilt here."""


@dataclass(frozen=True)
class Spot:
    """An expression in the learner's source, or a whole statement.

    place: (file, line, column, last line, last column), as in the syntax tree.
    parts: the expressions that it works on, by their numbers.
    kind: ``"name"`` (a name, or an attribute of one), ``"size"`` (a question for a size, such as
        ``len(X)``), ``"expression"``, ``"changed"`` (a name after `+=` and its like) or ``"statement"``.
    returned: None, or which part of the function's result it is: () the whole, (0,) its first part.
    constant: whether no argument and no variable of the function occurs in it.
    """

    text: str
    place: Place
    parts: tuple["Number", ...] = ()
    kind: str = "expression"
    returned: tuple | None = None
    constant: bool = False


SEEN = "__seen__"
FUTURE = 0x1000000  # from __future__ import annotations


@functools.lru_cache(maxsize=64)
def compiled(source: str, filename: str, flags: int):
    """A file's code as it is, and with its expressions wrapped; and the spots in it."""
    try:
        tree = ast.parse(source)
        plain = compile(tree, filename, "exec", flags, dont_inherit=True)
        wrapper = _Wrapper(source, filename)
        tree = ast.fix_missing_locations(wrapper.visit(tree))
        wrapped = compile(tree, filename, "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        raise NotTraceable("no source") from None
    return plain, wrapped, wrapper.spots


def names_in(code: types.CodeType) -> set[str]:
    """All global names and attributes that a function's code speaks of, inner functions included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*(names_in(constant) for constant in inner))


def content(code: types.CodeType) -> tuple:
    """What a function's code speaks of; its instructions differ if it was compiled by itself."""
    plain = [repr(c) for c in code.co_consts if not isinstance(c, types.CodeType)]
    return code.co_names, code.co_varnames, code.co_freevars, plain


def find(module: types.CodeType, wanted: types.CodeType) -> types.CodeType | None:
    """The code of the same function inside a module's code."""
    for constant in module.co_consts:
        if isinstance(constant, types.CodeType):
            name, line = constant.co_name, constant.co_firstlineno
            if (name, line) == (wanted.co_name, wanted.co_firstlineno):
                return constant
            inside = find(constant, wanted)
            if inside:
                return inside
    return None


class _Wrapper(ast.NodeTransformer):
    """Wraps the expressions of all functions in a module, and lists them as spots."""

    def __init__(self, source: str, filename: str):
        self.lines = [line.encode() for line in source.split("\n")]
        self.filename = filename
        self.spots: dict[Number, Spot] = {}
        self.parts: list[Number] = []  # of the expression that is being visited
        self.returned: dict[ast.expr, tuple] = {}
        self.variables: set[str] = set()  # of the function that is being visited
        self.met = 0  # how many of them were met so far
        self.in_function = False

    def _text(self, node) -> str:
        """The source of a node, as written; in Python's own style if it takes several lines."""
        if node.lineno != node.end_lineno:
            return ast.unparse(node)
        return self.lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()

    def _spot(self, node, parts, kind: str, text: str, constant: bool = False) -> Number:
        place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        number = self.filename, len(self.spots)
        returned = self.returned.get(node)
        self.spots[number] = Spot(
            text, (self.filename, *place), tuple(parts), kind, returned, constant
        )
        return number

    def _seen(self, node, number: Number) -> ast.Call:
        name = ast.Name(SEEN, ast.Load())
        call = ast.Call(name, [ast.Constant(number), node], [])
        for new in (call, name, call.args[0]):
            ast.copy_location(new, node)
        return call

    def _wrap(self, node: ast.expr, kind: str = "expression") -> ast.expr:
        return self._wrap_around(node, kind, lambda: self.generic_visit(node))

    def _wrap_around(self, node: ast.expr, kind: str, visit_inside) -> ast.expr:
        text, met = self._text(node), self.met
        outer, self.parts = self.parts, []
        visit_inside()
        inner, self.parts = self.parts, outer
        if not self.in_function:
            return node
        number = self._spot(node, inner, kind, text, constant=self.met == met)
        self.parts.append(number)
        return self._seen(node, number)

    def _expression(self, node):
        return self._wrap(node)

    visit_BinOp = visit_UnaryOp = visit_Compare = visit_BoolOp = visit_IfExp = _expression
    visit_ListComp = _expression

    def visit_Name(self, node):
        self.met += node.id in self.variables
        return self._wrap(node, "name") if isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node):
        if not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)
        if node.attr in ("shape", "ndim"):
            return self._wrap(node, "size")
        return self._wrap(node, "name" if isinstance(node.value, ast.Name) else "expression")

    def visit_Subscript(self, node):
        if not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)
        is_size = isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
        return self._wrap(node, "size" if is_size else "expression")

    def visit_Call(self, node):
        """The called function itself is no value of interest, but what a method belongs to is."""
        if isinstance(node.func, ast.Name):
            kind = "size" if node.func.id in ("len", "range", "enumerate", "zip") else "expression"
            if node.func.id in ("super", "locals", "globals", "vars", "dir", "print"):
                return node
            called = node.func
        else:
            called, kind = None, "expression"
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("size", "numel", "dim"):
                kind = "size"

        def visit_inside():
            if isinstance(node.func, ast.Attribute):
                node.func.value = self.visit(node.func.value)
            elif called is None:
                node.func = self.visit(node.func)
            else:
                self.met += called.id in self.variables
            node.args = [self.visit(argument) for argument in node.args]
            node.keywords = [self.visit(keyword) for keyword in node.keywords]

        return self._wrap_around(node, kind, visit_inside)

    def visit_Constant(self, node):
        return self._wrap(node) if node in self.returned and self.in_function else node

    def visit_JoinedStr(self, node):
        return node

    def visit_match_case(self, node):
        node.guard = node.guard and self.visit(node.guard)
        node.body = [self.visit(statement) for statement in node.body]
        return node

    # -- statements --------------------------------------------------------------------------------

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """The visited statements; one may have become two."""
        visited = [self.visit(statement) for statement in statements]
        return [s for item in visited for s in (item if isinstance(item, list) else [item])]

    def _branch(self, node):
        """Python takes the whole of `if` and `while` for the place where their test fails."""
        word = "if" if isinstance(node, ast.If) else "while"
        text = f"{word} {self._text(node.test)}"
        outer, self.parts = self.parts, []
        node.test = self.visit(node.test)
        inner, self.parts = self.parts, outer
        if self.in_function:
            self._spot(node, inner, "statement", text)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    visit_If = visit_While = _branch

    def _function(self, node):
        outer = self.in_function, self.variables
        self.in_function, self.variables = True, self.variables | _variables(node)
        node.body = self._block(node.body)
        self.in_function, self.variables = outer
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_Lambda(self, node):
        outer = self.in_function, self.variables
        self.in_function, self.variables = True, self.variables | _variables(node)
        self.returned[node.body] = ()
        node.body = self.visit(node.body)
        self.in_function, self.variables = outer
        return node

    def visit_Return(self, node):
        if isinstance(node.value, ast.Tuple | ast.List):
            for i, part in enumerate(node.value.elts):
                self.returned[part] = (i,)
        elif isinstance(node.value, ast.Dict):
            for key, part in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant):
                    self.returned[part] = (str(key.value),)
        elif node.value:
            self.returned[node.value] = ()
        return self._statement(node)

    def _statement(self, node):
        text = self._text(node)
        outer, self.parts = self.parts, []
        self.generic_visit(node)
        inner, self.parts = self.parts, outer
        if self.in_function:
            self._spot(node, inner, "statement", text)
        return node

    visit_Expr = visit_Raise = visit_Assert = _statement

    def visit_Assign(self, node):
        """A value that gets a name is shown with it."""
        target = node.targets[0]
        text = self._text(node)
        node = self._statement(node)
        if not self.in_function or len(node.targets) > 1:
            return node
        if isinstance(target, ast.Name | ast.Attribute) and _is_seen(node.value):
            number = node.value.args[0].value
            self.spots[number] = dataclasses.replace(self.spots[number], text=text)
        return self._changed(node, target, text)

    def visit_AnnAssign(self, node):
        node.value = node.value and self.visit(node.value)
        return node

    def visit_AugAssign(self, node):
        text = self._text(node)
        node = self._statement(node)
        if not self.in_function:
            return node
        if isinstance(node.target, ast.Name):
            return self._afterwards(node, node.target.id, text)
        return self._changed(node, node.target, text)

    def _changed(self, node, target, text: str):
        """The statement, and what a name holds after one of its elements was set."""
        if not isinstance(target, ast.Subscript):
            return node
        while isinstance(target, ast.Subscript):
            target = target.value
            target = target.args[1] if _is_seen(target) else target
        return self._afterwards(node, target.id, text) if isinstance(target, ast.Name) else node

    def _afterwards(self, node, name: str, text: str) -> list[ast.stmt]:
        number = self._spot(node, (), "changed", text)
        loaded = ast.copy_location(ast.Name(name, ast.Load()), node)
        return [node, ast.copy_location(ast.Expr(self._seen(loaded, number)), node)]


def _variables(function) -> set[str]:
    """The names of a function's arguments and of everything that is assigned in it."""
    inside = list(ast.walk(function))
    arguments = {node.arg for node in inside if isinstance(node, ast.arg)}
    names = [node for node in inside if isinstance(node, ast.Name)]
    return arguments | {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _is_seen(node) -> bool:
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return is_call and node.func.id == SEEN
