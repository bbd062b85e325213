"""Numbers that a network gives fit together; those that were made up do not."""

import pytest
import torch
from torch import nn

from nnlib.checking.slopes import MISFIT, NO_SLOPE, misfit, slopes


def network(*layers):
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 6), *layers, nn.Linear(6, 2)).eval()


X = torch.linspace(-2, 2, 20).reshape(5, 4)


def seen_of(net):
    return net(X).detach(), slopes(net, X)


@pytest.mark.parametrize(
    "layers", [[], [nn.ReLU()], [nn.Tanh()], [nn.BatchNorm1d(6), nn.GELU(), nn.Dropout(0.5)]]
)
def test_a_networks_numbers_fit_and_it_stays_as_it_was(layers):
    net = network(*layers)
    before = [p.clone() for p in net.parameters()]
    assert misfit(*seen_of(net)) is None
    assert all(torch.equal(p, old) for p, old in zip(net.parameters(), before, strict=True))


def test_the_gradient_is_that_of_a_linear_layer():
    net = nn.Linear(4, 1, bias=False)
    weights = torch.cos(torch.arange(5.0))
    (gradient,) = slopes(net, X)["the gradient of the inputs"]
    torch.testing.assert_close(gradient, weights[:, None] * net.weight.detach())


@pytest.mark.parametrize("part", slopes(network(), X))
def test_each_part_counts(part):
    output, seen = seen_of(network())
    value = seen[part]
    seen[part] = [3 * v for v in value] if isinstance(value, list) else 3 * value
    assert misfit(output, seen) == MISFIT


def test_what_does_not_move_is_no_network():
    output, seen = seen_of(network())
    still = {part: output for part in seen if part.startswith("a step")}
    zeros = {
        "the gradient of the inputs": [torch.zeros_like(X)],
        "the length of the parameters' gradient": 0.0,
    }
    assert misfit(output, still | zeros) == NO_SLOPE
    assert misfit(output, seen | still) == MISFIT


def test_no_gradient_is_no_failure():
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 2)

        def forward(self, x):
            return self.layer(x).detach()

    assert misfit(*seen_of(Cut())) == NO_SLOPE
