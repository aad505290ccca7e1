"""The page's random numbers in Python: the same for the same seed, see random.js.

Whole numbers and uniform ones are the same to the last bit; normal ones as far as two
machines agree on sines and logarithms.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

_BITS = 0xFFFFFFFF
_AT_ONCE = 256  # numbers that a generator draws ahead

Array = NDArray[np.float64]


def uniforms(seed: int, count: int, first: int = 0) -> Array:
    """Return numbers from 0 up to 1 (mulberry32, by Tommy Ettinger).

    Parameters
    ----------
    seed
        A whole number.
    count
        How many.
    first
        How many of those that ``randomFrom(seed)`` gives are left out before.

    Examples
    --------
    >>> uniforms(1, 2).round(6)
    array([0.627074, 0.002736])
    """
    places = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    state = np.uint64(seed & _BITS) + places * np.uint64(0x6D2B79F5)
    state = state.astype(np.uint32)
    mixed = (state ^ (state >> 15)) * (state | 1)
    mixed = (mixed + (mixed ^ (mixed >> 7)) * (mixed | 61)) ^ mixed
    return (mixed ^ (mixed >> 14)) / 2.0**32


def normals(seed: int, count: int, first: int = 0) -> Array:
    """Return numbers of mean 0 and deviation 1 (Box and Muller's, in pairs).

    Parameters
    ----------
    seed, count, first
        As for `uniforms`; each pair takes two of those, so ``first`` is even.

    Examples
    --------
    >>> normals(1, 3).round(3)
    array([1.404, 0.024, 1.216])
    """
    drawn = uniforms(seed, count + count % 2, first)
    radius = np.sqrt(-2 * np.log(1 - drawn[::2]))
    angle = 2 * np.pi * drawn[1::2]
    pairs = (radius * np.cos(angle), radius * np.sin(angle))
    return np.stack(pairs, axis=-1).ravel()[:count]


class RandomFrom:
    """A generator that gives what ``randomFrom`` of random.js gives, one by one.

    Parameters
    ----------
    seed
        A whole number.

    Examples
    --------
    >>> random = RandomFrom(7)
    >>> random.shuffled(5)
    [3, 1, 2, 4, 0]
    """

    def __init__(self, seed: int) -> None:
        blocks = (uniforms(seed, _AT_ONCE, k) for k in itertools.count(0, _AT_ONCE))
        self._drawn = itertools.chain.from_iterable(block.tolist() for block in blocks)
        self._spare: float | None = None

    def uniform(self) -> float:
        """Return a number from 0 up to 1."""
        return next(self._drawn)

    def normal(self) -> float:
        """Return a number of mean 0 and deviation 1."""
        if self._spare is not None:
            kept, self._spare = self._spare, None
            return kept
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        angle = 2 * math.pi * self.uniform()
        self._spare = radius * math.sin(angle)
        return radius * math.cos(angle)

    def whole(self, n: int) -> int:
        """Return one of 0 … n − 1."""
        return math.floor(self.uniform() * n)

    def shuffled(self, n: int) -> list[int]:
        """Return 0 … n − 1 in random order."""
        order = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.whole(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
