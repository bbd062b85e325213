"""What is known of the exercises of lesson 08, building models: right answers, mistakes, hints."""

from itertools import pairwise

import torch
from torch import nn

from nnlib.checking.exercise import Exercise
from nnlib.checking.slopes import misfit
from nnlib.exercises.asked import building_models as asked

# -- train_test_split ------------------------------------------------------------------------------

ALWAYS_SAME = (
    "Another generator draws the same rows. Every random draw must use the given generator."
)
IN_ORDER = "The rows are not shuffled: the test part is one end of the file. Draw it at random."
NOT_THE_GENERATOR = (
    "The same seed gives another split the second time. Every random draw must use the given"
    " generator: torch.randperm(n, generator=generator)."
)
PAIRS_LOST = "Rows of X and y no longer belong together. Use one order for both."
LEAK = "Some rows are in the training part and in the test part. A test row must not be learned."
NEIGHBORS = "Only the start is random: each row is followed by the next one of the file. Draw a random order."
FILE_ORDER = (
    "The rows of a part still stand in the order of the file. A loop over them, batch by batch,"
    " would see them sorted: keep the random order."
)
SIZES_SWAPPED = "The sizes are swapped: `fraction` is the share of the test part."


def _split(X, y, fraction, generator):
    order = torch.randperm(len(X), generator=generator)
    size = round(len(X) * fraction)
    test, train = order[:size], order[size:]
    return X[train], X[test], y[train], y[test]


def _judge_split(parts, X, y, fraction, seed):
    def rows(name):
        return parts[name].flatten(1)[:, 0].round().long()

    train, test = rows("X_train"), rows("X_test")
    seen = torch.cat([train, test])
    if not torch.isin(seen, torch.arange(len(X))).all():
        return "Some rows of X_train and X_test are not rows of X. Only choose rows; change none."
    for part, of_part in (("train", train), ("test", test)):
        if not torch.equal(parts[f"X_{part}"], X[of_part]):
            return "Some rows of X_train and X_test are not rows of X. Only choose rows."
        if not torch.equal(parts[f"y_{part}"], y[of_part]):
            return PAIRS_LOST
    if torch.isin(test, train).any():
        return LEAK
    if len(seen.unique()) < len(X):
        return "Some rows are drawn twice, and others never. Each row belongs in one part, once."
    if len(X) < 20:
        return None  # few rows: the same order may come twice by chance
    if not torch.equal(rows("X_test, the same seed again"), test):
        return NOT_THE_GENERATOR
    sets = [set(r.tolist()) for r in (test, rows("X_test, another seed"))]
    if sets[0] == sets[1]:
        at_an_end = int(test.max() - test.min()) == len(test) - 1
        return IN_ORDER if at_an_end else ALWAYS_SAME
    if all(((part.diff() % len(X)) == 1).all() for part in (train, test)):
        return NEIGHBORS
    if any(torch.equal(part, part.sort().values) for part in (train, test)):
        return FILE_ORDER
    return None


def _split_unpaired(X, y, fraction, generator):
    y = y[torch.randperm(len(y), generator=generator)]
    return _split(X, y, fraction, generator)


def _split_by_drawing_twice(X, y, fraction, generator):
    _, X_test, _, y_test = _split(X, y, fraction, generator)
    X_train, _, y_train, _ = _split(X, y, fraction, generator)
    return X_train, X_test, y_train, y_test


def _split_without_shuffling(X, y, fraction, generator):
    size = len(X) - round(len(X) * fraction)
    return X[:size], X[size:], y[:size], y[size:]


def _split_other_way_round(X, y, fraction, generator):
    X_train, X_test, y_train, y_test = _split(X, y, fraction, generator)
    return X_test, X_train, y_test, y_train


def _split_in_other_order(X, y, fraction, generator):
    X_train, X_test, y_train, y_test = _split(X, y, fraction, generator)
    return X_train, y_train, X_test, y_test


def _split_in_file_order(X, y, fraction, generator):
    order = torch.randperm(len(X), generator=generator)
    size = round(len(X) * fraction)
    test, train = order[:size].sort().values, order[size:].sort().values
    return X[train], X[test], y[train], y[test]


def _split_of_rolled_rows(X, y, fraction, generator):
    by = int(torch.randint(len(X), (), generator=generator))
    return _split_without_shuffling(X.roll(by, 0), y.roll(by, 0), fraction, generator)


def _split_from_the_end(X, y, fraction, generator):
    order = torch.randperm(len(X), generator=generator)
    size = round(len(X) * fraction)
    test, train = order[-size:], order[:-size]
    return X[train], X[test], y[train], y[test]


def _split_with_replacement(X, y, fraction, generator):
    draws = torch.randint(len(X), (len(X),), generator=generator)
    size = round(len(X) * fraction)
    return X[draws[size:]], X[draws[:size]], y[draws[size:]], y[draws[:size]]


def _split_training_on_all(X, y, fraction, generator):
    _, X_test, _, y_test = _split(X, y, fraction, generator)
    return X, X_test, y, y_test


def _split_with_int(X, y, fraction, generator):
    return _split(X, y, int(len(X) * fraction) / len(X), generator)


train_test_split = Exercise(
    asked.train_test_split,
    reference=_split,
    judge=_judge_split,
    mistakes={
        PAIRS_LOST: _split_unpaired,
        IN_ORDER: _split_without_shuffling,
        LEAK: _split_by_drawing_twice,
        NOT_THE_GENERATOR: lambda X, y, f, g: _split(X, y, f, None),
        ALWAYS_SAME: lambda X, y, f, g: _split(X, y, f, torch.Generator().manual_seed(0)),
        SIZES_SWAPPED: _split_other_way_round,
        FILE_ORDER: _split_in_file_order,
        NEIGHBORS: _split_of_rolled_rows,
        "When no row goes into the test, all of them do: [-0:] takes everything. Count from the"
        " start.": _split_from_the_end,
        "Rows are drawn with replacement, so some come twice and others never: torch.randperm"
        " draws each once.": _split_with_replacement,
        "The training part holds all rows, those of the test too. A test row must not be"
        " learned.": _split_training_on_all,
        "The order of the four is X_train, X_test, y_train, y_test: both parts of X come first.": (
            _split_in_other_order
        ),
        "The test part has a row too few: n · fraction is rounded to the nearest whole number."
        " `int` cuts off.": _split_with_int,
    },
    hints=(
        "Shuffle the row numbers, not the rows: `order = torch.randperm(n, generator=generator)`.",
        "The first round(n · fraction) numbers of the order are the test rows, the others the"
        " training rows.",
        "`X[order[:size]]` picks rows. Use the same numbers for y.",
    ),
    points=2,
)


# -- make_mlp --------------------------------------------------------------------------------------


def _stack(sizes, activation=nn.ReLU, last=False, bias=True):
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs, bias=bias), activation()]
    return nn.Sequential(*(layers if last else layers[:-1]))


make_mlp = Exercise(
    asked.make_mlp,
    reference=_stack,
    mistakes={
        "There is a ReLU after the last layer, so no output can be negative. End with a Linear.": (
            lambda sizes: _stack(sizes, last=True)
        ),
        "There is nothing between the layers. Without an activation they collapse into one.": (
            lambda sizes: _stack(sizes, nn.Identity)
        ),
        "That is a list of layers. nn.Sequential(*layers) makes a model of it.": (
            lambda sizes: list(_stack(sizes))
        ),
        "The first layer is missing: sizes[0] inputs go to sizes[1] neurons.": (
            lambda sizes: _stack(sizes[1:])
        ),
        "The last layer is missing: there is one Linear for each pair of neighboring sizes.": (
            lambda sizes: _stack(sizes[:-1])
        ),
        "Between the layers belongs ReLU, not sigmoid.": lambda sizes: _stack(sizes, nn.Sigmoid),
        "The layers have no bias. nn.Linear makes one by itself; do not switch it off.": (
            lambda sizes: _stack(sizes, bias=False)
        ),
        "There is a ReLU before the first layer, which wipes out negative inputs.": (
            lambda sizes: nn.Sequential(nn.ReLU(), *_stack(sizes))
        ),
    },
    hints=(
        "One nn.Linear for each pair of neighbors in sizes: (sizes[0], sizes[1]), and so on.",
        "Collect the layers in a list: a Linear, a ReLU, a Linear, … and leave out the last ReLU.",
        "`nn.Sequential(*layers)` takes the layers out of the list.",
    ),
)


# -- train_one_epoch -------------------------------------------------------------------------------


def _epoch(model, loader, loss_fn, optimizer):
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(X)
        count += len(X)
    return total / count


def _epoch_by_length(model, loader, loss_fn, optimizer):
    model.train()
    total = 0.0
    for X, y in loader:
        total += _epoch(model, [(X, y)], loss_fn, optimizer)
    return total / len(loader)


def _epoch_cleared_once(model, loader, loss_fn, optimizer):
    optimizer.zero_grad()
    return _epoch_with(clear=False)(model, loader, loss_fn, optimizer)


def _epoch_of_one_step(model, loader, loss_fn, optimizer):
    loss = _epoch_with(step=False)(model, loader, loss_fn, optimizer)
    optimizer.step()
    return loss


def _epoch_of_one_batch(model, loader, loss_fn, optimizer):
    return _epoch(model, [next(iter(loader))], loss_fn, optimizer)


def _epoch_with(clear=True, mode=True, mean="samples", step=True, fresh=False):
    """The loop with one thing changed."""

    def train_one_epoch(model, loader, loss_fn, optimizer):
        if mode:
            model.train()
        losses, sizes = [], []
        for X, y in loader:
            loss = loss_fn(model(X), y)
            if clear:
                optimizer.zero_grad()
            loss.backward()
            if step:
                optimizer.step()
            losses.append(loss_fn(model(X), y).item() if fresh else loss.item())
            sizes.append(len(X))
        if mean == "batches":
            return sum(losses) / len(losses)
        if mean == "last":
            return losses[-1]
        total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
        return total if mean == "sum" else total / sum(sizes)

    return train_one_epoch


train_one_epoch = Exercise(
    asked.train_one_epoch,
    reference=_epoch,
    mistakes={
        "Gradients of earlier batches add up. Clear them before each backward.": (
            _epoch_with(clear=False)
        ),
        "The model is not in train mode. Call model.train() before the loop.": (
            _epoch_with(mode=False)
        ),
        "That is the mean over batches. Over samples, a short last batch counts less: weigh each"
        " batch's loss with its number of rows.": _epoch_with(mean="batches"),
        "It divides by the number of batches, len(loader). Over samples, a short last batch counts"
        " less; and not every loader knows its length.": _epoch_by_length,
        "The gradients are cleared once, before the loop. Each batch has its own: clear them before"
        " each backward.": _epoch_cleared_once,
        "The step comes after the loop, so an epoch is a single step. Take one for each batch.": (
            _epoch_of_one_step
        ),
        "It returns inside the loop, after the first batch. Unindent the return.": (
            _epoch_of_one_batch
        ),
        "That is the loss of the last batch alone. Collect the losses of all batches.": (
            _epoch_with(mean="last")
        ),
        "The loss gets its arguments in the wrong order: first what the model says, then y.": (
            lambda model, loader, loss_fn, optimizer: _epoch(
                model, loader, lambda y_hat, y: loss_fn(y, y_hat), optimizer
            )
        ),
        "That is a sum over all samples. Divide by how many there were.": _epoch_with(mean="sum"),
        "The parameters never move. optimizer.step() must come right after backward, with nothing"
        " between them that clears the gradients.": _epoch_with(step=False),
        "The loss was measured after the step. Return the one that was there before it.": (
            _epoch_with(fresh=True)
        ),
    },
    hints=(
        "model.train() once; then for each (X, y): predict, loss, clear, backward, step.",
        "Keep two sums: of loss.item() · len(X), and of len(X).",
        "`.item()` makes a float of the loss. A loader may not know its length, so count the rows.",
    ),
    points=2,
)


# -- TwoInputNet -----------------------------------------------------------------------------------

IGNORES_A = "The output stays the same when `a` changes. forward must use both inputs."
IGNORES_B = "The output stays the same when `b` changes. forward must use both inputs."
HIDDEN_WEIGHTS = (
    "A second network that loads this one's state_dict answers differently: some weights are"
    " missing from parameters(). Make the layers in __init__ and store each as an attribute;"
    " layers in a plain list are not found (use nn.ModuleList)."
)
UNUSED = (
    "No gradient reaches some of its parameters: forward does not use them, or cuts them off with"
    " no_grad or detach."
)
SAME_WIDTH = "It has as many weights for a small `hidden` as for a large one. What is `hidden` for?"
STRAIGHT = (
    "Its layers collapse into one: there is no activation between them, so the output is a straight"
    " line in every direction."
)
NOT_SAMPLEWISE = "The answer for one sample depends on the others. Join the inputs along dim=1."


def _two_input_net(forward, layers, name="TwoInputNet", start=True):
    """A module class from two functions."""

    def __init__(self, d1, d2, hidden, out):
        if start:
            nn.Module.__init__(self)
        for key, layer in layers(d1, d2, hidden, out).items():
            setattr(self, key, layer)

    return type(name, (nn.Module,), {"__init__": __init__, "forward": forward})


def _two_layers(d1, d2, hidden, out):
    return {"first": nn.Linear(d1 + d2, hidden), "second": nn.Linear(hidden, out)}


def _two_forward(self, a, b):
    return self.second(self.first(torch.cat([a, b], dim=1)).tanh())


def _judge_two(outcome, d1, d2, hidden, out, a, b):
    output = outcome["the output"]
    if not output.isfinite().all():
        return "Some outputs are not finite."
    if not torch.allclose(outcome["from a copy"], output, atol=1e-5):
        return HIDDEN_WEIGHTS
    if torch.equal(outcome["after a changed"], output):
        return IGNORES_A
    if torch.equal(outcome["after b changed"], output):
        return IGNORES_B
    if outcome["the number of parameters without a gradient"]:
        return UNUSED
    if outcome["the number of weights for a larger hidden"] <= 0:
        return SAME_WIDTH
    if not torch.allclose(outcome["in other company"], output[0], atol=1e-5):
        return NOT_SAMPLEWISE
    # Only without an activation is f(x) + f(y) = f(x + y) + f(0).
    one, other = output + outcome["after both changed"], outcome["for the sum of both"]
    if torch.allclose(one, other + outcome["for zeros"], rtol=1e-4, atol=1e-4):
        return STRAIGHT
    return misfit(output, outcome["its slopes"])


def _forward_with_mean(self, a, b):
    everything = torch.cat([a, b], dim=1)
    return self.second(self.first(everything + everything.mean(dim=0)).tanh())


TwoInputNet = Exercise(
    asked.TwoInputNet,
    reference=_two_input_net(_two_forward, _two_layers),
    judge=_judge_two,
    mistakes={
        IGNORES_B: _two_input_net(
            lambda self, a, b: self.second(self.first(a).tanh()),
            lambda d1, d2, h, out: {"first": nn.Linear(d1, h), "second": nn.Linear(h, out)},
        ),
        IGNORES_A: _two_input_net(
            lambda self, a, b: self.second(self.first(b).tanh()),
            lambda d1, d2, h, out: {"first": nn.Linear(d2, h), "second": nn.Linear(h, out)},
        ),
        HIDDEN_WEIGHTS: _two_input_net(
            lambda self, a, b: self.last(self.layers[0](torch.cat([a, b], dim=1)).tanh()),
            lambda d1, d2, h, out: {"layers": [nn.Linear(d1 + d2, h)], "last": nn.Linear(h, out)},
        ),
        UNUSED: _two_input_net(
            _two_forward,
            lambda *sizes: _two_layers(*sizes) | {"third": nn.Linear(sizes[3], sizes[3])},
        ),
        SAME_WIDTH: _two_input_net(
            _two_forward, lambda d1, d2, h, out: _two_layers(d1, d2, 10, out)
        ),
        STRAIGHT: _two_input_net(
            lambda self, a, b: self.second(self.first(torch.cat([a, b], dim=1))), _two_layers
        ),
        NOT_SAMPLEWISE: _two_input_net(_forward_with_mean, _two_layers),
        "super().__init__() is missing. It must come first in __init__, before any layer.": (
            _two_input_net(_two_forward, _two_layers, start=False)
        ),
        "It always gives one output a sample. The last layer needs `out` outputs.": _two_input_net(
            _two_forward, lambda d1, d2, h, out: _two_layers(d1, d2, h, 1)
        ),
    },
    hints=(
        "__init__: first super().__init__(), then the layers as attributes. forward: use them.",
        "`torch.cat([a, b], dim=1)` joins (N, d1) and (N, d2) to (N, d1 + d2).",
        "Then a Linear from d1 + d2 to hidden, and another to out. What stands between them, so"
        " that they do not collapse into one?",
    ),
    points=3,
)


# -- accuracy --------------------------------------------------------------------------------------


def _accuracy(logits, labels):
    return float((logits.argmax(dim=1) == labels).double().mean())


accuracy = Exercise(
    asked.accuracy,
    reference=_accuracy,
    mistakes={
        "It looks for the largest logit of each column. A sample is a row: use dim=1.": (
            lambda logits, labels: float(
                (logits.argmax(dim=0)[: len(labels)] == labels).double().mean()
            )
        ),
        "That is how many are right. Divide by the number of samples.": (
            lambda logits, labels: float((logits.argmax(dim=1) == labels).sum())
        ),
        "That is the share of wrong answers. Count those that are equal to the label.": (
            lambda logits, labels: 1 - _accuracy(logits, labels)
        ),
        "It takes the smallest logit for the answer. The largest one is.": (
            lambda logits, labels: _accuracy(-logits, labels)
        ),
        "That is the mean probability given to the right class. Accuracy only asks whether the"
        " largest logit is the right one.": (
            lambda logits, labels: float(
                logits.double().softmax(dim=1)[torch.arange(len(labels)), labels].mean()
            )
        ),
        "It asks whether the right class has a logit above 0. It should ask whether it has the"
        " largest one; all may be negative.": (
            lambda logits, labels: float(
                (logits[torch.arange(len(labels)), labels] > 0).double().mean()
            )
        ),
    },
    hints=(
        "The answer for each sample is the place of the largest logit in its row.",
        "`logits.argmax(dim=1)` has shape (N,). Compare it with the labels.",
        "The share of True is a mean, and a mean wants floats.",
    ),
)


# -- stopping_epoch --------------------------------------------------------------------------------


def _stop(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best, waited = epoch, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best


def _stop_with(returns="best", reset=True, ties=False, extra=0, compare="best"):
    """The loop with one thing changed."""

    def stopping_epoch(losses, patience):
        best, waited, epoch = 0, 0, 0
        for epoch in range(1, len(losses)):
            before = losses[best if compare == "best" else epoch - 1]
            better = losses[epoch] <= before if ties else losses[epoch] < before
            if losses[epoch] < losses[best] or (ties and losses[epoch] == losses[best]):
                best = epoch
            if better:
                waited = 0 if reset else waited
            else:
                waited += 1
            if waited == patience + extra:
                break
        return best if returns == "best" else epoch

    return stopping_epoch


stopping_epoch = Exercise(
    asked.stopping_epoch,
    reference=_stop,
    mistakes={
        "That is the lowest of all losses. Training may have stopped before that epoch came.": (
            lambda losses, patience: min(range(len(losses)), key=losses.__getitem__)
        ),
        "That is the epoch in which training stopped. Return the one with the lowest loss so far.": (
            _stop_with(returns="last")
        ),
        "The count never starts again. After a new best the patience is fresh.": (
            _stop_with(reset=False)
        ),
        "A loss equal to the best counts as an improvement. It must be below the best.": (
            _stop_with(ties=True)
        ),
        "It waits one epoch too long: stop when `patience` epochs in a row were not below the"
        " best.": _stop_with(extra=1),
        "It stops one epoch too early: stop when `patience` epochs in a row were not below the"
        " best.": _stop_with(extra=-1),
        "It compares with the epoch before. Compare with the best so far.": (
            _stop_with(compare="previous")
        ),
    },
    hints=(
        "Go through the epochs with two variables: the index of the best, and how long ago it was.",
        "A loss below the best: remember its index and start counting from 0. Otherwise count one"
        " more, and stop at `patience`.",
        "After the loop, stopped or not, return the index of the best.",
    ),
    points=2,
)

EXERCISES = (train_test_split, make_mlp, train_one_epoch, TwoInputNet, accuracy, stopping_epoch)
