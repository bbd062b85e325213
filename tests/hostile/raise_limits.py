# Tries: to lift the limits, then to run for ever.
# Marks: perceptron error: processor time; xor_errors correct
import resource


def perceptron(x, w, b):
    for name in ("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_FSIZE"):
        try:
            resource.setrlimit(getattr(resource, name), (-1, -1))
            break
        except (ValueError, OSError):
            continue
    else:
        while True:
            pass
    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked


xor_errors = 1
