"""The exercises: `check` an answer, ask for a `hint`.

`catalog` has them all, with their references and known mistakes. It is imported only where an
answer is judged: the process that runs a stranger's answer must not hold the right ones.
"""

from collections import Counter

from nnlib.exercises.exercise import Exercise, Verdict
from nnlib.exercises.holes import is_hole
from nnlib.exercises.running import run


def check(name: str, answer) -> Verdict:
    """Check an answer and print what was found, in plain text that is the same every time.

    name: the exercise, such as ``"perceptron"``. answer: what fills its hole: the function, class
    or value itself. Returns a `Verdict`, true exactly when the answer is right. Never raises.
    """
    from nnlib.exercises import catalog

    try:
        verdict = examine(catalog.find(name), answer)
    except catalog.UnknownExercise as error:
        verdict = Verdict(name if isinstance(name, str) else "check", "error", str(error))
    print(verdict)
    return verdict


def examine(exercise: Exercise, answer, seed: int = 0) -> Verdict:
    """The verdict on an answer, on the cases of this seed, without printing anything."""
    from nnlib.exercises.judging import judge

    if is_hole(answer):
        return Verdict(exercise.name, "todo", max_points=exercise.points)
    return judge(exercise, run(exercise, answer, seed), seed)


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
