"""Pictures for the lessons: every function takes arrays and returns a `Picture`.

A `Picture` is a matplotlib Figure that shows itself as the last line of a cell, carries
a description for those who can't see it, and belongs to nobody else: pyplot is never
imported, so there is nothing to close, and no other figure or setting is touched.

>>> from helpers import images, plots
>>> photo = images.photo("camera", size=64)
>>> plots.images([photo, 255 - photo], ["photo", "negative"])
<Picture: Two images side by side. 1, photo: 64 × 64 pixels, gray, values from ...>

Numbers that are pixels are drawn from 0 (black) to 255 (white); numbers with a sign on
a scale from blue (negative) over white (0) to red (positive); what is not a number, in
yellow. Input, kernel and output have the frames of `helpers.colours`.
"""

import io
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike
from PIL import Image

from helpers import colours

__all__ = [
    "Picture",
    "channels",
    "equation",
    "feature_maps",
    "filtering",
    "histogram",
    "images",
    "kernels",
    "numbers",
    "signed",
    "zoom",
]

Window = tuple[int, int, int, int]  # row, column, rows, columns
Role = Literal["input", "kernel", "output"]
Fill = Literal["auto", "gray", "signed", "none"]

#: How wide a picture may be, in pixels of the page.
WIDTH = 700

_DPI = 100  # one hundredth of an inch is one pixel of the page
_TITLE, _CAPTION = 13, 11.5  # sizes of text, in pixels of the page
_MARGIN = 8
_MOST_CELLS = 32  # a side of a grid of numbers; smaller cells can't be read

_FRAMES = {
    "input": colours.INPUT,
    "kernel": colours.KERNEL,
    "output": colours.OUTPUT,
}


_SIGNED = LinearSegmentedColormap.from_list(
    "course_signed", colours.SIGNED
).with_extremes(bad=colours.NOT_A_NUMBER)
# matplotlib cuts off the fraction of a byte: a quarter more, and every gray is exact.
_GRAY = ListedColormap(
    [(min(1, (v + 0.25) / 255),) * 3 for v in range(256)]
).with_extremes(bad=colours.NOT_A_NUMBER)


class Picture(Figure):
    """A matplotlib Figure that shows itself, and says in words what it shows.

    Attributes
    ----------
    alt : str
        The description: the alternative text of the image, and what stands in its
        place where only text can be shown. Set it to say more than the default.
    scale : float
        Pixels of the PNG for each pixel of the page: above 1 it is crisp on fine
        screens.
    """

    def __init__(self, width: float, height: float, alt: str, scale: float = 2) -> None:
        super().__init__(
            figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=colours.PAGE
        )
        FigureCanvasAgg(self)  # the canvas that draws into memory, and no window
        self.alt = alt
        self.scale = scale

    @property
    def width(self) -> float:
        """Width in pixels of the page."""
        return self.get_figwidth() * _DPI

    @property
    def height(self) -> float:
        """Height in pixels of the page."""
        return self.get_figheight() * _DPI

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def to_png(self) -> bytes:
        """Return the picture as the bytes of a PNG file, small enough to be stored."""
        usual = self.dpi
        try:
            self.dpi = _DPI * self.scale
            self.canvas.draw()
            pixels = np.array(self.canvas.buffer_rgba())[..., :3]
        finally:
            self.dpi = usual
        return _small_png(pixels)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        # No height: where the page is narrower, the browser keeps the proportions.
        return (
            {"image/png": self.to_png(), "text/plain": repr(self)},
            {"image/png": {"alt": self.alt, "width": round(self.width)}},
        )

    def _ipython_display_(self) -> None:
        # IPython asks this before anything else. Without it, the inline backend, once
        # pyplot is loaded, would draw the figure its own way and lose the description.
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)


def images(
    arrays: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    title: str | None = None,
    limits: tuple[float, float] | None = None,
    highlight: Window | None = None,
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
        255, and 0 and 1 for truth values.
    highlight
        (row, column, rows, columns) of a window that is marked in every image.
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
    arrays, titles = _several(arrays, titles, _image)
    if limits is None:
        limits = (0, 1) if all(a.dtype.kind == "b" for a in arrays) else (0, 255)
    low, high = _limits(limits)
    frame = _frame(highlight, arrays[0].shape)
    for array in arrays[1:]:
        _frame(highlight, array.shape)
    shown = [_for_screen(array, low, high) for array in arrays]
    words = [
        f"{_size(a)} pixels, {'colour' if a.ndim == 3 else 'gray'}, {_range(a)}"
        + (f", window marked at {_place(highlight)}" if frame else "")
        for a in arrays
    ]
    alt = alt or _list_in_words("image", titles, words, title)
    picture, axes = _row([a.shape[:2] for a in arrays], titles, title, alt)
    for ax, array in zip(axes, shown, strict=True):
        scale = {"cmap": _GRAY, "vmin": low, "vmax": high} if array.ndim == 2 else {}
        _draw_pixels(ax, array, picture, **scale)
        if frame:
            _mark(ax, frame)
    return picture


def channels(
    image: ArrayLike, *, title: str | None = None, alt: str | None = None
) -> Picture:
    """Draw a colour image beside its red, green and blue planes, each in its colour.

    Parameters
    ----------
    image
        (H, W, 3), values 0–255.
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
    image = _image(image)
    if image.ndim != 3:
        raise ValueError(
            f"A colour image has shape (rows, columns, 3); this array has shape "
            f"{image.shape}. A gray image has one plane only: draw it with "
            "plots.images."
        )
    names = ("red", "green", "blue")
    tinted = []
    for plane in range(3):
        tint = np.zeros_like(image)
        tint[..., plane] = image[..., plane]
        tinted.append(tint)
    words = ", ".join(f"{n} {_range(image[..., i])}" for i, n in enumerate(names))
    alt = alt or (
        f"A colour image of {_size(image)} pixels, followed by its red, green and blue "
        f"planes, each in its own colour: {words}."
    )
    parts = [image, *tinted]
    return images(parts, ["all three", *names], title=title, alt=alt)


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
        (H, W), values 0–255.
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
    image = _matrix(image, "An image to zoom into")
    frame = _frame(window, image.shape)
    row, column, rows, width = frame
    if max(rows, width) > 16:
        raise ValueError(
            f"A window of {rows} × {width} pixels is too large for its numbers to be "
            "read. Take at most 16 × 16."
        )
    part = image[row : row + rows, column : column + width]
    titles = _titles(titles, 2)
    alt = alt or _sentence(
        (f"{title}. " if title else "")
        + f"An image of {_size(image)} pixels, gray, {_range(image)}; a window of "
        f"{rows} × {width} pixels is marked at {_place(window)}. Beside it, the "
        f"numbers in that window, {_range(part)}; {_rows_in_words(part)}"
    )
    top = _MARGIN + (22 if title else 0) + 20
    side = (WIDTH - 3 * _MARGIN - 30) * 0.5
    shapes = [image.shape, part.shape]
    sizes = [(w * side / max(h, w), h * side / max(h, w)) for h, w in shapes]
    height = top + max(h for _, h in sizes) + _MARGIN
    picture = Picture(WIDTH, height, alt, _crisp(image.shape[1], sizes[0][0]))
    lefts = (_MARGIN, WIDTH - _MARGIN - sizes[1][0])
    left_ax, right_ax = (
        _axes(picture, (left, top, w, h))
        for left, (w, h) in zip(lefts, sizes, strict=True)
    )
    _draw_pixels(left_ax, image, picture, cmap=_GRAY, vmin=0, vmax=255)
    _mark(left_ax, frame)
    _cells(right_ax, part, "input", "gray", (0, 255), None, sizes[1][0] / width, None)
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
    _write_titles(picture, [left_ax, right_ax], titles, title)
    return picture


def numbers(
    array: ArrayLike,
    title: str | None = None,
    *,
    role: Role | None = "input",
    fill: Fill = "auto",
    limits: tuple[float, float] | None = None,
    decimals: int | None = None,
    highlight: Window | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw a small matrix as a grid with its number in each cell.

    Parameters
    ----------
    array
        (H, W), at most 32 × 32. Of a larger image take a crop: ``image[:12, :12]``.
    title
        A title above the grid.
    role
        ``"input"``, ``"kernel"`` or ``"output"``: the colour of the frame. None for a
        plain one.
    fill
        How the cells are filled: ``"gray"`` between the limits; ``"signed"``, blue for
        negative, red for positive; ``"none"``. ``"auto"`` takes gray for bytes (uint8)
        and truth values, signed for kernels and where a number is negative, and none
        otherwise.
    limits
        What is drawn black and white with a gray fill; left out, 0 and 255. With a
        signed fill the larger size of the two is the end of the scale on both sides;
        left out, the largest number.
    decimals
        Digits after the point; left out, as many as the numbers need, two at most.
    highlight
        (row, column, rows, columns) of a window to mark.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis.

    Raises
    ------
    ValueError
        For an array that is empty, too large, or not a matrix of real numbers.

    Examples
    --------
    >>> numbers([[0, 1], [2, 3]], "input").alt
    'Input: a grid of 2 × 2 numbers, rows 0 1; 2 3.'
    """
    return equation(
        [array],
        titles=[title or ""],
        roles=[role],
        fill=fill,
        limits=limits,
        decimals=decimals,
        highlight=[highlight],
        alt=alt,
    )


def equation(
    parts: Sequence[ArrayLike | str],
    titles: Sequence[str] | None = None,
    *,
    title: str | None = None,
    roles: Sequence[Role | None] | None = None,
    fill: Fill | Sequence[Fill] = "auto",
    limits: tuple[float, float] | None = None,
    decimals: int | None = None,
    highlight: Sequence[Window | None] | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw small matrices in a row with signs between them: input ⋆ kernel = output.

    Parameters
    ----------
    parts
        Matrices and signs in the order in which they are read, for example
        ``[x, "⋆", kernel, "=", y]``.
    titles
        A title for each matrix.
    title
        A title for the whole picture.
    roles
        For each matrix ``"input"``, ``"kernel"``, ``"output"`` or None: the colour of
        its frame. Left out, three matrices are input, kernel and output, and two are
        input and output.
    fill
        As for `numbers`; one for all, or one for each matrix.
    limits, decimals
        As for `numbers`; limits hold for the matrices that are no kernels.
    highlight
        For each matrix None or a window (row, column, rows, columns) to mark.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each matrix.

    Raises
    ------
    ValueError
        Where a matrix can't be drawn, or the lists don't match the matrices.

    Examples
    --------
    >>> x, k = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
    >>> picture = equation([x, "⋆", k, "=", [[19, 25], [37, 43]]])
    >>> picture.alt
    'An equation: input, rows 0 1 2; 3 4 5; 6 7 8 ⋆ kernel, rows 0 1; 2 3 = output, ...'
    """
    parts = [p if isinstance(p, str) else _matrix(p, "A grid") for p in parts]
    grids = [p for p in parts if not isinstance(p, str)]
    if not grids:
        raise ValueError("There is no matrix to draw here. Give at least one.")
    for grid in grids:
        if max(grid.shape) > _MOST_CELLS:
            raise ValueError(
                f"A matrix of {_size(grid)} is too large for its numbers to be read. "
                f"Take a crop of at most {_MOST_CELLS} × {_MOST_CELLS}: x[:12, :12]."
            )
    count = len(grids)
    titles = _titles(titles, count)
    if roles is None:
        default = {2: ("input", "output"), 3: ("input", "kernel", "output")}
        roles = default.get(count, ("input",) * count)
    roles = _one_each("roles", roles, count, (*_FRAMES, None))
    fills = [fill] * count if isinstance(fill, str) else fill
    fills = _one_each("fill", fills, count, ("auto", "gray", "signed", "none"))
    windows = [None] * count if highlight is None else list(highlight)
    windows = _one_each("highlight", windows, count)
    frames = [_frame(w, g.shape) for w, g in zip(windows, grids, strict=True)]
    if limits is not None:
        limits = _limits(limits)

    said = iter(zip(grids, titles, roles, windows, strict=True))
    words = [p if isinstance(p, str) else _grid_in_words(*next(said)) for p in parts]
    if not alt and count == 1:
        alt = _sentence(
            (f"{titles[0]}: " if titles[0] else "")
            + f"a grid of {_size(grids[0])} numbers, {_rows_in_words(grids[0])}"
            + (f"; {_marked(windows[0])}" if windows[0] else "")
        )
    alt = alt or _sentence((title or "An equation") + ": " + " ".join(words))

    sign_width = [14 + 9 * len(p) if isinstance(p, str) else 0 for p in parts]
    gap = 6
    columns = sum(g.shape[1] for g in grids)
    free = WIDTH - 2 * _MARGIN - sum(sign_width) - gap * (len(parts) - 1)
    cell = min(46.0, free / columns, 440 / max(g.shape[0] for g in grids))
    tall = max(g.shape[0] for g in grids) * cell
    top = _MARGIN + (24 if title else 0) + (20 if any(titles) else 0)
    content = columns * cell + sum(sign_width) + gap * (len(parts) - 1)
    heads = _text_width(title, _TITLE + 1)
    if count == 1:  # a lone grid makes room for its title; in a row it is wrapped
        heads = max(heads, _text_width(titles[0], _TITLE))
    width = min(WIDTH, max(content, heads) + 2 * _MARGIN)
    picture = Picture(width, top + tall + _MARGIN, alt)
    left = (width - content) / 2
    axes = []
    for part, wide in zip(parts, sign_width, strict=True):
        if isinstance(part, str):
            picture.text(
                (left + wide / 2) / width,
                1 - (top + tall / 2) / picture.height,
                part,
                # The star of a convolution is a small sign in this font.
                size=_points(
                    min(24, max(14, cell * 0.6)) * (1.7 if part == "⋆" else 1)
                ),
                color=colours.INK,
                ha="center",
                va="center",
            )
            left += wide + gap
            continue
        index = len(axes)
        rows, cols = part.shape
        box = (left, top + (tall - rows * cell) / 2, cols * cell, rows * cell)
        ax = _axes(picture, box)
        end = None if roles[index] == "kernel" else limits
        _cells(ax, part, roles[index], fills[index], end, decimals, cell, frames[index])
        axes.append(ax)
        left += cols * cell + gap
    _write_titles(picture, axes, titles, title)
    return picture


def kernels(
    arrays: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    title: str | None = None,
    decimals: int | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw one kernel or a gallery of them: numbers, signed colours, and the sum.

    Parameters
    ----------
    arrays
        One kernel (kh, kw), a list of kernels, or a dictionary of titles and kernels
        such as ``helpers.kernels.BANK``.
    titles
        A title for each kernel.
    title
        A title for the whole picture.
    decimals
        Digits after the point; left out, as many as the numbers need, two at most.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for each kernel. Each has its own scale: its largest number, of either
        sign, has the full colour.

    Raises
    ------
    ValueError
        For anything that is no kernel, or where titles and kernels don't match.

    Examples
    --------
    >>> kernels([[0, 1], [2, 3]]).alt
    'A kernel of 2 × 2 numbers, rows 0 1; 2 3; sum 6.'
    """
    arrays, titles = _several(arrays, titles, lambda a: _matrix(a, "A kernel"))
    largest = max(max(a.shape) for a in arrays)
    if largest > _MOST_CELLS:
        raise ValueError(
            f"A kernel of {largest} numbers a side is too large for them to be read. "
            "Draw it with plots.signed."
        )
    words = [
        f"a kernel of {_size(a)} numbers, {_rows_in_words(a)}; sum {_number(a.sum())}"
        for a in arrays
    ]
    alt = alt or _list_in_words("kernel", titles, words, title)
    count = len(arrays)
    wide = max(a.shape[1] for a in arrays)
    across = min(count, 5)
    gap = 26
    cell = (WIDTH - 2 * _MARGIN - gap * (across - 1)) / (across * wide)
    cell = min(46.0, cell, 440 / largest)
    side = wide * cell
    lines = [_wrapped(t.replace("_", " "), side + gap - 6, _TITLE) for t in titles]
    above = 20 * max(t.count("\n") + 1 if t else 0 for t in lines)
    top = _MARGIN + (24 if title else 0)
    tall = max(a.shape[0] for a in arrays) * cell
    step = above + tall + 30
    content = across * side + gap * (across - 1)
    heads = [_text_width(title, _TITLE + 1)]
    heads += [_text_width(f"sum = {_number(arrays[0].sum())}", _CAPTION)]
    width = min(WIDTH, max(content, *heads) + 2 * _MARGIN)
    height = top + step * -(-count // across) + _MARGIN / 2
    picture = Picture(width, height, alt)
    axes = []
    for index, array in enumerate(arrays):
        row, column = divmod(index, across)
        rows, cols = array.shape
        left = (width - content) / 2 + column * (side + gap) + (side - cols * cell) / 2
        up = top + row * step + above + (tall - rows * cell) / 2
        ax = _axes(picture, (left, up, cols * cell, rows * cell))
        _cells(ax, array, "kernel", "signed", None, decimals, cell, None)
        _under(ax, f"sum = {_number(array.sum())}")
        axes.append(ax)
    _write_titles(picture, axes, lines, title)
    return picture


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
    arrays, titles = _several(arrays, titles, lambda a: _matrix(a, "A map"))
    end = _end(arrays, limit)
    words = [f"{_size(a)}, {_range(a)}" for a in arrays]
    scale = f" Scale from {_number(-end)} to {_number(end)}."
    alt = alt or _list_in_words("map of signed numbers", titles, words, title) + scale
    picture, axes = _row([a.shape for a in arrays], titles, title, alt, bar=True)
    for ax, array in zip(axes, arrays, strict=True):
        _draw_pixels(ax, _finite(array), picture, cmap=_SIGNED, vmin=-end, vmax=end)
    _bar(picture, axes[-1], "signed", end, arrays)
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
    image, result = _matrix(image, "A gray photo"), _matrix(result, "A result")
    kernel = _matrix(kernel, "A kernel")
    if signed is None:
        signed = bool(abs(kernel.astype(np.float64).sum()) < 1e-9)
    end = _end([result], limit) if signed else 255.0
    titles = _titles(titles, 3)
    alt = alt or _sentence(
        (f"{title}. " if title else "")
        + f"{titles[0]}, {_size(image)} pixels, {_range(image)} ⋆ {titles[1]}, "
        f"{_rows_in_words(kernel)} = {titles[2]}, {_range(result)}, "
        + (f"on a signed scale to ±{_number(end)}" if signed else "shown as a photo")
    )
    sign, bar = 24, 72 if signed else 0
    shown = WIDTH - 2 * _MARGIN - 2 * sign - bar
    cell = min(44.0, 0.24 * shown / kernel.shape[1], 250 / kernel.shape[0])
    small = (kernel.shape[1] * cell, kernel.shape[0] * cell)
    side = (shown - small[0]) / 2
    sizes = [
        (w * side / max(h, w), h * side / max(h, w))
        for h, w in (image.shape, result.shape)
    ]
    top = _MARGIN + (22 if title else 0) + 20
    tall = max(small[1], *(h for _, h in sizes))
    picture = Picture(
        WIDTH, top + tall + _MARGIN, alt, _crisp(image.shape[1], sizes[0][0])
    )
    boxes = [sizes[0], small, sizes[1]]
    left, axes = _MARGIN, []
    for box in boxes:
        axes.append(_axes(picture, (left, top + (tall - box[1]) / 2, *box)))
        left += box[0] + sign
    for text, ax in zip("⋆=", axes, strict=False):
        x = ax.get_position().x1 + sign / 2 / picture.width
        y = 1 - (top + tall / 2) / picture.height
        style = {"ha": "center", "va": "center", "color": colours.INK}
        picture.text(x, y, text, size=_points(30 if text == "⋆" else 20), **style)
    _draw_pixels(axes[0], _finite(image), picture, cmap=_GRAY, vmin=0, vmax=255)
    _cells(axes[1], kernel, "kernel", "signed", None, None, cell, None)
    if cell < 20:  # too small to be read
        for number in list(axes[1].texts):
            number.remove()
    low, colour_map = (-end, _SIGNED) if signed else (0, _GRAY)
    _draw_pixels(axes[2], _finite(result), picture, cmap=colour_map, vmin=low, vmax=end)
    _write_titles(picture, axes, titles, title)
    if signed:
        _bar(picture, axes[2], "signed", end, [result])
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
    stack = _stack(maps)
    rows, cols, count = stack.shape
    if columns is None:
        columns = min(count, max(1, round((count * 1.6 * rows / cols) ** 0.5)))
        columns = -(-count // -(-count // columns))  # as even as the rows allow
    elif not isinstance(columns, int | np.integer) or columns < 1:
        raise ValueError(f"columns must be a whole number from 1 on; {columns!r} came.")
    columns = min(int(columns), count)
    lines = -(-count // columns)

    end = _end([stack], limit)
    finite = _finite(stack)
    negative = bool((finite < 0).any())
    low, colour_map = (-end, _SIGNED) if negative else (0.0, _GRAY)
    gap = max(1, round(max(rows, cols) / 30))
    shape = (lines * (rows + gap) + gap, columns * (cols + gap) + gap)
    mosaic = np.full(shape, 3 * end)  # off the scale: the gaps between the maps
    for index in range(count):
        line, column = divmod(index, columns)
        y, x = gap + line * (rows + gap), gap + column * (cols + gap)
        here = np.clip(finite[..., index], low, end)
        mosaic[y : y + rows, x : x + cols] = here
    colour_map = colour_map.with_extremes(bad=colours.NOT_A_NUMBER, over=colours.GAP)
    alt = alt or _sentence(
        (f"{title}. " if title else "")
        + f"{count} feature map{'s' * (count > 1)} of {rows} × {cols} numbers"
        + (f", in {lines} row{'s' * (lines > 1)} of {columns}" if count > 1 else "")
        + f": {_range(stack)}"
    )
    picture, (ax,) = _row([mosaic.shape], [""], title, alt, bar=True, room=(620, 560))
    _draw_pixels(ax, mosaic, picture, cmap=colour_map, vmin=low, vmax=end)
    ax.set_frame_on(False)
    _bar(picture, ax, "signed" if negative else "gray", end, [stack])
    return picture


def histogram(
    image: ArrayLike, title: str | None = None, *, alt: str | None = None
) -> Picture:
    """Count how often each brightness occurs in a gray image.

    Parameters
    ----------
    image
        (H, W), values 0–255; each is rounded, and what lies outside counts as 0 or 255.
    title
        A title above.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis with 256 bars.

    Raises
    ------
    ValueError
        For anything that is no gray image.

    Examples
    --------
    >>> histogram([[0, 0, 255]]).alt
    'How often each brightness occurs in 1 × 3 pixels, values from 0 to 255. ...'
    """
    image = _matrix(image, "A gray image")
    values = _finite(image)
    values = values[np.isfinite(values)]
    counts = np.bincount(np.rint(np.clip(values, 0, 255)).astype(int), minlength=256)
    used = int((counts > 0).sum())
    alt = alt or _sentence(
        (f"{title}. " if title else "")
        + f"How often each brightness occurs in {_size(image)} pixels, "
        f"{_range(image)}. {used} of 256 brightnesses occur, {counts.argmax()} most "
        "often"
    )
    top = _MARGIN + (24 if title else 0)
    picture = Picture(520, top + 210, alt)
    ax = _axes(picture, (64, top, 520 - 64 - 16, 160))
    ax.bar(np.arange(256), counts, width=1, color=colours.INPUT)
    ax.set_xlim(-1.5, 256.5)
    ax.set_xticks([0, 64, 128, 192, 255])
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.tick_params(labelsize=_points(_CAPTION), colors=colours.INK, length=3)
    ax.set_xlabel("brightness", size=_points(_CAPTION), color=colours.INK)
    ax.set_ylabel("pixels", size=_points(_CAPTION), color=colours.INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    _write_titles(picture, [ax], [""], title)
    return picture


# ---- what came: one array or several, and are they what we draw? ----


def _array(value: ArrayLike, what: str) -> np.ndarray:
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        array = np.empty((), dtype=object)
    if array.dtype.kind not in "biuf":
        came = "complex numbers" if array.dtype.kind == "c" else type(value).__name__
        raise ValueError(
            f"{what} is made of real numbers in rows of equal length; {came} came."
        )
    if not array.size:
        raise ValueError(
            f"{what} needs at least one number; this array is empty, its shape is "
            f"{array.shape}."
        )
    return array if array.dtype != np.float16 else array.astype(np.float32)


def _matrix(value: ArrayLike, what: str) -> np.ndarray:
    array = _array(value, what)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2:
        raise ValueError(
            f"{what} has rows and columns, shape (H, W); this array has shape "
            f"{array.shape}. Choose one plane of it, for example x[..., 0]."
        )
    return array


def _image(value: ArrayLike) -> np.ndarray:
    array = _array(value, "An image")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] == 3):
        raise ValueError(
            "An image has shape (H, W) for gray or (H, W, 3) for colour; this array "
            f"has shape {array.shape}. For a stack of maps there is "
            "plots.feature_maps."
        )
    return array


def _stack(maps: ArrayLike | Sequence[ArrayLike]) -> np.ndarray:
    if isinstance(maps, list | tuple) and maps and _depth(maps[0]) == 2:
        planes = [_matrix(m, "A feature map") for m in maps]
        if len({m.shape for m in planes}) > 1:
            raise ValueError(
                "All feature maps of a mosaic have one size; these have "
                + ", ".join(sorted({_size(m) for m in planes}))
                + "."
            )
        return np.stack(planes, axis=-1)
    stack = _array(maps, "A stack of feature maps")
    if stack.ndim == 4 and stack.shape[0] == 1:
        stack = stack[0]
    if stack.ndim == 2:
        stack = stack[..., np.newaxis]
    if stack.ndim != 3:
        raise ValueError(
            "Feature maps have shape (H, W, C), channels last; this array has shape "
            f"{stack.shape}. Of a batch, take one: maps[0]."
        )
    return stack


def _depth(value: Any) -> int:
    try:
        return np.ndim(value)
    except ValueError:  # rows of unequal length
        return 1


def _several(
    arrays: Any, titles: Any, check: Any
) -> tuple[list[np.ndarray], list[str]]:
    """Return a list of checked arrays and a title for each."""
    if isinstance(arrays, Mapping):
        titles = list(arrays) if titles is None else titles
        arrays = list(arrays.values())
    elif not (isinstance(arrays, list | tuple) and arrays and _depth(arrays[0]) >= 2):
        arrays = [arrays]
    if not arrays:
        raise ValueError("There is nothing to draw: the dictionary is empty.")
    arrays = [check(array) for array in arrays]
    return arrays, _titles(titles, len(arrays))


def _titles(titles: Sequence[str] | str | None, count: int) -> list[str]:
    if titles is None:
        return [""] * count
    titles = [titles] if isinstance(titles, str) else [str(t) for t in titles]
    _one_each("titles", titles, count)
    return titles


def _one_each(
    name: str, values: Iterable, count: int, allowed: Sequence | None = None
) -> list:
    values = list(values)
    if len(values) != count:
        raise ValueError(
            f"{name} must have one entry for each array; {len(values)} came for "
            f"{count}."
        )
    for value in values:
        if allowed is not None and value not in allowed:
            raise ValueError(
                f"{name} must be one of {', '.join(map(repr, allowed))}; {value!r} "
                "came."
            )
    return values


def _limits(limits: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in limits)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(
            f"limits must be two numbers, the smaller first, like (0, 255); {limits!r} "
            "came."
        )
    return low, high


def _end(arrays: Sequence[np.ndarray], limit: float | None) -> float:
    """Return the number at the end of a scale that starts or is centred at 0."""
    if limit is None:
        sizes = [np.abs(_finite(a)) for a in arrays]
        largest = max(float(np.nanmax(s, initial=0)) for s in sizes)
        return largest or 1.0
    try:
        end = float(limit)
    except (TypeError, ValueError):
        end = np.nan
    if not (np.isfinite(end) and end > 0):
        raise ValueError(f"limit must be a number above 0; {limit!r} came.")
    return end


def _frame(window: Window | None, shape: tuple[int, ...]) -> Window | None:
    if window is None:
        return None
    try:
        row, column, rows, cols = (int(value) for value in window)
    except (TypeError, ValueError):
        raise ValueError(
            "A window is four whole numbers: (row, column, rows, columns); "
            f"{window!r} came."
        ) from None
    inside = 0 <= row <= shape[0] - rows and 0 <= column <= shape[1] - cols
    if rows < 1 or cols < 1 or not inside:
        raise ValueError(
            f"The window (row, column, rows, columns) = {tuple(window)} does not lie "
            f"inside {shape[0]} × {shape[1]}."
        )
    return row, column, rows, cols


def _finite(array: np.ndarray) -> np.ndarray:
    """Return a float copy in which infinite values are NaN: drawn as no number."""
    array = array.astype(np.float64)
    array[~np.isfinite(array)] = np.nan
    return array


# ---- what is said: descriptions ----


def _number(value: float, decimals: int | None = None) -> str:
    value = float(value)
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    if decimals is not None:
        value += np.copysign(1e-9, value)  # 0.125 is read as 0.13, not as 0.12
        text = f"{value:.{decimals}f}"
    elif abs(value - round(value)) < 1e-9 and abs(value) < 1e7:
        text = str(round(value))
    else:
        text = f"{value:.3g}"
    if not text.strip("-0."):  # no −0
        text = text.lstrip("-")
    return text.replace("-", "−")


def _decimals(array: np.ndarray) -> int:
    """Return how many digits after the point show every number, but 2 at most."""
    good = _finite(array)
    good = good[np.isfinite(good)]
    for digits in (0, 1):
        if np.allclose(good, np.round(good, digits), rtol=0, atol=1e-9):
            return digits
    return 2


def _size(array: np.ndarray) -> str:
    return f"{array.shape[0]} × {array.shape[1]}"


def _range(array: np.ndarray) -> str:
    values = _finite(array)
    good = values[np.isfinite(values)]
    bad = values.size - good.size
    if not good.size:
        return "no value is a number"
    low, high = _number(good.min()), _number(good.max())
    said = f"every value {low}" if low == high else f"values from {low} to {high}"
    return said + (f", {bad} not a number" if bad else "")


def _rows_in_words(array: np.ndarray) -> str:
    few = array.size <= 64
    rows = array if few else array[:1]
    said = "; ".join(" ".join(map(_number, row)) for row in rows)
    return f"rows {said}" if few else f"first row {said}"


def _place(window: Window) -> str:
    row, column, rows, cols = window
    return f"row {row}, column {column}, {rows} × {cols}"


def _marked(window: Window) -> str:
    return f"marked: {_place(window)}"


def _grid_in_words(
    array: np.ndarray, title: str, role: str | None, window: Window | None
) -> str:
    name = title or role or "matrix"
    said = f"{name}, {_rows_in_words(array)}"
    return said + (f" ({_marked(window)})" if window else "")


def _list_in_words(
    kind: str, titles: Sequence[str], words: Sequence[str], title: str | None
) -> str:
    start = f"{title}. " if title else ""
    if len(words) == 1:
        own = words[0].startswith("a ")
        article = "an" if kind[0] in "aeiou" else "a"
        name = titles[0] or ("" if own else f"{article} {kind}")
        said = f"{name}: {words[0]}" if name else words[0]
        return _sentence(start + said[:1].upper() + said[1:])
    count = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}.get(len(words), len(words))
    plural = "maps" + kind[3:] if kind.startswith("map ") else kind + "s"
    parts = [
        f"{i}{f', {t}' if t else ''}: {w}"
        for i, (t, w) in enumerate(zip(titles, words, strict=True), 1)
    ]
    return _sentence(f"{start}{count} {plural} side by side. " + ". ".join(parts))


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else text + "."


# ---- how it is laid out, in pixels of the page, from the top left corner ----


def _points(pixels: float) -> float:
    return pixels * 72 / _DPI


def _text_width(text: str | None, size: float) -> float:
    return 0.6 * size * max(len(line) for line in (text or "").split("\n"))


def _wrapped(text: str, width: float, size: float) -> str:
    letters = max(4, int(width / (0.6 * size)))
    return "\n".join(textwrap.wrap(text, letters, break_long_words=False))


def _axes(picture: Picture, box: tuple[float, float, float, float]) -> Axes:
    left, top, width, height = box
    wide, tall = picture.width, picture.height
    ax = picture.add_axes(
        (left / wide, 1 - (top + height) / tall, width / wide, height / tall)
    )
    ax.patch.set_facecolor(colours.PAGE)
    return ax


def _row(
    shapes: Sequence[tuple[int, int]],
    titles: Sequence[str],
    title: str | None,
    alt: str,
    *,
    bar: bool = False,
    room: tuple[float, float] | None = None,
) -> tuple[Picture, list[Axes]]:
    """Make a picture with an axis for each (H, W), at most four in a row."""
    count = len(shapes)
    lines = -(-count // 4)
    across = -(-count // lines)
    gap = 12
    space = WIDTH - 2 * _MARGIN - gap * (across - 1) - (72 if bar else 0)
    wide, tall = room or (min(space / across, 400), 400)
    boxes = []
    for rows, cols in shapes:
        factor = min(wide / cols, tall / rows)
        # A line of one pixel stays visible.
        boxes.append((max(cols * factor, 6), max(rows * factor, 6)))
    columns = max(w for w, _ in boxes)
    texts = [_wrapped(t, columns + gap - 4, _TITLE) for t in titles]
    above = 4 + 17 * max(t.count("\n") + 1 if t else 0 for t in texts)
    top = _MARGIN + (24 if title else 0)
    content = across * columns + gap * (across - 1)
    width = content + 2 * _MARGIN + (72 if bar else 0)
    width = min(WIDTH, max(width, _text_width(title, _TITLE + 1) + 2 * _MARGIN))
    heights = [
        max(h for _, h in boxes[i : i + across]) for i in range(0, count, across)
    ]
    height = top + sum(heights) + lines * above + _MARGIN + (lines - 1) * 6
    picture = Picture(width, height, alt, _crisp(shapes[0][1], boxes[0][0]))
    start = (width - content - (72 if bar else 0)) / 2
    axes = []
    for index, (w, h) in enumerate(boxes):
        line, column = divmod(index, across)
        left = start + column * (columns + gap) + (columns - w) / 2
        up = top + (line + 1) * above + sum(heights[:line]) + line * 6
        up += (heights[line] - h) / 2
        ax = _axes(picture, (left, up, w, h))
        ax.set_xticks([])
        ax.set_yticks([])
        axes.append(ax)
    _write_titles(picture, axes, texts, title)
    return picture, axes


def _crisp(columns: int, width: float) -> float:
    """Return the scale near 2 at which a pixel of the image is whole ones of the PNG.

    An image then needs no resampling, which keeps it sharp and its PNG small.
    """
    whole = max(1, round(2 * width / columns))
    scale = whole * columns / width
    return scale if 1.3 <= scale <= 2.8 else 2.0


def _draw_pixels(ax: Axes, array: np.ndarray, picture: Picture, **scale: Any) -> None:
    fine = ax.get_position().width * picture.width * picture.scale
    ax.imshow(
        array,
        aspect="auto",
        interpolation="nearest" if fine > 0.99 * array.shape[1] else "antialiased",
        **scale,
    )
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_color(colours.LINE)
        spine.set_linewidth(0.6)


def _for_screen(array: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return gray as numbers, colour as bytes with what is no number in yellow."""
    values = _finite(array)
    if array.ndim == 2:
        return values
    bad = np.isnan(values).any(axis=-1)
    values = np.clip((np.nan_to_num(values) - low) / (high - low), 0, 1)
    pixels = np.rint(values * 255).astype(np.uint8)
    yellow = [int(colours.NOT_A_NUMBER[i : i + 2], 16) for i in (1, 3, 5)]
    pixels[bad] = yellow
    return pixels


def _mark(ax: Axes, frame: Window, colour: str = colours.KERNEL) -> None:
    row, column, rows, cols = frame
    for width, edge in ((4.5, colours.INK), (2.2, colour)):
        ax.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5),
                cols,
                rows,
                fill=False,
                edgecolor=edge,
                linewidth=_points(width),
                clip_on=False,
                zorder=5,
            )
        )


def _cells(
    ax: Axes,
    array: np.ndarray,
    role: str | None,
    fill: str,
    limits: tuple[float, float] | None,
    decimals: int | None,
    cell: float,
    frame: Window | None,
) -> None:
    """Draw a matrix as filled cells with their numbers, and its frame."""
    values = _finite(array)
    if fill == "auto":
        if role == "kernel" or (values < 0).any():
            fill = "signed"
        else:
            fill = "gray" if array.dtype.kind == "b" or array.dtype == np.uint8 else ""
    colour_map, low, high = _GRAY, 0.0, 255.0
    if fill == "signed":
        high = _end([array], max(map(abs, limits)) if limits else None)
        # Full blue and red hide the numbers: the scale goes on a little further.
        colour_map, low, high = _SIGNED, -1.6 * high, 1.6 * high
    elif fill == "gray":
        low, high = limits or ((0, 1) if array.dtype.kind == "b" else (0, 255))
    else:
        values = np.where(np.isnan(values), np.nan, 255.0)
    drawn = ax.imshow(
        np.clip(values, low, high),
        aspect="auto",
        interpolation="nearest",
        cmap=colour_map,
        vmin=low,
        vmax=high,
    )
    ax.set_xticks([])
    ax.set_yticks([])
    rows, cols = array.shape
    line = {"colors": colours.LINE, "linewidths": 0.5}
    ax.vlines(np.arange(1, cols) - 0.5, -0.5, rows - 0.5, **line)
    ax.hlines(np.arange(1, rows) - 0.5, -0.5, cols - 0.5, **line)
    colour = _FRAMES.get(role, colours.LINE)
    for spine in ax.spines.values():
        spine.set_color(colour)
        spine.set_linewidth(_points(3))
    if frame:
        _mark(ax, frame)

    if decimals is None:
        decimals = _decimals(array)
    texts = [[_number(v, decimals) for v in row] for row in array.astype(np.float64)]
    longest = max(len(t) for row in texts for t in row)
    size = min(0.42 * cell, 1.5 * cell / max(longest, 1), 17)
    light = _luminance(drawn.to_rgba(np.clip(values, low, high)))
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            ax.text(
                j,
                i,
                text,
                size=_points(size),
                color=colours.INK if light[i, j] > 0.19 else colours.PAGE,
                ha="center",
                va="center_baseline",
            )


def _luminance(rgba: np.ndarray) -> np.ndarray:
    """Return the relative luminance (WCAG 2): above about 0.18 dark ink reads best."""
    rgb = rgba[..., :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def _under(ax: Axes, text: str) -> None:
    ax.annotate(
        text,
        (0.5, 0),
        (0, -5),
        xycoords="axes fraction",
        textcoords="offset points",
        size=_points(_CAPTION),
        color=colours.INK,
        ha="center",
        va="top",
    )


def _write_titles(
    picture: Picture, axes: Sequence[Axes], titles: Sequence[str], title: str | None
) -> None:
    if title:
        picture.text(
            0.5,
            1 - _MARGIN / picture.height,
            title,
            size=_points(_TITLE + 1),
            weight="bold",
            color=colours.INK,
            ha="center",
            va="top",
        )
    for ax, text in zip(axes, titles, strict=True):
        if text:
            ax.set_title(text, size=_points(_TITLE), color=colours.INK, pad=4)


def _bar(
    picture: Picture,
    beside: Axes,
    fill: Literal["gray", "signed"],
    end: float,
    arrays: Sequence[np.ndarray],
) -> None:
    """Draw the colour bar, pointed at an end that some number lies beyond."""
    low, colour_map = (-end, _SIGNED) if fill == "signed" else (0.0, _GRAY)
    over = any((_finite(a) > end).any() for a in arrays)
    under = any((_finite(a) < low).any() for a in arrays)
    extend = {(0, 0): "neither", (0, 1): "max", (1, 0): "min", (1, 1): "both"}
    box = beside.get_position()
    left = (box.x1 * picture.width + 12) / picture.width
    tall = min(box.height, 260 / picture.height)
    middle = (box.y0 + box.y1) / 2
    ax = picture.add_axes((left, middle - tall / 2, 12 / picture.width, tall))
    bar = picture.colorbar(
        ScalarMappable(Normalize(low, end), colour_map),
        cax=ax,
        extend=extend[under, over],
    )
    ticks = (low, 0, end) if low < 0 else (low, end / 2, end)
    bar.set_ticks(ticks, labels=[_number(t) for t in ticks])
    ax.tick_params(labelsize=_points(_CAPTION), colors=colours.INK, length=2)
    bar.outline.set_edgecolor(colours.LINE)
    bar.outline.set_linewidth(0.6)


# ---- how it is stored ----


def _small_png(pixels: np.ndarray) -> bytes:
    """Return RGB pixels as a PNG: one byte a pixel, gray or from a palette of 256."""
    gray = (pixels[..., :1] == pixels).all()
    picture = Image.fromarray(pixels[..., 0].copy() if gray else pixels)
    if not gray:
        # A palette is made for the many pixels; a fifth of what it is made from is the
        # signed scale, or a colour bar among photos would break into a few broad steps.
        ramp = np.rint(_SIGNED(np.linspace(0, 1, 256))[:, :3] * 255).astype(np.uint8)
        ramps = np.resize(ramp, (pixels.shape[0] // 5 + 1, pixels.shape[1], 3))
        seen = np.concatenate([pixels, ramps]) if _has_scale(pixels, ramp) else pixels
        palette = Image.fromarray(seen).quantize(255, dither=Image.Dither.NONE)
        indices = np.array(picture.quantize(palette=palette, dither=Image.Dither.NONE))
        # Pillow finds colours roughly; the page and the zero of the scale are white.
        indices[(pixels == 255).all(axis=-1)] = 255
        picture = Image.fromarray(indices, "P")
        picture.putpalette([*palette.getpalette()[: 3 * 255], 255, 255, 255])
    file = io.BytesIO()
    picture.save(file, "png")
    return file.getvalue()


def _has_scale(pixels: np.ndarray, ramp: np.ndarray) -> bool:
    """Tell whether both ends of the signed scale occur in a picture."""
    ends = ramp[[0, -1]].astype(int)
    return all((np.abs(pixels - end).sum(axis=-1) < 12).any() for end in ends)
