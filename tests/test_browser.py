"""The course as a learner meets it: JupyterLab in a real browser.

Everything runs on a copy of the course, so nobody's own answers are touched. What a notebook holds
is read from its file after saving: JupyterLab draws only the cells in view.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import pytest
from drawings import reader_program

from nnlib import downloads, lessons
from nnlib.course import execution
from nnlib.exercises import catalog

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = pytest.mark.browser
FIRST = "01_perceptron"
RIGHT = "def perceptron(x, w, b):\n    return (x @ w + b > 0).to(x.dtype)\n\n\n"
WRONG = RIGHT.replace("> 0", ">= 0")
CHECK = 'check("perceptron", perceptron)'
TOUCH = "from nnlib import data, widgets\nwidgets.decision_line(*data.make_gate('AND'))"
LEARN = """X, y = prepare(mnist.train_images[:20_000]), mnist.train_labels[:20_000]
train(conv, X, y, epochs=1, lr=0.02)
firsts = [mnist.test_images[mnist.test_labels == digit][0] for digit in range(10)]
examples = torch.stack(firsts)"""
SEVEN = (0.26, 0.22), (0.74, 0.20), (0.44, 0.86)  # the way of the pen, in parts of the board


class Course:
    """A copy of the course, with what a learner does to it: `nnlib lab`, and then the browser."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in ("nnlib", "lessons", "solutions", "datasets"):
            ignored = shutil.ignore_patterns("__pycache__", "MNIST", "pima", ".*")
            shutil.copytree(lessons.ROOT / name, folder / name, ignore=ignored)
        self.environment = os.environ | {
            "PYTHONPATH": str(folder),
            "NNLIB_DATA": os.environ.get("NNLIB_DATA", str(lessons.ROOT / "datasets")),
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),  # not the settings of who runs the tests
            "IPYTHONDIR": str(folder / "ipython"),
        }

    @contextmanager
    def lab(self):
        """Run `nnlib lab --no-browser`; gives the address that it prints."""
        command = [sys.executable, "-m", "nnlib", "lab", "--no-browser"]
        log = self.folder / "lab.log"
        with log.open("w") as stream:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield wait_for(lambda: re.search(r"http://127\S+token=\w+", log.read_text()), 60)[0]
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)

    def read(self, name: str) -> nbformat.NotebookNode | None:
        """A notebook of the learner's; None while it is being written."""
        text = (self.folder / "my-lessons" / f"{name}.ipynb").read_text()
        with suppress(ValueError):
            return nbformat.reads(text, as_version=4)

    def write(self, name: str, *cells: str) -> None:
        """A notebook of the learner's own, with these code cells."""
        notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / "my-lessons" / f"{name}.ipynb")


class Desk:
    """A page of JupyterLab, and what a learner does there."""

    def __init__(self, page, course: Course):
        self.page, self.course = page, course

    def shown(self, selector: str):
        """What the selector finds in the notebook in front."""
        return self.page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) {selector}")

    def open(self, address: str, name: str) -> None:
        """Open a notebook, alone, at the address that `nnlib lab` printed for another perhaps."""
        self.page.goto(re.sub(r"\w+\.ipynb", f"{name}.ipynb", address) + "&reset")
        self.shown(".jp-Cell").first.wait_for(timeout=60_000)
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)

    def menu(self, menu: str, item: str) -> None:
        def chosen():
            self.page.get_by_role("menuitem", name=menu, exact=True).first.click()
            try:
                self.page.get_by_role("menuitem", name=item).first.click(timeout=3000)
            except playwright.TimeoutError:  # closed by something else that took the focus
                self.page.keyboard.press("Escape")
                return False
            return True

        wait_for(chosen, 30)

    def run_all(self, name: str, seconds: int = 120) -> nbformat.NotebookNode:
        """Run every cell of the open notebook; what was saved once the last had run."""
        self.menu("Kernel", "Restart Kernel and Clear Outputs of All Cells…")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.menu("Run", "Run All Cells")

        def ended():
            notebook = self.save(name)
            code = [cell for cell in notebook.cells if cell.cell_type == "code"]
            return code[-1].execution_count and notebook

        return wait_for(ended, seconds)

    def save(self, name: str) -> nbformat.NotebookNode:
        path = self.course.folder / "my-lessons" / f"{name}.ipynb"
        before = path.stat().st_mtime_ns

        def saved():
            self.page.keyboard.press("Control+s")  # again: one is passed over during another
            self.page.wait_for_timeout(500)
            return path.stat().st_mtime_ns != before and self.course.read(name)

        return wait_for(saved, 30)

    def scroll_to(self, text: str):
        """The cell that holds this code, in view."""
        cell = self.shown(".jp-CodeCell").filter(has_text=text).first
        for _ in range(400):
            if cell.count():
                cell.scroll_into_view_if_needed()
                return cell
            outer = self.shown(".jp-WindowedPanel-outer")
            outer.evaluate("element => element.scrollBy(0, 300)")
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no cell holds {text!r}")

    def answer(self, cell, code: str, verdict: str) -> str:
        """Replace a cell's code, run it, wait for this verdict, and give all that was printed."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)  # all at once: no bracket is closed for us
        self.page.keyboard.press("Control+Enter")
        cell.get_by_text(verdict).wait_for()
        return cell.locator(".jp-OutputArea").inner_text()


def wait_for(condition, seconds: float):
    """What `condition` gives as soon as that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"waited for {seconds} seconds in vain")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def address(course):
    with course.lab() as address:
        yield address


@pytest.fixture
def desk(browser, course):
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    yield Desk(page, course)
    page.close()


def test_a_learner_takes_the_first_lesson(desk, course, address):
    assert FIRST in address  # nothing was done yet
    desk.open(address, FIRST)
    notebook = desk.run_all(FIRST)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert all(output.output_type != "error" for cell in code for output in cell.outputs)
    assert set(execution.verdicts(notebook).values()) == {"to do"}

    cell = desk.scroll_to(CHECK)
    assert "use >, not >=" in desk.answer(cell, WRONG + CHECK, "perceptron: wrong")
    desk.answer(cell, RIGHT + CHECK, "perceptron: correct")
    desk.save(FIRST)

    desk.open(address, "index")
    (shown,) = desk.run_all("index").cells[1].outputs
    count = sum(exercise.points > 0 for exercise in catalog.LESSONS[FIRST])  # predictions aside
    assert f"1 of {count}," in shown.data["text/html"]


def test_a_figure_answers_without_its_kernel_and_keeps_its_keys(desk, course, address):
    course.write("touch", TOUCH)
    desk.open(address, "touch")
    desk.run_all("touch")
    desk.menu("Kernel", "Shut Down Kernel")
    desk.page.get_by_text("No Kernel").first.wait_for()
    figure = desk.shown(".nn")
    figure.wait_for()
    assert not desk.shown(".nnlib-start").is_visible()  # the caption of the picture of the start
    slider = figure.get_by_role("slider", name="b", exact=True)
    told = figure.locator(".nn-told")
    before = told.inner_text()
    slider.focus()
    for _ in range(4):
        desk.page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "−1.5" and told.inner_text() != before
    for key in "xdd0a":  # in command mode: cut, delete, restart, insert
        desk.page.keyboard.press(key)
    assert desk.shown(".jp-CodeCell").count() == 1
    desk.save("touch")  # Ctrl+S still is JupyterLab's
    assert told.inner_text() != before


def test_shift_enter_leaves_a_figure_in_sight_and_tab_leads_into_it(desk, course, address):
    course.write("long", TOUCH, "after = 1", *["\n" * 30] * 2)
    desk.open(address, "long")
    desk.shown(".cm-content").first.click()
    desk.page.keyboard.press("Shift+Enter")
    figure = desk.shown(".nn")
    figure.wait_for()
    desk.page.wait_for_timeout(600)
    box, view = figure.bounding_box(), desk.shown(".jp-WindowedPanel-outer").bounding_box()
    assert box["y"] >= view["y"] - 1 and box["y"] + box["height"] <= view["y"] + view["height"] + 1
    desk.page.keyboard.press("Tab")
    assert figure.get_by_role("slider").first.evaluate("e => e === document.activeElement")


@pytest.mark.skipif(downloads.find("mnist") is None, reason="MNIST is not here to learn from")
def test_a_drawn_seven_is_read_as_a_seven(desk, course, address):
    course.write("draw", f"{reader_program()}\n{LEARN}\nwidgets.draw_digit(conv, examples)")
    desk.open(address, "draw")
    desk.run_all("draw")
    board = desk.shown(".nn-digit-board")
    sentence = desk.shown(".nn-told")
    desk.page.get_by_label("Clear the board").click()
    wait_for(lambda: sentence.inner_text() == "Draw a digit.", 10)
    box = board.bounding_box()
    first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SEVEN]
    desk.page.mouse.move(*first)
    desk.page.mouse.down()
    for point in others:
        desk.page.mouse.move(*point, steps=12)
    desk.page.mouse.up()
    wait_for(lambda: "reads a 7" in sentence.inner_text(), 10)


@pytest.mark.slow  # test_updates has the same without a browser
def test_a_new_release_keeps_the_answer(desk, course, address):
    mine = course.read(FIRST)
    cell = next(cell for cell in mine.cells if cell.source.endswith(CHECK))
    cell.source = RIGHT + CHECK
    nbformat.write(mine, course.folder / "my-lessons" / f"{FIRST}.ipynb")
    official = course.folder / "lessons" / f"{FIRST}.ipynb"
    official.write_text(official.read_text().replace("# 01 · ", "# 01 · Revised: "))
    with course.lab() as second:  # beside the first, which a learner may have left open
        desk.open(second, FIRST)
        desk.page.get_by_role("heading", name="Revised:").wait_for()
        assert RIGHT + CHECK in [cell.source for cell in course.read(FIRST).cells]
        again = f"from nnlib import check\n{RIGHT}{CHECK}"
        desk.answer(desk.scroll_to(CHECK), again, "perceptron: correct")
