"""What is known of the exercises of lesson 10, hyperparameters: right answers, mistakes, hints."""

import itertools
import math

import torch

from nnlib.checking.exercise import Exercise
from nnlib.checking.impostors import catch
from nnlib.exercises.asked import hyperparameters as asked
from nnlib.exercises.known.generators import ignoring

# -- kfold -----------------------------------------------------------------------------------------


def _cut(order, sizes):
    """The pairs (train, validation) for validation parts of these sizes, cut from an order."""
    parts = order.split(sizes)
    return [
        (torch.cat([part for j, part in enumerate(parts) if j != i]), parts[i])
        for i in range(len(parts))
    ]


def _even_sizes(n, k):
    return [n // k + (i < n % k) for i in range(k)]


def _kfold(n, k, generator):
    return _cut(torch.randperm(n, generator=generator), _even_sizes(n, k))


def _judge_kfold(outcome, n, k, seed):
    everyone = torch.arange(n)
    for folds in outcome.values():
        if not torch.equal(torch.cat([part for _, part in folds]).sort().values, everyone):
            return "The validation parts should hold each of 0…n−1 once, all of them together."
        for fold in folds:
            if not torch.equal(torch.cat(fold).sort().values, everyone):
                return "In a fold, train and validation together should hold each of 0…n−1 once."
    first, following, same, other = (
        {tuple(sorted(part.tolist())) for _, part in folds} for folds in outcome.values()
    )
    if first != same:
        return "Two generators with the same seed lead to different folds."
    if k == n or n < 20:
        return None  # few samples, or each a validation part of its own: the same folds may come by chance
    if all(_is_an_arc(part, n) for part in first | other):
        return "Every validation part holds neighbors, such as 0, 1, 2. Draw a random order."
    if first == other:
        return "Another seed leads to the same folds."
    return "The same generator gives the same folds again." if first == following else None


def _is_an_arc(part, n):
    """Whether these indices, in rising order, follow each other, where 0 comes after n − 1."""
    gaps = [after - before for before, after in itertools.pairwise([*part, part[0] + n])]
    return sum(gap > 1 for gap in gaps) <= 1


def _rolled(n, k, generator):
    by = int(torch.randint(n, (), generator=generator))
    return _cut(torch.arange(n).roll(by), _even_sizes(n, k))


def _unshuffled(n, k, generator):
    return _cut(torch.arange(n), _even_sizes(n, k))


def _swapped(n, k, generator):
    return [(validation, train) for train, validation in _kfold(n, k, generator)]


def _rest_is_lost(n, k, generator):
    return _cut(torch.randperm(n, generator=generator)[: n // k * k], [n // k] * k)


def _rest_into_the_last(n, k, generator):
    return _cut(torch.randperm(n, generator=generator), [n // k] * (k - 1) + [n - n // k * (k - 1)])


def _rounded_up(n, k, generator):
    parts = torch.randperm(n, generator=generator).chunk(k)
    return _cut(torch.cat(parts), [len(part) for part in parts])


def _drawn_for_each_fold(n, k, generator):
    return [_cut(torch.randperm(n, generator=generator), [n - size, size])[1]
            for size in _even_sizes(n, k)]  # fmt: skip


def _trained_on_all(n, k, generator):
    return [(torch.arange(n), validation) for _, validation in _kfold(n, k, generator)]


kfold = Exercise(
    asked.kfold,
    reference=_kfold,
    judge=_judge_kfold,
    mistakes={
        "Nothing is shuffled. Data often comes in an order, so draw a random one first:"
        " torch.randperm.": _unshuffled,
        "Only the start is random, and neighbors stay together. Draw a random order:"
        " torch.randperm.": _rolled,
        "The two parts are swapped: the large part is for training and comes first.": _swapped,
        "When k does not divide n, the rest is in no validation part. Each sample has its turn.": (
            _rest_is_lost
        ),
        "The last fold takes the whole rest. Share it out, so that sizes differ by at most 1.": (
            _rest_into_the_last
        ),
        "The size of a part is rounded up, so the last one comes up short or is missing:"
        " torch.chunk does that, tensor_split does not.": _rounded_up,
        "Each fold draws its validation part anew, so some samples have two turns and others none."
        " Shuffle once, then cut.": _drawn_for_each_fold,
        "The training part holds the validation samples too. A model is then examined on what it"
        " has seen.": _trained_on_all,
        **ignoring(_kfold),
    },
    hints=(
        "Three steps: all indices in a random order; cut into k parts; each part is the validation"
        " part once, the others together are its training part.",
        "`torch.randperm(n, generator=generator).tensor_split(k)` cuts into k parts whose sizes"
        " differ by at most 1.",
        "For part i: `torch.cat` of all parts j with j ≠ i is the training part.",
    ),
    points=3,
)


# -- grid ------------------------------------------------------------------------------------------


def _grid(space):
    return [dict(zip(space, values)) for values in itertools.product(*space.values())]


def _one_at_a_time(space):
    first = {name: values[0] for name, values in space.items()}
    return [first] + [first | {n: v} for n, values in space.items() for v in values[1:]]


def _emptied(space):
    if not space:
        return [{}]
    name, values = space.popitem()
    return [config | {name: value} for config in _emptied(space) for value in values]


def _same_dict(space):
    configs, config = [], {}
    for values in itertools.product(*space.values()):
        config.update(zip(space, values))
        configs.append(config)
    return configs


grid = Exercise(
    asked.grid,
    reference=_grid,
    mistakes={
        "It pairs first with first, second with second. Every value of a knob should meet every"
        " value of the others.": (
            lambda space: [dict(zip(space, values)) for values in zip(*space.values())]
        ),
        "It turns one knob at a time and leaves the others at their first value. A grid holds all"
        " combinations.": _one_at_a_time,
        "All entries are one and the same dict, changed again and again. Make a new dict for each"
        " combination.": _same_dict,
        "It combines two knobs and ignores the rest. A space may have any number of knobs.": (
            lambda space: _grid(dict(list(space.items())[:2]))
        ),
        "Each combination is a bare tuple of values. Put the names of the knobs to them:"
        " dict(zip(names, values)).": lambda space: list(itertools.product(*space.values())),
        "It goes through the letters of the knobs' names. Their values are in space.values().": (
            lambda space: [dict(zip(space, values)) for values in itertools.product(*space)]
        ),
        "It empties the caller's space: popitem() and pop() take out what they give. Work on a"
        " copy.": _emptied,
        "A configuration holds one value for each knob, not the whole list.": (
            lambda space: [dict(space) for _ in itertools.product(*space.values())]
        ),
    },
    hints=(
        "For two knobs these are two loops, one inside the other. For any number of knobs, look"
        " at `product` in Python's itertools.",
        "After `import itertools`, `itertools.product(*space.values())` gives every combination"
        " of values, as tuples.",
        "`zip` pairs the knobs' names with one such tuple, and `dict` makes a configuration of"
        " pairs.",
    ),
    points=2,
)


# -- best ------------------------------------------------------------------------------------------


def _judge_best(config, results):
    return None if config == _best(results) else "Another configuration has a higher score."


def _best(results):
    return max(results, key=lambda result: result[1])[0]


def _best_above_zero(results):
    found, highest = None, 0
    for config, score in results:
        if score > highest:
            found, highest = config, score
    return found


def _best_sorts(results):
    results.sort(key=lambda result: result[1])
    return results[-1][0]


def _best_after_a_rise(results):
    winner = results[0][0]
    for (_, before), (config, score) in itertools.pairwise(results):
        if score > before:
            winner = config
    return winner


def _best_ranked(results):
    ranked = sorted(results)
    return ranked[-1][0]


best = Exercise(
    asked.best,
    reference=_best,
    judge=_judge_best,
    mistakes={
        "That is the configuration with the lowest score. A score is better when it is higher.": (
            lambda results: min(results, key=lambda result: result[1])[0]
        ),
        "That is the pair of configuration and score. The configuration alone is asked for.": (
            lambda results: max(results, key=lambda result: result[1])
        ),
        "That is the highest score. Which configuration earned it?": (
            lambda results: max(score for _, score in results)
        ),
        "That is the position of the winner. Take the configuration that stands there.": (
            lambda results: max(range(len(results)), key=lambda i: results[i][1])
        ),
        "It starts from a highest score of 0, so negative scores never win. Start from the first"
        " score, or from float('-inf').": _best_above_zero,
        "max(results) compares the pairs, and so the dicts first. Give it a key= that picks the"
        " score of a pair.": (lambda results: max(results)[0]),
        "sorted(results) compares the pairs, and so the dicts first. Give it a key= that picks the"
        " score of a pair.": _best_ranked,
        "results.sort() reorders the caller's list. sorted() makes a new one, and max needs no"
        " order at all.": _best_sorts,
        "That is simply the last configuration.": lambda results: results[-1][0],
        "It compares each score with the one before. Compare with the best so far.": _best_after_a_rise,
        "Scores that differ by little count as equal: they were rounded. Compare them as they are.": (
            lambda results: max(results, key=lambda result: round(result[1], 2))[0]
        ),
    },
    hints=(
        "Go through the pairs and keep the best one so far.",
        "max(…, key=f) compares f(item) instead of the items. What is the score of a pair?",
    ),
)


# -- log_uniform -----------------------------------------------------------------------------------


def _log_uniform(low, high, n, generator):
    exponents = torch.rand(n, generator=generator, dtype=torch.float64)
    return low * (high / low) ** exponents


def _within(draws, low, high):
    slack = 1e-5 * max(abs(low), abs(high))  # float32
    return bool(((draws >= low - slack) & (draws <= high + slack)).all())


def _judge_log_uniform(outcome, low, high, n, seed):
    draws, following, same, other = outcome.values()
    if not draws.isfinite().all():
        return "Some numbers are not finite."
    if not torch.equal(draws, same):
        return "Two generators with the same seed lead to different numbers."
    if not _within(draws, low, high):
        for name, log in (("natural", math.log), ("decimal", math.log10)):
            if _within(draws, log(low), log(high)):
                return f"The numbers lie between the {name} logarithms of low and high."
        return "Some numbers lie below low or above high."
    # How far along they are from low to high on a logarithmic scale: uniform between 0 and 1.
    along = (draws / low).log().sort().values / math.log(high / low)
    distance = (along - torch.linspace(0, 1, n, dtype=torch.float64)).abs().max()
    if n > 1 and distance < 1e-3:
        return "On a logarithmic scale the numbers stand at equal distances from low to high."
    if torch.equal(draws, other):
        return "Another seed leads to the same numbers."
    if torch.equal(draws, following):
        return "The same generator gives the same numbers again."
    if n < 100:
        return None  # too few to see how they are spread
    if (draws.diff() >= 0).all() or (draws.diff() <= 0).all():
        return "The numbers come sorted. Random ones come in any order."
    if len(draws.unique()) < 0.9 * n:
        return "Many of the numbers are the same."
    if distance > 0.08:
        many = "few" if (along < 0.5).double().mean() < 0.5 else "many"
        return (
            f"Too {many} numbers lie below √(low·high), or they crowd. On a logarithmic scale"
            " every stretch should get its share."
        )
    return None


def _whole_exponents(low, high, n, generator):
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    return 10.0 ** torch.randint(first, last + 1, (n,), generator=generator)


def _between(low, high, n, generator):
    return low + (high - low) * torch.rand(n, generator=generator)


log_uniform = Exercise(
    asked.log_uniform,
    reference=_log_uniform,
    judge=_judge_log_uniform,
    mistakes={
        "Those numbers are uniform between low and high, so nearly all have the size of high. Draw"
        " the exponent instead.": _between,
        "Those are logarithms, uniform between log(low) and log(high). Turn them back into numbers"
        " with exp.": (lambda low, high, n, g: _between(math.log(low), math.log(high), n, g)),
        "Those are exponents of ten. Turn them back into numbers: 10 ** them.": (
            lambda low, high, n, g: _between(math.log10(low), math.log10(high), n, g)
        ),
        "Two bases are mixed: log and exp belong together, and so do log10 and 10 **.": (
            lambda low, high, n, g: 10 ** _between(math.log(low), math.log(high), n, g)
        ),
        "Only whole powers of ten come up. The exponent is any number, not only a whole one.": (
            _whole_exponents
        ),
        "Nothing is random: the numbers are evenly spaced. Draw each one with the generator.": (
            lambda low, high, n, g: torch.logspace(math.log10(low), math.log10(high), n)
        ),
        "It draws once and repeats that number. Draw n of them.": (
            lambda low, high, n, g: _log_uniform(low, high, 1, g).repeat(n)
        ),
        **ignoring(_log_uniform),
    },
    hints=(
        "Draw the logarithm of the number uniformly, then undo the logarithm.",
        "u = torch.rand(n, generator=generator) is uniform from 0 to 1, and a + (b − a)·u is"
        " uniform from a to b.",
        "a and b are the logarithms of low and high, `torch.tensor([low, high]).log()`. What"
        " undoes a logarithm?",
    ),
    points=2,
)


# -- sample ----------------------------------------------------------------------------------------


def _choose(values, generator):
    return values[int(torch.randint(len(values), (), generator=generator))]


def _sample(space, n, generator):
    return [{name: _choose(values, generator) for name, values in space.items()} for _ in range(n)]


def _judge_sample(outcome, space, n, seed):
    configs, following, same, other = outcome.values()
    for name, values in space.items():
        if any(config[name] not in values for config in configs):
            return f"Some values of the knob {name} are not among those in the space."
    if configs != same:
        return "Two generators with the same seed lead to different configurations."
    if math.prod(len(values) for values in space.values()) ** n < 1e9:
        return None  # the same may come twice by chance
    if configs == other:
        return "Another seed leads to the same configurations."
    if configs == following:
        return "The same generator gives the same configurations again."
    if all(config == configs[0] for config in configs):
        return "All n configurations are the same."
    return _judge_shares(configs, space, n) if n >= 100 else None  # few draws tell nothing


def _judge_shares(configs, space, n):
    """A complaint about how often values come up, alone, together and one after the other."""
    even = True
    for name, values in space.items():
        counts = [sum(config[name] == value for config in configs) for value in values]
        if 0 in counts:
            return f"Among {n} draws of the knob {name}, one of its values never came up."
        if not all(_is_likely(count, n, 1 / len(values)) for count in counts):
            return f"Some values of the knob {name} come up far more often than others."
        even = even and len(set(counts)) == 1
    if even:
        return "Every value comes up exactly as often as the others. Chance is never so even."
    combinations = _grid(space)
    counts = [sum(config == wanted for config in configs) for wanted in combinations]
    if 0 in counts:
        return f"Among {n} draws some combinations of values never came up."
    if not all(_is_likely(count, n, 1 / len(combinations)) for count in counts):
        return "Some combinations come up far more often than others."
    turned = sum(
        all(one[name] != other[name] for name in space)
        for one, other in itertools.pairwise(configs)
    )
    share = math.prod(1 - 1 / len(values) for values in space.values())
    if not _is_likely(turned, n - 1, share):
        return "A configuration depends on the one before. Each is drawn anew."
    return None


def _is_likely(count, n, share):
    """Whether n draws with this share give such a count: within five standard deviations."""
    return abs(count - n * share) < 5 * math.sqrt(n * share * (1 - share))


def _walk(space, n, generator):
    configs, config = [], _sample(space, 1, generator)[0]
    for _ in range(n):
        name = _choose(list(space), generator)
        config = config | {name: _choose(space[name], generator)}
        configs.append(config)
    return configs


def _at(space, n, position):
    """n configurations, each knob at ``position(its number of values)``."""
    return [
        {name: values[int(position(len(values)))] for name, values in space.items()}
        for _ in range(n)
    ]


def _rounded_positions(space, n, generator):
    return _at(space, n, lambda k: torch.round(torch.rand((), generator=generator) * (k - 1)))


def _small_positions(space, n, generator):
    return _at(space, n, lambda k: k * torch.rand(2, generator=generator).prod())


def _the_same_dict(space, n, generator):
    configs, config = [], {}
    for _ in range(n):
        config.update(_sample(space, 1, generator)[0])
        configs.append(config)
    return configs


def _one_index(space, n, generator):
    draws = torch.randint(10**4, (n,), generator=generator).tolist()
    return [{name: values[i % len(values)] for name, values in space.items()} for i in draws]


def _without_repeats(space, n, generator):
    configs = _grid(space)
    return [configs[i] for i in torch.randperm(len(configs), generator=generator)[:n].tolist()]


def _never_the_last(space, n, generator):
    return _sample({name: values[:-1] or values for name, values in space.items()}, n, generator)


def _anywhere_between(space, n, generator):
    def between(values):
        if isinstance(values[0], str):
            return _choose(values, generator)
        u = float(torch.rand((), generator=generator))
        return type(values[0])(min(values) + (max(values) - min(values)) * u)

    return [{name: between(values) for name, values in space.items()} for _ in range(n)]


def _positions(space, n, generator):
    return _sample({name: list(range(len(v))) for name, v in space.items()}, n, generator)


sample = Exercise(
    asked.sample,
    reference=_sample,
    judge=_judge_sample,
    mistakes={
        "One draw turns all knobs at once, so the first value of one always meets the first of the"
        " others. Draw for each knob on its own.": _one_index,
        "It draws one configuration and repeats it. Draw anew for each of the n.": (
            lambda space, n, generator: _sample(space, 1, generator) * n
        ),
        "It shuffles the grid, so no combination comes twice and n may not fit. Draw each"
        " configuration without looking at the others.": _without_repeats,
        "The last value of a knob never comes up. torch.randint leaves its upper end out already.": (
            _never_the_last
        ),
        "It draws anywhere between a knob's smallest and largest value. Choose from its list.": (
            _anywhere_between
        ),
        "Those are positions in the lists. Take the values that stand there.": _positions,
        "Each configuration is a bare tuple of values. Put the names of the knobs to them.": (
            lambda space, n, generator: [tuple(c.values()) for c in _sample(space, n, generator)]
        ),
        "Only one knob is turned from each configuration to the next. Every configuration is drawn"
        " anew, without a look at the one before.": _walk,
        "Rounding to the nearest position gives the first and the last value half as often as the"
        " others. Round down, or draw whole numbers.": _rounded_positions,
        "Positions near the start come up more often than others: all values should be equally"
        " likely.": _small_positions,
        "All entries are one and the same dict, changed again and again. Make a new one for each.": (
            _the_same_dict
        ),
        **ignoring(_sample),
    },
    hints=(
        "For each of the n configurations, and in it for each knob, choose one value.",
        "`torch.randint(len(values), (), generator=generator)` is a random position in a list.",
        "int(…) turns that tensor into a number that can stand in values[…].",
    ),
    points=2,
)


# -- grid_impostors --------------------------------------------------------------------------------

grid_impostors = catch(
    asked.grid_impostors,
    grid,
    reference=[({"width": [8, 16], "depth": [1, 2, 3], "lr": [0.1, 0.2]},)],
    mistakes={
        "One knob is no test: whoever combines knobs wrongly, or two of them only, looks right.": [
            ({"C": [1, 10, 100]},)
        ],
        "Two knobs are not enough: an impostor that looks at two and no more gets through.": [
            ({"C": [1, 10, 100], "gamma": [0.1, 1]},)
        ],
        "Every knob has one value, so there is one configuration, and hardly a way to miss it.": [
            ({"C": [1], "gamma": [0.1], "lr": [0.5]},)
        ],
        "A single knob with a single value: nearly everybody gives that one configuration.": [
            ({"C": [1]},)
        ],
    },
    hints=(
        "Go through the faults that the text names: on which space would each of them show?",
        "How many knobs does it take to find out who looks at two only?",
    ),
)


# -- a decision ------------------------------------------------------------------------------------

next_step = Exercise(
    asked.next_step,
    reference="c",
    mistakes={
        "Higher by 1 percent, with a luck of 1.3 percent, from one seed each: that decides"
        " nothing.": "a",
        "Whoever chooses on the test set has nothing left to measure with.": "b",
        "The best value stands at the edge of the range. What lies on its other side?": "d",
        "The learning rate comes first, and it is not settled: another width will not mend a bad"
        " one.": "e",
    },
    hints=(
        "Compare the difference of the two scores with the luck that the last line computes.",
        "Where in its range does the best value stand, and what follows from that?",
    ),
)


# -- predictions -----------------------------------------------------------------------------------

predict_neighbors = Exercise(
    asked.predict_neighbors,
    reference="c",
    mistakes={
        "Which sample is the nearest to one that is stored? Think of k = 1 there.": "a",
        "With k = 1 a stored sample finds itself. The others have no such friend.": "b",
        "Turned around: the one who knows the answers already is not the other tumor.": "d",
        "With 257 of 300, nearly all vote in every election, also those that are far away.": "e",
    },
    points=0,
)

predict_zeros = Exercise(
    asked.predict_zeros,
    reference="b",
    mistakes={
        "Near 0 one of the two penalties pulls as strongly as anywhere else.": "a",
        "Look at the slope of half w² near 0: how strongly does it still pull?": "c",
        "Do both still pull when a weight is nearly 0? Look at their slopes there.": "d",
        "Some is right in that. But look at the slope of half w² near 0.": "e",
    },
    points=0,
)

predict_small = Exercise(
    asked.predict_small,
    reference="d",
    mistakes={
        "So it is in the logarithm. Here every stretch counts by its length.": "a",
        "Half of the draws lie below the middle, and the middle is about 0.5.": "b",
        "A quarter of the draws lie below 0.25.": "c",
        "That is about the share below 0.001.": "e",
    },
    points=0,
)

predict_coins = Exercise(
    asked.predict_coins,
    reference="d",
    mistakes={
        "That is what they score on average. The best of them is above the average.": "a",
        "A single one is off by 7 percent as a rule, up or down. And the best of a hundred?": "b",
        "One of ten people scores as much as that. There are a hundred.": "c",
        "That would be 42 or 43 heads of 50. Fewer than one in a million people have so many.": "e",
    },
    points=0,
)

EXERCISES = (
    predict_neighbors,
    predict_zeros,
    kfold,
    grid,
    grid_impostors,
    best,
    predict_small,
    log_uniform,
    sample,
    predict_coins,
    next_step,
)
