"""Pictures of photos: images in a row, their colour channels, a window's numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from helpers import _arguments, colours
from helpers.images import white
from helpers.plots import _given, _layout, _words
from helpers.plots._given import Window
from helpers.plots._layout import WIDTH
from helpers.plots.picture import Picture


def images(
    arrays: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    title: str | None = None,
    limits: tuple[float, float] | None = None,
    highlight: Window | None = None,
    pixels: int = _layout.COLOURED,
    alt: str | None = None,
) -> Picture:
    """Draw gray or colour images in a row, all on the same scale.

    Parameters
    ----------
    arrays
        One image, a list of images, or a dictionary of titles and images; each (H, W)
        or (H, W, 3).
    titles
        A title for each image.
    title
        A title for the whole picture.
    limits
        The values drawn black and white; what lies outside is cut off. Left out, 0 and
        255, or 0 and 1 where no value of any image is above 1.
    highlight
        (row, column, rows, columns) of a window that is marked in every image.
    pixels
        Colour photos of more pixels, all of them together, are drawn from means of
        their pixels, so that the picture stays small enough to be stored.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each image.

    Raises
    ------
    ValueError
        For anything that is no image, or where titles and images don't match.

    Examples
    --------
    >>> picture = images(np.eye(8) * 255, "a diagonal")
    >>> picture.alt
    'A diagonal: 8 × 8 pixels, gray, values from 0 to 255.'
    """
    arrays, titles = _given.several(arrays, titles, _given.image)
    if limits is None:
        limits = (0.0, max(map(white, arrays)))
    low, high = _given.limits(limits)
    frame = None
    if highlight is not None:
        frame, *_ = [_given.window(highlight, a.shape, "highlight") for a in arrays]
    words = [
        f"{_words.size(a)} pixels, {'colour' if a.ndim == 3 else 'gray'}, "
        f"{_words.span(a)}"
        + (f", window marked at {_words.place(frame)}" if frame else "")
        for a in arrays
    ]
    alt = _words.listed("image", titles, words, title, alt)
    picture, axes = _layout.row([a.shape for a in arrays], titles, alt, title)
    pixels = _arguments.whole(pixels, "pixels")
    planes = [a.any(axis=(0, 1)).sum() for a in arrays if a.ndim == 3]  # not all 0
    sizes = [a.shape[0] * a.shape[1] for a in arrays if a.ndim == 3]
    coloured = np.dot(planes, sizes) / 3
    smaller = min(1.0, (pixels / max(1, coloured)) ** 0.5)
    for ax, array in zip(axes, arrays, strict=True):
        _layout.draw_pixels(ax, array, low, high, smaller=smaller)
        if frame:
            _layout.mark(ax, frame)
    return picture


def channels(
    image: ArrayLike, *, title: str | None = None, alt: str | None = None
) -> Picture:
    """Draw a colour image beside its red, green and blue planes, each in its colour.

    Parameters
    ----------
    image
        (H, W, 3), values 0–255, or 0–1 where none is above 1.
    title, alt
        As for `images`.

    Returns
    -------
    Picture
        Four axes: the image, red, green, blue.

    Raises
    ------
    ValueError
        For anything that is no colour image.

    Examples
    --------
    >>> len(channels(np.zeros((4, 4, 3))).axes)
    4
    """
    image = _given.image(image)
    if image.ndim != 3:
        raise ValueError(
            f"A colour image has shape (rows, columns, 3); this array has shape "
            f"{image.shape}. A gray image has one plane only: draw it with "
            "plots.images."
        )
    names = ("red", "green", "blue")
    words = ", ".join(f"{n} {_words.span(image[..., i])}" for i, n in enumerate(names))
    said = (
        f"A colour image of {_words.size(image)} pixels, followed by its red, green "
        f"and blue planes, each in its own colour: {words}"
    )
    limits = (0.0, white(image))
    image = _layout.shrunk(image, 2 * WIDTH, 2 * WIDTH)  # before there are four of them
    tinted = []
    for plane in range(3):
        tint = np.zeros_like(image)
        tint[..., plane] = image[..., plane]
        tinted.append(tint)
    parts, titles = [image, *tinted], ["all three", *names]
    alt = _words.alt(alt, None, said)
    return images(parts, titles, title=title, limits=limits, alt=alt)


def zoom(
    image: ArrayLike,
    window: Window,
    *,
    title: str | None = None,
    titles: Sequence[str] = ("what we see", "what the computer sees"),
    alt: str | None = None,
) -> Picture:
    """Draw an image with a window marked, and the numbers in that window beside it.

    Parameters
    ----------
    image
        (H, W), values 0–255, or 0–1 where none is above 1.
    window
        (row, column, rows, columns) of the pixels whose numbers are shown, at most
        16 × 16.
    title, titles, alt
        As for `images`.

    Returns
    -------
    Picture
        Two axes: the image and the numbers.

    Raises
    ------
    ValueError
        For an image that is not gray, or a window that is too large or outside it.

    Examples
    --------
    >>> picture = zoom(np.eye(32) * 255, (0, 0, 8, 8))
    """
    image = _given.matrix(image, "An image to zoom into")
    frame = _given.window(window, image.shape)
    row, column, rows, width = frame
    if max(rows, width) > 16:
        raise ValueError(
            f"A window of {rows} × {width} pixels is too large for its numbers to be "
            "read. Take at most 16 × 16."
        )
    part = image[row : row + rows, column : column + width]
    titles = _given.titles(titles, 2)
    said = (
        f"An image of {_words.size(image)} pixels, gray, {_words.span(image)}; a "
        f"window of {rows} × {width} pixels is marked at {_words.place(frame)}. "
        f"Beside it, the numbers in that window, {_words.span(part)}; "
        f"{_words.rows(part)}"
    )
    block: _layout.Block = [
        _layout.fitted(image.shape, title=titles[0]),
        _layout.Sign("", 38),
        _layout.fitted(part.shape, title=titles[1]),
    ]
    picture, (left_ax, right_ax) = _layout.arrange(
        [block], _words.alt(alt, title, said), title, sharp=image.shape[1]
    )
    high = white(image)
    _layout.draw_pixels(left_ax, image, 0, high)
    _layout.mark(left_ax, frame)
    _layout.cells(right_ax, part, "input", "gray", (0, high))
    for corner in (0, 1):  # from the window's right side to the numbers' left side
        y = row + corner * rows - 0.5
        start = left_ax.transData.transform((column + width - 0.5, y))
        end = right_ax.transAxes.transform((0, 1 - corner))
        points = picture.transFigure.inverted().transform([start, end])
        picture.add_artist(
            Line2D(
                *points.T,
                transform=picture.transFigure,
                color=colours.INPUT,
                linewidth=1,
            )
        )
    return picture
