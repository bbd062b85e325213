"""What is known of the exercises of lesson 02, layers: right answers, mistakes, hints."""

from itertools import pairwise

import torch
from torch.nn import functional as F

from nnlib.checking.exercise import Exercise
from nnlib.exercises.asked import layers as asked

# -- dense -----------------------------------------------------------------------------------------


def _dense(X, W, b):
    return F.linear(X, W, b)


dense = Exercise(
    asked.dense,
    reference=_dense,
    mistakes={
        "A neuron's weights are a row of W, and here they were taken from a column. Transpose W.": (
            lambda X, W, b: X @ W + b
        ),
        "The bias is subtracted. It should be added.": lambda X, W, b: X @ W.T - b,
        "The numbers are right, but turned on their side: one row a neuron. Give one row a"
        " sample.": lambda X, W, b: W @ X.T + b[:, None],
        "Each bias went to a sample. It belongs to a neuron, which is a column of the result.": (
            lambda X, W, b: X @ W.T + b[:, None]
        ),
        "An activation was applied. A dense layer by itself is only the weighted sums.": (
            lambda X, W, b: torch.relu(X @ W.T + b)
        ),
        "That multiplies inputs and weights pair by pair. Each pair of a sample and a neuron needs"
        " the sum of such products.": lambda X, W, b: X * W + b,
    },
    hints=(
        "One sample and one neuron give one number: the sum of inputs times weights, plus b.",
        "`@` multiplies rows by columns. The rows of X are samples; the neurons should be columns.",
        "`W.T` has the neurons as columns. A bias of shape (out,) is added to every row by itself.",
    ),
)


# -- relu ------------------------------------------------------------------------------------------


relu = Exercise(
    asked.relu,
    reference=lambda z: F.relu(z),
    mistakes={
        "Python's `max` compares two single numbers. A tensor needs something that looks at each"
        " element by itself.": lambda z: max(z, 0),
        "It keeps the negative numbers and drops the positive ones. It should be the other way"
        " round.": lambda z: z.clamp(max=0),
        "That is the step: 1 for every positive number. ReLU lets a positive number pass"
        " unchanged.": lambda z: (z > 0).to(z.dtype),
        "It returns the one largest number. Take the maximum with 0 for each element.": (
            lambda z: z.max().clamp(min=0)
        ),
    },
    hints=(
        "A function without `return` gives None, whatever it computes.",
        "Python's `max` cannot compare a whole tensor with 0. What in torch can?",
        "`torch.where(condition, a, b)` takes a where the condition holds and b elsewhere;"
        " `torch.clamp` cuts off at a limit.",
    ),
)


# -- mlp -------------------------------------------------------------------------------------------


def _mlp(X, layers, activation):
    *hidden, (W, b) = layers
    for hidden_W, hidden_b in hidden:
        X = activation(F.linear(X, hidden_W, hidden_b))
    return F.linear(X, W, b)


def _mlp_activated_at_the_end(X, layers, activation):
    return activation(_mlp(X, layers, activation))


def _mlp_activated_before(X, layers, activation):
    for W, b in layers:
        X = F.linear(activation(X), W, b)
    return X


def _mlp_activated_once(X, layers, activation):
    for i, (W, b) in enumerate(layers):
        X = F.linear(X, W, b)
        X = activation(X) if i == 0 and len(layers) > 1 else X
    return X


def _mlp_of_raw_inputs(X, layers, activation):
    for W, b in layers[:-1]:
        a = activation(F.linear(X, W, b))
    return F.linear(a if len(layers) > 1 else X, *layers[-1])


mlp = Exercise(
    asked.mlp,
    reference=_mlp,
    mistakes={
        "The last layer is activated too. Its sums are the output, as they are.": (
            _mlp_activated_at_the_end
        ),
        "There is no activation: between two layers it is applied to every number.": (
            lambda X, layers, activation: _mlp(X, layers, lambda z: z)
        ),
        "It always uses ReLU. Use the activation that was handed in.": (
            lambda X, layers, activation: _mlp(X, layers, torch.relu)
        ),
        "The inputs are activated before the first layer. An activation comes after a layer.": (
            _mlp_activated_before
        ),
        "Only the first layer is activated. Every layer but the last should be.": (
            _mlp_activated_once
        ),
        "Each layer is fed with X again. It should get what the layer before it gave.": (
            _mlp_of_raw_inputs
        ),
        "The last layer is missing.": (
            lambda X, layers, activation: (
                _mlp_activated_at_the_end(X, layers[:-1], activation) if len(layers) > 1 else X
            )
        ),
        "The biases are missing.": lambda X, layers, activation: _mlp(
            X, [(W, torch.zeros_like(b)) for W, b in layers], activation
        ),
    },
    hints=(
        "A loop over the layers. What one layer gives is what the next one gets.",
        "Each layer computes X @ W.T + b. The last is special: `layers[:-1]` and `layers[-1]`.",
        "After the loop X is what the last hidden layer gave. One layer is left, and nothing"
        " bends its sums.",
    ),
    points=2,
)


# -- count_parameters ------------------------------------------------------------------------------


def _count(sizes, weights=lambda n, m: n * m, biases=lambda n, m: m):
    """The parameters between each two layers of n and m units, added up."""
    pairs = pairwise(sizes)
    return sum(weights(n, m) + biases(n, m) for n, m in pairs)


count_parameters = Exercise(
    asked.count_parameters,
    reference=_count,
    mistakes={
        "These are the weights alone. Every neuron has a bias too.": (
            lambda sizes: _count(sizes, biases=lambda n, m: 0)
        ),
        "The input layer got biases. It computes nothing and has no parameters.": (
            lambda sizes: _count(sizes) + sizes[0]
        ),
        "The biases were counted by inputs. A layer has one bias for each neuron that it feeds.": (
            lambda sizes: _count(sizes, biases=lambda n, m: n)
        ),
        "One bias for a whole layer is too few: each of its neurons has its own.": (
            lambda sizes: _count(sizes, biases=lambda n, m: 1)
        ),
        "Two layers of n and m units have n·m connections between them, not n + m.": (
            lambda sizes: _count(sizes, weights=lambda n, m: n + m)
        ),
        "That counts the units. A parameter is a weight or a bias.": lambda sizes: sum(sizes),
        "The last layer is not counted. It has weights and biases like the others.": (
            lambda sizes: _count(sizes[:-1])
        ),
        "Only the last layer is counted. Add up all layers.": lambda sizes: _count(sizes[-2:]),
    },
    hints=(
        "Draw [3, 4, 2]. How many lines run from the 3 inputs to the 4 hidden neurons?",
        "From n units to m neurons run n·m weights, and each of the m neurons has a bias.",
        "Go through the pairs sizes[i], sizes[i + 1] and add up.",
    ),
)


# -- collapse --------------------------------------------------------------------------------------


def _collapse(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1 + b2


collapse = Exercise(
    asked.collapse,
    reference=_collapse,
    mistakes={
        "The weights are multiplied in the wrong order: which of the two layers meets the input"
        " first?": lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2),
        "The first bias passes through the second layer too: it is multiplied by W2.": (
            lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2)
        ),
        "The first bias is missing: it passes through the second layer and is still there.": (
            lambda W1, b1, W2, b2: (W2 @ W1, b2)
        ),
        "The weights are multiplied element by element. Layer after layer is a matrix product.": (
            lambda W1, b1, W2, b2: (W2 * W1, W2 @ b1 + b2)
        ),
        "The weights are added. Layer after layer multiplies them.": (
            lambda W1, b1, W2, b2: (W2 + W1, W2 @ b1 + b2)
        ),
        "The result is turned on its side: a row of W holds the weights of one output.": (
            lambda W1, b1, W2, b2: ((W2 @ W1).T, W2 @ b1 + b2)
        ),
    },
    hints=(
        "Write the second layer's sum, and put the first layer's formula where its input stands.",
        "W2 (W1 x + b1) + b2: multiply out, then collect what stands before x and what is left.",
        "What stands before x is a product of two matrices. What is left has two terms, and is"
        " one bias for each output.",
    ),
    points=2,
)


# -- xor_network -----------------------------------------------------------------------------------


def _network(*layers):
    """An xor_network function from (W, b) pairs of nested lists."""
    return lambda: [(torch.tensor(W), torch.tensor(b)) for W, b in layers]


def _judge_xor(outcome):
    output = outcome["the output"].flatten()
    if bool(((output - torch.tensor([0.0, 1.0, 1.0, 0.0])).abs() <= 1e-4).all()):
        return None
    numbers = ", ".join(f"{value:.4g}" for value in (output + 0.0).tolist())
    return f"On the rows 00, 01, 10, 11 your network gives {numbers}, not 0, 1, 1, 0."


xor_network = Exercise(
    asked.xor_network,
    reference=_network(([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])),
    judge=_judge_xor,
    mistakes={
        "These weights are made for steps: OR and NAND, then AND. Between these layers stands a"
        " ReLU, which passes a positive sum on as it is.": (
            _network(([[1.0, 1.0], [-1.0, -1.0]], [-0.5, 1.5]), ([[1.0, 1.0]], [-1.5]))
        ),
        "That is OR: 11 gives 1 as well. The second hidden neuron must pull harder there.": (
            _network(([[1.0, 1.0], [1.0, 1.0]], [0.0, -1.0]), ([[1.0, -1.0]], [0.0]))
        ),
        "That is AND. XOR is 1 when exactly one input is 1.": (
            _network(([[1.0, 1.0]], [-1.0]), ([[1.0]], [0.0]))
        ),
        "That is the opposite of XOR: 1 where the inputs are equal.": (
            _network(([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[-1.0, -1.0]], [1.0]))
        ),
        "Half of it works: it sees that the first input is the larger one. A second hidden neuron"
        " has to see the opposite case.": (
            _network(([[1.0, -1.0]], [0.0]), ([[1.0]], [0.0]))
        ),
        "Half of it works: it sees that the second input is the larger one. A second hidden neuron"
        " has to see the opposite case.": (
            _network(([[-1.0, 1.0]], [0.0]), ([[1.0]], [0.0]))
        ),
        "The same number for every row is the best that a straight line can do. Both hidden"
        " neurons must be able to be cut off by the ReLU, and each on other rows.": (
            _network(([[1.0, 1.0]], [0.0]), ([[0.0]], [0.5]))
        ),
        "It adds the inputs: 0, 1, 1, 2. A second hidden neuron that fires only at 11 can take"
        " the 2 away.": _network(([[1.0, 1.0]], [0.0]), ([[1.0]], [0.0])),
    },
    hints=(
        "Add the two inputs, or subtract them. For which values should the answer be 1?",
        "A hidden neuron is a hinge: flat at 0, then rising. Two hinges can rise and come back.",
        "Hinge one: x1 + x2. Hinge two: x1 + x2 − 1, which is above 0 only at 11. What must you"
        " take away there?",
    ),
    points=3,
)  # fmt: skip

EXERCISES = (dense, relu, mlp, count_parameters, collapse, xor_network)
