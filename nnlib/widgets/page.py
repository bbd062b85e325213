"""Living figures in a page without a kernel, drawn from what a notebook has stored of them."""

import json
import shutil
from html import escape
from pathlib import Path

from nbformat import NotebookNode

from nnlib.widgets.living import MIME, SCRIPTS

HEAD = """<link rel="stylesheet" href="{folder}/living.css">
<script type="module">import {{ mount }} from "./{folder}/page.js"; mount();</script>
"""


def fragment(output: NotebookNode) -> str:
    """A notebook's output as HTML: its picture, and the numbers from which ``page.js`` draws.

    Raises KeyError for an output that holds no living figure.
    """
    stored = output.data[MIME]
    state = {
        "module": stored["module"],
        "data": json.loads(stored["data"]),
        "binary": output.metadata.get(MIME, {}).get("binary", ""),
    }
    numbers = json.dumps(state).replace("<", "\\u003c")  # nothing may end the script early
    image = f"data:image/png;base64,{output.data['image/png'].strip()}"
    return (
        f'<div class="nn-stored"><img alt="{escape(output.data["text/plain"])}" src="{image}">'
        f'<script type="application/json">{numbers}</script></div>'
    )


def figures(notebook: NotebookNode) -> list[str]:
    """The fragments of all living figures of a notebook, in order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [fragment(output) for output in outputs if MIME in output.get("data", {})]


def copy_scripts(folder: Path) -> None:
    """Copy what ``HEAD`` loads into a folder of a page."""
    shutil.copytree(SCRIPTS, folder, dirs_exist_ok=True)
