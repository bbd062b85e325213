"""Many networks and few pictures to choose by: how much of a winner is luck."""

import torch

from nnlib import plots
from nnlib.widgets.living import Living


def best_of_many(chosen_by, truth, few=50) -> Living:
    """A slider for how many networks are tried; the winner's percent, and then the truth.

    chosen_by, truth: (N,), percent right of each network on the few pictures it is chosen by, and
    on many others. few: how many the few are.
    """
    chosen_by, truth = torch.as_tensor(chosen_by).double(), torch.as_tensor(truth).double()
    best = torch.cummax(chosen_by, dim=0)
    tries = range(1, len(truth) + 1)
    lines = {f"on the {few}": (tries, best.values), "in truth": (tries, truth[best.indices])}
    names = "networks tried", "the winner is right on (%)"
    picture = plots.curves(lines, "The best of many", *names)
    data = {"chosen_by": chosen_by.tolist(), "truth": truth.tolist(), "few": few}
    return Living("best_of_many", data, picture)
