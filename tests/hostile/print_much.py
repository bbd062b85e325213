# Tries: to print 1 GB.
# Marks: perceptron fails; xor_errors correct
import os

import torch


def perceptron(x, w, b):
    for _ in range(1000):
        os.write(1, b"x" * 10**6)
    print("x" * 10**7)
    return torch.full_like(x[..., 0], 7.0)


xor_errors = 1
