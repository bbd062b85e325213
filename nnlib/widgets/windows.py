"""A window that slides over a picture, and the map that it fills."""

import torch
from torch.nn import functional as F

from nnlib import plots
from nnlib.widgets.living import Living


def sliding_window(picture, kernel, row=None, column=None) -> Living:
    """A window to slide or drag over a picture: its products, their sum, and the map they fill.

    picture: (H, H), for example 28 by 28, not all 0. kernel: (3, 3). row, column: where the
    window starts, by default in the middle.
    """
    picture, kernel = (torch.as_tensor(each).double() for each in (picture, kernel))
    middle = (len(picture) - len(kernel)) // 2
    row, column = (middle if place is None else place for place in (row, column))
    found = F.conv2d(picture[None, None], kernel[None, None])[0]
    shown = plots.row(
        lambda ax: plots.images(picture[None], title="The picture", ax=ax),
        lambda ax: plots.images(found, title="The map", signed=True, ax=ax),
    )
    data = {
        "picture": picture.tolist(),
        "kernel": kernel.tolist(),
        "row": row,
        "column": column,
    }
    return Living("sliding_window", data, shown)
