"""Where an answer runs: use it on every case and keep what came back as plain data.

Nothing in here knows what is right. The grader runs this part in a process that it does not trust.
"""

import __future__

import ast
import contextlib
import copy
import dis
import functools
import io
import linecache
import sys
import sysconfig
import traceback
import types
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from nnlib.checking.exercise import Asked, Verdict
from nnlib.checking.state import pinned
from nnlib.checking.use import Unusable, kind


@dataclass(frozen=True)
class Foreign:
    """Stands for a value that is not plain data, by the name of its type."""

    type_name: str


@dataclass(frozen=True)
class Failure:
    """An exception that an answer raised: its type, its text, and the learner's own line.

    Four types are our own: `OtherKind`, `WrongArguments`, `ReturnedNothing`, and `Unusable` for an
    exception that the check itself met in what an answer gave it.
    """

    type_name: str
    text: str
    line: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one case gave: plain data, or a failure; did it change its arguments; what it printed."""

    value: Any = None
    failure: Failure | None = None
    changed_arguments: bool = False
    printed: str = ""


_PROGRAM = "<answer"


class _Shell:
    """Stands for IPython where there is none: whatever is asked of it, it does nothing."""

    def __getattr__(self, name):
        return lambda *arguments, **options: []


def load(program: str, expression: str, given: str = ""):
    """Run a program as a notebook runs, and return what the expression gives afterwards.

    A statement that raises doesn't stop those after it; its error is raised only if the expression
    then fails, too. A failed import stops all: what it gives is needed, or it would not be there.
    given: the name under which the expression finds what the program's own calls of `check` were
    given, by exercise. Tracebacks show the program's lines.
    """
    filename = f"{_PROGRAM} {zlib.crc32(program.encode()):08x}>"  # one for each program
    linecache.cache[filename] = (len(program), None, program.splitlines(keepends=True), filename)
    module = types.ModuleType("__main__")
    namespace = vars(module)
    namespace |= {"get_ipython": _Shell, "display": lambda *objects, **options: None}
    flags, first_error = 0, None
    with _checks_recorded() as recorded, mock.patch.dict(sys.modules, {"__main__": module}):
        for node in ast.parse(program, filename).body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                features = (getattr(__future__, a.name, None) for a in node.names)
                flags |= sum(feature.compiler_flag for feature in features if feature)
            try:
                code = compile(ast.Module([node], []), filename, "exec", flags, dont_inherit=True)
                exec(code, namespace)
            except (Exception, SystemExit) as error:
                if isinstance(node, ast.Import | ast.ImportFrom) and node.names[0].name != "*":
                    raise
                first_error = first_error or error
        try:
            return eval(expression, namespace, {given: recorded})
        except (Exception, SystemExit):
            if first_error:
                raise first_error from None
            raise


@contextlib.contextmanager
def _checks_recorded():
    """Within it, `check` judges nothing: it keeps what it is given, by the exercise's name."""
    recorded = {}

    def check(name, answer):
        recorded[name] = answer
        return Verdict(name, "correct")

    with contextlib.ExitStack() as stack:
        for name in ("nnlib", "nnlib.exercises"):
            if name in sys.modules:
                instead = {"check": check, "hint": lambda name: None}
                stack.enter_context(mock.patch.multiple(name, create=True, **instead))
        yield recorded


def run(asked: Asked, answer, seed: int) -> list[Outcome]:
    """Use the answer on every case of this seed, also after one that fails.

    The inputs are copied for each run, torch's state is the same whatever it was before, and what
    the answer prints is kept instead of shown.
    """
    if _is_other_kind(answer, asked.kind):
        return [Outcome(failure=Failure("OtherKind", type(answer).__name__))]
    with pinned(seed):
        cases = asked.cases(torch.Generator().manual_seed(seed))
    return [run_case(asked, answer, case, seed) for case in cases]


def _is_other_kind(answer, kind: str) -> bool:
    """Whether a function or class is asked for and something else was handed in."""
    if kind == "class":
        return not isinstance(answer, type)
    return kind == "function" and not callable(answer)


def run_case(asked: Asked, answer, case: tuple, seed: int) -> Outcome:
    printed = io.StringIO()
    value, failure = None, None
    with pinned(seed), contextlib.redirect_stdout(printed):
        arguments = copy.deepcopy(case)
        returned = []
        if not isinstance(answer, type) and callable(answer):
            answer = _watched(answer, returned)
        try:
            value = plain(asked.use(answer, *arguments))
        except (Exception, SystemExit) as error:
            failure = describe_failure(error)
            if not isinstance(error, Unusable | SystemExit) and not _is_in_answer(error):
                failure = _unusable(failure, returned)
    return Outcome(value, failure, not _unchanged(case, arguments), printed.getvalue())


def plain(value):
    """Plain data made of `value`: detached copies of tensors, containers rebuilt.

    Anything that is not a tensor, number, string, None, list, tuple or dict becomes a `Foreign`.
    """
    if isinstance(value, torch.Tensor):
        return value.detach().as_subclass(torch.Tensor).cpu().clone()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) in (list, tuple, torch.Size):
        items = [plain(item) for item in value]
        return items if type(value) is list else tuple(items)
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        return plain(value.item())  # one of numpy's numbers
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return Foreign(f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins."))


class ReturnedNothing(Exception):
    """The answer, a function, returned None; the text says how that came about."""


class WrongArguments(Exception):
    """The answer, a function, does not take the arguments that the lesson's hole takes."""


def _watched(answer, returned: list):
    """The same function; what it returns is noted, and what stops the call itself has a name."""

    @functools.wraps(answer, updated=())
    def watched(*arguments):
        try:
            result = answer(*arguments)
        except TypeError as error:
            if isinstance(answer, types.FunctionType) and error.__traceback__.tb_next is None:
                raise WrongArguments(str(error)) from None  # nothing of it has run
            raise
        if result is None:
            raise ReturnedNothing(_why_nothing(answer))
        returned.append(result)
        return result

    return watched


RETURNED_NOTHING = (
    "It returned None. Is a `return` missing at its end?",
    "It returned None. Does it come to its end without meeting a `return`?",
    "It returned None: what stands after `return` is None there.",
)


def _why_nothing(answer) -> str:
    """Whether a `return` is missing or what is returned is None: both are seen in the code."""
    code = getattr(answer, "__code__", None)
    instructions = list(dis.get_instructions(code)) if code else []
    returns = [i for i, one in enumerate(instructions) if one.opname.startswith("RETURN_")]
    constant = [
        instructions[i].opname == "RETURN_CONST" or instructions[i - 1].opname == "LOAD_CONST"
        for i in returns
    ]
    if all(constant):
        return RETURNED_NOTHING[0]
    return RETURNED_NOTHING[1 if any(constant) else 2]


def _unusable(failure: Failure, returned: list) -> Failure:
    """What the check itself met in what an answer gave it, told as that."""
    what = "it"
    if returned:
        value = returned[-1]
        shape = f" of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else ""
        what = f"what it returned, {kind(value)}{shape},"
    text = f"Using {what} raised {failure.type_name}: {failure.text}"
    return Failure(Unusable.__name__, text, failure.line)


def _is_in_answer(error: BaseException) -> bool:
    """Whether an exception came out of the learner's code, or out of the call of it."""
    frames = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(_is_the_learners(code.co_filename) or code.co_name == "watched" for code in frames)


def _unchanged(before, after) -> bool:
    """Whether tensors, numbers and texts among the arguments are as they were.

    A model may be trained, and what else there is may do as it likes.
    """
    if not isinstance(before, torch.Tensor | list | tuple | dict | int | float | str):
        return True
    if type(before) is not type(after):
        return False
    if isinstance(before, dict):
        same_keys = list(before) == list(after)
        return same_keys and all(_unchanged(before[key], after[key]) for key in before)
    if isinstance(before, list | tuple):
        same_length = len(before) == len(after)
        return same_length and all(_unchanged(b, a) for b, a in zip(before, after, strict=True))
    if not isinstance(before, torch.Tensor):
        return before == after
    if before.requires_grad != after.requires_grad or (before.grad is None) != (after.grad is None):
        return False
    if before.shape != after.shape or before.dtype != after.dtype:
        return False
    same_gradient = before.grad is None or torch.equal(before.grad, after.grad)
    return same_gradient and torch.equal(before, after)


_NOT_THE_LEARNERS = tuple(
    str(Path(folder).resolve())
    for folder in {
        Path(__file__).parents[1],
        Path(torch.__file__).parent,
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
    }
)


@functools.lru_cache(maxsize=4096)
def _is_the_learners(filename: str) -> bool:
    """Whether code in this file was written by the learner, not by us, torch or Python."""
    return not str(Path(filename).resolve()).startswith(_NOT_THE_LEARNERS)


def describe_failure(error: BaseException) -> Failure:
    """The failure as data; its line is the last one in the traceback that the learner wrote."""
    line = ""
    if isinstance(error, SyntaxError) and error.text:
        if _is_program(error.filename):  # str(error) would name that
            return Failure(type(error).__name__, error.msg, error.text.strip())
        line = f"line {error.lineno}: {error.text.strip()}"
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.line and _is_the_learners(frame.filename)
    ]
    if own:
        line = f"{_place(own[-1], own[0])}{own[-1].line}"
    return Failure(type(error).__name__, str(error), line)


def _place(frame: traceback.FrameSummary, first: traceback.FrameSummary) -> str:
    """Such as "line 2: ", or "line 2 of helper: " in another function than the answer itself."""
    function = "" if frame.name.startswith("<") else frame.name
    if _is_program(frame.filename):  # was put together: its line numbers are not the learner's
        return f"in {function}: " if function else ""
    other = f" of {function}" if function and function != first.name else ""
    return f"line {frame.lineno}{other}: "


def _is_program(filename: str | None) -> bool:
    """Whether the code was compiled by `load`."""
    return bool(filename) and filename.startswith(_PROGRAM)
