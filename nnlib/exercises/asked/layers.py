"""What is asked in lesson 02, layers: the cases of each exercise, and how an answer is used."""

from itertools import pairwise

import torch
from torch.nn import functional as F

from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate

ROWS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # {0,1}², in reading order


def _leaves(tensors):
    """Fresh leaves of autograd with these names and values."""
    return {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}


def _with_gradients(results, leaves):
    """The named results, and for each leaf the gradient of one weighted sum of all of them."""
    total = None
    for result in results.values():
        if isinstance(result, torch.Tensor) and result.requires_grad:
            # Every element weighs differently: in a plain sum, gradients could cancel unseen.
            weights = torch.cos(torch.arange(result.numel(), dtype=result.dtype))
            part = (result * weights.reshape(result.shape)).sum()
            total = part if total is None else total + part
    gradients = [None] * len(leaves)
    if total is not None:
        gradients = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    named = zip(leaves, gradients, strict=True)
    return results | {f"the gradient for {name}": gradient for name, gradient in named}


# -- dense -----------------------------------------------------------------------------------------


def _dense_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    return [
        (draw(3, 3), draw(3, 3), draw(3)),  # all sizes equal: a wrong order raises no error
        (draw(5, 3), draw(4, 3), draw(4)),
        (draw(4, 2, dtype=torch.float64), draw(3, 2, dtype=torch.float64), draw(3).double()),
        (draw(1, 4), draw(2, 4), draw(2)),  # one sample
        (draw(6, 2), draw(1, 2), draw(1)),  # one neuron
    ]


dense = Asked(
    name="dense",
    signature="X, W, b",
    cases=_dense_cases,
    use=differentiate("X", "W", "b"),
)


# -- relu ------------------------------------------------------------------------------------------


def _relu_cases(generator):
    def draw(*shape):
        return 3 * torch.randn(shape, generator=generator)

    return [
        (draw(8),),
        (draw(3, 4).double(),),
        (torch.tensor([-1000.0, -0.001, 0.001, 1000.0]),),
        (torch.tensor(-2.5),),
        (draw(2, 3, 4),),
    ]


relu = Asked(
    name="relu",
    signature="z",
    cases=_relu_cases,
    use=differentiate("z"),
)


# -- mlp -------------------------------------------------------------------------------------------


def _mlp_cases(generator):
    def draw(samples, *sizes, dtype=torch.float32):
        def numbers(*shape):
            return torch.randn(shape, generator=generator, dtype=dtype)

        pairs = pairwise(sizes)
        X, layers = numbers(samples, sizes[0]), [(numbers(n, m), numbers(n)) for m, n in pairs]
        return X, layers

    return [
        (*draw(3, 3, 3, 3, 3), torch.tanh),  # all sizes equal: a wrong order raises no error
        (*draw(5, 4, 2), torch.tanh),  # one layer: no activation at all
        (*draw(4, 2, 5, 3, dtype=torch.float64), torch.sigmoid),
        (*draw(6, 3, 4, 2, 5, 1), F.softplus),
        (*draw(1, 2, 3, 1), torch.relu),
    ]


def _use_mlp(mlp, X, layers, activation):
    tensors = {"X": X}
    for i, (W, b) in enumerate(layers, 1):
        tensors |= {f"W of layer {i}": W, f"b of layer {i}": b}
    leaves = _leaves(tensors)
    results = {"the result": mlp(X, layers, activation)}
    X, *parameters = (leaf.clone() for leaf in leaves.values())
    pairs = list(zip(parameters[0::2], parameters[1::2], strict=True))
    gradients = _with_gradients({"the result": mlp(X, pairs, activation)}, leaves)
    return gradients | results


mlp = Asked(
    name="mlp",
    signature="X, layers, activation",
    cases=_mlp_cases,
    use=_use_mlp,
)


# -- count_parameters ------------------------------------------------------------------------------


def _count_cases(generator):
    drawn = torch.randint(2, 40, (5,), generator=generator).tolist()
    return [([3, 4, 2],), ([8, 16, 8, 1],), ([900, 16, 2],), ([5, 7],), (drawn,), ([2, 2, 2, 2],)]


count_parameters = Asked(
    name="count_parameters",
    signature="sizes",
    cases=_count_cases,
)


# -- collapse --------------------------------------------------------------------------------------


def _collapse_cases(generator):
    def draw(D, hidden, out, dtype=torch.float32):
        shapes = (hidden, D), (hidden,), (out, hidden), (out,)
        return tuple(torch.randn(shape, generator=generator, dtype=dtype) for shape in shapes)

    # All sizes equal: a wrong order raises no error.
    return [draw(3, 3, 3), draw(2, 4, 3), draw(5, 3, 1, torch.float64), draw(1, 6, 2)]


def _use_collapse(collapse, W1, b1, W2, b2):
    leaves = _leaves({"W1": W1, "b1": b1, "W2": W2, "b2": b2})
    W, b = collapse(W1, b1, W2, b2)
    results = {"the new W": W, "the new b": b}
    W, b = collapse(*(leaf.clone() for leaf in leaves.values()))
    return _with_gradients({"the new W": W, "the new b": b}, leaves) | results


collapse = Asked(
    name="collapse",
    signature="W1, b1, W2, b2",
    cases=_collapse_cases,
    use=_use_collapse,
)


# -- xor_network -----------------------------------------------------------------------------------


def _use_xor(xor_network):
    *hidden, (W, b) = xor_network()
    X = ROWS
    for hidden_W, hidden_b in hidden:
        X = F.relu(F.linear(X.to(hidden_W.dtype), hidden_W, hidden_b))
    return {"the output": F.linear(X.to(W.dtype), W, b)}


xor_network = Asked(
    name="xor_network",
    signature="",
    cases=lambda generator: [()],
    use=_use_xor,
)
