"""What is known of the exercises of lesson 05, gradient descent: right answers, mistakes, hints."""

import torch
from torch import nn

from nnlib.checking.exercise import Exercise
from nnlib.exercises.asked import gradient_descent as asked
from nnlib.exercises.known.generators import ignoring

# -- gd_step ---------------------------------------------------------------------------------------


def _gd_step(w, grad, lr):
    parameter = nn.Parameter(w.clone())
    parameter.grad = grad.clone()
    torch.optim.SGD([parameter], lr).step()
    return parameter.detach()


gd_step = Exercise(
    asked.gd_step,
    reference=_gd_step,
    mistakes={
        "It walks uphill: the gradient points up, so its multiple is subtracted.": (
            lambda w, grad, lr: w + lr * grad
        ),
        "The learning rate is missing: multiply the gradient by lr first.": (
            lambda w, grad, lr: w - grad
        ),
        "That is only the change Δw. Add it to the old w.": lambda w, grad, lr: -lr * grad,
        "The gradient is divided by lr. A larger learning rate means a longer step.": (
            lambda w, grad, lr: w - grad / lr
        ),
        "Only the sign of the gradient is used. Where the slope is steeper, the step is longer.": (
            lambda w, grad, lr: w - lr * grad.sign()
        ),
        "The gradient is cut to length 1. The step keeps its size: lr times the gradient as it"
        " is.": lambda w, grad, lr: w - lr * grad / grad.norm(),
        "lr also multiplies w. Only the gradient is multiplied.": (
            lambda w, grad, lr: lr * (w - grad)
        ),
    },
    hints=(
        "The gradient points uphill. Which way do you want to go, and how far?",
        "Go against the gradient, by lr times its length. Make a new tensor: `w - …`, not `w -="
        " …`.",
    ),
)


# -- minimize --------------------------------------------------------------------------------------


def _minimize(f, w0, lr, steps):
    w = nn.Parameter(w0.clone())
    optimizer = torch.optim.SGD([w], lr)
    path = [w.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        f(w).backward()
        optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path)


def _gradient(f, w):
    w = w.detach().clone().requires_grad_()
    return torch.autograd.grad(f(w), w)[0]


def _walk(direction):
    """A wrong `minimize` that moves by -lr · direction(gradient function, w, w0, step)."""

    def minimize(f, w0, lr, steps):
        path = [w0]
        for step in range(steps):
            path.append(path[-1] - lr * direction(lambda w: _gradient(f, w), path[-1], w0, step))
        return torch.stack(path)

    return minimize


def _minimize_adding_up(f, w0, lr, steps):
    w = w0.clone().requires_grad_()
    path = [w0]
    for _ in range(steps):
        f(w).backward()  # w.grad is never cleared
        with torch.no_grad():
            w -= lr * w.grad
        path.append(w.detach().clone())
    return torch.stack(path)


minimize = Exercise(
    asked.minimize,
    reference=_minimize,
    mistakes={
        "Every point of the path is the last one: the same tensor was stored again and again, and"
        " it moved on. Store a copy: w.detach().clone().": (
            lambda f, w0, lr, steps: _minimize(f, w0, lr, steps)[-1:].expand(steps + 1, *w0.shape)
        ),
        "The path begins after the first step. Its first point is w0 itself.": (
            lambda f, w0, lr, steps: _minimize(f, w0, lr, steps)[1:]
        ),
        "The last point is missing: after w0 comes one point for each of the steps.": (
            lambda f, w0, lr, steps: _minimize(f, w0, lr, steps)[:-1]
        ),
        "It returns only where it ends. Collect w0 and the point after each step.": (
            lambda f, w0, lr, steps: _minimize(f, w0, lr, steps)[-1]
        ),
        "The gradients add up from step to step. Clear w.grad before each backward(), or use"
        " torch.autograd.grad.": _minimize_adding_up,
        "The gradient is taken once, at w0. The slope is another one at every point.": (
            _walk(lambda gradient, w, w0, step: gradient(w0))
        ),
        "It walks uphill: subtract the gradient.": (
            _walk(lambda gradient, w, w0, step: -gradient(w))
        ),
        "lr is not used. Each step is −lr times the gradient.": (
            lambda f, w0, lr, steps: _minimize(f, w0, 1.0, steps)
        ),
        "The path is still tied to autograd's graph. Detach its points.": (
            lambda f, w0, lr, steps: _minimize(f, w0, lr, steps).requires_grad_()
        ),
    },
    hints=(
        "Make your own copy of w0 that requires a gradient. In each step: compute f, get its"
        " gradient, move, store.",
        "torch.autograd.grad(f(w), w) returns a tuple with one tensor, the gradient, and adds"
        " nothing to w.grad.",
        "Begin each step with a fresh leaf, `w.detach().requires_grad_()`, so that the graph ends"
        " there. At the end `torch.stack` makes one tensor of all points, the start among them.",
    ),
    points=2,
)


# -- largest_stable_lr -----------------------------------------------------------------------------


largest_stable_lr = Exercise(
    asked.largest_stable_lr,
    reference=lambda hessian: 2 / torch.linalg.eigvalsh(hessian)[-1],
    mistakes={
        "1 divided by the largest eigenvalue is a good learning rate, but not yet the border. There"
        " 1 − lr·λ is −1.": lambda h: 1 / torch.linalg.eigvalsh(h)[-1],
        "That uses the smallest eigenvalue. The steepest direction blows up first.": (
            lambda h: 2 / torch.linalg.eigvalsh(h)[0]
        ),
        "It looks at the diagonal only. The other entries count as well: use the eigenvalues.": (
            lambda h: 2 / h.diagonal().max()
        ),
        "That uses the sum of all eigenvalues (the trace). Only the largest one counts.": (
            lambda h: 2 / h.trace()
        ),
        "That is the largest eigenvalue itself. The larger it is, the smaller lr must be.": (
            lambda h: torch.linalg.eigvalsh(h)[-1]
        ),
        "That is the fastest learning rate, halfway between two eigenvalues. The border is asked"
        " for.": lambda h: 2 / (torch.linalg.eigvalsh(h)[0] + torch.linalg.eigvalsh(h)[-1]),
    },
    hints=(
        "In one dimension the border is 2/λ. With several weights there is a λ for every"
        " eigenvector: which one is the first to blow up?",
        "torch.linalg.eigvalsh(hessian) returns the eigenvalues of a symmetric matrix, smallest"
        " first.",
    ),
)


# -- minibatches -----------------------------------------------------------------------------------


def _minibatches(n, batch_size, generator):
    return torch.randperm(n, generator=generator).split(batch_size)


def _judge_minibatches(outcome, n, batch_size, seed):
    first, following, same, other = (torch.cat(batches) for batches in outcome.values())
    for order in (first, following, same, other):
        if order.min() < 0 or order.max() >= n:
            return "The indices go from 0 to n − 1, and one lies outside."
        if not torch.equal(order.sort().values, torch.arange(n)):
            return "Some index comes twice, another one never."
    if not torch.equal(first, same):
        return "Two generators with the same seed lead to different batches."
    if n < 20:
        return None  # few samples: the same order may come twice by chance
    if torch.equal(first, torch.arange(n)) and torch.equal(other, torch.arange(n)):
        return "The indices come in their natural order, not shuffled."
    if all(((order.diff() % n) == 1).all() for order in (first, other)):
        return "Each index is followed by the next one."
    batches = outcome["the list of batches"] + outcome["the list of batches for another seed"]
    if all(_are_neighbors(batch, n) for batch in batches):
        return "Every batch holds neighbors, such as 0, 1, 2."
    if torch.equal(first, other):
        return "Another seed leads to the same batches."
    if torch.equal(first, following):
        return "The same generator gives the same batches again in the next epoch."
    return None


def _are_neighbors(batch, n):
    """Whether the indices follow each other, where 0 comes after n − 1."""
    steps = torch.cat([batch, batch.min()[None] + n]).sort().values.diff()
    return int((steps > 1).sum()) <= 1


def _shuffled_inside(n, batch_size, generator):
    batches = torch.arange(n).split(batch_size)
    return [batch[torch.randperm(len(batch), generator=generator)] for batch in batches]


def _rolled(n, batch_size, generator):
    by = int(torch.randint(n, (), generator=generator))
    return torch.arange(n).roll(by).split(batch_size)


def _whole_batches(n, batch_size, generator):
    batches = torch.arange(n).split(batch_size)
    return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


minibatches = Exercise(
    asked.minibatches,
    reference=_minibatches,
    judge=_judge_minibatches,
    mistakes={
        "Nothing is shuffled. Draw a random order first: torch.randperm.": (
            lambda n, batch_size, generator: torch.arange(n).split(batch_size)
        ),
        "It shuffles inside each batch only, so the same samples meet in every epoch. Shuffle all n"
        " first, then cut.": _shuffled_inside,
        "The short last batch is lost, and its samples with it. Keep it.": (
            lambda n, batch_size, generator: [
                batch for batch in _minibatches(n, batch_size, generator)
                if len(batch) == batch_size
            ]
        ),
        "Each index is drawn on its own, so some come twice and others never. An epoch takes each"
        " sample once: torch.randperm.": (
            lambda n, batch_size, generator: torch.randint(n, (n,), generator=generator).split(
                batch_size
            )
        ),
        **ignoring(_minibatches),
        "It shuffles whole batches, so neighbors stay together. Shuffle all n first, then cut.": (
            _whole_batches
        ),
        "Only the start is random, and neighbors stay together. Draw a random order:"
        " torch.randperm.": _rolled,
        "The indices begin at 1. Python counts from 0 to n − 1.": (
            lambda n, batch_size, generator: [
                batch + 1 for batch in _minibatches(n, batch_size, generator)
            ]
        ),
        "batch_size is taken for the number of batches.": (
            lambda n, batch_size, generator: torch.randperm(n, generator=generator).tensor_split(
                batch_size
            )
        ),
    },
    hints=(
        "Two steps: all indices in a random order, then cut into pieces.",
        "torch.randperm(n, generator=generator) is 0…n−1, shuffled.",
        "A tensor's method `split` cuts it into pieces of one size; the last may be shorter.",
    ),
    points=2,
)  # fmt: skip


# -- momentum_step ---------------------------------------------------------------------------------


def _momentum_step(w, grad, velocity, lr, momentum):
    parameter = nn.Parameter(w.clone())
    parameter.grad = grad.clone()
    optimizer = torch.optim.SGD([parameter], lr, momentum)
    optimizer.state[parameter]["momentum_buffer"] = velocity.clone()
    optimizer.step()
    return parameter.detach(), optimizer.state[parameter]["momentum_buffer"]


def _with_velocity(new_velocity):
    """A wrong `momentum_step` that differs in the new velocity only."""

    def step(w, grad, velocity, lr, momentum):
        velocity = new_velocity(grad, velocity, momentum)
        return w - lr * velocity, velocity

    return step


def _momentum_lr_inside(w, grad, velocity, lr, momentum):
    velocity = momentum * velocity + lr * grad
    return w - velocity, velocity


def _momentum_signed(w, grad, velocity, lr, momentum):
    velocity = momentum * velocity - lr * grad
    return w + velocity, velocity


def _momentum_nesterov(w, grad, velocity, lr, momentum):
    velocity = momentum * velocity + grad
    return w - lr * (grad + momentum * velocity), velocity


momentum_step = Exercise(
    asked.momentum_step,
    reference=_momentum_step,
    mistakes={
        "The new gradient is multiplied by 1 − momentum. Here it enters in full: momentum ·"
        " velocity + grad.": (
            _with_velocity(lambda g, v, momentum: momentum * v + (1 - momentum) * g)
        ),
        "The velocity keeps everything: multiply the old one by momentum, so that it fades.": (
            _with_velocity(lambda g, v, momentum: v + g)
        ),
        "momentum multiplies the gradient. It belongs to the old velocity.": (
            _with_velocity(lambda g, v, momentum: v + momentum * g)
        ),
        "The velocity contains lr. As in torch.optim.SGD, keep lr out of it, and multiply by lr"
        " when w moves.": _momentum_lr_inside,
        "The velocity contains −lr. As in torch.optim.SGD it adds up plain gradients, and lr and"
        " the minus come in when w moves.": _momentum_signed,
        "w moves by the gradient alone. Let it move by the new velocity.": (
            lambda w, grad, v, lr, momentum: (w - lr * grad, momentum * v + grad)
        ),
        "w moves by the old velocity. Update the velocity first, then move.": (
            lambda w, grad, v, lr, momentum: (w - lr * v, momentum * v + grad)
        ),
        "The velocity comes back unchanged. Return the new one: the next step needs it.": (
            lambda w, grad, v, lr, momentum: (w - lr * (momentum * v + grad), v)
        ),
        "That is Nesterov's variant, which adds the gradient once more. Move by the velocity"
        " only.": _momentum_nesterov,
        "It rolls uphill: subtract lr times the velocity.": (
            lambda w, grad, v, lr, momentum: (w + lr * (momentum * v + grad), momentum * v + grad)
        ),
    },
    hints=(
        "First the new velocity, from the old one and the gradient; then the new w.",
        "Momentum times the old velocity is what is left of it; the gradient comes on top, in"
        " full. Then the new velocity does in w's step what the gradient did in `gd_step`.",
    ),
    points=2,
)  # fmt: skip


# -- rmsprop_step ----------------------------------------------------------------------------------


def _rmsprop_step(w, grad, square_avg, lr, alpha, eps):
    parameter = nn.Parameter(w.clone())
    parameter.grad = grad.clone()
    optimizer = torch.optim.RMSprop([parameter], lr, alpha, eps)
    optimizer.state[parameter] = {"step": torch.tensor(1.0), "square_avg": square_avg.clone()}
    optimizer.step()
    return parameter.detach(), optimizer.state[parameter]["square_avg"]


def _with_average(new_average):
    """A wrong `rmsprop_step` that differs in the new average only."""

    def step(w, grad, square_avg, lr, alpha, eps):
        square_avg = new_average(grad, square_avg, alpha)
        return w - lr * grad / (square_avg.sqrt() + eps), square_avg

    return step


def _with_scale(divisor):
    """A wrong `rmsprop_step` that divides the gradient by divisor(old average, new one, eps)."""

    def step(w, grad, square_avg, lr, alpha, eps):
        new = alpha * square_avg + (1 - alpha) * grad**2
        return w - lr * grad / divisor(square_avg, new, eps), new

    return step


def _rmsprop_not_squared(w, grad, average, lr, alpha, eps):
    average = alpha * average + (1 - alpha) * grad
    return w - lr * grad / (average.abs() + eps), average


rmsprop_step = Exercise(
    asked.rmsprop_step,
    reference=_rmsprop_step,
    mistakes={
        "eps sits inside the root. Take the root first, then add eps.": (
            _with_scale(lambda old, new, eps: (new + eps).sqrt())
        ),
        "The square root is missing: divide by the root of the average square.": (
            _with_scale(lambda old, new, eps: new + eps)
        ),
        "eps is missing. It keeps the division safe where the average is 0.": (
            _with_scale(lambda old, new, eps: new.sqrt())
        ),
        "It divides by the old average. Update the average first: the new gradient counts at"
        " once.": _with_scale(lambda old, new, eps: old.sqrt() + eps),
        "alpha and 1 − alpha are swapped. alpha says how much of the old average stays.": (
            _with_average(lambda g, avg, alpha: (1 - alpha) * avg + alpha * g**2)
        ),
        "The squares add up for ever. Let the old average fade: alpha · old + (1 − alpha) · new.": (
            _with_average(lambda g, avg, alpha: avg + g**2)
        ),
        "The new square enters in full. In an average it counts 1 − alpha.": (
            _with_average(lambda g, avg, alpha: alpha * avg + g**2)
        ),
        "The gradient is averaged, not its square.": _rmsprop_not_squared,
        "It walks uphill: subtract.": (
            lambda w, grad, avg, lr, alpha, eps: (
                2 * w - _rmsprop_step(w, grad, avg, lr, alpha, eps)[0],
                _rmsprop_step(w, grad, avg, lr, alpha, eps)[1],
            )
        ),
    },
    hints=(
        "First the new average of squares: alpha of the old one, 1 − alpha of grad².",
        "Then a step as in `gd_step`, with the gradient divided by the root of the new average;"
        " eps stands outside the root.",
    ),
    points=2,
)


# -- adam_step -------------------------------------------------------------------------------------


def _adam_step(w, grad, m, v, t, lr, betas, eps):
    parameter = nn.Parameter(w.clone())
    parameter.grad = grad.clone()
    optimizer = torch.optim.Adam([parameter], lr, betas, eps)
    state = {"step": torch.tensor(t - 1.0), "exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    optimizer.state[parameter] = state
    optimizer.step()
    return parameter.detach(), state["exp_avg"], state["exp_avg_sq"]


def _adam_by_hand(w, grad, m, v, t, lr, betas, eps, correct=(True, True), divisor=None):
    """Adam with parts to get wrong: which average is corrected, and what m is divided by."""
    m = betas[0] * m + (1 - betas[0]) * grad
    v = betas[1] * v + (1 - betas[1]) * grad**2
    m_hat = m / (1 - betas[0] ** t) if correct[0] else m
    v_hat = v / (1 - betas[1] ** t) if correct[1] else v
    scale = divisor(v_hat, v, t, betas, eps) if divisor else v_hat.sqrt() + eps
    return w - lr * m_hat / scale, m, v


def _adam_corrected_state(w, grad, m, v, t, lr, betas, eps):
    w, m, v = _adam_step(w, grad, m, v, t, lr, betas, eps)
    return w, m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)


def _adam_not_squared(w, grad, m, v, t, lr, betas, eps):
    new_w, new_m, _ = _adam_step(w, grad, m, v, t, lr, betas, eps)
    return new_w, new_m, betas[1] * v + (1 - betas[1]) * grad


def _adam_gradient_itself(w, grad, m, v, t, lr, betas, eps):
    _, new_m, new_v = _adam_step(w, grad, m, v, t, lr, betas, eps)
    return w - lr * grad / ((new_v / (1 - betas[1] ** t)).sqrt() + eps), new_m, new_v


adam_step = Exercise(
    asked.adam_step,
    reference=_adam_step,
    mistakes={
        "The bias correction is missing: before w moves, divide m by 1 − beta1^t and v by"
        " 1 − beta2^t.": (lambda *arguments: _adam_by_hand(*arguments, correct=(False, False))),
        "m is corrected, v is not. v starts from 0 as well: divide it by 1 − beta2^t.": (
            lambda *arguments: _adam_by_hand(*arguments, correct=(True, False))
        ),
        "v is corrected, m is not. m starts from 0 as well: divide it by 1 − beta1^t.": (
            lambda *arguments: _adam_by_hand(*arguments, correct=(False, True))
        ),
        "eps sits inside the root. Take the root of the corrected v first, then add eps.": (
            lambda *arguments: _adam_by_hand(
                *arguments, divisor=lambda v_hat, v, t, betas, eps: (v_hat + eps).sqrt()
            )
        ),
        "eps is added before v is corrected. Correct v first, then root, then eps.": (
            lambda *arguments: _adam_by_hand(
                *arguments,
                divisor=lambda v_hat, v, t, betas, eps: (
                    (v.sqrt() + eps) / (1 - betas[1] ** t) ** 0.5
                ),
            )
        ),
        "The square root is missing: divide by the root of the corrected v.": (
            lambda *arguments: _adam_by_hand(
                *arguments, divisor=lambda v_hat, v, t, betas, eps: v_hat + eps
            )
        ),
        "eps is missing from the divisor.": (
            lambda *arguments: _adam_by_hand(
                *arguments, divisor=lambda v_hat, v, t, betas, eps: v_hat.sqrt()
            )
        ),
        "It returns the corrected m and v. Correct only for the move; the next step needs them"
        " raw.": _adam_corrected_state,
        "The powers are one step off: at the first step t is 1, and beta^t is beta itself.": (
            lambda w, grad, m, v, t, lr, betas, eps: _adam_step(
                w, grad, m, v, t + 1, lr, betas, eps
            )
        ),
        "The betas are swapped: the first belongs to m, the second to v.": (
            lambda w, grad, m, v, t, lr, betas, eps: _adam_step(
                w, grad, m, v, t, lr, betas[::-1], eps
            )
        ),
        "w moves by the gradient itself. The corrected m takes its place.": _adam_gradient_itself,
        "v averages the gradient. It should average the squares of the gradient.": (
            _adam_not_squared
        ),
    },
    hints=(
        "Three things: the two averages, their correction, the move. Write one line for each.",
        "m and v fade as the average in `rmsprop_step` does: m takes in the gradient, v its"
        " square. The correction divides copies of them by 1 − beta^t, each by its own.",
        "The move is that of `rmsprop_step`, made with the two corrected ones. Return m and v as"
        " they were before the correction.",
    ),
    points=3,
)

EXERCISES = (
    gd_step,
    minimize,
    largest_stable_lr,
    minibatches,
    momentum_step,
    rmsprop_step,
    adam_step,
)
