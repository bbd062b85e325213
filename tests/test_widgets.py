"""What a living figure carries is right, and a notebook stores it; the browser's half is tested in
test_living."""

import json

import nbformat
import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from nnlib import data, widgets
from nnlib.course import execution
from nnlib.plots.telling import number
from nnlib.widgets import batches, descent, fits, layers, living, page

NARROW = torch.tensor([[1.0, 1.2], [1.2, 2.0]], dtype=torch.float64)
START = torch.tensor([3.0, 1.0], dtype=torch.float64)
ROWS, AND = data.make_gate("AND")


@pytest.fixture(scope="module")
def digits():
    """250 rows to learn from and 100 to test on: (X_train, y_train, X_test, y_test)."""
    X, y = load_digits(return_X_y=True)
    X, y = torch.tensor(X - X.mean()) / X.std(), torch.tensor(y)
    return X[:250], y[:250], X[250:350], y[250:350]


# -- what all of them do ---------------------------------------------------------------------------


def test_a_control_cannot_start_where_it_cannot_go():
    with pytest.raises(ValueError, match="momentum cannot start at 2: choose one of 0.0, 0.05,"):
        widgets.descent_path(NARROW, START, momentum=2)
    with pytest.raises(ValueError, match="activation cannot start at 'relu'.* tanh, ReLU"):
        widgets.gradients_by_layer("relu")
    with pytest.raises(ValueError, match="b cannot start at 0.1"):
        widgets.decision_line(ROWS, AND, b=0.1)


def test_a_notebook_stores_a_picture_and_what_a_page_needs(tmp_path):
    cells = ["from nnlib import data, widgets", "widgets.decision_line(*data.make_gate('OR'))"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    assert not execution.run(notebook, tmp_path).error
    picture, caption = notebook.cells[1].outputs
    assert set(picture.data) == {"image/png", "text/plain", living.MIME}
    assert caption.data["text/plain"] == f"At the start: {picture.data['text/plain']}"
    assert picture.data["text/plain"].startswith("Figure: w1 = 1, w2 = 1, b = -0.5: 0 of 4 wrong.")
    assert picture.metadata["image/png"] == {"width": 560, "height": 400}
    assert "widgets" not in notebook.metadata, "a stored widget has no kernel"
    stored = picture.data[living.MIME]
    assert stored["module"] == "decision_line"
    assert json.loads(stored["data"])["y"] == [0, 1, 1, 1]
    (fragment,) = page.figures(notebook)
    state = json.loads(fragment.split('<script type="application/json">')[1].split("</script>")[0])
    assert state == {"module": "decision_line", "data": json.loads(stored["data"]), "binary": ""}


@pytest.mark.parametrize("module", [path.stem for path in living.SCRIPTS.glob("*.js")])
def test_a_module_is_one_text_for_anywidget(module):
    text = living.joined(module)
    assert "import {" not in text and text.count("export default") <= 1
    names = [line.split("(")[0] for line in text.splitlines() if line.startswith("function ")]
    assert len(names) == len(set(names)), "two files give one name to two functions"


# -- what each of them says ------------------------------------------------------------------------


@pytest.mark.parametrize("gate", ["AND", "OR", "NAND", "XOR"])
@pytest.mark.parametrize(
    "w1, w2, b", [(1, 1, -1), (1, 1, -1.25), (-4, 0, 0.5), (0, 0, 1), (2, -1.5, 0)]
)
def test_the_wrong_points_are_counted(gate, w1, w2, b):
    rows, outputs = data.make_gate(gate)
    table = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
    wanted = dict(zip([(0, 0), (0, 1), (1, 0), (1, 1)], table[gate]))
    wrong = sum((w1 * x1 + w2 * x2 + b > 0) != y for (x1, x2), y in wanted.items())
    widget = widgets.decision_line(rows, outputs, w=(w1, w2), b=b)
    assert f": {wrong} of 4 wrong." in widget.picture.description


@pytest.mark.parametrize(
    ("w1", "w2", "b", "told"),
    [
        (1, 2, -1, "line decision is x2 = -0.5 x1 + 0.5"),
        (2, 0, -1, "line decision is x1 = 0.5"),
        (0, 0, -1, "no line for decision, its weights are 0"),
    ],
)
def test_the_decision_line_is_told(w1, w2, b, told):
    assert told in widgets.decision_line(ROWS, AND, w=(w1, w2), b=b).picture.description


SETTINGS = [(0.2, 0.0), (0.7, 0.0), (0.75, 0.0), (0.75, 0.5), (1.1, 0.5), (1.3, 0.95), (1.5, 0.95)]


@pytest.mark.parametrize("lr, momentum", SETTINGS)
def test_the_walk_is_that_of_torch(lr, momentum):
    w = START.clone().requires_grad_()
    optimizer = torch.optim.SGD([w], lr=lr, momentum=momentum)
    for _ in range(30):
        optimizer.zero_grad()
        loss = (NARROW @ w) @ w / 2
        loss.backward()
        optimizer.step()
    w = w.detach()
    loss = float((NARROW @ w) @ w / 2)
    told = widgets.descent_path(NARROW, START, lr, momentum).picture.description
    assert f"loss {number(loss)} after 30 steps" in told
    if "converges" in told:
        x, y = (number(v, 2, 3) for v in w.tolist())
        assert f"descent walks 30 steps from (3, 1) to ({x}, {y})" in told


@pytest.mark.parametrize("lr, momentum", SETTINGS)
def test_a_walk_converges_where_its_matrix_shrinks(lr, momentum):
    """One step as a matrix on (w, velocity): it shrinks every start if its eigenvalues do."""
    eye = np.eye(2)
    H = NARROW.numpy()
    step = np.block([[eye - lr * H, -lr * momentum * eye], [H, momentum * eye]])
    shrinks = abs(np.linalg.eigvals(step)).max() < 1
    told = widgets.descent_path(NARROW, START, lr, momentum).picture.description
    assert ("converges" if shrinks else "diverges") in told


def test_the_border_itself_is_told_apart():
    told = widgets.descent_path(NARROW, START, 1.0, 0.4).picture.description  # 2 * 1.4 / 2.8 = 1
    assert "stays on the border" in told and "the border is at lr 1." in told


def test_a_walk_that_blows_up_is_drawn_until_it_leaves_the_map():
    told = widgets.descent_path(NARROW, START, 1.5, 0.0).picture.description
    after = START - 1.5 * START @ NARROW
    assert after.abs().max() > 4.5
    assert f"walks 1 steps from (3, 1) to ({number(after[0])}, {number(after[1])})" in told


SLOPES = {
    "tanh": lambda z: 1 - torch.tanh(z) ** 2,
    "ReLU": lambda z: (z > 0).double(),
    "sigmoid": lambda z: torch.exp(-z) / (1 + torch.exp(-z)) ** 2,
}


@pytest.mark.parametrize("activation", SLOPES)
@pytest.mark.parametrize(
    "start, spread", [("Xavier (std 0.1)", 0.1), ("He (std 0.14)", 2**0.5 / 10)]
)
def test_gradient_sizes_are_those_of_the_chain_rule_by_hand(activation, start, spread):
    g = torch.Generator().manual_seed(0)
    a, zs, Ws = torch.randn(200, 100, generator=g, dtype=torch.float64), [], []
    for _ in range(6):
        torch.rand(100, 100, generator=g, dtype=torch.float64)
        Ws.append(spread * torch.randn(100, 100, generator=g, dtype=torch.float64))
        zs.append(a @ Ws[-1].T)
        a = layers.ACTIVATIONS[activation](zs[-1])
    blame, sizes = torch.randn(200, 100, generator=g, dtype=torch.float64), []
    for z, W in zip(zs[::-1], Ws[::-1]):
        blame = blame * SLOPES[activation](z)
        sizes.append(float(blame.square().mean().sqrt()))
        blame = blame @ W
    torch.testing.assert_close(layers.gradient_sizes(activation, 6, start).tolist(), sizes)
    told = widgets.gradients_by_layer(activation, 6, start).picture.description
    factor = (sizes[-1] / sizes[0]) ** (1 / 5)
    assert f"from layer to layer × {number(factor)}." in told
    assert f"from {number(sizes[0])} through {number(sizes[3])} to {number(sizes[-1])}" in told


@pytest.mark.parametrize("name", layers.STARTS)
def test_starting_weights_have_the_spread_that_their_name_says(name):
    g = torch.Generator().manual_seed(1)
    draws = (f(100, 100, generator=g, dtype=torch.float64) for f in (torch.rand, torch.randn))
    W = layers.STARTS[name](*draws)
    named = {"zeros": 0.0, "0 to 1": 12**-0.5}
    wanted = named[name] if name in named else float(name.split("std ")[1].rstrip(")"))
    assert float(W.std()) == pytest.approx(wanted, rel=0.03)
    assert float(W.mean()) == pytest.approx(0.5 if name == "0 to 1" else 0, abs=0.01)


@pytest.mark.parametrize(
    "activation, start", [("ReLU", "He (std 0.14)"), ("tanh", "0 to 1"), ("SiLU", "zeros")]
)
@pytest.mark.parametrize("depth", [2, 17, 40])
def test_the_stored_gradient_sizes_are_those_of_today(activation, start, depth):
    """layers.compute made the file; some of its rows, computed again."""
    stored = json.loads(layers.FILE.read_text())[activation][start][layers.DEPTHS.index(depth)]
    sizes = layers.gradient_sizes(activation, depth, start).tolist()
    assert [0 if log is None else 10 ** (log / 1000) for log in stored] == pytest.approx(
        sizes, rel=0.0013
    )


def test_every_setting_of_the_gradients_is_stored():
    stored = json.loads(layers.FILE.read_text())
    assert {name: list(starts) for name, starts in stored.items()} == dict.fromkeys(
        layers.ACTIVATIONS, list(layers.STARTS)
    )
    for starts in stored.values():
        for by_depth in starts.values():
            assert [len(sizes) for sizes in by_depth] == layers.DEPTHS


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("batch_size, lr", [(20, 0.1), (8, 0.3)])
def test_training_is_that_of_torchs_modules(digits, batch_size, lr, batch_norm):
    X_train, y_train, X_test, y_test = digits
    torch.manual_seed(0)
    sizes = [64, 50, 50, 50]
    model = nn.Sequential()
    for inputs, outputs in zip(sizes, sizes[1:]):
        model.append(nn.Linear(inputs, outputs, dtype=torch.float64))
        if batch_norm:
            model.append(nn.BatchNorm1d(outputs).double())
        model.append(nn.ReLU())
    model.append(nn.Linear(50, 10, dtype=torch.float64))
    order = torch.randperm(250)
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for rows in order[: 250 // batch_size * batch_size].split(batch_size):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X_train[rows]), y_train[rows]).backward()
        optimizer.step()
    right = 100 * (model.eval()(X_test).argmax(dim=1) == y_test).double().mean().item()
    read, percents = batches.train(digits, batch_size, lr, batch_norm)
    assert read[0] == 0 and read[-1] == 250 // batch_size * batch_size
    assert len(read) == len(percents) == 11
    assert percents[-1] == pytest.approx(right)


def test_batch_norm_helps_large_batches_and_hurts_batches_of_two():
    """What lesson 07 says the widget shows, on lesson 07's rows."""
    X, y = load_digits(return_X_y=True)
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(0))
    X, y = torch.tensor(X)[order], torch.tensor(y)[order]
    X = (X - X[:1000].mean()) / X[:1000].std()
    rows = X[:1000], y[:1000], X[1000:], y[1000:]

    def end(batch_size, batch_norm):
        return batches.train(rows, batch_size, 0.1, batch_norm)[1][-1]

    assert end(2, True) < 50 < 60 < end(2, False)
    for batch_size in (8, 100):
        assert end(batch_size, True) > end(batch_size, False) + 15
    assert max(end(250, True), end(250, False)) < 50


def test_all_settings_of_batch_sizes_travel_in_order(digits, monkeypatch):
    def percent(size, rate, norm):
        return batches.SIZES.index(size) * 10 + batches.RATES.index(rate) * 2 + norm

    monkeypatch.setattr(
        batches, "train", lambda rows, *setting: ([0, 250], [percent(*setting), 100])
    )
    widget = widgets.batch_sizes(*digits)
    assert len(widget.binary) == 7 * 2 * 4 * 2
    assert list(widget.binary[:10]) == [1, 100, 3, 100, 5, 100, 7, 100, 0, 100]
    assert widget.data["read"] == [[0, 250]] * 7


def test_descent_does_not_change_what_it_is_given():
    H, start = NARROW.clone(), START.clone()
    descent.descent_path(H, start, 1.5)
    assert torch.equal(H, NARROW) and torch.equal(start, START)


def test_slopes_are_the_derivative():
    figure = widgets.slope_along(lambda x: x**3 / 3 - 2 * x, -2, 2, 40)
    x = np.array(figure.data["x"])
    np.testing.assert_allclose(figure.data["slope"], x**2 - 2, atol=1e-12)
    assert figure.data["start"] == pytest.approx(-1) == x[10]
    assert "At x = -1 the slope is -1." in figure.picture.description


def test_two_directions_shrink_by_their_own_factor():
    told = widgets.two_directions(NARROW, START, 0.2).picture.description
    gentle, steep = np.linalg.eigvalsh(NARROW.numpy())
    assert (
        f"gentle, λ = {number(gentle)} falls" in told
        and f"steep, λ = {number(steep)} falls" in told
    )
    values, vectors = np.linalg.eigh(NARROW.numpy())
    ends = abs(START.numpy() @ vectors) * (1 - 0.2 * values) ** 30
    for end in ends:
        assert f" to {number(end)}" in told


def test_the_line_of_least_squares_is_numpys():
    x, y = torch.tensor([0.0, 1, 2, 5]).double(), torch.tensor([1.0, 0, 4, 3]).double()
    np.testing.assert_allclose(fits.least_squares(x, y), np.polyfit(x, y, 1))


def test_the_winners_score_and_the_truth_about_it():
    told = widgets.best_of_many([80, 84, 90, 88], [85, 86, 84, 85]).picture.description
    assert "on the 50 rises from 80 through 90 to 90" in told
    assert "in truth goes from 85 through 84 to 84, between 84 and 86" in told


def test_a_graph_starts_with_the_numbers_of_both_passes():
    told = widgets.touch_graph(1.5, 2.0, -0.5, 1.0).picture.description
    assert "w = 1.5" in told and "sum = 2.5, loss = 2.25" in told
    assert "w to sum (blame 6), x to sum (blame 4.5), b to sum (blame 3)" in told
