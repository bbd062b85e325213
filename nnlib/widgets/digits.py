"""Draw a digit and watch a network read it, layer by layer.

The browser's half, ``digits.js``, sends the drawing; this half answers with what there is to show:
``reading_of`` it, made by ``center`` (as MNIST would have it) and ``look`` (through the network).
"""

import math
from pathlib import Path

import anywidget
import torch
import traitlets
from torch import nn
from torch.nn import functional as F

from nnlib import plots
from nnlib.plots.picture import new_figure, styled
from nnlib.widgets.start import show_start

SIDE = 140  # of the drawing, in pixels: five for each one that the network sees
MAPS = 16  # so many feature maps of a layer are shown, its first ones
HERE = Path(__file__).parent
MEAN, DEVIATION = 0.1307, 0.3081  # of the pixels of MNIST's training pictures, from 0 to 1


def draw_digit(model: nn.Module, examples: torch.Tensor) -> "DigitBoard":
    """A board to draw on; beside it what each layer of the model makes of the drawing.

    model: pictures (N, 1, 28, 28), normalized with MNIST's mean 0.1307 and standard deviation
    0.3081, -> logits (N, 10). It is used in eval mode, without gradients, and left as it was.
    examples: uint8 (10, 28, 28), a handwritten 0, 1, … 9, white on black; the board begins with 7.
    Raises ValueError for examples or a model of other shapes.
    """
    return DigitBoard(model, examples)


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
        start.append(min(max(math.ceil(14 - middle), 0), 28 - length))
    picture = torch.zeros(28, 28, dtype=torch.uint8)
    (row, column), (height, width) = start, size
    picture[row : row + height, column : column + width] = ink.round().to(torch.uint8)
    return picture


class DigitBoard(anywidget.AnyWidget):
    """The widget that ``draw_digit`` makes; its traits are what Python and the browser exchange.

    drawing: bytes of 140 by 140 gray values, white ink on black, written by the browser.
    examples: bytes of ten pictures of 28 by 28, for the buttons.
    reading: see ``reading_of``; written here, whenever the drawing changes.
    """

    _esm = HERE / "digits.js"
    _css = HERE / "digits.css"
    drawing = traitlets.CBytes().tag(sync=True)
    examples = traitlets.CBytes().tag(sync=True)
    reading = traitlets.Dict().tag(sync=True)

    def __init__(self, model, examples):
        if examples.shape != (10, 28, 28) or examples.dtype != torch.uint8:
            raise ValueError(
                "examples needs ten pictures, one of each digit from 0 to 9: uint8 (10, 28, 28), "
                f"not {str(examples.dtype).removeprefix('torch.')} {tuple(examples.shape)}."
            )
        self.network = model
        scale = SIDE // 28
        seven = examples[7].repeat_interleave(scale, dim=0).repeat_interleave(scale, dim=1)
        super().__init__(drawing=gray_bytes(seven), examples=gray_bytes(examples))
        self.start = self.reading  # of the seven

    @traitlets.validate("drawing")
    def _has_the_right_size(self, proposal):
        if len(proposal.value) != SIDE * SIDE:
            raise ValueError(
                f"A drawing is {SIDE} by {SIDE} gray values, one byte each: {SIDE * SIDE} bytes, "
                f"not {len(proposal.value)}."
            )
        return proposal.value

    @traitlets.observe("drawing")
    def _read(self, change):
        self.reading = reading_of(self.network, from_bytes(change.new, SIDE, SIDE))

    def _ipython_display_(self):
        """Show the widget, and for places without a kernel a picture of how it starts."""
        picture = picture_of(self.start)
        show_start(self, *picture.png(), picture.description)


def reading_of(model: nn.Module, drawing: torch.Tensor) -> dict:
    """What the board shows of a drawing uint8 (H, W), as plain data for the browser.

    sentence: what the model reads, or "Draw a digit." if there is no ink; chances: the ten
    probabilities, then empty. picture: bytes of 28 by 28 gray values, as the model sees it.
    layers: for each but the last its name, what it shows in words (told), and maps, height, width
    and pixels: bytes, 0 where a value is 0 or less, 255 at the layer's largest, and between them
    by the square root, so that weak ones show.
    """
    picture = center(drawing)
    layers, logits = look(model, picture)
    chances = logits[0].double().softmax(dim=0).tolist()
    if not drawing.any():
        layers, chances = [torch.zeros_like(layer) for layer in layers], []
    return {
        "sentence": tell(chances) if chances else "Draw a digit.",
        "chances": chances,
        "picture": gray_bytes(picture),
        "layers": [pictured(f"Layer {i}", layer) for i, layer in enumerate(layers, 1)],
    }


def look(model: nn.Module, picture: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
    """What each layer but the last gives for a uint8 picture (28, 28), and the logits (1, 10).

    A layer is a convolution or linear module with what runs between it and the next such module:
    batch norm, activation, pooling, dropout. The last of these says what the layer gives,
    (1, maps, height, width) or (1, units); flattening is passed over, as it only hides the shape.
    Modules are told by forward hooks, so ``F.relu`` goes unseen, and so does its cutting at 0.
    """
    layers = []

    def note(module, inputs, output):
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            layers.append(output)
        elif layers and torch.is_tensor(output) and not isinstance(module, nn.Flatten):
            layers[-1] = output

    x = ((picture / 255 - MEAN) / DEVIATION)[None, None]  # (1, 1, 28, 28)
    modes = [(module, module.training) for module in model.modules()]
    leaves = [module for module in model.modules() if not list(module.children())]
    hooks = [module.register_forward_hook(note) for module in leaves]
    try:
        model.eval()
        with torch.no_grad():
            logits = model(x.to(next(model.parameters(), x)))  # on its device, in its dtype
    except RuntimeError as error:
        raise ValueError(
            "The model could not read a picture of shape (1, 1, 28, 28). A network of linear "
            f"layers begins with nn.Flatten(). torch said: {error}"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in modes:
            module.training = training
    if logits.shape != (1, 10):
        raise ValueError(
            f"The model gave {tuple(logits.shape)} for one picture; ten digits need (1, 10)."
        )
    if logits.softmax(dim=1).isnan().any():
        raise ValueError(
            "The model gave logits that are infinite or nan, so there is nothing to read: make it anew "
            "and train it with a smaller learning rate."
        )
    return layers[:-1], logits


def pictured(name: str, layer: torch.Tensor) -> dict:
    """A layer's output as gray pictures: its first maps, or all its units as one, row by row."""
    if layer.ndim == 4:
        shown = layer[0, :MAPS]  # (maps, height, width)
        size = " × ".join(map(str, shown.shape[1:]))
        first = f"{MAPS} of " if layer.shape[1] > MAPS else ""
        told = f"{first}{layer.shape[1]} maps of {size}"
    else:
        units = layer.flatten()
        width = math.ceil(math.sqrt(len(units)))
        shown = F.pad(units, (0, -len(units) % width)).reshape(1, -1, width)
        told = f"{len(units)} units"
    active = shown.detach().cpu().double().nan_to_num().clamp(min=0)
    maps, height, width = active.shape
    return {
        "name": name,
        "told": told,
        "maps": maps,
        "height": height,
        "width": width,
        "pixels": gray_bytes((255 * (active / active.max().clamp(min=1e-12)).sqrt()).round()),
    }


def tell(chances: list[float]) -> str:
    """The verdict in words, for ten probabilities: "It reads a 7, 98 % sure; …"."""
    first, second = sorted(range(10), key=lambda digit: -chances[digit])[:2]
    article = "an" if first == 8 else "a"
    sure = "more than 99" if chances[first] >= 0.995 else f"{chances[first]:.0%}"[:-1]
    sentence = f"It reads {article} {first}, {sure} % sure"
    if chances[second] < 0.005:
        return sentence + "."
    return f"{sentence}; next would be {second} ({100 * chances[second]:.0f} %)."


def gray_bytes(values: torch.Tensor) -> bytes:
    return values.cpu().to(torch.uint8).contiguous().numpy().tobytes()


def from_bytes(pixels: bytes, *shape: int) -> torch.Tensor:
    return torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(shape)


@styled
def picture_of(reading: dict) -> plots.Picture:
    """What the board shows of a reading that is not empty, as a figure."""
    layers = reading["layers"]
    columns = math.ceil((1 + len(layers)) / 2)
    figure = new_figure(7.2, 3.6)
    grid = figure.add_gridspec(2, columns + 1, width_ratios=[1] * columns + [1.3 * columns])
    spots = [figure.add_subplot(grid[i // columns, i % columns]) for i in range(1 + len(layers))]
    plots.images(from_bytes(reading["picture"], 1, 28, 28), ax=spots[0], title="Input")
    for layer, ax in zip(layers, spots[1:]):
        maps = from_bytes(layer["pixels"], layer["maps"], layer["height"], layer["width"])
        plots.images(maps, columns=math.ceil(math.sqrt(len(maps))), ax=ax, title=layer["name"])
    percent = {str(digit): round(100 * chance) for digit, chance in enumerate(reading["chances"])}
    plots.bars(percent, ax=figure.add_subplot(grid[:, columns]), title="Percent")
    figure.suptitle(reading["sentence"], x=0.01, ha="left", fontsize=13, fontweight="bold")
    told = "; ".join(f"{layer['name']} gives {layer['told']}" for layer in layers)
    return plots.Picture(
        figure,
        "Figure: a board to draw a digit on, and how a network reads it, layer by layer. "
        + f"{told}. " * bool(told)
        + reading["sentence"],
    )
