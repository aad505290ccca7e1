"""Where a Go player moves next: batches, shares of legal moves, how many are found."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from dataclasses import replace

import keras
import numpy as np
import pytest

from helpers import go
from helpers.datasets import stand_in_games
from helpers.networks import beyond, playing, training

SIZE = 9


@pytest.fixture(scope="module")
def positions():
    """Those of a game at random, on a small board."""
    rng = np.random.RandomState(0)
    board, colour, moves = go.Board(SIZE), go.BLACK, []
    for _ in range(50):
        rows, cols = np.nonzero(board.legal(colour))
        k = rng.randint(len(rows))
        moves.append(go.Move(colour, (int(rows[k]), int(cols[k]))))
        board, colour = board.play(moves[-1].point, colour), -colour
    return go.positions([go.Game("random", go.Board(SIZE), tuple(moves))])


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    made = beyond.go_policy(8, 2, size=SIZE)
    bias = made.get_layer("places").bias
    bias.assign(np.random.default_rng(1).normal(size=bias.shape))
    return made


# -- batches ---------------------------------------------------------------------------


def test_every_position_comes_once_an_epoch(positions):
    batches = playing.Batches(positions, batch_size=16, symmetries=False)
    assert len(batches) == 4
    orders = []
    for _ in range(2):
        x, moves = (np.concatenate(part) for part in zip(*_all(batches), strict=True))
        assert x.dtype == np.float32
        assert sorted(moves) == sorted(positions.moves)
        orders.append(moves.tolist())
        own = positions.planes()
        for planes, move in zip(x, moves, strict=True):
            [number] = np.flatnonzero((own == planes).all(axis=(1, 2, 3)))
            assert positions.moves[number] == move
        batches.on_epoch_end()
    assert orders[0] != orders[1]


def _all(batches):
    return [batches[k] for k in range(len(batches))]


def test_the_move_turns_with_the_board(positions):
    """Each batch is one that some symmetry makes of positions and moves alike."""
    batches = playing.Batches(positions, batch_size=1, seed=3)
    seen = set()
    for _ in range(3):
        for x, [move] in _all(batches):
            marked = np.zeros((SIZE, SIZE))
            marked.flat[move] = 1
            found = [
                k
                for k in range(8)
                for number in np.flatnonzero(
                    go.back(marked, k).ravel()[positions.moves]
                )
                if (positions.planes([number])[0] == go.back(x[0], k)).all()
            ]
            assert found
            seen.update(found)
        batches.on_epoch_end()
    assert seen == set(range(8))


def test_a_seed_gives_the_same_batches(positions):
    one, same, other = (playing.Batches(positions, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one[0][0], same[0][0])
    assert not np.array_equal(one[0][1], other[0][1])


def test_a_network_learns_from_them_the_same_each_time(positions):
    weights = []
    for _ in range(2):
        training.seed(0)
        model = beyond.go_policy(8, 1, size=SIZE)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.01), loss)
        batches = playing.Batches(positions, batch_size=25)
        record = training.fit(model, batches, epochs=8, progress=False)
        # Keras may draw once more before it begins.
        assert batches.epoch >= 8
        assert record.curves["loss"][-1] < record.curves["loss"][0]
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


# -- shares ----------------------------------------------------------------------------


def test_only_legal_moves_have_a_share(model, positions):
    legal = positions.legal().reshape(len(positions), -1)
    for eightfold in (False, True):
        found = playing.shares(model, positions, eightfold=eightfold)
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
        assert (found[~legal] == 0).all()
        assert (found[legal] > 0).all()


def test_shares_are_a_softmax_over_what_is_legal(model, positions):
    logits = keras.ops.convert_to_numpy(
        model(positions.planes().astype(np.float32), training=False)
    )
    powers = np.exp(logits - logits.max()) * positions.legal().reshape(logits.shape)
    wanted = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(playing.shares(model, positions), wanted, rtol=1e-4)


def test_eightfold_says_the_same_of_a_turned_board(model, positions):
    """A network need not keep to the symmetries; the mean over all eight does."""
    for k in (1, 5, 6):
        turned = replace(
            positions,
            stones=go.turned(positions.stones, k, axes=(1, 2)),
            liberties=go.turned(positions.liberties, k, axes=(1, 2)),
            recent=_turned_places(positions.recent, k),
            ko=_turned_places(positions.ko, k),
        )
        apart = []
        for eightfold in (False, True):
            found, other = (
                playing.shares(model, some, eightfold=eightfold).reshape(-1, SIZE, SIZE)
                for some in (positions, turned)
            )
            apart.append(np.abs(go.back(other, k, axes=(1, 2)) - found).max())
        alone, together = apart
        assert together < 1e-6 < alone


def _turned_places(places, k):
    rows, cols = go.turned_point(np.divmod(places, SIZE), k, SIZE)
    return np.where(places < 0, -1, rows * SIZE + cols).astype(np.int16)


def test_many_positions_come_in_parts(model, positions, monkeypatch):
    whole = playing.shares(model, positions)
    monkeypatch.setattr(playing, "_AT_ONCE", 7)
    np.testing.assert_allclose(playing.shares(model, positions), whole, rtol=1e-4)


# -- hits ------------------------------------------------------------------------------


def test_hits_against_sorting():
    rng = np.random.default_rng(0)
    shares, moves = rng.random((40, 12)), rng.integers(0, 12, 40)
    for best in (1, 3, 12):
        first = np.argsort(-shares, axis=1)[:, :best]
        assert (
            playing.hits(shares, moves, best)
            == (first == moves[:, None]).any(axis=1).mean()
        )


def test_who_says_the_same_of_all_finds_none():
    assert playing.hits(np.ones((3, 9)), [0, 4, 8], best=8) == 0


# -- what is refused -------------------------------------------------------------------


def test_what_is_refused(model, positions):
    other = stand_in_games.games()[0]
    with pytest.raises(ValueError, match="positions: got"):
        playing.Batches(other)
    with pytest.raises(ValueError, match="batch_size: got 0"):
        playing.Batches(positions, batch_size=0)
    with pytest.raises(ValueError, match="symmetries: got"):
        playing.Batches(positions, symmetries="all")
    with pytest.raises(ValueError, match=r"model: got \(None, 2\).*81 logits"):
        playing.shares(beyond.sentence_mean(5), positions)
    with pytest.raises(ValueError, match="model: got"):
        playing.shares("model", positions)
    with pytest.raises(ValueError, match="eightfold: got"):
        playing.shares(model, positions, eightfold=8)
    with pytest.raises(ValueError, match=r"moves: got shape \(2,\)"):
        playing.hits(np.ones((3, 9)), [1, 2])
    with pytest.raises(ValueError, match="best: got 10"):
        playing.hits(np.ones((1, 9)), [1], best=10)
