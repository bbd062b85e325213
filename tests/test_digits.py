"""The board to draw on: what is drawn is centered as MNIST is, and read right."""

import numpy as np
import pytest
import torch
from drawings import HANDMADE, SIDE, drawn, moved, small_reader
from scipy import ndimage
from torch import nn

from nnlib import data, downloads, widgets
from nnlib.widgets.chain import chain_of
from nnlib.widgets.digits import normalized, picture_of, tell

needs_mnist = pytest.mark.skipif(
    downloads.find("mnist") is None, reason="MNIST is not here; the stand-in is too small to learn"
)
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
    return small_reader(mnist)


def board_of(model):
    return widgets.draw_digit(model, torch.full((10, 28, 28), 200, dtype=torch.uint8))


def read(chain, drawing) -> int:
    """The digit that the chain reads, as the browser would."""
    logits = chain.layers(normalized(widgets.center(drawing)[None]))[-1]
    return int(logits.argmax())


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


# -- the network as a chain ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chain(network, examples):
    return chain_of(network, normalized(examples))


@needs_mnist
@pytest.mark.parametrize("which", ["the first 100", "100 at random"])
def test_digits_of_mnist_are_read_right_wherever_and_however_large_they_are(chain, mnist, which):
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(10_000, generator=generator) if "random" in which else range(100)
    right = 0
    for i in order[:100]:
        right += read(chain, moved(mnist.test_images[i], generator)) == mnist.test_labels[i]
    assert right >= 95


@needs_mnist
def test_digits_drawn_by_hand_are_read_right(chain):
    wrong = [
        f"{digit}, variant {i}"
        for digit, variants in HANDMADE.items()
        for i, strokes in enumerate(variants)
        if read(chain, drawn(strokes)) != digit
    ]
    assert len(wrong) <= 1, wrong


@needs_mnist
def test_a_chain_gives_what_its_network_gives(chain, network, mnist):
    x = normalized(mnist.test_images[:200])
    with torch.no_grad():
        wanted = network.eval()(x)
    assert chain.weights.dtype == torch.float16 and chain.weights.nbytes < 200_000
    chances = chain.layers(x)[-1].softmax(dim=1)
    torch.testing.assert_close(chances, wanted.softmax(dim=1), atol=1e-3, rtol=0)


def some_network():
    torch.manual_seed(0)
    return nn.Sequential(
        *[nn.BatchNorm2d(1), nn.Conv2d(1, 20, 5, stride=2), nn.BatchNorm2d(20), nn.LeakyReLU(0.1)],
        *[
            nn.MaxPool2d(3, 2),
            nn.Conv2d(20, 6, 3, padding=1, bias=False),
            nn.ReLU(),
            nn.AvgPool2d(2),
        ],
        *[nn.Flatten(), nn.Linear(24, 32), nn.Sigmoid(), nn.Dropout(0.9), nn.Linear(32, 10)],
    )


@pytest.mark.parametrize("mode", [True, False])
def test_the_layers_are_those_of_torch_and_the_model_stays_as_it_was(mode):
    model = some_network().train()
    x = torch.randn(50, 1, 28, 28)
    model(3 * x + 1)  # statistics to fold
    model.train(mode)[2].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = chain_of(model, x).layers(x)
    assert [m.training for m in model.modules()] == [mode] * 3 + [False] + [mode] * 10
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    model.eval()
    with torch.no_grad():
        wanted = [model[:1](x), model[:5](x), model[:8](x), model[:12](x), model(x)]
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=2e-3)


def always(logits):
    """A model that gives these logits, whatever it sees."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    nn.init.zeros_(model[1].weight)
    model[1].bias.data = torch.tensor(logits)
    return model


class Skip(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten, self.first, self.last = nn.Flatten(), nn.Linear(784, 784), nn.Linear(784, 10)

    def forward(self, x):
        x = self.flatten(x)
        return 9 * self.last(x + self.first(x))


def test_a_model_that_cannot_read_pictures_is_told_so():
    with pytest.raises(ValueError, match=r"begins with nn\.Flatten"):
        board_of(nn.Linear(784, 10))
    with pytest.raises(ValueError, match=r"\(1, 26\) for one picture; ten digits need \(1, 10\)"):
        board_of(nn.Sequential(nn.Flatten(), nn.Linear(784, 26)))
    with pytest.raises(ValueError, match="infinite or nan"):
        board_of(always([float("nan")] * 10))
    with pytest.raises(ValueError, match=r"one of each digit .* not uint8 \(3, 28, 28\)"):
        widgets.draw_digit(LINES, torch.zeros(3, 28, 28).byte())
    with pytest.raises(ValueError, match="cannot run Softplus.*It knows Conv2d, Linear"):
        board_of(nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Softplus()))
    with pytest.raises(ValueError, match="its forward does more"):
        board_of(Skip())


# -- what is told ----------------------------------------------------------------------------------


def test_the_sentence_says_what_is_read_and_how_sure():
    def sentence(percent):
        return tell([p / 100 for p in percent])

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

    picture = widgets.center(drawn(HANDMADE[7][0]))[None]
    x = torchvision.transforms.functional.normalize(picture[:, None] / 255, [0.1307], [0.3081])
    torch.testing.assert_close(normalized(picture), x)


def test_the_picture_of_the_start_tells_each_layer():
    chain = chain_of(some_network(), torch.randn(4, 1, 28, 28))
    told = picture_of(chain, drawn(HANDMADE[7][0])).description
    assert "Layer 2 gives 16 of 20 maps of 5 × 5; Layer 3 gives 6 maps of 2 × 2; Layer 4" in told
    assert "Layer 4 gives 32 units. It reads a" in told
