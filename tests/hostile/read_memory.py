# Tries: to look into the memory of this and all other processes.
# Marks: perceptron error: nothing found; xor_errors correct
import os


def perceptron(x, w, b):
    for pid in ["self", os.getppid(), *range(1, 400)]:
        for name in ("maps", "mem", "environ", "cmdline"):
            try:
                open(f"/proc/{pid}/{name}", "rb")
            except OSError:
                continue
            return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked
    raise LookupError("nothing found")


xor_errors = 1
