"""What is known of the exercises of lesson 00, tensors and autograd: right answers, mistakes, hints."""

import torch

from nnlib.checking.exercise import Exercise
from nnlib.exercises.asked import tensors as asked

# -- flatten_images --------------------------------------------------------------------------------


flatten_images = Exercise(
    asked.flatten_images,
    reference=lambda images: images.flatten(1),
    mistakes={
        "Each picture is read column by column. Row by row means: the whole first row, then the"
        " second.": (
            lambda images: images.transpose(1, 2).reshape(len(images), -1)
        ),
        "All pictures end up in one long row. Keep the first dimension: one row a picture.": (
            lambda images: images.flatten()
        ),
        "The shape fits, but the pictures are mixed: a row holds pixels of several of them. The"
        " numbers of one picture lie side by side already, so no turning over is needed.": (
            lambda images: images.reshape(-1, len(images)).T
        ),
        "Each picture became a column. Samples are rows: the first dimension of the result counts"
        " the pictures.": (
            lambda images: images.flatten(1).T
        ),
        "It joins the pictures with their rows. Join the rows with the columns, dimensions 1 and 2,"
        " and leave dimension 0 alone.": (
            lambda images: images.flatten(0, 1)
        ),
        "It counts on 900 pixels. Read height and width from images.shape, or let -1 work the"
        " number out.": (
            lambda images: images.reshape(len(images), 900)
        ),
        "It takes height times height. Pictures need not be square: height times width.": (
            lambda images: images.reshape(len(images), images.shape[1] ** 2)
        ),
    },
    hints=(
        "The result has as many rows as there are pictures. How many columns?",
        "`reshape` reads row by row all by itself; give it the new shape.",
        "N is images.shape[0]; the other size may be -1, and reshape works it out.",
    ),
)  # fmt: skip


# -- weighted_sum ----------------------------------------------------------------------------------


weighted_sum = Exercise(
    asked.weighted_sum,
    reference=lambda x, w, b: x @ w + b,
    mistakes={
        "b is added to every product and so counts D times. Add it once, after the sum.": (
            lambda x, w, b: (x * w + b).sum(dim=-1)
        ),
        "b is subtracted; it should be added.": lambda x, w, b: x @ w - b,
        "The products are not added up yet: sum over the last dimension.": (
            lambda x, w, b: x * w + b
        ),
        "It adds up all samples at once. Sum over the last dimension only: one number a sample.": (
            lambda x, w, b: (x * w).sum() + b
        ),
        "It sums over the first dimension, which counts the samples. Sum over the last, dim=-1.": (
            lambda x, w, b: (x * w).sum(dim=0) + b
        ),
        "That is the average of the products. A sum is not divided by how many there are.": (
            lambda x, w, b: (x * w).mean(dim=-1) + b
        ),
        "`w @ x` pairs the weights with the samples. They belong to the last dimension of x.": (
            lambda x, w, b: w @ x + b
        ),
        "The last dimension should be gone, but it is still there with size 1.": (
            lambda x, w, b: x @ w[:, None] + b
        ),
    },
    hints=(
        "Three steps: multiply, add up along the last dimension, add b.",
        "`x * w` pairs w with the last dimension of x by broadcasting.",
        "`x @ w` multiplies and adds up in one go, for one sample or many.",
    ),
)  # fmt: skip


# -- center_columns --------------------------------------------------------------------------------


center_columns = Exercise(
    asked.center_columns,
    reference=lambda X: X - X.mean(dim=0),
    mistakes={
        "It subtracts the mean of the whole table. Each column has a mean of its own.": (
            lambda X: X - X.mean()
        ),
        "It subtracts the mean of each row. A column runs along dimension 0: average over that.": (
            lambda X: X - X.mean(dim=1, keepdim=True)
        ),
        "mean(dim=1) gives one number for each row, and broadcasting then pairs them with the"
        " columns. Which dimension should disappear?": (
            lambda X: X - X.mean(dim=1)
        ),
        "It also divides by the standard deviation. Centering only subtracts.": (
            lambda X: (X - X.mean(dim=0)) / X.std(dim=0)
        ),
        "These are the means themselves. Subtract them from X.": lambda X: X.mean(dim=0),
        "It subtracts the sum of each column. The mean is the sum divided by the number of rows.": (
            lambda X: X - X.sum(dim=0)
        ),
        "It subtracts the median. The mean is the sum divided by how many there are.": (
            lambda X: X - X.median(dim=0).values
        ),
    },
    hints=(
        "How many means does a table with D columns have? Which shape do they come in?",
        "`mean(dim=0)` lets dimension 0, the rows, disappear: one mean for each column.",
        "(N, D) minus (D,): broadcasting uses the same means for each row.",
    ),
)  # fmt: skip


# -- slope -----------------------------------------------------------------------------------------


def _slope(f, x):
    leaf = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(leaf).sum(), leaf)[0]


def _slope_without_sum(f, x):
    leaf = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)[0]


slope = Exercise(
    asked.slope,
    reference=_slope,
    mistakes={
        "backward and grad want a single number, and f(x) has many: add them up first.": (
            _slope_without_sum
        ),
        "Nothing was recorded. Mark your copy of x with requires_grad_(), then call f with that copy,"
        " outside of no_grad.": (lambda f, x: f(x.detach()).sum().backward()),
        "All slopes are added up to one number. Add up the values of f, then ask for the gradient"
        " for each element of x.": lambda f, x: _slope(f, x).sum(),
        "The slopes are divided by the number of elements: that comes from mean(). Take sum().": (
            lambda f, x: _slope(f, x) / x.numel()
        ),
        "These are the values of f, not its slopes.": lambda f, x: f(x.detach()),
        "f(x) / x is the slope of a line from the origin to the curve. Wanted is the slope of the"
        " curve itself, the derivative.": lambda f, x: f(x.detach()) / x.detach(),
        "A difference over a small step only comes near the derivative. Let autograd compute it.": (
            lambda f, x: (f(x.detach() + 1e-3) - f(x.detach())) / 1e-3
        ),
        "A difference over two small steps, one to each side, comes nearer, and is still not the"
        " derivative. Let autograd compute it.": (
            lambda f, x: (f(x.detach() + 1e-3) - f(x.detach() - 1e-3)) / 2e-3
        ),
        "That is the whole table, each output by each input. You need its diagonal.": (
            lambda f, x: torch.autograd.functional.jacobian(f, x.detach())
        ),
        "That is the slope at the mean of x. Each element has a slope of its own.": (
            lambda f, x: _slope(f, x.detach().mean().expand_as(x))
        ),
    },
    hints=(
        "Make your own copy of x that remembers: detach, clone, requires_grad_.",
        "backward wants a single number. Adding up f(x) does no harm: each term depends on its own x.",
        "`backward` leaves the slopes in the `.grad` of the copy, not of x.",
    ),
    points=2,
)


# -- predictions -----------------------------------------------------------------------------------

predict_reshaped = Exercise(
    asked.predict_reshaped,
    reference="c",
    mistakes={
        "A new tensor need not mean new numbers: `reshape` could look at the old ones.": "a",
        "Does `reshape` move numbers at all, or does it only say how to read them?": "b",
        "One number was written. The others were not touched.": "d",
        "Shapes may differ where the number of numbers is the same.": "e",
    },
    points=0,
)

predict_guesses = Exercise(
    asked.predict_guesses,
    reference="c",
    mistakes={
        "It would be, if each guess met its own true value. Write down the shape of the difference.": "a",
        "Square before you average, and write down the shape of the difference first.": "b",
        "400 is the largest of the squares. Which others are there?": "d",
        "Aligned on the right, 1 meets 3 and nothing meets 3. Does the rule call that an error?": "e",
    },
    points=0,
)

predict_rounds = Exercise(
    asked.predict_rounds,
    reference="b",
    mistakes={
        "So it would be, if `backward` replaced what stands in .grad.": "a",
        "216 is a product of the three. Are slopes of separate runs multiplied?": "c",
        "To cancel, some would have to be negative.": "d",
        "Each run computes x² anew, so there is a new record to walk.": "e",
    },
    points=0,
)

predict_twice = Exercise(
    asked.predict_twice,
    reference="d",
    mistakes={
        "It would be, if a second call did nothing. Nothing said so.": "a",
        "Gradients add up, as above. There, however, y was computed anew each time.": "b",
        "Nothing here clears a gradient.": "c",
        "The slope of a slope needs a record of how the slope was computed; nobody asked for one.": "e",
    },
    points=0,
)

EXERCISES = (
    predict_reshaped,
    flatten_images,
    predict_guesses,
    center_columns,
    weighted_sum,
    predict_rounds,
    predict_twice,
    slope,
)
