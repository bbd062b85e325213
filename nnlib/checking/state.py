"""The state of torch, Python and numpy while a check runs: the same, whatever the notebook did."""

import contextlib
import random
import sys

import torch


@contextlib.contextmanager
def pinned(seed: int):
    """Everything that a check depends on as in a fresh Python, and afterwards as it was before.

    Gradients are on, numbers are float32 and on the CPU unless asked otherwise, and the global
    random states of torch, Python and numpy start from the seed. torch computes in one thread: the
    cases are small, and on a busy machine several would wait for each other for longer.
    """
    numpy = sys.modules.get("numpy")  # not loaded by us: an answer that needs it has loaded it
    dtype, random_state = torch.get_default_dtype(), random.getstate()
    numpy_state = numpy and numpy.random.get_state()
    threads = torch.get_num_threads()
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=[]))
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(torch.autocast("cpu", enabled=False))
        if torch.get_default_device().type != "cpu":  # it costs a little at each call of torch
            stack.enter_context(torch.device("cpu"))
        try:
            torch.set_num_threads(1)
            torch.set_default_dtype(torch.float32)
            torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed a GPU, too
            random.seed(seed)
            if numpy:
                numpy.random.seed(seed % 2**32)
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_default_dtype(dtype)
            random.setstate(random_state)
            if numpy:
                numpy.random.set_state(numpy_state)
