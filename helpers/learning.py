"""The reference arithmetic of learning, with Keras's meaning, in NumPy alone.

A network learns by three steps, over and over: a *loss* says in one number how wrong it
is; the *gradient* says for every weight how the loss changes with it; an *optimiser*
takes a small step down. Here stand the parts that a lesson puts together by hand: the
derivatives of the activations of `helpers.ops`, two losses and their gradients, the two
gradients of a convolution, three optimisers, and schedules for their learning rate.

All numbers are float64. Arguments are never changed, results never share memory with
them. NaN stays NaN. What makes no sense raises a `ValueError` that names the argument,
what came, and what would do.

Formulas and defaults are those of Keras 3 on TensorFlow.
"""

import math
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, ops

Array = NDArray[np.floating]  # float64 here
Schedule = Callable[[int], float]  # from the number of steps made to a learning rate

# No loss grows beyond this, so that not even the mean of several overflows.
_LARGEST = float(np.finfo(np.float64).max) / 4

# -- activations and their derivatives -------------------------------------------------

# The activations of ops, by name.
ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "sigmoid": ops.sigmoid,
    "tanh": ops.tanh,
    "step": ops.step,
    "softplus": ops.softplus,
    "relu": ops.relu,
    "softsign": ops.softsign,
    "elu": ops.elu,
    "log_sigmoid": ops.log_sigmoid,
    "swish": ops.swish,
    "sinc": ops.sinc,
    "leaky_relu": ops.leaky_relu,
    "mish": ops.mish,
    "softmax": ops.softmax,
}
_SETTINGS = {"elu": "alpha", "leaky_relu": "negative_slope"}


@np.errstate(over="ignore", invalid="ignore")
def derivative(name: str, x: ArrayLike, **setting: ArrayLike) -> Array:
    """Tell how steeply an activation rises at x: the derivative of the function.

    At a corner it is what TensorFlow takes: 0 for ReLU at 0; for ELU and leaky ReLU the
    slope of their left side. The step's is 0 everywhere, so nothing learns through it.

    Parameters
    ----------
    name
        Of an activation, one of `ACTIVATIONS`.
    x
        Where, any shape; for softmax (…, n).
    **setting
        ``alpha`` for ELU, ``negative_slope`` for leaky ReLU (and PReLU, which is the
        same with a slope that is learned), as their functions take it.

    Returns
    -------
    array
        Of x's shape, one derivative for each number. For softmax (…, n, n), since each
        probability depends on all scores: ``[…, i, j]`` is that of probability i by
        score j.

    Raises
    ------
    ValueError
        Another name, a setting that the activation has not, what the activation
        refuses.

    Examples
    --------
    >>> derivative("relu", [-1, 0, 2])
    array([0., 0., 1.])
    >>> derivative("leaky_relu", [-1, 0, 2], negative_slope=0.1)
    array([0.1, 0.1, 1. ])
    >>> derivative("softmax", [0, 0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    name = _arguments.word(name, "name", ACTIVATIONS)
    x = _numbers(x, "x")
    for word, value in setting.items():
        if word != _SETTINGS.get(name):
            takes = f"takes {_SETTINGS[name]}" if name in _SETTINGS else "takes none"
            came = f"{_arguments.shown(value)} as a setting of {name}"
            raise _arguments.refusal(word, came, f"Leave it out, {name} {takes}")
    ACTIVATIONS[name](x, **setting)  # refuses for both what makes no sense
    numbers = {word: _numbers(value, word) for word, value in setting.items()}
    slopes = _DERIVATIVES[name](x, **numbers)
    return slopes if name == "softmax" else np.where(np.isnan(x), x, slopes)


def _of_tanh(x: Array) -> Array:
    """Return 1 − tanh²(x) without the difference, which loses digits far out."""
    return 4 * ops.sigmoid(2 * x) * ops.sigmoid(-2 * x)


def _of_elu(x: Array, alpha: Array | float = 1.0) -> Array:
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def _of_leaky_relu(x: Array, negative_slope: Array | float = 0.2) -> Array:
    return np.where(x > 0, 1, negative_slope)


def _of_swish(x: Array) -> Array:
    return ops.sigmoid(x) * (1 + x * ops.sigmoid(-x))


def _of_sinc(x: Array) -> Array:
    """Return (cos(πx) − sinc(x)) / x; near 0 the first terms of its power series."""
    angle = np.pi * x
    near = np.abs(angle) < 0.1
    away = np.where(near, 1, x)
    series = -angle / 3 + angle**3 / 30 - angle**5 / 840 + angle**7 / 45360
    return np.where(near, np.pi * series, (np.cos(angle) - np.sinc(x)) / away)


def _of_mish(x: Array) -> Array:
    opening = ops.softplus(x)
    return np.tanh(opening) + x * _of_tanh(opening) * ops.sigmoid(x)


def _of_softmax(x: Array) -> Array:
    shares = ops.softmax(x)
    own = shares[..., np.newaxis] * np.eye(x.shape[-1])
    return own - shares[..., :, np.newaxis] * shares[..., np.newaxis, :]


_DERIVATIVES: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda x: ops.sigmoid(x) * ops.sigmoid(-x),
    "tanh": _of_tanh,
    "step": np.zeros_like,
    "softplus": ops.sigmoid,
    "relu": lambda x: np.heaviside(x, 0),
    "softsign": lambda x: 1 / (1 + np.abs(x)) ** 2,
    "elu": _of_elu,
    "log_sigmoid": lambda x: ops.sigmoid(-x),
    "swish": _of_swish,
    "sinc": _of_sinc,
    "leaky_relu": _of_leaky_relu,
    "mish": _of_mish,
    "softmax": _of_softmax,
}

# -- losses ----------------------------------------------------------------------------


@np.errstate(over="ignore", invalid="ignore")
def mean_squared_error(prediction: ArrayLike, target: ArrayLike) -> tuple[float, Array]:
    """Measure how far predictions are off: the mean of ``(prediction − target)²``.

    Parameters
    ----------
    prediction, target
        Two arrays of one shape.

    Returns
    -------
    loss
        Keras's MeanSquaredError: the mean over all numbers.
    gradient
        By the prediction, of its shape: ``2 · (prediction − target) / n``.

    Raises
    ------
    ValueError
        Shapes that differ.

    Examples
    --------
    >>> mean_squared_error([1, 2], [1, 4])
    (2.0, array([ 0., -2.]))
    """
    prediction, target = _numbers(prediction, "prediction"), _numbers(target, "target")
    if prediction.shape != target.shape:
        came = f"shape {target.shape} for a prediction of {prediction.shape}"
        raise _arguments.refusal("target", came, "Give two arrays of one shape")
    error = prediction - target
    return float(np.mean(error**2)), np.asarray(2 * error / error.size)


@np.errstate(over="ignore", invalid="ignore")
def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> tuple[float, Array]:
    """Measure how surprised a classifier is: ``−ln softmax(logits)[label]``.

    It comes straight from the scores, without the probabilities between them: where a
    probability has become 0 its logarithm is infinite, this loss is not.

    Parameters
    ----------
    logits
        (C,) or (…, C), a score for each class.
    labels
        The true class of each row, whole numbers of shape (…); or the probabilities
        that were wanted, of the shape of the logits.

    Returns
    -------
    loss
        Keras's SparseCategoricalCrossentropy or CategoricalCrossentropy with
        ``from_logits=True``: the mean over the rows. Finite for finite logits.
    gradient
        By the logits, of their shape: ``(softmax(logits) − wanted) / rows``.

    Raises
    ------
    ValueError
        Labels of another shape, no whole numbers, no classes that there are;
        probabilities below 0 or with a sum other than 1.

    Examples
    --------
    >>> loss, gradient = cross_entropy([0, 0], 1)
    >>> round(loss, 4), gradient
    (0.6931, array([ 0.5, -0.5]))
    >>> cross_entropy([[1000, -1000]], [1])
    (2000.0, array([[ 1., -1.]]))
    """
    logits = _numbers(logits, "logits")
    if logits.ndim == 0:
        need = "Give a score for each class, (C,) or (…, C)"
        raise _arguments.refusal("logits", "shape ()", need)
    wanted = _wanted(labels, logits.shape)
    rows = logits.size // logits.shape[-1]
    # ln softmax; shifted so that exp does not overflow, cut so that 0 · ∞ is not NaN
    shifted = logits - logits.max(axis=-1, keepdims=True)
    shifted = np.maximum(shifted, -_LARGEST)
    logarithms = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    loss = -float(np.sum(wanted * logarithms / rows))
    return loss + 0.0, (np.exp(logarithms) - wanted) / rows


def _wanted(labels: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return the probabilities that were wanted: 1 for the true class, or as given."""
    given, classes = _arguments.array(labels, "labels"), shape[-1]
    if given.shape == shape:
        wanted = given.astype(np.float64)
        if not ((wanted >= 0).all() and np.allclose(wanted.sum(axis=-1), 1)):
            need = "Give probabilities, from 0 up, that add up to 1 in each row"
            raise _arguments.refusal("labels", _arguments.shown(labels), need)
        return wanted
    if given.shape != shape[:-1] or given.dtype.kind not in "iu":
        came = f"{given.dtype} of shape {given.shape} for logits of {shape}"
        need = f"Give whole numbers of shape {shape[:-1]}, or probabilities of {shape}"
        raise _arguments.refusal("labels", came, need)
    if given.min() < 0 or given.max() >= classes:
        came = f"numbers {given.min()} … {given.max()}"
        need = f"{classes} classes are 0 … {classes - 1}"
        raise _arguments.refusal("labels", came, need)
    return np.eye(classes)[given]


# -- backwards through a convolution ---------------------------------------------------


@np.errstate(over="ignore", invalid="ignore")
def conv2d_gradients(
    x: ArrayLike,
    kernel: ArrayLike,
    incoming: ArrayLike,
    stride: ops.IntOrPair = 1,
    padding: ops.Padding = "valid",
) -> tuple[Array, Array]:
    """Tell how much x and the kernel receive of the gradient at `ops.conv2d`'s result.

    Both are convolutions again. The kernel's entry (a, b) met the pixels that lie a
    rows and b columns from each corner, so its gradient is ``Σ x[i·s + a, j·s + b] ·
    incoming[i, j]``: the incoming gradient slides over x as a kernel with dilation s.
    And every output hands its gradient back to the window it came from, weighed by the
    kernel, which is `ops.conv_transpose2d`. At stride 1 that is the incoming gradient,
    padded by kernel − 1, under the kernel turned by half a turn: mathematics' "full"
    convolution.

    Parameters
    ----------
    x
        (H, W) or (H, W, C).
    kernel
        (kh, kw), (kh, kw, C) or (kh, kw, C, F), as `ops.conv2d` takes it.
    incoming
        (oh, ow) or (oh, ow, F), the gradient at each output.
    stride, padding
        As for `ops.conv2d`; padding holds zeros.

    Returns
    -------
    gradient of x, gradient of the kernel
        Of their shapes: the derivatives of ``(incoming * conv2d(x, kernel, …)).sum()``.

    Raises
    ------
    ValueError
        What `ops.conv2d` refuses, an incoming gradient that has not its result's shape.

    Examples
    --------
    >>> of_x, of_kernel = conv2d_gradients([[1, 2, 3]], [[10, 1]], [[1, -1]])
    >>> of_x
    array([[10., -9., -1.]])
    >>> of_kernel
    array([[-1., -1.]])
    """
    out = ops.conv2d(x, kernel, stride=stride, padding=padding)
    x, kernel = _numbers(x, "x"), _numbers(kernel, "kernel")
    incoming = _numbers(incoming, "incoming")
    if incoming.shape != out.shape:
        need = f"Give one number for each output, shape {out.shape}"
        raise _arguments.refusal("incoming", f"shape {incoming.shape}", need)

    channels = x.reshape(*x.shape[:2], -1)
    weights = kernel.reshape(*kernel.shape[:2], channels.shape[2], -1)
    gradient = incoming.reshape(*incoming.shape[:2], -1)
    (rows, cols), sides = kernel.shape[:2], _sides(padding, x, kernel, stride)
    padded = ops.pad2d(channels, sides)

    of_x = np.zeros_like(padded)
    painted = ops.conv_transpose2d(gradient, weights, stride=stride)
    painted = painted[: padded.shape[0], : padded.shape[1]]
    of_x[: painted.shape[0], : painted.shape[1]] = painted
    (top, _), (left, _) = sides
    of_x = of_x[top : top + x.shape[0], left : left + x.shape[1]].reshape(x.shape)

    down, across = _arguments.pair(stride, "stride")
    # Rows and columns that the last window does not reach have no say.
    seen = padded[
        : (gradient.shape[0] - 1) * down + rows,
        : (gradient.shape[1] - 1) * across + cols,
    ]
    slides = gradient[:, :, np.newaxis, :]
    of_channels = [
        ops.conv2d(seen[..., channel], slides, dilation=stride)
        for channel in range(seen.shape[2])
    ]
    return of_x.copy(), np.stack(of_channels, axis=2).reshape(kernel.shape)


def _sides(padding: Any, x: Array, kernel: Array, stride: ops.IntOrPair) -> ops.Sides:
    """Return the pixels on each side, for padding that `ops.conv2d` has taken."""
    if isinstance(padding, str):
        if padding == "valid":
            return (0, 0), (0, 0)
        size, reach = (x.shape[0], x.shape[1]), (kernel.shape[0], kernel.shape[1])
        return ops.same_padding(size, reach, stride=stride)
    rows, cols = padding if _arguments.is_sequence(padding) else (padding, padding)
    return _arguments.pair(rows, "padding", 0), _arguments.pair(cols, "padding", 0)


# -- schedules: how the learning rate changes from step to step ------------------------


def constant(learning_rate: float) -> Schedule:
    """Keep one learning rate.

    >>> constant(0.1)(1000)
    0.1
    """
    rate = _arguments.real(learning_rate, "learning_rate", 0)
    return _of_whole_steps(lambda step: rate)


def piecewise_constant(boundaries: Sequence[int], values: Sequence[float]) -> Schedule:
    """Change the learning rate after certain steps: Keras's PiecewiseConstantDecay.

    Parameters
    ----------
    boundaries
        Rising whole numbers; each is the last step of its piece.
    values
        The learning rates, one more than boundaries.

    Raises
    ------
    ValueError
        Boundaries that do not rise, another number of values.

    Examples
    --------
    >>> rate = piecewise_constant([10, 20], [0.1, 0.01, 0.001])
    >>> rate(0), rate(10), rate(11), rate(21)
    (0.1, 0.1, 0.01, 0.001)
    """
    for name, came in (("boundaries", boundaries), ("values", values)):
        if not _arguments.is_sequence(came):
            raise _arguments.refusal(name, _arguments.shown(came), "Give a list")
    ends = [_arguments.whole(step, "boundaries", 0) for step in boundaries]
    rates = [_arguments.real(rate, "values", 0) for rate in values]
    if any(left >= right for left, right in pairwise(ends)):
        raise _arguments.refusal(
            "boundaries", _arguments.shown(boundaries), "Give rising steps"
        )
    if len(rates) != len(ends) + 1:
        need = f"Give {len(ends) + 1} for {len(ends)} boundaries"
        raise _arguments.refusal("values", f"{len(rates)} values", need)
    return _of_whole_steps(lambda step: rates[bisect_left(ends, step)])


def step_decay(
    initial_learning_rate: float, decay_steps: int, decay_rate: float
) -> Schedule:
    """Multiply the learning rate by the same factor every so many steps.

    Keras's ExponentialDecay with ``staircase=True``:
    ``initial_learning_rate · decay_rate ^ ⌊step / decay_steps⌋``.

    >>> rate = step_decay(0.8, decay_steps=100, decay_rate=0.5)
    >>> rate(0), rate(99), rate(100), rate(250)
    (0.8, 0.8, 0.4, 0.2)
    """
    initial = _arguments.real(initial_learning_rate, "initial_learning_rate", 0)
    every = _arguments.whole(decay_steps, "decay_steps")
    factor = _arguments.real(decay_rate, "decay_rate", 0)
    return _of_whole_steps(lambda step: initial * factor ** (step // every))


def cosine_decay(
    initial_learning_rate: float,
    decay_steps: int,
    alpha: float = 0.0,
    warmup_target: float | None = None,
    warmup_steps: int = 0,
) -> Schedule:
    """Let the learning rate fall along half a cosine: Keras's CosineDecay.

    Loshchilov & Hutter, *SGDR*, 2017, arXiv:1608.03983, without restarts.

    Parameters
    ----------
    initial_learning_rate
        At step 0.
    decay_steps
        Steps from the top to the bottom; after them the rate stays.
    alpha
        The bottom, as a part of the top.
    warmup_target, warmup_steps
        With a target the rate first rises to it in a straight line, for so many steps,
        and then falls from there.

    Raises
    ------
    ValueError
        Numbers that are none, below 0, or decay_steps below 1.

    Examples
    --------
    >>> rate = cosine_decay(0.2, decay_steps=100)
    >>> [round(rate(step), 3) for step in (0, 25, 50, 100, 1000)]
    [0.2, 0.171, 0.1, 0.0, 0.0]
    >>> rate = cosine_decay(0.0, 100, warmup_target=0.2, warmup_steps=10)
    >>> [round(rate(step), 3) for step in (0, 5, 10, 60, 110)]
    [0.0, 0.1, 0.2, 0.1, 0.0]
    """
    initial = _arguments.real(initial_learning_rate, "initial_learning_rate", 0)
    steps = _arguments.whole(decay_steps, "decay_steps")
    bottom = _arguments.real(alpha, "alpha", 0)
    warm = _arguments.whole(warmup_steps, "warmup_steps", 0)
    top, start = initial, 0
    if warmup_target is not None:
        top, start = _arguments.real(warmup_target, "warmup_target", 0), warm

    def rate(step: int) -> float:
        if step < start:
            return initial + (top - initial) * step / start
        fallen = min(step - start, steps) / steps
        cosine = (1 + math.cos(math.pi * fallen)) / 2
        return top * ((1 - bottom) * cosine + bottom)

    return _of_whole_steps(rate)


def _of_whole_steps(rate: Schedule) -> Schedule:
    def schedule(step: int) -> float:
        return rate(_arguments.whole(step, "step", 0))

    return schedule


# -- optimisers ------------------------------------------------------------------------


class Optimizer(ABC):
    """What `SGD`, `RMSprop` and `Adam` have in common.

    An optimiser remembers the gradients of the weights it was given, so each array of
    weights has one of its own.

    Attributes
    ----------
    learning_rate
        A schedule: from the number of steps made to the rate of the next one.
    iterations
        The number of steps made.
    """

    def __init__(self, learning_rate: float | Schedule) -> None:
        rate = learning_rate
        self.learning_rate = rate if callable(rate) else constant(rate)
        self.iterations = 0
        self._shape: tuple[int, ...] | None = None

    @np.errstate(over="ignore", divide="ignore", invalid="ignore")
    def step(self, weights: ArrayLike, gradient: ArrayLike) -> Array:
        """Return the weights after one step.

        Parameters
        ----------
        weights
            Any shape, the same at every step.
        gradient
            Of the loss, by the weights, of their shape.

        Raises
        ------
        ValueError
            Shapes that differ, or that changed since the first step.
        """
        weights, gradient = _numbers(weights, "weights"), _numbers(gradient, "gradient")
        if gradient.shape != weights.shape:
            came = f"shape {gradient.shape} for weights of {weights.shape}"
            raise _arguments.refusal("gradient", came, "Give one number a weight")
        if self._shape not in (None, weights.shape):
            need = f"This optimiser began with {self._shape}; make another"
            raise _arguments.refusal("weights", f"shape {weights.shape}", need)
        self._shape = weights.shape
        change = self._change(gradient, self.learning_rate(self.iterations))
        self.iterations += 1
        return np.asarray(weights + change)

    @abstractmethod
    def _change(self, gradient: Array, rate: float) -> Array:
        """Return what is added to the weights; remember what the next step needs."""


class SGD(Optimizer):
    """Go downhill: ``w − rate · gradient``; with momentum, as a ball that rolls.

    ``v ← momentum · v − rate · gradient``, then ``w + v``; Nesterov looks ahead:
    ``w + momentum · v − rate · gradient`` with the new v.

    Parameters
    ----------
    learning_rate
        A number, or a schedule.
    momentum
        What is left of the velocity after a step, 0 … 1.
    nesterov
        True for Nesterov's momentum.

    Examples
    --------
    >>> SGD(learning_rate=0.1).step([1, 2], [10, -10])
    array([0., 3.])
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.momentum = _arguments.real(momentum, "momentum", 0, 1)
        self.nesterov = _arguments.flag(nesterov, "nesterov")
        self._velocity: Array | float = 0.0

    def _change(self, gradient: Array, rate: float) -> Array:
        velocity = self.momentum * self._velocity - rate * gradient
        self._velocity = velocity
        if self.nesterov and self.momentum:
            return self.momentum * velocity - rate * gradient
        return velocity


class RMSprop(Optimizer):
    """Divide the gradient by its usual size, so that every weight moves at one speed.

    ``s ← rho · s + (1 − rho) · gradient²``, then ``w − rate · gradient / √(s + ε)``;
    Tieleman & Hinton, 2012.

    Parameters
    ----------
    learning_rate
        A number, or a schedule.
    rho
        How much of the mean of the squares stays at a step, 0 … 1.
    momentum
        What is left of the last change, 0 … 1.
    epsilon
        ε, so that nothing is divided by 0.
    centered
        True to take the square of the mean gradient off s.

    Examples
    --------
    >>> RMSprop(learning_rate=0.1, rho=0.75).step([1, 2], [10, -0.1]).round(3)
    array([0.8, 2.2])
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.rho = _arguments.real(rho, "rho", 0, 1)
        self.momentum = _arguments.real(momentum, "momentum", 0, 1)
        self.epsilon = _arguments.real(epsilon, "epsilon", 0)
        self.centered = _arguments.flag(centered, "centered")
        self._squares: Array | float = 0.0
        self._mean: Array | float = 0.0
        self._moved: Array | float = 0.0

    def _change(self, gradient: Array, rate: float) -> Array:
        self._squares = self.rho * self._squares + (1 - self.rho) * gradient**2
        size = self._squares
        if self.centered:
            self._mean = self.rho * self._mean + (1 - self.rho) * gradient
            size = size - self._mean**2
        moved = rate * gradient / np.sqrt(size + self.epsilon)
        moved = self.momentum * self._moved + moved
        self._moved = moved
        return -moved


class Adam(Optimizer):
    """Momentum and RMSprop together, corrected for having begun at 0.

    ``m ← m + (1 − β₁)(gradient − m)``, ``v ← v + (1 − β₂)(gradient² − v)``, then at
    step t ``w − rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)``; Kingma & Ba, 2015,
    arXiv:1412.6980, the formula before section 2.1.

    Parameters
    ----------
    learning_rate
        A number, or a schedule.
    beta_1, beta_2
        How much of the two means stays at a step, 0 … 1, 1 not included.
    epsilon
        ε, so that nothing is divided by 0.

    Examples
    --------
    >>> Adam(learning_rate=0.1).step([1, 2], [10, -0.1]).round(3)
    array([0.9, 2.1])
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
    ) -> None:
        super().__init__(learning_rate)
        self.beta_1 = _below_one(beta_1, "beta_1")
        self.beta_2 = _below_one(beta_2, "beta_2")
        self.epsilon = _arguments.real(epsilon, "epsilon", 0)
        self._mean: Array | float = 0.0
        self._squares: Array | float = 0.0

    def _change(self, gradient: Array, rate: float) -> Array:
        time = self.iterations + 1
        self._mean = self._mean + (gradient - self._mean) * (1 - self.beta_1)
        growth = gradient**2 - self._squares
        self._squares = self._squares + growth * (1 - self.beta_2)
        rate *= math.sqrt(1 - self.beta_2**time) / (1 - self.beta_1**time)
        return -(self._mean * rate) / (np.sqrt(self._squares) + self.epsilon)


# -- arguments -------------------------------------------------------------------------


def _numbers(value: ArrayLike, name: str) -> Array:
    return _arguments.array(value, name).astype(np.float64)


def _below_one(value: Any, name: str) -> float:
    number = _arguments.real(value, name, 0, 1)
    if number == 1:
        need = "Give a number from 0 to less than 1"
        raise _arguments.refusal(name, _arguments.shown(value), need)
    return number
