"""How pytest treats the lessons.

A lesson that reads MNIST or Pima is compared with its stored outputs only where the real data is.
Elsewhere it runs on the stand-in, its cells are executed without comparison, and the end of the
test run says so. This file imports neither torch nor nnlib.data: every worker reads it.
"""

import functools
import json
import os
from pathlib import Path


@functools.cache
def needs(lesson: Path) -> str | None:
    """The downloaded data set that a lesson's code reads."""
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return next((name for name in ("mnist", "pima") if f"data.load_{name}(" in code), None)


def pytest_configure(config):
    # Of a number from training its range is compared, not the number: see nnlib/seen.py.
    config.option.nbval_sanitize_with = str(Path(__file__).parent / "tests" / "seen.txt")
    # Two workers on two cores: torch's own threads would only get into each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Kernels run in lessons/: a path relative to this folder would mean another one there.
    if "NNLIB_DATA" in os.environ:
        os.environ["NNLIB_DATA"] = str(Path(os.environ["NNLIB_DATA"]).resolve())


def pytest_collection_modifyitems(items):
    here = {}
    for item in items:
        data_set = needs(item.path) if item.path.suffix == ".ipynb" else None
        if data_set is None:
            continue
        if data_set not in here:
            from nnlib import downloads

            here[data_set] = downloads.find(data_set) is not None
        if not here[data_set]:
            item.options["check"] = False
            item.user_properties.append(("not compared", data_set))


def pytest_terminal_summary(terminalreporter):
    counts = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "call":
                continue
            for key, value in report.user_properties:
                if key == "not compared":
                    counts[value] = counts.get(value, 0) + 1
    for data_set, count in counts.items():
        terminalreporter.write_line(
            f"{count} cells ran on a stand-in and were not compared, because {data_set} is not"
            f" here. Fetch it with: nnlib data {data_set}"
        )
