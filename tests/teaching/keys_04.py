"""The quiz of lesson 04, computed."""

import numpy as np

from helpers import ops

SMALL, LARGE = np.zeros((10, 10)), np.zeros((30, 30))
ROW = np.array([[3, 5]])
KERNEL = np.array([[1, 2]])
SIZES = (4, 5, 6, 8)
STAMPS = [3 * KERNEL[0], 5 * KERNEL[0]]


def number(value):
    return f"{value:,.10g}".replace("-", "−")


def shape(*sides):
    return " × ".join(map(str, sides))


def row(numbers):
    return " ".join(map(number, np.ravel(numbers)))


def mixed(centre):
    """The bilinear value at one of the four new centres, −¼, ¼, ¾ and 1¼."""
    return number(ops.upsample2d([[20, 60]], (1, 2), method="bilinear")[0, centre])


def zeros(window):
    picture = np.random.default_rng(0).random((8, 8)) + 1
    pooled, positions = ops.pool2d(picture, window, return_indices=True)
    return number((ops.unpool2d(pooled, positions, picture.shape) == 0).sum())


def painted(**options):
    return row(ops.conv_transpose2d(ROW, KERNEL, **options))


def covered(lay):
    """The canvas where two stamps meet in some other way than by a sum."""
    (a, b), (c, d) = STAMPS
    return row([a, lay(b, c), d])


def sides(n, kernel, **options):
    return number(ops.output_size(n, kernel, **options))


def even_size(stride):
    """The one of the kernel sizes whose stamps cover the inside evenly."""
    (size,) = (size for size in SIZES if np.ptp(inside(np.ones(size), stride)) == 0)
    return number(size)


def inside(kernel, stride):
    """A row of ones, painted, away from the rim."""
    painted = ops.conv_transpose2d(np.ones((1, 12)), kernel[None], stride=(1, stride))
    return painted[0, len(kernel) : -len(kernel)]


def in_turn(kernel, stride):
    values = [number(value) for value in np.unique(inside(kernel, stride))]
    return (
        f"{' and '.join(values)} in turn" if values[1:] else f"{values[0]} everywhere"
    )


def matrix_of(kernel, picture, padding="valid"):
    """The matrix that does to all pixels what the convolution does."""
    columns = []
    for pixel in range(picture**2):
        single = np.zeros((picture, picture))
        single.flat[pixel] = 1
        kernels = np.ones((kernel, kernel))
        columns.append(ops.conv2d(single, kernels, padding=padding).ravel())
    return np.stack(columns, axis=1)


def centre(size):
    dot = np.zeros((9, 9))
    dot[4, 4] = 1
    kernel = np.ones((size, size))
    paint = ops.conv_transpose2d(dot, kernel, stride=2, padding="same").sum(axis=1)
    return f"at row {number(np.arange(len(paint)) @ paint / paint.sum())}"


def sizes_before(stride):
    found = [n for n in range(3, 20) if ops.output_size(n, 3, stride=stride) == 3]
    *first, last = map(number, found)
    return f"{', '.join(first)} or {last}"


KEYS = {
    1: lambda: number(LARGE.size - SMALL.size),
    2: lambda: mixed(1),
    3: lambda: zeros(4),
    4: painted,
    5: lambda: sides(6, 5, stride=2, transpose=True),
    6: lambda: even_size(3),
    7: lambda: shape(*matrix_of(2, 5).T.shape),
    8: lambda: in_turn(np.array([1, 3, 1]), 2),
    9: lambda: centre(3),
    10: lambda: sizes_before(3),
}

MISTAKES = {
    1: {
        "a": lambda: number(len(LARGE) - len(SMALL)),
        "b": lambda: number(30 * 10 - SMALL.size),
        "c": lambda: number(LARGE.size),
    },
    2: {
        "a": lambda: mixed(2),
        "c": lambda: number(np.mean([20, 60])),
        "d": lambda: number(ops.upsample2d([[20, 60]], (1, 2))[0, 1]),
    },
    3: {
        "b": lambda: zeros(2),
        "c": lambda: number(4 * 4 - 1),
        "d": lambda: number(64 - int(zeros(4))),
    },
    4: {
        "a": lambda: covered(lambda before, after: after),
        "b": lambda: covered(max),
        "d": lambda: painted(stride=(1, 2)),
    },
    5: {
        "a": lambda: sides(6, 5, stride=2, padding="same", transpose=True),
        "c": lambda: number(6 * 2 + 5),
        "d": lambda: sides(6, 5, stride=2),
    },
    7: {
        "b": lambda: shape(*matrix_of(2, 5).shape),
        "c": lambda: shape(*matrix_of(2, 5, padding="same").T.shape),
        "d": lambda: shape(5, ops.output_size(5, 2)),
    },
    8: {
        "a": lambda: in_turn(np.array([1, 3, 1]), 1),
        "b": lambda: in_turn(np.full(2, (1 + 3 + 1) / 2), 2),
    },
    9: {"a": lambda: f"at row {2 * 4}", "c": lambda: centre(4)},
    10: {"c": lambda: sizes_before(2)},
}
