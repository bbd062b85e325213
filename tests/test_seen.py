"""A number from training is shown with its range, and the comparison looks at the range alone."""

import subprocess
import sys

import nbformat
import pytest

from nnlib.seen import seen


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((70, 60, 85), "70 (60 to 85 on other machines and seeds)"),
        ((0.98123, 0.978, 0.99), "0.981 (0.978 to 0.99 on other machines and seeds)"),
        ((-1.5, -2.0, -1.0), "-1.5 (-2 to -1 on other machines and seeds)"),
        ((60, 60, 85), "60 (60 to 85 on other machines and seeds)"),
        ((86, 60, 85), "86, outside of 60 to 85, where it lay on other machines and seeds"),
        ((float("nan"), 0.1, 0.2), "nan, outside of 0.1 to 0.2, where it lay on other machines"),
    ],
)
def test_the_number_and_its_range(arguments, text):
    assert seen(*arguments).startswith(text)


def compared(tmp_path, stored: str, printed: str, config) -> int:
    """The exit code of nbval for a cell that prints one text where another is stored."""
    output = nbformat.v4.new_output("stream", name="stdout", text=stored + "\n")
    cell = nbformat.v4.new_code_cell(f"print({printed!r})", outputs=[output], execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "a.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p"]
    command += ["no:cacheprovider", f"--nbval-sanitize-with={config.option.nbval_sanitize_with}"]
    return subprocess.run([*command, "a.ipynb"], cwd=tmp_path, capture_output=True).returncode


def test_another_number_in_the_range_passes_and_one_outside_does_not(tmp_path, pytestconfig):
    stored = f"about {seen(70, 60, 85)}."
    assert compared(tmp_path, stored, f"about {seen(81, 60, 85)}.", pytestconfig) == 0
    assert compared(tmp_path, stored, f"about {seen(90, 60, 85)}.", pytestconfig) == 1
