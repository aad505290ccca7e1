"""Pictures that fool a network: real ones changed a little, and noise it is sure of.

How a pixel misleads a network says the slope of one number, the *margin*: what the
network has for all other classes together over what it has for this one,
``ln((1 − p) / p)``, in logits. It rises as cross-entropy does, and in the same
direction: cross-entropy's slope is this one times 1 − p. But where a network is sure,
1 − p is rounded to 0 and nothing is left of that slope; of this one everything is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, _bars
from helpers.networks.probe import _fitting, _once, _steps, _within
from helpers.networks.probe._slopes import by_several
from helpers.networks.probe.maps import outputs, probabilities

Floats = NDArray[np.float32]

WHITE = _fitting.WHITE
_STRIDE = 2.5  # all steps together are so many times as long as the strength
_DOUBLINGS, _HALVINGS = 7, 5  # of the search for the smallest strength
_PATIENCE = 1  # seconds before a bar shows
_NONE = -1e9  # of a logit: this class has no part in a sum of powers


# -- a change that misleads ------------------------------------------------------------


def fast_gradient_sign(
    model: keras.Model,
    x: ArrayLike,
    labels: ArrayLike | None = None,
    strength: float = 8,
    *,
    target: int | None = None,
    progress: bool = True,
) -> Floats:
    """Return pictures in which every pixel went the same way off, as it misleads most.

    A single step: ``x + strength · sign(slope)``. No pixel changes by more than the
    strength, and all of them together add up.

    Parameters
    ----------
    model
        From pictures, values 0 to 255, to logits or probabilities.
    x : (N, H, W, C)
        Pictures. They are not changed.
    labels : (N,)
        The true class of each, which the network is led away from; None for the class
        that it names.
    strength
        Gray levels, 0 to 255.
    target
        A class that all of them are led to, in place of any other one.
    progress
        Whether a bar shows how far it is, where it takes longer than a second.

    Returns
    -------
    (N, H, W, C) of float32
        Values 0 to 255. A pixel on which the answer does not depend stays.

    Raises
    ------
    ValueError
        Anything that cannot be.

    References
    ----------
    Goodfellow, Shlens and Szegedy, Explaining and harnessing adversarial examples,
    arXiv 1412.6572.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)
    ... ])
    >>> model.set_weights([np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)])
    >>> fast_gradient_sign(model, [[[[30], [20]]]], [0], strength=8).ravel()
    array([22., 28.], dtype=float32)
    """
    return attack(
        model,
        x,
        labels,
        strength=strength,
        steps=1,
        target=target,
        progress=progress,
    )


def attack(
    model: keras.Model,
    x: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    strength: float = 8,
    steps: int = 10,
    rate: float | None = None,
    target: int | None = None,
    seed: int | None = None,
    progress: bool = True,
) -> Floats:
    """Return pictures that several small steps lead away from their class.

    Each step is one of `fast_gradient_sign`, and looks anew which way misleads. What
    goes further than the strength from the picture is brought back to it (projected
    gradient descent).

    Parameters
    ----------
    model, x, labels, target
        As `fast_gradient_sign` takes them.
    strength
        By how many gray levels a pixel may change, 0 to 255.
    steps
        How many; one gives `fast_gradient_sign`.
    rate
        Gray levels of each; None for 2.5 times the strength, shared among the steps, so
        that a pixel can change its mind.
    seed
        To begin at a random place in reach, instead of at the picture itself.
    progress
        Whether a bar shows how far it is, where it takes longer than a second.

    Returns
    -------
    (N, H, W, C) of float32
        Values 0 to 255, with fractions. A file of bytes rounds them, and so undoes a
        part of a small change: see `disturbed`.

    Raises
    ------
    ValueError
        Anything that cannot be.

    References
    ----------
    Madry and others, Towards deep learning models resistant to adversarial attacks,
    arXiv 1706.06083.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)
    ... ])
    >>> model.set_weights([np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)])
    >>> attack(model, [[[[30], [20]]]], [0], strength=8, target=1).ravel()
    array([22., 28.], dtype=float32)
    """
    pictures = _pictures(model, x)
    goal = _goal(model, pictures, labels, target)
    strength = _arguments.real(strength, "strength", 0, WHITE)
    steps = _arguments.whole(steps, "steps")
    size = _STRIDE * strength / steps
    if rate is not None:
        size = _arguments.real(rate, "rate", 0, WHITE)
    start: NDArray[np.floating] = pictures
    if seed is not None:
        rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
        start = pictures + rng.uniform(-strength, strength, pictures.shape)
    return _attacked(
        model, pictures, goal, strength, steps, size, start=start, progress=progress
    )


def random_change(x: ArrayLike, strength: float, *, seed: int = 0) -> Floats:
    """Return pictures in which chance says of each pixel whether it goes up or down.

    As large a change as `fast_gradient_sign` makes, which does not ask the network:
    what this does to its answers an attack must surpass.

    Parameters
    ----------
    x
        Pictures, values 0 to 255, of any shape.
    strength
        By how many gray levels each pixel changes, 0 to 255.
    seed
        Of what chance says.

    Returns
    -------
    array of float32, of x's shape
        Values 0 to 255.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> random_change(np.full((1, 1, 4, 1), 100), 8).ravel()
    array([108., 108., 108.,  92.], dtype=float32)
    """
    pictures = _fitting.values(x, "x").astype(np.float32)
    strength = _arguments.real(strength, "strength", 0, WHITE)
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    ways = rng.choice([-1, 1], pictures.shape)
    return np.clip(pictures + strength * ways, 0, WHITE).astype(np.float32)


# -- the smallest change ---------------------------------------------------------------


@dataclass(frozen=True)
class SmallestChange:
    """A picture that fools a network with as little change as was found.

    Attributes
    ----------
    picture : (H, W, C) of float32
        The changed picture, 0 to 255, with fractions, as `attack` returns it.
    strength
        By how many gray levels a pixel of it changed at most.
    label
        The class that it was led away from.
    taken_for
        The class that the network names now.
    """

    picture: Floats
    strength: float
    label: int
    taken_for: int


def smallest_change(
    model: keras.Model,
    x: ArrayLike,
    label: int | None = None,
    *,
    steps: int = 10,
    most: float = 64,
    target: int | None = None,
    progress: bool = True,
) -> SmallestChange | None:
    """Return a change that makes a network err about a picture, as small as is found.

    Strengths from 1/128 of `most` on are doubled until the network errs, then the gap
    is halved five times. What is found is an upper bound: an attack may fail with more
    and succeed with less, least surely with a target, so that a strength which was not
    tried may be smaller; and another way to attack may need less, too.

    Parameters
    ----------
    model, target
        As `fast_gradient_sign` takes them.
    x : (H, W, C)
        The picture.
    label
        Its true class; None for the class that the network names.
    steps
        Of each attack; see `attack`.
    most
        The largest strength that is tried, in gray levels.
    progress
        Whether a bar shows how far it is, where it takes longer than a second.

    Returns
    -------
    SmallestChange or None
        None where none of the strengths that were doubled up to `most` fools it, though
        one between two of them may. Strength 0 where it errs anyway.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)
    ... ])
    >>> model.set_weights([np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)])
    >>> found = smallest_change(model, [[[30], [20]]])
    >>> round(found.strength, 1), found.taken_for
    (5.1, 1)
    >>> smallest_change(model, [[[30], [20]]], most=4) is None
    True
    """
    one = _arguments.array(x, "x", finite=True)
    if one.ndim != 3:
        came = f"shape {one.shape}"
        raise _arguments.refusal("x", came, "Give one picture, (rows, columns, C)")
    labels = None if label is None else [_class(model, label, "label")]
    found = _smallest(model, one[np.newaxis], labels, steps, most, target, progress)
    if not np.isfinite(found.strengths[0]):
        return None
    taken_for = int(outputs(model, found.pictures)[0].argmax())
    return SmallestChange(
        found.pictures[0], float(found.strengths[0]), int(found.labels[0]), taken_for
    )


def smallest_strengths(
    model: keras.Model,
    x: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    steps: int = 10,
    most: float = 64,
    target: int | None = None,
    progress: bool = True,
) -> NDArray[np.float64]:
    """Return how strong a change each of many pictures takes to fool a network.

    Parameters
    ----------
    model, steps, most, target, progress
        As `smallest_change` takes them.
    x, labels
        As `fast_gradient_sign` takes them.

    Returns
    -------
    (N,)
        Gray levels, as `smallest_change` finds them, upper bounds; infinite where none
        that was tried fools it.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)
    ... ])
    >>> model.set_weights([np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)])
    >>> smallest_strengths(model, [[[[30], [20]]], [[[90], [0]]]], [0, 0], most=32)
    array([5.125,   inf])
    """
    return _smallest(model, x, labels, steps, most, target, progress).strengths


# -- noise that a network is sure of ---------------------------------------------------


@dataclass(frozen=True)
class FoolingNoise:
    """Noise that a network takes for something.

    Attributes
    ----------
    picture : (H, W, C) of float32
        The noise, 0 to 255.
    label
        The class that it was led to.
    probability
        How sure the network is of that class.
    steps
        How many steps that took.
    """

    picture: Floats
    label: int
    probability: float
    steps: int


def fooling_noise(
    model: keras.Model,
    label: int,
    *,
    sure: float = 0.99,
    rate: float = 2,
    steps: int = 200,
    seed: int = 0,
    progress: bool = True,
) -> FoolingNoise:
    """Lead random noise to a class, until the network is sure of it.

    Every pixel begins anywhere between black and white. Then each step moves all of
    them by a few gray levels, the way that makes the class likelier.

    Parameters
    ----------
    model
        From pictures of one size, values 0 to 255, to logits or probabilities.
    label
        The class.
    sure
        How sure it is to become, between 0 and 1.
    rate
        Gray levels of each step.
    steps
        How many at most.
    seed
        Of the noise.
    progress
        Whether a bar shows how far it is, where it takes longer than a second.

    Returns
    -------
    FoolingNoise
        Its ``probability`` is below `sure` where all steps were made in vain. An
        interruption returns the noise as it is then.

    Raises
    ------
    ValueError
        Anything that cannot be.

    References
    ----------
    Nguyen, Yosinski and Clune, Deep neural networks are easily fooled, arXiv
    1412.1897: pictures without meaning that a network is sure of. They bred theirs, or
    climbed from the mean picture; here it is climbed from noise, by signs.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3)
    ... ])
    >>> found = fooling_noise(model, 2)
    >>> found.probability >= 0.99, found.picture.shape
    (True, (4, 4, 1))
    """
    label = _class(model, label, "label")
    height, width, channels = _fitting.input_shape(model)
    if height is None or width is None:
        came = f"one that takes pictures {_fitting.written((height, width, channels))}"
        raise _arguments.refusal("model", came, "Give one that takes a single size")
    sure = _arguments.real(sure, "sure", 0, 1)
    rate = _arguments.real(rate, "rate", above=0, most=WHITE)
    steps = _arguments.whole(steps, "steps", 0)
    rng = np.random.default_rng(_arguments.whole(seed, "seed", 0))
    x = rng.uniform(0, WHITE, (1, height, width, channels)).astype(np.float32)
    so_far, made = float(probabilities(model, x)[0, label]), 0
    with _steps.counted(steps, "Noise", progress) as numbers:
        for number in numbers:
            if so_far >= sure:
                break
            ways = np.sign(_slopes(model, x, np.array([label])))
            x = np.clip(x - rate * ways, 0, WHITE).astype(np.float32)
            so_far, made = float(probabilities(model, x)[0, label]), number + 1
    return FoolingNoise(x[0], label, so_far, made)


# -- the way there ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Goal:
    """What pictures are led to: a target, or away from their labels."""

    labels: NDArray[np.int64]
    target: int | None

    @property
    def classes(self) -> NDArray[np.int64]:
        """The class of each whose margin is to change."""
        if self.target is None:
            return self.labels
        return np.full_like(self.labels, self.target)

    @property
    def way(self) -> int:
        """Whether that margin is to rise or to fall."""
        return 1 if self.target is None else -1

    def of(self, which: NDArray[np.intp] | slice) -> _Goal:
        return _Goal(self.labels[which], self.target)

    def is_reached(self, model: keras.Model, pictures: Floats) -> NDArray[np.bool_]:
        named = outputs(model, pictures).argmax(axis=-1)
        return named != self.labels if self.target is None else named == self.target


def _attacked(
    model: keras.Model,
    pictures: Floats,
    goal: _Goal,
    strength: ArrayLike,
    steps: int,
    step: ArrayLike,
    *,
    start: NDArray[np.floating] | None = None,
    progress: bool = False,
) -> Floats:
    """Attack pictures, with one strength or one for each."""
    reach, size = (
        np.reshape(n, (-1, 1, 1, 1)).astype(np.float32) for n in (strength, step)
    )
    low, high = np.maximum(pictures - reach, 0), np.minimum(pictures + reach, WHITE)
    x = np.clip(pictures if start is None else start, low, high).astype(np.float32)
    with _steps.bar(steps * len(x), "Attack", progress) as bar:
        for _ in range(steps):
            ways = goal.way * np.sign(_slopes(model, x, goal.classes, bar.update))
            x = np.clip(x + size * ways, low, high)
    return x


def _smallest(
    model: keras.Model,
    x: ArrayLike,
    labels: Any,
    steps: int,
    most: float,
    target: Any,
    progress: bool,
) -> _Found:
    pictures = _pictures(model, x)
    goal = _goal(model, pictures, labels, target)
    progress = _arguments.flag(progress, "progress")
    steps = _arguments.whole(steps, "steps")
    most = _arguments.real(most, "most", above=0, most=WHITE)
    best = pictures.copy()
    enough = np.where(goal.is_reached(model, pictures), 0, np.inf)
    too_little = np.zeros(len(pictures))

    def attempt(which: NDArray[np.intp], strengths: NDArray[np.float64]) -> None:
        if not len(which):
            return
        theirs, step = goal.of(which), _STRIDE * strengths / steps
        changed = _attacked(model, pictures[which], theirs, strengths, steps, step)
        done = theirs.is_reached(model, changed)
        best[which[done]], enough[which[done]] = changed[done], strengths[done]
        too_little[which[~done]] = strengths[~done]

    settings = {"desc": "search", "unit": "strength", "delay": _PATIENCE}
    tries = _DOUBLINGS + 1 + _HALVINGS
    with _bars.bar(total=tries, disable=not progress, **settings) as bar:
        for halved in range(_DOUBLINGS, -1, -1):
            left = np.flatnonzero(np.isinf(enough))
            attempt(left, np.full(len(left), most / 2**halved))
            bar.update()
        for _ in range(_HALVINGS):
            between = np.flatnonzero(np.isfinite(enough) & (enough > 0))
            attempt(between, (enough[between] + too_little[between]) / 2)
            bar.update()
    return _Found(best, enough, goal.labels)


@dataclass(frozen=True)
class _Found:
    pictures: Floats
    strengths: NDArray[np.float64]
    labels: NDArray[np.int64]


def _slopes(
    model: keras.Model,
    x: Floats,
    classes: NDArray[np.int64],
    done: Callable[[int], object] = lambda count: None,
) -> Floats:
    """Return how the margin of each picture's class changes with its pixels."""
    backward = _once.made(
        model,
        "margins",
        lambda: by_several(_within.up_to_logits(model), _margins, compiled=False),
    )
    size = _fitting.at_once(model, x.shape[1:], backward=True)
    parts = []
    for first in range(0, len(x), size):
        pictures, theirs = x[first : first + size], classes[first : first + size]
        count = len(pictures)
        if keras.backend.backend() == "jax":  # another size would be compiled anew
            full = 2 ** (count - 1).bit_length()
            pictures, theirs = (
                np.resize(a, (full, *a.shape[1:])) for a in (pictures, theirs)
            )
        _, [slopes] = backward([pictures], theirs.astype(np.int32))
        parts.append(slopes[:count])
        done(count)
    return np.concatenate(parts)


def _margins(made: Any, classes: Any) -> Any:
    """Return the sum of the margins of some pictures, from their logits."""
    made = keras.ops.cast(made, "float32")
    own = keras.ops.one_hot(classes, made.shape[-1]) > 0
    rest = keras.ops.logsumexp(keras.ops.where(own, _NONE, made), axis=-1)
    return keras.ops.sum(rest) - keras.ops.sum(keras.ops.where(own, made, 0.0))


# -- what came -------------------------------------------------------------------------


def _pictures(model: Any, x: ArrayLike) -> Floats:
    _fitting.class_count(model)
    return _fitting.batch(model, x, "x").astype(np.float32)


def _class(model: keras.Model, value: Any, name: str) -> int:
    return _arguments.whole(value, name, 0, _fitting.class_count(model) - 1)


def _goal(model: keras.Model, pictures: Floats, labels: Any, target: Any) -> _Goal:
    aim = None if target is None else _class(model, target, "target")
    if labels is None:
        return _Goal(outputs(model, pictures).argmax(axis=-1), aim)
    classes = _fitting.class_count(model)
    return _Goal(_fitting.labels(labels, "labels", len(pictures), classes), aim)
