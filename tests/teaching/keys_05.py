"""Keys of the quiz of lesson 05, computed anew."""

import math

import numpy as np

from helpers import learning, ops
from helpers.widgets import BackpropStepper


def said(number):
    return f"{number:g}".replace("-", "−")


# 1: a neuron
INPUTS, WEIGHTS, BIAS = np.array([1, 2]), np.array([2, -3]), 1
SUM = WEIGHTS @ INPUTS + BIAS

# 2: two layers without an activation
FIRST, SECOND = np.ones((4, 3)), np.ones((2, 4))

# 3: cross-entropy
BEFORE, AFTER = 0.25, 0.5


def cross_entropy(probability):
    scores = np.array([math.log(probability / (1 - probability)), 0.0])
    return learning.cross_entropy(scores, 0)[0]


# 4: a step of descent
START, RATE = 1.0, 0.05


def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


def stepped(slope_there, rate=RATE):
    return said(round(START - rate * slope_there, 6))


SLOPE = slope(lambda w: (3 * w - 6) ** 2, START)


# 5: the limit of the learning rate, by bisection: does a step lead farther away?
def limit(curvatures):
    curvatures, low, high = np.array(curvatures, float), 0.0, 10.0
    for _ in range(40):
        rate = (low + high) / 2
        place = np.ones(len(curvatures))
        place = place - rate * curvatures * place
        if np.abs(place).max() <= 1:
            low = rate
        else:
            high = rate
    return f"{low:.2g}"


# 6: updates
def batches(pictures, batch=64):
    return len(range(0, pictures, batch))


# 7: the neuron of the explorer
def gradients():
    numbers = {"x1": 2, "x2": 3, "w1": 2, "w2": -1, "b": 1, "y": 4}
    return BackpropStepper("neuron", numbers).gradients


# 8: six slopes in a row
def arriving(activation, layers=6):
    return learning.derivative(activation, 0.0) ** layers


# 9: the kernels' gradient: every window times what arrives at its place
def shapes():
    photo, arrives = np.ones((32, 32, 3)), np.ones((30, 30, 16))
    windows = np.lib.stride_tricks.sliding_window_view(photo, (3, 3), axis=(0, 1))
    by_kernels = np.einsum("rcikl,rco->klio", windows, arrives)
    assert ops.conv2d(photo, by_kernels).shape == arrives.shape
    return {
        "kernels": by_kernels.shape,
        "biases": arrives.sum(axis=(0, 1)).shape,
        "output": arrives.shape,
        "one channel": by_kernels[:, :, 0].shape,
    }


KEYS = {
    1: lambda: said(ops.relu(SUM)),
    2: lambda: str((SECOND @ FIRST).size),
    3: lambda: f"{cross_entropy(BEFORE) - cross_entropy(AFTER):.2f}",
    4: lambda: stepped(SLOPE),
    5: lambda: limit([1, 25]),
    6: lambda: str(3 * batches(600)),
    7: lambda: said(gradients()["w1"]),
    8: lambda: f"{arriving('sigmoid'):.2g}",
    9: lambda: str(shapes()["kernels"]),
}
MISTAKES = {
    1: {
        "a": lambda: said(SUM),
        "b": lambda: said(abs(SUM)),
        "d": lambda: said(SUM - BIAS),
    },
    2: {
        "a": lambda: str(FIRST.size + SECOND.size),
        "c": lambda: str(FIRST.size),
        "d": lambda: str(SECOND.size),
    },
    3: {
        "b": lambda: f"{AFTER - BEFORE:.2f}",
        "c": lambda: f"{np.log2(AFTER / BEFORE):.2f}",
        "d": lambda: f"{AFTER / BEFORE:.2f}",
    },
    4: {
        "a": lambda: stepped(-SLOPE),
        "b": lambda: stepped(SLOPE / 3),
        "c": lambda: stepped(SLOPE, rate=1),
    },
    5: {
        "a": lambda: limit([1]),
        "b": lambda: f"{1 / 25:.2g}",
        "d": lambda: limit([(1 + 25) / 2]),
    },
    6: {
        "a": lambda: str(batches(3 * 600)),
        "c": lambda: str(3 * (600 // 64)),
        "d": lambda: str(batches(600)),
    },
    7: {
        "a": lambda: said(gradients()["b"]),
        "b": lambda: said(-gradients()["w1"]),
        "c": lambda: said(gradients()["w2"]),
    },
    8: {
        "b": lambda: f"{learning.derivative('sigmoid', 0.0) / 6:.2g}",
        "c": lambda: f"{arriving('sigmoid', 1):.2g}",
        "d": lambda: f"{arriving('tanh'):.2g}",
    },
    9: {
        "a": lambda: str(shapes()["biases"]),
        "b": lambda: str(shapes()["output"]),
        "d": lambda: str(shapes()["one channel"]),
    },
}
