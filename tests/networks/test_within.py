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


def test_several_layers_come_in_their_order(digits, pictures):
    whole = probe.feature_maps(digits, pictures)
    wanted = ["filters2", "logits", "filters1"]
    made = _within.up_to(digits, *wanted)(pictures)
    for name, one in zip(wanted, made, strict=True):
        np.testing.assert_allclose(one, whole[name], rtol=1e-6)


def test_layers_with_maps_and_what_is_done_to_them(digits):
    names = [one.name for one in _within.with_maps(digits)]
    assert names == ["pixels", "filters1", "pool1", "filters2", "pool2"]
    photo = keras.Input((8, 8, 3))
    made = keras.ops.relu(keras.layers.Conv2D(2, 3, name="maps")(photo))
    flat = keras.layers.Flatten()(made)
    assert len(_within.with_maps(keras.Model(photo, flat))) == 2


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
    with pytest.raises(ValueError, match="layer: got 'filters9'"):
        _within.up_to(digits, "filters1", "filters9")


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


# -- two parts -------------------------------------------------------------------------


def test_two_parts_make_the_whole(digits, pictures):
    wanted = probe.outputs(digits, pictures)
    *names, last = _within.names(digits)
    with pytest.raises(ValueError, match=f'layer: got "{last}", behind which there'):
        _within.split(digits, last)
    for name in names:
        first, rest = _within.split(digits, name)
        here = first(pictures)
        np.testing.assert_allclose(rest(here), wanted, rtol=1e-5, atol=1e-6)
        assert {id(v) for v in [*first.weights, *rest.weights]} == {
            id(v) for v in digits.weights
        }


def test_what_goes_around_a_layer_comes_with_it():
    keras.utils.set_random_seed(1)
    model = models.small_resnet(32)
    x = np.random.default_rng(1).uniform(0, 255, (2, 32, 32, 3))
    wanted = probe.outputs(model, x)
    around = {}
    for name in _within.names(model)[:-1]:
        first, rest = _within.split(model, name)
        around[name] = len(first.outputs) - 1
        np.testing.assert_allclose(rest(first(x)), wanted, rtol=1e-4, atol=1e-5)
    inside = {"filters4", "norm4", "bend4", "filters5", "norm5"}
    assert around == {name: int(name in inside) for name in around}


@pytest.mark.parametrize(
    "wrap", ["nested", "nested twice", "activation", "ops", "activations"]
)
def test_logits_of_a_softmax_further_in(digits, pictures, wrap):
    sure = models.with_softmax(digits)
    if wrap == "activation":
        made = keras.layers.Activation("softmax")(digits.outputs[0])
        sure = keras.Model(digits.inputs[0], made)
    calls = {"ops": keras.ops.softmax, "activations": keras.activations.softmax}
    if wrap in calls:
        sure = keras.Model(digits.inputs[0], calls[wrap](digits.outputs[0]))
    for _ in range({"nested": 1, "nested twice": 2}.get(wrap, 0)):
        sure = keras.Sequential([keras.Input((28, 28, 1)), sure])
    assert _within.ends_with_softmax(sure)
    logits = _within.up_to_logits(sure)
    assert not _within.ends_with_softmax(logits)
    np.testing.assert_allclose(
        probe.outputs(logits, pictures), probe.outputs(digits, pictures), rtol=1e-5
    )
    # And it is not done twice.
    np.testing.assert_array_equal(
        probe.probabilities(sure, pictures), probe.outputs(sure, pictures)
    )


def test_a_model_that_gives_what_it_gets():
    x = keras.Input((3,))
    model = keras.Model(x, x)
    assert not _within.ends_with_softmax(model)
    np.testing.assert_allclose(probe.probabilities(model, [[0.0, 0, 0]]), 1 / 3)


def test_a_model_inside_without_softmax_stays_as_it_is(digits, pictures):
    whole = keras.Sequential([keras.Input((28, 28, 1)), digits])
    logits = _within.up_to_logits(whole)
    np.testing.assert_allclose(
        probe.outputs(logits, pictures), probe.outputs(digits, pictures), rtol=1e-5
    )
