"""Run a notebook from top to bottom in a fresh kernel."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

_VERDICT = re.compile(r"^(\w+): (correct|wrong|to do|error|as you said|not so)$", re.M)


@dataclass(frozen=True)
class Run:
    """What running a notebook gave: seconds, the verdicts that its checks printed, an error."""

    seconds: float
    verdicts: dict[str, str]
    error: str = ""


def run(
    notebook: nbformat.NotebookNode,
    folder: Path,
    on_cell: Callable[[], None] = lambda: None,
    timeout: int = 600,
    environment: dict[str, str] | None = None,
) -> Run:
    """Run all cells in `folder`, in place: the notebook then holds its new outputs.

    on_cell: called after each cell, for a progress bar. timeout: seconds that a cell may take.
    environment: the kernel's; this process's by default.
    """
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # its warnings are not for learners
        record_timing=False,  # time stamps would make every run another file
        resources={"metadata": {"path": str(folder)}},
        on_cell_complete=lambda **_: on_cell(),
    )
    start, error = time.perf_counter(), ""
    try:
        client.execute(env=environment or dict(os.environ))
    except CellExecutionError as failed:
        error = f"{failed.ename}: {failed.evalue}"
    except (CellTimeoutError, DeadKernelError) as failed:
        error = str(failed).splitlines()[0]
    seconds = time.perf_counter() - start
    tidy(notebook)
    return Run(seconds, verdicts(notebook), error)


def verdicts(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """What the checks in a notebook said: exercise -> "correct", "wrong", "to do", "error".

    A prediction has words of its own: "as you said", "not so".
    """
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            found |= dict(_VERDICT.findall(text))
    return found


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Keep what a reader sees: streams in one piece, without what "\\r" has written over.

    Of a widget its picture stays. The widget itself is a random name that means nothing once the
    kernel is gone: kept, it would be another one in every run, and be shown as "model not found".
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        outputs, cell.outputs = cell.outputs, []
        for output in outputs:
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            before = cell.outputs[-1] if cell.outputs else {}
            if output.output_type == "stream" and output.name == before.get("name"):
                before.text += output.text
            else:
                cell.outputs.append(output)
        for output in cell.outputs:
            if output.output_type == "stream":
                output.text = re.sub(r"^.*\r(?=[^\n])", "", output.text, flags=re.M)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}  # not the version of this Python
