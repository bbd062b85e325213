"""Right answers to the exercises of lesson 06, written in other ways than the solutions."""

import torch
from torch import nn
from torch.nn import functional as F


def numeric_gradient_with_unit_nudges(f, w, eps):
    nudges = eps * torch.eye(w.numel(), dtype=w.dtype)
    differences = [f(w + n.reshape(w.shape)) - f(w - n.reshape(w.shape)) for n in nudges]
    return torch.stack(differences).reshape(w.shape) / (2 * eps)


def numeric_gradient_put_back(f, w, eps):
    slopes = []
    flat = w.reshape(-1)  # of a contiguous w, so it writes to w itself
    for i in range(len(flat)):
        kept = flat[i].item()
        flat[i] = kept + eps
        above = float(f(w))
        flat[i] = kept - eps
        below = float(f(w))
        flat[i] = kept
        slopes.append((above - below) / eps / 2)
    return torch.tensor(slopes, dtype=torch.float64).reshape(w.shape)


def linear_backward_with_einsum(X, W, grad_out):
    return [
        torch.einsum("no,od->nd", grad_out, W),
        torch.einsum("no,nd->od", grad_out, X),
        torch.einsum("no->o", grad_out),
    ]


def linear_backward_with_loops(X, W, grad_out):
    grad_X, grad_W, grad_b = torch.zeros_like(X), torch.zeros_like(W), W.new_zeros(len(W))
    for n in range(len(X)):
        for o in range(len(W)):
            grad_X[n] += grad_out[n, o] * W[o]
            grad_W[o] += grad_out[n, o] * X[n]
            grad_b[o] += grad_out[n, o]
    return grad_X, grad_W, grad_b


def linear_backward_by_autograd(X, W, grad_out):
    X, W = X.clone().requires_grad_(), W.clone().requires_grad_()
    b = torch.zeros_like(W[:, 0]).requires_grad_()
    return torch.autograd.grad(F.linear(X, W, b), (X, W, b), grad_out)


def sigmoid_backward_with_quarter(a, grad_out):
    return grad_out * (0.25 - (a - 0.5) ** 2)


def sigmoid_backward_multiplied_out(a, grad_out):
    return a * grad_out - a**2 * grad_out


def mse_backward_by_autograd(y_hat, y):
    y_hat = y_hat.detach().clone().requires_grad_()
    F.mse_loss(y_hat, y).backward()
    return y_hat.grad


def mse_backward_with_mean(y_hat, y):
    return (y_hat - y) * (2 / torch.ones_like(y).sum())


def two_layer_gradients_by_backward(X, y, W1, b1, W2, b2):
    leaves = [t.clone().requires_grad_() for t in (W1, b1, W2, b2)]
    hidden = torch.sigmoid(F.linear(X, *leaves[:2]))
    F.mse_loss(F.linear(hidden, *leaves[2:]), y).backward()
    return {name: t.grad for name, t in zip(("W1", "b1", "W2", "b2"), leaves, strict=True)}


def two_layer_gradients_sample_by_sample(X, y, W1, b1, W2, b2):
    total = {n: torch.zeros_like(t) for n, t in (("b2", b2), ("W2", W2), ("b1", b1), ("W1", W1))}
    for x, target in zip(X, y, strict=True):
        a = 1 / (1 + torch.exp(-(W1 @ x + b1)))
        g2 = 2 / y.numel() * (W2 @ a + b2 - target)
        g1 = W2.T @ g2 * a * (1 - a)
        total["W2"] += torch.outer(g2, a)
        total["b2"] += g2
        total["W1"] += torch.outer(g1, x)
        total["b1"] += g1
    return total


def he_init_by_torch(fan_in, fan_out, generator):
    weights = torch.empty(fan_out, fan_in)
    return nn.init.kaiming_normal_(weights, nonlinearity="relu", generator=generator)


def he_init_column_by_column(fan_in, fan_out, generator):
    columns = [torch.randn(fan_out, generator=generator) for _ in range(fan_in)]
    return torch.stack(columns, dim=1) / (fan_in / 2) ** 0.5


def he_init_with_normal(fan_in, fan_out, generator):
    return torch.normal(0.0, (2 / fan_in) ** 0.5, (fan_out, fan_in), generator=generator)


def train_step_with_autograd_grad(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    parameters = list(model.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return float(loss.detach())


def train_step_clearing_first(model, loss_fn, optimizer, X, y):
    for parameter in model.parameters():
        parameter.grad = None
    y_hat = model(X)
    loss = loss_fn(y_hat, y)
    before = loss.detach().clone()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return before.tolist()


def train_step_with_closure(model, loss_fn, optimizer, X, y):
    def closure():
        model.zero_grad(set_to_none=False)
        loss = loss_fn(model(X), y)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


class ValueByEveryWay:
    """Without a history: blame is handed on along each way on its own."""

    def __init__(self, data, ways=()):
        self.data, self.ways, self.grad = data, ways, 0

    def __add__(self, other):
        return ValueByEveryWay(self.data + other.data, [(self, 1), (other, 1)])

    def __mul__(self, other):
        return ValueByEveryWay(self.data * other.data, [(self, other.data), (other, self.data)])

    def backward(self, blame=1):
        self.grad += blame
        for value, slope in self.ways:
            value.backward(blame * slope)


class ValueWithFunctions:
    """As in Karpathy's micrograd: each result brings a function that hands its blame on."""

    def __init__(self, data, made_of=()):
        self.data, self.grad, self.made_of = data, 0.0, set(made_of)
        self.hand_on = lambda: None

    def __add__(self, other):
        result = ValueWithFunctions(self.data + other.data, (self, other))

        def hand_on():
            self.grad += result.grad
            other.grad += result.grad

        result.hand_on = hand_on
        return result

    def __mul__(self, other):
        result = ValueWithFunctions(self.data * other.data, (self, other))

        def hand_on():
            self.grad += other.data * result.grad
            other.grad += self.data * result.grad

        result.hand_on = hand_on
        return result

    def backward(self):
        order, visited = [], set()

        def visit(value):
            if value not in visited:
                visited.add(value)
                for parent in value.made_of:
                    visit(parent)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in order[::-1]:
            value.hand_on()


RIGHT = {
    "predict_blame_of_w": ["d", "D"],
    "predict_two_ways": ["c", "C"],
    "predict_smaller_nudges": ["b", "B"],
    "predict_equal_weights": ["b", "B"],
    "predict_tanh_start": ["d", "D"],
    "Value": [ValueByEveryWay, ValueWithFunctions],
    "sigmoid_backward_impostors": [
        [
            (torch.tensor([0.0, 0.1]), torch.tensor([2.0, 3.0])),
            (torch.tensor(0.7), torch.tensor(-1.5)),
        ],
        (
            (
                torch.tensor([[0.0, 0.2]], dtype=torch.float64),
                torch.tensor([[5.0, -2.0]], dtype=torch.float64),
            ),
        ),
    ],
    "numeric_gradient": [numeric_gradient_with_unit_nudges, numeric_gradient_put_back],
    "linear_backward": [
        linear_backward_with_einsum,
        linear_backward_with_loops,
        linear_backward_by_autograd,
    ],
    "sigmoid_backward": [sigmoid_backward_with_quarter, sigmoid_backward_multiplied_out],
    "mse_backward": [mse_backward_by_autograd, mse_backward_with_mean],
    "two_layer_gradients": [two_layer_gradients_by_backward, two_layer_gradients_sample_by_sample],
    "he_init": [he_init_by_torch, he_init_column_by_column, he_init_with_normal],
    "train_step": [
        train_step_with_autograd_grad,
        train_step_clearing_first,
        train_step_with_closure,
    ],
}
