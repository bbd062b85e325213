"""Right answers to the exercises of lesson 11, written in other ways than the solutions."""

import torch
from torch import nn
from torch.nn import functional as F


def convolve_by_unfold(image, kernel):
    h, w = kernel.shape
    windows = image.unfold(0, h, 1).unfold(1, w, 1)  # (H - h + 1, W - w + 1, h, w)
    return torch.einsum("rcij,ij->rc", windows, kernel)


def convolve_by_shifts(image, kernel):
    (H, W), (h, w) = image.shape, kernel.shape
    out = torch.zeros(H - h + 1, W - w + 1, dtype=image.dtype)
    for i in range(h):
        for j in range(w):
            out = out + kernel[i, j] * image[i : H - h + 1 + i, j : W - w + 1 + j]
    return out


def convolve_into_zeros(image, kernel):
    rows, columns = (n - k + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
    out = image.new_zeros(rows, columns)
    for r in range(rows):
        for c in range(columns):
            out[r, c] = torch.sum(image[r:, c:][: kernel.shape[0], : kernel.shape[1]] * kernel)
    return out


def convolve_number_by_number(image, kernel):
    (H, W), (h, w) = image.shape, kernel.shape
    sums = [
        [
            sum(
                image[r + i, c + j].item() * kernel[i, j].item() for i in range(h) for j in range(w)
            )
            for c in range(W - w + 1)
        ]
        for r in range(H - h + 1)
    ]
    return torch.tensor(sums, dtype=image.dtype)


def size_by_counting(size, kernel, stride, padding):
    return len(range(0, size + 2 * padding - kernel + 1, stride))


def size_by_walking(size, kernel, stride, padding):
    places, left = 0, -padding
    while left + kernel <= size + padding:
        places, left = places + 1, left + stride
    return places


def size_by_torch(size, kernel, stride, padding):
    layer = nn.Conv1d(1, 1, kernel, stride, padding)
    return layer(torch.zeros(1, 1, size)).size(2)


def head_in_a_new_model(model, classes):
    layers = list(model)
    for i in reversed(range(len(layers))):
        if isinstance(layers[i], nn.Linear):
            layers[i] = nn.Linear(layers[i].in_features, classes).to(layers[i].weight.dtype)
            return nn.Sequential(*layers)


def head_with_new_parameters(model, classes):
    head = [layer for layer in model.children() if type(layer) is nn.Linear][-1]
    dtype = head.weight.dtype
    head.out_features = classes
    head.weight = nn.Parameter(torch.randn(classes, head.in_features, dtype=dtype))
    head.bias = nn.Parameter(torch.zeros(classes, dtype=dtype))
    return model


def count_in_a_loop(model):
    total = 0
    for _, parameter in model.named_parameters():
        if parameter.requires_grad:
            rows = 1
            for length in parameter.shape:
                rows *= length
            total += rows
    return total


def count_with_filter(model):
    learning = filter(lambda p: p.requires_grad, model.parameters())
    return int(sum(torch.tensor(p.shape).prod() for p in learning))


def freeze_by_momentum(model):
    for parameter in model.parameters():
        parameter.requires_grad = False
    for module in model.modules():
        if hasattr(module, "running_mean"):
            module.momentum = 0
    return model


def freeze_for_good(model):
    """The whole model stays in eval mode."""
    for module in model.modules():
        module.train(False)
        module.train = lambda mode=True, module=module: module
    return model.requires_grad_(False)


class _EvalOnly1d(nn.BatchNorm1d):
    def train(self, mode=True):
        return super().train(False)


class _EvalOnly2d(nn.BatchNorm2d):
    def forward(self, x):
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
        )


def freeze_by_class(model):
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(False)
        if isinstance(module, nn.BatchNorm1d):
            module.__class__ = _EvalOnly1d
            module.eval()
        elif isinstance(module, nn.BatchNorm2d):
            module.__class__ = _EvalOnly2d
    return model


def attention_word_by_word(Q, K, V):
    rows = []
    for q in Q:
        products = torch.stack([(q * k).sum() for k in K]) / len(q) ** 0.5
        rows.append(sum(share * v for share, v in zip(products.softmax(0), V, strict=True)))
    return torch.stack(rows)


def attention_by_einsum(Q, K, V):
    products = torch.einsum("nd,md->nm", Q / Q.size(1) ** 0.5, K)
    shares = (products - products.logsumexp(dim=1, keepdim=True)).exp()
    return torch.einsum("nm,me->ne", shares, V)


_KEYS = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
IMPOSTORS_ONE_BY_ONE = [
    (torch.tensor([[1.0, 3.0]]), _KEYS, torch.tensor([[1.0, 2.0, 4.0], [5.0, 0.0, 1.0]])),
    (torch.tensor([[1.0, 3.0], [0.0, 1.0], [2.0, 0.0]]), _KEYS, torch.tensor([[1.0], [7.0]])),
    (torch.tensor([[0.0, 2e4]]), _KEYS, torch.tensor([[1.0, 2.0, 4.0], [5.0, 0.0, 1.0]])),
]
IMPOSTORS_IN_DOUBLE = [(Q.double(), K.double(), V.double()) for Q, K, V in IMPOSTORS_ONE_BY_ONE]


RIGHT = {
    "convolve": [
        convolve_by_unfold,
        convolve_by_shifts,
        convolve_into_zeros,
        convolve_number_by_number,
    ],
    "conv_output_size": [size_by_counting, size_by_walking, size_by_torch],
    "replace_head": [head_in_a_new_model, head_with_new_parameters],
    "trainable_parameters": [count_in_a_loop, count_with_filter],
    "freeze": [freeze_by_momentum, freeze_for_good, freeze_by_class],
    "attention": [attention_word_by_word, attention_by_einsum],
    "attention_impostors": [IMPOSTORS_ONE_BY_ONE, IMPOSTORS_IN_DOUBLE],
    "fair_test": ["d", "D"],
    "predict_pooling": ["d", "D"],
    "predict_drift": ["d", "D"],
    "predict_random_body": ["a", "A"],
    "predict_leaves": ["e", "E"],
    "predict_random_windows": ["c", "C"],
    "predict_swap": ["e", "E"],
}
