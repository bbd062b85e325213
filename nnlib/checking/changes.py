"""Small changes to a piece of a right answer: everything else that it might have been.

Each comes with its kind, out of `kinds`.
"""

import ast
import copy
from collections.abc import Iterator

from nnlib.checking import kinds

_MODULES = ("torch", "nn", "F", "math")

_ASK_FOR_SIZES = (
    *("len", "numel", "range", "zip", "arange", "zeros", "ones"),
    *("rand", "randn", "randint", "randperm", "Linear", "Conv2d"),
)
"""Called with sizes, where a square or an exponential would take memory rather than explain."""

# -- expressions ---------------------------------------------------------------------------------


def of_expression(
    node: ast.expr, parent: ast.AST, function: ast.AST | None, tree: ast.Module
) -> Iterator[tuple[str, ast.expr]]:
    """What may stand in the place of an expression: (kind, expression), one after another.

    parent: the node that it stands in; function: the function that it is in, if any.
    """
    if function and _may_be_a_tensor(node) and not _asks_for_its_form(parent):
        for template, kind in kinds.TOO_MUCH.items():
            yield kind, _filled(template, node)
    if function and isinstance(node, ast.BinOp) and not _asks_for_its_form(parent):
        yield from _with_an_argument(node, function)
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "a minus sign is missing", node.operand
    elif isinstance(node, ast.UnaryOp):
        yield "a `not` is missing", node.operand
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.IfExp):
        swapped = like(node, body=node.orelse, orelse=node.body)
        yield "the two branches of a choice are swapped", swapped
        yield "one branch of a choice is always taken", node.body
        yield "one branch of a choice is always taken", node.orelse
    elif isinstance(node, ast.Constant):
        yield from _of_number(node.value)
    elif isinstance(node, ast.Name) and _is_read(node) and function:
        yield from _of_name(node, function)
    elif isinstance(node, ast.Attribute) and _is_read(node):
        yield from _of_attribute(node, tree)
    elif isinstance(node, ast.Subscript) and _is_read(node):
        yield from _of_subscript(node)
    elif isinstance(node, ast.Tuple) and _is_read(node):
        for order in swaps(node.elts):
            yield "two things are in the wrong order", like(node, elts=order)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp) and node.generators[0].ifs:
        everything = [like(node.generators[0], ifs=[]), *node.generators[1:]]
        yield "a condition is missing", like(node, generators=everything)


def _with_an_argument(node: ast.BinOp, function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What comes out of an operation, together with an argument that has no place there."""
    inside = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    for name in _parameters(function):
        if name == "self" or name not in inside and isinstance(node.op, ast.MatMult):
            continue
        for template, what in kinds.ARGUMENT_TOO_MUCH.items():
            yield what.format(name), _filled(template.replace("ARGUMENT", name), node)


def _may_be_a_tensor(node: ast.expr) -> bool:
    forms = ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.BinOp | ast.Compare
    return isinstance(node, forms) and _is_read(node) and getattr(node, "id", "") not in _MODULES


def _asks_for_its_form(node: ast.expr) -> bool:
    """Whether the node takes sizes and the like, or hands them on, and no other numbers."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("shape", "dtype", "training")
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "id", getattr(called, "attr", "")) in _ASK_FOR_SIZES


def _is_read(node: ast.expr) -> bool:
    """Whether the expression is read, not assigned to."""
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    operator = type(node.op)
    if operator in kinds.SWAPPED:
        yield kinds.SWAPPED[operator], like(node, left=node.right, right=node.left)
    if operator in kinds.MISSING:
        yield kinds.MISSING[operator], node.left
        if operator is ast.Sub:
            yield kinds.MISSING[operator], ast.UnaryOp(ast.USub(), node.right)
        yield kinds.MISSING[operator], node.right
    if operator is ast.MatMult:
        for side in ("left", "right"):
            factor = getattr(node, side)
            if not (isinstance(factor, ast.Attribute) and factor.attr == "T"):
                transposed = ast.Attribute(factor, "T", ast.Load())
                yield "there is a transpose too many", like(node, **{side: transposed})
    if isinstance(node.left, ast.Call) and len(node.left.args) == 1:
        inner = like(node, left=node.left.args[0])
        yield kinds.MORE, like(node.left, args=[inner])
    # a · (b + c) for a · b + c, and the other way round
    if operator in (ast.Add, ast.Sub) and _is(node.left, ast.Mult, ast.Div):
        inner = like(node, left=node.left.right)
        yield "brackets stand elsewhere", like(node.left, right=inner)
    # a · (b + c) and (a + c) · b for a · b + c, where · is a matrix product or one of elements
    if operator in (ast.Add, ast.Sub) and _is(node.left, ast.MatMult):
        inner = like(node, left=node.left.right)
        yield "brackets stand elsewhere", like(node.left, right=inner)
    if operator in (ast.Add, ast.Sub) and _is(node.left, ast.MatMult, ast.Mult, ast.Div):
        inner = like(node, left=node.left.left)
        yield "brackets stand elsewhere", like(node.left, left=inner)
    if operator in (ast.Mult, ast.Div) and _is(node.right, ast.Add, ast.Sub):
        outer = like(node, right=node.right.left)
        yield "brackets stand elsewhere", like(node.right, left=outer)
    if operator in (ast.Mult, ast.Div) and _is(node.left, ast.Add, ast.Sub):
        outer = like(node, left=node.left.right)
        yield "brackets stand elsewhere", like(node.left, right=outer)


def _is(node: ast.expr, *operators: type) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "super":
        return
    argument = _main_argument(node)
    if argument is not None:
        missing = kinds.NOUNS.get(name)
        yield (f"{missing} is missing" if missing else kinds.CALL), argument
    if name == "mean" and isinstance(node.func, ast.Attribute):
        for template, kind in kinds.OTHER_MEANS.items():
            yield kind, _filled(template, node.func.value)
    for i, keyword in enumerate(node.keywords):
        rest = node.keywords[:i] + node.keywords[i + 1 :]
        kind = kinds.KEYWORDS.get(keyword.arg, "one keyword argument is missing")
        yield kind, like(node, keywords=rest)
        if keyword.arg == "dim" and isinstance(keyword.value, ast.Constant):
            other = ast.keyword("dim", ast.Constant(1 if keyword.value.value == 0 else 0))
            yield kinds.AXIS, like(node, keywords=[*rest, other])
        if keyword.arg in ("min", "max") and name == "clamp":
            other = ast.keyword({"min": "max", "max": "min"}[keyword.arg], keyword.value)
            kind = "a limit (clamp) cuts off the other side"
            yield kind, like(node, keywords=[*rest, other])
    if name in ("var", "std") and not any(k.arg == "correction" for k in node.keywords):
        by_n = [*node.keywords, ast.keyword("correction", ast.Constant(0))]
        kind = "a variance or deviation divides by N where N − 1 belongs"
        yield kind, like(node, keywords=by_n)
    if name in ("len", "numel"):
        for template in kinds.COUNTS:
            yield kinds.COUNTED, _filled(template, argument)
    if node.args and isinstance(node.args[0], ast.BinOp):
        inner = like(node, args=[node.args[0].left, *node.args[1:]])
        yield kinds.LESS, like(node.args[0], left=inner)
    kind = "two arguments of a call are swapped"
    if name == "where":
        kind = "the two branches of a choice are swapped"
    for order in swaps(node.args):
        yield kind, like(node, args=order)
    for i in range(len(node.args)):
        yield kinds.ARGUMENT, like(node, args=node.args[:i] + node.args[i + 1 :])


def _main_argument(node: ast.Call) -> ast.expr | None:
    """What a call works on: the object of a method, or the first argument of a function."""
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    is_module = isinstance(owner, ast.Name) and owner.id in _MODULES
    if owner is not None and not is_module:
        return owner
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def _of_number(value) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, bool):
        yield f"{not value} stands where {value} belongs", ast.Constant(not value)
    elif isinstance(value, int | float):
        for other in (value + 1, value - 1):
            yield kinds.OFF_BY_ONE, _number(other)
        for other in (-value, 2 * value, value / 2, 10 * value, value / 10):
            if other != value:
                yield kinds.NUMBER, _number(other)


def _number(value) -> ast.expr:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        whole = ast.Constant(int(abs(value)))
        return ast.UnaryOp(ast.USub(), whole) if value < 0 else whole
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _of_name(node: ast.Name, function) -> Iterator[tuple[str, ast.expr]]:
    names = dict.fromkeys(_parameters(function))
    for inner in ast.walk(function):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names[inner.id] = None
    if node.id not in names or node.id == "self":
        return
    for number in (0, 1):
        quantity = f"`{node.id}`" if node.id in _parameters(function) else "a quantity"
        yield f"{quantity} does not enter where it should", ast.Constant(number)
    for other in names:
        if other not in (node.id, "self", "_"):
            kind = (
                f"`{other}` is used where something else belongs"
                if other in _parameters(function)
                else None
            )
            yield kind or kinds.VAGUE_NAME, ast.Name(other, ast.Load())


def _parameters(function) -> list[str]:
    return [argument.arg for argument in function.args.args]


def _of_attribute(node: ast.Attribute, tree) -> Iterator[tuple[str, ast.expr]]:
    if node.attr == "T":
        yield "a transpose is missing", node.value
    if node.attr == "values":
        yield "`.values` is missing", node.value
    if isinstance(node.value, ast.Name) and node.value.id == "self":
        own = {
            inner.attr: None
            for inner in ast.walk(tree)
            if isinstance(inner, ast.Attribute)
            and isinstance(inner.ctx, ast.Store)
            and isinstance(inner.value, ast.Name)
            and inner.value.id == "self"
        }
        for other in own:
            if other != node.attr:
                yield kinds.VAGUE_NAME, like(node, attr=other)


def _of_subscript(node: ast.Subscript) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        for template in ("it.shape[0]", *kinds.COUNTS):
            yield kinds.COUNTED, _filled(template, node.value.value)
    if not isinstance(node.slice, ast.Slice):
        return
    lower, upper = node.slice.lower, node.slice.upper
    yield "all is taken where only a part belongs", node.value
    if lower is None or upper is None:
        other = ast.Slice(upper, lower)
        yield "the other part of a whole is taken", like(node, slice=other)


def swaps(items: list) -> Iterator[list]:
    """The list with two neighbours swapped, for each pair of neighbours."""
    for i in range(len(items) - 1):
        yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


# -- statements ----------------------------------------------------------------------------------


def of_statements(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    for i, statement in enumerate(body):
        before, after = body[:i], body[i + 1 :]
        if not isinstance(statement, ast.Return | ast.FunctionDef) and len(body) > 1:
            yield _left_out(statement), before + after
        if after and not isinstance(after[0], ast.Return) and not _independent(body[i : i + 2]):
            yield "two steps are in the wrong order", [*before, after[0], statement, *after[1:]]
        if isinstance(statement, ast.With):
            yield "a `torch.no_grad()` is missing", before + statement.body + after
        if isinstance(statement, ast.For | ast.If) and after and isinstance(after[-1], ast.Return):
            early = like(statement, body=[*statement.body, *after])
            yield "the `return` stands too far inside", [*before, early, *after]
        if isinstance(statement, ast.Assign) and after and isinstance(after[0], ast.For):
            loop = like(after[0], body=[statement, *after[0].body])
            again = [*before, statement, loop, *after[1:]]
            yield "a starting value is set again in every round of a loop", again
        if isinstance(statement, ast.For) and len(statement.body) > 1:
            *rest, last = statement.body
            if not _leaves_a_loop(last):
                shorter = like(statement, body=rest)
                yield "the last step of a loop stands after it", [*before, shorter, last, *after]
        if isinstance(statement, ast.If) and statement.orelse:
            swapped = like(statement, body=statement.orelse, orelse=statement.body)
            yield "the two branches of a choice are swapped", [*before, swapped, *after]
            yield "one branch of a choice is always taken", [*before, *statement.body, *after]
            yield "one branch of a choice is always taken", [*before, *statement.orelse, *after]


def _independent(steps: list[ast.stmt]) -> bool:
    """Whether both set names, and neither reads or sets a name that the other one sets."""
    if not all(isinstance(step, ast.Assign) for step in steps):
        return False
    names, set_by = [], []
    for step in steps:
        inside = [node for node in ast.walk(step) if isinstance(node, ast.Name)]
        names.append({node.id for node in inside})
        set_by.append({node.id for node in inside if isinstance(node.ctx, ast.Store)})
    return not (set_by[0] & names[1] or set_by[1] & names[0])


def _leaves_a_loop(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Break | ast.Continue) for node in ast.walk(statement))


def _left_out(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        if isinstance(called, ast.Attribute) and called.attr in kinds.CLEARED:
            return kinds.CLEARED[called.attr]
    return kinds.STEP


# -- the tree ------------------------------------------------------------------------------------


class _Fill(ast.NodeTransformer):
    def __init__(self, it: ast.expr):
        self.it = it

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.it if node.id == "it" else node


def _filled(template: str, it: ast.expr) -> ast.expr:
    """The template, an expression as text, with this expression for its `it`."""
    return _Fill(it).visit(ast.parse(template, mode="eval").body)


def like(node: ast.AST, **changes) -> ast.AST:
    """A node like this one, but for the changes."""
    changed = copy.copy(node)
    for field, value in changes.items():
        setattr(changed, field, value)
    return changed
