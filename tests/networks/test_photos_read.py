"""PhotoReader answers as Keras does with the same rounded weights."""

import keras
import numpy as np
import pytest

from helpers.networks import export, models, probe, training
from helpers.widgets import PhotoReader

pytestmark = pytest.mark.once  # the page computes it


@pytest.mark.parametrize("size", [32, 64])
def test_its_probabilities_are_keras(size):
    """Random weights, and moments that normalisation has seen."""
    training.seed(size)
    model = models.with_softmax(models.small_resnet(size))
    rng = np.random.default_rng(size)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            mean = rng.normal(0, 0.3, len(mean))
            variance = rng.uniform(0.2, 2, len(variance))
            layer.set_weights([gamma, beta, mean, variance])
    network = export.network(model, weights="8 bits")
    rounded = export.rounded(model, weights="8 bits")
    reader, answers = PhotoReader(network), []
    for settings in (
        {},
        {"crop": (30, 40, 150), "mirror": True},
        {"turn": 30, "brightness": 150},
        {"gray": True, "covered": (size // 2, 5)},
    ):
        for name, value in settings.items():
            setattr(reader, name, value)
        [wanted] = probe.outputs(rounded, reader.view[np.newaxis].astype("float32"))
        np.testing.assert_allclose(reader.probabilities, wanted, atol=1e-4)
        answers.append(reader.probabilities)
    assert np.ptp(answers, axis=0).max() > 1e-3
    reader.close()


def test_a_keras_model_is_taken_as_it_is():
    training.seed(1)
    model = models.small_resnet(32, 3)
    reader = PhotoReader(model, class_names=["cat", "dog", "cow"])
    logits = probe.outputs(model, reader.view[np.newaxis].astype("float32"))
    wanted = keras.ops.convert_to_numpy(keras.ops.softmax(logits))[0]
    np.testing.assert_allclose(reader.probabilities, wanted, atol=1e-4)
    assert reader.guess == ["cat", "dog", "cow"][wanted.argmax()]
    reader.close()
