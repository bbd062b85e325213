"""Which values of a wrong answer a right one computes, too, and whether that is by chance."""

from typing import Any

import numpy as np
import torch

from nnlib.checking.recorder import MOST_EVENTS, Call, Large, Long, Recording
from nnlib.checking.running import Foreign, Outcome
from nnlib.checking.wrapping import Number


class Pool:
    """The values that right answers compute in one call."""

    def __init__(self, tol: float, doubt: "Doubt | None" = None):
        self.tol = tol
        self.doubt = doubt
        self.rows: dict[tuple, list[np.ndarray]] = {}  # by their form
        self.tables: dict[tuple, np.ndarray] = {}
        self.found: dict[bytes, bool] = {}

    def add_call(self, recording: Recording, call: Call) -> None:
        """Add what its expressions gave; what it was given is no work of its own."""
        for number, value, _ in recording.events[call.first : call.last]:
            spot = recording.spots[number]
            if spot.kind in ("expression", "changed") and not spot.constant:
                self._add(value)
        self._add(call.returned)

    def _add(self, value) -> None:
        if isinstance(value, list | tuple | dict):
            for item in value.values() if isinstance(value, dict) else value:
                self._add(item)
        elif is_numeric(value):
            rows = self.rows.setdefault(_form(value), [])
            if len(rows) < MOST_EVENTS / 10:
                rows.append(np.asarray(value).ravel())

    def __contains__(self, value) -> bool:
        """Whether a right answer computes this value: the same numbers, in the same form."""
        if not is_numeric(value):
            return False
        key = _key(value)
        if key not in self.found:
            form = _form(value)
            if form in self.rows and form not in self.tables:
                self.tables[form] = np.stack(self.rows[form])
            table = self.tables.get(form)
            row = np.asarray(value).ravel()
            self.found[key] = table is not None and bool(_close(table, row, self.tol).all(1).any())
        return self.found[key]

    def marks(self, number: Number, value) -> bool:
        """Whether an expression with this value gets a mark: a right answer computes it, too."""
        return value in self and not self.doubt.is_by_chance(number, value)


class Doubt:
    """Two expressions that agree on one case may do so by chance: do they on others?"""

    def __init__(self, tol: float):
        self.tol = tol
        self.mine: list[dict[Number, Any]] = []  # for each case, what an expression gave first
        self.right: list[dict[tuple, Any]] = []
        self.pools: list[Pool] = []

    def add_case(self, mine: Recording, right: list[Recording]) -> None:
        pool, firsts = Pool(self.tol), {}
        for which, recording in enumerate(right):
            for call in recording.calls:
                pool.add_call(recording, call)
            firsts |= {(which, n): v for n, v in _first_values(recording).items()}
        self.mine.append(_first_values(mine))
        self.right.append(firsts)
        self.pools.append(pool)

    def is_by_chance(self, number: Number, value) -> bool:
        """Whether the value is none that a right answer computes on the other cases.

        Small numbers agree with anything; they must be those of *one* expression of a right answer
        in every case.
        """
        if not _is_small(value):
            cases = zip(self.mine, self.pools, strict=True)
            return any(number in values and values[number] not in pool for values, pool in cases)
        own = [_key(values.get(number)) for values in self.mine]
        if len(set(own)) < 2:
            return True
        others = set.intersection(*(set(values) for values in self.right))
        return not any(own == [_key(values[o]) for values in self.right] for o in others)


def _first_values(recording: Recording) -> dict[Number, Any]:
    values = {}
    for number, value, _ in recording.events:
        values.setdefault(number, value)
    return values


def _is_small(value) -> bool:
    """Whether a value says little: one small whole number, or a tensor of nothing else."""
    array = np.asarray(value)
    first = array.ravel()[0]
    return bool((array == first).all() and abs(first) <= 10 and first == round(float(first)))


def _key(value) -> bytes:
    """Equal for equal numbers in the same shape, whatever their types."""
    if not is_numeric(value):
        return b""
    array = np.asarray(value, dtype=np.float64)
    return repr(array.shape).encode() + array.tobytes()


def _form(value) -> tuple[int, ...]:
    """The shape without axes of size 1: keepdim makes no other value."""
    return tuple(size for size in np.shape(value) if size != 1)


def is_numeric(value) -> bool:
    return isinstance(value, int | float | np.ndarray)


def _close(a: np.ndarray, b: np.ndarray, tol: float) -> np.ndarray:
    """Where two arrays are equal: float64 more closely than float32, whole numbers exactly."""
    if a.dtype.kind in "biu" and b.dtype.kind in "biu":
        return a == b
    if a.dtype == b.dtype == np.float64:
        tol = tol / 1000
    return np.isclose(a, b, rtol=tol, atol=tol / 10, equal_nan=True)


def same(a, b, tol: float) -> bool:
    """Whether two kept values are the same; what was not kept counts as such."""
    if isinstance(a, Foreign | Large | Long) or isinstance(b, Foreign | Large | Long):
        return a == b
    if is_numeric(a) and is_numeric(b):
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and bool(_close(a, b, tol).all())
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y, tol) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], tol) for key in a)
    return a == b


def same_outcome(one: Outcome, other: Outcome, tol: float) -> bool:
    failures = one.failure, other.failure
    if any(failures):
        return all(failures) and failures[0].type_name == failures[1].type_name
    return same(_as_arrays(one.value), _as_arrays(other.value), tol)


def _as_arrays(value):
    """Plain data with arrays for tensors."""
    if isinstance(value, torch.Tensor):
        return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
    if isinstance(value, list | tuple):
        return [_as_arrays(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_arrays(item) for key, item in value.items()}
    return value
