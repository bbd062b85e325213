"""What is asked in lesson 02, layers: the cases of each exercise, and their use."""

from itertools import pairwise

import torch
from torch.nn import functional as F

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import Unusable, kind, parts

ROWS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # {0,1}², in reading order


# -- dense -----------------------------------------------------------------------------------------


def _dense_cases(generator):
    def case(draw, N, D, out, dtype=torch.float32):
        return tuple(draw(generator, *shape, dtype=dtype) for shape in ((N, D), (out, D), (out,)))

    return [
        case(whole, 4, 2, 3),
        case(normal, 3, 3, 3),  # all sizes equal: a wrong order raises no error
        case(normal, 5, 3, 4),
        case(normal, 4, 2, 3, torch.float64),
        case(normal, 1, 4, 2),  # one sample
        case(normal, 6, 2, 1),  # one neuron
    ]


dense = Asked("dense", _dense_cases, signature="X, W, b")


# -- relu ------------------------------------------------------------------------------------------


def _relu_cases(generator):
    signs = torch.tensor([[1.0, -1.0, 0.0], [-1.0, 1.0, -1.0]])
    return [
        (signs * whole(generator, 2, 3).abs(),),
        (3 * normal(generator, 8),),
        (3 * normal(generator, 3, 4, dtype=torch.float64),),
        (torch.tensor([-1000.0, -0.001, 0.001, 1000.0]),),
        (torch.tensor(-2.5),),
        (3 * normal(generator, 2, 3, 4),),
    ]


relu = Asked("relu", _relu_cases, signature="z")


# -- mlp -------------------------------------------------------------------------------------------


def _mlp_cases(generator):
    def case(draw, N, sizes, activation, dtype=torch.float32):
        X = draw(generator, N, sizes[0], dtype=dtype)
        layers = [
            (draw(generator, m, n, dtype=dtype), draw(generator, m, dtype=dtype))
            for n, m in pairwise(sizes)
        ]
        return X, layers, activation

    return [
        case(whole, 4, (2, 3, 1), torch.relu),
        case(normal, 3, (3, 3, 3, 3), torch.tanh),  # all sizes equal: a wrong order raises no error
        case(whole, 3, (4, 2), torch.tanh),  # one layer: no activation at all
        case(normal, 4, (2, 5, 3), torch.sigmoid, torch.float64),
        case(normal, 6, (3, 4, 2, 5, 1), F.softplus),
        case(normal, 1, (2, 3, 1), torch.relu),
    ]


mlp = Asked("mlp", _mlp_cases, signature="X, layers, activation")


# -- count_parameters ------------------------------------------------------------------------------


def _count_cases(generator):
    drawn = torch.randint(2, 40, (5,), generator=generator).tolist()
    return [([3, 4, 2],), ([8, 16, 8, 1],), ([900, 16, 2],), ([5, 7],), (drawn,), ([2, 2, 2, 2],)]


count_parameters = Asked("count_parameters", _count_cases, signature="sizes")


# -- collapse --------------------------------------------------------------------------------------


def _collapse_cases(generator):
    def case(draw, D, hidden, out, dtype=torch.float32):
        shapes = (hidden, D), (hidden,), (out, hidden), (out,)
        return tuple(draw(generator, *shape, dtype=dtype) for shape in shapes)

    return [
        case(whole, 2, 3, 4),
        case(normal, 3, 3, 3),  # all sizes equal: a wrong order raises no error
        case(normal, 2, 4, 3),
        case(normal, 5, 3, 2, torch.float64),
        case(normal, 1, 6, 1),
    ]


collapse = Asked("collapse", _collapse_cases, parts("W", "b"), signature="W1, b1, W2, b2")


# -- xor_network -----------------------------------------------------------------------------------


def _use_xor(xor_network):
    layers = xor_network()
    if not isinstance(layers, list | tuple) or not layers:
        raise Unusable(
            f"It should return a list of layers, each a pair (W, b), not {kind(layers)}."
        )
    X = ROWS
    for number, layer in enumerate(layers, 1):
        W, b = _weights(layer, number, inputs=X.shape[1])
        z = F.linear(X.to(W.dtype), W, b)
        X = F.relu(z)
    return {"the output": z}


def _weights(layer, number, inputs):
    """(W, b) of one layer, if they fit each other and what comes in."""
    pair = isinstance(layer, list | tuple) and len(layer) == 2
    if not pair or not all(isinstance(part, torch.Tensor) for part in layer):
        raise Unusable(f"Layer {number} should be a pair of tensors, (W, b).")
    W, b = layer
    if W.dim() != 2 or W.shape[1] != inputs:
        raise Unusable(
            f"{inputs} numbers come into layer {number}, so its W needs {inputs} columns and one"
            f" row a neuron; its shape is {tuple(W.shape)}."
        )
    if b.shape != W.shape[:1]:
        raise Unusable(
            f"W of layer {number} has {len(W)} rows, so its b has shape ({len(W)},), not"
            f" {tuple(b.shape)}."
        )
    return W, b


xor_network = Asked("xor_network", lambda generator: [()], _use_xor)
