"""What `check` says in a notebook that runs from top to bottom is what grading and progress say."""

import json
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def test_random_notebooks_of_learners_get_the_verdicts_that_ipython_gives_them():
    """A few each time; by hand, thousands: `python tests/same_verdict.py SEED HOW_MANY`."""
    command = [sys.executable, "same_verdict.py", "5", "16", "01_perceptron", "03_activations"]
    out = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=True).stdout
    found = json.loads(out)
    assert found["verdicts"] > 30
    assert found["different"] == [], json.dumps(found["different"][0], indent=1)
