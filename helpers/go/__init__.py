"""Go: the board and its rules, what a network sees of it, its symmetries, its games.

>>> from helpers import go
>>> board = go.Board(9).play("E5", go.BLACK).play("E6", go.WHITE)
>>> int(board.liberty_counts[go.point_of("E5", 9)])
3
>>> go.planes(board, go.BLACK).shape
(9, 9, 14)

A point is a pair (row, column) counted from 0 at the top left, or a name as players
write it, "D4": columns are letters without I, rows are numbered from below. A colour is
`BLACK`, 1, or `WHITE`, -1.
"""

from helpers.go.board import BLACK, WHITE, Board, Point, name_of, point_of
from helpers.go.game import Game, Move, Positions, positions
from helpers.go.planes import PLANES, planes
from helpers.go.symmetries import back, symmetries, turned, turned_point

__all__ = [
    "BLACK",
    "PLANES",
    "WHITE",
    "Board",
    "Game",
    "Move",
    "Point",
    "Positions",
    "back",
    "name_of",
    "planes",
    "point_of",
    "positions",
    "symmetries",
    "turned",
    "turned_point",
]
