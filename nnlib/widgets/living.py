"""A figure that lives in the browser: plain numbers from Python, and one ES module that draws them.

The module follows anywidget's contract, ``export default { render({ model, el }) }``, and asks
Python for nothing more: the figure answers while a cell trains, and where there is no kernel.
"""

import base64
import json
import re
from pathlib import Path

import anywidget
import traitlets

from nnlib.plots import Picture
from nnlib.plots.picture import caption, show_png

SCRIPTS = Path(__file__).parent / "js"
MIME = "application/vnd.nnlib.widget+json"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.M)


class Living(anywidget.AnyWidget):
    """A figure to touch.

    module: the file in ``js/`` that draws it. data: what it draws, numbers, texts, lists and dicts
    of them, the same on every machine. picture: how it starts, for GitHub and paper; its
    description is the sentence of the start. binary: more numbers, for those that a training
    gave and that differ between machines.
    """

    _css = SCRIPTS / "living.css"
    data = traitlets.Dict().tag(sync=True)
    binary = traitlets.Bytes().tag(sync=True)

    def __init__(self, module: str, data: dict, picture: Picture, binary: bytes = b""):
        self._esm = joined(module)
        self.module, self.picture = module, picture
        super().__init__(data=data, binary=binary)

    def _ipython_display_(self):
        """Show it alive; in the same output its picture, and what a page needs to draw it again.

        The numbers are one text, so that a notebook does not give each a line of its own. What
        differs between machines is metadata, which the comparison of notebooks passes over.
        """
        view, _ = self._repr_mimebundle_()
        text = json.dumps(self.data, separators=(",", ":"))
        stored = {MIME: {"module": self.module, "data": text}}
        metadata = {MIME: {"binary": base64.b64encode(self.binary).decode()}} if self.binary else {}
        told = self.picture.description
        show_png(*self.picture.png(), told, also=view | stored, metadata=metadata)
        caption(f"At the start: {told}", "nnlib-start")


def joined(module: str) -> str:
    """A module of ``js/`` as one text: what it imports stands in front of it.

    anywidget's front ends load one text from nowhere, from where no other file can be found.
    """
    texts: dict[str, str] = {}

    def add(name: str) -> None:
        text = (SCRIPTS / f"{name}.js").read_text(encoding="utf-8")
        for needed in IMPORT.findall(text):
            if needed not in texts:
                add(needed)
        texts[name] = IMPORT.sub("", text)

    add(module)
    main = texts.pop(module)
    parts = [re.sub(r"^export ", "", text, flags=re.M) for text in texts.values()]
    return "\n".join([*parts, main])


def require(label: str, value, values: list) -> None:
    """Raise a ValueError that lists ``values`` if a control cannot start at ``value``."""
    if value not in values:
        choices = ", ".join(map(str, values))
        raise ValueError(f"{label} cannot start at {value!r}: choose one of {choices}.")
