"""What is asked in lesson 03, the activations: the cases of each exercise, and their use."""

import torch

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate, inputs, number


def _elementwise_cases(generator):
    far = torch.tensor([1000.0, -1000.0, 15.0, -15.0])  # an exponential overflows
    return [
        (whole(generator, 2, 3),),
        (2 * normal(generator, 3, 4),),
        (2 * normal(generator, 5, dtype=torch.float64),),
        (2 * normal(generator),),  # a single number
        (torch.tensor([0.0, 1.0]),),  # at 0 the absolute value has a corner
        (far,),
        (far.double(),),
    ]


sigmoid = Asked("sigmoid", _elementwise_cases, differentiate("z"), signature="z")


tanh = Asked("tanh", _elementwise_cases, differentiate("z"), signature="z")


silu_grad = Asked("silu_grad", _elementwise_cases, signature="z")


# -- hard_sigmoid ----------------------------------------------------------------------------------


def _hard_sigmoid_cases(generator):
    return [
        (whole(generator, 2, 3, most=5),),
        (2 * normal(generator, 3, 4),),
        (torch.tensor([-1000.0, -4.0, -2.75, -1.0, 0.5, 2.75, 4.0, 1000.0]),),  # all three pieces
        (4 * normal(generator, 6, dtype=torch.float64),),
    ]


hard_sigmoid = Asked("hard_sigmoid", _hard_sigmoid_cases, signature="z")


# -- leaky_relu ------------------------------------------------------------------------------------


def _leaky_relu_cases(generator):
    slope = 0.1 + 0.8 * float(torch.rand((), generator=generator))
    near_0 = torch.tensor([-2.0, -0.1, 0.0, 0.05, 3.0])  # 0.05 is below every slope
    return [
        (whole(generator, 2, 3), 0.5),
        (2 * normal(generator, 3, 4), 0.3),
        (near_0, 0.25),
        (near_0.double(), slope),
        (torch.tensor([-1000.0, 1000.0]), 0.25),
        (2 * normal(generator, 2, 3), 0.0),  # slope 0: plain ReLU
    ]


leaky_relu = Asked("leaky_relu", _leaky_relu_cases, signature="z, slope")


# -- softmax ---------------------------------------------------------------------------------------


def _softmax_cases(generator):
    return [
        (whole(generator, 2, 3), 1),
        (2 * normal(generator, 3, 4), 0),
        (2 * normal(generator, 2, 3, dtype=torch.float64), -1),
        (2 * normal(generator, 2, 3, 4), 1),
        (torch.tensor([[1000.0, 0.0, -1000.0], [5.0, 7.0, 6.0]]), 1),
        (torch.tensor([[1000.0, 999.0], [-1000.0, -1001.0]], dtype=torch.float64), 1),
    ]


softmax = Asked("softmax", _softmax_cases, differentiate("z"), signature="z, dim")


# -- softmax_impostors -----------------------------------------------------------------------------

softmax_impostors = Asked(
    "softmax_impostors", lambda generator: [()], inputs("z", "dim"), kind="value"
)


# -- dead_units ------------------------------------------------------------------------------------


def _dead_units_cases(generator):
    """Units of every kind, in random numbers: lively, silent, all 0, awake on one row only."""

    def shuffled(units):
        return units[:, torch.randperm(units.shape[1], generator=generator)]

    def layer(rows, dtype=torch.float32):
        def draw(low, high):
            units = int(torch.randint(low, high, (), generator=generator))
            return torch.rand(rows, units, generator=generator, dtype=dtype)

        lively = draw(2, 6) - 0.5
        lively[0], lively[1] = 0.6, -0.6
        silent = -0.1 - draw(2, 6)
        silent[1, 0] = 0.0
        nearly = -3 - draw(1, 4)
        nearly[rows // 2] = 0.5
        zero = torch.zeros(rows, 1, dtype=dtype)
        return shuffled(torch.cat([lively, silent, zero, nearly], dim=1))

    by_hand = -whole(generator, 4, 3).abs()
    by_hand[:3, 0] *= -1  # a lively unit
    by_hand[1, 1] = 0.0  # a silent one
    by_hand[2, 2] = 1.0  # one that is awake on a single row
    alive = torch.rand(3, 4, generator=generator) + 0.1
    layers = [layer(5), layer(23), layer(16, torch.float64)]
    return [(units,) for units in (shuffled(by_hand), *layers, alive, -alive)]


dead_units = Asked(
    "dead_units",
    _dead_units_cases,
    lambda dead_units, pre_activations: number(dead_units(pre_activations)),
    signature="pre_activations",
)
