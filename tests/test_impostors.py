"""Catch the impostors: which there are, and what is said of a list of inputs."""

import pytest
import torch

from nnlib.checking.impostors import impostors
from nnlib.checking.judging import examine
from nnlib.checking.running import run_case
from nnlib.exercises import catalog
from nnlib.trial.wire import decode, encode

SOFTMAX, EXERCISE = catalog.find("softmax"), catalog.find("softmax_impostors")
SMALL = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])


def test_every_known_mistake_is_an_impostor_and_none_is_right():
    suspects = impostors(SOFTMAX)
    assert set(SOFTMAX.mistakes) < set(suspects)
    assert len(suspects) > 2 * len(SOFTMAX.mistakes)
    for answer in suspects.values():
        assert not examine(SOFTMAX, answer).passed


def test_what_counts_is_that_an_impostor_gives_something_else_on_one_of_the_inputs():
    """Counted once more, with torch's own softmax beside each of them."""
    inputs = [(SMALL, 1), (SMALL, 0)]
    exposed = 0
    for answer in impostors(SOFTMAX).values():
        right = True
        for given in inputs:
            outcome = run_case(SOFTMAX.asked, answer, given, 0)
            z = given[0].clone().requires_grad_()
            shares = torch.softmax(z, given[1])
            weights = torch.cos(torch.arange(6.0)).reshape(2, 3)
            (gradient,) = torch.autograd.grad(shares, z, weights)
            right = right and not outcome.failure
            for value, wanted in zip((outcome.value or {}).values(), (shares, gradient)):
                same_form = isinstance(value, torch.Tensor) and value.shape == wanted.shape
                right = right and same_form and torch.allclose(value, wanted, 1e-4, 1e-5)
        exposed += not right
    message = examine(EXERCISE, inputs).message
    assert f"{exposed} of {len(impostors(SOFTMAX))} impostors are exposed." in message


def test_more_inputs_expose_no_fewer():
    def count(inputs):
        return int(examine(EXERCISE, inputs).message.split()[0])

    more = [(2 * SMALL, 1), (SMALL, -1), (1000 * SMALL, 1)]
    counts = [count(more[: n + 1]) for n in range(3)]
    assert counts[0] <= counts[1] < counts[2]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (3, "a list of tuples (z, dim)"),
        ([], "a list of tuples (z, dim)"),
        ([SMALL], "Its input 1 is a tensor."),
        ([(SMALL, 1), (SMALL,)], "Its input 2 is a tuple."),
        ([(SMALL, 1)] * 13, "13 inputs"),
        ([(torch.zeros(1001), 0)], "more than 1000 elements"),
        ([(torch.zeros(1).expand(10**9), 0)], "more than 1000 elements"),
        ([(SMALL, 1), ([1.0, 2.0], 0)], "Z is a list, not a tensor, in input 2."),
        ([(SMALL, 1.0)], "Dim is a float, not an int, in input 1."),
        ([(SMALL.long(), 1)], "Z has dtype torch.int64 in input 1."),
        ([(SMALL, 2)], "softmax itself cannot take input 1: IndexError"),
        (SOFTMAX.reference, "a list of tuples (z, dim)"),
    ],
)
def test_what_is_no_list_of_inputs_is_told_what_it_should_be(answer, words):
    verdict = examine(EXERCISE, answer)
    assert verdict.status == "wrong" and words.lower() in verdict.message.lower(), str(verdict)


def test_inputs_arrive_whole_from_another_process():
    outcome = run_case(EXERCISE.asked, EXERCISE.reference, (), 0)
    (arrived,) = decode(encode([outcome], 10**6))
    assert repr(arrived) == repr(outcome)
