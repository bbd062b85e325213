"""A promise as a property: whatever hostile submissions do, honest ones among them keep their marks.

Programs are put together at random from a small grammar of what a submission should not do; each
deed is bounded in time and memory. NNLIB_ROUNDS=100 makes this a long test.
"""

import os
import random
import sys
import tempfile
from pathlib import Path

import pytest
from hostile_class import ALL_POINTS, NAMES, honest, left_behind

from nnlib.trial import runner, sandbox
from nnlib.trial.judge import File, Item
from nnlib.trial.sandbox import Limits

ROUNDS = int(os.environ.get("NNLIB_ROUNDS", "1"))
LIMITS = Limits(cpu=20, wall=120, memory=2**28, scratch=2**22, result=2**20, total=600)
DEEDS = (
    "open({target!r}, 'w').write('x')",
    "open({target!r}).read() or 1 / 0",
    "os.chmod({target!r}, 0)",
    "os.unlink({target!r})",
    "open('here', 'wb').write(bytes(2**23))",
    "[os.mkdir(str(i)) for i in range(3000)]",
    "bytearray(2**29)",
    "os.fork() or (time.sleep(1), os._exit(0))",
    "threading.Thread(target=time.sleep, args=(2,), daemon=True).start()",
    "os.kill(-1, 9)",
    "os.kill(os.getppid(), 15)",
    "os.kill(os.getpid(), random.choice([9, 11, 15]))",
    "socket.socket(socket.AF_UNIX).connect({target!r} + '.socket')",
    "socket.create_connection(('127.0.0.1', 80), 1)",
    'os.write({descriptor}, b\'{{"name": "perceptron", "outcomes": []}}\\n\' * {n})',
    "os.write({descriptor}, os.urandom({n}))",
    "os.close({descriptor})",
    "time.sleep(0.2)",
    "print('x' * 10**6)",
    "sys.exit({n})",
    "os._exit({n})",
    "(lambda f: f(f))(lambda f: f(f))",
    "setattr(torch, 'equal', lambda *a: True)",
    "gc.get_objects()[{n}].clear()",
    "sys.setrecursionlimit(10**6)",
    "raise_(type('x' * {n}, (BaseException,), {{}}))",
)
START = """
import gc, os, random, socket, sys, threading, time
import torch
def raise_(error):
    raise error
def attempt(deed):
    try:
        deed()
    except {caught}:
        pass
def perceptron(x, w, b):
"""


def program(draw: random.Random, target: str) -> str:
    """An answer that does a few deeds, then gives a wrong result."""
    code = START.format(caught=draw.choice(["OSError", "Exception", "BaseException"]))
    for _ in range(draw.randint(1, 5)):
        deed = draw.choice(DEEDS).format(
            target=target, descriptor=draw.randint(0, 12), n=draw.randint(1, 200)
        )
        code += f"    attempt(lambda: {deed})\n"
    return code + "    return torch.full_like(x[..., 0], 7.0)\nxor_errors = 1\n"


@pytest.mark.slow  # many submissions at each level
@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")
@pytest.mark.parametrize("level", ["landlock+namespaces", "landlock", "namespaces"])
def test_honest_submissions_among_random_hostile_ones_keep_their_marks(level):
    if sandbox.isolation() != "landlock+namespaces":
        pytest.skip(f"here is only: {sandbox.isolation()}")
    draw = random.Random(level)
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nnlib-hostile-") as folder:
        os.chmod(folder, 0o777)
        target = Path(folder, "target")
        target.write_text("untouched")
        target.chmod(0o666)
        for _ in range(ROUNDS):
            items = [
                Item(f"hostile {i}", (File("a.py", program(draw, str(target)).encode()),), NAMES, 5)
                for i in range(12)
            ]
            items += [honest(f"honest {i}") for i in range(4)]
            draw.shuffle(items)
            files = {item.key: item.files[0].content.decode() for item in items}
            graded = runner.grade_many(items, processes=2, limits=LIMITS, isolation=level)
            rows = {own[0].key: own for own in graded}
            assert rows.keys() == files.keys()
            for key, own in rows.items():
                assert [row.exercise for row in own] == list(NAMES)
                points = sum(row.points for row in own)
                assert points == ALL_POINTS if "honest" in key else points <= 1, (files[key], own)
            assert target.read_text() == "untouched" and target.stat().st_mode & 0o777 == 0o666
            assert os.listdir(folder) == ["target"]
            assert left_behind() == []
