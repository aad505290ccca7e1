"""The board of Go and its rules: captures, ko, no suicide.

Stones of one colour that touch along the lines are a group. The empty points beside a
group are its liberties; a group that loses the last one is captured. A move may not
leave its own group without a liberty (suicide), nor take back at once the single stone
that has just captured one (ko). That is all: the longer cycles that some rule sets
forbid as well are allowed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments

Point = tuple[int, int]
Mask = NDArray[np.bool_]
Neighbours = tuple[tuple[int, ...], ...]

BLACK, WHITE = 1, -1

#: The columns, from left to right: I is left out, so that none takes it for 1.
LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"

_COLOURS = {BLACK: "black", WHITE: "white"}
_SIGNS = {"X": BLACK, "O": WHITE, ".": 0}
_LEAST, _MOST = 2, len(LETTERS)  # points a side


class Board:
    """A position, and what may be played in it. It never changes: `play` makes another.

    Parameters
    ----------
    size
        Points a side, 2 to 25.

    Attributes
    ----------
    size
        Points a side.
    stones
        (size, size) int8: 1 black, -1 white, 0 empty; read-only.
    liberty_counts
        (size, size) int16: of each stone, how many liberties its group has, 0 on empty
        points; read-only.
    captured
        The stones that the last move took, as points.
    prisoners
        How many stones Black and White have taken since the board was made.
    ko
        Where the other player may not play in the next move, or None.

    Raises
    ------
    ValueError
        For another size.

    Examples
    --------
    >>> board = Board.drawn('''
    ...     . X . .
    ...     X O X .
    ...     . . . .
    ...     . . . .
    ... ''')
    >>> after = board.play("B2", BLACK)
    >>> after.captured, after.prisoners
    (((1, 1),), (1, 0))
    >>> print(after)
       A B C D
     4 . X . .
     3 X . X .
     2 . X . .
     1 . . . .
    """

    def __init__(self, size: int = 19) -> None:
        size = _arguments.whole(size, "size", _LEAST, _MOST)
        empty = [0] * size**2
        self._fill(empty, empty)

    def _fill(
        self,
        stones: list[int],
        liberties: list[int],
        captured: tuple[Point, ...] = (),
        prisoners: tuple[int, int] = (0, 0),
        ko: Point | None = None,
    ) -> Board:
        # Lists, point by point: single ones are read many times faster than of arrays.
        self._stones, self._liberties = stones, liberties
        self.size = round(len(stones) ** 0.5)
        self.captured, self.prisoners, self.ko = captured, prisoners, ko
        return self

    @functools.cached_property
    def stones(self) -> NDArray[np.int8]:
        """What stands on each point."""
        return self._array(self._stones, np.int8)

    @functools.cached_property
    def liberty_counts(self) -> NDArray[np.int16]:
        """How many liberties the group of each stone has."""
        return self._array(self._liberties, np.int16)

    def _array(self, numbers: list[int], kind: type) -> NDArray[Any]:
        array: NDArray[Any] = np.array(numbers, kind).reshape(self.size, self.size)
        array.flags.writeable = False
        return array

    @classmethod
    def of(cls, stones: ArrayLike) -> Board:
        """Return a board with these stones.

        Parameters
        ----------
        stones
            (size, size): 1 black, -1 white, 0 empty.

        Raises
        ------
        ValueError
            For another shape or other numbers, and for a group without a liberty.

        Examples
        --------
        >>> Board.of([[1, 0], [0, -1]]).liberty_counts.tolist()
        [[2, 0], [0, 2]]
        """
        given = _arguments.array(stones, "stones")
        sides = set(given.shape)
        if given.ndim != 2 or len(sides) > 1 or not _LEAST <= max(sides) <= _MOST:
            need = f"Give a square of {_LEAST} to {_MOST} points a side"
            raise _arguments.refusal("stones", f"shape {given.shape}", need)
        if not np.isin(given, (BLACK, 0, WHITE)).all():
            need = "Give 1 for black, -1 for white, 0 for empty points"
            raise _arguments.refusal("stones", "other numbers", need)
        flat = given.astype(int).ravel().tolist()
        liberties = [0] * len(flat)
        _count(flat, _neighbours(len(given)), liberties, range(len(flat)))
        board = cls.__new__(cls)._fill(flat, liberties)
        dead = (board.stones != 0) & (board.liberty_counts == 0)
        if dead.any():
            row, col = np.argwhere(dead)[0]
            came = f"a stone on {name_of((row, col), board.size)} without liberties"
            raise _arguments.refusal("stones", came, "Take it off, or free a point")
        return board

    @classmethod
    def drawn(cls, text: str) -> Board:
        """Return the board that a text draws: X black, O white, a point for empty.

        Raises
        ------
        ValueError
            For other signs, rows of other lengths, and what `of` refuses.

        Examples
        --------
        >>> Board.drawn('''
        ...     . X
        ...     O .
        ... ''').stones.tolist()
        [[0, 1], [-1, 0]]
        """
        rows = [line.split() for line in str(text).split("\n") if line.strip()]
        signs = {sign for row in rows for sign in row}
        if not rows or not signs <= _SIGNS.keys():
            need = "Give rows of X, O and points, with spaces between"
            raise _arguments.refusal("text", _arguments.shown(text), need)
        if {len(row) for row in rows} != {len(rows)}:
            came = f"{len(rows)} rows that are not of {len(rows)} points each"
            raise _arguments.refusal("text", came, "Give a square")
        return cls.of([[_SIGNS[sign] for sign in row] for row in rows])

    def setup(
        self,
        black: Iterable[Point | str] = (),
        white: Iterable[Point | str] = (),
        empty: Iterable[Point | str] = (),
    ) -> Board:
        """Return a board on which stones were put, or taken away, without playing.

        So handicap stones come there, and problems. Nothing is captured; ko and
        prisoners are forgotten.

        Parameters
        ----------
        black, white, empty
            What then stands on these points.

        Raises
        ------
        ValueError
            For a point off the board, and for a group without a liberty.

        Examples
        --------
        >>> print(Board(3).setup(black=["A1", "C3"], white=["B2"]))
           A B C
         3 . . X
         2 . O .
         1 X . .
        """
        stones = self.stones.copy()
        for points, colour in ((black, BLACK), (white, WHITE), (empty, 0)):
            for point in points:
                stones[self._point(point)] = colour
        return Board.of(stones)

    def play(self, point: Point | str | None, colour: int) -> Board:
        """Return the board after a move.

        Parameters
        ----------
        point
            Where; None to pass. Players need not take turns.
        colour
            Whose: 1 black, -1 white.

        Raises
        ------
        ValueError
            For a point off the board, a stone on a stone, suicide, and ko.

        Examples
        --------
        >>> Board().play("Q16", BLACK).play("Q16", WHITE)
        Traceback (most recent call last):
        ValueError: point: got Q16, where a black stone stands. Give an empty point.
        """
        colour = read_colour(colour)
        stones, liberties = self._stones.copy(), self._liberties.copy()
        if point is None:
            return self._next(stones, liberties, prisoners=self.prisoners)
        row, col = self._point(point)
        place = row * self.size + col
        self._refuse(place, colour)
        near = _neighbours(self.size)
        taken: set[int] = set()
        for beside in near[place]:
            if stones[beside] == -colour and liberties[beside] == 1:
                taken |= _group(stones, near, beside)[0]
        for dead in taken:
            stones[dead] = liberties[dead] = 0
        stones[place] = colour
        _count(stones, near, liberties, [place, *near[place]])
        _count(stones, near, liberties, [n for dead in taken for n in near[dead]])
        captured = tuple(divmod(dead, self.size) for dead in sorted(taken))
        by_black, by_white = self.prisoners
        by_black += len(taken) * (colour == BLACK)
        by_white += len(taken) * (colour == WHITE)
        alone = not any(stones[beside] == colour for beside in near[place])
        retaken = len(taken) == 1 and alone and liberties[place] == 1
        return self._next(
            stones,
            liberties,
            captured,
            (by_black, by_white),
            captured[0] if retaken else None,
        )

    def _next(self, *state: Any, **more: Any) -> Board:
        return Board.__new__(Board)._fill(*state, **more)

    def _refuse(self, place: int, colour: int) -> None:
        """Raise where a stone may not be played; `legal` says it of all points."""
        stones, liberties = self._stones, self._liberties
        point = divmod(place, self.size)
        if stones[place]:
            reason = f"where a {_COLOURS[stones[place]]} stone stands"
            need = "Give an empty point"
        elif point == self.barred(colour):
            reason = "which would take back at once (ko)"
            need = "Play somewhere else first"
        elif not any(
            not stones[n] or (liberties[n] > 1) == (stones[n] == colour)
            for n in _neighbours(self.size)[place]
        ):
            reason = f"where a {_COLOURS[colour]} stone would have no liberty (suicide)"
            need = "Give another point"
        else:
            return
        raise _arguments.refusal(
            "point", f"{name_of(point, self.size)}, {reason}", need
        )

    def barred(self, colour: int) -> Point | None:
        """Return where a player may not take back at once (ko), or None.

        Examples
        --------
        >>> board = Board.drawn('''
        ...     . X O .
        ...     X O . O
        ...     . X O .
        ...     . . . .
        ... ''').play("C3", BLACK)
        >>> board.barred(WHITE), board.barred(BLACK)
        ((1, 1), None)
        """
        colour = read_colour(colour)
        if self.ko is None:
            return None
        row, col = self.ko  # all round it stand stones of who has just captured
        return self.ko if self.stones[row - 1 if row else 1, col] != colour else None

    def legal(self, colour: int) -> Mask:
        """Say of every point whether a stone may be played there.

        Parameters
        ----------
        colour
            Whose turn it is: 1 black, -1 white.

        Returns
        -------
        ndarray of bool, (size, size)

        Examples
        --------
        >>> board = Board.drawn('''
        ...     . X .
        ...     X . .
        ...     . . .
        ... ''')
        >>> int(board.legal(WHITE).sum()), bool(board.legal(WHITE)[0, 0])
        (6, False)
        """
        colour = read_colour(colour)
        allowed = playable(self.stones * np.int8(colour), self.liberty_counts)
        barred = self.barred(colour)
        if barred is not None:
            allowed[barred] = False
        return allowed

    def group(self, point: Point | str) -> Mask:
        """Return where the stones are that are connected with the one on a point.

        Returns
        -------
        ndarray of bool, (size, size)

        Raises
        ------
        ValueError
            Where no stone stands.

        Examples
        --------
        >>> Board.drawn('''
        ...     X X .
        ...     . X .
        ...     X . .
        ... ''').group("A3").astype(int).tolist()
        [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
        """
        return self._mask(self._found(point)[0])

    def liberties(self, point: Point | str) -> Mask:
        """Return where the liberties of the group on a point are.

        Returns
        -------
        ndarray of bool, (size, size)

        Raises
        ------
        ValueError
            Where no stone stands.

        Examples
        --------
        >>> Board.drawn('''
        ...     X X .
        ...     . O .
        ...     . . .
        ... ''').liberties("A3").astype(int).tolist()
        [[0, 0, 1], [1, 0, 0], [0, 0, 0]]
        """
        return self._mask(self._found(point)[1])

    def _found(self, point: Point | str) -> tuple[set[int], set[int]]:
        row, col = self._point(point)
        if not self.stones[row, col]:
            came = f"{name_of((row, col), self.size)}, which is empty"
            raise _arguments.refusal("point", came, "Give one with a stone")
        near = _neighbours(self.size)
        return _group(self._stones, near, row * self.size + col)

    def _mask(self, places: set[int]) -> Mask:
        mask = np.zeros(self.size**2, bool)
        mask[list(places)] = True
        return mask.reshape(self.size, self.size)

    def _point(self, point: Point | str) -> Point:
        return read_point(point, self.size)

    def __repr__(self) -> str:
        black, white = (int((self.stones == colour).sum()) for colour in _COLOURS)
        return f"<Board of {self.size} × {self.size}: {black} black, {white} white>"

    def __str__(self) -> str:
        signs = {colour: sign for sign, colour in _SIGNS.items()}
        lines = ["   " + " ".join(LETTERS[: self.size])]
        for row, stones in enumerate(self.stones.tolist()):
            drawn = " ".join(signs[stone] for stone in stones)
            lines.append(f"{self.size - row:2} {drawn}")
        return "\n".join(lines)


def playable(stones: NDArray[np.int8], liberties: NDArray[Any]) -> Mask:
    """Say where a stone of one's own would have a liberty, in one position or many.

    It would beside an empty point, beside a group of one's own that has another
    liberty, and beside one of the other's that loses its last. Ko is not looked at.

    Parameters
    ----------
    stones
        (…, size, size): 1 one's own, -1 the other's, 0 empty.
    liberties
        Of the same shape: of each stone, how many its group has.

    Returns
    -------
    ndarray of bool, of the same shape

    Examples
    --------
    >>> board = Board.of([[1, 0], [0, 0]])
    >>> playable(board.stones, board.liberty_counts).tolist()
    [[False, True], [True, True]]
    """
    gives = (stones == 0) | ((liberties > 1) == (stones == 1))
    beside = np.zeros_like(gives)
    beside[..., 1:, :] |= gives[..., :-1, :]
    beside[..., :-1, :] |= gives[..., 1:, :]
    beside[..., :, 1:] |= gives[..., :, :-1]
    beside[..., :, :-1] |= gives[..., :, 1:]
    return (stones == 0) & beside


# -- points ----------------------------------------------------------------------------


def point_of(name: str, size: int = 19) -> Point:
    """Return the point that has a name.

    Parameters
    ----------
    name
        A letter without I from the left, and a number from below: "D4".
    size
        Points a side, 2 to 25.

    Returns
    -------
    tuple of int
        Row and column, counted from 0 at the top left.

    Raises
    ------
    ValueError
        For a name that the board has not.

    Examples
    --------
    >>> point_of("A19"), point_of("T1"), point_of("j9")
    ((0, 0), (18, 18), (10, 8))
    """
    size = _arguments.whole(size, "size", _LEAST, _MOST)
    found = re.fullmatch(r"([A-HJ-Z])([1-9][0-9]?)", str(name).strip().upper(), re.A)
    if found:
        row, col = size - int(found[2]), LETTERS.index(found[1])
        if row >= 0 and col < size:
            return row, col
    last = f"{LETTERS[size - 1]}{size}"
    need = f'Give a letter without I and a number, "A1" to "{last}"'
    raise _arguments.refusal("name", _arguments.shown(name), need)


def name_of(point: Point, size: int = 19) -> str:
    """Return what players call a point.

    Parameters
    ----------
    point
        Row and column, counted from 0 at the top left.
    size
        Points a side, 2 to 25.

    Raises
    ------
    ValueError
        For a point off the board.

    Examples
    --------
    >>> name_of((3, 15)), name_of((0, 8), 9)
    ('Q16', 'J9')
    """
    size = _arguments.whole(size, "size", _LEAST, _MOST)
    row, col = read_point(point, size)
    return f"{LETTERS[col]}{size - row}"


def read_point(point: Point | str, size: int) -> Point:
    """Return a checked point, from a pair of numbers or from its name."""
    if isinstance(point, str):
        return point_of(point, size)
    two = tuple(point) if _arguments.is_sequence(point) else ()
    if len(two) == 2 and all(_arguments.is_whole(n) and 0 <= n < size for n in two):
        return int(two[0]), int(two[1])
    need = f'Give a row and a column from 0 to {size - 1}, or a name, "D4"'
    raise _arguments.refusal("point", _arguments.shown(point), need)


def read_colour(colour: int) -> int:
    """Return a checked colour: 1 or -1."""
    if _arguments.is_whole(colour) and int(colour) in _COLOURS:
        return int(colour)
    need = "Give 1 for black or -1 for white"
    raise _arguments.refusal("colour", _arguments.shown(colour), need)


# -- groups, on the points in one row --------------------------------------------------


@functools.cache
def _neighbours(size: int) -> Neighbours:
    """Return of each point which ones are beside it."""
    found = []
    for row in range(size):
        for col in range(size):
            beside = ((row - 1, col), (row, col - 1), (row, col + 1), (row + 1, col))
            on = (p for p in beside if 0 <= p[0] < size and 0 <= p[1] < size)
            found.append(tuple(r * size + c for r, c in on))
    return tuple(found)


def _group(
    stones: Sequence[int], near: Neighbours, start: int
) -> tuple[set[int], set[int]]:
    """Return the group of a stone, and its liberties."""
    colour, edge = stones[start], [start]
    group, liberties = {start}, set()
    while edge:
        for beside in near[edge.pop()]:
            stone = stones[beside]
            if not stone:
                liberties.add(beside)
            elif stone == colour and beside not in group:
                group.add(beside)
                edge.append(beside)
    return group, liberties


def _count(
    stones: Sequence[int], near: Neighbours, liberties: list[int], where: Iterable[int]
) -> None:
    """Count anew the liberties of the groups that have a stone on one of some points.

    A move changes those of few groups, which is why all others are left as they are.
    """
    done: set[int] = set()
    for start in where:
        if stones[start] and start not in done:
            group, free = _group(stones, near, start)
            done |= group
            for place in group:
                liberties[place] = len(free)
