"""Answers to the exercises of lesson 06, backpropagation."""

import torch

# %% predict_blame_of_w
predict_blame_of_w = "d"  # 4 arrives at times, and w gets it times x


# %% predict_two_ways
predict_two_ways = "c"  # 3 through the product, and 1 straight


# %% Value
class Value:
    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes = data, parents, slopes
        self.grad = 0.0

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def history(self):
        found = []
        for parent in self.parents:
            found += [value for value in parent.history() if value not in found]
        return [*found, self]

    def backward(self):
        self.grad = 1.0
        for value in reversed(self.history()):  # children first: then all blame has arrived
            for parent, slope in zip(value.parents, value.slopes):
                parent.grad += slope * value.grad


# %% predict_smaller_nudges
predict_smaller_nudges = "b"  # until the two values of f agree in nearly all their digits


# %% numeric_gradient
def numeric_gradient(f, w, eps):
    gradient = torch.zeros_like(w)
    for i in range(w.numel()):
        right, left = w.clone(), w.clone()  # fresh copies: w itself stays as it is
        right.view(-1)[i] += eps
        left.view(-1)[i] -= eps
        gradient.view(-1)[i] = (f(right) - f(left)) / (2 * eps)
    return gradient


# %% linear_backward
def linear_backward(X, W, grad_out):
    grad_X = grad_out @ W  # (N, out) @ (out, D) -> (N, D)
    grad_W = grad_out.T @ X  # (out, N) @ (N, D) -> (out, D): adds up over the samples
    grad_b = grad_out.sum(dim=0)  # (N, out) -> (out,): the bias acts in every sample
    return grad_X, grad_W, grad_b


# %% sigmoid_backward
def sigmoid_backward(a, grad_out):
    return grad_out * a * (1 - a)  # element by element: no unit feeds another one here


# %% sigmoid_backward_impostors
sigmoid_backward_impostors = [
    (torch.tensor([0.0, 0.2, 0.9, 1.0]), torch.tensor([3.0, -2.0, 5.0, 7.0])),
]


# %% mse_backward
def mse_backward(y_hat, y):
    return 2 * (y_hat - y) / y.numel()  # the mean runs over all elements, not only the rows


# %% two_layer_gradients
def two_layer_gradients(X, y, W1, b1, W2, b2):
    # Forward, keeping what the way back needs.
    a = torch.sigmoid(X @ W1.T + b1)  # (N, hidden)
    y_hat = a @ W2.T + b2  # (N, out)
    # Backward: from the loss to the left.
    grad_y_hat = 2 * (y_hat - y) / y.numel()
    grad_a = grad_y_hat @ W2  # (N, out) @ (out, hidden) -> (N, hidden)
    grad_z = grad_a * a * (1 - a)  # through the sigmoid
    return {
        "W1": grad_z.T @ X,
        "b1": grad_z.sum(dim=0),
        "W2": grad_y_hat.T @ a,
        "b2": grad_y_hat.sum(dim=0),
    }


# %% predict_equal_weights
predict_equal_weights = "b"  # equal weights, equal inputs, equal blame


# %% predict_tanh_start
predict_tanh_start = "d"  # weights that make up for what tanh takes away, and no more


# %% he_init
def he_init(fan_in, fan_out, generator):
    std = (2 / fan_in) ** 0.5
    return std * torch.randn(fan_out, fan_in, generator=generator)


# %% train_step
def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()  # gradients from before would add to the new ones
    loss.backward()
    optimizer.step()
    return loss.item()  # computed before the parameters moved
