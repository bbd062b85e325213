"""Ways to use an answer on a case, and to draw one."""

import numpy as np
import pytest
import torch

from nnlib.checking import cases, use
from nnlib.checking.exercise import Asked, Exercise
from nnlib.checking.judging import examine


def _pair(x, y):
    return x * y, x + y


def test_parts_have_names_and_another_number_of_them_is_told():
    outcome = use.parts("the product", "the sum")(_pair, torch.tensor(2.0), torch.tensor(3.0))
    assert outcome == {"the product": 6, "the sum": 5}
    for answer, words in (
        (lambda x, y: x, "It returned a tensor"),
        (lambda x, y: [x, y, x], "It returned 3 things"),
    ):
        with pytest.raises(use.Unusable, match="2 things: the product and the sum") as error:
            use.parts("the product", "the sum")(answer, torch.ones(2), torch.ones(2))
        assert words in str(error.value)


def test_gradients_of_several_results_weigh_every_element():
    """Beside the chain rule by hand: d(cos·xy + cos·(x + y)) for x is cos·(y + 1)."""
    x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0])
    outcome = use.differentiate("x", "y", of=("the product", "the sum"))(_pair, x, y)
    weights = torch.tensor([0.0, 1.0, 2.0]).cos()
    torch.testing.assert_close(outcome["the gradient for x"], weights * (y + 1))
    torch.testing.assert_close(outcome["the gradient for y"], weights * (x + 1))
    assert list(outcome)[:2] == ["the product", "the sum"]


def test_a_gradient_that_was_cut_off_is_none():
    outcome = use.differentiate("x", "y")(lambda x, y: x.detach() * y, *torch.ones(2, 3))
    assert outcome["the gradient for x"] is None
    assert outcome["the gradient for y"] is not None
    outcome = use.differentiate("x")(lambda x: x.detach(), torch.ones(3))
    assert outcome["the gradient for x"] is None


def test_an_answer_that_draws_is_asked_again_and_with_other_seeds():
    def draw(n, generator):
        return torch.randint(1000, (n,), generator=generator)

    first, following, same, other = use.seeded("the draw")(draw, 5, 7).values()
    assert torch.equal(first, same)
    assert not torch.equal(first, following) and not torch.equal(first, other)
    assert torch.equal(first, draw(5, torch.Generator().manual_seed(7)))


@pytest.mark.parametrize(
    "value", [2, 2.0, torch.tensor(2), torch.tensor(2.0).double(), np.float32(2)]
)
def test_a_number_is_a_number_in_any_form(value):
    assert use.number(value) == 2.0 and type(use.number(value)) is float


def test_a_letter_may_be_large_and_any_other_thing_is_told():
    letter = use.one_of("abc")
    assert letter("b") == letter(" B ") == "b"
    for given in ("d", "", "ab", 2, None, torch.ones(2)):
        with pytest.raises(use.Unusable, match="one of the letters a, b or c"):
            letter(given)


@pytest.mark.parametrize("value", [True, "2", torch.ones(1), None])
def test_what_is_no_number_stays_as_it_is(value):
    assert use.number(value) is value


def test_whole_numbers_are_small_never_0_and_of_both_signs():
    drawn = cases.whole(torch.Generator().manual_seed(0), 50, 4, most=3, dtype=torch.float64)
    assert drawn.dtype == torch.float64 and drawn.shape == (50, 4)
    assert set(drawn.flatten().tolist()) == {-3, -2, -1, 1, 2, 3}


@pytest.mark.parametrize(
    "change",
    [
        lambda numbers, knobs, table: numbers.sort(),
        lambda numbers, knobs, table: numbers.__setitem__(0, "text"),
        lambda numbers, knobs, table: knobs.popitem(),
        lambda numbers, knobs, table: knobs["lr"].append(0.3),
        lambda numbers, knobs, table: table.add_(1),
    ],
)
def test_an_answer_that_changes_any_argument_is_told_so(change):
    def answer(numbers, knobs, table):
        change(numbers, knobs, table)
        return 0

    def draw(generator):
        return [([3, 1, 2], {"lr": [0.1, 0.2]}, torch.zeros(2))]

    exercise = Exercise(Asked("any", draw, signature="numbers, knobs, table"), lambda *case: 0)
    assert examine(exercise, lambda numbers, knobs, table: 0).passed
    assert "changes an argument in place" in examine(exercise, answer).message
