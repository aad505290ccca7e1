"""Portraits of units that were never computed, made without Keras."""

import numpy as np

from helpers.networks.portraits import Layer, Portraits

CLASSES = ("0", "1", "2")


def layer(rng, name, units, total, patches=3, photos=6, first=False):
    """A layer whose second unit is dead, and whose third has a single patch."""
    count = len(units)
    whose = np.stack([rng.permutation(photos)[:patches] for _ in units])
    strengths = np.sort(rng.random((count, patches)).astype(np.float32))[:, ::-1]
    boxes = rng.uniform(-0.1, 0.6, (count, patches, 4)).astype(np.float32)
    boxes[..., 2:] = 0.4
    means = rng.random((len(CLASSES), count)).astype(np.float32)
    selectivity = rng.random(count).astype(np.float32)
    dead = np.arange(count) == 1
    whose[1], whose[2, 1:] = -1, -1
    means[:, 1], selectivity[1] = 0, np.nan
    more = {
        "inputs": rng.integers(0, 9, (count, 4)),
        "shares": np.sort(rng.random((count, 4)).astype(np.float32))[:, ::-1] / 4,
        "ascents": blobs(rng, count),
    }
    if first:
        more = {"filters": rng.integers(0, 256, (count, 5, 5, 3), np.uint8)}
    return Layer(
        name,
        total,
        np.array(units),
        (7, 6) if first else (1, 1),
        (5, 5) if first else (20, 24),
        blobs(rng, count * patches).reshape(count, patches, 16, 16, 3),
        whose,
        boxes,
        strengths,
        means,
        means * np.float32(0.8),
        means * np.float32(1.3),
        selectivity,
        dead,
        **more,
    )


def blobs(rng, count):
    """Smooth pictures, as photos are."""
    corners = rng.integers(40, 216, (count, 2, 2, 3)).astype(float)
    ramp = np.linspace(0, 1, 16)
    down = corners[:, :1] + (corners[:, 1:] - corners[:, :1]) * ramp[:, None, None]
    made = down[:, :, :1] + (down[:, :, 1:] - down[:, :, :1]) * ramp[:, None]
    return np.rint(made).astype(np.uint8)


def small(seed=0):
    """Return portraits of two layers: the first with filters, the second with lists.

    Examples
    --------
    >>> small()
    <Portraits of 11 units in 2 layers, 6 photos>
    """
    rng = np.random.default_rng(seed)
    first = layer(rng, "bend1", [0, 1, 2, 3, 4], 5, first=True)
    second = layer(rng, "hidden", [0, 3, 5, 8, 11, 14], 15)
    credits = ("", *(f"Person {k}" for k in range(1, 6)))
    return Portraits(CLASSES, (first, second), blobs(rng, 6), credits, {})
