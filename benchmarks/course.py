"""What the course costs: wall time, processor time and peak memory of what a learner runs.

    python benchmarks/course.py

Each row is a process of its own, with all that it starts (a notebook's kernel, say). Peak memory is
that of the largest of these processes. For Linux and macOS; prints a Markdown table.
"""

import os
import platform
import statistics
import subprocess
import sys
import time

from tqdm import tqdm

from nnlib import lessons

REPEATS = 5  # for what takes less than a second or two; the median counts


def measure(arguments: list[str]) -> tuple[float, float, float]:
    """Run Python with these arguments: (wall seconds, processor seconds, peak memory in MB)."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed.")
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * bytes_per_unit / 1e6


def median_of(arguments: list[str]) -> tuple[float, ...]:
    runs = [measure(arguments) for _ in range(REPEATS)]
    return tuple(statistics.median(column) for column in zip(*runs, strict=True))


def milliseconds_of_a_check() -> float:
    """The median time of one check of a wrong answer, which also looks for known mistakes."""
    code = (
        "import time, statistics, torch\n"
        "from nnlib.checking.judging import examine\n"
        "from nnlib.exercises import catalog\n"
        "def one():\n"
        "    start = time.perf_counter()\n"
        "    examine(catalog.find('perceptron'), lambda x, w, b: x @ w + b)\n"
        "    return 1000 * (time.perf_counter() - start)\n"
        "one()\n"
        "print(statistics.median(one() for _ in range(50)))\n"
    )
    return float(subprocess.check_output([sys.executable, "-c", code], text=True))


def main() -> None:
    rows = {
        "`import torch`": ["-c", "import torch"],
        "`import torch, nnlib`": ["-c", "import torch, nnlib"],
        "`import torch; from nnlib import check, hint`": [
            "-c", "import torch; from nnlib import check, hint",
        ],
        "`from nnlib import check, data, hint, plots, training`": [
            "-c", "from nnlib import check, data, hint, plots, training",
        ],
    }  # fmt: skip
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | wall (s) | processor (s) | peak memory (MB) |")
    print("|---|---:|---:|---:|")
    names = lessons.names()
    with tqdm(total=len(rows) + len(names), leave=False) as bar:
        for what, arguments in rows.items():
            wall, processor, memory = median_of(arguments)
            bar.write(f"| {what} | {wall:.2f} | {processor:.2f} | {memory:.0f} |")
            bar.update()
        for name in names:
            arguments = ["-m", "nnlib", "run", name, "--json"]
            wall, processor, memory = measure(arguments)
            bar.write(f"| lesson {name} | {wall:.1f} | {processor:.1f} | {memory:.0f} |")
            bar.update()
    print(f"| one `check` in a running notebook | {milliseconds_of_a_check() / 1000:.3f} | | |")


if __name__ == "__main__":
    main()
