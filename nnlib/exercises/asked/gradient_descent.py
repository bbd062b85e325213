"""What is asked in lesson 05, gradient descent: the cases of each exercise, and their use."""

import torch

from nnlib.checking.cases import normal, seed, whole
from nnlib.checking.exercise import Asked
from nnlib.checking.use import Unusable, kind, named, number, seeded

# -- gd_step ---------------------------------------------------------------------------------------


def _gd_step_cases(generator):
    double = torch.float64
    return [
        (whole(generator, 2, 3), whole(generator, 2, 3), 0.5),
        (normal(generator, 3), normal(generator, 3), 0.1),
        (normal(generator, 2, 3, dtype=double), normal(generator, 2, 3, dtype=double), 0.7),
        (normal(generator), normal(generator), 3.0),
    ]


gd_step = Asked("gd_step", _gd_step_cases, signature="w, grad, lr")


# -- minimize --------------------------------------------------------------------------------------


def _use_minimize(minimize, f, w0, lr, steps):
    path = minimize(f, w0, lr, steps)
    attached = isinstance(path, torch.Tensor) and path.requires_grad
    return {"the path": path, "the path's requires_grad": attached}


def _minimize_cases(generator):
    corner, bottom, center = whole(generator, 2), normal(generator, 2), normal(generator)
    tilted = torch.tensor([[1.0, 0.6], [0.6, 2.0]])
    slant = normal(generator, 2, 3, dtype=torch.float64)

    def round_bowl(w):
        return ((w - corner) ** 2).sum()

    def tilted_bowl(w):
        return (w - bottom) @ tilted @ (w - bottom)

    def parabola(w):
        return (w - center) ** 2

    def waves(w):  # no bowl
        return (w.cos() + slant * w).sum()

    return [
        (round_bowl, corner + whole(generator, 2), 0.25, 3),
        (tilted_bowl, 2 + normal(generator, 2), 0.1, 6),
        (parabola, 3 + normal(generator), 0.2, 4),  # w0 of shape ()
        (parabola, 3 + normal(generator), 1.1, 5),  # every step goes up
        (waves, normal(generator, 2, 3, dtype=torch.float64), 0.3, 5),
    ]


minimize = Asked("minimize", _minimize_cases, _use_minimize, signature="f, w0, lr, steps")


# -- largest_stable_lr -----------------------------------------------------------------------------


def _largest_cases(generator):
    def turned(*curvatures, dtype=torch.float32):
        """A symmetric matrix with these eigenvalues, turned at random: full, not diagonal."""
        n = len(curvatures)
        turn, _ = torch.linalg.qr(normal(generator, n, n, dtype=torch.float64))
        matrix = turn @ torch.diag(torch.tensor(curvatures, dtype=torch.float64)) @ turn.T
        return ((matrix + matrix.T) / 2).to(dtype)

    side, more = whole(generator, 2).abs()
    by_hand = torch.stack([side + more, side, side, side + more]).reshape(2, 2)
    scale = 1 + float(torch.rand((), generator=generator))
    return [
        (by_hand,),  # the eigenvalues are more and more + 2·side
        (turned(0.5 * scale, 2.0, 4.0 * scale),),
        (turned(3.0, 30.0 * scale, dtype=torch.float64),),
        (turned(0.2 * scale),),  # one weight
    ]


largest_stable_lr = Asked(
    "largest_stable_lr",
    _largest_cases,
    lambda largest_stable_lr, hessian: number(largest_stable_lr(hessian)),
    signature="hessian",
)


# -- minibatches -----------------------------------------------------------------------------------


def _minibatches_cases(generator):
    return [
        (7, 3, seed(generator)),
        (23, 5, seed(generator)),  # a short last batch
        (24, 6, seed(generator)),
        (9, 20, seed(generator)),  # one batch, shorter than batch_size
        (3, 1, seed(generator)),
    ]


minibatches = Asked(
    "minibatches",
    _minibatches_cases,
    seeded("the list of batches", list),
    signature="n, batch_size, generator",
)


# -- momentum_step, rmsprop_step, adam_step --------------------------------------------------------


def _steps_cases(*settings):
    """Cases for the optimizers: w, the gradients of some steps, then these settings in turn."""

    def cases(generator):
        def case(draw, steps, *shape, dtype=torch.float32):
            w, *grads = (draw(generator, *shape, dtype=dtype) for _ in range(steps + 1))
            return w, grads

        return [
            (*case(whole, 2, 3), *settings[0]),
            (*case(normal, 4, 3), *settings[1]),
            (*case(normal, 4, 2, 2, dtype=torch.float64), *settings[2]),
        ]

    return cases


def _steps(step, states, w, grads, *settings, counted=False):
    """Take a step for each gradient; every step gets the state that the one before returned."""
    state = [torch.zeros_like(w) for _ in states]
    outcome = {}
    for t, grad in enumerate(grads, 1):
        kept = [old.clone() for old in state]
        number_of_the_step = [t] if counted else []
        returned = step(w, grad, *state, *number_of_the_step, *settings)
        for name, old, now in zip(states, kept, state, strict=True):
            if not torch.equal(old, now):
                raise Unusable(f"It changes {name} in place; work on a copy.")
        after = named(returned, [f"{name} after step {t}" for name in ("w", *states)])
        for name, value in after.items():
            if not isinstance(value, torch.Tensor):
                raise Unusable(f"{name} should be a tensor, but it is {kind(value)}.")
        outcome |= after
        w, *state = after.values()
    return outcome


def _use_momentum(momentum_step, w, grads, lr, momentum):
    return _steps(momentum_step, ("velocity",), w, grads, lr, momentum)


def _use_rmsprop(rmsprop_step, w, grads, lr, alpha, eps):
    return _steps(rmsprop_step, ("square_avg",), w, grads, lr, alpha, eps)


def _use_adam(adam_step, w, grads, lr, betas, eps):
    return _steps(adam_step, ("m", "v"), w, grads, lr, betas, eps, counted=True)


momentum_step = Asked(
    "momentum_step",
    _steps_cases((0.5, 0.75), (0.1, 0.9), (0.3, 0.7)),
    _use_momentum,
    signature="w, grad, velocity, lr, momentum",
)


rmsprop_step = Asked(
    "rmsprop_step",
    _steps_cases((0.5, 0.75, 1.0), (0.1, 0.9, 0.3), (0.02, 0.8, 0.05)),
    _use_rmsprop,
    signature="w, grad, square_avg, lr, alpha, eps",
)


adam_step = Asked(
    "adam_step",
    _steps_cases((0.5, (0.75, 0.8), 1.0), (0.1, (0.9, 0.99), 0.1), (0.02, (0.8, 0.95), 0.3)),
    _use_adam,
    signature="w, grad, m, v, t, lr, betas, eps",
)
