"""What is known of the exercises of lesson 01, the perceptron: right answers, mistakes, hints."""

import torch

from nnlib.checking.exercise import Exercise
from nnlib.exercises.asked import perceptron as asked

# -- average_weights -------------------------------------------------------------------------------


ADDS = "These weights add the inputs. An average also divides by how many there are."
MULTIPLIES = "These weights multiply the sum by 2. An average divides it by 2."
ONE_PAIR = "2 and 3 do become 2.5, but other pairs do not become their average. Try 10 and 0."
UNEQUAL = "The weights add up to 1, but one input counts more than the other."


def _judge_average(weights):
    w1, w2 = weights
    if (w1, w2) == (0.5, 0.5):
        return None
    if w1 == w2:
        return MULTIPLIES if w1 == 2 else ADDS if w1 == 1 else "2 and 3 do not become 2.5."
    if abs(2 * w1 + 3 * w2 - 2.5) < 1e-4:
        return ONE_PAIR
    return UNEQUAL if abs(w1 + w2 - 1) < 1e-4 else "2 and 3 do not become 2.5."


average_weights = Exercise(
    asked.average_weights,
    reference=[0.5, 0.5],
    judge=_judge_average,
    mistakes={
        ADDS: [1.0, 1.0],
        MULTIPLIES: [2.0, 2.0],
        ONE_PAIR: [1.25, 0.0],
        UNEQUAL: [1.0, 0.0],
    },
    hints=(
        "The average of 2 and 3 is (2 + 3) / 2. Write it as (…)·2 + (…)·3.",
        "Both inputs count the same, and two equal inputs must come out unchanged.",
    ),
)


# -- perceptron ------------------------------------------------------------------------------------


def _perceptron(x, w, b):
    return (x @ w + b > 0).to(x.dtype)


perceptron = Exercise(
    asked.perceptron,
    reference=_perceptron,
    mistakes={
        "It fires when the sum is exactly 0. It should fire only above 0: use >, not >=.": (
            lambda x, w, b: (x @ w + b >= 0).to(x.dtype)
        ),
        "The bias is missing: add b to the weighted sum before you compare.": (
            lambda x, w, b: (x @ w > 0).to(x.dtype)
        ),
        "That is the weighted sum itself. The step is missing: 1.0 where it is above 0, else 0.0.": (
            lambda x, w, b: x @ w + b
        ),
        "The bias is subtracted. In w·x + b it is added.": (
            lambda x, w, b: (x @ w - b > 0).to(x.dtype)
        ),
        "It gives −1 where the neuron stays silent. Here a silent neuron gives 0.0.": (
            lambda x, w, b: torch.where(x @ w + b > 0, 1.0, -1.0).to(x.dtype)
        ),
        "It gives True and False. Turn them into numbers of x's dtype: .to(x.dtype).": (
            lambda x, w, b: x @ w + b > 0
        ),
        "It adds up all samples at once. Sum over the last dimension only: one answer a sample.": (
            lambda x, w, b: ((x * w).sum() + b > 0).to(x.dtype)
        ),
    },
    hints=(
        "Two steps: the weighted sum of each sample, then the comparison with 0.",
        "`x @ w` multiplies and adds along the last dimension, for one sample or many.",
        "A comparison gives True and False; `.to(x.dtype)` turns them into 1.0 and 0.0.",
    ),
)


# -- gate ------------------------------------------------------------------------------------------

TRUTH = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0]}


def _gates(**parameters):
    """A gate function from {name: (w1, w2, b)}."""

    def gate(name):
        *w, b = parameters[name]
        return torch.tensor(w), b

    return gate


def _judge_gate(parameters, name):
    outputs = [int(fires) for fires in asked.ROWS @ parameters["w"] + parameters["b"] > 0]
    if outputs == TRUTH[name]:
        return None
    return f"On the rows 00, 01, 10, 11 your {name} gives {outputs}, not {TRUTH[name]}."


gate = Exercise(
    asked.gate,
    reference=_gates(AND=(1.0, 1.0, -1.5), OR=(1.0, 1.0, -0.5), NAND=(-1.0, -1.0, 1.5)),
    judge=_judge_gate,
    mistakes={
        "A sum of exactly 0 does not fire. Move the bias so that no row lands exactly on 0.": (
            _gates(AND=(1.0, 1.0, -2.0), OR=(1.0, 1.0, -1.0), NAND=(-1.0, -1.0, 1.0))
        ),
        "AND and OR are swapped: AND fires only when both inputs are 1, OR when at least one is.": (
            _gates(AND=(1.0, 1.0, -0.5), OR=(1.0, 1.0, -1.5), NAND=(-1.0, -1.0, 1.5))
        ),
        "NAND says the opposite of AND: flip the sign of both weights and of the bias, not only of"
        " the weights.": (
            _gates(AND=(1.0, 1.0, -1.5), OR=(1.0, 1.0, -0.5), NAND=(-1.0, -1.0, -1.5))
        ),
        "Every name gets the same neuron. The three gates need different biases.": (
            _gates(AND=(1.0, 1.0, -1.5), OR=(1.0, 1.0, -1.5), NAND=(1.0, 1.0, -1.5))
        ),
        "With a bias of 0 the line runs through 00. AND and NAND need a bias.": (
            _gates(AND=(1.0, 1.0, 0.0), OR=(1.0, 1.0, 0.0), NAND=(-1.0, -1.0, 0.0))
        ),
    },
    hints=(
        "Draw the four points. Where must the line run, so that the points that fire lie on one"
        " side?",
        "With weights 1 and 1 the sums of the four rows are b, 1 + b, 1 + b and 2 + b. Which of them"
        " must be above 0?",
        "For AND only 2 + b may be above 0, so b lies between −2 and −1. NAND is AND with all signs"
        " flipped.",
    ),
    points=2,
)


# -- perceptron_update -----------------------------------------------------------------------------


def _update(w, b, x, y, lr):
    error = y - _perceptron(x, w, b)
    return w + lr * error * x, b + lr * error


perceptron_update = Exercise(
    asked.perceptron_update,
    reference=_update,
    mistakes={
        "It moves the wrong way: the error is the wanted output minus the actual one, and it is"
        " added.": (
            lambda w, b, x, y, lr: (w - lr * (y - _perceptron(x, w, b)) * x,
                                    b - lr * (y - _perceptron(x, w, b)))
        ),
        "The bias never learns: it moves by lr times the error, as if its input were always 1.": (
            lambda w, b, x, y, lr: (_update(w, b, x, y, lr)[0], b)
        ),
        "The learning rate is missing: multiply the change by lr.": (
            lambda w, b, x, y, lr: _update(w, b, x, y, 1.0)
        ),
        "It learns from the weighted sum instead of the output. Compare y with 1.0 or 0.0, so that"
        " a sample that is right changes nothing.": (
            lambda w, b, x, y, lr: (w + lr * (y - (x @ w + b)) * x, b + lr * (y - (x @ w + b)))
        ),
        "It subtracts True or False from a number, which PyTorch refuses. Turn what the comparison"
        " gives into 1.0 or 0.0 first.": (
            lambda w, b, x, y, lr: y - (x @ w + b > 0)
        ),
        "It learns only from samples with y = 1. A neuron that fires and should not must learn"
        " too.": (
            lambda w, b, x, y, lr: _update(w, b, x, y, lr) if y == 1 else (w, b)
        ),
        "It changes even when the sample is already right. Then the error is 0, and so is the"
        " change.": (
            lambda w, b, x, y, lr: (w + lr * (2 * y - 1) * x, b + lr * (2 * y - 1))
        ),
    },
    hints=(
        "First compute the perceptron's output for x. The error, y minus output, is 1, 0 or −1.",
        "Every weight moves by lr · error · its input.",
        "The bias moves as if its input were always 1. Return both as new tensors: `w + …`, not"
        " `w += …`.",
    ),
    points=2,
)  # fmt: skip


# -- fit_perceptron --------------------------------------------------------------------------------


def _fit(X, y, epochs, lr, update=_update, start=0.0):
    w, b = X.new_full((X.shape[1],), start), X.new_full((), start)
    for _ in range(epochs):
        for x, target in zip(X, y, strict=True):
            w, b = update(w, b, x, target, lr)
    return w, b


def _fit_row_after_row(X, y, epochs, lr):
    return _fit(X.repeat_interleave(epochs, 0), y.repeat_interleave(epochs, 0), 1, lr)


def _fit_up_to_a_right_row(X, y, epochs, lr):
    w, b = _fit(X, y, 0, lr)
    for _ in range(epochs):
        for x, target in zip(X, y, strict=True):
            if _perceptron(x, w, b) == target:
                break
            w, b = _update(w, b, x, target, lr)
    return w, b


def _fit_with(update):
    return lambda X, y, epochs, lr: _fit(X, y, epochs, lr, update)


fit_perceptron = Exercise(
    asked.fit_perceptron,
    reference=_fit,
    mistakes={
        "w and b stay at zero: store what the update gives back, w, b = ….": (
            lambda X, y, epochs, lr: _fit(X, y, 0, lr)
        ),
        "Only the last row is learned. Go through all rows in every epoch.": (
            lambda X, y, epochs, lr: _fit(X[-1:], y[-1:], epochs, lr)
        ),
        "It runs one epoch only, or starts from zero again in each. Keep w and b from epoch to"
        " epoch, and return after the last.": lambda X, y, epochs, lr: _fit(X, y, 1, lr),
        "It goes through each row several times before the next. The outer loop is over the"
        " epochs, the inner one over the rows.": _fit_row_after_row,
        "It ends an epoch at the first row that is right already. Go on with the next row.": (
            _fit_up_to_a_right_row
        ),
        "The weights and the bias start at 1. They should start at 0.": (
            lambda X, y, epochs, lr: _fit(X, y, epochs, lr, start=1.0)
        ),
        "The bias never learns. It moves by lr · error.": (
            _fit_with(lambda w, b, x, y, lr: (_update(w, b, x, y, lr)[0], b))
        ),
        "It learns only from rows with y = 1. A neuron that fires and should not must learn too.": (
            _fit_with(lambda w, b, x, y, lr: _update(w, b, x, y, lr) if y == 1 else (w, b))
        ),
        "It learns from the sum instead of the output. The output is 1 or 0.": (
            _fit_with(
                lambda w, b, x, y, lr: (w + lr * (y - (x @ w + b)) * x, b + lr * (y - (x @ w + b)))
            )
        ),
    },
    hints=(
        "Two loops: over the epochs, and inside it over the rows.",
        "Start with w = zeros of length D and b = zero, before the loops.",
        "For each row happens what `perceptron_update` does once.",
    ),
    points=3,
)


# -- xor_errors ------------------------------------------------------------------------------------

xor_errors = Exercise(
    asked.xor_errors,
    reference=1,
    mistakes={
        "0 would mean that a line puts 01 and 10 on one side, 00 and 11 on the other. Try to draw"
        " it.": 0,
        "2 is what a neuron that never fires gets wrong. Some line does better: think of OR.": 2,
        "3 is what AND gets wrong on XOR. Some line does better.": 3,
        "If all 4 were wrong, the opposite neuron would get all 4 right, and none does.": 4,
    },
    hints=(
        "How many of XOR's four rows does OR get right? And NAND?",
        "Count the wrong rows of the gates that you know. Then ask whether any line can do better.",
    ),
)


# -- predictions -----------------------------------------------------------------------------------

predict_line = Exercise(
    asked.predict_line,
    reference="d",
    mistakes={
        "Up by 2 goes the line z = w x + b of section 2. This line is another thing: the places"
        " where the sum is 0.": "a",
        "You divided by the weight 2. But must the places where the sum is 0 go the way that the"
        " sum goes?": "b",
        "A step as large as the bias: have a look at what the formula divides it by.": "e",
        "The direction depends on the weights alone, and they stay as they are.": "c",
    },
    points=0,
)

predict_rate = Exercise(
    asked.predict_rate,
    reference="e",
    mistakes={
        "Each repair is larger, indeed. But the weights start at 0 and are made of repairs: larger"
        " than what?": "a",
        "Too large a step overshoots, in most learning. Here the weights start at 0 and are made of"
        " steps: too large for what?": "b",
        "The theorem asks only whether a line separates the samples, and one separates AND's.": "c",
        "The first change is larger, and so are all after it. Larger than what?": "d",
    },
    points=0,
)

predict_overlap = Exercise(
    asked.predict_overlap,
    reference="b",
    mistakes={
        'It would if a line separated the two species. The theorem has an "if".': "a",
        "To settle, the line would have to stop moving. It moves at every mistake.": "c",
        "Each repair is as large as the first: there is nothing that drives it further and further"
        " away.": "d",
        "It would if the measurements said nothing about the species. Versicolor is smaller.": "e",
    },
    points=0,
)

predict_gates = Exercise(
    asked.predict_gates,
    reference="c",
    mistakes={
        "All 16 would include XOR, and the proof above rules it out.": "a",
        "You took XOR away and nothing else. The search will show whether that is all.": "b",
        "Half of them, as if each gate had a counterpart out of reach. The search will count.": "d",
        "You may have counted those that have a name. Most of the 16 have none.": "e",
    },
    points=0,
)

EXERCISES = (
    average_weights,
    perceptron,
    predict_line,
    gate,
    perceptron_update,
    fit_perceptron,
    predict_rate,
    predict_overlap,
    xor_errors,
    predict_gates,
)
