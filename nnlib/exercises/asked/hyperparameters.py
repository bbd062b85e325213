"""What is asked in lesson 10, hyperparameters: the cases of each exercise, and their use."""

import torch

from nnlib.checking.cases import seed
from nnlib.checking.exercise import Asked
from nnlib.checking.use import inputs, is_float_tensor, one_of, seeded

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


kfold = Asked(
    "kfold",
    lambda generator: [
        # 7 in 3: sizes 3, 2, 2. 23 in 5: 5, 5, 5, 4, 4. 6 in 6: leave one out.
        (n, k, seed(generator))
        for n, k in ((7, 3), (23, 5), (24, 3), (10, 4), (14, 2), (6, 6))
    ],
    seeded("the list of folds", _smallest_first),
    signature="n, k, generator",
)


# -- grid ------------------------------------------------------------------------------------------


def _values(generator, n):
    """n different numbers, in rising order."""
    steps = 0.1 + torch.rand(n, generator=generator)
    return [round(value, 3) for value in steps.cumsum(0).tolist()]


def _place(config, space):
    """Where a configuration stands in the grid, to compare grids in any order."""
    return [space[n].index(config[n]) if config[n] in space[n] else -1 for n in space]


def _use_grid(grid, space):
    before = {name: list(values) for name, values in space.items()}
    configs = grid(space)
    knobs_match = isinstance(configs, list) and all(
        isinstance(config, dict) and config.keys() == before.keys() for config in configs
    )
    return sorted(configs, key=lambda config: _place(config, before)) if knobs_match else configs


def _grid_cases(generator):
    whole_numbers = torch.randint(1, 9, (5,), generator=generator)
    return [
        (
            {
                "width": whole_numbers[:3].cumsum(0).tolist(),
                "depth": whole_numbers[3:].cumsum(0).tolist(),
            },
        ),
        ({"C": _values(generator, 3), "gamma": _values(generator, 2)},),
        (
            {
                "lr": _values(generator, 2),
                "width": [8, 16, 32],
                "activation": ["relu", "tanh"],
            },
        ),
        ({"k": torch.randint(1, 99, (4,), generator=generator).cumsum(0).tolist()},),
        (
            {
                "penalty": ["l1", "l2"],
                "C": _values(generator, 2),
                "max_iter": [100],
                "tol": _values(generator, 2),
            },
        ),
    ]


grid = Asked("grid", _grid_cases, _use_grid, signature="space")


# -- best ------------------------------------------------------------------------------------------


def _best_cases(generator):
    def results(n, winner, scale=1.0, shift=0.0):
        """n results with the highest score at `winner`; no two scores are the same."""
        scores = torch.rand((), generator=generator) + torch.randperm(n, generator=generator)
        scores[scores.argmax()], scores[winner] = scores[winner].clone(), scores.max()
        knobs = (torch.rand(n, generator=generator) + torch.arange(n)).tolist()
        scores = (scale * scores / (n + 1) + shift).tolist()
        return [
            ({"lr": round(lr, 3), "depth": i}, score)
            for i, (lr, score) in enumerate(zip(knobs, scores, strict=True))
        ]

    return [
        (results(3, 1),),
        (results(6, 2),),
        (results(5, 3, scale=40.0, shift=-100.0),),  # minus a loss: all scores below 0
        (results(4, 0),),
        (results(4, 3, scale=30.0),),
        (results(5, 2, scale=0.004, shift=0.901),),  # close together
        (results(7, 4),),
        (results(1, 0),),
    ]


best = Asked("best", _best_cases, signature="results")


# -- log_uniform -----------------------------------------------------------------------------------


def _as_float64(draws):
    """Any floating-point dtype will do."""
    return draws.double() if is_float_tensor(draws) else draws


log_uniform = Asked(
    "log_uniform",
    lambda generator: [
        # Borders that are no powers of ten, on one side of 1 or on both; few numbers and many.
        (low * factor, high * factor, n, seed(generator))
        for (low, high, n), factor in zip(
            (
                (2.0, 200.0, 5),
                (1e-4, 0.1, 1500),
                (0.05, 600.0, 1500),
                (20.0, 3e4, 7),
                (2.0, 3.0, 1),
            ),
            (1 + torch.rand(5, generator=generator)).tolist(),
            strict=True,
        )
    ],
    seeded("the result", _as_float64),
    signature="low, high, n, generator",
)


# -- sample ----------------------------------------------------------------------------------------


def _sample_cases(generator):
    return [
        ({"width": [8, 16], "depth": [1, 2, 3]}, 5, seed(generator)),
        # Many more draws than combinations: each comes up, about equally often.
        ({"C": _values(generator, 3), "gamma": _values(generator, 3)}, 600, seed(generator)),
        (
            {
                "lr": _values(generator, 9),
                "width": [8, 16, 32, 64],
                "activation": ["relu", "tanh"],
            },
            12,
            seed(generator),
        ),
        ({"depth": [2], "lr": _values(generator, 40)}, 10, seed(generator)),
    ]


sample = Asked(
    "sample",
    _sample_cases,
    seeded("the list of configurations"),
    signature="space, n, generator",
)


# -- impostors, a decision, and predictions --------------------------------------------------------

grid_impostors = Asked("grid_impostors", lambda generator: [()], inputs("space"), kind="value")


def _letter(name):
    """One of five sentences that stand in the lesson, by its letter."""
    return Asked(name, lambda generator: [()], one_of("abcde"), kind="value")


next_step = _letter("next_step")
predict_neighbors = _letter("predict_neighbors")
predict_zeros = _letter("predict_zeros")
predict_small = _letter("predict_small")
predict_coins = _letter("predict_coins")
