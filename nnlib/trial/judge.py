"""What a child says about an answer becomes a verdict, and the verdict a row.

This is the side of the right answers. What it is given may have been forged: whatever is odd about
it is that answer's error, and nobody else's.
"""

import contextlib
import dataclasses
import functools
import hashlib
import importlib
import inspect
import pkgutil
import re
import signal
import threading
from dataclasses import dataclass

import torch

from nnlib import checking
from nnlib.checking.exercise import Verdict, in_words
from nnlib.checking.judging import judge
from nnlib.exercises import catalog
from nnlib.trial import sandbox, telling, wire
from nnlib.trial.sandbox import Limits
from nnlib.trial.telling import PUBLIC_SEED

MOST_IN_A_MESSAGE = 1000


@dataclass(frozen=True)
class File:
    """A file as it was handed in; nobody has looked into it."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Item:
    """What to grade: one submission, or one notebook.

    key: whose or which it is, for the caller to know it again. files: all that belongs to it, those
    that count most last. exercises: the names that are asked for. seed: the inputs'. problem: why
    there is nothing to read; then every exercise gets that as its message.
    """

    key: str
    files: tuple[File, ...]
    exercises: tuple[str, ...]
    seed: int
    problem: str = ""


@dataclass
class Row:
    """What came out for one exercise of an item.

    status: ``"correct"``, ``"wrong"``, ``"todo"``, ``"error"``, or ``"known"`` for an answer that
    was not run because its `program` is one of those that the caller knows.
    message: what is wrong; it shows no hidden input and no expected value.
    hash: changes whenever the verdict may, by the files: see `fingerprints`. program: the same by
    the answer's own code, or "" without an answer. seconds: from the start of the exercise before
    to the end of this one. file: the file whose answer counted, or "". remark: what was found
    instead of an answer, or "". problem: why nothing of the item could be read, or "".
    """

    key: str
    exercise: str
    status: str
    points: int
    max: int
    message: str
    seed: int
    hash: str
    seconds: float
    isolation: str
    file: str = ""
    remark: str = ""
    program: str = ""
    problem: str = ""

    @property
    def in_words(self) -> str:
        """The status as people are told it."""
        return in_words(self.status, self.max)

    def to_dict(self) -> dict:
        """The row for a line of JSON."""
        return dataclasses.asdict(self)


def fingerprints(item: Item) -> dict[str, str]:
    """For each of the item's exercises, what changes whenever its row may; reads no file.

    16 hexadecimal digits for the files, or the reason for having none, and 8 for the exercise.
    """
    digest = hashlib.sha256(item.problem.encode("utf-8", "replace"))
    for file in item.files:
        name = file.name.encode("utf-8", "replace")
        digest.update(b"\0%d %d " % (len(name), len(file.content)) + name)
        digest.update(file.content)
    return {name: f"{digest.hexdigest()[:16]}-{version_of(name)}" for name in item.exercises}


@functools.cache
def version_of(name: str) -> str:
    """8 hexadecimal digits that change whenever what a verdict depends on, but the answer, does.

    That is both halves of the exercise with this name, if there is one, and what runs and judges.
    """
    parts = [
        importlib.import_module(f"nnlib.checking.{module.name}")
        for module in pkgutil.iter_modules(checking.__path__)
    ]
    if exists(name):
        parts += [_half("asked", name), _half("known", name)]
    text = "\0".join(map(inspect.getsource, parts))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _half(half: str, name: str):
    """The module that holds this half of an exercise."""
    lesson = catalog.lesson_of(catalog.find(name)).partition("_")[2]
    return importlib.import_module(f"nnlib.exercises.{half}.{lesson}")


@functools.cache
def _source(half: str, name: str) -> str:
    return inspect.getsource(_half(half, name))


def exists(name: str) -> bool:
    """Whether there is an exercise of that name."""
    try:
        catalog.find(name)
    except catalog.UnknownExercise:
        return False
    return True


# -- verdicts -------------------------------------------------------------------------------------

_judging = threading.Lock()  # a reference that is run sets torch's and Python's global state


def on_message(name: str, message: dict, item: Item, limits: Limits) -> Verdict:
    """The verdict on what a child said of an exercise. Raises `wire.Malformed` if it is no result."""
    files = [file.content for file in item.files]
    if message.get("name") != name:
        raise wire.Malformed("another exercise's name")
    if "hole" in message:
        return verdict(name, "todo")
    if "broken" in message:
        failure = wire.unpack(message["broken"])
        if item.seed != PUBLIC_SEED:
            failure = telling.failure_without_inputs(failure, files)
        return _broken(name, failure, limits)
    outcomes = wire.decode(message.get("outcomes"))
    stopped = _beyond_limits(name, outcomes, limits)
    if stopped is not None:
        return stopped
    if item.seed == PUBLIC_SEED:
        return _judge(name, outcomes, item.seed)
    found = _judge(name, telling.without_inputs(outcomes, files), item.seed)
    message = telling.message_without_strings(found.message, outcomes, _source("asked", name))
    return dataclasses.replace(found, message=message)


def verdict(name: str, status: str, *sentences: str) -> Verdict:
    """A verdict that needs no outcome."""
    points = catalog.find(name).points if exists(name) else 0
    return Verdict(name, status, "\n".join(filter(None, sentences)), max_points=points)


def unknown(name: str) -> Verdict:
    """The verdict on an exercise that there is none of: it names those that were perhaps meant."""
    try:
        catalog.find(name)
    except catalog.UnknownExercise as error:
        return Verdict(name, "error", str(error))
    raise ValueError(f"there is an exercise {name}")


def _beyond_limits(name: str, outcomes: list, limits: Limits) -> Verdict | None:
    for failure in (outcome.failure for outcome in outcomes if outcome.failure):
        if failure.type_name == "TooLarge":
            return verdict(name, "error", too_large(limits))
        if failure.type_name == "MemoryError" or "can't allocate" in failure.text:
            return verdict(name, "error", _needs_memory(limits))
    return None


def _judge(name: str, outcomes: list, seed: int) -> Verdict:
    exercise = catalog.find(name)
    try:
        with _judging, _one_thread():
            found = judge(exercise, outcomes, seed)
    except Exception as error:  # outcomes that no honest answer gives
        sentence = f"What it gave back could not be judged ({type(error).__name__})."
        return verdict(name, "error", sentence)
    return found


@contextlib.contextmanager
def _one_thread():
    """Compute as a child does: to the same last digit, and tensors this small sooner, too."""
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


def _broken(name: str, failure, limits: Limits) -> Verdict:
    if failure.type_name == "MemoryError":
        return verdict(name, "error", _needs_memory(limits), failure.line)
    what = ": ".join(filter(None, [failure.type_name, failure.text]))
    return verdict(name, "error", f"Its code cannot be run. {what}", failure.line)


# -- sentences ------------------------------------------------------------------------------------


def _needs_memory(limits: Limits) -> str:
    return f"It needed more than {size(limits.memory)} of memory and was stopped."


def too_large(limits: Limits) -> str:
    return f"What it gives back takes more than {size(limits.result)}."


def size(count: int) -> str:
    """A number of bytes, such as "1 GB"."""
    return f"{count / 2**30:g} GB" if count >= 2**30 else f"{count / 2**20:g} MB"


def overtime(limits: Limits) -> str:
    return f"It ran for more than {limits.cpu:g} seconds of processor time and was stopped."


def out_of_time(limits: Limits) -> str:
    return f"All its answers together took more than {limits.total:g} seconds and were stopped."


def too_many_bytes(limits: Limits) -> str:
    return (
        f"Its files hold more than {size(limits.files)} together. Clear the outputs of all cells,"
        " save, and hand in what counts alone."
    )


def how_it_ended(code: int, limits: Limits) -> str:
    """What a child's exit code says, given that it did not finish."""
    if code == sandbox.NOT_ISOLATED:
        return "The grader could not lock it in, so nothing was run. Tell your instructor."
    if code >= 0:
        return f"It ended Python before its answer was complete (exit code {code})."
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name == "SIGXCPU":
        return overtime(limits)
    if name == "SIGKILL":
        return "It was ended from outside (SIGKILL), or ended itself that way."
    memory = f", perhaps because it needed more than {size(limits.memory)} of memory"
    return f"It crashed Python ({name}){memory}."


def clean(message: str, most: int = MOST_IN_A_MESSAGE) -> str:
    """Without control characters, which could play tricks on a terminal, and not too long.

    Nor with those that are there to be unseen, or that turn the direction of writing around.
    """
    message = re.sub(r"[^\n\t\x20-\x7e\xa0-\uffff\U00010000-\U0010ffff]", "?", message)
    message = re.sub(
        r"[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", "?", message
    )
    message = message.encode("utf-8", "replace").decode()
    return message if len(message) <= most else message[:most] + " …"
