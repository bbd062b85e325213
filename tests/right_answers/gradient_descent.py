"""Right answers to the exercises of lesson 05, written in other ways than the solutions."""

import torch


def gd_step_with_sub(w, grad, lr):
    return torch.sub(w, grad, alpha=lr)


def gd_step_in_place_on_a_copy(w, grad, lr):
    w = w.clone()
    w += -lr * grad
    return w


def minimize_with_backward(f, w0, lr, steps):
    w = w0.clone().requires_grad_()
    path = torch.empty(steps + 1, *w0.shape, dtype=w0.dtype)
    path[0] = w0
    for i in range(steps):
        w.grad = None
        f(w).backward()
        with torch.no_grad():
            w -= lr * w.grad
        path[i + 1] = w.detach()
    return path


def minimize_with_func(f, w0, lr, steps):
    slope = torch.func.grad(f)
    path = [w0]
    while len(path) <= steps:
        path.append(path[-1] - lr * slope(path[-1]))
    return torch.stack(path)


def largest_by_norm(hessian):
    return 2 / torch.linalg.matrix_norm(hessian, ord=2).item()


def largest_by_power_iteration(hessian):
    x = torch.ones(len(hessian), dtype=hessian.dtype) + torch.arange(len(hessian)) / 7
    for _ in range(200):
        x = hessian @ x
        x = x / x.norm()
    return 2 / (x @ hessian @ x)


def largest_by_general_eigenvalues(hessian):
    return 2.0 / max(float(value.real) for value in torch.linalg.eigvals(hessian))


def minibatches_as_generator(n, batch_size, generator):
    order = torch.rand(n, generator=generator).argsort()
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def minibatches_by_picking(n, batch_size, generator):
    left, batches = list(range(n)), []
    while left:
        batch = []
        while left and len(batch) < batch_size:
            batch.append(left.pop(int(torch.randint(len(left), (), generator=generator))))
        batches.append(torch.tensor(batch))
    return tuple(batches)


def momentum_with_lerp(w, grad, velocity, lr, momentum):
    velocity = grad + velocity.mul(momentum)
    return [torch.add(w, velocity, alpha=-lr), velocity]


def momentum_in_parts(w, grad, velocity, lr, momentum):
    return w - lr * grad - lr * momentum * velocity, grad + momentum * velocity


def rmsprop_with_lerp(w, grad, square_avg, lr, alpha, eps):
    square_avg = torch.lerp(grad.square(), square_avg, alpha)
    return torch.addcdiv(w, grad, square_avg.sqrt() + eps, value=-lr), square_avg


def rmsprop_number_by_number(w, grad, square_avg, lr, alpha, eps):
    new_w, new_avg = w.clone(), square_avg.clone()
    for i in range(w.numel()):
        g = float(grad.reshape(-1)[i])
        new_avg.view(-1)[i] += (1 - alpha) * (g * g - float(square_avg.reshape(-1)[i]))
        new_w.view(-1)[i] -= lr * g / (float(new_avg.view(-1)[i]) ** 0.5 + eps)
    return [new_w, new_avg]


def adam_with_step_size(w, grad, m, v, t, lr, betas, eps):
    m = torch.lerp(grad, m, betas[0])
    v = torch.lerp(grad.square(), v, betas[1])
    root = (v / (1 - betas[1] ** t)).sqrt()
    return torch.addcdiv(w, m, root + eps, value=-lr / (1 - betas[0] ** t)), m, v


def adam_by_differences(w, grad, m, v, t, lr, betas, eps):
    new = []
    for average, value, beta in ((m, grad, betas[0]), (v, grad * grad, betas[1])):
        new.append(average + (1 - beta) * (value - average))
    m_hat, v_hat = (a / (1 - torch.tensor(beta, dtype=w.dtype) ** t) for a, beta in zip(new, betas))
    return [w - lr * m_hat / (eps + torch.sqrt(v_hat)), *new]


RIGHT = {
    "gd_step": [gd_step_with_sub, gd_step_in_place_on_a_copy],
    "minimize": [minimize_with_backward, minimize_with_func],
    "largest_stable_lr": [
        largest_by_norm,
        largest_by_power_iteration,
        largest_by_general_eigenvalues,
    ],
    "minibatches": [minibatches_as_generator, minibatches_by_picking],
    "momentum_step": [momentum_with_lerp, momentum_in_parts],
    "rmsprop_step": [rmsprop_with_lerp, rmsprop_number_by_number],
    "adam_step": [adam_with_step_size, adam_by_differences],
}
