"""The training loop that lesson 08 builds by hand, and nothing more.

``Batches`` cuts data into batches, ``fit`` trains, ``evaluate`` measures, ``accuracy`` is the
metric most lessons use, and ``History`` holds one number an epoch for each of them.
"""

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import length_hint

import torch
from torch import Tensor, nn
from tqdm import tqdm

__all__ = ["Batches", "History", "accuracy", "evaluate", "fit"]


class Batches:
    """Cut X and y into batches: iterating gives pairs (X[i], y[i]), once for every row.

    X, y: tensors of any shape and dtype with the same number of rows, at least one.
    Every batch has ``batch_size`` rows, only the last may be shorter; ``len()`` counts batches.
    With ``shuffle`` each pass draws another order from a random generator of its own: the same
    ``seed`` gives the same orders again. Use ``shuffle=False`` for evaluation.

    Why not ``torch.utils.data.DataLoader``: it fetches one sample after another and stacks them,
    which suits files on a disk. Data that is already one tensor is faster indexed once a batch.

    Raises ValueError for a different number of rows, no rows, or ``batch_size`` below 1.
    """

    def __init__(self, X: Tensor, y: Tensor, batch_size: int, shuffle=True, seed=0):
        if len(X) != len(y) or len(X) == 0:
            raise ValueError(f"X has {len(X)} rows and y has {len(y)}: give each row one target.")
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}: a batch needs at least 1 row.")
        self.X, self.y, self.batch_size, self.shuffle = X, y, batch_size, shuffle
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return math.ceil(len(self.X) / self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        n = len(self.X)
        order = torch.randperm(n, generator=self.generator) if self.shuffle else torch.arange(n)
        for i in order.split(self.batch_size):
            yield self.X[i], self.y[i]


@dataclass(repr=False)
class History:
    """What ``fit`` measured: for "loss" and each metric a list with one number an epoch.

    ``train`` is measured during the epoch, while the parameters still move (and dropout is on);
    ``validation`` after it, in eval mode. ``validation`` is empty if ``fit`` was given none.
    Printed, it is one line about the last epoch, with the few digits that hold on any machine.
    """

    train: dict[str, list[float]] = field(default_factory=dict)
    validation: dict[str, list[float]] = field(default_factory=dict)

    def __repr__(self) -> str:
        epochs = len(self.train["loss"])
        parts = [
            ", ".join(kind + _short(name, values[-1]) for name, values in lists.items())
            for kind, lists in (("", self.train), ("validation ", self.validation))
            if lists
        ]
        return f"{epochs} epoch{'s' if epochs > 1 else ''}: {'; '.join(parts)}"


def fit(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    epochs: int,
    *,
    validation: Iterable[tuple[Tensor, Tensor]] | None = None,
    metrics: dict[str, Callable[[Tensor, Tensor], Tensor | float]] | None = None,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    progress: bool = True,
) -> History:
    """Train ``model`` in place: ``epochs`` times over ``batches``, one optimizer step a batch.

    batches, validation: pairs (X, y) that can be gone through again each epoch: ``Batches``, a
    DataLoader or a list. They are moved to the device of the model's parameters.
    loss_fn, metrics: functions of (y_hat, y) that return the mean over the batch. An epoch's
    number is the mean over all samples: a short last batch counts less.
    scheduler: its ``step()`` is called after every optimizer step, not once an epoch.
    progress: a bar while it runs, and one line about the last epoch when it is done.

    The model is in train mode while it learns and in eval mode while it is validated. At the end,
    also after an error, every module is back in the mode it was in before.

    Raises ValueError for ``epochs`` below 1, batches that yield nothing (a generator does in its
    second epoch), or an optimizer made for another model; FloatingPointError after the epoch in
    which the loss became infinite or nan.
    """
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}: training needs at least 1.")
    _check_optimizer(optimizer, model)
    device = _device(model)
    history = History()
    with _modes_restored(model), _bar(epochs * length_hint(batches), progress) as bar:
        for epoch in range(1, epochs + 1):
            bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
            model.train()
            means = _Means(metrics)
            for X, y in batches:
                X, y = X.to(device), y.to(device)
                y_hat = model(X)
                loss = loss_fn(y_hat, y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if scheduler is not None:
                    scheduler.step()
                means.add(loss, y_hat, y)
                if bar.update():  # true when the bar was drawn: read the loss only that often
                    bar.set_postfix_str(f"loss {loss.item():.2g}", refresh=False)
            _append(history.train, means.result(f"in epoch {epoch}, batches"))
            if not math.isfinite(history.train["loss"][-1]):
                raise FloatingPointError(
                    f"The loss became infinite or nan in epoch {epoch}, so training stopped. "
                    "Make the model anew and try a smaller learning rate; if that does not help, "
                    "look for nan or huge values in X and y, and for log(0) or 0/0 in the loss."
                )
            if validation is not None:
                _append(history.validation, evaluate(model, validation, loss_fn, metrics))
    if progress:
        print(history)
    return history


def evaluate(model, batches, loss_fn, metrics=None) -> dict[str, float]:
    """Measure ``model`` without training it: {"loss": mean over all samples, each metric: ...}.

    Arguments as in ``fit``. Eval mode and no gradients while it runs; afterwards every module is
    back in the mode it was in. Raises ValueError if ``batches`` yields nothing.
    """
    device = _device(model)
    means = _Means(metrics)
    with _modes_restored(model), torch.no_grad():
        model.eval()
        for X, y in batches:
            X, y = X.to(device), y.to(device)
            y_hat = model(X)
            means.add(loss_fn(y_hat, y), y_hat, y)
    return means.result("while evaluating, batches")


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of right predictions, from 0 to 1, as a 0-d tensor.

    logits (N, K) with labels (N,) in 0...K-1: the largest logit is the prediction.
    logits (N,) or (N, 1) with N labels 0 or 1: a logit above 0 predicts 1.
    Raises ValueError for other shapes.
    """
    if logits.ndim == 2 and logits.shape[1] > 1:
        predicted = logits.argmax(dim=1)  # (N, K) -> (N,)
    else:
        predicted, labels = (logits > 0).reshape(-1), labels.reshape(-1)  # (N, 1) -> (N,)
    if predicted.shape != labels.shape or logits.ndim > 2:
        raise ValueError(
            f"logits {tuple(logits.shape)} and labels {tuple(labels.shape)} do not fit: "
            "accuracy needs one row of logits and one label for each sample."
        )
    return (predicted == labels).float().mean()


class _Means:
    """Collects the loss and the metrics of each batch; gives their means over all samples.

    Values stay tensors until the end: reading a number makes a GPU finish its work first.
    """

    def __init__(self, metrics):
        self.metrics = metrics or {}
        self.values = {name: [] for name in ["loss", *self.metrics]}
        self.sizes = []

    @torch.no_grad()
    def add(self, loss: Tensor, y_hat: Tensor, y: Tensor) -> None:
        self.sizes.append(len(y))
        self.values["loss"].append(loss.detach())
        for name, metric in self.metrics.items():
            self.values[name].append(metric(y_hat, y))

    def result(self, where: str) -> dict[str, float]:
        if not self.sizes:
            raise ValueError(
                f"There was no data: {where} gave nothing. A generator or a zip can be gone "
                "through only once; use Batches, a DataLoader or a list."
            )
        return {
            name: sum(n * float(v) for n, v in zip(self.sizes, values)) / sum(self.sizes)
            for name, values in self.values.items()
        }


@contextmanager
def _modes_restored(model: nn.Module):
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training  # not module.train(...), which would change its children


def _check_optimizer(optimizer: torch.optim.Optimizer, model: nn.Module) -> None:
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    # Training only some layers is fine, and so is a loss with parameters of its own. But strangers
    # in the optimizer while parameters of the model are left out: it was made for another model.
    strangers = held - {id(p) for p in model.parameters()}
    left_out = {id(p) for p in model.parameters() if p.requires_grad} - held
    if strangers and left_out:
        raise ValueError(
            "The optimizer does not hold this model's parameters, so the model would not learn. "
            "Make the optimizer after the model, and again whenever you replace the model or one "
            "of its layers: torch.optim.Adam(model.parameters())."
        )


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters(), torch.empty(0)).device


def _bar(steps: int, progress: bool) -> tqdm:
    # On stdout, and erased at the end: a stored notebook keeps only the line that fit prints.
    layout = "{desc}{percentage:3.0f} %|{bar:20}| {remaining} left{postfix}"
    total = steps or None  # None: some iterables do not know their length
    return tqdm(total=total, file=sys.stdout, leave=False, disable=not progress, bar_format=layout)


def _append(lists: dict[str, list[float]], numbers: dict[str, float]) -> None:
    for name, number in numbers.items():
        lists.setdefault(name, []).append(number)


def _short(name: str, value: float) -> str:
    if name == "accuracy":
        return f"{name} {value:.0%}".replace("%", " %")
    return f"{name} {float(f'{value:.1g}'):g}"  # one significant digit, 200 rather than 2e+02
