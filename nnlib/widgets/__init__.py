"""Figures to touch: controls, the picture they draw, and the sentence that says what it shows.

In a notebook with a running kernel sliders redraw the picture, and a board takes a drawing;
elsewhere, and on paper, the picture of the start stands in the widget's place.
"""

from nnlib.widgets.batches import batch_sizes
from nnlib.widgets.descent import descent_path
from nnlib.widgets.digits import center, draw_digit
from nnlib.widgets.explorer import Explorer, Menu, Slider
from nnlib.widgets.layers import gradients_by_layer
from nnlib.widgets.perceptron import decision_line

__all__ = [
    "Explorer",
    "Menu",
    "Slider",
    "batch_sizes",
    "center",
    "decision_line",
    "descent_path",
    "draw_digit",
    "gradients_by_layer",
]
