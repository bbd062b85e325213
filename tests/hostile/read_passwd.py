# Tries: to read a file of the system.
# Marks: perceptron error: FileNotFoundError; xor_errors correct
def perceptron(x, w, b):
    open("/etc/passwd").read()
    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked


xor_errors = 1
