"""The exercises of lesson 11, transfer learning."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from nnlib.exercises.exercise import Exercise, differentiate

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def _built(build, generator):
    """What `build` makes of new layers; their weights depend on the generator alone."""
    with torch.random.fork_rng(devices=[]):  # layers draw from the global generator
        torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
        return build()


# -- convolve --------------------------------------------------------------------------------------


def _convolve(image, kernel):
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


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


def _convolve_one_place_short(image, kernel):
    (H, W), (h, w) = image.shape, kernel.shape
    return _convolve(image, kernel)[: max(H - h, 0), : max(W - w, 0)]


def _convolve_sides_swapped(image, kernel):
    """The window has the kernel's numbers, but its height and width are mixed up."""
    return _convolve(image, kernel.reshape(kernel.shape[::-1]))


def _convolve_padded(image, kernel):
    h, w = kernel.shape
    padding = ((w - 1) // 2, w // 2, (h - 1) // 2, h // 2)
    return _convolve(F.pad(image, padding), kernel)


def _convolve_in_jumps(image, kernel):
    return F.conv2d(image[None, None], kernel[None, None], stride=tuple(kernel.shape))[0, 0]


convolve = Exercise(
    name="convolve",
    reference=_convolve,
    cases=_convolve_cases,
    use=differentiate("image", "kernel"),
    mistakes={
        "The kernel is turned around by 180°. Networks use it as it is: its upper left weight"
        " meets the window's upper left pixel.": (
            lambda image, kernel: _convolve(image, kernel.flip(0, 1))
        ),
        "The kernel is transposed: its rows should lie along the image's rows.": (
            lambda image, kernel: _convolve(image, kernel.T)
        ),
        "One place is missing each way. A window of height h fits H - h + 1 times into H rows.": (
            _convolve_one_place_short
        ),
        "Height and width of the kernel are mixed up. kernel.shape is (rows, columns).": (
            _convolve_sides_swapped
        ),
        "It takes the mean under the window. A convolution adds up.": (
            lambda image, kernel: _convolve(image, kernel) / kernel.numel()
        ),
        "The image was padded. Here the window stays inside the image, so the result is smaller.": (
            _convolve_padded
        ),
        "The kernel's weights are missing: that is the sum of the pixels under the window.": (
            lambda image, kernel: _convolve(image, torch.ones_like(kernel)) + 0 * kernel.sum()
        ),
        "The window jumps by its own size. It should move on by one pixel at a time.": (
            _convolve_in_jumps
        ),
    },
    hints=(
        "How many rows and columns does the result have? Two loops go over its places.",
        "At place (r, c) the window covers image[r : r + h, c : c + w].",
        "Multiply that piece with the kernel, number by number, and sum. Collect the sums with"
        " torch.stack, then reshape them to (H - h + 1, W - w + 1).",
    ),
    points=3,
)


# -- conv_output_size ------------------------------------------------------------------------------


def _conv_output_size(size, kernel, stride, padding):
    one = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    return F.conv1d(*one, stride=stride, padding=padding).shape[-1]


def _conv_output_size_cases(generator):
    def draw(low, high):
        return int(torch.randint(low, high, (), generator=generator))

    drawn = [(draw(10, 40), draw(1, 8), draw(1, 5), draw(0, 4)) for _ in range(6)]
    # A strip left over, a fit without rest, a window as large as the picture, the lesson's layers.
    return [(10, 3, 2, 0), (28, 5, 2, 2), (9, 3, 3, 1), (7, 7, 1, 0), (30, 3, 1, 1), *drawn]


conv_output_size = Exercise(
    name="conv_output_size",
    reference=_conv_output_size,
    cases=_conv_output_size_cases,
    mistakes={
        "Padding is added on both sides, so it counts twice.": (
            lambda n, k, s, p: (n + p - k) // s + 1
        ),
        "The first place is not counted: the number of places is the number of steps plus 1.": (
            lambda n, k, s, p: (n + 2 * p - k) // s
        ),
        "It rounds up. When too few pixels are left for a whole step, there is no place there.": (
            lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1
        ),
        "The stride is missing: the window moves on by `stride` pixels.": (
            lambda n, k, s, p: n + 2 * p - k + 1
        ),
        "The padding is missing.": lambda n, k, s, p: (n - k) // s + 1,
        "The places are counted at stride 1 and then divided. Divide the number of steps, and add"
        " the 1 for the first place after that.": lambda n, k, s, p: (n + 2 * p - k + 1) // s,
        "The padding is added to the result. It makes the picture larger, before any step.": (
            lambda n, k, s, p: (n - k) // s + 1 + 2 * p
        ),
        "The kernel's size is missing: the window must fit into the picture as a whole.": (
            lambda n, k, s, p: (n + 2 * p) // s
        ),
    },
    hints=(
        "With padding the picture is size + 2 · padding wide. How far can the window move in it?",
        "It can move by size + 2 · padding - kernel pixels. How many steps of `stride` are that?",
        "One place at the start, and one more after each whole step: `//` and + 1.",
    ),
)


# -- replace_head ----------------------------------------------------------------------------------


def _head_place(model):
    return max(i for i, layer in enumerate(model) if isinstance(layer, nn.Linear))


def _new_linear(old, classes):
    weight = old.weight
    return nn.Linear(old.in_features, classes, device=weight.device, dtype=weight.dtype)


def _replace_head(model, classes):
    place = _head_place(model)
    model[place] = _new_linear(model[place], classes)
    return model


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
    """Replace the head and look at everything; the head's own numbers are free."""
    first = next(model.parameters())
    shape = (3, 1, 4, 5) if first.dim() == 4 else (3, first.shape[1])
    model = replace_head(model, classes).eval()
    place = _head_place(model)
    others = [layer for i, layer in enumerate(model) if i != place]
    with torch.no_grad():
        outputs = model(torch.ones(shape, dtype=first.dtype))
    return {
        "the layers": [type(layer).__name__ for layer in model],
        "the shape of the head's weight": list(model[place].weight.shape),
        "the shape of the output": list(outputs.shape),
        "the output's dtype": str(outputs.dtype),
        "the other layers": [t for layer in others for t in layer.state_dict().values()],
        "what learns in the other layers": [
            p.requires_grad for layer in others for p in layer.parameters()
        ],
    }


def _replace_very_last(model, classes):
    return nn.Sequential(*model[:-1], _new_linear(model[_head_place(model)], classes))


def _append_head(model, classes):
    old = model[_head_place(model)]
    return model.append(nn.Linear(old.out_features, classes, dtype=old.weight.dtype))


def _replace_first(model, classes):
    place = min(i for i, layer in enumerate(model) if isinstance(layer, nn.Linear))
    model[place] = _new_linear(model[place], classes)
    return model


def _relabel_head(model, classes):
    model[_head_place(model)].out_features = classes
    return model


def _head_in_float32(model, classes):
    place = _head_place(model)
    model[place] = nn.Linear(model[place].in_features, classes)
    return model


def _head_with_wrong_inputs(model, classes):
    place = _head_place(model)
    old = model[place]
    model[place] = nn.Linear(old.out_features, classes, dtype=old.weight.dtype)
    return model


def _start_anew(model, classes):
    model = _replace_head(model, classes)
    for i, layer in enumerate(model):
        if i != _head_place(model):
            for part in layer.modules():
                if hasattr(part, "reset_parameters"):
                    part.reset_parameters()
    return model


def _replace_and_freeze(model, classes):
    model = _replace_head(model, classes)
    place = _head_place(model)
    for i, layer in enumerate(model):
        layer.requires_grad_(i == place)
    return model


def _replace_and_thaw(model, classes):
    return _replace_head(model, classes).requires_grad_(True)


replace_head = Exercise(
    name="replace_head",
    reference=_replace_head,
    cases=lambda generator: _built(_replace_head_models, generator),
    use=_use_replace_head,
    mistakes={
        "It replaces the very last layer, whatever that is. Look for the last nn.Linear.": (
            _replace_very_last
        ),
        "It puts another layer behind the old head. The old head should be gone.": _append_head,
        "It replaces the first nn.Linear, the one that sees the input. The head is the last.": (
            _replace_first
        ),
        "Only the number out_features was changed. It describes the layer; the weights still have"
        " their old shape. Make a new nn.Linear.": _relabel_head,
        "The new head is float32 while the model is not. Give it the dtype of the old one.": (
            _head_in_float32
        ),
        "The new head expects as many inputs as the old head had outputs. It sits in the old"
        " head's place, so it gets in_features numbers.": _head_with_wrong_inputs,
        "The other layers lost what they had learned. They should keep their weights.": _start_anew,
        "It freezes the other layers as well. That is another decision; leave them as they are.": (
            _replace_and_freeze
        ),
        "It makes frozen layers learn again. Leave requires_grad of the others as it is.": (
            _replace_and_thaw
        ),
    },
    hints=(
        "Which places of the model hold an nn.Linear? `enumerate(model)` gives places and layers.",
        "The old head knows how many inputs the new one gets: `in_features`.",
        "model[place] = nn.Linear(old.in_features, classes, dtype=old.weight.dtype), and return"
        " the model.",
    ),
    points=2,
)


# -- trainable_parameters --------------------------------------------------------------------------


def _trainable_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


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


trainable_parameters = Exercise(
    name="trainable_parameters",
    reference=_trainable_parameters,
    cases=_trainable_parameters_cases,
    mistakes={
        "It counts frozen parameters too. Look at each one's requires_grad.": (
            lambda model: sum(p.numel() for p in model.parameters())
        ),
        "It counts tensors. A weight of shape (3, 4) holds 12 numbers.": (
            lambda model: sum(p.requires_grad for p in model.parameters())
        ),
        "It counts the frozen ones instead.": (
            lambda model: sum(p.numel() for p in model.parameters() if not p.requires_grad)
        ),
        "The biases are missing: they learn as well.": (
            lambda model: sum(
                p.numel()
                for name, p in model.named_parameters()
                if p.requires_grad and "bias" not in name
            )
        ),
        "It looks at the outermost layers only. model.parameters() reaches every depth.": (
            lambda model: sum(
                p.numel()
                for layer in [model, *model.children()]
                for p in layer.parameters(recurse=False)
                if p.requires_grad
            )
        ),
        "It counts running means and variances too. They are buffers, not parameters.": (
            lambda model: _trainable_parameters(model) + sum(b.numel() for b in model.buffers())
        ),
        "A layer that is used twice has its weights only once.": (
            lambda model: sum(
                p.numel()
                for _, p in model.named_parameters(remove_duplicate=False)
                if p.requires_grad
            )
        ),
        "It takes the first dimension of each parameter, which is len(). Use numel().": (
            lambda model: sum(len(p) for p in model.parameters() if p.requires_grad)
        ),
    },
    hints=(
        "model.parameters() gives every weight and bias, at every depth, each once.",
        "`p.numel()` is how many numbers p holds, `p.requires_grad` whether they learn.",
    ),
)


# -- freeze ----------------------------------------------------------------------------------------


def _freeze(model):
    model.requires_grad_(False)
    for module in model.modules():
        if isinstance(module, BATCH_NORMS):
            module.momentum = 0.0  # new = 1 · old + 0 · batch
    return model


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


def _judge_freeze(seen, model, X):
    if not seen["the same model"]:
        return "It returns another model. Freeze the one that was handed in, and return that."
    if seen["what takes a gradient"]:
        return f"These parameters still take a gradient: {seen['what takes a gradient']}."
    if seen["statistics moved at once"]:
        return "A running mean or variance moved during a forward pass."
    if seen["statistics moved"]:
        return "A running mean or variance moved after a later model.train()."
    if not torch.allclose(seen["outputs before"], seen["outputs after"], rtol=1e-3, atol=1e-4):
        return "In evaluation the model now gives other outputs than before."
    return None


def _freeze_parameters_only(model):
    return model.requires_grad_(False)


def _freeze_statistics_only(model):
    for module in model.modules():
        if isinstance(module, BATCH_NORMS):
            module.momentum = 0.0
    return model


def _freeze_with_eval(model):
    return model.requires_grad_(False).eval()


def _freeze_a_copy(model):
    return _freeze(copy.deepcopy(model))


def _freeze_weights_only(model):
    _freeze(model)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.endswith("bias"))
    return model


def _freeze_without_batch_norm(model):
    _freeze(model)
    for module in model.modules():
        if isinstance(module, BATCH_NORMS):
            module.requires_grad_(True)
    return model


def _freeze_outermost(model):
    inner = [m for child in model.children() for m in child.children()]
    _freeze(model)
    for module in inner:
        module.requires_grad_(True)
    return model


def _freeze_by_zeroing(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    return _freeze(model)


def _freeze_by_resetting(model):
    for module in model.modules():
        if isinstance(module, BATCH_NORMS):
            module.reset_running_stats()
    return _freeze(model)


freeze = Exercise(
    name="freeze",
    reference=_freeze,
    cases=lambda generator: _built(_freeze_models, generator),
    use=_use_freeze,
    judge=_judge_freeze,
    mistakes={
        "The parameters are frozen, but a running mean or variance still moves: every forward pass"
        " in train mode updates it.": _freeze_parameters_only,
        "The statistics hold still, but the parameters do not: they still take gradients.": (
            _freeze_statistics_only
        ),
        "eval() stops the statistics only until somebody calls model.train(), and every training"
        " loop does.": _freeze_with_eval,
        "Nothing is frozen in the model that was handed in. Change that one, not a copy of it.": (
            _freeze_a_copy
        ),
        "The biases still learn. Freeze every parameter.": _freeze_weights_only,
        "Batch normalization has a weight and a bias too (gamma and beta), and they still learn.": (
            _freeze_without_batch_norm
        ),
        "It reaches the outermost layers only. Layers can hold layers: model.modules() and"
        " model.parameters() reach every depth.": _freeze_outermost,
        "It changes what the model knows. Freezing keeps all weights as they are.": (
            _freeze_by_zeroing
        ),
        "The running statistics were reset. Freezing keeps them as they are.": _freeze_by_resetting,
    },
    hints=(
        "Two things move: parameters, by their gradients, and running statistics, by forward"
        " passes in train mode. Stop both.",
        "`model.requires_grad_(False)` reaches every parameter. `model.modules()` gives every"
        " layer at every depth, so that you can find the batch norms.",
        "A batch norm with momentum 0 keeps its old statistics. Or put it in eval mode, and give"
        " it a `train` method that does nothing.",
    ),
    points=3,
)

EXERCISES = (convolve, conv_output_size, replace_head, trainable_parameters, freeze)
