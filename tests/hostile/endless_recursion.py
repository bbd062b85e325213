# Tries: to call itself for ever.
# Marks: perceptron error: calls itself without end; xor_errors correct
def perceptron(x, w, b):
    return perceptron(x, w, b)


xor_errors = 1
