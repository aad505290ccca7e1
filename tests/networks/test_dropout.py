"""DropoutViewer does to units what Keras's Dropout does."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from helpers.widgets import DropoutViewer

RATES = [0, 0.2, 0.4, 0.5, 0.75, 0.9]
DRAWS = 5000


def kerass(viewer, *, training):
    """What Keras's layer makes of the same units, (DRAWS, units), and its next unit."""
    keras.utils.set_random_seed(4)
    units = np.tile(viewer.activations, (DRAWS, 1)).astype(np.float32)
    outputs = keras.layers.Dropout(viewer.rate)(units, training=training)
    following = keras.layers.Dense(1, use_bias=False)
    following.build(outputs.shape)
    following.set_weights([viewer.weights[:, np.newaxis]])
    sums = following(outputs)
    return keras.ops.convert_to_numpy(outputs), keras.ops.convert_to_numpy(sums)[:, 0]


@pytest.mark.parametrize("rate", RATES)
def test_training(rate):
    viewer = DropoutViewer("digit", rate=rate, draw=500)
    outputs, sums = kerass(viewer, training=True)
    kept = outputs != 0
    assert 1 - kept.mean() == pytest.approx(rate, abs=0.01)
    assert 1 - viewer.masks.mean() == pytest.approx(rate, abs=0.01)
    # The same units kept, the same outputs: those that are not 0 are x / (1 − rate).
    scaled = viewer.activations / (1 - rate)
    np.testing.assert_allclose(outputs, np.where(kept, scaled, 0), rtol=1e-6)
    np.testing.assert_allclose(viewer.output, np.where(viewer.mask, scaled, 0))
    # The same sums, on average.
    error = viewer.spread / np.sqrt(DRAWS)
    assert abs(sums.mean() - viewer.expected) <= 4 * error + 1e-5
    assert sums.std() == pytest.approx(viewer.spread, rel=0.05, abs=1e-5)


@pytest.mark.parametrize("rate", RATES)
def test_inference(rate):
    viewer = DropoutViewer("digit", rate=rate)
    outputs, sums = kerass(viewer, training=False)
    np.testing.assert_allclose(outputs[0], viewer.output_at_inference, rtol=1e-6)
    assert (outputs == outputs[0]).all()
    np.testing.assert_allclose(sums, viewer.sum_at_inference, rtol=1e-5)
