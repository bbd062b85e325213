# Tries: to take 100 GB at once.
# Marks: perceptron error: of memory; xor_errors correct
import torch


def perceptron(x, w, b):
    return torch.ones(100 * 2**30, dtype=torch.uint8)


xor_errors = 1
