"""Answers to the exercises of lesson 05, gradient descent."""

import torch


# %% gd_step
def gd_step(w, grad, lr):
    return w - lr * grad  # a new tensor: w -= … would change the caller's


# %% minimize
def minimize(f, w0, lr, steps):
    w = w0.clone()
    path = [w]
    for _ in range(steps):
        w = w.detach().requires_grad_()  # a fresh leaf, so the graph ends with each step
        (grad,) = torch.autograd.grad(f(w), w)
        w = (w - lr * grad).detach()
        path.append(w)
    return torch.stack(path).detach()  # (steps+1, *w0.shape)


# %% largest_stable_lr
def largest_stable_lr(hessian):
    curvatures = torch.linalg.eigvalsh(hessian)  # from the flattest direction to the steepest
    return 2 / curvatures[-1]  # the steepest is the first to blow up


# %% minibatches
def minibatches(n, batch_size, generator):
    order = torch.randperm(n, generator=generator)  # every index once
    return order.split(batch_size)  # the last piece may be shorter


# %% momentum_step
def momentum_step(w, grad, velocity, lr, momentum):
    velocity = momentum * velocity + grad  # the past fades, the new gradient enters in full
    return w - lr * velocity, velocity


# %% rmsprop_step
def rmsprop_step(w, grad, square_avg, lr, alpha, eps):
    square_avg = alpha * square_avg + (1 - alpha) * grad**2
    return w - lr * grad / (square_avg.sqrt() + eps), square_avg


# %% adam_step
def adam_step(w, grad, m, v, t, lr, betas, eps):
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    # Both start at 0 and are too small at first; after t steps they lack this much.
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / (v_hat.sqrt() + eps), m, v
