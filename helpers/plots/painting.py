"""How a picture is enlarged: centres of pixels, and the stamps of a painted one."""

from fractions import Fraction
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from helpers import colours, ops
from helpers._arguments import pair, whole, word
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_MOST_OLD = 6  # pixels a side whose centres are drawn
_MOST_CANVAS = 32  # pixels a side of a canvas; smaller cells can't be read
_COUNTS = LinearSegmentedColormap.from_list("counts", [colours.PAGE, colours.OUTPUT])


def centres(
    shape: tuple[int, int],
    factor: int = 2,
    pixel: tuple[int, int] | None = None,
    *,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw where the centres of new, smaller pixels lie among those of the old ones.

    Parameters
    ----------
    shape
        (H, W) of the old picture, at most 6 a side.
    factor
        How many times larger the new picture is, 1 to 6.
    pixel
        (row, column) of a new pixel. The lines to the old centres it is mixed from, the
        bilinear way, carry their weights.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis: old pixels as large squares with a square dot in the centre, new ones
        as small squares with a round dot.

    Raises
    ------
    ValueError
        For a shape or factor that is too large, or a pixel outside the new picture.

    Examples
    --------
    >>> centres((2, 2), 2, (1, 1)).alt
    'Centres of 2 × 2 old pixels and of 4 × 4 new ones on the same area. New pixel ...'
    """
    rows, cols = pair(shape, "shape", 1, _MOST_OLD)
    factor = whole(factor, "factor", 1, 6)
    new = (rows * factor, cols * factor)
    if pixel is not None:
        pixel = _given.place(pixel, new, "pixel")
    mixed = {} if pixel is None else _neighbours(pixel, (rows, cols), factor)
    said = (
        f"Centres of {rows} × {cols} old pixels and of {new[0]} × {new[1]} new ones "
        "on the same area"
        + (f". New pixel {pixel} is mixed from " if mixed else "")
        + ", ".join(f"{weight} of {old}" for old, weight in mixed.items())
    )
    panel = _layout.grid((rows, cols), 150, below=30)
    picture, (ax,) = _layout.arrange(
        [[panel]], _words.alt(alt, title, said), title, tallest=420
    )
    ax.set(xlim=(-0.5, cols - 0.5), ylim=(rows - 0.5, -0.5))
    for count, lines, size in ((cols, ax.vlines, rows), (rows, ax.hlines, cols)):
        for step, colour, wide in (
            (1 / factor, colours.LINE, 0.7),
            (1, colours.INPUT, 2.5),
        ):
            at = np.arange(0, count + step / 2, step) - 0.5
            lines(
                at,
                -0.5,
                size - 0.5,
                color=colour,
                linewidth=points(wide),
                clip_on=False,
            )
    for spine in ax.spines.values():
        spine.set_visible(False)
    _join(ax, pixel, factor, mixed)
    dots = {"zorder": 4, "clip_on": False, "linestyle": "none"}
    y, x = np.mgrid[:rows, :cols]
    ax.plot(
        x.ravel(), y.ravel(), marker="s", color=colours.INPUT, markersize=8,
        label="old centres", **dots,
    )  # fmt: skip
    y, x = ((np.mgrid[: new[0], : new[1]] + 0.5) / factor) - 0.5
    ax.plot(
        x.ravel(), y.ravel(), marker="o", color=colours.OUTPUT, markersize=5,
        label="new centres", **dots,
    )  # fmt: skip
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -6 / _layout.size_of(ax)[1]),
        ncols=2,
        frameon=False,
        fontsize=points(CAPTION),
        labelcolor=colours.INK,
        borderaxespad=0,
        handletextpad=0.1,
    )
    return picture


def stamps(
    shape: tuple[int, int],
    kernel: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    *,
    padding: Literal["valid", "same"] = "valid",
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw how many stamps of a transposed convolution reach each pixel of its canvas.

    Parameters
    ----------
    shape
        (h, w) of the input: one stamp for each of its pixels.
    kernel, stride
        Size of the stamp, and how far it moves; a whole number or (rows, cols).
    padding
        "valid" keeps the canvas; "same" cuts it, and what goes is crossed out.
    title
        A title above.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis: the counts, green where there are many, the output framed in green,
        the first stamp and its neighbours framed in the colour of kernels.

    Raises
    ------
    ValueError
        For sizes that make no sense, or a canvas of more than 32 pixels a side.

    Examples
    --------
    >>> stamps((2, 2), 3, 2).alt
    'How many stamps of 3 × 3 reach each pixel, 2 × 2 stamps at stride 2: 5 × 5 ...'
    """
    shape = pair(shape, "shape", 1, _MOST_CANVAS)
    kernel = pair(kernel, "kernel", 1, _MOST_CANVAS)
    stride = pair(stride, "stride", 1, _MOST_CANVAS)
    padding = word(padding, "padding", ("valid", "same"))
    canvas = ops.output_size(shape, kernel, stride=stride, transpose=True)
    if max(canvas) > _MOST_CANVAS:
        raise ValueError(
            f"A canvas of {canvas[0]} × {canvas[1]} pixels is too large for its counts "
            f"to be read; {_MOST_CANVAS} × {_MOST_CANVAS} can be drawn. Take fewer "
            "stamps or a smaller stride."
        )
    size = ops.output_size(
        shape, kernel, stride=stride, padding=padding, transpose=True
    )
    counts = ops.conv_transpose2d(np.ones(shape), np.ones(kernel), stride=stride)
    painted = [(n - 1) * s + k for n, s, k in zip(shape, stride, kernel, strict=True)]
    start = [max(p - n, 0) // 2 for p, n in zip(painted, size, strict=True)]
    if padding == "valid":
        start = [0, 0]
    kept = counts[start[0] : start[0] + size[0], start[1] : start[1] + size[1]]
    step = " × ".join(map(str, sorted(set(stride))))
    cut = counts.size - kept.size
    said = (
        f"How many stamps of {kernel[0]} × {kernel[1]} reach each pixel, "
        f"{shape[0]} × {shape[1]} stamps at stride {step}: {_words.size(kept)} pixels, "
        f"{_words.span(kept)}; {_words.rows(kept)}"
        + (f"; {cut} pixels of the rim are cut off" if cut else "")
    )
    alt = _words.alt(alt, title, said)
    panel = _layout.grid(canvas, title=title or "")
    picture, (ax,) = _layout.arrange([[panel]], alt, tallest=420)
    _layout.cells(ax, counts, fill="none", decimals=0)
    ax.imshow(
        counts,
        aspect="auto",
        cmap=_COUNTS,
        vmin=0,
        vmax=1.4 * counts.max(),  # full green would hide the numbers
        interpolation="nearest",
    )
    _cross_out(ax, (*start, *size))
    for place, style in (((1, 0), ":"), ((0, 1), "--"), ((0, 0), "-")):
        if place[0] < shape[0] and place[1] < shape[1]:
            corner = (place[0] * stride[0], place[1] * stride[1])
            _frame(ax, (*corner, *kernel), colours.KERNEL, style, inset=0.1)
    _frame(ax, (*start, *size), colours.OUTPUT, "-", width=3)
    return picture


def _neighbours(
    pixel: tuple[int, int], shape: tuple[int, int], factor: int
) -> dict[tuple[int, int], Fraction]:
    """Return the old pixels a new one is mixed from, and their weights."""
    mixed = {}
    for old in np.ndindex(*shape):
        single = np.zeros(shape)
        single[old] = 1
        weight = ops.upsample2d(single, factor, method="bilinear")[pixel]
        if weight > 0:
            mixed[old] = Fraction(weight).limit_denominator(4 * factor**2)
    return mixed


def _join(
    ax: Axes,
    pixel: tuple[int, int] | None,
    factor: int,
    mixed: dict[tuple[int, int], Fraction],
) -> None:
    """Draw lines from a new centre to the old ones, with their weights."""
    if pixel is None:
        return
    y, x = ((np.array(pixel) + 0.5) / factor) - 0.5
    for (row, column), weight in mixed.items():
        ax.plot(
            [x, column],
            [y, row],
            color=colours.KERNEL,
            linewidth=points(2 + 6 * float(weight)),
            zorder=3,
            solid_capstyle="round",
        )
        ax.annotate(
            str(weight),
            (column, row),
            # Away from the new pixel, so that no line runs through it.
            (7 if column >= x else -7, -7 if row >= y else 7),
            textcoords="offset points",
            size=points(_layout.TITLE),
            color=colours.INK,
            ha="left" if column >= x else "right",
            va="top" if row >= y else "bottom",
            zorder=5,
        )


def _cross_out(ax: Axes, kept: tuple[int, int, int, int]) -> None:
    """Cross out every pixel of the canvas that lies outside a window."""
    top, left, high, wide = kept
    bottom, right = (int(end + 0.5) for end in (ax.get_ylim()[0], ax.get_xlim()[1]))
    for row, column in np.ndindex(bottom, right):
        if not (top <= row < top + high and left <= column < left + wide):
            ax.add_patch(
                Rectangle(
                    (column - 0.5, row - 0.5),
                    1,
                    1,
                    facecolor=colours.PAGE,
                    edgecolor=colours.LINE,
                    hatch="////",
                    linewidth=points(0.5),
                )
            )


def _frame(
    ax: Axes,
    window: tuple[int, int, int, int],
    colour: str,
    style: str,
    *,
    inset: float = 0.0,
    width: float = 2.2,
) -> None:
    """Draw the frame of a window, a little inside its pixels."""
    row, column, rows, cols = window
    ax.add_patch(
        Rectangle(
            (column - 0.5 + inset, row - 0.5 + inset),
            cols - 2 * inset,
            rows - 2 * inset,
            fill=False,
            edgecolor=colour,
            linestyle=style,
            linewidth=points(width),
            clip_on=False,
            zorder=6,
        )
    )
