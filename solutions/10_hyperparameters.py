"""Answers to the exercises of lesson 10, hyperparameters."""

import torch

# %% predict_neighbors
predict_neighbors = "c"


# %% predict_zeros
predict_zeros = "b"


# %% kfold
def kfold(n, k, generator):
    order = torch.randperm(n, generator=generator)
    parts = order.tensor_split(k)  # their sizes differ by at most 1
    folds = []
    for i in range(k):
        train = torch.cat([parts[j] for j in range(k) if j != i])
        folds.append((train, parts[i]))
    return folds


# %% grid
def grid(space):
    configs = [{}]
    for name, values in space.items():  # each knob multiplies the configurations so far
        configs = [config | {name: value} for config in configs for value in values]
    return configs


# %% grid_impostors
# Three knobs with several values each; not all of them with as many.
grid_impostors = [({"width": [8, 16], "depth": [1, 2, 3], "lr": [0.1, 0.2]},)]


# %% best
def best(results):
    config, _ = max(results, key=lambda result: result[1])  # compare scores, not configurations
    return config


# %% predict_small
predict_small = "d"


# %% log_uniform
def log_uniform(low, high, n, generator):
    # Uniform between the logarithms; exp turns them back into numbers.
    a, b = torch.tensor([low, high]).log()
    u = torch.rand(n, generator=generator)
    return torch.exp(a + (b - a) * u)


# %% sample
def sample(space, n, generator):
    configs = []
    for _ in range(n):
        config = {}
        for name, values in space.items():  # a draw for each knob
            position = int(torch.randint(len(values), (), generator=generator))
            config[name] = values[position]
        configs.append(config)
    return configs


# %% predict_coins
predict_coins = "d"


# %% next_step
next_step = "c"
