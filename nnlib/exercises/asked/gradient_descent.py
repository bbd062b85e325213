"""What is asked in lesson 05, gradient descent: the cases of each exercise, and how an answer is used."""

import torch

from nnlib.checking.exercise import Asked
from nnlib.checking.use import number

# -- gd_step ---------------------------------------------------------------------------------------


def _gd_step_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    return [
        (draw(3), draw(3), 0.1),
        (draw(2, 3, dtype=torch.float64), draw(2, 3, dtype=torch.float64), 0.7),
        (draw(), draw(), 3.0),
    ]


gd_step = Asked(
    name="gd_step",
    signature="w, grad, lr",
    cases=_gd_step_cases,
)


# -- minimize --------------------------------------------------------------------------------------


def _use_minimize(minimize, f, w0, lr, steps):
    path = minimize(f, w0, lr, steps)
    attached = isinstance(path, torch.Tensor) and path.requires_grad
    return {"the path": path, "the path's requires_grad": attached}


def _minimize_cases(generator):
    def draw(*shape, dtype=torch.float32):
        return torch.randn(shape, generator=generator, dtype=dtype)

    bottom = draw(2)
    tilted = torch.tensor([[1.0, 0.6], [0.6, 2.0]])
    center = draw()
    slant = draw(2, 3, dtype=torch.float64)
    return [
        (lambda w: (w - bottom) @ tilted @ (w - bottom), 2 + draw(2), 0.1, 6),
        (lambda w: (w - center) ** 2, 3 + draw(), 0.2, 4),  # w0 of shape ()
        # Not a bowl: w0 (2, 3), float64.
        (lambda w: (w.cos() + slant * w).sum(), draw(2, 3, dtype=torch.float64), 0.3, 5),
    ]


minimize = Asked(
    name="minimize",
    signature="f, w0, lr, steps",
    cases=_minimize_cases,
    use=_use_minimize,
)


# -- largest_stable_lr -----------------------------------------------------------------------------


def _use_largest(largest_stable_lr, hessian):
    return number(largest_stable_lr(hessian))


def _largest_cases(generator):
    def draw(curvatures, dtype=torch.float32):
        """A symmetric matrix with these eigenvalues, turned at random: full, not diagonal."""
        n = len(curvatures)
        turn, _ = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64))
        matrix = turn @ torch.diag(torch.tensor(curvatures, dtype=torch.float64)) @ turn.T
        return ((matrix + matrix.T) / 2).to(dtype)

    scale = 1 + float(torch.rand((), generator=generator))
    return [
        (draw([0.5 * scale, 2.0, 4.0 * scale]),),
        (draw([3.0, 30.0 * scale], torch.float64),),
        (draw([0.2 * scale]),),  # one weight
    ]


largest_stable_lr = Asked(
    name="largest_stable_lr",
    signature="hessian",
    cases=_largest_cases,
    use=_use_largest,
)


# -- minibatches -----------------------------------------------------------------------------------


def _use_minibatches(minibatches, n, batch_size, seed):
    generator = torch.Generator().manual_seed(seed)
    again = torch.Generator().manual_seed(seed)
    other = torch.Generator().manual_seed(seed + 1)
    return {
        "the list of batches": list(minibatches(n, batch_size, generator)),
        "the list of batches of the next epoch": list(minibatches(n, batch_size, generator)),
        "the list of batches for the same seed": list(minibatches(n, batch_size, again)),
        "the list of batches for another seed": list(minibatches(n, batch_size, other)),
    }


def _minibatches_cases(generator):
    seeds = torch.randint(2**31, (4,), generator=generator).tolist()
    return [
        (23, 5, seeds[0]),  # a short last batch
        (24, 6, seeds[1]),
        (9, 20, seeds[2]),  # one batch, shorter than batch_size
        (3, 1, seeds[3]),
    ]


minibatches = Asked(
    name="minibatches",
    signature="n, batch_size, generator",
    cases=_minibatches_cases,
    use=_use_minibatches,
)


# -- momentum_step ---------------------------------------------------------------------------------


def _gradient_cases(*settings):
    """Cases for the optimizers: w, the gradients of four steps, then these settings in turn."""

    def cases(generator):
        def draw(*shape, dtype=torch.float32):
            return torch.randn(shape, generator=generator, dtype=dtype)

        double = torch.float64
        return [
            (draw(3), [draw(3) for _ in range(4)], *settings[0]),
            (draw(2, 2, dtype=double), [draw(2, 2, dtype=double) for _ in range(4)], *settings[1]),
        ]

    return cases


def _use_momentum(momentum_step, w, grads, lr, momentum):
    velocity = torch.zeros_like(w)
    outcome = {}
    for t, grad in enumerate(grads, 1):
        w, velocity = momentum_step(w, grad, velocity, lr, momentum)
        outcome[f"the w after step {t}"] = w
        outcome[f"the velocity after step {t}"] = velocity
    return outcome


momentum_step = Asked(
    name="momentum_step",
    signature="w, grad, velocity, lr, momentum",
    cases=_gradient_cases((0.1, 0.9), (0.3, 0.7)),
    use=_use_momentum,
)


# -- rmsprop_step ----------------------------------------------------------------------------------


def _use_rmsprop(rmsprop_step, w, grads, lr, alpha, eps):
    square_avg = torch.zeros_like(w)
    outcome = {}
    for t, grad in enumerate(grads, 1):
        w, square_avg = rmsprop_step(w, grad, square_avg, lr, alpha, eps)
        outcome[f"the w after step {t}"] = w
        outcome[f"the square_avg after step {t}"] = square_avg
    return outcome


rmsprop_step = Asked(
    name="rmsprop_step",
    signature="w, grad, square_avg, lr, alpha, eps",
    cases=_gradient_cases((0.1, 0.9, 0.3), (0.02, 0.8, 0.05)),
    use=_use_rmsprop,
)


# -- adam_step -------------------------------------------------------------------------------------


def _use_adam(adam_step, w, grads, lr, betas, eps):
    m, v = torch.zeros_like(w), torch.zeros_like(w)
    outcome = {}
    for t, grad in enumerate(grads, 1):
        w, m, v = adam_step(w, grad, m, v, t, lr, betas, eps)
        for name, value in (("w", w), ("m", m), ("v", v)):
            outcome[f"the {name} after step {t}"] = value
    return outcome


adam_step = Asked(
    name="adam_step",
    signature="w, grad, m, v, t, lr, betas, eps",
    cases=_gradient_cases((0.1, (0.9, 0.99), 0.1), (0.02, (0.8, 0.95), 0.3)),
    use=_use_adam,
)
