"""A kernel on its way over an image: single steps, and places along a row."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from helpers import colours, ops
from helpers._arguments import is_sequence, is_whole, refusal, whole, word
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_MOST_PIXELS = 32  # in a row of `placements`
_LABEL = 108.0  # pixels of the page for the name of an output beside its row
_MOST_STEPS = 12
_MOST_CELLS = 16  # a side of what `steps` draws


def steps(
    image: ArrayLike,
    kernels: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    maps: ArrayLike | Sequence[ArrayLike],
    positions: Sequence[tuple[int, int]],
    titles: Sequence[str] | None = None,
    *,
    stride: int = 1,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw where a kernel lies and which number that gives: image ⋆ kernel = map.

    Parameters
    ----------
    image
        (H, W), the numbers that the kernel slides over, padding included.
    kernels
        One kernel (kh, kw) for all steps; or a list, or a dictionary of titles and
        kernels, one for each step.
    maps
        One map (oh, ow) for all steps, or one for each.
    positions
        For each step (row, column) in the map: the cell to mark there. In the image
        the window is marked that it comes from. At most 12.
    titles
        A title for each step.
    stride
        Pixels from one place of the kernel to the next.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        Three axes for each step.

    Raises
    ------
    ValueError
        Where a matrix can't be drawn, a position lies outside the map or its window
        outside the image, or the lists don't match.

    Examples
    --------
    >>> x, k = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
    >>> steps(x, k, [[19, 25], [37, 43]], [(0, 1)]).alt
    'Step 1: image, rows 0 1 2; 3 4 5; 6 7 8 (marked: row 0, column 1, 2 × 2) ⋆ ...'
    """
    image = _small(image, "An image")
    stride = whole(stride, "stride")
    if not is_sequence(positions):
        need = "Give a list of cells of the map, each (row, column)"
        raise refusal("positions", repr(positions), need)
    count = len(positions)
    if not 1 <= count <= _MOST_STEPS:
        raise ValueError(
            f"{count} positions came; give 1 to {_MOST_STEPS}, each (row, column)."
        )
    if isinstance(kernels, Mapping) and titles is None:
        titles = list(kernels)
    kernels = _for_each(kernels, count, "A kernel")
    maps = _for_each(maps, count, "A map")
    titles = _given.titles(titles, count)
    windows, marks = [], []
    for position, kernel, answers in zip(positions, kernels, maps, strict=True):
        mark = (*_given.place(position, answers.shape, "position"), 1, 1)
        corner = (mark[0] * stride, mark[1] * stride)
        windows.append(_given.window((*corner, *kernel.shape), image.shape))
        marks.append(mark)
    said = [
        f"{name or f'Step {i}'}: {_words.grid(image, 'image', None, window)} ⋆ "
        f"{_words.grid(kernel, 'kernel', None, None)} = "
        f"{_words.grid(answers, 'map', None, mark)}"
        for i, (name, kernel, answers, window, mark) in enumerate(
            zip(titles, kernels, maps, windows, marks, strict=True), 1
        )
    ]
    alt = _words.alt(alt, title, ". ".join(said))

    blocks = [
        [
            _layout.grid(image.shape, 40),
            _layout.Sign("⋆", 22),
            _layout.grid(kernel.shape, 40),
            _layout.Sign("=", 22),
            _layout.grid(answers.shape, 40),
        ]
        for kernel, answers in zip(kernels, maps, strict=True)
    ]
    picture, axes = _layout.arrange(
        blocks, alt, title, heads=titles, across=2, least=0.55, tallest=300, gap=26,
        between=12,
    )  # fmt: skip
    drawn = zip(axes[::3], axes[1::3], axes[2::3], strict=True)
    for (left, middle, right), kernel, answers, window, mark in zip(
        drawn, kernels, maps, windows, marks, strict=True
    ):
        _layout.cells(left, image, "input", frame=window)
        _layout.cells(middle, kernel, "kernel")
        _layout.cells(right, answers, "output", frame=mark)
    return picture


def placements(
    n: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: Literal["valid", "same"] | int | tuple[int, int] = "valid",
    dilation: int = 1,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw every place that a kernel takes along a row of pixels, and count them.

    Parameters
    ----------
    n
        Pixels in the row, padding not counted; with it at most 32.
    kernel, stride, dilation
        As for `helpers.ops.conv2d`, along one side.
    padding
        "valid", "same", pixels on both sides, or (before, after).
    title
        A title; left out, the formula with these numbers.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis. The pixels are at the top, padding hatched; below them a row for
        each place of the kernel. Pixels that no place reaches are crossed out.

    Raises
    ------
    ValueError
        For more than 32 pixels, or numbers with which nothing comes out.

    Examples
    --------
    >>> placements(6, 3, stride=2, padding="same").alt
    'A kernel of 3 on 6 pixels, stride 2, padding 0 before and 1 after: 3 places. ...'
    """
    n, kernel = whole(n, "n"), whole(kernel, "kernel")
    stride, dilation = whole(stride, "stride"), whole(dilation, "dilation")
    settings = {"stride": stride, "dilation": dilation}
    before, after = _sides(padding, n, kernel, **settings)
    count = ops.output_size(
        (1, n), (1, kernel), padding=((0, 0), (before, after)), **settings
    )[1]
    reach = (kernel - 1) * dilation + 1
    total = before + n + after
    if total > _MOST_PIXELS:
        raise ValueError(
            f"{total} pixels with their padding are too many for a picture; at most "
            f"{_MOST_PIXELS} can be drawn."
        )
    taps = [[i * stride + a * dilation for a in range(kernel)] for i in range(count)]
    missed = sorted(set(range(before, before + n)).difference(*map(set, taps)))
    formula = f"⌊({n} + {before + after} − {reach}) / {stride}⌋ + 1 = {count}"
    said = (
        f"A kernel of {kernel} on {n} pixels, stride {stride}, "
        + (f"dilation {dilation}, " if dilation > 1 else "")
        + f"padding {before} before and {after} after: {count} "
        f"place{'s' * (count != 1)}. {formula}. "
        + (
            f"Not reached: pixel{'s' * (len(missed) > 1)} "
            + ", ".join(str(i - before) for i in missed)
            if missed
            else "Every pixel is reached"
        )
    )
    cell = min(34.0, _layout.share(total, _LABEL))
    row = min(cell, 24.0, 420 / count)
    wide, tall = total * cell, cell + 6 + count * row
    panel = _layout.Panel(wide, tall, fixed=True, right=_LABEL)
    picture, (ax,) = _layout.arrange(
        [[panel]], _words.alt(alt, title, said), title or formula
    )
    ax.set_xlim(0, wide)
    ax.set_ylim(tall, 0)
    ax.axis("off")
    for i in range(total):
        inside = before <= i < before + n
        _box(ax, i * cell, 0, cell, cell, colours.INPUT if inside else None)
        text = str(i - before) if inside else ""
        style = {"color": colours.INK, "ha": "center", "va": "center_baseline"}
        size = points(min(13, 0.5 * cell))
        ax.text((i + 0.5) * cell, cell / 2, text, size=size, **style)
        if i in missed:
            ax.plot(
                [i * cell + 4, (i + 1) * cell - 4],
                [cell - 4, 4],
                color=colours.INK,
                linewidth=points(2),
            )
    for place, pixels in enumerate(taps):
        y = cell + 6 + place * row
        if dilation > 1:
            across = (pixels[0] * cell + 2, (pixels[-1] + 1) * cell - 2)
            ax.hlines(y + row / 2, *across, color=colours.KERNEL, linewidth=points(2))
        for i in pixels:
            _box(ax, i * cell, y + 1, cell, row - 2, colours.KERNEL, fill=True)
        for x, text, size in (
            (10, "→", 13),
            (58, f"output {place}", min(CAPTION, row)),
        ):
            style = {"color": colours.INK, "ha": "center", "va": "center"}
            ax.text(wide + x, y + row / 2, text, size=points(size), **style)
    return picture


# ---- what came ----


def _for_each(given: Any, count: int, what: str) -> list[np.ndarray]:
    """Return a matrix for each of ``count`` steps; a single one stands for all."""
    if isinstance(given, Mapping):
        given = list(given.values())
    several = isinstance(given, list | tuple) and (
        not given or _given.depth(given[0]) == 2
    )
    arrays = given if several else [given] * count
    _given.one_each(f"{what.split()[-1]}s", arrays, count)
    return [_small(array, what) for array in arrays]


def _sides(padding: Any, n: int, kernel: int, **settings: int) -> tuple[int, int]:
    """Return the pixels of padding before and after a row."""
    if isinstance(padding, str):
        if word(padding, "padding", ("valid", "same")) == "valid":
            return 0, 0
        return ops.same_padding((1, n), (1, kernel), **settings)[1]
    two = padding if is_sequence(padding) else (padding, padding)
    if len(two) != 2 or not all(is_whole(side) and side >= 0 for side in two):
        need = 'Give "valid", "same", a whole number of pixels, or two: (before, after)'
        raise refusal("padding", repr(padding), need)
    return int(two[0]), int(two[1])


def _small(given: ArrayLike, what: str) -> np.ndarray:
    array = _given.matrix(given, what)
    if max(array.shape) > _MOST_CELLS:
        raise ValueError(
            f"{what} of {_words.size(array)} is too large to be drawn in steps; at "
            f"most {_MOST_CELLS} × {_MOST_CELLS} can be read."
        )
    return array


# ---- drawing ----


def _box(
    ax: Axes,
    x: float,
    y: float,
    wide: float,
    tall: float,
    colour: str | None,
    fill: bool = False,
) -> None:
    """Draw a cell: of a colour, filled or framed; hatched where there is none."""
    ax.add_patch(
        Rectangle(
            (x + 0.5, y),
            wide - 1,
            tall,
            facecolor=colour if fill else (*to_rgba(colour or colours.LINE)[:3], 0.12),
            edgecolor=colours.PAGE if fill else colour or colours.LINE,
            linewidth=points(1.2),
            hatch=None if colour else "////",
        )
    )
