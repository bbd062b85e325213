"""What is asked in lesson 07, batch normalization: the cases of each exercise, and their use."""

import copy

import torch
from torch import nn

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import Unusable, differentiate, gradients, inputs, one_of, parts


def _table(generator, *shape, dtype=torch.float32):
    """Random numbers; each column has its own mean and its own spread."""
    column = torch.arange(1, shape[1] + 1, dtype=dtype)
    return normal(generator, *shape, dtype=dtype) * column - 2 * column + 1


def _small_table(generator, rows, columns):
    """Whole numbers, no two the same in a column."""
    orders = [torch.randperm(9, generator=generator)[:rows] for _ in range(columns)]
    return torch.stack(orders, dim=1) - 3.0


# -- predictions -----------------------------------------------------------------------------------


def _prediction(name):
    return Asked(name, lambda generator: [()], one_of("abcde"), kind="value")


predict_zero_to_one = _prediction("predict_zero_to_one")
predict_ten_times = _prediction("predict_ten_times")
predict_variance_of_four = _prediction("predict_variance_of_four")
predict_sorted = _prediction("predict_sorted")


# -- min_max_scale, standardize --------------------------------------------------------------------


def _scale_cases(generator):
    return [
        (_small_table(generator, 5, 2),),
        (_table(generator, 5, 3),),
        (_table(generator, 4, 4),),  # square: a wrong direction raises nothing
        (_table(generator, 7, 2, dtype=torch.float64) * 0.001,),  # tiny numbers: an ε would show
        (_table(generator, 4, 1),),
    ]


min_max_scale = Asked("min_max_scale", _scale_cases, signature="X")


standardize = Asked("standardize", _scale_cases, signature="X")


standardize_impostors = Asked(
    "standardize_impostors", lambda generator: [()], inputs("X"), kind="value"
)


# -- batch_norm ------------------------------------------------------------------------------------


def _batch_norm_cases(generator):
    def case(n, d, eps, dtype=torch.float32):
        gamma, beta = 1.5 + normal(generator, 2, d, dtype=dtype)
        return _table(generator, n, d, dtype=dtype), gamma, beta, eps

    X, gamma, beta, eps = case(5, 2, 0.1)
    X[:, 1] = 3.0  # a constant column: only ε keeps it from 0/0
    return [
        (_small_table(generator, 5, 2), whole(generator, 2), whole(generator, 2), 1.0),
        case(6, 3, 0.5),
        case(4, 4, 0.2),  # square: a wrong direction raises nothing
        case(5, 2, 1e-5, torch.float64),
        (X, gamma, beta, eps),
    ]


batch_norm = Asked(
    "batch_norm",
    _batch_norm_cases,
    differentiate("X", "gamma", "beta"),
    signature="X, gamma, beta, eps",
)


# -- update_running --------------------------------------------------------------------------------


def _update_cases(generator):
    def case(n, d, momentum, dtype=torch.float32):
        running_mean = 1 + normal(generator, d, dtype=dtype)
        running_var = 0.5 + torch.rand(d, generator=generator, dtype=dtype)
        return running_mean, running_var, _table(generator, n, d, dtype=dtype), momentum

    running_mean, running_var = whole(generator, 2), whole(generator, 2).abs()
    return [
        (running_mean, running_var, _small_table(generator, 5, 2), 0.25),
        case(4, 3, 0.1),
        case(3, 3, 0.3),
        case(6, 2, 0.75, torch.float64),
    ]


update_running = Asked(
    "update_running",
    _update_cases,
    parts("the new running mean", "the new running variance"),
    signature="running_mean, running_var, X, momentum",
)


# -- BatchNorm -------------------------------------------------------------------------------------


def _layer_cases(generator):
    def case(sizes, d, eps, momentum, dtype=torch.float32):
        gamma, beta = 1.5 + normal(generator, 2, d, dtype=dtype)
        batches = [_table(generator, n, d, dtype=dtype) for n in sizes]
        return batches, gamma, beta, eps, momentum

    small = [_small_table(generator, n, 2) for n in (5, 3, 4)]
    return [
        (small, whole(generator, 2), whole(generator, 2), 1.0, 0.25),
        case((6, 4, 5), 3, 0.2, 0.3),
        case((3, 3, 3), 3, 1e-5, 0.1, torch.float64),  # square: a wrong direction raises nothing
    ]


def _use_layer(BatchNorm, batches, gamma, beta, eps, momentum):
    """Train on some batches, evaluate twice, save, load; γ and β are not 1 and 0."""

    def make(kind):
        layer = kind(len(gamma), eps, momentum)
        if not isinstance(layer, nn.Module):
            raise Unusable("It is no nn.Module. Its first line: class BatchNorm(nn.Module):.")
        layer = layer.to(gamma.dtype)
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
    missing = torch.zeros(1, requires_grad=True)  # stands for a parameter: nothing connects
    wanted = {f"training batch {i}": leaf for i, leaf in enumerate(leaves)}
    wanted |= {name: parameters.get(name, missing) for name in ("weight", "bias")}
    story |= gradients(results, wanted)
    story["whether a running statistic carries gradients"] = any(
        value.requires_grad for name, value in layer.named_buffers()
    )
    with torch.no_grad():  # switches off gradients, and nothing else
        story["the output in train mode under torch.no_grad()"] = layer(batches[-1])
    story |= state(layer, "after training")

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
    "BatchNorm",
    _layer_cases,
    _use_layer,
    kind="class",
    signature="num_features, eps, momentum",
)


# -- fold ------------------------------------------------------------------------------------------


def _fold_cases(generator):
    def case(out, D, eps, dtype=torch.float32):
        W = normal(generator, out, D, dtype=dtype)
        b, mean, gamma, beta = 1.5 + normal(generator, 4, out, dtype=dtype)
        var = 0.5 + 3 * torch.rand(out, generator=generator, dtype=dtype)
        return W, b, mean, var, gamma, beta, eps

    W, (b, mean, gamma, beta) = whole(generator, 2, 3), whole(generator, 4, 2)
    var = torch.tensor([3.0, 8.0])[torch.randperm(2, generator=generator)]
    return [
        (W, b, mean, var, gamma, beta, 1.0),
        case(3, 3, 0.5),
        case(2, 4, 0.1),
        case(4, 2, 1e-5, torch.float64),
        case(1, 3, 0.2),
    ]


fold = Asked("fold", _fold_cases, parts("W", "b"), signature="W, b, mean, var, gamma, beta, eps")
