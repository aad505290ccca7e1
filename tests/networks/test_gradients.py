"""Gradients: against differences, on whichever backend this process has."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers, ops

from helpers.networks.gradients import (
    gradient_function,
    gradients,
    value_and_gradients,
)


def numbers(tensor):
    return np.asarray(ops.convert_to_numpy(tensor))


def small_model(seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(3, 3, activation="tanh"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3),
        ]
    )
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.5, 1, w.shape) for w in model.get_weights()])
    return model


def batch(seed=1, count=5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 6, 6, 2)).astype("float32")
    return x, rng.integers(0, 3, count)


CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def loss_of(model, x, y):
    return float(CROSS_ENTROPY(y, model(x, training=False)))


def test_they_are_what_differences_say():
    model, (x, y) = small_model(), batch()
    found = gradients(model, CROSS_ENTROPY, x, y)
    rng = np.random.default_rng(2)
    weights = model.get_weights()
    kinds = [v.path for v in model.trainable_variables]
    assert len(found) == len(kinds) == 6
    step = 1e-2
    for variable, gradient in zip(model.trainable_variables, found, strict=True):
        assert gradient.shape == tuple(variable.shape)
        assert np.abs(gradient).max() > 0
        [which] = [k for k, w in enumerate(model.weights) if w is variable]
        for _ in range(4):
            place = tuple(rng.integers(0, variable.shape))
            ways = []
            for sign in (step, -step):
                moved = [array.copy() for array in weights]
                moved[which][place] += sign
                model.set_weights(moved)
                ways.append(loss_of(model, x, y))
            model.set_weights(weights)
            slope = (ways[0] - ways[1]) / (2 * step)
            assert gradient[place] == pytest.approx(slope, rel=0.02, abs=2e-3)


@pytest.mark.parametrize("training", [False, True])
def test_nothing_about_the_model_changes(training):
    model, (x, y) = small_model(), batch()
    before = model.get_weights()
    gradients(model, CROSS_ENTROPY, x, y, training=training)
    for array, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_training_is_another_thing_than_looking():
    model, (x, y) = small_model(), batch()
    still = gradients(model, CROSS_ENTROPY, x, y)
    moving = gradients(model, CROSS_ENTROPY, x, y, training=True)
    again = gradients(model, CROSS_ENTROPY, x, y)
    assert not np.allclose(still[0], moving[0])
    np.testing.assert_allclose(still[0], again[0], rtol=1e-5)


@pytest.mark.parametrize(
    "loss",
    ["mse", keras.losses.MeanSquaredError(), lambda y, z: ops.square(y - z)],
    ids=["name", "loss", "function"],
)
def test_a_loss_may_be_given_in_several_ways(loss):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, use_bias=False)])
    model.set_weights([np.array([[1.0], [2.0]])])
    x, y = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[0.0], [1.0]])
    [found] = gradients(model, loss, x, y)
    np.testing.assert_allclose(found, [[1.0], [6.0]], rtol=1e-5)


def test_the_mean_of_a_batch_is_the_mean_of_its_samples():
    model, (x, y) = small_model(), batch(count=4)
    slopes = gradient_function(model, CROSS_ENTROPY)
    each = [slopes(x[k : k + 1], y[k : k + 1]) for k in range(4)]
    for k, whole in enumerate(slopes(x, y)):
        mean = np.mean([one[k] for one in each], axis=0)
        np.testing.assert_allclose(whole, mean, rtol=1e-3, atol=1e-5)


def test_an_embedding_has_one_for_each_of_its_rows():
    model = keras.Sequential([keras.Input((2,), dtype="int32"), layers.Embedding(4, 1)])
    [found] = gradients(model, lambda y, z: ops.sum(z), [[1, 1], [3, 1]], [0, 0])
    assert found.tolist() == [[0], [3], [0], [1]]


def test_inputs_have_gradients_too():
    """What lesson 08 makes saliency maps of: whole numbers, and more arguments."""
    model, (x, _) = small_model(), batch()

    def score(values, kind):
        return ops.sum(model(values[0], training=False)[:, kind])

    which = value_and_gradients(lambda values: score(values, 1))
    value, [slope] = which([x])
    logits = numbers(model(x, training=False))
    assert float(value) == pytest.approx(logits[:, 1].sum(), rel=1e-4)
    assert numbers(slope).shape == x.shape
    whole = np.round(x * 10).astype("int32")
    _, [other] = which([whole])
    _, [same] = which([whole.astype("float32")])
    np.testing.assert_allclose(numbers(other), numbers(same), rtol=1e-5)


def test_several_arrays_and_what_depends_on_nothing():
    both = value_and_gradients(lambda values, k: k * ops.sum(values[0] * values[1]))
    value, found = both([[1.0, 2.0], [3.0, 4.0], [5.0]], np.float32(2))
    assert float(value) == 22
    assert [numbers(one).tolist() for one in found] == [[6, 8], [2, 4], [0]]


def test_compiled_it_finds_the_same_and_follows_what_changes():
    """At every shape, of arrays that came new, without being compiled each time."""
    calls = []

    def cubes(values, factors, shift):
        calls.append(values[0].shape)
        return ops.sum(factors[0] * values[0] ** 3) + ops.sum(shift)

    plain = value_and_gradients(cubes)
    quick = value_and_gradients(cubes, compiled=True)
    for count in (2, 3, 4, 5, 3):
        for factor in (2.0, -1.0):
            values = [np.arange(count)]
            more = [np.full(count, factor, "float32")], np.float32(factor)
            value, [slope] = quick(values, *more)
            wanted, [other] = plain(values, *more)
            assert float(value) == pytest.approx(float(wanted))
            np.testing.assert_allclose(numbers(slope), numbers(other))
            np.testing.assert_allclose(
                numbers(slope), 3 * factor * np.arange(count) ** 2
            )
    if keras.backend.backend() == "tensorflow":
        assert len(calls) <= 10 + 3  # all those of the plain one, and three


def test_many_short_ones_in_a_row_print_nothing(caplog):
    """TensorFlow would warn: of the fifth that is compiled within ten calls."""
    for factor in range(1, 13):
        quick = value_and_gradients(
            lambda values, k=factor: k * ops.sum(values[0]), compiled=True
        )
        assert float(quick([[1.0, 2.0]])[0]) == 3 * factor
    assert not caplog.records


def test_compiled_or_not_is_said_by_true_or_false():
    with pytest.raises(ValueError, match=r"compiled: got 1\. Give True or False"):
        value_and_gradients(lambda values: 0, compiled=1)


def test_other_backends_are_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ValueError, match=r"backend: got 'torch'. Set KERAS_BACKEND to"):
        value_and_gradients(lambda values: 0)
