"""Make the two data sets that are the course's own: houses.csv and leaves.png.

    python datasets/make_datasets.py

Run again it draws the same numbers and the same pixels: `RandomState` is numpy's generator whose
stream of random numbers is frozen for good.
"""

from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
SIZE = 30  # pixels along the side of a leaf picture
FINE = 4  # each pixel is the mean of FINE x FINE points, so edges come out smooth


def make_houses(n=500, seed=0):
    """Invented sales: (n, 5) float64, columns area m2, bedrooms, distance km, age years, price.

    A square meter is dear in the city and cheap far out, so a large house loses more with each
    kilometer than a small one: area times a function of distance, which no plane can follow.
    """
    random = np.random.RandomState(seed)
    area = np.clip(random.gamma(6, 20, n), 35, 300).round()
    bedrooms = np.clip((area / 35 + random.normal(0, 0.7, n)).round(), 1, 7)
    distance = np.clip(random.gamma(2, 6, n), 0.3, 45).round(1)
    age = random.randint(0, 100, n).astype(float)
    price_of_1_m2 = 1.2 + 3.2 * np.exp(-distance / 10)  # thousands of euros
    wear = 0.006 * np.minimum(age, 50)  # after fifty years a house has lost what it will lose
    price = area * price_of_1_m2 * (1 - wear) + 6 * bedrooms
    price = np.clip(price * random.normal(1, 0.05, n) + random.normal(0, 10, n), 30, None).round(1)
    return np.stack([area, bedrooms, distance, age, price], axis=1)


def make_leaves(n=400, seed=0):
    """Drawn leaves: uint8 (n, 30, 30), healthy and diseased in turn, dark on light."""
    random = np.random.RandomState(seed)
    return np.stack([draw_leaf(random, diseased=i % 2 == 1) for i in range(n)])


def draw_leaf(random, diseased):
    """One leaf of random shape, place, tone and light: uint8 (30, 30)."""
    side = np.linspace(-1, 1, SIZE * FINE)
    x, y = np.meshgrid(side, side)
    picture = np.full_like(x, random.uniform(205, 245))  # the paper

    # (u, v): along the leaf's middle rib, from stalk (-1) to tip (1), and across it.
    angle = random.uniform(0, 2 * np.pi)
    length = random.uniform(0.72, 0.9)
    x, y = x - random.uniform(-0.08, 0.08), y - random.uniform(-0.08, 0.08)
    u = (x * np.cos(angle) + y * np.sin(angle)) / length
    v = (y * np.cos(angle) - x * np.sin(angle)) / length
    v = v + random.uniform(-0.18, 0.18) * (u**2 - 0.5)  # few leaves are straight

    belly = random.uniform(-0.5, 0.2)  # where the leaf is widest
    inside = np.clip(1 - u**2, 0, None)
    half_width = random.uniform(0.4, 0.65) * inside**0.8 * np.exp(belly * u - belly**2 / 2)
    teeth = 1 + random.uniform(0, 0.1) * np.sin(random.randint(18, 30) * u)
    leaf = np.abs(v) < half_width * teeth
    stalk = (np.abs(v) < 0.03) & (u > -1.25) & (u < 0)

    light = random.uniform(-22, 22) * u + random.uniform(-45, 45) * v  # it falls from one side
    tone = random.uniform(80, 155) + light
    spacing = random.uniform(0.2, 0.32)
    rise = random.uniform(0.5, 1.1)  # how steeply the side veins climb
    vein = np.abs((u - rise * np.abs(v)) / spacing % 1 - 0.5) > 0.42
    rib = np.abs(v) < 0.035
    shown = random.uniform(12, 34)  # how much lighter the veins are
    tone = tone + shown * np.where(rib, 1.3, vein * 0.8)
    if diseased:
        tone = tone + spots(random, u, v, half_width)
    picture = np.where(stalk, 95, picture)
    picture = np.where(leaf, tone, picture)

    # (120, 120) -> (30, 30): the mean of each small square, then a little grain of the film.
    picture = picture.reshape(SIZE, FINE, SIZE, FINE).mean(axis=(1, 3))
    picture = picture + random.normal(0, 2, picture.shape)
    return np.clip(picture, 0, 255).round().astype(np.uint8)


def spots(random, u, v, half_width):
    """What disease adds to a leaf's tone: dark spots, each in a pale ring."""
    change = np.zeros_like(u)
    for _ in range(random.randint(2, 6)):
        at_u = random.uniform(-0.65, 0.65)
        width = half_width[np.abs(u - at_u) < 0.05].max()
        at_v = random.uniform(-0.75, 0.75) * width
        radius = random.uniform(0.09, 0.17)
        direction = np.arctan2(v - at_v, u - at_u)
        ragged = 1 + 0.2 * np.sin(random.randint(2, 5) * direction + random.uniform(0, 6))
        far = np.hypot(u - at_u, v - at_v) / (radius * ragged)
        change = np.where(far < 1.6, random.uniform(20, 45), change)
        change = np.where(far < 1, -random.uniform(35, 60), change)
    return change


def main(folder=HERE):
    """Write houses.csv and leaves.png into a folder."""
    header = "area_m2,bedrooms,distance_km,age_years,price_thousand_euros"
    rows = [f"{a:.0f},{b:.0f},{d:.1f},{y:.0f},{p:.1f}" for a, b, d, y, p in make_houses()]
    Path(folder, "houses.csv").write_bytes("\n".join([header, *rows, ""]).encode())
    leaves = make_leaves()
    # 20 rows of 20 pictures: (400, 30, 30) -> (600, 600)
    sheet = leaves.reshape(20, 20, SIZE, SIZE).swapaxes(1, 2).reshape(20 * SIZE, 20 * SIZE)
    Image.fromarray(sheet).save(Path(folder, "leaves.png"), optimize=True)


if __name__ == "__main__":
    main()
