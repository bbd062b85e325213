# Tries: to leave a process behind that has cut all ties, and holds on to the channel.
# Marks: perceptron fails; xor_errors correct
import os
import time

import torch


def perceptron(x, w, b):
    try:
        child = os.fork()
    except OSError:
        child = None  # enough of them
    if child == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
        finally:
            os._exit(0)
    return torch.full_like(x[..., 0], 7.0)


xor_errors = 1
