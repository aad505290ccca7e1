"""Games of Go: GNU Go against people and programs, 2001 to 2004."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers.datasets import (
    archives,
    decode,
    fetch,
    places,
    registry,
    sgf,
    stand_in_games,
)
from helpers.go import Game

#: How many games are to choose by, and for the test; all others are to learn from.
VALIDATION, TEST = 10, 30

_SIZE = 19
_MOST = 100_000  # bytes of a record; those of the set have a few thousand
# Where the records lie in either archive. What lies elsewhere is none of the set.
_RECORD = re.compile(r"(?:gnugo-3\.8/regression/games/)?nngs/([^/]+)\.sgf")


@dataclass(frozen=True, repr=False, eq=False)
class GoGames:
    """Games of Go: some to learn from, some to choose by, some for the test.

    Attributes
    ----------
    name
        What to call the set; where something stands in, of what it holds the place.
    train, validation, test
        The games, all on 19 × 19.
    left_out
        What was not taken, and why, a sentence each.
    source, licence, citation
        As in `DataSet`.
    is_fallback
        True where something stands in for the real set.
    """

    name: str
    train: tuple[Game, ...]
    validation: tuple[Game, ...]
    test: tuple[Game, ...]
    left_out: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    citation: str = ""
    is_fallback: bool = False

    def __repr__(self) -> str:
        name = f"Stand-in for {self.name}" if self.is_fallback else self.name
        parts = (self.train, self.validation, self.test)
        counts = " + ".join(str(len(part)) for part in parts)
        moves = sum(len(game.moves) for part in parts for game in part)
        return f"<{name}: {counts} games on {_SIZE} × {_SIZE}, {moves:,} moves>"


def load_go() -> GoGames:
    """Return games of Go on 19 × 19: GNU Go against people and other programs.

    They were played on the No Name Go Server and are kept with GNU Go, to test it by;
    GPL-3.0-or-later. The archive of its release is fetched once, 3 MB, and read, never
    unpacked onto the disk. Each game has been played through on our board.

    There is no official split. A game belongs to one part with all its positions: those
    of one game are too much alike. By the SHA-256 of their names the games are put in
    an order, of which the last 30 are for the test, the 10 before to choose by, and the
    others to learn from.

    `helpers.go.positions` makes of games what a network learns from.

    Where they cannot be had, games of a player of ours stand in who plays at random; a
    printed sentence and ``is_fallback`` say so.

    Returns
    -------
    GoGames
        140, 10 and 30 games; the games on smaller boards are named in ``left_out``.

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
    ...     games = load_go()
    >>> games.train[0].size, games.train[0].moves[0].colour in (1, -1)
    (19, True)
    """
    entry = registry.entry("go")
    try:
        games, left_out = _read(entry)
    except fetch.Missing as missing:
        made = stand_in_games.games()
        print(
            f"Using {len(made)} games of a random player in place of {entry.title} "
            f"({missing.why}): for the real ones, {missing.remedy}."
        )
        train, validation, test = split(made, 1, 2)
        return GoGames(
            entry.title,
            train,
            validation,
            test,
            source=stand_in_games.SOURCE,
            licence=stand_in_games.LICENCE,
            is_fallback=True,
        )
    train, validation, test = split(games, VALIDATION, TEST)
    return GoGames(
        entry.title,
        train,
        validation,
        test,
        left_out=tuple(left_out),
        source=entry.source,
        licence=entry.licence,
        citation=entry.citation,
    )


def split(
    games: Iterable[Game], validation: int, test: int
) -> tuple[tuple[Game, ...], tuple[Game, ...], tuple[Game, ...]]:
    """Split games into parts, by the SHA-256 of their names.

    Parameters
    ----------
    games
        In any order.
    validation, test
        How many are to choose by, and for the test.

    Returns
    -------
    tuple of tuple of Game
        To learn from, to choose by, for the test; in each by their names.

    Examples
    --------
    >>> from helpers.go import Board
    >>> games = [Game(f"game {k}", Board(9), ()) for k in range(5)]
    >>> [[game.name[-1] for game in part] for part in split(games, 1, 1)]
    [['0', '2', '4'], ['1'], ['3']]
    """
    order = sorted(games, key=lambda game: hashlib.sha256(game.name.encode()).digest())
    first, last = len(order) - validation - test, len(order) - test
    return _named(order[:first]), _named(order[first:last]), _named(order[last:])


def _named(games: Iterable[Game]) -> tuple[Game, ...]:
    return tuple(sorted(games, key=lambda game: game.name))


# -- where the games come from ---------------------------------------------------------


def is_here(entry: registry.Entry) -> bool:
    """Say whether the games can be read without fetching anything."""
    return any(places.found(file) for file in entry.archives)


def _read(entry: registry.Entry) -> tuple[list[Game], list[str]]:
    """Return the games of an archive, and what is left out of it.

    Raises
    ------
    Missing
        Where none can be had.
    """
    for file in entry.archives:
        path = places.found(file)
        if path is not None:
            with contextlib.suppress(*decode.DAMAGE):
                return _games(path)
    try:
        return _games(fetch.file(entry.archives[0], entry.title))
    except decode.DAMAGE:
        raise fetch.Missing("its archive is damaged", fetch.LATER) from None


def _games(path: Path) -> tuple[list[Game], list[str]]:
    games: dict[str, Game] = {}
    left_out = []
    for member, data in archives.members(path, _MOST):
        found = _RECORD.fullmatch(member)
        if found is None:
            continue
        try:
            game = sgf.read(data, found[1])
        except sgf.Unreadable as error:
            left_out.append(f"{found[1]}: {error}")
            continue
        if game.size == _SIZE:
            games[game.name] = game
        else:
            left_out.append(f"{game.name}: a board of {game.size} × {game.size}")
    if len(games) <= VALIDATION + TEST:
        raise decode.Damaged(f"{path.name} holds {len(games)} games")
    return list(games.values()), sorted(left_out)
