"""Positions of Go, and what a network thinks of their points."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike

from helpers import _arguments, colours, go
from helpers.go import Board, Point
from helpers.plots import _layout, _words
from helpers.plots._layout import CAPTION, points
from helpers.plots.picture import Picture

_GROUND, _LINES = "#EBD9B4", "#6B5A36"
_CELL = 21  # pixels of the page from line to line
_NAMED = 5  # of the points with the largest shares, in the description


def go_board(
    board: Board,
    shares: ArrayLike | None = None,
    *,
    last: Point | str | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Draw a position, and on its empty points how likely a move is there.

    Parameters
    ----------
    board
        The position.
    shares
        (size, size), none negative: the largest has the full colour.
    last
        The point of the last move, which is marked.
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
        For what is no board, shares of another shape, and negative ones.

    Examples
    --------
    >>> board = go.Board(9).play("E5", go.BLACK)
    >>> go_board(board, board.legal(go.WHITE) / 80, last="E5").alt
    'A Go board of 9 × 9: 1 black and 0 white stones, the last on E5. Likeliest moves: \
A9 1.2 %, B9 1.2 %, C9 1.2 %, D9 1.2 %, E9 1.2 %.'
    """
    if not isinstance(board, Board):
        raise _arguments.refusal("board", _arguments.shown(board), "Give a go.Board")
    size = board.size
    heat = _shares(shares, size)
    marked = None if last is None else _point(last, size)
    said = _said(board, heat, marked)
    panel = _layout.fitted((size + 1, size + 1), (460, 460), _CELL)
    picture, [ax] = _layout.arrange(
        [[panel]], _words.alt(alt, title, said), title, tallest=460
    )
    ax.patch.set_facecolor(_GROUND)
    ax.set(xlim=(-1, size), ylim=(size, -1))
    _lines(ax, size)
    most = heat.max() or 1.0
    for row, col in zip(*np.nonzero(heat), strict=True):
        style: Any = {"alpha": heat[row, col] / most, "color": colours.OUTPUT}
        ax.add_patch(Rectangle((col - 0.45, row - 0.45), 0.9, 0.9, zorder=2, **style))
    for row, col in zip(*np.nonzero(board.stones), strict=True):
        black = board.stones[row, col] == go.BLACK
        face, other = ("#000000", "#FFFFFF") if black else ("#FFFFFF", "#000000")
        stone = {"facecolor": face, "edgecolor": "#000000", "linewidth": points(1)}
        ax.add_patch(Circle((col, row), 0.46, zorder=3, **stone))
        if (row, col) == marked:
            ring = {"fill": False, "edgecolor": other, "linewidth": points(2)}
            ax.add_patch(Circle((col, row), 0.22, zorder=4, **ring))
    return picture


def _lines(ax: Axes, size: int) -> None:
    """Draw the lines, and beside them letters and numbers."""
    style: Any = {"color": _LINES, "linewidth": points(0.8), "zorder": 1}
    text: Any = {"size": points(CAPTION - 2.5), "ha": "center", "va": "center"}
    for n in range(size):
        ax.plot([0, size - 1], [n, n], **style)
        ax.plot([n, n], [0, size - 1], **style)
        name = go.name_of((n, n), size)
        ax.text(n, size - 0.3, name[0], color=colours.INK, **text)
        ax.text(-0.7, n, name[1:], color=colours.INK, **text)


def _shares(shares: ArrayLike | None, size: int) -> np.ndarray:
    if shares is None:
        return np.zeros((size, size))
    heat = _arguments.array(shares, "shares", finite=True).astype(np.float64)
    if heat.shape != (size, size) or heat.min() < 0:
        came = f"shape {heat.shape}, values from {heat.min():.4g}"
        need = f"Give {(size, size)}, none of them negative"
        raise _arguments.refusal("shares", came, need)
    return heat


def _point(point: Point | str, size: int) -> Point:
    if isinstance(point, str):
        return go.point_of(point, size)
    return go.point_of(go.name_of(point, size), size)


def _said(board: Board, heat: np.ndarray, last: Point | None) -> str:
    size = board.size
    black, white = (int((board.stones == c).sum()) for c in (go.BLACK, go.WHITE))
    said = f"a Go board of {size} × {size}: {black} black and {white} white stones"
    if last is not None:
        said += f", the last on {go.name_of(last, size)}"
    best = np.argsort(-heat, axis=None, kind="stable")[:_NAMED]
    named = [
        f"{go.name_of(divmod(int(k), size), size)} {100 * heat.flat[k]:.1f} %"
        for k in best
        if heat.flat[k] > 0
    ]
    return said + (f". Likeliest moves: {', '.join(named)}" if named else "")
