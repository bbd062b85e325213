"""What is known of the exercises of lesson 06, backpropagation: right answers, mistakes, hints."""

import math

import torch
from torch.nn import functional as F

from nnlib.checking.exercise import Exercise
from nnlib.checking.impostors import catch
from nnlib.exercises.asked import backpropagation as asked
from nnlib.exercises.known.generators import ignoring


def _gradients(loss, tensors):
    """Autograd's gradients of ``loss(*tensors)``, for fresh leaves with the tensors' values."""
    leaves = [tensor.detach().clone().requires_grad_() for tensor in tensors]
    return torch.autograd.grad(loss(*leaves), leaves)


# -- predictions -----------------------------------------------------------------------------------

predict_blame_of_w = Exercise(
    asked.predict_blame_of_w,
    reference="d",
    mistakes={
        "2 is the slope of one box, times. What arrived there from the right?": "a",
        "4 arrives at the box times. What does that box do with it?": "b",
        "6 is the number that the box times sends forward. What comes back is a slope.": "c",
        "At times, each gets the other one as its factor. Which is the other one here?": "e",
    },
    points=0,
)

predict_two_ways = Exercise(
    asked.predict_two_ways,
    reference="c",
    mistakes={
        "That is what comes along one of two ways, straight from the sum.": "a",
        "That is what comes along one of two ways, through the product.": "b",
        "a + b has nothing to do with it. What comes along each of the two ways?": "d",
        "8 is f itself. Asked for is how fast it grows when a does.": "e",
    },
    points=0,
)

predict_smaller_nudges = Exercise(
    asked.predict_smaller_nudges,
    reference="b",
    mistakes={
        "In mathematics it does. But a computer keeps 16 digits of each number: how many of them"
        " do two nearly equal values of f have in common?": "a",
        "A large nudge sees the curve bend, so a smaller one is better, at least to begin with.": (
            "c"
        ),
        "The curve bends: across 0.1 its slope is another one than across 0.01.": "d",
        "Exactly 0 would need exact values of f. A computer keeps 16 digits of each.": "e",
    },
    points=0,
)

predict_equal_weights = Exercise(
    asked.predict_equal_weights,
    reference="b",
    mistakes={
        "A gradient is computed from weights, inputs and outputs. In what do two of these neurons"
        " differ, so that their gradients could?": "a",
        "The output is wrong, so blame arrives, and it passes through weights that are not 0.": "c",
        "Descent makes the loss smaller, and that of an output of 0 is no small one.": "d",
        "To split they would have to be told apart by something. In what do two of them differ?": (
            "e"
        ),
    },
    points=0,
)

predict_tanh_start = Exercise(
    asked.predict_tanh_start,
    reference="d",
    mistakes={
        "The slope is 1 at 0 only; and the blame is multiplied by the weights as well.": "a",
        "100 inputs times weights of about ½: how large are the sums, and how steep is tanh there?": (
            "b"
        ),
        "tanh is steep near 0, but the blame is also multiplied by the weights. How large is a sum"
        " of 100 of them, if they are that small?": "c",
        "One thing at each layer makes the blame smaller, another can make up for it.": "e",
    },
    points=0,
)


# -- Value -----------------------------------------------------------------------------------------


class _TorchValue:
    """Torch's autograd in the clothes of the exercise."""

    def __init__(self, data):
        self.tensor = torch.as_tensor(data, dtype=torch.float64)
        if self.tensor.is_leaf:
            self.tensor.requires_grad_()

    def __add__(self, other):
        return _TorchValue(self.tensor + other.tensor)

    def __mul__(self, other):
        return _TorchValue(self.tensor * other.tensor)

    def backward(self):
        self.tensor.backward()

    @property
    def data(self):
        return self.tensor.item()

    @property
    def grad(self):
        return 0.0 if self.tensor.grad is None else self.tensor.grad.item()


class _Value:
    """A right answer, in parts that a wrong one replaces."""

    own_grad = 1.0

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, parents, slopes, 0.0

    def __add__(self, other):
        return type(self)(self.data + other.data, (self, other), self.slopes_of_sum())

    def __mul__(self, other):
        slopes = self.slopes_of_product(other)
        return type(self)(self.data * other.data, (self, other), slopes)

    def slopes_of_sum(self):
        return 1.0, 1.0

    def slopes_of_product(self, other):
        return other.data, self.data

    def history(self):
        found = []
        for parent in self.parents:
            found += [value for value in parent.history() if value not in found]
        return [*found, self]

    def backward(self):
        self.grad = self.own_grad
        for value in reversed(self.history()):
            value.hand_on()

    def hand_on(self):
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.take(slope * self.grad)

    def take(self, blame):
        self.grad += blame


class _ForgetsWhatArrivedBefore(_Value):
    def take(self, blame):
        self.grad = blame


class _OwnFactor(_Value):
    def slopes_of_product(self, other):
        return self.data, other.data


class _ProductLikeSum(_Value):
    def slopes_of_product(self, other):
        return 1.0, 1.0


class _SumLikeProduct(_Value):
    def __add__(self, other):
        return type(self)(self.data + other.data, (self, other), (other.data, self.data))


class _HandsOnTooEarly(_Value):
    def backward(self):
        self.grad = 1.0
        self.walk()

    def walk(self):
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.take(slope * self.grad)
            parent.walk()


class _OneStepBack(_Value):
    def backward(self):
        self.grad = 1.0
        self.hand_on()


class _NoBlameOfItsOwn(_Value):
    own_grad = 0.0


class _WithoutTheBlameThatArrived(_Value):
    def hand_on(self):
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.take(slope)


class _FirstOfSum(_Value):
    def slopes_of_sum(self):
        return 1.0, 0.0


class _AsOftenAsUsed(_Value):
    def history(self):
        return [value for parent in self.parents for value in parent.history()] + [self]


Value = Exercise(
    asked.Value,
    reference=_TorchValue,
    mistakes={
        "A value that is used twice keeps only the blame that came last. Where ways meet, blames"
        " add up: +=, not =.": _ForgetsWhatArrivedBefore,
        "In a product each factor gets itself as its slope. It is the other one.": _OwnFactor,
        "A product hands its blame on unchanged, like a sum. Each factor gets the other one as its"
        " slope.": _ProductLikeSum,
        "A sum hands on its blame multiplied, like a product. Its slopes are 1 and 1.": (
            _SumLikeProduct
        ),
        "A value hands on its blame before all of it has arrived, and then hands it on again. Go"
        " through the history from the last to the first, once.": _HandsOnTooEarly,
        "It ends one step back. All that went into the parents is to blame as well: go through the"
        " whole history.": _OneStepBack,
        "The walk starts with nothing: the own blame of the value that backward is called on is"
        " 1.": _NoBlameOfItsOwn,
        "Parents get their slope alone. By the chain rule it is multiplied by the blame of the"
        " value that hands it on.": _WithoutTheBlameThatArrived,
        "A sum gives all blame to its first part. It hands it on to both.": _FirstOfSum,
        "A value that is used twice stands in the history twice, and hands on its blame twice.": (
            _AsOftenAsUsed
        ),
    },
    hints=(
        "Begin with Remembering: its `__init__` needs one more argument, the parents' slopes, and"
        " a grad of 0.0.",
        "`__mul__` looks like `__add__`. Which two slopes go with `self.data * other.data`?",
        "In backward: set self.grad, then two loops, one inside the other. The outer one goes"
        " through `reversed(self.history())`, the inner one through a value's parents and slopes,"
        " in pairs: `zip(value.parents, value.slopes)`.",
    ),
    points=3,
)


# -- numeric_gradient ------------------------------------------------------------------------------


def _differences(up, down, width):
    """A numeric gradient: how far each side of a nudge reaches, and what divides the difference."""

    def numeric_gradient(f, w, eps):
        gradient = torch.zeros_like(w)
        for i in range(w.numel()):
            nudge = torch.zeros_like(w)
            nudge.view(-1)[i] = eps
            gradient.view(-1)[i] = (f(w + up * nudge) - f(w + down * nudge)) / (width * eps)
        return gradient

    return numeric_gradient


def _nudges_that_stay(f, w, eps):
    w, gradient = w.clone(), torch.zeros_like(w)
    for i in range(w.numel()):
        w.view(-1)[i] += eps
        above = f(w)
        w.view(-1)[i] -= 2 * eps
        gradient.view(-1)[i] = (above - f(w)) / (2 * eps)
    return gradient


numeric_gradient = Exercise(
    asked.numeric_gradient,
    reference=_differences(1, -1, 2),
    mistakes={
        "It looks to one side only, from w to w + eps. Central differences look to both sides.": (
            _differences(1, 0, 1)
        ),
        "It looks to one side only, from w − eps to w. Central differences look to both sides.": (
            _differences(0, -1, 1)
        ),
        "It is twice too large: the way from w − eps to w + eps is 2·eps long.": (
            _differences(1, -1, 1)
        ),
        "It never divides by the length of the nudge.": (
            lambda f, w, eps: 2 * eps * _differences(1, -1, 2)(f, w, eps)
        ),
        "Each nudge stays in w while the next element is nudged. Start every element from the"
        " original w.": _nudges_that_stay,
        "It nudges all elements at once and finds one number. Nudge one element at a time.": (
            lambda f, w, eps: (f(w + eps) - f(w - eps)) / (2 * eps)
        ),
        "It nudges all elements at once, so every element gets the same number. Nudge one at a"
        " time.": (lambda f, w, eps: torch.full_like(w, (f(w + eps) - f(w - eps)) / (2 * eps))),
        "That is the exact gradient, up to rounding. Asked for is the difference quotient at the"
        " given eps, from values of f.": lambda f, w, eps: _gradients(f, [w])[0],
    },
    hints=(
        "One element of w at a time: how much does f change between a little less and a little"
        " more?",
        "Make two copies with `w.clone()`, add eps to one element of the first, subtract eps from"
        " the same element of the second. How much does f differ, and over which distance?",
        "For any shape: `copy.view(-1)[i]` is element number i of a clone, i below `w.numel()`.",
    ),
    points=2,
)


# -- mse_backward ----------------------------------------------------------------------------------


def _mse_backward(y_hat, y):
    return _gradients(lambda y_hat: F.mse_loss(y_hat, y), [y_hat])[0]


mse_backward = Exercise(
    asked.mse_backward,
    reference=_mse_backward,
    mistakes={
        "That is the gradient of the sum of squares. The loss is their mean.": (
            lambda y_hat, y: 2 * (y_hat - y)
        ),
        "The 2 and the mean are missing: that is the error itself.": lambda y_hat, y: y_hat - y,
        "It divides by the number of rows. The mean runs over all elements.": (
            lambda y_hat, y: 2 * (y_hat - y) / (len(y) if y.dim() else 1)
        ),
        "That is the loss. Asked for is its slope for every element of y_hat.": F.mse_loss,
        "That is the slope of the mean absolute error, the same for small errors and large ones.": (
            lambda y_hat, y: torch.sign(y_hat - y) / y.numel()
        ),
    },
    hints=(
        "The loss is the mean of (y_hat − y)². What is the derivative of one square, and by what"
        " is it divided?",
        "The mean runs over all elements, `y.numel()` of them, not only over the rows.",
    ),
)


# -- sigmoid_backward ------------------------------------------------------------------------------


def _sigmoid_backward_from_logit(a, grad_out):
    z = torch.log(a / (1 - a))
    return grad_out * torch.exp(-z) / (1 + torch.exp(-z)) ** 2


sigmoid_backward = Exercise(
    asked.sigmoid_backward,
    reference=lambda a, grad_out: torch.ops.aten.sigmoid_backward(grad_out, a),
    mistakes={
        "It takes a for the sigmoid's input and applies the sigmoid again. a is the output"
        " already.": (lambda a, grad_out: grad_out * torch.sigmoid(a) * (1 - torch.sigmoid(a))),
        "That is the sigmoid's own slope. By the chain rule it is multiplied by grad_out.": (
            lambda a, grad_out: a * (1 - a)
        ),
        "It multiplies by a itself. The slope of the sigmoid is a·(1 − a).": (
            lambda a, grad_out: grad_out * a
        ),
        "It multiplies by 1 − a. The slope of the sigmoid is a·(1 − a).": (
            lambda a, grad_out: grad_out * (1 - a)
        ),
        "1 − a² is the slope of tanh. The sigmoid has another.": (
            lambda a, grad_out: grad_out * (1 - a**2)
        ),
        "It adds the two slopes. Slopes along one way multiply.": (
            lambda a, grad_out: grad_out + a * (1 - a)
        ),
        "It first goes back from a to z, and that fails where a is exactly 0 or 1. The slope can be"
        " written with a alone.": _sigmoid_backward_from_logit,
    },
    hints=(
        "The sigmoid's slope can be computed from its output a alone.",
        "The slope is a·(1 − a), for each element alone. How do a slope and what arrives from"
        " behind go together in the chain rule?",
    ),
)


# -- sigmoid_backward_impostors --------------------------------------------------------------------

sigmoid_backward_impostors = catch(
    asked.sigmoid_backward_impostors,
    sigmoid_backward,
    reference=[
        (torch.tensor([0.0, 0.2, 0.9, 1.0]), torch.tensor([3.0, -2.0, 5.0, 7.0])),
        (torch.tensor([[0.3, 0.6]]), torch.tensor([[0.0, 1.0]])),
    ],
    mistakes={
        "Where a is ½, a and 1 − a are the same number, and a grad_out of 1 changes nothing: most"
        " impostors look right there.": [(torch.tensor([0.5]), torch.tensor([1.0]))],
        "grad_out is 1 everywhere, so whoever leaves it out looks right.": [
            (torch.tensor([0.1, 0.5, 0.9]), torch.tensor([1.0, 1.0, 1.0]))
        ],
        "Where grad_out is 0, nearly every impostor gives 0, as it should.": [
            (torch.tensor([0.1, 0.5, 0.9]), torch.tensor([0.0, 0.0, 0.0]))
        ],
        "No a is exactly 0 or 1. Sigmoids in float32 do end there, and one impostor fails nowhere"
        " else.": [(torch.tensor([0.1, 0.3, 0.9]), torch.tensor([2.0, -1.0, 3.0]))],
    },
    hints=(
        "Go through what a careless function does wrong: it leaves out grad_out, takes another"
        " slope, goes back to z first. Which a, which grad_out shows it?",
        "Where a is ½, a and 1 − a are the same. Where grad_out is 1, leaving it out is no mistake.",
        "One impostor fails only where float32 cannot tell a sigmoid's output from its limits.",
    ),
)


# -- linear_backward -------------------------------------------------------------------------------


def _linear_backward(X, W, grad_out):
    b = W.new_zeros(len(W))
    return _gradients(lambda X, W, b: (F.linear(X, W, b) * grad_out).sum(), [X, W, b])


linear_backward = Exercise(
    asked.linear_backward,
    reference=_linear_backward,
    mistakes={
        "grad_W is turned on its side. Like W it has one row for each neuron.": (
            lambda X, W, G: (G @ W, X.T @ G, G.sum(dim=0))
        ),
        "grad_X goes through W the wrong way round. An input is blamed through the weights that"
        " lead away from it: a column of W.": (lambda X, W, G: (G @ W.T, G.T @ X, G.sum(dim=0))),
        "grad_b averages over the samples. The bias acts in every sample, and the blame from all of"
        " them adds up.": (lambda X, W, G: (G @ W, G.T @ X, G.mean(dim=0))),
        "grad_b adds up the neurons of each sample. Add up the samples of each neuron: dim=0.": (
            lambda X, W, G: (G @ W, G.T @ X, G.sum(dim=1))
        ),
        "grad_b forgets that the bias acts in every sample: add the blame up over the samples.": (
            lambda X, W, G: (G @ W, G.T @ X, G)
        ),
        "grad_W is divided by the number of samples. If the loss is a mean, that division is in"
        " grad_out already.": (lambda X, W, G: (G @ W, G.T @ X / len(X), G.sum(dim=0))),
        "It ignores grad_out, as if every output had the same blame.": (
            lambda X, W, G: _linear_backward(X, W, torch.ones_like(G))
        ),
        "The order is wrong: first grad_X, then grad_W, then grad_b.": (
            lambda X, W, G: (G.T @ X, G @ W, G.sum(dim=0))
        ),
    },
    hints=(
        "Each gradient has the shape of the thing itself: (N, D), (out, D) and (out,). Which"
        " products of grad_out with X or W have these shapes?",
        "grad_X is a product of grad_out and W. grad_W is a product of grad_out, turned on its"
        " side, and X.",
        "`.T` turns it on its side: (out, N) @ (N, D) is (out, D). The bias acts in every sample,"
        " so its gradient adds up over them.",
    ),
    points=2,
)


# -- two_layer_gradients ---------------------------------------------------------------------------


def _two_layer_gradients(X, y, W1, b1, W2, b2, loss=F.mse_loss, out=lambda z: z):
    def network(W1, b1, W2, b2):
        return loss(out(F.linear(torch.sigmoid(F.linear(X, W1, b1)), W2, b2)), y)

    return dict(zip(("W1", "b1", "W2", "b2"), _gradients(network, (W1, b1, W2, b2)), strict=True))


def _by_hand(slope=lambda a, z: a * (1 - a), bias=torch.sum):
    """The gradients step by step, with parts to get wrong."""

    def two_layer_gradients(X, y, W1, b1, W2, b2):
        z = F.linear(X, W1, b1)
        a = torch.sigmoid(z)
        out = 2 * (F.linear(a, W2, b2) - y) / y.numel()
        hidden = (out @ W2) * slope(a, z)
        return {
            "W1": hidden.T @ X,
            "b1": bias(hidden, dim=0),
            "W2": out.T @ a,
            "b2": bias(out, dim=0),
        }

    return two_layer_gradients


two_layer_gradients = Exercise(
    asked.two_layer_gradients,
    reference=_two_layer_gradients,
    mistakes={
        "On its way to the first layer the gradient passes the sigmoid, and its slope a·(1 − a) is"
        " missing.": _by_hand(slope=lambda a, z: 1.0),
        "The slope of the sigmoid is a·(1 − a) with a the sigmoid's output. Here it is computed"
        " from the sum z.": _by_hand(slope=lambda a, z: z * (1 - z)),
        "The sigmoid is applied to its own output. In a·(1 − a) the output a enters as it is.": (
            _by_hand(slope=lambda a, z: torch.sigmoid(a) * (1 - torch.sigmoid(a)))
        ),
        "1 − a² is the slope of tanh. The hidden layer has sigmoids.": (
            _by_hand(slope=lambda a, z: 1 - a**2)
        ),
        "That is the gradient of the sum of squares. The loss is their mean.": (
            lambda X, y, *layers: _two_layer_gradients(
                X, y, *layers, loss=lambda y_hat, y: F.mse_loss(y_hat, y, reduction="sum")
            )
        ),
        "It divides by the number of samples. The mean runs over all elements of y_hat, N times"
        " out.": (
            lambda X, y, *layers: _two_layer_gradients(
                X, y, *layers, loss=lambda y_hat, y: F.mse_loss(y_hat, y) * y.shape[1]
            )
        ),
        "The output layer has no sigmoid, only the hidden layer has.": (
            lambda X, y, *layers: _two_layer_gradients(X, y, *layers, out=torch.sigmoid)
        ),
        "The biases' gradients are means over the samples. They are sums: the division is in the"
        " loss already.": _by_hand(bias=torch.mean),
    },
    hints=(
        "Forward first, keeping the hidden layer's output a and y_hat. Then go back: y_hat, second"
        " layer, sigmoid, first layer.",
        "Start with 2·(y_hat − y) / y.numel(). Every dense layer gives three gradients, as in"
        " linear_backward; the one for its input goes on to the left.",
        "What the second layer passes on to its input a goes through the sigmoid as in"
        " `sigmoid_backward`. What comes out plays the same part for the first layer as the loss's"
        " gradient did for the second.",
    ),
    points=3,
)


# -- he_init ---------------------------------------------------------------------------------------


def _he_init(fan_in, fan_out, generator):
    return _normal(math.sqrt(2 / fan_in), fan_in, fan_out, generator)


def _normal(std, fan_in, fan_out, generator):
    return std * torch.randn(fan_out, fan_in, generator=generator)


def _judge_he_init(outcome, fan_in, fan_out, seed):
    w, second, same, other = outcome.values()
    if not torch.equal(w, same):
        return "The same seed gives other weights: draw every number with the given generator."
    if torch.equal(w, other):
        return "Another seed gives the same weights. Draw them with the given generator."
    if torch.equal(w, second):
        return "The same generator gives the same weights again."
    wanted = math.sqrt(2 / fan_in)
    corner = w[:20, :20]
    if len(corner.unique()) < 0.9 * corner.numel():
        return "Many weights are the same number. Draw each one by itself."
    if w.mean().abs() > 6 * w.std() / math.sqrt(w.numel()):
        return "The mean of the weights is not 0."
    ratio = float(w.std() / wanted)
    if abs(ratio - 1) > 0.04:  # 30 000 draws: 6 standard errors are 0.025
        return f"The standard deviation is {ratio:.1g} times what it should be."
    near = float((w.abs() < wanted).float().mean())  # 0.68 for a normal distribution
    if abs(near - 0.6827) > 0.03:
        return f"A share of {near:.2f} of the weights is within one standard deviation, not 0.68."
    far = float((w.abs() > 2 * wanted).float().mean())
    if abs(far - 0.0455) > 0.006:
        return f"A share of {far:.3f} of the weights is beyond two standard deviations, not 0.046."
    return None


he_init = Exercise(
    asked.he_init,
    reference=_he_init,
    judge=_judge_he_init,
    mistakes={
        "It uses fan_out. What a neuron adds up is its inputs: the formula has fan_in.": (
            lambda fan_in, fan_out, g: _normal(math.sqrt(2 / fan_out), fan_in, fan_out, g)
        ),
        "2/fan_in is the variance. The standard deviation is its square root.": (
            lambda fan_in, fan_out, g: _normal(2 / fan_in, fan_in, fan_out, g)
        ),
        "The 2 is missing. ReLU silences half of the units, and the 2 makes up for it.": (
            lambda fan_in, fan_out, g: _normal(math.sqrt(1 / fan_in), fan_in, fan_out, g)
        ),
        "That is Xavier's rule, 2/(fan_in + fan_out). He's has fan_in alone.": (
            lambda fan_in, fan_out, g: _normal(
                math.sqrt(2 / (fan_in + fan_out)), fan_in, fan_out, g
            )
        ),
        "Those are standard normal weights. Multiply them by the standard deviation √(2/fan_in).": (
            lambda fan_in, fan_out, g: _normal(1.0, fan_in, fan_out, g)
        ),
        "Those numbers are uniform, all values equally likely. Normal ones crowd around 0.": (
            lambda fan_in, fan_out, g: (
                math.sqrt(6 / fan_in) * (2 * torch.rand(fan_out, fan_in, generator=g) - 1)
            )
        ),
        "Their mean is not 0. Weights should be spread around 0.": (
            lambda fan_in, fan_out, g: (
                math.sqrt(2 / fan_in) * torch.rand(fan_out, fan_in, generator=g)
            )
        ),
        **ignoring(_he_init),
        "It is turned on its side: as in dense, one row for each neuron, (fan_out, fan_in).": (
            lambda fan_in, fan_out, g: _he_init(fan_in, fan_out, g).T
        ),
    },
    hints=(
        "Draw standard normal numbers and stretch them: times s, their standard deviation is s.",
        "`torch.randn(fan_out, fan_in, generator=generator)` draws them. Which standard deviation"
        " keeps the signal's size, behind a ReLU?",
    ),
)


# -- train_step ------------------------------------------------------------------------------------


def _train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def _step_on_old_gradients(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def _step_that_clears_last(model, loss_fn, optimizer, X, y):
    loss = _step_on_old_gradients(model, loss_fn, optimizer, X, y)
    optimizer.zero_grad()
    return loss


def _loss_afterwards(model, loss_fn, optimizer, X, y):
    _train_step(model, loss_fn, optimizer, X, y)
    with torch.no_grad():
        return loss_fn(model(X), y).item()


def _step_in_train_mode(model, loss_fn, optimizer, X, y):
    model.train()
    return _train_step(model, loss_fn, optimizer, X, y)


def _step_in_eval_mode(model, loss_fn, optimizer, X, y):
    model.eval()
    return _train_step(model, loss_fn, optimizer, X, y)


def _train_step_and_back_to_train_mode(model, loss_fn, optimizer, X, y):
    loss = _train_step(model, loss_fn, optimizer, X, y)
    model.train()
    return loss


def _step_with_own_optimizer(model, loss_fn, optimizer, X, y):
    return _train_step(model, loss_fn, torch.optim.SGD(model.parameters(), lr=0.1), X, y)


def _step_with_two_forward_passes(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y).item()
    _train_step(model, loss_fn, optimizer, X, y)
    return loss


def _step_by_hand(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    parameters = list(model.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.data -= optimizer.param_groups[0]["lr"] * g
    return loss.item()


def _two_steps(model, loss_fn, optimizer, X, y):
    loss = _train_step(model, loss_fn, optimizer, X, y)
    _train_step(model, loss_fn, optimizer, X, y)
    return loss


train_step = Exercise(
    asked.train_step,
    reference=_train_step,
    mistakes={
        "Old gradients are still there and add to the new ones: clear them before backward.": (
            _step_on_old_gradients
        ),
        "It clears the gradients after the step. Whatever was there before the first step still"
        " counts: clear them before backward.": _step_that_clears_last,
        "No parameter moves. backward computes the gradients, the optimizer's step uses them, and"
        " nothing may clear them in between.": (
            lambda model, loss_fn, optimizer, X, y: loss_fn(model(X), y).item()
        ),
        "It returns the loss after the step. Asked for is the one that the gradients belong to,"
        " from before.": _loss_afterwards,
        "The loss gets its arguments in the wrong order: first what the model says, then y.": (
            lambda model, loss_fn, optimizer, X, y: _train_step(
                model, lambda y_hat, y: loss_fn(y, y_hat), optimizer, X, y
            )
        ),
        "It switches the model to train mode. Leave the mode to whoever calls this step.": (
            _step_in_train_mode
        ),
        "It leaves the model in train mode, whatever mode it was in.": (
            _train_step_and_back_to_train_mode
        ),
        "It switches the model to evaluation mode. Leave the mode to whoever calls this step.": (
            _step_in_eval_mode
        ),
        "It makes an optimizer of its own. The given one knows the learning rate, and remembers"
        " the steps before.": _step_with_own_optimizer,
        "It takes two steps. One call is one step.": _two_steps,
        "It asks the model twice in one step. In train mode that draws dropout twice, and moves"
        " batch norm's running statistics twice.": _step_with_two_forward_passes,
        "It moves the parameters without the optimizer, which may have more to it than a learning"
        " rate.": _step_by_hand,
        "It returns the loss times the number of samples. loss_fn has taken the mean already.": (
            lambda model, loss_fn, optimizer, X, y: (
                len(X) * _train_step(model, loss_fn, optimizer, X, y)
            )
        ),
    },
    hints=(
        "Five lines: the loss, clearing, backward, the step, and the loss as a number.",
        "`loss_fn(model(X), y)` is the loss. `optimizer.zero_grad()` comes before the new"
        " gradients are made.",
        "`.item()` makes a number of the loss. It was computed before the step, so it need not be"
        " computed again.",
    ),
    points=2,
)

EXERCISES = (
    predict_blame_of_w,
    predict_two_ways,
    Value,
    predict_smaller_nudges,
    numeric_gradient,
    linear_backward,
    sigmoid_backward,
    sigmoid_backward_impostors,
    mse_backward,
    two_layer_gradients,
    predict_equal_weights,
    predict_tanh_start,
    he_init,
    train_step,
)
