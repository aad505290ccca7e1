"""Reads records of Go games in the Smart Game Format, SGF, with sgfmill."""

from __future__ import annotations

import contextlib
import functools
import warnings
from typing import Any

from helpers.go import BLACK, WHITE, Board, Game, Move, Point

_COLOURS = {"b": BLACK, "w": WHITE}
_LATIN = (
    "ISO-8859-1"  # takes every byte, so nothing in a record is refused for its text
)


class Unreadable(ValueError):  # noqa: N818  (an adjective says it best)
    """A record that cannot be read as a game; says why in a few words."""


def read(data: bytes, name: str) -> Game:
    """Read the main line of a record.

    Whose move it is says the move's own property, not a count. An empty move, one of
    spaces, and "tt" on boards up to 19 × 19 are passes. Text is read in the encoding
    that the record names; where it names none, or one that nobody knows, as UTF-8, and
    what is not that as Latin-1.

    Parameters
    ----------
    data
        The bytes of a file.
    name
        What the game is called.

    Returns
    -------
    Game
        Every move of it has been tried on the board.

    Raises
    ------
    Unreadable
        For what is no record, another game, stones that are put on the board after the
        first move, and a move against the rules.

    Examples
    --------
    >>> game = read(b"(;GM[1]SZ[9]PB[Ada]AB[ee];W[gc];B[])", "an example")
    >>> game, game.black, game.moves[0].point
    (<Game an example: 2 moves on 9 × 9>, 'Ada', (2, 6))
    """
    try:
        library = _sgf()
        tree = library.sgf_grammar.parse_sgf_game(data)
        encoding = tree.sequence[0].get("CA", [b""])[0].decode(_LATIN).strip()
        record = library.Sgf_game.from_coarse_game_tree(tree, _LATIN)
        root, *nodes = record.get_main_sequence()
        size = record.get_size()
        if root.has_property("GM") and root.get_raw("GM").strip() != b"1":
            raise Unreadable("it is another game than Go")
        start = _start(root, size)
        moves = [_move(root, size), *(_move(node, size, later=True) for node in nodes)]
        texts = [_text(root, key, encoding) for key in ("PB", "PW", "RE", "DT")]
    except Unreadable:
        raise
    except (ValueError, KeyError, IndexError, RecursionError) as error:
        said = str(error) or type(error).__name__
        raise Unreadable(f"it is no record of a game ({said})") from None
    game = Game(name, start, tuple(move for move in moves if move), *texts)
    _tried(game)
    return game


def _start(root: Any, size: int) -> Board:
    """Return the board before the first move."""
    black, white, empty = (
        [_point(found, size) for found in stones] for stones in root.get_setup_stones()
    )
    try:
        board = Board(size)
    except ValueError:
        raise Unreadable(f"a board of {size} × {size}") from None
    try:
        return board.setup(black, white, empty)
    except ValueError as error:
        raise Unreadable(f"its first position cannot be: {_said(error)}") from None


def _move(node: Any, size: int, *, later: bool = False) -> Move | None:
    """Return the move of a node, or None where it has none: a remark, say."""
    if later and node.has_setup_stones():
        raise Unreadable("stones are put on its board after the first move")
    colour, raw = node.get_raw_move()
    if colour is None:
        return None
    where = raw.strip().lower()
    if not where or (where == b"tt" and size <= 19):
        return Move(_COLOURS[colour], None)
    try:
        found = _sgf().sgf_properties.interpret_go_point(where, size)
    except ValueError:
        shown = raw.decode(_LATIN)[:20]
        raise Unreadable(f'a move is on no point, "{shown}"') from None
    return Move(_COLOURS[colour], _point(found, size))


def _point(found: tuple[int, int], size: int) -> Point:
    """Turn the library's point, whose rows count from below, into one of ours."""
    row, col = found
    return size - 1 - row, col


def _text(root: Any, key: str, named: str) -> str:
    """Return a text of the first node on one line; nothing where it has none."""
    if not root.has_property(key):
        return ""
    raw = _sgf().sgf_grammar.simpletext_value(root.get_raw(key))
    for encoding in (named, "UTF-8"):
        with contextlib.suppress(LookupError, ValueError):
            return " ".join(raw.decode(encoding).split())
    return " ".join(raw.decode(_LATIN).split())


def _tried(game: Game) -> None:
    """Play a game through."""
    board = game.start
    for number, move in enumerate(game.moves, 1):
        try:
            board = board.play(move.point, move.colour)
        except ValueError as error:
            said = f"move {number} is against the rules: {_said(error)}"
            raise Unreadable(said) from None


def _said(error: ValueError) -> str:
    """Return what the board says came, without what would do."""
    return str(error).partition("got ")[2].partition(". ")[0]


@functools.cache
def _sgf() -> Any:
    """Return the library, which is read where it is first needed."""
    # Its docstrings have signs that Python warns of where it compiles them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sgfmill import sgf
    return sgf
