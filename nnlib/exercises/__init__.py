"""The exercises: `check` an answer, ask for a `hint`.

Each lesson has two files of them. `asked` holds the cases and how an answer is used, and goes to
where an answer runs; `known` holds the right answers, the mistakes and the hints, and never does.
`catalog` lists them all; it is imported only where an answer is judged.
"""

import sys
from collections import Counter
from dataclasses import replace

from nnlib.checking.exercise import Verdict


def check(name: str, answer) -> Verdict:
    """Check an answer and show what was found: in colour in a notebook, always as plain text.

    name: the exercise, such as ``"perceptron"``. answer: what fills its hole: the function, class
    or value itself. Returns a `Verdict`, true exactly when the answer is right. Never raises.
    """
    from nnlib.checking.judging import examine
    from nnlib.exercises import catalog

    try:
        verdict = examine(catalog.find(name), answer)
    except catalog.UnknownExercise as error:
        verdict = Verdict(name if isinstance(name, str) else "check", "error", str(error))
    except (
        Exception
    ) as error:  # nothing that an honest answer gives; a traceback of ours is no help
        text = f"The check could not deal with it ({type(error).__name__}: {error})."
        verdict = Verdict(name, "error", text)
    if verdict.max_points:
        verdict = _with_a_way_out(verdict)
    _show(verdict)
    return verdict


wrong_tries: Counter = Counter()  # in a row, by exercise


def _with_a_way_out(verdict: Verdict) -> Verdict:
    """The verdict; from the second wrong try in a row on it says where a hint is."""
    name = verdict.name
    if verdict.status in ("wrong", "error"):
        wrong_tries[name] += 1
    else:
        wrong_tries[name] = 0
    if wrong_tries[name] < 2:
        return verdict
    lines = [verdict.details, f'Stuck? hint("{name}") in a new cell.']
    return replace(verdict, details="\n".join(filter(None, lines)))


hints_shown: Counter = Counter()  # by exercise


def _show(verdict: Verdict) -> None:
    """In a notebook as HTML beside the plain text, elsewhere as plain text."""
    IPython = sys.modules.get("IPython")
    if IPython is None or IPython.get_ipython() is None:
        print(verdict)
        return
    from nnlib.checking.display import as_html

    shown = {"text/plain": str(verdict), "text/html": as_html(verdict)}
    IPython.display.display(shown, raw=True)


def hint(name: str) -> None:
    """Print the next hint for an exercise; after the last one, where its solution is."""
    from nnlib.exercises import catalog

    try:
        exercise = catalog.find(name)
    except catalog.UnknownExercise as error:
        print(error)
        return
    shown = hints_shown[name]
    if shown < len(exercise.hints):
        print(f"Hint {shown + 1} of {len(exercise.hints)}: {exercise.hints[shown]}")
        hints_shown[name] += 1
    else:
        lesson = catalog.lesson_of(exercise)
        print(
            f"That was the last hint. The solution is in solutions/{lesson}.py, under"
            f" `# %% {name}`; the command `nnlib solve {lesson[:2]}` writes the whole lesson solved."
        )
