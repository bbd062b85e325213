# Tries: to leave threads, a tracer and exit handlers running.
# Marks: perceptron fails; xor_errors correct
import atexit
import sys
import threading
import time

import torch


def perceptron(x, w, b):
    atexit.register(time.sleep, 600)
    try:
        threading.Thread(target=time.sleep, args=(600,)).start()
    except RuntimeError:
        pass
    sys.settrace(lambda *arguments: None)
    return torch.full_like(x[..., 0], 7.0)


xor_errors = 1
