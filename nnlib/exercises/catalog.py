"""Which exercises there are, lesson by lesson."""

import difflib

from nnlib.checking.exercise import Exercise
from nnlib.errors import CourseError
from nnlib.exercises.known import (
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


class UnknownExercise(CourseError):
    """No exercise has that name; the text names those that look like it."""


def find(name: str) -> Exercise:
    """The exercise of that name. Raises `UnknownExercise`, which names the nearest ones."""
    if not isinstance(name, str):
        raise UnknownExercise('The name of the exercise comes first, in quotes, such as "softmax".')
    names = {exercise.name: exercise for exercises in LESSONS.values() for exercise in exercises}
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        advice = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownExercise(f"There is no exercise {name!r}.{advice}")
    return names[name]


def lesson_of(exercise: Exercise) -> str:
    """The name of the lesson that poses the exercise."""
    return next(lesson for lesson, exercises in LESSONS.items() if exercise in exercises)
