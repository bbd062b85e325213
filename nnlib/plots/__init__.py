"""One call, one figure, and one sentence that says what the figure shows.

Every function returns a ``Picture``: Jupyter shows its figure with the sentence below it. The
numbers in the sentence are read back from what was drawn; ``digits`` says with how many
significant digits, where that can be chosen. Functions take tensors (on any device, with or without
gradients), arrays or lists; an argument without a type is such a thing. They draw on ``ax`` if it is
given, otherwise on a new figure, and change nothing else: not the model, not the data, not
matplotlib's settings. Input that does not fit raises a ValueError that says what to pass.
"""

from nnlib.plots.charts import bars, curves, history
from nnlib.plots.diagrams import graph, network, neuron
from nnlib.plots.grids import images, matrix
from nnlib.plots.picture import Picture, row
from nnlib.plots.plane import contour, points

__all__ = [
    "Picture",
    "bars",
    "contour",
    "curves",
    "graph",
    "history",
    "images",
    "matrix",
    "network",
    "neuron",
    "points",
    "row",
]
