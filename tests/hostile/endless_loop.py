# Tries: to run for ever.
# Marks: perceptron error: processor time; xor_errors correct
def perceptron(x, w, b):
    while True:
        pass


xor_errors = 1
