"""Pictures of what comes out of a filter or a layer: maps on one scale with a bar."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers import _arguments, colours
from helpers.images import white
from helpers.plots import _given, _layout, _words
from helpers.plots._scales import GRAY, SIGNED
from helpers.plots.picture import Picture

_FINE = 1240  # pixels of a screen that a mosaic covers, a side
_MOST_KERNEL = 32


def signed(
    arrays: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    title: str | None = None,
    limit: float | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw maps of signed numbers in a row, on one scale centred on 0.

    Blue is negative, white 0, red positive; the bar beside them says how much.

    Parameters
    ----------
    arrays
        One map (H, W), a list of maps, or a dictionary of titles and maps.
    titles
        A title for each map.
    title
        A title for the whole picture.
    limit
        The size of the number at both ends of the scale; left out, the largest in any
        of the maps. A smaller one brings out faint answers: numbers beyond it get the
        colour of the end, and the bar is pointed there.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each map, and one for the colour bar.

    Raises
    ------
    ValueError
        For anything that is no map, or where titles and maps don't match.

    Examples
    --------
    >>> signed([[-3, 0, 1]]).alt
    'A map of signed numbers: 1 × 3, values from −3 to 1. Scale from −3 to 3.'
    """
    arrays, titles = _given.several(arrays, titles, lambda a: _given.matrix(a, "A map"))
    end = _given.end(arrays, limit)
    words = [f"{_words.size(a)}, {_words.span(a)}" for a in arrays]
    scale = f" Scale from {_words.number(-end)} to {_words.number(end)}."
    said = _words.listed("map of signed numbers", titles, words, title, None) + scale
    alt = _words.alt(alt, None, said)
    picture, axes = _layout.row([a.shape for a in arrays], titles, alt, title, bar=True)
    for ax, array in zip(axes, arrays, strict=True):
        _layout.draw_pixels(ax, array, -end, end, SIGNED)
    _layout.bar(picture, axes[-1], "signed", end, arrays)
    return picture


def filtering(
    image: ArrayLike,
    kernel: ArrayLike,
    result: ArrayLike,
    *,
    signed: bool | None = None,
    limit: float | None = None,
    title: str | None = None,
    titles: Sequence[str] = ("photo", "kernel", "result"),
    alt: str | None = None,
) -> Picture:
    """Draw what a kernel does to a photo: photo ⋆ kernel = result.

    Parameters
    ----------
    image
        (H, W), values 0–255, or 0–1 where none is above 1.
    kernel
        (kh, kw), at most 32 a side; up to 7 a side its numbers can be read.
    result
        (H, W) of any size.
    signed
        Whether the result is drawn on the signed scale, or else as a photo, cut off
        where the image is black and white. Left out: signed if the numbers of the
        kernel sum to 0.
    limit
        The size of the number at both ends of the signed scale; left out, the largest.
    title, titles, alt
        As for `images`.

    Returns
    -------
    Picture
        Three axes, and one for the colour bar of a signed result.

    Raises
    ------
    ValueError
        For anything that is no matrix of real numbers.

    Examples
    --------
    >>> picture = filtering(np.eye(9) * 255, [[1]], np.eye(9) * 255)
    >>> len(picture.axes)
    3
    """
    image = _given.matrix(image, "A gray photo")
    result = _given.matrix(result, "A result")
    kernel = _given.matrix(kernel, "A kernel")
    if max(kernel.shape) > _MOST_KERNEL:
        raise ValueError(
            f"A kernel of {_words.size(kernel)} is too large to be drawn beside its "
            f"photo. At most {_MOST_KERNEL} × {_MOST_KERNEL} can be."
        )
    if signed is None:
        signed = abs(_given.total(kernel)) < 1e-9
    signed = _arguments.flag(signed, "signed")
    high = white(image)
    end = _given.end([result], limit)  # refuses a wrong limit in any case
    end = end if signed else high
    titles = _given.titles(titles, 3)
    said = (
        f"{titles[0]}, {_words.size(image)} pixels, {_words.span(image)} ⋆ "
        f"{titles[1]}, {_words.rows(kernel)} = {titles[2]}, {_words.span(result)}, "
        + (
            f"on a signed scale to ±{_words.number(end)}"
            if signed
            else "shown as a photo"
        )
    )
    alt = _words.alt(alt, title, said)
    small = _layout.fitted(kernel.shape, (152, 250), 44, title=titles[1], fixed=True)
    block: _layout.Block = [
        _layout.fitted(image.shape, title=titles[0]),
        _layout.Sign("⋆", 24),
        small,
        _layout.Sign("=", 24),
        _layout.fitted(result.shape, title=titles[2]),
    ]
    picture, axes = _layout.arrange(
        [block], alt, title, bar=signed, sharp=image.shape[1]
    )
    _layout.draw_pixels(axes[0], image, 0, high)
    _layout.cells(axes[1], kernel, "kernel", "signed")
    if small.wide / kernel.shape[1] < 20:  # too small to be read
        for number in list(axes[1].texts):
            number.remove()
    if signed:
        _layout.draw_pixels(axes[2], result, -end, end, SIGNED)
        _layout.bar(picture, axes[2], "signed", end, [result])
    else:
        _layout.draw_pixels(axes[2], result, 0, end)
    return picture


def feature_maps(
    maps: ArrayLike | Sequence[ArrayLike],
    title: str | None = None,
    *,
    columns: int | None = None,
    limit: float | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw all maps of a layer as one mosaic, on one scale with a colour bar.

    Parameters
    ----------
    maps
        (H, W, C) as a layer gives them, (1, H, W, C) with its batch of one, a single
        (H, W), or a list of maps (H, W) of one size.
    title
        A title above.
    columns
        How many maps stand side by side; left out, a mosaic about as wide as the page
        suits.
    limit
        The largest number of the scale; left out, the largest there is. The scale is
        gray from 0 on where no number is negative, and signed otherwise.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        Two axes: the mosaic, and the colour bar. Maps run row by row, with
        gaps of `colours.GAP` between them.

    Raises
    ------
    ValueError
        For anything that is no stack of maps.

    Examples
    --------
    >>> feature_maps(np.ones((26, 26, 8))).alt
    '8 feature maps of 26 × 26 numbers, in 2 rows of 4: every value 1.'
    """
    stack = _given.stack(maps)
    rows, cols, count = stack.shape
    if columns is None:
        columns = min(count, max(1, round((count * 1.6 * rows / cols) ** 0.5)))
        columns = -(-count // -(-count // columns))  # as even as the rows allow
    columns = min(_arguments.whole(columns, "columns"), count)
    lines = -(-count // columns)

    end, ends = _given.end([stack], limit), [stack]
    negative = _given.extremes(stack)[0] < 0
    low, colour_map = (-end, SIGNED) if negative else (0.0, GRAY)
    said = (
        f"{count} feature map{'s' * (count > 1)} of {rows} × {cols} numbers"
        + (f", in {lines} row{'s' * (lines > 1)} of {columns}" if count > 1 else "")
        + f": {_words.span(stack)}"
    )
    alt = _words.alt(alt, title, said)
    # No finer than a screen shows them: before the mosaic, whose gaps must not blend.
    stack = _given.finite(_layout.shrunk(stack, _FINE / lines, _FINE / columns))
    rows, cols, _ = stack.shape
    gap = max(1, round(max(rows, cols) / 30))
    shape = (lines * (rows + gap) + gap, columns * (cols + gap) + gap)
    mosaic = np.full(shape, 3 * end)  # off the scale: the gaps between the maps
    for index in range(count):
        line, column = divmod(index, columns)
        y, x = gap + line * (rows + gap), gap + column * (cols + gap)
        here = np.clip(stack[..., index], low, end)
        mosaic[y : y + rows, x : x + cols] = here
    colour_map = colour_map.with_extremes(bad=colours.NOT_A_NUMBER, over=colours.GAP)
    panel = _layout.fitted(mosaic.shape, (620, 560))
    picture, (ax,) = _layout.arrange(
        [[panel]], alt, title, tallest=560, bar=True, sharp=mosaic.shape[1]
    )
    _layout.draw_pixels(ax, mosaic, low, end, colour_map)
    ax.set_frame_on(False)
    _layout.bar(picture, ax, "signed" if negative else "gray", end, ends)
    return picture
