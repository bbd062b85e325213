"""What is asked in lesson 06, backpropagation: the cases of each exercise, and how an answer is used."""

import torch
from torch import nn
from torch.nn import functional as F

from nnlib.checking.exercise import Asked


def _draw(generator, *shape, dtype=torch.float32):
    return torch.randn(shape, generator=generator, dtype=dtype)


# -- numeric_gradient ------------------------------------------------------------------------------


def _numeric_gradient_cases(generator):
    """Every f is curved so much that at a large eps one side differs from the other."""

    def draw(*shape):
        return _draw(generator, *shape, dtype=torch.float64)

    c, M, t = draw(4), draw(3, 2), draw(2, 3)

    def cubic(w):  # (4,) -> ()
        return (c * w**3).sum() + w[0] * w[1]

    def quartic_of_a_matrix(w):  # (2, 3) -> ()
        return ((w @ M) ** 4).mean() + (t * w).sum()

    def exponential(w):  # () -> ()
        return torch.exp(1.5 * w)

    def product_of_a_cube(w):  # (2, 2, 3) -> ()
        return (w[0] * w[1] ** 2).sum() + (w**3).sum()

    return [
        (cubic, draw(4), 0.5),
        (quartic_of_a_matrix, draw(2, 3), 0.1),
        (exponential, draw(), 0.3),
        (product_of_a_cube, draw(2, 2, 3), 1e-4),
    ]


numeric_gradient = Asked(
    name="numeric_gradient",
    signature="f, w, eps",
    cases=_numeric_gradient_cases,
)


# -- mse_backward ----------------------------------------------------------------------------------


mse_backward = Asked(
    name="mse_backward",
    signature="y_hat, y",
    cases=lambda generator: [
        (_draw(generator, 5), _draw(generator, 5)),
        (_draw(generator, 4, 3), _draw(generator, 4, 3)),  # 12 elements, not 4
        (_draw(generator, 2, 3, 2).double(), _draw(generator, 2, 3, 2).double()),
        (_draw(generator), _draw(generator)),
    ],
)


# -- sigmoid_backward ------------------------------------------------------------------------------


def _sigmoid_backward_cases(generator):
    def activations(*shape, dtype=torch.float32):
        return torch.sigmoid(2 * _draw(generator, *shape, dtype=dtype))

    return [
        (activations(3, 4), _draw(generator, 3, 4)),
        (activations(5, dtype=torch.float64), _draw(generator, 5, dtype=torch.float64)),
        (activations(), _draw(generator)),
        (torch.tensor([0.0, 0.5, 1.0]), _draw(generator, 3)),  # float32 sigmoids do reach 0 and 1
    ]


sigmoid_backward = Asked(
    name="sigmoid_backward",
    signature="a, grad_out",
    cases=_sigmoid_backward_cases,
)


# -- linear_backward -------------------------------------------------------------------------------


def _linear_backward_cases(generator):
    def case(N, D, out, dtype=torch.float32):
        return tuple(_draw(generator, *s, dtype=dtype) for s in ((N, D), (out, D), (N, out)))

    return [
        case(3, 3, 3),  # all sizes equal: a wrong order raises no error
        case(5, 3, 2),
        case(4, 2, 5, dtype=torch.float64),
        case(1, 4, 3),  # one sample
        case(6, 3, 1),  # one neuron
    ]


def _use_linear_backward(linear_backward, X, W, grad_out):
    grad_X, grad_W, grad_b = linear_backward(X, W, grad_out)
    return {"grad_X": grad_X, "grad_W": grad_W, "grad_b": grad_b}


linear_backward = Asked(
    name="linear_backward",
    signature="X, W, grad_out",
    cases=_linear_backward_cases,
    use=_use_linear_backward,
)


# -- two_layer_gradients ---------------------------------------------------------------------------


def _two_layer_cases(generator):
    def case(N, D, hidden, out, dtype=torch.float32):
        shapes = (N, D), (N, out), (hidden, D), (hidden,), (out, hidden), (out,)
        return tuple(_draw(generator, *shape, dtype=dtype) for shape in shapes)

    return [
        case(3, 3, 3, 3),  # all sizes equal: a wrong order raises no error
        case(6, 3, 4, 2),
        case(5, 2, 3, 1, dtype=torch.float64),
        case(1, 4, 2, 3),  # one sample
    ]


two_layer_gradients = Asked(
    name="two_layer_gradients",
    signature="X, y, W1, b1, W2, b2",
    cases=_two_layer_cases,
)


# -- he_init ---------------------------------------------------------------------------------------


def _use_he_init(he_init, fan_in, fan_out, seed):
    generator = torch.Generator().manual_seed(seed)
    outcome = {"the result": he_init(fan_in, fan_out, generator)}
    outcome["the second result"] = he_init(fan_in, fan_out, generator)
    for key, other in (("the result for the same seed", 0), ("the result for another seed", 1)):
        outcome[key] = he_init(fan_in, fan_out, torch.Generator().manual_seed(seed + other))
    return outcome


he_init = Asked(
    name="he_init",
    signature="fan_in, fan_out, generator",
    cases=lambda generator: [
        # Another fan_out than fan_in, and enough draws for a close look at them.
        (fan_in, fan_out, int(torch.randint(10**6, (), generator=generator)))
        for fan_in, fan_out in ((400, 100), (100, 300))
    ],
    use=_use_he_init,
)


# -- train_step ------------------------------------------------------------------------------------


def _use_train_step(train_step, make_model, mode, loss_fn, make_optimizer, batches, old_gradients):
    """Build a model, train it for a step a batch, and look at it after each."""
    torch.manual_seed(6)
    model = make_model()
    model.train(mode == "train")
    if old_gradients:
        for parameter in model.parameters():
            parameter.grad = torch.randn_like(parameter)
    optimizer = make_optimizer(model.parameters())
    outcome = {}
    for i, (X, y) in enumerate(batches, 1):
        outcome[f"the loss of step {i}"] = train_step(model, loss_fn, optimizer, X, y)
        after = nn.utils.parameters_to_vector(model.parameters()).detach().clone()
        outcome[f"the vector of all parameters after step {i}"] = after
    modes = {module.training for module in model.modules()}
    kept = modes == {mode == "train"}
    outcome["the mode afterwards"] = "as it was" if kept else "another one"
    return outcome


def _train_step_cases(generator):
    lr = 0.2 + 0.2 * float(torch.rand((), generator=generator))

    def plain_network():
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))

    def network_with_dropout():
        return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 2))

    def network_with_batch_norm():
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 2))

    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=lr)

    def sgd_with_momentum(parameters):
        return torch.optim.SGD(parameters, lr=lr, momentum=0.8)

    def batches(count, labels=None):
        pairs = [(_draw(generator, 5, 3), _draw(generator, 5, 2)) for _ in range(count)]
        return [(X, y if labels is None else labels(y)) for X, y in pairs]

    def shares(y):
        return torch.sigmoid(y)

    def classes(y):
        return y.argmax(dim=1)

    mse, bce, ce = F.mse_loss, F.binary_cross_entropy_with_logits, F.cross_entropy
    return [
        (plain_network, "train", mse, sgd, batches(1), False),
        (plain_network, "train", mse, sgd, batches(1), True),
        (plain_network, "train", bce, sgd_with_momentum, batches(2, shares), False),
        (network_with_dropout, "eval", ce, sgd, batches(1, classes), False),
        (network_with_batch_norm, "train", mse, sgd, batches(2), False),
    ]


train_step = Asked(
    name="train_step",
    signature="model, loss_fn, optimizer, X, y",
    cases=_train_step_cases,
    use=_use_train_step,
)
