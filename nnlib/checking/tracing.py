"""The learner's own lines, with a mark at each value that a right answer computes, too.

A wrong answer is run once more on the case that the verdict shows, every expression recorded, and
so are right answers. What both compute is marked. Whatever cannot be traced has no lines.
"""

import functools
import operator
from dataclasses import dataclass
from time import thread_time
from typing import Any

import numpy as np
import torch

from nnlib.checking import solutions
from nnlib.checking.agreement import Doubt, Pool, is_numeric, same, same_outcome
from nnlib.checking.exercise import Exercise
from nnlib.checking.recorder import Call, Large, Long, Recording, record
from nnlib.checking.running import Foreign, Outcome, load
from nnlib.checking.state import pinned
from nnlib.checking.wrapping import Number, Spot

MOST_LINES = 8
MOST_RIGHT = 3  # of these, so many that only say how far it was right
MOST_CONFIRMED = 5_000  # events; a longer run is not repeated on further cases
MOST_OTHER_CASES = 5
MOST_ROUNDS = 40  # of a loop that are looked at, and the last one
SECONDS = 0.8  # of this thread's work, for everything
WIDTH = 36


def marked_lines(
    exercise: Exercise, answer, outcomes: list[Outcome], shown: int, seed: int
) -> list[str]:
    """A heading and the lines of a wrong answer on case number `shown`; [] where nothing is to say.

    outcomes: what the answer gave on the cases of this seed. Never raises.
    """
    try:
        lines = _lines(exercise, answer, outcomes, shown, seed)
    except Exception:  # somebody's code, rebuilt: no lines are better than a failing check
        return []
    if not lines:
        return []
    marked = any(line.startswith("✓") for line in lines)
    return [
        "Your lines (✓: a right answer has this value, too):" if marked else "Your lines:",
        *lines,
    ]


def _lines(exercise, answer, outcomes, shown, seed) -> list[str]:
    deadline = thread_time() + SECONDS
    known = _right_answers(exercise, seed)

    def recorded(i: int) -> Recording:
        return record(exercise.asked, answer, known.cases[i], seed, deadline)

    mine = recorded(shown)
    if not same_outcome(mine.outcome, outcomes[shown], exercise.tol):
        return []  # a second run that differs from the first explains nothing
    right = known.recorded(shown, deadline)
    doubt = Doubt(exercise.tol)
    doubt.add_case(mine, right)
    if len(mine.events) <= MOST_CONFIRMED:
        for i in [i for i in range(len(known.cases)) if i != shown][:MOST_OTHER_CASES]:
            doubt.add_case(recorded(i), known.recorded(i, deadline))

    for i, call in enumerate(mine.calls):
        alike = [(r, r.calls[i]) for r in right if _is_same_call(r, i, call, exercise.tol)]
        if not alike:
            break  # what came before has led elsewhere
        is_last = i == len(mine.calls) - 1
        wanted = alike[0][1]
        if same(call.returned, wanted.returned, exercise.tol) and not (is_last and mine.raised):
            continue
        pool = Pool(exercise.tol, doubt)
        for recording, its_call in alike:
            pool.add_call(recording, its_call)
        if mine.raised:
            return _aligned(_up_to_the_exception(mine, call, pool))
        return _aligned(_of_a_call(mine, call, pool, None if exercise.judge else wanted))
    if mine.raised:
        return _aligned(_up_to_the_exception(mine, None, Pool(exercise.tol, doubt)))
    return _aligned(_beside_the_values(mine, right[0]))


@functools.lru_cache(maxsize=16)
def _right_answers(exercise: Exercise, seed: int) -> "_RightAnswers":
    return _RightAnswers(exercise, seed)


class _RightAnswers:
    """The reference and, where it is installed, our solution; each is recorded once on a case."""

    def __init__(self, exercise: Exercise, seed: int):
        self.asked, self.seed = exercise.asked, seed
        with pinned(seed):
            self.cases = exercise.asked.cases(torch.Generator().manual_seed(seed))
        source = solutions.source(exercise.name)
        self.answers = [exercise.reference] + ([load(source, exercise.name)] if source else [])
        self.recordings: dict[int, list[Recording]] = {}

    def recorded(self, i: int, deadline: float) -> list[Recording]:
        if i not in self.recordings:
            self.recordings[i] = [
                record(self.asked, answer, self.cases[i], self.seed, deadline)
                for answer in self.answers
            ]
        return self.recordings[i]


def _is_same_call(right: Recording, i: int, call: Call, tol: float) -> bool:
    """Whether the right answer's call number i was given the same."""
    if i >= len(right.calls) or right.calls[i].function != call.function:
        return False
    return same(right.calls[i].arguments, call.arguments, tol)


@dataclass
class Line:
    """One line to show: a mark, the learner's expression, its value, a remark."""

    time: int
    mark: str
    text: str
    value: str = ""
    remark: str = ""


def _aligned(lines: list[Line]) -> list[str]:
    texts = [_cut(line.text) for line in lines]
    wide = max(map(len, texts), default=0)
    value_wide = max((len(line.value) for line in lines if line.remark), default=0)
    rows = zip(lines, texts, strict=True)
    return [
        f"{line.mark:1}  {text:{wide}}   {line.value:{value_wide}}   {line.remark}".rstrip()
        for line, text in rows
    ]


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


# -- which lines to show ---------------------------------------------------------------------------


def _is_work(spot: Spot, value, arguments) -> bool:
    """Whether a value is the learner's work: not a name, a size, a constant or an argument."""
    if spot.kind in ("name", "size", "statement") or spot.constant or not is_numeric(value):
        return False
    array = np.asarray(value)
    return array.size > 0 and not any(
        isinstance(a, np.ndarray) and a.shape == array.shape and np.array_equal(a, array)
        for a in arguments
    )


def _of_a_call(mine: Recording, call: Call, pool: Pool, wanted: Call | None) -> list[Line]:
    """How far a call that returned something wrong was right, and where that ends."""
    results = _results(mine, call, pool, wanted)
    steps = _steps(mine, call, pool, {line.time for line in results})
    results, steps = _without_repeats(results, steps)
    first_unmarked = next((s.time for s in steps if not s.mark), float("inf"))
    results = sorted(results, key=lambda line: bool(line.mark))[:4]
    before = [s for s in steps if s.mark and s.time < first_unmarked][-MOST_RIGHT:]
    room = MOST_LINES - len(results) - len(before)
    unmarked = [s for s in steps if not s.mark][:room]
    later = [s for s in steps if s.mark and s.time > first_unmarked][: room - len(unmarked)]
    lines = before + unmarked + later + results
    if len(lines) == 1 and not lines[0].mark:
        return []  # the verdict says that already
    return sorted(lines, key=_time)


def _results(mine: Recording, call: Call, pool: Pool, wanted: Call | None) -> list[Line]:
    """The expressions whose values are what the call returned, or parts of it."""
    lines = {}
    for time in range(call.first, call.last):
        number, value, _ = mine.events[time] if time < len(mine.events) else (None, None, False)
        if number is None or mine.spots[number].returned is None:
            continue
        spot = mine.spots[number]
        part = _part(call.returned, spot.returned)
        if part is _NOTHING or not same(part, value, pool.tol):
            continue  # what an inner call returned
        mark, remark = "", ""
        if wanted:
            right = _part(wanted.returned, spot.returned)
            if right is not _NOTHING and same(part, right, pool.tol):
                mark = "✓"
            elif right is not _NOTHING:
                remark = _expected(right, part, whole=not spot.returned)
        elif not _is_work(spot, value, call.arguments) and spot.kind != "name":
            continue
        elif pool.marks(number, value):
            mark = "✓"
        text = spot.text if spot.returned else f"return {spot.text}"
        lines[number] = Line(time, mark, text, _short(value), remark)
    return list(lines.values())


_NOTHING = object()


def _part(value, path: tuple):
    """The part of a returned value that a path leads to."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return value


def _steps(mine: Recording, call: Call, pool: Pool, results: set[int]) -> list[Line]:
    """One line for each expression on the way, in the round of a loop that tells most."""
    times: dict[Number, list[int]] = {}
    rounds: dict[Number, int] = {}
    for time in range(call.first, min(call.last, len(mine.events))):
        number, value, _ = mine.events[time]
        if time in results or not _is_work(mine.spots[number], value, call.arguments):
            continue
        if rounds.get(number, 0) >= MOST_ROUNDS:
            times[number].pop()
        rounds[number] = rounds.get(number, 0) + 1
        times.setdefault(number, []).append(time)
    marks = {
        time: pool.marks(number, mine.events[time][1])
        for number, all_of_it in times.items()
        for time in all_of_it
    }
    turning = _turning_point(times, marks)
    parent = {part: i for i, spot in mine.spots.items() for part in spot.parts}
    chosen = {
        number: _round(mine, number, all_of_it, turning) for number, all_of_it in times.items()
    }
    lines = []
    for number, time in chosen.items():
        above = parent.get(number)
        while above is not None and mine.spots[above].kind == "statement":
            above = None
        if marks[time] and above in chosen and marks[chosen[above]]:
            continue  # the larger expression says it
        which = times[number].index(time) + 1 if time != times[number][-1] else rounds[number]
        remark = f"(pass {which} of {rounds[number]})" if rounds[number] > 1 else ""
        value = _short(mine.events[time][1])
        lines.append(Line(time, "✓" if marks[time] else "", mine.spots[number].text, value, remark))
    once = {(line.text, line.value): line for line in sorted(lines, key=_time, reverse=True)}
    return sorted(once.values(), key=_time)


_time = operator.attrgetter("time")


def _turning_point(times: dict[Number, list[int]], marks: dict[int, bool]) -> int | None:
    """When a value was first not right that had been right before; None for the end.

    Where nothing turns: the first value that is not right, unless a loop ends well.
    """
    repeated = [all_of_it for all_of_it in times.values() if len(all_of_it) > 1]
    turns = []
    for all_of_it in repeated:
        seen = False
        for time in all_of_it:
            if seen and not marks[time]:
                turns.append(time)
                break
            seen = seen or marks[time]
    if turns:
        return min(turns)
    if any(marks[all_of_it[-1]] for all_of_it in repeated):
        return None
    return min((time for time, right in marks.items() if not right), default=None)


def _round(mine: Recording, number: Number, times: list[int], turning: int | None) -> int:
    """The time at which to show an expression: in the round of the turning point."""
    if turning is None or len(times) == 1:
        return times[-1]
    before = [time for time in times if time <= turning]
    after = [time for time in times if time > turning]
    there = mine.events[turning][0]
    is_later = _order(mine.spots[number]) > _order(mine.spots[there])
    if is_later:
        return after[0] if after else before[-1]
    return before[-1] if before else after[0]


def _order(spot: Spot) -> tuple:
    """Sorts expressions of one file as they are evaluated: parts before the whole."""
    _, line, column, last_line, last_column = spot.place
    return last_line, last_column, -line, -column


def _without_repeats(results: list[Line], steps: list[Line]) -> tuple[list[Line], list[Line]]:
    """`return z` says no more than the line that made z; that line then bears the remark."""
    said = {(result.text.removeprefix("return "), result.value) for result in results}
    steps = [step for step in steps if (step.text, step.value) not in said]
    kept = []
    for result in results:
        name = result.text.removeprefix("return ")
        made = [s for s in steps if s.text.startswith(f"{name} ") and s.value == result.value]
        if name.isidentifier() and made:
            made[-1].mark, made[-1].remark = result.mark, result.remark
        else:
            kept.append(result)
    return kept, steps


# -- where it raised -------------------------------------------------------------------------------


def _up_to_the_exception(mine: Recording, call: Call | None, pool: Pool) -> list[Line]:
    """The expression that raised, with what it worked on, after the last right values."""
    inside = [
        number
        for number, spot in mine.spots.items()
        if spot.kind not in ("changed",) and _contains(spot.place, mine.raised)
    ]
    if not inside:
        return []
    number = min(inside, key=lambda number: _extent(mine.spots[number].place))
    last = {part: value for part, value, _ in mine.events}
    parts = [
        (mine.spots[part].text.partition(" = ")[0], last[part])
        for part in mine.spots[number].parts
        if part in last
    ]
    failing = Line(len(mine.events), "✗", mine.spots[number].text, _facts(parts))
    steps = _steps(mine, call, pool, set()) if call else []
    return [step for step in steps if step.mark][-MOST_RIGHT:] + [failing]


def _contains(outer: tuple, inner: tuple) -> bool:
    return outer[0] == inner[0] and outer[1:3] <= inner[1:3] and inner[3:5] <= outer[3:5]


def _extent(place: tuple) -> tuple:
    return place[3] - place[1], place[4] - place[2]


def _facts(parts: list[tuple[str, Any]]) -> str:
    """What an expression worked on: shapes of tensors, other values themselves."""
    arrays = {text: value for text, value in parts if isinstance(value, np.ndarray | Large)}
    kinds = {value.dtype for value in arrays.values() if isinstance(value, np.ndarray)}
    named = len(kinds) > 1 or bool(kinds - {np.dtype("float32")})
    shapes = [
        f"{_cut(text)} {tuple(value.shape)}{f' {value.dtype}' if named else ''}"
        for text, value in arrays.items()
    ]
    facts = [f"shapes: {', '.join(shapes)}"] if shapes else []
    for text, value in parts:
        if isinstance(value, list | tuple | dict):
            facts.append(f"{_cut(text)} is a {type(value).__name__} of {len(value)}")
        elif isinstance(value, Long):
            facts.append(f"{_cut(text)} is {_short(value)}")
        elif not isinstance(value, np.ndarray | Large | Foreign) and text != str(value):
            facts.append(f"{_cut(text)} is {_short(value)}")
    return "; ".join(facts)


# -- right values, and yet --------------------------------------------------------------------------


def _beside_the_values(mine: Recording, right: Recording) -> list[Line]:
    """Where an answer that returns the right values does what it should not beside that.

    It changes an argument, makes another kind of numbers, or loses the gradient.
    """
    for call in mine.calls:
        if call.changed:
            time, _ = call.changed
            spot = mine.spots[mine.events[time][0]]
            if spot.kind == "changed" or "_(" in spot.text:
                return [Line(time, "✗", spot.text, "changes an argument in place")]
    for call, wanted in zip(mine.calls, right.calls, strict=False):
        for got, want in zip(_arrays(call.returned), _arrays(wanted.returned), strict=False):
            if got.dtype != want.dtype:
                return _where(
                    mine,
                    lambda value, connected, parts, kind=got.dtype: (
                        _dtype(value) == kind and all(_dtype(part) != kind for part, _ in parts)
                    ),
                    f"gives {got.dtype}",
                )
    if _lost_gradients(mine.outcome.value, right.outcome.value):
        return _where(
            mine,
            lambda value, connected, parts: (
                not connected and _is_float(value) and any(part[1] for part in parts)
            ),
            "no gradient passes here",
        )
    return []


def _where(mine: Recording, happens, what: str) -> list[Line]:
    """The first expression of which it is true, given its value and those of its parts."""
    last = {}
    for time, (number, value, connected) in enumerate(mine.events):
        last[number] = value, connected
        spot = mine.spots[number]
        parts = [last[part] for part in spot.parts if part in last]
        if spot.kind not in ("name", "size") and happens(value, connected, parts):
            return [Line(time, "✗", spot.text, what)]
    return []


def _arrays(value) -> list[np.ndarray]:
    """All arrays in a returned value, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [array for item in value for array in _arrays(item)]
    return [value] if isinstance(value, np.ndarray) else []


def _dtype(value) -> np.dtype | None:
    return value.dtype if isinstance(value, np.ndarray) else None


def _is_float(value) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _lost_gradients(mine, right) -> bool:
    if not isinstance(mine, dict) or not isinstance(right, dict):
        return False
    return any(mine.get(key) is None and right[key] is not None for key in right)


# -- values in few characters ----------------------------------------------------------------------


def _short(value, digits: int = 4) -> str:
    """A value in at most about 40 characters."""
    if isinstance(value, np.ndarray):
        text = _numbers(value.tolist(), digits)
        if value.size <= 12 and len(text) <= WIDTH:
            return text
        start = ", ".join(_numbers(v, digits) for v in value.ravel()[:3].tolist())
        return f"shape {value.shape}: {start}, …"
    if isinstance(value, Large):
        return f"shape {value.shape}"
    if isinstance(value, Foreign):
        return f"a {value.type_name}"
    if isinstance(value, Long):
        return f"a {value.type_name} of {value.length}"
    if isinstance(value, tuple):
        return _cut(f"({', '.join(_short(item, digits) for item in value)})")
    if isinstance(value, list):
        return _cut(f"[{', '.join(_short(item, digits) for item in value)}]")
    if isinstance(value, dict):
        return _cut("{" + ", ".join(f"{k}: {_short(v, digits)}" for k, v in value.items()) + "}")
    return _cut(_numbers(value, digits))


def _numbers(value, digits: int) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_numbers(item, digits) for item in value)}]"
    return f"{value:.{digits}g}" if isinstance(value, float) else repr(value)


def _expected(right, mine, whole: bool) -> str:
    """What a right answer has in place of `mine`, as far as few characters can say it."""
    for digits in (4, 6, 8):
        text = _short(right, digits)
        if text != _short(mine, digits):
            break
    if "…" not in text and len(text) <= 28:
        return f"expected here: {text}"
    if isinstance(right, np.ndarray) and is_numeric(mine) and right.shape != np.shape(mine):
        return f"expected here: shape {right.shape}"
    return "" if whole else "not as expected"
