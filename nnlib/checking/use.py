"""Ways to use an answer on a case: call it, differentiate it, take its number.

Each runs where the answer runs, and knows nothing of right answers.
"""

import torch


def call(answer, *case):
    """Use an answer in the plainest way: call it with the case's arguments."""
    return answer(*case)


def differentiate(*names):
    """The `use` that calls an answer, then sends gradients back through its result.

    names: the floating-point tensors among the arguments, in order. The outcome is a dict:
    ``"the result"`` and, for each name, ``"the gradient for NAME"`` of a fixed weighted sum of the
    result, or None where autograd finds no connection.
    """

    def use(answer, *case):
        outcome = {"the result": answer(*case)}
        # Copies of fresh leaves go in: an answer that works in place then fails in no other way.
        leaves = [a.detach().clone().requires_grad_() for a in case if _is_float_tensor(a)]
        copies = iter([leaf.clone() for leaf in leaves])
        result = answer(*(next(copies) if _is_float_tensor(a) else a for a in case))
        gradients = [None] * len(leaves)
        if isinstance(result, torch.Tensor) and result.requires_grad:
            # Every element weighs differently: in a plain sum, gradients could cancel unseen.
            weights = torch.cos(torch.arange(result.numel(), dtype=result.dtype))
            weights = weights.reshape(result.shape)
            gradients = torch.autograd.grad(result, leaves, weights, allow_unused=True)
        for name, gradient in zip(names, gradients, strict=True):
            outcome[f"the gradient for {name}"] = gradient
        return outcome

    return use


def _is_float_tensor(value) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def number(value):
    """A Python float for a number or a 0-d tensor; anything else is passed on as it is."""
    if isinstance(value, torch.Tensor) and value.dim() == 0 and not value.is_complex():
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value
