"""How it is laid out, in pixels of the page, from the top left corner."""

import textwrap
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from helpers import colours
from helpers.plots import _given, _words
from helpers.plots._given import Window
from helpers.plots._scales import GRAY, SIGNED
from helpers.plots.picture import DPI, Picture

#: How wide a picture may be, in pixels of the page.
WIDTH = 700

TITLE, CAPTION = 13, 11.5  # sizes of text, in pixels of the page
MARGIN = 8

#: The colour of the frame that each role has.
FRAMES = {
    "input": colours.INPUT,
    "kernel": colours.KERNEL,
    "output": colours.OUTPUT,
}


def points(pixels: float) -> float:
    """Return pixels of the page in points, matplotlib's unit of text and lines."""
    return pixels * 72 / DPI


def text_width(text: str | None, size: float) -> float:
    """Return about how wide a text is: that of its longest line."""
    return 0.6 * size * max(len(line) for line in (text or "").split("\n"))


def wrapped(text: str, width: float, size: float) -> str:
    """Return a text broken into lines of at most a width."""
    letters = max(4, int(width / (0.6 * size)))
    return "\n".join(textwrap.wrap(text, letters, break_long_words=False))


def axis(picture: Picture, box: tuple[float, float, float, float]) -> Axes:
    """Add an axis in a box (left, top, width, height)."""
    left, top, width, height = box
    wide, tall = picture.width, picture.height
    ax = picture.add_axes(
        (left / wide, 1 - (top + height) / tall, width / wide, height / tall)
    )
    ax.patch.set_facecolor(colours.PAGE)
    return ax


def row(
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
    space = WIDTH - 2 * MARGIN - gap * (across - 1) - (72 if bar else 0)
    wide, tall = room or (min(space / across, 400), 400)
    boxes = []
    for rows, cols in shapes:
        factor = min(wide / cols, tall / rows)
        # A line of one pixel stays visible.
        boxes.append((max(cols * factor, 6), max(rows * factor, 6)))
    columns = max(w for w, _ in boxes)
    texts = [wrapped(t, columns + gap - 4, TITLE) for t in titles]
    above = 4 + 17 * max(t.count("\n") + 1 if t else 0 for t in texts)
    top = MARGIN + (24 if title else 0)
    content = across * columns + gap * (across - 1)
    width = content + 2 * MARGIN + (72 if bar else 0)
    width = min(WIDTH, max(width, text_width(title, TITLE + 1) + 2 * MARGIN))
    heights = [
        max(h for _, h in boxes[i : i + across]) for i in range(0, count, across)
    ]
    height = top + sum(heights) + lines * above + MARGIN + (lines - 1) * 6
    picture = Picture(width, height, alt, crisp(shapes[0][1], boxes[0][0]))
    start = (width - content - (72 if bar else 0)) / 2
    axes = []
    for index, (w, h) in enumerate(boxes):
        line, column = divmod(index, across)
        left = start + column * (columns + gap) + (columns - w) / 2
        up = top + (line + 1) * above + sum(heights[:line]) + line * 6
        up += (heights[line] - h) / 2
        ax = axis(picture, (left, up, w, h))
        ax.set_xticks([])
        ax.set_yticks([])
        axes.append(ax)
    write_titles(picture, axes, texts, title)
    return picture, axes


def crisp(columns: int, width: float) -> float:
    """Return the scale near 2 at which a pixel of the image is whole ones of the PNG.

    An image then needs no resampling, which keeps it sharp and its PNG small.
    """
    whole = max(1, round(2 * width / columns))
    scale = whole * columns / width
    return scale if 1.3 <= scale <= 2.8 else 2.0


def draw_pixels(ax: Axes, array: np.ndarray, picture: Picture, **scale: Any) -> None:
    """Draw an array over the whole of an axis, without ticks."""
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


def mark(ax: Axes, frame: Window, colour: str = colours.KERNEL) -> None:
    """Draw the frame of a window around its pixels."""
    row, column, rows, cols = frame
    for width, edge in ((4.5, colours.INK), (2.2, colour)):
        ax.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5),
                cols,
                rows,
                fill=False,
                edgecolor=edge,
                linewidth=points(width),
                clip_on=False,
                zorder=5,
            )
        )


def cells(
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
    values = _given.finite(array)
    if fill == "auto":
        if role == "kernel" or (values < 0).any():
            fill = "signed"
        else:
            fill = "gray" if array.dtype.kind == "b" or array.dtype == np.uint8 else ""
    colour_map, low, high = GRAY, 0.0, 255.0
    if fill == "signed":
        high = _given.end([array], max(map(abs, limits)) if limits else None)
        # Full blue and red hide the numbers: the scale goes on a little further.
        colour_map, low, high = SIGNED, -1.6 * high, 1.6 * high
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
    colour = FRAMES.get(role, colours.LINE)
    for spine in ax.spines.values():
        spine.set_color(colour)
        spine.set_linewidth(points(3))
    if frame:
        mark(ax, frame)

    if decimals is None:
        decimals = _words.decimals(array)
    texts = [
        [_words.number(v, decimals) for v in row] for row in array.astype(np.float64)
    ]
    longest = max(len(t) for row in texts for t in row)
    size = min(0.42 * cell, 1.5 * cell / max(longest, 1), 17)
    light = luminance(drawn.to_rgba(np.clip(values, low, high)))
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            ax.text(
                j,
                i,
                text,
                size=points(size),
                color=colours.INK if light[i, j] > 0.19 else colours.PAGE,
                ha="center",
                va="center_baseline",
            )


def luminance(rgba: np.ndarray) -> np.ndarray:
    """Return the relative luminance (WCAG 2): above about 0.18 dark ink reads best."""
    rgb = rgba[..., :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def under(ax: Axes, text: str) -> None:
    """Write a caption below an axis."""
    ax.annotate(
        text,
        (0.5, 0),
        (0, -5),
        xycoords="axes fraction",
        textcoords="offset points",
        size=points(CAPTION),
        color=colours.INK,
        ha="center",
        va="top",
    )


def write_titles(
    picture: Picture, axes: Sequence[Axes], titles: Sequence[str], title: str | None
) -> None:
    """Write the title of the picture, and one above each axis."""
    if title:
        picture.text(
            0.5,
            1 - MARGIN / picture.height,
            title,
            size=points(TITLE + 1),
            weight="bold",
            color=colours.INK,
            ha="center",
            va="top",
        )
    for ax, text in zip(axes, titles, strict=True):
        if text:
            ax.set_title(text, size=points(TITLE), color=colours.INK, pad=4)


def bar(
    picture: Picture,
    beside: Axes,
    fill: Literal["gray", "signed"],
    end: float,
    arrays: Sequence[np.ndarray],
) -> None:
    """Draw the colour bar, pointed at an end that some number lies beyond."""
    low, colour_map = (-end, SIGNED) if fill == "signed" else (0.0, GRAY)
    over = any((_given.finite(a) > end).any() for a in arrays)
    under = any((_given.finite(a) < low).any() for a in arrays)
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
    bar.set_ticks(ticks, labels=[_words.number(t) for t in ticks])
    ax.tick_params(labelsize=points(CAPTION), colors=colours.INK, length=2)
    bar.outline.set_edgecolor(colours.LINE)
    bar.outline.set_linewidth(0.6)
