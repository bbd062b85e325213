# Tries: to wait for ever without using the processor.
# Marks: perceptron error: It took more than; xor_errors correct
import time


def perceptron(x, w, b):
    time.sleep(3600)


xor_errors = 1
