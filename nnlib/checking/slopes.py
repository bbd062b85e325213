"""Numbers that only a network gives: how its output follows small changes, in two ways.

`slopes` runs where the answer runs and `misfit` where the marks are. Autograd says how steep the
output is, and steps say how far it moves. Numbers that were made up do not fit together.
"""

import torch

STEP = 0.01
"""How far a step goes, in a straight line through all numbers at once."""


def slopes(network, *inputs):
    """How a network's output follows its inputs and its parameters, as plain data.

    The gradient of a weighted sum of the output, and the output a small step up and down that
    gradient. The network's parameters are as before, afterwards.
    """
    leaves = [x.clone().requires_grad_() for x in inputs]
    parameters = [p for p in network.parameters() if p.requires_grad]
    total = _weighted_sum(network(*leaves))
    everything = leaves + parameters
    found = [None] * len(everything)
    if total.requires_grad:
        found = torch.autograd.grad(total, everything, allow_unused=True)
    found = [
        torch.zeros_like(x) if g is None else g for x, g in zip(everything, found, strict=True)
    ]
    of_inputs, of_parameters = found[: len(leaves)], found[len(leaves) :]
    start = [p.detach().clone() for p in parameters]

    def with_inputs(step):
        return network(*_moved(inputs, of_inputs, step))

    def with_parameters(step):
        for p, moved in zip(parameters, _moved(start, of_parameters, step), strict=True):
            p.copy_(moved)
        return network(*inputs)

    with torch.no_grad():
        seen = {
            "the gradient of the inputs": of_inputs,
            "a step up the inputs": with_inputs(STEP),
            "a step down the inputs": with_inputs(-STEP),
            "the length of the parameters' gradient": float(_length(of_parameters)),
            "a step up the parameters": with_parameters(STEP),
            "a step down the parameters": with_parameters(-STEP),
        }
        for p, old in zip(parameters, start, strict=True):
            p.copy_(old)
    return seen


NO_SLOPE = "Its output does not follow small changes of its inputs and its parameters."
MISFIT = "A small step changes its output by something else than its gradient says."


def misfit(output, seen) -> str | None:
    """What is wrong with a network's slopes, seen with this output; None if they fit together."""
    steep = {
        "inputs": float(_length(seen["the gradient of the inputs"])),
        "parameters": seen["the length of the parameters' gradient"],
    }
    scale = float(_weights(output).mul(output).abs().sum())
    for what, length in steep.items():
        up, down = (seen[f"a step {way} the {what}"] for way in ("up", "down"))
        if not STEP * length > 1e-5 * scale:  # it would drown in what rounding does
            return NO_SLOPE
        climbed = float(_weighted_sum(up.double()) - _weighted_sum(down.double())) / 2
        if not abs(climbed - STEP * length) <= 0.2 * STEP * length:
            return MISFIT
    return None


def _weights(outputs):
    """Each output weighs differently: in a plain sum, much could cancel."""
    return torch.cos(torch.arange(outputs.numel(), dtype=outputs.dtype)).reshape(outputs.shape)


def _weighted_sum(outputs):
    return (_weights(outputs) * outputs).sum()


def _length(tensors) -> torch.Tensor:
    squares = (t.double().square().sum() for t in tensors)
    return sum(squares, torch.zeros((), dtype=torch.float64)).sqrt()


def _moved(tensors, directions, step):
    """The tensors after a step of this length, all together, in these directions."""
    length = float(_length(directions)) or 1.0
    return [x + step / length * d for x, d in zip(tensors, directions, strict=True)]
