"""Keys of the quiz of lesson 08, computed anew."""

import functools

import numpy as np

from helpers import experiments, ops
from helpers.quiet import quiet


@functools.cache
def probe():
    with quiet():  # TensorFlow says much while it loads
        from helpers.networks import probe
    return probe


def said(number):
    return f"{number:g}".replace("-", "−")


# 1: a degree of activation
MAP = np.array([[3.0, -1.0], [-4.0, 2.0]])

# 2: selectivity, of one photo a class
MEANS = np.array([6.0, 2.0, 2.0, 2.0, 2.0])


def selectivity():
    return probe().selectivity(MEANS[:, np.newaxis], np.arange(5)).index[0]


# 3: a receptive field
WINDOWS = [(5, 2), (2, 2), (3, 1)]


def without_strides():
    return ops.receptive_field([(window, 1) for window, _ in WINDOWS])


# 4: a fast gradient sign
PIXEL, SLOPE, STRENGTH = 4, -0.02, 6
MOVED = PIXEL + STRENGTH * np.sign(SLOPE)

# 5: many small pushes
WEIGHTS = np.where(np.arange(10_000) % 2, 0.01, -0.01)


def growth(moves):
    return said(round(float(WEIGHTS @ moves), 6))


def typical():
    ways = np.random.default_rng(0).choice([-2.0, 2.0], size=(2000, WEIGHTS.size))
    return said(round(float((ways @ WEIGHTS).std())))


# 6: Grad-CAM
MAPS = np.array([[2.0, 0.0], [1.0, 3.0]])  # a map a row
SLOPES = np.array([[2.0, 0.0], [-1.0, -1.0]])


def both(numbers):
    return " and ".join(map(said, numbers))


def weighted():
    return (MAPS * SLOPES.mean(axis=1, keepdims=True)).sum(axis=0)


# 7: a Gram matrix
PAIR = np.array([[1.0, 0, 2, 1], [2.0, 1, 0, 2]])


def gram():
    return probe().gram(PAIR.T.reshape(2, 2, 2))[0, 1]


# 8: a linear classifier
KERNEL, BIASES = np.zeros((256, 4)), np.zeros(4)


# 9: the stored comparison with random weights
def passing(*, alike=False):
    found = experiments.read("reasons")
    names = ("saliency", "SmoothGrad", "Grad-CAM", "occlusion")
    likeness = {
        name: abs(np.median(np.nanmedian(found.values("all new", name, "trained"), -1)))
        for name in names
    }
    chosen = [name for name in names if (likeness[name] > 0.2) == alike]
    return {0: "none", 4: "all four"}.get(len(chosen), " and ".join(chosen))


# 10: the stored cheater
TESTS = {
    "own corner": "new digits with corners as it learned them",
    "no corner": "new digits without a corner",
    "another's corner": "new digits with the corner of another class",
}


def caught():
    found = experiments.read("shortcuts")
    right = {
        test: found.values("coloured corners", "accuracy", test).mean()
        for test in TESTS
    }
    return TESTS[min(right, key=right.get)]


KEYS = {
    1: lambda: said(ops.relu(MAP).sum()),
    2: lambda: said(selectivity()),
    3: lambda: said(ops.receptive_field(WINDOWS)),
    4: lambda: said(np.clip(MOVED, 0, 255)),
    5: lambda: growth(2 * np.sign(WEIGHTS)),
    6: lambda: both(np.maximum(weighted(), 0)),
    7: lambda: said(gram()),
    8: lambda: f"{KERNEL.size + BIASES.size:,}",
    9: passing,
    10: caught,
}
MISTAKES = {
    1: {
        "a": lambda: said(MAP.sum()),
        "c": lambda: said(np.abs(MAP).sum()),
        "d": lambda: said(MAP.max()),
    },
    2: {
        "b": lambda: f"{(6 - MEANS.mean()) / (6 + MEANS.mean()):.2f}",
        "c": lambda: said(MEANS[0] - MEANS[1]),
        "d": lambda: said(MEANS[0] / (MEANS[0] + MEANS[1])),
    },
    3: {
        "a": lambda: said(sum(window for window, _ in WINDOWS)),
        "b": lambda: said(without_strides()),
        "c": lambda: said(np.prod([window for window, _ in WINDOWS])),
    },
    4: {
        "a": lambda: said(MOVED),
        "b": lambda: said(PIXEL - STRENGTH * np.sign(SLOPE)),
        "d": lambda: said(PIXEL + STRENGTH * SLOPE),
    },
    5: {
        "b": typical,
        "c": lambda: said(2 * WEIGHTS.max()),
        "d": lambda: growth(np.full(WEIGHTS.size, 2.0)),
    },
    6: {
        "a": lambda: both(weighted()),
        "c": lambda: both(MAPS.sum(axis=0)),
        "d": lambda: both(np.maximum((MAPS * SLOPES).sum(axis=0), 0)),
    },
    7: {
        "a": lambda: said(PAIR[0] @ PAIR[1]),
        "b": lambda: said(PAIR[0] @ PAIR[1] / PAIR.size),
        "d": lambda: said(PAIR[0].mean() * PAIR[1].mean()),
    },
    8: {
        "a": lambda: f"{KERNEL.size:,}",
        "b": lambda: f"{KERNEL.size + len(KERNEL):,}",
        "c": lambda: f"{sum(KERNEL.shape):,}",
    },
    9: {"a": lambda: passing(alike=True)},
}
