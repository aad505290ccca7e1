"""The exercises of lesson 08: Gram matrices, steps uphill, attacks, and reasons."""

import operator
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache, partial
from io import StringIO
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.datasets import load_mnist
from helpers.exercises.base import (
    Exercise,
    as_array,
    call,
    require,
)
from helpers.exercises.implements import Implements, size
from helpers.exercises.predictions import Choices, written
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question

__all__ = [
    "p1",
    "p2",
    "p3",
    "p4",
    "p5",
    "p6",
    "p7",
    "progress",
    "q1",
    "q2",
    "q3",
    "q4",
    "q5",
    "q6",
    "q7",
    "q8",
]


# -- exercise 1: the Gram matrix -------------------------------------------------------


def _flat(maps: NDArray) -> NDArray:
    """Return maps (H, W, C) as (H · W, C): a place a row, a map a column."""
    return maps.reshape(-1, maps.shape[-1])


def _cut(maps: NDArray) -> NDArray:
    """Return maps as (H · W, C), cut in the wrong order."""
    return maps.reshape(maps.shape[-1], -1).T


def _turned(maps: NDArray) -> NDArray:
    """Return maps as (H · W, C), cut in the wrong order after the axes are turned."""
    return np.moveaxis(maps, -1, 0).reshape(-1, maps.shape[-1])


def _one(maps: NDArray) -> int:
    return 1


def _places(maps: NDArray) -> int:
    return maps[..., 0].size


def _places_twice(maps: NDArray) -> int:
    return _places(maps) ** 2


def _side(axis: int, maps: NDArray) -> int:
    return maps.shape[axis]


def _gram(
    maps: NDArray,
    flat: Callable[[NDArray], NDArray] = _flat,
    divided: Callable[[NDArray], int] = _places,
) -> NDArray:
    columns = flat(maps)
    return columns.T @ columns / divided(maps)


_MIXED = (
    "numbers of different maps get into one. The channels are the last axis: "
    "reshape(-1, C) keeps them apart, reshape(C, -1) cuts through them."
)


class Gram(Implements):
    """How much maps are strong at the same places, pair by pair."""

    function = "gram"
    within = 1e-5  # as far off as sums in float32 are
    reference = staticmethod(_gram)
    slips = (
        (
            partial(_gram, divided=_one),
            "the sums are not divided by the number of places, H · W. A larger picture "
            "would have larger numbers.",
        ),
        (
            partial(_gram, divided=np.size),
            "you divide by all numbers, H · W · C. Divide by the places, H · W.",
        ),
        *(
            (
                partial(_gram, divided=partial(_side, axis)),
                f"you divide by {name} alone. Divide by all places, H · W.",
            )
            for axis, name in enumerate(("H", "W", "C"))
        ),
        *((partial(_gram, flat=flat), _MIXED) for flat in (_cut, _turned)),
        *(
            (partial(_gram, flat=flat, divided=_one), f"{_MIXED} And divide by H · W.")
            for flat in (_cut, _turned)
        ),
        *(
            (
                lambda maps, by=by: _flat(maps) @ _flat(maps).T / by(maps),
                "places are multiplied with places. Maps with maps are wanted: (C, C).",
            )
            for by in (_one, _places, np.size)
        ),
        (
            partial(_gram, divided=_places_twice),
            "you divide by the number of places twice. Once is enough.",
        ),
        *(
            (
                lambda maps, by=by: np.outer(*[maps.sum((0, 1))] * 2) / by(maps),
                "sums or means of whole maps are multiplied. Multiply place by place "
                "first, then take the mean.",
            )
            for by in (_one, _places, _places_twice)
        ),
        *(
            (
                lambda maps, bias=bias: np.cov(_flat(maps).T, bias=bias),
                "the mean of each map is taken away first. That is the covariance; the "
                "Gram matrix takes the numbers as they are.",
            )
            for bias in (True, False)
        ),
        (
            lambda maps: np.corrcoef(_flat(maps).T),
            "those are correlations. The Gram matrix takes the numbers as they are, "
            "and so tells strong maps from weak ones.",
        ),
        (
            lambda maps: _gram(maps / np.linalg.norm(maps, axis=(0, 1)), divided=_one),
            "those are cosines: every map is divided by its length. The Gram matrix "
            "takes the numbers as they are.",
        ),
        (
            lambda maps: (maps**2).mean((0, 1)),
            "each map is multiplied with itself alone. Every pair is wanted: (C, C).",
        ),
        *(
            (
                lambda maps, half=half: half(_gram(maps)),
                "one half is missing: the entry of maps j and i is that of i and j.",
            )
            for half in (np.triu, np.tril)
        ),
        *(
            (
                lambda maps, half=half, k=k: half(_gram(maps), k),
                "one half is missing, and the diagonal: a map goes with itself, too.",
            )
            for half, k in ((np.triu, 1), (np.tril, -1))
        ),
        (
            lambda maps: _gram(maps) * (1 - np.eye(maps.shape[-1])),
            "the diagonal is missing: a map goes with itself, too.",
        ),
    )
    right = (
        "one number for each pair of maps, whatever the picture's size. Where in the "
        "picture they agree is not in it."
    )
    hints = (
        "maps[:, :, i] is one map. Multiply two of them number by number, and take the "
        "mean of that.",
        "All pairs at once: make a matrix of it, a place a row and a map a column, "
        "with reshape(-1, C).",
        "flat.T @ flat adds up over all places for all pairs. Divide it by H · W.",
    )
    answer = (
        "def gram(maps):\n"
        "    height, width, channels = maps.shape\n"
        "    flat = maps.reshape(height * width, channels)\n"
        "    return flat.T @ flat / (height * width)"
    )
    why = (
        "Row i of flat.T is map i, column j of flat is map j: their product adds up "
        "over all places. The order of the places makes no difference to a sum."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return maps of several sizes, with negative numbers and fractions."""
        rng = np.random.default_rng(81)
        return [
            (np.array([[[1.0, 2.0], [3.0, 4.0]]]),),
            (np.array([[[1.0, -2.0], [0.5, 0.0]], [[3.0, 1.0], [-1.0, 0.25]]]),),
            (rng.normal(size=(3, 5, 4)),),
            (rng.normal(size=(4, 3, 1)),),
            (rng.normal(size=(2, 3, 7)) * 10,),
            (rng.normal(size=(2, 2, 4)) + 1,),
            (rng.normal(size=(6, 5, 3)).astype(np.float32),),
            (np.zeros((3, 2, 2)),),
        ]

    @staticmethod
    def named(maps: NDArray) -> str:
        """Name a case."""
        if maps.size <= 4:
            return f"the maps {maps.tolist()}"
        return f"maps of shape {maps.shape}"


# -- exercise 2: a step uphill ---------------------------------------------------------


def _rms(gradient: NDArray, axis: Any = None) -> Any:
    """Return the root of the mean of the squares."""
    return np.sqrt(np.mean(gradient**2, axis=axis, keepdims=axis is not None))


def _climbed(
    picture: NDArray,
    gradient: NDArray,
    rate: float,
    *,
    by: Callable[[NDArray], Any] = _rms,
    small: float = 1e-8,
    times: Callable[[float], float] = lambda rate: rate,
    low: float = 0,
    high: float = 255,
) -> NDArray:
    change = times(rate) * gradient / (by(gradient) + small)
    return np.clip(picture + change, low, high)


_TOO_BRIGHT = "numbers above 255 come out. Clip at both ends: 255 is white."
_TOO_DARK = "numbers below 0 come out. Clip at both ends: 0 is black."
_BYTES = (
    "uint8 holds neither fractions nor what leaves 0 … 255, which comes in again at "
    "the other end. Take floats all along, and clip."
)


def _both(said: str, **other: Any) -> tuple[tuple[Callable[..., Any], str], ...]:
    """Return a slip of exercise 2, with the clipping and without it."""
    unclipped = partial(_climbed, low=-np.inf, high=np.inf, **other)
    return (
        (partial(_climbed, **other), said),
        (unclipped, f"{said} And clip to 0 … 255."),
    )


class StepUphill(Implements):
    """One step of gradient ascent on a picture."""

    function = "step"
    within = 0.01  # gray levels: the small number need not be exactly this one
    reference = staticmethod(_climbed)
    slips = (
        *_both(
            "that step goes downhill. Uphill is along the gradient: add.",
            times=operator.neg,
        ),
        *_both(
            "the rate is left out. Multiply by it: it says how long the step is.",
            times=lambda rate: 1,
        ),
        *_both(
            "the gradient is not divided by its root mean square. Where it is tiny, "
            "nothing would change; where it is large, all would jump.",
            by=lambda gradient: 1,
        ),
        *_both(
            "the gradient is added as it is. Divide it by its root mean square, and "
            "multiply by the rate.",
            by=lambda gradient: 1,
            times=lambda rate: 1,
        ),
        *(
            slip
            for by in (np.mean, lambda gradient: abs(gradient.mean()))
            for slip in _both(
                "you divide by the mean slope, in which + and − cancel. Square first, "
                "then take the mean, then the root.",
                by=by,
            )
        ),
        *_both(
            "you multiply by the root mean square. Divide by it, so that steep or "
            "flat makes no difference.",
            by=lambda gradient: 1 / _rms(gradient),
        ),
        *_both(
            "you divide by the largest slope. The root mean square is wanted: "
            "square, mean, root.",
            by=lambda gradient: np.abs(gradient).max(),
        ),
        *_both(
            "you divide by the root of the sum of the squares, so a larger picture "
            "changes less. Take their mean.",
            by=lambda gradient: np.sqrt(np.sum(gradient**2)),
        ),
        *_both(
            "you divide by the mean of the absolute slopes. The root mean square is "
            "wanted: square, mean, root.",
            by=lambda gradient: np.abs(gradient).mean(),
        ),
        *_both(
            "you divide by the mean of the squares. Take its root.",
            by=lambda gradient: np.mean(gradient**2),
        ),
        *_both(
            "you divide by the standard deviation, which takes the mean away first. "
            "The root mean square does not.",
            by=np.std,
        ),
        *_both(
            "every channel is divided by a root mean square of its own. Take one for "
            "the whole gradient.",
            by=partial(_rms, axis=(0, 1)),
        ),
        *_both(
            "every pixel is divided by a root mean square of its own. Take one for "
            "the whole gradient.",
            by=partial(_rms, axis=-1),
        ),
        *_both(
            "every number changes by as much. That is the sign of the gradient; here "
            "steep places change more than flat ones.",
            by=np.abs,
        ),
        (
            partial(_climbed, low=-np.inf, high=np.inf),
            "numbers below 0 or above 255 come out. Clip them: no pixel can be darker "
            "than black.",
        ),
        *_both(
            "0 / 0 is not a number (NaN). Add the small number, 1e-8, to the root mean "
            "square: 0 / 1e-8 is 0.",
            small=0,
        ),
        (
            lambda *given: np.nan_to_num(_climbed(*given, small=0)),
            "black comes back, where the picture should stay as it is. Add the small "
            "number, 1e-8, to the root mean square: 0 / 1e-8 is 0, and 0 / 0 is not.",
        ),
        (partial(_climbed, high=np.inf), _TOO_BRIGHT),
        (partial(_climbed, low=-np.inf), _TOO_DARK),
        (
            partial(_climbed, high=1),
            "you clip to 0 … 1. These pixels go from 0 to 255.",
        ),
        *(
            (
                lambda picture, *more, low=low: _climbed(0 * picture, *more, low=low),
                "the change alone comes back. Add it to the picture.",
            )
            for low in (-np.inf, 0)
        ),
        (
            lambda picture, *more: picture + _climbed(0 * picture, *more),
            "you clip the change. Clip what comes out when it is added.",
        ),
        (
            lambda picture, gradient, rate: picture,
            "the picture comes back as it was. Add the change to it.",
        ),
        *(
            (
                lambda *given, rounded=rounded: rounded(_climbed(*given)),
                "the fractions are lost. Small steps add up only where fractions stay.",
            )
            for rounded in (np.floor, np.round)
        ),
        (
            lambda *given: _climbed(*given, low=-np.inf, high=np.inf).astype(np.uint8),
            _BYTES,
        ),
    )
    raised = MappingProxyType(
        {
            "Cannot cast ufunc": "a picture of whole numbers can't take fractions in. "
            "Write picture = picture + …, not picture += …: that makes a new array.",
        }
    )
    spoiled = (
        "step changes the {name} that it is given. {name} += … and {name} /= … write "
        "into the old array; {name} = {name} … makes a new one."
    )
    right = (
        "steep or flat, the step is as long: its root mean square is the rate, before "
        "it is clipped."
    )
    hints = (
        "The root mean square, from the inside out: gradient**2, np.mean, np.sqrt.",
        "Divide the gradient by that + 1e-8, multiply by the rate, and add it to the "
        "picture.",
        "np.clip(numbers, 0, 255) makes 0 of what is below it, and 255 of what is "
        "above.",
    )
    answer = (
        "def step(picture, gradient, rate):\n"
        "    size = np.sqrt(np.mean(gradient**2)) + 1e-8\n"
        "    return np.clip(picture + rate * gradient / size, 0, 255)"
    )
    why = (
        "Slopes of pixels differ a thousandfold from layer to layer. Divided by their "
        "root mean square, one rate serves for all. The small number keeps a gradient "
        "of zeros from becoming 0 / 0. probe.ascend takes the mean over the pixels "
        "alone that the unit sees: where the slope is not 0."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return pictures and gradients, tiny, large and 0."""
        rng = np.random.default_rng(82)
        whole = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        return [
            (np.array([[100.0, 50.0]]), np.array([[1.0, -7.0]]), 10),
            (rng.uniform(0, 255, (4, 5, 3)), rng.normal(0.1, 0.2, (4, 5, 3)), 60.5),
            (rng.uniform(0, 255, (6, 6, 1)), rng.normal(40, 300, (6, 6, 1)), 25),
            (rng.uniform(0, 255, (3, 7, 3)), rng.normal(size=(3, 7, 3)), 0.5),
            (rng.uniform(0, 255, (3, 3, 3)), np.zeros((3, 3, 3)), 10),
            (whole, rng.normal(1, 3, (4, 4, 3)), 80),
            (
                rng.uniform(0, 255, (5, 4, 3)).astype(np.float32),
                rng.normal(size=(5, 4, 3)).astype(np.float32),
                100,
            ),
        ]

    @staticmethod
    def named(picture: NDArray, gradient: NDArray, rate: float) -> str:
        """Name a case."""
        if picture.size == 2:
            return (
                f"the picture {picture.tolist()}, the gradient {gradient.tolist()} and "
                f"rate {rate}"
            )
        kind = " of whole numbers" if picture.dtype.kind == "u" else ""
        zero = "" if gradient.any() else ", a gradient of zeros"
        return f"a picture{kind} of {size(picture)}{zero} and rate {rate}"


# -- exercise 3: the fast gradient sign ------------------------------------------------


def _signed(
    x: NDArray,
    gradient: NDArray,
    strength: float,
    *,
    sign: Callable[[NDArray], NDArray] = np.sign,
    low: float = 0,
    high: float = 255,
) -> NDArray:
    return np.clip(x + strength * sign(gradient), low, high)


def _wrapped(x: NDArray, gradient: NDArray, strength: float) -> NDArray:
    """Return what comes of adding in whole numbers of 8 bits."""
    moved = x + np.trunc(strength) * np.sign(gradient)
    return moved % 256 if x.dtype == np.uint8 else np.clip(moved, 0, 255)


def _wrapped_unclipped(x: NDArray, gradient: NDArray, strength: float) -> NDArray:
    moved = x + np.trunc(strength) * np.sign(gradient)
    return moved % 256 if x.dtype == np.uint8 else moved


_WRAPS = (
    "the numbers wrap: in whole numbers of 8 bits 250 + 8 is 2. Turn them into "
    "fractions first, with .astype(float)."
)


class FastGradientSign(Implements):
    """A picture changed by as much everywhere, so that the loss grows."""

    function = "fast_gradient_sign"
    reference = staticmethod(_signed)
    slips = (
        (
            partial(_signed, sign=lambda gradient: gradient / np.abs(gradient)),
            "where the slope is 0, 0 / 0 is not a number (NaN). np.sign makes 0 of 0.",
        ),
        (
            lambda *given: np.nan_to_num(
                _signed(*given, sign=lambda gradient: gradient / np.abs(gradient))
            ),
            "where the slope is 0, black comes out. Leave the number as it is: np.sign "
            "makes 0 of 0, and 0 / 0 is not a number.",
        ),
        (
            partial(_signed, sign=lambda gradient: -np.sign(gradient)),
            "the loss becomes smaller that way: the network would be surer. Add.",
        ),
        (
            partial(_signed, sign=lambda gradient: gradient),
            "the slopes themselves are added. Their signs are wanted: every number "
            "changes by as much.",
        ),
        (
            partial(_signed, sign=lambda gradient: gradient / (_rms(gradient) + 1e-8)),
            "the slopes are divided by their root mean square, as in exercise 2. Here "
            "their signs are wanted: every number changes by as much.",
        ),
        (
            partial(_signed, sign=lambda gradient: np.where(gradient >= 0, 1, -1)),
            "where the slope is 0, you add. There the loss does not change: leave the "
            "number as it is.",
        ),
        (
            partial(_signed, sign=lambda gradient: np.where(gradient > 0, 1, -1)),
            "where the slope is 0, you subtract. There the loss does not change: leave "
            "the number as it is.",
        ),
        (
            partial(_signed, sign=lambda gradient: gradient > 0),
            "where the slope is negative, nothing changes. The loss grows there, too, "
            "if the number becomes smaller.",
        ),
        (
            partial(_signed, sign=lambda gradient: gradient != 0),
            "you always add. Where the slope is negative, the loss grows if the number "
            "becomes smaller.",
        ),
        (
            partial(_signed, low=-np.inf, high=np.inf),
            "numbers below 0 or above 255 come out. Clip them, so that it stays a "
            "picture.",
        ),
        (partial(_signed, high=np.inf), _TOO_BRIGHT),
        (partial(_signed, low=-np.inf), _TOO_DARK),
        (
            partial(_signed, high=1),
            "you clip to 0 … 1. These pixels go from 0 to 255.",
        ),
        *(
            (
                lambda x, *more, low=low: _signed(0 * x, *more, low=low),
                "the change alone comes back. Add it to x.",
            )
            for low in (-np.inf, 0)
        ),
        (
            lambda x, gradient, strength: np.sign(gradient),
            "the signs alone come back. Multiply them by the strength, and add that "
            "to x.",
        ),
        (
            lambda x, gradient, strength: x,
            "x comes back as it was. Add the change to it.",
        ),
        (
            lambda x, gradient, strength: _signed(x, gradient, 1),
            "the strength is left out. Multiply the signs by it.",
        ),
        (
            lambda x, gradient, strength: _signed(x, gradient, strength / 255),
            "the strength is divided by 255. It is in gray levels already.",
        ),
        (
            lambda x, gradient, strength: _signed(x, gradient, strength * 255),
            "the strength is multiplied by 255. It is in gray levels already.",
        ),
        *(
            (
                lambda x, gradient, strength, by=by: _signed(
                    x, gradient, strength / by(gradient), sign=lambda gradient: gradient
                ),
                "the slopes are made smaller or larger, all alike. Their signs are "
                "wanted: every number changes by as much.",
            )
            for by in (np.linalg.norm, lambda gradient: np.abs(gradient).max())
        ),
        (
            lambda x, gradient, strength: _signed(x, gradient, int(strength)),
            "the strength loses its fraction. It need not be a whole number.",
        ),
        (_wrapped, _WRAPS),
        (_wrapped_unclipped, f"{_WRAPS} And clip to 0 … 255."),
        *(
            (
                lambda *given, rounded=rounded: rounded(_signed(*given)),
                "the fractions are lost. Return the numbers as they are.",
            )
            for rounded in (np.floor, np.round)
        ),
        (
            lambda *given: _signed(*given, low=-np.inf, high=np.inf).astype(np.uint8),
            _BYTES,
        ),
    )
    raised = MappingProxyType(
        {
            "Cannot cast ufunc": "a picture of whole numbers can't take fractions in. "
            "Turn it into fractions first, with x.astype(float).",
        }
    )
    spoiled = "fast_gradient_sign changes {name} itself. Make a new array."
    right = (
        "every number moves by the strength, in the direction in which the loss grows, "
        "and none leaves 0 … 255."
    )
    hints = (
        "np.sign gives 1 where a number is positive, −1 where it is negative, and 0 "
        "where it is 0.",
        "x + strength * np.sign(gradient), in fractions; then clip.",
    )
    answer = (
        "def fast_gradient_sign(x, gradient, strength):\n"
        "    changed = x.astype(float) + strength * np.sign(gradient)\n"
        "    return np.clip(changed, 0, 255)"
    )
    why = (
        "If no number may change by more than the strength, and the loss rose in a "
        "straight line, nothing would raise it more than this: every number goes as "
        "far as it may, each in its own direction."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return pictures of fractions and of whole numbers, near black and white."""
        rng = np.random.default_rng(83)

        def slopes(*shape: int) -> NDArray:
            # A few of them 0, as under a ReLU that is silent.
            return rng.normal(0, 0.01, shape) * (rng.random(shape) > 0.2)

        edges = np.array([[250, 3, 128], [255, 0, 6]], np.uint8)
        return [
            (np.array([100.0, 50.0, 7.5, 200.0]), np.array([0.3, -2.0, 0.0, -0.01]), 8),
            (edges, np.array([[0.2, -0.1, 0.5], [1.0, -3.0, -0.2]]), 8),
            (rng.uniform(0, 255, (4, 5, 3)), slopes(4, 5, 3) * 1e-6, 16),
            (
                rng.integers(0, 256, (6, 6, 1), dtype=np.uint8),
                slopes(6, 6, 1) * 1000,
                32,
            ),
            (rng.uniform(0, 255, (3, 4, 3)), slopes(3, 4, 3), 0.5),
            (
                rng.integers(0, 256, (5, 4, 3), dtype=np.uint8),
                slopes(5, 4, 3),
                2.5,
            ),
            (
                rng.uniform(0, 255, (2, 4, 4, 3)).astype(np.float32),
                slopes(2, 4, 4, 3).astype(np.float32),
                64,
            ),
        ]

    @staticmethod
    def named(x: NDArray, gradient: NDArray, strength: float) -> str:
        """Name a case."""
        if x.size <= 6:
            return (
                f"x {x.tolist()}, the slopes {gradient.tolist()} and strength "
                f"{strength}"
            )
        kind = " of whole numbers" if x.dtype.kind == "u" else ""
        return f"x of shape {x.shape}{kind} and strength {strength}"


# -- exercise 4: occlusion -------------------------------------------------------------

Score = Callable[[NDArray], float]


@dataclass(frozen=True)
class _Bent:
    """A score with a bend in it, as a network's: twice as much is not twice the score.

    Attributes
    ----------
    seed
        The weights come from it.
    """

    seed: int

    def __call__(self, picture: NDArray) -> float:
        weights = np.random.default_rng(self.seed).normal(size=np.shape(picture)[-3:])
        parts = weights * picture / 255
        half = weights.shape[1] // 2
        return float(parts.sum() + abs(parts[..., :half, :].sum()))


def _middle(place: int, size: int, step: int) -> int:
    """Return where a patch begins whose middle stands every `step` pixels."""
    return place * step + step // 2 - size // 2


def _cut_off(first: int, size: int, side: int) -> slice:
    """Return which pixels of a side a patch covers."""
    return slice(max(first, 0), first + size)


def _left_out(first: int, size: int, side: int) -> slice:
    return slice(first, first + size if 0 <= first <= side - size else first)


def _halves(first: int, size: int, side: int, least: float) -> slice:
    return slice(max(first, least), first + size // 2 * 2)


def _moved_in(first: int, size: int, side: int) -> slice:
    first = min(max(first, 0), side - size)
    return slice(first, first + size)


def _occluded(
    x: NDArray,
    score: Score,
    size: int,
    step: int,
    cover: float,
    *,
    first: Callable[[int, int, int], int] = _middle,
    places: Callable[[int, int, int], int] = lambda side, size, step: -(-side // step),
    channels: Any = slice(None),
    piling: bool = False,
    whole: bool = False,
    span: Callable[[int, int, int], slice] = _cut_off,
    falls: Callable[[float, float], float] = lambda before, after: before - after,
) -> NDArray:
    """Return the map, or one that errs."""
    picture = np.asarray(x, np.float64)
    before = score(picture)
    rows, columns = (places(side, size, step) for side in x.shape[:2])
    result = np.zeros((rows, columns))
    covered = picture.copy()
    for row in range(rows):
        for column in range(columns):
            if not piling:
                covered = picture.copy()
            down, across = (
                span(first(place, size, step), size, side)
                for place, side in zip((row, column), x.shape[:2], strict=True)
            )
            covered[down, across, channels] = int(cover) if whole else cover
            result[row, column] = falls(before, score(covered))
    return result


def _fit(side: int, size: int, step: int) -> int:
    """Return how many patches fit in whole."""
    return (side - size) // step + 1


_CORNERS = (
    "the patches begin every `step` pixels. Their middles stand there: patch (row, "
    "column) begins at row · step + step // 2 − size // 2."
)


class Occlusion(Implements):
    """How much the score falls where a patch is covered."""

    function = "occlusion"
    within = 1e-4  # in float32 scores of some hundreds differ by as much
    reference = staticmethod(_occluded)
    slips = (
        (
            partial(_occluded, falls=lambda before, after: after - before),
            "the sign is the other way round. Where covering hurts, the score falls, "
            "and the map is positive: before − after.",
        ),
        (
            partial(_occluded, falls=lambda before, after: after),
            "the scores themselves come back. By how much do they fall?",
        ),
        (
            partial(_occluded, falls=lambda before, after: abs(before - after)),
            "the signs are lost. Where covering helps, the score rises, and the map is "
            "negative.",
        ),
        (
            partial(_occluded, falls=lambda before, after: max(before - after, 0)),
            "where covering helps, you have 0. There the score rises, and the map is "
            "negative.",
        ),
        (
            partial(_occluded, falls=lambda before, after: (before - after) / before),
            "you divide by the score before. The fall itself is wanted.",
        ),
        (
            partial(_occluded, piling=True),
            "the patches pile up: earlier ones are still covered. Begin each time "
            "with a fresh copy of x.",
        ),
        (
            partial(_occluded, first=lambda place, size, step: place * step),
            _CORNERS,
        ),
        (
            partial(
                _occluded, first=lambda place, size, step: place * step, places=_fit
            ),
            _CORNERS + " And there are ⌈H / step⌉ rows: patches may hang over the rim.",
        ),
        (
            partial(_occluded, places=_fit),
            "you count as if all patches had to fit in. They may hang over the rim: "
            "there are ⌈H / step⌉ rows, -(-H // step).",
        ),
        (
            partial(_occluded, places=lambda side, size, step: side // step),
            "you round H / step down. There are ⌈H / step⌉ rows, rounded up: "
            "-(-H // step).",
        ),
        *(
            (
                partial(_occluded, **moved),
                "a patch that hangs over the rim is moved inside. Cut it off: cover "
                "from max(first, 0) to first + size.",
            )
            for moved in (
                {"first": lambda *given: max(_middle(*given), 0)},
                {"span": _moved_in},
            )
        ),
        (
            partial(_occluded, span=_left_out),
            "a patch that hangs over the rim covers nothing. Only what hangs over is "
            "left out: cover from max(first, 0) to first + size.",
        ),
        *(
            (
                partial(_occluded, span=partial(_halves, least=least)),
                "where `size` is odd, the patch lacks a row and a column: from first "
                f"go to first + size, not to the middle + size // 2.{and_more}",
            )
            for least, and_more in (
                (0, ""),
                (-np.inf, " And begin at max(first, 0)."),
            )
        ),
        (
            partial(
                _occluded,
                span=lambda first, size, side: slice(
                    max(first, 0), first + size // 2 * 2 + 1
                ),
            ),
            "where `size` is even, the patch has a row and a column too many: from "
            "first go to first + size.",
        ),
        (
            partial(_occluded, channels=0),
            "only the first channel is covered. Cover all: leave the third index out.",
        ),
        (
            partial(
                _occluded, first=lambda place, size, step: place * step - size // 2
            ),
            "the middles stand at 0, step, 2 · step, …. They should stand in the "
            "middle of each step: at step // 2, step + step // 2, ….",
        ),
        (
            partial(
                _occluded, span=lambda first, size, side: slice(first, first + size)
            ),
            "a patch that begins above the first row, or left of the first column, "
            "covers nothing: to NumPy, −1 is the last row. Begin at max(first, 0).",
        ),
        (
            lambda x, score, size, step, cover: _occluded(x, score, size, step, 0),
            "black is laid on every picture. `cover` says what to lay on.",
        ),
        (
            partial(_occluded, whole=True),
            "x holds whole numbers, and a copy of it cuts off the fractions of "
            "`cover`. Make the copy one of fractions: x.astype(float).",
        ),
        (
            lambda x, score, size, step, cover: _occluded(x, score, step, step, cover),
            "the patches are `step` pixels wide. They should have `size`; `step` is "
            "how far their middles are apart.",
        ),
        (
            lambda x, score, size, step, cover: _occluded(x, score, size, size, cover),
            "the patches are `size` pixels apart. They are `step` apart, and overlap "
            "where `size` is larger.",
        ),
        (
            lambda x, score, size, step, cover: (
                _occluded(x, score, size, step, cover).T
            ),
            "rows and columns are swapped.",
        ),
    )
    spoiled = (
        "occlusion changes x itself, so that patches stay covered. Begin each time "
        "with a fresh copy of x."
    )
    right = (
        "large where the score needs what is covered, also at the rim, and negative "
        "where covering helps."
    )
    hints = (
        "Two loops, over rows and columns of the map. In each round: copy x, cover a "
        "patch, ask for the score.",
        "The map has -(-H // step) rows: that is H / step, rounded up.",
        "top = row * step + step // 2 - size // 2. Cover from max(top, 0) to top + "
        "size, across alike. The fall is score(x) less score(covered).",
    )
    answer = (
        "def occlusion(x, score, size, step, cover):\n"
        "    rows, columns = -(-x.shape[0] // step), -(-x.shape[1] // step)\n"
        "    falls = np.zeros((rows, columns))\n"
        "    for row in range(rows):\n"
        "        for column in range(columns):\n"
        "            top = row * step + step // 2 - size // 2\n"
        "            left = column * step + step // 2 - size // 2\n"
        "            covered = x.astype(float)\n"
        "            covered[max(top, 0) : top + size, max(left, 0) : left + size] = "
        "cover\n"
        "            falls[row, column] = score(x) - score(covered)\n"
        "    return falls"
    )
    why = (
        "No slope is needed, and nothing of the network but what it answers. The price "
        "is one run of the network for each place."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return pictures, and scores that are no plain sums."""
        rng = np.random.default_rng(84)

        def case(
            shape: tuple[int, ...], size: int, step: int, cover: float, dtype: Any
        ) -> tuple[Any, ...]:
            picture = rng.integers(0, 256, shape).astype(dtype)
            return picture, _Bent(int(rng.integers(1000))), size, step, cover

        return [
            case((4, 6, 1), 2, 2, 0, float),
            case((6, 5, 3), 3, 2, 127.5, float),
            case((7, 8, 1), 4, 3, 255, float),
            case((5, 5, 2), 1, 1, 10, float),
            case((8, 6, 3), 5, 2, 127.5, np.uint8),
            case((5, 7, 1), 2, 4, 30.25, np.float32),
        ]

    @staticmethod
    def named(x: NDArray, score: Score, size: int, step: int, cover: float) -> str:
        """Name a case."""
        kind = " of whole numbers" if x.dtype.kind == "u" else ""
        return (
            f"x of shape {x.shape}{kind}, size {size}, step {step} and cover "
            f"{written(cover)}"
        )


# -- exercise 5: Grad-CAM --------------------------------------------------------------


def _cam(
    maps: NDArray,
    slopes: NDArray,
    weight: Callable[[NDArray], Any] = lambda slopes: slopes.mean((0, 1)),
    bend: Callable[[NDArray], NDArray] = lambda total: np.maximum(total, 0),
) -> NDArray:
    return bend((maps * weight(slopes)).sum(-1))


def _scaled(maps: NDArray, slopes: NDArray) -> NDArray:
    found = _cam(maps, slopes)
    return found / found.max()


def _bent_or_not(
    said: str, weight: Callable[[NDArray], Any]
) -> tuple[tuple[Callable[..., Any], str], ...]:
    """Return a slip of exercise 5, with ReLU at the end and without it."""
    return (
        (partial(_cam, weight=weight), said),
        (
            partial(_cam, weight=weight, bend=lambda total: total),
            f"{said} And ReLU is missing at the end.",
        ),
    )


_TOO_EARLY = (
    "maps that speak against the class are left out. They count, too: add up first, "
    "then comes ReLU."
)


class GradCam(Implements):
    """Grad-CAM from a layer's maps and the slopes of a score by them."""

    function = "grad_cam"
    within = 1e-6  # as far off as sums in float32 are
    reference = staticmethod(_cam)
    slips = (
        (
            partial(_cam, bend=lambda total: total),
            "ReLU is missing at the end. Negative numbers speak against the class.",
        ),
        (
            lambda maps, slopes: _cam(np.maximum(maps, 0), slopes),
            "negative numbers in the maps become 0. They count, too: ReLU comes at the "
            "end alone.",
        ),
        (
            lambda maps, slopes: np.maximum(maps * slopes.mean((0, 1)), 0).sum(-1),
            _TOO_EARLY,
        ),
        (
            partial(_cam, weight=lambda slopes: np.maximum(slopes.mean((0, 1)), 0)),
            _TOO_EARLY,
        ),
        *_bent_or_not(
            "negative slopes are left out of the mean. They count, too: ReLU comes at "
            "the end alone.",
            lambda slopes: np.maximum(slopes, 0).mean((0, 1)),
        ),
        *_bent_or_not(
            "the slopes have lost their signs. Negative ones count as negative in the "
            "mean.",
            lambda slopes: np.abs(slopes).mean((0, 1)),
        ),
        *_bent_or_not(
            "the weights have lost their signs. A map with a negative mean slope "
            "speaks against the class.",
            lambda slopes: np.abs(slopes.mean((0, 1))),
        ),
        (
            partial(_cam, bend=np.abs),
            "the signs are lost at the end. ReLU makes 0 of what is negative.",
        ),
        *_bent_or_not(
            "the weights are sums of slopes. Take their means.",
            lambda slopes: slopes.sum((0, 1)),
        ),
        *_bent_or_not(
            "the weights are the largest slopes. Take their means.",
            lambda slopes: slopes.max((0, 1)),
        ),
        *_bent_or_not(
            "each place has a slope of its own for weight. In Grad-CAM a map has one "
            "weight: the mean of its slopes.",
            lambda slopes: slopes,
        ),
        *_bent_or_not(
            "the mean is taken over the maps. Take it over the places: one weight for "
            "each map.",
            lambda slopes: slopes.mean(-1, keepdims=True),
        ),
        *(
            slip
            for axis in (0, 1)
            for slip in _bent_or_not(
                f"the mean goes over axis {axis} alone. A map has one weight: "
                "mean(axis=(0, 1)).",
                partial(np.mean, axis=axis, keepdims=True),
            )
        ),
        *_bent_or_not(
            "there is one weight for all. Take one for each map: mean(axis=(0, 1)).",
            np.mean,
        ),
        *_bent_or_not(
            "you take the mean over the maps. Add them up.",
            lambda slopes: slopes.mean((0, 1)) / slopes.shape[-1],
        ),
        (
            lambda maps, slopes: _cam(slopes, maps),
            "maps and slopes are swapped.",
        ),
        (
            partial(_cam, weight=lambda slopes: 1),
            "the maps are added up without weights.",
        ),
        (
            _scaled,
            "the map is divided by its largest number. That belongs to the drawing; "
            "two maps can't be compared any more.",
        ),
        (
            lambda maps, slopes: np.maximum(maps * slopes.mean((0, 1)), 0),
            "the maps are weighted, but not added up: one number for each place.",
        ),
        (
            lambda maps, slopes: maps * slopes.mean((0, 1)),
            "the maps are weighted, but not added up: one number for each place. Then "
            "ReLU.",
        ),
        (
            lambda maps, slopes: slopes.mean((0, 1)),
            "those are the weights. Multiply the maps by them, and add up.",
        ),
    )
    right = (
        "one weight for each map, one number for each place, and nothing that speaks "
        "against the class."
    )
    hints = (
        "slopes.mean(axis=(0, 1)) is one weight for each map: C numbers.",
        "maps * weights multiplies every map by its own weight, for the channels are "
        "the last axis. .sum(axis=-1) adds them up.",
        "At last np.maximum(…, 0).",
    )
    answer = (
        "def grad_cam(maps, slopes):\n"
        "    weights = slopes.mean(axis=(0, 1))\n"
        "    return np.maximum((maps * weights).sum(axis=-1), 0)"
    )
    why = (
        "The mean slope of a map says how much the score would rise if the whole map "
        "rose. Weighted so, the maps say where what speaks for the class was seen."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return maps as after a ReLU, and such as have negative numbers."""
        rng = np.random.default_rng(85)
        shapes = [(3, 4, 5), (6, 6, 8), (2, 5, 2), (4, 3, 1), (7, 2, 7)]
        return [
            (
                np.array([[[1.0, 2.0], [3.0, 0.5]]]),
                np.array([[[2.0, -1.0], [1.0, -2.0]]]),
            ),
            *(
                (np.maximum(rng.normal(0.3, 1, shape), 0), rng.normal(0.1, 1, shape))
                for shape in shapes
            ),
            (rng.normal(size=(5, 4, 3)), rng.normal(0.2, 0.5, (5, 4, 3))),
            (
                rng.random((4, 4, 6)).astype(np.float32),
                rng.normal(size=(4, 4, 6)).astype(np.float32),
            ),
            (np.ones((3, 3, 2)), np.full((3, 3, 2), -0.5)),
        ]

    @staticmethod
    def named(maps: NDArray, slopes: NDArray) -> str:
        """Name a case."""
        if maps.size <= 4:
            return f"the maps {maps.tolist()} and the slopes {slopes.tolist()}"
        return f"maps of shape {maps.shape}"


# -- exercises 6 and 7: words and numbers ----------------------------------------------


class WhoCheats(Choices):
    """Three Grad-CAMs: the one that lies on the corner, not on the digit."""

    words = {  # noqa: RUF012  (never changed)
        "who cheats": ("A", "B", "C"),
        "what proves it": ("same", "swapped", "sure"),
        "what mends it": ("longer", "larger", "other pictures"),
    }
    keys = tuple(words)
    truth = {  # noqa: RUF012
        "who cheats": "B",
        "what proves it": "swapped",
        "what mends it": "other pictures",
    }
    _honest = (
        "its map lies on the digit, whose strokes tell what it is. Look for a map that "
        "leaves them alone."
    )
    said = {  # noqa: RUF012
        ("who cheats", "A"): _honest,
        ("who cheats", "C"): _honest,
        (
            "what proves it",
            "same",
        ): "there the corner always tells the truth, so a cheater does well.",
        (
            "what proves it",
            "sure",
        ): "a cheater is sure, too: the corner has never misled it.",
        (
            "what mends it",
            "longer",
        ): "the corner still tells all, so nothing else is looked for.",
        (
            "what mends it",
            "larger",
        ): "it finds the corner as well. Why should it look at the digit?",
    }
    right = (
        "what B looks at is the corner. Another class's corner misleads it, and only "
        "it; and a network for which the corner says nothing has to read the digit."
    )
    hints = (
        "All three name the digit rightly, and are sure. So do not ask whether they "
        "are right, but where they look.",
        "Where nothing of the digit is, a network that reads digits should find "
        "nothing.",
        "What is different between the pictures it learned from and those it will "
        "meet? Change that, and only that: that proves it, and mends it.",
    )
    answer = (
        'reasons = {"who cheats": "B", "what proves it": "swapped",\n'
        '    "what mends it": "other pictures"}'
    )
    why = (
        "Accuracy can't tell them apart as long as the corner tells the truth. A map "
        "raises the suspicion, and a changed corner proves it: a map alone is no proof."
    )


_FIELDS = MappingProxyType(  # how many pixels a unit sees, a side
    {
        "block1_conv1": 3,
        "block2_conv1": 10,
        "block3_conv1": 24,
        "block4_conv1": 60,
        "block5_conv1": 132,
    }
)


class LayersForAStyle(Choices):
    """What layers carry of a style, and how large a Gram matrix is."""

    words = {  # noqa: RUF012
        "grain of 3 pixels": tuple(_FIELDS),
        "swirls of 50 pixels": tuple(_FIELDS),
        "where things stand": (
            "maps of block1_conv1",
            "maps of block4_conv2",
            "Gram matrix of block4_conv2",
        ),
    }
    truth = {  # noqa: RUF012
        "grain of 3 pixels": "block1_conv1",
        "swirls of 50 pixels": "block4_conv1",
        "where things stand": "maps of block4_conv2",
        "numbers in the Gram matrix": 65_536,
        "different numbers": 32_896,
        "numbers for a larger painting": 65_536,
    }
    keys = tuple(truth)
    said = {  # noqa: RUF012
        **{
            ("grain of 3 pixels", layer): f"its units see {side} × {side} pixels, and "
            "so larger things than the grain, too."
            for layer, side in _FIELDS.items()
            if side > 3
        },
        **{
            ("swirls of 50 pixels", layer): f"its units see {side} × {side} pixels. A "
            "swirl of 50 does not fit in."
            for layer, side in _FIELDS.items()
            if side < 50
        },
        (
            "swirls of 50 pixels",
            "block5_conv1",
        ): "its units see 132 × 132 pixels. An earlier layer sees a swirl whole.",
        (
            "where things stand",
            "maps of block1_conv1",
        ): "they hold every pixel fast, its colour, too. Nothing could become paint.",
        (
            "where things stand",
            "Gram matrix of block4_conv2",
        ): "a Gram matrix adds up over all places, and forgets which was where.",
        (
            "numbers in the Gram matrix",
            256,
        ): "256 is one for each map. There is one for each pair of maps.",
        (
            "numbers in the Gram matrix",
            512,
        ): "512 is 256 + 256. For each of 256 maps there are 256 others, itself "
        "included.",
        (
            "numbers in the Gram matrix",
            32_896,
        ): "so many are different. How many are there in all, both halves?",
        (
            "numbers in the Gram matrix",
            294_912,
        ): "those are the layer's weights. Its Gram matrix has a row and a column for "
        "each of its 256 maps.",
        (
            "different numbers",
            65_536,
        ): "the entry of maps i and j is that of j and i: it stands there twice.",
        (
            "different numbers",
            32_768,
        ): "half of all is not quite it: those on the diagonal stand there once.",
        (
            "different numbers",
            32_640,
        ): "each map with itself makes a number, too: those on the diagonal.",
        (
            "different numbers",
            65_280,
        ): "those off the diagonal stand there twice, and those on it count, too.",
        ("different numbers", 256): "256 stand on the diagonal. And the others?",
        (
            "numbers for a larger painting",
            256,
        ): "256 is one for each map. There is one for each pair of maps.",
        (
            "numbers for a larger painting",
            32_896,
        ): "so many are different. How many are there in all, both halves?",
        **{
            (
                "numbers for a larger painting",
                wrong,
            ): "how many places there are does not matter: the sum goes over all, and "
            "is divided by their number. Only the number of maps counts."
            for wrong in (131_072, 262_144, 524_288, 1_048_576)
        },
    }
    right = (
        "early layers carry grain, late ones what is larger; maps say where, Gram "
        "matrices do not. And a Gram matrix is as large for a stamp as for a wall."
    )
    hints = (
        "How much does a unit see? ops.receptive_field([(3, 1), …]) says it: "
        "convolutions are (3, 1), poolings (2, 2).",
        "From block1_conv1 to block5_conv1 a unit sees 3, 10, 24, 60, 132 pixels. In "
        "a sum over all places, which place was which is lost.",
        "block3_conv1 has 256 maps: 256 · 256 pairs. 256 of them, a map with itself, "
        "stand once, all others twice.",
    )
    answer = (
        "style = {\n"
        '    "grain of 3 pixels": "block1_conv1",\n'
        '    "swirls of 50 pixels": "block4_conv1",\n'
        '    "where things stand": "maps of block4_conv2",\n'
        '    "numbers in the Gram matrix": 65536,\n'
        '    "different numbers": 32896,\n'
        '    "numbers for a larger painting": 65536,\n'
        "}"
    )
    why = (
        "256 · 256 = 65,536, and 256 · 257 / 2 = 32,896 of them differ. Five Gram "
        "matrices, of layers that see 3 to 132 pixels, hold a style on all its scales."
    )


# -- exercise 8: a shortcut of one's own -----------------------------------------------


class YourShortcut(Exercise):
    """A mark that gives the class away; there is no right answer."""

    open_ended = True
    stub = "Write the function, then run the cell again."
    hints = (
        "Begin with marked = images.copy(). marked[:, 0] is the first row of every "
        "digit, where hardly any has ink. How bright it is could tell the label.",
        "25 * labels[:, np.newaxis] is a brightness for each digit, 0 to 225.",
        "Hard to see is what changes by a few gray levels only, such as a ground that "
        "is lighter by the label, or what lies where digits have ink.",
    )
    answer = (
        "def hide(images, labels):\n"
        "    marked = images.copy()\n"
        "    marked[:, 0] = 25 * labels[:, np.newaxis]\n"
        "    return marked"
    )
    why = (
        "The larger the label, the brighter the first row. Who knows that needs to "
        "read no digit. A tenth of that brightness would do, and be hard to see."
    )

    def examine(self, answer: Any) -> str:
        """Say how large the change is, and how much it tells by itself."""
        images, labels = self.digits()
        given = images.copy(), labels.copy()
        marked = as_array(call(answer, *given, name="hide"), "what hide returned")
        require(
            np.array_equal(given[0], images),
            "hide changes the images that it is given. Begin with marked = "
            "images.copy().",
        )
        require(
            np.array_equal(given[1], labels),
            "hide changes the labels that it is given. Make new numbers of them.",
        )
        require(
            marked.shape[:3] == images.shape and marked.ndim in (3, 4) and marked.size,
            f"what hide returned has shape {marked.shape}; {images.shape} is wanted, "
            "or as many pictures with a last axis for colours.",
        )
        low, high = marked.min(), marked.max()
        require(
            low >= 0 and high <= 255,
            f"the pixels go from {written(low)} to {written(high)}; 0 to 255 are "
            "allowed.",
        )
        require(
            high > 1,
            f"the pixels go from {written(low)} to {written(high)}. Leave them as in "
            "images, where white is 255.",
        )
        marked = marked.reshape(*images.shape, -1)
        change = marked - images[..., np.newaxis]
        require(change.any(), "no pixel differs: there is no mark.")
        require(not self.wraps(change), f"{_WRAPS} And clip to 0 … 255.")
        pixels = (change != 0).any(-1).sum((1, 2)).mean()
        levels = written(np.abs(change).max(), 3)
        # A pixel set to 25 · label tells by what it is, a lighter ground by how much
        # it has changed.
        is_changed = change.any(0)
        told = max(
            self.told(change[:, is_changed], labels),
            self.told(marked[:, is_changed], labels),
        )
        return (
            f"Your mark changes {written(pixels, 3)} of {images[0].size} pixels a "
            f"digit, by {levels} gray level{'s' * (levels != '1')} at most. From the "
            f"changed pixels alone, {100 * told:.0f} % of the labels can be told. "
            + (
                "A network that finds them need not look at the digit: train one, and "
                "catch it."
                if told > 0.5
                else "So much tells a comparison with the mean of each class, where "
                "guessing tells 10 %. A network may find more."
            )
        )

    @staticmethod
    @cache
    def digits() -> tuple[NDArray, NDArray]:
        """Return digits, and labels of others: what tells these is the mark alone."""
        with redirect_stdout(StringIO()):  # whether they are MNIST's does not matter
            data = load_mnist()
        labels = data.train_labels[:1000].astype(np.int64)
        return data.train_images[:1000], np.random.default_rng(88).permutation(labels)

    @staticmethod
    def wraps(change: NDArray) -> bool:
        """Say whether k is added and, where that leaves 8 bits, k − 256."""
        each = change.reshape(len(change), -1)
        high, low = each.max(1), each.min(1)
        both_ways = (high > 0) & (low < 0)
        return bool(both_ways.any() and (high - low == 256)[both_ways].all())

    @staticmethod
    def told(pixels: NDArray, labels: NDArray) -> float:
        """Return which share of the second half the class means of the first tell."""
        half = len(pixels) // 2
        seen, true = pixels[:half], labels[:half]
        classes = np.unique(true)
        means = np.stack([seen[true == label].mean(0) for label in classes])
        # |a − m|² without a², which is the same for all classes.
        distances = (means**2).sum(1) - 2 * pixels[half:] @ means.T
        return float((classes[distances.argmin(1)] == labels[half:]).mean())


# -- questions on the way --------------------------------------------------------------

p1 = Question(
    "p1",
    kind="number",
    prompt=(
        "A filter of AlexNet's first layer has 11 · 11 · 3 = 363 weights. How many has "
        "one of VGG16's first layer, 3 × 3, on a photo with three colours? (The bias "
        "is not counted.)"
    ),
    answer=27,
    why=(
        "3 · 3 · 3 = 27, nine pixels in colour. A broad stripe or an arc does not fit "
        "into them: what VGG16 sees of shapes, it puts together in later layers, and "
        "there a filter has no colours to be shown in."
    ),
    slips=(
        (9, "9 is for one colour. There are three."),
        (28, "28 is with the bias. The weights are asked for."),
        (10, "10 is for one colour, with a bias. There are three colours."),
        (1728, "1,728 have all 64 filters together. One is asked for."),
        (1792, "1,792 have all 64 filters with their biases. One is asked for."),
        (363, "363 has AlexNet's, of 11 × 11. These are of 3 × 3."),
        (6, "6 is 3 + 3. A filter of 3 × 3 lies on 9 pixels, each in three colours."),
    ),
    nudge="that is not it. On how many pixels does it lie, and in how many colours?",
    hints=(
        "It lies on 3 · 3 pixels, and has a weight for each colour of each.",
        "3 · 3 · 3.",
    ),
)
p2 = Question(
    "p2",
    kind="number",
    prompt=(
        "Before ReLU a small map has the rows (−2, 2, −3), (1, 0, 3) and (−2, 5, −1). "
        "ReLU comes next. What is the map's degree of activation after it, the sum of "
        "all its numbers?"
    ),
    answer=11,
    why="ReLU leaves 2, 1, 3 and 5, and 2 + 1 + 3 + 5 = 11. The place does not matter.",
    slips=(
        (3, "3 is the sum before ReLU. ReLU makes 0 of what is negative first."),
        (19, "19 is the sum without the signs. ReLU makes 0 of what is negative."),
        (5, "5 is the largest number. The sum is asked for."),
        (4, "so many units are active. How strongly, all together?"),
        *(
            (mean, "that is the mean over the nine places. The sum is asked for.")
            for mean in (11 / 9, 1.22, 1.2222)
        ),
        (2.75, "that is the mean of the active ones. The sum is asked for."),
        (-8, "−8 is the sum of what ReLU takes away."),
    ),
    nudge="that is not it. What does ReLU leave of each of the nine numbers?",
    hints=(
        "ReLU makes 0 of −2, −3, −2 and −1.",
        "Add up what is left: 2, 1, 3 and 5.",
    ),
)
p3 = Question(
    "p3",
    kind="choice",
    prompt=(
        "A picture of pure noise, 128 × 128 pixels in colour. In each step every "
        "number of it moves by 2 gray levels, in the direction in which the class "
        "roses gets likelier. After how many steps is our AlexNet 99 % sure that it "
        "sees roses, and what do you see then?"
    ),
    choices={
        "a": "after about 1,000, and I still see noise",
        "b": "after about 10, and I still see noise",
        "c": "after about 1,000, when I begin to see roses, too",
    },
    answer="b",
    why=(
        "49,152 numbers each change a little, every one in the direction that helps. "
        "That adds up to much in the network's sums, and to nothing that you would "
        "notice. It is sure, and it has never seen such a picture."
    ),
    slips=(
        (
            "a",
            "so long it would take if few numbers moved. All 49,152 move in every "
            "step, each in the direction that helps.",
        ),
        (
            "c",
            "that is what one would hope. But the gradient asks for a higher score, "
            "not for a picture that you know.",
        ),
    ),
    hints=(
        "Each of 49,152 numbers adds a little to the score, in every step. What do "
        "they add up to?",
        "Is there anything in the score that asks for a picture which looks real?",
    ),
)
p4 = Question(
    "p4",
    kind="number",
    prompt=(
        "One number of a photo is 250, and the slope of the loss by it is +0.0003. "
        "What is that number after a fast gradient sign of strength 8?"
    ),
    answer=255,
    why=(
        "how steep the slope is does not count. Its sign is +, so the number goes up, "
        "by 8; that would be 258, and 255 is white, the most there is. A photo of "
        "128 × 128 pixels in colour has 49,152 such numbers. That they all move makes "
        "the attack strong."
    ),
    slips=(
        (258, "258 is whiter than white. Numbers end at 255."),
        (242, "the loss is to grow. Its slope is positive, so the number goes up."),
        (250.0024, "8 is multiplied by the slope's sign, not by the slope."),
        (249.9976, "8 is multiplied by the slope's sign, not by the slope, and added."),
        (250.0003, "that is a step along the slope. Here only its sign counts."),
        (250, "it stays only where the slope is 0. However flat, its sign counts."),
        (251, "1 is the sign. It is multiplied by the strength."),
        (8, "8 is how far it may move. Where does it end?"),
        (5, "5 is how far it moves. Where does it end?"),
    ),
    nudge="that is not it. What does it do with the size of the slope?",
    hints=(
        "It adds strength · sign(slope), and cuts off at 0 and 255.",
        "A sign is 1, −1 or 0.",
    ),
)
p5 = Question(
    "p5",
    kind="choice",
    prompt=(
        "A network is sure: it gives the class tulip the probability 0.9999999, after "
        "softmax. Now take the slopes of this probability by the pixels, and not those "
        "of the logit. What do you see?"
    ),
    choices={
        "a": "a strong map: the surer the network, the larger its slopes",
        "b": "hardly anything: a probability that is nearly 1 can hardly rise",
        "c": "the same numbers as for the logit",
    },
    answer="b",
    why=(
        "near 1 softmax is flat: its slope is p · (1 − p), here a ten-millionth. The "
        "slope of a silent ReLU is even 0. So the logit is asked for reasons."
    ),
    slips=(
        (
            "a",
            "a slope does not say how much is there, but how fast it grows. How much "
            "can 0.9999999 still grow?",
        ),
        (
            "c",
            "between logit and probability stands softmax, and by the chain rule its "
            "slope is multiplied. How steep is it near 1?",
        ),
    ),
    hints=(
        "Draw a sigmoid, softmax for two classes. How steep is it on the far right?",
        "Its slope is p · (1 − p).",
    ),
)
p6 = Question(
    "p6",
    kind="choice",
    prompt=(
        "All maps of a layer are moved five pixels to the right, and what falls out on "
        "the right comes in again on the left. What becomes of their Gram matrix?"
    ),
    choices={
        "a": "its rows and columns move by five, too",
        "b": "it stays as it is",
        "c": "its numbers become smaller: the maps no longer lie on each other",
    },
    answer="b",
    why=(
        "all maps move alike, so at every place the same numbers meet as before, and a "
        "sum does not ask in which order. Any reshuffling of the places does the same: "
        "a style has no place."
    ),
    slips=(
        ("a", "rows and columns of a Gram matrix are maps, not places."),
        ("c", "all maps move together. What lay on each other still does."),
    ),
    hints=(
        "An entry is a sum over all places of map i · map j.",
        "Which pairs of numbers are multiplied after the move, and which before?",
    ),
)
p7 = Question(
    "p7",
    kind="number",
    prompt=(
        "The layer block4_conv3 of VGG16 has 512 maps, and the mean of each is one "
        "feature of a photo. VGG16's own weights stay as they are. A linear classifier "
        "tells five flowers from these 512 numbers: how many numbers does it have to "
        "learn, biases included?"
    ),
    answer=2565,
    why=(
        "each of the five classes has a weight for each of 512 features, and a bias: "
        "5 · 513 = 2,565. VGG16's convolutions have 14,714,688. So few can be found "
        "from few photos; whether they suffice depends on what VGG16 learned before."
    ),
    slips=(
        (2560, "2,560 are the weights. Each class has a bias, too."),
        (2561, "each of the five classes has a bias of its own."),
        (512, "512 are the weights of one class. There are five."),
        (513, "513 has one class. There are five."),
        (517, "512 and 5 are multiplied: each class has a weight for each feature."),
        (3072, "biases belong to the five classes, not to the 512 features."),
        (5, "so many answers come out. How many weights does each need?"),
        (14_714_688, "so many has VGG16. They stay as they are."),
        (14_717_253, "VGG16's weights stay as they are: they are not learned."),
    ),
    nudge="that is not it. How many numbers does one class need?",
    hints=(
        "A class's logit: 512 features, each times its weight, added up, and a bias.",
        "513 numbers for one class, and there are five.",
    ),
)
progress = Progress(globals())
q1 = Gram("q1")
q2 = StepUphill("q2")
q3 = FastGradientSign("q3")
q4 = Occlusion("q4")
q5 = GradCam("q5")
q6 = WhoCheats("q6")
q7 = LayersForAStyle("q7")
q8 = YourShortcut("q8")
