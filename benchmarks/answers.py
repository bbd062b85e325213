"""How well wrong answers are told: a folder of answers, each with the verdict that it gets.

    python benchmarks/answers.py FOLDER [NN ...] [-v]

FOLDER holds a Python file for each lesson, `NN_name.py`, with a dictionary `ANSWERS`:
`{exercise: {"right": [source, ...], "wrong": [(source, why), ...]}}`. Prints for each lesson how many
right answers are accepted and wrong ones rejected, which layer spoke, and the processor seconds of a
wrong answer's verdict (median, most); with -v every verdict, to be read. Runs the answers in
this process, with all that they may do.
"""

import argparse
import collections
import copy
import linecache
import math
import runpy
import statistics
import time
import warnings
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from nnlib import data
from nnlib.checking.exercise import Exercise, Verdict
from nnlib.checking.judging import examine
from nnlib.exercises import catalog

NAMES = {"copy": copy, "torch": torch, "nn": nn, "F": F, "math": math, "np": numpy, "data": data}
"""What a lesson's first cells import."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("lessons", nargs="*", metavar="NN", help="only these lessons")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every verdict")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for path in sorted(options.folder.glob("[0-9][0-9]_*.py")):
        if not options.lessons or path.name[:2] in options.lessons:
            measure(path, options.verbose)


def measure(path: Path, verbose: bool) -> None:
    """Judge the answers of one lesson and print what came out."""
    counts, layers, seconds = collections.Counter(), collections.Counter(), []
    for name, answers in runpy.run_path(str(path))["ANSWERS"].items():
        exercise = catalog.find(name)
        for source in answers["right"]:
            verdict = judged(exercise, source)[0]
            counts["right", verdict.passed] += 1
            if not verdict.passed:
                print(f"--- REFUSED {source.strip()}\n{verdict}")
        for source, why in answers["wrong"]:
            verdict, spent = judged(exercise, source)
            counts["wrong", not verdict.passed] += 1
            if verdict.passed:
                print(f"--- ACCEPTED # {why}\n{source.strip()}")
                continue
            layers[layer(exercise, verdict)] += 1
            seconds.append(spent)
            if verbose:
                print(f"--- {spent:.1f} s # {why}\n{source.strip()}\n{verdict}")
    total = {kind: counts[kind, True] + counts[kind, False] for kind in ("right", "wrong")}
    print(
        f"{path.stem}: right accepted {counts['right', True]} of {total['right']}, "
        f"wrong rejected {counts['wrong', True]} of {total['wrong']}; "
        + ", ".join(f"{which} {n}" for which, n in layers.most_common())
        + (f"; {statistics.median(seconds):.1f} s, most {max(seconds):.1f} s" if seconds else ""),
        flush=True,
    )


def judged(exercise: Exercise, source: str) -> tuple[Verdict, float]:
    """The verdict on an answer as a cell of a notebook, and the processor seconds it took."""
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    cell = dict(NAMES, __name__="__main__")
    start = time.process_time()
    try:
        exec(compile(source, file, "exec"), cell)
    except Exception as error:  # the cell fails before its check is reached
        message = f"The cell raised {type(error).__name__}: {error}"
        return Verdict(exercise.name, "error", message), time.process_time() - start
    verdict = examine(exercise, cell[exercise.name])
    return verdict, time.process_time() - start


def layer(exercise: Exercise, verdict: Verdict) -> str:
    """What of the verdict's layers names the error: the first that speaks."""
    if verdict.message in exercise.mistakes:
        return "known mistake"
    if "It behaves exactly like" in verdict.message:
        return "variant"
    if verdict.status == "error":
        return "exception"
    if exercise.judge:
        return "judge"
    if any(words in verdict.message for words in (" is wrong.", ", expected ", "contains NaN")):
        more = len(verdict.message.splitlines()) > 1
        if more:
            return "relation"
        return "lines" if "Your lines" in verdict.details else "nothing but the case"
    return "relation"


if __name__ == "__main__":
    main()
