"""Pooling in numbers: which window gives which result, and who gets the gradient."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike

from helpers import colours, ops
from helpers._arguments import is_sequence, pair, refusal, word
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import points
from helpers.plots.picture import Picture

#: A colour for each window and its result. Paul Tol's "light" scheme: dark text can be
#: read on all of them, and colour-blind eyes tell them apart.
_WINDOWS = (
    *("#77AADD", "#EE8866", "#EEDD88", "#FFAABB"),
    *("#44BB99", "#99DDFF", "#BBCC33", "#DDDDDD", "#AAAA00"),
)
_MOST = 12  # a side, of numbers that are read one by one
_NONE, _SEVERAL = -1, -2  # in place of the number of a cell's window
_NAMES = {"max": "max pooling", "mean": "mean pooling"}


def pooling(
    x: ArrayLike,
    size: ops.IntOrPair = 2,
    *,
    stride: ops.IntOrPair | None = None,
    padding: Literal["valid", "same"] = "valid",
    reduce: str | Sequence[str] = "max",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw a pooling in numbers: each window and its result have one colour.

    Rings mark the winners of max pooling. What no window sees is pale; cells of padding
    are empty and dashed. Where windows overlap, a cell can't have the colour of two, so
    the rings alone tell.

    Parameters
    ----------
    x
        (H, W), at most 12 × 12.
    size, stride, padding
        As for `ops.pool2d`.
    reduce
        ``"max"``, ``"mean"``, or both, ``("max", "mean")``: one result each.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        An axis for the input and one for each result.

    Raises
    ------
    ValueError
        For what is no small matrix, or where `ops.pool2d` refuses.

    Examples
    --------
    >>> pooling([[1, 2], [3, 4]], reduce=("max", "mean")).alt
    'Input, rows 1 2; 3 4. Windows of 2 × 2, stride 2. Max pooling, rows 4. Mean ...'
    """
    x = _small(x)
    size, step = _windows(size, stride)
    word(padding, "padding", ("valid", "same"))
    kinds: list[Any] = list(reduce) if is_sequence(reduce) else [reduce]
    if not kinds:
        raise refusal("reduce", repr(reduce), f"Give one of {', '.join(_NAMES)}")
    named = [_NAMES[word(kind, "reduce", _NAMES)] for kind in kinds]
    settings: dict[str, Any] = {"stride": step, "padding": padding}
    results = [ops.pool2d(x, size, reduce=kind, **settings) for kind in kinds]
    said = (
        f"Input, {_words.rows(x)}. Windows of {size[0]} × {size[1]}, stride "
        + " × ".join(map(str, dict.fromkeys(step)))
        + (", padding same" if padding == "same" else "")
        + ". "
        + ". ".join(
            f"{name.capitalize()}, {_words.rows(result)}"
            for name, result in zip(named, results, strict=True)
        )
    )
    owner, sides = _owners(_shape(x), size, step, padding)
    real = np.pad(np.ones(x.shape, bool), sides)
    grids = [_Grid(np.pad(x, sides), "input", "input", owner, real)]
    for name, result in zip(named, results, strict=True):
        places = _places(result.shape, _overlap(size, step))
        grids.append(_Grid(result, name, "output", places))
    signs = ["→", *[""] * (len(grids) - 2)]
    picture, axes = _side_by_side(grids, signs, title, _words.alt(alt, title, said))
    if "max" in kinds:
        _, where = ops.pool2d(x, size, return_indices=True, **settings)
        _ring(axes[0], where, x.shape[1], sides)
    return picture


def pooling_gradient(
    x: ArrayLike,
    upstream: ArrayLike,
    size: ops.IntOrPair = 2,
    *,
    stride: ops.IntOrPair | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw who gets the gradient: under max pooling the winner, under mean pooling all.

    Parameters
    ----------
    x
        (H, W), at most 12 × 12: the numbers that are pooled.
    upstream
        (oh, ow), the gradient that arrives at each result.
    size, stride
        As for `ops.pool2d`, without padding.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        Four axes: x, upstream, and what each pixel gets under max and mean pooling.

    Raises
    ------
    ValueError
        For what is no small matrix, or where upstream has not the results' shape.

    Examples
    --------
    >>> pooling_gradient([[1, 2], [3, 9]], [[8]]).alt
    'Input, rows 1 2; 3 9. Incoming gradient, rows 8. Max pooling, rows 0 0; 0 8. ...'
    """
    x, upstream = _small(x), _small(upstream)
    size, step = _windows(size, stride)
    _fits(upstream, ops.output_size(_shape(x), size, stride=step))
    winners, shares = (
        ops.pool2d_gradient(x, upstream, size, stride=step, reduce=reduce)
        for reduce in ("max", "mean")
    )
    said = (
        f"Input, {_words.rows(x)}. Incoming gradient, {_words.rows(upstream)}. "
        f"Max pooling, {_words.rows(winners)}. Mean pooling, {_words.rows(shares)}"
    )
    owner, sides = _owners(_shape(x), size, step, "valid")
    places = _places(upstream.shape, _overlap(size, step))
    grids = [
        _Grid(x, "input", "input", owner),
        _Grid(upstream, "incoming gradient", "output", places),
    ]
    for name, gradient in (("max: to winners", winners), ("mean: shared", shares)):
        gets = np.where(gradient != 0, owner, _SEVERAL)
        grids.append(_Grid(gradient, name, "input", gets))
    alt = _words.alt(alt, title, said)
    # A sign that shows nothing: its room is for a title wider than its grid of 2 × 2.
    picture, axes = _side_by_side(grids, [" ", "→", ""], title, alt)
    _, where = ops.pool2d(x, size, stride=step, return_indices=True)
    _ring(axes[0], where, x.shape[1], sides)
    return picture


# ---- the arithmetic of what is drawn ----


def _small(value: ArrayLike) -> np.ndarray:
    array = _given.matrix(value, "A grid to pool")
    if max(array.shape) > _MOST:
        raise ValueError(
            f"A grid of {_words.size(array)} is too large to follow its numbers. Take "
            f"a crop of at most {_MOST} × {_MOST}: x[:{_MOST}, :{_MOST}]."
        )
    return array


def _windows(size: Any, stride: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return size and stride as pairs; the stride is the size where none came."""
    size = pair(size, "size")
    return size, size if stride is None else pair(stride, "stride")


def _overlap(size: tuple[int, int], stride: tuple[int, int]) -> bool:
    return stride[0] < size[0] or stride[1] < size[1]


def _owners(
    shape: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    padding: Literal["valid", "same"],
) -> tuple[np.ndarray, ops.Sides]:
    """Return the number of the window that each cell, padding included, lies in."""
    sides: ops.Sides = ((0, 0), (0, 0))
    if padding == "same":
        sides = ops.same_padding(shape, size, stride=stride)
    owner = np.full(
        [n + sum(side) for n, side in zip(shape, sides, strict=True)], _NONE
    )
    rows, columns = ops.output_size(shape, size, stride=stride, padding=padding)
    for place in range(rows * columns):
        i, j = (
            n * step for n, step in zip(divmod(place, columns), stride, strict=True)
        )
        own = _SEVERAL if _overlap(size, stride) else place
        owner[i : i + size[0], j : j + size[1]] = own
    return owner, sides


def _places(shape: tuple[int, ...], overlap: bool) -> np.ndarray:
    """Return the number of each result's window, or `_SEVERAL` where they overlap."""
    places = np.arange(shape[0] * shape[1]).reshape(shape)
    return np.full(shape, _SEVERAL) if overlap else places


def _shape(array: np.ndarray) -> tuple[int, int]:
    rows, columns = array.shape
    return rows, columns


def _fits(upstream: np.ndarray, shape: tuple[int, ...]) -> None:
    if upstream.shape != shape:
        raise ValueError(
            f"upstream has shape {upstream.shape}, but the pooling has {shape} "
            "results. Give one number for each."
        )


# ---- drawing ----


@dataclass
class _Grid:
    """Numbers in cells, each cell with the number of the window it belongs to."""

    values: np.ndarray
    title: str
    role: str
    owner: np.ndarray
    real: np.ndarray | None = None  # False for cells of padding


def _side_by_side(
    grids: Sequence[_Grid], signs: Sequence[str], title: str | None, alt: str
) -> tuple[Picture, list[Axes]]:
    """Draw grids in a row, with a sign before each but the first."""
    block: list[_layout.Panel | _layout.Sign] = []
    for grid, sign in zip(grids, ["", *signs], strict=True):
        if block:
            block.append(_layout.Sign(sign, 40 if sign else 16))
        block.append(_layout.grid(grid.values.shape, title=grid.title))
    picture, axes = _layout.arrange([block], alt, title)
    for ax, grid in zip(axes, grids, strict=True):
        _draw(ax, grid)
    return picture, axes


def _draw(ax: Axes, grid: _Grid) -> None:
    rows, columns = grid.values.shape
    cell = _layout.size_of(ax)[0] / columns
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(rows - 0.5, -0.5)
    _layout.frame_axis(ax, _layout.FRAMES[grid.role])
    real = np.ones((rows, columns), bool) if grid.real is None else grid.real
    digits = _words.decimals(grid.values)
    texts = [[_short(value, digits) for value in row] for row in grid.values]
    longest = max(len(text) for row in texts for text in row)
    size = min(0.4 * cell, 1.35 * cell / longest, 17)
    for (i, j), place in np.ndenumerate(grid.owner):
        ax.add_patch(
            Rectangle(
                (j - 0.5, i - 0.5),
                1,
                1,
                facecolor=_tint(place),
                edgecolor=colours.LINE,
                linewidth=0.5,
                hatch="" if real[i, j] else "////",
            )
        )
        if real[i, j]:
            colour = colours.LINE if place == _NONE else colours.INK
            _layout.put(ax, j, i, texts[i][j], size, colour)


def _short(value: float, digits: int) -> str:
    text = _words.number(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ring(ax: Axes, where: np.ndarray, columns: int, sides: ops.Sides) -> None:
    """Draw a ring around every winner."""
    (top, _), (left, _) = sides
    for place in np.unique(where):
        i, j = divmod(int(place), columns)
        style = {"fill": False, "edgecolor": colours.INK, "linewidth": points(2)}
        ax.add_patch(Circle((j + left, i + top), 0.42, zorder=3, **style))


def _tint(place: int) -> Any:
    if place < 0:
        return colours.PAGE
    return tuple(0.3 + 0.7 * part for part in to_rgb(_WINDOWS[place % len(_WINDOWS)]))
