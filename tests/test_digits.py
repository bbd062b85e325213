"""The board to draw on: what is drawn is centered as MNIST is, and read right."""

import math

import IPython.display
import numpy as np
import pytest
import torch
from made import program
from scipy import ndimage
from torch import nn
from torch.nn import functional as F

from nnlib import data, downloads, lessons, widgets
from nnlib.widgets import start
from nnlib.widgets.digits import SIDE, DigitBoard, reading_of

needs_mnist = pytest.mark.skipif(
    downloads.find("mnist") is None, reason="MNIST is not here; the stand-in is too small to learn"
)
VIEW = "application/vnd.jupyter.widget-view+json"
LINES = nn.Sequential(nn.Flatten(), nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 10))


@pytest.fixture(scope="module")
def mnist():
    return data.load_mnist()


@pytest.fixture(scope="module")
def examples(mnist):
    firsts = [mnist.test_images[mnist.test_labels == digit][0] for digit in range(10)]
    return torch.stack(firsts)


@pytest.fixture(scope="module")
def network(mnist):
    """Lesson 09's convolutional network, trained by lesson 09's own code, on a third of an epoch."""
    cells = [cell.source for cell in lessons.read("09_mnist").cells if cell.cell_type == "code"]
    lesson = {}
    torch.manual_seed(0)
    for name in ("prepare", "train", "conv"):
        exec(program(cells, name), lesson)
    X, y = lesson["prepare"](mnist.train_images[:20_000]), mnist.train_labels[:20_000]
    lesson["train"](lesson["conv"], X, y, epochs=1, lr=0.02)
    return lesson["conv"]


@pytest.fixture
def board(network, examples):
    return widgets.draw_digit(network, examples)


def board_of(model):
    return widgets.draw_digit(model, torch.full((10, 28, 28), 200, dtype=torch.uint8))


def read(board, drawing) -> int | None:
    """Send a drawing as the browser does; the digit that is read, None without a verdict."""
    board.drawing = memoryview(drawing.numpy().tobytes())
    chances = board.reading["chances"]
    return int(np.argmax(chances)) if chances else None


def blank():
    return torch.zeros(SIDE, SIDE, dtype=torch.uint8)


# -- centering -------------------------------------------------------------------------------------


@needs_mnist
def test_every_picture_of_mnist_is_centered_already(mnist):
    for picture in mnist.test_images[:1000]:
        assert torch.equal(widgets.center(picture), picture)


@pytest.mark.parametrize("height, width", [(100, 40), (33, 90), (20, 20), (140, 140), (7, 3)])
def test_a_rectangle_fills_twenty_pixels_and_keeps_its_shape(height, width):
    drawing = blank()
    drawing[-height:, :width] = 255  # in the lower left corner
    rows, columns = np.nonzero(widgets.center(drawing).numpy())
    tall, broad = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert max(tall, broad) == 20
    assert abs(tall / broad - height / width) < 0.15 * height / width
    middle = ndimage.center_of_mass(widgets.center(drawing).numpy())
    assert np.allclose(middle, 14, atol=0.51)


def test_the_center_of_mass_is_in_the_middle_wherever_the_ink_was():
    generator = torch.Generator().manual_seed(0)
    for _ in range(50):
        top, left = torch.randint(0, 90, (2,), generator=generator).tolist()
        drawing = blank()
        spots = torch.rand(50, 50, generator=generator) ** 4 * torch.linspace(0, 1, 50)
        drawing[top : top + 50, left : left + 50] = (255 * spots).to(torch.uint8)
        picture = widgets.center(drawing)
        assert picture.dtype == torch.uint8 and picture.shape == (28, 28)
        middle = np.array(ndimage.center_of_mass(picture.numpy()))
        assert ((middle > 13.45) & (middle < 14.55)).all()  # on pixel 14


def test_strange_drawings_are_centered_too():
    assert not widgets.center(blank()).any()
    for where in [(0, 0), (SIDE - 1, 70), (70, 70)]:
        one = blank()
        one[where] = 255
        assert (widgets.center(one) == 255).sum() == 400  # one pixel, as large as a digit
    full = widgets.center(torch.full((SIDE, SIDE), 255, dtype=torch.uint8))
    assert (full == 255).sum() == 400 and full[14, 14] == 255
    hook = blank()  # its center of mass is so far up that it would not fit
    hook[:10] = 255
    hook[:, 70] = 20
    assert (widgets.center(hook) > 0).any(dim=1).sum() == 20


@pytest.mark.parametrize("drawing", [torch.zeros(28, 28), torch.zeros(1, 28, 28).byte()])
def test_center_says_what_a_drawing_is(drawing):
    with pytest.raises(ValueError, match=r"uint8 tensor \(H, W\)"):
        widgets.center(drawing)


# -- reading ---------------------------------------------------------------------------------------


@needs_mnist
@pytest.mark.parametrize("which", ["the first 100", "100 at random"])
def test_digits_of_mnist_are_read_right_wherever_and_however_large_they_are(board, mnist, which):
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(10_000, generator=generator) if "random" in which else range(100)
    right = 0
    for i in order[:100]:
        picture, digit = mnist.test_images[i], mnist.test_labels[i]
        side = int(torch.randint(70, 140, (), generator=generator))
        top, left = torch.randint(0, SIDE + 1 - side, (2,), generator=generator).tolist()
        drawing = F.pad(
            F.interpolate(picture[None, None].float(), (side, side), mode="bilinear")[0, 0],
            (left, SIDE - side - left, top, SIDE - side - top),
        )
        right += read(board, drawing.round().to(torch.uint8)) == digit
    assert right >= 95


@needs_mnist
def test_digits_drawn_by_hand_are_read_right(board):
    wrong = [
        f"{digit}, variant {i}: {board.reading['sentence']}"
        for digit, variants in HANDMADE.items()
        for i, strokes in enumerate(variants)
        if read(board, drawn(strokes)) != digit
    ]
    assert len(wrong) <= 1, wrong


def test_without_ink_there_is_no_verdict():
    board = board_of(LINES)
    assert len(board.reading["chances"]) == 10
    assert read(board, blank()) is None
    assert board.reading["sentence"] == "Draw a digit."
    assert not any(any(layer["pixels"]) for layer in board.reading["layers"])


def test_a_drawing_of_another_size_is_refused_and_the_old_one_stays():
    board = board_of(LINES)
    before = board.drawing
    with pytest.raises(ValueError, match="140 by 140 gray values, one byte each: 19600 bytes, not"):
        board.drawing = bytes(28 * 28)
    assert board.drawing == before


def always(logits):
    """A model that gives these logits, whatever it sees."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    nn.init.zeros_(model[1].weight)
    model[1].bias.data = torch.tensor(logits)
    return model


def test_the_sentence_says_what_is_read_and_how_sure():
    def sentence(percent):
        return board_of(always((torch.tensor(percent) / 100).log().tolist())).reading["sentence"]

    assert sentence([0.1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 98.3, 0.1, 0]) == (
        "It reads a 7, 98 % sure; next would be 1 (1 %)."
    )
    assert sentence([10, 0, 0, 30, 0, 0, 0, 0, 60, 0]) == (
        "It reads an 8, 60 % sure; next would be 3 (30 %)."
    )
    assert sentence([99.9, 0, 0, 0, 0, 0, 0, 0, 0, 0.1]) == "It reads a 0, more than 99 % sure."


def test_what_the_network_sees_goes_through_the_lessons_normalization():
    """Against torchvision's normalization, which is what lesson 09 trains with."""
    from nnlib.vision import torchvision

    drawing = drawn(HANDMADE[7][0])
    picture = widgets.center(drawing)
    x = torchvision.transforms.functional.normalize(picture[None, None] / 255, [0.1307], [0.3081])
    wanted = LINES(x)[0].softmax(dim=0).tolist()
    reading = reading_of(LINES, drawing)
    assert reading["chances"] == pytest.approx(wanted, rel=1e-4)
    assert reading["picture"] == picture.numpy().tobytes()


# -- layers ----------------------------------------------------------------------------------------


def test_layers_are_shown_as_the_network_computes_them():
    torch.manual_seed(0)
    model = nn.Sequential(
        *[nn.Conv2d(1, 20, 5, stride=2), nn.BatchNorm2d(20), nn.ReLU()],
        *[nn.Conv2d(20, 6, 3), nn.ReLU(), nn.MaxPool2d(2)],
        *[nn.Flatten(), nn.Linear(150, 32), nn.Sigmoid(), nn.Dropout(0.9), nn.Linear(32, 10)],
    ).double()
    drawing = drawn(HANDMADE[2][0])
    one, two, three = reading_of(model, drawing)["layers"]
    x = ((widgets.center(drawing).double() / 255 - 0.1307) / 0.3081)[None, None]
    model.eval()
    wanted = [model[:3](x)[0, :16], model[:6](x)[0], F.pad(model[:10](x), (0, 4)).reshape(1, 6, 6)]
    told = ["16 of 20 maps of 12 × 12", "6 maps of 5 × 5", "32 units"]
    for layer, active, words in zip([one, two, three], wanted, told, strict=True):
        pixels = torch.frombuffer(bytearray(layer["pixels"]), dtype=torch.uint8)
        shape = layer["maps"], layer["height"], layer["width"]
        brightness = (active.clamp(min=0) / active.max()).sqrt()
        assert torch.allclose(pixels.reshape(shape) / 255, brightness.float(), atol=0.51 / 255)
        assert layer["told"] == words


@pytest.mark.parametrize("mode", [True, False])
def test_the_model_is_left_as_it_was(mode):
    model = nn.Sequential(
        *[nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()],
        *[nn.Dropout(), nn.Linear(4 * 26 * 26, 10)],
    ).train(mode)
    model[1].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    board = board_of(model)
    first = board.reading["chances"]
    read(board, drawn(HANDMADE[3][0]))
    read(board, torch.full((SIDE, SIDE), 200, dtype=torch.uint8))
    assert board.reading["chances"] == pytest.approx(first), "dropout was on"
    assert [m.training for m in model.modules()] == [mode, mode, False, mode, mode, mode, mode]
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())


def test_a_model_that_cannot_read_pictures_is_told_so():
    with pytest.raises(ValueError, match=r"begins with nn\.Flatten"):
        board_of(nn.Linear(784, 10))
    with pytest.raises(ValueError, match=r"\(1, 26\) for one picture; ten digits need \(1, 10\)"):
        board_of(nn.Sequential(nn.Flatten(), nn.Linear(784, 26)))
    with pytest.raises(ValueError, match="infinite or nan"):
        board_of(always([float("nan")] * 10))
    with pytest.raises(ValueError, match=r"one of each digit .* not uint8 \(3, 28, 28\)"):
        widgets.draw_digit(LINES, torch.zeros(3, 28, 28).byte())


# -- display ---------------------------------------------------------------------------------------


@needs_mnist
def test_it_shows_itself_and_a_picture_of_its_start(board, monkeypatch):
    shown, captions = [], []
    monkeypatch.setattr(
        IPython.display, "display", lambda data, raw, metadata: shown.append((data, metadata))
    )
    monkeypatch.setattr(start, "caption", lambda *told: captions.append(told))
    read(board, blank())  # it is shown once more, after something else was drawn
    board._ipython_display_()
    ((bundle, metadata),) = shown
    assert bundle[VIEW]["model_id"] == board.model_id
    assert bundle["image/png"] and metadata["image/png"]["width"] <= 720
    description = bundle["text/plain"]
    assert description.startswith("Figure: ") and "It reads a 7" in description
    assert captions == [(f"At the start: {description}", "nnlib-start")]


def test_the_browsers_half_is_there_and_agrees_on_the_names():
    script, look = str(DigitBoard._esm), str(DigitBoard._css)
    for name in ("drawing", "examples", "reading"):
        assert f'model.get("{name}")' in script and DigitBoard.class_traits()[name].metadata["sync"]
    for name in board_of(LINES).reading["layers"][0].keys() | board_of(LINES).reading.keys():
        assert name in script
    assert ".nn-digits-board" in look


# -- digits drawn by hand --------------------------------------------------------------------------


def arc(x, y, width, height, start, end):
    """Points of an ellipse around (x, y); degrees, 0 right, 90 down."""
    turn = np.radians(np.linspace(start, end, 24))
    return [(x + width * math.cos(t), y + height * math.sin(t)) for t in turn]


BODY_OF_2 = [(28, 25), (45, 16), (66, 22), (68, 38), (50, 60), (28, 84)]
# For each digit a few ways to write it: a way is a list of strokes, a stroke a list of points.
# From the left and from the top, in percent of the board.
HANDMADE = {
    0: [[arc(50, 50, 24, 34, -90, 270)], [arc(50, 50, 33, 33, -60, 310)]]
    + [[arc(50, 50, 17, 36, -100, 268)]],
    1: [[[(50, 15), (50, 85)]], [[(60, 15), (42, 85)]], [[(36, 32), (52, 15), (52, 85)]]]
    + [[[(36, 32), (52, 15), (52, 85)], [(36, 85), (68, 85)]]],
    2: [
        [arc(50, 35, 22, 20, -170, 30) + [(30, 82), (74, 82)]],
        [arc(50, 34, 20, 19, 180, 390) + [(34, 78), (30, 84), (46, 78), (60, 84), (75, 78)]],
        [BODY_OF_2, [(28, 84), (74, 84)]],
    ],
    3: [
        [arc(47, 32, 20, 17, -150, 90) + arc(47, 67, 23, 18, -90, 150)],
        [[(30, 16), (68, 16), (46, 44), *arc(46, 64, 22, 20, -90, 140)]],
        [[(28, 22), (48, 14), (64, 26), (60, 40), (44, 48), (62, 54), (68, 70), (52, 84), (28, 78)]],
    ],
    4: [
        [[(58, 14), (24, 62), (78, 62)], [(60, 36), (60, 88)]],
        [[(32, 16), (28, 52), (72, 52)], [(70, 14), (68, 88)]],
        [[(62, 88), (62, 14), (24, 60), (80, 60)]],
    ],
    5: [
        [[(72, 16), (36, 16), (33, 46), *arc(48, 64, 22, 21, -120, 140)]],
        [[(36, 16), (34, 46), (50, 42), (68, 54), (66, 74), (48, 86), (28, 80)], [(36, 16), (72, 15)]],
        [[(70, 18), (38, 20), (34, 48), (56, 46), (68, 62), (58, 82), (30, 84)]],
    ],
    6: [
        [[(64, 14), (42, 36), (32, 62), *arc(50, 66, 19, 19, 170, -190)]],
        [arc(60, 50, 30, 36, -80, -180) + arc(50, 64, 20, 20, 180, -190)],
        [[(54, 12), (38, 44), (34, 70), (46, 86), (62, 80), (64, 66), (52, 58), (36, 68)]],
    ],
    7: [
        [[(26, 20), (74, 20), (44, 86)]],
        [[(26, 20), (74, 20), (44, 86)], [(38, 52), (68, 52)]],
        [[(28, 30), (28, 18), (74, 18), (58, 46), (50, 86)]],
    ],
    8: [
        [arc(50, 32, 16, 17, 90, -270) + arc(50, 67, 20, 18, -90, 270)],
        [[(66, 24), (50, 14), (34, 26), (42, 42), (62, 60), (66, 76), (50, 87), (34, 76), (40, 58)]
         + [(60, 40), (66, 24)]],
        [arc(50, 32, 18, 16, 0, 360), arc(50, 66, 20, 18, 0, 360)],
    ],
    9: [
        [arc(48, 34, 18, 18, 0, -360) + [(66, 34), (64, 86)]],
        [arc(48, 34, 19, 18, -20, -370) + [(66, 50), (56, 76), (36, 86)]],
        [[(66, 20), (46, 14), (32, 28), (36, 46), (54, 48), (66, 34), (67, 18), (68, 60), (66, 88)]],
    ],
}  # fmt: skip


def drawn(strokes, pen=10):
    """The strokes as the browser's canvas paints them: round ends and joints, soft edges."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    ink = np.zeros((SIDE, SIDE))
    for stroke in strokes:
        points = np.array(stroke) * SIDE / 100
        for begin, end in zip(points, points[1:]):
            way = end - begin
            along = ((x - begin[0]) * way[0] + (y - begin[1]) * way[1]) / max(way @ way, 1e-9)
            along = along.clip(0, 1)
            distance = np.hypot(x - begin[0] - along * way[0], y - begin[1] - along * way[1])
            ink = np.maximum(ink, np.clip(pen / 2 + 0.5 - distance, 0, 1))
    return torch.tensor(np.round(255 * ink)).to(torch.uint8)
