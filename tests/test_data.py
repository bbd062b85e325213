"""Every data set against an independent reading of it, and the stand-ins without a network."""

import csv
import importlib.util
import math
import shutil
import socket

import numpy as np
import pytest
import sklearn.datasets
import torch
from PIL import Image

from nnlib import data, downloads
from nnlib.vision import torchvision


def real(name):
    """The data folder that holds a downloaded set, or a skip that says why."""
    folder = downloads.find(name)
    if folder is None:
        pytest.skip(f"{name} is not here: run nnlib data {name}, or set NNLIB_DATA")
    return folder


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """Empty data folders and servers that refuse the connection; gives the data folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/"
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(downloads, "COURSE", tmp_path / "course")
    monkeypatch.setattr(downloads, "PIMA_URLS", [closed + "diabetes.arff"])
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [closed])
    monkeypatch.setattr(data, "_failures", {})
    return tmp_path / "data"


@pytest.fixture(scope="module")
def maker():
    path = downloads.COURSE / "make_datasets.py"
    spec = importlib.util.spec_from_file_location("make_datasets", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mnist_is_what_its_files_say():
    raw = real("mnist") / "MNIST" / "raw"
    mnist = data.load_mnist()
    assert not mnist.stand_in
    for part, images, labels in (
        ("train", mnist.train_images, mnist.train_labels),
        ("t10k", mnist.test_images, mnist.test_labels),
    ):
        pixels = np.fromfile(raw / f"{part}-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 28, 28)
        digits = np.fromfile(raw / f"{part}-labels-idx1-ubyte", np.uint8)[8:]
        assert images.dtype == torch.uint8 and np.array_equal(images, pixels)
        assert labels.dtype == torch.int64 and np.array_equal(labels, digits)
    assert mnist.train_images.shape == (60000, 28, 28)
    assert mnist.test_images.shape == (10000, 28, 28)
    assert mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_mnist_reads_no_pickle(tmp_path, monkeypatch):
    shutil.copytree(real("mnist") / "MNIST" / "raw", tmp_path / "MNIST" / "raw")
    (tmp_path / "MNIST" / "processed").mkdir()
    for file in ("training.pt", "test.pt"):  # torchvision.datasets.MNIST would prefer these
        torch.save((torch.zeros(1), torch.zeros(1)), tmp_path / "MNIST" / "processed" / file)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    assert len(data.load_mnist().train_images) == 60000


def test_pima_is_what_its_file_says():
    with open(real("pima") / "pima" / "pima-indians-diabetes.csv") as file:
        rows = [[float(field) for field in row] for row in csv.reader(file)]
    pima = data.load_pima()
    assert pima.X.shape == (768, 8) and pima.X.dtype == torch.float32
    assert pima.y.shape == (768,) and pima.y.dtype == torch.int64
    assert torch.equal(pima.X, torch.tensor(rows)[:, :8])
    assert pima.y.tolist() == [row[8] for row in rows] and pima.y.sum() == 268
    assert len(pima.names) == 8 and not pima.stand_in
    missing = dict(zip(pima.names, (pima.X == 0).sum(0).tolist(), strict=True))
    assert missing["glucose (mg/dl)"] == 5 and missing["body mass index (kg/m2)"] == 11


@pytest.fixture
def pima_file():
    return real("pima") / "pima" / "pima-indians-diabetes.csv"


def test_a_file_that_appears_later_is_used(pima_file, offline):
    assert data.load_pima().stand_in
    (offline / "pima").mkdir()
    shutil.copy(pima_file, offline / "pima")
    assert not data.load_pima().stand_in


def test_iris():
    iris = data.load_iris()
    theirs = sklearn.datasets.load_iris()
    assert iris.X.dtype == torch.float32 and iris.y.dtype == torch.int64
    assert np.allclose(iris.X, theirs.data) and np.array_equal(iris.y, theirs.target)
    assert iris.y.bincount().tolist() == [50, 50, 50]
    assert iris.classes == ("setosa", "versicolor", "virginica") and len(iris.names) == 4
    # The two rows that are wrong in many copies, as Fisher printed them.
    assert torch.allclose(iris.X[34], torch.tensor([4.9, 3.1, 1.5, 0.2]))
    assert torch.allclose(iris.X[37], torch.tensor([4.9, 3.6, 1.4, 0.1]))


def test_breast_cancer():
    cancer = data.load_breast_cancer()
    theirs = sklearn.datasets.load_breast_cancer()
    assert cancer.X.dtype == torch.float32 and cancer.y.dtype == torch.int64
    assert np.allclose(cancer.X, theirs.data) and np.array_equal(cancer.y, theirs.target)
    assert cancer.classes == ("malignant", "benign") and cancer.y.bincount().tolist() == [212, 357]
    assert len(cancer.names) == 30


def test_houses_are_what_the_script_makes(maker):
    houses = data.load_houses()
    table = torch.tensor(maker.make_houses(), dtype=torch.float32)
    assert houses.X.shape == (500, 4) and houses.X.dtype == torch.float32
    assert houses.y.shape == (500,) and houses.y.dtype == torch.float32
    assert torch.equal(houses.X, table[:, :4]) and torch.equal(houses.y, table[:, 4])
    assert len(houses.names) == 4 and houses.classes == ()


def test_large_houses_lose_more_with_each_kilometer():
    houses = data.load_houses()
    area, distance, price = houses.X[:, 0].numpy(), houses.X[:, 2].numpy(), houses.y.numpy()
    large = area > np.median(area)
    slope_large = np.polyfit(distance[large], price[large], 1)[0]
    slope_small = np.polyfit(distance[~large], price[~large], 1)[0]
    assert slope_large < 1.5 * slope_small < 0


def test_leaves_are_what_the_script_makes(maker):
    leaves = data.load_leaves()
    assert leaves.images.shape == (400, 30, 30) and leaves.images.dtype == torch.uint8
    assert np.array_equal(leaves.images, maker.make_leaves())
    assert leaves.labels.dtype == torch.int64
    assert leaves.labels.tolist() == [0, 1] * 200 and leaves.classes == ("healthy", "diseased")


def test_leaves_are_told_apart_by_their_spots_and_not_by_brightness():
    leaves = data.load_leaves()
    images, sick = leaves.images.double(), leaves.labels == 1
    brightness = images.mean(dim=(1, 2))
    for threshold in brightness:
        right = ((brightness > threshold) == sick).double().mean()
        assert 0.4 < right < 0.6
    around = images[:, :-2, 1:-1] + images[:, 2:, 1:-1] + images[:, 1:-1, :-2] + images[:, 1:-1, 2:]
    rough = (4 * images[:, 1:-1, 1:-1] - around)[:, 8:-8, 8:-8].abs().mean(dim=(1, 2))
    assert rough[sick].mean() > 1.5 * rough[~sick].mean()


def test_script_writes_the_files_of_the_course(maker, tmp_path):
    maker.main(tmp_path)
    ours = downloads.COURSE
    assert (tmp_path / "houses.csv").read_bytes() == (ours / "houses.csv").read_bytes()
    # Pixels, not bytes: another zlib packs the same picture differently.
    mine, made = Image.open(ours / "leaves.png"), Image.open(tmp_path / "leaves.png")
    assert np.array_equal(np.array(mine), np.array(made))


def test_moons_without_noise_lie_on_their_circles():
    X, y = data.make_moons(101, 0.0, 3)
    assert X.shape == (101, 2) and X.dtype == torch.float32
    assert y.shape == (101,) and y.dtype == torch.int64 and y.sum() == 50
    centers = torch.tensor([[0.0, 0.0], [1.0, 0.5]])[y]
    assert torch.allclose((X - centers).norm(dim=1), torch.ones(101), atol=1e-5)
    assert (X[y == 0, 1] >= -1e-6).all() and (X[y == 1, 1] <= 0.5 + 1e-6).all()


def test_spirals_without_noise_turn_with_their_radius():
    X, y = data.make_spirals(200, 0.0, 3)
    assert X.shape == (200, 2) and X.dtype == torch.float32
    assert y.shape == (200,) and y.dtype == torch.int64 and y.sum() == 100
    radius = X.norm(dim=1)
    turned = torch.atan2(X[:, 1], X[:, 0]) - 3 * math.pi * radius - math.pi * y
    assert radius.max() <= 1 + 1e-6
    assert torch.allclose(turned.cos(), torch.ones(200), atol=1e-3)


@pytest.mark.parametrize("make", [data.make_moons, data.make_spirals])
def test_seed_and_noise_decide_the_points(make):
    assert torch.equal(make(50, 0.1, 1)[0], make(50, 0.1, 1)[0])
    assert not torch.equal(make(50, 0.1, 1)[0], make(50, 0.1, 2)[0])
    moved = make(5000, 0.25, 1)[0] - make(5000, 0.0, 1)[0]
    assert moved.std().item() == pytest.approx(0.25, rel=0.05)


def test_gates():
    rules = {
        "AND": lambda a, b: a and b,
        "OR": lambda a, b: a or b,
        "NAND": lambda a, b: not (a and b),
        "XOR": lambda a, b: a != b,
    }
    for name, rule in rules.items():
        X, y = data.make_gate(name)
        assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]] and X.dtype == torch.float32
        assert y.tolist() == [int(rule(a, b)) for a, b in X.tolist()] and y.dtype == torch.int64
    with pytest.raises(data.DataError, match="'xor'.*AND, OR, NAND, XOR"):
        data.make_gate("xor")


def test_a_set_prints_its_shapes():
    assert "images: uint8 (400, 30, 30)" in repr(data.load_leaves())
    assert "y: int64 (150,)" in repr(data.load_iris())


def test_digits_stand_in_for_mnist(offline, capsys):
    digits = data.load_mnist()
    assert digits.stand_in
    assert digits.train_images.shape == (1500, 28, 28) and digits.train_images.dtype == torch.uint8
    assert digits.test_images.shape == (297, 28, 28) and digits.test_labels.dtype == torch.int64
    both = torch.cat([digits.train_labels, digits.test_labels])
    assert both.bincount().tolist() == np.bincount(sklearn.datasets.load_digits().target).tolist()
    assert digits.train_images.max() == 255 and digits.train_images[:, 0].max() == 0
    # Pictures and labels belong together: the nearest mean picture names most test digits.
    train, test = digits.train_images.flatten(1).double(), digits.test_images.flatten(1).double()
    means = torch.stack([train[digits.train_labels == k].mean(dim=0) for k in range(10)])
    named = torch.cdist(test, means).argmin(dim=1)
    assert (named == digits.test_labels).double().mean() > 0.85

    banner = capsys.readouterr().out
    assert "MNIST IS NOT HERE" in banner and "nnlib data mnist" in banner
    assert "no server answered" in banner


def test_breast_cancer_stands_in_for_pima(offline, capsys):
    pima = data.load_pima()
    assert pima.stand_in and torch.equal(pima.X, data.load_breast_cancer().X)
    assert pima.classes == ("malignant", "benign")
    banner = capsys.readouterr().out
    assert "PIMA IS NOT HERE" in banner and "breast cancer" in banner


def test_without_a_network_one_try_and_one_banner(offline, capsys, monkeypatch):
    tries = []
    fetch = downloads.fetch
    monkeypatch.setattr(downloads, "fetch", lambda name: tries.append(name) or fetch(name))
    data.load_pima()
    data.load_pima()
    assert tries == ["pima"]
    assert capsys.readouterr().out.count("PIMA IS NOT HERE") == 1


@pytest.mark.parametrize(
    "load, file, name",
    [
        (data.load_pima, "pima/pima-indians-diabetes.csv", "pima"),
        (data.load_mnist, "MNIST/raw/t10k-labels-idx1-ubyte", "mnist"),
    ],
)
def test_a_corrupt_file_is_named_and_left_alone(offline, load, file, name):
    (offline / file).parent.mkdir(parents=True)
    (offline / file).write_text("half a file")
    with pytest.raises(data.DataError) as caught:
        load()
    assert str(offline / file) in str(caught.value)
    assert f"Delete it and run: nnlib data {name}" in str(caught.value)
    assert (offline / file).read_text() == "half a file"


def test_a_missing_set_of_the_course_says_how_to_get_it_back(offline):
    with pytest.raises(data.DataError, match="git checkout -- datasets/houses.csv"):
        data.load_houses()
