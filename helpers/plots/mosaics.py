"""Many small pictures of one size in one: filters, patches of photos, digits."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike

from helpers import _arguments, colours
from helpers.images import white
from helpers.plots import _given, _layout, _words
from helpers.plots.picture import Picture

_GAP = np.rint(255 * np.array(to_rgb(colours.GAP)))
_TALLEST = 560  # pixels of all mosaics together


def mosaic(
    pictures: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    title: str | None = None,
    *,
    columns: int | None = None,
    signed: bool = False,
    limits: tuple[float, float] | None = None,
    pixels: int = _layout.COLOURED,
    alt: str | None = None,
) -> Picture:
    """Draw many pictures of one size as tiles of one, row by row.

    Parameters
    ----------
    pictures
        (N, H, W), gray, or (N, H, W, 3); a list of such pictures; or several mosaics,
        one below the other, as a dictionary of their titles and pictures.
    title
        A title for the whole.
    columns
        How many stand side by side; left out, as many as suit the page.
    signed
        True where they are weights: 0 is drawn in middle gray, and each picture has a
        scale of its own, up to its largest number.
    limits
        The values drawn black and white; what lies outside is cut off. Left out, 0 and
        255, or 0 and 1 where no value is above 1.
    pixels
        Tiles of more pixels, all of them together, are drawn from means of their
        pixels, so that the picture stays small enough to be stored.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each mosaic. Tiles have gaps of `colours.GAP` between them.

    Raises
    ------
    ValueError
        For anything that is no pictures of one size.

    Examples
    --------
    >>> mosaic(np.zeros((24, 11, 11, 3)), "filters", signed=True).alt
    'Filters. A mosaic: 24 pictures of 11 × 11 pixels in 3 rows of 8: colour, \
every value 0.'
    """
    named = pictures if isinstance(pictures, Mapping) else {"": pictures}
    if not named:
        raise ValueError("Give at least one picture to be drawn.")
    titles = [_given.text(name, "The titles of pictures") for name in named]
    stacks = [_pictures(value) for value in named.values()]
    signed = _arguments.flag(signed, "signed")
    if limits is None:
        limits = (0.0, max(map(white, stacks)))
    low, high = _given.limits(limits)
    if columns is not None:
        columns = _arguments.whole(columns, "columns")
    sheets, words = [], []
    for stack in stacks:
        across = min(len(stack), columns or _across(stack.shape))
        shares = _of_weights(stack) if signed else (stack - low) / (high - low)
        sheets.append(_sheet(255 * np.clip(shares, 0, 1), across))
        words.append(_said(stack, across))
    alt = _words.listed("mosaic", titles, words, title, alt)
    tall = _TALLEST / len(sheets)
    blocks = [
        [_layout.fitted(sheet.shape, (620, tall), title=name)]
        for sheet, name in zip(sheets, titles, strict=True)
    ]
    picture, axes = _layout.arrange(
        blocks, alt, title, tallest=tall, sharp=sheets[0].shape[1]
    )
    pixels = _arguments.whole(pixels, "pixels")
    drawn = sum(sheet.shape[0] * sheet.shape[1] for sheet in sheets)
    smaller = min(1.0, (pixels / drawn) ** 0.5)
    for ax, sheet in zip(axes, sheets, strict=True):
        _layout.draw_pixels(ax, sheet, 0, 255, smaller=smaller)
        ax.set_frame_on(False)
    return picture


def _pictures(value: ArrayLike | Sequence[ArrayLike]) -> np.ndarray:
    """Return checked pictures (N, H, W, 3), gray ones with three equal planes."""
    if isinstance(value, list | tuple):
        checked = [_given.image(one) for one in value]
        shapes = {one.shape for one in checked}
        if len(shapes) != 1:
            sizes = ", ".join(sorted(map(str, shapes))) or "none"
            raise ValueError(f"Pictures of a mosaic have one shape; came: {sizes}.")
        stack = np.stack(checked)
    else:
        stack = _given.numbers(cast(ArrayLike, value), "Pictures of a mosaic")
    if stack.ndim == 4 and stack.shape[-1] == 1:
        stack = stack[..., 0]
    if stack.ndim == 3 and len(stack):
        return np.repeat(stack[..., np.newaxis], 3, axis=-1)
    if stack.ndim != 4 or stack.shape[-1] != 3 or not len(stack):
        raise ValueError(
            "Pictures of a mosaic have shape (N, H, W) or (N, H, W, 3), N at least 1; "
            f"these have shape {stack.shape}. Of a kernel (h, w, 3, N): "
            "np.moveaxis(kernel, -1, 0)."
        )
    return stack


def _across(shape: tuple[int, ...]) -> int:
    """Return how many tiles suit a line: a sheet somewhat wider than high, and even."""
    count, rows, cols, _ = shape
    across = min(count, max(1, round((count * 2.5 * rows / cols) ** 0.5)))
    return -(-count // -(-count // across))


def _of_weights(stack: np.ndarray) -> np.ndarray:
    """Return weights from 0 to 1, each picture's own zero at one half."""
    ends = np.nanmax(np.abs(stack), axis=(1, 2, 3), keepdims=True)
    return 0.5 + stack / (2 * np.where(ends > 0, ends, 1))


def _sheet(stack: np.ndarray, across: int) -> np.ndarray:
    """Return all pictures in one, (rows, columns, 3), with gaps around each."""
    count, rows, cols, _ = stack.shape
    lines = -(-count // across)
    gap = max(1, round(max(rows, cols) / 20))
    sides = lines * (rows + gap) + gap, across * (cols + gap) + gap
    sheet = np.broadcast_to(_GAP, (*sides, 3)).copy()
    for index, one in enumerate(stack):
        line, column = divmod(index, across)
        y, x = gap + line * (rows + gap), gap + column * (cols + gap)
        sheet[y : y + rows, x : x + cols] = one
    return sheet


def _said(stack: np.ndarray, across: int) -> str:
    count, rows, cols, _ = stack.shape
    lines = -(-count // across)
    gray = (stack == stack[..., :1]).all()
    return (
        f"{count} picture{'s' * (count > 1)} of {rows} × {cols} pixels"
        + (f" in {lines} row{'s' * (lines > 1)} of {across}" if count > 1 else "")
        + f": {'gray' if gray and stack.any() else 'colour'}, {_words.span(stack)}"
    )
