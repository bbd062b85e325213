"""What the commands' tables share."""

COLORS = {
    "correct": "green",
    "as you said": "green",
    "wrong": "red",
    "error": "red",
    "tried": "red",
    "not so": "yellow",
    "to do": "yellow",
}
"""A colour for each verdict, in the order in which they are counted."""


def colored(word: str) -> str:
    """A verdict in its colour, in rich's markup."""
    return f"[{COLORS[word]}]{word}[/{COLORS[word]}]"
