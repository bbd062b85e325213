# Tries: to end the process politely, here and at import.
# Marks: perceptron error: exit(); gate error: SystemExit; xor_errors correct
import sys


def perceptron(x, w, b):
    sys.exit(0)


gate = sys.exit(0)

xor_errors = 1
