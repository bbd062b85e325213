"""In which range the numbers of a lesson lie: run it with other seeds, threads and instructions."""

import copy
import itertools
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from nnlib.course import execution

PROCESSORS = (
    {"OMP_NUM_THREADS": "1"},
    {"OMP_NUM_THREADS": "2"},
    {"OMP_NUM_THREADS": "1", "ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"},
)
"""What stands for other machines: threads, and the instructions that an old processor has."""

_SEED = re.compile(r"(\b(?:manual_seed\(|default_rng\(|random_state=|seed=))(\d+)")
_SEEN = re.compile(
    r"(?P<value>-?[\d.]+(?:e[+-]\d+)?|nan|-?inf)(?: \(|, outside of )"
    r"(?P<low>\S+) to (?P<high>[^\s,]+)(?: on|, where it lay on) other machines and seeds"
)


@dataclass(frozen=True)
class Range:
    """A number that a lesson prints with `seen`: its cell, what it states, what was measured."""

    cell: int
    place: int
    low: float
    high: float
    values: tuple[float, ...]

    @property
    def holds(self) -> bool:
        return all(self.low <= value <= self.high for value in self.values)


def measure(
    lesson: nbformat.NotebookNode,
    folder: Path,
    seeds: int,
    on_cell: Callable[[], None] = lambda: None,
) -> list[Range]:
    """Run a lesson once for each seed and kind of processor; the ranges that it prints, in order.

    seeds: how many; 0 is the lesson's own, each further one is added to every seed in its code.
    """
    found: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for seed, processor in itertools.product(range(seeds), PROCESSORS):
        notebook = _with_seed(lesson, 1000 * seed)
        execution.run(notebook, folder, on_cell, environment={**os.environ, **processor})
        for key, numbers in _printed(notebook):
            found.setdefault(key, []).append(numbers)
    return [
        Range(*key, *runs[0][1:], tuple(value for value, _, _ in runs))
        for key, runs in sorted(found.items())
    ]


def _with_seed(lesson: nbformat.NotebookNode, offset: int) -> nbformat.NotebookNode:
    """A copy whose code has other seeds; it says nothing of the ones it computes itself."""
    lesson = copy.deepcopy(lesson)
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.source = _SEED.sub(lambda m: f"{m[1]}{int(m[2]) + offset}", cell.source)
    return lesson


def _printed(notebook: nbformat.NotebookNode) -> Iterator[tuple]:
    """((cell, which of its numbers), (value, low, high)) for each number printed with a range."""
    for i, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        text = "\n".join(
            o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs
        )
        for place, match in enumerate(_SEEN.finditer(text)):
            yield (i, place), tuple(float(match[name]) for name in ("value", "low", "high"))
