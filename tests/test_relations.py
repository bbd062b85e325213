"""What is said of wrong numbers beside the right ones: each sentence where it holds, and near it."""

import itertools

import pytest
import torch

from nnlib.checking.places import cases_where
from nnlib.checking.relations import relation

TOL = 1e-4
GENERATOR = torch.Generator().manual_seed(0)
SHAPES = [(5, 3), (4, 2)]


def cases(wrong, shapes=SHAPES, right=lambda X: X.exp() + 1):
    """Cases (arguments, what came back, what is right): X is drawn, lr and b differ in each."""
    found = []
    for i, shape in enumerate(shapes):
        X = torch.randn(shape, generator=GENERATOR)
        arguments = {"X": X, "lr": 0.1 + 0.25 * i, "b": torch.tensor(2.5 + i)}
        found.append((arguments, wrong(right(X), X, arguments), right(X)))
    return found


def told(wrong, **changes) -> str | None:
    return relation("the result", cases(wrong, **changes), TOL)


SENTENCES = {
    "The result has the opposite sign.": lambda right, X, a: -right,
    "The result is twice what is right.": lambda right, X, a: 2 * right,
    "The result is half of what is right.": lambda right, X, a: right / 2,
    "The result is 0.7 times what is right.": lambda right, X, a: 0.7 * right,
    "The result is what is right times len(X).": lambda right, X, a: len(X) * right,
    "The result is what is right divided by X.shape[1].": lambda right, X, a: right / X.shape[1],
    "The result is what is right divided by X.numel().": lambda right, X, a: right / X.numel(),
    "The result is what is right times N/(N − 1) for N = len(X).": (
        lambda right, X, a: right * len(X) / (len(X) - 1)
    ),
    "The result is what is right times √len(X).": lambda right, X, a: right * len(X) ** 0.5,
    "The result is what is right times lr.": lambda right, X, a: a["lr"] * right,
    "The result is what is right divided by (1 − lr).": lambda right, X, a: right / (1 - a["lr"]),
    "The result is what is right but for a factor, the same for all its numbers.": (
        lambda right, X, a: right * (1.7 + a["lr"])
    ),
    "The result is what is right times X.": lambda right, X, a: right * X,
    "The result is what is right plus b.": lambda right, X, a: right + a["b"],
    "The result is what is right minus X.": lambda right, X, a: right - X,
    "The result is too large by 0.3.": lambda right, X, a: right + 0.3,
    "The result is equal to X.": lambda right, X, a: X,
    "The result is equal to −X.": lambda right, X, a: -X,
    "The result is 0.": lambda right, X, a: 0 * right,
    "The result is 0.4, whatever the input.": lambda right, X, a: 0 * right + 0.4,
    "The result is NaN (not a number).": lambda right, X, a: right * float("nan"),
    "The result is the square of what is right.": lambda right, X, a: right**2,
    "The result is the square root of what is right.": lambda right, X, a: right.sqrt(),
    "The result is 1 minus what is right.": lambda right, X, a: 1 - right,
    "The result is the reciprocal of what is right.": lambda right, X, a: 1 / right,
    "The result is the rounded value of what is right.": lambda right, X, a: right.round(),
    "The result is the logarithm of what is right.": lambda right, X, a: right.log(),
    "The result is in reverse order.": lambda right, X, a: right.flip(0),
    "The result is moved one place back, around the end.": lambda right, X, a: right.roll(1, 0),
    "The result has the same numbers in every row.": lambda right, X, a: right[:1].expand_as(right),
    "The result has the right numbers in another order.": (
        lambda right, X, a: right.flatten().flip(0).roll(2).reshape(right.shape)
    ),
    "The result runs on: each number is the sum of all the right ones up to there.": (
        lambda right, X, a: right.flatten().cumsum(0).reshape(right.shape)
    ),
    "The result is right in its first digits only.": lambda right, X, a: right * (1 + 1.2e-4),
    "The result is wrong only where X is negative; there it is twice what is right.": (
        lambda right, X, a: torch.where(X < 0, 2 * right, right)
    ),
    "The result is wrong only where X is positive.": (
        lambda right, X, a: torch.where(X > 0, right + X.sin() ** 2, right)
    ),
    "The result is wrong only in the last row; there it is 0.": (
        lambda right, X, a: torch.cat([right[:-1], 0 * right[-1:]])
    ),
    "The result is turned on its side: rows and columns are swapped.": lambda right, X, a: right.T,
    "Its numbers are right, but it has a dimension of size 1 too many.": (
        lambda right, X, a: right[None]
    ),
    "Its numbers are right and in order; only the shape is not.": lambda right, X, a: (
        right.flatten()
    ),
    "It is the sum of what is asked for.": lambda right, X, a: right.sum(),
    "It is the mean over the rows of what is asked for.": lambda right, X, a: right.mean(0),
    "It is the first row of what is asked for.": lambda right, X, a: right[0],
    "What is there is right; the rest is missing.": lambda right, X, a: right[:-1],
    "It starts with what is right, and goes on.": lambda right, X, a: torch.cat([right, right]),
    "Its numbers are right; only the dtype is not.": lambda right, X, a: right.double(),
    "Its numbers are right; they only have to be one tensor.": lambda right, X, a: right.tolist(),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_relation_is_told(sentence):
    assert told(SENTENCES[sentence]) == sentence


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_relation_that_fails_in_one_case_is_not_told(sentence):
    """Another wrong result in the second case: nothing that holds in the first is said of both."""
    first, second = cases(SENTENCES[sentence])
    arguments, _, right = second
    other = (arguments, right + right.sin() * torch.arange(1, len(right) + 1)[:, None], right)
    assert relation("the result", [first, other], TOL) != sentence


@pytest.mark.parametrize("sentence", SENTENCES)
def test_nothing_is_said_of_what_is_right(sentence):
    right = [(arguments, wanted, wanted) for arguments, _, wanted in cases(SENTENCES[sentence])]
    text = relation("the result", right, TOL)
    assert text is None or "only the dtype" in text  # of wrong dtypes alone is it asked at all


def test_a_size_is_named_only_if_it_fits_every_case():
    """3 is the number of columns in one case by chance: as a number it is told, as a size not."""
    assert told(lambda right, X, a: 3 * right) == "The result is 3 times what is right."
    assert told(lambda right, X, a: 3 * right, shapes=[(5, 3)]) == (
        "The result is 3 times what is right."
    )
    assert told(lambda right, X, a: 5 * right, shapes=[(5, 3), (5, 2)]) == (
        "The result is 5 times what is right."
    )


def test_a_single_number_is_no_function_of_another():
    """Between two numbers there is always an offset, a factor and a power."""
    one = [({}, torch.tensor(1.21), torch.tensor(1.1))]
    assert relation("the result", one, TOL) is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda right: right * 0, "is 0"),
        (lambda right: right * (torch.arange(6) % 4 == 1), "is 0 where it should be 1, never the"),
        (lambda right: (right + torch.tensor([1, 0, 0, 0, 0, 0])).clamp(max=1), "is 1 where it"),
        (lambda right: right * torch.arange(6), "has other numbers than 0 and 1"),
        (lambda right: 1 - right, None),
    ],
)
def test_of_zeros_and_ones_little_is_said(wrong, words):
    """Every function of 0 and 1 is also many other functions."""
    right = torch.tensor([0.0, 1, 0, 1, 1, 1])
    text = relation("the result", [({}, wrong(right), right)], TOL)
    assert text is None if words is None else words in text


def test_broadcasting_that_made_pairs_is_seen():
    right = torch.rand(4, generator=GENERATOR)
    text = relation("the result", [({}, right[:, None] * torch.rand(4), right)], TOL)
    assert text.startswith("(N,) and (N, 1) met")


def test_lists_of_anything():
    def text(value):
        return relation("the list", [({}, {"the list": value}, {"the list": list("abc")})], TOL)

    assert text(["c", "b", "a"]) == "The list: the right items in reverse order."
    assert text(["b", "a", "c"]) == "The list: the right items in another order."
    assert text(["a", "b"]) == "The list: the last item is missing."
    assert text(["a", "b", "c", "c"]) == "The list: there is one item too many at the end."
    assert text(["a", "x", "c"]) is None


def test_a_name_keeps_its_case():
    right = torch.tensor([1.0, 3.0])
    assert relation("b2", [({}, {"b2": 2 * right}, {"b2": right})], TOL) == (
        "b2 is twice what is right."
    )


# -- which cases -----------------------------------------------------------------------------------

KINDS = [torch.ones(1, 3), torch.ones(4, 3), torch.ones(4, 1), torch.ones(2, 4, 3), torch.ones(5)]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({0}, "It is wrong only where X has one row."),
        ({2}, "It is wrong only where X has one column."),
        ({3}, "It is wrong only where X has more than two dimensions."),
        ({0, 1, 2, 4}, None),  # one case that is right is too thin
        ({1}, None),
        ({0, 1, 2, 3, 4}, None),
    ],
)
def test_what_the_wrong_cases_share(wrong, sentence):
    arguments = [{"X": X} for X in KINDS]
    assert cases_where(arguments, [i in wrong for i in range(len(KINDS))], set()) == sentence


def test_several_right_cases_share_something():
    shapes = [(2, 3), (3,), (1, 3), (2, 4, 3), (3, 4, 3)]
    arguments = [{"X": torch.ones(shape)} for shape in shapes]
    assert cases_where(arguments, [True, True, True, False, False], set()) == (
        "It is right only where X has more than two dimensions."
    )


def test_a_large_number_somewhere_does_not_tell_which_numbers_are_wrong():
    arguments = [{"z": torch.tensor([0.1, 1000.0])}, {"z": torch.tensor([2.0, -1.0])}]
    wrong = [True, False]
    assert cases_where(arguments, wrong, {"z"}) is None
    assert (
        cases_where(arguments, wrong, set()) == "It is wrong only where z has numbers beyond ±20."
    )


def test_one_number_for_the_wrong_cases_is_not_whatever_the_input():
    """0.5 where both scores are far out; elsewhere it is right, and something else."""
    seen = [({}, torch.full((2,), 0.5), torch.tensor([0.7, 0.3])), ({}, *2 * [torch.rand(2)])]
    assert "whatever" not in (relation("the result", seen, TOL) or "")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (torch.tanh, "torch.tanh(X)"),
        (lambda X: X.mean(dim=0), "X.mean(dim=0)"),
        (lambda X: X.amax(), "X.max()"),
    ],
)
def test_an_everyday_function_of_the_arguments_is_named(function, words):
    said = told(lambda right, X, a: function(X), shapes=[(3, 4), (5, 2), (2, 6), (4, 3)])
    assert said == f"The result is {words}."


def test_what_could_be_either_is_not_told():
    """One row, and numbers far out: which of the two is it?"""
    arguments = [{"X": torch.full((1, 2), 1e3)}, {"X": torch.ones(3, 2)}]
    assert cases_where(arguments, [True, False], set()) is None


def test_nothing_is_said_of_numbers_drawn_at_random():
    """They have nothing to do with the right ones."""
    for seed in range(30):
        generator = torch.Generator().manual_seed(seed)
        noise = [
            ({"X": torch.randn(s, generator=generator)}, *torch.randn((2, *s), generator=generator))
            for s in itertools.islice(itertools.cycle(SHAPES), 3)
        ]
        assert relation("the result", noise, TOL) is None
