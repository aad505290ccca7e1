"""Pictures of what comes out of a filter or a layer: maps on one scale with a bar."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers import colours
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import MARGIN, WIDTH
from helpers.plots._scales import GRAY, SIGNED
from helpers.plots.picture import Picture


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
    alt = alt or _words.listed("map of signed numbers", titles, words, title) + scale
    picture, axes = _layout.row([a.shape for a in arrays], titles, title, alt, bar=True)
    for ax, array in zip(axes, arrays, strict=True):
        _layout.draw_pixels(
            ax, _given.finite(array), picture, cmap=SIGNED, vmin=-end, vmax=end
        )
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
        (H, W), values 0–255.
    kernel
        (kh, kw), at most 32 a side; up to 7 a side its numbers can be read.
    result
        (H, W) of any size.
    signed
        Whether the result is drawn on the signed scale, or else as a photo, cut off at
        0 and 255. Left out: signed if the numbers of the kernel sum to 0.
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
    if signed is None:
        signed = bool(abs(kernel.astype(np.float64).sum()) < 1e-9)
    end = _given.end([result], limit) if signed else 255.0
    titles = _given.titles(titles, 3)
    alt = alt or _words.sentence(
        (f"{title}. " if title else "")
        + f"{titles[0]}, {_words.size(image)} pixels, {_words.span(image)} ⋆ "
        f"{titles[1]}, {_words.rows(kernel)} = {titles[2]}, {_words.span(result)}, "
        + (
            f"on a signed scale to ±{_words.number(end)}"
            if signed
            else "shown as a photo"
        )
    )
    sign, bar = 24, 72 if signed else 0
    shown = WIDTH - 2 * MARGIN - 2 * sign - bar
    cell = min(44.0, 0.24 * shown / kernel.shape[1], 250 / kernel.shape[0])
    small = (kernel.shape[1] * cell, kernel.shape[0] * cell)
    side = (shown - small[0]) / 2
    sizes = [
        (w * side / max(h, w), h * side / max(h, w))
        for h, w in (image.shape, result.shape)
    ]
    top = MARGIN + (22 if title else 0) + 20
    tall = max(small[1], *(h for _, h in sizes))
    picture = Picture(
        WIDTH, top + tall + MARGIN, alt, _layout.crisp(image.shape[1], sizes[0][0])
    )
    boxes = [sizes[0], small, sizes[1]]
    left, axes = MARGIN, []
    for box in boxes:
        axes.append(_layout.axis(picture, (left, top + (tall - box[1]) / 2, *box)))
        left += box[0] + sign
    for text, ax in zip("⋆=", axes, strict=False):
        x = ax.get_position().x1 + sign / 2 / picture.width
        y = 1 - (top + tall / 2) / picture.height
        style = {"ha": "center", "va": "center", "color": colours.INK}
        picture.text(
            x, y, text, size=_layout.points(30 if text == "⋆" else 20), **style
        )
    _layout.draw_pixels(
        axes[0], _given.finite(image), picture, cmap=GRAY, vmin=0, vmax=255
    )
    _layout.cells(axes[1], kernel, "kernel", "signed", None, None, cell, None)
    if cell < 20:  # too small to be read
        for number in list(axes[1].texts):
            number.remove()
    low, colour_map = (-end, SIGNED) if signed else (0, GRAY)
    _layout.draw_pixels(
        axes[2], _given.finite(result), picture, cmap=colour_map, vmin=low, vmax=end
    )
    _layout.write_titles(picture, axes, titles, title)
    if signed:
        _layout.bar(picture, axes[2], "signed", end, [result])
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
    elif not isinstance(columns, int | np.integer) or columns < 1:
        raise ValueError(f"columns must be a whole number from 1 on; {columns!r} came.")
    columns = min(int(columns), count)
    lines = -(-count // columns)

    end = _given.end([stack], limit)
    finite = _given.finite(stack)
    negative = bool((finite < 0).any())
    low, colour_map = (-end, SIGNED) if negative else (0.0, GRAY)
    gap = max(1, round(max(rows, cols) / 30))
    shape = (lines * (rows + gap) + gap, columns * (cols + gap) + gap)
    mosaic = np.full(shape, 3 * end)  # off the scale: the gaps between the maps
    for index in range(count):
        line, column = divmod(index, columns)
        y, x = gap + line * (rows + gap), gap + column * (cols + gap)
        here = np.clip(finite[..., index], low, end)
        mosaic[y : y + rows, x : x + cols] = here
    colour_map = colour_map.with_extremes(bad=colours.NOT_A_NUMBER, over=colours.GAP)
    alt = alt or _words.sentence(
        (f"{title}. " if title else "")
        + f"{count} feature map{'s' * (count > 1)} of {rows} × {cols} numbers"
        + (f", in {lines} row{'s' * (lines > 1)} of {columns}" if count > 1 else "")
        + f": {_words.span(stack)}"
    )
    picture, (ax,) = _layout.row(
        [mosaic.shape], [""], title, alt, bar=True, room=(620, 560)
    )
    _layout.draw_pixels(ax, mosaic, picture, cmap=colour_map, vmin=low, vmax=end)
    ax.set_frame_on(False)
    _layout.bar(picture, ax, "signed" if negative else "gray", end, [stack])
    return picture
