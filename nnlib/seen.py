"""Say a number that comes from training together with the range that it was seen in.

The same code gives slightly other numbers on another processor, and other ones with another seed.
So a lesson prints the number it got and, beside it, where it lay in many runs: a reader sees what
is luck, and the tests compare everything but the number itself.
"""


def seen(value: float, low: float, high: float) -> str:
    """The number with its range, such as ``"70 (60 to 85 on other machines and seeds)"``.

    value: what this run gave. low, high: the smallest and largest that were seen over seeds,
    numbers of threads and instruction sets; ``nnlib measure LESSON`` finds them. Whole numbers are
    shown in full, others with 3 significant digits. A value outside the range is said to be so.
    """
    value, low, high = (f"{number:.3g}" if isinstance(number, float) else str(number)
                        for number in (value, low, high))  # fmt: skip
    if float(low) <= float(value) <= float(high):
        return f"{value} ({low} to {high} on other machines and seeds)"
    return f"{value}, outside of {low} to {high}, where it lay on other machines and seeds"
