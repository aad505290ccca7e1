"""A stack of dense layers at its start: what goes forward, what gradient comes back.

As flows.js has it, number for number: weights, inputs and the gradient at the top are
drawn by the generator of random.js.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import learning
from helpers.widgets.parts.random import normals, uniforms

Array = NDArray[np.float64]

BATCH = 64  # inputs that go through at once
BOUND = 100  # a gradient that becomes so many times smaller vanishes, larger explodes
SEEDS = 5  # that are looked at before anything is concluded
EPSILON = 0.001  # Keras's, of batch normalisation

#: Deviations of plain normal numbers; the others come from the number of inputs.
DEVIATIONS = {"small": 0.01, "large": 1.0}
INITIALISERS = ("glorot_uniform", "he_normal", *DEVIATIONS)
ACTIVATIONS = tuple(name for name in learning.ACTIVATIONS if name != "softmax")

_CUT = 0.87962566103423978  # deviation of normal numbers that are cut off at 2


class Stack(NamedTuple):
    """What there is to choose: all that a flow follows from."""

    layers: int = 20
    width: int = 32
    activation: str = "sigmoid"
    initialiser: str = "glorot_uniform"
    normalise: bool = False
    seed: int = 1


class Flow(NamedTuple):
    """What went through a stack, first layer first.

    Attributes
    ----------
    weights
        (layers, width, width), a kernel for each.
    activations
        (layers, BATCH, width), what comes out of each.
    arrived
        (layers,), the norm of the gradient that arrives at its output.
    moved
        (layers,), the norm of the gradient of its weights.
    """

    weights: Array
    activations: Array
    arrived: Array
    moved: Array

    @property
    def ratio(self) -> float:
        """The gradient that arrives at the first layer over that of the last, 1."""
        return float(self.arrived[0] / self.arrived[-1])


def verdict(ratio: float) -> str:
    """Return what a gradient does on its way from the last layer to the first.

    Examples
    --------
    >>> [verdict(ratio) for ratio in (0, 0.001, 0.5, 1000)]
    ['stops', 'vanishes', 'holds', 'explodes']
    """
    if ratio == 0:
        return "stops"
    if ratio < 1 / BOUND:
        return "vanishes"
    return "explodes" if ratio > BOUND else "holds"


# ---- what a stack begins with ----


def _weights(stack: Stack, first: int) -> Array:
    count, seed = stack.layers * stack.width**2, stack.seed
    if stack.initialiser == "glorot_uniform":
        limit = math.sqrt(3 / stack.width)  # 6 over inputs and outputs
        return limit * (2 * uniforms(seed, count, first) - 1)
    if stack.initialiser in DEVIATIONS:
        return DEVIATIONS[stack.initialiser] * normals(seed, count, first)
    drawn = normals(seed, count + count // 8 * 2, first)  # 1 in 22 is not taken
    taken = drawn[np.abs(drawn) <= 2][:count]
    return math.sqrt(2 / stack.width) * taken / _CUT


# ---- forward and backward ----


@lru_cache(maxsize=16)
def flow(stack: Stack) -> Flow:
    """Return what goes through a stack in training, once forward and once back.

    In: a batch of standard normal numbers. At the top comes in a gradient of norm 1 in
    a random direction, as if from a loss. A layer is dense, batch-normalised if that is
    asked for, and ends with its activation; biases are 0 at the start.

    Where sums that grow go through sinc, each layer makes a difference larger, the last
    digit's too: after some twenty layers of large weights another machine, and the
    page, have other numbers of the same size.
    """
    numbers = BATCH * stack.width
    shape = (BATCH, stack.width)
    x = normals(stack.seed, numbers).reshape(shape)
    back = normals(stack.seed, numbers, numbers).reshape(shape)
    back /= np.linalg.norm(back)
    weights = _weights(stack, 2 * numbers)
    weights = weights.reshape(stack.layers, stack.width, stack.width)

    inputs, scales, sums, outputs = [], [], [], []
    for kernel in weights:
        inputs.append(x)
        z, inverse = x @ kernel, np.ones(stack.width)
        if stack.normalise:
            inverse = 1 / np.sqrt(z.var(axis=0) + EPSILON)
            z = (z - z.mean(axis=0)) * inverse
        x = np.asarray(learning.ACTIVATIONS[stack.activation](z))
        scales.append(inverse)
        sums.append(z)
        outputs.append(x)

    arrived, moved = np.zeros(stack.layers), np.zeros(stack.layers)
    for k in reversed(range(stack.layers)):
        arrived[k] = np.linalg.norm(back)
        back = back * learning.derivative(stack.activation, sums[k])
        if stack.normalise:  # each number also moves its unit's mean and variance
            back = back - back.mean(axis=0) - sums[k] * (back * sums[k]).mean(axis=0)
            back = back * scales[k]
        moved[k] = np.linalg.norm(inputs[k].T @ back)
        back = back @ weights[k].T
    return _frozen(Flow(weights, np.stack(outputs), arrived, moved))


def _frozen(found: Flow) -> Flow:
    for array in found:
        array.flags.writeable = False
    return found
