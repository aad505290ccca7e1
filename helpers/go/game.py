"""Games as they were played, and the positions that a network learns from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments
from helpers.go.board import Board, Point, playable
from helpers.go.planes import RECENT, expanded

_MANY = 255  # liberties, and more: what a byte holds


class Move(NamedTuple):
    """A stone, or a pass where `point` is None; colour 1 is black, -1 white."""

    colour: int
    point: Point | None


@dataclass(frozen=True, repr=False, eq=False)
class Game:
    """A game from its first position to its last move.

    Attributes
    ----------
    name
        What it is called, "ccwills-gnugo-3.4-200308231739".
    start
        The board before the first move, with handicap stones.
    moves
        All of them, passes too.
    black, white
        Who played, as the record has it.
    result
        "B+3.5", "W+R", or nothing where it is not known.
    date
        "2003-08-23", or nothing.

    Examples
    --------
    >>> Game("two moves", Board(9), (Move(1, (4, 4)), Move(-1, None)))
    <Game two moves: 2 moves on 9 × 9>
    """

    name: str
    start: Board
    moves: tuple[Move, ...]
    black: str = ""
    white: str = ""
    result: str = ""
    date: str = ""

    @property
    def size(self) -> int:
        """Points a side."""
        return self.start.size

    def boards(self) -> Iterator[Board]:
        """Go through the positions: the start, then the one after each move.

        Raises
        ------
        ValueError
            Where a move is against the rules, when it comes to it.

        Examples
        --------
        >>> game = Game("one move", Board(9), (Move(1, (4, 4)),))
        >>> list(game.boards())
        [<Board of 9 × 9: 0 black, 0 white>, <Board of 9 × 9: 1 black, 0 white>]
        """
        board = self.start
        yield board
        for colour, point in self.moves:
            board = board.play(point, colour)
            yield board

    def __repr__(self) -> str:
        count = len(self.moves)
        moves = f"{count} move{'' if count == 1 else 's'}"
        return f"<Game {self.name}: {moves} on {self.size} × {self.size}>"


@dataclass(frozen=True, repr=False, eq=False)
class Positions:
    """Positions of games, each with the move that was played in it.

    They are kept small, 0.7 kB each on 19 × 19, and become planes, 5 kB each, when they
    are asked for: a batch at a time, say.

    Attributes
    ----------
    stones
        (N, size, size) int8: 1 of who plays, -1 of the other, 0 empty.
    liberties
        (N, size, size) uint8: of each stone, how many its group has, 255 at most.
    recent
        (N, 2) int16: where the last move was and the one before, as
        ``row * size + col``; -1 for none and for a pass.
    ko
        (N,) int16: where the player may not take back, or -1.
    moves
        (N,) int64: where was played, as ``row * size + col``.
    games, numbers
        (N,) int64: which of the games it is, and how many moves were made before.
    """

    stones: NDArray[np.int8]
    liberties: NDArray[np.uint8]
    recent: NDArray[np.int16]
    ko: NDArray[np.int16]
    moves: NDArray[np.int64]
    games: NDArray[np.int64]
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.moves)

    def __repr__(self) -> str:
        size = self.stones.shape[1]
        return f"<Positions: {len(self):,} on {size} × {size}>"

    def planes(self, which: Any = slice(None)) -> NDArray[np.uint8]:
        """Return positions as `planes` shows them.

        Parameters
        ----------
        which
            A slice, or an array of numbers or of booleans; all where none is given.

        Returns
        -------
        ndarray of uint8, (N, size, size, 14)
        """
        return expanded(self.stones[which], self.liberties[which], self.recent[which])

    def legal(self, which: Any = slice(None)) -> NDArray[np.bool_]:
        """Say of every point whether it may be played.

        Returns
        -------
        ndarray of bool, (N, size, size)
        """
        allowed = playable(self.stones[which], self.liberties[which])
        ko = self.ko[which]
        (barred,) = np.nonzero(ko >= 0)
        allowed.reshape(len(ko), -1)[barred, ko[barred]] = False
        return allowed


def positions(games: Iterable[Game]) -> Positions:
    """Return the positions of games in which a stone was played.

    Parameters
    ----------
    games
        One or more, all on boards of one size.

    Returns
    -------
    Positions
        In the order of the games and their moves; those before a pass are not among
        them.

    Raises
    ------
    ValueError
        For no games, different sizes, games in which no stone is played, and a move
        against the rules.

    Examples
    --------
    >>> game = Game("short", Board(9), (Move(1, (4, 4)), Move(-1, (2, 6))))
    >>> found = positions([game])
    >>> found, found.moves.tolist(), int(found.stones[1, 4, 4])
    (<Positions: 2 on 9 × 9>, [40, 24], -1)
    >>> found.planes().shape, int(found.legal()[1].sum())
    ((2, 9, 9, 14), 80)
    """
    games = list(games)
    sizes = sorted({game.size for game in games})
    if len(sizes) != 1 or not any(move.point for game in games for move in game.moves):
        came = f"boards of {sizes} points a side" if len(sizes) > 1 else "no moves"
        need = "Give one game or more in which stones are played, all of one size"
        raise _arguments.refusal("games", came, need)
    rows = [_numbers(k, game) for k, game in enumerate(games)]
    joined = [np.concatenate(column) for column in zip(*rows, strict=True)]
    return Positions(*joined)


def _numbers(k: int, game: Game) -> list[NDArray[Any]]:
    """Return the fields of `Positions` of one game."""
    size = game.size
    stones: list[Any] = []
    liberties: list[Any] = []
    recent, ko, moves, numbers = [], [], [], []
    last = [-1] * RECENT
    for number, (board, move) in enumerate(
        zip(game.boards(), game.moves, strict=False)
    ):
        place = -1 if move.point is None else move.point[0] * size + move.point[1]
        if place >= 0:
            stones.append(board.stones * np.int8(move.colour))
            liberties.append(board.liberty_counts)
            recent.append(last)
            barred = board.barred(move.colour)
            ko.append(-1 if barred is None else barred[0] * size + barred[1])
            moves.append(place)
            numbers.append(number)
        last = [place, *last[:-1]]
    count = len(moves)
    return [
        np.array(stones, np.int8).reshape(count, size, size),
        np.minimum(liberties, _MANY).astype(np.uint8).reshape(count, size, size),
        np.array(recent, np.int16).reshape(count, RECENT),
        np.array(ko, np.int16),
        np.array(moves, np.int64),
        np.full(count, k, np.int64),
        np.array(numbers, np.int64),
    ]
