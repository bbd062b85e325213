"""How pytest treats the lessons.

A lesson that reads MNIST or Pima is compared with its stored outputs only where the real data is.
Elsewhere it runs on the stand-in, its cells are executed without comparison, and the end of the
test run says so. This file imports neither torch nor nnlib.data: every worker reads it.
"""

import os
from pathlib import Path

NEEDS = {"08": "pima", "09": "mnist", "10": "mnist", "11": "mnist"}
"""The downloaded data set that a lesson reads, by the lesson's number."""


def pytest_configure():
    # Two workers on two cores: torch's own threads would only get into each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Kernels run in lessons/: a path relative to this folder would mean another one there.
    if "NNLIB_DATA" in os.environ:
        os.environ["NNLIB_DATA"] = str(Path(os.environ["NNLIB_DATA"]).resolve())


def pytest_collection_modifyitems(items):
    here = {}
    for item in items:
        data_set = NEEDS.get(item.path.name[:2]) if item.path.suffix == ".ipynb" else None
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
