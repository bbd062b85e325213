"""The exercises: `check` an answer, ask for a `hint`.

Each lesson has two files of them. `asked` holds the cases and how an answer is used, and goes to
where an answer runs; `known` holds the right answers, the mistakes and the hints, and never does.
`catalog` lists them all; it is imported only where an answer is judged.
"""

from collections import Counter

from nnlib.checking.exercise import Verdict


def check(name: str, answer) -> Verdict:
    """Check an answer and print what was found, in plain text that is the same every time.

    name: the exercise, such as ``"perceptron"``. answer: what fills its hole: the function, class
    or value itself. Returns a `Verdict`, true exactly when the answer is right. Never raises.
    """
    from nnlib.checking.judging import examine
    from nnlib.exercises import catalog

    try:
        verdict = examine(catalog.find(name), answer)
    except catalog.UnknownExercise as error:
        verdict = Verdict(name if isinstance(name, str) else "check", "error", str(error))
    print(verdict)
    return verdict


_hints_shown: Counter = Counter()


def hint(name: str) -> None:
    """Print the next hint for an exercise; after the last one, where its solution is."""
    from nnlib.exercises import catalog

    try:
        exercise = catalog.find(name)
    except catalog.UnknownExercise as error:
        print(error)
        return
    shown = _hints_shown[name]
    if shown < len(exercise.hints):
        print(f"Hint {shown + 1} of {len(exercise.hints)}: {exercise.hints[shown]}")
        _hints_shown[name] += 1
    else:
        lesson = catalog.lesson_of(exercise)
        print(
            f"That was the last hint. The solution is in solutions/{lesson}.py, under"
            f" `# %% {name}`; the command `nnlib solve {lesson[:2]}` writes the whole lesson solved."
        )
