"""What a network sees of a position: planes of 0 and 1, from the side of who plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.go.board import Board, Point, read_colour, read_point

#: What each plane shows. "Own" is the player's whose turn it is.
PLANES = (
    "own stones",
    "other's stones",
    "empty",
    "own, 1 liberty",
    "own, 2 liberties",
    "own, 3 liberties",
    "own, 4 liberties or more",
    "other's, 1 liberty",
    "other's, 2 liberties",
    "other's, 3 liberties",
    "other's, 4 liberties or more",
    "last move",
    "move before the last",
    "board",
)

#: How many of the last moves are shown.
RECENT = 2


def planes(
    board: Board, colour: int, recent: Sequence[Point | str | None] = ()
) -> NDArray[np.uint8]:
    """Return a position as planes for the player whose turn it is.

    Liberties are those of a stone's group, and of own stones and the other's there are
    planes of their own: to be in danger and to capture are different things. The plane
    of ones tells the board from what pads it.

    Parameters
    ----------
    board
        The position.
    colour
        Whose turn it is: 1 black, -1 white.
    recent
        Where was played before, in that order; None for a pass. The last two count.

    Returns
    -------
    ndarray of uint8, (size, size, 14)
        0 and 1, in the order of `PLANES`.

    Raises
    ------
    ValueError
        For another colour, and for a point off the board.

    Examples
    --------
    >>> from helpers import go
    >>> board = go.Board(3).play("B2", go.BLACK)
    >>> seen = planes(board, go.WHITE, ["B2"])
    >>> [name for name, on in zip(PLANES, seen[1, 1]) if on]
    ["other's stones", "other's, 4 liberties or more", 'last move', 'board']
    """
    last = [-1] * RECENT
    for k, point in enumerate(reversed(list(recent)[-RECENT:])):
        if point is not None:
            row, col = read_point(point, board.size)
            last[k] = row * board.size + col
    stones = board.stones * np.int8(read_colour(colour))
    return expanded(stones[None], board.liberty_counts[None], np.array([last]))[0]


def expanded(
    stones: NDArray[np.int8], liberties: NDArray[Any], recent: NDArray[Any]
) -> NDArray[np.uint8]:
    """Return the planes of many positions.

    Parameters
    ----------
    stones
        (N, size, size): 1 own, -1 the other's, 0 empty.
    liberties
        (N, size, size): of each stone, how many its group has.
    recent
        (N, 2): where the last move was played and the one before, as
        ``row * size + col``; -1 for none.

    Returns
    -------
    ndarray of uint8, (N, size, size, 14)

    Examples
    --------
    >>> import numpy as np
    >>> empty = np.zeros((1, 2, 2), np.int8)
    >>> expanded(empty, empty, np.array([[3, -1]]))[0, 1, 1].tolist()
    [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    """
    count, size, _ = stones.shape
    out = np.zeros((count, size, size, len(PLANES)), np.uint8)
    own, other = stones == 1, stones == -1
    out[..., 0], out[..., 1], out[..., 2] = own, other, stones == 0
    for k in range(4):
        has = liberties == k + 1 if k < 3 else liberties > 3
        out[..., 3 + k], out[..., 7 + k] = own & has, other & has
    for k in range(RECENT):
        (played,) = np.nonzero(recent[:, k] >= 0)
        rows, cols = np.divmod(recent[played, k], size)
        out[played, rows, cols, 11 + k] = 1
    out[..., 13] = 1
    return out
