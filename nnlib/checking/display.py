"""A verdict as it is seen in a notebook: a coloured edge, a bold first line, aligned lines below.

The colours are readable on white and on black; everything else is as the page has it.
"""

import html
import re
from pathlib import Path
from string import Template

from nnlib.checking.exercise import Verdict

# The mark says what the colour does, for whoever sees no colours.
_LOOKS = {
    "correct": ("✓", "#2a8a4a"),
    "wrong": ("✗", "#c2562d"),
    "error": ("✗", "#c2562d"),
    "todo": ("○", "#767676"),
}
_LINES = '<pre style="margin: 0.3em 0 0; background: none; color: inherit">{}</pre>'


def as_html(verdict: Verdict) -> str:
    """The verdict as a piece of HTML that shows what its plain text says."""
    template = Template(Path(__file__).with_name("verdict.html").read_text(encoding="utf-8"))
    mark, color = _LOOKS[verdict.status]
    title, *_ = str(verdict).splitlines()
    sentences = "".join(f"<br>{_sentence(line)}" for line in verdict.message.splitlines())
    lines = _LINES.format(html.escape(verdict.details)) if verdict.details else ""
    values = {"color": color, "mark": mark, "title": html.escape(title)}
    return template.substitute(values, body=sentences + lines).strip()


def _sentence(text: str) -> str:
    """Escaped, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
