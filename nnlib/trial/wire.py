"""What goes to a child and what it says, as text, and back.

First the child is given files (`job`), and says what is in them (`reading`); then it is told which
answers to run on which inputs (`go`), and says for each what came out (`encode`, `decode`).

The child is not to be trusted: it may have been made to send anything. So this is JSON, never a
pickle, and reading it is strict: what does not fit exactly is `Malformed`.
"""

import base64
import json
import math
from dataclasses import dataclass

import torch

from nnlib.checking.running import Failure, Foreign, Outcome

MOST_ITEMS = 200_000
MOST_SIGNS = 4 * MOST_ITEMS  # of brackets and commas
DEEPEST = 40
MOST_TEXT = 500
MOST_BITS = 256

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
        *(torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool),
    )
}


LONGEST_NAME = 300  # of a file


class Malformed(ValueError):
    """The text is not what `encode` writes."""


class TooLarge(ValueError):
    """The outcomes hold more than may be sent."""


@dataclass
class Found:
    """What was found in the files for one exercise.

    status: ``"answer"``, ``"todo"``, or ``"error"`` for what is not Python. program: a hash of the
    code that gives the answer, or "". file: the file that it is in, or "". remark: what was found
    instead, or "".
    """

    status: str = "answer"
    program: str = ""
    file: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Reading:
    """What a child has read.

    files: for each its name, why it could not be read or "", the exercises that it answers, and
    those that it leaves open. found: what there is for each exercise that was asked for.
    """

    files: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]
    found: dict[str, Found]


def job(names: list[str], files) -> bytes:
    """A child's task: the exercises to look for, and the files, each with a name and its content."""
    sizes = [[file.name, len(file.content)] for file in files]
    head = json.dumps({"names": names, "files": sizes}).encode() + b"\n"
    return head + b"".join(file.content for file in files)


def go(names: list[str], seed: int) -> bytes:
    """What a child is to do once it has read its files."""
    return json.dumps({"run": names, "seed": seed}).encode() + b"\n"


def reading(line: bytes, names: list[str], files) -> Reading:
    """What a child says of the files that it was given. Raises `Malformed`."""
    message = parse(line)
    read = [_file(item) for item in _expect(list, message.get("files"))]
    if [name for name, *_ in read] != [text(file.name) for file in files]:
        raise Malformed("other files")
    found = _expect(dict, message.get("found"))
    if found.keys() != set(names):
        raise Malformed("other exercises")
    return Reading(read, {name: _found(found[name], files) for name in names})


def _file(item) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    name, problem, answers, holes = _of_length(4, item)
    lists = (
        tuple(text(n)[:LONGEST_NAME] for n in _expect(list, part)) for part in (answers, holes)
    )
    return text(name), text(problem)[:MOST_TEXT], *lists


def _found(item, files) -> Found:
    status, program, file, remark = (text(part) for part in _of_length(4, item))
    if status not in ("answer", "todo", "error") or len(program) > 64:
        raise Malformed("nothing that can be found")
    if file and file not in [text(one.name) for one in files]:
        raise Malformed("another file")
    return Found(status, program, file, remark[:MOST_TEXT])


def encode(outcomes: list[Outcome], most: int) -> list:
    """The outcomes as lists and dicts for JSON. Raises `TooLarge` above about `most` bytes."""
    budget = _Budget(most)
    return [
        {
            "value": _encode(outcome.value, budget),
            "failure": outcome.failure and pack(outcome.failure),
            "changed": outcome.changed_arguments,
            "printed": outcome.printed[:MOST_TEXT],
        }
        for outcome in outcomes
    ]


def pack(failure: Failure) -> list[str]:
    """A failure as it is sent: its three texts, cut to a length that is good to read."""
    return [part[:MOST_TEXT] for part in (failure.type_name, failure.text, failure.line)]


def unpack(parts) -> Failure:
    """The failure that `pack` wrote. Raises `Malformed` for anything else."""
    return Failure(*(text(part)[:MOST_TEXT] for part in _of_length(3, parts)))


class _Budget:
    """Counts down while outcomes are written, so that a huge one fails early."""

    def __init__(self, left: int):
        self.left = left

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise TooLarge


def _encode(value, budget: _Budget, depth: int = 0):
    budget.take(40)  # also so that fewer than `MOST_ITEMS` are sent
    if depth == DEEPEST:
        return {"foreign": f"{type(value).__name__}, nested too deeply"}
    if isinstance(value, torch.Tensor):
        name = str(value.dtype).removeprefix("torch.")
        if name not in DTYPES or value.layout is not torch.strided:
            return {"foreign": f"torch.Tensor ({value.dtype}, {value.layout})"}
        budget.take(value.numel() * value.element_size() * 4 // 3)
        # uint8 can be read as bytes whatever the dtype was, also bfloat16, which numpy lacks.
        raw = value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        return {"tensor": [name, list(value.shape), base64.b64encode(raw).decode()]}
    if isinstance(value, str):
        budget.take(len(value))
        return value
    if type(value) is int and value.bit_length() > MOST_BITS:
        return {"foreign": f"int of {value.bit_length()} bits"}
    if isinstance(value, list):
        return [_encode(item, budget, depth + 1) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, budget, depth + 1) for item in value]}
    if isinstance(value, dict):
        pairs = [[key, _encode(item, budget, depth + 1)] for key, item in value.items()]
        budget.take(sum(len(key) for key in value))
        return {"dict": pairs}
    if isinstance(value, Foreign):
        return {"foreign": value.type_name[:MOST_TEXT]}
    return value  # None, bool, int, float


def parse(line: bytes) -> dict:
    """One line of JSON, which must be a dict. Raises `Malformed`."""
    if sum(line.count(sign) for sign in (b"[", b"{", b",")) > MOST_SIGNS:
        raise Malformed("too many items")  # millions of empty lists would take gigabytes
    try:
        message = json.loads(line)
    except (ValueError, RecursionError, MemoryError):
        raise Malformed("not JSON") from None
    return _expect(dict, message)


def decode(message) -> list[Outcome]:
    """The outcomes that `encode` wrote. Raises `Malformed` for anything else."""
    counter = _Budget(MOST_ITEMS)
    try:
        return [_decode_outcome(item, counter) for item in _expect(list, message)]
    except TooLarge:
        raise Malformed("too many items") from None


def _decode_outcome(item, counter: _Budget) -> Outcome:
    counter.take(1)
    _expect(dict, item)
    if item.keys() != {"value", "failure", "changed", "printed"}:
        raise Malformed("other keys than an outcome's")
    failure = None if item["failure"] is None else unpack(item["failure"])
    value = _decode(item["value"], 0, counter)
    printed = text(item["printed"])[:MOST_TEXT]
    return Outcome(value, failure, _expect(bool, item["changed"]), printed)


def _decode(item, depth: int, counter: _Budget):
    counter.take(1)
    if depth > DEEPEST:
        raise Malformed("nested too deeply")
    if item is None or type(item) in (bool, float):
        return item
    if type(item) is int:
        if item.bit_length() > MOST_BITS:
            raise Malformed("a number is too long")
        return item
    if type(item) is str:
        return text(item)
    if type(item) is list:
        return [_decode(part, depth + 1, counter) for part in item]
    if len(item) != 1:
        raise Malformed("a value of no known kind")
    (kind, content), *_ = item.items()
    if kind == "tensor":
        return _tensor(content)
    if kind == "tuple":
        return tuple(_decode(part, depth + 1, counter) for part in _expect(list, content))
    if kind == "foreign":
        return Foreign(text(content)[:MOST_TEXT])
    if kind == "dict":
        pairs = [_expect(list, pair) for pair in _expect(list, content)]
        if any(len(pair) != 2 for pair in pairs):
            raise Malformed("a dict is made of pairs")
        return {text(key): _decode(value, depth + 1, counter) for key, value in pairs}
    raise Malformed("a value of no known kind")


def _tensor(content) -> torch.Tensor:
    name, shape, raw = _of_length(3, content)
    if text(name) not in DTYPES:
        raise Malformed("not a tensor")
    dtype = DTYPES[name]
    if len(_expect(list, shape)) > DEEPEST or not all(
        type(n) is int and 0 <= n < 2**31 for n in shape
    ):
        raise Malformed("not a shape")
    try:
        raw = base64.b64decode(_expect(str, raw), validate=True)
    except ValueError:
        raise Malformed("not base64") from None
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise Malformed("the shape does not fit the numbers")
    try:
        if not raw:
            return torch.empty(shape, dtype=dtype)
        if dtype is torch.bool:  # a bool is 0 or 1; any other byte could pass for both
            return torch.frombuffer(bytearray(raw), dtype=torch.uint8).reshape(shape) != 0
        return torch.frombuffer(bytearray(raw), dtype=dtype).reshape(shape)
    except RuntimeError:  # no numbers, and sizes whose product no machine number holds
        raise Malformed("not a shape") from None


def _expect(kind: type, value):
    if type(value) is not kind:
        raise Malformed(f"{kind.__name__} expected")
    return value


def _of_length(count: int, value) -> list:
    if len(_expect(list, value)) != count:
        raise Malformed(f"{count} parts expected")
    return value


def text(value) -> str:
    """A string that can be written to any file: without halves of surrogate pairs."""
    return _expect(str, value).encode("utf-8", "replace").decode()
