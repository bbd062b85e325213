# Tries: to pretend that somebody pressed Ctrl-C.
# Marks: perceptron error; gate error; xor_errors correct
def perceptron(x, w, b):
    raise KeyboardInterrupt


class Stop(BaseException):
    def __str__(self):
        raise self


def gate(name):
    raise Stop


xor_errors = 1
