"""What is asked in lesson 07, batch normalization: the cases of each exercise, and how an answer is used."""

import copy

import torch
from torch import nn

from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate


def _table(generator, *shape, dtype=torch.float32):
    """Random numbers; each column has its own mean and its own spread."""
    column = torch.arange(1, shape[1] + 1, dtype=dtype)
    return torch.randn(shape, generator=generator, dtype=dtype) * column - 2 * column + 1


def _weighted_sum(results):
    """One number made of all results; in a plain sum, gradients could cancel unseen."""
    weights = [torch.cos(torch.arange(r.numel(), dtype=r.dtype)).reshape(r.shape) for r in results]
    return sum((r * w).sum() for r, w in zip(results, weights, strict=True))


# -- min_max_scale ---------------------------------------------------------------------------------


def _scale_cases(generator):
    return [
        (_table(generator, 5, 3),),
        (_table(generator, 4, 4),),  # square: a wrong direction raises nothing
        (_table(generator, 7, 2, dtype=torch.float64) * 0.001,),  # tiny numbers: an ε would show
        (_table(generator, 2, 1),),
    ]


min_max_scale = Asked(
    name="min_max_scale",
    signature="X",
    cases=_scale_cases,
    use=differentiate("X"),
)


# -- standardize -----------------------------------------------------------------------------------


standardize = Asked(
    name="standardize",
    signature="X",
    cases=_scale_cases,
    use=differentiate("X"),
)


# -- batch_norm ------------------------------------------------------------------------------------


def _batch_norm_cases(generator):
    def draw(n, d, eps, dtype=torch.float32):
        gamma, beta = torch.randn(2, d, generator=generator, dtype=dtype) + 1.5
        return _table(generator, n, d, dtype=dtype), gamma, beta, eps

    X, gamma, beta, eps = draw(5, 2, 0.1)
    X[:, 1] = 3.0  # a constant column: only ε keeps it from 0/0
    return [
        draw(6, 3, 0.5),
        draw(4, 4, 0.2),  # square: a wrong direction raises nothing
        draw(5, 2, 1e-5, torch.float64),
        (X, gamma, beta, eps),
    ]


batch_norm = Asked(
    name="batch_norm",
    signature="X, gamma, beta, eps",
    cases=_batch_norm_cases,
    use=differentiate("X", "gamma", "beta"),
)


# -- update_running --------------------------------------------------------------------------------


def _update_cases(generator):
    def draw(n, d, momentum, dtype=torch.float32):
        running_mean = torch.randn(d, generator=generator, dtype=dtype) + 1
        running_var = torch.rand(d, generator=generator, dtype=dtype) + 0.5
        return running_mean, running_var, _table(generator, n, d, dtype=dtype), momentum

    return [draw(4, 3, 0.1), draw(3, 3, 0.3), draw(6, 2, 0.75, torch.float64)]


def _use_update_running(update_running, running_mean, running_var, X, momentum):
    mean, var = update_running(running_mean, running_var, X, momentum)
    return {"the new running mean": mean, "the new running variance": var}


update_running = Asked(
    name="update_running",
    signature="running_mean, running_var, X, momentum",
    cases=_update_cases,
    use=_use_update_running,
)


# -- BatchNorm -------------------------------------------------------------------------------------


def _layer_cases(generator):
    def draw(sizes, d, eps, momentum, dtype=torch.float32):
        gamma, beta = torch.randn(2, d, generator=generator, dtype=dtype) + 1.5
        batches = [_table(generator, n, d, dtype=dtype) for n in sizes]
        return batches, gamma, beta, eps, momentum

    return [
        draw((6, 4, 5), 3, 0.2, 0.3),
        draw((3, 3, 3), 3, 1e-5, 0.1, torch.float64),  # square: a wrong direction raises nothing
    ]


def _use_layer(BatchNorm, batches, gamma, beta, eps, momentum):
    """Train on some batches, evaluate twice, save, load; γ and β are not 1 and 0."""

    def make(kind):
        layer = kind(len(gamma), eps, momentum).to(gamma.dtype)
        return layer, copy.deepcopy(layer.state_dict())

    def state(layer, when):
        values = copy.deepcopy(layer.state_dict())  # as it is now: a layer may change it in place
        count = values.get("num_batches_tracked")
        return {
            f"running_mean {when}": values.get("running_mean"),
            f"running_var {when}": values.get("running_var"),
            f"num_batches_tracked {when}": None if count is None else int(count),
        }

    layer, fresh = make(BatchNorm)
    story = {
        "the list of parameters": sorted(name for name, _ in layer.named_parameters()),
        "the list of keys in the state_dict": sorted(fresh),
        "weight at the start": fresh.get("weight"),
        "bias at the start": fresh.get("bias"),
        **state(layer, "at the start"),
    }
    layer.load_state_dict({"weight": gamma, "bias": beta}, strict=False)

    leaves = [X.clone().requires_grad_() for X in batches[:-1]]
    results = [layer(leaf.clone()) for leaf in leaves]
    for i, result in enumerate(results):
        story[f"the output for training batch {i}"] = result
    parameters = dict(layer.named_parameters())
    stand_in = torch.zeros(1, requires_grad=True)  # for a missing parameter: nothing connects
    wanted = leaves + [parameters.get(name, stand_in) for name in ("weight", "bias")]
    gradients = [None] * len(wanted)
    if all(isinstance(r, torch.Tensor) and r.requires_grad for r in results):
        gradients = torch.autograd.grad(_weighted_sum(results), wanted, allow_unused=True)
    names = [f"training batch {i}" for i in range(len(leaves))] + ["weight", "bias"]
    story |= {f"the gradient for {n}": g for n, g in zip(names, gradients, strict=True)}
    with torch.no_grad():  # switches off gradients, and nothing else
        story["the output in train mode under torch.no_grad()"] = layer(batches[-1])
    story |= state(layer, "after training")
    story["whether a running statistic carries gradients"] = any(
        value.requires_grad for name, value in layer.named_buffers()
    )

    layer.eval()
    for i in (0, 1):
        story[f"the output in eval mode for batch {i}"] = layer(batches[i])
    story |= state(layer, "after evaluation")

    theirs, _ = make(nn.BatchNorm1d)
    theirs.load_state_dict(layer.state_dict(), strict=False)
    story["what nn.BatchNorm1d gives with your state_dict"] = theirs.eval()(batches[0])
    back, _ = make(BatchNorm)
    theirs.train()(batches[1])
    back.load_state_dict(theirs.state_dict(), strict=False)
    story["what your layer gives with the state_dict of nn.BatchNorm1d"] = back.eval()(batches[0])
    return story


BatchNorm = Asked(
    name="BatchNorm",
    signature="num_features, eps, momentum",
    kind="class",
    cases=_layer_cases,
    use=_use_layer,
)


# -- fold ------------------------------------------------------------------------------------------


def _fold_cases(generator):
    def draw(out, D, eps, dtype=torch.float32):
        W = torch.randn(out, D, generator=generator, dtype=dtype)
        b, mean, gamma, beta = torch.randn(4, out, generator=generator, dtype=dtype) + 1.5
        var = torch.rand(out, generator=generator, dtype=dtype) * 3 + 0.5
        return W, b, mean, var, gamma, beta, eps

    return [draw(3, 3, 0.5), draw(2, 4, 0.1), draw(4, 2, 1e-5, torch.float64), draw(1, 3, 0.2)]


def _use_fold(fold, W, b, mean, var, gamma, beta, eps):
    new_W, new_b = fold(W, b, mean, var, gamma, beta, eps)
    story = {"the new W": new_W, "the new b": new_b}
    names = "W", "b", "mean", "var", "gamma", "beta"
    leaves = [value.clone().requires_grad_() for value in (W, b, mean, var, gamma, beta)]
    results = fold(*(leaf.clone() for leaf in leaves), eps)
    gradients = [None] * len(leaves)
    if all(isinstance(r, torch.Tensor) and r.requires_grad for r in results):
        gradients = torch.autograd.grad(_weighted_sum(results), leaves, allow_unused=True)
    return story | {f"the gradient for {n}": g for n, g in zip(names, gradients, strict=True)}


fold = Asked(
    name="fold",
    signature="W, b, mean, var, gamma, beta, eps",
    cases=_fold_cases,
    use=_use_fold,
)
