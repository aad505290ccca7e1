"""The way through an hourglass: maps drawn to scale, and what is handed across."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import ConnectionPatch
from numpy.typing import ArrayLike

from helpers import colours
from helpers._arguments import is_sequence, is_whole, refusal, shown
from helpers.images import white
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_GAP = 16  # pixels of the page between two maps


def hourglass(
    maps: Sequence[ArrayLike] | Mapping[str, ArrayLike],
    skips: Sequence[tuple[int, int]] = (),
    *,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw maps that get smaller and larger again, to scale, with skip connections.

    Parameters
    ----------
    maps
        Maps or pictures in their order, each (H, W) or (H, W, 3), values 0–255, or 0–1
        where none is above 1. A dictionary names them; else their sizes do.
    skips
        Pairs (from, to): an arrow from one map, counted from 0, to a later one of its
        size, above the smaller ones between them.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each map: all pixels have one size, unless that would be less than
        one of the page.

    Raises
    ------
    ValueError
        For anything that is no picture, and for a skip that leads nowhere, backwards,
        to a map of another size, or past one that is not smaller.

    Examples
    --------
    >>> hourglass([np.eye(4), np.eye(2), np.eye(4)], [(0, 2)]).alt
    'An hourglass, drawn to scale: 4 × 4 → 2 × 2 → 4 × 4. Skip connections: ...'
    """
    arrays, names = _given.several(maps, None, _given.image)
    names = [n or _words.size(a) for n, a in zip(names, arrays, strict=True)]
    pairs = _skips(skips, arrays)
    said = "an hourglass, drawn to scale: " + " → ".join(names)
    if pairs:
        said += ". Skip connections: " + ", ".join(
            f"{names[start]} to {names[end]}" for start, end in pairs
        )
    gap = _layout.Sign("→", _GAP)
    block: list[_layout.Panel | _layout.Sign] = []
    for array, name in zip(arrays, names, strict=True):
        block += [_layout.grid(array.shape, _pixel(arrays), caption=name), gap]
    picture, axes = _layout.arrange(
        [block[:-1]], _words.alt(alt, title, said), title, sharp=arrays[0].shape[1]
    )
    high = max(map(white, arrays))
    for ax, array, name in zip(axes, arrays, names, strict=True):
        _layout.draw_pixels(ax, array, 0, high)
        _layout.under(ax, name)
    for start, end in pairs:
        between = max(len(array) for array in arrays[start + 1 : end])
        up = 0.75 + 0.25 * between / len(arrays[start])  # half-way above those between
        picture.add_artist(
            ConnectionPatch(
                (1, up),
                (0, up),
                axes[start].transAxes,
                axes[end].transAxes,
                arrowstyle="-|>",
                mutation_scale=points(12),
                color=colours.OUTPUT,
                linewidth=points(1.8),
            )
        )
        axes[start].annotate(
            "skip",
            (1, up),
            (points(6), points(4)),
            xycoords="axes fraction",
            textcoords="offset points",
            size=points(CAPTION),
            color=colours.INK,
        )
    return picture


def _pixel(arrays: Sequence[np.ndarray]) -> float:
    """Return how large a pixel is drawn: what fills the page, but whole ones."""
    columns = sum(array.shape[1] for array in arrays)
    room = _layout.share(1, _GAP * (len(arrays) - 1)) / columns
    return max(1.0, min(room // 1, 240 // max(len(array) for array in arrays)))


def _skips(value: Any, arrays: Sequence[np.ndarray]) -> list[tuple[int, int]]:
    pairs: list[Any] = list(value) if is_sequence(value) else [None]
    last = len(arrays) - 1
    for pair in pairs:
        two = list(pair) if is_sequence(pair) else []
        if not (len(two) == 2 and all(map(is_whole, two)) and 0 <= two[0] < two[1]):
            need = f"Give pairs (from, to) of maps counted from 0, like [(0, {last})]"
            raise refusal("skips", shown(value), need)
        if two[1] > last:
            raise refusal("skips", shown(pair), f"The last map has the number {last}")
        start, end = two
        here, there = arrays[start].shape[:2], arrays[end].shape[:2]
        if here != there:
            need = "A skip connection joins maps of one size"
            raise refusal("skips", f"{here} to {there}", need)
        between = [len(array) for array in arrays[start + 1 : end]]
        if not between or max(between) >= here[0]:
            need = "What lies between the two must be there, and smaller"
            raise refusal("skips", shown(pair), need)
    return [(int(start), int(end)) for start, end in pairs]
