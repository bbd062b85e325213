"""All programs that differ from a right one by one change, each with the kind of the change.

A kind ends the sentence "It behaves exactly like a right answer in which …". It names what is
different, and never the place or the line.
"""

import ast
import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    if kind in _VAGUE:
        return 2 + _VAGUE.index(kind)
    return 1 if kind in _TOO_MUCH.values() else 0


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


def _edits(tree: ast.Module) -> Iterator[_Edit]:
    for function, node in _with_functions(tree):
        yield from _of_node(node)
        for field, value in ast.iter_fields(node):
            if field in ("decorator_list", "annotation", "returns", "func", "targets", "target"):
                continue
            if isinstance(value, ast.expr):
                for kind, changed in _of_expression(value, function, tree):
                    yield _Edit(kind, node, field, changed)
            elif isinstance(value, list) and value and isinstance(value[0], ast.expr):
                for i, item in enumerate(value):
                    for kind, changed in _of_expression(item, function, tree):
                        yield _Edit(kind, node, field, [*value[:i], changed, *value[i + 1 :]])
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                if not isinstance(node, ast.Module | ast.ClassDef):
                    for kind, body in _of_statements(value):
                        yield _Edit(kind, node, field, body)


def _with_functions(node: ast.AST, function: ast.AST | None = None):
    """Every node, with the function that it is in (None at the top)."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            continue
        yield function, child
        inner = child if isinstance(child, ast.FunctionDef | ast.Lambda) else function
        yield from _with_functions(child, inner)


# -- statements ------------------------------------------------------------------------------------

_CLEARED = {
    "zero_grad": "old gradients are not set to zero",
    "train": "the model is not put into training mode",
    "eval": "a layer is not put into evaluation mode",
    "backward": "no gradients are computed",
    "step": "the optimizer takes no step",
}


def _of_statements(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    for i, statement in enumerate(body):
        before, after = body[:i], body[i + 1 :]
        if not isinstance(statement, ast.Return | ast.FunctionDef) and len(body) > 1:
            yield _left_out(statement), before + after
        if after and isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign):
            if not isinstance(after[0], ast.Return):
                yield "two steps are in the wrong order", [*before, after[0], statement, *after[1:]]
        if isinstance(statement, ast.With):
            yield "a `torch.no_grad()` is missing", before + statement.body + after
        if isinstance(statement, ast.For | ast.If) and after and isinstance(after[-1], ast.Return):
            early = _like(statement, body=[*statement.body, *after])
            yield "the `return` stands too far inside", [*before, early, *after]
        if isinstance(statement, ast.Assign) and after and isinstance(after[0], ast.For):
            loop = _like(after[0], body=[statement, *after[0].body])
            yield (
                "a starting value is set again in every round of a loop",
                [
                    *before,
                    statement,
                    loop,
                    *after[1:],
                ],
            )
        if isinstance(statement, ast.For) and len(statement.body) > 1:
            *rest, last = statement.body
            if not _leaves_a_loop(last):
                shorter = _like(statement, body=rest)
                yield "the last step of a loop stands after it", [*before, shorter, last, *after]
        if isinstance(statement, ast.If) and statement.orelse:
            swapped = _like(statement, body=statement.orelse, orelse=statement.body)
            yield "the two branches of a choice are swapped", [*before, swapped, *after]
            yield "one branch of a choice is always taken", [*before, *statement.body, *after]
            yield "one branch of a choice is always taken", [*before, *statement.orelse, *after]


def _leaves_a_loop(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Break | ast.Continue) for node in ast.walk(statement))


def _left_out(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        if isinstance(called, ast.Attribute) and called.attr in _CLEARED:
            return _CLEARED[called.attr]
    return "one step is left out"


def _of_node(node: ast.AST) -> Iterator[_Edit]:
    """Changes of a node itself, not of what stands in it."""
    if isinstance(node, ast.BinOp):
        for other, kind in _OPERATORS.get(type(node.op), []):
            yield _Edit(kind, node, "op", other())
    if isinstance(node, ast.Compare):
        for other, kind in _COMPARISONS.get(type(node.ops[0]), []):
            yield _Edit(kind, node, "ops", [other()])
    if isinstance(node, ast.Attribute):
        for other in _INSTEAD.get(node.attr, []):
            kind = f"{_NOUNS[other]} stands where {_NOUNS[node.attr]} belongs"
            yield _Edit(kind, node, "attr", other)
    if isinstance(node, ast.AugAssign):
        if isinstance(node.op, ast.Add):
            yield _Edit("a minus stands where a plus belongs", node, "op", ast.Sub())
        if isinstance(node.op, ast.Sub):
            yield _Edit("a plus stands where a minus belongs", node, "op", ast.Add())
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        for order in _swaps(node.targets[0].elts):
            changed = [_like(node.targets[0], elts=order)]
            yield _Edit("two things are taken for one another", node, "targets", changed)
    if isinstance(node, ast.Dict) and len(node.values) > 1:
        for order in _swaps(node.values):
            yield _Edit("two values of a dictionary are swapped", node, "values", order)


# -- expressions -----------------------------------------------------------------------------------

_OPERATORS = {
    ast.Add: [
        (ast.Sub, "a minus stands where a plus belongs"),
        (ast.Mult, "a product stands where a sum belongs"),
    ],
    ast.Sub: [
        (ast.Add, "a plus stands where a minus belongs"),
        (ast.Div, "a quotient stands where a difference belongs"),
    ],
    ast.Mult: [
        (ast.Div, "a division stands where a product belongs"),
        (ast.Add, "a sum stands where a product belongs"),
        (ast.MatMult, "a matrix product (@) stands where a product of elements (*) belongs"),
    ],
    ast.Div: [
        (ast.Mult, "a product stands where a division belongs"),
        (ast.FloorDiv, "a quotient is rounded down where it should not be"),
    ],
    ast.FloorDiv: [
        (ast.Div, "a quotient is not rounded down"),
        (ast.Mult, "a product stands where a division belongs"),
        (ast.Mod, "a remainder stands where a quotient belongs"),
    ],
    ast.MatMult: [
        (ast.Mult, "a product of elements (*) stands where a matrix product (@) belongs")
    ],
    ast.Pow: [(ast.Mult, "a product stands where a power belongs")],
}

_MISSING = {
    ast.Add: "one term of a sum is missing",
    ast.Sub: "one side of a subtraction is missing",
    ast.Mult: "one factor is missing",
    ast.Div: "a division is missing",
    ast.FloorDiv: "a division is missing",
    ast.MatMult: "one factor of a matrix product is missing",
    ast.Pow: "a power or a root is missing",
}

_SWAPPED = {
    ast.Sub: "the two sides of a subtraction are swapped",
    ast.Div: "numerator and denominator are swapped",
    ast.FloorDiv: "numerator and denominator are swapped",
    ast.MatMult: "the two factors of a matrix product are swapped",
    ast.Pow: "base and exponent are swapped",
}

_TURNED = "a comparison looks the wrong way"
_EQUALITY = (
    "a comparison decides wrongly when both sides are equal: > for ≥, < for ≤, or vice versa"
)
_COMPARISONS = {
    ast.Gt: [(ast.GtE, _EQUALITY), (ast.Lt, _TURNED), (ast.LtE, _TURNED)],
    ast.GtE: [(ast.Gt, _EQUALITY), (ast.LtE, _TURNED), (ast.Lt, _TURNED)],
    ast.Lt: [(ast.LtE, _EQUALITY), (ast.Gt, _TURNED), (ast.GtE, _TURNED)],
    ast.LtE: [(ast.Lt, _EQUALITY), (ast.GtE, _TURNED), (ast.Gt, _TURNED)],
    ast.Eq: [(ast.NotEq, "a comparison asks whether things are unequal, not equal")],
    ast.NotEq: [(ast.Eq, "a comparison asks whether things are equal, not unequal")],
}

_NOUNS = {
    "mean": "a mean",
    "sum": "a sum",
    "sqrt": "a square root",
    "std": "a standard deviation",
    "median": "a median",
    "square": "a square",
    "var": "a variance",
    "max": "a maximum",
    "amax": "a maximum",
    "min": "a minimum",
    "amin": "a minimum",
    "argmax": "the place of the largest",
    "argmin": "the place of the smallest",
    "exp": "an exponential",
    "log": "a logarithm",
    "abs": "an absolute value",
    "all": "an “all”",
    "any": "an “any”",
    "sigmoid": "a sigmoid",
    "tanh": "a tanh",
    "relu": "a ReLU",
    "zeros": "zeros",
    "ones": "ones",
    "zeros_like": "zeros",
    "ones_like": "ones",
    "rand": "numbers from 0 to 1 (rand)",
    "randn": "normal numbers (randn)",
    "round": "rounding",
    "floor": "rounding down",
    "ceil": "rounding up",
    "int": "rounding towards 0",
    "stack": "stacking (stack)",
    "cat": "joining (cat)",
    "clamp": "a limit (clamp)",
    "train": "training mode",
    "eval": "evaluation mode",
}

_TOO_MUCH = {
    "-it": "there is a minus sign too many",
    "2 * it": "there is a factor 2 too many",
    "it / 2": "there is a factor ½ too many",
    "1 - it": "1 minus something stands where that itself belongs",
    "it ** 2": "a square is taken where none belongs",
    "it.mean()": "a mean is taken where the numbers themselves belong",
    "it.mean(dim=0)": "a mean is taken where the numbers themselves belong",
    "it.mean(dim=-1)": "a mean is taken where the numbers themselves belong",
    "it.sum()": "a sum is taken where the numbers themselves belong",
    "it.sum(dim=0)": "a sum is taken where the numbers themselves belong",
    "it.sum(dim=-1)": "a sum is taken where the numbers themselves belong",
    "it.max()": "a maximum is taken where the numbers themselves belong",
    "it.abs()": "an absolute value is taken where none belongs",
    "it.sqrt()": "a square root is taken where none belongs",
    "it.exp()": "an exponential is taken where none belongs",
    "it.log()": "a logarithm is taken where none belongs",
    "it.sign()": "only a sign is taken where a number belongs",
    "it.round()": "something is rounded that should not be",
    "it.relu()": "negative numbers become 0 where they should not",
    "it.sigmoid()": "a sigmoid is taken where none belongs",
    "it.tanh()": "a tanh is taken where none belongs",
    "it.reciprocal()": "a reciprocal is taken where none belongs",
    "it.detach()": "something is cut off from the graph, so no gradient flows through it",
}
"""What may be done to an expression, `it`, that does not belong there."""

_OTHER_MEANS = {
    "it.sum() / len(it)": "a mean divides by another number than how many it adds up",
    "it.sum() / it.shape[-1]": "a mean divides by another number than how many it adds up",
    "it.sum() / (it.numel() - 1)": "a mean divides by one less than it should",
    "it.sum(dim=0) / it.shape[-1]": "a mean divides by another number than how many it adds up",
    "it.sum(dim=0) / it.numel()": "a mean divides by another number than how many it adds up",
    "it.sum(dim=0) / (len(it) - 1)": "a mean divides by one less than it should",
}
"""What may stand for the mean of `it`."""

_COUNTS = ("len(it)", "it.shape[-1]", "it.numel()")

_MODULES = ("torch", "nn", "F", "math")

_INSTEAD = {
    "mean": ["sum", "max", "std", "median"],
    "sum": ["mean", "max"],
    "sqrt": ["square"],
    "std": ["var"],
    "var": ["std"],
    "max": ["min"],
    "min": ["max"],
    "amax": ["amin", "sum"],
    "amin": ["amax"],
    "argmax": ["argmin"],
    "argmin": ["argmax"],
    "all": ["any"],
    "any": ["all"],
    "exp": ["log"],
    "log": ["exp"],
    "sigmoid": ["tanh", "relu"],
    "zeros": ["ones"],
    "ones": ["zeros"],
    "zeros_like": ["ones_like"],
    "ones_like": ["zeros_like"],
    "rand": ["randn"],
    "randn": ["rand"],
    "stack": ["cat"],
    "cat": ["stack"],
    "train": ["eval"],
    "eval": ["train"],
}

_KEYWORDS = {
    "dim": "a `dim=` is missing",
    "keepdim": "a `keepdim=True` is missing",
    "generator": "random numbers do not come from the generator",
    "correction": "a variance or deviation divides by N − 1 where N belongs",
    "dtype": "a `dtype=` is missing",
}

_COUNTED = "something else is counted: rows, columns and all elements are different numbers"
_LESS = "a function is applied to a part of what it should be applied to"
_MORE = "a function is applied to more than it should be applied to"
_AXIS = "something is computed along another dimension (dim)"
_VAGUE_NAME = "one quantity stands where another belongs"
_OFF_BY_ONE = "one number is off by one"
_NUMBER = "one number is another"
_STEP = "one step is left out"
_ARGUMENT = "one argument of a call is missing"
_CALL = "one call of a function is missing"
_VAGUE = [_ARGUMENT, _STEP, _OFF_BY_ONE, _CALL, _VAGUE_NAME, _NUMBER]
"""Kinds that say little: where others explain an answer as well, those come first."""


def _of_expression(node: ast.expr, function, tree) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "a minus sign is missing", node.operand
    elif isinstance(node, ast.UnaryOp):
        yield "a `not` is missing", node.operand
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.IfExp):
        swapped = _like(node, body=node.orelse, orelse=node.body)
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
        for order in _swaps(node.elts):
            yield "two things are in the wrong order", _like(node, elts=order)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp) and node.generators[0].ifs:
        everything = [_like(node.generators[0], ifs=[]), *node.generators[1:]]
        yield "a condition is missing", _like(node, generators=everything)
    if function and _may_be_a_tensor(node):
        yield from _with_more(node)


def _may_be_a_tensor(node: ast.expr) -> bool:
    kinds = ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.BinOp | ast.Compare
    return isinstance(node, kinds) and _is_read(node) and getattr(node, "id", "") not in _MODULES


def _with_more(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The expression with something done to it that does not belong there."""
    for template, kind in _TOO_MUCH.items():
        yield kind, _filled(template, node)


def _is_read(node: ast.expr) -> bool:
    """Whether the expression is read, not assigned to."""
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    operator = type(node.op)
    if operator in _SWAPPED:
        yield _SWAPPED[operator], _like(node, left=node.right, right=node.left)
    if operator in _MISSING:
        yield _MISSING[operator], node.left
        if operator is ast.Sub:
            yield _MISSING[operator], ast.UnaryOp(ast.USub(), node.right)
        yield _MISSING[operator], node.right
    if operator is ast.MatMult:
        for side in ("left", "right"):
            factor = getattr(node, side)
            if not (isinstance(factor, ast.Attribute) and factor.attr == "T"):
                transposed = ast.Attribute(factor, "T", ast.Load())
                yield "there is a transpose too many", _like(node, **{side: transposed})
    if isinstance(node.left, ast.Call) and len(node.left.args) == 1:
        inner = _like(node, left=node.left.args[0])
        yield _MORE, _like(node.left, args=[inner])
    # a · (b + c) for a · b + c, and the other way round
    if operator in (ast.Add, ast.Sub) and _is(node.left, ast.Mult, ast.Div):
        inner = _like(node, left=node.left.right)
        yield "brackets stand elsewhere", _like(node.left, right=inner)
    if operator in (ast.Mult, ast.Div) and _is(node.right, ast.Add, ast.Sub):
        outer = _like(node, right=node.right.left)
        yield "brackets stand elsewhere", _like(node.right, left=outer)
    if operator in (ast.Mult, ast.Div) and _is(node.left, ast.Add, ast.Sub):
        outer = _like(node, left=node.left.right)
        yield "brackets stand elsewhere", _like(node.left, right=outer)


def _is(node: ast.expr, *operators: type) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "super":
        return
    argument = _main_argument(node)
    if argument is not None:
        missing = _NOUNS.get(name)
        yield (f"{missing} is missing" if missing else _CALL), argument
    if name == "mean" and isinstance(node.func, ast.Attribute):
        for template, kind in _OTHER_MEANS.items():
            yield kind, _filled(template, node.func.value)
    for i, keyword in enumerate(node.keywords):
        rest = node.keywords[:i] + node.keywords[i + 1 :]
        kind = _KEYWORDS.get(keyword.arg, "one keyword argument is missing")
        yield kind, _like(node, keywords=rest)
        if keyword.arg == "dim" and isinstance(keyword.value, ast.Constant):
            other = ast.keyword("dim", ast.Constant(1 if keyword.value.value == 0 else 0))
            yield _AXIS, _like(node, keywords=[*rest, other])
        if keyword.arg in ("min", "max") and name == "clamp":
            other = ast.keyword({"min": "max", "max": "min"}[keyword.arg], keyword.value)
            kind = "a limit (clamp) cuts off the other side"
            yield kind, _like(node, keywords=[*rest, other])
    if name in ("var", "std") and not any(k.arg == "correction" for k in node.keywords):
        by_n = [*node.keywords, ast.keyword("correction", ast.Constant(0))]
        kind = "a variance or deviation divides by N where N − 1 belongs"
        yield kind, _like(node, keywords=by_n)
    if name in ("len", "numel"):
        for template in _COUNTS:
            yield _COUNTED, _filled(template, argument)
    if node.args and isinstance(node.args[0], ast.BinOp):
        inner = _like(node, args=[node.args[0].left, *node.args[1:]])
        yield _LESS, _like(node.args[0], left=inner)
    kind = "two arguments of a call are swapped"
    if name == "where":
        kind = "the two branches of a choice are swapped"
    for order in _swaps(node.args):
        yield kind, _like(node, args=order)
    for i in range(len(node.args)):
        yield _ARGUMENT, _like(node, args=node.args[:i] + node.args[i + 1 :])


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
            yield _OFF_BY_ONE, _number(other)
        for other in (-value, 2 * value, value / 2, 10 * value, value / 10):
            yield _NUMBER, _number(other)


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
            yield kind or _VAGUE_NAME, ast.Name(other, ast.Load())


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
                yield _VAGUE_NAME, _like(node, attr=other)


def _of_subscript(node: ast.Subscript) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        for template in ("it.shape[0]", *_COUNTS):
            yield _COUNTED, _filled(template, node.value.value)
    if not isinstance(node.slice, ast.Slice):
        return
    lower, upper = node.slice.lower, node.slice.upper
    yield "all is taken where only a part belongs", node.value
    if lower is None or upper is None:
        other = ast.Slice(upper, lower)
        yield "the other part of a whole is taken", _like(node, slice=other)


def _swaps(items: list) -> Iterator[list]:
    """The list with two neighbours swapped, for each pair of neighbours."""
    for i in range(len(items) - 1):
        yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


class _Fill(ast.NodeTransformer):
    def __init__(self, it: ast.expr):
        self.it = it

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.it if node.id == "it" else node


def _filled(template: str, it: ast.expr) -> ast.expr:
    """The template, an expression as text, with this expression for its `it`."""
    return _Fill(it).visit(ast.parse(template, mode="eval").body)


def _like(node: ast.AST, **changes) -> ast.AST:
    """A node like this one, but for the changes."""
    changed = copy.copy(node)
    for field, value in changes.items():
        setattr(changed, field, value)
    return changed
