# Tries: to return more than may be sent.
# Marks: perceptron error: takes more than 1 MB; xor_errors correct
import torch


def perceptron(x, w, b):
    return torch.zeros(10**6)


xor_errors = 1
