"""What the exceptions that torch and Python throw most at learners mean, and what to look at.

Each sentence is true whatever else may be the cause: what is only likely is called "often".
"""

import builtins
import difflib
import math
import re

import torch
from torch import nn


def meaning(type_name: str, text: str, line: str) -> str:
    """What an exception means in one or two sentences; empty where that is not known.

    line: the learner's line that raised it, as far as it is known.
    """
    for pattern, sentence in _RULES:
        found = re.search(pattern, f"{type_name}: {text}")
        if found:
            words = sentence(line, *found.groups()) if callable(sentence) else sentence
            if words:
                return words.format(*found.groups()) if isinstance(sentence, str) else words
    return ""


# -- sentences that depend on what is there --------------------------------------------------------


def _none(line: str, *_) -> str:
    if ".grad" in line:
        return (
            "Something here is None. `.grad` is None until backward() has run, and for a"
            " tensor without requires_grad=True."
        )
    return (
        "Something here is None: often what a function without `return` gives, or a method"
        " that returns nothing, such as append, sort or backward."
    )


def _one_element(line: str, *_) -> str:
    if "math." in line:
        return (
            "A function of `math` takes one number. For every element of a tensor at once, use the"
            " function of that name in torch, such as torch.exp or torch.sqrt."
        )
    if "tensor(" in line:
        return (
            "torch.tensor makes a tensor of plain numbers. A list of tensors becomes one tensor"
            " with torch.stack (a new axis) or torch.cat (end to end)."
        )
    return "A tensor of several numbers stands where a single number is wanted."


def _not_defined(line: str, name: str) -> str:
    usual = {
        "np": "import numpy as np",
        "numpy": "import numpy",
        "math": "import math",
        "torch": "import torch",
        "nn": "from torch import nn",
        "F": "from torch.nn import functional as F",
        "plt": "import matplotlib.pyplot as plt",
        "random": "import random",
    }
    if name in usual:
        return f"Nothing that has run says what {name} is: `{usual[name]}` does."
    near = difflib.get_close_matches(name, dir(builtins), 1, 0.8)
    advice = f" Did you mean {near[0]}?" if near else ""
    if re.search(r"\bself\b|\bforward\b", line):
        advice += f" What belongs to the object is self.{name}."
    return (
        f"Nothing that has run gives {name} a value here. If a cell further up does, run that first"
        f" (menu Run, Run All Above Selected Cell).{advice}"
    )


def _no_attribute(line: str, kind: str, name: str) -> str:
    """Of a tensor, a module or a class of torch, the nearest name; of a list, what it is not."""
    owners = {
        "Tensor": torch.Tensor,
        "list": list,
        "tuple": tuple,
        "dict": dict,
        "str": str,
        "int": int,
        "float": float,
        "torch": torch,
        "torch.nn": nn,
        "torch.nn.functional": nn.functional,
        "math": math,
    }
    owner = owners.get(kind, getattr(nn, kind, getattr(torch.optim, kind, None)))
    names = [*dir(owner), *getattr(owner, "__annotations__", ())] if owner else []
    near = difflib.get_close_matches(name.lower(), [n.lower() for n in names], 1, 0.78)
    what = f"{kind} has no {name}."
    if near:
        written = next(n for n in names if n.lower() == near[0])
        return f"{what} Did you mean {written}?"
    if kind in ("list", "tuple", "int", "float") and hasattr(torch.Tensor, name):
        return f"{what} A tensor has: torch.tensor(...) makes one."
    if kind == "Tensor" and hasattr(list, name):
        return f"{what} A list has: collect in a list, then torch.stack it."
    if owner is None and "self." in line:
        return f"{what} If that is self: is `self.{name} = ...` in __init__, spelled the same?"
    return f"{what} Look at its spelling, and at what stands before the dot."


def _positional(line: str, function: str, most: str, given: str) -> str:
    if "." in function and int(given) == int(most) + 1:
        return (
            "Python hands the object itself to a method as its first argument. Is `self` the first"
            " name in the brackets of its def? If it is, the call gives one argument too many."
        )
    return f"The call gives {given} arguments; look at how many the def has room for."


def _keyword(line: str, function: str, name: str) -> str:
    torchs = {"axis": "dim", "axes": "dim", "keepdims": "keepdim", "ddof": "correction"}
    if name in torchs:
        return (
            f"It has no argument called {name}. What numpy calls {name} is {torchs[name]} in torch."
        )
    return f"It has no argument called {name}. Look at the names in its def or documentation."


def _dimension(line: str, low: str, high: str, given: str) -> str:
    axes = int(high) + 1
    if axes == 1:
        return "This tensor has one axis only: dim=0, or dim=-1, which is always the last one."
    return (
        f"This tensor has {axes} axes: dim=0 to dim={high}, or from the end dim=-1, which is always"
        f" the last one, to dim={low}. There is no dim={given}."
    )


def _shape(line: str, shape: str, size: str) -> str:
    sizes = [int(part) for part in shape.split(",")]
    if -1 in sizes:
        known = -math.prod(sizes)
        return f"{size} numbers cannot be divided into groups of {known}." if known else ""
    return f"The tensor has {size} numbers, the new shape has room for {math.prod(sizes)}."


def _arithmetic(line: str, sign: str, left: str, right: str) -> str:
    both = {left, right}
    if "numpy.ndarray" in both and "Tensor" in both:
        return "A numpy array and a tensor do not mix: torch.from_numpy(a) makes a tensor of one."
    if "str" in both:
        return f"Text is no number: {sign} does not work between {left} and {right}."
    if both & {"list", "tuple"}:
        return _LISTS
    if both & {"function", "builtin_function_or_method", "method"}:
        return "A function itself is no number. To call it, put brackets after its name."
    return f"{sign} does not work between {left} and {right}. Look at what both sides are."


def _must_be(line: str, function: str, name: str, wanted: str, given: str) -> str:
    if given in ("int", "float") and wanted == "Tensor":
        return (
            f"torch's {function} works on tensors, and this is one plain number (type {given})."
            " torch.tensor(number) makes a tensor of it."
        )
    if given in ("list", "tuple", "numpy.ndarray") and wanted == "Tensor":
        return f"torch's {function} works on tensors, and this is a {given}: torch.tensor(...) makes one of it."
    return f"{function} wants {wanted} for its argument {name}, and gets {given}."


def _not_callable(line: str, kind: str) -> str:
    if kind == "torch.Size":
        return "A shape is no function: .shape without brackets, or .shape[0] for one size."
    return (
        f"Round brackets right after a value call it like a function, and this one is of type"
        f" {kind}. Is a * missing, are square brackets meant, or has a variable the name of a"
        " function?"
    )


def _too_many(line: str, names: str) -> str:
    return (
        f"The left side has {names} names, the right side gives more values than that. A tensor, a"
        " list or a dict gives one value for each entry along its first axis."
    )


def _too_few(line: str, names: str, values: str) -> str:
    return f"The left side has {names} names, the right side gives only {values}."


def _list(line: str, *_) -> str:
    two = re.search(r"\b(max|min|sort|median|mode)\(", line)
    return _TWO_THINGS.format(two[1]) if two else _LISTS


_TWO_THINGS = (
    "With a dimension, {0} gives two things: the values, and where they stand. Take .values, or"
    " unpack both."
)
_LISTS = (
    "Lists and tuples do not calculate: + joins two of them, * repeats one a whole number of times."
    " To calculate, make tensors: torch.tensor(...)."
)
_DTYPES = (
    "Numbers of two kinds meet: {0} and {1}. A new tensor is float32 (int64 if made of whole"
    " numbers) unless it is told otherwise: dtype=x.dtype makes it like x, and a.to(x.dtype)"
    " converts."
)
_CONVERT = "It works on floating-point numbers, and these are {0}. Convert them first: .float() or .double()."
_SUPER = (
    "An nn.Module can keep layers, parameters and buffers only after super().__init__(): that"
    " belongs in the first line of __init__."
)
_INPLACE = (
    "This changes a tensor in place (+=, -=, an assignment to its elements, or a method that ends in"
    " _), and torch forbids that for one whose gradients it records. Make a new tensor,"
    " w = w - ..., or work inside `with torch.no_grad():`."
)
_DEVICES = (
    "Two tensors lie on different devices. Move them to one: a.to(b.device). The course needs the"
    " CPU only."
)

_RULES = (
    # -- truth values and single numbers
    (
        r"Boolean value of Tensor with (?:more than one|no) value",
        "`if`, `while`, `and`, `or`, `not`, max() and sorted() ask for one yes or no, and this"
        " tensor has not exactly one element. To decide for each element use torch.where or a mask;"
        " .all() and .any() make one answer of many.",
    ),
    (r"only one element tensors can be converted", _one_element),
    (
        r"a Tensor with (\d+) elements cannot be converted to Scalar",
        "This needs a tensor of exactly one number, as .item() does, and this one has {0}.",
    ),
    (r"unsupported format string passed to Tensor", "In text, format a number: x.item()."),
    (
        r"iteration over a 0-d tensor|len\(\) of a 0-d tensor",
        "This tensor is one single number, with nothing to count, unpack or loop over.",
    ),
    (r"invalid index of a 0-dim tensor", "This tensor is one single number, without elements."),
    # -- None
    (r"NoneType", _none),
    # -- shapes
    (
        r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)",
        "In a product of matrices the left one must have as many columns ({0}) as the right one has"
        " rows ({1}); an nn.Linear, as many inputs as it was made for. `.T` swaps rows and columns.",
    ),
    (
        r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]",
        "Both sides of this product are single rows of numbers, and must be of the same length. They"
        " have {0} and {1}.",
    ),
    (
        r"size mismatch, got input \(\d+\), mat \(\d+x(\d+)\), vec \((\d+)\)",
        "This matrix has {0} columns, so the vector on its right must have {0} numbers. It has {1}.",
    ),
    (
        r"both arguments to matmul need to be at least 1D",
        "`@` multiplies vectors and matrices, and one side is a single number. `*` multiplies by a"
        " number.",
    ),
    (
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton"
        r" dimension (\d+)",
        "Where two tensors are combined, each axis must have the same size in both, or size 1. On"
        " axis {2} these have {0} and {1}. Shapes are compared from the last axis on.",
    ),
    (
        r"expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\) at"
        r" non-singleton dimension (\d+)",
        "On axis {2}, {1} numbers should fill {0} places. Only a size of 1 is repeated.",
    ),
    (
        r"operands could not be broadcast together",
        "The shapes of these two numpy arrays do not fit.",
    ),
    (r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", _shape),
    (r"view size is not compatible", "Use .reshape(...) in place of .view(...) here."),
    (
        r"stack expects each tensor to be equal size, but got \[([^]]*)\] at entry 0 and \[([^]]*)\]",
        "torch.stack lays tensors of one shape on top of each other, and these have the shapes [{0}]"
        " and [{1}].",
    ),
    (
        r"Sizes of tensors must match except in dimension (\d+). Expected size (\d+) but got size"
        r" (\d+)",
        "torch.cat joins along axis {0}; on every other axis the sizes must agree, and here {1} meets"
        " {2}.",
    ),
    (
        r"expected sequence of length (\d+) at dim \d+ \(got (\d+)\)",
        "The rows of a tensor must all be of the same length, and here {0} meets {1}.",
    ),
    (
        r"shape of the mask \[([^]]*)\].* shape of the indexed tensor \[([^]]*)\]",
        "A mask has one yes or no for each place: its shape [{0}] does not fit [{1}].",
    ),
    (
        r"input batch_size \((\d+)\) to match target batch_size \((\d+)\)",
        "There are {0} rows of logits and {1} labels; each row needs one.",
    ),
    (r"input.numel\(\) == 0", "This tensor is empty: it has no element to choose from."),
    # -- places and axes
    (
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (\d+)\], but got (-?\d+)\)",
        _dimension,
    ),
    (
        r"index (-?\d+) is out of bounds for (?:dimension|axis) (\d+) with size (\d+)",
        "Axis {1} has {2} places, counted from 0. There is no place {0}.",
    ),
    (
        r"too many indices for (?:tensor of dimension (\d+)|array)",
        "There are more indices in the brackets than the tensor has axes.",
    ),
    (
        r"Target (-?\d+) is out of bounds",
        "The label {0} has no column of logits: K columns have the labels 0 to K - 1.",
    ),
    (
        r"list index out of range",
        "The list is shorter than that: its places are 0 to len(...) - 1.",
    ),
    (
        r"tuple index out of range",
        "The tuple is shorter than that. A shape, for one, has an entry for each axis, from 0 on.",
    ),
    (
        r"tensors used as indices must be|only integers, slices|indices must be integers or slices",
        "A place in the brackets must be a whole number. `//` divides without a rest, .long()"
        " converts a tensor, int() a number.",
    ),
    (
        r"'(float|Tensor|str|list)' object cannot be interpreted as an integer",
        "A whole number is wanted, and this is of type {0}. `/` always gives a float, `//` does not.",
    ),
    (
        r"only integer tensors of a single element can be converted to an index",
        "A single whole number is wanted, and this tensor is none. int(...) makes one of a tensor"
        " with one element.",
    ),
    # -- gradients
    (r"leaf Variable that requires grad is being used in an in-place operation", _INPLACE),
    (
        r"modified by an inplace operation",
        "backward() still needs a tensor that was changed after it had been used: by +=, -=, an"
        " assignment to its elements, or a method that ends in _. Make a new tensor instead.",
    ),
    (
        r"backward through the graph a second time",
        "Gradients went back through the same computation already, and its values are freed after"
        " the first time. Compute the result anew before each backward(); often a tensor kept from"
        " an earlier step leads back into it, and wants .detach().",
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "Nothing connects this result with a tensor that has requires_grad=True. Often .detach(),"
        " .item(), .data, numpy, torch.tensor(...) or no_grad() has cut the connection.",
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        "backward() starts from a single number, and this tensor has more. .sum() or .mean() makes"
        " one of it.",
    ),
    (
        r"appears to not have been used in the graph",
        "The result was not computed from this very tensor: often from a copy of it.",
    ),
    (
        r"Can't call numpy\(\) on Tensor that requires grad",
        "numpy would lose the gradients, so torch does not hand over a tensor that needs them. Use"
        " torch's own functions, or .detach() where no gradient is wanted.",
    ),
    (
        r"[Oo]nly Tensors of floating point",
        "Only floating-point numbers have gradients: write 1.0 for 1, or convert with .float().",
    ),
    # -- dtypes
    (r"could not infer output dtype.*Got: (\w+)", _CONVERT),
    (r"std and var only support floating point", _CONVERT.replace("{0}", "not")),
    (
        r'"\w+" not implemented for \'(\w+)\'',
        "torch has no version of this for numbers of the kind {0}. Convert them first: .float() or"
        " .double().",
    ),
    (
        r"expected target dtype to be Long",
        "Class labels must be whole numbers of the kind int64: labels.long().",
    ),
    (
        r"one_hot is only applicable",
        "Class labels must be whole numbers of the kind int64: labels.long().",
    ),
    (
        r"result type (\w+) can't be cast to the desired output type (\w+)",
        "Numbers of the kind {0} do not fit into a tensor of the kind {1}. Convert that first:"
        " .float() or .double().",
    ),
    (r"must have the same dtype, but got:? (\w+) (?:and|!=) (\w+)", _DTYPES),
    (r"to have (?:the )?same dtype, but (?:got|found):? (\w+) (?:and|!=) (\w+)", _DTYPES),
    (r"[Ff]ound dtype (\w+) but expected (\w+)", _DTYPES),
    (r"expected scalar type (\w+) but found (\w+)", _DTYPES),
    (r"expected dtype (\w+) for .* but got dtype (\w+)", _DTYPES),
    (
        r"all elements of input should be between 0 and 1",
        "This loss wants probabilities. Logits, which may be any numbers, go into"
        " binary_cross_entropy_with_logits.",
    ),
    # -- devices
    (r"on the same device|expected device", _DEVICES),
    (
        r"not compiled with CUDA|No CUDA|Found no NVIDIA",
        "torch finds no GPU (cuda) here. The course needs none: leave out .cuda() and .to('cuda').",
    ),
    # -- torch.max and its like
    (r"torch\.return_types\.(\w+)", _TWO_THINGS),
    (r"can only concatenate (?:list|tuple)|can't multiply sequence", _list),
    (
        r"can only concatenate str",
        "Text and numbers do not add: str(number) makes text of a number.",
    ),
    # -- calling
    (
        r": ([\w.<>]+)\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given",
        _positional,
    ),
    (r"missing \d+ required positional arguments?: (.+)", "The call leaves out {0}."),
    (r": (?:.*\.)?(\w+)\(\) got an unexpected keyword argument '(\w+)'", _keyword),
    (
        r"(\w+)\(\) received an invalid combination of arguments - got \((?:.*, )?(axis|axes|keepdims|ddof)=",
        _keyword,
    ),
    (
        r"received an invalid combination of arguments - got \(([^)]*)\)",
        "It cannot work with arguments of these kinds: ({0}). Look at each of them.",
    ),
    (
        r"got multiple values for argument '(\w+)'",
        "The call gives {0} twice: by its place and by its name.",
    ),
    (r"(\w+)\(\): argument '(\w+)' .*must be (.+), not (.+)", _must_be),
    (
        r"expected Tensor as element \d+ in argument \d+, but got (\w+)",
        "The list must hold tensors, and there is an element of type {0}.",
    ),
    (r"'([\w.]+)' object is not callable", _not_callable),
    (
        r"'(?:builtin_function_or_method|function|method)' object is not (?:subscriptable|iterable)",
        "A function stands here, not its result: to call it, put round brackets after its name.",
    ),
    (
        r"'(int|float|bool)' object is not (?:subscriptable|iterable)",
        "This is one number (type {0}), without elements to pick or to loop over. range(n) counts.",
    ),
    (r"object of type '(\w+)' has no len", "Something of type {0} has no length."),
    (r"too many values to unpack \(expected (\d+)", _too_many),
    (r"not enough values to unpack \(expected (?:at least )?(\d+), got (\d+)\)", _too_few),
    (
        r"cannot unpack non-iterable (\w+) object",
        "The left side has several names, and the right side is a single thing, of type {0}.",
    ),
    # -- nn.Module
    (r"before Module\.__init__\(\) call", _SUPER),
    (
        r"has no attribute '_(?:parameters|modules|buffers|\w+_hooks)'",
        "Often this means: " + _SUPER,
    ),
    (
        r'Module \[(\w+)\] is missing the required "forward"',
        "Calling a module calls its method forward, and {0} has none. Is it spelled so, and indented"
        " under the class?",
    ),
    (
        r"is not a Module subclass",
        "nn.Sequential takes modules one after the other: nn.ReLU(), not F.relu; for a list,"
        " nn.Sequential(*layers).",
    ),
    (r"empty parameter list", "The optimizer was given no parameters: has the model any?"),
    (
        r"Expected more than 1 value per channel when training",
        "Batch norm in training needs more than one sample in a batch.",
    ),
    (
        r"expected input\[([\d, ]+)\] to have (\d+) channels, but got (\d+)",
        "The convolution expects {1} on the axis of the channels, and finds {2}. A batch of"
        " pictures has the shape (N, channels, height, width).",
    ),
    (r"loading state_dict", "The saved names or shapes are not those of this model."),
    # -- names
    (r"NameError: name '(\w+)' is not defined", _not_defined),
    (
        r"cannot access local variable '(\w+)'",
        "The function gives {0} a value somewhere, so {0} is its own; but not before this line has"
        " run.",
    ),
    (
        r"(?:'([\w.]+)' object|module '([\w.]+)') has no attribute '(\w+)'",
        lambda line, kind, module, name: _no_attribute(line, kind or module, name),
    ),
    (r"No module named '([\w.]+)'", "Python finds no package called {0}. Look at its spelling."),
    (r"cannot import name '(\w+)'", "There is no {0} in that package. Look at its spelling."),
    (r"KeyError: (.+)", "The dictionary has no key {0}."),
    # -- plain Python
    (
        r"ZeroDivisionError",
        "It divides by zero: for this input, what stands right of /, // or % is 0.",
    ),
    (r"(?:for|operand type for unary) (\S+): '([\w.]+)'$", "{0} does not work with {1}."),
    (r"unsupported operand type\(s\) for (\S+): '([\w.]+)' and '([\w.]+)'", _arithmetic),
    (
        r"'(\S+)' not supported between instances of '([\w.]+)' and '([\w.]+)'",
        "{0} does not compare {1} with {2}.",
    ),
    (r"too many dimensions 'str'", "torch.tensor takes numbers, not text."),
    (r"unhashable type: '(\w+)'", "A {0} cannot be a key of a dict or a member of a set."),
    (
        r"IndentationError|TabError",
        "The spaces at the beginning of a line say what belongs together: the lines of a block start"
        " equally far in, 4 spaces under a line that ends in a colon.",
    ),
    (r"was never closed|unmatched", "A bracket has no partner, here or in a line above."),
    (r"unterminated string", "A quotation mark has no partner."),
    (
        r"SyntaxError",
        "Python cannot read this as code. Look also at the end of the line above: a bracket, a quote,"
        " a comma or a colon?",
    ),
    (r"StopIteration", "next() was called and nothing was left."),
    (r"FileNotFoundError", "There is no file of that name in the folder where this runs."),
    (
        r"arg is an empty (?:sequence|iterable)",
        "It is empty for this input, so it has no smallest and no largest.",
    ),
    (r"AssertionError: $", "An `assert` in the answer does not hold for this input."),
)
