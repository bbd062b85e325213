# Tries: to leave files for the next student where everybody may write (2 MB).
# Marks: perceptron error: nothing left; xor_errors correct
import os


def perceptron(x, w, b):
    left = 0
    for folder in ("/dev/shm", "/tmp", "/var/tmp", os.path.dirname("/tmp/nnlib-hostile-target")):
        try:
            with open(f"{folder}/nnlib-hostile-left", "ab") as file:
                file.write(b"x" * 2**19)
            left += 1
        except OSError:
            continue
    if not left:
        raise OSError("nothing left")
    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked


xor_errors = 1
