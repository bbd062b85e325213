"""How a widget is shown: alive, or as the picture of its start where no kernel runs."""

from nnlib.plots.picture import caption, show_png


def show_start(widget, png, width, height, description):
    """Display a widget and, in the same output, its picture; then a caption for that picture.

    widget: an ``anywidget.AnyWidget``. png, width, height: as ``plots.Picture.png`` gives them.
    The caption has the class ``nnlib-start``: a widget's style sheet hides it while it is alive.
    """
    view, _ = widget._repr_mimebundle_()
    show_png(png, width, height, description, also=view)
    caption(f"At the start: {description}", "nnlib-start")
