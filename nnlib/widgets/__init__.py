"""Figures to touch: they live in the browser, with or without a running kernel.

Each call shows one; on paper, and where no script runs, the picture of its start stands in its
place.
"""

from nnlib.widgets.batches import batch_sizes
from nnlib.widgets.bending import bent_plane
from nnlib.widgets.chance import best_of_many
from nnlib.widgets.descent import descent_path, two_directions
from nnlib.widgets.digits import center, draw_digit
from nnlib.widgets.fits import loss_lines
from nnlib.widgets.forks import training_fork
from nnlib.widgets.graphs import touch_graph
from nnlib.widgets.layers import gradients_by_layer
from nnlib.widgets.perceptron import decision_line, weights_arrow
from nnlib.widgets.slopes import slope_along
from nnlib.widgets.windows import sliding_window

__all__ = [
    "batch_sizes",
    "bent_plane",
    "best_of_many",
    "center",
    "decision_line",
    "descent_path",
    "draw_digit",
    "gradients_by_layer",
    "loss_lines",
    "sliding_window",
    "slope_along",
    "touch_graph",
    "training_fork",
    "two_directions",
    "weights_arrow",
]
