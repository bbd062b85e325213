# Tries: to hold more memory than it may, in files that are nowhere (720 MB at most).
# Marks: perceptron error: Error; xor_errors correct
import os


def perceptron(x, w, b):
    block = b"x" * (60 << 20)
    held = [os.memfd_create("m") for _ in range(12)]
    for file in held:
        os.write(file, block)
    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked


xor_errors = 1
