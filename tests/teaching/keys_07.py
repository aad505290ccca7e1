"""Keys of the quiz of lesson 07, computed anew."""

import itertools
import math

import numpy as np

from helpers import experiments, ops
from helpers.widgets import ArchitectureTable


# 1: a side
def side(**first):
    alexnet = ArchitectureTable(input_size=195, layers={"filters1": first})
    return alexnet.table[1]["output"][0]


# 2 and 3: dense layers, from weights and biases
def dense(inputs, units):
    return np.zeros((inputs, units)).size + np.zeros(units).size


MEANS, LIST = np.zeros((4, 4, 128)).mean(axis=(0, 1)), np.zeros((4, 4, 96)).ravel()

# 4 and 5: a convolution, and the same in groups
KERNEL, PLACES = np.zeros((3, 3, 32, 64)), 20 * 20


def grouped(groups):
    kernel = np.zeros((3, 3, 32 // groups, 64))
    maps = ops.conv2d(np.zeros((6, 6, 32)), kernel, groups=groups)
    assert maps.shape[-1] == 64
    return kernel


# 6: dropout, the mean over all eight masks
NUMBERS, RATE = np.array([3.0, 5.0, 2.0]), 0.2


def on_average(factor):
    mean = 0.0
    for mask in itertools.product((0, 1), repeat=3):
        chance = math.prod(1 - RATE if kept else RATE for kept in mask)
        mean += chance * factor * (NUMBERS @ mask)
    return f"{mean:g}"


# 7: squares
def squares(places=None):
    photo = np.arange(40 * 40).reshape(40, 40)
    found = np.lib.stride_tricks.sliding_window_view(photo, (32, 32))
    found = found[:places, :places]
    return found.shape[0] * found.shape[1]


# 9: the standard error
SHARE, PHOTOS = 0.8, 400


def points(share):
    return f"{round(100 * share, 4):g} points"


# 10: two settings, three seeds each
def validation(name):
    found = experiments.read("flowers")
    return 100 * found.values(name, "accuracy", "validation")


def verdict():
    without, with_colours = validation("views"), validation("views and colours")
    gained = with_colours.mean() - without.mean()
    if abs(gained) < max(np.ptp(without), np.ptp(with_colours)):
        return "it cannot be told from these six"
    return f"yes, by {gained:.1f} points" if gained > 0 else "no, they do harm"


def gained(of):
    more = of(validation("views and colours")) - of(validation("views"))
    return f"yes, by {more:.1f} points"


KEYS = {
    1: lambda: str(side()),
    2: lambda: f"{dense(MEANS.size, 5):,}",
    3: lambda: f"{dense(LIST.size, 512):,}",
    4: lambda: f"{KERNEL.size * PLACES:,}",
    5: lambda: f"{grouped(4).size:,}",
    6: lambda: on_average(1 / (1 - RATE)),
    7: lambda: str(2 * squares()),
    9: lambda: points(math.sqrt(SHARE * (1 - SHARE) / PHOTOS)),
    10: verdict,
}
MISTAKES = {
    1: {
        "a": lambda: str(side() - 1),
        "b": lambda: str(math.ceil(195 / 4)),
        "d": lambda: str(side(stride=1)),
    },
    2: {
        "a": lambda: f"{dense(4 * 4 * 128, 5):,}",
        "c": lambda: f"{MEANS.size * 5:,}",
        "d": lambda: f"{dense(4 * 4, 5):,}",
    },
    3: {
        "a": lambda: f"{LIST.size * 512:,}",
        "b": lambda: f"{dense(96, 512):,}",
        "c": lambda: f"{LIST.size + 512:,}",
    },
    4: {
        "b": lambda: f"{KERNEL.size:,}",
        "c": lambda: f"{KERNEL[:, :, 0].size * PLACES:,}",
        "d": lambda: f"{KERNEL[..., 0].size * PLACES:,}",
    },
    5: {
        "a": lambda: f"{KERNEL.size:,}",
        "c": lambda: f"{grouped(4).size // 4:,}",
        "d": lambda: f"{4 * KERNEL.size:,}",
    },
    6: {
        "a": lambda: on_average(1),
        "b": lambda: f"{NUMBERS.sum() / (1 - RATE):g}",
        "d": lambda: on_average(1 - RATE),
    },
    7: {
        "a": lambda: str(2 * squares(places=8)),
        "b": lambda: str(squares()),
        "c": lambda: str(4 * squares()),
    },
    9: {
        "a": lambda: points(SHARE * (1 - SHARE) / PHOTOS),
        "b": lambda: points(math.sqrt(SHARE * (1 - SHARE))),
        "d": lambda: points(1 / math.sqrt(PHOTOS)),
    },
    10: {"a": lambda: gained(np.mean), "c": lambda: gained(np.max)},
}
