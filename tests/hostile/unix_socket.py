# Tries: to talk to a server on this machine, through a socket that is a file, or any other socket.
# Marks: perceptron error: nobody answered; xor_errors correct
import socket


def perceptron(x, w, b):
    for address in ("/tmp/nnlib-hostile-target.socket", "\0nnlib-hostile"):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                with socket.socket(socket.AF_UNIX, kind) as away:
                    away.connect(address)
            except OSError:
                continue
            return (x @ w + b > 0).to(x.dtype)  # earned only if the attack worked
    for family in ("AF_INET6", "AF_NETLINK", "AF_VSOCK", "AF_PACKET", "AF_ALG"):
        try:
            socket.socket(getattr(socket, family), socket.SOCK_RAW).close()
        except OSError:
            continue
        return (x @ w + b > 0).to(x.dtype)
    raise OSError("nobody answered")


xor_errors = 1
