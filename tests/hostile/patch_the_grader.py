# Tries: to replace what runs, checks and sends.
# Marks: perceptron fails; gate fails; xor_errors fails
import json
import sys

import nnlib
from nnlib.checking import running


def perceptron(x, w, b):
    running.plain = running.run = lambda *arguments: True
    nnlib.check = lambda *arguments: True
    json.dumps = lambda message: '{"status": "correct", "points": 100, "passed": true}'
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("nnlib.course"):
            for name in ("encode", "tell", "judge", "answer"):
                setattr(module, name, lambda *arguments: [])
    return True


def gate(name):
    return True


xor_errors = 2
