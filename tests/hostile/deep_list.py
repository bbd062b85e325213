# Tries: to return a list in a list in a list …, and one that holds itself.
# Marks: perceptron fails; gate fails; perceptron_update fails; xor_errors fails
def nested(depth):
    result = []
    for _ in range(depth):
        result = [result]
    return result


def perceptron(x, w, b):
    return nested(100_000)


def gate(name):
    itself = []
    itself.append(itself)
    return itself, 1


def perceptron_update(w, b, x, y, lr):
    return nested(60), 1


xor_errors = 10**50
