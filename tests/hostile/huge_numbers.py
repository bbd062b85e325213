# Tries: to return numbers that no machine number can hold, and slow text.
# Marks: perceptron fails; xor_errors fails
def perceptron(x, w, b):
    return 10**20_000


xor_errors = 10**5000
