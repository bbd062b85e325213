# Tries: to send one line that never ends.
# Marks: perceptron error; xor_errors correct
import os


def perceptron(x, w, b):
    for descriptor in range(3, 256):
        try:
            while True:
                os.write(descriptor, b"[" * 2**20)
        except OSError:
            pass


xor_errors = 1
