"""SpectrogramLab hears what a Keras network hears."""

import contextlib
import io

import keras
import numpy as np
import pytest
from keras import ops

from helpers.datasets import load_spoken_digits
from helpers.networks import beyond, export
from helpers.widgets import SpectrogramLab


@pytest.mark.parametrize("slides", ["time and frequency", "time"])
def test_a_keras_model_with_the_features_of_its_set(slides):
    with contextlib.redirect_stdout(io.StringIO()):
        digits = load_spoken_digits()
    features = digits.log_mels()
    keras.utils.set_random_seed(5)
    model = beyond.spoken(slides, "average in time")
    for network in (model, export.network(model, weights="float32")):
        lab = SpectrogramLab(sounds=digits, network=network, features=features)
        heard = features.of(lab.wave)
        np.testing.assert_allclose(lab.heard, heard, atol=1e-3)
        logits = model(heard[np.newaxis, ..., np.newaxis], training=False)
        shares = ops.convert_to_numpy(ops.softmax(logits))[0]
        np.testing.assert_allclose(lab.probabilities, shares, atol=2e-3)
        assert lab.layer == "bend1"
        assert lab.feature_maps.shape[-1] == model.get_layer("filters1").filters
        lab.close()
