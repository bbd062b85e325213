"""Things to touch: widgets for the lessons, which without a kernel are pictures."""

from nnlib.widgets.digits import center, draw_digit

__all__ = ["center", "draw_digit"]
