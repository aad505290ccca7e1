"""How it is laid out, in pixels of the page, from the top left corner."""

import itertools
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize, to_rgb
from matplotlib.patches import Rectangle
from PIL import Image

from helpers import colours
from helpers.images import white
from helpers.plots import _given, _words
from helpers.plots._given import Window
from helpers.plots._scales import GRAY, SIGNED
from helpers.plots.picture import DPI, Picture

#: How wide a picture may be, in pixels of the page.
WIDTH = 700

TITLE, CAPTION = 13, 11.5  # sizes of text, in pixels of the page
MARGIN = 8

#: How many pixels of colour photos a picture stores at most, all of them together: in
#: true colour each takes two to three bytes, and a lesson has room for 1.5 MB.
COLOURED = 3 * 128**2

#: The colour of the frame that each role has.
FRAMES = {
    "input": colours.INPUT,
    "kernel": colours.KERNEL,
    "output": colours.OUTPUT,
}


def points(pixels: float) -> float:
    """Return pixels of the page in points, matplotlib's unit of text and lines."""
    return pixels * 72 / DPI


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is: that of its longest line."""
    return size * max(map(_ems, text.split("\n")))


def wrapped(text: str, width: float, size: float) -> str:
    """Return a text broken into lines of at most a width.

    Lines break at spaces, and beside any Chinese, Japanese or Korean character.
    """
    room = max(4 * _LATIN, width / size)
    lines = [""]
    for word in re.findall(r"\s*(?:[⺀-\uffef]|[^\s⺀-\uffef]+)", text):
        if lines[-1] and _ems(lines[-1] + word) > room + 1e-9:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return "\n".join(lines)


_LATIN = 0.6  # the width of a letter, in sizes of the text


def _ems(text: str) -> float:
    """Return how wide a line is in sizes of its text: wide characters are squares."""
    if text.isascii():
        return _LATIN * len(text)
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else _LATIN for c in text)


# ---- where the parts stand ----


@dataclass(frozen=True)
class Panel:
    """The place of an axis.

    It is at most ``wide`` and ``tall``, and smaller, in proportion, where the page has
    not the room; a ``fixed`` one is not. Above it stands its title, below it is room
    for a caption, and around it some is left free.
    """

    wide: float
    tall: float
    title: str = ""
    caption: str = ""
    fixed: bool = False
    left: float = 0.0
    right: float = 0.0
    below: float = 0.0

    def size(self, factor: float) -> tuple[float, float]:
        """Return width and height; a line of one pixel stays visible."""
        factor = 1.0 if self.fixed else factor
        return max(self.wide * factor, 6), max(self.tall * factor, 6)


@dataclass(frozen=True)
class Sign:
    """A sign between two panels, or, without a text, the gap between them."""

    text: str = ""
    room: float | None = None

    @property
    def wide(self) -> float:
        """Return the room it takes."""
        return 26.0 + 9 * len(self.text) if self.room is None else self.room


Block = Sequence[Panel | Sign]  # what stands side by side


def grid(
    shape: tuple[int, ...],
    cell: float = 46,
    title: str = "",
    caption: str = "",
    **more: Any,
) -> Panel:
    """Return the place of a matrix whose cells have at most a size."""
    return Panel(shape[1] * cell, shape[0] * cell, title, caption, **more)


def fitted(
    shape: tuple[int, ...],
    room: tuple[float, float] = (400, 400),
    cell: float = math.inf,
    **more: Any,
) -> Panel:
    """Return the place of an image, or of cells, that fills a room (width, height)."""
    return grid(shape, min(cell, room[0] / shape[1], room[1] / shape[0]), **more)


def share(count: int, beside: float = 0.0) -> float:
    """Return how wide each of several equal parts is, with ``beside`` left free."""
    return (WIDTH - 2 * MARGIN - beside) / count


def arrange(
    blocks: Sequence[Block],
    alt: str,
    title: str | None = None,
    *,
    heads: Sequence[str] | None = None,
    across: int = 1,
    least: float = 0.0,
    tallest: float = 440,
    gap: float = 12,
    between: float = 6,
    bar: bool = False,
    sharp: int | None = None,
) -> tuple[Picture, list[Axes]]:
    """Make a picture with an axis for each panel: here alone they are laid out.

    Parameters
    ----------
    blocks
        Panels and signs that stand side by side, centred on one height.
    alt
        The description.
    title
        Of the whole picture, above all.
    heads
        A title for each block, above its panels.
    across
        How many blocks stand in a line at most: as many in each, in columns.
    least
        The factor to which panels may shrink before fewer blocks stand in a line.
    tallest
        The height of a panel, at most.
    gap, between
        Pixels between two blocks of a line, and between two lines.
    bar
        True leaves room for a colour bar on the right.
    sharp
        How many pixels of an image the first panel is wide: they then are whole pixels
        of the PNG.

    Returns
    -------
    tuple
        The picture, and the axes in reading order, without ticks.

    Raises
    ------
    ValueError
        Where the panels would become too small to be seen.
    """
    title = wrapped(title or "", WIDTH - 2 * MARGIN, TITLE + 1)
    heads = heads or [""] * len(blocks)
    beside = _BAR if bar else 0
    across = min(across, len(blocks))
    across = -(-len(blocks) // -(-len(blocks) // across))  # as even as the lines allow
    while True:
        column = share(across, beside + gap * (across - 1))
        factor = _factor(blocks, column, tallest)
        room = max(text_width(head, TITLE) for head in heads) <= column
        if across == 1 or (factor >= least and room):
            break
        across -= 1
    if factor < 0.02:
        raise ValueError(
            "So much does not fit side by side on a page. Draw fewer at a time, or "
            "crops of them."
        )
    widths = [_wide(block, factor) for block in blocks]
    alone = len(blocks) == 1
    most = share(1, beside) if alone else max(widths)
    end = gap - 4 if across > 1 else 48
    titles = [_titles(block, factor, most, end) for block in blocks]
    if alone and len(titles[0]) == 1:  # a lone panel makes room for what is written
        only = next(part for part in blocks[0] if isinstance(part, Panel))
        written = (titles[0][0], TITLE), (only.caption, CAPTION)
        widths = [max(widths[0], *(text_width(*text) for text in written))]
    heads = [wrapped(head, column, TITLE) for head in heads]
    column = max(*widths, *(text_width(head, TITLE) for head in heads))
    content = across * column + gap * (across - 1)
    width = max(content + beside, text_width(title, TITLE + 1)) + 2 * MARGIN
    width = min(WIDTH, width)

    lines = []  # where each begins: its heads, its panels; how tall these are
    bottom = MARGIN + (6.0 + 18 * _lines(title) if title else 0.0)
    for first in range(0, len(blocks), across):
        here = slice(first, first + across)
        above = 4 + 17 * max(
            map(_lines, [*heads[here], *itertools.chain(*titles[here])])
        )
        panels = [p for b in blocks[here] for p in b if isinstance(p, Panel)]
        tall = max(panel.size(factor)[1] for panel in panels)
        below = max(panel.below + (24 if panel.caption else 0) for panel in panels)
        lines.append((bottom + above, tall))
        bottom += above + tall + below + between
    height = bottom - between + MARGIN

    leading = next(part for part in blocks[0] if isinstance(part, Panel))
    scale = crisp(sharp, leading.size(factor)[0]) if sharp else 2.0
    picture = Picture(width, height, alt, scale)
    axes: list[Axes] = []
    for index, block in enumerate(blocks):
        line, place = divmod(index, across)
        top, tall = lines[line]
        start = (width - beside - content) / 2 + place * (column + gap)
        left = start + (column - _wide(block, factor)) / 2
        names = iter(titles[index])
        write(picture, start + column / 2, top - 4, heads[index], TITLE, va="bottom")
        for part in block:
            if isinstance(part, Sign):
                size = _sign_size(part, factor)
                write(picture, left + part.wide / 2, top + tall / 2, part.text, size)
                left += part.wide
                continue
            wide, high = part.size(factor)
            box = (left + part.left, top + (tall - high) / 2, wide, high)
            axes.append(axis(picture, box))
            axes[-1].set_title(
                next(names), size=points(TITLE), color=colours.INK, pad=4
            )
            left += part.left + wide + part.right
    style = {"weight": "bold", "va": "top"}
    write(picture, width / 2, MARGIN, title, TITLE + 1, **style)
    return picture, axes


_BAR = 72.0  # the room of a colour bar and its numbers


def _factor(blocks: Sequence[Block], column: float, tallest: float) -> float:
    """Return how far panels must shrink, 1 or less, to fit a column."""
    factors = [1.0]
    for block in blocks:
        free = [p for p in block if isinstance(p, Panel) and not p.fixed]
        if free:
            taken = _wide(block, 1.0) - (needed := sum(panel.wide for panel in free))
            factors += [(column - taken) / needed]
            factors += [tallest / max(panel.tall for panel in free)]
    return min(factors)


def _wide(block: Block, factor: float) -> float:
    return sum(
        part.wide
        if isinstance(part, Sign)
        else part.left + part.size(factor)[0] + part.right
        for part in block
    )


def _titles(block: Block, factor: float, room: float, end: float) -> list[str]:
    """Return the titles of a block's panels, wrapped to the room that each has."""
    free = room - _wide(block, factor)
    sides = [Sign("", end / 2), *block, Sign("", end / 2)]
    titles = []
    for before, part, after in zip(sides, block, sides[2:], strict=False):
        if isinstance(part, Panel):
            beside = [s.wide for s in (before, after) if isinstance(s, Sign)]
            alone = free if len(block) == 1 else 0
            slot = part.size(factor)[0] + sum(beside) + alone
            titles.append(wrapped(part.title, slot, TITLE))
    return titles


def _lines(text: str) -> int:
    return text.count("\n") + 1 if text else 0


def _sign_size(sign: Sign, factor: float) -> float:
    size = min(24, 0.77 * sign.wide, max(18, 28 * factor))
    size = min(size, sign.wide / max(_ems(sign.text), 0.1))
    return size * (1.7 if sign.text == "⋆" else 1)  # a small sign in this font


def row(
    shapes: Sequence[tuple[int, ...]],
    titles: Sequence[str],
    alt: str,
    title: str | None = None,
    *,
    bar: bool = False,
) -> tuple[Picture, list[Axes]]:
    """Make a picture with an axis for each image (H, W), at most four in a line."""
    blocks = [[fitted(s, title=t)] for s, t in zip(shapes, titles, strict=True)]
    return arrange(blocks, alt, title, across=4, bar=bar, sharp=shapes[0][1])


# ---- what stands there ----


def axis(picture: Picture, box: tuple[float, float, float, float]) -> Axes:
    """Add an axis without ticks in a box (left, top, width, height)."""
    left, top, width, height = box
    wide, tall = picture.width, picture.height
    ax = picture.add_axes(
        (left / wide, 1 - (top + height) / tall, width / wide, height / tall)
    )
    ax.patch.set_facecolor(colours.PAGE)
    ax.set_xticks([])
    ax.set_yticks([])
    return ax


def size_of(ax: Axes) -> tuple[float, float]:
    """Return width and height of an axis."""
    box = ax.bbox
    return box.width * DPI / ax.figure.dpi, box.height * DPI / ax.figure.dpi


def write(
    picture: Picture, x: float, y: float, text: str, size: float, **style: Any
) -> None:
    """Write a text centred at a place, in pixels of the page from the top left."""
    style = {"color": colours.INK, "ha": "center", "va": "center"} | style
    if text:
        place = (x / picture.width, 1 - y / picture.height)
        picture.text(*place, text, size=points(size), **style)


def crisp(columns: int, width: float) -> float:
    """Return the scale near 2 at which a pixel of the image is whole ones of the PNG.

    An image then needs no resampling, which keeps it sharp and its PNG small.
    """
    whole = max(1, round(2 * width / columns))
    scale = whole * columns / width
    return scale if 1.3 <= scale <= 2.8 else 2.0


def draw_pixels(
    ax: Axes,
    array: np.ndarray,
    low: float,
    high: float,
    colour_map: Colormap = GRAY,
    *,
    smaller: float = 1.0,
) -> None:
    """Draw an array over the whole of an axis, shrunk to what the screen can show.

    Colour comes as (H, W, 3); a pixel in which something is no number is yellow. A
    colour photo is stored ``smaller`` than it is, its sides by this factor.
    """
    rows, cols = array.shape[:2]
    scale = getattr(ax.figure, "scale", 1.0)
    wide, tall = (side * scale for side in size_of(ax))
    shown = _given.finite(shrunk(array, tall, wide))
    if shown.ndim == 3:
        bad = np.isnan(shown).any(axis=-1)
        shown = np.clip((np.nan_to_num(shown) - low) / (high - low), 0, 1)
        shown = np.rint(shown * 255).astype(np.uint8)
        shown[bad] = np.rint(255 * np.array(to_rgb(colours.NOT_A_NUMBER)))
        if smaller < 1:
            sides = [max(1, round(n * smaller)) for n in shown.shape[:2]]
            photo = Image.fromarray(shown).resize(sides[::-1], Image.Resampling.BOX)
            shown = np.asarray(photo)
    ax.imshow(
        shown,
        aspect="auto",
        interpolation="nearest" if wide > 0.99 * shown.shape[1] else "antialiased",
        extent=(-0.5, cols - 0.5, rows - 0.5, -0.5),
        cmap=colour_map,
        vmin=low,
        vmax=high,
    )
    for spine in ax.spines.values():
        spine.set_color(colours.LINE)
        spine.set_linewidth(0.6)


def shrunk(array: np.ndarray, rows: float, cols: float) -> np.ndarray:
    """Return means of the pixels that fall together on a screen of so many.

    What has less than two pixels for each of the screen's is returned as it is. Where
    one of those that fall together is no number, neither is their mean.
    """
    for along, most in ((0, rows), (1, cols)):
        count, fewer = array.shape[along], max(1, math.ceil(most))
        if count >= 2 * fewer:
            ends = np.arange(fewer + 1) * count // fewer
            lines = np.moveaxis(array, along, 0)
            with np.errstate(invalid="ignore", over="ignore"):  # ∞ − ∞
                means = [  # few at a time: the whole as float64 can be large
                    lines[start:end].mean(axis=0, dtype=np.float64)
                    for start, end in itertools.pairwise(ends)
                ]
            array = np.stack(means, axis=along)
    return array


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
    role: str | None = None,
    fill: str = "auto",
    limits: tuple[float, float] | None = None,
    decimals: int | None = None,
    frame: Window | None = None,
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
        low, high = limits or (0.0, white(array))
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
    rows, cols = array.shape
    rule(ax, (rows, cols))
    frame_axis(ax, FRAMES.get(role or "", colours.LINE))
    if frame:
        mark(ax, frame)

    if decimals is None:
        decimals = _words.decimals(array)
    texts = [
        [_words.number(v, decimals) for v in row] for row in array.astype(np.float64)
    ]
    longest = max(len(t) for row in texts for t in row)
    cell = size_of(ax)[0] / cols
    size = min(0.42 * cell, 1.5 * cell / max(longest, 1), 17)
    light = luminance(drawn.to_rgba(np.clip(values, low, high)))
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            dark = light[i, j] > 0.19
            put(ax, j, i, text, size, colours.INK if dark else colours.PAGE)


def put(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str = colours.INK,
    va: Literal["center", "center_baseline"] = "center_baseline",
) -> None:
    """Write a text centred at a place of an axis: a number in its cell."""
    ax.text(x, y, text, size=points(size), color=colour, ha="center", va=va, zorder=4)


def rule(
    ax: Axes,
    shape: tuple[int, int],
    step: tuple[int, int] = (1, 1),
    colour: str = colours.LINE,
    width: float = 0.5,
) -> None:
    """Draw the lines between the cells of a matrix, or between groups of them."""
    rows, cols = shape
    x, y = np.arange(step[1], cols, step[1]), np.arange(step[0], rows, step[0])
    ax.vlines(x - 0.5, -0.5, rows - 0.5, colors=colour, linewidths=width)
    ax.hlines(y - 0.5, -0.5, cols - 0.5, colors=colour, linewidths=width)


def luminance(rgba: np.ndarray) -> np.ndarray:
    """Return the relative luminance (WCAG 2): above about 0.18 dark ink reads best."""
    rgb = rgba[..., :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def frame_axis(ax: Axes, colour: str) -> None:
    """Give an axis the frame that its role has."""
    for spine in ax.spines.values():
        spine.set_color(colour)
        spine.set_linewidth(points(3))


def under(ax: Axes, text: str) -> None:
    """Write the caption for which a panel has left room."""
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


def bar(
    picture: Picture,
    beside: Axes,
    fill: Literal["gray", "signed"],
    end: float,
    arrays: Sequence[np.ndarray],
) -> None:
    """Draw the colour bar, pointed at an end that some number lies beyond."""
    low, colour_map = (-end, SIGNED) if fill == "signed" else (0.0, GRAY)
    ends = [_given.extremes(array) for array in arrays]
    over = any(largest > end for _, largest in ends)
    under = any(smallest < low for smallest, _ in ends)
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
