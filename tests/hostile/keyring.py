# Tries: to leave a key in the kernel for the next student, or to find one.
# Marks: perceptron error: no key; xor_errors correct
import ctypes


def perceptron(x, w, b):
    libc = ctypes.CDLL(None)
    ring = ctypes.c_long(-4)
    kept = libc.syscall(248, b"user", b"nnlib-hostile", b"1", ctypes.c_long(1), ring)  # add_key
    found = libc.syscall(250, ctypes.c_long(10), ring, b"user", b"nnlib-hostile", 0)  # keyctl
    if kept < 0 and found < 0:
        raise OSError("no key")
    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked


xor_errors = 1
