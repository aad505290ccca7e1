"""Landscapes of a loss over two weights, with their slopes: where a ball rolls down.

The page computes with the same functions in ``landscapes.js``. All have 0 as their
lowest value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Surface = Callable[[Any, Any], Any]

BOUND = 10  # half widths of the picture from its centre, where a path counts as lost
_WIDE = (-3.0, 3.0)
_SIDE = 1.3803616074940757  # where x / 2 + sin 4x is 0 again


class Landscape(NamedTuple):
    """A loss over two weights.

    Attributes
    ----------
    value
        From w₁ and w₂, numbers or arrays, to the loss.
    gradient
        From w₁ and w₂ to the pair of the loss's derivatives by them.
    w1, w2
        From where to where the picture goes.
    minima
        All points from which every way leads up, the deepest first.
    start
        Where the ball is at first.
    quadratic
        Whether the curvature is the same everywhere.
    """

    value: Surface
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    w1: tuple[float, float]
    w2: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    start: tuple[float, float]
    quadratic: bool = False

    def as_plain(self) -> dict[str, Any]:
        """Return what the page cannot know from its own functions."""
        fields = self._asdict()
        return {name: fields[name] for name in fields.keys() - {"value", "gradient"}}

    def holds(self, w1: float, w2: float) -> bool:
        """Say whether a point lies in the picture."""
        return self.w1[0] <= w1 <= self.w1[1] and self.w2[0] <= w2 <= self.w2[1]

    def is_lost(self, w1: float, w2: float) -> bool:
        """Say whether a point lies so far away that a path has diverged."""
        return not all(
            abs(at - (low + high) / 2) <= BOUND * (high - low) / 2
            for at, (low, high) in ((w1, self.w1), (w2, self.w2))
        )


def _two_minima(x: Any, y: Any) -> Any:
    """Integrate (x + 1.5)(x − 0.5)(x − 1.5): two valleys and the ridge between."""
    return x**4 / 4 - x**3 / 6 - 1.125 * x**2 + 1.125 * x + 2.390625 + y**2


def _bumpy(x: Any, y: Any) -> Any:
    return (x**2 + y**2 + 2 - np.cos(4 * x) - np.cos(4 * y)) / 4


_sides = (0.0, _SIDE, -_SIDE)

#: The landscapes by name.
LANDSCAPES: dict[str, Landscape] = {
    "bowl": Landscape(
        lambda x, y: x**2 + y**2,
        lambda x, y: (2 * x, 2 * y),
        _WIDE,
        (-2.0, 2.0),
        ((0.0, 0.0),),
        (-2.4, 1.4),
        quadratic=True,
    ),
    "valley": Landscape(
        lambda x, y: x**2 / 2 + 10 * y**2,
        lambda x, y: (x, 20 * y),
        _WIDE,
        (-2.0, 2.0),
        ((0.0, 0.0),),
        (-2.6, 1.2),
        quadratic=True,
    ),
    "saddle": Landscape(
        lambda x, y: x**2 / 2 + (y**2 - 1) ** 2 / 4,
        lambda x, y: (x, y**3 - y),
        _WIDE,
        (-2.0, 2.0),
        ((0.0, 1.0), (0.0, -1.0)),
        (-2.4, 0.01),
    ),
    "two_minima": Landscape(
        _two_minima,
        lambda x, y: ((x + 1.5) * (x - 0.5) * (x - 1.5), 2 * y),
        _WIDE,
        (-2.0, 2.0),
        ((-1.5, 0.0), (1.5, 0.0)),
        (2.4, 1.2),
    ),
    # Divided by 200, so that it takes the learning rates of the others.
    "rosenbrock": Landscape(
        lambda x, y: ((1 - x) ** 2 + 100 * (y - x**2) ** 2) / 200,
        lambda x, y: ((x - 1) / 100 - 2 * x * (y - x**2), y - x**2),
        _WIDE,
        (-1.0, 3.0),
        ((1.0, 1.0),),
        (-1.2, 1.0),
    ),
    "bumpy": Landscape(
        _bumpy,
        lambda x, y: (x / 2 + np.sin(4 * x), y / 2 + np.sin(4 * y)),
        _WIDE,
        (-2.0, 2.0),
        tuple(
            sorted(((x, y) for x in _sides for y in _sides), key=lambda p: p != (0, 0))
        ),
        (-2.4, 1.7),
    ),
}
