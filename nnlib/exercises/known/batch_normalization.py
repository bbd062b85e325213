"""What is known of the exercises of lesson 07, batch normalization: right answers, mistakes, hints."""

import torch
import torch.nn.functional as F
from torch import nn

from nnlib.checking.exercise import Exercise
from nnlib.checking.impostors import catch
from nnlib.exercises.asked import batch_normalization as asked

# -- predictions -----------------------------------------------------------------------------------

predict_zero_to_one = Exercise(
    asked.predict_zero_to_one,
    reference="c",
    mistakes={
        "All columns have the same range in both. But from 0 to 1 no number is negative: what do"
        " the columns then have in common with each other?": "a",
        "What would make zero-to-one better? Both have one scale; only one has mean 0.": "b",
        "One scale for all columns is a great help, even without a mean of 0.": "d",
        "One step would be enough if the bowl were equally steep in all directions. The same range"
        " alone does not make it so.": "e",
    },
    points=0,
)

predict_ten_times = Exercise(
    asked.predict_ten_times,
    reference="c",
    mistakes={
        "Batch norm divides by the column's std. How large is that now?": "a",
        "Think of the gradient as a slope: how much does the output change, if a weight that is ten"
        " times as large moves by the same 0.001?": "b",
        "Batch norm divides by the column's std. How large is the output then?": "d",
        "The same 0.001 is a smaller part of a weight that is ten times as large.": "e",
    },
    points=0,
)

predict_variance_of_four = Exercise(
    asked.predict_variance_of_four,
    reference="b",
    mistakes={
        "The distances are measured from the batch's own mean, not from the true one. From which"
        " of the two are four numbers farther away?": "a",
        "Four numbers do say something about their spread. What would come out with batches of"
        " 1000?": "c",
        "Is the mean of four numbers farther away from them than the true mean, or nearer?": "d",
        "Four numbers do say more about their spread than that. What would come out with batches"
        " of 1000?": "e",
    },
    points=0,
)

predict_sorted = Exercise(
    asked.predict_sorted,
    reference="d",
    mistakes={
        "In training mode the batch's mean is subtracted. What do fifty pictures of a zero have in"
        " common?": "a",
        "For mixed batches that would be a good guess. Here a batch holds one kind of digit.": "b",
        "That is what very small batches do. Here they are large, but all of one kind.": "c",
        "Ten kinds of digits: even whoever guesses is right now and then.": "e",
    },
    points=0,
)


# -- min_max_scale ---------------------------------------------------------------------------------


def _min_max(X, low, high):
    return (X - low) / (high - low)


min_max_scale = Exercise(
    asked.min_max_scale,
    reference=lambda X: _min_max(X, X.amin(dim=0), X.amax(dim=0)),
    mistakes={
        "It uses the smallest and largest number of the whole table. Each column has its own.": (
            lambda X: _min_max(X, X.min(), X.max())
        ),
        "It scales each row. A column runs along dimension 0: take the minimum over that.": (
            lambda X: _min_max(X, X.amin(dim=1, keepdim=True), X.amax(dim=1, keepdim=True))
        ),
        "It only divides by the largest number, so the smallest does not land on 0. Subtract the"
        " minimum first.": (
            lambda X: X / X.amax(dim=0)
        ),
        "It subtracts the minimum, but then divides by the maximum. How long is the way from the"
        " minimum to the maximum?": (
            lambda X: (X - X.amin(dim=0)) / X.amax(dim=0)
        ),
        "The columns start at 0 but do not end at 1: divide by the range, maximum minus minimum.": (
            lambda X: X - X.amin(dim=0)
        ),
        "It divides before it subtracts the whole minimum: brackets are missing around X minus its"
        " minimum.": (
            lambda X: X - X.amin(dim=0) / (X.amax(dim=0) - X.amin(dim=0))
        ),
        "It centers each column on its mean, so half of it is negative. The smallest number should"
        " become 0.": (
            lambda X: (X - X.mean(dim=0)) / (X.amax(dim=0) - X.amin(dim=0))
        ),
        "It gives −1 to 1. Here the smallest number of a column becomes 0.": (
            lambda X: 2 * _min_max(X, X.amin(dim=0), X.amax(dim=0)) - 1
        ),
    },
    hints=(
        "What must you subtract, so that the smallest number of a column becomes 0?",
        "Then the largest number is maximum minus minimum. What must you divide by, so that it"
        " becomes 1?",
        "`X.amin(dim=0)` and `X.amax(dim=0)` give one number for each column.",
    ),
)  # fmt: skip


# -- standardize -----------------------------------------------------------------------------------


def _standardize(X, std):
    return (X - X.mean(dim=0)) / std


standardize = Exercise(
    asked.standardize,
    reference=lambda X: _standardize(X, X.std(dim=0, correction=0)),
    mistakes={
        "It divides by the std over n−1, torch's default. Here the population std is wanted, over"
        " n: correction=0.": (
            lambda X: _standardize(X, X.std(dim=0))
        ),
        "It divides by the variance. The standard deviation is its square root.": (
            lambda X: _standardize(X, X.var(dim=0, correction=0))
        ),
        "It uses mean and std of the whole table. Each column has its own.": (
            lambda X: (X - X.mean()) / X.std(correction=0)
        ),
        "It standardizes each row. A column runs along dimension 0: average over that.": (
            lambda X: (X - X.mean(dim=1, keepdim=True)) / X.std(dim=1, keepdim=True, correction=0)
        ),
        "The mean of each column is 0, but its spread is still the old one: divide by the std.": (
            lambda X: X - X.mean(dim=0)
        ),
        "It divides by the root mean square, measured from 0. The std is measured from the column's"
        " mean.": (
            lambda X: _standardize(X, (X**2).mean(dim=0).sqrt())
        ),
        "It divides by the std without subtracting the mean first.": (
            lambda X: X / X.std(dim=0, correction=0)
        ),
        "Brackets are missing: subtract the mean first, then divide the difference by the std.": (
            lambda X: X - X.mean(dim=0) / X.std(dim=0, correction=0)
        ),
        "There is an ε in it, which spoils columns of tiny numbers. Batch normalization has one;"
        " here leave it out.": (
            lambda X: _standardize(X, (X.var(dim=0, correction=0) + 1e-5).sqrt())
        ),
    },
    hints=(
        "Two steps for each column: subtract its mean, divide by its standard deviation.",
        "`X.std(dim=0)` divides by n−1. Which argument changes that?",
        "`X.std(dim=0, correction=0)` is the std over n, one number for each column.",
    ),
)  # fmt: skip


standardize_impostors = catch(
    asked.standardize_impostors,
    standardize,
    reference=[
        (torch.tensor([[1.0, 20.0], [2.0, 50.0], [6.0, 70.0]]),),
        (torch.tensor([[0.001, 0.004], [0.002, 0.009], [0.006, 0.005]]),),
    ],
    mistakes={
        "The column has mean 0 and std 1 already: whoever does nothing at all looks right.": [
            (torch.tensor([[-1.0], [1.0]]),)
        ],
        "Two equal columns with mean 0 and std 1: whoever does nothing looks right, and so does whoever"
        " takes the whole table at once.": [(torch.tensor([[-1.0, -1.0], [1.0, 1.0]]),)],
        "All columns have mean 0 already, so a missing subtraction is not seen.": [
            (torch.tensor([[-3.0, 2.0], [1.0, -1.0], [2.0, -1.0]]),)
        ],
        "All numbers are large, and beside a large variance nobody sees an ε.": [
            (torch.tensor([[100.0, 2000.0], [200.0, 5000.0], [600.0, 7000.0]]),)
        ],
    },
    hints=(
        "Go through what people do wrong: another variance, no mean, rows for columns, the whole"
        " table at once, an ε. Which of these shows on your table?",
        "A std of 1 hides a missing division, a mean of 0 a missing subtraction. Give each column a"
        " mean and a spread of its own, and more rows than columns.",
        "An ε of 0.00001 is nothing beside a variance of 1. Beside which variance is it much?",
    ),
)


# -- batch_norm ------------------------------------------------------------------------------------


def _normalize(X, gamma, beta, mean, std):
    return gamma * (X - mean) / std + beta


def _std(X, eps, dim=0, correction=0):
    return (X.var(dim=dim, correction=correction, keepdim=True) + eps).sqrt()


batch_norm = Exercise(
    asked.batch_norm,
    reference=lambda X, gamma, beta, eps: F.batch_norm(
        X, None, None, gamma, beta, training=True, eps=eps
    ),
    mistakes={
        "ε stands outside the root. It is added to the variance, and then the root is taken.": (
            lambda X, g, b, eps: _normalize(X, g, b, X.mean(dim=0), _std(X, 0) + eps)
        ),
        "ε is missing: add it to the variance before you take the root.": (
            lambda X, g, b, eps: _normalize(X, g, b, X.mean(dim=0), _std(X, 0))
        ),
        "It has an ε of its own, 1e-5. Use the one that comes in.": (
            lambda X, g, b, eps: _normalize(X, g, b, X.mean(dim=0), _std(X, 1e-5))
        ),
        "That is the variance over n−1. The batch is normalized by its variance over n:"
        " correction=0.": (
            lambda X, g, b, eps: _normalize(X, g, b, X.mean(dim=0), _std(X, eps, correction=1))
        ),
        "It divides by the variance. Divide by its square root.": (
            lambda X, g, b, eps: _normalize(X, g, b, X.mean(dim=0), _std(X, eps) ** 2)
        ),
        "It normalizes each row. Here every column, one neuron over the whole batch, gets mean 0"
        " and std 1.": (
            lambda X, g, b, eps: _normalize(X, g, b, X.mean(dim=1, keepdim=True), _std(X, eps, 1))
        ),
        "It uses mean and variance of the whole table. Each neuron, a column, has its own.": (
            lambda X, g, b, eps: _normalize(X, g, b, X.mean(), _std(X, eps, (0, 1)))
        ),
        "γ and β are missing: multiply the normalized numbers by γ, then add β.": (
            lambda X, g, b, eps: _normalize(X, 1, 0, X.mean(dim=0), _std(X, eps))
        ),
        "γ and β have changed places: γ multiplies, β is added.": (
            lambda X, g, b, eps: _normalize(X, b, g, X.mean(dim=0), _std(X, eps))
        ),
        "β is added before γ multiplies. First times γ, then plus β.": (
            lambda X, g, b, eps: _normalize(X, g, g * b, X.mean(dim=0), _std(X, eps))
        ),
        "The numbers are right, but mean and variance were cut off from the graph (by .detach(),"
        " .item() or torch.no_grad()). In training, gradients flow through both.": (
            lambda X, g, b, eps: _normalize(
                X, g, b, X.detach().mean(dim=0), _std(X.detach(), eps)
            )
        ),
    },
    hints=(
        "One mean and one variance for each column: `dim=0`.",
        "z is the column minus its mean, divided by √(variance + ε), with the variance over n"
        " (`correction=0`).",
        "γ stretches z and β moves it, one of each for a column. Use plain tensor operations, so"
        " that autograd can follow.",
    ),
    points=2,
)  # fmt: skip


# -- update_running --------------------------------------------------------------------------------


def _blend(old, new, momentum):
    return (1 - momentum) * old + momentum * new


def _update_running(running_mean, running_var, X, momentum):
    mean, var = X.mean(dim=0), X.var(dim=0)
    return _blend(running_mean, mean, momentum), _blend(running_var, var, momentum)


update_running = Exercise(
    asked.update_running,
    reference=_update_running,
    mistakes={
        "That is the variance over n, and running statistics use n−1.": (
            lambda m, v, X, momentum: (
                _blend(m, X.mean(dim=0), momentum),
                _blend(v, X.var(dim=0, correction=0), momentum),
            )
        ),
        "The momentum is the wrong way round: torch gives the new batch the share `momentum`, and"
        " the old statistics the rest.": (
            lambda m, v, X, momentum: _update_running(m, v, X, 1 - momentum)
        ),
        "It forgets the past: these are the statistics of this batch alone. Blend them with the old"
        " ones.": (
            lambda m, v, X, momentum: _update_running(m, v, X, 1)
        ),
        "It blends standard deviations into the running variance. Keep variances.": (
            lambda m, v, X, momentum: (
                _blend(m, X.mean(dim=0), momentum), _blend(v, X.std(dim=0), momentum)
            )
        ),
        "The batch is added, but the old statistics do not fade: multiply them by 1 − momentum.": (
            lambda m, v, X, momentum: (m + momentum * X.mean(dim=0), v + momentum * X.var(dim=0))
        ),
        "It averages over the whole table. Every neuron, a column, has statistics of its own.": (
            lambda m, v, X, momentum: (
                _blend(m, X.mean(), momentum), _blend(v, X.var(), momentum)
            )
        ),
        "Mean and variance come back in the wrong order.": (
            lambda m, v, X, momentum: _update_running(m, v, X, momentum)[::-1]
        ),
    },
    hints=(
        "First the statistics of the batch: one mean and one variance for each column.",
        "Then blend, both in the same way: the old value counts 1 − momentum, the batch's the"
        " rest.",
        "`X.var(dim=0)` divides by n−1, which is what is wanted here.",
    ),
    points=2,
)  # fmt: skip


# -- BatchNorm -------------------------------------------------------------------------------------

STATISTICS = "running_mean", "running_var", "num_batches_tracked"


class _BatchNorm(nn.Module):
    """A right answer, in parts that a wrong one replaces."""

    def __init__(self, num_features, eps, momentum):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.make_parameters(torch.ones(num_features), torch.zeros(num_features))
        self.make_statistics(torch.zeros(num_features), torch.ones(num_features), torch.tensor(0))

    def make_parameters(self, weight, bias):
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def make_statistics(self, *statistics):
        for name, value in zip(STATISTICS, statistics, strict=True):
            self.register_buffer(name, value)

    def forward(self, X):
        if self.training:
            self.follow(X)
            return self.normalize(X, X.mean(dim=0), X.var(dim=0, correction=0))
        return self.normalize(X, self.running_mean, self.running_var)

    @torch.no_grad()
    def follow(self, X):
        old = self.running_mean, self.running_var
        self.running_mean, self.running_var = _update_running(*old, X, self.momentum)
        self.num_batches_tracked = self.num_batches_tracked + 1

    def normalize(self, X, mean, var):
        return _normalize(X, self.weight, self.bias, mean, (var + self.eps).sqrt())


class _BiasedVariance(_BatchNorm):
    def follow(self, X):
        n = len(X)
        spread = ((n - 1) / n) ** 0.5  # makes the variance over n-1 the one over n
        super().follow(X.mean(dim=0) + (X - X.mean(dim=0)) * spread)


class _BatchInEvaluation(_BatchNorm):
    def forward(self, X):
        if self.training:
            self.follow(X)
        return self.normalize(X, X.mean(dim=0), X.var(dim=0, correction=0))


class _NoModes(_BatchNorm):
    def forward(self, X):
        self.follow(X)
        return self.normalize(X, X.mean(dim=0), X.var(dim=0, correction=0))


class _FollowsThenEvaluates(_BatchNorm):
    def forward(self, X):
        if not self.training:
            self.follow(X)
        return super().forward(X)


class _EvaluatesThenFollows(_BatchNorm):
    def forward(self, X):
        result = super().forward(X)
        if not self.training:
            self.follow(X)
        return result


class _ModeByGradients(_BatchNorm):
    def forward(self, X):
        self.training = torch.is_grad_enabled()
        return super().forward(X)


class _RunningInTraining(_BatchNorm):
    def forward(self, X):
        if self.training:
            self.follow(X)
        return self.normalize(X, self.running_mean, self.running_var)


class _NeverFollows(_BatchNorm):
    def follow(self, X):
        pass


class _NeverCounts(_BatchNorm):
    def follow(self, X):
        count = self.num_batches_tracked
        super().follow(X)
        self.num_batches_tracked = count


class _EpsOutside(_BatchNorm):
    def normalize(self, X, mean, var):
        return _normalize(X, self.weight, self.bias, mean, var.sqrt() + self.eps)


class _UnbiasedOutput(_BatchNorm):
    def normalize(self, X, mean, var):
        return super().normalize(X, mean, X.var(dim=0) if self.training else var)


class _MomentumTurned(_BatchNorm):
    def __init__(self, num_features, eps, momentum):
        super().__init__(num_features, eps, 1 - momentum)


class _DetachedStatistics(_BatchNorm):
    def normalize(self, X, mean, var):
        return super().normalize(X, mean.detach(), var.detach())


class _KeepsTheGraph(_BatchNorm):
    follow = _BatchNorm.follow.__wrapped__  # without its no_grad


class _PlainParameters(_BatchNorm):
    def make_parameters(self, weight, bias):
        self.weight, self.bias = 1.0, 0.0


class _BufferedParameters(_BatchNorm):
    def make_parameters(self, weight, bias):
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)


class _PlainStatistics(_BatchNorm):
    def make_statistics(self, *statistics):
        for name, value in zip(STATISTICS, statistics, strict=True):
            setattr(self, name, value)


class _NoCount(_BatchNorm):
    def make_statistics(self, mean, var, count):
        self.register_buffer("running_mean", mean)
        self.register_buffer("running_var", var)
        self.num_batches_tracked = 0


class _LearnedStatistics(_BatchNorm):
    def make_statistics(self, mean, var, count):
        self.running_mean, self.running_var = nn.Parameter(mean), nn.Parameter(var)
        self.register_buffer("num_batches_tracked", count)

    @torch.no_grad()
    def follow(self, X):
        mean, var = _update_running(self.running_mean, self.running_var, X, self.momentum)
        self.running_mean.copy_(mean)
        self.running_var.copy_(var)
        self.num_batches_tracked += 1


class _VarianceFromZero(_BatchNorm):
    def make_statistics(self, mean, var, count):
        super().make_statistics(mean, torch.zeros_like(var), count)


BatchNorm = Exercise(
    asked.BatchNorm,
    reference=nn.BatchNorm1d,
    mistakes={
        "The running variance is biased: that is the variance over n, and running statistics use"
        " n−1. (The output is normalized by the one over n.)": _BiasedVariance,
        "In evaluation it still normalizes by the statistics of the batch. After .eval() use the"
        " running ones.": _BatchInEvaluation,
        "It does the same in training and in evaluation. Look at self.training, which .train() and"
        " .eval() set.": _NoModes,
        "The running statistics are updated in evaluation, before they are used. Only training may"
        " move them.": _FollowsThenEvaluates,
        "The running statistics are updated in evaluation, after they were used. Only training may"
        " move them.": _EvaluatesThenFollows,
        "The mode is chosen by is_grad_enabled(). torch.no_grad() saves memory; it does not mean"
        " evaluation. Look at self.training.": _ModeByGradients,
        "In training it normalizes by the running statistics. A training batch is normalized by its"
        " own mean and variance.": _RunningInTraining,
        "The running statistics never move. Update them with every training batch.": _NeverFollows,
        "num_batches_tracked stays 0. Add 1 for every training batch.": _NeverCounts,
        "ε stands outside the root. It is added to the variance, and then the root is taken.": (
            _EpsOutside
        ),
        "In training it normalizes by the variance over n−1. That one belongs into the running"
        " variance; the output uses the one over n.": _UnbiasedOutput,
        "The momentum is the wrong way round: torch gives the new batch the share `momentum`, and"
        " the old statistics the rest.": _MomentumTurned,
        "The outputs are right, but mean and variance of the batch were cut off from the graph. In"
        " training, gradients flow through both.": _DetachedStatistics,
        "The running statistics carry the graph of every batch so far, and memory grows with each."
        " Update them under torch.no_grad().": _KeepsTheGraph,
        "γ and β are not among the layer's parameters, so no optimizer would find them. Make weight"
        " and bias an nn.Parameter each.": _PlainParameters,
        "γ and β are buffers, which are saved but never learned. Make weight and bias an"
        " nn.Parameter each.": _BufferedParameters,
        "The running statistics are not saved: plain tensors are missing from the state_dict. Use"
        " self.register_buffer(name, tensor).": _PlainStatistics,
        "The state_dict lacks num_batches_tracked, the number of training batches so far. It is a"
        " buffer too.": _NoCount,
        "The running statistics are parameters, so an optimizer would change them. They are"
        " measured, not learned: use self.register_buffer(name, tensor).": _LearnedStatistics,
        "The running variance starts at 0. A new layer should change nothing: mean 0, variance 1.": (
            _VarianceFromZero
        ),
    },
    hints=(
        "In __init__: weight and bias are nn.Parameter (ones and zeros); running_mean,"
        " running_var and num_batches_tracked are made by self.register_buffer (zeros, ones and"
        " torch.tensor(0)).",
        "In forward: if self.training, take mean and variance from the batch, and blend them into"
        " the running ones under torch.no_grad(). Else take the running ones.",
        "Variance over n for the output, over n−1 for the running variance. Both modes end with"
        " the same line, that of `batch_norm`.",
    ),
    points=3,
)


# -- fold ------------------------------------------------------------------------------------------


def _fold(W, b, mean, var, gamma, beta, eps):
    scale = gamma / (var + eps).sqrt()
    return W * scale[:, None], (b - mean) * scale + beta


def _fold_columns(W, b, mean, var, gamma, beta, eps):
    return W * (gamma / (var + eps).sqrt()), _fold(W, b, mean, var, gamma, beta, eps)[1]


fold = Exercise(
    asked.fold,
    reference=_fold,
    mistakes={
        "It scales the columns of W. Each output has a scale of its own, and the weights of one"
        " output are a row.": _fold_columns,
        "The bias is not scaled: the whole sum, bias included, is divided by the std and multiplied"
        " by γ.": (
            lambda W, b, m, v, g, beta, eps: (
                _fold(W, b, m, v, g, beta, eps)[0], b - m * g / (v + eps).sqrt() + beta
            )
        ),
        "The mean is not scaled: subtract it from the bias first, then scale the difference.": (
            lambda W, b, m, v, g, beta, eps: (
                _fold(W, b, m, v, g, beta, eps)[0], b * g / (v + eps).sqrt() - m + beta
            )
        ),
        "The mean is missing: batch norm subtracts it, so the new bias must.": (
            lambda W, b, m, v, g, beta, eps: _fold(W, b, 0, v, g, beta, eps)
        ),
        "The mean is added. Batch norm subtracts it.": (
            lambda W, b, m, v, g, beta, eps: _fold(W, b, -m, v, g, beta, eps)
        ),
        "β is scaled too. It is added last, when everything else is done.": (
            lambda W, b, m, v, g, beta, eps: (
                _fold(W, b + beta, m, v, g, 0, eps)
            )
        ),
        "The old bias is missing. It goes through batch norm like the rest of the sum.": (
            lambda W, b, m, v, g, beta, eps: _fold(W, 0, m, v, g, beta, eps)
        ),
        "γ is missing: the scale is γ divided by the std.": (
            lambda W, b, m, v, g, beta, eps: _fold(W, b, m, v, torch.ones_like(g), beta, eps)
        ),
        "ε stands outside the root. It is added to the variance, and then the root is taken.": (
            lambda W, b, m, v, g, beta, eps: _fold(W, b, m, (v.sqrt() + eps) ** 2, g, beta, 0)
        ),
        "ε is missing: add it to the variance before you take the root.": (
            lambda W, b, m, v, g, beta, eps: _fold(W, b, m, v, g, beta, 0)
        ),
        "It divides by the variance. Divide by the root of variance plus ε.": (
            lambda W, b, m, v, g, beta, eps: _fold(W, b, m, (v + eps) ** 2, g, beta, 0)
        ),
    },
    hints=(
        "Write down what one output is: γ · (w·x + b − mean) / √(var + ε) + β. Which factor stands"
        " before x?",
        "Call γ / √(var + ε) the scale s, one for each output. Multiply out and sort: what stands"
        " before x, and what is left?",
        "`W * s[:, None]` multiplies each row of W by its own scale.",
    ),
    points=2,
)  # fmt: skip

EXERCISES = (
    min_max_scale,
    standardize,
    standardize_impostors,
    predict_zero_to_one,
    batch_norm,
    predict_ten_times,
    predict_variance_of_four,
    update_running,
    BatchNorm,
    predict_sorted,
    fold,
)
