# Tries: to write into a file of the grader, which its mode would allow.
# Marks: perceptron error: Error; xor_errors correct
def perceptron(x, w, b):
    with open("/tmp/nnlib-hostile-target", "w") as file:
        file.write("100 points")
    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked


xor_errors = 1
