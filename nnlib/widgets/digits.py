"""Draw a digit and watch a network read it, layer by layer, in the browser.

The network travels as its weights; ``network.js`` runs it. The drawing is prepared as MNIST's makers
would have done it, here by ``center`` and in the browser by its twin.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nnlib import plots
from nnlib.plots.picture import head, new_figure, styled
from nnlib.widgets.chain import Chain, chain_of
from nnlib.widgets.living import Living

MAPS = 16  # so many feature maps of a layer are shown, its first ones
MEAN, DEVIATION = 0.1307, 0.3081  # of the pixels of MNIST's training pictures, from 0 to 1


def draw_digit(model: nn.Module, examples: Tensor) -> Living:
    """A board to draw on; beside it what each layer of the model makes of the drawing.

    model: pictures (N, 1, 28, 28), normalized with MNIST's mean 0.1307 and standard deviation
    0.3081, -> logits (N, 10); modules that ``chain_of`` knows, one after another. It is used in
    eval mode and left as it was; its weights travel in half precision.
    examples: uint8 (10, 28, 28), a handwritten 0, 1, … 9, white on black; the board begins with 7.
    Raises ValueError for examples or a model of other shapes.
    """
    if examples.shape != (10, 28, 28) or examples.dtype != torch.uint8:
        raise ValueError(
            "examples needs ten pictures, one of each digit from 0 to 9: uint8 (10, 28, 28), "
            f"not {str(examples.dtype).removeprefix('torch.')} {tuple(examples.shape)}."
        )
    chain = chain_of(model, normalized(examples))
    data = {"steps": chain.steps, "maps": MAPS, "mean": MEAN, "deviation": DEVIATION}
    binary = chain.weights.numpy().tobytes() + examples.contiguous().cpu().numpy().tobytes()
    return Living("draw_digit", data, picture_of(chain, examples[7]), binary)


def normalized(pictures: Tensor) -> Tensor:
    """uint8 (N, 28, 28) -> float32 (N, 1, 28, 28), as lesson 09 gives them to its networks."""
    return ((pictures[:, None].cpu() / 255) - MEAN) / DEVIATION


def center(drawing: torch.Tensor) -> torch.Tensor:
    """The drawing as MNIST's makers would have prepared it: uint8 (H, W) -> uint8 (28, 28).

    White ink on black. What is drawn is cut out, scaled with soft edges so that its longer side
    is 20 pixels, and laid into 28 by 28 so that its center of mass, as far as it fits, is on the
    pixel in row 14 and column 14. All of MNIST's own pictures come back as they are. A drawing
    without ink gives a black picture. Raises ValueError for another shape or dtype.

    Source: the page of the data set by LeCun, Cortes and Burges,
    http://yann.lecun.com/exdb/mnist, which tells of the box of 20 by 20 pixels, of the gray levels
    that scaling leaves, and of the center of mass.
    """
    if drawing.ndim != 2 or drawing.dtype != torch.uint8:
        raise ValueError(
            "A drawing is a uint8 tensor (H, W), 0 black to 255 white, "
            f"not {str(drawing.dtype).removeprefix('torch.')} {tuple(drawing.shape)}."
        )
    where = drawing.nonzero()  # (pixels with ink, 2)
    if not len(where):
        return torch.zeros(28, 28, dtype=torch.uint8)
    (top, left), (bottom, right) = where.amin(dim=0), where.amax(dim=0)
    ink = drawing[top : bottom + 1, left : right + 1].float()
    size = [max(1, round(20 * length / max(ink.shape))) for length in ink.shape]
    ink = F.interpolate(ink[None, None], size, mode="area")[0, 0]
    start = []  # the row and the column at which the ink begins
    for length, mass in zip(size, [ink.sum(dim=1), ink.sum(dim=0)]):
        middle = float(mass @ (torch.arange(length) + 0.5) / mass.sum())
        # A hair less: where the middle is a whole number, rounding errors must not decide.
        start.append(min(max(math.ceil(14 - middle - 1e-4), 0), 28 - length))
    picture = torch.zeros(28, 28, dtype=torch.uint8)
    (row, column), (height, width) = start, size
    picture[row : row + height, column : column + width] = ink.round().to(torch.uint8)
    return picture


def tell(chances: list[float]) -> str:
    """The verdict in words, for ten probabilities: "It reads a 7, 98 % sure; …"."""
    first, second = sorted(range(10), key=lambda digit: -chances[digit])[:2]
    article = "an" if first == 8 else "a"
    sure = "more than 99" if chances[first] >= 0.995 else f"{chances[first]:.0%}"[:-1]
    sentence = f"It reads {article} {first}, {sure} % sure"
    if chances[second] < 0.005:
        return sentence + "."
    return f"{sentence}; next would be {second} ({100 * chances[second]:.0f} %)."


def shown(layer: Tensor) -> tuple[Tensor, str]:
    """A layer's output (1, …) as pictures, and what they are: its first maps, or all its units."""
    if layer.ndim == 4:
        size = " × ".join(map(str, layer.shape[2:]))
        first = f"{MAPS} of " if layer.shape[1] > MAPS else ""
        return layer[0, :MAPS], f"{first}{layer.shape[1]} maps of {size}"
    width = math.ceil(math.sqrt(layer.shape[1]))
    square = F.pad(layer[0], (0, -layer.shape[1] % width)).reshape(1, -1, width)
    return square, f"{layer.shape[1]} units"


@styled
def picture_of(chain: Chain, drawing: Tensor) -> plots.Picture:
    """What the board shows of a drawing, uint8 (H, W) and not empty, as a figure."""
    picture = center(drawing)
    *layers, logits = chain.layers(normalized(picture[None]))
    chances = logits[0].double().softmax(dim=0).tolist()
    columns = math.ceil((1 + len(layers)) / 2)
    figure = new_figure(7.2, 3.6)
    grid = figure.add_gridspec(2, columns + 1, width_ratios=[1] * columns + [1.3 * columns])
    spots = [figure.add_subplot(grid[i // columns, i % columns]) for i in range(1 + len(layers))]
    plots.images(picture[None], ax=spots[0], title="Input")
    told = []
    for i, (layer, ax) in enumerate(zip(layers, spots[1:]), 1):
        maps, what = shown(layer)
        # By the square root, so that weak ones show too; what is 0 or less is black.
        plots.images(maps.relu().sqrt(), None, math.ceil(len(maps) ** 0.5), f"Layer {i}", ax=ax)
        told.append(f"Layer {i} gives {what}")
    percent = {str(digit): round(100 * chance) for digit, chance in enumerate(chances)}
    plots.bars(percent, ax=figure.add_subplot(grid[:, columns]), title="Percent")
    sentence = tell(chances)
    head(figure, sentence)
    parts = [f"{'; '.join(told)}."] if told else []
    what = "Figure: a board to draw a digit on, and how a network reads it, layer by layer."
    return plots.Picture(figure, " ".join([what, *parts, sentence]))
