"""The kinds of change that make a right answer wrong, in words.

A kind ends the sentence "It behaves exactly like a right answer in which …". It names what is
different, and never the place or the line.
"""

import ast
import re

OPERATORS = {
    ast.Add: [
        (ast.Sub, "a minus stands where a plus belongs"),
        (ast.Mult, "a product stands where a sum belongs"),
    ],
    ast.Sub: [
        (ast.Add, "a plus stands where a minus belongs"),
        (ast.Div, "a quotient stands where a difference belongs"),
    ],
    ast.Mult: [
        (ast.Div, "a division stands where a product belongs"),
        (ast.Add, "a sum stands where a product belongs"),
        (ast.MatMult, "a matrix product (@) stands where a product of elements (*) belongs"),
    ],
    ast.Div: [
        (ast.Mult, "a product stands where a division belongs"),
        (ast.FloorDiv, "a quotient is rounded down where it should not be"),
    ],
    ast.FloorDiv: [
        (ast.Div, "a quotient is not rounded down"),
        (ast.Mult, "a product stands where a division belongs"),
        (ast.Mod, "a remainder stands where a quotient belongs"),
    ],
    ast.MatMult: [
        (ast.Mult, "a product of elements (*) stands where a matrix product (@) belongs")
    ],
    ast.Pow: [(ast.Mult, "a product stands where a power belongs")],
}

MISSING = {
    ast.Add: "one term of a sum is missing",
    ast.Sub: "one side of a subtraction is missing",
    ast.Mult: "one factor is missing",
    ast.Div: "a division is missing",
    ast.FloorDiv: "a division is missing",
    ast.MatMult: "one factor of a matrix product is missing",
    ast.Pow: "a power or a root is missing",
}

SWAPPED = {
    ast.Sub: "the two sides of a subtraction are swapped",
    ast.Div: "numerator and denominator are swapped",
    ast.FloorDiv: "numerator and denominator are swapped",
    ast.MatMult: "the two factors of a matrix product are swapped",
    ast.Pow: "base and exponent are swapped",
}

TURNED = "a comparison looks the wrong way"
EQUALITY = "a comparison decides wrongly when both sides are equal: > for ≥, < for ≤, or vice versa"
COMPARISONS = {
    ast.Gt: [(ast.GtE, EQUALITY), (ast.Lt, TURNED), (ast.LtE, TURNED)],
    ast.GtE: [(ast.Gt, EQUALITY), (ast.LtE, TURNED), (ast.Lt, TURNED)],
    ast.Lt: [(ast.LtE, EQUALITY), (ast.Gt, TURNED), (ast.GtE, TURNED)],
    ast.LtE: [(ast.Lt, EQUALITY), (ast.GtE, TURNED), (ast.Gt, TURNED)],
    ast.Eq: [(ast.NotEq, "a comparison asks whether things are unequal, not equal")],
    ast.NotEq: [(ast.Eq, "a comparison asks whether things are equal, not unequal")],
}

NOUNS = {
    "mean": "a mean",
    "sum": "a sum",
    "sqrt": "a square root",
    "std": "a standard deviation",
    "median": "a median",
    "square": "a square",
    "var": "a variance",
    "max": "a maximum",
    "amax": "a maximum",
    "min": "a minimum",
    "amin": "a minimum",
    "argmax": "the place of the largest",
    "argmin": "the place of the smallest",
    "exp": "an exponential",
    "log": "a logarithm",
    "abs": "an absolute value",
    "all": "an “all”",
    "any": "an “any”",
    "sigmoid": "a sigmoid",
    "tanh": "a tanh",
    "relu": "a ReLU",
    "zeros": "zeros",
    "ones": "ones",
    "zeros_like": "zeros",
    "ones_like": "ones",
    "rand": "numbers from 0 to 1 (rand)",
    "randn": "normal numbers (randn)",
    "round": "rounding",
    "floor": "rounding down",
    "ceil": "rounding up",
    "int": "rounding towards 0",
    "stack": "stacking (stack)",
    "cat": "joining (cat)",
    "clamp": "a limit (clamp)",
    "train": "training mode",
    "eval": "evaluation mode",
}

TOO_MUCH = {
    "-it": "there is a minus sign too many",
    "2 * it": "there is a factor 2 too many",
    "it / 2": "there is a factor ½ too many",
    "1 - it": "1 minus something stands where that itself belongs",
    "it ** 2": "a square is taken where none belongs",
    "it.mean()": "a mean is taken where the numbers themselves belong",
    "it.mean(dim=0)": "a mean is taken where the numbers themselves belong",
    "it.mean(dim=-1)": "a mean is taken where the numbers themselves belong",
    "it.sum()": "a sum is taken where the numbers themselves belong",
    "it.sum(dim=0)": "a sum is taken where the numbers themselves belong",
    "it.sum(dim=-1)": "a sum is taken where the numbers themselves belong",
    "it.max()": "a maximum is taken where the numbers themselves belong",
    "it.abs()": "an absolute value is taken where none belongs",
    "it.sqrt()": "a square root is taken where none belongs",
    "it.exp()": "an exponential is taken where none belongs",
    "it.log()": "a logarithm is taken where none belongs",
    "it.sign()": "only a sign is taken where a number belongs",
    "it.round()": "something is rounded that should not be",
    "it.clamp(0, 1)": "numbers are cut off below 0 and above 1 where they should not be",
    "it.clamp(-1, 1)": "numbers are cut off below −1 and above 1 where they should not be",
    "it.relu()": "negative numbers become 0 where they should not",
    "it.sigmoid()": "a sigmoid is taken where none belongs",
    "it.tanh()": "a tanh is taken where none belongs",
    "it.reciprocal()": "a reciprocal is taken where none belongs",
    "it.detach()": "something is cut off from the graph, so no gradient flows through it",
}
"""What may be done to an expression, `it`, that does not belong there."""

ARGUMENT_TOO_MUCH = {
    "it * ARGUMENT": "there is a factor `{}` too many",
    "it + ARGUMENT": "`{}` is added where it does not belong",
    "it * ARGUMENT.mean()": "there is a factor too many, the mean of `{}`",
    "it / len(ARGUMENT)": "there is a division by the length of `{}` too many",
}
"""What may be done to an expression, `it`, with an argument of the function."""


def does_too_much(kind: str) -> bool:
    """Whether a kind is one of those where something is done that does not belong there."""
    unnamed = re.sub("`.*?`", "`{}`", kind)
    return kind in TOO_MUCH.values() or unnamed in ARGUMENT_TOO_MUCH.values()


OTHER_MEANS = {
    "it.sum() / len(it)": "a mean divides by another number than how many it adds up",
    "it.sum() / it.shape[-1]": "a mean divides by another number than how many it adds up",
    "it.sum() / (it.numel() - 1)": "a mean divides by one less than it should",
    "it.sum(dim=0) / it.shape[-1]": "a mean divides by another number than how many it adds up",
    "it.sum(dim=0) / it.numel()": "a mean divides by another number than how many it adds up",
    "it.sum(dim=0) / (len(it) - 1)": "a mean divides by one less than it should",
}
"""What may stand for the mean of `it`."""

COUNTS = ("len(it)", "it.shape[-1]", "it.numel()")

INSTEAD = {
    "mean": ["sum", "max", "std", "median"],
    "sum": ["mean", "max"],
    "sqrt": ["square"],
    "std": ["var"],
    "var": ["std"],
    "max": ["min"],
    "min": ["max"],
    "amax": ["amin", "sum"],
    "amin": ["amax"],
    "argmax": ["argmin"],
    "argmin": ["argmax"],
    "all": ["any"],
    "any": ["all"],
    "exp": ["log"],
    "log": ["exp"],
    "sigmoid": ["tanh", "relu"],
    "zeros": ["ones"],
    "ones": ["zeros"],
    "zeros_like": ["ones_like"],
    "ones_like": ["zeros_like"],
    "rand": ["randn"],
    "randn": ["rand"],
    "stack": ["cat"],
    "cat": ["stack"],
    "train": ["eval"],
    "eval": ["train"],
}

KEYWORDS = {
    "dim": "a `dim=` is missing",
    "keepdim": "a `keepdim=True` is missing",
    "generator": "random numbers do not come from the generator",
    "correction": "a variance or deviation divides by N − 1 where N belongs",
    "dtype": "a `dtype=` is missing",
}

COUNTED = "something else is counted: rows, columns and all elements are different numbers"
LESS = "a function is applied to a part of what it should be applied to"
MORE = "a function is applied to more than it should be applied to"
AXIS = "something is computed along another dimension (dim)"
VAGUE_NAME = "one quantity stands where another belongs"
OFF_BY_ONE = "one number is off by one"
NUMBER = "one number is another"
STEP = "one step is left out"
ARGUMENT = "one argument of a call is missing"
CALL = "one call of a function is missing"
VAGUE = [ARGUMENT, STEP, OFF_BY_ONE, CALL, VAGUE_NAME, NUMBER]
"""Kinds that say little: where others explain an answer as well, those come first."""

CLEARED = {
    "zero_grad": "old gradients are not set to zero",
    "train": "the model is not put into training mode",
    "eval": "a layer is not put into evaluation mode",
    "backward": "no gradients are computed",
    "step": "the optimizer takes no step",
}
