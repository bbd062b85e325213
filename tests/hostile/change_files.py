# Tries: to shut, open, date or mark a file of the grader, as its owner may.
# Marks: perceptron error: nothing done; xor_errors correct
import os

TARGET = "/tmp/nnlib-hostile-target"


def perceptron(x, w, b):
    tries = [
        lambda: os.chmod(TARGET, 0),
        lambda: os.chmod(os.path.dirname(TARGET), 0o700),
        lambda: os.utime(TARGET, (0, 0)),
        lambda: os.setxattr(TARGET, "user.mark", b"x"),
        lambda: os.link(TARGET, TARGET + "-2"),
        lambda: os.rename(TARGET, TARGET + "-2"),
        lambda: os.truncate(TARGET, 0),
        lambda: os.unlink(TARGET),
    ]
    for attempt in tries:
        try:
            attempt()
        except OSError:
            continue
        return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked
    raise OSError("nothing done")


xor_errors = 1
