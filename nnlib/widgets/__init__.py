"""Figures to touch: they live in the browser, with or without a running kernel.

Each call shows one; on paper, and where no script runs, the picture of its start stands in its
place.
"""

from nnlib.widgets.batches import batch_sizes
from nnlib.widgets.descent import descent_path
from nnlib.widgets.digits import center, draw_digit
from nnlib.widgets.layers import gradients_by_layer
from nnlib.widgets.perceptron import decision_line

__all__ = [
    "batch_sizes",
    "center",
    "decision_line",
    "descent_path",
    "draw_digit",
    "gradients_by_layer",
]
