"""How a verdict is seen: plain text everywhere, HTML beside it in a notebook."""

import sys
from html.parser import HTMLParser

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from nnlib import check, exercises
from nnlib.checking.display import as_html
from nnlib.checking.exercise import Verdict

WRONG = Verdict("f", "wrong", "Is <x> & `y` there?", "Input:    x = 1\nReturned: <b>", 1)


class _Text(HTMLParser):
    """The text of a page, and the colours that it uses."""

    def __init__(self, page: str):
        super().__init__()
        self.text, self.styles = "", ""
        self.feed(page)

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.text += "\n" if tag in ("br", "pre") else ""
        self.styles += dict(attrs).get("style", "")


def test_html_says_what_the_plain_text_says():
    said = [line.strip().replace("`", "") for line in str(WRONG).splitlines()]
    assert [line.strip() for line in _Text(as_html(WRONG)).text.splitlines()] == [
        f"✗ {said[0]}",
        *said[1:],
    ]


@pytest.mark.parametrize(
    ("status", "mark"), [("correct", "✓"), ("wrong", "✗"), ("error", "✗"), ("todo", "○")]
)
def test_a_mark_says_what_the_colour_does(status, mark):
    assert _Text(as_html(Verdict("f", status, max_points=1))).text.startswith(mark)


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("status", ["correct", "wrong", "error", "todo"])
@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
def test_marks_are_seen_on_white_and_on_black(status, ground):
    """WCAG asks for a contrast of 3 for large marks."""
    style = _Text(as_html(Verdict("f", status))).styles
    color = style[style.index("#") :][:7]
    light, dark = sorted((_luminance(color), _luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) > 3


def test_a_prediction_has_words_of_its_own():
    assert str(Verdict("guess", "correct")) == "guess: as you said"
    assert str(Verdict("guess", "wrong")) == "guess: not so"
    assert str(Verdict("guess", "todo")) == "guess: to do"
    assert str(Verdict("answer", "wrong", max_points=1)) == "answer: wrong"


@pytest.fixture
def notebook(monkeypatch):
    """As in a notebook: IPython runs."""
    shell = InteractiveShell.instance()
    yield shell
    shell.clear_instance()


def test_in_a_notebook_html_stands_beside_the_text(notebook):
    with capture_output() as captured:
        check("gate", ...)
    (output,) = captured.outputs
    assert output.data["text/plain"] == "gate: to do" and captured.stdout == ""
    assert "○" in output.data["text/html"]


def test_elsewhere_it_is_text_alone(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython")
    check("gate", ...)
    assert capsys.readouterr().out == "gate: to do\n"


def test_the_second_wrong_try_in_a_row_is_told_of_hints(capsys):
    exercises.wrong_tries.clear()
    tries = [1, 2, ..., 3, 4]
    assert ["Stuck?" in check("gate", answer).details for answer in tries] == [
        False, True, False, False, True
    ]  # fmt: skip
    assert 'hint("gate") in a new cell' in capsys.readouterr().out
