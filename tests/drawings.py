"""Digits drawn by hand or moved about, and a small network that reads them."""

import ast
import math

import numpy as np
import torch
from torch.nn import functional as F

from nnlib import lessons

SIDE = 140  # of a drawing, in pixels, as the browser makes it


def reader_program() -> str:
    """Lesson 09's own code for its data, its way to prepare and train, and its untrained network."""
    wanted = {"mnist", "prepare", "train", "block", "conv"}
    cells = [cell.source for cell in lessons.read("09_mnist").cells if cell.cell_type == "code"]
    kept = []
    for statement in ast.parse("\n".join(cells)).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement]
        names = {getattr(each, "id", getattr(each, "name", None)) for each in targets}
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or names & wanted:
            kept.append(ast.unparse(statement))
    return "\n".join(kept)


def small_reader(mnist):
    """Lesson 09's convolutional network, trained by lesson 09's own code, on a third of an epoch."""
    lesson = {}
    torch.manual_seed(0)
    exec(reader_program(), lesson)
    X, y = lesson["prepare"](mnist.train_images[:20_000]), mnist.train_labels[:20_000]
    lesson["train"](lesson["conv"], X, y, epochs=1, lr=0.02)
    return lesson["conv"]


def moved(picture, generator):
    """A picture of 28 by 28, larger or smaller, somewhere on a drawing."""
    side = int(torch.randint(70, SIDE, (), generator=generator))
    top, left = torch.randint(0, SIDE + 1 - side, (2,), generator=generator).tolist()
    larger = F.interpolate(picture[None, None].float(), (side, side), mode="bilinear")[0, 0]
    drawing = F.pad(larger, (left, SIDE - side - left, top, SIDE - side - top))
    return drawing.round().to(torch.uint8)


def arc(x, y, width, height, start, end):
    """Points of an ellipse around (x, y); degrees, 0 right, 90 down."""
    turn = np.radians(np.linspace(start, end, 24))
    return [(x + width * math.cos(t), y + height * math.sin(t)) for t in turn]


BODY_OF_2 = [(28, 25), (45, 16), (66, 22), (68, 38), (50, 60), (28, 84)]
# For each digit a few ways to write it: a way is a list of strokes, a stroke a list of points.
# From the left and from the top, in percent of the board.
HANDMADE = {
    0: [[arc(50, 50, 24, 34, -90, 270)], [arc(50, 50, 33, 33, -60, 310)]]
    + [[arc(50, 50, 17, 36, -100, 268)]],
    1: [[[(50, 15), (50, 85)]], [[(60, 15), (42, 85)]], [[(36, 32), (52, 15), (52, 85)]]]
    + [[[(36, 32), (52, 15), (52, 85)], [(36, 85), (68, 85)]]],
    2: [
        [arc(50, 35, 22, 20, -170, 30) + [(30, 82), (74, 82)]],
        [arc(50, 34, 20, 19, 180, 390) + [(34, 78), (30, 84), (46, 78), (60, 84), (75, 78)]],
        [BODY_OF_2, [(28, 84), (74, 84)]],
    ],
    3: [
        [arc(47, 32, 20, 17, -150, 90) + arc(47, 67, 23, 18, -90, 150)],
        [[(30, 16), (68, 16), (46, 44), *arc(46, 64, 22, 20, -90, 140)]],
        [[(28, 22), (48, 14), (64, 26), (60, 40), (44, 48), (62, 54), (68, 70), (52, 84), (28, 78)]],
    ],
    4: [
        [[(58, 14), (24, 62), (78, 62)], [(60, 36), (60, 88)]],
        [[(32, 16), (28, 52), (72, 52)], [(70, 14), (68, 88)]],
        [[(62, 88), (62, 14), (24, 60), (80, 60)]],
    ],
    5: [
        [[(72, 16), (36, 16), (33, 46), *arc(48, 64, 22, 21, -120, 140)]],
        [[(36, 16), (34, 46), (50, 42), (68, 54), (66, 74), (48, 86), (28, 80)], [(36, 16), (72, 15)]],
        [[(70, 18), (38, 20), (34, 48), (56, 46), (68, 62), (58, 82), (30, 84)]],
    ],
    6: [
        [[(64, 14), (42, 36), (32, 62), *arc(50, 66, 19, 19, 170, -190)]],
        [arc(60, 50, 30, 36, -80, -180) + arc(50, 64, 20, 20, 180, -190)],
        [[(54, 12), (38, 44), (34, 70), (46, 86), (62, 80), (64, 66), (52, 58), (36, 68)]],
    ],
    7: [
        [[(26, 20), (74, 20), (44, 86)]],
        [[(26, 20), (74, 20), (44, 86)], [(38, 52), (68, 52)]],
        [[(28, 30), (28, 18), (74, 18), (58, 46), (50, 86)]],
    ],
    8: [
        [arc(50, 32, 16, 17, 90, -270) + arc(50, 67, 20, 18, -90, 270)],
        [[(66, 24), (50, 14), (34, 26), (42, 42), (62, 60), (66, 76), (50, 87), (34, 76), (40, 58)]
         + [(60, 40), (66, 24)]],
        [arc(50, 32, 18, 16, 0, 360), arc(50, 66, 20, 18, 0, 360)],
    ],
    9: [
        [arc(48, 34, 18, 18, 0, -360) + [(66, 34), (64, 86)]],
        [arc(48, 34, 19, 18, -20, -370) + [(66, 50), (56, 76), (36, 86)]],
        [[(66, 20), (46, 14), (32, 28), (36, 46), (54, 48), (66, 34), (67, 18), (68, 60), (66, 88)]],
    ],
}  # fmt: skip


def drawn(strokes, pen=10):
    """The strokes as the browser's canvas paints them: round ends and joints, soft edges."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    ink = np.zeros((SIDE, SIDE))
    for stroke in strokes:
        points = np.array(stroke) * SIDE / 100
        for begin, end in zip(points, points[1:]):
            way = end - begin
            along = ((x - begin[0]) * way[0] + (y - begin[1]) * way[1]) / max(way @ way, 1e-9)
            along = along.clip(0, 1)
            distance = np.hypot(x - begin[0] - along * way[0], y - begin[1] - along * way[1])
            ink = np.maximum(ink, np.clip(pen / 2 + 0.5 - distance, 0, 1))
    return torch.tensor(np.round(255 * ink)).to(torch.uint8)
