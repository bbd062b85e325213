# Tries: to be a tensor that answers every question as it likes.
# Marks: perceptron fails; average_weights fails
import torch


class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), keywords=None):
        return True

    def __eq__(self, other):
        return torch.ones_like(other, dtype=torch.bool)

    shape = property(lambda self: (6,))
    dtype = torch.float32


def perceptron(x, w, b):
    return torch.zeros(3).as_subclass(Liar)


average_weights = torch.zeros(2).as_subclass(Liar)
