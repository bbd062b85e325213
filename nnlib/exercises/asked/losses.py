"""What is asked in lesson 04, losses: the cases of each exercise, and their use."""

import torch

from nnlib.checking.cases import normal, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate

# -- losses of numbers -----------------------------------------------------------------------------


def _signs(tensor):
    """1, −1, 1, … in the tensor's shape: errors of both signs, whatever the seed."""
    return (1 - 2 * (torch.arange(tensor.numel()) % 2)).reshape(tensor.shape).to(tensor.dtype)


def _number_cases(generator):
    """(y_hat, y), with errors that are never 0."""

    def case(*shape, dtype=torch.float32, signs=_signs):
        y = 3 * normal(generator, *shape, dtype=dtype)
        sizes = 0.1 + 2 * torch.rand(shape, generator=generator, dtype=dtype)
        return y + signs(y) * sizes, y

    y = whole(generator, 5)
    return [
        (y + _signs(y) * whole(generator, 5).abs(), y),
        case(5),
        case(2, 5),
        case(1, signs=lambda y: -1),  # one sample, guessed too low
        case(4, signs=lambda y: -1),  # all of them too low
        case(2, 3, 4, dtype=torch.float64),
    ]


sse = Asked("sse", _number_cases, differentiate("y_hat"), signature="y_hat, y")


rmse = Asked("rmse", _number_cases, differentiate("y_hat"), signature="y_hat, y")


# -- mae -------------------------------------------------------------------------------------------


def _mae_cases(generator):
    y_hat, y = whole(generator, 2, 4)
    y_hat[1] = y[1]  # an error of exactly 0
    return [*_number_cases(generator), (y_hat, y)]


def _use_mae(mae, y_hat, y):
    """At an error of 0 there is a corner: any slope between those to its left and right will do."""
    outcome = differentiate("y_hat")(mae, y_hat, y)
    gradient = outcome["the gradient for y_hat"]
    if isinstance(gradient, torch.Tensor):
        between = gradient.abs() <= 1.001 / y.numel()  # not so for NaN
        outcome["the gradient for y_hat"] = gradient.masked_fill(between & (y_hat == y), 0.0)
    return outcome


mae = Asked("mae", _mae_cases, _use_mae, signature="y_hat, y")


# -- huber -----------------------------------------------------------------------------------------


def _huber_cases(generator):
    def case(shape, delta, dtype=torch.float32, sign=1.0):
        """Errors of 0.1 to 0.9 and of 1.2 to 3.2 deltas, all with both signs."""
        y = normal(generator, *shape, dtype=dtype)
        share = torch.rand(shape, generator=generator, dtype=dtype)
        beyond = torch.arange(y.numel()).reshape(shape) % 4 < 2
        size = torch.where(beyond, 1.2 + 2 * share, 0.1 + 0.8 * share)
        return y + sign * _signs(y) * delta * size, y, delta

    y = whole(generator, 5)
    sizes = torch.tensor([4.0, 3.0, 1.0, 1.0, 5.0])[torch.randperm(5, generator=generator)]
    return [
        (y + _signs(y) * sizes, y, 2.0),
        case((8,), 1.5),
        case((8,), 1.0),
        case((3, 4), 0.3),
        case((1,), 2.0, sign=-1.0),  # one sample, far too low
        case((5, 2), 4.0, torch.float64),
    ]


huber = Asked("huber", _huber_cases, differentiate("y_hat"), signature="y_hat, y, delta")


# -- binary_cross_entropy --------------------------------------------------------------------------


def _binary_cases(generator):
    def labelled(logits):
        y = torch.arange(logits.numel()).reshape(logits.shape) % 2  # both labels, for any seed
        return logits, y.to(logits.dtype)

    right = torch.tensor([1000.0, -1000.0, 1000.0]), torch.tensor([1.0, 0.0, 1.0])
    wrong = torch.tensor([-1000.0, 1000.0, 0.5]), torch.tensor([1.0, 0.0, 1.0])
    return [
        labelled(whole(generator, 5)),
        labelled(2 * normal(generator, 7)),
        labelled(2 * normal(generator, 1)),
        labelled(2 * normal(generator, 4, 3)),
        labelled(5 * normal(generator, 6, dtype=torch.float64)),
        labelled(torch.zeros(3)),  # where a model that starts from zeros begins
        right,
        wrong,
        tuple(tensor.double() for tensor in right),
        (torch.tensor([1000.0, 0.25, -1000.0]).double(), torch.tensor([0.0, 1.0, 0.0]).double()),
    ]


binary_cross_entropy = Asked(
    "binary_cross_entropy", _binary_cases, differentiate("logits"), signature="logits, y"
)


# -- cross_entropy ---------------------------------------------------------------------------------


def _class_cases(generator):
    def labelled(logits):
        return logits, torch.randint(logits.shape[1], logits.shape[:1], generator=generator)

    right = torch.tensor([[1000.0, -1000.0, 0.0], [-1000.0, 0.0, 1000.0]]), torch.tensor([0, 2])
    wrong = torch.tensor([[1000.0, -1000.0, 0.0], [-1000.0, 0.0, 1000.0]]), torch.tensor([1, 1])
    apart = torch.tensor([[1000.0, 999.0], [-1000.0, -998.5], [0.3, 0.1]]), torch.tensor([0, 0, 1])
    return [
        labelled(whole(generator, 2, 3)),
        labelled(2 * normal(generator, 6, 4)),
        labelled(2 * normal(generator, 5, 5)),
        labelled(2 * normal(generator, 3, 7, dtype=torch.float64)),
        labelled(2 * normal(generator, 1, 3)),
        wrong,
        right,
        apart,
        (wrong[0].double(), wrong[1]),
        (apart[0].double(), apart[1]),
    ]


cross_entropy = Asked(
    "cross_entropy", _class_cases, differentiate("logits"), signature="logits, labels"
)


# -- hinge -----------------------------------------------------------------------------------------


def _hinge_cases(generator):
    def labelled(margin):
        y = (1 - 2 * (torch.arange(len(margin)) // 2 % 2)).to(margin.dtype)  # both labels
        return y * margin, y

    def case(n, dtype=torch.float32, low=-2.0):
        """Margins y·score below 0.9 and above 1.1, in turn: none at the corner."""
        share = torch.rand(n, generator=generator, dtype=dtype)
        costs = torch.arange(n) % 2 == 0
        return labelled(torch.where(costs, low + (0.9 - low) * share, 1.1 + 2 * share))

    by_hand = -_signs(torch.zeros(5)) * (1 + whole(generator, 5, most=3).abs())
    return [
        labelled(by_hand),
        case(9),
        case(1, low=0.1),  # one sample: right, but too close
        labelled(1.5 + torch.rand(4, generator=generator)),  # all far on the right side: loss 0
        case(12, torch.float64),
        case(3, low=-4.0),
    ]


hinge = Asked("hinge", _hinge_cases, differentiate("scores"), signature="scores, y")
