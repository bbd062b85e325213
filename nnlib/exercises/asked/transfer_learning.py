"""What is asked in lesson 11, transfer learning: the cases of each exercise, and how an answer is used."""

import copy

import torch
from torch import nn

from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate


def _built(build, generator):
    """What `build` makes of new layers; their weights depend on the generator alone."""
    with torch.random.fork_rng(devices=[]):  # layers draw from the global generator
        torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
        return build()


# -- convolve --------------------------------------------------------------------------------------


def _convolve_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    return [
        (draw(5, 7), draw(3, 3)),
        (draw(6, 4), draw(2, 3)),  # the kernel is not square either
        (draw(4, 5, dtype=torch.float64), draw(1, 4, dtype=torch.float64)),
        (draw(3, 2), draw(3, 2)),  # the window has a single place
        (draw(4, 3), draw(1, 1)),
    ]


convolve = Asked(
    name="convolve",
    signature="image, kernel",
    cases=_convolve_cases,
    use=differentiate("image", "kernel"),
)


# -- conv_output_size ------------------------------------------------------------------------------


def _conv_output_size_cases(generator):
    def draw(low, high):
        return int(torch.randint(low, high, (), generator=generator))

    drawn = [(draw(10, 40), draw(1, 8), draw(1, 5), draw(0, 4)) for _ in range(6)]
    # A strip left over, a fit without rest, a window as large as the picture, the lesson's layers.
    return [(10, 3, 2, 0), (28, 5, 2, 2), (9, 3, 3, 1), (7, 7, 1, 0), (30, 3, 1, 1), *drawn]


conv_output_size = Asked(
    name="conv_output_size",
    signature="size, kernel, stride, padding",
    cases=_conv_output_size_cases,
)


# -- replace_head ----------------------------------------------------------------------------------


def _replace_head_models():
    inner = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.ReLU())
    frozen = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(12, 5))
    frozen[:-1].requires_grad_(False)
    return [
        (nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)), 7),
        (frozen, 2),
        (nn.Sequential(nn.Linear(4, 6), inner, nn.Linear(6, 5), nn.LogSoftmax(dim=1)), 4),
        (nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3), nn.Dropout(0.5)).double(), 5),
    ]


def _use_replace_head(replace_head, model, classes):
    """Replace the head and look at everything; the numbers of a layer that changed its size are free."""
    first = next(model.parameters())
    sizes = (3, 1, 4, 5) if first.dim() == 4 else (3, first.shape[1])
    before = [_shapes(layer) for layer in model]
    model = replace_head(model, classes).eval()
    after = [_shapes(layer) for layer in model]
    kept = [layer for layer, old, new in zip(model, before, after, strict=False) if old == new]
    with torch.no_grad():
        outputs = model(torch.ones(sizes, dtype=first.dtype))
    return {
        "the layers": [type(layer).__name__ for layer in model],
        "the shapes of weights and biases, layer by layer": after,
        "the shape of the output": list(outputs.shape),
        "the output's dtype": str(outputs.dtype),
        "the other layers": [t for layer in kept for t in layer.state_dict().values()],
        "what learns in the other layers": [
            p.requires_grad for layer in kept for p in layer.parameters()
        ],
    }


def _shapes(layer):
    return [list(value.shape) for value in layer.state_dict().values()]


replace_head = Asked(
    name="replace_head",
    signature="model, classes",
    cases=lambda generator: _built(_replace_head_models, generator),
    use=_use_replace_head,
)


# -- trainable_parameters --------------------------------------------------------------------------


def _trainable_parameters_models(a, b, c):
    plain = nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c))
    half = nn.Sequential(nn.Conv2d(1, a, 3), nn.BatchNorm2d(a), nn.Flatten(), nn.Linear(b, c))
    half[0].requires_grad_(False)
    nested = nn.Sequential(nn.Sequential(nn.Linear(a, c), nn.BatchNorm1d(c)), nn.Linear(c, b))
    nested[0][0].weight.requires_grad_(False)  # its bias still learns
    layer = nn.Linear(b, b)
    shared = nn.Sequential(layer, nn.ReLU(), layer)  # one layer, used twice
    frozen = nn.Linear(a, b).requires_grad_(False)
    return [(plain,), (half,), (nested,), (shared,), (frozen,)]


def _trainable_parameters_cases(generator):
    sizes = torch.randint(2, 9, (3,), generator=generator).tolist()
    return _built(lambda: _trainable_parameters_models(*sizes), generator)


trainable_parameters = Asked(
    name="trainable_parameters",
    signature="model",
    cases=_trainable_parameters_cases,
)


# -- freeze ----------------------------------------------------------------------------------------


def _freeze_models():
    """Models whose running statistics have moved, and a batch for each."""
    flat = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))
    block = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.ReLU())
    deep = nn.Sequential(block, nn.Flatten(), nn.Linear(24, 2))
    average = nn.BatchNorm1d(3, momentum=None)  # a model of one layer, with a cumulative average
    plain = nn.Sequential(nn.Linear(2, 2), nn.Tanh()).double()
    cases = [
        (flat, 3 + 2 * torch.randn(5, 4)),
        (deep, 3 + 2 * torch.randn(4, 1, 5, 6)),
        (average, 3 + 2 * torch.randn(6, 3)),
        (plain, torch.randn(3, 2).double()),
    ]
    with torch.no_grad():
        for model, X in cases:
            model(1 - X)
    return cases


def _statistics(model):
    """Copies of all running means and variances."""
    return {
        name: buffer.clone()
        for name, buffer in model.named_buffers()
        if name.endswith(("running_mean", "running_var"))
    }


def _moved(model, statistics):
    now = _statistics(model)
    return now.keys() != statistics.keys() or any(
        not torch.equal(now[name], statistics[name]) for name in statistics
    )


def _use_freeze(freeze, model, X):
    """Freeze, then do what a training loop does, and see what moves or takes a gradient."""
    outputs_before = copy.deepcopy(model).eval()(X)
    frozen = freeze(model)
    statistics = _statistics(frozen)
    with torch.no_grad():
        frozen(X)
    moved_at_once = _moved(frozen, statistics)
    frozen.train()
    takers = set()
    for batch in (X, X + 1):
        outputs = frozen(batch)
        if outputs.requires_grad:
            outputs.square().sum().backward()
            takers |= {name for name, p in frozen.named_parameters() if p.grad is not None}
    moved = _moved(frozen, statistics)
    return {
        "the same model": frozen is model,
        "what takes a gradient": ", ".join(sorted(takers)),
        "statistics moved at once": moved_at_once,
        "statistics moved": moved,
        "outputs before": outputs_before,
        "outputs after": frozen.eval()(X),
    }


freeze = Asked(
    name="freeze",
    signature="model",
    cases=lambda generator: _built(_freeze_models, generator),
    use=_use_freeze,
)
