# Tries: to fill the disk, also with folders that nobody may enter (1 GB at most).
# Marks: perceptron fails; xor_errors correct
import os

import torch


def perceptron(x, w, b):
    try:
        os.makedirs("a/b/c")
        open("a/b/c/file", "w").close()
        os.chmod("a/b", 0)
        for i in range(64):
            with open(f"file {i}", "wb") as file:
                file.write(bytes(16 * 2**20))
    except OSError:
        pass
    return torch.full_like(x[..., 0], 7.0)


xor_errors = 1
