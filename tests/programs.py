"""Programs of others that tests and benchmarks start."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def dask_cluster(folder: Path, workers: int):
    """A Dask scheduler and workers of one thread each on this machine; gives the address."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    local = ["--scheduler-file", str(file), "--host", "127.0.0.1"]
    commands = [[*dask, "scheduler", *local, "--port", "0", "--no-dashboard"]]
    worker = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
    commands += [[*dask, "worker", *local, *worker]] * workers
    with ExitStack() as running:  # ends the workers first: they say goodbye to it
        for one in commands:
            process = subprocess.Popen(one, stderr=subprocess.DEVNULL, cwd=folder)
            running.enter_context(process)  # waits for the end
            running.callback(process.terminate)
        until = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.1)
        yield json.loads(file.read_text())["address"]
