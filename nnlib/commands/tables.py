"""What the commands' tables share."""

COLORS = {
    "correct": "green",
    "wrong": "red",
    "error": "red",
    "tried": "red",
    "to do": "yellow",
}
"""A colour for each verdict, in the order in which they are counted."""


def colored(word: str) -> str:
    """A verdict in its colour, in rich's markup."""
    return f"[{COLORS[word]}]{word}[/{COLORS[word]}]"
