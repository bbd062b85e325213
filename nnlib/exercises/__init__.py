"""The exercises: `check` an answer, ask for a `hint`."""

import difflib
from collections import Counter

from nnlib.exercises import (
    activations,
    backpropagation,
    batch_normalization,
    building_models,
    gradient_descent,
    hyperparameters,
    layers,
    losses,
    mnist,
    perceptron,
    tensors,
    transfer_learning,
)
from nnlib.exercises.exercise import Exercise, Verdict
from nnlib.exercises.holes import is_hole
from nnlib.exercises.judging import judge
from nnlib.exercises.running import run

LESSONS = {
    "00_tensors": tensors.EXERCISES,
    "01_perceptron": perceptron.EXERCISES,
    "02_layers": layers.EXERCISES,
    "03_activations": activations.EXERCISES,
    "04_losses": losses.EXERCISES,
    "05_gradient_descent": gradient_descent.EXERCISES,
    "06_backpropagation": backpropagation.EXERCISES,
    "07_batch_normalization": batch_normalization.EXERCISES,
    "08_building_models": building_models.EXERCISES,
    "09_mnist": mnist.EXERCISES,
    "10_hyperparameters": hyperparameters.EXERCISES,
    "11_transfer_learning": transfer_learning.EXERCISES,
}
"""The exercises of each lesson, in the lesson's order."""


class UnknownExercise(LookupError):
    """No exercise has that name; the text names those that look like it."""


def find(name: str) -> Exercise:
    """The exercise of that name. Raises `UnknownExercise`, which names the nearest ones."""
    names = {exercise.name: exercise for exercises in LESSONS.values() for exercise in exercises}
    if name not in names:
        near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
        advice = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownExercise(f"There is no exercise {name!r}.{advice}")
    return names[name]


def check(name: str, answer) -> Verdict:
    """Check an answer and print what was found, in plain text that is the same every time.

    name: the exercise, such as ``"perceptron"``. answer: what fills its hole: the function, class
    or value itself. Returns a `Verdict`, true exactly when the answer is right. Never raises.
    """
    try:
        verdict = examine(find(name), answer)
    except UnknownExercise as error:
        verdict = Verdict(str(name), "error", str(error))
    print(verdict)
    return verdict


def examine(exercise: Exercise, answer, seed: int = 0) -> Verdict:
    """The verdict on an answer, on the cases of this seed, without printing anything."""
    if is_hole(answer):
        return Verdict(exercise.name, "todo", max_points=exercise.points)
    return judge(exercise, run(exercise, answer, seed), seed)


_hints_shown: Counter = Counter()


def hint(name: str) -> None:
    """Print the next hint for an exercise; after the last one, where its solution is."""
    try:
        exercise = find(name)
    except UnknownExercise as error:
        print(error)
        return
    shown = _hints_shown[name]
    if shown < len(exercise.hints):
        print(f"Hint {shown + 1} of {len(exercise.hints)}: {exercise.hints[shown]}")
        _hints_shown[name] += 1
    else:
        lesson = next(lesson for lesson, all_of_it in LESSONS.items() if exercise in all_of_it)
        print(f"That was the last hint. The solution is in solutions/{lesson}.py.")
