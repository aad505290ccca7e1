"""Parts of a model: what they give is what the whole makes there."""

import keras
import numpy as np
import pytest

from helpers.networks import models, probe
from helpers.networks.probe import _within


@pytest.fixture
def digits():
    keras.utils.set_random_seed(0)
    return models.mnist_cnn()


@pytest.fixture
def pictures():
    return np.random.default_rng(0).uniform(0, 255, (3, 28, 28, 1))


def a_dense_softmax(digits, **settings):
    x = digits.get_layer("hidden").output
    made = keras.layers.Dense(4, activation="softmax", **settings)(x)
    return keras.Model(digits.inputs[0], made)


def test_a_part_gives_what_the_layer_makes(digits, pictures):
    whole = probe.feature_maps(digits, pictures)
    for name in _within.names(digits):
        part = _within.up_to(digits, name)
        np.testing.assert_allclose(
            probe.outputs(part, pictures), whole[name], rtol=1e-6
        )


def test_more_tensors_come_behind_the_layers_own(digits, pictures):
    both = _within.up_to(digits, "filters2", digits.outputs[0])
    made = both(pictures)
    assert made[0].shape == (3, 11, 11, 50)
    assert made[1].shape == (3, 10)


@pytest.mark.parametrize("bias", [True, False])
def test_logits_stand_before_any_softmax(digits, pictures, bias):
    dense = a_dense_softmax(digits, use_bias=bias)
    sure = models.with_softmax(digits)
    for model in (digits, sure, dense):
        logits = _within.up_to_logits(model)
        assert not _within.ends_with_softmax(logits)
        np.testing.assert_allclose(
            keras.ops.softmax(probe.outputs(logits, pictures)),
            probe.probabilities(model, pictures),
            rtol=1e-5,
            atol=1e-8,
        )


def test_no_weights_are_copied(digits):
    dense = a_dense_softmax(digits)
    logits = _within.up_to_logits(dense)
    assert {id(v) for v in logits.weights} == {id(v) for v in dense.weights}


def test_an_unknown_layer_is_refused_with_those_there_are(digits):
    with pytest.raises(ValueError, match="layer: got 'filters9'"):
        _within.up_to(digits, "filters9")


def test_a_softmax_over_maps_is_refused(digits):
    x = digits.get_layer("filters2").output
    maps = keras.layers.Conv2D(3, 1, activation="softmax", name="parts")(x)
    with pytest.raises(ValueError, match="parts"):
        _within.up_to_logits(keras.Model(digits.inputs[0], maps))


@pytest.mark.parametrize(
    "wrong", [None, "mnist", keras.Sequential([keras.layers.Dense(2)])]
)
def test_what_is_no_built_model_is_refused(wrong):
    with pytest.raises(ValueError, match="model: "):
        _within.up_to(wrong, "filters1")
