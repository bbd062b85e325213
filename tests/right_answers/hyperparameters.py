"""Right answers to the exercises of lesson 10, written in other ways than the solutions."""

import functools
import itertools

import torch


def kfold_every_kth(n, k, generator):
    order = torch.randperm(n, generator=generator)
    folds = []
    for i in range(k):
        is_validation = torch.arange(n) % k == i
        folds.append([order[~is_validation], order[is_validation]])
    return folds


def kfold_sorted_with_larger_parts_last(n, k, generator):
    shuffled = torch.rand(n, generator=generator).argsort().tolist()
    borders = [n * i // k for i in range(k + 1)]
    for start, end in itertools.pairwise(borders):
        validation = sorted(shuffled[start:end])
        train = [i for i in range(n) if i not in validation]
        yield torch.tensor(train), torch.tensor(validation)


def best_with_a_loop(results):
    winner, highest = results[0]
    for config, score in results[1:]:
        if score > highest:
            winner, highest = config, score
    return winner


def best_with_argmax(results):
    scores = torch.tensor([score for _, score in results])
    return results[int(scores.argmax())][0]


def best_sorted(results):
    ranked = sorted(results, key=lambda result: -result[1])
    return dict(ranked[0][0])


def grid_by_product(space):
    combinations = itertools.product(*space.values())
    return [dict(zip(space, values, strict=True)) for values in combinations]


def grid_by_recursion(space):
    if not space:
        return [{}]
    *names, last = space
    rest = grid_by_recursion({name: space[name] for name in names})
    return [{last: value, **config} for config in reversed(rest) for value in space[last]]


def grid_by_reduce(space):
    def widen(configs, name):
        return [{**config, name: value} for config in configs for value in space[name]]

    return functools.reduce(widen, space, [{}])


def log_uniform_in_decimal(low, high, n, generator):
    low, high = torch.tensor([low, high], dtype=torch.float64).log10()
    return 10 ** torch.empty(n, dtype=torch.float64).uniform_(
        float(low), float(high), generator=generator
    )


def log_uniform_as_a_mixture(low, high, n, generator):
    u = torch.rand(n, generator=generator)
    return low**u * high ** (1 - u)


def sample_knob_by_knob(space, n, generator):
    columns = {
        name: torch.randint(len(values), (n,), generator=generator).tolist()
        for name, values in space.items()
    }
    return [{name: space[name][columns[name][i]] for name in space} for i in range(n)]


def sample_with_rand(space, n, generator):
    configs = []
    while len(configs) < n:
        u = torch.rand(len(space), generator=generator).tolist()
        configs.append({k: v[int(len(v) * u[i])] for i, (k, v) in enumerate(space.items())})
    return configs


RIGHT = {
    "kfold": [kfold_every_kth, kfold_sorted_with_larger_parts_last],
    "best": [best_with_a_loop, best_with_argmax, best_sorted],
    "grid": [grid_by_product, grid_by_recursion, grid_by_reduce],
    "log_uniform": [log_uniform_in_decimal, log_uniform_as_a_mixture],
    "sample": [sample_knob_by_knob, sample_with_rand],
    "grid_impostors": [
        [({"a": [1, 2], "b": [3, 4], "c": ["x", "y", "z"], "d": [5, 6]},)],
        [({"a": [1, 2]},), ({"lr": [1.0, 2.0], "k": [3, 4, 5], "m": [6, 7]},)],
    ],
    "next_step": ["c", "C"],
    "predict_neighbors": ["c", "C"],
    "predict_zeros": ["b", "B"],
    "predict_small": ["d", "D"],
    "predict_coins": ["d", "D"],
}
