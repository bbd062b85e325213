"""A trained network as a chain of plain steps and one row of numbers, for the browser to run."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BENDS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}
SILENT = nn.Dropout, nn.Dropout2d, nn.Identity  # they do nothing once a network is trained
KNOWN = (
    "Conv2d, Linear, BatchNorm, ReLU, LeakyReLU, Sigmoid, Tanh, MaxPool2d, AvgPool2d, Flatten "
    "and Dropout"
)


@dataclass
class Chain:
    """Steps, and their weights one after another in half precision, float16 (n,).

    A step is a dict with its ``kind``: conv (shape of the weights, stride, padding), linear
    (shape), scale (length), max and mean (size, stride), relu (slope), sigmoid, tanh, flatten.
    Conv and linear take their weights and then their bias from the row, scale a factor and then
    a shift for each channel.
    """

    steps: list[dict]
    weights: Tensor

    def layers(self, x: Tensor) -> list[Tensor]:
        """What each layer gives for x (N, …): a conv or linear step with those that follow it.

        The last are the logits. Flattening is passed over, as it only hides the shape.
        """
        rest, found = self.weights.float(), []

        def take(*shape):
            nonlocal rest
            size = torch.Size(shape).numel()
            taken, rest = rest[:size].reshape(shape), rest[size:]
            return taken

        for step in self.steps:
            kind = step["kind"]
            if kind == "conv":
                shape = step["shape"]
                x = F.conv2d(x, take(*shape), take(shape[0]), step["stride"], step["padding"])
            elif kind == "linear":
                x = F.linear(x, take(*step["shape"]), take(step["shape"][0]))
            elif kind == "scale":
                channels = (-1,) + (1,) * (x.ndim - 2)
                factor, shift = (take(step["length"]).reshape(channels) for _ in range(2))
                x = x * factor + shift
            elif kind in ("max", "mean"):
                pool = F.max_pool2d if kind == "max" else F.avg_pool2d
                x = pool(x, step["size"], step["stride"])
            elif kind == "relu":
                x = F.leaky_relu(x, step["slope"])
            elif kind == "flatten":
                x = x.flatten(1)
                continue
            else:
                x = torch.sigmoid(x) if kind == "sigmoid" else torch.tanh(x)
            if kind in ("conv", "linear") or not found:
                found.append(x)
            else:
                found[-1] = x
        return found


def chain_of(model: nn.Module, x: Tensor) -> Chain:
    """The model as a chain; x (N, 1, 28, 28), on which both must agree.

    Batch norm in evaluation is folded into the layer before it. Raises ValueError for a model that
    cannot read x or does not give (N, 10), holds modules of another kind, or is more than its
    modules one after another.
    """
    wanted = _ask(model, x)
    steps, numbers = [], []
    for module in (leaf for leaf in model.modules() if not list(leaf.children())):
        if isinstance(module, SILENT):
            continue
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            factor, shift = _in_evaluation(module)
            if steps and steps[-1]["kind"] in ("conv", "linear"):
                weight, bias = numbers[-2:]
                numbers[-2] = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
                numbers[-1] = bias * factor + shift
            else:
                steps.append({"kind": "scale", "length": len(factor)})
                numbers += [factor, shift]
            continue
        steps.append(_step(module))
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            weight = module.weight.detach().double().cpu()
            bias = torch.zeros(len(weight)) if module.bias is None else module.bias.detach()
            numbers += [weight, bias.double().cpu()]
    weights = torch.cat([each.flatten() for each in numbers]).half() if numbers else torch.zeros(0)
    chain = Chain(steps, weights)
    _compare(chain, x, wanted)
    return chain


def _ask(model, x):
    """The model's own probabilities for x, in evaluation mode; it is left as it was."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with torch.no_grad():
            logits = model(x.to(next(model.parameters(), x)))  # on its device, in its dtype
    except RuntimeError as error:
        raise ValueError(
            "The model could not read a picture of shape (1, 1, 28, 28). A network of linear "
            f"layers begins with nn.Flatten(). torch said: {error}"
        ) from error
    finally:
        for module, training in modes:
            module.training = training
    if logits.shape[1:] != (10,):
        raise ValueError(
            f"The model gave {(1, *logits.shape[1:])} for one picture; ten digits need (1, 10)."
        )
    chances = logits.double().cpu().softmax(dim=1)
    if chances.isnan().any():
        raise ValueError(
            "The model gave logits that are infinite or nan, so there is nothing to read: make it "
            "anew and train it with a smaller learning rate."
        )
    return chances


def _in_evaluation(norm):
    """Batch norm with its running statistics is a factor and a shift for each channel."""
    gamma, beta = (p.detach().double().cpu() for p in (norm.weight, norm.bias))
    factor = gamma / (norm.running_var.double().cpu() + norm.eps).sqrt()
    return factor, beta - norm.running_mean.double().cpu() * factor


def _step(module):
    if isinstance(module, nn.Flatten):
        return {"kind": "flatten"}
    if isinstance(module, nn.Linear):
        return {"kind": "linear", "shape": list(module.weight.shape)}
    if isinstance(module, nn.LeakyReLU):
        return {"kind": "relu", "slope": module.negative_slope}
    for kind, bend in BENDS.items():
        if isinstance(module, bend):
            return {"kind": kind, "slope": 0} if kind == "relu" else {"kind": kind}
    if isinstance(module, (nn.MaxPool2d, nn.AvgPool2d)) and module.padding in (0, (0, 0)):
        kind = "max" if isinstance(module, nn.MaxPool2d) else "mean"
        size, stride = _pair(module.kernel_size), _pair(module.stride)
        return {"kind": kind, "size": size, "stride": stride}
    if isinstance(module, nn.Conv2d) and module.groups == 1 and module.dilation == (1, 1):
        if not isinstance(module.padding, str) and module.padding_mode == "zeros":
            shape, stride = list(module.weight.shape), list(module.stride)
            return {
                "kind": "conv",
                "shape": shape,
                "stride": stride,
                "padding": list(module.padding),
            }
    raise ValueError(
        f"The browser cannot run {module}. It knows {KNOWN}, without dilation, groups or unusual "
        "padding."
    )


def _pair(size):
    return list(size) if isinstance(size, tuple) else [size, size]


def _compare(chain, x, wanted):
    try:
        chances = chain.layers(x)[-1].double().softmax(dim=1)
        same = chances.shape == wanted.shape and (chances - wanted).abs().max() < 0.02
    except (RuntimeError, IndexError):
        same = False
    if not same:
        raise ValueError(
            "The browser runs a model's modules one after another, and this model gives something "
            "else: its forward does more. Build it as an nn.Sequential."
        )
