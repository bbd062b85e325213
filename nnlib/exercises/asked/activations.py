"""What is asked in lesson 03, the activations: the cases of each exercise, and how an answer is used."""

import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate, number


def _draw(generator, *shape, dtype=torch.float32, scale=2.0):
    return scale * torch.randn(shape, generator=generator, dtype=dtype)


def _far(dtype=torch.float32):
    """Inputs far out, where an exponential overflows."""
    return torch.tensor([1000.0, -1000.0, 15.0, -15.0], dtype=dtype)


def _elementwise_cases(generator):
    return [
        (_draw(generator, 3, 4),),
        (_draw(generator, 5, dtype=torch.float64),),
        (_draw(generator),),  # a single number
        (_far(),),
        (_far(torch.float64),),
    ]


# -- sigmoid ---------------------------------------------------------------------------------------


sigmoid = Asked(
    name="sigmoid",
    signature="z",
    cases=_elementwise_cases,
    use=differentiate("z"),
)


# -- tanh ------------------------------------------------------------------------------------------

tanh = Asked(
    name="tanh",
    signature="z",
    cases=_elementwise_cases,
    use=differentiate("z"),
)


# -- hard_sigmoid ----------------------------------------------------------------------------------

hard_sigmoid = Asked(
    name="hard_sigmoid",
    signature="z",
    cases=lambda generator: [
        (_draw(generator, 3, 4),),
        (torch.tensor([-1000.0, -4.0, -2.75, -1.0, 0.5, 2.75, 4.0, 1000.0]),),  # all three pieces
        (_draw(generator, 6, dtype=torch.float64, scale=4.0),),
    ],
    use=differentiate("z"),
)


# -- leaky_relu ------------------------------------------------------------------------------------

leaky_relu = Asked(
    name="leaky_relu",
    signature="z, slope",
    cases=lambda generator: [
        (_draw(generator, 3, 4), 0.3),
        (torch.tensor([-1000.0, -2.0, -0.5, 0.1, 3.0, 1000.0]), 0.25),  # 0.1 is below the slope
        (
            _draw(generator, 6, dtype=torch.float64),
            float(torch.rand((), generator=generator)) * 0.9,
        ),
        (_draw(generator, 2, 3), 0.0),  # slope 0: plain ReLU
    ],
    use=differentiate("z"),
)


# -- softmax ---------------------------------------------------------------------------------------


def _softmax_cases(generator):
    return [
        (_draw(generator, 2, 3), 1),
        (_draw(generator, 3, 4), 0),
        (_draw(generator, 2, 3, dtype=torch.float64), -1),
        (_draw(generator, 2, 3, 4), 1),
        (torch.tensor([[1000.0, 0.0, -1000.0], [5.0, 7.0, 6.0]]), 1),
        (torch.tensor([[1000.0, 999.0], [-1000.0, -1001.0]], dtype=torch.float64), 1),
    ]


softmax = Asked(
    name="softmax",
    signature="z, dim",
    cases=_softmax_cases,
    use=differentiate("z"),
)


# -- silu_grad -------------------------------------------------------------------------------------


def _use_silu_grad(silu_grad, z):
    """The result is itself a derivative: it may be cut off, and then its slope is measured."""
    outcome = differentiate("z")(silu_grad, z)
    result = outcome["the result"]
    if outcome["the gradient for z"] is None and isinstance(result, torch.Tensor):
        exact, h = z.double(), 1e-5
        slope = (silu_grad(exact + h) - silu_grad(exact - h)) / (2 * h)
        weights = torch.cos(torch.arange(z.numel())).reshape(z.shape)  # as in `differentiate`
        outcome["the gradient for z"] = (slope * weights).to(z.dtype)
    return outcome


silu_grad = Asked(
    name="silu_grad",
    signature="z",
    cases=_elementwise_cases,
    use=_use_silu_grad,
)


# -- dead_units ------------------------------------------------------------------------------------


def _dead_units_cases(generator):
    """Units of every kind, in random numbers: lively, silent, all 0, awake on one row only."""

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
        units = torch.cat([lively, silent, torch.zeros(rows, 1, dtype=dtype), nearly], dim=1)
        return units[:, torch.randperm(units.shape[1], generator=generator)]

    alive = torch.rand(3, 4, generator=generator) + 0.1
    return [(layer(5),), (layer(23),), (layer(16, torch.float64),), (alive,), (-alive,)]


dead_units = Asked(
    name="dead_units",
    signature="pre_activations",
    cases=_dead_units_cases,
    use=lambda dead_units, pre_activations: number(dead_units(pre_activations)),
)
