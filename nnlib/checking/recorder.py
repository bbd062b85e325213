"""Run an answer with every expression of it recorded: where it stands, and which values it took.

The learner's functions are compiled once more from their own source, each expression wrapped in a
call that notes its value. The names, defaults and closures stay theirs; what cannot be rebuilt so
(no source, another kind of callable) is not traced.
"""

import ast
import contextlib
import dataclasses
import functools
import linecache
import types
from dataclasses import dataclass, field
from time import thread_time
from typing import Any

import numpy as np
import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.running import Foreign, Outcome, run_case

MOST_EVENTS = 20_000
MOST_ELEMENTS = 50_000  # of one value; a larger one is kept as its shape alone
MOST_ELEMENTS_TOGETHER = 5_000_000
MOST_ITEMS = 1000  # of a list, tuple or dict that goes in or out
MOST_ITEMS_INSIDE = 12  # of one that an expression in between gives


Place = tuple[str, int, int, int, int]
Number = tuple[str, int]  # of a spot: its file, and which one it is there


class NotTraceable(Exception):
    """The answer's source is not at hand, or its code is of a kind that is not rebuilt here."""


class _OutOfTime(BaseException):
    """Ends a recorded run; not an `Exception`, so that an answer's `except` lets it pass."""


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


@dataclass(frozen=True)
class Large:
    """Stands for an array that is too large to keep."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Long:
    """Stands for a list, tuple or dict that is too long to keep."""

    type_name: str
    length: int


@dataclass
class Call:
    """One call from outside of the answer, or of one of its methods.

    function: the method's name; empty for a function, which has just one.
    first, last: its events are ``events[first:last]``. changed: the event after which an argument
    was not what it had been, with that argument's place among them.
    """

    function: str
    arguments: tuple
    first: int
    last: int | None = None
    returned: Any = None
    changed: tuple[int, int] | None = None


@dataclass
class Recording:
    """What one recorded run saw.

    events: (number of the spot, value, whether the value is connected to a gradient), in the order
        of the evaluation. raised: where an exception left the learner's code, if one did.
    """

    spots: dict[Number, Spot] = field(default_factory=dict)
    events: list[tuple[Number, Any, bool]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    raised: Place | None = None
    outcome: Outcome | None = None


def record(asked: Asked, answer, case: tuple, seed: int, deadline: float) -> Recording:
    """Run the answer on the case, as `run` does, and return all that was seen.

    deadline: by ``time.thread_time()``; a run that passes it ends with `NotTraceable`. Raises also
    whatever goes wrong in rebuilding somebody's code, but never what the answer raises: that is in
    the recording's outcome.
    """
    recorder = _Recorder(deadline)
    traced = recorder.entry(answer)

    def use(answer, *arguments):
        try:
            return asked.use(answer, *arguments)
        except Exception as error:
            recorder.recording.raised = recorder.place_of(error)
            raise

    try:
        outcome = run_case(dataclasses.replace(asked, use=use), traced, case, seed)
    except _OutOfTime:
        raise NotTraceable("it takes too long") from None
    recorder.recording.outcome = outcome
    return recorder.recording


class _Recorder:
    def __init__(self, deadline: float):
        self.recording = Recording()
        self.deadline = deadline
        self.elements = 0
        self.files: set[str] = set()
        self.namespaces: dict[int, dict] = {}
        self.call: Call | None = None
        self.watched: list[tuple[torch.Tensor, int, bool]] = []

    # -- while the answer runs ---------------------------------------------------------------------

    def seen(self, number: Number, value):
        """Note the value of an expression, and hand it on."""
        if thread_time() > self.deadline:
            raise _OutOfTime
        events = self.recording.events
        if len(events) < MOST_EVENTS:
            connected = isinstance(value, torch.Tensor) and value.requires_grad
            events.append((number, self.kept(value, MOST_ITEMS_INSIDE), connected))
            for place, (tensor, *before) in enumerate(self.watched):
                now = [tensor._version, tensor.requires_grad]
                if now != before and self.call and not self.call.changed:
                    self.call.changed = len(events) - 1, place
        return value

    def kept(self, value, most: int = MOST_ITEMS):
        """The value as plain data that later work in place does not reach."""
        if isinstance(value, torch.Tensor):
            try:
                value = value.detach().cpu()
                if value.dtype == torch.bfloat16:
                    value = value.float()
                value = value.numpy()
            except (RuntimeError, TypeError):  # such as the stand-ins inside torch.func
                return Foreign("Tensor")
        if isinstance(value, np.ndarray):
            self.elements += value.size
            if value.size > MOST_ELEMENTS or self.elements > MOST_ELEMENTS_TOGETHER:
                return Large(value.shape)
            return value.copy()
        if isinstance(value, np.generic):
            return value.item()
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, list | tuple | dict):
            if len(value) > most:
                return Long(type(value).__name__, len(value))
            if isinstance(value, dict):
                return {str(key): self.kept(item, most // 2) for key, item in value.items()}
            kept = [self.kept(item, most // 2) for item in value]
            return kept if isinstance(value, list) else tuple(kept)
        return Foreign(type(value).__name__)

    def place_of(self, error: BaseException) -> Place | None:
        """Where in the learner's code the exception arose: the innermost place that is theirs."""
        place, step = None, error.__traceback__
        while step:
            code = step.tb_frame.f_code
            if code.co_filename in self.files:
                line, last_line, column, last_column = list(code.co_positions())[step.tb_lasti // 2]
                place = code.co_filename, line, column, last_line, last_column
            step = step.tb_next
        return None if place is None or None in place else place

    # -- rebuilding --------------------------------------------------------------------------------

    def entry(self, answer):
        """The answer, rebuilt so that its calls from outside are recorded as such."""
        if isinstance(answer, type):
            return self.rebuilt_class(answer, self.from_outside)
        try:
            inside = self.rebuilt(answer)
        except NotTraceable:
            inside = answer  # such as a function of torch: what goes in and out is still seen
        return self.from_outside(inside, "", is_method=False)

    def from_outside(self, function, name: str, is_method: bool):
        def entry(*arguments, **named):
            if self.call:  # called by the answer itself
                return function(*arguments, **named)
            given = (arguments[1:] if is_method else arguments) + tuple(named.values())
            kept = tuple(self.kept(argument) for argument in given)
            call = Call(name, kept, first=len(self.recording.events))
            self.recording.calls.append(call)
            self.call = call
            self.watched = [
                (a, a._version, a.requires_grad)
                for a in given
                if isinstance(a, torch.Tensor) and not a.is_inference()
            ]
            try:
                result = function(*arguments, **named)
                if isinstance(result, types.GeneratorType):
                    result = list(result)
                    call.returned = self.kept(result)
                    return iter(result)
                call.returned = self.kept(result)
                return result
            finally:
                call.last = len(self.recording.events)
                self.call, self.watched = None, []

        return entry

    def rebuilt(self, function: types.FunctionType) -> types.FunctionType:
        """The same function with its expressions recorded; a wrapper around one is kept."""
        if not isinstance(function, types.FunctionType):
            raise NotTraceable("not a function")
        inner = getattr(function, "__wrapped__", None)
        if isinstance(inner, types.FunctionType):
            cells = tuple(
                types.CellType(self.rebuilt(inner)) if cell.cell_contents is inner else cell
                for cell in function.__closure__ or ()
            )
            return types.FunctionType(
                function.__code__, function.__globals__, function.__name__,
                function.__defaults__, cells,
            )  # fmt: skip
        code = self.traced_code(function.__code__)
        names = self.namespace(function.__globals__, _names(function.__code__))
        twin = types.FunctionType(
            code, names, function.__name__, function.__defaults__, function.__closure__
        )
        twin.__kwdefaults__ = function.__kwdefaults__
        return twin

    def rebuilt_class(self, cls: type, wrap=lambda function, name, is_method: function) -> type:
        """A subclass of the same name whose own methods are recorded."""
        methods = {}
        for name, method in vars(cls).items():
            if isinstance(method, types.FunctionType):
                with contextlib.suppress(NotTraceable):
                    methods[name] = wrap(self.rebuilt(method), name, is_method=True)
        about = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
        return type(cls)(cls.__name__, (cls,), methods | about)

    def namespace(self, original: dict, names: set[str]) -> dict:
        """A copy of a module's names in which those functions and classes of its own are traced."""
        if id(original) not in self.namespaces:
            self.namespaces[id(original)] = dict(original) | {_SEEN: self.seen}
        copy = self.namespaces[id(original)]
        for name in names & original.keys():
            value = original[name]
            if copy[name] is not value:
                continue  # traced already, or just being traced
            is_function = isinstance(value, types.FunctionType) and value.__globals__ is original
            is_class = isinstance(value, type) and value.__module__ == original.get("__name__")
            if not (is_function or is_class):
                continue
            copy[name] = None
            try:
                copy[name] = self.rebuilt(value) if is_function else self.rebuilt_class(value)
            except (NotTraceable, TypeError):
                copy[name] = value  # what happens inside is not seen
        return copy

    def traced_code(self, code: types.CodeType) -> types.CodeType:
        """The code of the same function, compiled from its source with every expression wrapped."""
        source = "".join(linecache.getlines(code.co_filename))
        plain, wrapped, spots = _compiled(source, code.co_filename, code.co_flags & _FUTURE)
        plain, wrapped = _find(plain, code), _find(wrapped, code)
        if plain is None or wrapped is None or _content(plain) != _content(code):
            raise NotTraceable("the source at hand is not what runs")
        self.files.add(code.co_filename)
        self.recording.spots.update(spots)
        return wrapped


_SEEN = "__seen__"
_FUTURE = 0x1000000  # from __future__ import annotations


@functools.lru_cache(maxsize=64)
def _compiled(source: str, filename: str, flags: int):
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


def _names(code: types.CodeType) -> set[str]:
    """All global names and attributes that a function's code speaks of, inner functions included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*(_names(constant) for constant in inner))


def _content(code: types.CodeType) -> tuple:
    """What a function's code speaks of; its instructions differ if it was compiled by itself."""
    plain = [repr(c) for c in code.co_consts if not isinstance(c, types.CodeType)]
    return code.co_names, code.co_varnames, code.co_freevars, plain


def _find(module: types.CodeType, wanted: types.CodeType) -> types.CodeType | None:
    """The code of the same function inside a module's code."""
    for constant in module.co_consts:
        if isinstance(constant, types.CodeType):
            name, line = constant.co_name, constant.co_firstlineno
            if (name, line) == (wanted.co_name, wanted.co_firstlineno):
                return constant
            inside = _find(constant, wanted)
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
        name = ast.Name(_SEEN, ast.Load())
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
    return is_call and node.func.id == _SEEN
