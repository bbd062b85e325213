"""Every figure shows what it was given, says what it shows, and changes nothing else."""

import html
import re
import subprocess
import sys
from types import SimpleNamespace

import matplotlib
import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from nnlib import plots

X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 3.0]])
Y = torch.tensor([0, 0, 1, 1])


def bowl(w):
    return w[:, 0] ** 2 + 4 * w[:, 1] ** 2


def a_history(loss, accuracy):
    return SimpleNamespace(
        train={"loss": [0.9, 0.4, loss], "accuracy": [0.5, 0.8, accuracy]},
        validation={"loss": [0.8, 0.5, 0.3], "accuracy": [0.6, 0.7, 0.75]},
    )


def two(ax, value):
    return plots.bars({"a": value}, ax=ax)


# For each function: a call that turns one number into a figure. Other numbers, other words.
CALLS = {
    "curves": lambda v: plots.curves({"line": ([0, 1, 2], [3.0, v, 9.0])}),
    "curves, x": lambda v: plots.curves({"line": ([0, 1, 2 + v], [3, 4, 9])}),
    "curves, band": lambda v: plots.curves({"line": ([0, 1], [1, 2], [0, 1], [2, 5 + v])}),
    "curves, hline": lambda v: plots.curves({"line": ([0, 1], [1, 2])}, hlines={"floor": v}),
    "curves, vline": lambda v: plots.curves({"line": ([0, 1], [1, 2])}, vlines={"wall": v}),
    "points": lambda v: plots.points(X * v, Y),
    "points, labels": lambda v: plots.points(X, (X[:, 0] * 2 > v).long(), ["a", "b"]),
    "points, line": lambda v: plots.points(X, Y, lines={"rule": ([v, 1.0], -0.5)}),
    "points, model": lambda v: plots.points(X, Y, model=lambda x: x[:, 0] - v / 4),
    "images": lambda v: plots.images(torch.full((2, 3, 4), v) * torch.tensor([[[1.0]], [[2.0]]])),
    "images, titles": lambda v: plots.images(torch.eye(3)[None], titles=[f"digit {v}"]),
    "matrix": lambda v: plots.matrix([[1, v], [2, 3]], ["a", "b"], ["a", "b"]),
    "bars": lambda v: plots.bars({"a": v, "b": 3}),
    "bars, spread": lambda v: plots.bars({"a": 1, "b": 3}, spread={"a": v, "b": 1}),
    "history, loss": lambda v: plots.history(a_history(v / 10, 0.9)),
    "history, accuracy": lambda v: plots.history(a_history(0.2, v / 10)),
    "neuron": lambda v: plots.neuron([v, 1.0], [0.5, 0.5], -1),
    "neuron, output": lambda v: plots.neuron([1.0], [0.5], -1, output=v),
    "network": lambda v: plots.network({"input": torch.arange(20.0) - 2 * v, "output": [1, v]}),
    "graph": lambda v: plots.graph({"x": (0, 0), "y": (1, 0)}, [("x", "y", f"{v}")]),
    "graph, text": lambda v: plots.graph({"x": (0, 0)}, [], node_text={"x": f"{v}"}),
    "contour": lambda v: plots.contour(bowl, {"walk": [[v, 1.0], [0.5, 0]]}, (-5, 5), (-2, 2)),
    "contour, f": lambda v: plots.contour(lambda w: v * bowl(w), {}, (-5, 5), (-2, 2)),
    "row": lambda v: plots.row(lambda ax: two(ax, 1), lambda ax: two(ax, v)),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_description_follows_the_data(name):
    one, again, other = (CALLS[name](v).description for v in (1.5, 1.5, 3.0))
    assert one == again != other
    assert one.startswith("Figure: ") and one.endswith(".") and "\n" not in one


@pytest.mark.parametrize("name", CALLS)
def test_nothing_global_changes(name):
    before, drawn = dict(matplotlib.rcParams), torch.get_rng_state()
    figure = CALLS[name](1.5).figure
    figure.draw_without_rendering()
    assert dict(matplotlib.rcParams) == before
    assert torch.equal(torch.get_rng_state(), drawn)
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


@pytest.mark.parametrize("name", CALLS)
def test_all_text_lies_inside_the_figure(name):
    figure = CALLS[name](1.5).figure
    figure.draw_without_rendering()
    width, height = figure.canvas.get_width_height()
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_text() and text.get_visible() and text.axes is not None:
            box = text.get_window_extent()
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
            tick = text in [*text.axes.get_xticklabels(), *text.axes.get_yticklabels()]
            assert inside or tick, text.get_text()


def test_importing_does_not_load_pyplot_or_ipython():
    code = "import sys, nnlib.plots; print({'matplotlib.pyplot', 'IPython'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


def test_curves_draw_the_numbers_given_and_tell_them():
    x = torch.linspace(-2, 2, 41)
    y = torch.relu(x).requires_grad_()
    picture = plots.curves({"ReLU": (x, y), "zero": (x, 0 * x)}, "Bent", "z", "a")
    (ax,) = picture.figure.axes
    np.testing.assert_array_equal(ax.get_lines()[0].get_xdata(), x.double())
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), y.detach().double())
    assert picture.description == (
        "Figure: Bent. a over z -2 to 2: ReLU rises from 0 through 0 to 2; zero stays at 0."
    )
    assert {"ReLU", "zero"} <= {text.get_text() for text in ax.texts}


def test_a_line_without_a_name_has_none():
    picture = plots.curves({"": ([0, 1], [1, 2])})
    assert "child" not in picture.description
    assert not any("child" in text.get_text() for text in picture.figure.axes[0].texts)


def x_labels(picture):
    picture.figure.draw_without_rendering()
    axis = picture.figure.axes[0].xaxis
    return [text.get_text() for text in axis.get_ticklabels(which="both") if text.get_text()]


def test_a_logarithmic_axis_names_few_values_or_powers_of_ten():
    few = [0.03, 0.1, 0.3, 2, 4]
    labels = x_labels(plots.curves({"line": (few, [1, 2, 3, 4, 5])}, logx=True))
    assert labels == ["0.03", "0.1", "0.3", "2", "4"]
    for xs in ([1, 10, 100], range(1, 601), [1, 2, 2.1], [0, 1, 256]):
        labels = x_labels(plots.curves({"line": (xs, range(len(xs)))}, logx=True))
        assert set(labels) <= {"1", "256"} or all("10^" in label for label in labels), labels


def test_a_fixed_y_axis_stays_as_it_was_asked_for():
    ax = plots.curves({"line": ([0, 1], [5, 6])}, ylim=(0, 100)).figure.axes[0]
    assert ax.get_ylim() == (0, 100)


def test_curves_tell_values_that_are_not_finite():
    told = plots.curves({"walk": ([0, 1, 2], [1.0, 5.0, float("nan")])}).description
    assert "rises from 1 to 5, 1 value not finite" in told


def test_points_of_each_class_are_where_they_belong():
    picture = plots.points(X, Y, ["no", "yes"])
    no, yes = picture.figure.axes[0].collections
    np.testing.assert_array_equal(no.get_offsets(), X[:2])
    np.testing.assert_array_equal(yes.get_offsets(), X[2:])
    assert not np.array_equal(no.get_facecolor(), yes.get_facecolor())
    assert len(no.get_paths()[0]) != len(yes.get_paths()[0])  # another marker
    assert "no: 2 around (0, 0.5); yes: 2 around (1, 1.5)" in picture.description


@pytest.mark.parametrize(
    ("w", "b", "told"),
    [
        ([1.0, 1.0], -1.5, "x2 = -1 x1 + 1.5"),
        ([2.0, 0.0], -1.0, "x1 = 0.5"),
        ([0.0, 2.0], 1.0, "x2 = 0 x1 - 0.5"),
        ([9.0, 1.0], -3.0, "x2 = -9 x1 + 3"),
    ],
)
def test_a_decision_line_lies_where_the_weighted_sum_is_zero(w, b, told):
    picture = plots.points(X, Y, lines={"rule": (torch.tensor(w), torch.tensor(b))})
    (line,) = picture.figure.axes[0].get_lines()
    np.testing.assert_allclose(line.get_xydata() @ np.array(w) + b, 0, atol=1e-9)
    assert f"line rule is {told}" in picture.description


def test_weights_of_zero_have_no_line():
    picture = plots.points(X, Y, lines={"start": ([0.0, 0.0], 0.0)})
    assert len(picture.figure.axes[0].get_lines()) == 0
    assert "no line for start" in picture.description


def test_the_shaded_plane_is_what_the_model_says():
    image = plots.points(X, Y, model=lambda x: x[:, 1] - 1.5).figure.axes[0].images[0]
    regions, (_, _, bottom, top) = image.get_array(), image.get_extent()
    share = (top - 1.5) / (top - bottom)
    assert abs((regions == 1).mean() - share) < 0.01
    assert (regions[-1] == 1).all() and (regions[0] == 0).all()
    three = plots.points(X, Y, ["a", "b", "c"], model=lambda x: x @ torch.eye(2, 3))
    assert "c 1 %" in three.description  # x1 < 0 and x2 < 0: 0.15 / 1.3 * 0.45 / 3.9
    half = plots.points(X, Y, model=lambda x: x[:, :1])
    assert "class 0 12 %, class 1 88 %" in half.description


@pytest.mark.parametrize("training", [True, False])
def test_a_model_is_left_as_it_was(training):
    layers = (
        torch.nn.Linear(2, 4),
        torch.nn.BatchNorm1d(4),
        torch.nn.Dropout(),
        torch.nn.Linear(4, 2),
    )
    model = torch.nn.Sequential(*layers).double().train(training)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    seed = torch.get_rng_state()
    plots.points(X, Y, model=model)
    assert all(module.training is training for module in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None and p.dtype == torch.float64 for p in model.parameters())
    assert torch.equal(torch.get_rng_state(), seed)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.float32, torch.bfloat16])
def test_images_are_drawn_pixel_by_pixel(dtype):
    pictures = torch.randint(0, 2, (5, 1, 4, 6)).to(dtype)
    pictures[0, 0, 0, :2] = torch.tensor([0, 1])
    picture = plots.images(pictures, titles="abcde", columns=3)
    ax = picture.figure.axes[0]
    for image, expected in zip(ax.images, pictures[:, 0], strict=True):
        np.testing.assert_array_equal(image.get_array(), expected.double())
    assert [text.get_text() for text in ax.texts] == list("abcde")
    assert "5 pictures of 4 by 6 pixels, values 0 to 1" in picture.description
    assert plots.images(pictures[:2], torch.tensor([7, 4])).description.endswith(": 7, 4.")


def test_signed_images_are_white_at_zero():
    image = plots.images(torch.tensor([[[-1.0, 0.0, 3.0]]]), signed=True).figure.axes[0].images[0]
    colors = image.to_rgba(image.get_array())[0]
    assert (
        colors[1, :3].min() > 0.95 and colors[0, 2] > colors[0, 0] and colors[2, 0] > colors[2, 2]
    )


def test_matrix_writes_every_number_readably():
    counts = torch.tensor([[90, 3, 0], [7, 80, 1], [2, 12, 1000]])
    picture = plots.matrix(counts, xlabel="predicted", ylabel="true")
    ax = picture.figure.axes[0]
    assert [text.get_text() for text in ax.texts] == [str(int(c)) for c in counts.flatten()]
    np.testing.assert_array_equal(ax.images[0].get_array(), counts)
    assert "largest at true 2, predicted 2 (1000)" in picture.description
    assert "largest off the diagonal at true 2, predicted 1 (12)" in picture.description
    back = ax.images[0].to_rgba(counts.double().numpy())[..., :3].reshape(-1, 3).mean(1)
    for text, ground in zip(ax.texts, back, strict=True):
        ink = np.mean(matplotlib.colors.to_rgb(text.get_color()))
        assert abs(ink - ground) > 0.3, text.get_text()
    scores = plots.matrix([[0.9, 0.912]], digits=3).figure.axes[0].texts
    assert [text.get_text() for text in scores] == ["0.900", "0.912"]


def test_bars_are_as_long_as_their_values():
    picture = plots.bars({"up": torch.tensor(2.5), "down": -1.25}, spread={"up": 1, "down": 0.5})
    ax = picture.figure.axes[0]
    assert [bar.get_width() for bar in ax.patches] == [2.5, -1.25]
    assert [text.get_text() for text in ax.texts] == ["2.5", "-1.2"]
    assert "up 2.5 ± 1, down -1.2 ± 0.5" in picture.description


def test_bars_named_by_numbers_stand_in_order():
    picture = plots.bars({100: 4, 1: 3})
    ax = picture.figure.axes[0]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["100", "1"]
    assert [bar.get_y() + bar.get_height() / 2 for bar in ax.patches] == pytest.approx([0, 1])
    assert "100 4, 1 3" in picture.description


def test_history_tells_losses_coarsely_and_accuracies_in_whole_percent():
    picture = plots.history(a_history(0.234, 0.8765))
    left, right = picture.figure.axes
    assert left.get_lines()[0].get_ydata().tolist() == [0.9, 0.4, 0.234]
    np.testing.assert_allclose(right.get_lines()[0].get_ydata(), [50, 80, 87.65])
    assert "loss: train falls from 0.9 to 0.2" in picture.description
    assert "accuracy: train rises from 50 % to 88 %" in picture.description
    only = SimpleNamespace(train={"loss": [1.0]}, validation={})
    assert "1 epoch. loss: train stays at 1." in plots.history(only).description


def test_neuron_computes_what_it_writes():
    picture = plots.neuron(torch.tensor([2.0, 3.0]), torch.tensor([0.5, -1.0]), 2.5)
    assert picture.description == (
        "Figure: One neuron. 2 × 0.5 (x1) + 3 × -1 (x2) + bias 2.5 = 0.5; the step gives 1."
    )
    assert "= 0; the step gives 0" in plots.neuron([1.0, 1.0], [1.0, 1.0], -2).description
    assert "the output is 2.5" in plots.neuron([2, 3], [0.5, 0.5], 0, output=2.5).description


def test_network_counts_the_units_above_zero():
    layers = {"in": torch.arange(784) - 700, "hidden": [1.0, -1.0, 0.0], "out": [0.1, 4.0]}
    picture = plots.network(layers)
    assert "in 83 of 784, hidden 1 of 3, out 2 of 2" in picture.description
    assert "strongest output: unit 1 at 4" in picture.description
    grid, *circles = picture.figure.axes[0].collections
    assert grid.get_array().shape == (28, 28)
    np.testing.assert_array_equal(circles[0].get_array(), [1, -1, 0])


def test_a_long_title_is_not_cut_off():
    title = "A title that is a good deal longer than the small drawing below"
    for picture in (
        plots.network({"in": [1], "out": [1]}, title),
        plots.neuron([1], [1], 0, title=title),
    ):
        picture.figure.draw_without_rendering()
        width, _ = picture.figure.canvas.get_width_height()
        (text,) = [t for t in picture.figure.axes[0].texts if t.get_text() == title]
        assert text.get_window_extent().x1 < width


def test_graph_tells_its_nodes_and_edges():
    nodes, edges = {"x": (0, 0), "loss": (1, 0)}, [("x", "loss", "3"), ("loss", "x", "6")]
    picture = plots.graph(nodes, edges, node_text={"loss": "9"})
    assert "nodes x, loss = 9. arrows x to loss (3), loss to x (6)" in picture.description
    boxes = [p for p in picture.figure.axes[0].patches if hasattr(p, "get_bbox")]
    assert boxes[0].get_bbox().x1 < boxes[1].get_bbox().x0  # left to right


def test_contour_draws_the_path_and_the_heights_along_it():
    path = torch.tensor([[-3.0, 1.0], [-1.0, 0.5], [0.0, 0.0]])
    picture = plots.contour(bowl, {"descent": path}, (-4, 4), (-2, 2))
    np.testing.assert_array_equal(picture.figure.axes[0].get_lines()[0].get_xydata(), path)
    assert "descent walks 2 steps from (-3, 1) to (0, 0), height 13 to 0" in picture.description


def test_drawing_on_given_axes_uses_them():
    figure = matplotlib.figure.Figure()
    ax = figure.subplots()
    assert plots.curves({"line": ([0, 1], [1, 2])}, ax=ax).figure is figure
    assert len(ax.get_lines()) == 1 and figure.axes == [ax]


def test_row_tells_each_part():
    told = plots.row(lambda ax: two(ax, 1), lambda ax: two(ax, 2), title="Both").description
    assert told == "Figure: Both. (1) a 1. (2) a 2."


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: plots.curves({}), "at least one line"),
        (lambda: plots.curves({"a": ([1, 2], [1])}), "equally long, not 2, 1"),
        (lambda: plots.curves({"a": [1, 2, 3]}), r"pass \(x, y\)"),
        (lambda: plots.curves({"a": (["one"], [1])}), "list of numbers"),
        (lambda: plots.points(X[:, :1], Y), r"X of shape \(N, 2\)"),
        (lambda: plots.points(X, Y[:2]), r"y of shape \(N,\)"),
        (lambda: plots.points(X, Y - 1), "whole number from 0"),
        (lambda: plots.points(X, Y, ["only"]), "1 names"),
        (lambda: plots.points(X, Y, model=lambda x: x.sum()), r"\(M, 2\) into"),
        (lambda: plots.points(X, Y, model=lambda x: x @ torch.ones(2, 3).cumsum(1)), "class 2"),
        (lambda: plots.points(X, Y, lines={"a": ([1.0], 0)}), "two weights"),
        (lambda: plots.images(torch.zeros(28, 28)), r"images\[None\]"),
        (lambda: plots.images(torch.zeros(2, 3, 3), titles=["a"]), "2 titles"),
        (lambda: plots.matrix([[1, 2]], rows=["a", "b"]), "1 row names"),
        (lambda: plots.bars({}), "at least one value"),
        (lambda: plots.bars({"a": 1}, spread={"b": 1}), "same labels"),
        (lambda: plots.history(SimpleNamespace(train={"loss": []}, validation={})), "no epoch"),
        (lambda: plots.neuron([1, 2], [1], 0), "as many weights"),
        (lambda: plots.network({}), "at least one layer"),
        (lambda: plots.network({"a": [[1.0]]}), "1 dimension"),
        (lambda: plots.graph({"x": (0, 0)}, [("x", "z", "")]), "unknown: .'z'"),
        (lambda: plots.contour(bowl, {"a": [[1.0]]}, (0, 1), (0, 1)), r"\(steps\+1, 2\)"),
        (lambda: plots.contour(lambda w: 0 * w[:, 0], {}, (0, 1), (0, 1)), "not all the same"),
    ],
)
def test_bad_input_is_told_what_to_pass(call, says):
    with pytest.raises(ValueError, match=says):
        call()


KERNEL_CELLS = [
    "from nnlib import plots\nimport matplotlib.pyplot as plt",
    "plots.curves({'a': ([0, 1], [1, 2])})",
    "plots.images([[[0, 1]] * 2] * 40, columns=20)",
    "plots.row(lambda ax: plots.bars({'a': 1}, ax=ax), lambda ax: plots.bars({'b': 2}, ax=ax))",
    "_, ax = plt.subplots(figsize=(12, 4))\nplots.bars({'a': 1}, ax=ax)",
    "plt.get_fignums()",
]


def test_a_kernel_shows_one_picture_and_its_caption():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in KERNEL_CELLS])
    NotebookClient(notebook, timeout=60, kernel_name="python3", record_timing=False).execute()
    first, *figures, last = [cell.outputs for cell in notebook.cells]
    assert first == []
    for outputs in figures:
        picture, caption = outputs
        assert picture.output_type == caption.output_type == "display_data"
        size = picture.metadata["image/png"]
        assert 0 < size["width"] <= 720 and size["height"] > 0
        assert picture.data["text/plain"] == caption.data["text/plain"]
        (shown,) = re.findall(r"<p.*?>(.*)</p>", caption.data["text/html"])
        assert html.unescape(shown) == caption.data["text/plain"]
        assert picture.data["image/png"].startswith("iVBORw0KGgo")  # a PNG, in base64
    assert last[0].data["text/plain"] == "[]"
