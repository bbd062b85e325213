# Tries: to change what measures: where statistics are read, and how many parameters there are.
# Marks: xor_errors correct; freeze fails; digit_net fails
import copy

import torch
from torch import nn

from nnlib.exercises.asked import transfer_learning


def freeze(model):
    before = {
        name: buffer.clone()
        for name, buffer in model.named_buffers()
        if name.endswith(("running_mean", "running_var"))
    }
    transfer_learning.statistics = lambda model: before
    before_training = copy.deepcopy(model).eval()
    model.eval = lambda: before_training
    return model.requires_grad_(False)


class digit_net(nn.Module):
    def forward(self, x):
        return (
            torch.arange(10.0).expand(len(x), 10) + x.mean(dim=(1, 2, 3), keepdim=True)[..., 0, 0]
        )

    def parameters(self, recurse=True):
        value = nn.Parameter(torch.zeros(1))
        value.grad = torch.ones(1)
        return iter([value])


xor_errors = 1
