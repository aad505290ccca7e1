"""Drawings: strokes of a pen, the picture they make, and that as MNIST would have it.

A stroke is a list of points [x, y] on a square pad whose sides are 1 long, x to the
right and y down; a drawing is a list of strokes. `raster` gives its picture, and
`as_mnist` prepares that (or any other picture of a single thing, bright on black) as
MNIST's digits were: cut to its ink, scaled to a box of 20 × 20, its centre of mass in
the middle of 28 × 28. `mnist_steps` shows the way there.

The page computes the same in ``widgets/parts/drawings.js``: a canvas of the browser's
own would give other numbers in Firefox than in Chrome.

>>> from helpers import drawings
>>> seven = [[[0.3, 0.25], [0.7, 0.25], [0.45, 0.8]]]
>>> drawings.raster(seven).shape, drawings.as_mnist(drawings.raster(seven)).shape
((112, 112), (28, 28))
"""

import itertools
import json
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, _files

__all__ = [
    "PEN",
    "SIDE",
    "DrawnDigit",
    "Preparation",
    "as_mnist",
    "drawn_digits",
    "erase",
    "mnist_steps",
    "moved",
    "moved_picture",
    "raster",
]

#: Pixels of a drawing's side: four for each of MNIST's.
SIDE = 112

#: How wide the pen is, in sides of the pad: benchmarks/drawings.py says why.
PEN = 0.0875

_FAR = 10  # sides of the pad: where a point is no slip of the hand any more
_WHITE = 255
_EMPTY = 0.5 / _WHITE  # of white: weaker ink would be stored as 0
_CLOSE = 1e-9  # pixels that two orders of adding up may differ by

Array = NDArray[np.float64]


def raster(strokes: Any, side: int = SIDE, width: float = PEN) -> Array:
    """Return the picture that a round pen leaves: 0 no ink, 1 full ink.

    A pixel has ink as far as the pen's edge is beyond its centre, over one pixel: half
    of it where the edge passes through the centre. Where strokes cross, the stronger
    ink counts.

    Parameters
    ----------
    strokes
        A list of strokes, each a list of points [x, y] or an array (N, 2), in sides of
        the pad. One point makes a dot, none makes nothing.
    side
        Of the picture, in pixels.
    width
        Of the pen, in sides of the pad, 0.01 to 0.5.

    Returns
    -------
    ndarray of float64, (side, side)
        Ink, 0 to 1.

    Raises
    ------
    ValueError
        For anything else; for points more than 10 sides away.

    Examples
    --------
    >>> raster([[[0.2, 0.5], [0.8, 0.5]]], side=5, width=0.3).round(2)
    array([[0.  , 0.  , 0.  , 0.  , 0.  ],
           [0.13, 0.25, 0.25, 0.25, 0.13],
           [0.75, 1.  , 1.  , 1.  , 0.75],
           [0.13, 0.25, 0.25, 0.25, 0.13],
           [0.  , 0.  , 0.  , 0.  , 0.  ]])
    """
    side = _arguments.whole(side, "side", 1, 4096)
    width = _width(width)
    ink = np.zeros((side, side))
    for stroke in _strokes(strokes):
        for start, end in _segments(stroke):
            rows, cols, marked = _mark(side, start, end, width)
            ink[rows, cols] = np.maximum(ink[rows, cols], marked)
    return ink


def erase(picture: ArrayLike, strokes: Any, width: float = PEN) -> Array:
    """Return a picture from which a round rubber has taken ink away.

    Parameters
    ----------
    picture
        (side, side), ink from 0 to 1; it is not changed.
    strokes
        Where the rubber went, as for `raster`.
    width
        Of the rubber, as of the pen.

    Returns
    -------
    ndarray of float64, (side, side)

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> erase(np.ones((3, 3)), [[[0.5, 0.5]]], width=0.33).round(2)
    array([[1.  , 1.  , 1.  ],
           [1.  , 0.01, 1.  ],
           [1.  , 1.  , 1.  ]])
    """
    ink = _ink(picture)
    if ink.shape[0] != ink.shape[1]:
        raise _arguments.refusal("picture", f"shape {ink.shape}", "Give a square one")
    width = _width(width)
    for stroke in _strokes(strokes):
        for start, end in _segments(stroke):
            rows, cols, marked = _mark(len(ink), start, end, width)
            ink[rows, cols] = np.minimum(ink[rows, cols], 1 - marked)
    return ink


class Preparation(NamedTuple):
    """How a picture became one of MNIST's kind, step by step.

    Attributes
    ----------
    box
        (top, left, bottom, right): the rows and columns of the picture that hold ink,
        the last two not included. Four zeros where there is none.
    scale
        How many new pixels a pixel became; 1 where there is no ink.
    size
        (rows, cols) of the box after that, parts of a pixel counted as whole ones.
    centre
        (row, col) of the ink's centre of mass when the scaled box stands in the middle
        of the new picture. Pixels are counted from 0, at their centres.
    shift
        (rows, cols) by which it was moved from there.
    picture
        (side, side), 0 to 255: what came out.
    """

    box: tuple[int, int, int, int]
    scale: float
    size: tuple[int, int]
    centre: tuple[float, float]
    shift: tuple[int, int]
    picture: Array


def as_mnist(picture: ArrayLike, box: int = 20, side: int = 28) -> Array:
    """Prepare a picture as MNIST's digits were prepared.

    It is cut to its ink; scaled by area average, not stretched, so that its longer side
    is `box`; and moved by whole pixels until the centre of mass lies in the middle, in
    the pixel at side / 2. A digit of MNIST's comes out as it went in: this is where
    MNIST's own digits have theirs.

    Parameters
    ----------
    picture
        (H, W), bright ink on black. White is 255, or 1 where no value is above 1. Ink
        that MNIST would store as 0, less than 0.5 of 255, counts as none.
    box
        Longer side of the ink, in pixels.
    side
        Of the new picture, in pixels; at least `box`.

    Returns
    -------
    ndarray of float64, (side, side)
        0 to 255, not rounded. Zeros where nothing is drawn.

    Raises
    ------
    ValueError
        For another shape, for values that are negative, above 255, NaN or infinite.

    References
    ----------
    LeCun, Cortes, Burges: The MNIST database of handwritten digits.

    Examples
    --------
    >>> picture = np.zeros((60, 90))
    >>> picture[10:50, 70:80] = 1
    >>> prepared = as_mnist(picture)
    >>> np.argwhere(prepared).min(axis=0), np.argwhere(prepared).max(axis=0)
    (array([ 4, 12]), array([23, 16]))
    >>> prepared.max()
    np.float64(255.0)
    """
    return mnist_steps(picture, box, side).picture


def mnist_steps(picture: ArrayLike, box: int = 20, side: int = 28) -> Preparation:
    """Prepare a picture as `as_mnist` does, and say what was done.

    Parameters
    ----------
    picture, box, side
        As for `as_mnist`.

    Returns
    -------
    Preparation

    Raises
    ------
    ValueError
        As `as_mnist`.

    Examples
    --------
    >>> steps = mnist_steps(raster([[[0.2, 0.1], [0.2, 0.3], [0.3, 0.3]]]))
    >>> steps.box, round(steps.scale, 2), steps.size, steps.shift
    ((6, 17, 39, 39), 0.61, (20, 14), (-1, 2))
    """
    side = _arguments.whole(side, "side", 1, 4096)
    box = _arguments.whole(box, "box", 1, side)
    ink = _ink(picture)
    rows, cols = (_extent(ink.max(axis=axis)) for axis in (1, 0))
    empty = np.zeros((side, side))
    if rows[0] == rows[1]:
        middle = (side - 1) / 2
        return Preparation((0, 0, 0, 0), 1.0, (0, 0), (middle, middle), (0, 0), empty)
    scale = box / max(rows[1] - rows[0], cols[1] - cols[0])
    down, across = _shares(rows, scale, box), _shares(cols, scale, box)
    part = ink[rows[0] : rows[1], cols[0] : cols[1]]
    small = np.minimum(down @ part @ across.T, 1) * _WHITE
    centre, shift, start = zip(
        *(_placed(small.sum(axis=axis), side) for axis in (1, 0)), strict=True
    )
    (top, left), (height, width) = start, small.shape
    empty[top : top + height, left : left + width] = small
    edges = (rows[0], cols[0], rows[1], cols[1])
    return Preparation(edges, scale, (height, width), centre, shift, empty)


def moved(
    strokes: Any,
    *,
    x: float = 0,
    y: float = 0,
    turn: float = 0,
    scale: float = 1,
) -> list[Array]:
    """Return strokes, scaled and turned about the pad's middle, then moved.

    Parameters
    ----------
    strokes
        As for `raster`.
    x, y
        To the right and down, in sides of the pad, −2 to 2.
    turn
        Degrees, clockwise.
    scale
        0.1 to 10.

    Returns
    -------
    list of ndarray of float64, (N, 2)

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> moved([[[0.5, 0.25], [0.5, 0.5]]], x=0.25, turn=90, scale=2)[0].round(6)
    array([[1.25, 0.5 ],
           [0.75, 0.5 ]])
    """
    to, shift = _motion(x, y, turn, scale, most=2)
    return [(stroke - 0.5) @ to.T + 0.5 + shift for stroke in _strokes(strokes)]


def moved_picture(
    picture: ArrayLike,
    *,
    x: float = 0,
    y: float = 0,
    turn: float = 0,
    scale: float = 1,
) -> Array:
    """Return a picture, scaled and turned about its middle, then moved.

    Strokes moved before they are prepared come back to the middle; what has been
    prepared stays where this puts it. Between pixels the value is the mixture of the
    four around (bilinear); from outside comes 0. Whole pixels lose nothing.

    Parameters
    ----------
    picture
        (H, W).
    x, y
        To the right and down, in pixels.
    turn
        Degrees, clockwise.
    scale
        0.1 to 10.

    Returns
    -------
    ndarray of float64, (H, W)
        A new array, on the scale of the old one.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> moved_picture([[1, 2, 3], [4, 5, 6]], x=1, y=0.5)
    array([[0. , 0.5, 1. ],
           [0. , 2.5, 3.5]])
    """
    old = _arguments.array(picture, "picture", finite=True).astype(np.float64)
    if old.ndim != 2:
        raise _arguments.refusal("picture", f"shape {old.shape}", "Give (H, W)")
    to, shift = _motion(x, y, turn, scale, most=4096)
    middle = (np.array(old.shape[::-1]) - 1) / 2
    rows, cols = np.indices(old.shape)
    back = _inverse(to)
    at_x, at_y = cols - middle[0] - shift[0], rows - middle[1] - shift[1]
    from_x = back[0, 0] * at_x + back[0, 1] * at_y + middle[0]
    from_y = back[1, 0] * at_x + back[1, 1] * at_y + middle[1]
    return _sampled(old, from_y, from_x)


class DrawnDigit(NamedTuple):
    """A digit drawn by a program: one of `drawn_digits`.

    Attributes
    ----------
    digit
        0 to 9.
    template
        The way to draw it that was varied, "4, open" for one.
    width
        Of the pen.
    strokes
        Lists of [x, y].
    """

    digit: int
    template: str
    width: float
    strokes: list[list[list[float]]]


def drawn_digits() -> list[DrawnDigit]:
    """Return digits that tools/make_drawings.py drew, a few of each way to draw one.

    They are no handwriting, but drawn on a pad as a learner does it: here or there,
    large or small, slanted, shaky, fast or slow. They were frozen before any network
    saw them, so that they can tell how well one does.

    Examples
    --------
    >>> digits = drawn_digits()
    >>> len(digits) >= 240, {drawn.digit for drawn in digits} == set(range(10))
    (True, True)
    """
    kept = json.loads(_files.in_data("drawn_digits.json").read_text("utf-8"))
    return [DrawnDigit(**drawn) for drawn in kept["drawings"]]


# -- what came -------------------------------------------------------------------------


def _width(width: Any) -> float:
    return _arguments.real(width, "width", 0.01, 0.5)


def _strokes(strokes: Any) -> list[Array]:
    """Return checked strokes as arrays (N, 2)."""
    need = "Give a list of strokes, each a list of points [x, y]"
    if not _arguments.is_sequence(strokes):
        raise _arguments.refusal("strokes", _arguments.shown(strokes), need)
    found = []
    for number, stroke in enumerate(strokes):
        name = f"strokes[{number}]"
        if not _arguments.is_sequence(stroke):
            raise _arguments.refusal(name, _arguments.shown(stroke), need)
        if len(stroke) == 0:
            found.append(np.zeros((0, 2)))
            continue
        points = _arguments.array(stroke, name, finite=True).astype(np.float64)
        if points.ndim != 2 or points.shape[1] != 2:
            raise _arguments.refusal(name, f"shape {points.shape}", need)
        if np.abs(points).max() > _FAR:
            came = f"a point {np.abs(points).max():.3g} sides of the pad away"
            raise _arguments.refusal(name, came, f"Give x and y within ±{_FAR}")
        found.append(points)
    return found


def _ink(picture: ArrayLike) -> Array:
    """Return a checked picture as new array of ink, 0 to 1."""
    ink = _arguments.array(picture, "picture", finite=True).astype(np.float64)
    if ink.ndim != 2:
        raise _arguments.refusal("picture", f"shape {ink.shape}", "Give (H, W)")
    if ink.min() < 0 or ink.max() > _WHITE:
        came = f"values from {ink.min():.6g} to {ink.max():.6g}"
        raise _arguments.refusal("picture", came, "Give them from 0 to 1, or 0 to 255")
    return ink / _WHITE if ink.max() > 1 else ink


def _motion(
    x: float, y: float, turn: float, scale: float, most: float
) -> tuple[Array, Array]:
    """Return the matrix that scales and turns, and the shift, checked."""
    shift = [_arguments.real(n, name, -most, most) for n, name in ((x, "x"), (y, "y"))]
    angle = math.radians(_arguments.real(turn, "turn", -36_000, 36_000))
    scale = _arguments.real(scale, "scale", 0.1, 10)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[cos, -sin], [sin, cos]]), np.array(shift)


# -- the pen ---------------------------------------------------------------------------


def _segments(stroke: Array) -> list[tuple[Array, Array]]:
    """Return a stroke's pieces, start and end; a single point is one without length."""
    if len(stroke) == 1:
        return [(stroke[0], stroke[0])]
    return list(itertools.pairwise(stroke))


def _mark(
    side: int, start: Array, end: Array, width: float
) -> tuple[slice, slice, Array]:
    """Return which rows and columns a segment may touch, and its ink there."""
    (x0, y0), (x1, y1) = start * side, end * side
    reach = width * side / 2 + 0.5
    cols = _touched(min(x0, x1) - reach, max(x0, x1) + reach, side)
    rows = _touched(min(y0, y1) - reach, max(y0, y1) + reach, side)
    x = np.arange(cols.start, cols.stop) + 0.5 - x0
    y = (np.arange(rows.start, rows.stop) + 0.5 - y0)[:, None]
    along_x, along_y = x1 - x0, y1 - y0
    length = along_x**2 + along_y**2
    share = np.clip((x * along_x + y * along_y) / (length or 1), 0, 1)
    away = np.sqrt((x - share * along_x) ** 2 + (y - share * along_y) ** 2)
    return rows, cols, np.clip(reach - away, 0, 1)


def _touched(low: float, high: float, side: int) -> slice:
    """Return the pixels of a row that lie between two places, in part at least."""
    first = min(max(math.floor(low), 0), side)
    return slice(first, min(max(math.ceil(high), first), side))


# -- MNIST's way -----------------------------------------------------------------------


def _extent(strongest: Array) -> tuple[int, int]:
    """Return where ink begins and ends along an axis, (0, 0) where there is none."""
    found = np.flatnonzero(strongest >= _EMPTY)
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)


def _shares(extent: tuple[int, int], scale: float, box: int) -> Array:
    """Return how much of each old pixel is in each new one, along an axis.

    The ink becomes `length` pixels long, whole or not, and stands in the middle of as
    many as it takes: so a digit whose size is right already is left as it is.

    Returns
    -------
    ndarray of float64, (new pixels, old pixels)
        A row's sum is 1 where the new pixel is full.
    """
    old = extent[1] - extent[0]
    length = old * scale
    new = min(math.ceil(length - _CLOSE), box)
    edges = (np.arange(new + 1) - (new - length) / 2) / scale
    overlap = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(
        edges[:-1, None], np.arange(old)
    )
    return np.maximum(overlap, 0) * scale


def _placed(mass: Array, side: int) -> tuple[float, int, int]:
    """Return the centre of mass in the middle, the shift, and where the ink begins.

    The centre of mass comes into the pixel at side / 2. No ink is lost: where the box
    would stand out, it is left at the border.
    """
    middle = (side - len(mass)) // 2
    centre = float(mass @ np.arange(len(mass)) / mass.sum()) + middle
    shift = math.ceil((side - 1) / 2 - centre - _CLOSE)
    start = min(max(middle + shift, 0), side - len(mass))
    return centre, start - middle, start


# -- moving pixels ---------------------------------------------------------------------


def _inverse(to: Array) -> Array:
    """Return the matrix that takes back what a turn with a scale did."""
    return to.T / (to[0, 0] ** 2 + to[1, 0] ** 2)


def _sampled(old: Array, y: Array, x: Array) -> Array:
    """Return values at places between pixels; outside there is 0."""
    height, width = old.shape
    x, y = np.clip(x, -1, width), np.clip(y, -1, height)
    framed = np.pad(old, ((1, 2), (1, 2)))
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    down, right = y - top, x - left
    top, left = top + 1, left + 1
    upper = framed[top, left] * (1 - right) + framed[top, left + 1] * right
    lower = framed[top + 1, left] * (1 - right) + framed[top + 1, left + 1] * right
    return upper * (1 - down) + lower * down
