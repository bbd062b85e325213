# Tries: to overflow the stack of C, below Python's own limit.
# Marks: perceptron error: ; xor_errors correct
import sys


def perceptron(x, w, b):
    sys.setrecursionlimit(10**9)
    return sorted([x], key=lambda _: perceptron(x, w, b))


xor_errors = 1
