"""What is known of the exercises of lesson 03, the activations: right answers, mistakes, hints."""

import torch
from torch.nn import functional as F

from nnlib.checking.exercise import Exercise
from nnlib.checking.impostors import catch
from nnlib.exercises.asked import activations as asked

# -- sigmoid ---------------------------------------------------------------------------------------


def _sigmoid_in_two_branches(z):
    return torch.where(z >= 0, 1 / (1 + torch.exp(-z)), torch.exp(z) / (1 + torch.exp(z)))


def _sigmoid_of_the_size(z):
    e = torch.exp(-z.abs())
    return torch.where(z >= 0, 1 / (1 + e), e / (1 + e))


def _tanh_of_the_size(z):
    e = torch.exp(-2 * z.abs())
    return z.sign() * (1 - e) / (1 + e)


sigmoid = Exercise(
    asked.sigmoid,
    reference=lambda z: torch.sigmoid(z),
    mistakes={
        "At 1000 the exponential overflows to infinity, and ∞/∞ is NaN. Exponents may be very"
        " negative, but never large and positive.": (lambda z: torch.exp(z) / (1 + torch.exp(z))),
        "Every value is right, but the gradient at −1000 is NaN: e⁻ᶻ is infinite there, and autograd"
        " multiplies it by 0. No exponential in your formula may overflow.": (
            lambda z: 1 / (1 + torch.exp(-z))
        ),
        "Every value is right, but the gradient at ±1000 is NaN: torch.where computes both branches,"
        " and autograd multiplies the one you did not choose by 0, and 0 · ∞ is NaN. Make the"
        " exponent safe before exp sees it.": _sigmoid_in_two_branches,
        "Every value is right, but at z = 0 the gradient is 0: |z| has a corner there, and autograd"
        " takes 0 for its slope.": _sigmoid_of_the_size,
        "It falls where it should rise: the exponent has the wrong sign.": (
            lambda z: torch.sigmoid(-z)
        ),
        "That is tanh, from −1 to 1. The sigmoid runs from 0 to 1.": torch.tanh,
        "That is the sigmoid's derivative. The sigmoid itself rises from 0 to 1.": (
            lambda z: torch.sigmoid(z) * torch.sigmoid(-z)
        ),
        "The numbers share one sum: that is softmax. The sigmoid treats each number alone.": (
            lambda z: F.softmax(z, -1)
        ),
        "That is the step function. The sigmoid rises smoothly, and its gradient is not 0.": (
            lambda z: (z > 0).to(z.dtype)
        ),
    },
    hints=(
        "1 / (1 + e⁻ᶻ) is right on paper. What does e⁻ᶻ become at z = −1000, and the gradient then?",
        "For z < 0 the form eᶻ / (1 + eᶻ) is safe, for z ≥ 0 the form 1 / (1 + e⁻ᶻ). Each exponential"
        " must only ever see the numbers it is safe for: torch.clamp can see to that.",
        "Or find a function of torch that never overflows, and stretch it: tanh(z/2) runs from −1 to"
        " 1. Or the function in torch that has this very name.",
    ),
    points=2,
)


# -- tanh ------------------------------------------------------------------------------------------

tanh = Exercise(
    asked.tanh,
    reference=lambda z: torch.tanh(z),
    mistakes={
        "It runs from 0 to 2. That is A0's formula, which lacks its −1.": (
            lambda z: 2 * torch.sigmoid(2 * z)
        ),
        "At ±1000 it computes ∞/∞, which is NaN. That is A4's formula; write it so that no"
        " exponential overflows.": (
            lambda z: (torch.exp(z) - torch.exp(-z)) / (torch.exp(z) + torch.exp(-z))
        ),
        "At 1000 it computes ∞/∞, which is NaN: the exponent 2z must not become large.": (
            lambda z: (torch.exp(2 * z) - 1) / (torch.exp(2 * z) + 1)
        ),
        "At −1000 it computes ∞/∞, which is NaN: the exponent −2z must not become large.": (
            lambda z: (1 - torch.exp(-2 * z)) / (1 + torch.exp(-2 * z))
        ),
        "Every value is right, but the gradient at −1000 is NaN: the exponential is infinite there,"
        " and autograd multiplies it by 0.": (lambda z: 2 / (1 + torch.exp(-2 * z)) - 1),
        "Every value is right, but at z = 0 the gradient is 0: |z| has a corner there, and autograd"
        " takes 0 for its slope.": _tanh_of_the_size,
        "It rises half as fast as it should: tanh(z) is 2·sigmoid(2z) − 1, with a 2 inside too.": (
            lambda z: 2 * torch.sigmoid(z) - 1
        ),
        "That is the sigmoid, from 0 to 1. tanh runs from −1 to 1.": torch.sigmoid,
        "That is the derivative of tanh. tanh itself rises from −1 to 1.": (
            lambda z: 1 - torch.tanh(z) ** 2
        ),
    },
    hints=(
        "tanh is a sigmoid, stretched: twice as steep, twice as high, and moved down by 1.",
        "A sigmoid that is safe at ±1000 makes a safe tanh: 2·sigmoid(…) − 1.",
    ),
)


# -- hard_sigmoid ----------------------------------------------------------------------------------

hard_sigmoid = Exercise(
    asked.hard_sigmoid,
    reference=lambda z: F.hardsigmoid(z),
    mistakes={
        "The slope is 0.2, as in early versions of Keras. This one rises from z = −3 to z = 3: what"
        " is its slope?": (lambda z: (0.2 * z + 0.5).clamp(0, 1)),
        "That is the middle piece everywhere. Below −3 it is 0, above 3 it is 1.": (
            lambda z: z / 6 + 0.5
        ),
        "It never stops rising: above 3 it stays at 1.": lambda z: (z / 6 + 0.5).clamp(min=0),
        "It never stops falling: below −3 it stays at 0.": lambda z: (z / 6 + 0.5).clamp(max=1),
        "At z = 0 it gives 0. By symmetry it should be halfway up, at ½.": (
            lambda z: (z / 6).clamp(0, 1)
        ),
        "It cuts z itself to 0…1. First scale z, so that −3 becomes 0 and 3 becomes 1.": (
            lambda z: z.clamp(0, 1)
        ),
        "That is the smooth sigmoid. The hard one is made of three straight pieces.": torch.sigmoid,
    },
    hints=(
        "Which straight line is 0 at z = −3 and 1 at z = 3?",
        "It rises by 1 over a width of 6: that is its slope. By symmetry it is halfway up at z ="
        " 0. `.clamp(low, high)` cuts what sticks out.",
    ),
)


# -- leaky_relu ------------------------------------------------------------------------------------

leaky_relu = Exercise(
    asked.leaky_relu,
    reference=lambda z, slope: F.leaky_relu(z, slope),
    mistakes={
        "It ignores `slope`. 0.01 is only the usual choice.": lambda z, slope: F.leaky_relu(
            z, 0.01
        ),
        "That is plain ReLU: negative inputs should leak through, multiplied by the slope.": (
            lambda z, slope: F.relu(z)
        ),
        "The sides are swapped: positive inputs pass unchanged, negative ones are multiplied.": (
            lambda z, slope: torch.where(z > 0, slope * z, z)
        ),
        "It multiplies every input by the slope. Positive ones pass unchanged.": (
            lambda z, slope: slope * z
        ),
        "The leak has the wrong sign: a negative input gives a small negative output.": (
            lambda z, slope: torch.where(z > 0, z, -slope * z)
        ),
        "It gives the slope itself for a negative input. The output is slope times input.": (
            lambda z, slope: torch.where(z > 0, z, slope + 0 * z)
        ),
        "It takes the larger of z and the slope. Compare z with slope times z.": (
            lambda z, slope: z.clamp(min=slope)
        ),
        "That bends the left side: it is ELU, slope · (eᶻ − 1). A leak is a straight line.": (
            lambda z, slope: F.elu(z, slope)
        ),
    },
    hints=(
        "Two straight lines that meet at 0: slope 1 to the right, `slope` to the left.",
        "`torch.where(condition, a, b)` takes a where the condition holds, and b elsewhere.",
    ),
)


# -- softmax ---------------------------------------------------------------------------------------


def _softmax_naive(z, dim):
    return z.exp() / z.exp().sum(dim, keepdim=True)


def _softmax_one_maximum(z, dim):
    return _softmax_naive(z - z.max(), dim)


softmax = Exercise(
    asked.softmax,
    reference=lambda z, dim: F.softmax(z, dim),
    mistakes={
        "At 1000 the exponential overflows, and ∞/∞ is NaN. Softmax does not change when the same"
        " number is taken from all inputs: which number makes the exponents safe?": _softmax_naive,
        "It takes the largest number of the whole tensor from every row. In a row far below it all"
        " exponentials become 0, and 0/0 is NaN: each row needs its own maximum.": (
            _softmax_one_maximum
        ),
        "It ignores `dim`: the numbers along that dimension should add up to 1.": (
            lambda z, dim: F.softmax(z, -1)
        ),
        "All numbers of the tensor together add up to 1. Each slice along `dim` should.": (
            lambda z, dim: F.softmax(z.flatten(), 0).reshape(z.shape)
        ),
        "The exponentials are not divided by their sum yet.": (
            lambda z, dim: (z - z.amax(dim, keepdim=True)).exp()
        ),
        "Nothing adds up to 1: that is the sigmoid, each number alone.": (
            lambda z, dim: torch.sigmoid(z)
        ),
        "The inputs are divided by their sum without the exponential, so they can be negative.": (
            lambda z, dim: z / z.sum(dim, keepdim=True)
        ),
        "That is the logarithm of softmax.": lambda z, dim: F.log_softmax(z, dim),
    },
    hints=(
        "Exponentials first, then divide by their sum along `dim`. `keepdim=True` keeps the sum's"
        " shape fit for the division.",
        "Subtract something from z before exp, so that the largest exponent is 0.",
        "`z.amax(dim, keepdim=True)` is the largest number of each slice along `dim`.",
    ),
    points=3,
)


# -- silu_grad -------------------------------------------------------------------------------------


def _silu_grad(z):
    s = torch.sigmoid(z)
    return s * (1 + z * (1 - s))


def _silu_grad_with_exp(z):
    e = torch.exp(-z)
    return (1 + e + z * e) / (1 + e) ** 2


silu_grad = Exercise(
    asked.silu_grad,
    reference=_silu_grad,
    mistakes={
        "That is SiLU itself, z · sigmoid(z). Asked for is its derivative.": F.silu,
        "z also appears inside the sigmoid: by the product rule a second term is missing.": (
            torch.sigmoid
        ),
        "One term of the product rule is missing: the derivative of z, which is 1, times"
        " sigmoid(z).": lambda z: z * torch.sigmoid(z) * torch.sigmoid(-z),
        "That is the derivative of the sigmoid. SiLU is z times the sigmoid: use the product rule.": (
            lambda z: torch.sigmoid(z) * torch.sigmoid(-z)
        ),
        "The second term has lost the factor 1 − sigmoid(z): the sigmoid's derivative is s · (1 − s),"
        " not s.": (lambda z: torch.sigmoid(z) * (1 + z)),
        "The second term lacks its z: it is z times the sigmoid's derivative.": (
            lambda z: torch.sigmoid(z) * (1 + torch.sigmoid(-z))
        ),
        "The second term has the wrong sign: the sigmoid's derivative is s · (1 − s).": (
            lambda z: torch.sigmoid(z) * (1 - z * torch.sigmoid(-z))
        ),
        "At −1000 the exponential overflows, and ∞/∞ is NaN. Build it from a safe sigmoid.": (
            _silu_grad_with_exp
        ),
    },
    hints=(
        "The product rule: (u·v)' = u'·v + u·v', with u = z and v = sigmoid(z).",
        "The derivative of s = sigmoid(z) is s · (1 − s). torch.sigmoid is safe at ±1000.",
    ),
    points=2,
)


# -- dead_units ------------------------------------------------------------------------------------


def _share(units) -> float:
    return float(units.double().mean())


dead_units = Exercise(
    asked.dead_units,
    reference=lambda pre_activations: _share((pre_activations <= 0).all(dim=0)),
    mistakes={
        "It counts silent outputs, not silent units. A unit is dead only if it is silent on every"
        " row.": lambda z: _share(z <= 0),
        "It asks whether a unit is silent on some row. Dead means on every row.": (
            lambda z: _share((z <= 0).any(dim=0))
        ),
        "It counts rows instead of units: a unit is a column, so go down the rows, dim=0.": (
            lambda z: _share((z <= 0).all(dim=1))
        ),
        "It leaves out units that are exactly 0: ReLU gives 0 there too, so ≤ 0 counts as silent.": (
            lambda z: _share((z < 0).all(dim=0))
        ),
        "It looks for exact zeros. These are the sums before ReLU: a silent unit is ≤ 0.": (
            lambda z: _share((z == 0).all(dim=0))
        ),
        "That is how many units are dead. Divide by the number of units.": (
            lambda z: float((z <= 0).all(dim=0).sum())
        ),
        "That is the share of units that are alive.": lambda z: _share((z > 0).any(dim=0)),
        "It looks at each unit's average. One row above 0 is enough to be alive.": (
            lambda z: _share(z.mean(dim=0) <= 0)
        ),
        "It divides by the number of rows. The share is one of all units, the columns.": (
            lambda z: float((z <= 0).all(dim=0).sum()) / len(z)
        ),
    },
    hints=(
        "`pre_activations <= 0` is a table of True and False: a row for each sample, a column for"
        " each unit.",
        "`.all(dim=0)` is True for a column that is True on every row. Which share of these is"
        " True?",
    ),
    points=2,
)

# -- softmax_impostors -----------------------------------------------------------------------------

softmax_impostors = catch(
    asked.softmax_impostors,
    softmax,
    reference=[
        (torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]), 0),
        (torch.tensor([[1000.0, 0.0, -1000.0], [4.0, -5.0, 7.0]]), 1),
    ],
    mistakes={
        "One row of small numbers is no danger to anybody: an overflow, a `dim` that is ignored and"
        " a maximum of the whole tensor all look right there.": [
            (torch.tensor([1.0, 2.0, 3.0]), 0)
        ],
        "All numbers are small, and `dim` is the last dimension: where an exponential overflows, or"
        " `dim` is ignored, nobody sees it.": [
            (torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]), 1)
        ],
        "`dim` is always the last dimension, so an impostor that ignores it looks right.": [
            (torch.tensor([[1000.0, 0.0, -1000.0], [4.0, 5.0, 7.0]]), 1)
        ],
        "Equal numbers get equal shares, and most impostors see to that too. Let the numbers"
        " differ.": [(torch.zeros(2, 3), 1)],
    },
    hints=(
        "One input cannot do everything. Begin with a small table, and go through what a careless"
        " softmax does wrong: which of its faults would show there, which not?",
        "What is special about 1000? And what if one row is far above the other?",
        "A function that ignores `dim` is found out only where `dim` is not what it takes for"
        " granted; give it a table that has not as many rows as columns.",
    ),
)

EXERCISES = (
    sigmoid,
    tanh,
    hard_sigmoid,
    leaky_relu,
    silu_grad,
    dead_units,
    softmax,
    softmax_impostors,
)
