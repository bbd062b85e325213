"""What is known of the exercises of lesson 04, losses: right answers, mistakes, hints."""

import torch
import torch.nn.functional as F

from nnlib.checking.exercise import Exercise
from nnlib.exercises.asked import losses as asked

# -- losses of numbers -----------------------------------------------------------------------------


def _sample_deviation(y_hat, y):
    """`(y_hat - y).std()`, without torch's warning about a single error."""
    errors = y_hat - y
    return ((errors - errors.mean()).square().sum() / (errors.numel() - 1)).sqrt()


sse = Exercise(
    asked.sse,
    reference=lambda y_hat, y: F.mse_loss(y_hat, y, reduction="sum"),
    mistakes={
        "That is the mean of the squares. The first S in SSE stands for sum: do not divide.": (
            lambda y_hat, y: F.mse_loss(y_hat, y)
        ),
        "It squares the sum, so errors of opposite sign cancel first. Square each error, then"
        " add.": lambda y_hat, y: (y_hat - y).sum() ** 2,
        "It adds up absolute errors. The middle S in SSE stands for squared.": (
            lambda y_hat, y: (y_hat - y).abs().sum()
        ),
        "It adds up the errors themselves, so those of opposite sign cancel. Square each of them"
        " first.": lambda y_hat, y: (y_hat - y).sum(),
        "It squares y_hat and y one by one. Subtract first: the error is squared, not its parts.": (
            lambda y_hat, y: (y_hat**2 - y**2).sum()
        ),
        "It gives one squared error for each prediction. A loss is a single number: add them up.": (
            lambda y_hat, y: (y_hat - y) ** 2
        ),
        "It multiplies the mean by the number of rows. That is the sum only if there is one column.": (
            lambda y_hat, y: F.mse_loss(y_hat, y) * len(y)
        ),
        "It adds along one dimension only. A loss is a single number, whatever the shape.": (
            lambda y_hat, y: ((y_hat - y) ** 2).sum(dim=0)
        ),
    },
    hints=(
        "Three steps, in this order: errors, squares, sum.",
        "`**2` squares every element of a tensor, and `.sum()` adds up all of them.",
    ),
)  # fmt: skip


rmse = Exercise(
    asked.rmse,
    reference=lambda y_hat, y: F.mse_loss(y_hat, y).sqrt(),
    mistakes={
        "That is the mean squared error. The R stands for root: take it at the end.": (
            lambda y_hat, y: F.mse_loss(y_hat, y)
        ),
        "It takes the root of the sum. The M stands for mean: divide by the number of errors before"
        " the root.": lambda y_hat, y: F.mse_loss(y_hat, y, reduction="sum").sqrt(),
        "It takes the root of each square, which gives the absolute errors back. Take the mean"
        " first, then the root.": lambda y_hat, y: F.l1_loss(y_hat, y),
        "It divides after the root. Divide the sum of the squares, then take the root.": (
            lambda y_hat, y: F.mse_loss(y_hat, y, reduction="sum").sqrt() / y.numel()
        ),
        "That is the standard deviation of the errors: it subtracts the mean error first, so that a"
        " model that is always 10 too high looks perfect. Errors are measured from 0.": (
            lambda y_hat, y: (y_hat - y).std(correction=0)
        ),
        "That is torch's `std` of the errors: it subtracts the mean error and divides by n − 1."
        " Errors are measured from 0, and the mean divides by n.": _sample_deviation,
        "It squares the mean error, so errors of opposite sign cancel. Square each error first.": (
            lambda y_hat, y: (y_hat - y).mean().square().sqrt()
        ),
        "It divides by the number of rows. The mean is over all elements, in every dimension.": (
            lambda y_hat, y: (F.mse_loss(y_hat, y, reduction="sum") / len(y)).sqrt()
        ),
    },
    hints=(
        "Read the name backwards: error, squared, mean, root.",
        "`.mean()` divides by the number of elements; `torch.sqrt` or `** 0.5` takes the root.",
    ),
)  # fmt: skip


mae = Exercise(
    asked.mae,
    reference=lambda y_hat, y: F.l1_loss(y_hat, y),
    mistakes={
        "Errors of opposite sign cancel: take the absolute value of each before the mean.": (
            lambda y_hat, y: (y_hat - y).mean()
        ),
        "It takes the absolute value after the mean, when opposite errors have cancelled already."
        " First abs, then mean.": lambda y_hat, y: (y_hat - y).mean().abs(),
        "That is the sum. The M stands for mean: divide by the number of errors.": (
            lambda y_hat, y: F.l1_loss(y_hat, y, reduction="sum")
        ),
        "That is the mean squared error. The A stands for absolute.": (
            lambda y_hat, y: F.mse_loss(y_hat, y)
        ),
        "That is the root mean square error. The root of a mean of squares is not the mean of"
        " absolute values.": lambda y_hat, y: F.mse_loss(y_hat, y).sqrt(),
        "It compares |y_hat| with |y|, and so a guess of −3 for 3 costs nothing. Subtract first.": (
            lambda y_hat, y: (y_hat.abs() - y.abs()).abs().mean()
        ),
        "It divides by the number of rows. The mean is over all elements, in every dimension.": (
            lambda y_hat, y: (y_hat - y).abs().sum() / len(y)
        ),
        "Every value is right, but where an error is 0 the gradient is NaN: the root is infinitely"
        " steep there. The absolute value has a function of its own.": (
            lambda y_hat, y: ((y_hat - y) ** 2).sqrt().mean()
        ),
    },
    hints=(
        "How far off is each prediction, whatever the direction? Then take the mean.",
        "`.abs()` belongs between the subtraction and `.mean()`.",
    ),
)  # fmt: skip


# -- huber -----------------------------------------------------------------------------------------


def _huber(y_hat, y, delta, inside=None, outside=None):
    """The Huber loss, with one of its two pieces replaced."""
    error = y_hat - y
    size = error.abs()
    inside = error**2 / 2 if inside is None else inside(size)
    outside = delta * (size - delta / 2) if outside is None else outside(size)
    return torch.where(size <= delta, inside, outside).mean()


def _huber_signed(y_hat, y, delta):
    """The absolute value forgotten: large negative errors stay on the parabola."""
    error = y_hat - y
    return torch.where(error <= delta, error**2 / 2, delta * (error - delta / 2)).mean()


huber = Exercise(
    asked.huber,
    reference=lambda y_hat, y, delta: F.huber_loss(y_hat, y, delta=delta),
    mistakes={
        "It is right for delta = 1 only. The corner between the two pieces lies at delta.": (
            lambda y_hat, y, delta: F.huber_loss(y_hat, y)
        ),
        "That is the smooth L1 loss, which is the Huber loss divided by delta. The parabola is"
        " error²/2, whatever delta is.": (
            lambda y_hat, y, delta: F.smooth_l1_loss(y_hat, y, beta=delta)
        ),
        "The pieces do not meet: at |error| = delta the parabola has the value delta²/2, and the"
        " straight line another one. Its constant term is missing.": (
            lambda y_hat, y, delta: _huber(y_hat, y, delta, outside=lambda size: delta * size)
        ),
        "The straight line has slope 1. To go on as steep as the parabola ends, it needs slope"
        " delta.": (
            lambda y_hat, y, delta: _huber(y_hat, y, delta, outside=lambda size: size - delta / 2)
        ),
        "The parabola lacks its half: inside delta the loss is error²/2.": (
            lambda y_hat, y, delta: _huber(y_hat, y, delta, inside=lambda size: size**2)
        ),
        "Large negative errors are treated as small ones. Compare the absolute error with delta.": (
            _huber_signed
        ),
        "The pieces are swapped: the parabola is for small errors, the straight line for large"
        " ones.": lambda y_hat, y, delta: _huber(
            y_hat, y, delta,
            inside=lambda size: delta * (size - delta / 2), outside=lambda size: size**2 / 2,
        ),
        "That is the sum. The Huber loss here is the mean over all errors.": (
            lambda y_hat, y, delta: F.huber_loss(y_hat, y, delta=delta, reduction="sum")
        ),
        "That is half the mean squared error for every error. Beyond delta a straight line takes"
        " over.": lambda y_hat, y, delta: F.mse_loss(y_hat, y) / 2,
    },
    hints=(
        "`torch.where(condition, a, b)` takes a where the condition holds and b elsewhere.",
        "The condition is about the absolute error: is it at most delta?",
        "Compute both pieces for every element, parabola and line, let `torch.where` pick, and"
        " take the mean last.",
    ),
    points=2,
)  # fmt: skip


# -- binary_cross_entropy --------------------------------------------------------------------------


def _bce_naive(logits, y):
    p = torch.sigmoid(logits)
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def _bce_clipped(logits, y):
    p = torch.sigmoid(logits).clamp(1e-7, 1 - 1e-7)
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


def _bce_where(logits, y):
    """The overflow hidden in the branch that is not taken: right values, gradients NaN."""
    above = logits + (1 + (-logits).exp()).log()
    below = (1 + logits.exp()).log()
    return (torch.where(logits > 0, above, below) - y * logits).mean()


def _bce_of_the_size(logits, y):
    return (F.relu(logits) - y * logits + torch.log1p(torch.exp(-logits.abs()))).mean()


def _bce_probabilities(logits, y):
    return -(y * logits.log() + (1 - y) * (1 - logits).log()).mean()


binary_cross_entropy = Exercise(
    asked.binary_cross_entropy,
    reference=lambda logits, y: F.binary_cross_entropy_with_logits(logits, y),
    mistakes={
        "It takes the logarithm of a sigmoid. At ±1000 a sigmoid is rounded to exactly 0 or 1, and"
        " log 0 is −∞. Go from the logit to log σ(z) in one step: `F.logsigmoid`.": (
            _bce_naive
        ),
        "It clips the probability. That hides the infinity but is wrong: at z = −1000 the loss"
        " for y = 1 is 1000, and its slope must not be 0. Work with the logits.": _bce_clipped,
        "`F.binary_cross_entropy` on a sigmoid stops at 100, where the true loss goes on to 1000,"
        " and its gradient is lost. Its sister takes the logits.": (
            lambda logits, y: F.binary_cross_entropy(torch.sigmoid(logits), y)
        ),
        "exp(1000) is too large for a float. log(1 + exp(z)) overflows; `F.softplus` and"
        " `torch.logaddexp` compute the same thing without.": (
            lambda logits, y: ((1 + logits.exp()).log() - y * logits).mean()
        ),
        "The value is right but the gradient is NaN: `torch.where` differentiates both branches,"
        " and the one not taken overflows. Use a formula that is finite everywhere.": _bce_where,
        "Every value is right, but at a logit of exactly 0 the gradient is not: max(z, 0) and |z| have"
        " a corner there, and autograd takes the slope of one side.": _bce_of_the_size,
        "It takes the sigmoid twice: this loss wants the logits and does the sigmoid itself.": (
            lambda logits, y: F.binary_cross_entropy_with_logits(logits.sigmoid(), y)
        ),
        "It treats logits as probabilities. They run from −∞ to ∞; the sigmoid comes first.": (
            _bce_probabilities
        ),
        "Only the samples with y = 1 count. Those with y = 0 need their term too: "
        "−(1 − y) · log(1 − p).": lambda logits, y: -(y * F.logsigmoid(logits)).mean(),
        "The labels are the wrong way round: where y = 1, the loss is −log p.": (
            lambda logits, y: F.binary_cross_entropy_with_logits(logits, 1 - y)
        ),
        "That is the sum. The loss is the mean over all samples.": (
            lambda logits, y: F.binary_cross_entropy_with_logits(logits, y, reduction="sum")
        ),
        "That is in bits. Losses use the natural logarithm, torch.log, not log2.": (
            lambda logits, y: F.binary_cross_entropy_with_logits(logits, y) / 0.6931471805599453
        ),
    },
    hints=(
        "For y = 1 the loss is −log σ(z); for y = 0 it is −log(1 − σ(z)), and 1 − σ(z) = σ(−z).",
        "log σ(z), finite for every z and with the right slope, is `F.logsigmoid(z)`.",
        "y is 1 or 0, so in y · (…) + (1 − y) · (…) only one of the two losses counts. Then the"
        " mean.",
    ),
    points=3,
)  # fmt: skip


# -- cross_entropy ---------------------------------------------------------------------------------


def _of_labels(table, labels):
    """The entry of each row that its label names."""
    return table[torch.arange(len(labels)), labels]


def _one_hot_times(logs, labels):
    return -(F.one_hot(labels, logs.shape[1]) * logs)


def _ce_exp(logits, labels):
    return (logits.exp().sum(dim=1).log() - _of_labels(logits, labels)).mean()


def _ce_one_maximum(logits, labels):
    """Log-sum-exp that subtracts the largest logit of the whole batch."""
    shifted = logits - logits.max()
    return (shifted.exp().sum(dim=1).log() - _of_labels(shifted, labels)).mean()


cross_entropy = Exercise(
    asked.cross_entropy,
    reference=lambda logits, labels: F.cross_entropy(logits, labels),
    mistakes={
        "It takes the logarithm of a softmax. At 1000 a softmax is rounded to exactly 0, and log 0"
        " is −∞. Take the logarithm in the formula: `F.log_softmax`, or log-sum-exp.": (
            lambda logits, labels: -_of_labels(logits.softmax(dim=1).log(), labels).mean()
        ),
        "0 · log 0 is NaN: it takes the logarithm of a softmax and multiplies it by 0s and 1s."
        " Pick the label's log-probability, and compute it with log-sum-exp.": (
            lambda logits, labels: _one_hot_times(logits.softmax(1).log(), labels).sum(1).mean()
        ),
        "exp(1000) is too large for a float. Log-sum-exp subtracts the largest logit of the row"
        " before exp, and adds it again after log.": _ce_exp,
        "It subtracts the largest logit of the whole batch: in rows far below it every exp becomes"
        " 0. Each row needs its own maximum.": _ce_one_maximum,
        "A small number added inside the logarithm hides the infinity but is wrong: the loss stops"
        " near 20, and its slope is lost. Use log-sum-exp.": (
            lambda logits, labels: -_of_labels((logits.softmax(1) + 1e-9).log(), labels).mean()
        ),
        "The softmax is taken twice: `F.cross_entropy` wants the logits and does the softmax"
        " itself.": lambda logits, labels: F.cross_entropy(logits.softmax(dim=1), labels),
        "The softmax runs over the samples. The probabilities of the classes in one row must add"
        " up to 1: dim=1.": (
            lambda logits, labels: -_of_labels(logits.log_softmax(dim=0), labels).mean()
        ),
        "It averages over the classes too. Each sample has one surprise, that of its label; the"
        " mean divides by N, not by N · K.": (
            lambda logits, labels: _one_hot_times(logits.log_softmax(dim=1), labels).mean()
        ),
        "`[:, labels]` takes every label's column for every row, N · N numbers. Take one entry of"
        " each row.": lambda logits, labels: -logits.log_softmax(dim=1)[:, labels].mean(),
        "The logarithm is missing: −p hardly minds being surely wrong, −log p does.": (
            lambda logits, labels: -_of_labels(logits.softmax(dim=1), labels).mean()
        ),
        "It looks at the label's logit alone. How probable that is depends on the other logits too:"
        " subtract the log-sum-exp of the row.": (
            lambda logits, labels: -_of_labels(logits, labels).mean()
        ),
        "That is the sum. The loss is the mean over the samples.": (
            lambda logits, labels: F.cross_entropy(logits, labels, reduction="sum")
        ),
    },
    hints=(
        "The surprise of one row is log-sum-exp of the row minus the logit of its label.",
        "`torch.logsumexp(logits, dim=1)` gives one number a row, and never overflows.",
        "`logits[torch.arange(len(labels)), labels]` holds the logit of each row's label.",
    ),
    points=3,
)  # fmt: skip


# -- hinge -----------------------------------------------------------------------------------------


hinge = Exercise(
    asked.hinge,
    reference=lambda scores, y: F.relu(1 - y * scores).mean(),
    mistakes={
        "Samples that are right by more than 1 must cost nothing, not less than nothing. max(0, …)"
        " is missing.": lambda scores, y: (1 - y * scores).mean(),
        "It takes max(0, …) of the mean, when good samples have paid for bad ones already. First"
        " max for each sample, then the mean.": lambda scores, y: F.relu((1 - y * scores).mean()),
        "The 1 is missing: a sample must be right by a margin of 1 before it costs nothing.": (
            lambda scores, y: F.relu(-y * scores).mean()
        ),
        "The sign is wrong: y · score is large when the score is right, and then the loss must be"
        " 0.": lambda scores, y: F.relu(1 + y * scores).mean(),
        "The labels are not used: for y = −1 a score far below 0 is right.": (
            lambda scores, y: F.relu(1 - scores).mean()
        ),
        "That is the sum. The loss is the mean over all samples.": (
            lambda scores, y: F.relu(1 - y * scores).sum()
        ),
        "That is the squared hinge. The plain one grows in a straight line.": (
            lambda scores, y: (F.relu(1 - y * scores) ** 2).mean()
        ),
        "The absolute value punishes scores that are right by more than 1. Use max(0, …).": (
            lambda scores, y: (1 - y * scores).abs().mean()
        ),
        "It measures how far each score is from its label. A score of 5 for y = 1 is right, and"
        " must cost nothing.": lambda scores, y: F.mse_loss(scores, y),
    },
    hints=(
        "y · score is the margin: positive when the sign is right, large when it is surely right.",
        "A sample costs 1 − margin, but never less than 0: `.clamp(min=0)` or `F.relu`.",
    ),
    points=2,
)  # fmt: skip

EXERCISES = (sse, rmse, mae, huber, binary_cross_entropy, cross_entropy, hinge)
