"""Keys of the quiz of lesson 06, computed anew."""

import functools
import math

import numpy as np

from helpers import experiments, ops
from helpers.networks import exported, running

# 1: a shape
DIGIT, FILTERS = np.zeros((28, 28, 1)), np.zeros((5, 5, 1, 16))
VALID = ops.conv2d(DIGIT, FILTERS).shape

# 2: parameters
KERNEL, BIASES = np.zeros((5, 5, 12, 20)), np.zeros(20)


# 3: the list
@functools.cache
def sides():
    first = ops.pool2d(ops.conv2d(np.zeros((28, 28)), np.zeros((3, 3))), 2)
    second = ops.conv2d(first, np.zeros((3, 3)))
    return len(second), len(ops.pool2d(second, 2))


def numbers_of(side, maps=40):
    return f"{side * side * maps:,}"


# 4: the best of thirty
@functools.cache
def tried():
    rights = np.random.default_rng(0).binomial(1000, 0.97, size=(5000, 30))
    return rights / 1000


def about(share):
    return f"about {100 * share:.0f} %"


# 5: early stopping
LOSSES = [0.30, 0.22, 0.18, 0.19, 0.17, 0.18, 0.20, 0.21]


def stopped(patience):
    stop = experiments.early_stop(LOSSES, patience)
    return f"it stops after epoch {stop.after} and goes back to epoch {stop.kept}"


def not_restored():
    after = experiments.early_stop(LOSSES, 2).after
    return f"it stops after epoch {after} and stays at epoch {after}"


# 6: a table; rows are what they are
TABLE = np.array([[30, 0, 10], [0, 45, 15], [2, 3, 75]])


def share(of):
    return f"{TABLE[2, 2] / of:.2f}"


# 7: a temperature
LOGITS = np.array([3.0, 1.0, 0.0])


def sure(logits):
    return ops.softmax(logits)[0]


# 8: what softmax adds up to
@functools.cache
def of_nothing():
    network = exported.shipped("mnist")
    return running.maps(network, np.zeros((28, 28, 1)))["probabilities"]


# 9: twins; the mean over many ways to shuffle
@functools.cache
def apart():
    counts = []
    for seed in range(2000):
        order = np.random.default_rng(seed).permutation(200)
        aside, train = order[:40], order[40:]
        counts.append(np.isin((aside + 100) % 200, train).sum())
    return np.mean(counts)


# 10: scrambled pixels, measured with three seeds
def loses():
    found = experiments.read("shuffled")
    worse = [
        name
        for name in ("dense", "convolutional")
        if found.values(f"{name}, shuffled", "accuracy", "test").max()
        < found.values(name, "accuracy", "test").min()
    ]
    return {0: "neither", 1: f"the {worse[0]} one", 2: "both"}[len(worse)]


KEYS = {
    1: lambda: str(VALID),
    2: lambda: f"{KERNEL.size + BIASES.size:,}",
    3: lambda: numbers_of(sides()[1]),
    4: lambda: about(tried().max(axis=1).mean()),
    5: lambda: stopped(2),
    6: lambda: share(TABLE[:, 2].sum()),
    7: lambda: f"{sure(LOGITS / 2):.2f}",
    8: lambda: f"{of_nothing().sum():.3g}",
    9: lambda: f"about {apart():.0f}",
    10: loses,
}
MISTAKES = {
    1: {
        "a": lambda: str(ops.conv2d(DIGIT, FILTERS, padding=2).shape),
        "c": lambda: str((28 - 5, 28 - 5, 16)),
        "d": lambda: str((*VALID[:2], 1)),
    },
    2: {
        "a": lambda: f"{KERNEL.size:,}",
        "b": lambda: f"{KERNEL[:, :, 0].size + BIASES.size:,}",
        "c": lambda: f"{KERNEL.size + 1:,}",
    },
    3: {
        "b": lambda: numbers_of(math.ceil(sides()[0] / 2)),
        "c": lambda: numbers_of(sides()[1], maps=1),
        "d": lambda: numbers_of(sides()[0]),
    },
    4: {
        "a": lambda: about(tried().mean()),
        "b": lambda: about(tried().min(axis=1).mean()),
        "d": lambda: about(1),
    },
    5: {"a": lambda: stopped(1), "b": lambda: stopped(3), "c": not_restored},
    6: {
        "b": lambda: share(TABLE[2].sum()),
        "c": lambda: f"{TABLE.trace() / TABLE.sum():.2f}",
        "d": lambda: share(TABLE.sum()),
    },
    7: {
        "a": lambda: f"{sure(LOGITS):.2f}",
        "c": lambda: f"{sure(2 * LOGITS):.2f}",
        "d": lambda: f"{sure(LOGITS) / 2:.2f}",
    },
    8: {"b": lambda: f"{of_nothing().mean():.3g}"},
    9: {
        "c": lambda: f"about {40 / 2:.0f}",
        "d": lambda: f"about {40 - apart():.0f}",
    },
}
