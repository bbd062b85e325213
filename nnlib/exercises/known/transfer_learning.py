"""What is known of the exercises of lesson 11, transfer learning: right answers, mistakes, hints."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

from nnlib.checking.exercise import Exercise
from nnlib.checking.impostors import catch
from nnlib.exercises.asked import transfer_learning as asked

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


# -- convolve --------------------------------------------------------------------------------------


def _convolve(image, kernel):
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


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
    asked.convolve,
    reference=_convolve,
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
            lambda image, kernel: _convolve(image, torch.ones_like(kernel))
        ),
        "The window jumps by its own size. It should move on by one pixel at a time.": (
            _convolve_in_jumps
        ),
    },
    hints=(
        "How many rows and columns does the result have? Two loops go over its places.",
        "At place (r, c) the window covers image[r : r + h, c : c + w].",
        "Multiply that piece with the kernel, number by number, and sum. `torch.stack` makes one"
        " tensor of the sums, and gradients flow back through it; give it its shape last.",
    ),
    points=3,
)


# -- conv_output_size ------------------------------------------------------------------------------


def _conv_output_size(size, kernel, stride, padding):
    one = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
    return F.conv1d(*one, stride=stride, padding=padding).shape[-1]


conv_output_size = Exercise(
    asked.conv_output_size,
    reference=_conv_output_size,
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
        "Only whole steps count, which is what `//` gives. The start is a place as well.",
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


def _replace_very_last(model, classes):
    old = model[-1]
    model[-1] = nn.Linear(old.in_features, classes, dtype=old.weight.dtype)
    return model


def _replace_the_deepest(model, classes):
    old = [layer for layer in model.modules() if isinstance(layer, nn.Linear)][-1]
    for module in model.modules():
        for name, layer in module.named_children():
            if layer is old:
                setattr(module, name, _new_linear(old, classes))
    return model


def _cut_behind_the_head(model, classes):
    return _replace_head(model[: _head_place(model) + 1], classes)


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
    asked.replace_head,
    reference=_replace_head,
    mistakes={
        "It replaces the very last layer, whatever that is. Look for the last nn.Linear.": (
            _replace_very_last
        ),
        "It replaces an nn.Linear inside another layer. The head is the last one directly in the"
        " model.": _replace_the_deepest,
        "The layers behind the head are gone. Everything else stays.": _cut_behind_the_head,
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
        "The old head also knows its dtype, `old.weight.dtype`. A layer of a Sequential is"
        " replaced as in a list, by its place.",
    ),
    points=2,
)


# -- trainable_parameters --------------------------------------------------------------------------


def _trainable_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


trainable_parameters = Exercise(
    asked.trainable_parameters,
    reference=_trainable_parameters,
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
        "A weight that two layers share is counted once for each of them. model.parameters() gives"
        " it once.": (
            lambda model: sum(
                p.numel()
                for layer in model.modules()
                for p in layer.parameters(recurse=False)
                if p.requires_grad
            )
        ),
        "It gives 0 for every model. Before any backward() each p.grad is None, and what state_dict()"
        " gives never takes a gradient. Ask for each parameter's requires_grad.": (
            lambda model: sum(p.numel() for p in model.parameters() if p.grad is not None)
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
            module.eval()
            module.train = lambda mode=True, module=module: module
    return model


def _differ(before, after):
    """By more than the last digits, in which a process with fewer threads differs."""
    return any(
        not torch.allclose(before[name], after[name], rtol=1e-5, atol=1e-6) for name in before
    )


MOVED = "A running mean or variance moved after a later model.train()."


def _judge_freeze(seen, model, X):
    if not seen["the same model"]:
        return "It returns another model. Freeze the one that was handed in, and return that."
    if seen["what takes a gradient"]:
        return f"These parameters still take a gradient: {seen['what takes a gradient']}."
    before = asked.statistics(model)
    if _differ(before, seen["the running statistics after a pass"]):
        return "A running mean or variance is another one after a forward pass."
    if _differ(before, seen["the running statistics after training"]):
        return MOVED
    with torch.no_grad():
        outputs = model.eval()(X)
    if not _alike(seen["the outputs in evaluation"], outputs):
        return "In evaluation the model now gives other outputs than before."
    # The same again with a model of ours: what a process says of itself could be made up.
    training = _trained_as_set(model, seen["how each batch norm is set for training"], X)
    if _differ(before, asked.statistics(model)):
        return MOVED
    if not _alike(seen["the outputs in training"], training):
        return "In training the model gives other outputs than a model that is frozen."
    return None


def _trained_as_set(model, settings, X):
    """The outputs for the second batch of a model whose batch norms are set like this."""
    model.train()
    for name in asked.holding_statistics(model):
        layer, setting = model.get_submodule(name), settings[name]
        layer.train(setting["in training"])
        layer.momentum, layer.track_running_stats = setting["momentum"], setting["tracks"]
    with torch.no_grad():
        model(X)
        return model(X + 1)


def _alike(outputs, wanted):
    return torch.allclose(outputs, wanted, rtol=1e-3, atol=1e-4)


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
    asked.freeze,
    reference=_freeze,
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
        "Put each batch norm in eval mode, and give it a `train` method that changes nothing and"
        " returns the layer, as the dropout layer above the exercise has one.",
    ),
    points=3,
)


# -- attention -------------------------------------------------------------------------------------


def _attention(Q, K, V):
    return F.scaled_dot_product_attention(Q[None], K[None], V[None])[0]


def _products(Q, K):
    return Q @ K.T / Q.shape[1] ** 0.5


def _naive_softmax(products):
    return products.exp() / products.exp().sum(dim=1, keepdim=True)


attention = Exercise(
    asked.attention,
    reference=_attention,
    mistakes={
        "The products are not divided by √d.": lambda Q, K, V: (Q @ K.T).softmax(dim=1) @ V,
        "The products are divided by d. The formula says √d.": (
            lambda Q, K, V: (Q @ K.T / Q.shape[1]).softmax(dim=1) @ V
        ),
        "It divides by the root of the length of a value, or of the number of words. d is the"
        " length of a query.": lambda Q, K, V: (Q @ K.T / V.shape[1] ** 0.5).softmax(dim=1) @ V,
        "The shares of each column add up to 1. What one word takes, a row, should.": (
            lambda Q, K, V: _products(Q, K).softmax(dim=0) @ V
        ),
        "The softmax is missing: the values are added up in the raw products.": (
            lambda Q, K, V: _products(Q, K) @ V
        ),
        "Softmax comes last. It belongs to the products; with the shares it gives, add up V.": (
            lambda Q, K, V: (_products(Q, K) @ V).softmax(dim=1)
        ),
        "Those are the shares. Take the values in these shares: @ V.": (
            lambda Q, K, V: _products(Q, K).softmax(dim=1)
        ),
        "Every word takes the same share of all: queries and keys have no say.": (
            lambda Q, K, V: V.mean(dim=0).expand(len(Q), -1)
        ),
        "exp() of a large product is infinite. torch.softmax subtracts the largest first.": (
            lambda Q, K, V: _naive_softmax(_products(Q, K)) @ V
        ),
    },
    hints=(
        "Three steps: all products of a query with a key; a softmax; the values in these shares.",
        "Q @ K.T is (n, m): a row for each query, a column for each key. Which of the two does"
        " softmax go along?",
        "The √d is the root of Q.shape[1], and it divides before softmax.",
    ),
    points=3,
)


# -- attention_impostors ---------------------------------------------------------------------------

_SMALL = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
_LARGE = 1000 * torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])

attention_impostors = catch(
    asked.attention_impostors,
    attention,
    reference=[
        (
            torch.tensor([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]]),
            torch.tensor([[1.0, 2.0], [0.0, 1.0]]),
            torch.tensor([[1.0, 2.0, 4.0], [5.0, 0.0, 1.0]]),
        ),
        (_LARGE, _SMALL, torch.tensor([[1.0], [2.0]])),
    ],
    mistakes={
        "The query is 0, so it takes equal shares of all, and so do most impostors.": [
            (torch.zeros(1, 2), _SMALL, _SMALL)
        ],
        "One word listens to itself alone. Its share is 1, however it is computed.": [
            (torch.ones(1, 2), torch.ones(1, 2), torch.tensor([[3.0, 4.0]]))
        ],
        "All values are equal, so every mixture of them is the same.": [
            (_SMALL, _SMALL, torch.ones(2, 2))
        ],
        "All numbers are small: where an exponential becomes infinite, nobody sees it.": [
            (torch.tensor([[1.0, 2.0]]), _SMALL, torch.tensor([[1.0, 2.0, 4.0], [5.0, 0.0, 1.0]]))
        ],
    },
    hints=(
        "Let the two values differ, and let a query agree with one key more than with the other.",
        "If queries, keys and values have one length, or are as many, impostors that mix these up"
        " look right. Let all of these numbers differ.",
        "What is special about a product of 1000?",
    ),
)


# -- a decision ------------------------------------------------------------------------------------

fair_test = Exercise(
    asked.fair_test,
    reference="d",
    mistakes={
        "More leaves make the number more exact. Why it is low they do not tell.": "a",
        "A longer training may make the number lower still. Where that comes from stays open.": "b",
        "That shows that the result is no luck of one teacher. But perhaps any body does as well,"
        " also one that has learned nothing: nobody has looked.": "c",
        "The right kind of comparison, but one against one. Two networks always differ somewhat,"
        " also if nothing but luck is behind it.": "e",
    },
    hints=(
        "Two groups should differ in the teacher's learning and in nothing else.",
        "And how do you find out how much networks of one group differ among themselves?",
    ),
    points=1,
)


# -- predictions -----------------------------------------------------------------------------------

predict_pooling = Exercise(
    asked.predict_pooling,
    reference="d",
    mistakes={
        "The map does change as much as that, pixel by pixel. But one number is left of it.": "a",
        "Pooling over larger and larger squares goes on beyond half.": "b",
        "The window still finds the same edges, one pixel further right.": "c",
        "Nothing new is under the window, so where would a larger sum come from?": "e",
    },
    points=0,
)

predict_drift = Exercise(
    asked.predict_drift,
    reference="d",
    mistakes={
        "No parameter has moved. But are parameters all that a batch norm computes with?": "a",
        "It learns nothing from them: no gradient is computed.": "b",
        "Then the leaves would look nearly like the digits. Compare their papers.": "c",
        "The weights are all in place; not everything is lost.": "e",
    },
    points=0,
)

predict_random_body = Exercise(
    asked.predict_random_body,
    reference="a",
    mistakes={
        "Three layers that never learned would then do neither good nor harm. They mix the"
        " pixels, and the head has to make do with the mixture.": "b",
        "The shape of a network helps, that is so; but not if its weights may not adapt.": "c",
        "Then what the teacher learned would be worth nothing. For the digits it is worth a lot.": (
            "d"
        ),
        "Then learning would do harm.": "e",
    },
    points=0,
)

predict_leaves = Exercise(
    asked.predict_leaves,
    reference="e",
    mistakes={
        "The teacher is as good as that on its own digits. A leaf is no digit.": "a",
        "The digits 5 to 9 went like that. They are made of the same strokes as 0 to 4.": "b",
        "For this, the numbers that the body gives would have to tell where a spot is.": "c",
        "You expect that a little of it helps. Look at what the head is given.": "d",
    },
    points=0,
)

predict_random_windows = Exercise(
    asked.predict_random_windows,
    reference="c",
    mistakes={
        "Guessing? A window need not have learned anything to answer to a spot.": "a",
        "So one would like to think. How many teachers and random bodies is that based on?": "b",
        "Half as many? Then learning would have done harm.": "d",
        "None? Some leaves are hard for everybody.": "e",
    },
    points=0,
)

predict_swap = Exercise(
    asked.predict_swap,
    reference="e",
    mistakes={
        "The share belongs to the word with the fitting key, not to a place.": "a",
        "Which distance? The formula has no number that tells where a word stands.": "b",
        "For that it would have to know which word comes first.": "c",
        "Softmax looks at the products alone, and they are the same as before.": "d",
    },
    points=0,
)

EXERCISES = (
    convolve,
    conv_output_size,
    predict_pooling,
    replace_head,
    trainable_parameters,
    predict_drift,
    freeze,
    predict_random_body,
    predict_leaves,
    fair_test,
    predict_random_windows,
    attention,
    predict_swap,
    attention_impostors,
)
