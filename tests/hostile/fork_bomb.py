# Tries: to fork until the machine stands still (64 processes at most, for half a second).
# Marks: perceptron fails; xor_errors correct
import os
import time

import torch


def perceptron(x, w, b):
    end = time.time() + 0.5
    original = os.getpid()
    for _ in range(6):
        try:
            os.fork()
        except OSError:
            pass
    while time.time() < end:
        time.sleep(0.01)
    if os.getpid() != original:
        os._exit(0)
    return torch.full_like(x[..., 0], 7.0)


xor_errors = 1
