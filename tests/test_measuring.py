"""The ranges of numbers from training are measured over seeds and kinds of processor."""

import nbformat
import pytest

from nnlib.course import measuring


@pytest.mark.slow  # six kernels
def test_every_seed_and_processor_is_tried_and_a_range_that_is_too_narrow_is_found(tmp_path):
    code = [
        "import torch\nfrom nnlib.seen import seen\ndraw = torch.Generator().manual_seed(3)",
        "x = float(torch.rand((), generator=draw))\n"
        "print(f'{seen(x, 0.0, 1.0)} here, {seen(x, 0.0, 0.01)} there')\n"
        "print(seen(torch.get_num_threads(), 1, 2))",
    ]
    cells = [nbformat.v4.new_code_cell(text) for text in code]
    found = measuring.measure(nbformat.v4.new_notebook(cells=cells), tmp_path, seeds=2)
    assert [(r.cell, r.place, r.low, r.high) for r in found] == [
        (1, 0, 0.0, 1.0),
        (1, 1, 0.0, 0.01),
        (1, 2, 1.0, 2.0),
    ]
    assert [r.holds for r in found] == [True, False, True]
    assert set(found[2].values) == {1.0, 2.0}, "with one thread and with two"
    assert len(set(found[0].values)) == 2 and len(found[0].values) == 6
