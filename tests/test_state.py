"""A check is the same whatever a notebook did to torch before, and leaves everything as it was."""

import random

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nnlib.checking.exercise import Asked, Exercise
from nnlib.checking.judging import examine
from nnlib.checking.running import run
from nnlib.checking.state import pinned
from nnlib.exercises import catalog


def softmax(z, dim):
    return torch.softmax(z, dim)


def cut_off(z, dim):
    return torch.softmax(z.detach(), dim)


def he_init(fan_in, fan_out, generator):
    return (2 / fan_in) ** 0.5 * torch.randn(fan_out, fan_in, generator=generator)


def dense(X, W, b):
    return X @ W.T + b


def train_step(model, loss_fn, optimizer, X, y):
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@pytest.fixture
def float64_by_default():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def verdicts() -> list[str]:
    """One seed for each call: what a reference gave in another state must not be remembered."""
    seed = next(SEEDS)
    answers = [softmax, dense, he_init, train_step]
    said = [examine(catalog.find(answer.__name__), answer, seed).status for answer in answers]
    return [*said, examine(catalog.find("softmax"), cut_off, seed).status]


SEEDS = iter(range(100, 200))
AS_EVER = ["correct", "correct", "correct", "correct", "wrong"]


@pytest.mark.parametrize(
    "state",
    [
        torch.no_grad,
        torch.inference_mode,
        lambda: torch.device("meta"),
        lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    ],
)
def test_a_check_inside_a_block_of_torch(state):
    with state():
        assert verdicts() == AS_EVER
    assert verdicts() == AS_EVER


def test_a_check_after_another_default_dtype(float64_by_default):
    assert verdicts() == AS_EVER
    assert torch.get_default_dtype() == torch.float64


def test_what_was_remembered_in_a_strange_state_is_right_in_a_usual_one():
    seed = next(SEEDS)
    with torch.no_grad():
        assert examine(catalog.find("softmax"), softmax, seed).passed
    assert examine(catalog.find("softmax"), softmax, seed).passed
    assert not examine(catalog.find("softmax"), cut_off, seed).passed


def drawn() -> list[float]:
    """A number from each of the global generators."""
    return [float(torch.rand(())), random.random(), float(np.random.rand())]


def test_the_global_random_states_start_from_the_seed_and_are_put_back():
    torch.manual_seed(7)
    random.seed(7)
    np.random.seed(7)
    undisturbed = drawn()
    torch.manual_seed(7)
    random.seed(7)
    np.random.seed(7)
    with pinned(3):
        inside = drawn()
    assert drawn() == undisturbed
    with pinned(3):
        assert drawn() == inside
    with pinned(4):
        assert not set(drawn()) & set(inside)


def test_the_global_seed_is_set_for_each_run():
    """An answer that draws from the global generators gives the same in every case and run."""
    asked = Asked("draw", lambda generator: [(1,), (2,)])
    (first, second), again = (run(asked, lambda i: drawn(), seed=5) for _ in range(2))
    assert first.value == second.value == again[0].value
    assert run(asked, lambda i: drawn(), seed=6)[0].value != first.value


def test_what_an_answer_does_to_torch_ends_with_it():
    def meddles(x):
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.manual_seed(1)
        raise ValueError

    before = torch.get_rng_state()
    one = Exercise(Asked("f", lambda generator: [(1,), (2,)]), F.relu)
    run(one.asked, meddles, seed=0)
    assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
    assert torch.equal(before, torch.get_rng_state())
