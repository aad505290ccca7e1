"""A graph of numbers: a box for each, its gradient in it, lines between them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from helpers import colours
from helpers._arguments import is_sequence, real, refusal, shown
from helpers.plots import _given, _layout, _words
from helpers.plots._layout import CAPTION, FRAMES, points
from helpers.plots.picture import Picture

_MOST = 40  # boxes
_HIGH = 64  # pixels of the page from one row to the next
_WIDEST = 96  # and from one column to the next


class Box(NamedTuple):
    """A number of a graph.

    Attributes
    ----------
    name
        What stands above it.
    place
        Column and row; whole or not.
    value
        The number.
    gradient
        What stands below it, if anything has arrived.
    role
        ``"input"``, ``"kernel"`` or ``"output"``: the colour of its frame.
    """

    name: str
    place: tuple[float, float]
    value: float
    gradient: float | None = None
    role: str | None = None


def graph(
    boxes: Sequence[Box],
    lines: Sequence[tuple[str, str]] = (),
    *,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw numbers in boxes, joined by lines, with the gradient of each below it.

    Parameters
    ----------
    boxes
        At most 40.
    lines
        Names of the two boxes that each line joins.
    title
        A title for the whole picture.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis.

    Raises
    ------
    ValueError
        For no box or too many, for anything else than boxes, and for a line to a box
        that is not there.

    Examples
    --------
    >>> graph([Box("w", (0, 0), 3, -6), Box("z", (1, 0), 2)], [("w", "z")]).alt
    'A graph of 2 numbers. w 3, gradient −6; z 2.'
    """
    boxes, lines = _boxes(boxes), _lines(lines)
    if not 1 <= len(boxes) <= _MOST:
        raise refusal("boxes", f"{len(boxes)} boxes", f"Give 1 to {_MOST}")
    by_name = {box.name: box for box in boxes}
    for name in (name for line in lines for name in line):
        if name not in by_name:
            raise refusal("lines", f"{name!r}", f"Name boxes: {', '.join(by_name)}")
    said = "; ".join(map(_said, boxes))
    alt = _words.alt(alt, title, f"A graph of {len(boxes)} numbers. {said}")

    left, right, top, bottom = _corners(boxes)
    columns, rows = right - left + 1, bottom - top + 1
    step = min(_WIDEST, (_layout.WIDTH - 2 * _layout.MARGIN) / columns)
    panel = _layout.Panel(step * columns, _HIGH * rows, fixed=True)
    picture, (ax,) = _layout.arrange([[panel]], alt, title)
    ax.set_xlim(left - 0.5, right + 0.5)
    ax.set_ylim(bottom + 0.5, top - 0.5)
    ax.axis("off")
    for ends in lines:
        (x1, y1), (x2, y2) = (by_name[name].place for name in ends)
        ax.plot([x1, x2], [y1, y2], color=colours.LINE, linewidth=points(1.5), zorder=1)
    for box in boxes:
        _draw(ax, box)
    return picture


def _boxes(value: Any) -> list[Box]:
    if not is_sequence(value) or not all(map(_is_box, value)):
        need = 'Give a list of boxes, plots.Box("w", (0, 0), 3) for example'
        raise refusal("boxes", shown(value), need)
    return [
        Box(
            _given.text(box.name, "name"),
            (real(box.place[0], "place"), real(box.place[1], "place")),
            real(box.value, "value"),
            None if box.gradient is None else real(box.gradient, "gradient"),
            box.role,
        )
        for box in value
    ]


def _is_box(value: Any) -> bool:
    return isinstance(value, Box) and is_sequence(value.place) and len(value.place) == 2


def _lines(value: Any) -> list[tuple[str, str]]:
    pairs: list[Any] = list(value) if is_sequence(value) else [None]
    if not all(is_sequence(line) and len(line) == 2 for line in pairs):
        need = 'Give a list of two names each, [("w", "z")] for example'
        raise refusal("lines", shown(value), need)
    return [(str(start), str(end)) for start, end in pairs]


def _said(box: Box) -> str:
    gradient = (
        "" if box.gradient is None else f", gradient {_words.number(box.gradient)}"
    )
    return f"{box.name} {_words.number(box.value)}{gradient}"


def _corners(boxes: Sequence[Box]) -> tuple[float, float, float, float]:
    columns = [box.place[0] for box in boxes]
    rows = [box.place[1] for box in boxes]
    return min(columns), max(columns), min(rows), max(rows)


def _draw(ax: Axes, box: Box) -> None:
    column, row = box.place
    frame = FRAMES.get(box.role or "", colours.LINE)
    ax.add_patch(
        FancyBboxPatch(
            (column - 0.42, row - 0.4),
            0.84,
            0.8,
            boxstyle="round,pad=0,rounding_size=0.06",
            mutation_aspect=1.4,
            facecolor=colours.PAGE,
            edgecolor=frame,
            linewidth=points(2 if box.role else 1.2),
            zorder=2,
        )
    )
    texts = [(-0.25, box.name, CAPTION - 2, colours.INK)]
    texts.append((0.0, _words.number(box.value), CAPTION + 1, colours.INK))
    if box.gradient is not None:
        texts.append((0.26, f"∂ {_words.number(box.gradient)}", CAPTION - 1, _RED))
    for down, text, size, colour in texts:
        ax.text(
            column,
            row + down,
            text,
            ha="center",
            va="center",
            fontsize=points(size),
            color=colour,
            zorder=3,
        )


_RED = colours.SIGNED[4]
