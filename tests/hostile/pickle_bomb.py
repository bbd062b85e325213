# Tries: to run code where its result is unpickled, copied or shown.
# Marks: perceptron wrong; xor_errors wrong
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("echo 100 points > /tmp/nnlib-hostile-target",)

    def __deepcopy__(self, memo):
        return os._exit(1)

    def __repr__(self):
        return os._exit(1)


def perceptron(x, w, b):
    return [Bomb()]


xor_errors = Bomb()
