# Tries: to print without end.
# Marks: perceptron error: of memory; xor_errors correct
def perceptron(x, w, b):
    while True:
        print("x" * 10**6)


xor_errors = 1
