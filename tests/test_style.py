"""The code is as ruff leaves it; its rules are in pyproject.toml."""

import subprocess
import sys

import pytest

from nnlib import lessons


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(command):
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
    done = subprocess.run(ruff, cwd=lessons.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
