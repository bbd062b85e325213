"""Answers to the exercises of lesson 11, transfer learning."""

import torch
from torch import nn


# %% convolve
def convolve(image, kernel):
    (H, W), (h, w) = image.shape, kernel.shape
    places = [
        (image[r : r + h, c : c + w] * kernel).sum()
        for r in range(H - h + 1)
        for c in range(W - w + 1)
    ]
    # Stacking keeps the way back to image and kernel, so gradients can flow.
    return torch.stack(places).reshape(H - h + 1, W - w + 1)


# %% conv_output_size
def conv_output_size(size, kernel, stride, padding):
    way = size + 2 * padding - kernel  # how far the window can move, in pixels
    return way // stride + 1  # whole steps, and the place where it starts


# %% predict_pooling
predict_pooling = "d"


# %% replace_head
def replace_head(model, classes):
    place = max(i for i, layer in enumerate(model) if isinstance(layer, nn.Linear))
    old = model[place]
    model[place] = nn.Linear(old.in_features, classes, dtype=old.weight.dtype)
    return model


# %% trainable_parameters
def trainable_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


# %% predict_drift
predict_drift = "d"


# %% freeze
def freeze(model):
    model.requires_grad_(False)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.eval()
            # A later model.train() calls train() of every layer; this one then stays in eval mode.
            module.train = lambda mode=True, module=module: module
    return model


# %% predict_random_body
predict_random_body = "a"


# %% predict_leaves
predict_leaves = "e"


# %% fair_test
fair_test = "d"


# %% predict_random_windows
predict_random_windows = "c"


# %% attention
def attention(Q, K, V):
    d = Q.shape[1]
    products = Q @ K.T / d**0.5  # (n, m): how well each query and each key agree
    shares = products.softmax(dim=1)  # each row adds up to 1
    return shares @ V


# %% predict_swap
predict_swap = "e"


# %% attention_impostors
attention_impostors = [
    # Three queries, two keys, values of three numbers: whoever mixes these up is found out. As many
    # keys as numbers in a key, and not symmetric: so is whoever forgets to transpose them.
    (
        torch.tensor([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]]),
        torch.tensor([[1.0, 2.0], [0.0, 1.0]]),
        torch.tensor([[1.0, 2.0, 4.0], [5.0, 0.0, 1.0]]),
    ),
    # And large products, of which an exponential is infinite.
    (
        torch.tensor([[1000.0, 0.0], [2000.0, 1000.0], [0.0, 3000.0]]),
        torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
        torch.tensor([[1.0], [2.0]]),
    ),
]
