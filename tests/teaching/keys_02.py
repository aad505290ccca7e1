"""The quiz of lesson 02, computed."""

import numpy as np

from helpers import kernels, ops

WINDOW = np.array([[2, 1], [0, 3]])
KERNEL = np.array([[1, -1], [4, 2]])
MIDDLE = [(3, 1), (3, 2), (3, 1)]  # kernel, stride: the one in the middle has 2


def number(value):
    return f"{value:,.10g}".replace("-", "−")


def shape(*sides):
    return " × ".join(map(str, sides))


def answer(kernel):
    return number(ops.conv2d(WINDOW, kernel).item())


def places(n, kernel, **settings):
    return number(ops.output_size(n, kernel, **settings))


def weights(kernel, channels, filters):
    return np.zeros((kernel, kernel, channels, filters)).size


def maps(padding):
    x, bank = np.zeros((28, 28, 8)), np.zeros((3, 3, 8, 16))
    return shape(*ops.conv2d(x, bank, padding=padding).shape)


def blurred(row, column):
    wall = np.full((5, 5), 80)
    return number(ops.conv2d(wall, kernels.named("blur"), padding=1)[row, column])


def as_their_turned_selves():
    """The one kernel that is the same after half a turn, as the choices write it."""
    names = ("vertical_edges", "outline", "emboss", "horizontal_edges")
    (name,) = (
        name
        for name in names
        if np.array_equal(kernels.flip(kernels.named(name)), kernels.named(name))
    )
    rows = (" ".join(map(number, row)) for row in kernels.named(name))
    return f"{name.replace('_', ' ')}: {', '.join(rows)}"


KEYS = {
    1: lambda: answer(KERNEL),
    2: lambda: places(32, 5, stride=2),
    3: lambda: places(25, 3, stride=2, padding="same"),
    4: lambda: places(20, 3, dilation=3),
    5: lambda: number(weights(3, 3, 32) + 32),
    6: lambda: maps("same"),
    7: lambda: number(weights(1, 128, 32)),
    8: lambda: number(ops.receptive_field(MIDDLE)),
    9: as_their_turned_selves,
    10: lambda: blurred(0, 0),
}

MISTAKES = {
    1: {
        "a": lambda: answer(kernels.flip(KERNEL)),
        "b": lambda: answer(np.abs(KERNEL)),
        "d": lambda: number(WINDOW.sum() * KERNEL.sum()),
    },
    2: {
        "a": lambda: number((32 - 5) // 2),
        "c": lambda: number(32 // 2),
        "d": lambda: places(32, 5),
    },
    3: {
        "a": lambda: places(25, 3, padding="same"),
        "b": lambda: places(25, 3, stride=2),
        "c": lambda: number((25 - 3) // 2),
    },
    4: {
        "b": lambda: places(20, 3),
        "c": lambda: places(20, 3 * 3),
        "d": lambda: places(20, 3, dilation=2),
    },
    5: {
        "a": lambda: number(weights(3, 3, 32)),
        "b": lambda: number(weights(3, 1, 32) + 32),
        "d": lambda: number(weights(3, 3, 32) + 3 * 32),
    },
    6: {
        "a": lambda: shape(28, 28, 16 * 8),
        "c": lambda: shape(28, 28, 8),
        "d": lambda: maps("valid"),
    },
    7: {
        "b": lambda: number(weights(1, 1, 32)),
        "c": lambda: number(weights(3, 128, 32)),
        "d": lambda: number(weights(1, 128, 32) * 14 * 14),
    },
    8: {
        "a": lambda: number(ops.receptive_field([(3, 1)] * 3)),
        "b": lambda: number(ops.receptive_field([(3, 2), (3, 1), (3, 1)])),
        "c": lambda: number(3**3),
    },
    10: {
        "a": lambda: blurred(2, 2),
        "b": lambda: blurred(0, 2),
        "d": lambda: number(80 * kernels.named("blur")[1, 1]),
    },
}
