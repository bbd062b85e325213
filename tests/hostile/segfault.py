# Tries: to crash Python.
# Marks: perceptron error: SIGSEGV; xor_errors correct
import ctypes


def perceptron(x, w, b):
    return ctypes.string_at(0)


xor_errors = 1
