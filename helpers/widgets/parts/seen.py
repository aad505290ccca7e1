"""What a network sees of a drawing: the way from strokes to its 28 × 28 pixels.

``parts/seen.js`` computes the same in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments, drawings, ops

Array = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]
Stroke = Points | dict[str, Points]  # the rubber's has its points in "erase"

SIDE = 28  # pixels of what a network sees
WHITE = 255
RUBBER = 0.14  # of the pad's side

#: How a drawing is prepared: as MNIST's digits were, as Quick, Draw!'s, or not at all.
PREPARE = ("mnist", "quickdraw", "as drawn")

# Quick, Draw! draws into 256 points with a pen of 16, and 16 more around both.
_QUICKDRAW_PEN, _QUICKDRAW_BOX = 16 / 304, 255 / 304

MOST_STROKES, MOST_POINTS = 400, 20_000
_DIGITS = 4  # of a coordinate: a hundredth of a pixel of the pad


class Seen(NamedTuple):
    """All that a network's picture depends on.

    Attributes
    ----------
    base
        (28, 28), 0 to 255: what lay on the pad before anything was drawn.
    strokes
        What was drawn on it, and rubbed out.
    prepare
        One of `PREPARE`, for what is drawn.
    shift, turn, scale
        What happens to the prepared picture: pixels (down, right), degrees clockwise,
        percent.
    covered
        (row, column) in the middle of a square that hides the picture, or None.
    patch
        Side of that square.
    """

    base: NDArray[Any]
    strokes: tuple[Stroke, ...] = ()
    prepare: str = "mnist"
    shift: tuple[int, int] = (0, 0)
    turn: int = 0
    scale: int = 100
    covered: tuple[int, int] | None = None
    patch: int = 6


def picture(seen: Seen) -> Array:
    """Return what the network sees, (28, 28), 0 to 255.

    Examples
    --------
    >>> seven = (((0.3, 0.25), (0.7, 0.25), (0.45, 0.8)),)
    >>> sees = picture(Seen(np.zeros((28, 28)), seven))
    >>> np.argwhere(sees).min(axis=0), np.argwhere(sees).max(axis=0)
    (array([8, 5]), array([27, 20]))
    """
    down, right = seen.shift
    made = _prepared(seen)
    if (down, right, seen.turn, seen.scale) != (0, 0, 0, 100):
        made = drawings.moved_picture(
            made, x=right, y=down, turn=seen.turn, scale=seen.scale / 100
        )
    if seen.covered is not None:
        made = made.copy()
        made[square(seen.covered, seen.patch)] = 0
    return made


def square(middle: tuple[int, int], side: int) -> tuple[slice, slice]:
    """Return the rows and columns of a square, cut at the picture's border.

    Examples
    --------
    >>> square((0, 10), 5)
    (slice(0, 3, None), slice(8, 13, None))
    """
    first = [n - side // 2 for n in middle]
    rows, cols = (slice(max(n, 0), min(n + side, SIDE)) for n in first)
    return rows, cols


def _prepared(seen: Seen) -> Array:
    base = np.asarray(seen.base, np.float64)
    if not seen.strokes:
        return base
    if seen.prepare == "mnist":
        factor = drawings.SIDE // SIDE
        ink = ops.upsample2d(base / WHITE, factor).astype(np.float64)
        return drawings.as_mnist(_drawn(ink, seen.strokes, drawings.PEN))
    if seen.prepare == "as drawn":
        return WHITE * _drawn(base / WHITE, seen.strokes, drawings.PEN)
    motion = _into_box(seen.strokes, bool(base.any()))
    return WHITE * _drawn(base / WHITE, seen.strokes, _QUICKDRAW_PEN, motion)


def _drawn(
    ink: Array,
    strokes: Sequence[Stroke],
    pen: float,
    motion: dict[str, float] | None = None,
) -> Array:
    """Return ink, 0 to 1, after all strokes of pen and rubber, moved before."""
    motion = motion or {"scale": 1}
    rubber = min(RUBBER * motion["scale"], 0.5)
    for stroke in strokes:
        points = stroke["erase"] if isinstance(stroke, dict) else stroke
        moved = drawings.moved(_about_middle([points], motion), scale=motion["scale"])
        if isinstance(stroke, dict):
            ink = drawings.erase(ink, moved, rubber)
        else:
            ink = np.maximum(ink, drawings.raster(moved, len(ink), pen))
    return ink


def _about_middle(strokes: list[Points], motion: dict[str, float]) -> list[Array]:
    x, y = motion.get("x", 0), motion.get("y", 0)
    return drawings.moved(strokes, x=x, y=y)


def _into_box(strokes: Sequence[Stroke], lies_on_a_picture: bool) -> dict[str, float]:
    """Return how strokes move so that they fill Quick, Draw!'s box, in its middle."""
    drawn = [stroke for stroke in strokes if not isinstance(stroke, dict)]
    points = np.array([point for stroke in drawn for point in stroke]).reshape(-1, 2)
    if lies_on_a_picture or not len(points):
        return {"scale": 1}
    low, high = points.min(axis=0), points.max(axis=0)
    longer = max(*(high - low), _QUICKDRAW_BOX / 8)  # a dot is enlarged eightfold
    x, y = 0.5 - (low + high) / 2
    return {"x": float(x), "y": float(y), "scale": float(_QUICKDRAW_BOX / longer)}


# -- what came -------------------------------------------------------------------------


def checked_strokes(value: Any) -> tuple[Stroke, ...]:
    """Return strokes as plain tuples; a `ValueError` says what cannot be one.

    Examples
    --------
    >>> checked_strokes([[[0.1, 0.2]], {"erase": [(0.5, 0.5)]}])
    (((0.1, 0.2),), {'erase': ((0.5, 0.5),)})
    """
    need = "Give a list of strokes, each a list of points [x, y] from 0 to 1"
    if not _arguments.is_sequence(value):
        raise _arguments.refusal("strokes", _arguments.shown(value), need)
    if len(value) > MOST_STROKES:
        came = f"{len(value):,} strokes"
        raise _arguments.refusal("strokes", came, f"Give at most {MOST_STROKES}")
    made: list[Stroke] = []
    for number, stroke in enumerate(value):
        name = f"strokes[{number}]"
        if isinstance(stroke, dict):
            if set(stroke) != {"erase"}:
                erase = 'Give points, or {"erase": points} for the rubber'
                raise _arguments.refusal(name, _arguments.shown(stroke), erase)
            made.append({"erase": _points(stroke["erase"], name)})
        else:
            made.append(_points(stroke, name))
    count = sum(len(s["erase"] if isinstance(s, dict) else s) for s in made)
    if count > MOST_POINTS:
        came = f"{count:,} points"
        raise _arguments.refusal("strokes", came, f"Give at most {MOST_POINTS:,}")
    return tuple(made)


def _points(value: Any, name: str) -> Points:
    need = "Give a list of points [x, y], each number from 0 to 1"
    if not _arguments.is_sequence(value):
        raise _arguments.refusal(name, _arguments.shown(value), need)
    if len(value) == 0:
        raise _arguments.refusal(name, "no points", need)
    points = _arguments.array(value, name, finite=True).astype(np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise _arguments.refusal(name, f"shape {points.shape}", need)
    if points.min() < 0 or points.max() > 1:
        came = f"numbers from {points.min():.6g} to {points.max():.6g}"
        raise _arguments.refusal(name, came, need)
    return tuple((x, y) for x, y in points.round(_DIGITS).tolist())
