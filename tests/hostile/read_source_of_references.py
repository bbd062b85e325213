# Tries: to read the reference's source, by every name of its folder.
# Marks: perceptron error: nothing found; xor_errors correct
import inspect
import os
from pathlib import Path

from nnlib.exercises import running


def perceptron(x, w, b):
    folder = Path(running.__file__).parent
    for path in [*map(str, [folder / "perceptron.py", running.__file__])]:
        for read in (lambda p: open(p).read(), os.listdir, lambda p: inspect.getsource(running)):
            try:
                if read(path):
                    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked
            except OSError:
                pass
    raise LookupError("nothing found")


xor_errors = 1
