"""What is asked in lesson 04, losses: the cases of each exercise, and how an answer is used."""

import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.use import differentiate


def _differentiate_first(loss, y_hat, labels):
    """Gradients for the predictions only: labels are given, nobody moves them."""
    return differentiate("y_hat")(lambda leaf: loss(leaf, labels), y_hat)


def _use_logits(loss, logits, y):
    return _differentiate_first(loss, logits, y)


def _use_logits_and_labels(loss, logits, labels):
    return _differentiate_first(loss, logits, labels)


def _use_scores(loss, scores, y):
    return _differentiate_first(loss, scores, y)


# -- losses of numbers -----------------------------------------------------------------------------


def _with_errors(y, generator, first_sign=1.0):
    """(y_hat, y) with errors of both signs, none of them near the kink at 0."""
    sizes = 0.1 + 2 * torch.rand(y.shape, generator=generator, dtype=y.dtype)
    signs = first_sign * (1 - 2 * (torch.arange(y.numel()) % 2)).reshape(y.shape).to(y.dtype)
    return y + signs * sizes, y


def _number_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return 3 * torch.randn(shape, generator=generator, dtype=dtype)

    y = draw(4)
    return [
        _with_errors(draw(5), generator),
        _with_errors(draw(3, 2), generator),
        _with_errors(draw(1), generator, first_sign=-1.0),  # one sample, guessed too low
        (y - 0.2 - torch.rand(4, generator=generator), y),  # all of them too low
        _with_errors(draw(2, 3, 4, dtype=torch.float64), generator),
    ]


sse = Asked(
    name="sse",
    signature="y_hat, y",
    cases=_number_cases,
    use=differentiate("y_hat", "y"),
)


rmse = Asked(
    name="rmse",
    signature="y_hat, y",
    cases=_number_cases,
    use=differentiate("y_hat", "y"),
)


mae = Asked(
    name="mae",
    signature="y_hat, y",
    cases=_number_cases,
    use=differentiate("y_hat", "y"),
)


# -- huber -----------------------------------------------------------------------------------------


def _huber_cases(generator):
    def case(shape, delta, dtype=torch.float32, sign=1.0):
        """Errors of 0.1 to 0.9 and of 1.2 to 3.2 deltas, all with both signs: none at the joint."""
        y = torch.randn(shape, generator=generator, dtype=dtype)
        i = torch.arange(y.numel()).reshape(shape)
        share = torch.rand(shape, generator=generator, dtype=dtype)
        size = torch.where(i % 4 < 2, 1.2 + 2 * share, 0.1 + 0.8 * share)
        return y + sign * (1 - 2 * (i % 2)) * delta * size, y, delta

    return [
        case((8,), 1.5),
        case((8,), 1.0),
        case((3, 4), 0.3),
        case((1,), 2.0, sign=-1.0),  # one sample, far too low
        case((5, 2), 4.0, torch.float64),
    ]


huber = Asked(
    name="huber",
    signature="y_hat, y, delta",
    cases=_huber_cases,
    use=differentiate("y_hat", "y"),
)


# -- binary_cross_entropy --------------------------------------------------------------------------


def _binary_cases(generator):
    def case(*shape, dtype=torch.float32, scale=2.0):
        logits = scale * torch.randn(shape, generator=generator, dtype=dtype)
        y = torch.arange(logits.numel()).reshape(shape) % 2  # both labels, whatever the seed
        return logits, y.to(dtype)

    right = torch.tensor([1000.0, -1000.0, 1000.0]), torch.tensor([1.0, 0.0, 1.0])
    wrong = torch.tensor([-1000.0, 1000.0, 0.5]), torch.tensor([1.0, 0.0, 1.0])
    return [
        case(7),
        case(1),
        case(4, 3),
        case(6, dtype=torch.float64, scale=5.0),
        right,
        wrong,
        tuple(tensor.double() for tensor in right),
        tuple(tensor.double() for tensor in wrong),
    ]


binary_cross_entropy = Asked(
    name="binary_cross_entropy",
    signature="logits, y",
    cases=_binary_cases,
    use=_use_logits,
)


# -- cross_entropy ---------------------------------------------------------------------------------


def _class_cases(generator):
    def case(n, k, dtype=torch.float32):
        logits = 2 * torch.randn(n, k, generator=generator, dtype=dtype)
        return logits, torch.randint(k, (n,), generator=generator)

    right = torch.tensor([[1000.0, -1000.0, 0.0], [-1000.0, 0.0, 1000.0]]), torch.tensor([0, 2])
    wrong = torch.tensor([[1000.0, -1000.0, 0.0], [-1000.0, 0.0, 1000.0]]), torch.tensor([1, 1])
    apart = torch.tensor([[1000.0, 999.0], [-1000.0, -998.5], [0.3, 0.1]]), torch.tensor([0, 0, 1])
    return [
        case(6, 4),
        case(5, 5),
        case(3, 7, torch.float64),
        case(1, 3),
        wrong,
        right,
        apart,
        (wrong[0].double(), wrong[1]),
        (apart[0].double(), apart[1]),
    ]


cross_entropy = Asked(
    name="cross_entropy",
    signature="logits, labels",
    cases=_class_cases,
    use=_use_logits_and_labels,
)


# -- hinge -----------------------------------------------------------------------------------------


def _hinge_cases(generator):
    def case(n, dtype=torch.float32, low=-2.0):
        """Margins y·score below 0.9 and above 1.1, in turn; both labels: none at the corner."""
        share = torch.rand(n, generator=generator, dtype=dtype)
        i = torch.arange(n)
        margin = torch.where(i % 2 == 0, low + (0.9 - low) * share, 1.1 + 2 * share)
        y = (1 - 2 * (i // 2 % 2)).to(dtype)
        return y * margin, y

    far = 1.5 + torch.rand(4, generator=generator)
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0])
    return [
        case(9),
        case(1, low=0.1),  # one sample: right, but too close
        (signs * far, signs),  # all far on the right side: the loss is exactly 0
        case(12, torch.float64),
        case(3, low=-4.0),
    ]


hinge = Asked(
    name="hinge",
    signature="scores, y",
    cases=_hinge_cases,
    use=_use_scores,
)
