"""Where an answer runs: use it on every case and keep what came back as plain data.

Nothing in here knows what is right. The grader runs this part in a process that it does not trust.
"""

import contextlib
import copy
import functools
import io
import linecache
import sysconfig
import traceback
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nnlib.checking.exercise import Asked


@dataclass(frozen=True)
class Foreign:
    """Stands for a value that is not plain data, by the name of its type."""

    type_name: str


@dataclass(frozen=True)
class Failure:
    """An exception that an answer raised: its type, its text, and the learner's own line."""

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


def load(program: str, name: str):
    """Run a program and return what it defines under that name; tracebacks show its lines."""
    filename = f"{_PROGRAM} {name}>"
    linecache.cache[filename] = (len(program), None, program.splitlines(keepends=True), filename)
    namespace = {"__name__": "answer"}
    exec(compile(program, filename, "exec"), namespace)
    return namespace[name]


def run(asked: Asked, answer, seed: int) -> list[Outcome]:
    """Use the answer on every case of this seed, also after one that fails.

    The inputs are copied for each run, the global random state is the same before and after, and
    what the answer prints is kept instead of shown.
    """
    if _is_other_kind(answer, asked.kind):
        return [Outcome(failure=Failure("OtherKind", type(answer).__name__))]
    cases = asked.cases(torch.Generator().manual_seed(seed))
    return [_run_case(asked, answer, case, seed) for case in cases]


def _is_other_kind(answer, kind: str) -> bool:
    """Whether a function or class is asked for and something else was handed in."""
    if kind == "class":
        return not isinstance(answer, type)
    return kind == "function" and not callable(answer)


def _run_case(asked: Asked, answer, case: tuple, seed: int) -> Outcome:
    arguments = copy.deepcopy(case)
    printed = io.StringIO()
    value, failure = None, None
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(printed):
        torch.default_generator.manual_seed(seed)  # also where a GPU is: fork_rng keeps no other
        try:
            value = plain(asked.use(_with_return(answer), *arguments))
        except (Exception, SystemExit) as error:
            failure = describe_failure(error)
    return Outcome(value, failure, not _unchanged(case, arguments), printed.getvalue())


def plain(value):
    """Plain data made of `value`: detached copies of tensors, containers rebuilt.

    Anything that is not a tensor, number, string, None, list, tuple or dict becomes a `Foreign`.
    """
    if isinstance(value, torch.Tensor):
        return value.detach().as_subclass(torch.Tensor).cpu().clone()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) in (list, tuple):
        return type(value)(plain(item) for item in value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return Foreign(f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins."))


class ReturnedNothing(Exception):
    """The answer, a function, came to its end without returning anything."""


def _with_return(answer):
    """The same function, but silence is an error: `use` can then work with what it returns."""
    if not isinstance(answer, types.FunctionType):
        return answer

    @functools.wraps(answer)
    def guarded(*arguments):
        result = answer(*arguments)
        if result is None:
            raise ReturnedNothing
        return result

    return guarded


def _unchanged(before, after) -> bool:
    """Whether the tensors among the arguments are as they were; a model may be trained."""
    if isinstance(before, list | tuple):
        same_length = len(before) == len(after)
        return same_length and all(_unchanged(b, a) for b, a in zip(before, after, strict=True))
    if not isinstance(before, torch.Tensor):
        return True
    if before.requires_grad != after.requires_grad or (before.grad is None) != (after.grad is None):
        return False
    same_gradient = before.grad is None or torch.equal(before.grad, after.grad)
    return same_gradient and before.shape == after.shape and torch.equal(before, after)


_NOT_THE_LEARNERS = tuple(
    str(Path(folder).resolve())
    for folder in {
        Path(__file__).parents[1],
        Path(torch.__file__).parent,
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
    }
)


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
        if frame.line and not str(Path(frame.filename).resolve()).startswith(_NOT_THE_LEARNERS)
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
