# Tries: not to be stopped by any signal that can be ignored.
# Marks: perceptron error: processor time; xor_errors correct
import signal


def perceptron(x, w, b):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass


xor_errors = 1
