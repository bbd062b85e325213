"""Every data set of the course, as tensors.

`load_*` reads what exists, `make_*` makes points on the spot. `datasets/README.md` has a card for
each set. MNIST and Pima are downloaded on first use; without a network a smaller stand-in takes
their place and says so.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch.nn import functional as F

from nnlib import downloads
from nnlib.downloads import DataError

__all__ = [
    "DataError", "Digits", "Pictures", "Table",
    "load_breast_cancer", "load_houses", "load_iris", "load_leaves", "load_mnist", "load_pima",
    "make_gate", "make_moons", "make_spirals",
]  # fmt: skip


def _summary(self):
    """One line a field, with a tensor's dtype and shape instead of its numbers."""
    lines = []
    for field in fields(self):
        value = getattr(self, field.name)
        if isinstance(value, torch.Tensor):
            value = f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
        lines.append(f"  {field.name}: {value}")
    return "\n".join([type(self).__name__, *lines])


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of numbers: X float32 (N, D) and y (N,), int64 classes or float32 values.

    names: the D columns of X, with units; classes: what y's 0, 1, … mean, empty if y is a value;
    stand_in: True if another set stands in for the one asked for.
    """

    X: torch.Tensor
    y: torch.Tensor
    names: tuple
    classes: tuple = ()
    stand_in: bool = False
    __repr__ = _summary


@dataclass(frozen=True, eq=False)
class Pictures:
    """Gray pictures: images uint8 (N, H, W), 0 black to 255 white; labels int64 (N,).

    classes: what the labels 0, 1, … mean.
    """

    images: torch.Tensor
    labels: torch.Tensor
    classes: tuple
    __repr__ = _summary


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits, white on black: images uint8 (N, 28, 28), labels int64 (N,) 0 to 9.

    stand_in: True if these are scikit-learn's digits instead of MNIST's.
    """

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    stand_in: bool = False
    __repr__ = _summary


def load_mnist():
    """MNIST: 60 000 digits to learn from and 10 000 to test on, downloaded on first use.

    Returns Digits. Without MNIST and a network: 1797 digits of scikit-learn, and a banner.
    Raises DataError if a file of MNIST is here but corrupt.
    Source: LeCun, Cortes and Burges, from torchvision's mirrors.
    """
    folder = _fetch("mnist", "scikit-learn's 1797 handwritten digits")
    if folder is None:
        return _stand_in_digits()
    from nnlib.vision import torchvision  # slow to import

    # torchvision.datasets.MNIST reads with these two; itself it would prefer an old pickled copy.
    read_images = torchvision.datasets.mnist.read_image_file
    read_labels = torchvision.datasets.mnist.read_label_file
    raw = folder / "MNIST" / "raw"
    return Digits(
        read_images(raw / "train-images-idx3-ubyte"),
        read_labels(raw / "train-labels-idx1-ubyte"),
        read_images(raw / "t10k-images-idx3-ubyte"),
        read_labels(raw / "t10k-labels-idx1-ubyte"),
    )


def _stand_in_digits():
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32)  # (1797, 8, 8), values 0 to 16
    # As in MNIST, the digit fills 20x20 pixels in the middle, with room for its edges to fade.
    images = F.pad(images[:, None], (1, 1, 1, 1))  # -> (1797, 1, 10, 10)
    images = F.interpolate(images, size=(24, 24), mode="bicubic")  # -> (1797, 1, 24, 24)
    images = F.pad(images, (2, 2, 2, 2))[:, 0]  # -> (1797, 28, 28)
    images = (images * 255 / 16).round().clamp(0, 255).to(torch.uint8)
    labels = torch.tensor(digits.target, dtype=torch.int64)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    train, test = order[:1500], order[1500:]
    return Digits(images[train], labels[train], images[test], labels[test], stand_in=True)


def load_pima():
    """Pima: 768 women, 8 measurements, diabetes within five years or not; downloaded once.

    Returns a Table, X (768, 8), y 0 or 1. Zeros in glucose, pressure, skin, insulin and body mass
    are missing values. Without Pima and a network: breast cancer (569, 30), and a banner.
    Raises DataError if the file is here but corrupt.
    Source: Smith et al., 1988, from OpenML's data set 37.
    """
    folder = _fetch("pima", "scikit-learn's breast cancer data")
    if folder is None:
        other = load_breast_cancer()
        return Table(other.X, other.y, other.names, other.classes, stand_in=True)
    table = np.loadtxt(folder / "pima" / "pima-indians-diabetes.csv", delimiter=",")
    names = (
        "pregnancies", "glucose (mg/dl)", "blood pressure (mm Hg)", "skin fold (mm)",
        "insulin (mu U/ml)", "body mass index (kg/m2)", "pedigree", "age (years)",
    )  # fmt: skip
    X = torch.tensor(table[:, :8], dtype=torch.float32)
    y = torch.tensor(table[:, 8], dtype=torch.int64)
    return Table(X, y, names, ("no diabetes", "diabetes"))


def load_iris():
    """Iris: 150 flowers of 3 species, 4 lengths in cm.

    Returns a Table, X (150, 4), y 0, 1, 2, fifty rows each, in that order.
    Source: Fisher, 1936, as it ships with scikit-learn.
    """
    from sklearn.datasets import load_iris

    return _from_sklearn(load_iris())


def load_breast_cancer():
    """Breast cancer: 569 tumors, 30 measurements of cell nuclei, malignant (0) or benign (1).

    Returns a Table, X (569, 30), y 0 or 1.
    Source: Wolberg, Street and Mangasarian, 1995, as it ships with scikit-learn.
    """
    from sklearn.datasets import load_breast_cancer

    return _from_sklearn(load_breast_cancer())


def _from_sklearn(bunch):
    X = torch.tensor(bunch.data, dtype=torch.float32)
    y = torch.tensor(bunch.target, dtype=torch.int64)
    return Table(X, y, tuple(map(str, bunch.feature_names)), tuple(map(str, bunch.target_names)))


def load_houses():
    """Houses: 500 invented sales, with y the price in thousands of euros (float32).

    Returns a Table, X (500, 4): area in m2, bedrooms, distance to the city in km, age in years.
    Source: ours, `datasets/make_datasets.py`.
    """
    table = np.loadtxt(_fetch("houses") / "houses.csv", delimiter=",", skiprows=1)
    names = ("area (m2)", "bedrooms", "distance (km)", "age (years)")
    table = torch.tensor(table, dtype=torch.float32)
    return Table(table[:, :4], table[:, 4], names)


def load_leaves():
    """Leaves: 400 drawn pictures of 30x30 pixels, healthy (0) and diseased (1) in turn.

    Returns Pictures, images uint8 (400, 30, 30).
    Source: ours, `datasets/make_datasets.py`.
    """
    from PIL import Image

    sheet = np.array(Image.open(_fetch("leaves") / "leaves.png"))  # 20 rows of 20 pictures
    images = torch.tensor(sheet).reshape(20, 30, 20, 30).transpose(1, 2).reshape(400, 30, 30)
    return Pictures(images, torch.arange(400) % 2, ("healthy", "diseased"))


def make_moons(n, noise, seed):
    """Two half circles that reach into each other.

    n: how many points; noise: standard deviation added to both coordinates; seed: an int.
    Returns X float32 (n, 2) and y int64 (n,), 0 and 1 in turn.
    """
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % 2
    angle = math.pi * torch.rand(n, generator=generator)
    upper = torch.stack([angle.cos(), angle.sin()], dim=1)  # (n,) -> (n, 2)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], dim=1)
    X = torch.where(y[:, None] == 0, upper, lower)
    return X + noise * torch.randn(n, 2, generator=generator), y


def make_spirals(n, noise, seed):
    """Two spiral arms, wound one and a half times around the origin and within radius 1.

    n: how many points; noise: standard deviation added to both coordinates; seed: an int.
    Returns X float32 (n, 2) and y int64 (n,), 0 and 1 in turn.
    """
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % 2
    radius = torch.rand(n, generator=generator).sqrt()  # as many points inside as outside
    angle = 3 * math.pi * radius + math.pi * y
    X = radius[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)  # (n,) -> (n, 2)
    return X + noise * torch.randn(n, 2, generator=generator), y


def make_gate(name):
    """The truth table of a logic gate: "AND", "OR", "NAND" or "XOR".

    Returns X float32 (4, 2), the rows 00, 01, 10, 11, and y int64 (4,).
    Raises DataError for another name.
    """
    gates = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
    if name not in gates:
        raise DataError(f"There is no gate {name!r}. Use one of: {', '.join(gates)}.")
    return torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), torch.tensor(gates[name])


_failures = {}  # sets that could not be downloaded, and why: tried once in a process


def _fetch(name, stand_in=None):
    """The folder of a set; or None, after a banner, if it has a stand-in and cannot be had."""
    try:
        if name in _failures:
            return downloads.find(name)
        return downloads.fetch(name)
    except downloads.DownloadError as error:
        if stand_in is None:
            raise
        _failures[name] = error
        line = "!" * 78
        print(
            f"{line}\n{name.upper()} IS NOT HERE. You now work with {stand_in} instead,\n"
            "so every result differs from the text of the lesson.\n"
            f"Why: {error}\n{line}"
        )
        return None
