"""Run an answer with every expression of it recorded: where it stands, and which values it took.

The learner's functions are compiled once more from their own source, each expression wrapped in a
call that notes its value. The names, defaults and closures stay theirs; what cannot be rebuilt so
(no source, another kind of callable) is not traced.
"""

import contextlib
import dataclasses
import linecache
import types
from dataclasses import dataclass, field
from time import thread_time
from typing import Any

import numpy as np
import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.running import Foreign, Outcome, run_case
from nnlib.checking.wrapping import (
    FUTURE,
    SEEN,
    NotTraceable,
    Number,
    Place,
    Spot,
    compiled,
    content,
    find,
    names_in,
)

MOST_EVENTS = 20_000
MOST_ELEMENTS = 50_000  # of one value; a larger one is kept as its shape alone
MOST_ELEMENTS_TOGETHER = 5_000_000
MOST_ITEMS = 1000  # of a list, tuple or dict that goes in or out
MOST_ITEMS_INSIDE = 12  # of one that an expression in between gives


class _OutOfTime(BaseException):
    """Ends a recorded run; not an `Exception`, so that an answer's `except` lets it pass."""


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
                function.__code__,
                function.__globals__,
                function.__name__,
                function.__defaults__,
                cells,
            )
        code = self.traced_code(function.__code__)
        names = self.namespace(function.__globals__, names_in(function.__code__))
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
            self.namespaces[id(original)] = dict(original) | {SEEN: self.seen}
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
        plain, wrapped, spots = compiled(source, code.co_filename, code.co_flags & FUTURE)
        plain, wrapped = find(plain, code), find(wrapped, code)
        if plain is None or wrapped is None or content(plain) != content(code):
            raise NotTraceable("the source at hand is not what runs")
        self.files.add(code.co_filename)
        self.recording.spots.update(spots)
        return wrapped
