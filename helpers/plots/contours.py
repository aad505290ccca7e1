"""Pictures of a landscape from above, with the paths that were taken through it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from helpers import colours
from helpers._arguments import refusal, shown
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

# Line and mark differ as well as the colour.
_STYLES = (
    (colours.INPUT, "o", "-"),
    ("#D55E00", "s", "--"),
    (colours.OUTPUT, "^", "-."),
    (colours.INK, "D", ":"),
)
_LEVELS = 14
_LOWEST = 1000  # the first level is so much lower than the highest point
_DEEP = LinearSegmentedColormap.from_list("deep", [colours.PAGE, "#84A3CA"])


def contours(
    heights: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    paths: Mapping[str, ArrayLike] | None = None,
    title: str | None = None,
    *,
    crosses: ArrayLike | None = None,
    x_label: str = "",
    y_label: str = "",
    alt: str | None = None,
) -> Picture:
    """Draw a landscape by lines of equal height, and paths on it.

    Parameters
    ----------
    heights
        (H, W), the height at each y and x. From the lowest up, each line is higher than
        the one before by a factor, not by a length.
    x, y
        (W,) and (H,), rising.
    paths
        A name and (N, 2) points, x and y, for each path, at most four. What lies beyond
        the picture is cut off.
    title
        A title above.
    crosses
        (M, 2), points that are marked: minima, say.
    x_label, y_label
        What the axes mean.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis, with the names of the paths below it.

    Raises
    ------
    ValueError
        For arrays that do not go together, x or y that does not rise, or more than four
        paths.

    Examples
    --------
    >>> contours([[1, 2], [3, 4]], [0, 1], [0, 2], {"down": [(1, 2), (0, 0.5)]}).alt
    'Heights from 1 to 4. Path down from (1, 2) to (0, 0.5).'
    """
    heights = _given.matrix(heights, "Heights")
    x, y = _rising(x, "x"), _rising(y, "y")
    if heights.shape != (y.size, x.size) or min(heights.shape) < 2:
        came = f"{_words.size(heights)} numbers for {y.size} y and {x.size} x"
        need = "Give a row for each y, a column for each x, and two of each or more"
        raise refusal("heights", came, need)
    x_label, y_label = _given.text(x_label, "x_label"), _given.text(y_label, "y_label")
    ways = _paths(paths)
    marked = np.zeros((0, 2)) if crosses is None else _points(crosses, "crosses")

    low, high = _given.extremes(heights)
    said = [f"Heights from {_words.number(low)} to {_words.number(high)}."]
    said += [
        f"Path {name} from {_point(way[0])} to {_point(way[-1])}."
        for name, way in ways.items()
    ]
    alt = _words.alt(alt, title, " ".join(said))

    tall = min(400, 560 * (y[-1] - y[0]) / (x[-1] - x[0]))
    panel = _layout.Panel(560, tall, left=56, right=8, below=84 if ways else 44)
    picture, (ax,) = _layout.arrange([[panel]], alt, title)
    share = np.log1p(_LOWEST * (heights - low) / ((high - low) or 1))
    share = share / np.log1p(_LOWEST)
    levels = np.linspace(0, 1, _LEVELS + 1)
    ax.contourf(x, y, share, levels, cmap=_DEEP)
    ax.contour(x, y, share, levels, colors=colours.LINE, linewidths=points(0.5))
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    ax.plot(*marked.T, "x", color=colours.INK, markersize=points(10))
    for (name, way), style in zip(ways.items(), _STYLES, strict=False):
        _draw(ax, name, way, style)
    _write_axes(ax, x_label, y_label)
    if ways:
        ax.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -44 / tall),
            ncols=len(ways),
            frameon=False,
            fontsize=points(CAPTION),
            labelcolor=colours.INK,
            handlelength=3,
        )
    return picture


def _rising(value: ArrayLike, name: str) -> np.ndarray:
    array = _given.numbers(value, name).ravel()
    if not (np.isfinite(array).all() and (np.diff(array) > 0).all()):
        need = "Give finite numbers, each above the one before"
        raise refusal(name, shown(value), need)
    return array


def _paths(value: Any) -> dict[str, np.ndarray]:
    value = {} if value is None else value
    if not isinstance(value, Mapping):
        need = 'Give a dictionary of names and points, like {"SGD": [(1, 2), (0, 1)]}'
        raise refusal("paths", shown(value), need)
    if len(value) > len(_STYLES):
        raise ValueError(
            f"{len(value)} paths came; up to {len(_STYLES)} can be told apart."
        )
    return {
        str(name): _points(way, f"The path {name!r}") for name, way in value.items()
    }


def _points(value: ArrayLike, name: str) -> np.ndarray:
    array = _given.finite(_given.numbers(value, name))
    if array.ndim != 2 or array.shape[1] != 2:
        need = "Give points, (x, y) each"
        raise refusal(name, f"an array of shape {array.shape}", need)
    return array


def _point(place: np.ndarray) -> str:
    return f"({', '.join(map(_words.number, place))})"


def _draw(ax: Axes, name: str, way: np.ndarray, style: tuple[str, str, str]) -> None:
    colour, marker, dashes = style
    # Below all paths, so that none hides another.
    ax.plot(*way.T, color=colours.PAGE, linewidth=points(4.5), alpha=0.8, zorder=1.9)
    ax.plot(
        *way.T,
        dashes,
        color=colour,
        label=name,
        linewidth=points(2.2),
        marker=marker,
        markersize=points(9),
        markevery=[len(way) - 1],
        markeredgecolor=colours.PAGE,
    )


def _write_axes(ax: Axes, x_label: str, y_label: str) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6))
        axis.set_major_formatter(lambda value, _: _words.number(round(value, 9)))
    ax.tick_params(labelsize=points(CAPTION), colors=colours.INK, length=3)
    ax.set_xlabel(x_label, size=points(CAPTION), color=colours.INK)
    ax.set_ylabel(y_label, size=points(CAPTION), color=colours.INK)
