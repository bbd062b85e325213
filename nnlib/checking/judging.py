"""Where the marks are: compare what an answer gave with what the reference gives, and say it.

`judge` never sees the answer, only the outcomes that `running.run` recorded. A verdict speaks in
layers, most specific first, and each only if it is true of every case in which the answer is wrong:
a known mistake; a right answer with one change; how what came back relates to what is right; then
the smallest case in full.
"""

import dataclasses
import functools
from dataclasses import dataclass

import torch

from nnlib.checking import comparing, relations, variants
from nnlib.checking.comparing import RESULT, WHOLE, Difference, differences, is_gradient
from nnlib.checking.exceptions import in_words
from nnlib.checking.exercise import Exercise, Verdict
from nnlib.checking.holes import is_hole
from nnlib.checking.places import cases_where
from nnlib.checking.running import Outcome, run
from nnlib.checking.showing import MOST_SHOWN, arguments, show, show_arguments, show_both
from nnlib.checking.state import pinned
from nnlib.checking.tracing import marked_lines

MOST_IN_A_LINE = 160
"""Longer parts are not shown in full: what is wrong inside them is."""


def examine(exercise: Exercise, answer, seed: int = 0) -> Verdict:
    """The verdict on an answer, on the cases of this seed, without printing anything.

    Beside what `judge` says it shows the learner's own lines, as far as they were right.
    """
    if is_hole(answer):
        return Verdict(exercise.name, "todo", max_points=exercise.points)
    outcomes = run(exercise.asked, answer, seed)
    verdict = judge(exercise, outcomes, seed)
    if verdict.passed or exercise.asked.kind == "value":
        return verdict
    with pinned(seed):
        shown = _shown_case(_rows(exercise, outcomes, seed))
    lines = marked_lines(exercise, answer, outcomes, shown, seed)
    if not lines:
        return verdict
    details = [*_without_what_lines_say(verdict.details.splitlines(), lines), *lines]
    return dataclasses.replace(verdict, details="\n".join(details))


def _without_what_lines_say(details: list[str], lines: list[str]) -> list[str]:
    """The details without what came back and what was expected, where a line shows both."""
    expected = [line for line in details if line.startswith("Expected: ")]
    value = expected[0].removeprefix("Expected: ").split(" = ")[-1] if expected else None
    if value is None or not any(line.endswith(f"expected here: {value}") for line in lines):
        return details
    return [line for line in details if not line.startswith(("Returned: ", "Expected: "))]


def judge(exercise: Exercise, outcomes: list[Outcome], seed: int) -> Verdict:
    """The verdict on recorded outcomes; `seed` is the one they were recorded with."""
    with pinned(seed):
        rows = _rows(exercise, outcomes, seed)
        if any(row.wrong for row in rows):
            return _verdict(exercise, rows, seed)
    if len(rows) < len(expected_outcomes(exercise, seed)):
        message = "The run ended before the last case."
        return Verdict(exercise.name, "error", message, max_points=exercise.points)
    count = len(_names(rows))
    return Verdict(exercise.name, "correct", "", "", exercise.points, count, count)


def _rows(exercise: Exercise, outcomes: list[Outcome], seed: int) -> list["Row"]:
    cases = exercise.asked.cases(torch.Generator().manual_seed(seed))
    expected = expected_outcomes(exercise, seed)
    return [
        Row(case, outcome, right, _differences(exercise, outcome, right, case))
        for case, outcome, right in zip(cases, outcomes, expected, strict=False)
    ]


def _shown_case(rows: list["Row"]) -> int:
    """Which case is shown: the smallest in which the first part that is wrong anywhere is wrong.

    Where most cases end in an exception, it is the smallest of those.
    """
    part = _first_part(rows)
    wrong = [i for i, row in enumerate(rows) if row.wrong and row.part in (part, WHOLE)]
    raised = [i for i in range(len(rows)) if rows[i].outcome.failure]
    if 2 * len(raised) > len(rows):
        wrong = raised
    return min(wrong, key=lambda i: _size(rows[i].case))


def expected_outcomes(exercise: Exercise, seed: int) -> list[Outcome]:
    """What the reference gives on the cases of this seed."""
    return _outcomes(exercise, None, seed)


@functools.lru_cache(maxsize=1024)
def _outcomes(exercise: Exercise, mistake: str | None, seed: int) -> list[Outcome]:
    """What the reference gives, or the wrong answer behind a known mistake."""
    answer = exercise.reference if mistake is None else exercise.mistakes[mistake]
    return run(exercise.asked, answer, seed)


@dataclass(frozen=True)
class Row:
    """One case: its arguments, what came back, what is right, and what is wrong with each part."""

    case: tuple
    outcome: Outcome
    expected: Outcome
    differences: dict[str, Difference]

    @property
    def wrong(self) -> bool:
        return bool(self.differences)

    @property
    def part(self) -> str:
        """The first part that is wrong, on the way that an answer goes."""
        return next(iter(self.differences))


def _differences(exercise, outcome: Outcome, expected: Outcome, case) -> dict[str, Difference]:
    """What is wrong with one outcome: it raised, its form, its arguments, its values."""
    if outcome.failure:
        return {WHOLE: Difference(in_words(outcome.failure, exercise.asked))}
    if outcome.changed_arguments:
        return {WHOLE: Difference("It changes an argument in place; work on a copy.")}
    if not exercise.judge:
        found = differences(outcome.value, expected.value, exercise.tol)
        return _of_a_value(found) if exercise.asked.kind == "value" else found
    found = {} if exercise.any_form else differences(outcome.value, expected.value, None)
    if not found:
        try:
            complaint = exercise.judge(outcome.value, *case)
        except Exception as error:  # in the right form, but nothing that its judge has thought of
            complaint = f"What it gave back could not be judged ({type(error).__name__})."
        found = {WHOLE: Difference(complaint)} if complaint else {}
    return found


def _of_a_value(found: dict[str, Difference]) -> dict[str, Difference]:
    """The same of an answer that is no function: it has no result, it is one."""
    return {
        part: dataclasses.replace(one, sentence=one.sentence.replace("The result", "It", 1))
        for part, one in found.items()
    }


def _verdict(exercise: Exercise, rows: list[Row], seed: int) -> Verdict:
    """The verdict on an answer that is wrong somewhere: every case that is counts."""
    shown = rows[_shown_case(rows)]
    failure, difference = shown.outcome.failure, shown.differences[shown.part]
    mistake = _known_mistake(exercise, rows, seed)
    message = mistake or _in_general(exercise, rows, shown, seed)
    details = []
    if mistake and difference.form and difference.sentence != mistake:
        details.append(difference.sentence)
    right, count = _right_parts(rows), len(_names(rows))
    told = right if is_gradient(shown.part) else [part for part in right if not is_gradient(part)]
    if told:
        details.append(f"Right:    {_listed(told)}")
    details += _shown(exercise, shown)
    unusable = failure and failure.type_name == "Unusable"  # it ran, but gave something else
    status = "error" if failure and not unusable and not mistake else "wrong"
    lines = "\n".join(details)
    return Verdict(exercise.name, status, message, lines, exercise.points, count, len(right))


def _size(case: tuple) -> int:
    """How much there is to read in a case: small whole numbers are short, decimals are long."""

    def size(value) -> int:
        if isinstance(value, torch.Tensor) and value.numel() > MOST_SHOWN:
            return 6 * value.numel()
        if isinstance(value, list | tuple | dict):
            return sum(size(item) for item in (value.values() if type(value) is dict else value))
        return len(show(value))

    return size(case)


def _right_parts(rows: list[Row]) -> list[str]:
    """The parts that are right in every case, in order."""
    if any(WHOLE in row.differences for row in rows):
        return []
    return [name for name in _names(rows) if not any(name in row.differences for row in rows)]


def _listed(names: list[str]) -> str:
    """The names of parts; those of the same thing after several steps together."""
    steps: dict[str, list[str]] = {}
    for name in names:
        thing, _, step = name.partition(" after step ")
        steps.setdefault(thing, []).append(step)
    listed = [t + (f" after step {', '.join(of)}" if of[0] else "") for t, of in steps.items()]
    return ", ".join(listed) if len(listed) < 5 else f"{len(names)} parts"


def _shown(exercise: Exercise, row: Row) -> list[str]:
    """The case in full: what went in, what came back, what was expected, what was printed."""
    lines = []
    failure, difference = row.outcome.failure, row.differences[row.part]
    if row.case and not (failure and failure.type_name == "OtherKind"):
        lines.append(f"Input:    {show_arguments(exercise.asked, row.case)}")
    if difference.returned is not difference.expected and exercise.asked.kind != "value":
        what, returned, expected = _compared(row)
        name = "" if what == RESULT else f"{what} = "
        if returned != expected:  # else they look alike: only the kind or the dtype is another
            lines.append(f"Returned: {name}{returned}")
        if returned != expected and not exercise.judge:  # one of many right ones says little
            lines.append(f"Expected: {name}{expected}")
    if row.outcome.printed.strip():
        lines.append(f"It printed: {row.outcome.printed.strip()[:300]}")
    return lines


def _compared(row: Row) -> tuple[str, str, str]:
    """What came back and what was expected, with its name: the part, or what is wrong inside it."""
    difference = row.differences[row.part]
    if row.part != WHOLE:
        returned, expected = (
            comparing.parts(outcome.value)[row.part] for outcome in (row.outcome, row.expected)
        )
        both = show_both(returned, expected, difference.form)
        if "…" not in both[0] + both[1] and max(map(len, both)) <= MOST_IN_A_LINE:
            return row.part, *both
    return difference.what, *show_both(difference.returned, difference.expected, difference.form)


# -- layers ----------------------------------------------------------------------------------------


def _known_mistake(exercise: Exercise, rows: list[Row], seed: int) -> str | None:
    """The known mistake that gives the same in every case, right ones and wrong ones.

    Rather one with the same gradients too; but where values are wrong, gradients need not agree.
    """
    for with_gradients in (True, False):
        for message in exercise.mistakes:
            outcomes = _outcomes(exercise, message, seed)
            if len(outcomes) >= len(rows) and all(
                _explains(exercise, *pair, with_gradients)
                for pair in zip(outcomes, rows, strict=False)
            ):
                return message
    return None


def _explains(exercise: Exercise, mistake: Outcome, row: Row, with_gradients: bool) -> bool:
    """Whether a mistake gives what came back in this case, or is right where that is."""
    if not row.wrong:
        return not _differences(exercise, mistake, row.expected, row.case)
    only = None
    if not (with_gradients or row.part == WHOLE or is_gradient(row.part)):
        only = [name for name in comparing.parts(row.expected.value) if not is_gradient(name)]
    return comparing.same(row.outcome, mistake, exercise.tol, only)


def _in_general(exercise: Exercise, rows: list[Row], shown: Row, seed: int) -> str:
    """What is true of every case that is wrong: its form, one change or a relation, which cases."""
    difference = shown.differences[shown.part]
    named = [arguments(exercise.asked, row.case) for row in rows]
    outcomes = [row.outcome for row in rows]
    change = None
    if not _says_little(rows):
        expected = expected_outcomes(exercise, seed)
        change = variants.explain(exercise, outcomes, expected, seed)
    relation = _relation(exercise, rows, named)
    if change and relation and "factor" in change:
        change = None  # the relation names the factor
    how = [change, relation]
    where = None
    if len(rows) > 2:
        where = cases_where(named, [row.wrong for row in rows], _by_number(rows, named))
    always = difference.form or exercise.judge or shown.outcome.failure
    sentences = [difference.sentence] if always or not any(how) else []
    return "\n".join([*sentences, *filter(None, [*how, where])])


def _by_number(rows: list[Row], named: list[dict]) -> set[str]:
    """The arguments for whose every number a number is asked: those of the result's shape."""

    def fits(name: str) -> bool:
        pairs = [(case.get(name), next(iter(comparing.parts(row.expected.value).values())))
                 for row, case in zip(rows, named, strict=True)]  # fmt: skip
        tensors = all(isinstance(one, torch.Tensor) for pair in pairs for one in pair)
        return tensors and all(argument.shape == right.shape for argument, right in pairs)

    return {name for name in named[0] if fits(name)}


def _says_little(rows: list[Row]) -> bool:
    """Whether many a change would do the same: only 0 and 1 are right, or only 0 or NaN came."""
    wrong = [row.outcome for row in rows if row.wrong]
    nothing = all(_all_numbers(o, lambda n: n.isnan() | (n == 0)) for o in wrong)
    coarse = all(_all_numbers(row.expected, lambda n: (n == 0) | (n == 1)) for row in rows)
    return nothing or coarse


def _all_numbers(outcome: Outcome, hold) -> bool:
    """Whether there are numbers in the outcome, gradients aside, and this holds for all of them."""
    parts = comparing.parts(outcome.value).items()
    values = [value for part, value in parts if not is_gradient(part)]
    numbers = [torch.as_tensor(v) for v in values if isinstance(v, torch.Tensor | int | float)]
    return bool(numbers) and all(bool(hold(n).all()) for n in numbers)


def _relation(exercise: Exercise, rows: list[Row], named: list[dict]) -> str | None:
    """How the first part that is wrong relates to what is right, where only one thing is right."""
    part = _first_part(rows)
    if exercise.judge or exercise.asked.kind == "value" or part == WHOLE:
        return None
    if any(WHOLE in row.differences for row in rows):
        return None
    cases = [
        (names, row.outcome.value, row.expected.value)
        for names, row in zip(named, rows, strict=True)
        if part in comparing.parts(row.expected.value)
    ]
    return relations.relation(part, cases, exercise.tol)


def _first_part(rows: list[Row]) -> str:
    """The first part, on the way that an answer goes, that is wrong in any case."""
    wrong = {part for row in rows for part in row.differences}
    return next(part for part in [*_names(rows), WHOLE] if part in wrong)


def _names(rows: list[Row]) -> list[str]:
    """The names of all parts, in order; some cases can have more of them than others."""
    return list(dict.fromkeys(n for row in rows for n in comparing.parts(row.expected.value)))
