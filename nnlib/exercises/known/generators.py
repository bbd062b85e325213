"""The mistakes of answers that draw from another generator than the one they are given."""

import torch


def ignoring(right):
    """``{message: wrong answer}``, made of a right answer whose last argument is the generator."""

    def with_torchs_own(*arguments):
        return right(*arguments[:-1], None)

    def with_a_seed_of_its_own(*arguments):
        return right(*arguments[:-1], torch.Generator().manual_seed(0))

    def seeded_again(*arguments):
        generator = arguments[-1]
        return right(*arguments[:-1], generator.manual_seed(generator.initial_seed()))

    return {
        "The generator is not used. Hand it on: generator=generator.": with_torchs_own,
        "It draws the same every time, whatever generator comes in. Make no generator or seed of"
        " your own.": with_a_seed_of_its_own,
        "The generator starts again with every call. Draw from it as it is, do not seed it.": (
            seeded_again
        ),
    }
