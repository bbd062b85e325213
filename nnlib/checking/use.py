"""Ways to use an answer on a case: call it, name its parts, differentiate it, let it draw.

Each runs where the answer runs, and knows nothing of right answers.
"""

import torch


class Unusable(Exception):
    """What an answer did or returned is not what was asked for; the text says so in a sentence."""


def call(answer, *case):
    """Use an answer in the plainest way: call it with the case's arguments."""
    return answer(*case)


def parts(*names):
    """The `use` that names the several things an answer returns, in their order."""

    def use(answer, *case):
        return named(answer(*case), names)

    return use


def differentiate(*names, of="the result"):
    """The `use` that calls an answer, then sends gradients back through what it returns.

    names: the first floating-point tensors among the arguments, in order. of: what comes back; a
    tuple of names where it is several things. The outcome is a dict: each of these and, for each
    name, ``"the gradient for NAME"``, see `gradients`.
    """

    def use(answer, *case):
        outcome = named(answer(*case), of)
        places = [i for i, value in enumerate(case) if is_float_tensor(value)][: len(names)]
        # Copies of fresh leaves go in: an answer that works in place then fails in no other way.
        leaves = {i: case[i].detach().clone().requires_grad_() for i in places}
        copies = (leaves[i].clone() if i in leaves else value for i, value in enumerate(case))
        results = named(answer(*copies), of).values()
        return outcome | gradients(results, dict(zip(names, leaves.values(), strict=True)))

    return use


def gradients(results, leaves):
    """The gradients of one fixed weighted sum of all results, as plain data.

    leaves: ``{name: leaf of autograd}``. Returns ``{"the gradient for NAME": tensor}``, with None
    where autograd finds no connection.
    """
    recorded = [r for r in results if isinstance(r, torch.Tensor) and r.requires_grad]
    found = [None] * len(leaves)
    if recorded:
        # Every element weighs differently: in a plain sum, gradients could cancel unseen.
        weights = [torch.cos(torch.arange(r.numel(), dtype=r.dtype)) for r in recorded]
        weights = [w.reshape(r.shape) for w, r in zip(weights, recorded, strict=True)]
        found = torch.autograd.grad(recorded, list(leaves.values()), weights, allow_unused=True)
    named_gradients = zip(leaves, found, strict=True)
    return {f"the gradient for {name}": gradient for name, gradient in named_gradients}


def seeded(what, tidy=lambda drawn: drawn):
    """The `use` for an answer that draws: where it gets a generator, its last, a case has a seed.

    The outcome names what it gives, and gives in the next call, for the same seed and for another
    seed; `tidy` makes what an answer is free to choose the same for all.
    """

    def use(answer, *case):
        *arguments, seed = case
        generator, again, other = (
            torch.Generator().manual_seed(number) for number in (seed, seed, seed + 1)
        )
        return {
            what: tidy(answer(*arguments, generator)),
            f"{what} of the next call": tidy(answer(*arguments, generator)),
            f"{what} for the same seed": tidy(answer(*arguments, again)),
            f"{what} for another seed": tidy(answer(*arguments, other)),
        }

    return use


def named(returned, names):
    """What an answer returned as a dict: one thing under its name, several in the names' order."""
    if isinstance(names, str):
        return {names: returned}
    if not isinstance(returned, list | tuple) or len(returned) != len(names):
        it = f"{len(returned)} things" if isinstance(returned, list | tuple) else kind(returned)
        wanted = ", ".join(names[:-1]) + f" and {names[-1]}"
        raise Unusable(f"It should return {len(names)} things: {wanted}. It returned {it}.")
    return dict(zip(names, returned, strict=True))


def kind(value) -> str:
    """What a value is, in two words, such as "a tensor"."""
    name = "tensor" if isinstance(value, torch.Tensor) else type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def is_float_tensor(value) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def number(value):
    """A Python float for a number, also one of numpy's or a 0-d tensor; else the value itself."""
    item = value.item() if getattr(value, "shape", None) == () else value
    return float(item) if isinstance(item, int | float) and not isinstance(item, bool) else value


def one_of(letters):
    """The `use` of an answer that is one of several sentences, named by its letter, "a" or "A"."""

    def use(answer):
        letter = answer.strip().lower() if isinstance(answer, str) else None
        if letter not in list(letters):
            last = f"{', '.join(letters[:-1])} or {letters[-1]}"
            raise Unusable(f'It should be one of the letters {last}, in quotes, such as "a".')
        return letter

    return use


MOST_INPUTS, MOST_ELEMENTS = 12, 1000


def inputs(*names):
    """The `use` of an answer that is a list of inputs: tuples of arguments with these names.

    No more than 12, with up to 1000 elements each: they are tried on many functions.
    """

    def use(answer):
        form = f"a list of tuples ({', '.join(names)}), one for each input"
        if not isinstance(answer, list | tuple) or not answer:
            raise Unusable(f"It should be {form}.")
        if len(answer) > MOST_INPUTS:
            raise Unusable(f"It holds {len(answer)} inputs. {MOST_INPUTS} have to be enough.")
        for i, given in enumerate(answer, start=1):
            if not isinstance(given, list | tuple) or len(given) != len(names):
                raise Unusable(f"It should be {form}. Its input {i} is {kind(given)}.")
            if any(isinstance(v, torch.Tensor) and v.numel() > MOST_ELEMENTS for v in given):
                raise Unusable(f"Its input {i} has more than {MOST_ELEMENTS} elements.")
        return [tuple(given) for given in answer]

    return use
