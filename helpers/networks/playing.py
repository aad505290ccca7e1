"""Where a Go player moves next: what a network learns it from, how often it finds it.

Of `helpers.go.positions` it makes batches, turned and mirrored at random, and asks a
network for the share that each legal move has.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, go
from helpers.networks import probe

#: How many symmetries a board has.
_EIGHT = 8
_AT_ONCE = 512  # positions, as planes 10 MB of float32

Floats = NDArray[np.floating]


class Batches(keras.utils.PyDataset):
    """Positions and their moves in batches, for `training.fit`.

    Positions are kept small, and become planes a batch at a time. In every epoch they
    come in another order.

    Parameters
    ----------
    positions
        What is learned from.
    batch_size
        How many positions make a batch; the last one may have fewer.
    symmetries
        Whether each batch is seen under one of the eight symmetries of the board, drawn
        at random: turned or mirrored it is the same game.
    seed
        Of the order and of the symmetries.

    Notes
    -----
    A batch is (n, size, size, 14) planes of float32 and (n,) moves, as
    ``row * size + col``.

    Examples
    --------
    >>> from helpers.go import Board, Game, Move
    >>> game = Game("short", Board(9), (Move(1, (0, 2)), Move(-1, (6, 6))))
    >>> batches = Batches(go.positions([game]), batch_size=2)
    >>> [x.shape for x in batches[0]]
    [(2, 9, 9, 14), (2,)]
    """

    def __init__(
        self,
        positions: go.Positions,
        *,
        batch_size: int = 64,
        symmetries: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.positions = _positions(positions)
        self.batch_size = _arguments.whole(batch_size, "batch_size")
        self.symmetries = _arguments.flag(symmetries, "symmetries")
        self.seed = _arguments.whole(seed, "seed", 0)
        self.epoch = 0
        places = np.arange(self.positions.stones[0].size)
        board = places.reshape(self.positions.stones[0].shape)
        # Of each symmetry, where every place comes.
        self._turned = [
            np.argsort(go.turned(board, k), axis=None) for k in range(_EIGHT)
        ]
        self._draw()

    def __len__(self) -> int:
        return -(-len(self.positions) // self.batch_size)

    def __getitem__(self, number: int) -> tuple[Floats, NDArray[np.int64]]:
        start = number * self.batch_size
        which = self._order[start : start + self.batch_size]
        k = int(self._turns[number])
        planes = go.turned(self.positions.planes(which), k, axes=(1, 2))
        return planes.astype(np.float32), self._turned[k][self.positions.moves[which]]

    def on_epoch_end(self) -> None:
        """Draw another order, and other symmetries."""
        self.epoch += 1
        self._draw()

    def _draw(self) -> None:
        rng = np.random.default_rng([self.seed, self.epoch])
        self._order = rng.permutation(len(self.positions))
        self._turns = rng.integers(_EIGHT if self.symmetries else 1, size=len(self))


def shares(
    model: keras.Model, positions: go.Positions, *, eightfold: bool = False
) -> Floats:
    """Return the share that a network gives each move, of all that are legal.

    Parameters
    ----------
    model
        From planes to a logit for each place, `beyond.go_policy` or its like.
    positions
        N of them.
    eightfold
        Whether the network sees each position under all eight symmetries; then the
        shares are the mean of what it says, turned back.

    Returns
    -------
    ndarray of float32, (N, size · size)
        Each row adds up to 1; moves that are not legal have 0.

    Raises
    ------
    ValueError
        For a network of another kind, and for what are no positions.

    Examples
    --------
    >>> from helpers.go import Board, Game, Move
    >>> from helpers.networks import beyond
    >>> game = Game("short", Board(9), (Move(1, (0, 2)), Move(-1, (6, 6))))
    >>> model = beyond.go_policy(8, 1, size=9)
    >>> found = shares(model, go.positions([game]), eightfold=True)
    >>> found.shape, round(float(found[1].sum()), 4), float(found[1, 2])
    ((2, 81), 1.0, 0.0)
    """
    positions = _positions(positions)
    size = positions.stones.shape[1]
    if getattr(model, "output_shape", None) != (None, size * size):
        came = _arguments.shown(getattr(model, "output_shape", model))
        need = f"Give a network with {size * size} logits, (None, {size * size})"
        raise _arguments.refusal("model", came, need)
    eightfold = _arguments.flag(eightfold, "eightfold")
    parts = []
    for start in range(0, len(positions), _AT_ONCE):
        which = slice(start, start + _AT_ONCE)
        planes, legal = positions.planes(which), positions.legal(which)
        made = [
            _of_legal(model, planes, legal, k)
            for k in range(_EIGHT if eightfold else 1)
        ]
        parts.append(np.mean(made, axis=0).reshape(len(legal), -1))
    return np.concatenate(parts)


def _of_legal(
    model: keras.Model, planes: NDArray[Any], legal: NDArray[np.bool_], k: int
) -> Floats:
    """Return shares (n, size, size), asked for under a symmetry and turned back."""
    seen = np.ascontiguousarray(go.turned(planes, k, axes=(1, 2)), np.float32)
    logits = probe.outputs(model, seen).reshape(legal.shape)
    logits = np.where(legal, go.back(logits, k, axes=(1, 2)), -np.inf)
    powers = np.exp(logits - logits.max(axis=(1, 2), keepdims=True))
    return powers / powers.sum(axis=(1, 2), keepdims=True)


def hits(shares: ArrayLike, moves: ArrayLike, best: int = 1) -> float:
    """Return how often the move that was played is among the best ones.

    Parameters
    ----------
    shares
        (N, places): the larger, the better.
    moves
        (N,): places that were played.
    best
        Among how many. Of moves that are as good as each other, the one that was played
        counts as the last: whoever says the same of all finds none.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        For other shapes.

    Examples
    --------
    >>> hits([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]], [0, 2])
    0.5
    >>> hits([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]], [0, 2], best=2)
    1.0
    """
    given = _arguments.array(shares, "shares")
    played = _arguments.array(moves, "moves")
    if given.ndim != 2 or played.shape != given.shape[:1]:
        came = f"shape {played.shape} for shares of shape {given.shape}"
        raise _arguments.refusal("moves", came, "Give one for each row of shares")
    best = _arguments.whole(best, "best", 1, given.shape[1])
    own = np.take_along_axis(given, played.astype(np.int64)[:, None], axis=1)
    return float(((given >= own).sum(axis=1) <= best).mean())


def _positions(value: Any) -> go.Positions:
    if not isinstance(value, go.Positions) or not len(value):
        need = "Give what go.positions made of games"
        raise _arguments.refusal("positions", _arguments.shown(value), need)
    return value
