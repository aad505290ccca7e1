"""GoBoard answers as Keras does with the same rounded weights."""

import numpy as np
import pytest

from helpers import go
from helpers.networks import beyond, export, probe, training
from helpers.widgets import GoBoard


def small(size):
    """A small `go_policy` whose weights are no longer those of its start."""
    training.seed(size)
    model = beyond.go_policy(filters=8, convolutions=3, size=size)
    rng = np.random.default_rng(size)
    shaken = [w + rng.normal(0, 0.1, w.shape) for w in model.get_weights()]
    model.set_weights([np.abs(w) if w.ndim == 1 else w for w in shaken])
    return model


@pytest.mark.parametrize("size", [9, 19])
def test_it_answers_as_keras_does(size):
    model = small(size)
    board = GoBoard(export.network(model, weights="8 bits"), "empty board")
    rounded = export.rounded(model, weights="8 bits")
    for moves in ([], ["C3", "G7", "pass", "D4"], ["E5", "E4", "F4", "D4", "C5"]):
        board.moves = moves
        for k in (0, 5):
            board.symmetry = k
            seen = go.turned(board.planes, k)[np.newaxis].astype("float32")
            [logits] = probe.outputs(rounded, seen)
            scores = go.back(logits.reshape(size, size).astype(float), k)
            allowed = board.board.legal(board.colour)
            wanted = np.where(allowed, np.exp(scores - scores.max()), 0)
            wanted /= wanted.sum()
            np.testing.assert_allclose(board.probabilities, wanted, atol=1e-4)
    board.close()


def test_a_keras_model_is_taken_as_it_is():
    model = small(9)
    board, again = GoBoard(model), GoBoard(export.network(model))
    np.testing.assert_array_equal(board.probabilities, again.probabilities)
    assert board.get_state()["_own"]["network"]
    for made in (board, again):
        made.close()
