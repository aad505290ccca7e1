"""A kernel on its way over an image: single steps, and places along a row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from helpers import colours, ops
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, MARGIN, WIDTH, points
from helpers.plots.picture import Picture

_MOST_PIXELS = 32  # in a row of `placements`
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
        mark = _given.window((*position, 1, 1), answers.shape)
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
    alt = alt or _words.sentence(". ".join([title] * bool(title) + said))

    sign, gap = 22, 26
    wide = image.shape[1] + max(
        k.shape[1] + m.shape[1] for k, m in _pairs(kernels, maps)
    )
    tall = max(a.shape[0] for a in (image, *kernels, *maps))
    text = max(_layout.text_width(t, _layout.TITLE) for t in titles)
    across = (
        2 if count > 1 and max(2 * sign + 22 * wide, text) < (WIDTH - gap) / 2 else 1
    )
    room = (WIDTH - 2 * MARGIN - gap * (across - 1)) / across
    cell = min(40.0, (room - 2 * sign) / wide, 300 / tall)
    lines = -(-count // across)
    above = 24 if any(titles) else 4
    top = MARGIN + (24 if title else 0)
    step = above + tall * cell + 12
    content = max(2 * sign + wide * cell, text)
    across_all = across * content + gap * (across - 1)
    width = min(
        WIDTH,
        max(across_all, _layout.text_width(title, _layout.TITLE + 1)) + 2 * MARGIN,
    )
    picture = Picture(width, top + lines * step - 12 + MARGIN, alt)
    for index, (kernel, answers) in enumerate(_pairs(kernels, maps)):
        line, column = divmod(index, across)
        block = 2 * sign + cell * (image.shape[1] + kernel.shape[1] + answers.shape[1])
        start = (width - across_all) / 2 + column * (content + gap)
        left = start + (content - block) / 2
        up = top + line * step + above
        if titles[index]:
            _write(picture, start + content / 2, up - 12, titles[index], _layout.TITLE)
        parts = (
            (image, "input", windows[index]),
            (kernel, "kernel", None),
            (answers, "output", marks[index]),
        )
        for (array, role, frame), mark in zip(parts, ("⋆", "=", ""), strict=True):
            rows, cols = array.shape
            box = (left, up + (tall - rows) * cell / 2, cols * cell, rows * cell)
            ax = _layout.axis(picture, box)
            _layout.cells(ax, array, role, "auto", None, None, cell, frame)
            left += cols * cell + sign
            if mark:  # the star is a small sign in this font
                size = 26 if mark == "⋆" else 17
                _write(picture, left - sign / 2, up + tall * cell / 2, mark, size)
    _layout.write_titles(picture, [], [], title)
    return picture


def placements(
    n: int,
    kernel: int,
    *,
    stride: int = 1,
    padding: str | int | tuple[int, int] = "valid",
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
    sides = padding if isinstance(padding, str | int) else ((0, 0), tuple(padding))
    settings = {"stride": stride, "dilation": dilation}
    count = ops.output_size((1, n), (1, kernel), padding=sides, **settings)[1]
    if padding == "same":
        before, after = ops.same_padding((1, n), (1, kernel), **settings)[1]
    else:
        before, after = {str: (0, 0), int: (padding, padding)}.get(
            type(padding), padding
        )
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
    alt = alt or _words.sentence(
        (f"{title}. " if title else "")
        + f"A kernel of {kernel} on {n} pixels, stride {stride}, "
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
    side, label = 96, 12
    cell = min(34.0, (WIDTH - 2 * MARGIN - side - label) / total)
    row = min(cell, 24.0, 420 / count)
    title = title or formula
    top = MARGIN + 26
    tall = cell + 6 + count * row
    content = total * cell + side + label
    width = max(content, _layout.text_width(title, _layout.TITLE + 1)) + 2 * MARGIN
    picture = Picture(min(width, WIDTH), top + tall + MARGIN, alt)
    left = (picture.width - content) / 2
    ax = _layout.axis(picture, (left, top, total * cell, tall))
    ax.set_xlim(0, total * cell)
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
        _write(picture, left + total * cell + 10, top + y + row / 2, "→", 13)
        at = left + total * cell + 10 + side / 2
        size = min(CAPTION, row)
        _write(picture, at, top + y + row / 2, f"output {place}", size, colours.INK)
    _layout.write_titles(picture, [], [], title)
    return picture


# ---- what came ----


def _for_each(given: Any, count: int, what: str) -> list[np.ndarray]:
    """Return a matrix for each of ``count`` steps; a single one stands for all."""
    if isinstance(given, Mapping):
        given = list(given.values())
    alone = not (isinstance(given, list | tuple) and np.ndim(given[0]) == 2)
    arrays = [given] * count if alone else given
    _given.one_each(f"{what.split()[-1]}s", arrays, count)
    return [_small(array, what) for array in arrays]


def _small(given: ArrayLike, what: str) -> np.ndarray:
    array = _given.matrix(given, what)
    if max(array.shape) > _MOST_CELLS:
        raise ValueError(
            f"{what} of {_words.size(array)} is too large to be drawn in steps; at "
            f"most {_MOST_CELLS} × {_MOST_CELLS} can be read."
        )
    return array


def _pairs(*lists: Sequence) -> list[tuple]:
    return list(zip(*lists, strict=True))


# ---- drawing ----


def _write(
    picture: Picture,
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str = colours.INK,
) -> None:
    """Write a text centred at a place, in pixels of the page from the top left."""
    picture.text(
        x / picture.width,
        1 - y / picture.height,
        text,
        size=points(size),
        color=colour,
        ha="center",
        va="center",
    )


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
