# Tries: to kill every process that it may kill.
# Marks: perceptron fails; xor_errors correct
import os

import torch


def perceptron(x, w, b):
    os.kill(-1, 9)
    return torch.full_like(x[..., 0], 7.0)


xor_errors = 1
