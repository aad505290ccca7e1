"""The quiz of lesson 01, computed."""

import numpy as np

from helpers import images, kernels, ops

VERTICAL = kernels.named("vertical_edges")
STEP = np.tile([0, 0, 200, 200], (3, 1))
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
UNEVEN = np.array([[1, 1, 1], [1, 2, 1], [1, 1, 1]])
PHOTO = np.zeros((50, 40))


def number(value):
    return f"{value:,.10g}".replace("-", "−")


def shape(array):
    return " × ".join(map(str, array.shape))


def answer(kernel, row):
    """What a kernel answers on three rows that are alike."""
    return ops.conv2d(np.tile(row, (3, 1)), kernel).item()


def wall(kernel):
    return ops.conv2d(np.full((3, 3), 80), kernel).item()


def pair(kernel):
    return " and ".join(map(number, ops.conv2d(STEP, kernel)[0]))


def direction():
    """Which way a single 1 in the middle of the upper row moves a picture."""
    kernel = np.zeros((3, 3))
    kernel[0, 1] = 1
    picture = np.random.default_rng(0).random((8, 8))
    moved = ops.conv2d(picture, kernel, padding="same")[2:-2, 2:-2]
    ways = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
    (way,) = (
        name
        for name, by in ways.items()
        if np.allclose(moved, np.roll(picture, by, axis=(0, 1))[2:-2, 2:-2])
    )
    return way


def best_width(noise):
    photo = images.photo("astronaut", size=160)
    noisy = images.add_noise(photo, sigma=noise, seed=1)

    def off(sigma):
        kernel = kernels.gaussian(11, sigma)
        smooth = ops.conv2d(noisy, kernel, padding="same", mode="edge")
        return np.abs(smooth - photo).mean()

    return min((0.3, 0.6, 0.9, 1.2, 1.5, 1.8), key=off)


def width_for_more_noise():
    calm, noisy = best_width(10), best_width(80)
    return "a wider one" if noisy > calm else "a narrower one"


KEYS = {
    1: lambda: number(np.zeros((200, 300, 3)).size),
    2: lambda: number((np.array([200], np.uint8) + 100).item()),
    3: lambda: number(answer(VERTICAL, [10, 10, 60])),
    4: lambda: number(wall(CROSS)),
    5: lambda: shape(ops.conv2d(PHOTO, np.ones((7, 7)))),
    6: direction,
    7: lambda: number((UNEVEN / UNEVEN.sum())[1, 1]),
    8: lambda: pair(kernels.named("outline")),
    9: width_for_more_noise,
}

MISTAKES = {
    1: {
        "a": lambda: number(200 * 300),
        "b": lambda: number((200 + 300) * 3),
        "d": lambda: number(200 * 300 * 4),
    },
    2: {"b": lambda: number(200 + 100), "d": lambda: number((200 + 100) % 255)},
    3: {
        "a": lambda: number(answer(-VERTICAL, [10, 10, 60])),
        "b": lambda: number(10 - 60),
        "c": lambda: number(answer(np.sign(VERTICAL), [10, 10, 60])),
    },
    4: {
        "a": lambda: number(wall(CROSS / CROSS.sum())),
        "c": lambda: number(wall(np.ones((3, 3)))),
        "d": lambda: number(80 / CROSS.sum()),
    },
    5: {
        "a": lambda: shape(np.zeros((50 - 7, 40 - 7))),
        "b": lambda: shape(ops.conv2d(PHOTO, np.ones((7, 7)), padding="same")),
        "d": lambda: shape(ops.conv2d(PHOTO, np.ones((7, 7))).T),
    },
    7: {
        "a": lambda: f"{UNEVEN[1, 1] / UNEVEN.size:.2f}",
        "b": lambda: number(UNEVEN[1, 1] / UNEVEN.max()),
        "c": lambda: number(UNEVEN[1, 1] / (UNEVEN.sum() - UNEVEN[1, 1])),
    },
    8: {
        "a": lambda: " and ".join(
            map(number, np.abs(ops.conv2d(STEP, kernels.named("outline"))[0]))
        ),
        "b": lambda: pair(VERTICAL),
    },
}
