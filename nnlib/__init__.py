"""The helpers of the course: what a lesson needs and does not teach.

``check`` and ``hint`` are about exercises; ``data`` loads data sets, ``training`` runs the
training loop that lesson 08 builds by hand, ``plots`` draws, ``widgets`` draws with sliders:

    from nnlib import check, data, hint, plots, training, widgets
"""

__all__ = ["check", "hint"]


def __getattr__(name):
    """Fetch `check` and `hint` when they are asked for: importing nnlib alone then costs nothing."""
    if name in __all__:
        from nnlib import exercises

        return getattr(exercises, name)
    raise AttributeError(f"module 'nnlib' has no attribute {name!r}")
