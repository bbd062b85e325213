# Tries: to take 100 GB bit by bit.
# Marks: perceptron error: of memory; xor_errors correct
def perceptron(x, w, b):
    pieces = []
    for _ in range(1000):
        pieces.append(bytearray(100 * 2**20))


xor_errors = 1
