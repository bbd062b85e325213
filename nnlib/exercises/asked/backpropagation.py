"""What is asked in lesson 06, backpropagation: the cases of each exercise, and their use."""

import torch
from torch import nn
from torch.nn import functional as F

from nnlib.checking.cases import normal, seed, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import Unusable, inputs, kind, number, one_of, parts, seeded

# -- predictions -----------------------------------------------------------------------------------


def _prediction(name):
    return Asked(name, lambda generator: [()], one_of("abcde"), kind="value")


predict_blame_of_w = _prediction("predict_blame_of_w")
predict_two_ways = _prediction("predict_two_ways")
predict_smaller_nudges = _prediction("predict_smaller_nudges")
predict_equal_weights = _prediction("predict_equal_weights")
predict_tanh_start = _prediction("predict_tanh_start")


# -- Value -----------------------------------------------------------------------------------------


def _use_value(Value, program, a, b, c, d):
    """Run a program on four Values, walk back from its f, and look at everybody's blame."""
    leaves = {name: Value(data) for name, data in zip("abcd", (a, b, c, d), strict=True)}
    names = dict(leaves)
    exec(program, {}, names)
    f = names["f"]
    f.backward()
    return {"f.data": number(f.data)} | {
        f"{name}.grad": number(leaf.grad) for name, leaf in leaves.items()
    }


def _value_cases(generator):
    """From one sum to values that are used again and again."""
    small = [2.0, 3.0, *whole(generator, 2).tolist()]
    programs = [
        "f = a * b + c + d",
        "f = a * b + a",
        "e = a * b + c + d; f = e * e",  # the lesson's squared error
        "f = a * b + c * d; f = f * f + f",  # a neuron with two inputs
        "e = a * b; g = e + c; f = e * g",  # e hands on its blame only once both ways have met
        "e = a + b; g = e * c; h = g + e; f = h * g + e * d",
        "e = a + a; g = e + e; h = g + g; f = h * b + c * d",  # eight ways to a
    ]
    drawn = [normal(generator, 4).tolist() for _ in programs[2:]]
    return [
        (program, *numbers)
        for program, numbers in zip(programs, [small, small, *drawn], strict=True)
    ]


Value = Asked("Value", _value_cases, _use_value, kind="class", signature="data")


# -- numeric_gradient ------------------------------------------------------------------------------


def _numeric_gradient_cases(generator):
    """Every f is curved so much that at a large eps one side differs from the other."""
    double = torch.float64
    c, M, t = (normal(generator, *shape, dtype=double) for shape in ((4,), (3, 2), (2, 3)))

    def cubes(w):  # (3,) -> ()
        return (w**3).sum()

    def cubic(w):  # (4,) -> ()
        return (c * w**3).sum() + w[0] * w[1]

    def quartic_of_a_matrix(w):  # (2, 3) -> ()
        return ((w @ M) ** 4).mean() + (t * w).sum()

    def exponential(w):  # () -> ()
        return torch.exp(1.5 * w)

    def product_of_a_cube(w):  # (2, 2, 3) -> ()
        return (w[0] * w[1] ** 2).sum() + (w**3).sum()

    return [
        (cubes, whole(generator, 3, dtype=double), 0.5),
        (cubic, normal(generator, 4, dtype=double), 0.5),
        (quartic_of_a_matrix, normal(generator, 2, 3, dtype=double), 0.1),
        (exponential, normal(generator, dtype=double), 0.3),
        (product_of_a_cube, normal(generator, 2, 2, 3, dtype=double), 1e-4),
    ]


numeric_gradient = Asked("numeric_gradient", _numeric_gradient_cases, signature="f, w, eps")


# -- mse_backward ----------------------------------------------------------------------------------


def _mse_backward_cases(generator):
    def case(draw, *shape, dtype=torch.float32):
        return draw(generator, *shape, dtype=dtype), draw(generator, *shape, dtype=dtype)

    y = normal(generator)
    return [
        case(whole, 2, 3),
        case(normal, 5),
        case(normal, 4, 3),  # 12 elements, not 4
        case(normal, 2, 3, 2, dtype=torch.float64),
        (y - 0.5 - torch.rand((), generator=generator), y),  # a single number, guessed too low
    ]


mse_backward = Asked("mse_backward", _mse_backward_cases, signature="y_hat, y")


# -- sigmoid_backward ------------------------------------------------------------------------------


def _sigmoid_backward_cases(generator):
    def case(*shape, dtype=torch.float32):
        z, grad_out = (normal(generator, *shape, dtype=dtype) for _ in range(2))
        return torch.sigmoid(2 * z), grad_out

    tenths = whole(generator, 2, 3, most=9).abs() / 10
    return [
        (tenths, whole(generator, 2, 3)),
        case(3, 4),
        case(5, dtype=torch.float64),
        case(),
        (torch.tensor([0.0, 0.5, 1.0]), normal(generator, 3)),  # float32 sigmoids reach 0 and 1
    ]


sigmoid_backward = Asked("sigmoid_backward", _sigmoid_backward_cases, signature="a, grad_out")


# -- sigmoid_backward_impostors --------------------------------------------------------------------

sigmoid_backward_impostors = Asked(
    "sigmoid_backward_impostors",
    lambda generator: [()],
    inputs("a", "grad_out"),
    kind="value",
)


# -- linear_backward -------------------------------------------------------------------------------


def _linear_backward_cases(generator):
    def case(draw, N, D, out, dtype=torch.float32):
        shapes = (N, D), (out, D), (N, out)
        return tuple(draw(generator, *shape, dtype=dtype) for shape in shapes)

    return [
        case(whole, 4, 2, 3),
        case(normal, 3, 3, 3),  # all sizes equal: a wrong order raises no error
        case(normal, 5, 3, 2),
        case(normal, 4, 2, 5, torch.float64),
        case(normal, 1, 4, 3),  # one sample
        case(normal, 6, 3, 1),  # one neuron
    ]


linear_backward = Asked(
    "linear_backward",
    _linear_backward_cases,
    parts("grad_X", "grad_W", "grad_b"),
    signature="X, W, grad_out",
)


# -- two_layer_gradients ---------------------------------------------------------------------------


def _two_layer_cases(generator):
    def case(draw, N, D, hidden, out, dtype=torch.float32):
        shapes = (N, D), (N, out), (hidden, D), (hidden,), (out, hidden), (out,)
        return tuple(draw(generator, *shape, dtype=dtype) for shape in shapes)

    return [
        case(whole, 4, 2, 3, 1),
        case(normal, 3, 3, 3, 3),  # all sizes equal: a wrong order raises no error
        case(normal, 6, 3, 4, 2),
        case(normal, 5, 2, 3, 1, torch.float64),
        case(normal, 1, 4, 2, 3),  # one sample
    ]


def _use_two_layer(two_layer_gradients, *case):
    """The gradients in the order of the walk back: the first wrong one is where it went astray."""
    gradients = two_layer_gradients(*case)
    walk = ("b2", "W2", "b1", "W1")
    if not isinstance(gradients, dict) or gradients.keys() != set(walk):
        it = f"the keys {list(gradients)}" if isinstance(gradients, dict) else kind(gradients)
        raise Unusable(f"It should return a dict with the keys W1, b1, W2 and b2, not {it}.")
    return {name: gradients[name] for name in walk}


two_layer_gradients = Asked(
    "two_layer_gradients", _two_layer_cases, _use_two_layer, signature="X, y, W1, b1, W2, b2"
)


# -- he_init ---------------------------------------------------------------------------------------

he_init = Asked(
    "he_init",
    # Another fan_out than fan_in, and enough draws for a close look at them.
    lambda generator: [(400, 100, seed(generator)), (8, 4000, seed(generator))],
    seeded("the result"),
    signature="fan_in, fan_out, generator",
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
        statistics = [buffer.clone() for buffer in model.buffers()]
        outcome[f"the list of batch norm's statistics after step {i}"] = statistics
    modes = {module.training for module in model.modules()}
    kept = modes == {mode == "train"}
    outcome["the mode afterwards"] = "as it was" if kept else "another one"
    return outcome


def _train_step_cases(generator):
    lr = 0.2 + 0.2 * float(torch.rand((), generator=generator))

    def one_neuron():
        neuron = nn.Linear(2, 1)
        nn.init.constant_(neuron.weight, 0.5)
        nn.init.zeros_(neuron.bias)
        return neuron

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
        pairs = [(normal(generator, 5, 3), normal(generator, 5, 2)) for _ in range(count)]
        return [(X, y if labels is None else labels(y)) for X, y in pairs]

    def shares(y):
        return torch.sigmoid(y)

    def classes(y):
        return y.argmax(dim=1)

    mse, bce, ce = F.mse_loss, F.binary_cross_entropy_with_logits, F.cross_entropy
    by_hand = (whole(generator, 4, 2), whole(generator, 4, 1))
    return [
        (one_neuron, "train", mse, sgd, [by_hand], False),
        (plain_network, "train", mse, sgd, batches(1), False),
        (plain_network, "train", mse, sgd, batches(1), True),
        (plain_network, "train", bce, sgd_with_momentum, batches(2, shares), False),
        (network_with_dropout, "eval", ce, sgd, batches(1, classes), False),
        (network_with_batch_norm, "train", mse, sgd, batches(2), False),
    ]


train_step = Asked(
    "train_step",
    _train_step_cases,
    _use_train_step,
    signature="model, loss_fn, optimizer, X, y",
)
