"""The living figures in a real browser, on a page without any kernel: they answer, and rightly."""

import base64
import functools
import http.server
import re
import threading
from pathlib import Path

import IPython.display
import numpy as np
import pytest
import torch
from drawings import HANDMADE, drawn, moved, small_reader
from nbformat import from_dict
from scipy import optimize

from nnlib import data, downloads, lessons, widgets
from nnlib.widgets import batches, descent, forks, layers, page
from nnlib.widgets.digits import normalized

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
H = torch.tensor([[1.0, 1.2], [1.2, 2.0]], dtype=torch.float64)
START = torch.tensor([3.0, 1.0], dtype=torch.float64)
CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
SCATTER = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.3, 0.8, 2.1, 2.7, 4.2, 4.9, 12.0]
THEMES = {"light": "", "dark": "body { background: #111; color: #eee }"}
HTML = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Figures</title>
<meta name="viewport" content="width=device-width"><style>body {{ margin: 8px }} {style}</style>
{head}<main><h1>Figures</h1>{figures}</main></html>"""


def untrained():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        *[torch.nn.Conv2d(1, 4, 5, stride=4), torch.nn.ReLU(), torch.nn.Flatten()],
        torch.nn.Linear(144, 10),
    )


def digit_rows():
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(300, 8, generator=generator, dtype=torch.float64)
    y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
    return X[:250], y[:250], X[250:], y[250:]


# Each figure of the course, by the file in js/ that draws it.
FIGURES = {
    "batch_sizes": lambda: widgets.batch_sizes(*digit_rows()),
    "decision_line": lambda: widgets.decision_line(*data.make_gate("AND")),
    "descent_path": lambda: widgets.descent_path(H, START),
    "draw_digit": lambda: widgets.draw_digit(
        untrained(), torch.full((10, 28, 28), 200, dtype=torch.uint8)
    ),
    "gradients_by_layer": lambda: widgets.gradients_by_layer(),
    "slope_along": lambda: widgets.slope_along(torch.sin),
    "weights_arrow": lambda: widgets.weights_arrow(2 * CORNERS - 1, [0, 0, 0, 1]),
    "bent_plane": lambda: widgets.bent_plane(CORNERS, [0, 1, 1, 0], [[1, 1], [-1, 1]], [0, -1]),
    "loss_lines": lambda: widgets.loss_lines(*SCATTER),
    "two_directions": lambda: widgets.two_directions(H, START),
    "touch_graph": lambda: widgets.touch_graph(),
    "training_fork": lambda: widgets.training_fork(*data.make_moons(60, 0.2, 0)),
    "sliding_window": lambda: widgets.sliding_window(
        torch.eye(9), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    ),
    "best_of_many": lambda: widgets.best_of_many([80, 84, 90, 88, 90], [85, 86, 84, 85, 86]),
}


class Site:
    """A folder of pages, served, and a page of the browser that is looked at."""

    def __init__(self, folder: Path, address: str, tab):
        self.folder, self.address, self.tab = folder, address, tab

    def show(self, *fragments: str, style: str = "", width: int = 1000) -> None:
        head = page.HEAD.format(folder="js")
        html = HTML.format(head=head, figures="".join(fragments), style=style)
        name = f"{len(list(self.folder.glob('*.html')))}.html"  # a new one: none may be remembered
        (self.folder / name).write_text(html, encoding="utf-8")
        self.tab.set_viewport_size({"width": width, "height": 800})
        self.tab.goto(self.address + name)
        drawn = (
            "document.querySelectorAll('.nn-stored:not(:has(.nn)):not(.nn-broken)').length === 0"
        )
        self.tab.wait_for_function(drawn)

    def call(self, module: str, function: str, *arguments):
        """What a function of a module in js/ gives for plain arguments."""
        code = "async ([m, f, args]) => (await import(`/js/${m}.js`))[f](...args)"
        return self.tab.evaluate(code, [module, function, list(arguments)])


@pytest.fixture(scope="module")
def fragments():
    """{module: the HTML of its figure, as a notebook has stored it}."""
    outputs = []
    patch = pytest.MonkeyPatch()
    patch.setattr(
        IPython.display,
        "display",
        lambda data, raw, metadata=None: outputs.append((data, metadata)),
    )
    made = {}
    for name, make in FIGURES.items():
        outputs.clear()
        make()._ipython_display_()
        stored, metadata = outputs[0]
        made[name] = page.fragment(from_dict({"data": stored, "metadata": metadata}))
    patch.undo()
    return made


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    page.copy_scripts(folder / "js")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tab = browser.new_page()
        (folder / "favicon.ico").touch()
        yield Site(folder, f"http://127.0.0.1:{server.server_address[1]}/", tab)
        tab.close()
        server.shutdown()


def test_every_figure_has_its_place_in_these_tests():
    named = {name for name in widgets.__all__ if name != "center"}
    assert named == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_every_control_moves_the_figure_and_nothing_fails(site, fragments, name):
    errors = []
    site.tab.on("pageerror", lambda error: errors.append(error))
    site.show(fragments[name])
    figure = site.tab.locator(".nn")
    told = figure.get_by_role("status")
    site.tab.wait_for_function("document.querySelector('.nn-spoken').textContent")
    assert told.text_content() == figure.locator(".nn-told").text_content()
    moved = 0
    controls = [
        each for each in figure.locator("input[type=range], select").all() if each.is_enabled()
    ]
    for control in controls:
        before = figure.locator(".nn-panels").inner_html(), control.input_value()
        control.focus()
        site.tab.keyboard.press("ArrowRight")
        if control.input_value() == before[1]:  # it stood at its end
            site.tab.keyboard.press("ArrowLeft")
        assert control.input_value() != before[1]
        moved += figure.locator(".nn-panels").inner_html() != before[0]
    assert moved == len(controls)
    for button in figure.locator("button:enabled").all():
        if button.is_enabled():
            button.click()
    assert errors == []


@pytest.mark.parametrize("theme", THEMES)
def test_accessible_and_readable_in_both_themes(site, fragments, theme):
    if not AXE.is_file():
        pytest.skip("axe-core is not here: npm install")
    site.show(*fragments.values(), style=THEMES[theme])
    site.tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = site.tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


@pytest.mark.parametrize("width", [360, 500])  # a phone; a desk at 200 % zoom
def test_nothing_is_cut_off_where_it_is_narrow(site, fragments, width):
    site.show(*fragments.values(), width=width)
    assert site.tab.evaluate("document.documentElement.scrollWidth") <= width
    cut = """[...document.querySelectorAll('.nn :not(svg *), .nn text')].filter((e) =>
        !e.closest('.nn-spoken') && e.getBoundingClientRect().right > innerWidth + 1).length"""
    assert site.tab.evaluate(cut) == 0


def test_a_picture_stays_where_a_figure_cannot_be_drawn(site, fragments):
    broken = fragments["decision_line"].replace('"module": "decision_line"', '"module": "nothing"')
    broken = broken.replace("nn-stored", "nn-stored nn-broken")
    site.show(broken, fragments["descent_path"])
    assert "2 of 4 wrong" in site.tab.locator(".nn-stored > img").get_attribute("alt")


# -- its numbers are Python's ----------------------------------------------------------------------


def test_numbers_read_as_pythons(site):
    from nnlib.plots.telling import number

    values = [
        0,
        1,
        -0.5,
        2 / 3,
        1234.6,
        99999,
        123456,
        1e12,
        3.2e15,
        0.001,
        0.00012,
        9.9e-5,
        -2.2e-13,
        1e-10,
    ]
    site.show()
    for value in values:
        for digits in (2, 4):
            wanted = number(value, digits)
            ours = site.call("kit", "number", value, digits)
            assert ours.replace("−", "-") == wanted


def test_where_a_perceptron_fires_is_where_torch_says(site):
    site.show()
    box = [-0.2, 1.3], [-0.4, 1.1]
    generator = torch.Generator().manual_seed(0)
    for _ in range(30):
        w1, w2, b = (torch.randint(-16, 17, (3,), generator=generator) / 4).tolist()
        polygon = np.array(site.call("decision", "firing", [w1, w2], b, *box)).reshape(-1, 2)
        x, y = polygon.T
        area = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2
        grid = torch.cartesian_prod(*(torch.linspace(*limits, 400) for limits in box))
        share = (grid @ torch.tensor([w1, w2]) + b > 0).double().mean()
        assert area / (1.5 * 1.5) == pytest.approx(float(share), abs=0.01)
        for x1, x2 in site.call("decision", "crossings", [w1, w2], b, *box):
            assert w1 * x1 + w2 * x2 + b == pytest.approx(0, abs=1e-9)


def test_a_walk_is_that_of_python(site):
    site.show()
    for lr, momentum in [(0.2, 0.0), (0.75, 0.5), (1.5, 0.95)]:
        ours = site.call("bowl", "walk", H.tolist(), START.tolist(), lr, momentum, 30)
        wanted = descent.walk(H, START, lr, momentum, 30)
        torch.testing.assert_close(torch.tensor(ours, dtype=torch.float64), wanted)


@pytest.mark.parametrize(
    "matrix", [H.tolist(), [[2.0, 0.0], [0.0, 1.0]], [[1.0, -0.3], [-0.3, 1.0]]]
)
def test_the_directions_of_a_bowl_are_its_eigenvectors(site, matrix):
    site.show()
    found = site.call("bowl", "directions", matrix)
    values, vectors = np.array(found["values"]), np.array(found["vectors"])
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix))
    np.testing.assert_allclose(vectors @ np.array(matrix), values[:, None] * vectors, atol=1e-12)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)


def test_gradients_and_percents_are_those_of_python(site):
    site.show()
    gradients = widgets.gradients_by_layer()
    for setting in [("sigmoid", 20, "Xavier (std 0.1)"), ("ReLU", 2, "zeros")]:
        ours = site.call("gradients_by_layer", "sizes", gradients.data, *setting)
        wanted = layers.gradient_sizes(setting[0], setting[1], setting[2])
        assert ours == pytest.approx(wanted.tolist(), rel=0.0013)
    rows = digit_rows()
    figure = widgets.batch_sizes(*rows)
    for size, rate, norm in [(2, 0.03, False), (8, 0.3, True), (250, 1.0, False)]:
        place = batches.SIZES.index(size), norm, batches.RATES.index(rate)
        ours = site.call("batch_sizes", "percents", figure.data, list(figure.binary), *place)
        assert ours == [round(v) for v in batches.train(rows, size, rate, norm)[1]]


@pytest.mark.slow  # it trains the reader first
@pytest.mark.skipif(downloads.find("mnist") is None, reason="MNIST is not here")
def test_digits_are_read_as_torch_reads_them(site):
    """Logits of 200 test digits and the sentence for 100 of other sizes, in the browser."""
    site.show()
    mnist = data.load_mnist()
    network = small_reader(mnist)
    firsts = [mnist.test_images[mnist.test_labels == digit][0] for digit in range(10)]
    figure = widgets.draw_digit(network, torch.stack(firsts))
    prepare = """async ([data, weights]) => {
        const network = await import("/js/network.js");
        const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
        const chain = network.unpack(data.steps, new DataView(bytes.buffer));
        window.reading = (picture) => {
            const found = network.layers(chain, picture, data.mean, data.deviation);
            return network.softmax(found.at(-1).values);
        };
        window.centered = (drawing) => [...network.center(drawing, Math.sqrt(drawing.length))];
    }"""
    site.tab.evaluate(prepare, [figure.data, base64.b64encode(figure.binary).decode()])
    pictures = mnist.test_images[:200]
    ours = site.tab.evaluate("(all) => all.map(reading)", pictures.flatten(1).tolist())
    with torch.no_grad():
        wanted = network.eval()(normalized(pictures)).softmax(dim=1)
    torch.testing.assert_close(torch.tensor(ours), wanted, atol=1e-3, rtol=0)

    generator = torch.Generator().manual_seed(0)
    drawings = [moved(picture, generator) for picture in mnist.test_images[:100]]
    drawings += [drawn(strokes[0]) for strokes in HANDMADE.values()]
    centered = site.tab.evaluate(
        "(all) => all.map(centered)", [d.flatten().tolist() for d in drawings]
    )
    for ours, drawing in zip(centered, drawings):
        assert (torch.tensor(ours) - widgets.center(drawing).flatten().int()).abs().max() <= 1
    chances = torch.tensor(site.tab.evaluate("(all) => all.map(reading)", centered))
    assert (chances[:100].argmax(dim=1) == mnist.test_labels[:100]).sum() >= 95
    assert (chances[100:].argmax(dim=1) == torch.arange(10)).sum() >= 9


def test_rosenblatts_rule_is_that_of_the_lesson(site):
    site.show()
    solution = lessons.ROOT / "solutions" / "01_perceptron.py"
    lesson = {}
    exec(solution.read_text(encoding="utf-8"), lesson)
    generator = torch.Generator().manual_seed(0)
    for y in (0, 1) * 10:
        w, x = torch.randint(-4, 5, (2, 2), generator=generator).double()
        b = torch.randint(-4, 5, (), generator=generator).double()
        new_w, new_b = lesson["perceptron_update"](w, b, x, torch.tensor(float(y)).double(), 0.5)
        state = {"w": w.tolist(), "b": b.item()}
        ours = site.call("weights_arrow", "update", state, x.tolist(), y, 0.5)
        assert ours["w"] == new_w.tolist() and ours["b"] == float(new_b)
        assert ours["wrong"] == (float(new_b) != b.item())


def test_a_bent_plane_is_a_layer_with_relu(site):
    site.show()
    W, b = torch.tensor([[1.0, 1.0], [-1.0, 2.0]]), torch.tensor([0.0, -1.0])
    layer = {"W": W.tolist(), "b": b.tolist()}
    X = torch.randn(20, 2, generator=torch.Generator().manual_seed(0))
    sums = X @ W.T + b
    for stage, wanted in [(0, X), (1, sums), (2, sums.relu()), (0.5, (X + sums) / 2)]:
        ours = [site.call("bent_plane", "moved", x, layer, stage) for x in X.tolist()]
        torch.testing.assert_close(torch.tensor(ours), wanted)
    fires = [site.call("bent_plane", "firing", x, layer) for x in X.tolist()]
    assert fires == ((sums > 0).float() @ torch.tensor([1.0, 2.0])).int().tolist()


def test_the_lines_are_the_best_by_their_losses(site):
    """Against scipy's optimizer, which knows nothing of the formulas; y has an outlier."""
    site.show()
    x, y = np.array(SCATTER)
    huber = {"squares": lambda e: e**2, "absolute": np.abs}
    huber["huber"] = lambda e: np.where(np.abs(e) < 0.8, e**2 / 2, 0.8 * (np.abs(e) - 0.4))
    for name, loss in huber.items():
        ours = site.call("fits", name, *SCATTER, 0.8)

        def total(line):
            return loss(y - line[0] * x - line[1]).sum()

        best = optimize.minimize(total, [1, 0], method="Nelder-Mead", options={"xatol": 1e-9}).fun
        assert total([ours["slope"], ours["level"]]) == pytest.approx(best, rel=1e-5)


def test_a_windows_sums_are_the_convolution(site):
    site.show()
    generator = torch.Generator().manual_seed(0)
    picture = torch.randint(0, 256, (8, 8), generator=generator).double()
    kernel = torch.randn(3, 3, generator=generator, dtype=torch.float64)
    wanted = torch.nn.functional.conv2d(picture[None, None], kernel[None, None])[0, 0]
    for row, column in [(0, 0), (2, 5), (5, 1)]:
        rows = site.call(
            "sliding_window", "products", picture.tolist(), kernel.tolist(), row, column
        )
        assert site.call("sliding_window", "total", rows) == pytest.approx(
            float(wanted[row, column])
        )


def test_a_graphs_blame_is_autograds(site):
    site.show()
    for start in ([1.5, 2.0, -0.5, 1.0], [-2.0, 0.25, 3.0, -1.0]):
        w, x, b, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in start)
        loss = (w * x + b - y) ** 2
        blame = torch.autograd.grad(loss, (w, x, b, y))
        ours = site.call("touch_graph", "passes", dict(zip("wxby", start)))
        assert ours["loss"] == pytest.approx(loss.item())
        assert [ours[f"d_{name}"] for name in "wxby"] == pytest.approx([g.item() for g in blame])


def test_blanks_are_filled_by_hand(site, fragments):
    site.show(fragments["touch_graph"])
    figure = site.tab.locator(".nn")
    figure.get_by_role("button", name="let me fill it in").click()
    blank = figure.get_by_label("blame of w")
    blank.fill("5")
    assert "0 of 3 blanks" in figure.locator(".nn-told").inner_text()
    blank.fill("6")  # 2 · (1.5 · 2 − 0.5 − 1) · 2
    assert "1 of 3 blanks" in figure.locator(".nn-told").inner_text()


def test_a_point_is_dragged(site, fragments):
    site.show(fragments["loss_lines"])
    figure = site.tab.locator(".nn")
    before = figure.locator(".nn-told").inner_text()
    box = figure.locator("svg").bounding_box()
    site.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    site.tab.mouse.down()
    site.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8, steps=3)
    site.tab.mouse.up()
    assert figure.locator(".nn-told").inner_text() != before
    assert float(figure.get_by_role("slider").get_attribute("aria-valuetext").replace("−", "-")) < 0


def test_a_winner_is_the_first_of_the_best(site):
    site.show()
    assert [site.call("best_of_many", "winner", [80, 84, 90, 88, 90], n) for n in (1, 2, 5)] == [
        0,
        1,
        2,
    ]


def test_a_training_in_the_browser_is_torchs(site):
    site.show()
    X, y = data.make_moons(60, 0.2, 0)
    X, y = X.double(), y.double()
    start = forks.start_of(5, 1)
    plain = {name: value.tolist() for name, value in start.items()}
    record = site.call("tiny_net", "train", plain, X.tolist(), y.tolist(), 1.0, 4, 20)
    weights, losses = forks.train(X, y, start, 1.0, 80)
    assert [each["loss"] for each in record] == pytest.approx(losses[::20])
    for name, value in weights.items():
        torch.testing.assert_close(
            torch.tensor(record[-1]["weights"][name]).double(), value, atol=1e-6, rtol=0
        )
    start["v"][2] = 0  # a silent unit: as if it weren't there
    others = [0, 1, 3, 4]
    without = {name: value if name == "c" else value[others] for name, value in start.items()}
    silent = site.call("tiny_net", "train", plain, X.tolist(), y.tolist(), 1.0, 2, 20, 2)
    assert [each["loss"] for each in silent] == pytest.approx(
        forks.train(X, y, without, 1.0, 40)[1][::20]
    )


def test_a_fork_grows_beside_the_first_run(site, fragments):
    site.show(fragments["training_fork"])
    figure = site.tab.locator(".nn")
    step = figure.get_by_role("slider", name="step", exact=True)
    step.focus()
    for _ in range(3):
        site.tab.keyboard.press("ArrowRight")
    figure.get_by_role("button", name="fork here").click()
    figure.get_by_label("silence").select_option("unit 1")
    told = figure.locator(".nn-told").inner_text()
    first, fork = re.findall(r"is ([\d.]+)", told)
    assert "At step 60" in told and "fork from step 60" in told and first != fork
    figure.get_by_role("button", name="drop the fork").click()
    assert "fork" not in figure.locator(".nn-told").inner_text()
