"""Games of Go that an explorer shows: the learner's, or short ones of our own."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import traitlets

from helpers import _arguments
from helpers.go import BLACK, WHITE, Board, Game, Move, name_of
from helpers.go.board import read_colour, read_point
from helpers.widgets.parts.networks import told_apart
from helpers.widgets.parts.traits import Trait

EMPTY = "empty board"
MOST_GAMES, MOST_MOVES = 200, 1000
_PASS = "pass"
_COLOURS = {"black": BLACK, "white": WHITE}
_NAMES = {colour: name for name, colour in _COLOURS.items()}

# Of our own making, as names of points; Black begins.
_OPENING = "Q16 D16 Q3 D4 F3 D6 K3 F17 R14 C14 C12 D13 D12 E13 R6 O4 O3 N4"
_SHORT = {"capture": "C4 C3 B3 E5 D3 E4 C2", "ko": "B3 E3 C4 D4 C2 D2 A5 C3 D3"}


@functools.cache
def own_games(size: int) -> dict[str, Game]:
    """Return games of our own on a board, by their names.

    Examples
    --------
    >>> own_games(9)["ko"], [*own_games(19)]
    (<Game ko: 9 moves on 9 × 9>, ['opening', 'capture', 'ko', 'empty board'])
    """
    named = {"opening": _OPENING} if size == 19 else {}
    if size >= 5:
        named |= _SHORT
    named[EMPTY] = ""
    board = Board(size)
    return {
        name: Game(name, board, read_moves(moves.split(), size))
        for name, moves in named.items()
    }


def checked_games(value: Any, size: int) -> dict[str, Game]:
    """Return games by their names, told apart where two have the same.

    An empty board comes last.

    Raises
    ------
    ValueError
        For what is no list of games, for none, too many, and boards of other sizes.
    """
    given = isinstance(value, Iterable) and not isinstance(value, str | dict)
    games: list[Any] = list(value) if given else [value]
    wrong = [game for game in games if not isinstance(game, Game)]
    if wrong or not 1 <= len(games) <= MOST_GAMES:
        came = _arguments.shown(wrong[0]) if wrong else f"{len(games)} games"
        need = f"Give 1 to {MOST_GAMES} of helpers.go's, load_go().test for example"
        raise _arguments.refusal("games", came, need)
    for game in games:
        if len(game.moves) > MOST_MOVES:
            came = f"{game.name} of {len(game.moves):,} moves"
            raise _arguments.refusal("games", came, f"Give up to {MOST_MOVES:,} each")
        if game.size != size:
            came = f"{game.name} on {game.size} × {game.size}"
            need = f"Give games on {size} × {size}, which is what the network takes"
            raise _arguments.refusal("games", came, need)
    named = told_apart(tuple(game.name for game in games))
    by_name = dict(zip(named, games, strict=True))
    return {**by_name, EMPTY: own_games(size)[EMPTY]}


def to_message(game: Game) -> dict[str, Any]:
    """Return a game as the page gets it."""
    return {
        "start": game.start.stones.ravel().tolist(),
        "moves": written(game.moves, game.size),
        "players": [game.black, game.white],
        "result": game.result,
        "date": game.date,
    }


# -- moves -----------------------------------------------------------------------------


def first_colour(start: Board) -> int:
    """Return who begins: White where Black has more stones, as with a handicap.

    Examples
    --------
    >>> first_colour(Board(9)), first_colour(Board(9).setup(black=["C3", "G7"]))
    (1, -1)
    """
    return WHITE if int(start.stones.sum()) > 0 else BLACK


def read_moves(
    value: Any, size: int, first: int = BLACK, name: str = "moves"
) -> tuple[Move, ...]:
    """Return checked moves; the rules are not looked at.

    Parameters
    ----------
    value
        A list of points, "D4" or (row, column), "pass" or None for a pass, which take
        turns; or "black D4", or pairs (colour, point).
    size
        Points a side.
    first
        Whose the first move is, where it does not say so.
    name
        Of the argument, for the sentence.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> read_moves(["D4", None, (1, "C3")], 9)
    (Move(colour=1, point=(5, 3)), Move(colour=-1, point=None), Move(colour=1, \
point=(6, 2)))
    """
    if not _arguments.is_sequence(value) or len(value) > MOST_MOVES:
        many = _arguments.is_sequence(value)
        came = f"{len(value):,} moves" if many else _arguments.shown(value)
        need = f'Give up to {MOST_MOVES:,} points, ["D4", "Q16"] for example'
        raise _arguments.refusal(name, came, need)
    moves: list[Move] = []
    for one in value:
        turn = -moves[-1].colour if moves else first
        moves.append(_read_move(one, size, turn, name))
    return tuple(moves)


def _read_move(one: Any, size: int, turn: int, name: str) -> Move:
    try:
        if isinstance(one, str):
            *colour, point = str(one).split() or [""]
            if len(colour) == 1 and colour[0] in _COLOURS:
                turn, colour = _COLOURS[colour[0]], []
            one = point if not colour else str(one)
        two: Sequence[Any] = one if _arguments.is_sequence(one) else ()
        if len(two) == 2 and not _arguments.is_whole(two[1]):
            turn, one = read_colour(two[0]), two[1]
        if one is None or (isinstance(one, str) and one == _PASS):
            return Move(turn, None)
        return Move(turn, read_point(one, size))
    except ValueError:
        need = (
            'Give points of the board, "D4" or (row, column), or "pass"; they take '
            'turns unless they say whose they are, "black D4" or (1, "D4")'
        )
        raise _arguments.refusal(name, _arguments.shown(one), need) from None


def written(moves: Iterable[Move], size: int) -> tuple[str, ...]:
    """Return moves in words.

    Examples
    --------
    >>> written((Move(1, (5, 3)), Move(-1, None)), 9)
    ('black D4', 'white pass')
    """
    return tuple(
        f"{_NAMES[colour]} {_PASS if point is None else name_of(point, size)}"
        for colour, point in moves
    )


class Moves(Trait):
    """Moves of a game in words, on a board of the explorer's ``size``.

    Where they do not say whose they are, they take turns from its ``first_colour`` on.
    """

    def __init__(self) -> None:
        super().__init__(())

    def validate(self, obj: Any, value: Any) -> tuple[str, ...]:
        """Return the moves, or raise ``TraitError`` with a sentence."""
        try:
            moves = read_moves(value, obj.size, obj.first_colour, self.name)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return written(moves, obj.size)


def played(game: Game) -> list[Board]:
    """Return all boards of a game, the start first.

    Raises
    ------
    ValueError
        Where a move is against the rules, with its number.
    """
    boards = [game.start]
    for number, (colour, point) in enumerate(game.moves, 1):
        try:
            boards.append(boards[-1].play(point, colour))
        except ValueError as error:
            said = str(error).removeprefix("point: got ")
            raise ValueError(f"moves: number {number} is {said}") from None
    return boards
