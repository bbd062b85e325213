"""What is asked in lesson 11, transfer learning: the cases of each exercise, and their use."""

import torch
from torch import nn

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import Unusable, inputs, kind, one_of


def _built(build, generator):
    """What `build` makes of new layers; their weights depend on the generator alone."""
    with torch.random.fork_rng(devices=[]):  # layers draw from the global generator
        torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
        return build()


# -- convolve --------------------------------------------------------------------------------------


def _convolve_cases(generator):
    def case(draw, H, W, h, w, dtype=torch.float32):
        return draw(generator, H, W, dtype=dtype), draw(generator, h, w, dtype=dtype)

    return [
        case(whole, 3, 4, 2, 1),
        case(normal, 5, 7, 3, 3),
        case(normal, 6, 4, 2, 3),  # the kernel is not square either
        case(normal, 4, 5, 1, 4, torch.float64),
        case(normal, 3, 2, 3, 2),  # the window has a single place
        case(normal, 4, 3, 1, 1),
    ]


convolve = Asked("convolve", _convolve_cases, signature="image, kernel")


# -- conv_output_size ------------------------------------------------------------------------------


def _conv_output_size_cases(generator):
    def draw(low, high):
        return int(torch.randint(low, high, (), generator=generator))

    drawn = [(draw(10, 40), draw(1, 8), draw(1, 5), draw(0, 4)) for _ in range(6)]
    # A strip left over, a fit without rest, a window as large as the picture, the lesson's layers.
    return [(10, 3, 2, 0), (28, 5, 2, 2), (9, 3, 3, 1), (7, 7, 1, 0), (30, 3, 1, 1), *drawn]


conv_output_size = Asked(
    "conv_output_size", _conv_output_size_cases, signature="size, kernel, stride, padding"
)


# -- replace_head ----------------------------------------------------------------------------------


class Scaled(nn.Module):
    """Stretches and shifts each number alone, by a linear layer of its own."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Linear(1, 1)

    def forward(self, x):
        return self.scale(x[..., None])[..., 0]


def _replace_head_models():
    inner = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.ReLU())
    frozen = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(12, 5))
    frozen[:-1].requires_grad_(False)
    return [
        (nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)), 7),
        (frozen, 2),
        (nn.Sequential(nn.Linear(4, 6), inner, nn.Linear(6, 5), nn.LogSoftmax(dim=1)), 4),
        (nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3), Scaled()), 2),
        (nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3), nn.Dropout(0.5)).double(), 5),
    ]


def _use_replace_head(replace_head, model, classes):
    """Replace the head, look at everything; numbers of a layer that changed its size are free."""
    first = next(model.parameters())
    sizes = (3, 1, 4, 5) if first.dim() == 4 else (3, first.shape[1])
    before = [_shapes(layer) for layer in model]
    model = replace_head(model, classes)
    if not isinstance(model, nn.Sequential):
        raise Unusable(f"It should return the model, an nn.Sequential, not {kind(model)}.")
    model.eval()
    after = [_shapes(layer) for layer in model]
    kept = [layer for layer, old, new in zip(model, before, after, strict=False) if old == new]
    with torch.no_grad():
        outputs = model(torch.ones(sizes, dtype=first.dtype))
    return {
        "the list of layers": [type(layer).__name__ for layer in model],
        "the list of shapes, layer by layer": after,
        "the shape of the output": list(outputs.shape),
        "the output's dtype": str(outputs.dtype),
        "the list of weights in the other layers": [
            t for layer in kept for t in layer.state_dict().values()
        ],
        "the list of what learns in the other layers": [
            p.requires_grad for layer in kept for p in layer.parameters()
        ],
    }


def _shapes(layer):
    return [list(value.shape) for value in layer.state_dict().values()]


replace_head = Asked(
    "replace_head",
    lambda generator: _built(_replace_head_models, generator),
    _use_replace_head,
    signature="model, classes",
)


# -- trainable_parameters --------------------------------------------------------------------------


def _trainable_parameters_models(a, b, c):
    small = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    small[0].requires_grad_(False)
    plain = nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c))
    half = nn.Sequential(nn.Conv2d(1, a, 3), nn.BatchNorm2d(a), nn.Flatten(), nn.Linear(b, c))
    half[0].requires_grad_(False)
    nested = nn.Sequential(nn.Sequential(nn.Linear(a, c), nn.BatchNorm1d(c)), nn.Linear(c, b))
    nested[0][0].weight.requires_grad_(False)  # its bias still learns
    layer = nn.Linear(b, b)
    shared = nn.Sequential(layer, nn.ReLU(), layer)  # one layer, used twice
    tied = nn.Sequential(nn.Linear(b + 1, b + 1), nn.ReLU(), nn.Linear(b + 1, b + 1))
    tied[2].weight = tied[0].weight  # two layers, one weight
    frozen = nn.Linear(a, b).requires_grad_(False)
    return [(model,) for model in (small, plain, half, nested, shared, tied, frozen)]


def _trainable_parameters_cases(generator):
    sizes = torch.randint(2, 9, (3,), generator=generator).tolist()
    return _built(lambda: _trainable_parameters_models(*sizes), generator)


trainable_parameters = Asked("trainable_parameters", _trainable_parameters_cases, signature="model")


# -- freeze ----------------------------------------------------------------------------------------


def _freeze_models():
    """Models whose running statistics have moved, and a batch for each."""
    small = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
    flat = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))
    block = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.ReLU())
    deep = nn.Sequential(block, nn.Flatten(), nn.Linear(24, 2))
    average = nn.BatchNorm1d(3, momentum=None)  # a model of one layer, with a cumulative average
    plain = nn.Sequential(nn.Linear(2, 2), nn.Tanh()).double()
    cases = [
        (small, torch.randint(-4, 5, (4, 2)).float()),
        (flat, 3 + 2 * torch.randn(5, 4)),
        (deep, 3 + 2 * torch.randn(4, 1, 5, 6)),
        (average, 3 + 2 * torch.randn(6, 3)),
        (plain, torch.randn(3, 2).double()),
    ]
    with torch.no_grad():
        for model, X in cases:
            model(1 - X)
    return cases


def statistics(model):
    """Copies of all running means and variances, by name."""
    return {
        name: buffer.clone()
        for name, buffer in model.named_buffers()
        if name.endswith(("running_mean", "running_var"))
    }


def holding_statistics(model):
    """The names of the layers that have a running mean and variance."""
    return [name for name, layer in model.named_modules() if hasattr(layer, "running_mean")]


def _as_set(model, name):
    """How a batch norm is set, or, where it is no batch norm any more, that it has its own ways."""
    layer = dict(model.named_modules()).get(name)
    as_torch_has_it = type(layer) in (nn.BatchNorm1d, nn.BatchNorm2d) and not (
        "forward" in vars(layer) or layer._forward_hooks or layer._forward_pre_hooks
    )
    if not as_torch_has_it:
        return {"its own ways": True, "in training": False, "tracks": False, "momentum": 0.0}
    return {
        "its own ways": False,
        "in training": layer.training,
        "tracks": bool(layer.track_running_stats),
        "momentum": 1.0 if layer.momentum is None else float(layer.momentum),
    }


def _use_freeze(freeze, model, X):
    """Freeze, then do what a training loop does, and see what takes a gradient."""
    normalizing = holding_statistics(model)
    frozen = freeze(model)
    if not isinstance(frozen, nn.Module):
        raise Unusable(f"It should return the model, not {kind(frozen)}.")
    with torch.no_grad():
        frozen(X)
    after_a_pass = statistics(frozen)
    frozen.train()
    takers = set()
    for batch in (X, X + 1):
        outputs = frozen(batch)
        if outputs.requires_grad:
            outputs.square().sum().backward()
            takers |= {name for name, p in frozen.named_parameters() if p.grad is not None}
    return {
        "the same model": frozen is model,
        "what takes a gradient": ", ".join(sorted(takers)),
        "the running statistics after a pass": after_a_pass,
        "the running statistics after training": statistics(frozen),
        "how each batch norm is set for training": {
            name: _as_set(frozen, name) for name in normalizing
        },
        "the outputs in training": outputs,
        "the outputs in evaluation": frozen.eval()(X),
    }


freeze = Asked(
    "freeze",
    lambda generator: _built(_freeze_models, generator),
    _use_freeze,
    signature="model",
)


# -- attention -------------------------------------------------------------------------------------


def _attention_cases(generator):
    def case(n, m, d, e, dtype=torch.float32, scale=1.0):
        Q, K, V = (normal(generator, *shape, dtype=dtype) for shape in ((n, d), (m, d), (m, e)))
        return scale * Q, K, V

    small = whole(generator, 1, 2), whole(generator, 2, 2), whole(generator, 2, 1)
    return [
        small,
        case(4, 4, 4, 4),  # every word listens to every word
        case(2, 5, 3, 4),  # of other words than those that ask
        case(3, 2, 9, 2, torch.float64),
        case(3, 4, 2, 3, scale=1000.0),  # an exponential of such numbers is infinite
        case(1, 1, 2, 3),  # a single word
    ]


attention = Asked("attention", _attention_cases, signature="Q, K, V")

attention_impostors = Asked(
    "attention_impostors", lambda generator: [()], inputs("Q", "K", "V"), kind="value"
)


# -- a decision, and predictions -------------------------------------------------------------------


def _letter(name):
    """One of five sentences that stand in the lesson, by its letter."""
    return Asked(name, lambda generator: [()], one_of("abcde"), kind="value")


fair_test = _letter("fair_test")
predict_pooling = _letter("predict_pooling")
predict_drift = _letter("predict_drift")
predict_random_body = _letter("predict_random_body")
predict_leaves = _letter("predict_leaves")
predict_random_windows = _letter("predict_random_windows")
predict_swap = _letter("predict_swap")
