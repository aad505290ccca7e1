"""GoBoard: a game of Go, and where a network would play (lesson 09)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from helpers import _arguments, go, ops, plots
from helpers.go import Board, Game
from helpers.networks import running
from helpers.networks.exported import Network
from helpers.widgets.parts import go_games, networks
from helpers.widgets.parts.go_games import Moves
from helpers.widgets.parts.one_unit import OneUnit
from helpers.widgets.parts.traits import Flag, Trait, Whole, Word

SHIPPED = ("go",)
#: Whose stone comes next.
STONES = ("in turn", "black", "white")
#: What is seen on the board beside its stones.
SHOWN = ("probabilities", "liberties", "nothing")
_BEST = 5
_COLOURS = {"black": go.BLACK, "white": go.WHITE}


class _GameName(Trait):
    """The name of one of the explorer's games."""

    def __init__(self) -> None:
        super().__init__("")

    def validate(self, obj: Any, value: Any) -> str:
        """Return the name, or raise ``TraitError`` with those that there are."""
        try:
            return str(_arguments.word(value, self.name, tuple(obj.games)))
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None


class GoBoard(OneUnit):
    """Replay games of Go or play: a network says where it would move, and why.

    Step through a game, or place stones anywhere: what has no liberty left is captured.
    A network of convolutions sees the position as 14 planes, and gives each point a
    number; of those that are allowed they become probabilities, a heat map on the
    board. The maps of all layers stand below it, and of any unit the patch that it saw.
    Turned and mirrored, the same position has eight views; compare what the network
    says of each. It also answers your moves.

    Parameters
    ----------
    network
        "go", the course's network of lesson 09; or your own: a Keras model that takes
        (size, size, 14), as `helpers.go.planes` gives them, and gives size · size
        logits, row by row; or what `helpers.networks.export.network` made of one.
    game
        The name of a game of the menu; left out, the first.
    games
        Games for the menu, of `helpers.go.Game`: ``datasets.load_go().test``, say. Left
        out, short ones of our own.
    moves
        Moves in place of the game's: points, "D4", (row, column) or None for a pass,
        which take turns; or pairs (colour, point).
    step
        How many of the moves are played; left out, all.
    stone, shown, symmetry, averaged, answers, layer, unit
        As the traits below; the unit, where it is left out, in the middle of the first
        convolution.

    Attributes
    ----------
    game : str
        The game, by its name in the menu. Another one brings its moves, all played.
    moves : tuple of str
        "black D4", "white Q16", "black pass" …
    step : int
        How many of them are played.
    stone : str
        Whose stone comes next, "in turn", "black" or "white"; the network sees the
        position from that side.
    shown : str
        "probabilities", a heat map of them; "liberties", of each stone how many its
        group has; or "nothing".
    symmetry : int
        Under which of the eight symmetries the network sees the position, as
        `helpers.go.turned` counts them. Its answer is turned back.
    averaged : bool
        Whether the answers to all eight are averaged.
    answers : bool
        Whether the network answers a move that is played on the page.
    layer, unit
        The unit that is written out: the number of its layer, (row, column, map) there.
    board : helpers.go.Board
        The position.
    colour : int
        Whose turn it is, 1 for black, -1 for white.
    probabilities : ndarray of float64, (size, size)
        How likely the network takes a move on each point; 0 where none is allowed.
    best : list of (str, float)
        The five likeliest.
    maps : dict of ndarray
        What every layer makes of the planes, by its name.
    games, network, size
        The games of the menu by their names, the network, points a side.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> from helpers.networks.exported import Network, Weights
    >>> kernel = Weights({"kernel": np.ones((1, 1, 14, 1))}, "float32")
    >>> head = {"version": 1, "weights": "float32", "inputs": [0], "outputs": [2]}
    >>> planes = {"name": "planes", "kind": "input", "inputs": [], "shape": [9, 9, 14]}
    >>> score = {"name": "score", "kind": "conv2d", "inputs": [0], "shape": [9, 9, 1]}
    >>> score |= {"size": [1, 1], "stride": [1, 1], "padding": [[0, 0], [0, 0]]}
    >>> score["weights"] = kernel.places
    >>> ends = {"name": "logits", "kind": "reshape", "inputs": [1], "shape": [81]}
    >>> alike = Network({**head, "layers": [planes, score, ends]}, kernel.data)
    >>> board = GoBoard(alike, moves=["E5", "pass", "D5"])
    >>> board.moves
    ('black E5', 'white pass', 'black D5')
    >>> print(board.best[0])  # each point that is free is as likely
    ('A9', 0.012658227848101266)
    >>> board
    GoBoard: capture, changed, move 3 of 3 on 9 × 9, white to move; a network of 3 \
layers, unit (4, 4, 0) of score
    """

    module = "explorers/go_board.js"

    game = _GameName()
    moves = Moves()
    step = Whole(0, 0)
    stone = Word(STONES, "in turn")
    shown = Word(SHOWN, "probabilities")
    symmetry = Whole(0, 0, 7)
    averaged = Flag(False)
    answers = Flag(False)

    _network = traitlets.Dict().tag(sync=True, arrays=True)
    _games = traitlets.Dict().tag(sync=True)
    _own = traitlets.Dict().tag(sync=True)  # which arguments are the learner's own

    def __init__(
        self,
        network: Any = "go",
        game: str | None = None,
        *,
        games: Iterable[Game] | None = None,
        moves: Iterable[Any] | None = None,
        step: int | None = None,
        stone: str = "in turn",
        shown: str = "probabilities",
        symmetry: int = 0,
        averaged: bool = False,
        answers: bool = False,
        layer: int | None = None,
        unit: tuple[int, int, int] | None = None,
    ) -> None:
        self._boards: tuple[Any, list[Board]] | None = None
        self._answered: tuple[Any, dict[int, dict[str, NDArray[Any]]]] | None = None
        try:
            self._trained = _the_network(network)
            self.size = networks.board_side(self._trained)
            own = go_games.own_games(self.size)
            self._by_name = (
                own if games is None else go_games.checked_games(games, self.size)
            )
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        described = self._trained.description
        super().__init__(
            _network={"description": described, "data": self._trained.data},
            _games={
                name: go_games.to_message(one) for name, one in self._by_name.items()
            },
            _own={"network": not isinstance(network, str), "games": games is not None},
            game=next(iter(self._by_name)) if game is None else game,
            stone=stone,
            shown=shown,
            symmetry=symmetry,
            averaged=averaged,
            answers=answers,
        )
        self._begin_with_a_unit()
        if moves is not None:
            self.moves = moves
        if step is not None:
            self.step = step
        if layer is not None:
            self.layer = layer
        if unit is not None:
            self.unit = unit

    # ---- what is given ----

    @property
    def network(self) -> Network:
        """The network."""
        return self._trained

    trained = network

    @property
    def games(self) -> dict[str, Game]:
        """The games of the menu."""
        return self._by_name

    @property
    def first_colour(self) -> int:
        """Who begins where no move says so."""
        return go_games.first_colour(self.games[self.game].start)

    # ---- what fits together ----

    @traitlets.observe("game")
    def _its_moves(self, _: Any) -> None:
        if "moves" not in self._told:
            moves = self.games[self.game].moves
            self.moves = moves
            self.step = len(moves)

    @traitlets.validate("moves")
    def _by_the_rules(self, proposal: dict[str, Any]) -> tuple[str, ...]:
        try:
            self._played(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return proposal["value"]

    @traitlets.observe("moves")
    def _all_of_them(self, _: Any) -> None:
        if "step" not in self._told:
            self.step = len(self.moves)

    @traitlets.validate("step")
    def _as_many_as_there_are(self, proposal: dict[str, Any]) -> int:
        return self._below(proposal["value"], "step", len(self.moves) + 1)

    def _played(self, moves: tuple[str, ...]) -> list[Board]:
        """Return the boards before, between and after the moves; the last are kept."""
        asked = (self.game, moves)
        if self._boards is None or self._boards[0] != asked:
            start = self.games[self.game].start
            read = go_games.read_moves(moves, self.size)
            self._boards = (asked, go_games.played(Game("moves", start, read)))
        return self._boards[1]

    # ---- the position ----

    @property
    def board(self) -> Board:
        """The position."""
        return self._played(self.moves)[self.step]

    @property
    def colour(self) -> int:
        """Whose turn it is: 1 black, -1 white."""
        if self.stone != "in turn":
            return _COLOURS[self.stone]
        moves = go_games.read_moves(self.moves, self.size)
        if self.step < len(moves):
            return moves[self.step].colour
        return -moves[-1].colour if moves else self.first_colour

    @property
    def planes(self) -> NDArray[np.uint8]:
        """What the network sees, (size, size, 14), not turned."""
        read = go_games.read_moves(self.moves, self.size)[: self.step]
        return go.planes(self.board, self.colour, [move.point for move in read])

    # ---- what the network answers ----

    def _made(self, symmetry: int) -> dict[str, NDArray[Any]]:
        """Return the maps of all layers under a symmetry; those of now are kept."""
        planes = self.planes
        asked = planes.tobytes()
        if self._answered is None or self._answered[0] != asked:
            self._answered = (asked, {})
        known = self._answered[1]
        if symmetry not in known:
            turned = go.turned(planes, symmetry)
            known[symmetry] = running.maps(self._trained, turned)
        return known[symmetry]

    @property
    def maps(self) -> dict[str, NDArray[Any]]:
        """What every layer makes of the planes as the network sees them."""
        return dict(self._made(self.symmetry))

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """How likely a move is on each point."""
        which = range(8) if self.averaged else [self.symmetry]
        found = [self._shares(k) for k in which]
        mean: NDArray[np.float64] = np.mean(found, axis=0)
        return mean

    def _shares(self, symmetry: int) -> NDArray[np.float64]:
        allowed = self.board.legal(self.colour)
        shares = np.zeros((self.size, self.size))
        if not allowed.any():
            return shares
        last = self._trained.description["outputs"][0]
        output = self._made(symmetry)[self._trained.names[last]]
        if running.gives_probabilities(self._trained):
            output = np.log(np.maximum(output, 1e-30))
        scores = go.back(output.reshape(self.size, self.size), symmetry)
        shares[allowed] = ops.softmax(scores[allowed])
        return shares

    @property
    def best(self) -> list[tuple[str, float]]:
        """The likeliest moves, five at most."""
        shares = self.probabilities.ravel()
        order = np.argsort(-shares, kind="stable")[:_BEST]
        named = [go.name_of(divmod(int(k), self.size), self.size) for k in order]
        return [
            (name, float(shares[k]))
            for name, k in zip(named, order, strict=True)
            if shares[k] > 0
        ]

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: the game, how far it is, whose turn it is, and the unit."""
        size = f"{self.size} × {self.size}"
        usual = go_games.written(self.games[self.game].moves, self.size)
        name = self.game if self.moves == usual else f"{self.game}, changed"
        turn = "black" if self.colour == go.BLACK else "white"
        what = [f"{name}, move {self.step} of {len(self.moves)} on {size}"]
        what.append(f"{turn} to move")
        if self.symmetry:
            what.append(f"seen under symmetry {self.symmetry}")
        what += ["averaged over all eight"] * self.averaged
        return (
            f"GoBoard: {', '.join(what)}; a network of {len(self._layers)} layers, "
            f"unit {self.unit} of {self.trained.names[self.layer]}"
        )

    def picture(self) -> plots.Picture:
        """Return the board with the probabilities on it."""
        last = self.moves[self.step - 1].split()[1] if self.step else "pass"
        shares = self.probabilities if self.shown == "probabilities" else None
        point = None if last == "pass" else last
        return plots.go_board(self.board, shares, last=point)


def _the_network(value: Any) -> Network:
    """Return the network that is asked for, by its name or as it is."""
    takes = f"(size, size, {len(go.PLANES)})"
    taken = networks.checked_network(value, SHIPPED, takes)
    return taken if isinstance(taken, Network) else networks.shipped(taken)
