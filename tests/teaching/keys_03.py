"""The quiz of lesson 03, computed."""

import numpy as np

from helpers import ops

GRID = np.array([[4, 1, 0, 2], [3, 8, 5, 1], [7, 2, 6, 6], [0, 9, 3, 4]])
FOUR = np.array([[-6, 2], [0, -4]])
WINDOW = np.array([[3, 9], [1, 4]])
ARRIVES = np.array([[8.0]])
MAPS = np.zeros((16, 16, 64))
UNITS = 100


def number(value):
    return f"{value + 0.0:,.10g}".replace("-", "−")


def rows(array):
    return ", ".join(" ".join(map(number, row)) for row in array)


def unseen(padding="valid"):
    """How many numbers of a map of 9 × 9 have no say in any mean."""
    x = np.zeros((9, 9))
    arrives = np.ones(ops.pool2d(x, padding=padding).shape)
    gets = ops.pool2d_gradient(x, arrives, padding=padding, reduce="mean")
    return number((gets == 0).sum())


def quiet_steps(width):
    """How far a dot in column 4 may move right before the pooled row changes."""

    def pooled(column):
        row = np.zeros((1, 24))
        row[0, column] = 9
        return ops.pool2d(row, (1, width)).tolist()

    steps = next(n for n in range(12) if pooled(4 + n + 1) != pooled(4))
    return f"{steps} pixel" + "s" * (steps != 1)


def moved_by(pixels, window):
    """What a pooled map does where the map moves by so many pixels."""
    x = np.zeros((12, 36))
    x[3:9, 6:18] = np.random.default_rng(0).random((6, 12))
    before = ops.pool2d(x, window)
    after = ops.pool2d(np.roll(x, pixels, axis=1), window)
    for cells in range(before.shape[1] // 2):
        if np.array_equal(np.roll(before, cells, axis=1), after):
            return f"it moves by {cells} cells" if cells else "it stays as it was"
    return "its numbers change"


def weights(x):
    return number(x.size * UNITS)


KEYS = {
    1: lambda: rows(ops.pool2d(GRID)),
    2: lambda: number(ops.pool2d(FOUR, reduce="mean").item()),
    3: lambda: number(ops.output_size(30, 3, stride=2)),
    4: unseen,
    5: lambda: quiet_steps(4),
    6: lambda: moved_by(6, 3),
    # Independent errors: what the weights' squares leave of their strength.
    7: lambda: number(12 * np.linalg.norm(np.full((2, 2), 1 / 4))),
    8: lambda: rows(ops.pool2d_gradient(WINDOW, ARRIVES)),
    9: lambda: weights(ops.pool2d(MAPS)),
    10: lambda: number(ops.pool2d(np.zeros((10, 10, 20)), 10, reduce="mean").size),
}

MISTAKES = {
    1: {
        "a": lambda: rows(ops.pool2d(GRID, stride=1)),
        "c": lambda: rows(ops.pool2d(GRID, reduce="mean")),
        "d": lambda: rows(-ops.pool2d(-GRID)),
    },
    2: {
        "a": lambda: number(FOUR.sum()),
        "b": lambda: number(ops.pool2d(FOUR).item()),
        "c": lambda: number(np.abs(FOUR).mean()),
    },
    3: {
        "b": lambda: number(ops.output_size(30, 3, stride=2, padding="same")),
        "c": lambda: number(ops.output_size(30, 3, stride=3)),
        "d": lambda: number((30 - 3) // 2),
    },
    4: {
        "a": lambda: unseen("same"),
        "b": lambda: number(9),
        "d": lambda: number(9 + 9),
    },
    5: {"c": lambda: quiet_steps(2)},
    6: {"b": lambda: moved_by(5, 3)},
    7: {
        "b": lambda: number(12 / 4),
        "d": lambda: number(12 * np.linalg.norm(np.ones((2, 2)))),
    },
    8: {
        "a": lambda: rows(ops.pool2d_gradient(WINDOW, ARRIVES, reduce="mean")),
        "b": lambda: rows(np.full((2, 2), ARRIVES)),
        "d": lambda: rows(WINDOW * ops.pool2d_gradient(WINDOW, ARRIVES)),
    },
    9: {
        "a": lambda: weights(MAPS),
        "c": lambda: weights(MAPS[::2]),
        "d": lambda: weights(ops.pool2d(ops.pool2d(MAPS))),
    },
    10: {
        "a": lambda: number(10 * 10 * 20),
        "b": lambda: number(20 * (10 * 10) / (5 * 5)),
        "d": lambda: number(10 * 10),
    },
}
