"""How soon does a network read MNIST? Lesson 09's way beside torchvision's usual pipeline.

    python benchmarks/mnist.py              both sides; the usual one may take ten minutes
    python benchmarks/mnist.py --epochs 1   the usual side stops after one epoch at the latest

Ours: all pictures as one tensor, three convolutions with stride 2 and batch norm, AdamW, and one
cycle of the learning rate in two epochs. The usual side: DataLoader, ToTensor and Normalize, with
the network and the settings of PyTorch's own MNIST example, written here afresh.

The clock of each side runs from the files on the disk to the step after which the accuracy on the
10 000 test pictures is past 98 % or 99 %. The test accuracy is measured ten times an epoch, and the
clock stands still meanwhile: for both sides. Neither pays for imports or for the download.
Ours runs its two epochs to the end; the usual side stops when it is past 99 % and has done a whole
epoch. The table goes to stdout, the progress bars to stderr.
"""

import argparse
import os
import platform
import time
from pathlib import Path

import torch
import torch._dynamo  # torch.optim loads it at its first use: a second that neither side pays
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from tqdm import tqdm

from nnlib.data import load_mnist
from nnlib.downloads import fetch
from nnlib.training import Batches, accuracy, evaluate
from nnlib.vision import torchvision

MEAN, STD = 0.1307, 0.3081  # of the training pixels, scaled to 0...1
GOALS = (0.98, 0.99)
LOOKS = 10  # how often an epoch the test accuracy is measured


def normalize(images):
    return (images[:, None].float() / 255 - MEAN) / STD  # (N, 28, 28) -> (N, 1, 28, 28)


def ours():
    """Lesson 09: (model, batches, optimizer, scheduler, epochs)."""
    digits = load_mnist()
    batches = Batches(normalize(digits.train_images), digits.train_labels, batch_size=128)

    def block(inputs, outputs, kernel_size):
        return [
            nn.Conv2d(inputs, outputs, kernel_size, stride=2, padding=kernel_size // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]

    model = nn.Sequential(
        *block(1, 16, 5), *block(16, 32, 5), *block(32, 64, 3), nn.Flatten(), nn.Linear(1024, 10)
    ).to(memory_format=torch.channels_last)
    epochs = 2
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.02, total_steps=epochs * len(batches)
    )
    return model, batches, optimizer, scheduler, epochs


def usual():
    """PyTorch's MNIST example: (model, batches, optimizer, scheduler, epochs)."""
    transforms = torchvision.transforms
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))])
    train_set = torchvision.datasets.MNIST(fetch("mnist"), train=True, transform=transform)
    batches = DataLoader(train_set, batch_size=64, shuffle=True)
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(),
        nn.Conv2d(32, 64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    # The example steps its schedule once an epoch; here every step counts.
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=len(batches), gamma=0.7)
    return model, batches, optimizer, scheduler, 14


def measure(name, prepare, test, most_epochs=14, stop_early=False):
    """Train, with the clock running, and look at the accuracy on the batches ``test``.

    ``stop_early`` ends the training after a whole epoch and past the last goal.
    Returns a dict: "epoch": seconds of the first epoch, "seconds": of all training, "accuracy":
    at its end, and for each of GOALS the seconds to it, None if it was not reached.
    """
    torch.manual_seed(0)
    result = dict.fromkeys(["epoch", *GOALS])
    start = time.perf_counter()
    model, batches, optimizer, scheduler, epochs = prepare()
    loaded = time.perf_counter() - start
    epochs = min(epochs, most_epochs)
    total = epochs * len(batches)
    look_every = len(batches) // LOOKS
    step = 0
    model.train()
    with tqdm(total=total, desc=name, leave=False) as bar:
        while step < total:
            for X, y in batches:
                loss = F.cross_entropy(model(X), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                scheduler.step()
                step += 1
                bar.update()
                whole_epoch = step % len(batches) == 0
                if step % look_every and not whole_epoch:
                    continue
                seconds = time.perf_counter() - start
                share = evaluate(model, test, F.cross_entropy, {"accuracy": accuracy})["accuracy"]
                bar.set_postfix_str(f"test accuracy {share:.2%}")
                for goal in GOALS:
                    if share > goal and result[goal] is None:
                        result[goal] = seconds
                if whole_epoch and result["epoch"] is None:
                    result["epoch"] = seconds - loaded
                result.update(seconds=seconds, accuracy=share)
                if stop_early and result["epoch"] and result[GOALS[-1]]:
                    return result
                start = time.perf_counter() - seconds  # the clock stood still meanwhile
    return result


def table(ours, usual):
    """The two results as lines of Markdown."""
    lines = ["| | ours | usual | ratio |", "|---|--:|--:|--:|"]
    for label, key in [("one epoch", "epoch")] + [(f"to {100 * g:.0f} %", g) for g in GOALS]:
        mine, theirs = ours[key], usual[key]
        ratio = ""
        if mine is not None:  # a goal not reached took longer than all the training there was
            ratio = f"{(theirs or usual['seconds']) / mine:.0f}"
            ratio = ratio if theirs is not None else f"more than {ratio}"
        lines.append(f"| {label} | {_seconds(mine)} | {_seconds(theirs)} | {ratio} |")
    ends = [f"{100 * r['accuracy']:.2f} % after {r['seconds']:.1f} s" for r in (ours, usual)]
    lines.append(f"| at the end | {ends[0]} | {ends[1]} | |")
    return "\n".join(lines)


def _seconds(value):
    return "not reached" if value is None else f"{value:.1f} s"


def machine():
    """The processor, its cores, Python and torch, in one line."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [platform.processor() or platform.machine()]
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return (
        f"{names[0]}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"{platform.system()}, Python {platform.python_version()}, torch {torch.__version__}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--epochs", type=int, default=14, help="the usual side ends after so many (default: 14)"
    )
    most_epochs = parser.parse_args().epochs
    if most_epochs < 1:
        parser.error(f"--epochs is {most_epochs}: it must be at least 1.")
    digits = load_mnist()
    if digits.stand_in:
        raise SystemExit("This benchmark needs the real MNIST. Fetch it first: nnlib data mnist")
    test = Batches(normalize(digits.test_images), digits.test_labels, 1000, shuffle=False)
    mine = measure("ours", ours, test)
    theirs = measure("usual", usual, test, most_epochs, stop_early=True)
    print(table(mine, theirs))
    print(f"\nMeasured on {machine()}.")


if __name__ == "__main__":
    main()
