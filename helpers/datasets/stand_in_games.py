"""Games of Go that stand in where real ones cannot be had: a random player's.

It plays black and white against itself, where the rules allow, and fills no eye of its
own, so that its games come to an end. Half of its moves answer beside the last one, for
real games are like that. It knows nothing of Go, and its games say so.
"""

import functools

import numpy as np

from helpers.go import BLACK, WHITE, Board, Game, Move

SOURCE = "a random player, helpers/datasets/stand_in_games.py of this course"
LICENCE = "MIT, as the course's code"

_GAMES, _MOVES = 9, 200


@functools.cache
def games(count: int = _GAMES, moves: int = _MOVES, size: int = 19) -> tuple[Game, ...]:
    """Return games of a random player against itself, the same in every run.

    Parameters
    ----------
    count
        How many.
    moves
        How long the longest may be.
    size
        Points a side.

    Examples
    --------
    >>> first, second = games(2, moves=20, size=9)
    >>> first, first.black
    (<Game random game 1: 20 moves on 9 × 9>, 'random player')
    """
    return tuple(_game(number, moves, size) for number in range(1, count + 1))


def _game(number: int, most: int, size: int) -> Game:
    # RandomState's numbers are promised to stay the same; a Generator's are not.
    random = np.random.RandomState(number)
    board, moves, colour = Board(size), list[Move](), BLACK
    while len(moves) < most and [point for _, point in moves[-2:]] != [None, None]:
        move = Move(colour, _chosen(board, colour, moves, random))
        board = board.play(move.point, colour)
        moves.append(move)
        colour = WHITE if colour == BLACK else BLACK
    name, player = f"random game {number}", "random player"
    return Game(name, Board(size), tuple(moves), player, player)


def _chosen(
    board: Board, colour: int, moves: list[Move], random: np.random.RandomState
) -> tuple[int, int] | None:
    """Choose a point; None where all that is left is to fill one's own eyes."""
    free = np.argwhere(board.legal(colour) & ~_eyes(board, colour))
    if not len(free):
        return None
    if moves and moves[-1].point and random.randint(2):
        near = free[np.abs(free - moves[-1].point).max(axis=1) <= 2]
        free = near if len(near) else free
    row, col = free[random.randint(len(free))]
    return int(row), int(col)


def _eyes(board: Board, colour: int) -> np.ndarray:
    """Say of every point whether all points beside it have stones of one colour."""
    own = np.pad(board.stones == colour, 1, constant_values=True)
    return own[:-2, 1:-1] & own[2:, 1:-1] & own[1:-1, :-2] & own[1:-1, 2:]
