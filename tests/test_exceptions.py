"""Exceptions in a beginner's words: each is raised by the installed torch and Python themselves."""

import pytest
import torch

from nnlib.checking.exceptions import in_words
from nnlib.checking.exercise import Asked
from nnlib.checking.meanings import meaning
from nnlib.checking.running import Failure, load, run

PROGRAM = """
import math
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

x, X, W = torch.ones(3), torch.ones(4, 3), torch.ones(2, 3)
w, whole = torch.ones(3, requires_grad=True), torch.tensor([1, 2, 3])

class NoSuper(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 2)

class Early(nn.Module):
    def __init__(self):
        self.size = 3
    def forward(self, x):
        return x

class NoSelf:
    def forward(x):
        return x

class NoForward(nn.Module):
    def foward(self, x):
        return x

class Misspelled(nn.Module):
    def __init__(self):
        super().__init__()
        self.output = nn.Linear(3, 2)
    def forward(self, x):
        return self.out(x)

class Local(nn.Module):
    def __init__(self):
        super().__init__()
        first = nn.Linear(3, 2)
    def forward(self, x):
        return first(x)

def two(a, b):
    return a

def early():
    total = total + 1

def changed():
    y = w.exp()
    z = y ** 2
    y += 1
    z.sum().backward()

def twice():
    loss = w.exp().sum()
    loss.backward()
    loss.backward()

def answer():
    %s
"""

RAISED = [
    ("if X > 0: pass", "torch.where"),
    ("return max(x, 0)", "torch.where"),
    ("return X.item()", "this one has 12"),
    ("return float(X)", "single number is wanted"),
    ("return math.exp(X)", "torch.exp"),
    ("return torch.tensor([x, x])", "torch.stack"),
    ("return f'{x:.2f}'", "x.item()"),
    ("a, b = torch.tensor(1.0)", "one single number"),
    ("return torch.tensor(1.0)[0]", "without elements"),
    ("return None + x", "function without `return`"),
    ("return X @ [1].sort()", "function without `return`"),
    ("return x - 0.1 * w.grad", "until backward() has run"),
    ("return None.shape", "None"),
    ("return X @ W", "columns (3) as the right one has rows (2)"),
    ("return nn.Linear(4, 2)(X)", "an nn.Linear, as many inputs as it was made for"),
    ("return x @ torch.ones(4)", "They have 3 and 4"),
    ("return X @ torch.ones(4)", "must have 3 numbers. It has 4"),
    ("return x @ torch.tensor(2.0)", "single number"),
    ("return X + torch.ones(4)", "On axis 1 these have 3 and 4"),
    ("X[0] = torch.ones(2)", "On axis 0, 2 numbers should fill 3 places"),
    ("return X.reshape(5, 5)", "has 12 numbers, the new shape has room for 25"),
    ("return X.reshape(5, -1)", "cannot be divided into groups of 5"),
    ("return X.T.view(12)", ".reshape"),
    ("return torch.stack([x, torch.ones(2)])", "[3] and [2]"),
    ("return torch.cat([X, torch.ones(2, 2)])", "here 3 meets 2"),
    ("return torch.stack(x)", "tuple of Tensors"),
    ("return torch.stack([1, 2])", "an element of type int"),
    ("return torch.tensor([[1, 2], [3]])", "2 meets 1"),
    ("return X[torch.tensor([True, False])]", "its shape [2] does not fit [4, 3]"),
    ("return F.cross_entropy(X, whole)", "4 rows of logits and 3 labels"),
    ("return x[3:].max()", "empty"),
    ("return X.sum(dim=2)", "There is no dim=2"),
    ("return x.sum(dim=1)", "one axis only"),
    ("return X[4]", "Axis 0 has 4 places, counted from 0. There is no place 4"),
    ("return X[0, 0, 0]", "more indices"),
    ("return [1, 2][2]", "places are 0 to len(...) - 1"),
    ("return x.shape[1]", "A shape, for one, has an entry for each axis"),
    ("return X[x]", "whole number"),
    ("return X[3 / 2]", "`//` divides without a rest"),
    ("return list(range(4 / 2))", "`/` always gives a float"),
    ("return F.cross_entropy(X, torch.tensor([0, 1, 2, 3]))", "label 3 has no column"),
    ("w.sub_(1)", "changes a tensor in place"),
    ("w[0] = 1", "changes a tensor in place"),
    ("changed()", "changed after it had been used"),
    ("twice()", "Compute the result anew"),
    ("x.sum().backward()", "Nothing connects this result"),
    ("(2 * w).backward()", ".sum() or .mean()"),
    ("torch.autograd.grad(w.sum(), torch.ones(2, requires_grad=True))", "often from a copy"),
    ("return w.numpy()", "numpy would lose the gradients"),
    ("return whole.requires_grad_()", "write 1.0 for 1"),
    ("return whole.mean()", "these are Long"),
    ("return whole.std()", "floating-point numbers"),
    ("return whole.softmax(0)", "kind Long"),
    ("return F.cross_entropy(X, torch.ones(4))", "labels.long()"),
    ("whole.add_(0.5)", "do not fit into a tensor of the kind Long"),
    ("return X.double() @ W.T", "double and float"),
    ("return nn.Linear(3, 2)(X.double())", "Double and Float"),
    ("return F.binary_cross_entropy(x, whole)", "Long and Float"),
    ("return F.binary_cross_entropy(2 * x, x)", "binary_cross_entropy_with_logits"),
    ("return X - X.max(dim=0)", "max gives two things"),
    ("return X.max(0) + 1", "max gives two things"),
    ("return torch.sort(x).mean()", "sort gives two things"),
    ("return [1, 2] - [1]", "do not calculate"),
    ("return [1.0, 2.0] * 2.5", "do not calculate"),
    ("return 'a' + 1", "str(number)"),
    ("return x + 'a'", "Text is no number"),
    ("return np.ones(3) * w", "torch.from_numpy"),
    ("return two(1)", "leaves out 'b'"),
    ("return two(1, 2, 3)", "gives 3 arguments"),
    ("return NoSelf().forward(x)", "Is `self` the first name"),
    ("return two(1, b=2, c=3)", "no argument called c"),
    ("return two(1, a=2)", "twice"),
    ("return X.sum(axes=1)", "is dim in torch"),
    ("return torch.where(x > 0, 'a', x)", "(Tensor, str, Tensor)"),
    ("return torch.exp(2.0)", "one plain number (type float)"),
    ("return torch.exp([1.0])", "this is a list"),
    ("return x(2)", "Is a * missing"),
    ("return X.shape(0)", ".shape[0]"),
    ("return X.size[0]", "round brackets after its name"),
    ("return len(x)[0]", "one number (type int)"),
    ("return len(5)", "no length"),
    ("a, b = [1, 2, 3]", "has 2 names"),
    ("a, b, c = 1, 2", "gives only 2"),
    ("a, b = 3", "a single thing, of type int"),
    ("return NoSuper()", "first line of __init__"),
    ("return Early()(x)", "first line of __init__"),
    ("return NoForward()(x)", "calls its method forward"),
    ("return nn.Sequential(F.relu)", "nn.ReLU(), not F.relu"),
    ("return torch.optim.SGD(nn.ReLU().parameters(), 0.1)", "no parameters"),
    ("return torch.optim.SGD(nn.Linear(2, 2).parameters, 0.1)", "round brackets"),
    ("return nn.BatchNorm1d(3)(X[:1])", "more than one sample"),
    ("return nn.Conv2d(3, 2, 3)(torch.ones(5, 1, 8, 8))", "expects 3 on the axis of the channels"),
    ("return Misspelled()(x)", "is `self.out = ...` in __init__"),
    ("return Local()(x)", "self.first"),
    ("return nothing_like_it", "Run All Above"),
    ("return plt.plot(x)", "import matplotlib.pyplot as plt"),
    ("return primt(x)", "Did you mean print?"),
    ("return early()", "not before this line"),
    ("return X.summ()", "Did you mean sum?"),
    ("return nn.Relu()", "Did you mean ReLU?"),
    ("return nn.Linear(3, 2).weights", "Did you mean weight?"),
    ("return [1].mean()", "list has no mean. A tensor has"),
    ("return x.append(2)", "collect in a list"),
    ("import torchvison", "Look at its spelling"),
    ("return {'a': 1}['b']", "no key 'b'"),
    ("return 1 / 0", "divides by zero"),
    ("return -'a'", "does not work with str"),
    ("return {} + {}", "+ does not work between dict and dict"),
    ("return {'a': 1} > {'a': 2}", "does not compare dict with dict"),
    ("return torch.tensor(['a'])", "not text"),
    ("return {[1]: 2}", "cannot be a key"),
    ("return next(iter([]))", "nothing was left"),
    ("return max([])", "no largest"),
    ("assert X.shape == (2, 2)", "`assert`"),
]

ASKED = Asked("answer", lambda generator: [()], signature="")


@pytest.mark.parametrize(("statement", "words"), RAISED, ids=[code for code, _ in RAISED])
def test_what_torch_and_python_say(statement, words):
    outcome = run(ASKED, load(PROGRAM % statement, "answer"), 0)[0]
    failure = outcome.failure
    assert failure, f"it gave {outcome.value}"
    told = in_words(failure, ASKED)
    own = failure.text.split("\n")[0][:150]
    assert told.startswith(f"It raised {failure.type_name}") and own in told
    assert words in told.removeprefix(told.split("\n")[0]), told
    assert "{0}" not in told and "{1}" not in told
    assert told.endswith(failure.line)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def f(x):\nreturn x", "4 spaces"),
        ("def f(x):\n  y = 1\n    return y", "spaces at the beginning"),
        ("x = (1, 2", "A bracket has no partner"),
        ("x = 3)", "A bracket has no partner"),
        ("x = 'abc", "quotation mark"),
        ("def f(x)\n    return x", "end of the line above"),
    ],
)
def test_code_that_python_cannot_read(code, words):
    with pytest.raises(SyntaxError) as caught:
        compile(code, "cell", "exec")
    assert words in meaning(caught.type.__name__, caught.value.msg, "")


def test_two_devices():
    """The one text that is written down here: there may be no second device."""
    text = "Expected all tensors to be on the same device, but found at least two devices, cpu and"
    assert "different devices" in meaning("RuntimeError", text, "")


def test_an_exception_of_the_learners_own_gets_no_explanation():
    source = "def answer():\n    raise ValueError('my own words')"
    failure = run(ASKED, load(source, "answer"), 0)[0].failure
    assert in_words(failure, ASKED) == (
        "It raised ValueError: my own words\nin answer: raise ValueError('my own words')"
    )


def test_what_the_check_met_is_explained_too():
    failure = Failure("Unusable", "It returned a Sequential. RuntimeError: " + _message())
    assert "as many inputs as it was made for" in in_words(failure, ASKED)


def _message() -> str:
    with pytest.raises(RuntimeError) as caught:
        torch.ones(4, 3) @ torch.ones(2, 3)
    return str(caught.value)
