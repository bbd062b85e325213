"""What is asked in lesson 10, hyperparameters: the cases of each exercise, and how an answer is used."""

import torch

from nnlib.checking.exercise import Asked

# -- kfold -----------------------------------------------------------------------------------------


def _smallest_first(folds):
    """The folds by the size of their validation part: which of them are larger is free."""
    folds = [tuple(pair) if isinstance(pair, list) else pair for pair in folds]
    sizes = [
        len(pair[1])
        for pair in folds
        if isinstance(pair, tuple) and len(pair) == 2
        and isinstance(pair[1], torch.Tensor) and pair[1].dim() == 1
    ]  # fmt: skip
    if len(sizes) < len(folds):
        return folds  # not what was asked for; the comparison says so
    return sorted(folds, key=lambda pair: len(pair[1]))


def _use_kfold(kfold, n, k, seed):
    generator = torch.Generator().manual_seed(seed)
    again = torch.Generator().manual_seed(seed)
    other = torch.Generator().manual_seed(seed + 1)
    return {
        "the list of folds": _smallest_first(kfold(n, k, generator)),
        "the list of folds of the next call": _smallest_first(kfold(n, k, generator)),
        "the list of folds for the same seed": _smallest_first(kfold(n, k, again)),
        "the list of folds for another seed": _smallest_first(kfold(n, k, other)),
    }


kfold = Asked(
    name="kfold",
    signature="n, k, generator",
    cases=lambda generator: [
        # 23 in 5: sizes 5, 5, 5, 4, 4. 10 in 4: 3, 3, 2, 2. 6 in 6: leave one out.
        (n, k, int(torch.randint(10**6, (), generator=generator)))
        for n, k in ((23, 5), (24, 3), (10, 4), (14, 2), (6, 6))
    ],
    use=_use_kfold,
)


# -- grid ------------------------------------------------------------------------------------------


def _place(config, space):
    """Where a configuration stands in the grid, to compare grids in any order."""
    return [space[n].index(config[n]) if config[n] in space[n] else -1 for n in space]


def _use_grid(grid, space):
    configs = grid(space)
    knobs_match = isinstance(configs, list) and all(
        isinstance(config, dict) and config.keys() == space.keys() for config in configs
    )
    if knobs_match:
        configs = sorted(configs, key=lambda config: _place(config, space))
    return {"the result": configs, "the space afterwards": space}


def _grid_cases(generator):
    def draw(n):
        return [round(v, 3) for v in torch.rand(n, generator=generator).cumsum(0).tolist()]

    return [
        ({"C": draw(3), "gamma": draw(2)},),
        ({"lr": draw(2), "width": [8, 16, 32], "activation": ["relu", "tanh"]},),
        ({"k": torch.randint(1, 99, (4,), generator=generator).cumsum(0).tolist()},),
        ({"penalty": ["l1", "l2"], "C": draw(2), "max_iter": [100], "tol": draw(2)},),
    ]


grid = Asked(
    name="grid",
    signature="space",
    cases=_grid_cases,
    use=_use_grid,
)


# -- best ------------------------------------------------------------------------------------------


def _use_best(best, results):
    return {"the result": best(results), "the list of results afterwards": results}


def _best_cases(generator):
    def results(n, winner, scale=1.0, shift=0.0):
        """n results with the highest score at `winner`; no two scores are the same."""
        scores = torch.rand((), generator=generator) + torch.randperm(n, generator=generator)
        scores[scores.argmax()], scores[winner] = scores[winner].clone(), scores.max()
        knobs = (torch.rand(n, generator=generator) + torch.arange(n)).tolist()
        scores = (scale * scores / (n + 1) + shift).tolist()
        return [
            ({"lr": round(lr, 3), "depth": i}, s) for i, (lr, s) in enumerate(zip(knobs, scores))
        ]

    return [
        (results(6, 2),),
        (results(5, 3, scale=40.0, shift=-100.0),),  # minus a loss: all scores below 0
        (results(4, 0),),
        (results(4, 3, scale=30.0),),
        (results(7, 4),),
        (results(1, 0),),
    ]


best = Asked(
    name="best",
    signature="results",
    cases=_best_cases,
    use=_use_best,
)


# -- log_uniform -----------------------------------------------------------------------------------


def _as_float64(draws):
    """Any floating-point dtype will do."""
    is_float = isinstance(draws, torch.Tensor) and draws.is_floating_point()
    return draws.double() if is_float else draws


def _use_log_uniform(log_uniform, low, high, n, seed):
    generator = torch.Generator().manual_seed(seed)
    again = torch.Generator().manual_seed(seed)
    other = torch.Generator().manual_seed(seed + 1)
    return {
        "the result": _as_float64(log_uniform(low, high, n, generator)),
        "the result of the next call": _as_float64(log_uniform(low, high, n, generator)),
        "the result for the same seed": _as_float64(log_uniform(low, high, n, again)),
        "the result for another seed": _as_float64(log_uniform(low, high, n, other)),
    }


log_uniform = Asked(
    name="log_uniform",
    signature="low, high, n, generator",
    cases=lambda generator: [
        # Borders that are no powers of ten, on one side of 1 or on both; few numbers and many.
        (low * factor, high * factor, n, seed)
        for (low, high, n), factor, seed in zip(
            ((1e-4, 0.1, 1500), (0.05, 600.0, 1500), (20.0, 3e4, 7), (2.0, 3.0, 1)),
            (1 + torch.rand(4, generator=generator)).tolist(),
            torch.randint(10**6, (4,), generator=generator).tolist(),
        )
    ],
    use=_use_log_uniform,
)


# -- sample ----------------------------------------------------------------------------------------


def _use_sample(sample, space, n, seed):
    generator = torch.Generator().manual_seed(seed)
    again = torch.Generator().manual_seed(seed)
    other = torch.Generator().manual_seed(seed + 1)
    return {
        "the list of configurations": sample(space, n, generator),
        "the list of configurations of the next call": sample(space, n, generator),
        "the list of configurations for the same seed": sample(space, n, again),
        "the list of configurations for another seed": sample(space, n, other),
        "the space afterwards": space,
    }


def _sample_cases(generator):
    def draw(n):
        return [round(v, 3) for v in (0.1 + torch.rand(n, generator=generator)).cumsum(0).tolist()]

    def seed():
        return int(torch.randint(10**6, (), generator=generator))

    return [
        # Many more draws than combinations: each comes up, about equally often.
        ({"C": draw(3), "gamma": draw(3)}, 180, seed()),
        ({"lr": draw(9), "width": [8, 16, 32, 64], "activation": ["relu", "tanh"]}, 12, seed()),
        ({"depth": [2], "lr": draw(40)}, 10, seed()),
    ]


sample = Asked(
    name="sample",
    signature="space, n, generator",
    cases=_sample_cases,
    use=_use_sample,
)
